/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random injectors, a random guest: the device from the bytes of its sources to
 * a guest that is an array. Streams are cut anywhere, buffers become available
 * at random, the guest stalls, stops, resumes, and starts again, forgetting all
 * or nothing; sources come and go; the process is killed and another resumes
 * from the persistent file. Whenever the guest has taken everything, it must be
 * as the model (input-model.h) says.
 *
 * The model gets a frame when the device takes it, in its own round of sources:
 * so this tests their fair order, too.
 *
 * VINPUT_SCENARIOS is the number of scenarios, VINPUT_SEED the first one's
 * seed; a failure prints its seed.
 */
#include "tests/lib/check.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/device/device.h"
#include "tests/lib/event-text.h"
#include "tests/lib/guest-sink.h"
#include "tests/lib/input-model.h"
#include "tests/lib/model-random.h"

#define N_STEPS	     40
#define WAITING_MAX  16384 /* events of a source that wait */
#define LONGEST	     4096
#define ALL_BUFFERS  1000000
#define SOME_BUFFERS 20

/* What a sender knows of its own contacts. */
struct finger {
	int slot;
	unsigned int down; /* bits: slots */
	bool said;	   /* BTN_TOUCH */
};

struct sender {
	struct device_source source;
	struct vi_event ev[WAITING_MAX + LONGEST + 2]; /* not taken yet */
	size_t n;
	size_t sent;	      /* bytes of them */
	struct finger finger; /* in what was written */
	bool gone, in_line;
};

struct world {
	struct rnd rnd;
	uint64_t seed;
	unsigned int step;
	struct spec spec;
	struct device *dev;
	struct persistent *persistent; /* NULL: nothing outlives a process */
	struct sender sender[MODEL_SOURCES];
	int line[MODEL_SOURCES], n_line; /* whose turn it is */
	struct model model;
	struct linux_guest guest;
	struct guest_sink sink;
	/*
	 * One sender touches, and sends BTN_TOUCH as its last contact is put
	 * down and lifted: so the guest has it with a contact only.
	 */
	bool touch_is_said;
	bool booted;	   /* there has been a driver */
	bool runs;	   /* the guest's eventq */
	bool may_be_empty; /* one frame: it ends what the guest forgot */
	uint64_t turns;	   /* of dev, that the model has followed */
	/* The frame without slots that is being merged, with them; at: how
	 * far the model has followed. */
	struct vi_event converted[LONGEST + 2 + TYPE_A_EXTRA];
	size_t converted_n, converted_at;
	int converted_slot; /* the one that they have selected */
};

static struct world w;

__attribute__((format(printf, 1, 2))) static void failed(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr,
		"VINPUT_SEED=%llu, step %u: ", (unsigned long long)w.seed,
		w.step);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	fail();
}

/* --- the guest --------------------------------------------------------- */

static size_t put(void *arg, const struct vi_event *ev, size_t n)
{
	if (!w.runs)
		failed("something is sent while the queue is stopped");
	return guest_sink_put(arg, ev, n);
}

/* --- turns ------------------------------------------------------------- */

static void wait_in_line(int who)
{
	if (w.sender[who].in_line)
		return;
	w.sender[who].in_line = true;
	w.line[w.n_line++] = who;
}

/* Return: events of the first whole frame that was sent, without the SYN. */
static bool first_frame(const struct sender *s, size_t *n)
{
	for (*n = 0; *n < s->sent / 8; ++*n)
		if (vi_is_syn_report(&s->ev[*n]))
			return true;
	return false;
}

static void attach(int who)
{
	struct sender *s = &w.sender[who];

	s->n = s->sent = 0;
	s->gone = false;
	s->finger = (struct finger){ 0 };
	assert_ok(device_attach(w.dev, &s->source, false));
}

/* Return: how many events of the first frame the device has merged already. */
static size_t merged_of_frame(const struct sender *s)
{
	return s->sent / 8 - (s->source.src.tail - s->source.src.head) / 8;
}

static void forget(struct sender *s, size_t n)
{
	s->n -= n;
	s->sent -= n * 8;
	memmove(s->ev, s->ev + n, s->n * sizeof(s->ev[0]));
}

/* The events of a converted frame select slots of their own. */
static void swap_slots(int who)
{
	const int slot = w.model.src[who].slot;

	if (!w.converted_n)
		return;
	w.model.src[who].slot = w.converted_slot;
	w.converted_slot = slot;
}

