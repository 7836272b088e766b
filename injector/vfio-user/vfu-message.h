/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vfio-user message, and what can be checked of it without the state of a
 * device: who may send it when, the size of its payload, its fds. Pure: fds are
 * numbers here.
 */
#ifndef VINPUT_VFU_MESSAGE_H
#define VINPUT_VFU_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include "injector/vfio-user/vfu-wire.h"

struct vfu_message {
	struct vfu_header hdr;
	union {
		struct vfu_version version;
		struct vfu_dma_map map;
		struct vfu_dma_unmap unmap;
		struct vfu_device_info device;
		struct vfu_region_info region;
		struct vfu_irq_info irq;
		struct vfu_irq_set set;
		struct vfu_access access;
		uint8_t bytes[VFU_PAYLOAD_MAX];
	} p;
	int fds[VFU_FDS_MAX]; /* owned by whoever holds the message */
	unsigned int n_fds;
};

/* Return: the length of the payload. */
static inline size_t vfu_message_len(const struct vfu_message *msg)
{
	return msg->hdr.size - sizeof(msg->hdr);
}

/* Return: its name, or NULL: not a command that a server handles. */
const char *vfu_command_name(unsigned int command);

/*
 * Check a header before its payload is read.
 * Return: NULL, or why the connection MUST be closed.
 */
const char *vfu_header_check(const struct vfu_header *hdr);

/*
 * Check a whole message whose header passed. negotiated: VERSION has been
 * answered. Return: 0; or the errno, positive, with which it is refused:
 * EINVAL, ENOTSUP, EPROTO (the connection MUST be closed).
 */
int vfu_message_check(const struct vfu_message *msg, bool negotiated);

/* Make of a command its reply: len bytes of payload, no fds. */
void vfu_message_reply(struct vfu_message *msg, size_t len);
/* The same for a refusal. error: errno, positive. */
void vfu_message_refuse(struct vfu_message *msg, int error);

/* What the client has in VERSION's JSON, or the defaults. */
struct vfu_caps {
	uint32_t max_fds;
	uint64_t max_data;
};

/* Return: 0; EPROTO: another major version; EINVAL: invalid JSON. */
int vfu_version_read(const struct vfu_message *msg, struct vfu_caps *caps);
/* Make of it the server's answer. */
void vfu_version_reply(struct vfu_message *msg);

#endif
