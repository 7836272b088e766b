/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/reattach.h"

#include "injector/frontend/frontend-session.h"

#define ACKS (UINT64_C(1) << VU_PROTOCOL_F_REPLY_ACK)

/* clang-format off */
const struct reattach_style reattach_styles[REATTACH_STYLES] = {
	[REATTACH_CROSVM] = {
		"crosvm", false, true, false, BASE_0,
		{ REATTACH_NUM, REATTACH_ADDR, REATTACH_BASE, REATTACH_CALL,
		  REATTACH_KICK, REATTACH_ENABLE }, { REATTACH_END } },
	[REATTACH_CLOUD_HYPERVISOR] = {
		"Cloud Hypervisor", true, false, false, BASE_AVAIL,
		{ REATTACH_NUM, REATTACH_ADDR, REATTACH_BASE, REATTACH_CALL,
		  REATTACH_KICK }, { REATTACH_ENABLE } },
	[REATTACH_QEMU] = {
		"QEMU", false, false, true, BASE_USED,
		{ REATTACH_NUM, REATTACH_BASE, REATTACH_ADDR, REATTACH_KICK,
		  REATTACH_CALL }, { REATTACH_ENABLE } },
};
/* clang-format on */

/* In a packed ring there is no index: a front-end knows an old one, or made up.
 */
static uint32_t packed_base_of(enum reattach_base base,
			       const struct fe_ring *ring)
{
	return base == BASE_0 ? fe_ring_base_after(ring, 0)
			      : fe_ring_base(ring);
}

static uint32_t base_of(enum reattach_base base, const struct fe_ring *ring)
{
	if (ring->layout == FE_PACKED)
		return packed_base_of(base, ring);
	switch (base) {
	case BASE_0:
		return 0;
	case BASE_USED:
		return le16toh(ring->used->idx);
	case BASE_AVAIL:
		return le16toh(ring->avail->idx);
	}
	return 0;
}

/* Offered and acked features are always the same. */
static int negotiate(struct frontend *fe, const char *socket,
		     const struct reattach_style *style)
{
	int rc = fe_connect(fe, socket);

	fe->want_protocol &= ~ACKS;
	fe->want_protocol |= style->acks ? ACKS : 0;
	fe->mem_table = style->mem_table;
	return rc ? rc : fe_negotiate(fe);
}

static int tell(struct frontend *fe, const struct reattach_style *style,
		enum reattach_step step, unsigned int q)
{
	const struct fe_ring *ring = &fe->ring[q];
	struct fe_msg msg;

	switch (step) {
	case REATTACH_END:
		return 0;
	case REATTACH_ADDR:
		return fe_set_vring_addr(fe, q);
	case REATTACH_NUM:
		msg = fe_msg_state(VU_SET_VRING_NUM, q, ring->num);
		break;
	case REATTACH_BASE:
		msg = fe_msg_state(VU_SET_VRING_BASE, q,
				   base_of(style->base, ring));
		break;
	case REATTACH_CALL:
		msg = fe_msg_vring_fd(VU_SET_VRING_CALL, q, ring->call);
		break;
	case REATTACH_KICK:
		msg = fe_msg_vring_fd(VU_SET_VRING_KICK, q, ring->kick);
		break;
	case REATTACH_ENABLE:
		msg = fe_msg_state(VU_SET_VRING_ENABLE, q, 1);
		break;
	}
	return fe_request(fe, &msg);
}

/* The steps of a row for each ring, *left of them. */
static int tell_all(struct frontend *fe, const struct reattach_style *style,
		    const enum reattach_step *steps, size_t n, size_t *left)
{
	int rc = 0;

	for (unsigned int q = 0; q < FE_QUEUES; q++)
		for (size_t i = 0; i < n && steps[i] && *left && !rc; i++) {
			rc = tell(fe, style, steps[i], q);
			--*left;
		}
	return rc;
}

int reattach(struct frontend *fe, const char *socket,
	     const struct reattach_style *style, size_t n)
{
	size_t left = n > 3 ? n - 3 : 0;
	int rc = negotiate(fe, socket, style);

	if (!rc && n > 1)
		rc = fe_set_features(fe);
	if (!rc && n > 2)
		rc = fe_share_memory(fe);
	if (!rc)
		rc = tell_all(fe, style, style->each, 6, &left);
	if (!rc)
		rc = tell_all(fe, style, style->last, 1, &left);
	return rc;
}
