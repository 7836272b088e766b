/* SPDX-License-Identifier: Apache-2.0 */
/* --via=libinput, as on a desktop: with udevd, on nodes of the kernel. */
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "tests/guest/inside-pair.h"
#include "tests/lib/array.h"
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"

#define SOCKET	INSIDE_DIR "/libinput"
#define HEAR_MS 5000

/* The host's node has been plugged. */
static void start_via(struct pair *p, const char *settings)
{
	inside_install_specs();
	p->passthrough = inside_start(
		"vinput-passthrough",
		"--via=libinput --libinput=%s --socket-path=" SOCKET " %s",
		settings, p->host.path);
	inside_expect_log(p->passthrough, "goes to the guest", 1);
	p->monitor = inside_monitor("--uinput", SOCKET);
	node_await(&p->guest, NULL);
}

static void expect_heard(struct pair *p, const char *const *frames, size_t n)
{
	struct heard got = { 0 }, want = { 0 };
	static struct vi_event ev[256];

	want.ev = ev;
	for (size_t i = 0; i < n; i++)
		want.n += event_text_frame(frames[i], ev + want.n, 64);
	for (int ms = 0; ms < HEAR_MS && got.frames < n; ms++) {
		usleep(1000);
		node_hear(&p->guest, &got);
	}
	assert_heard_same(&got, &want);
	heard_fini(&got);
}

static void end(struct pair *p)
{
	pair_stop(p);
	node_remove(&p->host);
}

/* Other tests are of a host without it. */
static void end_with_udev(struct pair *p)
{
	end(p);
	udev_stop();
}

void libinput_moves_clicks_and_turns_as_the_mouse_does(void **state)
{
	static const char *const frames[] = {
		"REL_X 5, REL_Y -2",
		"REL_X 5",
		"BTN_RIGHT 1",
		"BTN_RIGHT 0",
		"REL_WHEEL_HI_RES 120, REL_WHEEL 1",
	};
	struct spec spec;
	struct pair p;

	udev_start();
	node_spec(&spec, "/specs/mouse.json");
	node_plug(&p.host, &spec);
	start_via(&p, "accel=flat,speed=-0.5,left-handed");
	node_play(&p.host, "REL_X 10, REL_Y -4");
	usleep(20000);
	node_play(&p.host, "REL_X 10");
	node_play(&p.host, "BTN_LEFT 1");
	usleep(100000); /* what bounces is one click to libinput */
	node_play(&p.host, "BTN_LEFT 0");
	node_play(&p.host, "REL_WHEEL 1, REL_WHEEL_HI_RES 120");
	expect_heard(&p, frames, ARRAY_LEN(frames));
	end_with_udev(&p);
}

static void tap(struct pair *p, int id)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID %d, ABS_MT_POSITION_X 900, "
		 "ABS_MT_POSITION_Y 500, ABS_X 900, ABS_Y 500, BTN_TOUCH 1, "
		 "BTN_TOOL_FINGER 1",
		 id);
	node_play(&p->host, text);
	usleep(20000);
	node_play(&p->host,
		  "ABS_MT_TRACKING_ID -1, BTN_TOUCH 0, BTN_TOOL_FINGER 0");
}

void libinput_makes_a_tap_a_click(void **state)
{
	static const char *const frames[] = { "BTN_LEFT 1", "BTN_LEFT 0" };
	struct spec spec;
	struct pair p;

	udev_start();
	node_spec(&spec, "/specs/multi-touchpad.json");
	node_plug(&p.host, &spec);
	start_via(&p, "tap,drag=off");
	tap(&p, 1);
	expect_heard(&p, frames, ARRAY_LEN(frames));
	end_with_udev(&p);
}

static bool is_ctrl(const struct vi_event *ev, int value)
{
	return vi_type(ev) == EV_KEY && vi_code(ev) == KEY_LEFTCTRL &&
	       vi_value(ev) == value;
}

/* Two fingers, so far from their middle. */
static void pinch(struct pair *p, int distance, const char *more)
{
	char text[300];

	snprintf(
		text, sizeof(text),
		"ABS_MT_SLOT 0, %sABS_MT_POSITION_X %d, ABS_MT_POSITION_Y 400, "
		"ABS_MT_SLOT 1, %sABS_MT_POSITION_X %d, ABS_MT_POSITION_Y 500",
		more, 640 - distance, *more ? "ABS_MT_TRACKING_ID 2, " : "",
		640 + distance);
	node_play(&p->host, text);
	usleep(10000);
}

void a_pinch_is_the_wheel_with_ctrl_if_asked_for(void **state)
{
	struct heard h = { 0 };
	struct spec spec;
	struct pair p;
	int notches = 0;

	udev_start();
	node_spec(&spec, "/specs/multi-touchpad.json");
	node_plug(&p.host, &spec);
	start_via(&p, "pinch");
	pinch(&p, 80, "ABS_MT_TRACKING_ID 1, ");
	node_play(&p.host, "BTN_TOUCH 1, BTN_TOOL_DOUBLETAP 1");
	for (int distance = 80; distance < 500; distance += 6) {
		pinch(&p, distance, "");
		node_hear(&p.guest, &h);
	}
	node_play(&p.host,
		  "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		  "ABS_MT_TRACKING_ID -1, BTN_TOUCH 0, BTN_TOOL_DOUBLETAP 0");
	INSIDE_WAIT(
		(node_hear(&p.guest, &h), h.n && is_ctrl(&h.ev[h.n - 2], 0)));
	assert_true(is_ctrl(&h.ev[0], 1));
	for (size_t i = 0; i < h.n; i++) {
		if (vi_type(&h.ev[i]) != EV_REL)
			continue;
		if (vi_code(&h.ev[i]) == REL_WHEEL)
			notches += vi_value(&h.ev[i]);
		else
			assert_num(vi_code(&h.ev[i]), REL_WHEEL_HI_RES);
	}
	assert_true(notches > 2);
	heard_fini(&h);
	end_with_udev(&p);
}

void what_shows_a_guest_is_refused(void **state)
{
	struct process *refused;
	struct spec spec;
	struct pair p;

	node_spec(&spec, "/specs/mouse.json");
	node_plug(&p.host, &spec);
	pair_start(&p);
	refused = inside_start("vinput-passthrough",
			       "--socket-path=" SOCKET " %s", p.guest.path);
	inside_expect_log(refused, "would make a loop", 1);
	assert_num(inside_wait(refused), 1);
	end(&p);
}
