/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms of recordings in which each line stands for itself: ours,
 * evemu-record's, and that of evtest and vinput-monitor. Pure.
 */
#ifndef VINPUT_RECORDING_LINES_H
#define VINPUT_RECORDING_LINES_H

#include <stddef.h>
#include "injector/recording/recording.h"

/*
 * Reads one line, which it may change, without white space at its ends.
 * Return: 0, -EINVAL with the fault, -ENOMEM.
 */
typedef int recording_line_fn(struct recording *rec, char *line,
			      struct fault *f);
recording_line_fn recording_lines_ours, recording_lines_evemu,
	recording_lines_evtest;

/* Read a text line by line. Return: as above. */
int recording_lines_read(struct recording *rec, const char *text, size_t len,
			 recording_line_fn *read_line,
			 struct recording_fault *f);

#endif
