/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streamer of a launcher is this program, which hands its connections over
 * to the test: unlike others, they survive servers. What is sent through them
 * is counted, and what the guest reads; both must become the same. Errors fail
 * the cmocka test.
 */
#ifndef VINPUT_TEST_STREAMS_H
#define VINPUT_TEST_STREAMS_H

#include <stdbool.h>
#include "tests/guest/fixture.h"

enum {
	STREAM_KEYS,
	STREAM_MOUSE,
	STREAM_TOUCH,
	STREAMS,
};

/* For main(): whether the program was started as a streamer, and has ended. */
bool streams_main(int argc, char **argv);

/*
 * Listen for a streamer in dir. Return: its command line, with placeholders for
 * the fds of keyboard, mouse and touch_0; valid until the next call.
 */
const char *streams_listen(const char *dir);
/* Take its connections, which lead to these devices in the guest. */
void streams_take(const struct device *const devs[STREAMS]);
/* Close them. Idempotent. */
void streams_close(void);

/* A frame, in the form of scenario.h. */
void stream(int which, const char *frame);
/* A frame of each: a key up or down, a move, a finger up, down or elsewhere. */
void streams_step(void);
/* Contacts as sent last, for assert_contacts(). */
const char *streams_contacts(void);
/* Keys up, contacts lifted. */
void streams_release(void);

/* Count what the guest has read so far. */
void streams_count(void);
/* All that was sent was read, or soon is, and nothing more. */
void assert_streams_arrived(void);

#endif
