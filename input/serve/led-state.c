/* SPDX-License-Identifier: Apache-2.0 */
#include "input/serve/led-state.h"

void led_state_note(struct led_state *st, const struct vi_event *ev, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const uint16_t code = vi_code(&ev[i]);

		if (vi_type(&ev[i]) != EV_LED || code >= LED_CNT)
			continue;
		st->known |= 1u << code;
		st->on &= ~(1u << code);
		st->on |= (uint32_t) !!vi_value(&ev[i]) << code;
	}
}

size_t led_state_events(const struct led_state *st, struct vi_event *ev)
{
	size_t n = 0;

	for (uint16_t code = 0; code < LED_CNT; code++)
		if (st->known >> code & 1)
			ev[n++] = vi_event(EV_LED, code, st->on >> code & 1);
	return n;
}
