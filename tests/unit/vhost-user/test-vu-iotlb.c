/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue behind an IOMMU: what it asks for, what an answer does to it. I/O
 * virtual addresses here are those of the front-end, less VT_UVA, plus BASE.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/vt.h"

#define BASE	0x10000000u
#define RW	(GUEST_READ | GUEST_WRITE)
#define BUFFERS (BASE + VT_BUFFERS)

static int front_end; /* of the back-end channel, non-blocking */

static int setup(void **state)
{
	vt_setup(state);
	struct vt *v = *state;
	int fd[2];

	vu_backend_offer_iommu(&v->be);
	vt_negotiate(v, VT_BIT(VIRTIO_F_ACCESS_PLATFORM),
		     VT_BIT(VU_PROTOCOL_F_BACKEND_REQ) |
			     VT_BIT(VU_PROTOCOL_F_REPLY_ACK));
	vt_share(v);
	assert_sys(socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd));
	assert_rc(vt_send(v, VU_SET_BACKEND_REQ_FD, NULL, 0, fd[0]), 0);
	close(fd[0]);
	front_end = fd[1];
	return 0;
}

static int teardown(void **state)
{
	close(front_end);
	return vt_teardown(state);
}

/* --- the front-end's IOMMU --- */

static void expect_nothing(void)
{
	uint8_t byte;

	assert_num(recv(front_end, &byte, 1, MSG_PEEK), -1);
	assert_num(errno, EAGAIN);
}

static void expect(enum vu_iotlb_type type, uint64_t iova, uint32_t access)
{
	struct {
		struct vu_header hdr;
		struct vu_iotlb msg;
	} __attribute__((packed)) got;

	assert_num(recv(front_end, &got, sizeof(got), 0), sizeof(got));
	assert_num(got.hdr.request, VU_BACKEND_IOTLB_MSG);
	assert_num(got.msg.type, type);
	assert_num(got.msg.iova, iova);
	assert_num(got.msg.access, access);
}

static void expect_miss(uint64_t iova, uint32_t access)
{
	expect(VU_IOTLB_TYPE_MISS, iova, access);
}

static int iotlb(struct vt *v, struct vu_iotlb msg)
{
	return vt_send(v, VU_IOTLB_MSG, &msg, sizeof(msg), -1);
}

static int update(struct vt *v, uint64_t iova, uint64_t size, uint8_t access)
{
	return iotlb(v, (struct vu_iotlb){ iova, size, VT_UVA + (iova - BASE),
					   access, VU_IOTLB_TYPE_UPDATE });
}

static int invalidate(struct vt *v, uint64_t iova, uint64_t size)
{
	return iotlb(v, (struct vu_iotlb){ iova, size, 0, 0,
					   VU_IOTLB_TYPE_INVALIDATE });
}

static void answer(struct vt *v, uint64_t value)
{
	const struct {
		struct vu_header hdr;
		uint64_t value;
	} __attribute__((packed)) msg = {
		{ VU_BACKEND_IOTLB_MSG, VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8 },
		value,
	};
	struct vu_answer got;

	assert_num(send(front_end, &msg, sizeof(msg), 0), sizeof(msg));
	assert_num(vu_channel_receive(&v->be.channel, &got), 1);
	vu_backend_answered(&v->be, &got);
}

/* Buffers with I/O virtual addresses. */
static void post(struct vt *v, unsigned int n)
{
	vt_post(v, 0, n);
	for (unsigned int slot = 0; slot < VT_NUM; slot++) {
		const uint64_t addr = htole64(BUFFERS + slot * 8);

		memcpy(v->mem + VT_DESC(0) + slot * 16, &addr, sizeof(addr));
	}
}

static void start(struct vt *v)
{
	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, VT_NUM), 0);
	assert_rc(vt_set_addr(v, 0, BASE), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_ERR, 0, v->err[0]), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
}

/* The queue runs; its ring is known, its buffers are not. */
static struct vt *running(void **state)
{
	struct vt *v = *state;

	post(v, 4);
	assert_rc(update(v, BASE, VT_BUFFERS, RW), VU_HAS_REPLY);
	start(v);
	assert_string_equal(vt_ops(v), "started 0");
	expect_nothing();
	return v;
}

static void misses_a_buffer(struct vt *v)
{
	assert_rc(vt_use_one(v, 0), VRING_E_MISS);
	vu_backend_miss(&v->be, 0);
	expect_miss(BUFFERS, GUEST_WRITE);
}

/* --- the ring --- */

