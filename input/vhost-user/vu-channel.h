/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The back-end channel (vhost-user: "Back-end communication"): a second
 * socket, set by SET_BACKEND_REQ_FD, for requests of the back-end.
 *
 *   vu_channel_send() ─► slot ─► socket (vu-socket.h) ─► front-end
 *                                                            │ REPLY_ACK
 *   vu_channel_receive() ◄── answer checked ◄────────────────┘
 *
 * Nothing here blocks or grows: there is one slot per kind of request and
 * queue, and a message that still waits in its slot is replaced by the next
 * one. So a front-end that does not read costs nothing, and no notification is
 * lost: it is sent when there is room again. Knows no loop and no log; loop
 * thread only.
 *
 * To send another kind of request, add it to enum vu_backend_request and to the
 * table in vu-channel.c.
 */
#ifndef VINPUT_VU_CHANNEL_H
#define VINPUT_VU_CHANNEL_H

#include "input/vhost-user/vu-socket.h"

#define VU_CHANNEL_QUEUES      2
#define VU_CHANNEL_REQUESTS    (VU_BACKEND_VRING_ERR + 1)
#define VU_CHANNEL_SLOTS       (VU_CHANNEL_REQUESTS * VU_CHANNEL_QUEUES)
#define VU_CHANNEL_PAYLOAD_MAX 40

struct vu_channel {
	struct vu_socket socket; /* fd -1: closed */
	bool held;		 /* nothing is sent; initially true */
	bool acks; /* REPLY_ACK was negotiated: each message needs an answer */
	uint32_t waits; /* bits: slots that are not sent yet */
	struct {
		uint32_t size;
		uint8_t payload[VU_CHANNEL_PAYLOAD_MAX];
	} slot[VU_CHANNEL_SLOTS];
	unsigned int sending; /* the slot sent last, perhaps not all of it */
	uint64_t unanswered[VU_CHANNEL_REQUESTS];
	/* A bit each: its queue. The oldest lowest, at most 64. */
	uint64_t unanswered_queue[VU_CHANNEL_REQUESTS];
	void (*watch)(void *arg, int fd, bool full);
	void *arg;
	bool full; /* as last passed to watch */
};

/*
 * watch: the caller must watch fd for reading, and for writing if it is full;
 * -1: for nothing, before the fd is closed. Called for changes only. It MAY be
 * NULL, and MUST NOT call the channel.
 */
void vu_channel_init(struct vu_channel *c,
		     void (*watch)(void *arg, int fd, bool full), void *arg);
/* Replace the socket by fd, which is taken; what waits is sent there. */
void vu_channel_open(struct vu_channel *c, int fd);
/* Close the socket and drop what waits. Idempotent. */
void vu_channel_close(struct vu_channel *c);

/* Return: the name of a request. */
const char *vu_channel_name(uint32_t request);

/*
 * Send a message about a queue (0 if it is about none) with a payload of size
 * bytes, at most VU_CHANNEL_PAYLOAD_MAX. It is dropped if the channel is
 * closed.
 */
void vu_channel_send(struct vu_channel *c, uint32_t request, unsigned int queue,
		     const void *payload, uint32_t size);

/* Drop the message of this kind and queue if it still waits. */
void vu_channel_forget(struct vu_channel *c, uint32_t request,
		       unsigned int queue);
/* Send nothing but the rest of a message in progress; or send again. */
void vu_channel_hold(struct vu_channel *c, bool hold);

/* The socket is writable: send what waits. */
void vu_channel_flush(struct vu_channel *c);

struct vu_answer {
	uint32_t request;
	uint64_t value; /* 0: success */
	unsigned int queue;
	bool last; /* there is no later request of this kind and queue */
};

/*
 * The socket is readable.
 * Return: 1: *answer is set, call again; 0: no answer now; -errno: the channel
 * was closed; VU_CHANNEL_E_ANSWER: not an answer to a request
 * (answer->request: to which one it claims to be).
 */
#define VU_CHANNEL_E_ANSWER 2
int vu_channel_receive(struct vu_channel *c, struct vu_answer *answer);

#endif
