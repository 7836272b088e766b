/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a handle: by an address, waiting for the device if that is set, or
 * with a connected socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/libvinject/vinject-frame.h"
#include "injector/libvinject/vinject-handle.h"

/* Nothing is held, and the frame is empty. */
static void open_reset(struct vinject *v)
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
	vinject_control_reset(&v->control);
	vinject_state_init(&v->draft);
	vinject_state_init(&v->now);
	vinject_came_up(v);
}

/* Return: 0, -EBADF, -ENOTSOCK, -EPROTOTYPE, -ENOTCONN, another -errno. */
static int open_check_socket(int fd)
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

static int open_take_fd(struct vinject *v, int fd)
{
	const char *label = v->link.to.label;
	int r = open_check_socket(fd);

	if (!r)
		r = vinject_link_take(&v->link, fd);
	if (!r) {
		open_reset(v);
		return 0;
	}
	return vinject_error_set(&v->error, r, "%s%sfd %d: %s", label,
				 *label ? " in VINPUT_FDS: " : "", fd,
				 r == -EPROTOTYPE ? "neither a stream nor a "
						    "seqpacket socket"
						  : strerror(-r));
}

/* Whether the device may exist later. */
static bool open_may_retry(int error)
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

static int open_connect(struct vinject *v)
{
	const int64_t until_ms = vinject_clock_until(v->wait_ms);
	struct vinject_link *l = &v->link;
	int r = vinject_link_start(l);
	int error = r;

	while (r != VINJECT_LINK_CAME_UP) {
		if (r < 0) {
			error = r;
			if (!open_may_retry(error))
				return error;
			vinject_link_retry(l);
		}
		/* The link's timer limits an attempt that was started. */
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
		return open_take_fd(v, to->fd);
	r = open_connect(v);
	if (r)
		return vinject_address_explain(to, r, &v->error);
	open_reset(v);
	return 0;
}

static int open_refuse_second(struct vinject *v)
{
	return vinject_error_set(&v->error, -EISCONN,
				 "the handle is already open");
}

int vinject_open(struct vinject *v, const char *address)
{
	int r;

	if (v->opened)
		return open_refuse_second(v);
	r = vinject_address_read(&v->link.to, address, &v->error);
	return r ? r : open_address(v);
}

int vinject_open_label(struct vinject *v, const char *label, const char *dir)
{
	int r;

	if (v->opened)
		return open_refuse_second(v);
	r = vinject_address_of_label(&v->link.to, label, dir, &v->error);
	return r ? r : open_address(v);
}

int vinject_open_fd(struct vinject *v, int fd)
{
	int r;

	if (v->opened) {
		r = open_refuse_second(v);
	} else {
		v->link.to = (struct vinject_address){ .fd = -1 };
		r = open_take_fd(v, fd);
	}
	if (r && fd >= 0)
		close(fd);
	return r;
}
