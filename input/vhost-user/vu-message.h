/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vhost-user message and its rule: what can be checked without the state of
 * the device (payload size, fds, queue index, negotiated features), before a
 * handler is called. Pure, except that a message owns its fds.
 */
#ifndef VINPUT_VU_MESSAGE_H
#define VINPUT_VU_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/vhost-user/vhost-user-wire.h"

/* More fds than these are closed as they arrive. */
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
	int reply_fd; /* owned; sent with the reply; -1: none */
};

/* Close the fds that were not stolen, but not reply_fd. */
void vu_message_close_fds(struct vu_message *msg);
/* Return: the i-th fd, now the caller's; -1 if there is none. */
int vu_message_steal_fd(struct vu_message *msg, unsigned int i);

/* Return: the fd of the reply, now the caller's; -1 if there is none. */
int vu_message_steal_reply_fd(struct vu_message *msg);

/* to: room for header and payload. Return: how many bytes were written. */
size_t vu_message_pack(const struct vu_message *msg, void *to);
/*
 * The reverse, of a whole message: what it lacks of a payload is 0. Its fds are
 * not touched.
 */
void vu_message_unpack(struct vu_message *msg, const void *from);

/* Where a message has the index of the queue that it is about. */
enum vu_queue_index {
	VU_QUEUE_NONE,
	VU_QUEUE_IN_STATE, /* p.state.index */
	VU_QUEUE_IN_ADDR,  /* p.addr.index */
	VU_QUEUE_IN_U64, /* low byte of p.u64, with an fd unless NOFD is set */
};

/* How a message is answered on success. */
enum vu_reply {
	VU_REPLY_NONE, /* only with an ack, if requested: REPLY_ACK */
	VU_REPLY_U64,  /* p.u64 */
	VU_REPLY_SAME, /* a payload of the same kind, of hdr.size */
};

#define VU_ALWAYS 0xff /* no protocol feature is needed */

/* Small: what has pointers is a page of its own in each process. */
struct vu_rule {
	const char *name;
	uint32_t size_min, size_max; /* of the payload */
	uint8_t fds_min;	     /* front-ends may send more */
	uint8_t feature;	     /* enum vu_protocol_feature or VU_ALWAYS */
	uint8_t queue;		     /* enum vu_queue_index */
	uint8_t reply;		     /* enum vu_reply */
};

/*
 * Check a header before its payload is read. rule: NULL for an unknown request.
 * Return: NULL, or why the header is rejected.
 */
const char *vu_header_check(const struct vu_header *hdr,
			    const struct vu_rule *rule);

/*
 * Check the fds and the feature of a message whose header passed. features: the
 * protocol features that were acked.
 * Return: NULL, or why the message is rejected, in why.
 */
#define VU_WHY_LEN 64
const char *vu_message_check(const struct vu_message *msg,
			     const struct vu_rule *rule, uint64_t features,
			     char why[VU_WHY_LEN]);

/* Return: the queue index as sent, unchecked; 0 if it is about none. */
uint32_t vu_message_queue(const struct vu_message *msg,
			  const struct vu_rule *rule);

#endif
