/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random injectors that ask, beside some that do not, and a guest whose driver
 * takes what it likes, returns it when it likes, stalls, is suspended and
 * starts anew. Each frame carries its source and number in MSC_SCAN events,
 * which are in no resync frame, at its beginning and its end. So it is known
 * which frames the guest has been sent as they were, and what every receipt has
 * to say:
 *
 * - Without a bit set, all frames since the last receipt were taken as they
 *   were, in their order, and all of their buffers had been returned.
 * - One that says something has a reason.
 * - Each is answered, counted as lost by a later one, or withdrawn.
 * - A lossless source without limit loses frames only to CANCEL, to a new
 *   driver, and where a frame has to be sent in parts.
 * - Nobody else's frames are held up.
 *
 * VINPUT_SCENARIOS is the number of scenarios, VINPUT_SEED the first one's
 * seed; a failure prints its seed.
 */
#include "tests/lib/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/device/device-control.h"
#include "input/device/device.h"
#include "tests/lib/event-text.h"
#include "tests/lib/guest-sink.h"
#include "tests/lib/random.h"

#define SOURCES	   4
#define STEPS	   120
#define FRAMES_MAX 512 /* of a source in a scenario */
#define EVENTS_MAX 32  /* of a frame */
#define ALL	   1000000

/* What became of a frame. */
struct sent_frame {
	bool has_events; /* not only control events */
	bool in_parts;	 /* MAY be sent in parts */
	unsigned int undeclared;
	unsigned int marks; /* of it that the guest was sent */
	uint64_t end;	/* position after its last mark's SYN_REPORT, or 0 */
	uint64_t life;	/* of the driver that was sent that */
	bool went;	/* its driver had not returned all of it */
	bool cancelled; /* MAY be */
};

struct asked {
	uint32_t number;
	unsigned int frame; /* that it was in */
};

struct injector {
	struct device_source source;
	bool asks, attached;
	unsigned int life; /* how many others there were in its place */
	bool ever_lossy;   /* it was not lossless all the time */
	bool deaf;
	struct sent_frame frame[FRAMES_MAX];
	unsigned int n_frames;
	unsigned int last_seen; /* frame, plus one */
	struct asked asked[4 * FRAMES_MAX + 1];
	unsigned int n_asked, n_answered;
	unsigned int covered; /* frames that receipts were about */
	/* Frames that the last CANCEL was about. */
	unsigned int cancel_from, cancel_end;
	int contact;
	struct vi_event told[8];
	size_t n_told; /* COUNT and UNKNOWN before a RECEIPT */
	bool said_hello;
};

struct world {
	struct rnd rnd;
	uint64_t seed;
	unsigned int step;
	struct spec spec;
	struct device *dev;
	struct injector in[SOURCES];
	struct guest_sink sink;
	uint64_t position; /* events that the guest was sent */
	uint64_t returned; /* ... and returned, or that went with a driver */
	uint64_t life;	   /* of a driver */
	bool runs, booted;
	uint64_t now_ms;
	/* Marks since the last SYN_REPORT: their frames end with it. */
	struct {
		int who;
		unsigned int life, frame;
	} open[8];
	unsigned int n_open;
	uint64_t answers, clean, bits[CONTROL_WHATS];
};

static struct world w;

#define CHECK(cond, ...)                                                \
	do {                                                            \
		if (cond)                                               \
			break;                                          \
		fprintf(stderr, "VINPUT_SEED=%llu, step %u: line %d: ", \
			(unsigned long long)w.seed, w.step, __LINE__);  \
		fprintf(stderr, __VA_ARGS__);                           \
		fputc('\n', stderr);                                    \
		fail();                                                 \
	} while (0)

/* --- the guest --------------------------------------------------------- */

static struct vi_event mark(int who, unsigned int frame)
{
	return vi_event(EV_MSC, MSC_SCAN,
			(int32_t)(frame << 8 | w.in[who].life << 2) | who);
}

