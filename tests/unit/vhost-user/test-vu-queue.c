/* SPDX-License-Identifier: Apache-2.0 */
/* What lets a queue run, and where its ring continues. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/vt.h"

static struct vt *shared(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0,
		     VT_BIT(VU_PROTOCOL_F_STATUS) |
			     VT_BIT(VU_PROTOCOL_F_RESET_DEVICE));
	vt_share(v);
	return v;
}

static struct vt *started(void **state)
{
	struct vt *v = shared(state);

	vt_start(v, 0);
	vt_start(v, 1);
	vt_ops(v);
	return v;
}

static uint32_t get_base(struct vt *v, uint32_t i)
{
	assert_rc(vt_state(v, VU_GET_VRING_BASE, i, 0), VU_HAS_REPLY);
	assert_num(v->msg.hdr.size, sizeof(struct vu_vring_state));
	assert_num(v->msg.p.state.index, i);
	return v->msg.p.state.num;
}

/* --- sizes, addresses, bases --- */

static void a_split_ring_has_a_power_of_two(void **state)
{
	struct vt *v = shared(state);
	const struct {
		uint32_t num;
		int r;
	} cases[] = {
		{ 0, VU_E_VIOLATION },
		{ 1, 0 },
		{ 2, 0 },
		{ 3, VU_E_VIOLATION },
		{ 32767, VU_E_VIOLATION },
		{ 32768, 0 },
		{ 65536, VU_E_VIOLATION },
		{ 65536 + 64, VU_E_VIOLATION },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, cases[i].num),
			  cases[i].r);
}

static void a_packed_ring_has_any_number_up_to_32768(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, VT_BIT(VIRTIO_F_RING_PACKED), 0);
	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, 3), 0);
	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, 32768), 0);
	vt_rejects(v, vt_state(v, VU_SET_VRING_NUM, 0, 32769),
		   "invalid ring size 32769: must be a number from 1 to 32768");
	vt_rejects(v, vt_state(v, VU_SET_VRING_NUM, 0, 0),
		   "invalid ring size 0");
}

static void a_size_that_no_split_ring_has_is_found_at_the_start(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, VT_BIT(VIRTIO_F_RING_PACKED), 0);
	vt_share(v);
	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, 5), 0);
	assert_rc(vt_set_addr(v, 0, VT_UVA), 0);
	vt_negotiate(v, 0, 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	vt_rejects(v, vt_state(v, VU_SET_VRING_ENABLE, 0, 1),
		   "invalid ring size 5: must be a power of two");
	assert_string_equal(vt_ops(v), "");
}

static void addresses_need_a_size(void **state)
{
	struct vt *v = shared(state);

	vt_rejects(v, vt_set_addr(v, 1, VT_UVA),
		   "queue 1 has no size: SET_VRING_NUM must come first");
}

static int set_addrs(struct vt *v, uint64_t desc, uint64_t avail, uint64_t used)
{
	struct vu_vring_addr addr = { .desc_user = VT_UVA + desc,
				      .avail_user = VT_UVA + avail,
				      .used_user = VT_UVA + used };

	return vt_send(v, VU_SET_VRING_ADDR, &addr, sizeof(addr), -1);
}

static void addresses_are_aligned_to_16_2_and_4(void **state)
{
	struct vt *v = shared(state);

	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, VT_NUM), 0);
	assert_rc(set_addrs(v, 16, 2, 4), 0);
	vt_rejects(v, set_addrs(v, 8, 2, 4), "misaligned ring of queue 0");
	vt_rejects(v, set_addrs(v, 16, 1, 4), "misaligned ring of queue 0");
	vt_rejects(v, set_addrs(v, 16, 2, 2), "misaligned ring of queue 0");
}

static void a_packed_ring_is_aligned_to_16_4_and_4(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, VT_BIT(VIRTIO_F_RING_PACKED), 0);
	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, VT_NUM), 0);
	assert_rc(set_addrs(v, 16, 4, 4), 0);
	vt_rejects(v, set_addrs(v, 16, 2, 4), "misaligned ring of queue 0");
}

