/* SPDX-License-Identifier: Apache-2.0 */
/* What the back-end offers, and what a front-end may ack when. */
#include "input/vhost-user/vu-features.h"
#include "tests/lib/vt.h"

static const uint64_t usual =
	VT_BIT(VIRTIO_F_VERSION_1) | VT_BIT(VIRTIO_F_INDIRECT_DESC) |
	VT_BIT(VIRTIO_F_EVENT_IDX) | VT_BIT(VIRTIO_F_RING_PACKED) |
	VT_BIT(VIRTIO_F_IN_ORDER) | VT_BIT(VU_F_LOG_ALL) |
	VT_BIT(VU_F_PROTOCOL_FEATURES);

static void offers_the_usual_features(void **state)
{
	assert_num(vt_get(*state, VU_GET_FEATURES), usual);
}

static void offers_access_platform_on_request_only(void **state)
{
	struct vt *v = *state;

	vt_rejects(v, vt_u64(v, VU_SET_FEATURES, VT_BIT(33)),
		   "feature bits 0x200000000 were not offered");
	vu_backend_offer_iommu(&v->be);
	assert_num(vt_get(v, VU_GET_FEATURES), usual | VT_BIT(33));
	assert_rc(vt_u64(v, VU_SET_FEATURES, VT_BIT(33)), 0);
}

static void each_feature_bit_is_acked_only_if_offered(void **state)
{
	struct vt *v = *state;

	for (unsigned int bit = 0; bit < 64; bit++)
		assert_rc(vt_u64(v, VU_SET_FEATURES, VT_BIT(bit)),
			  usual >> bit & 1 ? 0 : VU_E_VIOLATION);
}

static void each_protocol_bit_is_acked_only_if_offered(void **state)
{
	struct vt *v = *state;
	const uint64_t offered = vt_get(v, VU_GET_PROTOCOL_FEATURES);

	assert_num(offered, VT_BIT(0) | VT_BIT(1) | VT_BIT(3) | VT_BIT(5) |
				    VT_BIT(9) | VT_BIT(10) | VT_BIT(12) |
				    VT_BIT(13) | VT_BIT(15) | VT_BIT(16) |
				    VT_BIT(19));
	for (unsigned int bit = 0; bit < 64; bit++)
		assert_rc(vt_u64(v, VU_SET_PROTOCOL_FEATURES, VT_BIT(bit)),
			  offered >> bit & 1 ? 0 : VU_E_VIOLATION);
}

/* What is left needs no other fds than memory, kicks, calls and the channel. */
static void fewer_protocol_features_are_offered_behind_a_device(void **state)
{
	struct vt *v = *state;

	vu_backend_set_behind_device(&v->be);
	v->be.offers_postcopy = true;
	for (int i = 0; i < 2; i++) {
		assert_num(vt_get(v, VU_GET_PROTOCOL_FEATURES),
			   VT_BIT(0) | VT_BIT(3) | VT_BIT(5) | VT_BIT(9) |
				   VT_BIT(13) | VT_BIT(16));
		/* Nor for the next front-end. */
		vu_backend_disconnect(&v->be);
		assert_true(v->be.mem.of_device);
	}
}

static void inband_notifications_need_acks_and_the_channel(void **state)
{
	const uint64_t inband = VT_BIT(VU_PROTOCOL_F_INBAND_NOTIFICATIONS);
	const uint64_t req = VT_BIT(VU_PROTOCOL_F_BACKEND_REQ);
	const uint64_t ack = VT_BIT(VU_PROTOCOL_F_REPLY_ACK);
	struct vt *v = *state;

	vu_backend_offer_inband(&v->be);
	vt_rejects(v, vt_u64(v, VU_SET_PROTOCOL_FEATURES, inband | req),
		   "INBAND_NOTIFICATIONS needs");
	vt_rejects(v, vt_u64(v, VU_SET_PROTOCOL_FEATURES, inband | ack),
		   "INBAND_NOTIFICATIONS needs");
	assert_rc(vt_u64(v, VU_SET_PROTOCOL_FEATURES, inband | req | ack), 0);
}

static void the_last_acked_features_count(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, VT_BIT(VIRTIO_F_EVENT_IDX), 0);
	assert_true(vu_has_feature(&v->be, VIRTIO_F_EVENT_IDX));
	assert_true(vu_has_feature(&v->be, VIRTIO_F_VERSION_1));
	assert_false(vu_has_feature(&v->be, VIRTIO_F_INDIRECT_DESC));
	vt_negotiate(v, VT_BIT(VIRTIO_F_INDIRECT_DESC), 0);
	assert_false(vu_has_feature(&v->be, VIRTIO_F_EVENT_IDX));
	assert_true(vu_has_feature(&v->be, VIRTIO_F_INDIRECT_DESC));
}

