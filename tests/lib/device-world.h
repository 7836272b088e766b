/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device between injectors' bytes and a guest that is an array with as many
 * buffers as a test gives it.
 */
#ifndef VINPUT_TESTS_DEVICE_WORLD_H
#define VINPUT_TESTS_DEVICE_WORLD_H

#include <string.h>

#include "input/device/device.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"
#include "tests/lib/guest-sink.h"

#define SOURCES 3

struct world {
	struct spec spec;
	struct device *dev;
	struct device_source src[SOURCES];
	struct guest_sink sink;
};

static struct world w;

static inline void device_world_begin(const char *spec)
{
	const struct device_sink sink = guest_sink(&w.sink);

	memset(&w, 0, sizeof(w));
	event_text_device(spec, &w.spec);
	w.dev = device_new(&w.spec, &sink);
	assert_non_null(w.dev);
	for (int i = 0; i < SOURCES; i++) {
		fill_with_garbage(&w.src[i]);
		assert_ok(device_attach(w.dev, &w.src[i], false));
	}
}

static inline int setup(void **state)
{
	device_world_begin("KEY_A, KEY_B, KEY_C, REL_X, REL_Y, SW_LID, "
			   "ABS_X 0..100, ABS_MT_SLOT 0..1, "
			   "ABS_MT_TRACKING_ID 0..65535, "
			   "ABS_MT_POSITION_X 0..100");
	return 0;
}

/* Without slots. */
static inline int setup_plain(void **state)
{
	device_world_begin("KEY_A, KEY_B, REL_X, ABS_X 0..100");
	return 0;
}

static inline int teardown(void **state)
{
	for (int i = 0; i < SOURCES; i++)
		source_fini(&w.src[i].src);
	device_free(w.dev);
	return 0;
}

static inline void inject(int who, const char *text)
{
	device_inject_text(w.dev, &w.src[who], text);
}

/* The guest makes buffers available, and has been sent this since. */
static inline void expect(size_t buffers, const char *text)
{
	w.sink.buffers += buffers;
	w.sink.n = 0;
	device_pump(w.dev);
	assert_events(w.sink.got, w.sink.n, text);
}

static inline void expect_nothing(size_t buffers)
{
	expect(buffers, "-");
}

static inline void guest_starts(size_t buffers)
{
	device_driver_started(w.dev);
	expect_nothing(buffers);
}

#define device_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define plain_test(name) \
	cmocka_unit_test_setup_teardown(name, setup_plain, teardown)

#endif
