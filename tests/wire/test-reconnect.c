/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of front-end, driver and server: connect, disconnect, suspend,
 * resume and restart, and what the guest gets then. A driver that *starts* gets
 * the current state and nothing old; a ring that *resumes* (SET_VRING_BASE with
 * the value of GET_VRING_BASE) continues where it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/rig.h"

#define MT(code, v) ABS(ABS_MT_##code, v)

static void front_end_comes_and_goes_200_times(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	for (int i = 0; i < 200; i++) {
		rig_prepare(rig, 4);
		assert_ok(fe_start(&rig->fe));
		rig_expect_works(rig);
	}
	rig_expect_nothing(rig);
}

#define CONNECTED    "vhost-user-input: front-end connected\n"
#define DISCONNECTED "vhost-user-input: front-end disconnected\n"

static void front_end_is_logged_when_it_comes_and_when_it_goes(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	rig_run(rig, NULL, RIG_BUFFERS);
	process_expect_log(&rig->srv, CONNECTED);
	assert_num(process_log_count(&rig->srv, DISCONNECTED), 0);
	rig_disconnect(rig);
	process_expect_log(&rig->srv, DISCONNECTED);
	assert_num(process_log_count(&rig->srv, CONNECTED), 1);
	assert_num(process_log_count(&rig->srv, DISCONNECTED), 1);
}

static void rejected_front_end_is_not_logged_as_one_that_went(void **state)
{
	struct rig *rig = *state;
	struct fe_msg bad = fe_msg(99);

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_send(&rig->fe, &bad));
	rig_expect_violation(rig, "request 99");
	assert_num(process_log_count(&rig->srv, CONNECTED), 1);
	assert_num(process_log_count(&rig->srv, DISCONNECTED), 0);
}

/* LOG_BURST in LOG_INTERVAL_S, which is longer than all of this. */
static void front_ends_cannot_fill_the_log(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	for (int i = 0; i < 200; i++)
		close(rig_unix_connect(rig->socket, SOCK_STREAM));
	rig_expect_serves(rig);
	assert_true(process_log_count(&rig->srv, CONNECTED) <= 64);
	assert_true(process_log_count(&rig->srv, DISCONNECTED) <= 64);
}

static void second_front_end_waits_for_the_first_to_leave(void **state)
{
	struct rig *rig = *state;
	struct frontend second;
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);

	rig_run(rig, "keyboard", 16);
	fe_init(&second);
	assert_ok(fe_connect(&second, rig->socket));
	assert_ok(fe_send(&second, &msg));
	second.timeout_ms = 4 * RIG_QUIET_MS;
	assert_rc(fe_recv(&second, &msg), -ETIMEDOUT);
	process_expect_log(&rig->srv, "frontend: another front-end is waiting");
	rig->lines.frontend++;
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_disconnect(rig);
	second.timeout_ms = DEADLINE_MS;
	assert_ok(fe_recv(&second, &msg));
	assert_num(msg.hdr.request, VU_GET_FEATURES);
	fe_fini(&second);
}

static void start_sends_nothing_when_nothing_is_held(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	rig_expect_nothing(rig);
	rig_run(rig, NULL, 16);
	rig_expect_nothing(rig);
}

