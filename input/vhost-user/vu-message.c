/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "input/base/fd.h"
#include "input/vhost-user/vu-message.h"

void vu_message_close_fds(struct vu_message *msg)
{
	for (unsigned int i = 0; i < msg->n_fds; i++)
		close_fd(msg->fds[i]);
	msg->n_fds = 0;
}

int vu_message_steal_reply_fd(struct vu_message *msg)
{
	int fd = msg->reply_fd;

	msg->reply_fd = -1;
	return fd;
}

size_t vu_message_pack(const struct vu_message *msg, void *to)
{
	memcpy(to, &msg->hdr, sizeof(msg->hdr));
	memcpy((uint8_t *)to + sizeof(msg->hdr), &msg->p, msg->hdr.size);
	return sizeof(msg->hdr) + msg->hdr.size;
}

void vu_message_unpack(struct vu_message *msg, const void *from)
{
	memcpy(&msg->hdr, from, sizeof(msg->hdr));
	memset(&msg->p, 0, sizeof(msg->p));
	memcpy(&msg->p, (const uint8_t *)from + sizeof(msg->hdr),
	       msg->hdr.size);
}

int vu_message_steal_fd(struct vu_message *msg, unsigned int i)
{
	int fd = i < msg->n_fds ? msg->fds[i] : -1;

	if (fd >= 0)
		msg->fds[i] = -1;
	return fd;
}

const char *vu_header_check(const struct vu_header *hdr,
			    const struct vu_rule *rule)
{
	if ((hdr->flags & VU_FLAG_VERSION_MASK) != VU_FLAG_VERSION_1)
		return "protocol version is not 1";
	if (hdr->flags & VU_FLAG_REPLY)
		return "the reply flag is set";
	if (!rule)
		return "unknown request, or not for an input device";
	if (hdr->size < rule->size_min || hdr->size > rule->size_max)
		return "invalid payload size";
	return NULL;
}

uint32_t vu_message_queue(const struct vu_message *msg,
			  const struct vu_rule *rule)
{
	switch (rule->queue) {
	case VU_QUEUE_NONE:
		return 0;
	case VU_QUEUE_IN_STATE:
		return msg->p.state.index;
	case VU_QUEUE_IN_ADDR:
		return msg->p.addr.index;
	case VU_QUEUE_IN_U64:
		return msg->p.u64 & VU_VRING_INDEX_MASK;
	}
	return 0;
}

static unsigned int fds_needed(const struct vu_message *msg,
			       const struct vu_rule *rule)
{
	if (rule->queue == VU_QUEUE_IN_U64)
		return !(msg->p.u64 & VU_VRING_NOFD);
	return rule->fds_min;
}

const char *vu_message_check(const struct vu_message *msg,
			     const struct vu_rule *rule, uint64_t features,
			     char why[VU_WHY_LEN])
{
	if (rule->feature != VU_ALWAYS &&
	    !vu_feature_in(features, rule->feature)) {
		snprintf(why, VU_WHY_LEN,
			 "protocol feature %u was not negotiated",
			 rule->feature);
		return why;
	}
	if (msg->n_fds < fds_needed(msg, rule)) {
		snprintf(why, VU_WHY_LEN, "%u fds: at least %u needed",
			 msg->n_fds, fds_needed(msg, rule));
		return why;
	}
	return NULL;
}