static void take_mark(int32_t value)
{
	struct injector *in = &w.in[value & 3];
	const unsigned int i = (unsigned int)value >> 8;

	/* The last one of a source that is gone. */
	if ((value >> 2 & 63) != (int)in->life)
		return;
	CHECK(i < in->n_frames, "source %d: frame %u was not sent", value & 3,
	      i);
	CHECK(i + 1 >= in->last_seen, "source %d: frame %u after %u", value & 3,
	      i, in->last_seen - 1);
	CHECK(++in->frame[i].marks <= 2, "frame %u came twice", i);
	in->last_seen = i + 1;
	in->frame[i].end = 0;
	w.open[w.n_open].who = value & 3;
	w.open[w.n_open].life = in->life;
	w.open[w.n_open++].frame = i;
}

/* The source may be gone, and another in its place. */
static void end_open(unsigned int i)
{
	struct injector *in = &w.in[w.open[i].who];

	if (w.open[i].life != in->life)
		return;
	in->frame[w.open[i].frame].end = w.position;
	in->frame[w.open[i].frame].life = w.life;
}

static void take_event(const struct vi_event *ev)
{
	w.position++;
	if (vi_type(ev) == EV_MSC)
		take_mark(vi_value(ev));
	if (!vi_is_syn_report(ev))
		return;
	while (w.n_open)
		end_open(--w.n_open);
}

static size_t put(void *arg, const struct vi_event *ev, size_t n)
{
	const size_t taken = n < w.sink.buffers ? n : w.sink.buffers;

	CHECK(w.runs, "something is sent to a stopped queue");
	for (size_t i = 0; i < taken; i++)
		take_event(&ev[i]);
	w.sink.buffers -= taken;
	return taken;
}

/* --- answers ----------------------------------------------------------- */

static uint32_t count_of(const struct injector *in, uint16_t what)
{
	for (size_t i = 0; i < in->n_told; i++)
		if (vi_type(&in->told[i]) == CONTROL_COUNT &&
		    vi_code(&in->told[i]) == what)
			return (uint32_t)vi_value(&in->told[i]);
	return 0;
}

static bool was_sent(const struct sent_frame *f)
{
	return f->marks == 2 && f->end;
}

/* Return: whether the guest's driver has taken all of the frame. */
static bool was_taken(const struct sent_frame *f)
{
	return !f->has_events || (was_sent(f) && f->end <= w.returned);
}

/* Find the receipt; those before it were lost or withdrawn. */
static unsigned int find_asked(struct injector *in, uint32_t number)
{
	unsigned int i = in->n_answered;

	while (i < in->n_asked && in->asked[i].number != number)
		i++;
	CHECK(i < in->n_asked, "receipt %u was not asked for", number);
	return i;
}

static void check_frames(struct injector *in, unsigned int end, uint16_t bits)
{
	const uint32_t told = count_of(in, CONTROL_UNDECLARED);
	unsigned int least = 0, most = 0, missing = 0, in_parts = 0;

	for (unsigned int i = in->covered; i < end; i++) {
		const struct sent_frame *f = &in->frame[i];

		/* What was sent has been returned, or went with its driver. */
		CHECK(!f->marks || f->end <= w.returned || w.life != f->life,
		      "answered before frame %u was taken", i);
		CHECK(bits || was_taken(f), "frame %u was not taken", i);
		CHECK(!f->went || bits & 1 << CONTROL_NO_DRIVER,
		      "frame %u went with its driver", i);
		missing += f->has_events && !was_sent(f);
		in_parts += f->in_parts;
		least += f->cancelled ? 0 : f->undeclared;
		most += f->undeclared;
	}
	CHECK(!missing || bits & (1 << CONTROL_FOLDED | 1 << CONTROL_CANCELLED),
	      "%u frames are missing", missing);
	CHECK(missing || in_parts || !(bits & 1 << CONTROL_FOLDED),
	      "none was folded");
	CHECK(told >= least && told <= most, "%u undeclared, not %u to %u",
	      told, least, most);
	if (!in->ever_lossy && !in_parts && !in->source.gone)
		CHECK(!(bits & 1 << CONTROL_FOLDED) ||
			      bits & 1 << CONTROL_NO_DRIVER,
		      "a lossless frame was folded");
	in->covered = end > in->covered ? end : in->covered;
}

