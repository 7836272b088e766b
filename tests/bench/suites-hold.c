/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vinput-hold costs: a keyboard behind one and a keyboard without are used
 * in turn. Messages pass through it, rings do not: an event costs the same.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "injector/frontend/frontend-config.h"
#include "tests/bench/lanes.h"
#include "tests/bench/load.h"
#include "tests/bench/process-cost.h"

#define READS	   40
#define CONNECT_MS 5000

enum {
	DIRECT,
	HELD,
	WAYS,
};

static const char *const names[WAYS] = { "direct", "held" };

static struct way {
	struct backend be;
	bool runs;
	double config_ms[READS];
	double event_us[LANES_SLICES * LANES_FRAMES];
	size_t n;
	int64_t cpu_ns;
} ways[WAYS];

static pid_t holder;

static pid_t run(const char *program, const char *a, const char *b)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (!freopen("/dev/null", "w", stderr))
		_exit(126);
	execl(program, program, a, b, (char *)NULL);
	_exit(127);
}

/* To a holder that has just been started before the back-end. */
static int connect_held(struct bench *b, struct backend *be)
{
	char program[4096], option[1024], to[1024], path[200];
	int rc = -1;

	snprintf(program, sizeof(program), "%s/vinput-hold", b->build);
	snprintf(path, sizeof(path), "%s/held.%u", b->dir, be->id);
	snprintf(option, sizeof(option), "--socket-path=%s", path);
	/* As backend.c names it. */
	snprintf(to, sizeof(to), "--to=%s/%u.socket0", b->dir, be->id);
	holder = run(program, to, option);
	for (int ms = 0; ms < CONNECT_MS && (rc = fe_connect(&be->fe, path));
	     ms++)
		sleep_ns(1000000);
	return rc;
}

static bool start(struct bench *b, int i)
{
	struct backend *be = &ways[i].be;
	int rc = backend_spawn(be, &b->subject[OURS], 1, b->dir, b->next_id++);

	if (!rc)
		rc = i == HELD ? connect_held(b, be) : backend_greet(be);
	if (!rc)
		rc = backend_run(be, LANES_RING);
	if (rc)
		fprintf(stderr, "\nbench: hold: %s\n", fe_strerror(rc));
	return !rc;
}

static void read_config(struct way *w)
{
	static struct spec spec;

	for (int i = 0; i < READS && w->runs; i++) {
		const int64_t since = now_ns();

		w->runs = !fe_read_spec(&w->be.fe, &spec);
		w->config_ms[i] = (double)(now_ns() - since) / 1e6;
	}
}

static void measure_events(struct bench *b, struct way *w)
{
	const int64_t before = cost_cpu_ns(w->be.pid);
	int64_t ns;

	for (int i = 0; i < LANES_FRAMES && w->runs; i++) {
		sleep_ns(b->gap_us * INT64_C(1000));
		w->runs = !load_frame(&w->be, 0, &ns);
		w->event_us[w->n++] = (double)ns / 1e3;
	}
	w->cpu_ns += cost_cpu_ns(w->be.pid) - before;
}

static void put_events(struct bench *b)
{
	double us[WAYS], cpu_us[WAYS];

	for (int i = 0; i < WAYS; i++) {
		struct way *w = &ways[i];

		us[i] = quantile(w->event_us, w->n, 0.5);
		cpu_us[i] = (double)w->cpu_ns / 1e3 / (double)w->n;
		put(b, OURS, us[i], "us", "hold.latency.%s", names[i]);
		put(b, OURS, cpu_us[i], "us", "hold.cpu.%s", names[i]);
	}
	put(b, OURS, us[HELD] / us[DIRECT], "times", "hold.latency.ratio");
	put(b, OURS, cpu_us[HELD] / cpu_us[DIRECT], "times", "hold.cpu.ratio");
}

static void measure(struct bench *b)
{
	int64_t its_cpu;

	lanes_settle();
	for (int i = 0; i < WAYS; i++) {
		read_config(&ways[i]);
		load_drain(&ways[i].be);
	}
	its_cpu = cost_cpu_ns(holder);
	for (int slice = 0; slice < LANES_SLICES; slice++)
		for (int i = 0; i < WAYS; i++)
			measure_events(b, &ways[i]);
	its_cpu = cost_cpu_ns(holder) - its_cpu;
	if (!ways[DIRECT].runs || !ways[HELD].runs)
		return;
	for (int i = 0; i < WAYS; i++)
		put(b, OURS, quantile(ways[i].config_ms, READS, 0.5), "ms",
		    "hold.config.%s", names[i]);
	put_events(b);
	put(b, OURS, (double)its_cpu / 1e3 / (double)ways[HELD].n, "us",
	    "hold.cpu.holder");
	put(b, OURS, (double)cost_memory(holder).private, "KiB",
	    "hold.memory.private");
}

void suite_hold(struct bench *b)
{
	bool good = true;

	for (int i = 0; i < WAYS; i++) {
		ways[i] = (struct way){ 0 };
		good &= ways[i].runs = start(b, i);
	}
	if (good)
		measure(b);
	for (int i = 0; i < WAYS; i++)
		backend_stop(&ways[i].be);
	kill(holder, SIGTERM);
	waitpid(holder, NULL, 0);
}
