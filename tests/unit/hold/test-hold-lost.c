/* SPDX-License-Identifier: Apache-2.0 */
/* hold-device.h: a back-end is lost, and the next one continues, or none comes.
 */
#include <sys/eventfd.h>
#include "tests/lib/hold-world.h"

/* --- a back-end is lost --- */

static void the_next_back_end_continues(void **state)
{
	session_runs();
	server_dies();
	assert_true(next_server_comes());
	now_ns += 7500000;
	takes_replay();
	expect_log("kbd: the back-end has ended\n"
		   "kbd: continued by the next back-end after 7 ms\n");
	vmm_asks(VU_GET_STATUS);
	hears(&server, VU_GET_STATUS);
	hears_nothing(&vmm);
	server_answers(VU_GET_STATUS, 1);
	hears(&vmm, VU_GET_STATUS);
	expect_log("");
	/* It is no longer waited for. */
	assert_false(ev_is_active(&d.retry));
}

static void a_question_is_asked_once_more(void **state)
{
	session_runs();
	vmm_asks(VU_GET_STATUS);
	hears(&server, VU_GET_STATUS);
	server_dies();
	assert_true(next_server_comes());
	takes_replay();
	hears(&server, VU_GET_STATUS);
	hears_nothing(&server);
	hears_nothing(&vmm);
	server_answers(VU_GET_STATUS, 5);
	assert_num(hears(&vmm, VU_GET_STATUS)->p.u64, 5);
	expect_log("kbd: the back-end has ended\n"
		   "kbd: continued by the next back-end after 0 ms\n");
}

static void what_is_said_meanwhile_comes_after_what_was_said(void **state)
{
	session_runs();
	server_dies();
	vmm_says(VU_SET_STATUS, 3);
	assert_true(next_server_comes());
	takes_replay();
	assert_num(hears(&server, VU_SET_STATUS)->p.u64, 3);
}

/* What it was about to handle may be lost. */
static void the_next_one_is_notified_of_each_queue(void **state)
{
	struct vu_message kick = make(VU_SET_VRING_KICK, 0);
	uint64_t count = 0;

	kick.fds[0] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	kick.n_fds = 1;
	session_runs();
	says(&vmm, &kick);
	server_dies();
	assert_true(next_server_comes());
	begins_replay();
	hears(&server, VU_SET_FEATURES);
	hears(&server, VU_SET_VRING_KICK);
	assert_num(read(kick.fds[0], &count, sizeof(count)), -1);
	hears(&server, VU_GET_FEATURES);
	server_answers(VU_GET_FEATURES, UINT64_MAX);
	assert_num(read(kick.fds[0], &count, sizeof(count)), sizeof(count));
	assert_num(count, 1);
	close(kick.fds[0]);
}

static void a_back_end_with_a_wrong_header_is_replaced(void **state)
{
	const struct vu_message msg = make(VU_GET_STATUS, 1);

	session_runs();
	says(&server, &msg);
	hears_end(&server);
	assert_true(next_server_comes());
	expect_log("kbd: the back-end sent an invalid header\n");
}

static void a_back_end_that_answers_nobody_is_replaced(void **state)
{
	session_runs();
	server_answers(VU_GET_STATUS, 1);
	hears_end(&server);
	assert_true(next_server_comes());
	hears(&server, VU_GET_FEATURES);
	/* Also during the replay. */
	server_answers(VU_GET_STATUS, 1);
	hears_end(&server);
	assert_true(next_server_comes());
	expect_log("kbd: the back-end answered what was not asked\n"
		   "kbd: the back-end answered what was not asked\n");
	hears_nothing(&vmm);
}

#define LACKS                                                          \
	"host: kbd: the next back-end lacks feature bits 0x40000000, " \
	"which are in use; it cannot continue\n"

static void lose_to_one_that_lacks_features(void)
{
	server_dies();
	assert_true(next_server_comes());
	hears(&server, VU_GET_FEATURES);
	server_answers(VU_GET_FEATURES, UINT64_C(1) << 32);
}

