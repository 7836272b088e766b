/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "input/base/fd.h"
#include "input/ring/guest-map.h"
#include "input/vhost-user/vu-backend.h"
#include "input/vhost-user/vu-device.h"
#include "input/vhost-user/vu-features.h"
#include "input/vhost-user/vu-inflight.h"
#include "input/vhost-user/vu-log.h"
#include "input/vhost-user/vu-memory.h"
#include "input/vhost-user/vu-vring.h"

void vu_backend_init(struct vu_backend *be, const struct vu_ops *ops, void *arg,
		     unsigned int n_queues, uint32_t config_len)
{
	memset(be, 0, sizeof(*be));
	be->ops = ops;
	be->arg = arg;
	be->n_queues = n_queues;
	be->config_len = config_len;
	be->postcopy.uffd = -1;
	be->log_fd = -1;
	vu_channel_init(&be->channel, NULL, NULL);
	for (unsigned int i = 0; i < n_queues; i++) {
		struct vu_queue *q = &be->queue[i];

		q->kick_fd = q->call_fd = q->err_fd = -1;
	}
}

void vu_backend_disconnect(struct vu_backend *be)
{
	vu_queue_reset_all(be);
	guest_map_clear(&be->mem);
	vu_postcopy_drop(be);
	vu_log_drop(be);
	vu_iotlb_use(be, false);
	be->ops->reset(be->arg);
	vu_channel_close(&be->channel);

	const struct vu_backend old = *be;
	vu_backend_init(be, old.ops, old.arg, old.n_queues, old.config_len);
	be->offers_postcopy = old.offers_postcopy;
	be->offers_iommu = old.offers_iommu;
	be->offers_inband = old.offers_inband;
	if (old.behind_device)
		vu_backend_set_behind_device(be);
	vu_channel_init(&be->channel, old.channel.watch, old.channel.arg);
}

/* When a message is legal: a state, beside what its rule says. */
enum when {
	WHEN_EVER,
	WHEN_STOPPED, /* its queue does not run */
	WHEN_SIZED,   /* its queue has a size: SET_VRING_NUM */
	WHEN_IOMMU,   /* VIRTIO_F_ACCESS_PLATFORM is acked */
	WHEN_ADVISED, /* POSTCOPY_ADVISE has come */
};

/* All of a row is checked before its handler is called. */
struct row {
	struct vu_rule rule;
	enum when when;
	vu_handler *handler;
};

/* clang-format off */
/* Payload sizes, least and most. */
#define NOTHING	  0, 0
#define U64	  8, 8
#define STATE	  sizeof(struct vu_vring_state), sizeof(struct vu_vring_state)
#define ADDR	  sizeof(struct vu_vring_addr), sizeof(struct vu_vring_addr)
#define REGION	  sizeof(struct vu_single_region), sizeof(struct vu_single_region)
#define LOG	  sizeof(struct vu_log), sizeof(struct vu_log)
#define MEM_TABLE 8, sizeof(struct vu_mem_table)
#define INFLIGHT  VU_INFLIGHT_LEN, sizeof(struct vu_inflight)
#define IOTLB	  VU_IOTLB_LEN, sizeof(struct vu_iotlb)
#define CONFIG	  sizeof(struct vu_config), VU_PAYLOAD_MAX
#define STATE_FD \
	sizeof(struct vu_device_state), sizeof(struct vu_device_state)

