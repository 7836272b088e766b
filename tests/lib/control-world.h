/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors that ask (input/device/control.h) between their bytes and a guest
 * that is an array. The guest's driver holds what it was sent until a test
 * returns it. For the unit tests of device-control.
 */
#ifndef VINPUT_TESTS_CONTROL_WORLD_H
#define VINPUT_TESTS_CONTROL_WORLD_H

#include "input/device/device-control.h"
#include "input/device/device.h"
#include "tests/lib/array.h"
#include "tests/lib/guest-sink.h"

#define WORLD_SOURCES 3
#define ANSWERS_MAX   4096
#define EVERYTHING    UINT64_MAX

#define BIT(what)	       (1 << CONTROL_##what)
#define HELLO		       vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC)
#define SYN		       vi_event(EV_SYN, SYN_REPORT, 0)
#define KEY(code, value)       vi_event(EV_KEY, code, value)
#define RECEIPT(number)	       vi_event(CONTROL_RECEIPT, 0, number)
#define LOSSLESS(ms)	       vi_event(CONTROL_LOSSLESS, 0, ms)
#define CANCEL		       vi_event(CONTROL_CANCEL, 0, 0)
#define WATCH(on)	       vi_event(CONTROL_WATCH, 0, on)
#define ANSWER(bits, number)   vi_event(CONTROL_RECEIPT, bits, number)
#define COUNT(what, n)	       vi_event(CONTROL_COUNT, CONTROL_##what, n)
#define DRIVER(is)	       vi_event(CONTROL_DRIVER, 0, CONTROL_DRIVER_##is)
#define CANCELLED(has, number) vi_event(CONTROL_CANCEL, has, number)

struct control_world {
	struct spec spec;
	struct device *dev;
	struct device_source src[WORLD_SOURCES];
	struct guest_sink sink;
	struct {
		struct vi_event ev[ANSWERS_MAX];
		size_t n;
		bool full; /* nothing can be sent to it */
	} told[WORLD_SOURCES];
	uint64_t held; /* by the driver */
};

/* The only one, which the verbs below are about. */
extern struct control_world w;

/* A device without a driver, and its sources. */
int control_setup(void **state);
int control_teardown(void **state);
/* The sources are the caller's to attach. */
void control_begin_process(void);

#define control_test(name) \
	cmocka_unit_test_setup_teardown(name, control_setup, control_teardown)

/* Events of this source arrive. */
#define INJECT(who, ...)                                                    \
	do {                                                                \
		const struct vi_event sent_[] = { __VA_ARGS__ };            \
		device_inject(w.dev, &w.src[who], sent_, ARRAY_LEN(sent_)); \
	} while (0)

/* Since this was called last, it was answered this. */
#define EXPECT_TOLD(who, ...)                                        \
	do {                                                         \
		const struct vi_event want_[] = { __VA_ARGS__ };     \
		expect_told(who, want_, ARRAY_LEN(want_), __LINE__); \
	} while (0)
#define EXPECT_SILENCE(who) expect_told(who, NULL, 0, __LINE__)

void expect_told(int who, const struct vi_event *want, size_t n, int line);

/* The frame of a text arrives. */
void inject(int who, const char *text);
void pump(void);
/* The driver makes buffers available, and has been sent this since. */
void expect(size_t buffers, const char *text);
/* It has processed n events more, the oldest first. */
void guest_returns(uint64_t n);
/* It starts, is up to date, and has this many buffers available. */
void guest_starts(size_t buffers);
void guest_suspends(void);
void guest_resumes(size_t buffers);

/* It says HELLO, and more. */
void greet(int who);
void greet_lossless(int who, int32_t limit_ms);

#endif
