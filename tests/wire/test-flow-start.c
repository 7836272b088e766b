/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest is sent when its driver starts, for whatever reason: the current
 * state, in one frame, and nothing of how it came about. A guest that only
 * slept is sent what has changed, and so is one whose server has died.
 *
 *	each device x each way to start = one case
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/frontend/frontend-config.h"
#include "input/spec/spec-rest.h"
#include "tests/lib/event-text.h"
#include "tests/lib/input-model.h"
#include "tests/lib/stats.h"

/* What is injected; something is held after the last text. */
struct device {
	const char *spec;
	const char *before; /* taps and moves: nothing of them is held */
	const char *held;
	const char *later; /* while there is no driver */
	const char *never; /* an event of `before` that must not be delivered */
};

static const struct device devices[] = {
	{ "keyboard", "KEY_B 1", "KEY_B 0, KEY_A 1, KEY_LEFTSHIFT 1",
	  "KEY_A 0, KEY_S 1", "KEY_B 1" },
	{ "switches", "SW_TABLET_MODE 1", "SW_TABLET_MODE 0, SW_LID 1",
	  "SW_LID 0, SW_TABLET_MODE 1", NULL },
	{ "mouse", "REL_X 5, REL_Y 6, BTN_RIGHT 1", "BTN_RIGHT 0, BTN_LEFT 1",
	  "BTN_LEFT 0, BTN_RIGHT 1", "REL_X 5" },
	{ "axes", "ABS_X -100, BTN_TRIGGER 1, ABS_THROTTLE 3",
	  "ABS_X 50, ABS_THROTTLE 200", "BTN_TRIGGER 0, ABS_THROTTLE 100",
	  "ABS_X -100" },
	{ "touch",
	  "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 1, "
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 2, ABS_MT_POSITION_X 2, "
	  "ABS_MT_POSITION_Y 3",
	  "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
	  "ABS_MT_POSITION_X 900, ABS_MT_POSITION_Y 901",
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 2, "
	  "ABS_MT_TRACKING_ID 3, ABS_MT_POSITION_X 7, ABS_MT_POSITION_Y 8",
	  "ABS_MT_POSITION_X 1" },
};

#define N_DEVICES (sizeof(devices) / sizeof(devices[0]))

struct world {
	struct rig *rig;
	const struct device *dev;
	struct spec spec;
	struct model model;
	struct linux_guest guest;
	unsigned long long frames; /* injected */
	struct vi_event never;
	bool never_seen;
};

static struct world w;

static void inject_text(const char *text)
{
	struct vi_event ev[32];
	const size_t n = event_text_frame(text, ev, 32);

	rig_inject(w.rig, 0, ev, n);
	model_frame(&w.model, 0, ev, n - 1);
	stats_wait(w.rig, "frames_in", ++w.frames);
}

/* Until it is quiet. Return: how many frames arrived. */
static int take_frames(void)
{
	struct vi_event ev;
	int frames = 0;

	while (!fe_next_event(&w.rig->fe, &ev, RIG_QUIET_MS)) {
		linux_guest_take(&w.guest, &ev, 1);
		frames += vi_is_syn_report(&ev);
		w.never_seen |= !memcmp(&ev, &w.never, sizeof(ev));
	}
	return frames;
}

static void expect_true(void)
{
	char why[128];

	memcpy(w.guest.rel, w.model.rel, sizeof(w.guest.rel));
	if (!model_matches(&w.model, &w.guest, why) ||
	    !model_guest_is_sane(&w.guest, why))
		fail_msg("%s: %s", w.dev->spec, why);
}

static void boot(void)
{
	linux_guest_boot(&w.guest, &w.spec);
	w.never_seen = false;
}