/* The model follows the device through n events, and the lift of the next. */
static void follow_events(int who, const struct vi_event *ev, size_t n)
{
	w.model.avoid = (unsigned int)w.dev->merge.avoid_slots;
	swap_slots(who);
	if (w.dev->merge.again)
		model_part_and_lift(&w.model, who, ev, n);
	else
		model_part(&w.model, who, ev, n);
	swap_slots(who);
	if (w.model.again != w.dev->merge.again)
		failed("the next contact is for slot %d, not %d",
		       w.dev->merge.again - 1, w.model.again - 1);
}

/* The rest of a frame. */
static void follow_rest(int who, const struct vi_event *ev, size_t n)
{
	w.model.avoid = (unsigned int)w.dev->merge.avoid_slots;
	swap_slots(who);
	if (w.converted_n)
		model_frame(&w.model, who, w.converted + w.converted_at,
			    w.converted_n - w.converted_at);
	else
		model_frame(&w.model, who, ev, n);
	swap_slots(who);
	w.converted_n = 0;
}

/* The device may have merged a part of the frame of whose turn it is. */
static void follow_part(void)
{
	const int who = w.line[0];
	struct sender *s = &w.sender[who];
	size_t n;

	if (!w.n_line || !first_frame(s, &n))
		return;
	if (!w.dev->converted_n) {
		n = merged_of_frame(s);
		if (!n && w.model.again == w.dev->merge.again)
			return;
		follow_events(who, s->ev, n);
		forget(s, n);
		return;
	}
	if (!w.converted_n) {
		w.converted_n =
			model_convert(&w.model, who, s->ev, n + 1, w.converted);
		w.converted_at = 0;
	}
	n = w.dev->converted_at - w.converted_at;
	if (n || w.model.again != w.dev->merge.again)
		follow_events(who, w.converted + w.converted_at, n);
	w.converted_at += n;
}

/* The device has taken a frame of whose turn it is, or let that one go. */
static void follow_turn(void)
{
	const int who = w.line[0];
	struct sender *s = &w.sender[who];
	size_t n;

	if (!w.n_line)
		failed("somebody had a turn who had nothing");
	memmove(w.line, w.line + 1, (size_t)--w.n_line * sizeof(w.line[0]));
	s->in_line = false;
	if (!first_frame(s, &n)) {
		model_gone(&w.model, who);
		attach(who);
		return;
	}
	follow_rest(who, s->ev, n);
	forget(s, n + 1);
	if (s->gone || first_frame(s, &n))
		wait_in_line(who);
}

static void pump(void)
{
	size_t in_frame;
	char why[128];

	device_pump(w.dev);
	device_commit(w.dev);
	for (; w.turns < w.dev->count.frames_in + w.sink.n_released; w.turns++)
		follow_turn();
	follow_part();
	if (w.may_be_empty && w.guest.empty) {
		w.guest.empty--;
		w.may_be_empty = false;
	}
	in_frame = w.guest.in_frame;
	w.guest.in_frame = 0;
	if (!model_guest_is_sane(&w.guest, why))
		failed("%s", why);
	if (w.touch_is_said && w.guest.touch_alone)
		failed("BTN_TOUCH is down without a contact");
	w.guest.in_frame = in_frame;
}

/* --- what happens to sources ------------------------------------------- */

static void note_contact(struct finger *f, const struct vi_event *ev)
{
	const int value = vi_value(ev);

	if (vi_type(ev) != EV_ABS)
		return;
	if (vi_code(ev) == ABS_MT_SLOT)
		f->slot = value < w.model.n_slots ? value : -1;
	else if (vi_code(ev) == ABS_MT_TRACKING_ID && f->slot >= 0)
		f->down = (f->down & ~(1u << f->slot)) |
			  (unsigned int)(value >= 0) << f->slot;
}

/* With type B only: whose touch keys are its own word. */
static struct vi_event event_of_a_pad(int who)
{
	struct vi_event ev;

	do
		ev = model_random_event(&w.rnd, &w.spec, who ? 1 : 0);
	while (type_a_is_end(&ev) ||
	       (vi_type(&ev) == EV_KEY && model_is_touch_key(vi_code(&ev))));
	return ev;
}

static void write_touch(struct sender *s)
{
	if (s->finger.said == (s->finger.down != 0))
		return;
	s->finger.said = s->finger.down;
	s->ev[s->n++] = vi_event(EV_KEY, BTN_TOUCH, s->finger.said);
}

static void write_events(int who, size_t n)
{
	struct sender *s = &w.sender[who];

	for (size_t i = 0; i < n; i++) {
		struct vi_event *ev = &s->ev[s->n++];

		*ev = w.touch_is_said
			      ? event_of_a_pad(who)
			      : model_random_event(&w.rnd, &w.spec, who);
		note_contact(&s->finger, ev);
	}
	if (w.touch_is_said)
		write_touch(s);
}

