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
#include "input/event.h"
#include "input/spec.h"

struct monitor_print {
	FILE *out; /* borrowed */
	bool json;
};

void monitor_print_device(const struct monitor_print *p,
			  const struct spec *spec);
/* when: CLOCK_REALTIME, as evdev's default. */
void monitor_print_event(const struct monitor_print *p,
			 const struct timespec *when,
			 const struct vi_event *ev);

#endif
