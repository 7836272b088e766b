/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "input/base/fd.h"
#include "input/ring/guest-map.h"
#include "input/vhost-user/vu-handlers.h"

#define BIT(n) (UINT64_C(1) << (n))

/*
 * ACCESS_PLATFORM only where it was asked for: QEMU (10.0) hands all features
 * on to the guest, also those of a device that it does not put behind the IOMMU
 * (no iommu_platform=on), and then translates nothing.
 */
uint64_t vu_backend_features(const struct vu_backend *be)
{
	return (be->offers_iommu ? BIT(VIRTIO_F_ACCESS_PLATFORM) : 0) |
	       BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_INDIRECT_DESC) |
	       BIT(VIRTIO_F_EVENT_IDX) | BIT(VIRTIO_F_RING_PACKED) |
	       BIT(VIRTIO_F_IN_ORDER) | BIT(VU_F_LOG_ALL) |
	       BIT(VU_F_PROTOCOL_FEATURES);
}

/*
 * INBAND_NOTIFICATIONS only where it was asked for: "it is not advised to use
 * this feature unless absolutely necessary", and QEMU acks each feature of a
 * number that it knows, also this one, which it does not implement.
 */
uint64_t vu_backend_protocol_features(const struct vu_backend *be)
{
	return BIT(VU_PROTOCOL_F_MQ) | BIT(VU_PROTOCOL_F_LOG_SHMFD) |
	       BIT(VU_PROTOCOL_F_REPLY_ACK) | BIT(VU_PROTOCOL_F_BACKEND_REQ) |
	       BIT(VU_PROTOCOL_F_CONFIG) | BIT(VU_PROTOCOL_F_BACKEND_SEND_FD) |
	       BIT(VU_PROTOCOL_F_RESET_DEVICE) |
	       BIT(VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS) |
	       BIT(VU_PROTOCOL_F_INFLIGHT_SHMFD) | BIT(VU_PROTOCOL_F_STATUS) |
	       BIT(VU_PROTOCOL_F_DEVICE_STATE) |
	       (be->offers_inband ? BIT(VU_PROTOCOL_F_INBAND_NOTIFICATIONS)
				  : 0) |
	       (be->offers_postcopy ? BIT(VU_PROTOCOL_F_PAGEFAULT) : 0);
}

int vu_fail(struct vu_backend *be, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(be->why, sizeof(be->why), fmt, ap);
	va_end(ap);
	return VU_E_VIOLATION;
}

int vu_host_fail(struct vu_backend *be, int error, const char *what)
{
	vu_fail(be, "%s: %s", what, strerror(-error));
	return error;
}

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
	close_fd(be->log_fd);
	be->ops->reset(be->arg);
	vu_channel_close(&be->channel);

	const struct vu_backend old = *be;
	vu_backend_init(be, old.ops, old.arg, old.n_queues, old.config_len);
	be->offers_postcopy = old.offers_postcopy;
	be->offers_iommu = old.offers_iommu;
	be->offers_inband = old.offers_inband;
	vu_channel_init(&be->channel, old.channel.watch, old.channel.arg);
}

static int get_features(struct vu_backend *be, struct vu_message *msg,
			struct vu_queue *q)
{
	msg->p.u64 = vu_backend_features(be);
	return 0;
}

static bool any_runs(const struct vu_backend *be)
{
	bool runs = false;

	for (unsigned int i = 0; i < be->n_queues; i++)
		runs |= be->queue[i].running;
	return runs;
}

static int set_features(struct vu_backend *be, struct vu_message *msg,
			struct vu_queue *q)
{
	uint64_t unknown = msg->p.u64 & ~vu_backend_features(be);
	int r;

	if (unknown)
		return vu_fail(be, "feature bits 0x%llx were not offered",
			       (unsigned long long)unknown);
	if (vu_feature_in(be->features ^ msg->p.u64, VIRTIO_F_RING_PACKED) &&
	    any_runs(be))
		return vu_fail(be, "the layout of rings that run is settled");
	r = vu_iotlb_use(be,
			 vu_feature_in(msg->p.u64, VIRTIO_F_ACCESS_PLATFORM));
	if (r)
		return r;
	/* Other features of a ring count from when it is started again. */
	be->features = msg->p.u64;
	vu_log_update(be);
	if (vu_has_feature(be, VU_F_PROTOCOL_FEATURES))
		return 0;
	/* A front-end that does not know SET_VRING_ENABLE: all are enabled. */
	for (unsigned int i = 0; i < be->n_queues; i++) {
		be->queue[i].enabled = true;
		if (vu_queue_update(be, &be->queue[i]))
			return VU_E_VIOLATION;
	}
	return 0;
}

