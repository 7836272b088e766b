/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vinput-monitor prints of a device and its events: lines like
 * evtest(1)'s, or one JSON object per line.
 */
#ifndef VINPUT_MONITOR_PRINT_H
#define VINPUT_MONITOR_PRINT_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include "injector/monitor/monitor-touch.h"
#include "input/device/event.h"
#include "input/spec/spec.h"

struct monitor_print {
	FILE *out; /* borrowed */
	bool json;
	/* Begins each of the device's lines; NULL: it is the only device. */
	const char *label;
};

void monitor_print_device(const struct monitor_print *p,
			  const struct spec *spec);
/* The contacts after a frame; on a terminal in place of the last such line. */
void monitor_print_touch(const struct monitor_print *p,
			 const struct monitor_touch *touch);
/* when: CLOCK_REALTIME, as is evdev's default. */
void monitor_print_event(const struct monitor_print *p,
			 const struct timespec *when,
			 const struct vi_event *ev);

#endif
