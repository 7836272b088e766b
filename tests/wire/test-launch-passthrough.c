/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-launch with devices of a host that the test plays
 * (tests/lib/fake-host.h) beside its others.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/fake-host.h"
#include "tests/lib/launch.h"
#include "tests/lib/stream-test.h"
#include "tests/lib/walls.h"

static struct fake_host host;
static struct fake_plug keyboard; /* /dev/input/event3 */

static int setup(void **state)
{
	struct launch_test *t;

	if (launch_setup(state))
		return -1;
	t = *state;
	fake_host_init(&host, t->rig->dir);
	fake_plug_init(&keyboard, &host);
	fake_node_keyboard(keyboard.node);
	fake_plug_in(&keyboard, 3);
	assert_sys(asprintf(&t->launcher.env,
			    "LD_PRELOAD=%s/tests/wire/node-stand-in.so",
			    test_bin_dir()));
	return 0;
}

static int teardown(void **state)
{
	int r = launch_teardown(state);

	fake_plug_fini(&keyboard);
	return r;
}

static void start(struct launch_test *t)
{
	process_allow_preload();
	launch_start(t);
}

static void expect_taken(void)
{
	for (int i = 0; i < DEADLINE_MS && !keyboard.node->grabbed; i++)
		usleep(1000);
	assert_true(keyboard.node->grabbed);
}

/* The guest's driver is told how keys repeat. */
static void run_guest(struct launch_test *t, const char *label)
{
	launch_guest(t, label);
	expect(t->rig, vi_event(EV_REP, REP_DELAY, 250),
	       vi_event(EV_REP, REP_PERIOD, 33), SYN);
}

