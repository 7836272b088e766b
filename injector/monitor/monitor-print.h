/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How vinput-monitor shows a device and its events: in evtest's lines, or as
 * one JSON object a line.
 */
#ifndef VINPUT_MONITOR_PRINT_H
#define VINPUT_MONITOR_PRINT_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include "input/device/event.h"
#include "input/spec/spec.h"
#include "injector/monitor/monitor-touch.h"

struct monitor_print {
	FILE *out; /* borrowed */
	bool json;
	/* Of the device, before its lines; NULL: there is only one. */
	const char *label;
};

void monitor_print_device(const struct monitor_print *p,
			  const struct spec *spec);
/* The contacts of a touch device, after a frame; over the last such line. */
void monitor_print_touch(const struct monitor_print *p,
			 const struct monitor_touch *touch);
/* when: CLOCK_REALTIME, as evdev's default. */
void monitor_print_event(const struct monitor_print *p,
			 const struct timespec *when,
			 const struct vi_event *ev);

#endif