static void a_ring_that_is_known_starts_at_once(void **state)
{
	running(state);
}

static void a_ring_is_asked_for_part_by_part_before_it_starts(void **state)
{
	struct vt *v = *state;

	start(v);
	assert_string_equal(vt_ops(v), "");
	expect_miss(BASE, GUEST_READ);
	assert_rc(update(v, BASE, 0x100, GUEST_READ), VU_HAS_REPLY);
	expect_miss(BASE + VT_AVAIL(0), GUEST_READ);
	assert_rc(update(v, BASE + VT_AVAIL(0), 0x100, GUEST_READ),
		  VU_HAS_REPLY);
	expect_miss(BASE + VT_USED(0), RW);
	assert_string_equal(vt_ops(v), "");
	assert_rc(update(v, BASE + VT_USED(0), 0x100, RW), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "started 0");
	expect_nothing();
}

static void a_ring_is_asked_for_once(void **state)
{
	struct vt *v = *state;

	start(v);
	expect_miss(BASE, GUEST_READ);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_rc(vt_set_addr(v, 0, BASE), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	expect_nothing();
}

static void a_ring_that_moves_is_asked_for_where_it_is(void **state)
{
	struct vt *v = *state;

	start(v);
	expect_miss(BASE, GUEST_READ);
	assert_rc(vt_set_addr(v, 0, BASE + 0x100), 0);
	expect_miss(BASE + 0x100, GUEST_READ);
}

static void a_ring_that_moves_to_what_is_known_starts(void **state)
{
	struct vt *v = *state;

	post(v, 1);
	assert_rc(update(v, BASE, VT_BUFFERS, RW), VU_HAS_REPLY);
	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, VT_NUM), 0);
	assert_rc(vt_set_addr(v, 0, BUFFERS), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	expect_miss(BUFFERS, GUEST_READ);
	assert_rc(vt_set_addr(v, 0, BASE), 0);
	assert_string_equal(vt_ops(v), "started 0");
	misses_a_buffer(v);
}

