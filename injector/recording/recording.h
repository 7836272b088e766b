/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings: the events of one device with their times.
 *
 *	text ─► recording-read	which form?
 *	  ─► recording-lines	line by line: recording-ours, -evemu, -evtest
 *	  ─► recording-libinput	its YAML
 *	  ─► recording		checked events
 *
 *	events, as they come ─► recording-write ─► text
 *
 * Four forms are read and one is written. The first line that is typical of a
 * form decides:
 *
 *	# vinput recording 1		ours: a frame a line, its time in
 *	0.000000 KEY_A=1		seconds and its events without
 *	0.080000 KEY_A=0		SYN_REPORT; "-" for a frame of none
 *
 *	E: 0.000000 0001 001e 0001	evemu-record
 *	- [  0,      0,   1,  30,   1]	libinput record (YAML)
 *	Event: time 0.000000, ...	evtest and vinput-monitor
 *
 * This file is the container, which all readers fill through recording_add():
 * no event is in it that an injector cannot send, and time never goes back.
 * Pure, as the readers are; the writer knows a stream.
 */
#ifndef VINPUT_RECORDING_H
#define VINPUT_RECORDING_H

#include <stddef.h>
#include <stdint.h>
#include "input/base/fault.h"
#include "input/device/event.h"

/* A recording with more events is rejected. */
#define RECORDING_EVENTS_MAX 10000000

struct recording_event {
	int64_t time_us;
	struct vi_event ev;
};

struct recording {
	struct recording_event *event; /* owned */
	size_t n, room;
};

#define RECORDING_NULL ((struct recording){ 0 })

struct recording_fault {
	unsigned int line; /* from 1; 0: the file as a whole */
	struct fault why;
};

/* Add an event. Return: 0, -EINVAL or -ENOMEM with the fault. */
int recording_add(struct recording *rec, int64_t time_us,
		  const struct vi_event *ev, struct fault *f);
/* The same with its type, code and value. Return: as above. */
int recording_add_numbers(struct recording *rec, int64_t time_us,
			  const long number[3], struct fault *f);
/* Add a SYN_REPORT. Return: as above. */
int recording_end_frame(struct recording *rec, int64_t time_us,
			struct fault *f);
void recording_fini(struct recording *rec); /* idempotent */

/*
 * Read seconds such as "12.000345", with at most nine decimals. *end: what
 * follows them. Return: 0 or -EINVAL.
 */
int recording_time(const char *text, const char **end, int64_t *time_us);

#endif