static void unknown_flags_of_addresses_are_rejected(void **state)
{
	struct vt *v = shared(state);
	struct vu_vring_addr addr = { .flags = 1 };

	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, VT_NUM), 0);
	assert_rc(vt_send(v, VU_SET_VRING_ADDR, &addr, sizeof(addr), -1), 0);
	addr.flags = 2;
	vt_rejects(v, vt_send(v, VU_SET_VRING_ADDR, &addr, sizeof(addr), -1),
		   "unknown flags 0x2");
}

static void a_split_base_has_16_bits(void **state)
{
	struct vt *v = shared(state);

	assert_rc(vt_state(v, VU_SET_VRING_BASE, 0, 65535), 0);
	vt_rejects(v, vt_state(v, VU_SET_VRING_BASE, 0, 65536),
		   "invalid base 65536");
}

static void size_and_base_stay_while_the_queue_runs(void **state)
{
	struct vt *v = started(state);

	vt_rejects(v, vt_state(v, VU_SET_VRING_NUM, 0, 4),
		   "queue 0 is running: GET_VRING_BASE must come first");
	vt_rejects(v, vt_state(v, VU_SET_VRING_BASE, 1, 0),
		   "queue 1 is running");
	get_base(v, 0);
	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, 4), 0);
	vt_rejects(v, vt_state(v, VU_SET_VRING_NUM, 1, 4),
		   "queue 1 is running");
}

/* --- start and stop --- */

static void a_queue_runs_when_nothing_is_missing_in_any_order(void **state)
{
	struct vt *v = shared(state);

	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, VT_NUM), 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	assert_string_equal(vt_ops(v), "");
	assert_rc(vt_set_addr(v, 0, VT_UVA), 0);
	assert_string_equal(vt_ops(v), "started 0");
	assert_true(v->be.queue[0].running);
	assert_false(v->be.queue[1].running);
}

static void a_disabled_queue_stops_and_is_resumed(void **state)
{
	struct vt *v = started(state);

	vt_post(v, 0, 1);
	assert_rc(vt_use_one(v, 0), 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 0), 0);
	assert_string_equal(vt_ops(v), "stopped 0");
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 0), 0);
	assert_string_equal(vt_ops(v), "");
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_string_equal(vt_ops(v), "resumed 0");
}

static void enabling_is_0_or_1(void **state)
{
	struct vt *v = shared(state);

	vt_rejects(v, vt_state(v, VU_SET_VRING_ENABLE, 0, 2),
		   "invalid value 2: must be 0 or 1");
}

static void a_running_queue_is_started_once(void **state)
{
	struct vt *v = started(state);

	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_rc(vt_empty(v, VU_SET_OWNER), 0);
	assert_string_equal(vt_ops(v), "");
}

static void another_kick_fd_replaces_the_first(void **state)
{
	struct vt *v = started(state);
	int old = v->be.queue[0].kick_fd;

	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[1]), 0);
	assert_string_equal(vt_ops(v), "kick_fd 0");
	assert_true(v->be.queue[0].kick_fd >= 0);
	assert_true(v->be.queue[0].kick_fd != old);
	assert_num(fcntl(old, F_GETFD), -1);
}

static void a_bad_kick_fd_leaves_the_first(void **state)
{
	struct vt *v = started(state);
	int old = v->be.queue[0].kick_fd;

	vt_rejects(v, vt_fd(v, VU_SET_VRING_KICK, 0, v->mem_fd),
		   "its fd is neither an eventfd nor a pipe");
	assert_num(v->be.queue[0].kick_fd, old);
	assert_sys(fcntl(old, F_GETFD));
	assert_string_equal(vt_ops(v), "");
}

