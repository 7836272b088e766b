/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a recording of our form, event by event. It needs no struct
 * recording: vinput-monitor records, too, and reads none.
 */
#ifndef VINPUT_RECORDING_WRITE_H
#define VINPUT_RECORDING_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "input/device/event.h"

struct recording_writer {
	FILE *out; /* borrowed */
	bool begun, in_frame;
	int64_t first_us, last_us;
};

/* Begin a file. title: one line, or NULL. */
void recording_write_begin(struct recording_writer *w, FILE *out,
			   const char *title);
/*
 * Write one event, with its time by any clock: the first event's is written as
 * 0. A frame's time is that of its first event. Errors are the stream's: see
 * ferror(3).
 */
void recording_write(struct recording_writer *w, int64_t time_us,
		     const struct vi_event *ev);

#endif
