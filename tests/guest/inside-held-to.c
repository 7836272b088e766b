/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever is held, and whatever happens then: the guest that connects next
 * holds nothing. One process passes a device of each kind on with --to, and a
 * keyboard to switch them with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/guest/inside-held.h"
#include "tests/lib/temp-dir.h"

#define ALL (HELD_KINDS + 1)

static struct {
	struct node keyboard;
	struct spec keyboard_spec;
	struct process *server[HELD_KINDS];
	struct process *passthrough;
	int taken, given, missed; /* what it has logged so far */
} world;

/* --- What runs --- */

static void plug(void)
{
	held_plug();
	node_spec_of(&world.keyboard_spec, "switcher", held_kinds[0].device);
	node_plug(&world.keyboard, &world.keyboard_spec);
}

static void unplug(void)
{
	held_unplug();
	node_remove(&world.keyboard);
}

static void start_server(int kind)
{
	const char *name = held_kinds[kind].name;

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
				held_node[kind].path);

	file_write(held_path(kind, "json"), "%s", text);
	free(text);
}

static void await_taken(void)
{
	world.taken += ALL;
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

	for (int i = 0; i < HELD_KINDS; i++)
		n += (size_t)snprintf(words + n, sizeof(words) - n,
				      " --to=%s %s", held_path(i, "inject"),
				      held_node[i].path);
	snprintf(words + n, sizeof(words) - n, " --to=%s %s",
		 held_path(0, "inject"), world.keyboard.path);
	world.taken = world.given = world.missed = 0;
	world.passthrough = inside_start("vinput-passthrough", "%s", words);
	await_taken();
}

static void begin(void)
{
	plug();
	for (int i = 0; i < HELD_KINDS; i++) {
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
	await_given(ALL - HELD_WITH_KEYS);
}

static void toggle_back(void)
{
	held_release();
	await_given(HELD_WITH_KEYS);
	play_chord();
	await_taken();
}

static void kill_it(void)
{
	inside_kill(world.passthrough);
}

static void start_again(void)
{
	held_release();
	start_passing();
}

static void await_missed(void)
{
	world.missed += ALL;
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
	held_revoke(world.passthrough);
	await_missed();
}

static void take_again(void)
{
	held_release();
	await_taken();
}

/*
 * What is released meanwhile is not held by the next server, once the program
 * has read the nodes: it may have been about to connect.
 */
static void restart_servers(void)
{
	for (int i = 0; i < HELD_KINDS; i++)
		inside_kill(world.server[i]);
	held_release();
	for (int i = 0; i < HELD_KINDS; i++)
		start_server(i);
}

static void nothing(void)
{
}

static const struct held_happening happenings[] = {
	{ "toggle", toggle, held_nothing, toggle_back },
	{ "kill -9", kill_it, held_nothing, start_again },
	{ "pull", pull, held_nothing, plug_again },
	{ "revoke", revoke_all, held_nothing_or_as_by_host, take_again },
	{ "server restart", restart_servers, held_nothing_soon, nothing },
	{ "suspend", held_suspend, held_as_by_host, held_release },
	{ "inhibit", held_inhibit, held_as_by_host, held_uninhibit },
};

void next_guest_holds_nothing(void **state)
{
	begin();
	held_check(happenings, ARRAY_LEN(happenings));
	end();
}
