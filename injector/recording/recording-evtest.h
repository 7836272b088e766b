/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of evtest and vinput-monitor. Pure. */
#ifndef VINPUT_RECORDING_EVTEST_H
#define VINPUT_RECORDING_EVTEST_H

#include "injector/recording/recording-lines.h"

recording_line_fn recording_evtest_line;

/*
 * label: set to the length of the device's label, which begins the line; 0:
 * there is none. Return: what follows "Event: time ", NULL: the line is not of
 * an event.
 */
const char *recording_evtest_event(const char *line, size_t *label);

#endif