#define ALWAYS	      VU_ALWAYS
#define FEATURE(name) VU_PROTOCOL_F_##name
/* When it is legal, payload size, fds, protocol feature, queue, reply. */
#define ROW(REQ, HANDLER, WHEN, ...) \
	[VU_##REQ] = { { #REQ, __VA_ARGS__ }, WHEN_##WHEN, HANDLER }
/* Payload size, fds, protocol feature: answered by an ack, or by a u64. */
#define TELL(REQ, HANDLER, ...) \
	ROW(REQ, HANDLER, EVER, __VA_ARGS__, VU_QUEUE_NONE, VU_REPLY_NONE)
#define ASK(REQ, HANDLER, ...) \
	ROW(REQ, HANDLER, EVER, __VA_ARGS__, VU_QUEUE_NONE, VU_REPLY_U64)
/* About a queue: when it is legal, payload. */
#define VRING(REQ, HANDLER, WHEN, SIZE) \
	ROW(REQ, HANDLER, WHEN, SIZE, 0, ALWAYS, VU_QUEUE_IN_##SIZE, \
	    VU_REPLY_NONE)

static const struct row rows[] = {
	ASK(GET_FEATURES, vu_get_features, NOTHING, 0, ALWAYS),
	TELL(SET_FEATURES, vu_set_features, U64, 0, ALWAYS),
	TELL(SET_OWNER, vu_set_owner, NOTHING, 0, ALWAYS),
	TELL(RESET_OWNER, vu_reset_owner, NOTHING, 0, ALWAYS),
	TELL(SET_MEM_TABLE, vu_set_mem_table, MEM_TABLE, 0, ALWAYS),
	ROW(SET_LOG_BASE, vu_set_log_base, EVER, LOG, 1, FEATURE(LOG_SHMFD),
	    VU_QUEUE_NONE, VU_REPLY_SAME),
	TELL(SET_LOG_FD, vu_set_log_fd, NOTHING, 1, ALWAYS),
	VRING(SET_VRING_NUM, vu_set_vring_num, STOPPED, STATE),
	VRING(SET_VRING_ADDR, vu_set_vring_addr, SIZED, ADDR),
	VRING(SET_VRING_BASE, vu_set_vring_base, STOPPED, STATE),
	ROW(GET_VRING_BASE, vu_get_vring_base, EVER, STATE, 0, ALWAYS,
	    VU_QUEUE_IN_STATE, VU_REPLY_SAME),
	VRING(SET_VRING_KICK, vu_set_vring_kick, EVER, U64),
	VRING(SET_VRING_CALL, vu_set_vring_call, EVER, U64),
	VRING(SET_VRING_ERR, vu_set_vring_err, EVER, U64),
	VRING(SET_VRING_ENABLE, vu_set_vring_enable, EVER, STATE),
	ASK(GET_PROTOCOL_FEATURES, vu_get_protocol_features, NOTHING, 0, ALWAYS),
	TELL(SET_PROTOCOL_FEATURES, vu_set_protocol_features, U64, 0, ALWAYS),
	ASK(GET_QUEUE_NUM, vu_get_queue_num, NOTHING, 0, FEATURE(MQ)),
	TELL(SET_BACKEND_REQ_FD, vu_set_backend_req_fd, NOTHING, 1,
	    FEATURE(BACKEND_REQ)),
	ROW(IOTLB_MSG, vu_iotlb_msg, IOMMU, IOTLB, 0, ALWAYS,
	    VU_QUEUE_NONE, VU_REPLY_U64),
	ROW(GET_CONFIG, vu_get_config, EVER, CONFIG, 0, FEATURE(CONFIG),
	    VU_QUEUE_NONE, VU_REPLY_SAME),
	TELL(SET_CONFIG, vu_set_config, CONFIG, 0, FEATURE(CONFIG)),
	ROW(POSTCOPY_ADVISE, vu_postcopy_advise, EVER, NOTHING, 0,
	    FEATURE(PAGEFAULT), VU_QUEUE_NONE, VU_REPLY_SAME),
	ROW(POSTCOPY_LISTEN, vu_postcopy_listen, ADVISED, NOTHING, 0,
	    FEATURE(PAGEFAULT), VU_QUEUE_NONE, VU_REPLY_NONE),
	ASK(POSTCOPY_END, vu_postcopy_end, NOTHING, 0, FEATURE(PAGEFAULT)),
	ROW(GET_INFLIGHT_FD, vu_get_inflight_fd, EVER, INFLIGHT, 0,
	    FEATURE(INFLIGHT_SHMFD), VU_QUEUE_NONE, VU_REPLY_SAME),
	TELL(SET_INFLIGHT_FD, vu_set_inflight_fd, INFLIGHT, 1,
	    FEATURE(INFLIGHT_SHMFD)),
	ROW(VRING_KICK, vu_vring_kick, EVER, STATE, 0,
	    FEATURE(INBAND_NOTIFICATIONS), VU_QUEUE_IN_STATE, VU_REPLY_NONE),
	TELL(RESET_DEVICE, vu_reset_device, NOTHING, 0, FEATURE(RESET_DEVICE)),
	ASK(GET_MAX_MEM_SLOTS, vu_get_max_mem_slots, NOTHING, 0,
	    FEATURE(CONFIGURE_MEM_SLOTS)),
	/* It may be a postcopy ack, without region and fd. */
	TELL(ADD_MEM_REG, vu_add_mem_reg, 8, sizeof(struct vu_single_region), 0,
	    FEATURE(CONFIGURE_MEM_SLOTS)),
	TELL(REM_MEM_REG, vu_rem_mem_reg, REGION, 0,
	    FEATURE(CONFIGURE_MEM_SLOTS)),
	TELL(SET_STATUS, vu_set_status, U64, 0, FEATURE(STATUS)),
	ASK(GET_STATUS, vu_get_status, NOTHING, 0, FEATURE(STATUS)),
	ASK(SET_DEVICE_STATE_FD, vu_set_device_state_fd, STATE_FD, 1,
	    FEATURE(DEVICE_STATE)),
	ASK(CHECK_DEVICE_STATE, vu_check_device_state, NOTHING, 0,
	    FEATURE(DEVICE_STATE)),
};
/* clang-format on */

static const struct row *row_of(uint32_t request)
{
	if (request >= sizeof(rows) / sizeof(*rows) || !rows[request].handler)
		return NULL;
	return &rows[request];
}

const struct vu_rule *vu_backend_rule(uint32_t request)
{
	const struct row *row = row_of(request);

	return row ? &row->rule : NULL;
}

/* REPLY_ACK: a u64, 0 for success. */
static bool wants_ack(const struct vu_backend *be, const struct vu_message *msg)
{
	return vu_has_protocol_feature(be, VU_PROTOCOL_F_REPLY_ACK) &&
	       msg->hdr.flags & VU_FLAG_NEED_REPLY;
}

/* Return: NULL, or what is wrong. */
static const char *check_when(const struct vu_backend *be, enum when when,
			      const struct vu_queue *q)
{
	/* A row that asks for the state of a queue is about a queue. */
	assert(q || (when != WHEN_STOPPED && when != WHEN_SIZED));
	switch (when) {
	case WHEN_EVER:
		break;
	case WHEN_STOPPED:
		if (q->running)
			return "is running: GET_VRING_BASE must come first";
		break;
	case WHEN_SIZED:
		if (!q->ring.num)
			return "has no size: SET_VRING_NUM must come first";
		break;
	case WHEN_IOMMU:
		if (!be->mem.iotlb)
			return "ACCESS_PLATFORM was not acked";
		break;
	case WHEN_ADVISED:
		if (be->postcopy.uffd < 0)
			return "POSTCOPY_ADVISE must come first";
		break;
	}
	return NULL;
}

/* Return: as a handler. */
static int check_and_handle(struct vu_backend *be, const struct row *row,
			    struct vu_message *msg)
{
	const uint32_t queue = vu_message_queue(msg, &row->rule);
	struct vu_queue *q = NULL;
	char buf[VU_WHY_LEN];
	const char *wrong;

	wrong = vu_message_check(msg, &row->rule, be->protocol_features, buf);
	if (wrong)
		return vu_fail(be, "%s", wrong);
	if (queue >= be->n_queues)
		return vu_fail(be, "queue %u: the device has %u", queue,
			       be->n_queues);
	if (row->rule.queue != VU_QUEUE_NONE)
		q = &be->queue[queue];
	wrong = check_when(be, row->when, q);
	if (wrong && q)
		return vu_fail(be, "queue %u %s", queue, wrong);
	if (wrong)
		return vu_fail(be, "%s", wrong);
	return row->handler(be, msg, q);
}

int vu_backend_handle(struct vu_backend *be, struct vu_message *msg)
{
	const struct row *row = row_of(msg->hdr.request);
	enum vu_reply reply = row->rule.reply;
	bool ack = wants_ack(be, msg) && reply == VU_REPLY_NONE;
	int r = check_and_handle(be, row, msg);

	vu_message_close_fds(msg);
	if (r != VU_E_VIOLATION && vu_queue_settle(be))
		r = VU_E_VIOLATION;
	msg->hdr.flags = VU_FLAG_VERSION_1;
	if (r == VU_HAS_REPLY) {
		reply = VU_REPLY_SAME;
		ack = false;
		r = 0;
	}
	if (!ack && (r > 0 || reply == VU_REPLY_NONE))
		return r;
	if (ack)
		msg->p.u64 = (uint64_t)r;
	if (ack || reply == VU_REPLY_U64)
		msg->hdr.size = sizeof(msg->p.u64);
	msg->hdr.flags |= VU_FLAG_REPLY;
	return r ? r : VU_HAS_REPLY;
}
