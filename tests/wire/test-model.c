/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The random scenarios of tests/unit/device/test-device-model.c with the real
 * program: injectors that connect, write frames in pieces and disconnect; a
 * guest that takes events, stalls, suspends or reboots, forgetting all or
 * nothing, with a ring of any size; a front-end that disconnects and another
 * that continues with its ring. Whenever all has been taken, the guest must be
 * as the model says.
 *
 * Injectors write one after the other, each when the device has taken what the
 * one before wrote: so the model knows their order. While the guest takes
 * events, that is when the last frame's REL_MISC has arrived there, which
 * nobody else sends and which is summed up where frames are folded. While it
 * takes none, it is when the server has counted all frames.
 *
 * VINPUT_SHARE=1: injectors send through rings of any size in shared memory,
 * and the guest gets the same.
 *
 * A seed is one server with one spec and SCENARIOS scenarios. VINPUT_SCENARIOS
 * is the number of scenarios, VINPUT_SEED the first seed; a failure prints its
 * seed.
 */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/event-text.h"
#include "tests/lib/input-model.h"
#include "tests/lib/model-random.h"
#include "tests/lib/raw-ring.h"
#include "tests/lib/stats.h"

#define SCENARIOS 50 /* of a seed */
#define STEPS	  12 /* of a scenario */
#define RING_MAX  64
#define BURST	  6 /* frames written at a time */
#define LONGEST	  4000

enum guest_mood {
	TAKES,	/* all there is, at once */
	STALLS, /* takes some, or none */
	SLEEPS, /* its queues are stopped */
};

struct world {
	struct rig *rig;
	struct rnd rnd;
	uint64_t seed;
	unsigned int scenario, step;
	struct spec spec;
	struct model model;
	struct linux_guest guest;
	enum guest_mood mood;
	bool may_be_empty; /* one frame: it ends what the guest forgot */
	uint32_t base[FE_QUEUES];
	size_t taken; /* from the eventq since it began */
	bool shares;
	struct raw_ring ring[MODEL_SOURCES]; /* of those that share memory */
	int fd[MODEL_SOURCES];
	int type;	 /* SOCK_STREAM or SOCK_SEQPACKET */
	uint64_t frames; /* written to this server */
};

static struct world w;

__attribute__((format(printf, 1, 2))) static void failed(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "VINPUT_SEED=%llu, scenario %u, step %u: ",
		(unsigned long long)w.seed, w.scenario, w.step);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	fail();
}

static struct fe_ring *eventq(void)
{
	return &w.rig->fe.ring[FE_EVENTQ];
}

/* --- taking ------------------------------------------------------------ */

static void check_sane(void)
{
	const size_t in_frame = w.guest.in_frame;
	char why[128];

	if (w.may_be_empty && w.guest.empty) {
		w.guest.empty--;
		w.may_be_empty = false;
	}
	w.guest.in_frame = 0;
	if (!model_guest_is_sane(&w.guest, why))
		failed("%s", why);
	w.guest.in_frame = in_frame;
}

/* Take at most max events that are available. Return: how many there were. */
static size_t take(size_t max)
{
	struct vi_event ev;
	size_t n;
	int rc = 0;

	for (n = 0; n < max; n++) {
		rc = fe_recycle_event(&w.rig->fe, &ev);
		if (rc)
			break;
		linux_guest_take(&w.guest, &ev, 1);
	}
	if (rc && rc != FE_E_EMPTY)
		failed("%s", fe_strerror(rc));
	check_sane();
	w.taken += n;
	return n;
}

static void take_and_give_back(size_t max)
{
	if (take(max))
		fe_ring_publish_and_kick(eventq());
}

static bool all_arrived(void)
{
	return !w.guest.in_frame &&
	       w.guest.rel[REL_MISC] == w.model.rel[REL_MISC];
}

