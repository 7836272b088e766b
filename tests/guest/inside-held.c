/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tests/guest/inside-held.h"
#include "tests/lib/clock.h"
#include "tests/lib/temp-dir.h"

#define ROUNDS	5
#define FDS_MAX 256 /* of a process, more than it has */

const struct held_kind held_kinds[HELD_KINDS] = {
	{ "key", "KEY_A, KEY_LEFTCTRL, KEY_RIGHTCTRL", "KEY_A 1", "KEY_A 1",
	  "KEY_A 0" },
	{ "button", "BTN_LEFT, REL_X, REL_Y", "BTN_LEFT 1", "BTN_LEFT 1",
	  "BTN_LEFT 0" },
	{ "contact",
	  "BTN_TOUCH, ABS_X 0..99, ABS_Y 0..99, ABS_MT_SLOT 0..4, "
	  "ABS_MT_TRACKING_ID 0..65535, ABS_MT_POSITION_X 0..99, "
	  "ABS_MT_POSITION_Y 0..99",
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 7, ABS_MT_POSITION_X 5, "
	  "ABS_MT_POSITION_Y 6, BTN_TOUCH 1, ABS_X 5, ABS_Y 6",
	  "BTN_TOUCH 1, ABS_MT_SLOT 0",
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, BTN_TOUCH 0" },
	{ "pen",
	  "BTN_TOUCH, BTN_TOOL_PEN, BTN_STYLUS, ABS_X 0..99, ABS_Y 0..99, "
	  "ABS_PRESSURE 0..4095 rest 0",
	  "BTN_TOOL_PEN 1, BTN_TOUCH 1, ABS_X 3, ABS_PRESSURE 900",
	  "BTN_TOOL_PEN 1, BTN_TOUCH 1, ABS_PRESSURE 900",
	  "BTN_TOOL_PEN 0, BTN_TOUCH 0, ABS_PRESSURE 0" },
	{ "stick",
	  "BTN_SOUTH, ABS_X -100..100 rest 0, ABS_Y -100..100 rest 0, "
	  "ABS_RX -100..100 rest 0, ABS_RY -100..100 rest 0",
	  "ABS_X 90, ABS_RY -80", "ABS_X 90, ABS_RY -80", "ABS_X 0, ABS_RY 0" },
	{ "hat", "BTN_SOUTH, ABS_HAT0X -1..1 rest 0, ABS_HAT0Y -1..1 rest 0",
	  "ABS_HAT0X -1, ABS_HAT0Y 1", "ABS_HAT0X -1, ABS_HAT0Y 1",
	  "ABS_HAT0X 0, ABS_HAT0Y 0" },
};

struct node held_node[HELD_KINDS];
struct spec held_spec[HELD_KINDS];

const char *held_path(int kind, const char *suffix)
{
	static char path[64];

	snprintf(path, sizeof(path), INSIDE_DIR "/%s.%s", held_kinds[kind].name,
		 suffix);
	return path;
}

void held_plug(void)
{
	for (int i = 0; i < HELD_KINDS; i++) {
		node_spec_of(&held_spec[i], held_kinds[i].name,
			     held_kinds[i].device);
		node_plug(&held_node[i], &held_spec[i]);
	}
}

void held_unplug(void)
{
	for (int i = 0; i < HELD_KINDS; i++)
		node_remove(&held_node[i]);
}

static void hold(void)
{
	for (int i = 0; i < HELD_KINDS; i++)
		node_play(&held_node[i], held_kinds[i].hold);
}

void held_release(void)
{
	for (int i = 0; i < HELD_KINDS; i++)
		node_play(&held_node[i], held_kinds[i].release);
}

/* --- What the next guest holds --- */

static char *guest_holds(int kind)
{
	return next_guest_holds(held_path(kind, "vmm"), &held_spec[kind]);
}

static bool is_held(int kind, const char *want)
{
	char *got = guest_holds(kind);
	const bool same = !strcmp(got, want);

	if (!same)
		print_message("%s: the guest holds %s, not %s\n",
			      held_kinds[kind].name, got, want);
	free(got);
	return same;
}

/* The program may not have read the node yet, or not have reconnected. */
static void await_held(int kind, const char *want)
{
	const double end = clock_ms() + INSIDE_MS;
	bool held;

	do {
		char *got = guest_holds(kind);

		held = !strcmp(got, want);
		free(got);
	} while (!held && clock_ms() < end);
	assert_true(held || is_held(kind, want));
}

bool held_nothing(int kind)
{
	return is_held(kind, "-");
}

bool held_nothing_soon(int kind)
{
	await_held(kind, "-");
	return true;
}

bool held_as_by_host(int kind)
{
	char *want = node_holds(&held_node[kind], &held_spec[kind]);

	await_held(kind, want);
	free(want);
	return true;
}

bool held_nothing_or_as_by_host(int kind)
{
	char *got = guest_holds(kind);
	const bool nothing = !strcmp(got, "-");

	free(got);
	return nothing || held_as_by_host(kind);
}

/* --- What happens --- */

static bool can_suspend(void)
{
	const int fd = open("/sys/power/state", O_WRONLY | O_CLOEXEC);
	const bool done = write(fd, "freeze", 6) == 6;

	assert_sys(fd);
	close(fd);
	return done;
}

/* A bus that is busy, or a process that is not frozen in time, prevents it. */
void held_suspend(void)
{
	file_write("/sys/module/suspend/parameters/pm_test_delay", "0");
	file_write("/sys/power/pm_test", "devices");
	INSIDE_WAIT(can_suspend());
}

static void set_inhibited(const char *value)
{
	for (int i = 0; i < HELD_KINDS; i++) {
		char path[96];

		snprintf(path, sizeof(path),
			 "/sys/class/input/%s/device/inhibited",
			 strrchr(held_node[i].path, '/') + 1);
		file_write(path, "%s", value);
	}
}

void held_inhibit(void)
{
	set_inhibited("1");
}

void held_uninhibit(void)
{
	set_inhibited("0");
	held_release();
}

void held_revoke(const struct process *p)
{
	const int pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);

	assert_sys(pidfd);
	for (int its = 3; its < FDS_MAX; its++) {
		int fd = (int)syscall(SYS_pidfd_getfd, pidfd, its, 0);

		/* Those that are no nodes refuse it. */
		if (fd >= 0)
			ioctl(fd, EVIOCREVOKE, NULL);
		close(fd);
	}
	close(pidfd);
}

static void assert_each(bool (*is_right)(int kind))
{
	bool all = true;

	for (int i = 0; i < HELD_KINDS; i++)
		all &= is_right(i);
	assert_true(all);
}

static void check(const struct held_happening *h)
{
	hold();
	for (int i = 0; i < HELD_KINDS; i++)
		await_held(i, held_kinds[i].held);
	h->happen();
	assert_each(h->then);
	h->mend();
	for (int i = 0; i < HELD_KINDS; i++)
		await_held(i, "-");
}

void held_check(const struct held_happening *happening, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		print_message("%s\n", happening[i].name);
		for (int round = 0; round < ROUNDS; round++)
			check(&happening[i]);
	}
}