static void a_queue_that_stops_waits_no_more(void **state)
{
	struct vt *v = *state;

	start(v);
	expect_miss(BASE, GUEST_READ);
	assert_rc(vt_state(v, VU_GET_VRING_BASE, 0, 0), VU_HAS_REPLY);
	assert_rc(update(v, BASE, VT_BUFFERS, RW), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "");
	expect_nothing();
	/* It starts again where it finds another ring. */
	assert_rc(vt_set_addr(v, 0, BASE + VT_BUFFERS), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	expect_miss(BASE + VT_BUFFERS, GUEST_READ);
}

static void a_ring_in_pieces_is_broken(void **state)
{
	struct vt *v = *state;

	assert_rc(update(v, BASE, 64, RW), VU_HAS_REPLY);
	/* The next bytes of the descriptors, but not the next of memory. */
	assert_rc(
		iotlb(v, (struct vu_iotlb){ BASE + 64, VT_BUFFERS - 64, VT_UVA,
					    RW, VU_IOTLB_TYPE_UPDATE }),
		VU_HAS_REPLY);
	start(v);
	assert_string_equal(vt_ops(v), "failed 0 the pages of the ring are not "
				       "contiguous");
	assert_num(vt_signals(v->err[0]), 1);
}

/* --- buffers --- */

static void a_buffer_is_asked_for_once_and_looked_at_then(void **state)
{
	struct vt *v = running(state);

	misses_a_buffer(v);
	vu_backend_miss(&v->be, 0);
	expect_nothing();
	assert_rc(vt_use_one(v, 0), 0); /* it waits: no buffer to be had */
	assert_num(vt_used_idx(v, 0), 0);
	assert_rc(update(v, BUFFERS, 8, GUEST_WRITE), VU_HAS_REPLY);
	assert_num(v->msg.p.u64, 0);
	assert_string_equal(vt_ops(v), "look 0");
	assert_rc(vt_use_one(v, 0), 0);
	assert_num(vt_used_idx(v, 0), 1);
	/* Once. */
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_string_equal(vt_ops(v), "");
}

static void an_update_beside_it_does_not_wake_the_queue(void **state)
{
	struct vt *v = running(state);

	misses_a_buffer(v);
	assert_rc(update(v, BUFFERS - 8, 8, RW), VU_HAS_REPLY);
	assert_rc(update(v, BUFFERS + 1, 7, RW), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "");
	assert_true(v->be.queue[0].ring.waits);
	assert_rc(update(v, BUFFERS, 1, RW), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "look 0");
}

static void an_update_that_ends_at_the_byte_wakes_the_queue(void **state)
{
	struct vt *v = running(state);

	misses_a_buffer(v);
	assert_rc(update(v, BUFFERS - 8, 9, RW), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "look 0");
}

static void an_update_without_the_access_breaks_the_queue(void **state)
{
	struct vt *v = running(state);

	misses_a_buffer(v);
	assert_rc(update(v, BUFFERS, 64, GUEST_READ), VU_HAS_REPLY);
	expect(VU_IOTLB_TYPE_ACCESS_FAIL, BUFFERS, GUEST_WRITE);
	assert_string_equal(vt_ops(v), "failed 0 address to which the IOMMU "
				       "denies access, stopped 0");
	assert_num(vt_signals(v->err[0]), 1);
}

static void an_update_to_what_is_not_shared_breaks_the_queue(void **state)
{
	struct vt *v = running(state);

	misses_a_buffer(v);
	assert_rc(iotlb(v, (struct vu_iotlb){ BUFFERS, 64, VT_UVA + VT_MEM_LEN,
					      RW, VU_IOTLB_TYPE_UPDATE }),
		  VU_HAS_REPLY);
	assert_num(v->msg.p.u64, 1);
	assert_string_equal(vt_ops(v), "failed 0 descriptor outside guest "
				       "memory, stopped 0");
}

static void an_answer_other_than_0_breaks_the_queue(void **state)
{
	struct vt *v = running(state);

	misses_a_buffer(v);
	answer(v, 0);
	assert_string_equal(vt_ops(v), "");
	assert_true(v->be.queue[0].ring.waits);
	assert_rc(update(v, BUFFERS, 8, RW), VU_HAS_REPLY);
	assert_rc(invalidate(v, BUFFERS, 8), VU_HAS_REPLY);
	vt_ops(v);
	misses_a_buffer(v);
	answer(v, 1);
	assert_string_equal(vt_ops(v), "failed 0 address to which the IOMMU "
				       "denies access, stopped 0");
}

static void an_answer_to_an_older_request_breaks_nothing(void **state)
{
	struct vt *v = running(state);

	misses_a_buffer(v);
	assert_rc(update(v, BUFFERS, 8, RW), VU_HAS_REPLY);
	assert_rc(invalidate(v, BUFFERS, 8), VU_HAS_REPLY);
	misses_a_buffer(v);
	vt_ops(v);
	answer(v, 1); /* to the first */
	assert_string_equal(vt_ops(v), "");
	answer(v, 1);
	assert_string_equal(vt_ops(v), "failed 0 address to which the IOMMU "
				       "denies access, stopped 0");
}

/* --- invalidation --- */

static void an_invalidated_ring_is_found_when_it_is_needed(void **state)
{
	struct vt *v = running(state);

	assert_rc(update(v, BUFFERS, 64, RW), VU_HAS_REPLY);
	assert_rc(invalidate(v, BASE + VT_USED(0), 1), VU_HAS_REPLY);
	assert_num(v->msg.p.u64, 0);
	assert_null(v->be.queue[0].ring.desc);
	expect_nothing();
	assert_rc(vt_use_one(v, 0), VRING_E_MISS);
	vu_backend_miss(&v->be, 0);
	expect_miss(BASE + VT_USED(0), RW);
	assert_rc(update(v, BASE + VT_USED(0), 0x100, RW), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "look 0");
	vu_backend_miss(&v->be, 0);
	assert_string_equal(vt_ops(v), "look 0");
	assert_rc(vt_use_one(v, 0), 0);
	assert_num(vt_used_idx(v, 0), 1);
}

static void an_invalidation_beside_the_ring_leaves_it(void **state)
{
	struct vt *v = running(state);

	/* The used ring: 6 bytes and 8 an element. */
	assert_rc(invalidate(v, BASE + VT_USED(0) + 6 + 8 * VT_NUM, 0x100),
		  VU_HAS_REPLY);
	assert_rc(invalidate(v, BASE - 0x100, 0x100), VU_HAS_REPLY);
	assert_non_null(v->be.queue[0].ring.desc);
	assert_rc(invalidate(v, BASE + VT_USED(0) + 5 + 8 * VT_NUM, 1),
		  VU_HAS_REPLY);
	assert_null(v->be.queue[0].ring.desc);
}

/* Its size is more than 64 bits hold from there. */
static void an_invalidation_ends_with_the_addresses(void **state)
{
	struct vt *v = running(state);

	assert_rc(invalidate(v, BASE - 0x100, UINT64_MAX), VU_HAS_REPLY);
	assert_null(v->be.queue[0].ring.desc);
}

static void size_0_at_0_invalidates_everything(void **state)
{
	struct vt *v = running(state);

	assert_rc(invalidate(v, 0, 0), VU_HAS_REPLY);
	assert_null(v->be.queue[0].ring.desc);
	assert_rc(vt_use_one(v, 0), VRING_E_MISS);
	vu_backend_miss(&v->be, 0);
	expect_miss(BASE, GUEST_READ);
}

static void a_new_memory_table_invalidates_everything(void **state)
{
	struct vt *v = running(state);

	vt_share(v);
	assert_null(v->be.queue[0].ring.desc);
	assert_string_equal(vt_ops(v), "");
	assert_rc(vt_use_one(v, 0), VRING_E_MISS);
	vu_backend_miss(&v->be, 0);
	expect_miss(BASE, GUEST_READ);
}

/* --- messages --- */

static void a_message_needs_the_feature(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0, 0);
	vt_rejects(v, update(v, BASE, 8, RW), "ACCESS_PLATFORM was not acked");
}

