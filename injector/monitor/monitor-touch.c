/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "injector/monitor/monitor-touch.h"

void monitor_touch_init(struct monitor_touch *t)
{
	memset(t, 0, sizeof(*t));
	for (int i = 0; i < MONITOR_TOUCH_SLOTS; i++)
		t->contact[i].id = -1;
}

void monitor_touch_event(struct monitor_touch *t, const struct vi_event *ev)
{
	int32_t value = vi_value(ev);

	if (vi_type(ev) != EV_ABS)
		return;
	switch (vi_code(ev)) {
	case ABS_MT_SLOT:
		if (value >= 0 && value < MONITOR_TOUCH_SLOTS)
			t->slot = value;
		break;
	case ABS_MT_TRACKING_ID:
		t->contact[t->slot].id = value < 0 ? -1 : value;
		break;
	case ABS_MT_POSITION_X:
		t->contact[t->slot].x = value;
		break;
	case ABS_MT_POSITION_Y:
		t->contact[t->slot].y = value;
		break;
	}
}

void monitor_touch_text(const struct monitor_touch *t,
			char text[MONITOR_TOUCH_TEXT])
{
	/* The widest contact, "  63: -2147483648,-2147483648". */
	const size_t widest = 30;
	size_t len;
	int n = 0;

	for (int i = 0; i < MONITOR_TOUCH_SLOTS; i++)
		n += t->contact[i].id >= 0;
	if (!n) {
		strcpy(text, "no contact");
		return;
	}
	len = (size_t)sprintf(text, "%d contact%s", n, n > 1 ? "s" : "");
	for (int i = 0; i < MONITOR_TOUCH_SLOTS; i++) {
		if (t->contact[i].id < 0)
			continue;
		if (len + widest >= MONITOR_TOUCH_TEXT - 4) {
			strcpy(text + len, " ...");
			return;
		}
		len += (size_t)sprintf(text + len, "  %d: %d,%d", i,
				       t->contact[i].x, t->contact[i].y);
	}
}
