/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is injected into a device and what the guest must read: a text file with
 * the frames to inject, a blank line and the frames to expect. A frame is a
 * line of comma-separated events, without SYN_REPORT:
 *
 *	# A finger touches.
 *	ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 70, ABS_MT_POSITION_X 5
 *
 *	ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 5, BTN_TOUCH 1
 *
 * Within a frame, the order of multi-touch events is compared; that of the
 * others is not, as it means nothing. Nor is the tracking ID of a contact.
 */
#ifndef VINPUT_TEST_SCENARIO_H
#define VINPUT_TEST_SCENARIO_H

#include <stddef.h>
#include "input/device/event.h"

#define SCENARIO_EVENTS_MAX 1024

struct scenario {
	struct vi_event in[SCENARIO_EVENTS_MAX], want[SCENARIO_EVENTS_MAX];
	size_t n_in, n_want;
};

/* Read a file; errors in it fail the cmocka test. */
void scenario_read(struct scenario *sc, const char *path);

/* Parse one line of a frame. Return: the number of events in ev. */
size_t scenario_frame(const char *line, struct vi_event *ev, size_t max);

/*
 * The frames as lines, in an order that does not depend on what has none, for
 * comparison. Return: the text, to be freed.
 */
char *scenario_text(const struct vi_event *ev, size_t n);

#endif
