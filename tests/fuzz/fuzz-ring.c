/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An injection ring whose producer writes anything anywhere at any time. What
 * is taken is what the indices that are possible say, and a guest gets of it
 * what it would get if the same events came through a socket, one by one.
 */
#include "input/injection/ring-consumer.h"
#include "tests/fuzz/device-world.h"

#define SIZE	   RING_SIZE_MIN
#define STREAM_MAX 65536 /* events */

static struct ring_consumer_part consumer;
static union {
	struct ring_producer_part producer; /* as from RING_PRODUCER on */
	uint8_t bytes[RING_EVENTS - RING_PRODUCER +
		      SIZE * sizeof(struct vi_event)];
} shared;

/* One way of the same events to a guest that takes all. */
struct way {
	struct device *dev;
	struct device_source src;
	uint64_t sum; /* of what the guest got, in order */
	bool ended;   /* by an error */
};

static struct spec spec;
static struct vi_event stream[STREAM_MAX];
static size_t n_stream;

static size_t way_put(void *arg, const struct vi_event *ev, size_t n)
{
	struct way *w = arg;
	uint64_t bits;

	for (size_t i = 0; i < n; i++) {
		memcpy(&bits, &ev[i], sizeof(bits));
		w->sum = (w->sum ^ bits) * UINT64_C(0x100000001b3) + 1;
	}
	return n;
}

static bool way_ready(void *arg)
{
	return true;
}

static void way_released(void *arg, struct device_source *src)
{
}

static void way_begin(struct way *w)
{
	const struct device_sink sink = { .put = way_put,
					  .ready = way_ready,
					  .released = way_released,
					  .arg = w };

	memset(w, 0, sizeof(*w));
	w->dev = device_new(&spec, &sink);
	must(w->dev && !device_attach(w->dev, &w->src, false));
	device_driver_started(w->dev);
	device_pump(w->dev);
}

static void way_receive(struct way *w, const void *events, size_t n)
{
	size_t len;
	void *to;

	if (w->ended || !n)
		return;
	to = source_space(&w->src.src, &len);
	must(len >= n * sizeof(struct vi_event));
	memcpy(to, events, n * sizeof(struct vi_event));
	w->ended =
		device_received(w->dev, &w->src, n * sizeof(struct vi_event));
	device_pump(w->dev);
}

static void way_end(struct way *w)
{
	device_detach(w->dev, &w->src);
	device_pump(w->dev);
	device_free(w->dev);
}

static struct vi_event *events(void)
{
	return (void *)(shared.bytes + (RING_EVENTS - RING_PRODUCER));
}

/* An event that the device may have, and often the end of a frame. */
static struct vi_event some_event(struct choices *in)
{
	static const struct {
		uint16_t type, code;
	} kinds[] = {
		{ EV_SYN, SYN_REPORT }, { EV_KEY, KEY_A },
		{ EV_KEY, KEY_B },	{ EV_REL, REL_X },
		{ EV_ABS, ABS_X },	{ EV_ABS, ABS_MT_SLOT },
		{ EV_SYN, SYN_REPORT }, { EV_ABS, ABS_MT_TRACKING_ID },
		{ EV_SW, SW_LID },	{ EV_KEY, BTN_LEFT },
	};
	const uint8_t what = take8(in);
	const size_t i = what % (sizeof(kinds) / sizeof(kinds[0]));

	if (what > 250)
		return vi_event(take16(in), take16(in), (int32_t)take32(in));
	return vi_event(kinds[i].type, kinds[i].code,
			i % 6 ? (int8_t)take8(in) : 0);
}

static void put_events(struct choices *in)
{
	const uint32_t n = 1 + take8(in) % 16;

	for (uint32_t i = 0; i < n; i++)
		events()[(shared.producer.put + i) & (SIZE - 1)] =
			some_event(in);
	shared.producer.put += n;
}

/* Its own indices, and those of the consumer, too. */
static void spoil(struct choices *in)
{
	switch (take8(in) % 5) {
	case 0:
		shared.producer.put = take32(in);
		break;
	case 1:
		shared.producer.put += (uint32_t)(int8_t)take8(in);
		break;
	case 2:
		shared.producer.space_at = consumer.taken + take8(in);
		shared.producer.tell = take8(in);
		break;
	case 3:
		consumer.taken = take32(in);
		break;
	default:
		consumer.kick_at = take32(in);
	}
}

static void check_taken(const struct ring_consumer *before,
			const struct vi_event *got, size_t n)
{
	for (uint32_t i = 0; i < n; i++)
		must(!memcmp(&got[i],
			     &events()[(before->taken + i) & (SIZE - 1)],
			     sizeof(*got)));
}

static void take_events(struct ring_consumer *c, struct way *w, size_t max)
{
	const struct ring_consumer before = *c;
	const uint32_t waits =
		(c->has_end ? c->end : shared.producer.put) - c->taken;
	struct vi_event got[2 * SIZE];
	size_t n = SIZE_MAX;
	const int r = ring_consumer_take(c, got, max, &n);

	must(r == (waits > SIZE ? RING_E_INDEX : 0));
	must(n == (r ? 0 : waits < max ? waits : max));
	must(c->taken == before.taken + (uint32_t)n && c->end == before.end);
	if (r)
		return;
	must(consumer.taken == c->taken);
	check_taken(&before, got, n);
	must(ring_consumer_tells(c, before.taken) <=
	     (RING_TELL_FUTEX | RING_TELL_SOCKET));
	must(n_stream + n <= STREAM_MAX);
	memcpy(stream + n_stream, got, n * sizeof(*got));
	n_stream += n;
	way_receive(w, got, n);
}

static void step(struct choices *in, struct ring_consumer *c, struct way *w)
{
	const uint8_t what = take8(in);

	switch (what % 8) {
	case 0:
	case 1:
	case 2:
		put_events(in);
		break;
	case 3:
		spoil(in);
		break;
	case 4:
		events()[take8(in) % SIZE] = some_event(in);
		break;
	case 5:
		if (ring_consumer_rest(c))
			must(shared.producer.put == c->taken);
		must(consumer.kick_at == c->taken);
		break;
	case 6:
		if (what > 240)
			ring_consumer_close(c);
		must(!ring_consumer_is_over(c) || c->taken == c->end);
		break;
	default:
		take_events(c, w, take8(in) % (2 * SIZE));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices in = { data, size };
	static struct way by_ring, one_by_one;
	struct ring_consumer c;

	memset(&shared, take8(&in) & 1 ? 0xff : 0, sizeof(shared));
	world_spec(&spec);
	n_stream = 0;
	way_begin(&by_ring);
	way_begin(&one_by_one);
	ring_consumer_init(&c, &consumer, &shared, SIZE);
	c.taken = take8(&in) & 1 ? UINT32_MAX - 9 : 0;
	shared.producer.put = c.taken;
	while (in.left && n_stream < STREAM_MAX - 2 * SIZE)
		step(&in, &c, &by_ring);
	for (size_t i = 0; i < n_stream; i++)
		way_receive(&one_by_one, &stream[i], 1);
	way_end(&by_ring);
	way_end(&one_by_one);
	must(by_ring.sum == one_by_one.sum);
	return 0;
}
