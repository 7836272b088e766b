/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that break a rule, and yet exist. */
#include <libevdev/libevdev-uinput.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/guest/inside-pair.h"
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"

#define FRAMES_MAX 8
#define NO_PROP	   -1

struct odd_case {
	const char *name;
	int prop;
	const char *device, *frames[FRAMES_MAX];
};

static const struct odd_case cases[] = {
	{ "pen whose tool has a number where no range allows it",
	  INPUT_PROP_DIRECT,
	  "BTN_TOOL_PEN, BTN_TOOL_RUBBER, BTN_TOUCH, ABS_X 0..999, "
	  "ABS_Y 0..999, ABS_PRESSURE 0..2047, ABS_MISC 0..0, MSC_SERIAL",
	  { "BTN_TOOL_PEN 1, ABS_MISC 2083, MSC_SERIAL 77, ABS_X 5, ABS_Y 6",
	    "ABS_X 9, ABS_PRESSURE 100, BTN_TOUCH 1, MSC_SERIAL 77",
	    "ABS_PRESSURE 0, BTN_TOUCH 0, MSC_SERIAL 77",
	    "BTN_TOOL_PEN 0, ABS_MISC 0, MSC_SERIAL 77",
	    "BTN_TOOL_RUBBER 1, ABS_MISC 2090, MSC_SERIAL 78",
	    "BTN_TOOL_RUBBER 0, ABS_MISC 0" } },
	{ "pad that knows three fingers, and two of their places",
	  INPUT_PROP_SEMI_MT,
	  "BTN_LEFT, BTN_TOUCH, BTN_TOOL_FINGER, BTN_TOOL_DOUBLETAP, "
	  "BTN_TOOL_TRIPLETAP, ABS_X 0..999, ABS_Y 0..999, ABS_MT_SLOT 0..1, "
	  "ABS_MT_TRACKING_ID 0..65535, ABS_MT_POSITION_X 0..999, "
	  "ABS_MT_POSITION_Y 0..999",
	  { "ABS_MT_TRACKING_ID 5, ABS_MT_POSITION_X 10, ABS_MT_POSITION_Y 20, "
	    "BTN_TOUCH 1, BTN_TOOL_FINGER 1, ABS_X 10, ABS_Y 20",
	    "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 6, ABS_MT_POSITION_X 30, "
	    "ABS_MT_POSITION_Y 40, BTN_TOOL_FINGER 0, BTN_TOOL_TRIPLETAP 1",
	    "ABS_MT_SLOT 0, ABS_MT_POSITION_X 11, ABS_X 11, BTN_LEFT 1",
	    "BTN_TOOL_TRIPLETAP 0, BTN_TOOL_DOUBLETAP 1, BTN_LEFT 0",
	    "ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
	    "BTN_TOUCH 0, BTN_TOOL_DOUBLETAP 0" } },
	{ "touchscreen without BTN_TOUCH, whose contact follows another",
	  INPUT_PROP_DIRECT,
	  "KEY_WAKEUP, ABS_MT_SLOT 0..9, ABS_MT_TRACKING_ID 0..65535, "
	  "ABS_MT_POSITION_X 0..999, ABS_MT_POSITION_Y 0..999, "
	  "ABS_MT_TOOL_TYPE 0..2, ABS_MT_DISTANCE 0..9",
	  { "ABS_MT_SLOT 4, ABS_MT_TRACKING_ID 900, ABS_MT_POSITION_X 10, "
	    "ABS_MT_POSITION_Y 20, ABS_MT_DISTANCE 3",
	    "ABS_MT_DISTANCE 0, ABS_MT_POSITION_X 2000",
	    "ABS_MT_TRACKING_ID 901, ABS_MT_TOOL_TYPE 2, KEY_WAKEUP 1",
	    "ABS_MT_TRACKING_ID -1, KEY_WAKEUP 0" } },
	{ "knob that is a lid and moves as far as it can",
	  NO_PROP,
	  "KEY_A, REL_X, REL_WHEEL_HI_RES, SW_LID, ABS_VOLUME 0..9",
	  { "KEY_A 1, REL_X 2147483647, REL_WHEEL_HI_RES -120, SW_LID 1",
	    "ABS_VOLUME -5, REL_X -2147483648", "KEY_A 0, SW_LID 0" } },
};