static void write_frame(int who)
{
	struct sender *s = &w.sender[who];
	const unsigned int max = rnd_one_in(&w.rnd, 200) ? LONGEST
				 : rnd_one_in(&w.rnd, 8) ? 60
							 : 8;
	const size_t n = rnd_below(&w.rnd, max);

	if (s->gone || s->n + n + 2 > WAITING_MAX)
		return;
	write_events(who, n);
	s->ev[s->n++] = vi_event(EV_SYN, SYN_REPORT, 0);
}

/* Let at most max bytes go, in parts, as far as there is space. */
static void send_bytes(int who, size_t max)
{
	struct sender *s = &w.sender[who];
	size_t len, part, n;

	for (; max && s->sent < s->n * 8; max -= part) {
		void *to = source_space(&s->source.src, &len);

		part = 1 + rnd_below(&w.rnd, rnd_one_in(&w.rnd, 2) ? 40 : 4000);
		part = part < max ? part : max;
		part = part < len ? part : len;
		if (part > s->n * 8 - s->sent)
			part = s->n * 8 - s->sent;
		if (!part)
			return;
		memcpy(to, (uint8_t *)s->ev + s->sent, part);
		s->sent += part;
		assert_ok(device_received(w.dev, &s->source, part));
		if (first_frame(s, &n))
			wait_in_line(who);
		if (rnd_one_in(&w.rnd, 2))
			pump();
	}
}

static void some_frames(void)
{
	const int who = (int)rnd_below(&w.rnd, MODEL_SOURCES);
	const unsigned int n = 1 + rnd_below(&w.rnd, 4);

	for (unsigned int i = 0; i < n; i++)
		write_frame(who);
	send_bytes(who,
		   rnd_one_in(&w.rnd, 4) ? rnd_below(&w.rnd, 99) : SIZE_MAX);
}

/* What it did not send whole is lost. */
static void leave(int who)
{
	struct sender *s = &w.sender[who];

	if (s->gone)
		return;
	s->gone = true;
	s->n = s->sent / 8;
	s->sent = s->n * 8;
	device_detach(w.dev, &s->source);
	wait_in_line(who);
}

/* --- what happens to the guest ----------------------------------------- */

static void stop(void)
{
	if (!w.runs)
		return;
	w.runs = false;
	device_driver_stopped(w.dev);
}

static void resume(void)
{
	if (w.runs || !w.booted)
		return;
	w.runs = true;
	device_driver_resumed(w.dev);
}

/* A driver that starts does not get undelivered motion. */
static void start(bool forgets)
{
	stop();
	w.guest.cut |= w.guest.in_frame != 0;
	if (forgets) {
		w.may_be_empty |= w.guest.in_frame;
		linux_guest_boot(&w.guest, &w.spec);
	}
	memset(w.guest.rel, 0, sizeof(w.guest.rel));
	memset(w.model.rel, 0, sizeof(w.model.rel));
	w.booted = true;
	w.runs = true;
	w.sink.buffers = rnd_below(&w.rnd, SOME_BUFFERS);
	device_driver_started(w.dev);
}

/* The guest takes all there is. */
static void settle(void)
{
	char why[128];

	if (!w.runs)
		start(rnd_one_in(&w.rnd, 2));
	w.sink.buffers = ALL_BUFFERS;
	pump();
	for (int i = 0; i < MODEL_SOURCES; i++)
		while (w.sender[i].sent < w.sender[i].n * 8) {
			send_bytes(i, SIZE_MAX);
			pump();
		}
	if (w.n_line)
		failed("source %d was forgotten", w.line[0]);
	if (!model_matches(&w.model, &w.guest, why) ||
	    !model_guest_is_sane(&w.guest, why))
		failed("%s", why);
	w.sink.buffers = rnd_below(&w.rnd, SOME_BUFFERS);
}

/* --- what happens to the process --------------------------------------- */

/* Sources that were there before the process live as long as what is kept. */
static void take_up(int who)
{
	struct sender *s = &w.sender[who];
	size_t n;

	s->in_line = false;
	device_attach_persistent(w.dev, &s->source, false, (unsigned int)who);
	if (first_frame(s, &n) || s->gone)
		wait_in_line(who);
	/* That it was gone already is found out again. */
	if (s->gone)
		device_detach(w.dev, &s->source);
}

static void begin_process(void)
{
	struct device_sink sink = guest_sink(&w.sink);

	sink.put = put;
	w.dev = device_new(&w.spec, &sink);
	assert_non_null(w.dev);
	if (w.persistent)
		device_set_persistent(w.dev, w.persistent);
	w.turns = 0;
	w.sink.n_released = 0;
	w.converted_n = 0;
	w.booted = w.runs = w.may_be_empty = false;
	w.n_line = 0;
}

