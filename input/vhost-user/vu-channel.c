/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "input/vhost-user/vu-channel.h"

_Static_assert(VU_CHANNEL_SLOTS <= 32, "`waits` has a bit for each");

static const struct {
	const char *name;
	bool in_turn; /* only after the answer to the last of its kind */
} kinds[VU_CHANNEL_REQUESTS] = {
	[VU_BACKEND_IOTLB_MSG] = { "BACKEND_IOTLB_MSG", false },
	[VU_BACKEND_CONFIG_CHANGE_MSG] = { "BACKEND_CONFIG_CHANGE_MSG", false },
	/*
	 * "need to be used with the in-band notification messages to block
	 * until they are processed" (vhost-user: "In-band notifications").
	 */
	[VU_BACKEND_VRING_CALL] = { "BACKEND_VRING_CALL", true },
	[VU_BACKEND_VRING_ERR] = { "BACKEND_VRING_ERR", true },
};

const char *vu_channel_name(uint32_t request)
{
	if (request >= VU_CHANNEL_REQUESTS || !kinds[request].name)
		return "back-end channel";
	return kinds[request].name;
}

void vu_channel_init(struct vu_channel *c,
		     void (*watch)(void *arg, int fd, bool full), void *arg)
{
	memset(c, 0, sizeof(*c));
	vu_socket_init(&c->socket, -1);
	c->held = true;
	c->watch = watch;
	c->arg = arg;
}

static void channel_watch(struct vu_channel *c, int fd, bool full)
{
	c->full = full;
	if (c->watch)
		c->watch(c->arg, fd, full);
}

static void drop_socket(struct vu_channel *c)
{
	if (c->socket.fd < 0)
		return;
	/* The rest of a message is of no use on the next socket. */
	if (c->socket.out_sent < c->socket.out_len)
		c->waits |= 1u << c->sending;
	/* The watcher MUST stop before its fd is closed. */
	channel_watch(c, -1, false);
	vu_socket_fini(&c->socket);
	memset(c->unanswered, 0, sizeof(c->unanswered));
	memset(c->unanswered_queue, 0, sizeof(c->unanswered_queue));
}

void vu_channel_close(struct vu_channel *c)
{
	drop_socket(c);
	c->waits = 0;
}

void vu_channel_open(struct vu_channel *c, int fd)
{
	drop_socket(c);
	vu_socket_init(&c->socket, fd);
	channel_watch(c, fd, false);
	vu_channel_flush(c);
}

static unsigned int channel_slot(uint32_t request, unsigned int queue)
{
	return request * VU_CHANNEL_QUEUES + queue;
}

static void expect_answer(struct vu_channel *c, uint32_t request,
			  uint64_t queue)
{
	if (c->unanswered[request] < 64)
		c->unanswered_queue[request] |= queue << c->unanswered[request];
	c->unanswered[request]++;
}

/* Answers arrive in the order of the requests of their kind. */
static void channel_take_answer(struct vu_channel *c, struct vu_answer *answer)
{
	uint32_t request = answer->request;
	uint64_t left = --c->unanswered[request];
	uint64_t mask = left < 64 ? (UINT64_C(1) << left) - 1 : UINT64_MAX;
	uint64_t queues = c->unanswered_queue[request];

	answer->queue = queues & 1;
	queues >>= 1;
	c->unanswered_queue[request] = queues;
	answer->last =
		!(c->waits >> channel_slot(request, answer->queue) & 1) &&
		!((answer->queue ? queues : ~queues) & mask);
}

static int send_slot(struct vu_channel *c, unsigned int i)
{
	uint32_t request = i / VU_CHANNEL_QUEUES;
	struct vu_message msg = {
		.hdr = { .request = request,
			 .flags = VU_FLAG_VERSION_1,
			 .size = c->slot[i].size },
		.reply_fd = -1,
	};

	memcpy(msg.p.bytes, c->slot[i].payload, c->slot[i].size);
	c->waits &= ~(1u << i);
	c->sending = i;
	if (c->acks) {
		msg.hdr.flags |= VU_FLAG_NEED_REPLY;
		expect_answer(c, request, i % VU_CHANNEL_QUEUES);
	}
	return vu_socket_send(&c->socket, &msg);
}

/* Return: the slot to send next, round robin; -1: none. */
static int next_slot(const struct vu_channel *c)
{
	if (c->held || !c->waits)
		return -1;
	for (unsigned int n = 1; n <= VU_CHANNEL_SLOTS; n++) {
		unsigned int i = (c->sending + n) % VU_CHANNEL_SLOTS;
		unsigned int request = i / VU_CHANNEL_QUEUES;

		if (c->waits >> i & 1 &&
		    !(kinds[request].in_turn && c->unanswered[request]))
			return (int)i;
	}
	return -1;
}

void vu_channel_flush(struct vu_channel *c)
{
	int r = vu_socket_flush(&c->socket);

	for (int i = 0; !r && (i = next_slot(c)) >= 0;)
		r = send_slot(c, (unsigned int)i);
	if (r < 0)
		vu_channel_close(c);
	else if (c->full != r)
		channel_watch(c, c->socket.fd, r);
}

void vu_channel_send(struct vu_channel *c, uint32_t request, unsigned int queue,
		     const void *payload, uint32_t size)
{
	unsigned int i = channel_slot(request, queue);

	if (c->socket.fd < 0)
		return;
	c->slot[i].size = size;
	if (size)
		memcpy(c->slot[i].payload, payload, size);
	c->waits |= 1u << i;
	if (!c->full)
		vu_channel_flush(c);
}

void vu_channel_forget(struct vu_channel *c, uint32_t request,
		       unsigned int queue)
{
	c->waits &= ~(1u << channel_slot(request, queue));
}

void vu_channel_hold(struct vu_channel *c, bool hold)
{
	c->held = hold;
	if (!hold)
		vu_channel_flush(c);
}

static bool is_answer(void *arg, const struct vu_header *hdr)
{
	const struct vu_channel *c = arg;

	return (hdr->flags & VU_FLAG_VERSION_MASK) == VU_FLAG_VERSION_1 &&
	       hdr->flags & VU_FLAG_REPLY &&
	       hdr->request < VU_CHANNEL_REQUESTS &&
	       c->unanswered[hdr->request] && hdr->size == sizeof(uint64_t);
}

int vu_channel_receive(struct vu_channel *c, struct vu_answer *answer)
{
	struct vu_message *in = &c->socket.in;
	int r = vu_socket_recv(&c->socket, is_answer, c);

	answer->request = in->hdr.request;
	if (r == 1) {
		vu_message_close_fds(in);
		answer->value = in->p.u64;
		channel_take_answer(c, answer);
		if (!c->full)
			vu_channel_flush(c);
	}
	if (r == -EPROTO)
		return VU_CHANNEL_E_ANSWER;
	if (r < 0)
		vu_channel_close(c);
	return r;
}
