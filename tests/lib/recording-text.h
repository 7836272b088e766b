/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings in tests: a text of any form that is read, and what it amounts to
 * in our form, without its head line.
 */
#ifndef VINPUT_TESTS_RECORDING_TEXT_H
#define VINPUT_TESTS_RECORDING_TEXT_H

#include <stddef.h>

/* All fail the running test. device: as of recording_read(). */
void assert_recording(const char *text, size_t len, unsigned int device,
		      const char *want);
void assert_no_recording(const char *text, size_t len, unsigned int device,
			 unsigned int line, const char *why);
/* The only note about it. why: NULL for none. */
void assert_note(const char *text, unsigned int line, const char *why);

/* Of a text without NUL bytes and with one device. */
#define assert_reads(text, want) assert_recording(text, strlen(text), 0, want)
#define assert_rejected(text, line, why) \
	assert_no_recording(text, strlen(text), 0, line, why)

#endif
