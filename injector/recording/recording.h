/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings: the events of one device with their times.
 *
 *	text ─► recording-read
 *	  ─► recording-form	which form, and where does it begin?
 *	  ─► recording-lines	line by line: -ours, -evemu, -evtest, -getevent
 *	  ─► recording-libinput	its YAML
 *	bytes ─► recording-raw	a dump of an evdev node
 *	  ─► recording		checked events
 *	  ─► recording-type-a	slots for contacts that have none,
 *	     recording-slot	and for the first one
 *
 *	events, as they come ─► recording-write ─► text
 *
 * Several forms are read and one is written. The first line that is typical
 * of a form decides, and what is before it is skipped:
 *
 *	# vinput recording 1		ours: a frame a line, its time in
 *	0.000000 KEY_A=1		seconds and its events without
 *	0.080000 KEY_A=0		SYN_REPORT; "-" for a frame of none
 *
 *	E: 0.000000 0001 001e 0001	evemu-record
 *	- [  0,      0,   1,  30,   1]	libinput record (YAML)
 *	Event: time 0.000000, ...	evtest and vinput-monitor
 *	[ 0.000000] 0001 001e 00000001	getevent
 *
 * This file is the container, which all readers fill through recording_add() or
 * recording_add_numbers(): no event is in it that an injector cannot send, and
 * time never goes back. Pure, as the readers are; the writer knows a stream.
 */
#ifndef VINPUT_RECORDING_H
#define VINPUT_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/base/fault.h"
#include "input/device/event.h"

/* A recording with more events is rejected. */
#define RECORDING_EVENTS_MAX 10000000

struct recording_event {
	int64_t time_us;
	struct vi_event ev;
	unsigned int line; /* of the file; of a dump: the event's number */
};

/* Something odd: how often it was read, and the line where it was first. */
struct recording_odd {
	unsigned int n, line;
};

struct recording {
	struct recording_event *event; /* owned */
	size_t n, room;
	bool dump; /* has no lines */
	/* Of a device with dozens of axes: ABS_MT_ codes are some of them. */
	bool plain;
	/* For those who add events: the line that is being read. */
	unsigned int line;
	bool dropping;	  /* after a SYN_DROPPED, until a SYN_REPORT */
	int64_t shift_us; /* what to add to times since the clock was set back
			   */
	struct recording_odd dropped, set_back, untimed;
	unsigned int lost; /* events that were added while dropping */
};

#define RECORDING_NULL ((struct recording){ 0 })

struct recording_fault {
	unsigned int line; /* from 1; 0: the file as a whole */
	struct fault why;
};

/*
 * Add an event. A SYN_DROPPED is not added, nor what follows it up to the next
 * SYN_REPORT, as libevdev does: the kernel had no room for some events, and the
 * rest of their frame is of no use.
 * Return: 0, -EINVAL or -ENOMEM with the fault.
 */
int recording_add(struct recording *rec, int64_t time_us,
		  const struct vi_event *ev, struct fault *f);
/*
 * Add an event as a kernel reported it: number is its type, code and value. Its
 * time MAY be before that of the previous event, because the clock was set
 * back: then that event and all after it are moved so that no time passes in
 * between. Return: as above.
 */
int recording_add_numbers(struct recording *rec, int64_t time_us,
			  const long number[3], struct fault *f);
/* Insert an event before another, with its time and line. Return: as above. */
int recording_insert(struct recording *rec, size_t before,
		     const struct vi_event *ev, struct fault *f);
/* Add a SYN_REPORT. Return: as above. */
int recording_end_frame(struct recording *rec, int64_t time_us,
			struct fault *f);
void recording_fini(struct recording *rec); /* idempotent */

/* Say where in the recording that is what f->why says. line: an event's. */
void recording_locate(struct recording_fault *f, const struct recording *rec,
		      unsigned int line);

/* "path:line: why", or without a line. Return: -EINVAL */
int recording_fault_text(struct fault *out, const char *path,
			 const struct recording_fault *f);

/*
 * Read seconds such as "12.000345", with at most nine decimals. *end: what
 * follows them. Return: 0 or -EINVAL.
 */
int recording_time(const char *text, const char **end, int64_t *time_us);

#endif
