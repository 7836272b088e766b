/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of each message, and what of it the next back-end is sent. */
#include <stdlib.h>
#include "tests/lib/kept-said.h"

static bool memory_is_short;

/* In place of libc's. */
void *reallocarray(void *ptr, size_t nmemb, size_t size)
{
	return memory_is_short ? NULL : realloc(ptr, nmemb * size);
}

/* --- negotiation --- */

static void all_is_said_again_in_its_order(void **state)
{
	struct vu_message config =
		said_make(VU_SET_CONFIG, sizeof(config.p.config) + 2);

	config.p.config = (struct vu_config){ .size = 2 };
	say_queue(1);
	say_vring_fd(VU_SET_VRING_ERR, 1);
	say_state(VU_VRING_KICK, 1, 0);
	say(config);
	say_u64(VU_SET_STATUS, 7);
	say_file(VU_SET_INFLIGHT_FD, sizeof(struct vu_inflight));
	say_region(3);
	say_table(0, 2, 2);
	say_region(3);
	say_file(VU_SET_LOG_FD, 0);
	say_file(VU_SET_LOG_BASE, sizeof(struct vu_log));
	say_u64(VU_SET_FEATURES, BIT(32));
	say_file(VU_SET_BACKEND_REQ_FD, 0);
	say_empty(VU_SET_OWNER);
	say_u64(VU_SET_PROTOCOL_FEATURES, BIT(1));
	expect_replay(
		"GET_FEATURES SET_OWNER GET_PROTOCOL_FEATURES "
		"SET_PROTOCOL_FEATURES SET_BACKEND_REQ_FD SET_FEATURES "
		"SET_LOG_BASE SET_LOG_FD SET_MEM_TABLE ADD_MEM_REG "
		"SET_INFLIGHT_FD SET_VRING_NUM SET_VRING_BASE SET_VRING_ADDR "
		"SET_VRING_ERR SET_VRING_CALL SET_CONFIG SET_CONFIG SET_STATUS "
		"SET_VRING_KICK SET_VRING_ENABLE VRING_KICK GET_FEATURES");
	for (unsigned int i = 0; i < said_replay(UINT64_MAX)->n; i++)
		assert_num(said_replay(UINT64_MAX)->msg[i].hdr.flags,
			   VU_FLAG_VERSION_1);
}

static void only_what_was_said_is(void **state)
{
	say_empty(VU_SET_OWNER);
	expect_replay("GET_FEATURES SET_OWNER GET_FEATURES");
}

static void protocol_features_are_checked_and_set(void **state)
{
	const struct said_again *all;

	say_u64(VU_SET_PROTOCOL_FEATURES, BIT(3));
	assert_num(again(VU_SET_PROTOCOL_FEATURES, 0)->p.u64, BIT(3));
	assert_num(again(VU_SET_PROTOCOL_FEATURES, 0)->hdr.size, 8);
	all = said_replay(BIT(30));
	assert_num(all->rc, HOLD_E_FEATURES);
	assert_num(all->n, 2);
}

/* --- answers of the next back-end --- */

static const struct replay_row {
	const char *name;
	uint32_t request, flags, size;
	uint64_t u64;
	int rc;
} replay_rows[] = {
	{ "offer_of_all_is_taken", VU_GET_FEATURES, VU_FLAG_REPLY, 8, BIT(32),
	  0 },
	{ "offer_of_more_is_taken", VU_GET_FEATURES, VU_FLAG_REPLY, 8,
	  UINT64_MAX, 0 },
	{ "offer_of_less_is_refused", VU_GET_FEATURES, VU_FLAG_REPLY, 8,
	  ~BIT(32), HOLD_E_FEATURES },
	{ "answer_to_another_request_is_refused", VU_GET_STATUS, VU_FLAG_REPLY,
	  8, BIT(32), HOLD_E_ANSWER },
	{ "what_is_no_answer_is_refused", VU_GET_FEATURES, VU_FLAG_VERSION_1, 8,
	  BIT(32), HOLD_E_ANSWER },
	{ "a_short_answer_is_refused", VU_GET_FEATURES, VU_FLAG_REPLY, 7,
	  BIT(32), HOLD_E_ANSWER },
	{ "a_long_answer_is_refused", VU_GET_FEATURES, VU_FLAG_REPLY, 9,
	  BIT(32), HOLD_E_ANSWER },
};

static void row_is_judged(void **state)
{
	const struct replay_row *row = *state;
	struct vu_message msg, answer = said_make(row->request, row->size);
	struct hold_replay r;

	say_u64(VU_SET_FEATURES, BIT(32));
	hold_replay_begin(&r, &said);
	answer.hdr.flags = row->flags;
	answer.p.u64 = row->u64;
	/* Before it was asked: */
	assert_num(hold_replay_answer(&r, &answer), HOLD_E_ANSWER);
	assert_num(hold_replay_next(&r, &msg), HOLD_NEXT_SEND);
	assert_num(msg.hdr.request, VU_GET_FEATURES);
	assert_num(msg.hdr.size, 0);
	assert_num(hold_replay_next(&r, &msg), HOLD_NEXT_WAIT);
	assert_num(hold_replay_answer(&r, &answer), row->rc);
	if (row->rc == HOLD_E_FEATURES) {
		assert_num(r.missing, BIT(32));
		assert_string_equal(r.what, "feature");
	}
	if (row->rc)
		return;
	assert_num(hold_replay_answer(&r, &answer), HOLD_E_ANSWER);
	assert_num(hold_replay_next(&r, &msg), HOLD_NEXT_SEND);
	assert_num(msg.hdr.request, VU_SET_FEATURES);
}