static void check_receipt(struct injector *in, const struct vi_event *ev)
{
	const uint16_t bits = vi_code(ev);
	const unsigned int i = find_asked(in, (uint32_t)vi_value(ev));
	unsigned int skipped = 0;

	for (unsigned int k = in->n_answered; k < i; k++)
		skipped += !in->frame[in->asked[k].frame].cancelled;
	CHECK(count_of(in, CONTROL_LOST) >= skipped, "%u were lost, not %u",
	      skipped, count_of(in, CONTROL_LOST));
	for (uint16_t what = 1; what < CONTROL_WHATS; what++)
		CHECK(!(bits >> what & 1) == !count_of(in, what),
		      "bit %u and its count differ", what);
	check_frames(in, in->asked[i].frame + 1, bits);
	in->n_answered = i + 1;
	w.answers++;
	w.clean += !bits;
	for (uint16_t what = 0; what < CONTROL_WHATS; what++)
		w.bits[what] += bits >> what & 1;
}

static void forget_withdrawn(struct injector *in, const struct vi_event *ev)
{
	unsigned int i = in->n_asked;

	if (!vi_code(ev))
		return;
	/* What was sent will be answered. */
	while (i && in->asked[i - 1].number != (uint32_t)vi_value(ev))
		i--;
	for (unsigned int k = in->cancel_from; i && k <= in->asked[i - 1].frame;
	     k++)
		in->frame[k].cancelled = false;
}

static bool answer(void *arg, struct device_source *src,
		   const struct vi_event *ev, size_t n)
{
	struct injector *in = (struct injector *)(void *)src;

	if (in->deaf)
		return false;
	for (size_t i = 0; i < n; i++)
		switch (vi_type(&ev[i])) {
		case CONTROL_RECEIPT:
			check_receipt(in, &ev[i]);
			in->n_told = 0;
			break;
		case CONTROL_COUNT:
		case CONTROL_UNKNOWN:
			CHECK(in->n_told < 8, "too many");
			in->told[in->n_told++] = ev[i];
			break;
		case CONTROL_CANCEL:
			forget_withdrawn(in, &ev[i]);
			break;
		case CONTROL_HELLO:
			in->said_hello = true;
			break;
		}
	return true;
}

static void released(void *arg, struct device_source *src)
{
	((struct injector *)(void *)src)->attached = false;
}

/* --- pumping ----------------------------------------------------------- */

static void check_waiting(void)
{
	struct device_source *src;

	TAILQ_FOREACH (src, &w.dev->waiting, link) {
		const struct injector *in = (struct injector *)(void *)src;

		CHECK(!w.dev->view.folded ||
			      (in->asks && device_control_waits(src)),
		      "source %d is held up", (int)(in - w.in));
	}
	CHECK(!w.runs || !w.sink.buffers || TAILQ_EMPTY(&w.dev->waiting),
	      "buffers are left");
}

static void answer_all(void)
{
	device_answer(w.dev, w.position - w.returned);
}

static void pump(void)
{
	device_pump(w.dev);
	device_commit(w.dev);
	if (w.dev->owed)
		answer_all();
	check_waiting();
}

/* --- injectors --------------------------------------------------------- */

static void attach(struct injector *in)
{
	const unsigned int life = in->life + 1;

	memset(in, 0, sizeof(*in));
	in->life = life % 64;
	assert_ok(device_attach(w.dev, &in->source, false));
	in->attached = true;
	in->ever_lossy = true;
	in->asks = !rnd_one_in(&w.rnd, 4);
}

static void send_events(struct injector *in, const struct vi_event *ev,
			size_t n)
{
	const uint8_t *bytes = (const uint8_t *)ev;
	size_t left = n * sizeof(*ev), part, space;

	for (; left; left -= part, bytes += part) {
		void *to = source_space(&in->source.src, &space);

		part = 1 + rnd_below(&w.rnd, (unsigned int)left);
		assert_true(part <= space);
		memcpy(to, bytes, part);
		assert_ok(device_received(w.dev, &in->source, part));
		if (rnd_one_in(&w.rnd, 8))
			pump();
	}
}

static void add_touch(struct injector *in, struct vi_event *ev, size_t *n)
{
	if (rnd_one_in(&w.rnd, 2))
		ev[(*n)++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, -1);
	ev[(*n)++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, ++in->contact);
	ev[(*n)++] = vi_event(EV_ABS, ABS_MT_POSITION_X,
			      rnd_between(&w.rnd, 0, 100));
	in->frame[in->n_frames].in_parts = true;
}

