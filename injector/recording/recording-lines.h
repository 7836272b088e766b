/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms of recordings in which each line stands for itself: splitting a
 * text into lines, and what the readers of lines share. Pure.
 */
#ifndef VINPUT_RECORDING_LINES_H
#define VINPUT_RECORDING_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/recording/recording-devices.h"
#include "injector/recording/recording-slot.h"
#include "injector/recording/recording.h"

#define RECORDING_BLANKS " \t"

/* What a reader keeps from line to line. */
struct recording_lines {
	struct recording *rec; /* borrowed, as the devices are */
	struct recording_devices *devices;
	bool decimal;	    /* scan codes are, in lines like evtest's */
	int64_t untimed_us; /* of the next event without a time */
	struct recording_slot slot;
};

/*
 * Reads one line, which it may change, without white space at its ends.
 * Return: 0, -EINVAL with the fault, -ENOMEM.
 */
typedef int recording_line_fn(struct recording_lines *l, char *line,
			      struct fault *f);

/*
 * Read a text line by line. f->line: how many lines are before it.
 * Return: as above.
 */
int recording_lines_read(struct recording_lines *l, const char *text,
			 size_t len, recording_line_fn *read_line,
			 struct recording_fault *f);

/*
 * name: of the device that a line is of; len 0: the only one.
 * Return: whether its events are read, or a negative errno with the fault.
 */
int recording_lines_wanted(struct recording_lines *l, const char *name,
			   size_t len, struct fault *f);

/* Take a number followed by a blank or the end. Return: 0 or -EINVAL. */
int recording_lines_number(const char **text, int base, long *out);

#endif