static void first_start_replays_nothing(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	for (int i = 0; i < 10; i++)
		rig_type(rig);
	rig_wait_read(rig->inject[0]);
	rig_run(rig, NULL, 16);
	rig_expect_nothing(rig);
	inject(rig, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void start_sends_keys_that_are_held(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	inject(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN, KEY(KEY_A, 0), SYN,
	       KEY(KEY_LEFTSHIFT, 1), SYN);
	rig_wait_read(rig->inject[0]);
	rig_run(rig, NULL, 16);
	expect(rig, KEY(KEY_LEFTSHIFT, 1), KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void start_sends_switches_that_are_on(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "switches");
	inject(rig, vi_event(EV_SW, SW_LID, 1),
	       vi_event(EV_SW, SW_TABLET_MODE, 0), SYN);
	rig_wait_read(rig->inject[0]);
	rig_run(rig, NULL, 16);
	expect(rig, vi_event(EV_SW, SW_LID, 1), SYN);
	rig_expect_nothing(rig);
}

static void a_start_brings_axes_that_are_known(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "axes");
	inject(rig, ABS(ABS_THROTTLE, 200), SYN);
	rig_wait_read(rig->inject[0]);
	rig_run(rig, NULL, 16);
	struct vi_event ev;
	bool seen = false;
	do {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		const struct vi_event due = ABS(ABS_THROTTLE, 200);
		seen |= memcmp(&ev, &due, sizeof(ev)) == 0;
	} while (!vi_is_syn_report(&ev));
	assert_true(seen);
	rig_expect_nothing(rig);
}

static void a_start_brings_contacts_that_live(void **state)
{
	struct rig *rig = *state;
	int32_t x = -1, y = -1, id = -1, touch = 0;
	struct vi_event ev;

	rig_serve(rig, "touch");
	inject(rig, MT(SLOT, 0), MT(TRACKING_ID, 5), MT(POSITION_X, 100),
	       MT(POSITION_Y, 200), SYN, MT(POSITION_X, 300), SYN);
	rig_wait_read(rig->inject[0]);
	rig_run(rig, NULL, 64);
	do {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		int32_t *where = vi_code(&ev) == ABS_MT_POSITION_X    ? &x
				 : vi_code(&ev) == ABS_MT_POSITION_Y  ? &y
				 : vi_code(&ev) == ABS_MT_TRACKING_ID ? &id
				 : vi_code(&ev) == BTN_TOUCH	      ? &touch
								      : NULL;
		if (where)
			*where = vi_value(&ev);
	} while (!vi_is_syn_report(&ev));
	assert_num(x, 300);
	assert_num(y, 200);
	assert_true(id >= 0);
	assert_num(touch, 1);
	rig_expect_nothing(rig);
}

/* A key released while there is no guest must not stay down in it. */
static void reconnected_guest_gets_what_was_released(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_disconnect(rig);
	inject(rig, KEY(KEY_A, 0), KEY(KEY_B, 1), SYN);
	rig_wait_read(rig->inject[0]);
	rig_run(rig, NULL, 16);

	int a = -1, b = -1;
	struct vi_event ev;
	do {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_type(&ev) == EV_KEY && vi_code(&ev) == KEY_A)
			a = vi_value(&ev);
		if (vi_type(&ev) == EV_KEY && vi_code(&ev) == KEY_B)
			b = vi_value(&ev);
	} while (!vi_is_syn_report(&ev));
	assert_num(a, 0);
	assert_num(b, 1);
	rig_expect_nothing(rig);
}

/* Stop both queues as a suspend does. Return: the eventq's base. */
static uint32_t suspend(struct rig *rig, uint32_t *status_base)
{
	uint32_t base;

	assert_ok(fe_stop_queue(&rig->fe, FE_EVENTQ, &base));
	assert_ok(fe_stop_queue(&rig->fe, FE_STATUSQ, status_base));
	return base;
}

static void resume(struct rig *rig, uint32_t base, uint32_t status_base)
{
	assert_ok(fe_start_queue(&rig->fe, FE_EVENTQ, base));
	assert_ok(fe_start_queue(&rig->fe, FE_STATUSQ, status_base));
}

static void get_vring_base_is_the_next_avail_index(void **state)
{
	struct rig *rig = *state;
	uint32_t status_base;

	rig_run(rig, "keyboard", 16);
	rig_expect_works(rig);
	const struct vi_event led = LED(LED_CAPSL, 1);
	assert_ok(fe_send_status(&rig->fe, &led));
	assert_num(suspend(rig, &status_base),
		   fe_ring_base_after(&rig->fe.ring[FE_EVENTQ], 4));
	assert_num(status_base,
		   fe_ring_base_after(&rig->fe.ring[FE_STATUSQ], 1));
	expect_status(rig, led);
}

static void get_vring_base_of_a_queue_never_started_is_its_base(void **state)
{
	struct rig *rig = *state;
	struct fe_msg base = fe_msg_state(VU_SET_VRING_BASE, 0, 77);
	uint32_t got;

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_set_features(&rig->fe));
	assert_ok(fe_stop_queue(&rig->fe, 0, &got));
	assert_num(got, rig_is_packed() ? 0x80008000 : 0);
	assert_ok(fe_request(&rig->fe, &base));
	assert_ok(fe_stop_queue(&rig->fe, 0, &got));
	assert_num(got, 77);
}

/* "... stop the ring": no write, no call, no status; messages still work. */
static void suspended_device_does_nothing_but_answer(void **state)
{
	struct rig *rig = *state;
	uint8_t before[1024];
	uint32_t base;

	rig_run(rig, "keyboard", 16);
	suspend(rig, &base);
	rig_expect_nothing(rig); /* the driver has enabled calls */
	assert_true(rig->fe.mem.size >= sizeof(before));
	memcpy(before, rig->fe.mem.base, sizeof(before));
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_read(rig->inject[0]);
	fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
	fe_ring_kick(&rig->fe.ring[FE_STATUSQ]);
	rig_expect_nothing(rig);
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	assert_ok(fe_query(&rig->fe, &msg, 8));
	assert_memory_equal(before, rig->fe.mem.base, sizeof(before));
}

