/* SPDX-License-Identifier: Apache-2.0 */
/* Latency, CPU time and throughput of one device. */
#include <stdio.h>
#include "tests/bench/lanes.h"
#include "tests/bench/load.h"
#include "tests/bench/process-cost.h"

#define BURST_NS INT64_C(4000000) /* in a slice */

/* --- latency --- */

static void measure_frames(struct bench *b, struct lane *l, unsigned int n)
{
	int64_t before = cost_cpu_ns(l->be.pid), ns;

	for (unsigned int i = 0; i < n && l->good; i++) {
		sleep_ns(b->gap_us * INT64_C(1000));
		l->good = !load_frame(&l->be, i % l->be.n_sources, &ns);
		l->sample[l->n++] = (double)ns / 1e3;
	}
	l->cpu_ns += cost_cpu_ns(l->be.pid) - before;
}

static void take_turns(struct bench *b)
{
	for (unsigned int slice = 0; slice < LANES_SLICES; slice++)
		for (unsigned int i = 0; i < b->n_subjects; i++)
			if (lanes[i].good)
				measure_frames(b, &lanes[i], LANES_FRAMES);
}

void suite_latency(struct bench *b)
{
	lanes_start(b, &usual_shape);
	take_turns(b);
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		struct lane *l = &lanes[i];
		double n = (double)l->n;

		if (!l->good)
			continue;
		put(b, i, quantile(l->sample, l->n, 0.5), "us", "latency.p50");
		put(b, i, quantile(l->sample, l->n, 0.9), "us", "latency.p90");
		put(b, i, quantile(l->sample, l->n, 0.99), "us", "latency.p99");
		put(b, i, quantile(l->sample, l->n, 0.999), "us",
		    "latency.p99.9");
		put(b, i, (double)l->cpu_ns / 1e3 / n, "us", "cpu.frame");
		put(b, i, 1000 * (double)l->be.kicks / n, "/1000 frames",
		    "kicks");
		put(b, i, 1000 * (double)l->be.calls / n, "/1000 frames",
		    "notifications");
	}
	lanes_stop(b);
}

static void apart(struct bench *b, const struct shape *shape, const char *name)
{
	lanes_start(b, shape);
	take_turns(b);
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		struct lane *l = &lanes[i];

		if (!l->good)
			continue;
		put(b, i, quantile(l->sample, l->n, 0.5), "us", "%s.p50", name);
		put(b, i, quantile(l->sample, l->n, 0.99), "us", "%s.p99",
		    name);
		put(b, i, (double)l->cpu_ns / 1e3 / (double)l->n, "us",
		    "%s.cpu", name);
	}
	lanes_stop(b);
}

void suite_apart(struct bench *b)
{
	struct shape shape = usual_shape;

	shape.apart = true;
	if (!lanes_go_apart())
		return;
	apart(b, &shape, "apart");
	shape.busy = true;
	apart(b, &shape, "apart.busy");
	lanes_come_together();
}

void suite_sources(struct bench *b)
{
	static const unsigned int sources[] = { 1, 8, 64 };
	struct shape shape = usual_shape;

	for (unsigned int k = 0; k < 3; k++) {
		shape.sources = sources[k];
		lanes_start(b, &shape);
		take_turns(b);
		for (unsigned int i = 0; i < b->n_subjects; i++) {
			struct lane *l = &lanes[i];

			if (!l->good || l->be.n_sources < sources[k])
				continue;
			put(b, i, quantile(l->sample, l->n, 0.5), "us",
			    "sources.%u.p50", sources[k]);
			put(b, i, (double)l->cpu_ns / 1e3 / (double)l->n, "us",
			    "sources.%u.cpu", sources[k]);
		}
		lanes_stop(b);
	}
}

/* --- bursts --- */

static void measure_bursts(struct lane *l, unsigned int frames)
{
	int64_t cpu = cost_cpu_ns(l->be.pid), start = now_ns(), end;
	int64_t sleeps = cost_sleeps(l->be.pid);

	do {
		l->good = !load_burst(&l->be, frames);
		l->events += (uint64_t)frames * LOAD_FRAME_EVENTS;
		end = now_ns();
	} while (l->good && end - start < BURST_NS);
	l->wall_ns += end - start;
	l->cpu_ns += cost_cpu_ns(l->be.pid) - cpu;
	l->sleeps += cost_sleeps(l->be.pid) - sleeps;
}

/* What was lost is a part of the first burst with any loss. */
static void put_bursts(struct bench *b, unsigned int i, const char *name,
		       unsigned int frames)
{
	const struct lane *l = &lanes[i];
	double n = (double)l->events;

	put(b, i, 100 * (double)l->be.lost / frames, "%", "burst.%s.lost",
	    name);
	if (!l->good)
		return;
	put(b, i, n / ((double)l->wall_ns / 1e9), "events/s", "burst.%s.rate",
	    name);
	put(b, i, (double)l->cpu_ns / n, "ns", "burst.%s.cpu", name);
	put(b, i, 1000 * (double)l->sleeps / n, "/1000 events",
	    "burst.%s.sleeps", name);
	put(b, i, 1000 * (double)l->be.kicks / n, "/1000 events",
	    "burst.%s.kicks", name);
	put(b, i, 1000 * (double)l->be.calls / n, "/1000 events",
	    "burst.%s.notifications", name);
}

static void clear_lanes(struct bench *b)
{
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		struct lane *l = &lanes[i];

		l->events = l->be.kicks = l->be.calls = 0;
		l->wall_ns = l->cpu_ns = l->sleeps = 0;
	}
}

static void bursts_of(struct bench *b, const struct shape *shape,
		      unsigned int frames)
{
	char name[32];

	lanes_restart_lost(b, shape);
	clear_lanes(b);
	for (unsigned int slice = 0; slice < LANES_SLICES; slice++)
		for (unsigned int i = 0; i < b->n_subjects; i++)
			if (lanes[i].good)
				measure_bursts(&lanes[i], frames);
	snprintf(name, sizeof(name), "%s.%u.%u",
		 shape->packed ? "packed" : "split", shape->num, frames);
	for (unsigned int i = 0; i < b->n_subjects; i++)
		if (lanes[i].runs)
			put_bursts(b, i, name, frames);
}

void suite_burst(struct bench *b)
{
	static const uint16_t nums[] = { 4, 64, 256 };
	static const unsigned int frames[] = { 1, 8, 64, 512 };

	struct shape shape = usual_shape;

	for (unsigned int k = 0; k < 6; k++) {
		shape.num = nums[k % 3];
		shape.packed = k >= 3;
		lanes_start(b, &shape);
		for (unsigned int j = 0; j < 4; j++)
			bursts_of(b, &shape, frames[j]);
		lanes_stop(b);
	}
}
