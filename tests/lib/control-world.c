/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/control-world.h"

#include <string.h>

#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

struct control_world w;

static bool take_answer(void *arg, struct device_source *src,
			const struct vi_event *ev, size_t n)
{
	const size_t who = (size_t)(src - w.src);

	assert_true(who < WORLD_SOURCES && n);
	if (w.told[who].full)
		return false;
	assert_true(n <= ANSWERS_MAX - w.told[who].n);
	memcpy(&w.told[who].ev[w.told[who].n], ev, n * sizeof(*ev));
	w.told[who].n += n;
	return true;
}

void control_begin_process(void)
{
	struct device_sink sink = guest_sink(&w.sink);

	sink.answer = take_answer;
	w.dev = device_new(&w.spec, &sink);
	assert_non_null(w.dev);
}

int control_setup(void **state)
{
	memset(&w, 0, sizeof(w));
	event_text_device("KEY_A, KEY_B, KEY_C, REL_X, ABS_X 0..100, "
			  "ABS_MT_SLOT 0..1, ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..100",
			  &w.spec);
	strcpy(w.spec.name, "Pad");
	control_begin_process();
	for (int i = 0; i < WORLD_SOURCES; i++) {
		fill_with_garbage(&w.src[i]);
		assert_ok(device_attach(w.dev, &w.src[i], false));
	}
	return 0;
}

int control_teardown(void **state)
{
	for (int i = 0; i < WORLD_SOURCES; i++)
		device_abandon(w.dev, &w.src[i]);
	assert_true(LIST_EMPTY(&w.dev->askers));
	device_free(w.dev);
	return 0;
}

void expect_told(int who, const struct vi_event *want, size_t n, int line)
{
	const struct vi_event *ev = w.told[who].ev;

	for (size_t i = 0; i < n && i < w.told[who].n; i++)
		if (memcmp(&ev[i], &want[i], sizeof(*ev)))
			fail_msg("line %d: answer %zu is %x/%u=%d, not "
				 "%x/%u=%d",
				 line, i, vi_type(&ev[i]), vi_code(&ev[i]),
				 vi_value(&ev[i]), vi_type(&want[i]),
				 vi_code(&want[i]), vi_value(&want[i]));
	if (n != w.told[who].n)
		fail_msg("line %d: %zu answers, not %zu", line, w.told[who].n,
			 n);
	w.told[who].n = 0;
}

void inject(int who, const char *text)
{
	device_inject_text(w.dev, &w.src[who], text);
}

void pump(void)
{
	const uint64_t out = w.dev->count.events_out;

	device_pump(w.dev);
	w.held += w.dev->count.events_out - out;
	device_commit(w.dev);
	device_answer(w.dev, w.held);
}

void expect(size_t buffers, const char *text)
{
	w.sink.buffers += buffers;
	w.sink.n = 0;
	pump();
	assert_events(w.sink.got, w.sink.n, text);
}

void guest_returns(uint64_t n)
{
	w.held -= n == EVERYTHING ? w.held : n;
	device_answer(w.dev, w.held);
}

void guest_starts(size_t buffers)
{
	device_driver_started(w.dev);
	w.held = 0;
	w.sink.buffers = 0;
	/* So that nothing is folded any more. */
	expect(1, "-");
	w.sink.buffers = buffers;
}

void guest_suspends(void)
{
	device_answer(w.dev, w.held);
	device_driver_stopped(w.dev);
	w.sink.buffers = 0;
	pump();
}

void guest_resumes(size_t buffers)
{
	device_driver_resumed(w.dev);
	w.sink.buffers = buffers;
}

void greet(int who)
{
	INJECT(who, HELLO, SYN);
	EXPECT_TOLD(who, HELLO);
	pump();
}

void greet_lossless(int who, int32_t limit_ms)
{
	INJECT(who, HELLO, LOSSLESS(limit_ms), SYN);
	EXPECT_TOLD(who, HELLO);
	pump();
}