static void begin(void **state)
{
	w = (struct world){ .rig = *state };
	w.dev = w.rig->row;
	w.never = vi_event(UINT16_MAX, 0, 0);
	if (w.dev->never)
		event_text_read(w.dev->never, &w.never, 1);
	stats_serve(w.rig);
	rig_serve(w.rig, w.dev->spec);
	rig_connect(w.rig);
	assert_ok(fe_negotiate(&w.rig->fe));
	assert_ok(fe_read_spec(&w.rig->fe, &w.spec));
	spec_rest_defaults(&w.spec, 0);
	rig_disconnect(w.rig);
	model_init(&w.model, &w.spec);
	boot();
}

/* One frame with the current state, nothing of before. */
static void expect_current_state(void)
{
	assert_num(take_frames(), 1);
	assert_false(w.never_seen);
	expect_true();
}

static void a_first_boot_gets_the_current_state(void **state)
{
	begin(state);
	inject_text(w.dev->before);
	inject_text(w.dev->held);
	rig_run(w.rig, NULL, 64);
	expect_current_state();
}

/* Its ring has no room for the frame. */
static void a_first_boot_with_a_ring_of_1_gets_the_current_state(void **state)
{
	begin(state);
	inject_text(w.dev->before);
	inject_text(w.dev->held);
	rig_run(w.rig, NULL, 1);
	expect_current_state();
}

static void use_for_a_while(void **state, uint16_t num)
{
	begin(state);
	rig_run(w.rig, NULL, num);
	inject_text(w.dev->before);
	inject_text(w.dev->held);
	take_frames();
	expect_true();
}

static void stop(uint32_t base[FE_QUEUES])
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_stop_queue(&w.rig->fe, i, &base[i]));
}

static void start(const uint32_t base[FE_QUEUES])
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_start_queue(&w.rig->fe, i, base[i]));
}

static void begin_rings(void)
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(&w.rig->fe, i));
}

static void reset_rings(void)
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe_ring_reset(&w.rig->fe.ring[i]);
	fe_post_buffers(&w.rig->fe, RIG_BUFFERS);
}

static void a_reboot_gets_the_current_state(void **state)
{
	uint32_t base[FE_QUEUES];

	use_for_a_while(state, 64);
	stop(base);
	boot();
	reset_rings();
	begin_rings();
	expect_current_state();
}

/* An old kernel's resume: new rings, but it has kept its state. */
static void a_reboot_that_forgets_nothing_is_put_right(void **state)
{
	uint32_t base[FE_QUEUES];

	use_for_a_while(state, 64);
	stop(base);
	inject_text(w.dev->later);
	reset_rings();
	begin_rings();
	assert_num(take_frames(), 1);
	expect_true();
}

static void a_reconnect_gets_the_current_state(void **state)
{
	use_for_a_while(state, 64);
	rig_disconnect(w.rig);
	inject_text(w.dev->later);
	boot();
	rig_run(w.rig, NULL, 64);
	expect_current_state();
}

static void a_resume_gets_nothing_if_nothing_changed(void **state)
{
	uint32_t base[FE_QUEUES];

	use_for_a_while(state, 64);
	stop(base);
	start(base);
	assert_num(take_frames(), 0);
	expect_true();
}

static void a_resume_gets_what_changed(void **state)
{
	uint32_t base[FE_QUEUES];

	use_for_a_while(state, 64);
	stop(base);
	inject_text(w.dev->later);
	start(base);
	assert_num(take_frames(), 1);
	expect_true();
}

static void a_front_end_that_reconnects_finds_its_guest_up_to_date(void **state)
{
	use_for_a_while(state, 8);
	close(w.rig->fe.fd);
	w.rig->fe.fd = -1;
	inject_text(w.dev->later);
	rig_reattach(w.rig);
	take_frames();
	expect_true();
}

/*
 * A server that knows nothing, and injectors that are new to it: what its
 * predecessor sent to the guest is not true any more.
 */
