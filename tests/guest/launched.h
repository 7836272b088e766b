/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of a vinput-launch that the test started with --dir=DIR. Errors fail
 * the cmocka test.
 */
#ifndef VINPUT_TEST_LAUNCHED_H
#define VINPUT_TEST_LAUNCHED_H

#include "tests/guest/fixture.h"

/* Return: the words with dir for their %s; valid until the next call. */
const char *launched_words(const char *fmt, const char *dir)
	__attribute__((format_arg(1)));

/* The device of this label, as it is in the guest; like: it is of that kind. */
void launched_device(struct device *dev, const struct device *like,
		     const char *dir, const char *label);

/* Return: the pid of the label's ready server, 0 if it is not ready. */
pid_t launched_pid(const char *dir, const char *label);
/*
 * The same of another one than `dead`, for which it waits. Its VMM must be
 * connected, or soon be.
 */
pid_t launched_next_pid(const char *dir, const char *label, pid_t dead);

/* SIGKILL a ready server, and wait for the next. */
void launched_replace(const char *dir, const char *label);

/* It is a keyboard: what vinput-inject types there arrives in the guest. */
void launched_assert_types(const struct device *dev);

#endif
