/* SPDX-License-Identifier: Apache-2.0 */
/* Postcopy: no queue runs from a change of memory until that is acked. */
#include <errno.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/lib/vt.h"

static struct vt *advised(void **state)
{
	struct vt *v = *state;

	if (vu_backend_offer_postcopy(&v->be) < 0)
		skip_because("this host has no userfaultfd");
	vt_negotiate(v, 0,
		     VT_BIT(VU_PROTOCOL_F_PAGEFAULT) |
			     VT_BIT(VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS));
	assert_rc(vt_empty(v, VU_POSTCOPY_ADVISE), VU_HAS_REPLY);
	return v;
}

static struct vt *listening(void **state)
{
	struct vt *v = advised(state);

	assert_rc(vt_empty(v, VU_POSTCOPY_LISTEN), 0);
	return v;
}

static int table(struct vt *v, uint32_t n)
{
	struct vu_mem_table t = {
		.n_regions = n,
		.regions = { { VT_GPA, VT_MEM_LEN, VT_UVA, 0 } },
	};

	return vt_send(v, VU_SET_MEM_TABLE, &t,
		       8 + n * (uint32_t)sizeof(t.regions[0]), v->mem_fd);
}

static void advise_is_answered_with_a_userfaultfd(void **state)
{
	struct vt *v = advised(state);
	struct uffdio_range none = { 0 };

	assert_true(v->msg.reply_fd >= 0);
	/* Of other files the request would be unknown. */
	assert_num(ioctl(v->msg.reply_fd, UFFDIO_WAKE, &none), -1);
	assert_num(errno, EINVAL);
	assert_num(v->msg.hdr.size, 0);
}

static void listen_needs_advise(void **state)
{
	struct vt *v = advised(state);

	assert_num(vt_get(v, VU_POSTCOPY_END), 0);
	vt_rejects(v, vt_empty(v, VU_POSTCOPY_LISTEN),
		   "POSTCOPY_ADVISE must come first");
}

static void listen_comes_before_memory(void **state)
{
	struct vt *v = advised(state);

	vt_share(v);
	vt_rejects(v, vt_empty(v, VU_POSTCOPY_LISTEN),
		   "memory is shared already");
}

static void a_table_is_answered_with_where_it_lies_here(void **state)
{
	struct vt *v = listening(state);

	assert_rc(table(v, 1), VU_HAS_REPLY);
	assert_num(v->msg.hdr.size, 40);
	assert_num(v->msg.p.mem_table.regions[0].user_addr,
		   (uintptr_t)v->be.mem.region[0].local);
}

static void without_listen_a_table_is_not_answered(void **state)
{
	assert_rc(table(advised(state), 1), 0);
}

static void no_queue_starts_before_the_ack(void **state)
{
	struct vt *v = listening(state);

	assert_rc(table(v, 1), VU_HAS_REPLY);
	vt_start(v, 0);
	assert_string_equal(vt_ops(v), "");
	assert_rc(vt_empty(v, VU_SET_OWNER), 0);
	assert_string_equal(vt_ops(v), "");
	/* Memory that is all there needs nobody to bring it. */
	assert_num(vt_get(v, VU_POSTCOPY_END), 0);
	assert_string_equal(vt_ops(v), "started 0");
}

static void the_ack_lets_queues_run_and_the_next_change_stops_them(void **state)
{
	struct vt *v = listening(state);

	/* Pages that exist are not waited for. */
	memset(v->mem, 0, VT_MEM_LEN);
	assert_rc(table(v, 1), VU_HAS_REPLY);
	vt_start(v, 0);
	assert_rc(table(v, 0), 0);
	assert_string_equal(vt_ops(v), "started 0");
	assert_num(v->be.mem.n, 1);
	assert_rc(table(v, 1), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "stopped 0");
	assert_rc(vt_u64(v, VU_ADD_MEM_REG, 0), 0);
	assert_string_equal(vt_ops(v), "started 0");
	assert_num(vt_get(v, VU_POSTCOPY_END), 0);
}

static void a_region_is_answered_with_where_it_lies_here(void **state)
{
	struct vt *v = listening(state);
	struct vu_single_region single = { .region = { VT_GPA, VT_MEM_LEN,
						       VT_UVA, 0 } };

	assert_rc(
		vt_send(v, VU_ADD_MEM_REG, &single, sizeof(single), v->mem_fd),
		VU_HAS_REPLY);
	assert_num(v->msg.hdr.size, sizeof(single));
	assert_num(v->msg.p.single.region.user_addr,
		   (uintptr_t)v->be.mem.region[0].local);
}

static void the_end_lets_memory_be_as_usual(void **state)
{
	struct vt *v = listening(state);

	assert_rc(table(v, 1), VU_HAS_REPLY);
	assert_num(vt_get(v, VU_POSTCOPY_END), 0);
	assert_rc(table(v, 1), 0);
	assert_num(v->be.postcopy.uffd, -1);
}

static void an_ack_comes_only_when_it_is_due(void **state)
{
	struct vt *v = listening(state);

	vt_rejects(v, vt_u64(v, VU_ADD_MEM_REG, 0), "invalid payload size");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VT(advise_is_answered_with_a_userfaultfd),
		VT(listen_needs_advise),
		VT(listen_comes_before_memory),
		VT(a_table_is_answered_with_where_it_lies_here),
		VT(without_listen_a_table_is_not_answered),
		VT(no_queue_starts_before_the_ack),
		VT(the_ack_lets_queues_run_and_the_next_change_stops_them),
		VT(a_region_is_answered_with_where_it_lies_here),
		VT(the_end_lets_memory_be_as_usual),
		VT(an_ack_comes_only_when_it_is_due),
	};

	return cmocka_run_group_tests_name("vu-postcopy", tests, NULL, NULL);
}