static void add_input(struct injector *in, struct vi_event *ev, size_t *n)
{
	struct sent_frame *f = &in->frame[in->n_frames];
	const int who = (int)(in - w.in);

	f->has_events = true;
	ev[(*n)++] = mark(who, in->n_frames);
	for (unsigned int i = rnd_below(&w.rnd, 4); i; i--)
		switch (rnd_below(&w.rnd, 5)) {
		case 0:
			ev[(*n)++] = vi_event(EV_KEY, KEY_A,
					      rnd_between(&w.rnd, 0, 1));
			break;
		case 1:
			ev[(*n)++] = vi_event(EV_REL, REL_X, 1);
			break;
		case 2:
			ev[(*n)++] = vi_event(EV_KEY, KEY_Z, 1);
			f->undeclared++;
			break;
		case 3:
			ev[(*n)++] = vi_event(EV_ABS, ABS_X,
					      rnd_between(&w.rnd, -1, 101));
			break;
		default:
			if (*n < 6)
				add_touch(in, ev, n);
		}
	ev[(*n)++] = mark(who, in->n_frames);
}

static void add_receipts(struct injector *in, struct vi_event *ev, size_t *n)
{
	for (unsigned int i = 1 + rnd_below(&w.rnd, 2); i; i--) {
		const uint32_t number = in->n_asked * 3;

		ev[(*n)++] = vi_event(CONTROL_RECEIPT, 0, (int32_t)number);
		in->asked[in->n_asked++] =
			(struct asked){ number, in->n_frames };
	}
}

static void greet(struct injector *in)
{
	const struct vi_event ev[] = {
		vi_event(CONTROL_HELLO, 1, CONTROL_MAGIC),
		vi_event(CONTROL_LOSSLESS, 0, -(int)rnd_below(&w.rnd, 2)),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};

	in->deaf = false;
	in->ever_lossy = !vi_value(&ev[1]);
	device_inject(w.dev, &in->source, ev, 3);
	pump();
	CHECK(in->said_hello, "HELLO was not answered");
}

static void send_frame(struct injector *in)
{
	struct vi_event ev[EVENTS_MAX];
	size_t n = 0;

	if (!in->attached || in->source.gone || in->n_frames > FRAMES_MAX / 2)
		return;
	if (in->asks && !in->said_hello)
		greet(in);
	if (in->asks && rnd_one_in(&w.rnd, 4))
		add_receipts(in, ev, &n);
	if (!rnd_one_in(&w.rnd, 6))
		add_input(in, ev, &n);
	if (in->asks && rnd_one_in(&w.rnd, 3))
		add_receipts(in, ev, &n);
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	in->n_frames++;
	send_events(in, ev, n);
}

static void set_lossless(struct injector *in)
{
	const int32_t limits[] = { -1, -1, 30, 0 };
	const struct vi_event ev[] = {
		vi_event(CONTROL_LOSSLESS, 0,
			 limits[rnd_below(&w.rnd, ARRAY_LEN(limits))]),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};

	if (!in->attached || in->source.gone || !in->said_hello)
		return;
	in->ever_lossy |= vi_value(&ev[0]) != -1;
	in->n_frames++;
	send_events(in, ev, 2);
}

static void cancel(struct injector *in)
{
	const struct vi_event ev[] = {
		vi_event(CONTROL_CANCEL, 0, 0),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};

	if (!in->attached || in->source.gone || !in->said_hello || in->deaf)
		return;
	in->cancel_from = in->cancel_end;
	in->cancel_end = in->n_frames++;
	for (unsigned int i = in->cancel_from; i < in->cancel_end; i++)
		in->frame[i].cancelled = true;
	send_events(in, ev, 2);
}

static void leave(struct injector *in)
{
	if (!in->attached || in->source.gone)
		return;
	device_detach(w.dev, &in->source);
}

/* --- the driver -------------------------------------------------------- */

static void suspend(void)
{
	if (!w.runs)
		return;
	w.runs = false;
	device_driver_stopped(w.dev);
	answer_all();
}

static void resume(void)
{
	if (w.runs || !w.booted)
		return;
	w.runs = true;
	device_driver_resumed(w.dev);
}

