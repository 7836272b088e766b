/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of each message, and what of it the next back-end is sent. */
#include <string.h>
#include "injector/hold/hold-rows.h"
#include "tests/lib/cases.h"
#include "tests/lib/said.h"

#define BIT(n) (UINT64_C(1) << (n))

static void say(struct vu_message msg)
{
	hold_session_ask(&said, &msg);
}

static void say_empty(uint32_t request)
{
	say(said_make(request, 0));
}

/* A message with an fd, whose payload counts from 1. */
static void say_file(uint32_t request, uint32_t size)
{
	struct vu_message msg = said_make(request, size);

	for (uint32_t i = 0; i < size; i++)
		msg.p.bytes[i] = (uint8_t)(i + 1);
	said_add_fd(&msg);
	hold_session_ask(&said, &msg);
	if (hold_session_asked(&said))
		answer_u64(request, 0);
}

static struct vu_mem_region region_of(unsigned int i)
{
	return (struct vu_mem_region){ .guest_addr = i * 0x1000,
				       .size = 0x1000,
				       .user_addr = 0x700000 + i * 0x1000,
				       .mmap_offset = 0x10 * i };
}

static void say_region(unsigned int i)
{
	struct vu_message msg = said_make(VU_ADD_MEM_REG, sizeof(msg.p.single));

	msg.p.single.region = region_of(i);
	said_add_fd(&msg);
	hold_session_ask(&said, &msg);
}

static void say_no_region(struct vu_mem_region at)
{
	struct vu_message msg = said_make(VU_REM_MEM_REG, sizeof(msg.p.single));

	msg.p.single.region = at;
	hold_session_ask(&said, &msg);
}

/* A table of regions from first on, of which the first n_fds have an fd. */
static void say_table(unsigned int first, unsigned int n, unsigned int n_fds)
{
	struct vu_message msg =
		said_make(VU_SET_MEM_TABLE,
			  8 + n * (uint32_t)sizeof(struct vu_mem_region));

	msg.p.mem_table.n_regions = n;
	for (unsigned int i = 0; i < n; i++)
		msg.p.mem_table.regions[i] = region_of(first + i);
	for (unsigned int i = 0; i < n_fds; i++)
		said_add_fd(&msg);
	hold_session_ask(&said, &msg);
}

/* The messages of a replay, by their names. */
static void expect_replay(const char *names)
{
	const struct said_again *all = said_replay(UINT64_MAX);
	char text[2000] = "", buf[24];

	assert_num(all->rc, 0);
	for (unsigned int i = 0; i < all->n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, hold_row_name(all->msg[i].hdr.request, buf));
	}
	assert_string_equal(text, names);
}

/* Return: the n-th message of a request in a replay, from 0. */
static const struct vu_message *again(uint32_t request, unsigned int n)
{
	const struct said_again *all = said_replay(UINT64_MAX);

	for (unsigned int i = 0; i < all->n; i++)
		if (all->msg[i].hdr.request == request && !n--)
			return &all->msg[i];
	return NULL;
}

static void expect_over(const char *expected)
{
	struct vu_message answer;
	const char *why = NULL;

	assert_num(hold_session_lose(&said, &answer, &why),
		   expected ? HOLD_OVER : HOLD_RESUME);
	if (expected)
		assert_string_equal(why, expected);
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

static int setup_row(void **state)
{
	void *row = *state;
	const int r = said_setup(state);

	*state = row;
	return r;
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
	test(select_and_subsel_are_kept),
	test(a_write_without_its_header_is_not_kept),
	test(a_request_without_a_row_has_its_number),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(replay_rows) +
				ARRAY_LEN(positions)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), replay_rows,
	      cmocka_unit_test_setup_teardown(row_is_judged, setup_row,
					      said_teardown));
	CASES(tests + ARRAY_LEN(plain) + ARRAY_LEN(replay_rows), positions,
	      cmocka_unit_test_setup_teardown(position_is_read, setup_row,
					      said_teardown));
	return cmocka_run_group_tests_name("hold-kept", tests, NULL, NULL);
}
