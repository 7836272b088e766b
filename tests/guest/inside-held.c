/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever is held, and whatever happens then: the guest that connects next
 * holds nothing. One process passes a device of each kind on, and a keyboard to
 * switch them with.
 */
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"
#include "tests/lib/temp-dir.h"

#define KINDS	  6
#define WITH_KEYS 4 /* the first ones: a key is down */
#define ROUNDS	  5
#define FDS_MAX	  64 /* of a process, more than it has */

/* What is held, let go, and held as the next guest sees it. */
static const struct kind {
	const char *name, *device, *hold, *held, *release;
} kinds[KINDS] = {
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

static struct {
	struct node node[KINDS], keyboard;
	struct spec spec[KINDS], keyboard_spec;
	struct process *server[KINDS];
	struct process *passthrough;
	int taken, given, missed; /* what it has logged so far */
} world;

/* --- What runs --- */

static const char *path_of(int kind, const char *suffix)
{
	static char path[64];

	snprintf(path, sizeof(path), INSIDE_DIR "/%s.%s", kinds[kind].name,
		 suffix);
	return path;
}

static void plug(void)
{
	for (int i = 0; i < KINDS; i++)
		node_plug(&world.node[i], &world.spec[i]);
	node_plug(&world.keyboard, &world.keyboard_spec);
}

static void unplug(void)
{
	for (int i = 0; i < KINDS; i++)
		node_remove(&world.node[i]);
	node_remove(&world.keyboard);
}

static void start_server(int kind)
{
	const char *name = kinds[kind].name;

	world.server[kind] = inside_start(
		"vhost-user-input",
		"--spec=" INSIDE_DIR "/%s.json --socket-path=" INSIDE_DIR
		"/%s.vmm --inject-path=" INSIDE_DIR "/%s.inject",
		name, name, name);
	inside_expect_log(world.server[kind], "serving", 1);
}

static void write_spec(int kind)
{
	char *text = inside_run("vinput-passthrough", "--print-spec %s",
				world.node[kind].path);

	file_write(path_of(kind, "json"), "%s", text);
	free(text);
}

static void await_taken(void)
{
	world.taken += KINDS + 1;
	inside_expect_log(world.passthrough, "goes to the guest", world.taken);
}

/* Of devices without keys that are down. */
static void await_given(int n)
{
	world.given += n;
	inside_expect_log(world.passthrough, "goes to the host", world.given);
}

/* The keyboard is one more source of the first device. */
static void start_passing(void)
{
	char words[1024] = "--toggle=leftctrl+rightctrl";
	size_t n = strlen(words);

	for (int i = 0; i < KINDS; i++)
		n += (size_t)snprintf(words + n, sizeof(words) - n,
				      " --to=%s %s", path_of(i, "inject"),
				      world.node[i].path);
	snprintf(words + n, sizeof(words) - n, " --to=%s %s",
		 path_of(0, "inject"), world.keyboard.path);
	world.taken = world.given = world.missed = 0;
	world.passthrough = inside_start("vinput-passthrough", "%s", words);
	await_taken();
}

static void begin(void)
{
	for (int i = 0; i < KINDS; i++)
		node_spec_of(&world.spec[i], kinds[i].name, kinds[i].device);
	node_spec_of(&world.keyboard_spec, "switcher", kinds[0].device);
	plug();
	for (int i = 0; i < KINDS; i++) {
		write_spec(i);
		start_server(i);
	}
	start_passing();
}

static void end(void)
{
	inside_end_all();
	unplug();
}

/* --- What is held --- */

static void hold(void)
{
	for (int i = 0; i < KINDS; i++)
		node_play(&world.node[i], kinds[i].hold);
}

static void release(void)
{
	for (int i = 0; i < KINDS; i++)
		node_play(&world.node[i], kinds[i].release);
}

static char *guest_holds(int kind)
{
	return next_guest_holds(path_of(kind, "vmm"), &world.spec[kind]);
}

/* Return: whether the next guest has it so; if not, what it has is printed. */
static bool is_held(int kind, const char *want)
{
	char *got = guest_holds(kind);
	const bool same = !strcmp(got, want);

	if (!same)
		print_message("%s: the guest holds %s, not %s\n",
			      kinds[kind].name, got, want);
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

static bool holds_nothing(int kind)
{
	return is_held(kind, "-");
}

static bool holds_what_the_host_does(int kind)
{
	char *want = node_holds(&world.node[kind], &world.spec[kind]);

	await_held(kind, want);
	free(want);
	return true;
}

static bool holds_nothing_or_what_the_host_does(int kind)
{
	char *got = guest_holds(kind);
	const bool nothing = !strcmp(got, "-");

	free(got);
	return nothing || holds_what_the_host_does(kind);
}

static void assert_each(bool (*is_right)(int kind))
{
	bool all = true;

	for (int i = 0; i < KINDS; i++)
		all &= is_right(i);
	assert_true(all);
}

/* --- What happens, and how it becomes as it was --- */

static void play_chord(void)
{
	node_play(&world.keyboard, "KEY_LEFTCTRL 1");
	node_play(&world.keyboard, "KEY_RIGHTCTRL 1");
	node_play(&world.keyboard, "KEY_LEFTCTRL 0");
	node_play(&world.keyboard, "KEY_RIGHTCTRL 0");
}

static void toggle(void)
{
	play_chord();
	await_given(KINDS + 1 - WITH_KEYS);
}

static void toggle_back(void)
{
	release();
	await_given(WITH_KEYS);
	play_chord();
	await_taken();
}

static void kill_it(void)
{
	inside_kill(world.passthrough);
}

static void start_again(void)
{
	release();
	start_passing();
}

static void await_missed(void)
{
	world.missed += KINDS + 1;
	inside_expect_log(world.passthrough, "waiting until it is back",
			  world.missed);
}

static void pull(void)
{
	unplug();
	await_missed();
}

static void plug_again(void)
{
	plug();
	await_taken();
}

/*
 * The nodes remain, and it opens them again at once. It takes those without
 * keys that are down as they are.
 */
static void revoke_all(void)
{
	const int pidfd =
		(int)syscall(SYS_pidfd_open, world.passthrough->pid, 0);

	assert_sys(pidfd);
	for (int its = 3; its < FDS_MAX; its++) {
		int fd = (int)syscall(SYS_pidfd_getfd, pidfd, its, 0);

		/* Those that are no nodes refuse it. */
		if (fd >= 0)
			ioctl(fd, EVIOCREVOKE, NULL);
		close(fd);
	}
	close(pidfd);
	await_missed();
}

static void take_again(void)
{
	release();
	await_taken();
}

/* What is released meanwhile is not held by the next server. */
static void restart_servers(void)
{
	for (int i = 0; i < KINDS; i++)
		inside_kill(world.server[i]);
	release();
	for (int i = 0; i < KINDS; i++)
		start_server(i);
}

static void nothing(void)
{
}

/* The kernel's own test of suspending devices; it lets go of keys. */
static void suspend(void)
{
	file_write("/sys/module/suspend/parameters/pm_test_delay", "0");
	file_write("/sys/power/pm_test", "devices");
	file_write("/sys/power/state", "freeze");
}

/* The kernel lets go of keys and contacts, and ignores what comes. */
static void set_inhibited(const char *value)
{
	for (int i = 0; i < KINDS; i++) {
		char path[96];

		snprintf(path, sizeof(path),
			 "/sys/class/input/%s/device/inhibited",
			 strrchr(world.node[i].path, '/') + 1);
		file_write(path, "%s", value);
	}
}

static void inhibit(void)
{
	set_inhibited("1");
}

static void uninhibit(void)
{
	set_inhibited("0");
	release();
}

static const struct happening {
	const char *name;
	void (*happen)(void);
	bool (*then)(int kind);
	void (*mend)(void);
} happenings[] = {
	{ "toggle", toggle, holds_nothing, toggle_back },
	{ "kill -9", kill_it, holds_nothing, start_again },
	{ "pull", pull, holds_nothing, plug_again },
	{ "revoke", revoke_all, holds_nothing_or_what_the_host_does,
	  take_again },
	{ "server restart", restart_servers, holds_nothing, nothing },
	{ "suspend", suspend, holds_what_the_host_does, release },
	{ "inhibit", inhibit, holds_what_the_host_does, uninhibit },
};

static void check(const struct happening *h)
{
	hold();
	for (int i = 0; i < KINDS; i++)
		await_held(i, kinds[i].held);
	h->happen();
	assert_each(h->then);
	h->mend();
	if (h->then != holds_nothing)
		assert_each(holds_nothing);
}

void next_guest_holds_nothing(void **state)
{
	begin();
	for (size_t i = 0; i < ARRAY_LEN(happenings); i++) {
		print_message("%s\n", happenings[i].name);
		for (int round = 0; round < ROUNDS; round++)
			check(&happenings[i]);
	}
	end();
}
