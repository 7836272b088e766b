/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings: events of one device with their times. Four forms are read, told
 * apart by how their lines begin, and one is written:
 *
 *	# vinput recording 1		ours: a frame a line, its seconds and
 *	0.000000 KEY_A=1		its events without SYN_REPORT, "-" if
 *	0.080000 KEY_A=0		there is none
 *
 *	E: 0.000000 0001 001e 0001	evemu-record
 *	- [  0,      0,   1,  30,   1]	libinput record (YAML)
 *	Event: time 0.000000, ...	evtest and vinput-monitor
 *
 * Pure, but for the writer's stream.
 */
#ifndef VINPUT_RECORDING_H
#define VINPUT_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "input/base/fault.h"
#include "input/device/event.h"

/* Events in a recording: more are refused. */
#define RECORDING_EVENTS_MAX 10000000

struct recording_event {
	int64_t time_us;
	struct vi_event ev;
};

struct recording {
	struct recording_event *event; /* owned; ends with a SYN_REPORT */
	size_t n, room;
};

#define RECORDING_NULL ((struct recording){ 0 })

struct recording_fault {
	unsigned int line; /* from 1; 0: it is about the file as a whole */
	struct fault why;
};

/*
 * Read a recording of any form. device: which of several devices, from 1; 0:
 * there must be one only. recording_fini() is due whatever the result.
 * Return: 0, -EINVAL with the fault, -ENOMEM.
 */
int recording_read(struct recording *rec, const char *text, size_t len,
		   unsigned int device, struct recording_fault *f);
void recording_fini(struct recording *rec); /* idempotent */

struct recording_writer {
	FILE *out; /* borrowed */
	bool begun, in_frame;
	int64_t first_us, last_us;
};

/* Begin a file. title: one line, or NULL. */
void recording_write_begin(struct recording_writer *w, FILE *out,
			   const char *title);
/*
 * One event, at a time of any clock: the first one's counts as 0. A frame's
 * time is that of its first event. Errors are the stream's: see ferror().
 */
void recording_write(struct recording_writer *w, int64_t time_us,
		     const struct vi_event *ev);

/* --- for the readers --- */

/* Add an event. Return: 0, -EINVAL with the fault, -ENOMEM. */
int recording_add(struct recording *rec, int64_t time_us, unsigned int type,
		  unsigned int code, long value, struct fault *f);

/* A line, which may be changed. Return: as above. */
typedef int recording_line_fn(struct recording *rec, char *line,
			      struct fault *f);
recording_line_fn recording_line_ours, recording_line_evemu,
	recording_line_evtest;
int recording_read_libinput(struct recording *rec, const char *text, size_t len,
			    unsigned int device, struct recording_fault *f);

/*
 * Seconds such as "12.000345", with at most nine decimals. *end: what stands
 * behind them. Return: 0 or -EINVAL.
 */
int recording_time(const char *text, const char **end, int64_t *time_us);

#endif