static void expect_typed(struct launch_test *t)
{
	fake_node_sends(keyboard.fd, "KEY_A 1");
	fake_node_sends(keyboard.fd, "KEY_A 0");
	expect(t->rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
}

static void a_device_of_the_host_is_one_of_the_launchers(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--mouse");
	launch_arg(t, "--passthrough=/dev/input/event3=kbd");
	start(t);
	fake_plug_accept(&keyboard);
	expect_taken();
	launch_expect_control(t, "kbd              passthrough    ready",
			      LAUNCH_WORDS("list"));
	run_guest(t, "kbd");
	expect_typed(t);
	launch_injector(t, "kbd");
	inject(t->rig, KEY(KEY_B, 1), SYN);
	expect(t->rig, KEY(KEY_B, 1), SYN);
	launch_expect_flag(t, "kbd", "driver", true);
	launch_expect_control(t, "\"sources_total\":1",
			      LAUNCH_WORDS("stats", "kbd"));
	launch_expect_refused(t, 1, "kbd is a device of the host",
			      LAUNCH_WORDS("reload", "kbd"));
	launch_end(t);
	assert_false(keyboard.node->grabbed);
}

/* To a program that injects, such as a streamer, whenever that starts. */
static void it_is_described(void **state)
{
	struct launch_test *t = *state;
	struct stream_test *s;
	void *streamer;

	launch_arg(t, "--passthrough=event3=kbd");
	start(t);
	fake_plug_accept(&keyboard);
	expect_taken();
	launch_expect_control(t, "\"name\":\"Keyboard of a test\"",
			      LAUNCH_WORDS("describe", "kbd"));
	stream_setup(&streamer);
	s = streamer;
	process_arg(&s->p, "--dir=%s", t->place);
	stream_start(s);
	stream_wait_counter(s, "devices", 1);
	web_client_start(&s->client[0], s->url[0]);
	if (!strstr(s->client[0].message, "\"name\":\"Keyboard of a test\""))
		fail_msg("%s", s->client[0].message);
	assert_ok(stream_teardown(&streamer));
	launch_end(t);
}

static void it_is_restarted_when_it_dies(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--passthrough=event3");
	start(t);
	fake_plug_accept(&keyboard);
	expect_taken();
	assert_sys(kill((pid_t)launch_number(t, "event3", "pid"), SIGKILL));
	keyboard.node->grabbed = false;
	fake_plug_accept(&keyboard);
	expect_taken();
	launch_expect_state(t, "event3", "ready");
	assert_num(launch_number(t, "event3", "restarts"), 1);
	run_guest(t, "event3");
	expect_typed(t);
	launch_end(t);
}

static void it_comes_and_goes_by_order(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--mouse");
	start(t);
	launch_expect_control(t, "kbd\n",
			      LAUNCH_WORDS("add",
					   "--passthrough=/dev/input/event3="
					   "kbd"));
	fake_plug_accept(&keyboard);
	expect_taken();
	launch_expect_control(t, "", LAUNCH_WORDS("remove", "kbd"));
	assert_false(keyboard.node->grabbed);
	launch_expect_ok(launch_order(
		t, "{\"command\": \"add\", \"devices\": [{\"passthrough\": "
		   "\"/dev/input/event3\", \"grab\": \"none\"}]}"));
	fake_plug_accept(&keyboard);
	run_guest(t, "event3");
	expect_typed(t);
	assert_false(keyboard.node->grabbed);
	launch_end(t);
}

/* It has the options of the other servers. */
static void it_is_confined_like_the_others(void **state)
{
	struct launch_test *t = *state;

	walls_need_no_sanitizer();
	launch_arg(t, "--sandbox=on");
	launch_arg(t, "--stall-ms=50");
	launch_arg(t, "--inject-allow-uid=%u", getuid());
	launch_arg(t, "--passthrough=event3=kbd");
	start(t);
	fake_plug_accept(&keyboard);
	expect_taken();
	walls_expect_sentry_confined((pid_t)launch_number(t, "kbd", "pid"));
	run_guest(t, "kbd");
	expect_typed(t);
	launch_end(t);
}

static void a_device_that_is_not_there_is_not_added(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--mouse");
	start(t);
	launch_expect_refused(t, 1, "x: /dev/input/event9: ",
			      LAUNCH_WORDS("add",
					   "--passthrough=/dev/input/event9="
					   "x"));
	assert_num(launch_number(t, "x", "pid"), -1);
	launch_end(t);
}

static void a_streamer_reaches_it(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--passthrough=event3=kbd");
	launch_relay(t, 0, "{kbd_fd}", "");
	start(t);
	fake_plug_accept(&keyboard);
	expect_taken();
	free(launch_accept_relay(t));
	run_guest(t, "kbd");
	inject(t->rig, KEY(KEY_B, 1), SYN);
	expect(t->rig, KEY(KEY_B, 1), SYN);
	expect_typed(t);
	/* Both live on, with what the streamer holds. */
	assert_sys(kill((pid_t)launch_number(t, "kbd", "pid"), SIGKILL));
	fake_plug_accept(&keyboard);
	launch_expect_state(t, "kbd", "ready");
	launch_guest(t, "kbd");
	expect(t->rig, vi_event(EV_REP, REP_DELAY, 250),
	       vi_event(EV_REP, REP_PERIOD, 33), KEY(KEY_B, 1), SYN);
	launch_end(t);
}

/* One process at a time can have it. */
static void the_next_launcher_takes_it_over(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--passthrough=event3=kbd");
	start(t);
	fake_plug_accept(&keyboard);
	expect_taken();
	run_guest(t, "kbd");
	assert_sys(kill(t->launcher.pid, SIGKILL));
	assert_num(process_wait(&t->launcher), 128 + SIGKILL);
	process_fini(&t->launcher);
	close(t->control);
	t->control = -1;
	expect_typed(t);
	process_init(&t->launcher, "vinput-launch");
	assert_sys(asprintf(&t->launcher.env,
			    "LD_PRELOAD=%s/tests/wire/node-stand-in.so",
			    test_bin_dir()));
	launch_arg(t, "--dir=%s", t->place);
	launch_arg(t, "--passthrough=event3=kbd");
	keyboard.node->grabbed = false;
	start(t);
	fake_plug_accept(&keyboard);
	expect_taken();
	launch_expect_state(t, "kbd", "ready");
	expect_typed(t);
	close(t->control);
	t->control = -1;
	assert_num(process_terminate(&t->launcher), 0);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	assert_sys(rmdir(t->place));
	launch_expect_nothing_left(t);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(a_device_of_the_host_is_one_of_the_launchers),
		test(it_is_described),
		test(it_is_restarted_when_it_dies),
		test(it_comes_and_goes_by_order),
		test(it_is_confined_like_the_others),
		test(a_device_that_is_not_there_is_not_added),
		test(a_streamer_reaches_it),
		test(the_next_launcher_takes_it_over),
	};

	launch_relay_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
