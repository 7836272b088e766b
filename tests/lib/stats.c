/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/stats.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void stats_serve(struct rig *rig)
{
	process_arg(&rig->srv, "--stats-path=%s/stats", rig->dir);
}

/* The server may have just started. */
static int connect_patiently(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	for (int ms = 0; ms < DEADLINE_MS; ms++) {
		if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
			return fd;
		if (errno != ENOENT && errno != ECONNREFUSED)
			break;
		poll(NULL, 0, 1);
	}
	fail_msg("%s: %s", path, strerror(errno));
	return -1;
}

void stats_read_at(const char *path, char text[STATS_TEXT_MAX])
{
	const int fd = connect_patiently(path);
	size_t len = 0;

	for (;;) {
		ssize_t n = recv(fd, text + len, STATS_TEXT_MAX - 1 - len, 0);

		assert_sys(n);
		if (!n)
			break;
		len += (size_t)n;
	}
	text[len] = '\0';
	close(fd);
}

void stats_read(struct rig *rig, char text[STATS_TEXT_MAX])
{
	char path[64];

	snprintf(path, sizeof(path), "%s/stats", rig->dir);
	stats_read_at(path, text);
}

unsigned long long stats_in(const char *text, const char *name)
{
	char needle[64];
	const char *at;

	snprintf(needle, sizeof(needle), "\"%s\":", name);
	at = strstr(text, needle);
	if (!at)
		fail_msg("no counter %s in %s", name, text);
	return strtoull(at + strlen(needle), NULL, 10);
}

unsigned long long stats_now(struct rig *rig, const char *name)
{
	char text[STATS_TEXT_MAX];

	stats_read(rig, text);
	return stats_in(text, name);
}

void stats_wait(struct rig *rig, const char *name, unsigned long long value)
{
	unsigned long long now;

	for (int ms = 0; (now = stats_now(rig, name)) != value; ms++) {
		if (ms == DEADLINE_MS)
			fail_msg("%s is %llu, not %llu", name, now, value);
		poll(NULL, 0, 1);
	}
}