static void a_log_is_answered_in_any_size(void **state)
{
	struct vu_message msg, answer = said_make(VU_SET_LOG_BASE, 0);
	struct hold_replay r;

	say_file(VU_SET_LOG_BASE, sizeof(struct vu_log));
	hold_replay_begin(&r, &said);
	r.asked = VU_SET_LOG_BASE;
	assert_num(hold_replay_next(&r, &msg), HOLD_NEXT_WAIT);
	answer.hdr.flags |= VU_FLAG_REPLY;
	assert_num(hold_replay_answer(&r, &answer), 0);
	assert_num(hold_replay_next(&r, &msg), HOLD_NEXT_SEND);
}

/* --- files --- */

static const struct file_row {
	uint32_t request, size;
	bool is_payload; /* of the back-end, too */
} files[] = {
	{ VU_SET_LOG_BASE, sizeof(struct vu_log), true },
	{ VU_SET_LOG_FD, 0, false },
	{ VU_SET_INFLIGHT_FD, sizeof(struct vu_inflight), true },
};

static void the_last_file_of_each_kind_is_kept(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const uint32_t size = files[i].size;
		const int before = said_n_open();
		const struct vu_message *msg;

		say_file(files[i].request, size);
		say_file(files[i].request, size);
		assert_num(said_n_open(), before + 1);
		say_empty(VU_RESET_OWNER);
		msg = again(files[i].request, 0);
		assert_num(msg->hdr.size, size);
		assert_num(msg->n_fds, 1);
		assert_true(said_is_open[msg->fds[0]]);
		for (uint32_t k = 0; k < size; k++)
			assert_num(msg->p.bytes[k], k + 1);
		assert_null(again(files[i].request, 1));
	}
}

/* --- memory --- */

static void expect_regions(const unsigned int *is, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct vu_message *msg = again(VU_ADD_MEM_REG, i);
		const struct vu_mem_region at = region_of(is[i]);

		assert_non_null(msg);
		assert_memory_equal(&msg->p.single.region, &at, sizeof(at));
		assert_num(msg->p.single.padding, 0);
		assert_num(msg->hdr.size, sizeof(msg->p.single));
		assert_num(msg->n_fds, 1);
	}
	assert_null(again(VU_ADD_MEM_REG, n));
	assert_num(said_n_open(), n);
}

static void a_region_is_removed_by_its_address_and_size(void **state)
{
	struct vu_mem_region at = region_of(1);

	for (unsigned int i = 0; i < 4; i++)
		say_region(i);
	at.size++;
	say_no_region(at);
	at = region_of(1);
	at.guest_addr++;
	say_no_region(at);
	expect_regions((unsigned int[]){ 0, 1, 2, 3 }, 4);
	say_no_region(region_of(1));
	expect_regions((unsigned int[]){ 0, 3, 2 }, 3);
	say_no_region(region_of(2));
	say_no_region(region_of(2));
	expect_regions((unsigned int[]){ 0, 3 }, 2);
	say_no_region(region_of(0));
	expect_regions((unsigned int[]){ 3 }, 1);
	say_no_region(region_of(3));
	say_no_region(region_of(3));
	expect_regions(NULL, 0);
}

static void a_table_replaces_all_regions(void **state)
{
	const struct vu_message *msg;

	say_region(9);
	say_table(0, 3, 3);
	say_table(4, 2, 2);
	assert_num(said_n_open(), 2);
	/* The table is sent alone, not behind another message of this shape. */
	memset(&said.log.log, 0xff, sizeof(said.log.log));
	msg = again(VU_SET_MEM_TABLE, 0);
	assert_num(msg->p.mem_table.n_regions, 2);
	assert_num(msg->p.mem_table.padding, 0);
	assert_num(msg->hdr.size, 8 + 2 * sizeof(struct vu_mem_region));
	assert_num(msg->n_fds, 2);
	for (unsigned int i = 0; i < 2; i++) {
		const struct vu_mem_region at = region_of(4 + i);

		assert_memory_equal(&msg->p.mem_table.regions[i], &at,
				    sizeof(at));
		assert_true(said_is_open[msg->fds[i]]);
	}
	assert_null(again(VU_ADD_MEM_REG, 0));
	/* One that is added stays one. */
	say_region(9);
	assert_num(again(VU_SET_MEM_TABLE, 0)->p.mem_table.n_regions, 2);
	assert_non_null(again(VU_ADD_MEM_REG, 0));
	/* An fd too many belongs to none. */
	say_table(0, 2, 3);
	assert_num(said_n_open(), 2);
	assert_num(again(VU_SET_MEM_TABLE, 0)->p.mem_table.n_regions, 2);
	say_table(0, 0, 0);
	assert_num(said_n_open(), 0);
	assert_num(again(VU_SET_MEM_TABLE, 0)->p.mem_table.n_regions, 0);
}

