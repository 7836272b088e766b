/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The back-end channel (vhost-user: "Back-end communication"): a second
 * socket, given by SET_BACKEND_REQ_FD, on which the back-end asks and the
 * front-end answers.
 *
 *   vu_channel_send() ─► waits ─► socket (vu-socket.h) ─► front-end
 *                                                            │ REPLY_ACK
 *   vu_channel_receive() ◄── answer checked ◄────────────────┘
 *
 * Nothing here blocks or grows: a message has one place for each kind of
 * request and queue, and what still waits there when the next one comes is
 * replaced by it. So a front-end that does not read costs nothing, and no
 * notification is lost: it is sent when there is room again. Knows no loop and
 * no log; loop thread only.
 *
 * To send another kind of request, add it to enum vu_backend_request and to
 * the table in vu-channel.c.
 */
#ifndef VINPUT_VU_CHANNEL_H
#define VINPUT_VU_CHANNEL_H

#include "input/vhost-user/vu-socket.h"

#define VU_CHANNEL_QUEUES      2
#define VU_CHANNEL_REQUESTS    (VU_BACKEND_VRING_ERR + 1)
#define VU_CHANNEL_SLOTS       (VU_CHANNEL_REQUESTS * VU_CHANNEL_QUEUES)
#define VU_CHANNEL_PAYLOAD_MAX 40

struct vu_channel {
	struct vu_socket socket; /* fd -1: the front-end gave none */
	bool held;		 /* nothing is sent now; so it begins */
	bool acks; /* REPLY_ACK was negotiated: each message wants an answer */
	uint32_t waits; /* bit: what of `slot` is not sent yet */
	struct {
		uint32_t size;
		uint8_t payload[VU_CHANNEL_PAYLOAD_MAX];
	} slot[VU_CHANNEL_SLOTS];
	unsigned int sending; /* which of them is on its way */
	uint64_t unanswered[VU_CHANNEL_REQUESTS];
	/* Bit: the queue of each of them, the oldest lowest; of 64 at most. */
	uint64_t unanswered_queue[VU_CHANNEL_REQUESTS];
	/*
	 * fd is to be watched for reading, and for writing if it is full; -1:
	 * for nothing any more. Not called again for what was said already.
	 */
	void (*watch)(void *arg, int fd, bool full);
	void *arg;
	bool full; /* as last said */
};

/* watch may be NULL: then nobody calls the functions for ready sockets. */
void vu_channel_init(struct vu_channel *c,
		     void (*watch)(void *arg, int fd, bool full), void *arg);
/* Take a socket in place of the one before; what waits goes there. */
void vu_channel_open(struct vu_channel *c, int fd);
/* Idempotent. What waits is forgotten. */
void vu_channel_close(struct vu_channel *c);

/* Words for a request. */
const char *vu_channel_name(uint32_t request);

/*
 * Send a message about a queue (0 if it is about none) with a payload of
 * `size` bytes. Nothing is kept for a front-end that gave no channel.
 */
void vu_channel_send(struct vu_channel *c, uint32_t request, unsigned int queue,
		     const void *payload, uint32_t size);

/* What waits of this kind for this queue is not true any more. */
void vu_channel_forget(struct vu_channel *c, uint32_t request,
		       unsigned int queue);
/* Let all wait (but the rest of what is half sent), or go on sending. */
void vu_channel_hold(struct vu_channel *c, bool hold);

/* The socket is writable: send what waits. */
void vu_channel_flush(struct vu_channel *c);

struct vu_answer {
	uint32_t request;
	uint64_t value; /* 0: it was done */
	unsigned int queue;
	bool last; /* nothing has been asked of this kind and queue since */
};

/*
 * The socket is readable. Return: 1: *answer is there, call again; 0: none
 * now; -errno: it was closed, and is gone here, too; VU_CHANNEL_E_ANSWER: what
 * came is no answer to what was asked (answer->request: to what it says).
 */
#define VU_CHANNEL_E_ANSWER 2
int vu_channel_receive(struct vu_channel *c, struct vu_answer *answer);

#endif
