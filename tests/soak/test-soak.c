/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One server for a long time, under all kinds of load at once: in each phase
 * random front-ends, guests and injectors play (soak.h) and are killed at
 * random moments. After each phase, a well-behaved front-end and injectors
 * check that nothing is stuck and that each of many random frames arrives as
 * the model says, and measure the cost of an event.
 *
 * The time is divided into parts; each ends with a line of a table. The last
 * may have
 *
 *	as many fds, 512 KiB more private memory and two mappings more (usage.c)
 *	than the part at half of the time had: until then the server touches
 *	more and more of its buffers for the first time, as it happens,
 *	and use up to CPU_TIMES as much CPU time for an event as the first: the
 *	minimum of all measurements of the part, since a busy machine only adds
 *	to it.
 *
 * SOAK_SECONDS is the duration (60; make soak: 1800), SOAK_SEED the seed, which
 * is printed.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"
#include "tests/lib/input-model.h"
#include "tests/lib/model-random.h"
#include "tests/lib/rig.h"
#include "tests/lib/stats.h"
#include "tests/lib/usage.h"
#include "tests/soak/soak.h"

#define PART_S_MAX     60
#define PARTS_MIN      6
#define PHASE_MS       1200
#define ACTORS_MAX     8
#define PROOF_FRAMES   40
#define COST_EVENTS    64 /* of a round: 32 frames */
#define COST_RING      256
#define COST_ROUNDS    60
#define CPU_TIMES      1.6
#define CPU_TIMES_ASAN 4.0

struct soak {
	struct rig *rig;
	struct rnd rnd;
	uint64_t seed;
	struct spec spec;
	struct model model;
	struct linux_guest guest;
	int type; /* of injectors: SOCK_STREAM, SOCK_SEQPACKET */
	int fd[MODEL_SOURCES];
	unsigned int phases;
	double least_ns; /* for an event, in this part */
};

static struct soak w;

__attribute__((format(printf, 1, 2))) static void failed(const char *fmt, ...)
{
	va_list ap;

	print_error("SOAK_SEED=%llu, phase %u: ", (unsigned long long)w.seed,
		    w.phases);
	va_start(ap, fmt);
	vprint_error(fmt, ap);
	va_end(ap);
	print_error("\n");
	fail();
}

/* --- the actors --- */

struct player {
	pid_t pid;
	double dies; /* clock_ms() */
};

static void play(const struct role *role, uint64_t seed)
{
	struct actor a = { .rnd = { seed },
			   .socket = w.rig->socket,
			   .inject_path = w.rig->inject_path,
			   .inject_type = w.type,
			   .spec = &w.spec };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may die of SIGBUS; no core is needed. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	for (;;)
		role->play(&a);
}

static struct player start(const struct role *role)
{
	struct player p = { .dies = clock_ms() + rnd_below(&w.rnd, PHASE_MS) };
	const uint64_t seed = rnd_next(&w.rnd);

	p.pid = fork();
	assert_sys(p.pid);
	if (!p.pid)
		play(role, seed);
	return p;
}

static void end(struct player *p)
{
	kill(p->pid, SIGKILL);
	assert_num(waitpid(p->pid, NULL, 0), p->pid);
	p->pid = 0;
}

static void read_log(void)
{
	process_read_log(&w.rig->srv);
	if (!process_runs(&w.rig->srv))
		failed("the server has ended:\n%s", w.rig->srv.err.text);
}

