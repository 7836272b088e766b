/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/input.h>
#include <string.h>

#include "injector/passthrough/pass-seat.h"
#include "input/base/own-device.h"

/*
 * The lid, power buttons and the like are used only if they are named. Other
 * keys are if somebody plugged them in: a keyboard has its media keys in a node
 * of their own, but those of a laptop are about the laptop.
 */
static bool is_for_all(const struct pass_entry *e)
{
	const unsigned int kinds = PASS_KEYBOARD | PASS_MOUSE | PASS_TOUCHPAD |
				   PASS_TOUCHSCREEN | PASS_PEN | PASS_GAMEPAD;
	const bool plugged =
		e->bustype == BUS_USB || e->bustype == BUS_BLUETOOTH;

	return ((e->kinds & kinds) || (plugged && e->kinds == PASS_KEYS)) &&
	       !own_device_is(e->phys);
}

bool pass_seat_has(const struct pass_monitor *monitor, const char *seat,
		   const struct pass_entry *e)
{
	char its[64];

	/* What udev has not set up yet will be reported again. */
	if (!is_for_all(e) || pass_monitor_seat(monitor, e->node, its))
		return false;
	return !seat || !strcmp(seat, its);
}