static int get_protocol_features(struct vu_backend *be, struct vu_message *msg,
				 struct vu_queue *q)
{
	msg->p.u64 = vu_backend_protocol_features(be);
	return 0;
}

static int set_protocol_features(struct vu_backend *be, struct vu_message *msg,
				 struct vu_queue *q)
{
	uint64_t unknown = msg->p.u64 & ~vu_backend_protocol_features(be);

	if (unknown)
		return vu_fail(be, "feature bits 0x%llx were not offered",
			       (unsigned long long)unknown);
	/* "considered an error": vhost-user, "In-band notifications". */
	if (vu_feature_in(msg->p.u64, VU_PROTOCOL_F_INBAND_NOTIFICATIONS) &&
	    !(vu_feature_in(msg->p.u64, VU_PROTOCOL_F_BACKEND_REQ) &&
	      vu_feature_in(msg->p.u64, VU_PROTOCOL_F_REPLY_ACK)))
		return vu_fail(be, "INBAND_NOTIFICATIONS needs BACKEND_REQ "
				   "and REPLY_ACK");
	be->protocol_features = msg->p.u64;
	be->channel.acks = vu_has_protocol_feature(be, VU_PROTOCOL_F_REPLY_ACK);
	return 0;
}

static int get_queue_num(struct vu_backend *be, struct vu_message *msg,
			 struct vu_queue *q)
{
	msg->p.u64 = be->n_queues;
	return 0;
}

