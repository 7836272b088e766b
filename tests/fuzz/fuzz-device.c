/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of several injectors through a device with one of everything to a
 * guest that takes them at random: source, frame, merge, state, guest-view,
 * device. By the shortcut (device_pass()) it gets the same events.
 */
#include "tests/fuzz/device-world.h"

static void declare_touch(struct spec *spec, int32_t slots)
{
	static const uint16_t keys[] = { BTN_TOUCH, BTN_TOOL_FINGER,
					 BTN_TOOL_DOUBLETAP, BTN_TOOL_QUADTAP };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		world_declare(spec, EV_KEY, keys[i]);
	world_declare_axis(spec, ABS_MT_SLOT, 0, slots - 1);
	world_declare_axis(spec, ABS_MT_TRACKING_ID, 0, 65535);
	world_declare_axis(spec, ABS_MT_POSITION_X, 0, 100);
	world_declare_axis(spec, ABS_MT_POSITION_Y, -9, 100);
	world_declare_axis(spec, ABS_MT_PRESSURE, 1, 50);
}

static void make_spec(struct spec *spec, uint8_t how)
{
	static const int32_t slots[] = { 0, 1, 2, 64 };

	memset(spec, 0, sizeof(*spec));
	spec->exact = how & 16;
	if (slots[how & 3])
		declare_touch(spec, slots[how & 3]);
	world_declare(spec, EV_KEY, KEY_A);
	world_declare(spec, EV_KEY, KEY_B);
	world_declare(spec, EV_KEY, BTN_LEFT);
	world_declare(spec, EV_REL, REL_X);
	world_declare(spec, EV_REL, REL_WHEEL);
	world_declare(spec, EV_MSC, MSC_SCAN);
	world_declare(spec, EV_SW, SW_LID);
	world_declare(spec, EV_SW, SW_TABLET_MODE);
	world_declare(spec, EV_LED, LED_CAPSL);
	world_declare_axis(spec, ABS_X, 0, 100);
	world_declare_axis(spec, ABS_Y, -9, 100);
	world_declare_axis(spec, ABS_PRESSURE, 1, 50);
	world_declare_axis(spec, ABS_RZ, -10, 90);
	spec->abs[ABS_RZ].has_rest = true;
	spec->abs[ABS_RZ].rest = how & 4 ? 40 : 0;
	if (how & 8) {
		world_declare(spec, EV_REP, REP_DELAY);
		world_declare(spec, EV_REP, REP_PERIOD);
		spec->has_repeat = true;
	}
}

enum way {
	LATER,	  /* what is sent waits for the pump */
	AT_ONCE,  /* the pump follows */
	SHORTCUT, /* where it is possible; else at once */
};

static void run(struct world *w, struct choices in, enum way way)
{
	w->in = in;
	w->eager = way != LATER;
	w->passes = way == SHORTCUT;
	make_spec(&w->spec, take8(&w->in));
	world_begin(w, NULL, 0);
	while (w->in.left)
		world_step(w);
	world_end(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world at_once, shortcut;
	const struct choices in = { data, size };

	run(&at_once, in, LATER);
	run(&at_once, in, AT_ONCE);
	run(&shortcut, in, SHORTCUT);
	/*
	 * What passes by the shortcut does not go through the buffer, whose
	 * space may then differ, and so whether a flood is sent.
	 */
	must(at_once.sent != shortcut.sent || at_once.taken == shortcut.taken);
	return 0;
}
