/* SPDX-License-Identifier: Apache-2.0 */
/* Memory tables and regions, and what becomes of rings when they change. */
#include <string.h>

#include "tests/lib/vt.h"

#define FAR_GPA 0x80000000u
#define FAR_UVA UINT64_C(0x7e0000000000)

static const struct vu_mem_region far = { FAR_GPA, 0x1000, FAR_UVA, 0 };
static const struct vu_mem_region near = { VT_GPA, VT_MEM_LEN, VT_UVA, 0 };

static struct vt *negotiated(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0, VT_BIT(VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS));
	return v;
}

static int region_msg(struct vt *v, uint32_t request,
		      const struct vu_mem_region *region, int fd)
{
	struct vu_single_region single = { .region = *region };

	return vt_send(v, request, &single, sizeof(single), fd);
}

static int add(struct vt *v, const struct vu_mem_region *region)
{
	return region_msg(v, VU_ADD_MEM_REG, region, v->mem_fd);
}

static int rem(struct vt *v, const struct vu_mem_region *region)
{
	return region_msg(v, VU_REM_MEM_REG, region, -1);
}

static void a_region_is_where_it_is_said_to_be(void **state)
{
	struct vt *v = negotiated(state);
	char got[4];

	memcpy(v->mem + 0x1fff, "abc", 3);
	assert_rc(add(v, &(struct vu_mem_region){ FAR_GPA, 0x2000, FAR_UVA,
						  0x1000 }),
		  0);
	assert_rc(guest_mem_read(&v->be.mem, (struct gpa){ FAR_GPA + 0xfff },
				 got, 3),
		  0);
	assert_memory_equal(got, "abc", 3);
	assert_true(
		guest_mem_has_uva(&v->be.mem, (struct uva){ FAR_UVA }, 0x2000));
	assert_false(
		guest_mem_has_uva(&v->be.mem, (struct uva){ FAR_UVA }, 0x2001));
}

static void a_region_without_fd_is_rejected(void **state)
{
	vt_rejects(*state,
		   region_msg(negotiated(state), VU_ADD_MEM_REG, &far, -1),
		   "the fd of the region is missing: the VMM must share");
}

static void a_region_must_fit_into_its_file(void **state)
{
	struct vt *v = negotiated(state);
	struct vu_mem_region region = { FAR_GPA, 0x1000, FAR_UVA,
					VT_MEM_LEN - 0x1000 };

	assert_rc(add(v, &region), 0);
	region.guest_addr = VT_GPA;
	region.user_addr = VT_UVA;
	region.mmap_offset++;
	vt_rejects(v, add(v, &region),
		   "region 0 (guest 0x40000000, 0x1000 bytes at 0xf001): ");
}

static void an_empty_region_is_rejected(void **state)
{
	vt_rejects(*state,
		   add(negotiated(state),
		       &(struct vu_mem_region){ FAR_GPA, 0, FAR_UVA, 0 }),
		   "region 0");
}

static void regions_must_not_overlap(void **state)
{
	struct vt *v = negotiated(state);
	struct vu_mem_region next = { FAR_GPA + 0x1000, 0x1000,
				      FAR_UVA + 0x1000, 0 };

	assert_rc(add(v, &far), 0);
	assert_rc(add(v, &next), 0);
	next.guest_addr += 0xfff;
	next.user_addr += 0x10000;
	vt_rejects(v, add(v, &next), "region 0");
	next.guest_addr += 0x10000;
	next.user_addr = FAR_UVA - 0xfff;
	vt_rejects(v, add(v, &next), "region 0");
}

static void there_are_as_many_slots_as_reported(void **state)
{
	struct vt *v = negotiated(state);
	const uint64_t slots = vt_get(v, VU_GET_MAX_MEM_SLOTS);

	assert_num(slots, GUEST_REGIONS_MAX);
	for (uint64_t i = 0; i <= slots; i++) {
		struct vu_mem_region region = { FAR_GPA + i * 0x1000, 0x1000,
						FAR_UVA + i * 0x1000, 0 };

		assert_rc(add(v, &region), i < slots ? 0 : VU_E_VIOLATION);
	}
}