static void nothing_of_a_server_that_was_killed_is_stuck(void **state)
{
	struct rig *rig;

	use_for_a_while(state, 8);
	rig = w.rig;
	assert_sys(kill(rig->srv.pid, SIGKILL));
	assert_num(process_wait(&rig->srv), 128 + SIGKILL);
	process_fini(&rig->srv);
	process_init(&rig->srv, "vhost-user-input");
	unlink(rig->socket);
	close(rig->inject[0]);
	rig->n_inject = 0;
	stats_serve(rig);
	rig_serve(rig, w.dev->spec);
	stats_now(rig, "sources");
	rig_reattach(w.rig);
	/* Axes without a rest keep their values: no source moved them. */
	struct model none;
	model_init(&none, &w.spec);
	for (int i = 0; i < ABS_CNT; i++)
		if (!w.spec.abs[i].has_rest)
			none.abs[i] = w.model.abs[i];
	w.model = none;
	/* The last frame of contacts may have been cut: it gets an end first.
	 */
	assert_num(take_frames(), spec_slots(&w.spec) ? 2 : 1);
	w.guest.empty = 0;
	expect_true();
}

/* Its keys are far more than the ring holds: each is sent once. */
static void every_key_is_let_go_after_a_server_was_killed(void **state)
{
	static const struct device keyboard = { "keyboard", NULL, NULL, NULL,
						NULL };
	struct vi_event ev;
	int keys = 0, declared = 0;

	w = (struct world){ .rig = *state, .dev = &keyboard };
	struct rig *rig = w.rig;
	for (int life = 0; life < 2; life++) {
		process_arg(&rig->srv, "--spec=%s/specs/keyboard.json",
			    test_root());
		rig_listen(rig);
		rig_injector(rig, SOCK_STREAM);
		process_start(&rig->srv);
		close(rig->listen_fd);
		rig->listen_fd = -1;
		if (life)
			break;
		rig_run(rig, NULL, 4);
		inject(rig, KEY(KEY_A, 1), KEY(KEY_LEFTMETA, 1), SYN);
		do {
			assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		} while (vi_code(&ev) != KEY_LEFTMETA);
		expect(rig, SYN);
		assert_ok(fe_read_spec(&rig->fe, &w.spec));
		assert_sys(kill(rig->srv.pid, SIGKILL));
		process_wait(&rig->srv);
		process_fini(&rig->srv);
		process_init(&rig->srv, "vhost-user-input");
		unlink(rig->socket);
		close(rig->inject[0]);
		rig->n_inject = 0;
	}
	rig_reattach(w.rig);
	for (;;) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_is_syn_report(&ev))
			break;
		if (vi_type(&ev) != EV_KEY)
			continue;
		assert_num(vi_value(&ev), 0);
		keys++;
	}
	for (unsigned int code = 0; code < KEY_CNT; code++)
		declared += spec_has(&w.spec, EV_KEY, (uint16_t)code);
	assert_num(keys, declared);
	rig_expect_nothing(rig);
}

#define ROWS(test)                                             \
	for (size_t i = 0; i < N_DEVICES; i++)                 \
		tests[n++] = (struct CMUnitTest)               \
		{                                              \
#test, test, rig_setup, rig_teardown,  \
				(void *)(uintptr_t)&devices[i] \
		}

int main(void)
{
	struct CMUnitTest tests[9 * N_DEVICES + 1];
	size_t n = 0;

	ROWS(a_first_boot_gets_the_current_state);
	ROWS(a_first_boot_with_a_ring_of_1_gets_the_current_state);
	ROWS(a_reboot_gets_the_current_state);
	ROWS(a_reboot_that_forgets_nothing_is_put_right);
	ROWS(a_reconnect_gets_the_current_state);
	ROWS(a_resume_gets_nothing_if_nothing_changed);
	ROWS(a_resume_gets_what_changed);
	ROWS(a_front_end_that_reconnects_finds_its_guest_up_to_date);
	ROWS(nothing_of_a_server_that_was_killed_is_stuck);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(
		every_key_is_let_go_after_a_server_was_killed, rig_setup,
		rig_teardown);

	return _cmocka_run_group_tests("start", tests, n, NULL, NULL);
}