static void an_update_has_a_size_and_at_most_read_and_write(void **state)
{
	struct vt *v = *state;

	assert_rc(update(v, BASE, 1, 0), VU_HAS_REPLY);
	vt_rejects(v, update(v, BASE, 0, RW), "invalid update: 0x0 bytes");
	vt_rejects(v, update(v, BASE, 8, 4),
		   "invalid update: 0x8 bytes, access 4");
}

static void an_update_ends_inside_the_address_space(void **state)
{
	struct vt *v = *state;
	struct vu_iotlb msg = { UINT64_MAX - 7, 8, VT_UVA, RW,
				VU_IOTLB_TYPE_UPDATE };

	assert_rc(iotlb(v, msg), VU_HAS_REPLY);
	msg.size = 9;
	vt_rejects(v, iotlb(v, msg), "invalid update: 0x9 bytes at");
}

static void only_update_and_invalidate_are_for_a_device(void **state)
{
	struct vt *v = *state;

	for (uint8_t type = 0; type < 8; type++) {
		struct vu_iotlb msg = { BASE, 8, VT_UVA, RW, type };

		assert_rc(iotlb(v, msg), type == 2 || type == 3
						 ? VU_HAS_REPLY
						 : VU_E_VIOLATION);
	}
}

static void a_new_channel_is_asked_what_is_not_answered(void **state)
{
	struct vt *v = running(state);
	int fd[2];

	misses_a_buffer(v);
	close(front_end);
	assert_sys(socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd));
	front_end = fd[1];
	assert_rc(vt_send(v, VU_SET_BACKEND_REQ_FD, NULL, 0, fd[0]), 0);
	close(fd[0]);
	expect_miss(BUFFERS, GUEST_WRITE);
	expect_nothing();
}

#define I(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		I(a_ring_that_is_known_starts_at_once),
		I(a_ring_is_asked_for_part_by_part_before_it_starts),
		I(a_ring_is_asked_for_once),
		I(a_ring_that_moves_is_asked_for_where_it_is),
		I(a_ring_that_moves_to_what_is_known_starts),
		I(a_queue_that_stops_waits_no_more),
		I(a_ring_in_pieces_is_broken),
		I(a_buffer_is_asked_for_once_and_looked_at_then),
		I(an_update_beside_it_does_not_wake_the_queue),
		I(an_update_that_ends_at_the_byte_wakes_the_queue),
		I(an_update_without_the_access_breaks_the_queue),
		I(an_update_to_what_is_not_shared_breaks_the_queue),
		I(an_answer_other_than_0_breaks_the_queue),
		I(an_answer_to_an_older_request_breaks_nothing),
		I(an_invalidated_ring_is_found_when_it_is_needed),
		I(an_invalidation_beside_the_ring_leaves_it),
		I(an_invalidation_ends_with_the_addresses),
		I(size_0_at_0_invalidates_everything),
		I(a_new_memory_table_invalidates_everything),
		I(a_message_needs_the_feature),
		I(an_update_has_a_size_and_at_most_read_and_write),
		I(an_update_ends_inside_the_address_space),
		I(only_update_and_invalidate_are_for_a_device),
		I(a_new_channel_is_asked_what_is_not_answered),
	};

	return cmocka_run_group_tests_name("vu-iotlb", tests, NULL, NULL);
}