/* Of two front-ends, the second waits until the first disconnects. */
static void phase(void)
{
	struct player players[ACTORS_MAX];
	const size_t n = 3 + rnd_below(&w.rnd, ACTORS_MAX - 2);
	double now = clock_ms();
	const double until = now + PHASE_MS;

	w.phases++;
	for (size_t i = 0; i < n; i++) {
		const bool fe = i < 1 + rnd_below(&w.rnd, 2);

		players[i] = start(
			fe ? &soak_frontends[rnd_below(
				     &w.rnd, (unsigned int)soak_n_frontends)]
			   : &soak_injectors[rnd_below(
				     &w.rnd, (unsigned int)soak_n_injectors)]);
	}
	for (; now < until; now = clock_ms()) {
		poll(NULL, 0, 20);
		read_log();
		for (size_t i = 0; i < n; i++)
			if (players[i].pid && players[i].dies < now)
				end(&players[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (players[i].pid)
			end(&players[i]);
}

/* --- the proof --- */

static void take(void)
{
	struct vi_event ev;
	size_t n = 0;
	int rc;

	while (!(rc = fe_recycle_event(&w.rig->fe, &ev))) {
		linux_guest_take(&w.guest, &ev, 1);
		n++;
	}
	if (rc != FE_E_EMPTY)
		failed("%s", fe_strerror(rc));
	if (n)
		fe_ring_publish_and_kick(&w.rig->fe.ring[FE_EVENTQ]);
}

/* Until as much of REL_MISC has arrived as was sent. */
static void take_all(long rel_misc)
{
	for (;;) {
		take();
		if (!w.guest.in_frame && w.guest.rel[REL_MISC] == rel_misc)
			return;
		int rc = fe_wait_call(&w.rig->fe, FE_EVENTQ, DEADLINE_MS);
		if (rc)
			failed("%s; REL_MISC is %ld, not %ld",
			       check_rc_name(rc), w.guest.rel[REL_MISC],
			       rel_misc);
	}
}

/* A frame of the source that is always connected. */
static void mark(void)
{
	inject(w.rig, REL(REL_MISC, 1), SYN);
	take_all(++w.model.rel[REL_MISC]);
}

static void expect_all_let_go(void)
{
	char why[128];

	for (int code = 0; code < KEY_CNT; code++)
		if (w.guest.key[code])
			failed("key %d is stuck", code);
	for (int i = 0; i < w.guest.n_slots; i++)
		if (w.guest.slots[i].id >= 0)
			failed("a contact is stuck in slot %d", i);
	/* The frame that ended the previous guest's may be empty. */
	w.guest.empty = 0;
	if (!model_guest_is_sane(&w.guest, why))
		failed("%s", why);
}

/* The guest starts with the current state; the model follows from there. */
static void start_guest(bool packed, uint16_t num)
{
	struct rig *rig = w.rig;

	rig->fe.want_features |= FE_PACKED_RINGS;
	if (!packed)
		rig->fe.want_features &= ~FE_PACKED_RINGS;
	rig_run(rig, NULL, num);
	linux_guest_boot(&w.guest, &w.spec);
	model_init(&w.model, &w.spec);
	mark();
	expect_all_let_go();
	memcpy(w.model.sw, w.guest.sw, sizeof(w.model.sw));
	/* An axis stays where a finger has moved it, with a rest or without. */
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (!spec_is_mt(&w.spec, code) &&
		    (!w.spec.abs[code].has_rest || w.guest.n_slots))
			w.model.abs[code] = w.guest.abs[code];
	for (int code = ABS_MT_TOUCH_MAJOR; code <= ABS_MT_TOOL_Y; code++)
		w.model.used[code] = spec_has(&w.spec, EV_ABS, (uint16_t)code);
}

static void compare(void)
{
	char why[128];

	if (!model_matches(&w.model, &w.guest, why) ||
	    !model_guest_is_sane(&w.guest, why))
		failed("%s", why);
}

static void random_frame(int who)
{
	struct vi_event ev[16];
	size_t n = rnd_below(&w.rnd, 12);

	for (size_t i = 0; i < n; i++)
		ev[i] = model_random_event(&w.rnd, &w.spec, who);
	ev[n++] = REL(REL_MISC, 1);
	model_frame(&w.model, who, ev, n);
	ev[n++] = SYN;
	assert_num(send(w.fd[who], ev, n * sizeof(*ev), MSG_NOSIGNAL),
		   n * sizeof(*ev));
	take_all(w.model.rel[REL_MISC]);
	compare();
}

static void frames_arrive_and_are_let_go(void)
{
	for (int i = 0; i < MODEL_SOURCES; i++)
		w.fd[i] = rig_unix_connect(w.rig->inject_path, w.type);
	for (int i = 0; i < PROOF_FRAMES; i++)
		random_frame((int)rnd_below(&w.rnd, MODEL_SOURCES));
	for (int i = 0; i < MODEL_SOURCES; i++)
		close(w.fd[i]);
	stats_wait(w.rig, "sources", 1);
	mark();
	expect_all_let_go();
}

static void run_on(const cpu_set_t *cpus)
{
	assert_sys(sched_setaffinity(0, sizeof(*cpus), cpus));
	assert_sys(sched_setaffinity(w.rig->srv.pid, sizeof(*cpus), cpus));
}

/* Server and guest on one CPU: waking another one costs more than the work. */
static void share_a_cpu(const cpu_set_t *all)
{
	cpu_set_t one;
	int cpu = 0;

	while (!CPU_ISSET(cpu, all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	run_on(&one);
}

/* With the same ring each time. */
static void measure_cost(void)
{
	struct vi_event ev[COST_EVENTS];
	cpu_set_t all;

	start_guest(false, COST_RING);
	assert_sys(sched_getaffinity(0, sizeof(all), &all));
	share_a_cpu(&all);
	for (size_t i = 0; i < COST_EVENTS; i++)
		ev[i] = i % 2 ? SYN : REL(REL_MISC, 1);
	const int64_t before = usage_cpu_ns(w.rig->srv.pid);
	for (int i = 0; i < COST_ROUNDS; i++) {
		rig_inject(w.rig, 0, ev, COST_EVENTS);
		w.model.rel[REL_MISC] += COST_EVENTS / 2;
		take_all(w.model.rel[REL_MISC]);
	}
	const double ns = (double)(usage_cpu_ns(w.rig->srv.pid) - before) /
			  (COST_EVENTS * COST_ROUNDS);
	if (ns < w.least_ns)
		w.least_ns = ns;
	run_on(&all);
}

static void prove(void)
{
	stats_wait(w.rig, "sources", 1);
	start_guest(rnd_one_in(&w.rnd, 2),
		    (uint16_t)(1u << rnd_between(&w.rnd, 2, 8)));
	frames_arrive_and_are_let_go();
	measure_cost();
	rig_disconnect(w.rig);
}

/* --- the server, and the table --- */

static void only_errors(void *arg, const struct spec_diag *diag)
{
	if (diag->severity == SPEC_ERROR)
		failed("%s", diag->text);
}

/* Use every MT axis once, so that it is known which ones were ever used. */
static void use_all_axes(void)
{
	struct vi_event ev[64];
	size_t n = 0;

	if (!spec_has(&w.spec, EV_ABS, ABS_MT_SLOT))
		return;
	ev[n++] = ABS(ABS_MT_TRACKING_ID, 1);
	for (uint16_t code = ABS_MT_TOUCH_MAJOR; code <= ABS_MT_TOOL_Y; code++)
		if (spec_has(&w.spec, EV_ABS, code) &&
		    code != ABS_MT_TRACKING_ID)
			ev[n++] = ABS(code, 0);
	ev[n++] = SYN;
	ev[n++] = ABS(ABS_MT_TRACKING_ID, -1);
	ev[n++] = SYN;
	int fd = rig_unix_connect(w.rig->inject_path, w.type);
	assert_num(send(fd, ev, n * sizeof(*ev), MSG_NOSIGNAL),
		   n * sizeof(*ev));
	rig_wait_read(fd);
	close(fd);
}

static void start_server(void)
{
	struct rig *rig = w.rig;
	char path[64];

	snprintf(path, sizeof(path), "%s/spec.json", rig->dir);
	model_random_spec_file(&w.rnd, "REL_MISC", path, &w.spec, only_errors);
	process_arg(&rig->srv, "--spec=%s", path);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	w.type = rnd_one_in(&w.rnd, 2) ? SOCK_SEQPACKET : SOCK_STREAM;
	process_arg(&rig->srv, "--inject-type=%s",
		    w.type == SOCK_STREAM ? "stream" : "seqpacket");
	process_arg(&rig->srv, "--log-level=error");
	stats_serve(rig);
	rig_listen(rig);
	rig_injector(rig, w.type);
	rig_start_process(rig);
	stats_wait(rig, "sources", 1);
	use_all_axes();
}

struct row {
	struct usage usage;
	double ns;
};

static struct row print_row(double since)
{
	struct row row = { usage_at_rest(w.rig->srv.pid), w.least_ns };
	char text[STATS_TEXT_MAX];

	stats_read(w.rig, text);
	print_message("%6.0f %6u %9llu %9llu %9llu %11llu %8llu %4d %8ld %5ld "
		      "%8.0f\n",
		      (clock_ms() - since) / 1000, w.phases,
		      stats_in(text, "frontends"),
		      stats_in(text, "frontend_violations"),
		      stats_in(text, "sources_total"),
		      stats_in(text, "events_in"),
		      stats_in(text, "ring_violations"), row.usage.fds,
		      row.usage.private_kb, row.usage.mappings, row.ns);
	fflush(stdout);
	return row;
}

static void print_head(unsigned int seconds)
{
	print_message("%u s, SOAK_SEED=%llu\n", seconds,
		      (unsigned long long)w.seed);
	print_message("%6s %6s %9s %9s %9s %11s %8s %4s %8s %5s %8s\n", "s",
		      "phases", "frontends", "rejected", "injectors", "events",
		      "broken", "fds", "KiB", "maps", "ns/event");
}

static double cpu_times(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return CPU_TIMES_ASAN;
#else
	return CPU_TIMES;
#endif
}

static unsigned int number_from(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text ? (unsigned int)strtoul(text, NULL, 0) : otherwise;
}

static struct row part(double since, double end)
{
	w.least_ns = 1e12;
	do {
		phase();
		prove();
	} while (clock_ms() < end);
	return print_row(since);
}

static void the_server_is_at_the_end_as_it_was_at_the_beginning(void **state)
{
	const unsigned int seconds = number_from("SOAK_SECONDS", 60);
	const double since = clock_ms();
	double part_ms = seconds * 1e3 / PARTS_MIN;
	struct row first, half, last;

	w = (struct soak){ .rig = *state };
	w.seed = w.rnd.state =
		number_from("SOAK_SEED", (unsigned int)time(NULL));
	if (part_ms > PART_S_MAX * 1e3)
		part_ms = PART_S_MAX * 1e3;
	start_server();
	print_head(seconds);
	last = half = first = part(since, since + part_ms);
	for (int i = 2; clock_ms() < since + seconds * 1e3; i++) {
		last = part(since, since + i * part_ms);
		if (clock_ms() < since + seconds * 1e3 / 2)
			half = last;
	}
	assert_usage_as(w.rig->srv.pid, &half.usage);
	if (last.ns > first.ns * cpu_times())
		failed("an event took %.0f ns and takes %.0f now", first.ns,
		       last.ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_server_is_at_the_end_as_it_was_at_the_beginning,
			usage_rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests_name("soak", tests, NULL, NULL);
}
