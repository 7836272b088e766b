/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contacts on a touch device as one line of text, for vinput-monitor
 * --touch: what a guest sees after each frame. Pure.
 */
#ifndef VINPUT_MONITOR_TOUCH_H
#define VINPUT_MONITOR_TOUCH_H

#include <stddef.h>
#include <stdint.h>
#include "input/device/event.h"

#define MONITOR_TOUCH_SLOTS 64
#define MONITOR_TOUCH_TEXT  512

struct monitor_touch {
	int slot;
	struct {
		int32_t id; /* -1: no contact */
		int32_t x, y;
	} contact[MONITOR_TOUCH_SLOTS];
};

void monitor_touch_init(struct monitor_touch *t);
void monitor_touch_event(struct monitor_touch *t, const struct vi_event *ev);

/* Write "2 contacts  0: 540,960  3: 12,7", or "no contact". */
void monitor_touch_text(const struct monitor_touch *t,
			char text[MONITOR_TOUCH_TEXT]);

#endif
