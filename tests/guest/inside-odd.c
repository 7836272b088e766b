/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that break a rule, and yet exist. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/guest/inside-pair.h"
#include "tests/lib/clock.h"

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
