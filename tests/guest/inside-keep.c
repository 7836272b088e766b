/* SPDX-License-Identifier: Apache-2.0 */
/* --keep: keys that stay the host's, on a keyboard of ours there. */
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/guest/inside-pair.h"
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"

#define SOCKET	INSIDE_DIR "/keep"
#define OPTIONS "--keep=volumeup,mute --toggle=leftctrl+rightctrl"

/*
 * Wait for so many frames, which must be these. A node whose state was asked
 * for loses events.
 */
static void expect_heard(struct node *n, const char *frames, size_t count)
{
	const double end = clock_ms() + INSIDE_MS;
	struct heard h = { 0 };
	char *text;

	for (; h.frames < count && clock_ms() < end; usleep(1000))
		node_hear(n, &h);
	text = event_text_write(h.ev, h.n);
	assert_string_equal(text, frames);
	free(text);
	heard_fini(&h);
}

static void start(struct pair *p)
{
	p->passthrough = inside_start("vinput-passthrough",
				      "--socket-path=" SOCKET " " OPTIONS " %s",
				      p->host.path);
	inside_expect_log(p->passthrough, "goes to the guest", 1);
	p->monitor = inside_monitor("--uinput", SOCKET);
	node_await(&p->guest, "with media keys");
}

static void play_chord(struct node *n)
{
	node_play(n, "KEY_LEFTCTRL 1");
	node_play(n, "KEY_RIGHTCTRL 1");
	node_play(n, "KEY_RIGHTCTRL 0");
	node_play(n, "KEY_LEFTCTRL 0");
}

/* The host sees its keys once: as ours, or as the keyboard's. */
void keys_that_are_kept_reach_the_host_only(void **state)
{
	struct node kept;
	struct spec spec;
	struct pair p;

	node_spec_of(&spec, "with media keys",
		     "KEY_A, KEY_VOLUMEUP, KEY_MUTE, KEY_LEFTCTRL, "
		     "KEY_RIGHTCTRL");
	node_plug(&p.host, &spec);
	start(&p);
	node_await(&kept, "vinput kept keys");

	node_play(&p.host, "KEY_VOLUMEUP 1");
	node_play(&p.host, "KEY_A 1");
	node_play(&p.host, "KEY_A 0, KEY_VOLUMEUP 0");
	expect_heard(&kept,
		     "KEY_VOLUMEUP 1, SYN_REPORT 0, KEY_VOLUMEUP 0, "
		     "SYN_REPORT 0",
		     2);
	expect_heard(&p.guest, "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0",
		     2);

	play_chord(&p.host);
	inside_expect_log(p.passthrough, "goes to the host", 1);
	node_play(&p.host, "KEY_MUTE 1");
	node_play(&p.host, "KEY_MUTE 0");
	expect_heard(&p.host,
		     "KEY_MUTE 1, SYN_REPORT 0, KEY_MUTE 0, SYN_REPORT 0", 2);

	/* Its keyboard ends with it, and so with what is down there. */
	play_chord(&p.host);
	inside_expect_log(p.passthrough, "goes to the guest", 2);
	node_play(&p.host, "KEY_MUTE 1");
	expect_heard(&kept, "KEY_MUTE 1, SYN_REPORT 0", 1);
	pair_stop(&p);
	node_await_end(&kept);
	node_remove(&kept);
	node_remove(&p.host);
}
