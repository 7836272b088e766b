/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of queues, and where the next back-end continues each. */
#include "tests/lib/kept-said.h"

/* --- queues --- */

static void each_of_eight_queues_is_kept_and_no_other(void **state)
{
	static const uint32_t states[] = { VU_SET_VRING_NUM, VU_SET_VRING_BASE,
					   VU_SET_VRING_ENABLE };
	static const uint32_t fds[] = { VU_SET_VRING_CALL, VU_SET_VRING_ERR,
					VU_SET_VRING_KICK };

	for (uint32_t q = 0; q < HOLD_QUEUES_MAX; q++) {
		struct vu_message addr =
			said_make(VU_SET_VRING_ADDR, sizeof(addr.p.addr));

		for (size_t i = 0; i < ARRAY_LEN(states); i++)
			say_state(states[i], q, 100 + q);
		addr.p.addr =
			(struct vu_vring_addr){ .index = q, .log_guest = q };
		say(addr);
		for (size_t i = 0; i < ARRAY_LEN(fds); i++)
			say_vring_fd(fds[i], q);
	}
	for (uint32_t q = 0; q < HOLD_QUEUES_MAX; q++) {
		for (size_t i = 0; i < ARRAY_LEN(states); i++) {
			const struct vu_message *msg = again(states[i], q);

			assert_num(msg->p.state.index, q);
			assert_num(msg->p.state.num, 100 + q);
			assert_num(msg->hdr.size, 8);
			assert_num(msg->n_fds, 0);
		}
		assert_num(again(VU_SET_VRING_ADDR, q)->p.addr.index, q);
		assert_num(again(VU_SET_VRING_ADDR, q)->p.addr.log_guest, q);
		for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
			const struct vu_message *msg = again(fds[i], q);

			assert_num(msg->p.u64, q);
			assert_num(msg->n_fds, 1);
			assert_true(said_is_open[msg->fds[0]]);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		assert_null(again(states[i], HOLD_QUEUES_MAX));
	expect_over(NULL);
}

static void a_ninth_queue_cannot_be_continued(void **state)
{
	static const uint32_t requests[] = {
		VU_SET_VRING_NUM,    VU_SET_VRING_BASE, VU_SET_VRING_ADDR,
		VU_SET_VRING_ENABLE, VU_SET_VRING_CALL, VU_SET_VRING_KICK,
		VU_SET_VRING_ERR,    VU_VRING_KICK,
	};

	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		say_u64(requests[i], HOLD_QUEUES_MAX);
		expect_over("it has more than 8 queues");
		assert_null(again(requests[i], 0));
		hold_session_fini(&said);
	}
}

static void an_fd_may_be_missing_on_purpose(void **state)
{
	say_vring_fd(VU_SET_VRING_CALL, 1);
	say_u64(VU_SET_VRING_CALL, 1 | VU_VRING_NOFD);
	assert_num(said_n_open(), 0);
	assert_num(again(VU_SET_VRING_CALL, 0)->p.u64, 1 | VU_VRING_NOFD);
	assert_num(again(VU_SET_VRING_CALL, 0)->n_fds, 0);
	/* A queue that is polled runs, too. */
	say_memory();
	say_queue(1);
	say_u64(VU_SET_VRING_KICK, 1 | VU_VRING_NOFD);
	assert_num(again(VU_SET_VRING_BASE, 0)->p.state.num, SAID_USED_IDX);
}

static void stop(uint32_t queue, uint32_t size)
{
	struct vu_message reply = said_make(VU_GET_VRING_BASE, size);

	say_state(VU_GET_VRING_BASE, queue, 0);
	reply.hdr.flags |= VU_FLAG_REPLY;
	reply.p.state = (struct vu_vring_state){ queue, 55 };
	assert_true(hold_session_answer(&said, &reply));
}

static void a_queue_that_is_stopped_has_the_base_that_was_answered(void **state)
{
	say_state(VU_VRING_KICK, 1, 0);
	stop(1, 8);
	assert_null(again(VU_VRING_KICK, 0));
	assert_num(again(VU_SET_VRING_BASE, 0)->p.state.num, 55);
	stop(HOLD_QUEUES_MAX, 8);
	expect_over("it has more than 8 queues");
}

/* The back-end has refused it, with an empty answer. */
static void without_an_answer_it_has_none(void **state)
{
	say_vring_fd(VU_SET_VRING_KICK, 1);
	stop(1, 0);
	assert_null(again(VU_SET_VRING_KICK, 0));
	assert_null(again(VU_SET_VRING_BASE, 0));
}

static void a_reset_owner_disables_all_queues(void **state)
{
	for (uint32_t q = 0; q < HOLD_QUEUES_MAX; q++)
		say_state(VU_SET_VRING_ENABLE, q, 1);
	say_empty(VU_RESET_OWNER);
	for (uint32_t q = 0; q < HOLD_QUEUES_MAX; q++)
		assert_num(again(VU_SET_VRING_ENABLE, q)->p.state.num, 0);
}