static void the_nofd_bit_starts_a_queue_that_is_polled(void **state)
{
	struct vt *v = shared(state);

	vt_set_ring(v, 0);
	assert_rc(vt_u64(v, VU_SET_VRING_KICK, VU_VRING_NOFD), 0);
	assert_false(vu_backend_polled(&v->be, 0));
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_true(vu_backend_polled(&v->be, 0));
	assert_num(vu_backend_kick_fd(&v->be, 0), -1);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	assert_false(vu_backend_polled(&v->be, 0));
}

static void a_ring_outside_memory_is_rejected_when_the_queue_starts(
	void **state)
{
	struct vt *v = shared(state);

	assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, VT_NUM), 0);
	assert_rc(vt_set_addr(v, 0, VT_UVA + VT_MEM_LEN), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	vt_rejects(v, vt_state(v, VU_SET_VRING_ENABLE, 0, 1),
		   "the ring of queue 0 is outside the shared memory");
	assert_string_equal(vt_ops(v), "");
}

static void a_running_ring_may_move_but_not_out_of_memory(void **state)
{
	struct vt *v = started(state);
	const uint8_t *desc = v->be.queue[1].ring.desc;

	assert_rc(vt_set_addr(v, 1, VT_UVA + 0x100), 0);
	assert_ptr_equal(v->be.queue[1].ring.desc, desc + 0x100);
	assert_string_equal(vt_ops(v), "");
	vt_rejects(v, vt_set_addr(v, 1, VT_UVA + VT_MEM_LEN),
		   "the ring of queue 1 is outside the shared memory");
}

static void a_kick_message_starts_the_queue_and_is_taken_at_once(void **state)
{
	struct vt *v = *state;

	vu_backend_offer_inband(&v->be);
	vt_negotiate(v, 0, VT_BIT(14) | VT_BIT(5) | VT_BIT(3));
	vt_share(v);
	vt_set_ring(v, 0);
	assert_rc(vt_state(v, VU_VRING_KICK, 0, 0), 0);
	assert_string_equal(vt_ops(v), "");
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_string_equal(vt_ops(v), "started 0");
	assert_rc(vt_state(v, VU_VRING_KICK, 0, 0), 0);
	assert_string_equal(vt_ops(v), "kicked 0");
	assert_rc(vt_empty(v, VU_SET_OWNER), 0);
	assert_string_equal(vt_ops(v), "");
	vt_rejects(v, vt_state(v, VU_VRING_KICK, 0, 1),
		   "invalid num 1: must be 0");
}

static void a_kick_message_that_starts_kicks_too(void **state)
{
	struct vt *v = *state;

	vu_backend_offer_inband(&v->be);
	vt_negotiate(v, 0, VT_BIT(14) | VT_BIT(5) | VT_BIT(3));
	vt_share(v);
	vt_set_ring(v, 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_rc(vt_state(v, VU_VRING_KICK, 0, 0), 0);
	assert_string_equal(vt_ops(v), "started 0, kicked 0");
}

/* --- where it continues --- */

static void get_vring_base_stops_and_returns_the_position(void **state)
{
	struct vt *v = started(state);

	vt_post(v, 0, 3);
	assert_rc(vt_use_one(v, 0), 0);
	assert_rc(vt_use_one(v, 0), 0);
	assert_non_null(v->be.queue[0].ring.desc);
	assert_num(get_base(v, 0), 2);
	assert_string_equal(vt_ops(v), "stopped 0");
	assert_null(v->be.queue[0].ring.desc); /* its memory may go */
	assert_num(v->be.queue[0].kick_fd, -1);
	assert_num(v->be.queue[0].call_fd, -1);
	assert_num(v->be.queue[0].err_fd, -1);
	assert_num(get_base(v, 0), 2);
	assert_string_equal(vt_ops(v), "");
}

static void a_queue_that_never_ran_begins_at_0(void **state)
{
	assert_num(get_base(shared(state), 1), 0);
}

static void a_packed_queue_that_never_ran_begins_with_wrap_counters(
	void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, VT_BIT(VIRTIO_F_RING_PACKED), 0);
	assert_num(get_base(v, 1), 0x80008000);
}