static void compare(void)
{
	char why[128];

	if (!model_matches(&w.model, &w.guest, why))
		failed("%s", why);
}

/* len: whole events if they go through a ring. */
static void send_bytes(int who, const void *bytes, size_t len)
{
	const struct vi_event *ev = bytes;

	if (w.shares)
		raw_ring_put(&w.ring[who], ev, len / sizeof(*ev));
	else
		assert_num(send(w.fd[who], bytes, len, MSG_NOSIGNAL), len);
}

/*
 * The guest takes everything, up to the last REL_MISC; then it must be right.
 */
static void take_all(void)
{
	for (;;) {
		take_and_give_back(SIZE_MAX);
		if (all_arrived())
			break;
		int rc = fe_wait_call(&w.rig->fe, FE_EVENTQ, DEADLINE_MS);
		if (rc)
			failed("%s; REL_MISC is %ld of %ld", check_rc_name(rc),
			       w.guest.rel[REL_MISC], w.model.rel[REL_MISC]);
	}
	compare();
}

/* The same after anything but frames: send one frame more. */
static void settle(void)
{
	const struct vi_event mark[] = { REL(REL_MISC, 1), SYN };

	send_bytes(0, mark, sizeof(mark));
	w.frames++;
	model_frame(&w.model, 0, mark, 1);
	take_all();
}

/* --- injectors --------------------------------------------------------- */

/* The device has taken all that was written, and released what left. */
static void wait_until_merged(void)
{
	char text[STATS_TEXT_MAX];

	for (int n = 0;; n++) {
		stats_read(w.rig, text);
		if (stats_in(text, "frames_in") == w.frames &&
		    stats_in(text, "sources") == MODEL_SOURCES)
			return;
		if (n == 50000)
			failed("%llu frames of %llu were taken",
			       stats_in(text, "frames_in"),
			       (unsigned long long)w.frames);
		usleep(200);
	}
}

static void connect_injector(int who)
{
	if (w.shares) {
		w.ring[who] = raw_ring_open(
			w.rig, w.type, RING_SIZE_MIN << rnd_below(&w.rnd, 5));
		w.frames += 2; /* what was said on the socket */
	} else {
		w.fd[who] = rig_unix_connect(w.rig->inject_path, w.type);
	}
}

static void disconnect_injector(int who)
{
	if (w.shares)
		raw_ring_free(&w.ring[who]);
	else
		close(w.fd[who]);
}

/* Write the bytes in up to three pieces. */
static void write_pieces(int who, const uint8_t *bytes, size_t len)
{
	while (len) {
		size_t part = len;

		if (rnd_one_in(&w.rnd, 2))
			part = 1 + rnd_below(&w.rnd, (unsigned int)len);
		/* Packets are whole events, and not too many. */
		if (w.type == SOCK_SEQPACKET || w.shares) {
			part = (part + 7) / 8 * 8;
			part = part < LONGEST * 8 ? part : LONGEST * 8;
		}
		send_bytes(who, bytes, part);
		bytes += part;
		len -= part;
	}
}

static size_t random_frame(int who, struct vi_event *ev)
{
	const unsigned int max = rnd_one_in(&w.rnd, 500)  ? LONGEST
				 : rnd_one_in(&w.rnd, 10) ? 60
							  : 8;
	const size_t n = rnd_below(&w.rnd, max);

	for (size_t i = 0; i < n; i++)
		ev[i] = model_random_event(&w.rnd, &w.spec, who);
	return n;
}

static void write_frames(void)
{
	static struct vi_event ev[BURST * (LONGEST + 2)];
	const int who = (int)rnd_below(&w.rnd, MODEL_SOURCES);
	const size_t frames = 1 + rnd_below(&w.rnd, BURST);
	size_t n = 0;

	for (size_t i = 1; i <= frames; i++) {
		size_t len = random_frame(who, &ev[n]);

		if (i == frames)
			ev[n + len++] = REL(REL_MISC, 1);
		model_frame(&w.model, who, &ev[n], len);
		n += len;
		ev[n++] = SYN;
	}
	write_pieces(who, (const uint8_t *)ev, n * sizeof(ev[0]));
	w.frames += frames;
	if (w.mood == TAKES)
		take_all();
	else
		wait_until_merged();
}

