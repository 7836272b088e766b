/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of several injectors through a device with one of everything to a
 * guest that takes them at random: source, frame, merge, state, told, device.
 */
#include "tests/fuzz/device-world.h"

static void declare(struct spec *spec, uint16_t type, uint16_t code)
{
	bit_set(spec->bits[type], code);
}

static void declare_axis(struct spec *spec, uint16_t code, int32_t min,
			 int32_t max)
{
	declare(spec, EV_ABS, code);
	spec->abs[code] = (struct spec_abs){ .min = min, .max = max };
}

static void declare_touch(struct spec *spec, int32_t slots)
{
	static const uint16_t keys[] = { BTN_TOUCH, BTN_TOOL_FINGER,
					 BTN_TOOL_DOUBLETAP, BTN_TOOL_QUADTAP };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		declare(spec, EV_KEY, keys[i]);
	declare_axis(spec, ABS_MT_SLOT, 0, slots - 1);
	declare_axis(spec, ABS_MT_TRACKING_ID, 0, 65535);
	declare_axis(spec, ABS_MT_POSITION_X, 0, 100);
	declare_axis(spec, ABS_MT_POSITION_Y, -9, 100);
	declare_axis(spec, ABS_MT_PRESSURE, 1, 50);
}

static void make_spec(struct spec *spec, uint8_t how)
{
	static const int32_t slots[] = { 0, 1, 2, 64 };

	memset(spec, 0, sizeof(*spec));
	if (slots[how & 3])
		declare_touch(spec, slots[how & 3]);
	declare(spec, EV_KEY, KEY_A);
	declare(spec, EV_KEY, KEY_B);
	declare(spec, EV_KEY, BTN_LEFT);
	declare(spec, EV_REL, REL_X);
	declare(spec, EV_REL, REL_WHEEL);
	declare(spec, EV_MSC, MSC_SCAN);
	declare(spec, EV_SW, SW_LID);
	declare(spec, EV_SW, SW_TABLET_MODE);
	declare(spec, EV_LED, LED_CAPSL);
	declare_axis(spec, ABS_X, 0, 100);
	declare_axis(spec, ABS_Y, -9, 100);
	declare_axis(spec, ABS_PRESSURE, 1, 50);
	declare_axis(spec, ABS_RZ, -10, 90);
	spec->abs[ABS_RZ].has_rest = true;
	spec->abs[ABS_RZ].rest = how & 4 ? 40 : 0;
	if (how & 8) {
		declare(spec, EV_REP, REP_DELAY);
		declare(spec, EV_REP, REP_PERIOD);
		spec->has_repeat = true;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;

	w.in = (struct choices){ data, size };
	make_spec(&w.spec, take8(&w.in));
	world_begin(&w, NULL, 0);
	while (w.in.left)
		world_step(&w);
	world_end(&w);
	return 0;
}
