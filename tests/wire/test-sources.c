/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several injectors of one device: streams, packets, pipes and connections;
 * what happens when one disconnects or breaks the rules; LEDs and sounds to
 * all.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/rig.h"

/* A running keyboard with n injectors of a type by --inject-fd. */
static void run_with(struct rig *rig, int n, int type)
{
	for (int i = 0; i < n - 1; i++)
		rig_injector(rig, type);
	if (type != SOCK_STREAM)
		rig_injector(rig, type);
	rig_run(rig, "keyboard", 64);
}

static void run_with_inject_path(struct rig *rig)
{
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "keyboard", 64);
}

/* Return: the index in rig->inject of a new connection to --inject-path. */
static size_t connect_injector(struct rig *rig)
{
	assert_true(rig->n_inject < RIG_INJECTORS_MAX);
	rig->inject[rig->n_inject] =
		rig_unix_connect(rig->inject_path, SOCK_STREAM);
	return rig->n_inject++;
}

static void leave(struct rig *rig, size_t injector)
{
	close(rig->inject[injector]);
	rig->inject[injector] = -1;
}

/* Each writes half a frame before any writes the other half. */
static void frames_of_several_sources_never_mix(void **state)
{
	struct rig *rig = *state;

	run_with(rig, 3, SOCK_STREAM);
	inject_on(rig, 0, KEY(KEY_A, 1));
	rig_wait_read(rig->inject[0]);
	inject_on(rig, 1, KEY(KEY_B, 1));
	rig_wait_read(rig->inject[1]);
	inject_on(rig, 2, KEY(KEY_S, 1));
	rig_wait_read(rig->inject[2]);
	rig_expect_nothing(rig);
	inject_on(rig, 2, KEY(KEY_LEFTSHIFT, 1), SYN);
	expect(rig, KEY(KEY_S, 1), KEY(KEY_LEFTSHIFT, 1), SYN);
	inject_on(rig, 0, SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	inject_on(rig, 1, KEY(KEY_ESC, 1), SYN);
	expect(rig, KEY(KEY_B, 1), KEY(KEY_ESC, 1), SYN);
	rig_expect_nothing(rig);
}

/* Source i moves REL_X by i + 1 and REL_Y by the same, in one frame. */
static void frames_of_busy_sources_never_mix(void **state)
{
	struct rig *rig = *state;
	size_t n = 8, frames = 500, got[8] = { 0 };
	struct vi_event x, y, end;

	for (size_t i = 0; i < n - 1; i++)
		rig_injector(rig, SOCK_STREAM);
	rig_run(rig, "mouse", 4);
	for (size_t f = 0; f < frames; f++) {
		for (size_t i = 0; i < n; i++)
			inject_on(rig, i, REL(REL_X, (int)i + 1),
				  REL(REL_Y, (int)i + 1), SYN);
		for (size_t i = 0; i < n; i++) {
			assert_ok(fe_next_event(&rig->fe, &x, DEADLINE_MS));
			assert_ok(fe_next_event(&rig->fe, &y, DEADLINE_MS));
			assert_ok(fe_next_event(&rig->fe, &end, DEADLINE_MS));
			assert_num(vi_code(&x), REL_X);
			assert_num(vi_code(&y), REL_Y);
			assert_num(vi_value(&x), vi_value(&y));
			assert_true(vi_is_syn_report(&end));
			got[vi_value(&x) - 1]++;
		}
	}
	for (size_t i = 0; i < n; i++)
		assert_num(got[i], frames);
	rig_expect_nothing(rig);
}

/* The packets are injector 0; rig_serve() adds another after it. */
static void seqpacket_injector_sends_frames(void **state)
{
	struct rig *rig = *state;

	run_with(rig, 1, SOCK_SEQPACKET);
	inject_on(rig, 0, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	rig_expect_typed(rig);
	/* A frame may consist of several packets. */
	inject_on(rig, 0, KEY(KEY_B, 1));
	rig_wait_read(rig->inject[0]);
	rig_expect_nothing(rig);
	inject_on(rig, 0, SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void seqpacket_of_the_largest_size_is_taken(void **state)
{
	static struct vi_event ev[4096];
	struct rig *rig = *state;

	rig_injector(rig, SOCK_SEQPACKET);
	rig_run(rig, "mouse", 64);
	for (int i = 0; i < 4095; i++)
		ev[i] = REL(REL_X, i + 1);
	ev[4095] = SYN;
	rig_inject(rig, 0, ev, 4096);
	rig_expect(rig, ev, 4096, __FILE__, __LINE__);
	rig_expect_nothing(rig);
}

static void larger_seqpacket_drops_its_injector(void **state)
{
	/* More than the device has space for, of any number of frames. */
	static struct vi_event ev[3 * 4096 + 2];
	struct rig *rig = *state;

	run_with(rig, 1, SOCK_SEQPACKET);
	for (size_t i = 0; i < ARRAY_LEN(ev); i++)
		ev[i] = SYN;
	assert_sys(send(rig->inject[0], ev, sizeof(ev), MSG_NOSIGNAL));
	process_expect_log(&rig->srv, "sent a packet of more than 4096 events");
	rig->lines.injector++;
	inject_on(rig, 1, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void seqpacket_of_12_bytes_drops_its_injector(void **state)
{
	struct rig *rig = *state;
	const struct vi_event ev[] = { KEY(KEY_A, 1), SYN };

	run_with(rig, 1, SOCK_SEQPACKET);
	assert_sys(send(rig->inject[0], ev, 12, MSG_NOSIGNAL));
	process_expect_log(&rig->srv, "injector: ");
	rig->lines.injector++;
	inject_on(rig, 1, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void what_a_dropped_injector_held_is_released(void **state)
{
	struct rig *rig = *state;

	run_with(rig, 1, SOCK_SEQPACKET);
	inject_on(rig, 0, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	assert_sys(send(rig->inject[0], "abc", 3, MSG_NOSIGNAL));
	expect(rig, KEY(KEY_A, 0), SYN);
	process_expect_log(&rig->srv, "injector: ");
	rig->lines.injector++;
	rig_expect_nothing(rig);
}

static void a_frame_that_never_ends_drops_its_injector(void **state)
{
	static struct vi_event ev[4097];
	struct rig *rig = *state;

	run_with(rig, 2, SOCK_STREAM);
	for (size_t i = 0; i < 4097; i++)
		ev[i] = KEY(KEY_A, (int)(i % 2));
	rig_inject(rig, 0, ev, 4097);
	process_expect_log(&rig->srv, "injector: ");
	rig->lines.injector++;
	inject_on(rig, 1, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void an_injector_that_leaves_releases_what_it_held(void **state)
{
	struct rig *rig = *state;

	run_with(rig, 2, SOCK_STREAM);
	inject_on(rig, 0, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	leave(rig, 0);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

static void a_key_is_down_while_anybody_holds_it(void **state)
{
	struct rig *rig = *state;

	run_with(rig, 2, SOCK_STREAM);
	inject_on(rig, 0, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	inject_on(rig, 1, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
	leave(rig, 0);
	rig_expect_nothing(rig);
	inject_on(rig, 1, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

static void an_unfinished_frame_is_dropped_with_its_injector(void **state)
{
	struct rig *rig = *state;
	const struct vi_event ev[] = { KEY(KEY_A, 1), SYN };

	run_with(rig, 2, SOCK_STREAM);
	rig->lines.injector = -1; /* it may be logged */
	assert_sys(send(rig->inject[0], ev, 13, MSG_NOSIGNAL));
	leave(rig, 0);
	inject_on(rig, 1, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

/* Frames that were complete before the end count. */
static void the_last_words_of_an_injector_are_heard(void **state)
{
	struct rig *rig = *state;

	run_with(rig, 1, SOCK_STREAM);
	inject(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN, KEY(KEY_B, 1), SYN);
	leave(rig, 0);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN, KEY(KEY_B, 1), SYN,
	       KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
}

static void the_end_of_all_injectors_does_not_end_the_device(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	run_with(rig, 2, SOCK_STREAM);
	leave(rig, 0);
	leave(rig, 1);
	size_t late = connect_injector(rig);
	inject_on(rig, late, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

/* A shell's pipe is as good as a socket. */
static void an_injector_may_be_a_pipe(void **state)
{
	struct rig *rig = *state;
	const struct vi_event ev[] = { KEY(KEY_A, 1), SYN };
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	process_arg(&rig->srv, "--inject-fd=%d", fd[0]);
	process_keep_fd(&rig->srv, fd[0]);
	rig_run(rig, "keyboard", 16);
	assert_num(write(fd[1], ev, sizeof(ev)), sizeof(ev));
	expect(rig, KEY(KEY_A, 1), SYN);
	close(fd[1]);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

static void injectors_connect_and_leave_at_will(void **state)
{
	struct rig *rig = *state;

	run_with_inject_path(rig);
	for (int i = 0; i < 50; i++) {
		size_t one = connect_injector(rig);
		size_t two = connect_injector(rig);

		inject_on(rig, two, KEY(KEY_A, 1), SYN);
		expect(rig, KEY(KEY_A, 1), SYN);
		inject_on(rig, one, KEY(KEY_B, 1), SYN);
		expect(rig, KEY(KEY_B, 1), SYN);
		leave(rig, two);
		expect(rig, KEY(KEY_A, 0), SYN);
		leave(rig, one);
		expect(rig, KEY(KEY_B, 0), SYN);
		rig->n_inject -= 2;
	}
	rig_expect_nothing(rig);
}

/* Return: whether it was refused; if not, the guest has got an event. */
static bool is_refused(struct rig *rig, int fd)
{
	const struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (int ms = 0; ms < DEADLINE_MS; ms++) {
		if (fe_ring_n_used(ring))
			return false;
		if (poll(&p, 1, 1) == 1)
			return true;
	}
	fail_msg("neither refused nor served");
	return false;
}

/* The device may not have noticed that others left, and refuse. */
static void inject_from_a_late_one(struct rig *rig, struct vi_event ev)
{
	const struct vi_event frame[] = { ev, SYN };

	for (;;) {
		size_t late = connect_injector(rig);

		/* An error is a refusal, too. */
		send(rig->inject[late], frame, sizeof(frame), MSG_NOSIGNAL);
		if (!is_refused(rig, rig->inject[late]))
			return;
		leave(rig, late);
		rig->n_inject--;
	}
}

/* The first ones are not disturbed, and there is room again later. */
static void too_many_injectors_are_refused(void **state)
{
	struct rig *rig = *state;
	int fds[200];
	size_t refused = 0;

	run_with_inject_path(rig);
	rig->lines.injector = -1;
	for (size_t i = 0; i < 200; i++)
		fds[i] = rig_unix_connect(rig->inject_path, SOCK_STREAM);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	process_expect_log(&rig->srv, "injector: ");
	for (size_t i = 0; i < 200; i++) {
		struct pollfd p = { .fd = fds[i], .events = POLLIN };

		refused += poll(&p, 1, 0) == 1 && p.revents & POLLHUP;
		close(fds[i]);
	}
	assert_true(refused > 0);
	inject_from_a_late_one(rig, KEY(KEY_B, 1));
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void send_status(struct rig *rig, struct vi_event ev)
{
	assert_ok(fe_send_status(&rig->fe, &ev));
}

static void leds_and_sounds_go_to_all_sources(void **state)
{
	const struct vi_event led = LED(LED_CAPSL, 1);
	const struct vi_event bell = vi_event(EV_SND, SND_BELL, 1);
	struct rig *rig = *state;

	rig_injector(rig, SOCK_SEQPACKET);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "keyboard", 64);
	size_t n = connect_injector(rig) + 1;
	inject_on(rig, n - 1, KEY(KEY_A, 1), SYN); /* then it was accepted */
	expect(rig, KEY(KEY_A, 1), SYN);
	send_status(rig, led);
	send_status(rig, bell);
	assert_num(n, 3);
	for (size_t i = 0; i < n; i++) {
		rig_expect_status(rig, i, &led, 1);
		rig_expect_status(rig, i, &bell, 1);
		rig_expect_no_status(rig, i);
	}
}

/* Linux sends EV_MSC back: a device that reflects it makes a loop. */
static void msc_from_the_guest_is_not_reflected(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	send_status(rig, vi_event(EV_MSC, MSC_SCAN, 1));
	send_status(rig, LED(LED_NUML, 1));
	expect_status(rig, LED(LED_NUML, 1));
	rig_expect_no_status(rig, 0);
	rig_expect_nothing(rig);
}

/* Those that the driver has set, also if that was to off. */
static void an_injector_that_connects_later_gets_the_leds(void **state)
{
	struct rig *rig = *state;
	uint32_t base;

	run_with_inject_path(rig);
	send_status(rig, LED(LED_CAPSL, 1));
	send_status(rig, LED(LED_NUML, 1));
	send_status(rig, LED(LED_NUML, 0));
	expect_status(rig, LED(LED_CAPSL, 1), LED(LED_NUML, 1),
		      LED(LED_NUML, 0));
	size_t late = connect_injector(rig);
	rig_expect_status(rig, late,
			  RIG_EVENTS(LED(LED_NUML, 0), LED(LED_CAPSL, 1)));
	rig_expect_no_status(rig, late);
	/* A driver that starts has set none. */
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_stop_queue(&rig->fe, i, &base));
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe_ring_reset(&rig->fe.ring[i]);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_start_queue(
			&rig->fe, i, fe_ring_base_after(&rig->fe.ring[i], 0)));
	late = connect_injector(rig);
	rig_expect_no_status(rig, late);
	rig_expect_no_status(rig, 0);
}

/* An invalid status event is used, and nothing else happens. */
static void other_events_from_the_guest_are_not_passed_on(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	send_status(rig, KEY(KEY_A, 1));
	send_status(rig, REL(REL_X, 1));
	send_status(rig, vi_event(UINT16_MAX, UINT16_MAX, -1));
	rig_expect_no_status(rig, 0);
	rig_expect_nothing(rig);
}

static void a_source_that_reads_no_status_loses_only_it(void **state)
{
	struct rig *rig = *state;
	struct pollfd p;

	rig_injector(rig, SOCK_STREAM);
	rig_run(rig, "keyboard", 64);
	p = (struct pollfd){ .fd = rig->inject[1], .events = POLLIN };
	/* Far more than a socket holds; the second source reads its own. */
	for (int i = 0; i < 20000; i++) {
		struct vi_event ev = LED(LED_CAPSL, i % 2), got;

		send_status(rig, ev);
		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		assert_num(recv(p.fd, &got, sizeof(got), 0), sizeof(got));
		assert_memory_equal(&got, &ev, sizeof(got));
	}
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	/* What it got is whole events. */
	size_t len = 0;
	uint8_t bytes[4096];
	ssize_t n;
	while ((n = recv(rig->inject[0], bytes, sizeof(bytes), MSG_DONTWAIT)) >
	       0)
		len += (size_t)n;
	assert_true(len > 0);
	assert_num(len % 8, 0);
}

static void a_status_for_an_injector_that_left_does_no_harm(void **state)
{
	struct rig *rig = *state;

	run_with(rig, 2, SOCK_STREAM);
	/* It reads no more but stays connected in the other direction. */
	assert_sys(shutdown(rig->inject[0], SHUT_RD));
	send_status(rig, LED(LED_CAPSL, 1));
	leave(rig, 0);
	send_status(rig, LED(LED_CAPSL, 0));
	rig_expect_status(rig, 1, RIG_EVENTS(LED(LED_CAPSL, 1)));
	rig_expect_status(rig, 1, RIG_EVENTS(LED(LED_CAPSL, 0)));
	inject_on(rig, 1, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
}

/* Half closed: no more events from it, but its LEDs do not block. */
static void an_injector_may_close_its_writing_half(void **state)
{
	struct rig *rig = *state;

	run_with(rig, 2, SOCK_STREAM);
	inject_on(rig, 0, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	assert_sys(shutdown(rig->inject[0], SHUT_WR));
	expect(rig, KEY(KEY_A, 0), SYN);
	send_status(rig, LED(LED_CAPSL, 1));
	inject_on(rig, 1, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(frames_of_several_sources_never_mix),
		T(frames_of_busy_sources_never_mix),
		T(seqpacket_injector_sends_frames),
		T(seqpacket_of_the_largest_size_is_taken),
		T(larger_seqpacket_drops_its_injector),
		T(seqpacket_of_12_bytes_drops_its_injector),
		T(what_a_dropped_injector_held_is_released),
		T(a_frame_that_never_ends_drops_its_injector),
		T(an_injector_that_leaves_releases_what_it_held),
		T(a_key_is_down_while_anybody_holds_it),
		T(an_unfinished_frame_is_dropped_with_its_injector),
		T(the_last_words_of_an_injector_are_heard),
		T(the_end_of_all_injectors_does_not_end_the_device),
		T(an_injector_may_be_a_pipe),
		T(injectors_connect_and_leave_at_will),
		T(too_many_injectors_are_refused),
		T(leds_and_sounds_go_to_all_sources),
		T(msc_from_the_guest_is_not_reflected),
		T(an_injector_that_connects_later_gets_the_leds),
		T(other_events_from_the_guest_are_not_passed_on),
		T(a_source_that_reads_no_status_loses_only_it),
		T(a_status_for_an_injector_that_left_does_no_harm),
		T(an_injector_may_close_its_writing_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