static void start(void)
{
	suspend();
	w.runs = w.booted = true;
	w.life++;
	w.n_open = 0;
	w.sink.buffers = rnd_below(&w.rnd, 9);
	device_driver_started(w.dev);
	for (int i = 0; i < SOURCES; i++)
		for (unsigned int k = 0; k < w.in[i].n_frames; k++)
			w.in[i].frame[k].went |=
				w.in[i].frame[k].end > w.returned;
	w.returned = w.position;
}

static void return_some(uint64_t n)
{
	const uint64_t held = w.position - w.returned;

	w.returned += n < held ? n : held;
	answer_all();
}

static void pass_time(void)
{
	w.now_ms += rnd_below(&w.rnd, 20);
	device_set_driver(w.dev, w.runs ? CONTROL_DRIVER_RUNNING
					: CONTROL_DRIVER_NONE);
	if (!device_limits(w.dev, w.now_ms))
		pump();
}

/* --- scenarios --------------------------------------------------------- */

static void step(void)
{
	struct injector *in = &w.in[rnd_below(&w.rnd, SOURCES)];
	const unsigned int r = rnd_below(&w.rnd, 64);

	if (r < 28)
		send_frame(in);
	else if (r < 38)
		w.sink.buffers += w.runs ? rnd_below(&w.rnd, 20) : 0;
	else if (r < 46)
		return_some(rnd_below(&w.rnd, 20));
	else if (r < 49)
		device_stalled(w.dev);
	else if (r < 51)
		suspend();
	else if (r < 53)
		resume();
	else if (r < 54)
		start();
	else if (r < 57)
		pass_time();
	else if (r < 59)
		set_lossless(in);
	else if (r < 60)
		cancel(in);
	else if (r < 61)
		in->deaf = rnd_one_in(&w.rnd, 2);
	else if (r < 62)
		leave(in);
	else if (!in->attached)
		attach(in);
	if (rnd_below(&w.rnd, 4))
		pump();
}

/* All that is asked for is answered when the guest takes everything. */
static void settle(void)
{
	if (!w.runs)
		start();
	w.sink.buffers = ALL;
	pump();
	return_some(UINT64_MAX);
	CHECK(!w.dev->owed, "%u receipts are owed still", w.dev->owed);
	for (int i = 0; i < SOURCES; i++) {
		struct injector *in = &w.in[i];

		if (!in->attached || !in->said_hello)
			continue;
		in->deaf = false;
		in->asked[in->n_asked++] =
			(struct asked){ 1000000, in->n_frames++ };
		device_inject(w.dev, &in->source,
			      (const struct vi_event[]){
				      vi_event(CONTROL_RECEIPT, 0, 1000000),
				      vi_event(EV_SYN, SYN_REPORT, 0) },
			      2);
		pump();
		CHECK(in->n_answered == in->n_asked, "the last is missing");
	}
}

static void run_seed(uint64_t seed)
{
	struct device_sink sink = guest_sink(&w.sink);

	w.seed = w.rnd.state = seed;
	w.position = w.returned = w.life = 0;
	w.runs = w.booted = false;
	w.sink.buffers = 0;
	w.n_open = 0;
	w.now_ms = 1;
	sink.put = put;
	sink.released = released;
	sink.answer = answer;
	w.dev = device_new(&w.spec, &sink);
	assert_non_null(w.dev);
	for (int i = 0; i < SOURCES; i++)
		attach(&w.in[i]);
	for (w.step = 1; w.step <= STEPS; w.step++)
		step();
	settle();
	for (int i = 0; i < SOURCES; i++)
		leave(&w.in[i]);
	pump();
	CHECK(LIST_EMPTY(&w.dev->askers), "a source was not released");
	device_free(w.dev);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void receipts_say_what_happened_in_random_scenarios(void **state)
{
	const uint64_t first = number_from("VINPUT_SEED", 1);
	const uint64_t n = number_from("VINPUT_SCENARIOS", 3000);

	event_text_device("KEY_A, REL_X, MSC_SCAN, ABS_X 0..100, "
			  "ABS_MT_SLOT 0..1, ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..100",
			  &w.spec);
	for (uint64_t i = 0; i < n; i++)
		run_seed(first + i);
	if (n < 1000)
		return;
	/* All of it has happened, also nothing. */
	assert_true(w.clean);
	for (uint16_t what = 0; what < CONTROL_WHATS; what++)
		assert_true(w.bits[what] || what == CONTROL_DROPPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			receipts_say_what_happened_in_random_scenarios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
