/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event as a word, "KEY_A=1", "ABS_X=-5", and by numbers where the kernel
 * has no name, "4:17=3" or "EV_MSC:17=3". Pure.
 */
#ifndef VINPUT_EVENT_WORD_H
#define VINPUT_EVENT_WORD_H

#include "input/base/fault.h"
#include "input/device/event.h"

#define EVENT_WORD_SIZE 64

/* Names in any case. Return: 0 or -EINVAL. */
int event_word_read(struct vi_event *ev, const char *word, struct fault *f);
void event_word_write(char text[EVENT_WORD_SIZE], const struct vi_event *ev);

/*
 * Whether an injector can say this: a type, a code and a slot that exist.
 * Return: 0 or -EINVAL.
 */
int event_word_check(unsigned int type, unsigned int code, int32_t value,
		     struct fault *f);

/* A number from min to max as a word, decimal or 0x. Return: 0 or -EINVAL. */
int event_word_number(const char *word, long min, long max, long *out);

/*
 * Return: the code of a name in any case, with or without its prefix ("KEY_",
 * "SW_"), which is taken for a type's; -1 if there is none.
 */
int event_word_code(unsigned int type, const char *prefix, const char *name);

#endif
