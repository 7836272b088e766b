/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include "injector/vvu/vvu-pci.h"
#include "injector/vvu/vvu-request.h"

/* Of all others, the messages are unknown here: some may need fds. */
#define PROTOCOL_FEATURES                                    \
	(UINT64_C(1) << VU_PROTOCOL_F_MQ |                   \
	 UINT64_C(1) << VU_PROTOCOL_F_REPLY_ACK |            \
	 UINT64_C(1) << VU_PROTOCOL_F_BACKEND_REQ |          \
	 UINT64_C(1) << VU_PROTOCOL_F_CONFIG |               \
	 UINT64_C(1) << VU_PROTOCOL_F_RESET_DEVICE |         \
	 UINT64_C(1) << VU_PROTOCOL_F_INBAND_NOTIFICATIONS | \
	 UINT64_C(1) << VU_PROTOCOL_F_STATUS)

static enum vvu_fds fds_of(uint32_t request)
{
	switch (request) {
	case VU_SET_MEM_TABLE:
		return VVU_FDS_MEMORY;
	case VU_SET_VRING_KICK:
		return VVU_FDS_KICK;
	case VU_SET_VRING_CALL:
		return VVU_FDS_CALL;
	case VU_SET_VRING_ERR:
		return VVU_FDS_ERR;
	case VU_SET_BACKEND_REQ_FD:
		return VVU_FDS_CHANNEL;
	}
	return VVU_FDS_NONE;
}

static const char *check_table(const struct vu_message *msg)
{
	const struct vu_mem_table *table = &msg->p.mem_table;
	const size_t head = offsetof(struct vu_mem_table, regions);

	if (msg->hdr.size < head || table->n_regions > VU_MEM_TABLE_MAX ||
	    msg->hdr.size < head + table->n_regions * sizeof(*table->regions))
		return "SET_MEM_TABLE: invalid payload size";
	if (msg->n_fds != table->n_regions)
		return "SET_MEM_TABLE: an fd is needed for each region";
	return NULL;
}

static const char *check_vring(const struct vu_message *msg,
			       unsigned int *queue)
{
	if (msg->hdr.size < sizeof(msg->p.u64))
		return "an event fd's message: invalid payload size";
	*queue = msg->p.u64 & VU_VRING_INDEX_MASK;
	if (*queue >= VVU_VHOST_QUEUES)
		return "an event fd of a queue that does not exist";
	if (msg->n_fds != !(msg->p.u64 & VU_VRING_NOFD))
		return "an event fd's message: one fd is needed, or the no-fd "
		       "bit";
	return NULL;
}

const char *vvu_request_check(const struct vu_message *msg, enum vvu_fds *fds,
			      unsigned int *queue)
{
	*fds = fds_of(msg->hdr.request);
	*queue = 0;
	switch (*fds) {
	case VVU_FDS_NONE:
		if (msg->n_fds)
			return "a message with fds, which cannot be passed on "
			       "to another VM";
		break;
	case VVU_FDS_MEMORY:
		return check_table(msg);
	case VVU_FDS_KICK:
	case VVU_FDS_CALL:
	case VVU_FDS_ERR:
		return check_vring(msg, queue);
	case VVU_FDS_CHANNEL:
		if (msg->n_fds != 1)
			return "SET_BACKEND_REQ_FD: one fd is needed";
		break;
	}
	return NULL;
}

void vvu_request_mask(struct vu_message *answer)
{
	if (answer->hdr.size < sizeof(answer->p.u64))
		return;
	switch (answer->hdr.request) {
	case VU_GET_FEATURES:
		answer->p.u64 &= ~(UINT64_C(1) << VU_F_LOG_ALL);
		break;
	case VU_GET_PROTOCOL_FEATURES:
		answer->p.u64 &= PROTOCOL_FEATURES;
		break;
	}
}
