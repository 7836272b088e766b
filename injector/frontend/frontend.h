/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other side of the vhost-user socket: a front-end (VMM) and the guest's
 * driver in one, for vinput-monitor and for tests. A session in its order:
 *
 *	fe_connect() → fe_negotiate() → fe_config_*() → fe_memory_init()
 *	→ fe_ring_init() × 2 → fe_start() → take and post buffers → fe_stop()
 *
 * Every step is made of the smaller public ones, and every struct is open, so
 * that a test can leave out, repeat or falsify any of them.
 *
 * All calls block, for timeout_ms at most. They return 0, a negative errno
 * (-ETIMEDOUT: no answer), or one of FE_E_*: see frontend-error.h.
 */
#ifndef VINPUT_INJECTOR_FRONTEND_H
#define VINPUT_INJECTOR_FRONTEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/frontend/frontend-error.h"
#include "injector/frontend/frontend-ring.h"
#include "input/vhost-user/vhost-user-wire.h"

#define FE_QUEUES  2
#define FE_EVENTQ  0
#define FE_STATUSQ 1
#define FE_FDS_MAX 16

#define FE_PACKED_RINGS (UINT64_C(1) << VIRTIO_F_RING_PACKED)

struct fe_msg {
	struct vu_header hdr; /* hdr.size bytes of the union are the payload */
	union {
		uint8_t bytes[VU_PAYLOAD_MAX];
		uint64_t u64;
		struct vu_vring_state state;
		struct vu_vring_addr addr;
		struct vu_mem_table table;
		struct vu_single_region region;
		uint32_t config[VU_PAYLOAD_MAX / 4]; /* struct vu_config */
	};
	int fd[FE_FDS_MAX]; /* sent: borrowed; received: the caller's */
	size_t n_fds;
};

struct frontend {
	int fd; /* owned */
	int timeout_ms;
	/*
	 * What fe_negotiate() and fe_start() ack of what is offered. Who wants
	 * packed rings adds FE_PACKED_RINGS to the features.
	 */
	uint64_t want_features, want_protocol;
	/* What they acked. */
	uint64_t features, protocol;
	bool mem_table; /* share memory by SET_MEM_TABLE in any case */
	struct fe_memory mem;
	struct fe_ring ring[FE_QUEUES];
};

void fe_init(struct frontend *fe); /* wants all that the library can */
void fe_fini(struct frontend *fe); /* idempotent; closes, tells nothing */

/* Return: also -ENOENT, -ECONNREFUSED, -ENOTSOCK (no socket), ... */
int fe_connect(struct frontend *fe, const char *path);
void fe_attach(struct frontend *fe, int fd); /* fd: connected, taken */

/* A message without payload, with a u64, with (index, num). */
struct fe_msg fe_msg(uint32_t request);
struct fe_msg fe_msg_u64(uint32_t request, uint64_t value);
struct fe_msg fe_msg_state(uint32_t request, uint32_t index, uint32_t num);
/* SET_VRING_KICK, CALL or ERR; fd borrowed, < 0: the no-fd bit. */
struct fe_msg fe_msg_vring_fd(uint32_t request, unsigned int index, int fd);

/* SET_VRING_ADDR of a ring, without flags. */
struct fe_msg fe_msg_vring_addr(const struct frontend *fe, unsigned int index);

int fe_send(struct frontend *fe, const struct fe_msg *msg);
/* Bytes from..to of the message only; its fds go with byte 0. */
int fe_send_part(struct frontend *fe, const struct fe_msg *msg, size_t from,
		 size_t to);
int fe_recv(struct frontend *fe, struct fe_msg *msg);
/* Send; with REPLY_ACK, ask for the ack and wait for it. */
int fe_request(struct frontend *fe, const struct fe_msg *msg);
/* Send, and replace *msg by its reply, of at least min bytes of payload. */
int fe_query(struct frontend *fe, struct fe_msg *msg, size_t min);

/* SET_OWNER, offered features, protocol features; not yet SET_FEATURES. */
int fe_negotiate(struct frontend *fe);

int fe_config_read(struct frontend *fe, uint32_t offset, void *buf,
		   uint32_t len);
int fe_config_write(struct frontend *fe, uint32_t offset, const void *buf,
		    uint32_t len);

int fe_set_features(struct frontend *fe);
/* ADD_MEM_REG, or SET_MEM_TABLE where that is not to be had. */
int fe_share_memory(struct frontend *fe);
/* NUM, BASE, ADDR, ERR, CALL, KICK, and ENABLE where it is due. */
int fe_start_queue(struct frontend *fe, unsigned int index, uint32_t base);
/* The same for a ring that begins. */
int fe_begin_queue(struct frontend *fe, unsigned int index);
int fe_set_vring_addr(struct frontend *fe, unsigned int index);
/* GET_VRING_BASE; *base: where the device is. */
int fe_stop_queue(struct frontend *fe, unsigned int index, uint32_t *base);

/* SET_FEATURES, memory, both queues at their beginning, or stop both. */
int fe_start(struct frontend *fe);
int fe_stop(struct frontend *fe);

#endif