/*
 * And another begins, maybe in the middle of a frame. Sources that came later
 * are lost.
 */
static void die(void)
{
	unsigned int lost = 0;

	if (!w.persistent)
		return;
	for (int i = 0; i < MODEL_SOURCES; i++) {
		struct sender *s = &w.sender[i];

		if (s->source.persistent)
			continue;
		lost |= 1u << i;
		s->n = s->sent = 0;
		s->gone = false;
		s->finger = (struct finger){ 0 };
		source_fini(&s->source.src);
	}
	device_free(w.dev);
	begin_process();
	model_reborn(&w.model, lost);
	for (int i = 0; i < MODEL_SOURCES; i++)
		take_up(i);
	device_suspect_all(w.dev);
	w.may_be_empty = true;
	start(rnd_one_in(&w.rnd, 4));
}

/* --- scenarios --------------------------------------------------------- */

static void step(void)
{
	const unsigned int r = rnd_below(&w.rnd, 40);

	if (r < 18)
		some_frames();
	else if (r < 26)
		w.sink.buffers += rnd_below(&w.rnd, SOME_BUFFERS);
	else if (r < 29)
		device_stalled(w.dev);
	else if (r < 31)
		stop();
	else if (r < 33)
		resume();
	else if (r < 35)
		start(rnd_one_in(&w.rnd, 2));
	else if (r < 37)
		leave((int)rnd_below(&w.rnd, MODEL_SOURCES));
	else if (r < 38)
		die();
	else
		settle();
	if (rnd_below(&w.rnd, 4))
		pump();
}

static void begin(void)
{
	model_random_device(&w.rnd, &w.spec);
	w.touch_is_said = rnd_one_in(&w.rnd, 4);
	model_init(&w.model, &w.spec);
	linux_guest_boot(&w.guest, &w.spec);
	w.sink.guest = &w.guest;
	w.persistent = rnd_one_in(&w.rnd, 2) ? w.persistent : NULL;
	if (w.persistent) {
		memset(w.persistent->head, 0, sizeof(*w.persistent->head));
		persistent_begin(w.persistent->head, MODEL_SOURCES, &w.spec);
	}
	begin_process();
	if (rnd_one_in(&w.rnd, 8))
		w.dev->overflow = DEVICE_BLOCK;
	for (int i = 0; i < MODEL_SOURCES; i++) {
		struct sender *s = &w.sender[i];

		s->n = s->sent = 0;
		s->finger = (struct finger){ 0 };
		s->gone = s->in_line = false;
		if (!w.persistent) {
			attach(i);
			continue;
		}
		w.persistent->head->place[i].use_le = PERSISTENT_FREE;
		take_up(i);
	}
}

static void end(void)
{
	for (int i = 0; i < MODEL_SOURCES; i++)
		source_fini(&w.sender[i].source.src);
	device_free(w.dev);
}

static void run_seed(uint64_t seed)
{
	struct persistent *persistent = w.persistent;

	w.seed = w.rnd.state = seed;
	w.step = 0;
	begin();
	for (w.step = 1; w.step <= N_STEPS; w.step++)
		step();
	settle();
	for (int i = 0; i < MODEL_SOURCES; i++)
		leave(i);
	settle();
	end();
	w.persistent = persistent;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static int setup(void **state)
{
	struct persistent_head *file = calloc(1, persistent_len(MODEL_SOURCES));

	assert_non_null(file);
	w.persistent = persistent_new(file, MODEL_SOURCES);
	assert_non_null(w.persistent);
	return 0;
}

static int teardown(void **state)
{
	free(w.persistent->head);
	persistent_free(w.persistent);
	return 0;
}

/* Seeds that have failed. */
static void the_guest_is_as_it_should_be_where_it_was_not(void **state)
{
	static const uint64_t seeds[] = { 19,	65,   375,    757,  876,
					  1310, 1395, 107662, 10365 };

	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		run_seed(seeds[i]);
}

static void the_guest_is_as_it_should_be_in_random_scenarios(void **state)
{
	const uint64_t first = number_from("VINPUT_SEED", 1);
	const uint64_t n = number_from("VINPUT_SCENARIOS", 5000);

	for (uint64_t i = 0; i < n; i++)
		run_seed(first + i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_guest_is_as_it_should_be_where_it_was_not),
		cmocka_unit_test(
			the_guest_is_as_it_should_be_in_random_scenarios),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
