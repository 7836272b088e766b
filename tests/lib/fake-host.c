/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/check.h"
#include "tests/lib/fake-host.h"
#include "tests/lib/process.h"
#include "tests/lib/rig.h"
#include "tests/lib/temp-dir.h"

#define PATH_LEN 100

__attribute__((format(printf, 3, 4))) static void path_in(
	const struct fake_host *h, char path[PATH_LEN], const char *fmt, ...)
{
	int n = snprintf(path, PATH_LEN, "%s/", h->dir);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path + n, PATH_LEN - (size_t)n, fmt, ap);
	va_end(ap);
}

static void folder(const struct fake_host *h, const char *name)
{
	char path[PATH_LEN];

	path_in(h, path, "%s", name);
	assert_sys(mkdir(path, 0755));
}

void fake_host_init(struct fake_host *h, const char *dir)
{
	*h = (struct fake_host){ .dir = dir };
	folder(h, FAKE_HOST_SYS);
	folder(h, FAKE_HOST_DEV);
	folder(h, FAKE_HOST_MEMORY);
	assert_sys(setenv(FAKE_HOST_ENV, dir, 1));
}

/* --- sysfs --- */

static void attribute(const struct fake_plug *p, const char *what,
		      const char *value)
{
	char path[PATH_LEN];

	path_in(p->host, path, FAKE_HOST_SYS "/input%u/%s", p->host->inputs,
		what);
	file_write(path, "%s\n", value);
}

static void number(const struct fake_plug *p, const char *what, uint16_t value)
{
	char text[8];

	snprintf(text, sizeof(text), "%04x", value);
	attribute(p, what, text);
}

/* As the kernel: words of a long in hex, the first ones have the last bits. */
static void bits(const struct fake_plug *p, const char *what,
		 const uint8_t *bit, size_t len)
{
	char text[256] = "";
	size_t at = 0;

	for (size_t i = len / sizeof(long); i > 0; i--) {
		unsigned long word;

		memcpy(&word, bit + (i - 1) * sizeof(long), sizeof(long));
		if (word || at || i == 1)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       "%s%lx", at ? " " : "", word);
	}
	attribute(p, what, text);
}

static void make_sysfs(const struct fake_plug *p)
{
	const struct fake_node *n = p->node;
	char path[PATH_LEN], to[32];

	snprintf(path, sizeof(path), FAKE_HOST_SYS "/input%u", p->host->inputs);
	folder(p->host, path);
	strcat(path, "/id");
	folder(p->host, path);
	snprintf(path, sizeof(path), FAKE_HOST_SYS "/input%u/capabilities",
		 p->host->inputs);
	folder(p->host, path);
	attribute(p, "name", n->name);
	attribute(p, "uniq", n->uniq);
	attribute(p, "phys", n->phys);
	number(p, "id/bustype", n->id.bustype);
	number(p, "id/vendor", n->id.vendor);
	number(p, "id/product", n->id.product);
	number(p, "id/version", n->id.version);
	bits(p, "properties", n->prop, sizeof(n->prop));
	bits(p, "capabilities/key", n->bits[EV_KEY], 96);
	bits(p, "capabilities/rel", n->bits[EV_REL], 8);
	bits(p, "capabilities/abs", n->bits[EV_ABS], 8);
	bits(p, "capabilities/sw", n->bits[EV_SW], 8);
	snprintf(path, sizeof(path), FAKE_HOST_SYS "/event%u", p->event);
	folder(p->host, path);
	path_in(p->host, path, FAKE_HOST_SYS "/event%u/device", p->event);
	snprintf(to, sizeof(to), "../input%u", p->host->inputs);
	assert_sys(symlink(to, path));
}

static void remove_sysfs(const struct fake_plug *p)
{
	char path[PATH_LEN];

	path_in(p->host, path, FAKE_HOST_SYS "/event%u/device", p->event);
	assert_sys(unlink(path));
	path_in(p->host, path, FAKE_HOST_SYS "/event%u", p->event);
	assert_sys(rmdir(path));
}

/* --- plugging --- */

void fake_plug_init(struct fake_plug *p, struct fake_host *h)
{
	*p = (struct fake_plug){ .host = h, .listen_fd = -1, .fd = -1 };
	p->node = mmap(NULL, sizeof(*p->node), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(p->node, MAP_FAILED);
}

/* Another one each time: who still has the old one open sees it gone. */
static void share_memory(struct fake_plug *p)
{
	struct fake_node *old = p->node;
	char path[PATH_LEN];
	int fd;

	path_in(p->host, path, FAKE_HOST_MEMORY "/event%u", p->event);
	unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_sys(fd);
	assert_sys(ftruncate(fd, sizeof(*p->node)));
	p->node = mmap(NULL, sizeof(*p->node), PROT_READ | PROT_WRITE,
		       MAP_SHARED, fd, 0);
	assert_ptr_not_equal(p->node, MAP_FAILED);
	close(fd);
	*p->node = *old;
	p->node->error = 0;
	p->node->grabbed = false;
	memset(p->node->key, 0, sizeof(p->node->key));
	munmap(old, sizeof(*old));
}

static void make_socket(struct fake_plug *p)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char path[PATH_LEN];

	path_in(p->host, path, FAKE_HOST_DEV "/event%u", p->event);
	strcpy(addr.sun_path, path);
	p->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_sys(p->listen_fd);
	assert_sys(bind(p->listen_fd, (struct sockaddr *)&addr, sizeof(addr)));
	if (!p->refuses)
		fake_plug_ready(p);
}

void fake_plug_ready(struct fake_plug *p)
{
	assert_sys(listen(p->listen_fd, 16));
}

/* sysfs is complete when the node appears. */
void fake_plug_in(struct fake_plug *p, unsigned int event)
{
	p->event = event;
	p->host->inputs++;
	share_memory(p);
	make_sysfs(p);
	make_socket(p);
}

static bool awaits_accept(const struct fake_plug *p, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = p->listen_fd, .events = POLLIN };

	return poll(&poll_fd, 1, timeout_ms) == 1;
}

void fake_plug_accept(struct fake_plug *p)
{
	assert_true(awaits_accept(p, DEADLINE_MS));
	if (p->fd >= 0)
		close(p->fd);
	p->fd = accept4(p->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(p->fd);
}

bool fake_plug_is_opened(struct fake_plug *p)
{
	return awaits_accept(p, RIG_QUIET_MS);
}

void fake_plug_revoke(struct fake_plug *p)
{
	p->node->grabbed = false;
	close(p->fd);
	p->fd = -1;
}

void fake_plug_out(struct fake_plug *p)
{
	char path[PATH_LEN];

	p->node->error = ENODEV;
	remove_sysfs(p);
	path_in(p->host, path, FAKE_HOST_DEV "/event%u", p->event);
	assert_sys(unlink(path));
	close(p->listen_fd);
	p->listen_fd = -1;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

void fake_plug_fini(struct fake_plug *p)
{
	if (p->listen_fd >= 0)
		close(p->listen_fd);
	if (p->fd >= 0)
		close(p->fd);
	p->listen_fd = p->fd = -1;
	if (p->node)
		munmap(p->node, sizeof(*p->node));
	p->node = NULL;
}