static void the_base_that_was_set_is_returned_until_the_queue_runs(void **state)
{
	struct vt *v = shared(state);

	assert_rc(vt_state(v, VU_SET_VRING_BASE, 0, 7), 0);
	assert_num(get_base(v, 0), 7);
	/* It counts once. */
	assert_num(get_base(v, 0), 0);
	assert_rc(vt_state(v, VU_SET_VRING_BASE, 0, 7), 0);
	vt_start(v, 0);
	vt_post(v, 0, 1);
	assert_rc(vt_use_one(v, 0), 0);
	for (int i = 0; i < 2; i++)
		assert_num(get_base(v, 0), 1);
}

static void a_ring_continues_at_its_used_index_whatever_the_base(void **state)
{
	struct vt *v = started(state);

	vt_post(v, 0, 3);
	assert_rc(vt_use_one(v, 0), 0);
	get_base(v, 0);
	assert_rc(vt_state(v, VU_SET_VRING_BASE, 0, 3), 0);
	vt_ops(v);
	vt_start(v, 0);
	/* With another base than it stopped at, it is another driver's. */
	assert_string_equal(vt_ops(v), "started 0");
	assert_rc(vt_use_one(v, 0), 0);
	assert_num(vt_used_idx(v, 0), 2);
}

static void the_base_it_stopped_at_resumes_the_driver(void **state)
{
	struct vt *v = started(state);

	vt_post(v, 0, 1);
	assert_rc(vt_use_one(v, 0), 0);
	assert_num(get_base(v, 0), 1);
	assert_rc(vt_state(v, VU_SET_VRING_BASE, 0, 1), 0);
	vt_ops(v);
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "resumed 0");
}

static void a_ring_that_was_not_used_is_resumed(void **state)
{
	struct vt *v = started(state);

	assert_num(get_base(v, 0), 0);
	assert_rc(vt_state(v, VU_SET_VRING_BASE, 0, 0), 0);
	vt_ops(v);
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "resumed 0");
}

/* Its index came round to 0, and that of the next driver begins there. */
static void an_unused_ring_after_a_used_one_is_not_resumed(void **state)
{
	struct vt *v = started(state);

	vt_post(v, 0, 1);
	assert_rc(vt_use_one(v, 0), 0);
	get_base(v, 0);
	v->be.queue[0].stopped_at = 0;
	memset(v->mem, 0, VT_MEM_LEN);
	assert_rc(vt_state(v, VU_SET_VRING_BASE, 0, 0), 0);
	vt_ops(v);
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "started 0");
}

static void a_reset_between_makes_another_driver(void **state)
{
	struct vt *v = started(state);

	vt_post(v, 0, 1);
	assert_rc(vt_use_one(v, 0), 0);
	assert_rc(vt_u64(v, VU_SET_STATUS, 0), 0);
	assert_string_equal(vt_ops(v), "stopped 0, stopped 1, reset");
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "started 0");
	/* Which resumes. */
	get_base(v, 0);
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "stopped 0, resumed 0");
}

static void what_a_driver_holds_is_known_until_another_starts(void **state)
{
	struct vt *v = started(state);
	struct vring *ring = &v->be.queue[0].ring;

	vt_post(v, 0, 2);
	assert_rc(vt_use_one(v, 0), 0);
	assert_num(vring_unreturned(ring), 1);
	get_base(v, 0);
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "stopped 0, resumed 0");
	assert_num(vring_unreturned(ring), 1);
	assert_rc(vt_u64(v, VU_SET_STATUS, 0), 0);
	vt_start(v, 0);
	assert_num(vring_unreturned(ring), 0);
}