static void a_reset_forgets_what_runs_of_all_queues(void **state)
{
	struct vu_message config =
		said_make(VU_SET_CONFIG, sizeof(config.p.config) + 1);

	config.p.config.size = 1;
	for (int times = 0; times < 2; times++) {
		say_queue(0);
		say_queue(HOLD_QUEUES_MAX - 1);
		say_state(VU_VRING_KICK, 0, 0);
		say(config);
		say_u64(VU_SET_STATUS, 7);
		if (times)
			say_empty(VU_RESET_DEVICE);
		else
			say_u64(VU_SET_STATUS, 0);
		expect_replay("GET_FEATURES SET_VRING_NUM SET_VRING_NUM "
			      "SET_VRING_ADDR SET_VRING_ADDR SET_VRING_ENABLE "
			      "SET_VRING_ENABLE GET_FEATURES");
		assert_num(said_n_open(), 0);
	}
}

static void a_status_is_no_reset(void **state)
{
	say_queue(0);
	say_u64(VU_SET_STATUS, 7);
	assert_num(again(VU_SET_STATUS, 0)->p.u64, 7);
	assert_non_null(again(VU_SET_VRING_KICK, 0));
}

/* --- where a ring is --- */

#define REGION_AT  UINT64_C(0x70000)
#define REGION_END UINT64_C(0x80000)

static const struct position {
	const char *name;
	uint64_t used;
	uint64_t features;
	bool reads; /* guest memory */
} positions[] = {
	{ "ring_at_the_start_of_a_region_is_read", REGION_AT, 0, true },
	{ "ring_before_a_region_is_not", REGION_AT - 3, 0, false },
	{ "index_at_the_start_of_a_region_is_read", REGION_AT - 2, 0, true },
	{ "index_at_the_end_of_a_region_is_read", REGION_END - 4, 0, true },
	{ "index_past_the_end_of_a_region_is_not", REGION_END - 3, 0, false },
	{ "ring_behind_a_region_is_not", REGION_END, 0, false },
	{ "packed_ring_is_not", REGION_AT, BIT(VIRTIO_F_RING_PACKED), false },
	{ "ring_behind_an_iommu_is_not", REGION_AT,
	  BIT(VIRTIO_F_ACCESS_PLATFORM), false },
};

static void position_is_read(void **state)
{
	const struct position *p = *state;
	struct vu_message addr =
		said_make(VU_SET_VRING_ADDR, sizeof(addr.p.addr));

	say_u64(VU_SET_FEATURES, p->features);
	say_region(0);
	say_memory();
	say_queue(0);
	addr.p.addr = (struct vu_vring_addr){ .used_user = p->used };
	say(addr);
	assert_num(again(VU_SET_VRING_BASE, 0)->p.state.num,
		   p->reads ? SAID_USED_IDX : SAID_BASE);
	assert_num(said_read.n, p->reads);
	if (p->reads)
		assert_num(said_read.offset, p->used + 2 - REGION_AT + 0x100);
}

static void memory_that_cannot_be_read_leaves_the_base(void **state)
{
	say_memory();
	say_queue(0);
	said_read.fails = true;
	assert_num(again(VU_SET_VRING_BASE, 0)->p.state.num, SAID_BASE);
}

static void memory_that_was_removed_is_not_read(void **state)
{
	say_memory();
	say_queue(0);
	say_no_region(said.region[0].at);
	assert_num(again(VU_SET_VRING_BASE, 0)->p.state.num, SAID_BASE);
	assert_num(said_read.n, 0);
}

static void a_ring_that_does_not_run_has_its_base(void **state)
{
	struct vu_message addr =
		said_make(VU_SET_VRING_ADDR, sizeof(addr.p.addr));

	say_memory();
	say_queue(0);
	stop(0, 8);
	assert_num(again(VU_SET_VRING_BASE, 0)->p.state.num, 55);
	/* One that runs by kicks in band has one in memory. */
	addr.p.addr = (struct vu_vring_addr){ .used_user = 0x72000 };
	say(addr);
	say_state(VU_VRING_KICK, 0, 0);
	assert_num(again(VU_SET_VRING_BASE, 0)->p.state.num, SAID_USED_IDX);
	/* So has one whose base was never set. */
	addr.p.addr.index = 2;
	say(addr);
	say_vring_fd(VU_SET_VRING_KICK, 2);
	assert_num(again(VU_SET_VRING_BASE, 1)->p.state.num, SAID_USED_IDX);
	/* And one without any address has none. */
	say_vring_fd(VU_SET_VRING_KICK, 1);
	assert_null(again(VU_SET_VRING_BASE, 2));
}

#define test(f) cmocka_unit_test_setup_teardown(f, said_setup, said_teardown)

static const struct CMUnitTest plain[] = {
	test(each_of_eight_queues_is_kept_and_no_other),
	test(a_ninth_queue_cannot_be_continued),
	test(an_fd_may_be_missing_on_purpose),
	test(a_queue_that_is_stopped_has_the_base_that_was_answered),
	test(without_an_answer_it_has_none),
	test(a_reset_owner_disables_all_queues),
	test(a_reset_forgets_what_runs_of_all_queues),
	test(a_status_is_no_reset),
	test(memory_that_cannot_be_read_leaves_the_base),
	test(memory_that_was_removed_is_not_read),
	test(a_ring_that_does_not_run_has_its_base),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(positions)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), positions,
	      cmocka_unit_test_setup_teardown(position_is_read, setup_row,
					      said_teardown));
	return cmocka_run_group_tests_name("hold-kept-queues", tests, NULL,
					   NULL);
}