/* Sometimes in the middle of an event or a frame; another takes its place. */
static void leave(void)
{
	const int who = (int)rnd_below(&w.rnd, MODEL_SOURCES);
	const struct vi_event half = KEY(KEY_A, 1);
	size_t len = rnd_below(&w.rnd, sizeof(half) + 1);

	if (w.type == SOCK_SEQPACKET || w.shares)
		len = len / 8 * 8;
	if (len && rnd_one_in(&w.rnd, 2))
		send_bytes(who, &half, len);
	disconnect_injector(who);
	/* Otherwise the old one may be counted for the new one. */
	for (int n = 0; stats_now(w.rig, "sources") == MODEL_SOURCES; n++) {
		if (n == 50000)
			failed("a source does not leave");
		usleep(200);
	}
	model_gone(&w.model, who);
	connect_injector(who);
	wait_until_merged();
}

/* --- the guest's life -------------------------------------------------- */

static void sleep_now(void)
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_stop_queue(&w.rig->fe, i, &w.base[i]));
	w.mood = SLEEPS;
}

/* A driver that starts does not get earlier motion. */
static void forget_motion(void)
{
	memset(w.guest.rel, 0, sizeof(w.guest.rel));
	memset(w.model.rel, 0, sizeof(w.model.rel));
}

/*
 * A driver that starts on a ring that was never used may as well be the one
 * before, and gets what that one did not.
 */
static void keep_motion(void)
{
	for (int i = 0; i < REL_CNT; i++)
		w.model.rel[i] -= w.guest.rel[i];
	memset(w.guest.rel, 0, sizeof(w.guest.rel));
}

static void wake(void)
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_start_queue(&w.rig->fe, i, w.base[i]));
	fe_ring_publish_and_kick(eventq());
	w.mood = STALLS;
}

/* What a driver was sent is still in its ring. */
static void before_start(bool connected)
{
	wait_until_merged();
	if (w.mood != SLEEPS)
		sleep_now();
	take(SIZE_MAX);
	if (connected && !w.taken)
		keep_motion();
	else
		forget_motion();
}

static void forget_perhaps(void)
{
	if (rnd_one_in(&w.rnd, 2))
		return;
	w.may_be_empty |= w.guest.in_frame;
	linux_guest_boot(&w.guest, &w.spec);
}

static uint16_t random_num(void)
{
	return rig_is_packed() ? (uint16_t)(1 + rnd_below(&w.rnd, RING_MAX))
			       : (uint16_t)(1u << rnd_below(&w.rnd, 7));
}

static void post_buffers(void)
{
	w.taken = 0;
	fe_post_buffers(&w.rig->fe, eventq()->num);
}

/* The same front-end, other rings in the same memory. */
static void reboot(void)
{
	const uint16_t num = random_num();

	before_start(true);
	forget_perhaps();
	for (unsigned int i = 0; i < FE_QUEUES; i++) {
		w.rig->fe.ring[i].num = num;
		fe_ring_reset(&w.rig->fe.ring[i]);
		w.base[i] = fe_ring_base_after(&w.rig->fe.ring[i], 0);
	}
	post_buffers();
	wake();
}

/* Another front-end, with other memory. */
static void reconnect(void)
{
	if (w.rig->fe.fd >= 0) {
		before_start(false);
		forget_perhaps();
	}
	rig_connect(w.rig);
	assert_ok(fe_negotiate(&w.rig->fe));
	assert_ok(fe_make_rings(&w.rig->fe, RING_MAX));
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		w.rig->fe.ring[i].num = random_num();
	post_buffers();
	assert_ok(fe_start(&w.rig->fe));
	w.mood = STALLS;
}