static void the_layout_is_the_one_that_was_negotiated(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, VT_BIT(VIRTIO_F_RING_PACKED), 0);
	vt_share(v);
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "started 0");
	assert_num(get_base(v, 0), 0x80008000);
}

static void reset_device_disables_and_forgets_positions(void **state)
{
	struct vt *v = started(state);

	vt_post(v, 0, 1);
	assert_rc(vt_use_one(v, 0), 0);
	assert_rc(vt_empty(v, VU_RESET_DEVICE), 0);
	assert_string_equal(vt_ops(v), "stopped 0, stopped 1, reset");
	assert_num(get_base(v, 0), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	assert_string_equal(vt_ops(v), "");
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_string_equal(vt_ops(v), "started 0");
}

static void reset_owner_disables_and_forgets_nothing(void **state)
{
	struct vt *v = started(state);

	vt_post(v, 1, 1);
	assert_rc(vt_use_one(v, 1), 0);
	assert_rc(vt_empty(v, VU_RESET_OWNER), 0);
	assert_string_equal(vt_ops(v), "stopped 0, stopped 1");
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 1, 1), 0);
	assert_string_equal(vt_ops(v), "resumed 1");
}

static void reset_device_resumes_no_driver_whatever_the_base(void **state)
{
	struct vt *v = started(state);

	vt_post(v, 0, 1);
	assert_rc(vt_use_one(v, 0), 0);
	assert_rc(vt_empty(v, VU_RESET_DEVICE), 0);
	assert_rc(vt_state(v, VU_SET_VRING_BASE, 0, 1), 0);
	vt_ops(v);
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "started 0");
}

static void a_reset_forgets_the_base(void **state)
{
	struct vt *v = shared(state);

	assert_rc(vt_state(v, VU_SET_VRING_BASE, 0, 7), 0);
	assert_rc(vt_u64(v, VU_SET_STATUS, 0), 0);
	assert_num(get_base(v, 0), 0);
}

static void a_queue_that_stopped_is_polled_no_more(void **state)
{
	struct vt *v = *state;

	vu_backend_offer_inband(&v->be);
	vt_negotiate(v, 0, VT_BIT(14) | VT_BIT(5) | VT_BIT(3) | VT_BIT(16));
	vt_share(v);
	vt_start(v, 0);
	assert_rc(vt_u64(v, VU_SET_VRING_KICK, VU_VRING_NOFD), 0);
	assert_true(vu_backend_polled(&v->be, 0));
	get_base(v, 0);
	assert_rc(vt_state(v, VU_VRING_KICK, 0, 0), 0);
	assert_false(vu_backend_polled(&v->be, 0));
	assert_rc(vt_u64(v, VU_SET_VRING_KICK, VU_VRING_NOFD), 0);
	assert_rc(vt_u64(v, VU_SET_STATUS, 0), 0);
	assert_rc(vt_state(v, VU_VRING_KICK, 0, 0), 0);
	assert_non_null(vu_backend_ring(&v->be, 0));
	assert_false(vu_backend_polled(&v->be, 0));
}

/* --- broken --- */

static void a_broken_queue_stays_so_until_it_is_stopped(void **state)
{
	struct vt *v = started(state);

	vu_backend_break(&v->be, 0);
	assert_string_equal(vt_ops(v), "stopped 0");
	assert_num(vt_signals(v->err[0]), 1);
	assert_num(vt_signals(v->err[1]), 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 0), 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	assert_string_equal(vt_ops(v), "");
	assert_null(vu_backend_ring(&v->be, 0));
	get_base(v, 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	assert_string_equal(vt_ops(v), "resumed 0");
}

static void a_broken_queue_leaves_the_other_alone(void **state)
{
	struct vt *v = started(state);

	vu_backend_break(&v->be, 0);
	assert_non_null(vu_backend_ring(&v->be, 1));
	vt_post(v, 1, 1);
	assert_rc(vt_use_one(v, 1), 0);
}

static void a_broken_queue_needs_a_reset(void **state)
{
	struct vt *v = started(state);

	assert_rc(vt_u64(v, VU_SET_STATUS, 0xf), 0);
	vu_backend_break(&v->be, 0);
	assert_num(vt_get(v, VU_GET_STATUS), 0xf | 0x40);
	/* "MUST NOT clear" it but by a reset. */
	assert_rc(vt_u64(v, VU_SET_STATUS, 0xf), 0);
	assert_num(vt_get(v, VU_GET_STATUS), 0xf | 0x40);
	assert_rc(vt_u64(v, VU_SET_STATUS, 0), 0);
	assert_num(vt_get(v, VU_GET_STATUS), 0);
	vt_ops(v);
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "started 0");
}