static void only_the_very_region_is_removed(void **state)
{
	struct vt *v = negotiated(state);
	struct vu_mem_region other = far;

	assert_rc(add(v, &far), 0);
	other.size++;
	vt_rejects(v, rem(v, &other),
		   "guest 0x80000000, 0x1001 bytes: no such");
	other = far;
	other.user_addr--;
	vt_rejects(v, rem(v, &other),
		   "guest 0x80000000, 0x1000 bytes: no such");
	assert_rc(rem(v, &far), 0);
	vt_rejects(v, rem(v, &far), "guest 0x80000000, 0x1000 bytes: no such");
}

static void the_fd_of_a_removed_region_is_closed(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(add(v, &far), 0);
	/* Some front-ends send it; the teardown sees that it is closed. */
	assert_rc(region_msg(v, VU_REM_MEM_REG, &far, v->mem_fd), 0);
}

static int table(struct vt *v, uint32_t n_regions, uint32_t in_payload)
{
	struct vu_mem_table t = { .n_regions = n_regions };

	t.regions[0] = near;
	return vt_send(v, VU_SET_MEM_TABLE, &t,
		       8 + in_payload * (uint32_t)sizeof(t.regions[0]),
		       v->mem_fd);
}

static void a_table_has_the_regions_that_it_says(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(table(v, 1, 1), 0);
	assert_num(v->be.mem.n, 1);
	vt_rejects(v, table(v, 2, 1), "payload too short for 2 regions");
	vt_rejects(v, table(v, 2, 2), "2 regions, 1 fds: the VMM must share");
	vt_rejects(v, table(v, 9, 8), "invalid number of regions 9: at most 8");
	assert_rc(table(v, 0, 0), 0);
	assert_num(v->be.mem.n, 0);
}

static void a_table_replaces_the_one_before(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(add(v, &far), 0);
	assert_rc(table(v, 1, 1), 0);
	assert_num(v->be.mem.n, 1);
	assert_false(guest_mem_has_uva(&v->be.mem, (struct uva){ FAR_UVA }, 1));
	assert_true(guest_mem_has_uva(&v->be.mem, (struct uva){ VT_UVA }, 1));
}

static void a_running_ring_is_found_again_in_a_new_table(void **state)
{
	struct vt *v = negotiated(state);

	vt_share(v);
	vt_start(v, 0);
	vt_post(v, 0, 2);
	assert_rc(vt_use_one(v, 0), 0);
	vt_ops(v);
	assert_rc(table(v, 1, 1), 0);
	assert_string_equal(vt_ops(v), "");
	assert_rc(vt_use_one(v, 0), 0);
	assert_num(vt_used_idx(v, 0), 2);
}

static void a_running_ring_must_stay_in_memory(void **state)
{
	struct vt *v = negotiated(state);

	vt_share(v);
	vt_start(v, 1);
	assert_rc(add(v, &far), 0);
	assert_rc(rem(v, &far), 0);
	vt_rejects(v, rem(v, &near),
		   "the ring of queue 1 is outside the shared memory");
}

static void memory_may_go_when_no_queue_runs(void **state)
{
	struct vt *v = negotiated(state);

	vt_share(v);
	vt_start(v, 1);
	assert_rc(vt_state(v, VU_GET_VRING_BASE, 1, 0), VU_HAS_REPLY);
	assert_rc(rem(v, &near), 0);
	assert_num(v->be.mem.n, 0);
}

static void a_queue_may_start_after_its_memory_came(void **state)
{
	struct vt *v = negotiated(state);

	vt_set_ring(v, 0);
	assert_rc(add(v, &near), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_string_equal(vt_ops(v), "started 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VT(a_region_is_where_it_is_said_to_be),
		VT(a_region_without_fd_is_rejected),
		VT(a_region_must_fit_into_its_file),
		VT(an_empty_region_is_rejected),
		VT(regions_must_not_overlap),
		VT(there_are_as_many_slots_as_reported),
		VT(only_the_very_region_is_removed),
		VT(the_fd_of_a_removed_region_is_closed),
		VT(a_table_has_the_regions_that_it_says),
		VT(a_table_replaces_the_one_before),
		VT(a_running_ring_is_found_again_in_a_new_table),
		VT(a_running_ring_must_stay_in_memory),
		VT(memory_may_go_when_no_queue_runs),
		VT(a_queue_may_start_after_its_memory_came),
	};

	return cmocka_run_group_tests_name("vu-memory", tests, NULL, NULL);
}
