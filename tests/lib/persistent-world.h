/* SPDX-License-Identifier: Apache-2.0 */
/* A device with a persistent file and two sources, whose processes die. */
#ifndef VINPUT_TESTS_PERSISTENT_WORLD_H
#define VINPUT_TESTS_PERSISTENT_WORLD_H

#include "tests/lib/check.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "input/device/device.h"
#include "tests/lib/event-text.h"
#include "tests/lib/guest-sink.h"
#include "tests/lib/random.h"

#define PLACES 2
#define AT     9 /* the position of an eventq */

struct world {
	struct spec spec;
	struct persistent_head *file;
	struct persistent *persistent;
	struct device *dev;
	struct device_source src[PLACES];
	struct guest_sink sink;
	struct vi_event answer[8]; /* to any injector */
	size_t answers;
};

static struct world w;

static inline bool take_answer(void *arg, struct device_source *src,
			       const struct vi_event *ev, size_t n)
{
	assert_true(w.answers + n <= sizeof(w.answer) / sizeof(*w.answer));
	memcpy(&w.answer[w.answers], ev, n * sizeof(*ev));
	w.answers += n;
	return true;
}

static inline void forget(void)
{
	w.sink.n = 0;
	w.sink.buffers = GUEST_SINK_EVENTS;
}

/* As persistent-file.c does it. */
static inline void open_file(void)
{
	if (persistent_refuse(w.file, persistent_len(PLACES))) {
		memset(w.file, 0, persistent_len(PLACES));
		persistent_begin(w.file, PLACES, &w.spec);
	}
	w.persistent = persistent_new(w.file, PLACES);
	assert_non_null(w.persistent);
}

/* A process begins, with whatever is in the file. */
static inline void begin(void)
{
	struct device_sink sink = guest_sink(&w.sink);

	sink.answer = take_answer;
	w.answers = 0;
	open_file();
	w.dev = device_new(&w.spec, &sink);
	assert_non_null(w.dev);
	device_set_persistent(w.dev, w.persistent);
	for (unsigned int i = 0; i < PLACES; i++)
		device_attach_persistent(w.dev, &w.src[i], false, i);
	forget();
}

static inline void die(void)
{
	for (unsigned int i = 0; i < PLACES; i++)
		device_abandon(w.dev, &w.src[i]);
	device_free(w.dev);
	persistent_free(w.persistent);
	w.persistent = NULL;
}

static inline int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	event_text_device("KEY_A, KEY_B, REL_X, SW_LID, ABS_X 0..9, "
			  "ABS_Z 0..9 rest 0, ABS_MT_SLOT 0..3, "
			  "ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_Y 0..9",
			  &w.spec);
	w.file = calloc(1, persistent_len(PLACES));
	assert_non_null(w.file);
	begin();
	return 0;
}

static inline int teardown(void **state)
{
	die();
	free(w.file);
	return 0;
}

/* Bytes come in as injectors.c reads them: the kernel writes, then we count. */
static inline void kernel_writes(unsigned int i, const void *bytes, size_t n)
{
	size_t len;
	void *to = source_space(&w.src[i].src, &len);
	struct mmsghdr *mm =
		persistent_source_reading(w.src[i].persistent, to, len);

	assert_true(n <= len);
	memcpy(mm->msg_hdr.msg_iov->iov_base, bytes, n);
	mm->msg_len = (unsigned int)n;
}

static inline void send_bytes(unsigned int i, const void *bytes, size_t n)
{
	kernel_writes(i, bytes, n);
	assert_ok(device_received(w.dev, &w.src[i], n));
}

static inline size_t frame(const char *text, struct vi_event *ev)
{
	return event_text_frame(text, ev, 64) * sizeof(*ev);
}

static inline void send_frame(unsigned int i, const char *text)
{
	struct vi_event ev[64];

	send_bytes(i, ev, frame(text, ev));
}

/* The guest has taken all; it is a new one. */
static inline void expect(const char *text)
{
	device_driver_started(w.dev);
	device_pump(w.dev);
	device_commit(w.dev);
	assert_events(w.sink.got, w.sink.n, text);
	forget();
}

static inline void expect_more(const char *text)
{
	device_pump(w.dev);
	device_commit(w.dev);
	assert_events(w.sink.got, w.sink.n, text);
	forget();
}

#endif
