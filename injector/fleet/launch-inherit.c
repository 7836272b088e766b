/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "injector/fleet/launch-inherit.h"
#include "injector/fleet/launch-place.h"
#include "injector/hold/hold-packet.h"
#include "input/base/fd.h"

#define ANSWER_S 1

_Static_assert(LAUNCH_LABEL_MAX < HOLD_LABEL_MAX, "labels fit");

void launch_inheritance_init(struct launch_inheritance *in)
{
	in->holder_fd = in->holder_pidfd = -1;
	TAILQ_INIT(&in->devices);
}

void launch_inherited_free(struct launch_inherited *in)
{
	if (!in)
		return;
	close_fd(in->frontend_fd);
	close_fd(in->server_path_fd);
	close_fd(in->server_fd);
	close_fd(in->state_fd);
	close_fd(in->life_fd);
	close_fd(in->pidfd);
	close_fd(in->bridge_pidfd);
	json_decref(in->item);
	free(in);
}

void launch_inheritance_fini(struct launch_inheritance *in)
{
	struct launch_inherited *dev;

	while ((dev = TAILQ_FIRST(&in->devices))) {
		TAILQ_REMOVE(&in->devices, dev, link);
		launch_inherited_free(dev);
	}
	in->holder_fd = close_fd(in->holder_fd);
	in->holder_pidfd = close_fd(in->holder_pidfd);
}

struct launch_inherited *launch_inheritance_find(struct launch_inheritance *in,
						 const char *label)
{
	struct launch_inherited *dev;

	TAILQ_FOREACH (dev, &in->devices, link)
		if (!strcmp(dev->label, label))
			break;
	if (dev)
		TAILQ_REMOVE(&in->devices, dev, link);
	return dev;
}

void launch_inherited_end(struct launch_inherited *in, const char *dir)
{
	char path[PATH_MAX];

	pidfd_send_signal(in->pidfd, SIGTERM, NULL, 0);
	if (in->bridge_pidfd >= 0)
		pidfd_send_signal(in->bridge_pidfd, SIGTERM, NULL, 0);
	snprintf(path, sizeof(path), "%s/%s.sock", dir, in->label);
	unlink(path);
	launch_inherited_free(in);
}

/* --- from the holder --- */

static int inherit_connect(const char *dir)
{
	const struct timeval limit = { .tv_sec = ANSWER_S };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd =
		socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if ((size_t)snprintf(addr.sun_path, sizeof(addr.sun_path),
			     "%s/" LAUNCH_HOLDER_SOCKET,
			     dir) >= sizeof(addr.sun_path))
		return -ENOENT;
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return steal_fd(&fd);
}

static json_t *inherit_read_item(int fd)
{
	json_t *item = NULL;

	if (lseek(fd, 0, SEEK_SET) == 0)
		item = json_loadfd(fd, 0, NULL);
	close_fd(fd);
	return item;
}

/* Return: the pidfd of a process that has not ended, or -1. */
static int inherit_living(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) ? close_fd(pidfd) : pidfd;
}

/* Return: 0 or -errno. */
static int inherit_add(struct launch_inheritance *in, struct hold_packet *p)
{
	struct launch_inherited *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return -ENOMEM;
	snprintf(dev->label, sizeof(dev->label), "%.*s", LAUNCH_LABEL_MAX,
		 p->order.label);
	dev->connected = p->order.connected;
	dev->item = inherit_read_item(
		hold_packet_take(p, HOLD_ADD_FDS + HOLD_KEPT_ITEM));
	dev->frontend_fd = hold_packet_take(p, 0);
	dev->server_path_fd = hold_packet_take(p, 1);
	dev->server_fd = hold_packet_take(p, HOLD_ADD_FDS + HOLD_KEPT_LISTEN);
	dev->state_fd = hold_packet_take(p, HOLD_ADD_FDS + HOLD_KEPT_STATE);
	dev->pidfd = hold_packet_take(p, HOLD_ADD_FDS + HOLD_KEPT_PROCESS);
	dev->life_fd = hold_packet_take(p, HOLD_ADD_FDS + HOLD_KEPT_LIFE);
	dev->bridge_pidfd = inherit_living(
		hold_packet_take(p, HOLD_ADD_FDS + HOLD_KEPT_BRIDGE));
	TAILQ_INSERT_TAIL(&in->devices, dev, link);
	return dev->item && dev->pidfd >= 0 && dev->life_fd >= 0 ? 0 : -EBADMSG;
}

/* Return: 0: a device was taken; 1: there is no other; -errno. */
static int inherit_next(struct launch_inheritance *in)
{
	struct hold_packet p = { .order.verb = HOLD_TAKE };
	int r = hold_packet_send(in->holder_fd, &p, 0);

	if (!r)
		r = hold_packet_receive(in->holder_fd, &p, 0);
	if (r <= 0)
		return r ? r : -ECONNRESET;
	if (*p.order.label) {
		r = inherit_add(in, &p);
	} else {
		in->holder_pidfd = hold_packet_take(&p, 0);
		r = in->holder_pidfd < 0 ? -EBADMSG : 1;
	}
	hold_packet_close(&p);
	return r;
}

int launch_inheritance_take(struct launch_inheritance *in, const char *dir)
{
	int r = 0;

	in->holder_fd = inherit_connect(dir);
	if (in->holder_fd < 0)
		return 1;
	while (!r)
		r = inherit_next(in);
	return r > 0 ? 0 : r;
}