static void get_vring_base_lets_go_of_the_queues_fds(void **state)
{
	static const uint32_t requests[] = { VU_SET_VRING_KICK,
					     VU_SET_VRING_CALL,
					     VU_SET_VRING_ERR };
	struct rig *rig = *state;
	int ours[3];
	uint32_t base;

	rig_run(rig, "keyboard", 16);
	for (size_t i = 0; i < 3; i++) {
		int fd[2];

		assert_sys(pipe2(fd, O_CLOEXEC));
		int theirs = requests[i] == VU_SET_VRING_KICK ? 0 : 1;
		struct fe_msg msg = fe_msg_vring_fd(requests[i], 0, fd[theirs]);
		assert_ok(fe_request(&rig->fe, &msg));
		close(fd[theirs]);
		ours[i] = fd[!theirs];
	}
	suspend(rig, &base);
	for (size_t i = 0; i < 3; i++) {
		/* poll() reports that the other end of a pipe is closed. */
		struct pollfd p = { .fd = ours[i] };

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		assert_true(p.revents & (POLLHUP | POLLERR));
		close(ours[i]);
	}
}

static void resumed_guest_gets_what_came_meanwhile(void **state)
{
	struct rig *rig = *state;
	uint32_t base, status_base;

	rig_run(rig, "mouse", 16);
	inject(rig, KEY(BTN_LEFT, 1), SYN);
	expect(rig, KEY(BTN_LEFT, 1), SYN);
	base = suspend(rig, &status_base);
	inject(rig, REL(REL_X, 3), SYN, REL(REL_X, 4), SYN, KEY(BTN_LEFT, 0),
	       SYN);
	rig_wait_read(rig->inject[0]);
	rig_expect_nothing(rig);
	resume(rig, base, status_base);

	/* One by one or summed: only the result counts. */
	struct vi_event ev;
	int x = 0, left = 1;
	while (x < 7 || left) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_type(&ev) == EV_REL)
			x += vi_value(&ev);
		else if (vi_type(&ev) == EV_KEY)
			left = vi_value(&ev);
	}
	while (!vi_is_syn_report(&ev))
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
	assert_num(x, 7);
	rig_expect_nothing(rig);
}

/* A driver that starts would not get motion from before. */
static void guest_that_was_suspended_before_any_event_is_resumed(void **state)
{
	struct rig *rig = *state;
	uint32_t base, status_base;

	rig_run(rig, "mouse", 16);
	base = suspend(rig, &status_base);
	inject(rig, REL(REL_X, 3), SYN);
	rig_wait_read(rig->inject[0]);
	resume(rig, base, status_base);
	expect(rig, REL(REL_X, 3), SYN);
	rig_expect_nothing(rig);
}

