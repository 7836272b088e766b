/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include "injector/hold/hold-channel.h"
#include "input/base/fd.h"

static bool is_request(void *arg, const struct vu_header *hdr)
{
	return !(hdr->flags & VU_FLAG_REPLY) && hdr->size <= VU_PAYLOAD_MAX;
}

static bool is_answer(void *arg, const struct vu_header *hdr)
{
	return hdr->flags & VU_FLAG_REPLY && hdr->size <= VU_PAYLOAD_MAX;
}

static void pass_request(struct hold_channel *c)
{
	const struct vu_message *msg = &c->backend.socket.in;

	c->requested(c->requested_arg);
	c->owed += msg->hdr.flags & VU_FLAG_NEED_REPLY ? 1 : 0;
	hold_link_send(&c->frontend, msg);
	hold_link_next(&c->backend);
}

static void pass_answer(struct hold_channel *c)
{
	c->owed -= c->owed ? 1 : 0;
	if (c->stale)
		c->stale--;
	else if (hold_link_is_open(&c->backend))
		hold_link_send(&c->backend, &c->frontend.socket.in);
	hold_link_next(&c->frontend);
}

static void channel_pump(struct hold_channel *c)
{
	if (c->backend.has_message && hold_link_has_room(&c->frontend))
		pass_request(c);
	if (c->frontend.has_message &&
	    (c->stale || !hold_link_is_open(&c->backend) ||
	     hold_link_has_room(&c->backend)))
		pass_answer(c);
}

static void on_channel(void *arg)
{
	struct hold_channel *c = arg;

	channel_pump(c);
	/* As the other side would see it if we were not here. */
	if (c->frontend.error)
		hold_channel_close(c);
	else if (c->backend.error && !c->backend.has_message)
		hold_channel_disconnect(c);
	hold_link_settle(&c->frontend);
	hold_link_settle(&c->backend);
}

void hold_channel_init(struct hold_channel *c, struct ev_loop *loop)
{
	*c = (struct hold_channel){
		.frontend = { .check_header = is_answer,
			      .changed = on_channel,
			      .arg = c },
		.backend = { .check_header = is_request,
			     .changed = on_channel,
			     .arg = c },
	};
	hold_link_init(&c->frontend, loop);
	hold_link_init(&c->backend, loop);
}

int hold_channel_open(struct hold_channel *c, int fd)
{
	hold_channel_close(c);
	if (fd_sockopt(fd, SO_TYPE) != SOCK_STREAM) {
		close_fd(fd);
		return -EINVAL;
	}
	hold_link_open(&c->frontend, fd);
	return 0;
}

/*
 * A back-end notices a front-end that does not read about as soon as without
 * us. The kernel doubles what is set.
 */
static void give_room_of(int fd, int frontend)
{
	const int room = fd_sockopt(frontend, SO_SNDBUF) / 2;

	if (room > 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

int hold_channel_connect(struct hold_channel *c)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	give_room_of(fd[1], c->frontend.socket.fd);
	hold_channel_disconnect(c);
	hold_link_open(&c->backend, fd[0]);
	return fd[1];
}

void hold_channel_disconnect(struct hold_channel *c)
{
	hold_link_close(&c->backend);
	c->stale = c->owed;
}

void hold_channel_call(struct hold_channel *c, unsigned int queue)
{
	struct vu_message msg = {
		.hdr = { .request = VU_BACKEND_VRING_CALL,
			 .flags = VU_FLAG_VERSION_1,
			 .size = sizeof(msg.p.state) },
		.reply_fd = -1,
	};

	if (!hold_link_has_room(&c->frontend))
		return;
	msg.p.state = (struct vu_vring_state){ .index = queue };
	hold_link_send(&c->frontend, &msg);
	hold_link_settle(&c->frontend);
}

void hold_channel_close(struct hold_channel *c)
{
	hold_link_close(&c->frontend);
	hold_link_close(&c->backend);
	c->owed = c->stale = 0;
}
