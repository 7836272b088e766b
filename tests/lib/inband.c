/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "tests/lib/inband.h"

void inband_want(struct rig *rig)
{
	if (!rig->srv.pid)
		process_arg(&rig->srv, "--inband");
	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_BACKEND_REQ) |
				 BIT(VU_PROTOCOL_F_REPLY_ACK) |
				 BIT(VU_PROTOCOL_F_INBAND_NOTIFICATIONS);
	/*
	 * A call for each batch, not only when the driver has used up all
	 * buffers.
	 */
	rig->fe.want_features &= ~BIT(VIRTIO_F_EVENT_IDX);
}

static void describe_queue(struct rig *rig, unsigned int i)
{
	const struct fe_msg num =
		fe_msg_state(VU_SET_VRING_NUM, i, rig->fe.ring[i].num);
	const struct fe_msg base = fe_msg_state(
		VU_SET_VRING_BASE, i, fe_ring_base_after(&rig->fe.ring[i], 0));
	const struct fe_msg enable = fe_msg_state(VU_SET_VRING_ENABLE, i, 1);

	assert_ok(fe_request(&rig->fe, &num));
	assert_ok(fe_request(&rig->fe, &base));
	assert_ok(fe_set_vring_addr(&rig->fe, i));
	assert_ok(fe_request(&rig->fe, &enable));
}

void inband_prepare(struct rig *rig, struct frontend *channel)
{
	inband_want(rig);
	if (!rig->srv.pid)
		rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	channel_open(rig, channel, 0);
	assert_ok(fe_set_features(&rig->fe));
	assert_ok(fe_share_memory(&rig->fe));
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		describe_queue(rig, i);
}

void inband_run(struct rig *rig, struct frontend *channel)
{
	inband_prepare(rig, channel);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(inband_kick(rig, i));
}

int inband_kick(struct rig *rig, unsigned int queue)
{
	struct fe_msg msg = fe_msg_state(VU_VRING_KICK, queue, 0);

	return fe_request(&rig->fe, &msg);
}

void inband_expect_unanswered(struct rig *rig, struct frontend *channel,
			      uint32_t request, unsigned int queue)
{
	const struct fe_ring *ring = &rig->fe.ring[queue];
	int fd = request == VU_BACKEND_VRING_CALL ? ring->call : ring->err;
	struct fe_msg msg = channel_expect(rig, channel, request);
	const uint64_t one = 1;

	assert_num(msg.hdr.size, sizeof(msg.state));
	assert_num(msg.state.index, queue);
	assert_num(msg.state.num, 0);
	assert_num(write(fd, &one, sizeof(one)), sizeof(one));
}

void inband_answer(struct frontend *channel, uint32_t request)
{
	struct fe_msg answer = channel_answer(request, 0);

	assert_ok(fe_send(channel, &answer));
}

void inband_expect(struct rig *rig, struct frontend *channel, uint32_t request,
		   unsigned int queue)
{
	inband_expect_unanswered(rig, channel, request, queue);
	inband_answer(channel, request);
}

void inband_post_status(struct rig *rig, struct vi_event ev)
{
	struct fe_ring *ring = &rig->fe.ring[FE_STATUSQ];
	uint16_t head = ring->avail_idx % ring->num;

	fe_ring_set_buffer(ring, &rig->fe.mem, head, 0);
	ring->buf[head] = ev;
	fe_ring_post(ring, head);
	fe_ring_publish(ring);
}