/* One row is all that a message needs, beside its handler. */
struct row {
	struct vu_rule rule;
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
/* Payload size, fds, protocol feature, queue index, reply. */
#define ROW(REQ, HANDLER, ...) \
	[VU_##REQ] = { { VU_##REQ, #REQ, __VA_ARGS__ }, HANDLER }
/* What tells, what asks, and what is about a queue. */
#define SET(REQ, HANDLER, ...) \
	ROW(REQ, HANDLER, __VA_ARGS__, VU_QUEUE_NONE, VU_REPLY_NONE)
#define GET(REQ, HANDLER, ...) \
	ROW(REQ, HANDLER, __VA_ARGS__, VU_QUEUE_NONE, VU_REPLY_U64)
#define VRING(REQ, HANDLER, SIZE) \
	ROW(REQ, HANDLER, SIZE, 0, ALWAYS, VU_QUEUE_IN_##SIZE, VU_REPLY_NONE)

static const struct row rows[] = {
	GET(GET_FEATURES, get_features, NOTHING, 0, ALWAYS),
	SET(SET_FEATURES, set_features, U64, 0, ALWAYS),
	SET(SET_OWNER, vu_set_owner, NOTHING, 0, ALWAYS),
	SET(RESET_OWNER, vu_reset_owner, NOTHING, 0, ALWAYS),
	SET(SET_MEM_TABLE, vu_set_mem_table, MEM_TABLE, 0, ALWAYS),
	ROW(SET_LOG_BASE, vu_set_log_base, LOG, 1, FEATURE(LOG_SHMFD),
	    VU_QUEUE_NONE, VU_REPLY_SAME),
	SET(SET_LOG_FD, vu_set_log_fd, NOTHING, 1, ALWAYS),
	VRING(SET_VRING_NUM, vu_set_vring_num, STATE),
	VRING(SET_VRING_ADDR, vu_set_vring_addr, ADDR),
	VRING(SET_VRING_BASE, vu_set_vring_base, STATE),
	ROW(GET_VRING_BASE, vu_get_vring_base, STATE, 0, ALWAYS,
	    VU_QUEUE_IN_STATE, VU_REPLY_SAME),
	VRING(SET_VRING_KICK, vu_set_vring_kick, U64),
	VRING(SET_VRING_CALL, vu_set_vring_call, U64),
	VRING(SET_VRING_ERR, vu_set_vring_err, U64),
	VRING(SET_VRING_ENABLE, vu_set_vring_enable, STATE),
	GET(GET_PROTOCOL_FEATURES, get_protocol_features, NOTHING, 0, ALWAYS),
	SET(SET_PROTOCOL_FEATURES, set_protocol_features, U64, 0, ALWAYS),
	GET(GET_QUEUE_NUM, get_queue_num, NOTHING, 0, FEATURE(MQ)),
	SET(SET_BACKEND_REQ_FD, vu_set_backend_req_fd, NOTHING, 1,
	    FEATURE(BACKEND_REQ)),
	GET(IOTLB_MSG, vu_iotlb_msg, IOTLB, 0, ALWAYS),
	ROW(GET_CONFIG, vu_get_config, CONFIG, 0, FEATURE(CONFIG), VU_QUEUE_NONE,
	    VU_REPLY_SAME),
	SET(SET_CONFIG, vu_set_config, CONFIG, 0, FEATURE(CONFIG)),
	ROW(POSTCOPY_ADVISE, vu_postcopy_advise, NOTHING, 0, FEATURE(PAGEFAULT),
	    VU_QUEUE_NONE, VU_REPLY_SAME),
	SET(POSTCOPY_LISTEN, vu_postcopy_listen, NOTHING, 0,
	    FEATURE(PAGEFAULT)),
	GET(POSTCOPY_END, vu_postcopy_end, NOTHING, 0, FEATURE(PAGEFAULT)),
	ROW(GET_INFLIGHT_FD, vu_get_inflight_fd, INFLIGHT, 0,
	    FEATURE(INFLIGHT_SHMFD), VU_QUEUE_NONE, VU_REPLY_SAME),
	SET(SET_INFLIGHT_FD, vu_set_inflight_fd, INFLIGHT, 1,
	    FEATURE(INFLIGHT_SHMFD)),
	ROW(VRING_KICK, vu_vring_kick, STATE, 0,
	    FEATURE(INBAND_NOTIFICATIONS), VU_QUEUE_IN_STATE, VU_REPLY_NONE),
	SET(RESET_DEVICE, vu_reset_device, NOTHING, 0, FEATURE(RESET_DEVICE)),
	GET(GET_MAX_MEM_SLOTS, vu_get_max_mem_slots, NOTHING, 0,
	    FEATURE(CONFIGURE_MEM_SLOTS)),
	/* It may be a postcopy ack, without region and fd. */
	SET(ADD_MEM_REG, vu_add_mem_reg, 8, sizeof(struct vu_single_region), 0,
	    FEATURE(CONFIGURE_MEM_SLOTS)),
	SET(REM_MEM_REG, vu_rem_mem_reg, REGION, 0,
	    FEATURE(CONFIGURE_MEM_SLOTS)),
	SET(SET_STATUS, vu_set_status, U64, 0, FEATURE(STATUS)),
	GET(GET_STATUS, vu_get_status, NOTHING, 0, FEATURE(STATUS)),
	ROW(SET_DEVICE_STATE_FD, vu_set_device_state_fd, STATE_FD, 1,
	    FEATURE(DEVICE_STATE), VU_QUEUE_NONE, VU_REPLY_U64),
	GET(CHECK_DEVICE_STATE, vu_check_device_state, NOTHING, 0,
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

/* VU_PROTOCOL_F_REPLY_ACK: 0 says that it was done. */
static bool wants_ack(const struct vu_backend *be, const struct vu_message *msg)
{
	return vu_has_protocol_feature(be, VU_PROTOCOL_F_REPLY_ACK) &&
	       msg->hdr.flags & VU_FLAG_NEED_REPLY;
}

static int check_and_handle(struct vu_backend *be, const struct row *row,
			    struct vu_message *msg)
{
	unsigned int queue = 0;
	char buf[96];
	const char *wrong =
		vu_message_check(msg, &row->rule, be->protocol_features,
				 be->n_queues, &queue, buf);

	if (wrong)
		return vu_fail(be, "%s", wrong);
	return row->handler(be, msg, &be->queue[queue]);
}

int vu_backend_handle(struct vu_backend *be, struct vu_message *msg)
{
	const struct row *row = row_of(msg->hdr.request);
	enum vu_reply reply = row->rule.reply;
	bool ack = wants_ack(be, msg) && reply == VU_REPLY_NONE;
	int r = check_and_handle(be, row, msg);

	vu_message_close_fds(msg);
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
