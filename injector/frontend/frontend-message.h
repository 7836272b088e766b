/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single vhost-user messages: made, sent with fds, received, answered
 * (vhost-user: "Message Specification").
 */
#ifndef VINPUT_FRONTEND_MESSAGE_H
#define VINPUT_FRONTEND_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include "injector/frontend/frontend.h"
#include "input/vhost-user/vhost-user-wire.h"

#define FE_FDS_MAX 16

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

/* A message without payload, with a u64, with (index, num). */
struct fe_msg fe_msg(uint32_t request);
struct fe_msg fe_msg_u64(uint32_t request, uint64_t value);
struct fe_msg fe_msg_state(uint32_t request, uint32_t index, uint32_t num);
/* SET_VRING_KICK, CALL or ERR; fd borrowed, < 0: the no-fd bit. */
struct fe_msg fe_msg_vring_fd(uint32_t request, unsigned int index, int fd);

int fe_send(struct frontend *fe, const struct fe_msg *msg);
/* Bytes from..to of the message only; its fds go with byte 0. */
int fe_send_part(struct frontend *fe, const struct fe_msg *msg, size_t from,
		 size_t to);
int fe_recv(struct frontend *fe, struct fe_msg *msg);

/* Send; if REPLY_ACK is negotiated, request the ack and wait for it. */
int fe_request(struct frontend *fe, const struct fe_msg *msg);
/* Send, and replace *msg by its reply, of at least min bytes of payload. */
int fe_query(struct frontend *fe, struct fe_msg *msg, size_t min);

#endif
