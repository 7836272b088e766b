/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same with --socket-path: a process for each device, which is also the
 * device's server, so that both end at once.
 */
#include <string.h>
#include "tests/guest/inside-held.h"

static struct {
	struct process *process[HELD_KINDS];
	int taken[HELD_KINDS], missed[HELD_KINDS]; /* what it has logged */
} world;

/* A chord is played with no other key down: on what is no key itself. */
static bool can_toggle(int kind)
{
	return strstr(held_kinds[kind].device, "BTN_SOUTH");
}

static void await_taken(int kind)
{
	inside_expect_log(world.process[kind], "goes to the guest",
			  ++world.taken[kind]);
}

static void start(int kind)
{
	world.taken[kind] = world.missed[kind] = 0;
	world.process[kind] =
		inside_start("vinput-passthrough", "--socket-path=%s%s %s",
			     held_path(kind, "vmm"),
			     can_toggle(kind) ? " --toggle=btn_south" : "",
			     held_node[kind].path);
}

static void await_all_taken(void)
{
	for (int i = 0; i < HELD_KINDS; i++)
		await_taken(i);
}

static void start_all(void)
{
	for (int i = 0; i < HELD_KINDS; i++)
		start(i);
}

static void play_chords(void)
{
	for (int i = 0; i < HELD_KINDS; i++) {
		if (!can_toggle(i))
			continue;
		node_play(&held_node[i], "BTN_SOUTH 1");
		node_play(&held_node[i], "BTN_SOUTH 0");
	}
}

static void toggle(void)
{
	play_chords();
}

static bool nothing_if_toggled(int kind)
{
	if (!can_toggle(kind))
		return held_as_by_host(kind);
	inside_expect_log(world.process[kind], "goes to the host",
			  world.taken[kind]);
	return held_nothing(kind);
}

static void toggle_back(void)
{
	held_release();
	play_chords();
	for (int i = 0; i < HELD_KINDS; i++)
		if (can_toggle(i))
			await_taken(i);
}

static void kill_all(void)
{
	for (int i = 0; i < HELD_KINDS; i++)
		inside_kill(world.process[i]);
	start_all();
}

static void end_all(void)
{
	for (int i = 0; i < HELD_KINDS; i++)
		assert_num(inside_end(world.process[i]), 0);
	start_all();
}

static void take_all(void)
{
	held_release();
	await_all_taken();
}

static void await_all_missed(void)
{
	for (int i = 0; i < HELD_KINDS; i++)
		inside_expect_log(world.process[i], "waiting until it is back",
				  ++world.missed[i]);
}

static void pull(void)
{
	held_unplug();
	await_all_missed();
}

static void plug_again(void)
{
	held_plug();
	await_all_taken();
}

static void revoke_all(void)
{
	for (int i = 0; i < HELD_KINDS; i++)
		held_revoke(world.process[i]);
	await_all_missed();
}

/* A device whose key is down is not taken, others are taken as they are. */
static const struct held_happening happenings[] = {
	{ "toggle", toggle, nothing_if_toggled, toggle_back },
	{ "kill -9", kill_all, held_nothing_or_as_by_host, take_all },
	{ "server restart", end_all, held_nothing_or_as_by_host, take_all },
	{ "pull", pull, held_nothing, plug_again },
	{ "revoke", revoke_all, held_nothing_or_as_by_host, take_all },
	{ "suspend", held_suspend, held_as_by_host, held_release },
	{ "inhibit", held_inhibit, held_as_by_host, held_uninhibit },
};

void next_guest_of_a_served_device_holds_nothing(void **state)
{
	held_plug();
	start_all();
	await_all_taken();
	held_check(happenings, ARRAY_LEN(happenings));
	inside_end_all();
	held_unplug();
}