static void check_odd(const struct odd_case *c)
{
	struct heard host = { 0 }, guest = { 0 };
	struct spec spec;
	struct pair p;

	node_spec_of(&spec, "", c->device);
	snprintf(spec.name, sizeof(spec.name), "%s", c->name);
	if (c->prop != NO_PROP)
		bit_set(spec.props, (unsigned int)c->prop);
	node_plug(&p.host, &spec);
	pair_start(&p);
	assert_pair_is_equal(&p);
	for (size_t i = 0; i < FRAMES_MAX && c->frames[i]; i++) {
		node_play(&p.host, c->frames[i]);
		pair_hear(&p, &host, &guest);
	}
	assert_heard_same(&guest, &host);
	heard_fini(&host);
	heard_fini(&guest);
	pair_stop(&p);
	node_remove(&p.host);
}

void odd_devices_arrive_as_they_are(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].name);
		check_odd(&cases[i]);
	}
}

/* Longer than a spec's name can be. */
static void plug_named(struct node *n, const char *name)
{
	struct libevdev *dev = libevdev_new();
	struct libevdev_uinput *uinput;

	assert_non_null(dev);
	libevdev_set_name(dev, name);
	libevdev_enable_event_code(dev, EV_KEY, KEY_A, NULL);
	assert_ok(libevdev_uinput_create_from_device(
		dev, LIBEVDEV_UINPUT_OPEN_MANAGED, &uinput));
	libevdev_free(dev);
	node_await(n, name);
	n->uinput = uinput;
}

static void assert_named(const struct node *n, const char *name)
{
	char its[256] = "";

	assert_sys(ioctl(n->fd, EVIOCGNAME(sizeof(its) - 1), its));
	assert_string_equal(its, name);
}

#define LONG_NAME \
	"A name with an umlaut as the sixty-third and next byte, here: "

void a_long_name_ends_with_a_whole_character(void **state)
{
	struct pair p;

	assert_num(strlen(LONG_NAME), SPEC_NAME_MAX - 1);
	plug_named(&p.host, LONG_NAME "\u00e4, and more");
	pair_start(&p);
	assert_named(&p.guest, LONG_NAME);
	inside_expect_log(p.passthrough, "the name is cut to \"" LONG_NAME "\"",
			  1);
	pair_stop(&p);
	node_remove(&p.host);
}

/* Each contact ends with SYN_MT_REPORT; the kernel numbers none of them. */
void contacts_without_slots_get_some(void **state)
{
	static const char *const frames[] = {
		"ABS_MT_POSITION_X 10, ABS_MT_POSITION_Y 20, SYN_MT_REPORT 0, "
		"ABS_MT_POSITION_X 90, ABS_MT_POSITION_Y 80, SYN_MT_REPORT 0",
		"ABS_MT_POSITION_X 91, ABS_MT_POSITION_Y 80, SYN_MT_REPORT 0",
		"SYN_MT_REPORT 0",
	};
	struct heard guest = { 0 };
	struct spec spec;
	struct pair p;
	char *text;

	node_spec_of(&spec, "touchscreen of old",
		     "ABS_MT_POSITION_X 0..99, ABS_MT_POSITION_Y 0..99");
	node_plug(&p.host, &spec);
	pair_start(&p);
	inside_expect_log(p.passthrough, "multi-touch protocol A", 1);
	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		node_play(&p.host, frames[i]);
		INSIDE_WAIT((node_hear(&p.guest, &guest), guest.frames > i));
	}
	text = event_text_write(guest.ev, guest.n);
	assert_string_equal(
		text,
		"ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 10, "
		"ABS_MT_POSITION_Y 20, ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, "
		"ABS_MT_POSITION_X 90, ABS_MT_POSITION_Y 80, SYN_REPORT 0, "
		"ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		"ABS_MT_POSITION_X 91, SYN_REPORT 0, "
		"ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
	free(text);
	heard_fini(&guest);
	pair_stop(&p);
	node_remove(&p.host);
}
