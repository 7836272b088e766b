/* SPDX-License-Identifier: Apache-2.0 */
/* Counts rounds of work in place of the watchdog; included once by a test. */
#ifndef VINPUT_TESTS_FAKE_WATCHDOG_H
#define VINPUT_TESTS_FAKE_WATCHDOG_H

#include "input/base/watchdog.h"
#include "tests/lib/check.h"

static unsigned int touches, rests;

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
void watchdog_touch(void)
{
	touches++;
}

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
void watchdog_rest(void)
{
	rests++;
	assert_num(rests, touches);
}

#endif