/* Another front-end, with the memory and the rings as they are. */
static void reattach(void)
{
	const struct frontend *fe = &w.rig->fe;

	before_start(false);
	rig_reconnect(w.rig);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		w.base[i] = fe_ring_base(&fe->ring[i]);
	wake();
}

/* --- scenarios --------------------------------------------------------- */

static void step(void)
{
	const unsigned int r = rnd_below(&w.rnd, 32);

	if (r < 20) {
		write_frames();
		return;
	}
	if (r < 23)
		leave();
	else if (w.mood == SLEEPS)
		wake();
	else if (r < 26)
		w.mood = STALLS;
	else if (r < 28)
		take_and_give_back(rnd_below(&w.rnd, 20));
	else if (r < 29)
		sleep_now();
	else
		w.mood = TAKES;
	if (w.mood == TAKES)
		settle();
}

static void scenario(void)
{
	const unsigned int r = rnd_below(&w.rnd, 8);

	if (r < 5)
		reboot();
	else if (r < 7)
		reattach();
	else
		reconnect();
	for (w.step = 1; w.step <= STEPS; w.step++)
		step();
	if (w.mood == SLEEPS)
		wake();
	w.mood = TAKES;
	settle();
}

static void only_errors(void *arg, const struct spec_diag *diag)
{
	if (diag->severity == SPEC_ERROR)
		failed("%s", diag->text);
}

static void start_server(void)
{
	struct rig *rig = w.rig;
	char path[64];

	snprintf(path, sizeof(path), "%s/spec.json", rig->dir);
	model_random_spec_file(&w.rnd, "REL_MISC", path, &w.spec, only_errors);
	w.type = rnd_one_in(&w.rnd, 4) ? SOCK_SEQPACKET : SOCK_STREAM;
	process_arg(&rig->srv, "--spec=%s", path);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	process_arg(&rig->srv, "--inject-type=%s",
		    w.type == SOCK_STREAM ? "stream" : "seqpacket");
	process_arg(&rig->srv, "--stall-ms=1");
	process_arg(&rig->srv, "--log-level=error");
	stats_serve(rig);
	rig_listen(rig);
	process_start(&rig->srv);
	/* When it answers, its sockets exist. */
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	rig_disconnect(rig);
}

static void run_seed(uint64_t seed, uint64_t scenarios)
{
	void *state = NULL;

	w = (struct world){ .seed = seed,
			    .rnd = { seed },
			    .shares = getenv("VINPUT_SHARE") };
	rig_setup(&state);
	w.rig = state;
	start_server();
	model_init(&w.model, &w.spec);
	linux_guest_boot(&w.guest, &w.spec);
	for (int i = 0; i < MODEL_SOURCES; i++)
		connect_injector(i);
	wait_until_merged();
	reconnect();
	for (w.scenario = 1; w.scenario <= scenarios; w.scenario++)
		scenario();
	for (int i = 0; i < MODEL_SOURCES; i++)
		disconnect_injector((int)i);
	assert_num(rig_teardown(&state), 0);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* Seeds that have failed. */
static void the_guest_is_as_it_should_be_where_it_was_not(void **state)
{
	static const uint64_t seeds[] = { 4 };

	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		run_seed(seeds[i], SCENARIOS);
}

static void the_guest_is_as_it_should_be_in_random_scenarios(void **state)
{
	uint64_t seed = number_from("VINPUT_SEED", 1);
	uint64_t n = number_from("VINPUT_SCENARIOS", 500);

	for (; n; n -= n < SCENARIOS ? n : SCENARIOS)
		run_seed(seed++, n < SCENARIOS ? n : SCENARIOS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_guest_is_as_it_should_be_where_it_was_not),
		cmocka_unit_test(
			the_guest_is_as_it_should_be_in_random_scenarios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