static void one_that_lacks_features_is_named_once(void **state)
{
	session_runs();
	server_dies();
	assert_true(next_server_comes());
	expect_log("kbd: the back-end has ended\n");
	for (int i = 0; i < 2; i++) {
		hears(&server, VU_GET_FEATURES);
		server_answers(VU_GET_FEATURES, UINT64_C(1) << 32);
		hears_end(&server);
		expect_log(i ? "" : LACKS);
		pass_ms(499);
		assert_false(next_server_comes());
		pass_ms(2);
		assert_true(next_server_comes());
	}
	now_ns += 500000; /* the log's are rounded down */
	takes_replay();
	vmm_asks(VU_GET_STATUS);
	server_answers(VU_GET_STATUS, 1);
	hears(&vmm, VU_GET_STATUS);
	expect_log("kbd: continued by the next back-end after 1002 ms\n");
	/* A session later, or a front-end later, it is named again. */
	for (int i = 0; i < 2; i++) {
		lose_to_one_that_lacks_features();
		expect_log("kbd: the back-end has ended\n" LACKS);
		if (i)
			break;
		vu_socket_fini(&vmm);
		settle();
		session_runs();
	}
}

static void what_no_other_can_continue_ends(void **state)
{
	session_runs();
	vmm_says(99, 0);
	hears(&server, 99);
	server_dies();
	hears_end(&vmm);
	expect_log("host: kbd: it has sent a request that is unknown here; "
		   "closing the connection\n");
	assert_false(next_server_comes());
}

static void a_transfer_under_way_is_answered_with_its_failure(void **state)
{
	struct vu_message msg = make(VU_SET_DEVICE_STATE_FD, 0);

	session_runs();
	msg.fds[0] = log_fd;
	msg.n_fds = 1;
	says(&vmm, &msg);
	hears(&server, VU_SET_DEVICE_STATE_FD);
	server_dies();
	assert_num(hears(&vmm, VU_SET_DEVICE_STATE_FD)->p.u64,
		   VU_TRANSFER_NOFD | 1);
	assert_true(next_server_comes());
	takes_replay();
	hears_nothing(&server);
	hears_nothing(&vmm);
	assert_num(d.state, HOLD_READY);
}

/* At once: nothing else happens that could make it look again. */
static void so_it_is_if_the_back_end_answers_something_else(void **state)
{
	struct vu_message msg = make(VU_SET_DEVICE_STATE_FD, 0);

	session_runs();
	msg.fds[0] = log_fd;
	msg.n_fds = 1;
	says(&vmm, &msg);
	hears(&server, VU_SET_DEVICE_STATE_FD);
	server_answers(VU_GET_STATUS, 1);
	hears_end(&server);
	assert_num(hears(&vmm, VU_SET_DEVICE_STATE_FD)->p.u64,
		   VU_TRANSFER_NOFD | 1);
	assert_true(next_server_comes());
	takes_replay();
	hears_nothing(&server);
	hears_nothing(&vmm);
	assert_num(d.state, HOLD_READY);
}

/* --- no back-end --- */

/* Without one: when is one looked for? */
static void looks_for_one_after(const int *ms, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned int before = connects;

		pass_ms(ms[i] - 1);
		assert_num(connects, before);
		now_ns += 1000; /* the loop's seconds are not exact */
		pass_ms(1);
		assert_num(connects, before + 1);
	}
}

static void a_back_end_is_looked_for_less_and_less_often(void **state)
{
	static const int ms[] = { 2, 4, 8, 16, 32, 50, 50 };

	unlink(back_end_address().sun_path);
	vmm_comes();
	assert_num(connects, 1);
	looks_for_one_after(ms, ARRAY_LEN(ms));
	listen_fd = close_fd(listen_fd);
	back_ends_listen();
	pass_ms(51);
	assert_true(next_server_comes());
	vmm_says(VU_SET_STATUS, 1);
	hears(&server, VU_SET_STATUS);
	/* The next one soon again. */
	unlink(back_end_address().sun_path);
	server_dies();
	looks_for_one_after(ms, 3);
	/* So does the next front-end's. */
	vu_socket_fini(&vmm);
	settle();
	vmm_comes();
	looks_for_one_after(ms, 3);
}