static void resumed_guest_gets_nothing_twice(void **state)
{
	struct rig *rig = *state;
	uint32_t base, status_base;

	rig_run(rig, "keyboard", 16);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	for (int i = 0; i < 20; i++) {
		base = suspend(rig, &status_base);
		resume(rig, base, status_base);
	}
	rig_expect_nothing(rig);
	inject(rig, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

/* A frame that the guest has in part is completed before anything else. */
static void a_frame_cut_by_a_suspend_is_finished(void **state)
{
	struct rig *rig = *state;
	uint32_t base, status_base;

	rig_run(rig, "keyboard", 2);
	inject(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), KEY(KEY_S, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	base = suspend(rig, &status_base);
	assert_num(base, fe_ring_base_after(&rig->fe.ring[FE_EVENTQ], 2));
	resume(rig, base, status_base);
	expect(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), KEY(KEY_S, 1), SYN);
	rig_expect_nothing(rig);
}

/*
 * The VMM restarts or reconnects: a new connection, the guest's memory and
 * rings as they are. Whatever base is given, the ring's contents count.
 */
static void reattach(struct rig *rig, uint32_t base)
{
	uint64_t features = rig->fe.features;

	assert_ok(fe_connect(&rig->fe, rig->socket));
	assert_ok(fe_negotiate(&rig->fe));
	rig->fe.features = features;
	assert_ok(fe_set_features(&rig->fe));
	assert_ok(fe_share_memory(&rig->fe));
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_start_queue(&rig->fe, i, base));
}

/* A packed ring of 8 is then at slot 4, in its fourth round. */
static void use_ring(struct rig *rig)
{
	rig_run(rig, "keyboard", 8);
	for (int i = 0; i < 7; i++)
		rig_expect_works(rig);
}

static void ring_goes_on_with_base(struct rig *rig, uint32_t base)
{
	reattach(rig, base);
	inject(rig, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

/* What a front-end passes that knows nothing of a dead back-end's progress. */
static void ring_resumes_with_its_first_base(void **state)
{
	struct rig *rig = *state;

	use_ring(rig);
	ring_goes_on_with_base(rig,
			       fe_ring_base_after(&rig->fe.ring[FE_EVENTQ], 0));
}

/* avail->idx is 8 ahead: what Cloud Hypervisor passes. */
static void ring_resumes_with_the_drivers_base(void **state)
{
	struct rig *rig = *state;

	use_ring(rig);
	ring_goes_on_with_base(rig, fe_ring_base(&rig->fe.ring[FE_EVENTQ]));
}

static void ring_resumes_with_a_made_up_base(void **state)
{
	struct rig *rig = *state;

	use_ring(rig);
	ring_goes_on_with_base(rig, rig_is_packed() ? 0x80038003 : 12345);
}

/* Another server takes over the guest's rings: nobody kicks. */
static void another_server(struct rig *rig)
{
	assert_num(process_terminate(&rig->srv), 0);
	process_fini(&rig->srv);
	unlink(rig->socket);
	close(rig->inject[0]);
	rig->n_inject = 0;
	process_init(&rig->srv, "vhost-user-input");
	rig_serve(rig, "keyboard");
	reattach(rig, fe_ring_base(&rig->fe.ring[FE_EVENTQ]));
}

/* It does not know what its predecessor sent. */
static void expect_all_let_go(struct rig *rig)
{
	struct vi_event ev;

	for (;;) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_is_syn_report(&ev))
			return;
		assert_num(vi_value(&ev), 0);
	}
}

static void a_new_server_resumes_the_ring(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 8);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	another_server(rig);
	expect_all_let_go(rig);
	inject(rig, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

/* n events, of keys that are up or down after it. */
static void tell_events(struct rig *rig, uint16_t n)
{
	for (int down = 1; n; down = !down) {
		const struct vi_event ev[] = { KEY(KEY_S, down),
					       KEY(KEY_B, down), SYN };
		const uint16_t len = n % 2 ? 3 : 2;

		rig_inject(rig, 0, &ev[3 - len], len);
		rig_expect(rig, &ev[3 - len], len, __FILE__, __LINE__);
		n -= len;
	}
}

/* A split ring's index wraps to 0: that does not make it a new ring. */
static void a_new_server_resumes_a_ring_at_index_0(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

	rig->fe.want_features &= ~FE_PACKED_RINGS;
	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, 8));
	ring->avail_idx = ring->used_idx = 0xff00;
	ring->avail->idx = ring->used->idx = htole16(0xff00);
	fe_post_buffers(&rig->fe, 8);
	assert_ok(fe_start(&rig->fe));
	expect_all_let_go(rig);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	tell_events(rig, (uint16_t)-ring->used_idx);
	assert_num(ring->used_idx, 0);
	another_server(rig);
	expect_all_let_go(rig);
	rig_expect_nothing(rig);
}

static void sigterm_ends_the_server_while_a_front_end_is_connected(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg;

	rig_run(rig, "keyboard", 16);
	assert_num(process_terminate(&rig->srv), 0);
	assert_rc(fe_recv(&rig->fe, &msg), FE_E_CLOSED);
}

static void sigint_ends_the_server(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	assert_sys(kill(rig->srv.pid, SIGINT));
	assert_num(process_wait(&rig->srv), 0);
}

/* As systemd does by default, twice in a row, and signals without a meaning. */
static void other_signals_do_no_harm(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	assert_sys(kill(rig->srv.pid, SIGPIPE));
	assert_sys(kill(rig->srv.pid, SIGWINCH));
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(front_end_comes_and_goes_200_times),
		T(front_end_is_logged_when_it_comes_and_when_it_goes),
		T(rejected_front_end_is_not_logged_as_one_that_went),
		T(front_ends_cannot_fill_the_log),
		T(second_front_end_waits_for_the_first_to_leave),
		T(start_sends_nothing_when_nothing_is_held),
		T(first_start_replays_nothing),
		T(start_sends_keys_that_are_held),
		T(start_sends_switches_that_are_on),
		T(a_start_brings_axes_that_are_known),
		T(a_start_brings_contacts_that_live),
		T(reconnected_guest_gets_what_was_released),
		T(get_vring_base_is_the_next_avail_index),
		T(get_vring_base_of_a_queue_never_started_is_its_base),
		T(suspended_device_does_nothing_but_answer),
		T(get_vring_base_lets_go_of_the_queues_fds),
		T(resumed_guest_gets_what_came_meanwhile),
		T(guest_that_was_suspended_before_any_event_is_resumed),
		T(resumed_guest_gets_nothing_twice),
		T(a_frame_cut_by_a_suspend_is_finished),
		T(ring_resumes_with_its_first_base),
		T(ring_resumes_with_the_drivers_base),
		T(ring_resumes_with_a_made_up_base),
		T(a_new_server_resumes_the_ring),
		T(a_new_server_resumes_a_ring_at_index_0),
		T(sigterm_ends_the_server_while_a_front_end_is_connected),
		T(sigint_ends_the_server),
		T(other_signals_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