static void a_rejected_set_changes_nothing(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, VT_BIT(VIRTIO_F_EVENT_IDX), VT_BIT(0));
	vt_rejects(v, vt_u64(v, VU_SET_FEATURES, VT_BIT(63)), "feature bits");
	vt_rejects(v, vt_u64(v, VU_SET_PROTOCOL_FEATURES, VT_BIT(63)),
		   "feature bits");
	assert_true(vu_has_feature(&v->be, VIRTIO_F_EVENT_IDX));
	assert_true(vu_has_protocol_feature(&v->be, VU_PROTOCOL_F_MQ));
}

static void layout_stays_while(struct vt *v, unsigned int queue)
{
	vt_negotiate(v, 0, 0);
	vt_share(v);
	vt_start(v, queue);
	vt_rejects(v, vt_u64(v, VU_SET_FEATURES, VT_BIT(VIRTIO_F_RING_PACKED)),
		   "RING_PACKED changes while a queue is running");
	assert_rc(vt_u64(v, VU_SET_FEATURES,
			 VT_BIT(VIRTIO_F_EVENT_IDX) | VT_BIT(30)),
		  0);
	assert_rc(vt_state(v, VU_GET_VRING_BASE, queue, 0), VU_HAS_REPLY);
	assert_rc(vt_u64(v, VU_SET_FEATURES, VT_BIT(VIRTIO_F_RING_PACKED)), 0);
}

static void layout_stays_while_the_eventq_runs(void **state)
{
	layout_stays_while(*state, 0);
}

static void layout_stays_while_the_statusq_runs(void **state)
{
	layout_stays_while(*state, 1);
}

static void iommu_stays_while_a_queue_runs(void **state)
{
	struct vt *v = *state;

	vu_backend_offer_iommu(&v->be);
	vt_negotiate(v, 0, 0);
	vt_share(v);
	vt_start(v, 1);
	vt_rejects(v, vt_u64(v, VU_SET_FEATURES, VT_BIT(33) | VT_BIT(30)),
		   "ACCESS_PLATFORM changes while queue 1 is running");
}

/* "If VHOST_USER_F_PROTOCOL_FEATURES has not been negotiated ..." */
static void without_protocol_features_queues_are_enabled(void **state)
{
	struct vt *v = *state;

	vt_share(v);
	vt_set_ring(v, 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	assert_string_equal(vt_ops(v), "");
	assert_rc(vt_u64(v, VU_SET_FEATURES, VT_BIT(VIRTIO_F_VERSION_1)), 0);
	assert_string_equal(vt_ops(v), "started 0");
}

static void a_queue_that_waits_for_the_iommu_starts_without_it(void **state)
{
	struct vt *v = *state;

	vu_backend_offer_iommu(&v->be);
	vt_negotiate(v, VT_BIT(VIRTIO_F_ACCESS_PLATFORM), 0);
	vt_share(v);
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "");
	vt_negotiate(v, 0, 0);
	assert_string_equal(vt_ops(v), "started 0");
}

static void ring_features_count_when_the_queue_starts(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, VT_BIT(VIRTIO_F_EVENT_IDX), 0);
	vt_share(v);
	vt_start(v, 0);
	assert_true(v->be.queue[0].ring.event_idx);
	assert_false(v->be.queue[0].ring.indirect);
	assert_false(v->be.queue[0].ring.packed);
	vt_negotiate(v, VT_BIT(VIRTIO_F_INDIRECT_DESC), 0);
	assert_true(v->be.queue[0].ring.event_idx);
	assert_rc(vt_state(v, VU_GET_VRING_BASE, 0, 0), VU_HAS_REPLY);
	vt_start(v, 0);
	assert_false(v->be.queue[0].ring.event_idx);
	assert_true(v->be.queue[0].ring.indirect);
}

static void the_next_front_end_begins_with_none(void **state)
{
	struct vt *v = *state;

	vu_backend_offer_inband(&v->be);
	vt_negotiate(v, VT_BIT(VIRTIO_F_EVENT_IDX), VT_BIT(0));
	vu_backend_disconnect(&v->be);
	assert_num(v->be.features, 0);
	assert_num(v->be.protocol_features, 0);
	/* What is offered is the device's, and stays. */
	assert_true(vt_get(v, VU_GET_PROTOCOL_FEATURES) & VT_BIT(14));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VT(offers_the_usual_features),
		VT(offers_access_platform_on_request_only),
		VT(each_feature_bit_is_acked_only_if_offered),
		VT(each_protocol_bit_is_acked_only_if_offered),
		VT(fewer_protocol_features_are_offered_behind_a_device),
		VT(inband_notifications_need_acks_and_the_channel),
		VT(the_last_acked_features_count),
		VT(a_rejected_set_changes_nothing),
		VT(layout_stays_while_the_eventq_runs),
		VT(layout_stays_while_the_statusq_runs),
		VT(iommu_stays_while_a_queue_runs),
		VT(without_protocol_features_queues_are_enabled),
		VT(a_queue_that_waits_for_the_iommu_starts_without_it),
		VT(ring_features_count_when_the_queue_starts),
		VT(the_next_front_end_begins_with_none),
	};

	return cmocka_run_group_tests_name("vu-features", tests, NULL, NULL);
}
