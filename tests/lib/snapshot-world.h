/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two devices (input/device/snapshot.h) and a guest that moves from a to b, as
 * the bytes that are saved.
 */
#ifndef VINPUT_TESTS_SNAPSHOT_WORLD_H
#define VINPUT_TESTS_SNAPSHOT_WORLD_H

#include <string.h>

#include "input/device/snapshot.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/guest-sink.h"
#include "tests/lib/random.h"

/* One device, with one source. */
struct side {
	struct device *dev;
	struct device_source src;
};

struct world {
	struct spec spec;
	struct side a, b;
	struct linux_guest guest;
	struct guest_sink sink;
	long sent[REL_CNT];
	struct snapshot st;
	uint8_t buf[SNAPSHOT_MAX], again[SNAPSHOT_MAX];
	size_t len;
	struct rnd rnd;
};

static struct world w;

static inline void side_init(struct side *s)
{
	const struct device_sink sink = guest_sink(&w.sink);

	s->dev = device_new(&w.spec, &sink);
	assert_non_null(s->dev);
	assert_ok(device_attach(s->dev, &s->src, false));
}

static inline void side_fini(struct side *s)
{
	source_fini(&s->src.src);
	device_free(s->dev);
}

static inline int snapshot_setup(void **state)
{
	memset(&w, 0, sizeof(w));
	w.sink.guest = &w.guest;
	event_text_device("KEY_A, KEY_B, KEY_C, BTN_TOUCH, REL_X, REL_Y, "
			  "SW_LID, SW_CAMERA_LENS_COVER, ABS_Z 0..100, "
			  "ABS_WHEEL 0..9, ABS_RX -9..9 rest 0, "
			  "ABS_MT_SLOT 0..2, ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..100, "
			  "ABS_MT_POSITION_Y 0..100",
			  &w.spec);
	strcpy(w.spec.name, "one");
	side_init(&w.a);
	side_init(&w.b);
	linux_guest_boot(&w.guest, &w.spec);
	return 0;
}

static inline int snapshot_teardown(void **state)
{
	side_fini(&w.a);
	side_fini(&w.b);
	return 0;
}

static inline void send_events(struct side *s, const struct vi_event *ev,
			       size_t n)
{
	device_inject(s->dev, &s->src, ev, n);
	for (size_t i = 0; i < n; i++)
		if (vi_type(&ev[i]) == EV_REL)
			w.sent[vi_code(&ev[i])] += vi_value(&ev[i]);
}

static inline void inject(struct side *s, const char *text)
{
	struct vi_event ev[64];

	send_events(s, ev, event_text_frame(text, ev, 64));
}

static inline void pump(struct side *s, size_t buffers)
{
	w.sink.buffers += buffers;
	device_pump(s->dev);
}

static inline void save(struct side *s)
{
	w.len = snapshot_write(s->dev, 0x11, EV_KEY, w.buf);
	assert_true(w.len <= SNAPSHOT_MAX);
}

static inline void load(struct side *s)
{
	assert_null(snapshot_read(&w.st, &w.spec, w.buf, w.len));
	snapshot_load(s->dev, &w.st);
}

/* A guest of a that has a key, a contact and half of a frame. */
static inline void save_something(void)
{
	device_driver_started(w.a.dev);
	inject(&w.a, "KEY_A 1, SW_LID 1, ABS_Z 7");
	inject(&w.a, "ABS_MT_TRACKING_ID 4, ABS_MT_POSITION_X 5");
	pump(&w.a, 99);
	w.sink.buffers = 2;
	inject(&w.a, "KEY_B 1, REL_X 3, KEY_A 0");
	pump(&w.a, 0);
	device_driver_stopped(w.a.dev);
	inject(&w.a, "REL_X 4");
	pump(&w.a, 0);
	save(&w.a);
}

#define snapshot_test(name) \
	cmocka_unit_test_setup_teardown(name, snapshot_setup, snapshot_teardown)

#endif
