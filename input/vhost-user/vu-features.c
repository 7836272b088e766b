/* SPDX-License-Identifier: Apache-2.0 */
#include "input/vhost-user/vu-features.h"
#include "input/vhost-user/vu-iotlb.h"
#include "input/vhost-user/vu-log.h"
#include "input/vhost-user/vu-queue.h"

#define BIT(n) (UINT64_C(1) << (n))

/*
 * ACCESS_PLATFORM only on request: QEMU (10.0) passes all features on to the
 * guest, also those of a device that it does not put behind the IOMMU (no
 * iommu_platform=on), and then translates nothing.
 */
uint64_t vu_features_offered(const struct vu_backend *be)
{
	return (be->offers_iommu ? BIT(VIRTIO_F_ACCESS_PLATFORM) : 0) |
	       BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_INDIRECT_DESC) |
	       BIT(VIRTIO_F_EVENT_IDX) | BIT(VIRTIO_F_RING_PACKED) |
	       BIT(VIRTIO_F_IN_ORDER) | BIT(VU_F_LOG_ALL) |
	       BIT(VU_F_PROTOCOL_FEATURES);
}

/*
 * INBAND_NOTIFICATIONS only on request: "it is not advised to use this feature
 * unless absolutely necessary", and QEMU acks each feature of a number that it
 * knows, also this one, which it does not implement.
 *
 * BACKEND_SEND_FD allows messages with fds on the back-end channel. An input
 * device sends none of them (host notifiers, shared objects, shared memory): it
 * is offered to front-ends that require it.
 *
 * Behind a device, what comes last needs fds that do not pass it.
 */
uint64_t vu_features_protocol_offered(const struct vu_backend *be)
{
	uint64_t offered =
		BIT(VU_PROTOCOL_F_MQ) | BIT(VU_PROTOCOL_F_REPLY_ACK) |
		BIT(VU_PROTOCOL_F_BACKEND_REQ) | BIT(VU_PROTOCOL_F_CONFIG) |
		BIT(VU_PROTOCOL_F_RESET_DEVICE) | BIT(VU_PROTOCOL_F_STATUS);

	if (be->offers_inband)
		offered |= BIT(VU_PROTOCOL_F_INBAND_NOTIFICATIONS);
	if (be->behind_device)
		return offered;
	if (be->offers_postcopy)
		offered |= BIT(VU_PROTOCOL_F_PAGEFAULT);
	return offered | BIT(VU_PROTOCOL_F_LOG_SHMFD) |
	       BIT(VU_PROTOCOL_F_BACKEND_SEND_FD) |
	       BIT(VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS) |
	       BIT(VU_PROTOCOL_F_INFLIGHT_SHMFD) |
	       BIT(VU_PROTOCOL_F_DEVICE_STATE);
}

int vu_get_features(struct vu_backend *be, struct vu_message *msg,
		    struct vu_queue *q)
{
	msg->p.u64 = vu_features_offered(be);
	return 0;
}

int vu_set_features(struct vu_backend *be, struct vu_message *msg,
		    struct vu_queue *q)
{
	uint64_t unknown = msg->p.u64 & ~vu_features_offered(be);
	int r;

	if (unknown)
		return vu_fail(be, "feature bits 0x%llx were not offered",
			       (unsigned long long)unknown);
	if (vu_feature_in(be->features ^ msg->p.u64, VIRTIO_F_RING_PACKED) &&
	    vu_queue_any_runs(be))
		return vu_fail(be, "RING_PACKED changes while a queue is "
				   "running");
	r = vu_iotlb_use(be,
			 vu_feature_in(msg->p.u64, VIRTIO_F_ACCESS_PLATFORM));
	if (r)
		return r;
	/* Other features of a ring count from when it is started again. */
	be->features = msg->p.u64;
	vu_log_update(be);
	/* A front-end that does not know SET_VRING_ENABLE: all are enabled. */
	if (!vu_has_feature(be, VU_F_PROTOCOL_FEATURES))
		for (unsigned int i = 0; i < be->n_queues; i++)
			be->queue[i].enabled = true;
	return 0;
}

int vu_get_protocol_features(struct vu_backend *be, struct vu_message *msg,
			     struct vu_queue *q)
{
	msg->p.u64 = vu_features_protocol_offered(be);
	return 0;
}

int vu_set_protocol_features(struct vu_backend *be, struct vu_message *msg,
			     struct vu_queue *q)
{
	uint64_t unknown = msg->p.u64 & ~vu_features_protocol_offered(be);

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
