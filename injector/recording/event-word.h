/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event as a word: "KEY_A=1", "ABS_X=-5", or by numbers, "4:17=3" or
 * "EV_MSC:17=3", where the kernel has no name. Only events that an injector can
 * send are read: their type and code exist. Pure.
 */
#ifndef VINPUT_EVENT_WORD_H
#define VINPUT_EVENT_WORD_H

#include "input/base/fault.h"
#include "input/device/event.h"

/* Room for any event as a word, and NUL. */
#define EVENT_WORD_SIZE 64

/* Names in any case. Return: 0, or -EINVAL with the fault. */
int event_word_read(struct vi_event *ev, const char *word, struct fault *f);
/* Its name alone, "KEY_A", or numbers, "4:17". */
void event_word_name(char text[EVENT_WORD_SIZE], const struct vi_event *ev);
void event_word_write(char text[EVENT_WORD_SIZE], const struct vi_event *ev);

/* number: type, code, value. Return: 0, or -EINVAL with the fault. */
int event_word_from_numbers(struct vi_event *ev, const long number[3],
			    struct fault *f);

/*
 * For a device that is multi-touch, or of which nothing is known: whether the
 * event, if it selects a slot, selects one that exists. Return: 0, or -EINVAL
 * with the fault.
 */
int event_word_check_slot(const struct vi_event *ev, struct fault *f);

/* A number from min to max, decimal or 0x. Return: 0 or -EINVAL. */
int event_word_number(const char *word, long min, long max, long *out);

/*
 * prefix: of the type's names, "KEY_", "SW_", which the name MAY lack; case
 * does not matter. Return: the code, -1: no such name.
 */
int event_word_code(unsigned int type, const char *prefix, const char *name);

#endif
