/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of Android's getevent, also with -t, -l or -lt. Pure. */
#ifndef VINPUT_RECORDING_GETEVENT_H
#define VINPUT_RECORDING_GETEVENT_H

#include <stdbool.h>
#include "injector/recording/recording-lines.h"

recording_line_fn recording_getevent_line;

/* Return: whether a line is of an event. */
bool recording_getevent_is_line(const char *line);

#endif