static void a_region_without_its_fd_is_not_kept(void **state)
{
	say_table(0, 3, 2);
	assert_num(said_n_open(), 2);
	assert_num(again(VU_SET_MEM_TABLE, 0)->p.mem_table.n_regions, 2);
	expect_over(NULL);
	say(said_make(VU_ADD_MEM_REG, sizeof(struct vu_single_region)));
	expect_over("its memory has more than 64 regions");
}

static void sixty_four_regions_are_kept_and_no_more(void **state)
{
	for (unsigned int i = 0; i < HOLD_REGIONS_MAX; i++)
		say_region(i);
	assert_num(said_n_open(), HOLD_REGIONS_MAX);
	expect_over(NULL);
	say_region(HOLD_REGIONS_MAX);
	assert_num(said_n_open(), HOLD_REGIONS_MAX);
	expect_over("its memory has more than 64 regions");
}

static void without_room_for_a_region_none_can_continue(void **state)
{
	say_region(0);
	memory_is_short = true;
	say_region(1);
	memory_is_short = false;
	assert_num(said_n_open(), 1);
	expect_over("there was no memory for its regions");
}

/* --- the configuration --- */

static const struct config_row {
	uint32_t offset, size, payload;
	int first, second; /* values that are kept; -1: none */
} configs[] = {
	{ 0, 1, 1, 10, -1 },	      { 1, 1, 1, -1, 10 },
	{ 0, 2, 2, 10, 11 },	      { 0, 4, 4, 10, 11 },
	{ 1, 2, 2, -1, 10 },	      { 2, 1, 1, -1, -1 },
	{ 0, 0, 0, -1, -1 },	      { 0, 2, 1, -1, -1 },
	{ UINT32_MAX, 2, 2, -1, -1 }, { 0, 1, 8, 10, -1 },
	{ 0, UINT32_MAX, 8, -1, -1 },
};

static void select_and_subsel_are_kept(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
		const struct config_row *row = &configs[i];
		struct vu_message msg = said_make(
			VU_SET_CONFIG,
			(uint32_t)sizeof(msg.p.config) + row->payload);
		const int expected[] = { row->first, row->second };
		unsigned int n = 0;

		msg.p.config = (struct vu_config){ row->offset, row->size, 1 };
		for (uint8_t k = 0; k < 8; k++)
			msg.p.bytes[sizeof(msg.p.config) + k] =
				(uint8_t)(10 + k);
		say(msg);
		for (uint32_t k = 0; k < 2; k++) {
			const struct vu_message *is = again(VU_SET_CONFIG, n);

			if (expected[k] < 0)
				continue;
			n++;
			assert_num(is->p.config.offset, k);
			assert_num(is->p.config.size, 1);
			assert_num(is->p.config.flags, 1);
			assert_num(is->hdr.size, sizeof(is->p.config) + 1);
			assert_num(is->p.bytes[sizeof(is->p.config)],
				   expected[k]);
		}
		assert_null(again(VU_SET_CONFIG, n));
		hold_session_fini(&said);
	}
}

static void a_write_without_its_header_is_not_kept(void **state)
{
	struct vu_message msg =
		said_make(VU_SET_CONFIG, sizeof(msg.p.config) - 1);

	say(msg);
	assert_null(again(VU_SET_CONFIG, 0));
}

/* --- rows --- */

static void a_request_without_a_row_has_its_number(void **state)
{
	char buf[24];

	assert_string_equal(hold_row_name(VU_SET_CONFIG, buf), "SET_CONFIG");
	assert_string_equal(hold_row_name(VU_CHECK_DEVICE_STATE, buf),
			    "CHECK_DEVICE_STATE");
	for (uint32_t n = VU_CHECK_DEVICE_STATE + 1; n < 60; n++)
		assert_null(hold_row_of(n));
	assert_string_equal(hold_row_name(UINT32_MAX, buf),
			    "request 4294967295");
}

#define test(f) cmocka_unit_test_setup_teardown(f, said_setup, said_teardown)

static const struct CMUnitTest plain[] = {
	test(all_is_said_again_in_its_order),
	test(only_what_was_said_is),
	test(protocol_features_are_checked_and_set),
	test(a_log_is_answered_in_any_size),
	test(the_last_file_of_each_kind_is_kept),
	test(a_region_is_removed_by_its_address_and_size),
	test(a_table_replaces_all_regions),
	test(a_region_without_its_fd_is_not_kept),
	test(sixty_four_regions_are_kept_and_no_more),
	test(without_room_for_a_region_none_can_continue),
	test(select_and_subsel_are_kept),
	test(a_write_without_its_header_is_not_kept),
	test(a_request_without_a_row_has_its_number),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(replay_rows)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), replay_rows,
	      cmocka_unit_test_setup_teardown(row_is_judged, setup_row,
					      said_teardown));
	return cmocka_run_group_tests_name("hold-kept", tests, NULL, NULL);
}
