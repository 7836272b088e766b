/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/guest-sink.h"

#include <string.h>
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"

size_t guest_sink_put(struct guest_sink *g, const struct vi_event *ev, size_t n)
{
	const size_t taken = n < g->buffers ? n : g->buffers;

	g->n_puts++;
	g->buffers -= taken;
	if (g->guest) {
		linux_guest_take(g->guest, ev, taken);
		return taken;
	}
	assert_true(taken <= GUEST_SINK_EVENTS - g->n);
	memcpy(&g->got[g->n], ev, taken * sizeof(*ev));
	g->n += taken;
	return taken;
}

static size_t put(void *arg, const struct vi_event *ev, size_t n)
{
	return guest_sink_put(arg, ev, n);
}

static void show(void *arg)
{
	struct guest_sink *g = arg;

	g->n_shown = g->n;
}

static size_t room(void *arg)
{
	const struct guest_sink *g = arg;

	return g->buffers;
}

static bool ready(void *arg)
{
	const struct guest_sink *g = arg;

	return g->buffers > 0;
}

static void released(void *arg, struct device_source *src)
{
	struct guest_sink *g = arg;

	g->n_released++;
	g->released = src;
}

struct device_sink guest_sink(struct guest_sink *g)
{
	return (struct device_sink){
		.put = put,
		.show = show,
		.room = room,
		.ready = ready,
		.released = released,
		.arg = g,
	};
}

void device_inject(struct device *dev, struct device_source *src,
		   const struct vi_event *ev, size_t n)
{
	size_t len;
	void *to = source_space(&src->src, &len);

	assert_true(len >= n * sizeof(*ev));
	memcpy(to, ev, n * sizeof(*ev));
	assert_ok(device_received(dev, src, n * sizeof(*ev)));
}

void device_inject_text(struct device *dev, struct device_source *src,
			const char *text)
{
	struct vi_event ev[64];
	size_t n = event_text_frame(text, ev, 64);

	device_inject(dev, src, ev, n);
}
