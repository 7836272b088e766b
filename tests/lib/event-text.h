/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as text, "KEY_A 1, ABS_X -5", and devices, "KEY_A, ABS_X -5..5 rest
 * 0": how tests write what is injected and what must be delivered. A frame is
 * written without its SYN_REPORT, an empty one as "-".
 */
#ifndef VINPUT_TESTS_EVENT_TEXT_H
#define VINPUT_TESTS_EVENT_TEXT_H

#include <stddef.h>
#include "input/device/event.h"
#include "input/device/frame.h"
#include "input/spec/spec.h"

/*
 * Parse events; fails the test if the text is malformed. Return: their number,
 * at most max.
 */
size_t event_text_read(const char *text, struct vi_event *ev, size_t max);

/* The same, with a SYN_REPORT at the end. */
size_t event_text_frame(const char *text, struct vi_event *ev, size_t max);

/* Declare what the text names. */
void event_text_device(const char *text, struct spec *spec);

/* Fail unless these are the events, or the frame, of the text. */
void assert_events(const struct vi_event *ev, size_t n, const char *text);
void assert_frame(const struct frame *frame, const char *text);

/* Return: the events as text, to be freed. */
char *event_text_write(const struct vi_event *ev, size_t n);

#endif