/* --- the front-end goes --- */

static void disconnect_stops_and_forgets_all(void **state)
{
	struct vt *v = started(state);

	vu_backend_disconnect(&v->be);
	assert_string_equal(vt_ops(v), "stopped 0, stopped 1, reset");
	assert_num(v->be.mem.n, 0);
	vt_negotiate(v, 0, 0);
	vt_rejects(v, vt_set_addr(v, 0, VT_UVA), "queue 0 has no size");
	vu_backend_disconnect(&v->be);
	assert_string_equal(vt_ops(v), "reset");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VT(a_split_ring_has_a_power_of_two),
		VT(a_packed_ring_has_any_number_up_to_32768),
		VT(a_size_that_no_split_ring_has_is_found_at_the_start),
		VT(addresses_need_a_size),
		VT(addresses_are_aligned_to_16_2_and_4),
		VT(a_packed_ring_is_aligned_to_16_4_and_4),
		VT(unknown_flags_of_addresses_are_rejected),
		VT(a_split_base_has_16_bits),
		VT(size_and_base_stay_while_the_queue_runs),
		VT(a_queue_runs_when_nothing_is_missing_in_any_order),
		VT(a_disabled_queue_stops_and_is_resumed),
		VT(enabling_is_0_or_1),
		VT(a_running_queue_is_started_once),
		VT(another_kick_fd_replaces_the_first),
		VT(a_bad_kick_fd_leaves_the_first),
		VT(the_nofd_bit_starts_a_queue_that_is_polled),
		VT(a_ring_outside_memory_is_rejected_when_the_queue_starts),
		VT(a_running_ring_may_move_but_not_out_of_memory),
		VT(a_kick_message_starts_the_queue_and_is_taken_at_once),
		VT(a_kick_message_that_starts_kicks_too),
		VT(get_vring_base_stops_and_returns_the_position),
		VT(a_queue_that_never_ran_begins_at_0),
		VT(a_packed_queue_that_never_ran_begins_with_wrap_counters),
		VT(the_base_that_was_set_is_returned_until_the_queue_runs),
		VT(a_ring_continues_at_its_used_index_whatever_the_base),
		VT(the_base_it_stopped_at_resumes_the_driver),
		VT(a_ring_that_was_not_used_is_resumed),
		VT(an_unused_ring_after_a_used_one_is_not_resumed),
		VT(a_reset_between_makes_another_driver),
		VT(what_a_driver_holds_is_known_until_another_starts),
		VT(the_layout_is_the_one_that_was_negotiated),
		VT(reset_device_disables_and_forgets_positions),
		VT(reset_owner_disables_and_forgets_nothing),
		VT(reset_device_resumes_no_driver_whatever_the_base),
		VT(a_reset_forgets_the_base),
		VT(a_queue_that_stopped_is_polled_no_more),
		VT(a_broken_queue_stays_so_until_it_is_stopped),
		VT(a_broken_queue_leaves_the_other_alone),
		VT(a_broken_queue_needs_a_reset),
		VT(disconnect_stops_and_forgets_all),
	};

	return cmocka_run_group_tests_name("vu-queue", tests, NULL, NULL);
}