static void a_front_end_is_disconnected_if_none_comes_in_time(void **state)
{
	unlink(back_end_address().sun_path);
	d.give_up_s = 0.5;
	now_ns += 12345;
	vmm_comes();
	pass_ms(490);
	hears_nothing(&vmm);
	pass_ms(60);
	hears_end(&vmm);
	expect_log("host: kbd: no back-end has continued it in time; "
		   "closing the connection\n");
	assert_num(d.state, HOLD_IDLE);
	assert_false(ev_is_active(&d.retry));
	/* The next front-end has all that time again. */
	vmm_comes();
	pass_ms(490);
	hears_nothing(&vmm);
	/* It has ended when it has passed. */
	now_ns = 5000000000;
	d.since_s = 4.5;
	ev_invoke(loop, &d.retry, EV_TIMER);
	assert_num(d.state, HOLD_IDLE);
}

/* It lives, but does not answer. */
static void so_it_is_if_the_next_one_hangs(void **state)
{
	session_runs();
	d.give_up_s = 0.5;
	server_dies();
	assert_true(next_server_comes());
	pass_ms(490);
	hears_nothing(&vmm);
	pass_ms(60);
	hears_end(&vmm);
}

static void back_ends_that_end_are_connected_less_often(void **state)
{
	session_runs();
	vmm_asks(VU_GET_STATUS);
	for (int i = 0; i < 4; i++) {
		server_dies();
		assert_true(next_server_comes());
	}
	pass_ms(30);
	server_dies();
	assert_false(next_server_comes());
	pass_ms(49);
	assert_false(next_server_comes());
	pass_ms(2);
	assert_true(next_server_comes());
	takes_replay();
	hears(&server, VU_GET_STATUS);
	server_answers(VU_GET_STATUS, 1);
	hears(&vmm, VU_GET_STATUS);
	/* It has done something: the next one is connected at once. */
	server_dies();
	assert_true(next_server_comes());
}

#define ENDED "kbd: the back-end has ended\n"

static void a_message_at_which_all_end_ends_the_connection(void **state)
{
	int ms = 0;

	session_runs();
	vmm_asks(VU_GET_STATUS);
	while (d.state != HOLD_IDLE) {
		assert_true(ms < 3000);
		server_dies();
		if (next_server_comes())
			takes_replay();
		pass_ms(1);
		ms++;
	}
	assert_true(ms > 1950);
	hears_end(&vmm);
	/* So that the log has room for the last line. */
	expect_log(ENDED ENDED ENDED ENDED ENDED
		   "host: kbd: back-ends end at the same message again and "
		   "again; closing the connection\n");
}

/* It may also be slow: so often, for more than two seconds. */
static void one_at_which_few_end_does_not(void **state)
{
	static const struct {
		unsigned int losses;
		double since_s;
		bool ends;
	} rows[] = {
		{ 5, 1, false }, /* with this one */
		{ 6, 3, false }, { 6, 2.9999, true },
		{ 7, 3, false }, { 7, 2.9999, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		now_ns = 1000000000;
		session_runs();
		vmm_asks(VU_GET_STATUS);
		now_ns = 5000000000;
		d.losses = rows[i].losses - 1;
		d.since_s = rows[i].since_s;
		server_dies();
		assert_num(d.state == HOLD_IDLE, rows[i].ends);
		hold_device_fini(&d);
		next_server_comes();
	}
}

int main(void)
{
#define T(f)                                                 \
	cmocka_unit_test_setup_teardown(f, hold_world_setup, \
					hold_world_teardown)
	const struct CMUnitTest tests[] = {
		T(the_next_back_end_continues),
		T(a_question_is_asked_once_more),
		T(what_is_said_meanwhile_comes_after_what_was_said),
		T(the_next_one_is_notified_of_each_queue),
		T(a_back_end_with_a_wrong_header_is_replaced),
		T(a_back_end_that_answers_nobody_is_replaced),
		T(one_that_lacks_features_is_named_once),
		T(what_no_other_can_continue_ends),
		T(a_transfer_under_way_is_answered_with_its_failure),
		T(so_it_is_if_the_back_end_answers_something_else),
		T(a_back_end_is_looked_for_less_and_less_often),
		T(a_front_end_is_disconnected_if_none_comes_in_time),
		T(so_it_is_if_the_next_one_hangs),
		T(back_ends_that_end_are_connected_less_often),
		T(a_message_at_which_all_end_ends_the_connection),
		T(one_at_which_few_end_does_not),
	};

	return cmocka_run_group_tests_name("hold-lost", tests, NULL, NULL);
}
