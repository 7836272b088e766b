/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include "injector/bridge/bridge-backend.h"
#include "input/base/container.h"
#include "input/base/fd.h"
#include "input/base/watchdog.h"

/* A guest waits as long as it takes. */
#define GIVE_UP_S 1e9

static bool is_answer(void *arg, const struct vu_header *hdr)
{
	return hdr->flags & VU_FLAG_REPLY && hdr->size <= VU_PAYLOAD_MAX;
}

static bool is_request(void *arg, const struct vu_header *hdr)
{
	return !(hdr->flags & VU_FLAG_REPLY) && hdr->size <= VU_PAYLOAD_MAX;
}

static void backend_lose(struct bridge_backend *b, const char *why)
{
	bridge_backend_detach(b);
	b->ops->lost(b->arg, why);
}

/* --- to the back-end --- */

/* Return: 0 or -errno. */
static int backend_open_channel(struct bridge_backend *b)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	hold_link_open(&b->channel, fd[0]);
	b->out.fds[b->out.n_fds++] = fd[1];
	return 0;
}

static void backend_send(struct bridge_backend *b)
{
	const bool channel = b->out.hdr.request == VU_SET_BACKEND_REQ_FD;

	if (channel)
		b->link.error = backend_open_channel(b);
	if (!b->link.error)
		hold_link_send(&b->link, &b->out);
	if (channel)
		vu_message_close_fds(&b->out);
}

/* Return: what is next when nothing more can be sent now. */
static enum bridge_next backend_say(struct bridge_backend *b)
{
	enum bridge_next next = BRIDGE_NEXT_WAIT;

	while (hold_link_has_room(&b->link)) {
		next = bridge_sync_next(&b->sync, &b->out);
		if (next != BRIDGE_NEXT_SEND)
			return next;
		backend_send(b);
	}
	return BRIDGE_NEXT_WAIT;
}

/* --- of the back-end --- */

/* Return: whether the session continues. */
static bool backend_take_answer(struct bridge_backend *b)
{
	int r;

	if (!b->link.has_message)
		return true;
	r = bridge_sync_answer(&b->sync, &b->link.socket.in);
	hold_link_next(&b->link);
	if (r)
		backend_lose(b, b->sync.why);
	return !r;
}

static void backend_take_request(struct bridge_backend *b)
{
	struct vu_message *msg = &b->channel.socket.in;
	const bool asks = msg->hdr.flags & VU_FLAG_NEED_REPLY;

	if (!b->channel.has_message || !hold_link_has_room(&b->channel))
		return;
	if (msg->hdr.request == VU_BACKEND_IOTLB_MSG &&
	    msg->p.iotlb.type == VU_IOTLB_TYPE_MISS)
		bridge_memory_missed(&b->sync, msg->p.iotlb.iova);
	else if (msg->hdr.request == VU_BACKEND_CONFIG_CHANGE_MSG)
		b->ops->config_changed(b->arg);
	if (asks) {
		msg->hdr.flags = VU_FLAG_VERSION_1 | VU_FLAG_REPLY;
		msg->hdr.size = sizeof(msg->p.u64);
		msg->p.u64 = 0;
		vu_message_close_fds(msg);
		hold_link_send(&b->channel, msg);
	}
	hold_link_next(&b->channel);
}

/* Return: whether the back-end is up to date. */
static bool backend_pump(struct bridge_backend *b)
{
	enum bridge_next next = BRIDGE_NEXT_WAIT;

	backend_take_request(b);
	if (backend_take_answer(b))
		next = backend_say(b);
	if (next == BRIDGE_NEXT_FAIL)
		backend_lose(b, b->sync.why);
	else if (b->link.error && !b->link.has_message)
		backend_lose(b, "the back-end's connection has ended");
	hold_link_settle(&b->link);
	hold_link_settle(&b->channel);
	return next == BRIDGE_NEXT_DONE;
}

static void on_backend(void *arg)
{
	struct bridge_backend *b = arg;

	if (!backend_pump(b) || !b->unsettled)
		return;
	b->unsettled = false;
	b->ops->settled(b->arg);
}

static void on_channel(void *arg)
{
	struct bridge_backend *b = arg;

	if (b->channel.error && !b->channel.has_message)
		hold_link_close(&b->channel);
	on_backend(b);
}

/* --- life --- */

int bridge_backend_init(struct bridge_backend *b, struct ev_loop *loop,
			const char *to)
{
	*b = (struct bridge_backend){
		.loop = loop,
		.link = { .check_header = is_answer,
			  .changed = on_backend,
			  .arg = b },
		.channel = { .check_header = is_request,
			     .changed = on_channel,
			     .arg = b },
		.kick = { -1, -1 },
	};
	hold_link_init(&b->link, loop);
	hold_link_init(&b->channel, loop);
	hold_device_init(&b->hold, loop, "", to);
	b->hold.give_up_s = GIVE_UP_S;
	/* Before the sandbox, and for all sessions. */
	for (unsigned int i = 0; i < BRIDGE_QUEUES; i++) {
		b->kick[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		b->sync.kick[i] = b->kick[i];
		if (b->kick[i] < 0)
			return -errno;
	}
	return 0;
}

void bridge_backend_fini(struct bridge_backend *b)
{
	bridge_backend_detach(b);
	for (unsigned int i = 0; i < BRIDGE_QUEUES; i++)
		b->kick[i] = close_fd(b->kick[i]);
}

int bridge_backend_attach(struct bridge_backend *b)
{
	int fd[2];

	bridge_backend_detach(b);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	bridge_sync_begin(&b->sync);
	hold_link_open(&b->link, fd[0]);
	hold_device_serve(&b->hold, fd[1]);
	return 0;
}

void bridge_backend_detach(struct bridge_backend *b)
{
	hold_link_close(&b->link);
	hold_link_close(&b->channel);
	hold_device_fini(&b->hold);
	b->unsettled = false;
}

bool bridge_backend_update(struct bridge_backend *b)
{
	if (!bridge_backend_attached(b) || backend_pump(b))
		return true;
	b->unsettled = bridge_backend_attached(b);
	return !b->unsettled;
}

void bridge_backend_kick(struct bridge_backend *b, unsigned int queue)
{
	static const uint64_t one = 1;

	/* A counter that is full was not looked at either. */
	watchdog_touch();
	if (write(b->kick[queue], &one, sizeof(one)) < 0)
		errno = 0;
	watchdog_rest();
}
