/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-launch under a streamer that types, moves and touches at once: its
 * servers are killed at random moments, one is upgraded in a swipe, and the
 * launcher itself is killed. The guest reads each motion, stroke and contact
 * once, and nothing more. There is no relay: QEMU's own connections must last,
 * since it does not reconnect.
 *
 * VINPUT_KILLS in the environment is how often a server is killed.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/launched.h"
#include "tests/guest/program.h"
#include "tests/guest/streams.h"
#include "tests/guest/tests.h"
#include "tests/lib/random.h"

#define KILLS 20
/* Few enough that a guest's program that is slow loses none. */
#define STEPS	6
#define STEP_US 3000

static const char *const labels[STREAMS] = { "keyboard", "mouse", "touch_0" };
static struct device devs[STREAMS];
static struct rnd rnd = { 7 };
static char dir[100];

static int kills(void)
{
	const char *text = getenv("VINPUT_KILLS");

	return text ? atoi(text) : KILLS;
}

static pid_t start_launcher(const char *streamer)
{
	char words[700];
	pid_t pid;

	snprintf(words, sizeof(words),
		 "--dir=%s --keyboard --mouse --display=1280x800 "
		 "--restart=on-failure:1000000/1%s%s",
		 dir, streamer ? " -- " : "", streamer ? streamer : "");
	pid = program_start("vinput-launch", words);
	program_run("vinput-launch",
		    launched_words("--wait=%s --timeout=20", dir));
	return pid;
}

/* Each is asked for its VMM; QEMU says so where a socket of its own ended. */
static void assert_connected(void)
{
	char *chardevs = vm_qmp_ask(&vm, "query-chardev");

	if (strstr(chardevs, "disconnected"))
		fail_msg("QEMU has lost a device: %s", chardevs);
	free(chardevs);
	for (int i = 0; i < STREAMS; i++)
		launched_next_pid(dir, labels[i], 0);
}

/* A server dies at some moment of some steps. */
static void kill_in_between(void)
{
	const unsigned int victim = rnd_below(&rnd, STREAMS);
	const unsigned int at = rnd_below(&rnd, STEPS);
	const pid_t pid = launched_next_pid(dir, labels[victim], 0);

	for (unsigned int i = 0; i < STEPS; i++) {
		streams_step();
		usleep(rnd_below(&rnd, STEP_US));
		if (i == at)
			assert_int_equal(kill(pid, SIGKILL), 0);
	}
	launched_next_pid(dir, labels[victim], pid);
	streams_count();
}

static void kill_some(int n)
{
	while (n--)
		kill_in_between();
}

static void assert_nothing_held(void)
{
	assert_state(&devs[STREAM_KEYS], "");
	assert_state(&devs[STREAM_MOUSE], "");
	assert_contacts(&devs[STREAM_TOUCH], "");
}

static void assert_all_arrived(void)
{
	assert_contacts(&devs[STREAM_TOUCH], streams_contacts());
	streams_release();
	assert_streams_arrived();
	assert_nothing_held();
}

/* The finger stays down, and arrives where it was moved to meanwhile. */
static void upgrade_in_a_swipe(void)
{
	pid_t upgrade;

	stream(STREAM_TOUCH, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 9999, "
			     "ABS_MT_POSITION_X 100, ABS_MT_POSITION_Y 10");
	assert_contacts(&devs[STREAM_TOUCH], "100 10\n");
	upgrade = program_start(
		"vinput-launch",
		launched_words("--control=%s upgrade touch_0", dir));
	for (int x = 101; x < 300; x++) {
		char frame[64];

		snprintf(frame, sizeof(frame), "ABS_MT_POSITION_X %d", x);
		stream(STREAM_TOUCH, frame);
		usleep(STEP_US);
	}
	program_wait(upgrade);
	stream(STREAM_TOUCH, "ABS_MT_POSITION_X 500");
	assert_contacts(&devs[STREAM_TOUCH], "500 10\n");
	stream(STREAM_TOUCH, "ABS_MT_TRACKING_ID -1");
	assert_all_arrived();
}

static void steps(int n)
{
	while (n--) {
		streams_step();
		usleep(STEP_US);
	}
	streams_count();
}

static void take_streams(void)
{
	const struct device *const ends[STREAMS] = { &devs[0], &devs[1],
						     &devs[2] };

	streams_take(ends);
}

/*
 * Its servers serve what is still connected; the next launcher replaces them,
 * and has a streamer of its own.
 */
static pid_t replace_launcher(pid_t launcher)
{
	int status;

	steps(STEPS);
	assert_int_equal(kill(launcher, SIGKILL), 0);
	steps(STEPS);
	assert_int_equal(waitpid(launcher, &status, 0), launcher);
	assert_all_arrived();
	steps(1);
	/* As when a streamer dies with its launcher. */
	streams_close();
	assert_nothing_held();
	launcher = start_launcher(streams_listen(dir));
	assert_nothing_held();
	forget_events();
	take_streams();
	return launcher;
}

void guest_has_all_events_once_after_kills(void **state)
{
	const struct device *const like[STREAMS] = { keyboard(), mouse(),
						     touchscreen() };
	const int n = kills();
	pid_t launcher;

	begin_without_guest();
	snprintf(dir, sizeof(dir), "%.80s.kills", keyboard()->srv.socket);
	for (int i = 0; i < STREAMS; i++)
		launched_device(&devs[i], like[i], dir, labels[i]);
	launcher = start_launcher(streams_listen(dir));
	boot_with(devs, STREAMS);
	take_streams();
	/* A frame that was cut short is completed by the next server. */
	vm.view[devs[STREAM_TOUCH].node].watched = false;
	kill_some(n / 3);
	assert_all_arrived();
	upgrade_in_a_swipe();
	kill_some(n / 3);
	assert_connected();
	launcher = replace_launcher(launcher);
	kill_some(n - 2 * (n / 3));
	assert_all_arrived();
	assert_connected();
	streams_close();
	done();
	vm_kill(&vm);
	assert_int_equal(kill(launcher, SIGTERM), 0);
	program_wait(launcher);
}
