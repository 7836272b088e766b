/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vhost-user message and the rules for it. What may be said of a message
 * without looking at the device (payload size, fds, queue index, negotiated
 * features) stands in one row of a table and is checked here, before any
 * handler sees it. Pure, but that a message owns its fds.
 */
#ifndef VINPUT_VU_MESSAGE_H
#define VINPUT_VU_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/vhost-user/vhost-user-wire.h"

/* Of a message that has more the others are closed. */
#define VU_FDS_MAX VU_MEM_TABLE_MAX

struct vu_message {
	struct vu_header hdr;
	union {
		uint64_t u64;
		struct vu_vring_state state;
		struct vu_vring_addr addr;
		struct vu_mem_table mem_table;
		struct vu_single_region single;
		struct vu_log log;
		struct vu_inflight inflight;
		struct vu_iotlb iotlb;
		struct vu_config config;
		struct vu_device_state device_state;
		uint8_t bytes[VU_PAYLOAD_MAX];
	} p;
	int fds[VU_FDS_MAX]; /* owned */
	unsigned int n_fds;
	int reply_fd; /* owned, -1: none; goes with the reply */
};

/* Close what fds nobody took. */
void vu_message_close_fds(struct vu_message *msg);
/* Take the i-th fd out of a message; -1 if there is none. */
int vu_message_steal_fd(struct vu_message *msg, unsigned int i);

/* Take the fd of the reply out of a message; -1 if there is none. */
int vu_message_steal_reply_fd(struct vu_message *msg);

/* Which queue a message is about, if any. */
enum vu_queue_index {
	VU_QUEUE_NONE,
	VU_QUEUE_IN_STATE, /* p.state.index */
	VU_QUEUE_IN_ADDR,  /* p.addr.index */
	VU_QUEUE_IN_U64, /* low byte of p.u64, with an fd unless NOFD is set */
};

/* What answers a message when all went well. */
enum vu_reply {
	VU_REPLY_NONE, /* but an ack, if one is asked for: REPLY_ACK */
	VU_REPLY_U64,  /* p.u64 */
	VU_REPLY_SAME, /* a payload of the same kind, of hdr.size */
};

#define VU_ALWAYS 0xff /* no protocol feature is needed */

struct vu_rule {
	uint32_t request;
	const char *name;
	uint32_t size_min, size_max; /* of the payload */
	uint8_t fds_min; /* more are closed: front-ends do send more */
	uint8_t feature; /* enum vu_protocol_feature or VU_ALWAYS */
	enum vu_queue_index queue;
	enum vu_reply reply;
};

/*
 * Check a header as soon as it is there, before its payload is read.
 * Return: NULL, or what is wrong with it in words.
 */
const char *vu_header_check(const struct vu_header *hdr,
			    const struct vu_rule *rule);

/*
 * Check a whole message. *queue is set to its queue's index (0 if none).
 * Return: NULL, or what is wrong with it in words; the words may stand in why.
 */
const char *vu_message_check(const struct vu_message *msg,
			     const struct vu_rule *rule, uint64_t features,
			     unsigned int n_queues, unsigned int *queue,
			     char why[96]);

#endif
