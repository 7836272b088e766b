/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a handle comes to its connection: from an address, waiting for a device
 * that is not there yet if that is wished, or from a socket that is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/libvinject/vinject-frame.h"
#include "injector/libvinject/vinject-handle.h"

/* Nothing is held, nothing is unfinished. */
static void begin_anew(struct vinject *v)
{
	v->n = 0;
	v->behind = false;
	v->folded = 0;
	v->pen = 0;
	v->pad = 0;
	memset(v->leds, 0, sizeof(v->leds));
	memset(v->rel, 0, sizeof(v->rel));
	memset(v->contact, 0, sizeof(v->contact));
	memset(v->wheel_part, 0, sizeof(v->wheel_part));
	vinject_state_init(&v->said);
	vinject_state_init(&v->now);
	vinject_came_up(v);
}

/* Return: 0, -EBADF, -ENOTSOCK, -EPROTOTYPE, -ENOTCONN, another -errno. */
static int check_socket(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int type;
	socklen_t type_len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) < 0)
		return -errno;
	if (type != SOCK_STREAM && type != SOCK_SEQPACKET)
		return -EPROTOTYPE;
	if (getpeername(fd, (struct sockaddr *)&addr, &len) < 0)
		return -errno;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

static int take_fd(struct vinject *v, int fd)
{
	const char *label = v->link.to.label;
	int r = check_socket(fd);

	if (!r)
		r = vinject_link_take(&v->link, fd);
	if (!r) {
		begin_anew(v);
		return 0;
	}
	return vinject_error_set(&v->error, r, "%s%sfd %d: %s", label,
				 *label ? " in VINPUT_FDS: " : "", fd,
				 r == -EPROTOTYPE ? "neither a stream nor a "
						    "seqpacket socket"
						  : strerror(-r));
}

/* Errors of a device that can still come to be there. */
static bool may_come(int error)
{
	switch (-error) {
	case ENOENT:
	case ECONNREFUSED:
	case ECONNRESET:
	case EAGAIN:
	case ENODEV:
	case EPIPE:
	case ETIMEDOUT:
		return true;
	}
	return false;
}

static int connect_link(struct vinject *v)
{
	const int64_t until_ms = vinject_clock_until(v->wait_ms);
	struct vinject_link *l = &v->link;
	int r = vinject_link_start(l);
	int error = r;

	while (r != VINJECT_LINK_CAME_UP) {
		if (r < 0) {
			error = r;
			if (!may_come(error))
				return error;
			vinject_link_retry(l);
		}
		/* An attempt that was begun is ended by the link's timer. */
		const bool idle = l->state == VINJECT_LINK_RETRY;
		if (idle && vinject_clock_past(until_ms)) {
			vinject_link_down(l);
			return error;
		}
		vinject_link_wait(l, idle ? until_ms : INT64_MAX);
		r = vinject_link_step(l);
	}
	return 0;
}

static int open_address(struct vinject *v)
{
	const struct vinject_address *to = &v->link.to;
	int r;

	if (to->fd >= 0)
		return take_fd(v, to->fd);
	r = connect_link(v);
	if (r)
		return vinject_address_explain(to, r, &v->error);
	begin_anew(v);
	return 0;
}

static int not_twice(struct vinject *v)
{
	return vinject_error_set(&v->error, -EISCONN,
				 "the handle has a device already");
}

int vinject_open(struct vinject *v, const char *address)
{
	int r;

	if (v->opened)
		return not_twice(v);
	r = vinject_address_read(&v->link.to, address, &v->error);
	return r ? r : open_address(v);
}

int vinject_open_label(struct vinject *v, const char *label, const char *dir)
{
	int r;

	if (v->opened)
		return not_twice(v);
	r = vinject_address_of_label(&v->link.to, label, dir, &v->error);
	return r ? r : open_address(v);
}

int vinject_open_fd(struct vinject *v, int fd)
{
	int r;

	if (v->opened) {
		r = not_twice(v);
	} else {
		v->link.to = (struct vinject_address){ .fd = -1 };
		r = take_fd(v, fd);
	}
	if (r && fd >= 0)
		close(fd);
	return r;
}
