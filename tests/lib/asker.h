/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An injector that asks for receipts (input/device/control.h): the bytes on
 * its socket, without libvinject. A macro writes what it sends or expects as a
 * list of events, as rig.h does.
 */
#ifndef VINPUT_TESTS_ASKER_H
#define VINPUT_TESTS_ASKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/control.h"
#include "tests/lib/rig.h"

struct asker {
	int fd; /* borrowed: a socket, or what it reads if out is another */
	int out;
	struct vi_event ev[1024]; /* received and not taken yet */
	size_t at, n;
};

/* The injector's end of a socket. */
struct asker asker(int fd);
/* The same, and HELLO has been said and answered. */
struct asker asker_hello(int fd);

/* Send events, all of them, as one packet if the socket has packets. */
void asker_send(struct asker *a, const struct vi_event *ev, size_t n);
/* Return: whether the next event that it is sent came in time. */
bool asker_next(struct asker *a, struct vi_event *ev, int timeout_ms);
/* The next events that it is sent must be these. */
void asker_expect(struct asker *a, const struct vi_event *ev, size_t n,
		  const char *file, int line);
void asker_expect_nothing(struct asker *a);
/* The server has closed its end, and sent nothing more before. */
void asker_expect_end(struct asker *a);

/* What a receipt says, with the events before it that belong to it. */
struct asker_receipt {
	uint32_t number;
	uint16_t bits;
	uint32_t n[CONTROL_WHATS];
};

/* The next event must belong to a receipt. */
struct asker_receipt asker_receipt(struct asker *a);

#define ask(a, ...) asker_send(a, RIG_EVENTS(__VA_ARGS__))
#define expect_answer(a, ...) \
	asker_expect(a, RIG_EVENTS(__VA_ARGS__), __FILE__, __LINE__)

#define HELLO	     vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC)
#define LOSSLESS(ms) vi_event(CONTROL_LOSSLESS, 0, ms)
#define RECEIPT(n)   vi_event(CONTROL_RECEIPT, 0, n)
#define WATCH(on)    vi_event(CONTROL_WATCH, 0, on)
#define CANCEL	     vi_event(CONTROL_CANCEL, 0, 0)

#define WHAT(what)	    (1u << CONTROL_##what)
#define ANSWER(bits, n)	    vi_event(CONTROL_RECEIPT, bits, n)
#define COUNT(what, n)	    vi_event(CONTROL_COUNT, CONTROL_##what, n)
#define UNKNOWN(type, code) vi_event(CONTROL_UNKNOWN, code, type)
#define DRIVER(what)	    vi_event(CONTROL_DRIVER, 0, CONTROL_DRIVER_##what)
#define CANCELLED(has_n, n) vi_event(CONTROL_CANCEL, has_n, n)

#endif
