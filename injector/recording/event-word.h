/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event as a word, "KEY_A=1", "ABS_X=-5", and by numbers where the kernel
 * has no name, "4:17=3" or "EV_MSC:17=3". Pure.
 */
#ifndef VINPUT_INJECT_EVENT_H
#define VINPUT_INJECT_EVENT_H

#include "input/base/fault.h"
#include "input/device/event.h"

#define INJECT_EVENT_TEXT 64

/* Names in any case. Return: 0 or -EINVAL. */
int inject_event_read(struct vi_event *ev, const char *word,
		      struct inject_fault *f);
void inject_event_write(char text[INJECT_EVENT_TEXT],
			const struct vi_event *ev);

/*
 * Whether an injector can say this: a type, a code and a slot that exist.
 * Return: 0 or -EINVAL.
 */
int inject_event_check(unsigned int type, unsigned int code, int32_t value,
		       struct inject_fault *f);

/* A number from min to max as a word, decimal or 0x. Return: 0 or -EINVAL. */
int inject_event_number(const char *word, long min, long max, long *out);

/*
 * Return: the code of a name in any case, with or without its prefix ("KEY_",
 * "SW_"), which is taken for a type's; -1 if there is none.
 */
int inject_event_code(unsigned int type, const char *prefix, const char *name);

#endif
