/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where time is measured all subjects run at once and get their turns in short
 * slices, so that a change of the machine's mood hits them alike.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "load.h"
#include "process-cost.h"
#include "suites.h"

#define RING	   64
#define SLICES	   20
#define FRAMES	   100		    /* in a slice */
#define BURST_NS   INT64_C(4000000) /* in a slice */
#define STARTS	   5
#define SETTLE_NS  INT64_C(30000000) /* after a driver's start */
#define FRAMES_ALL 2000 /* in all, where many devices or sources share them */

/* One subject's part in a suite. */
struct lane {
	struct backend be;
	bool good;
	int64_t cpu_ns, wall_ns;
	uint64_t events;
	double sample[SLICES * FRAMES];
	size_t n;
};

static struct lane lanes[SUBJECTS_MAX];

static void sleep_ns(int64_t ns)
{
	const struct timespec t = { ns / 1000000000, ns % 1000000000 };

	nanosleep(&t, NULL);
}

static void start_lanes(struct bench *b, unsigned int sources, uint16_t num)
{
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		struct lane *l = &lanes[i];

		memset(l, 0, sizeof(*l));
		l->good = !backend_start(&l->be, &b->subject[i], sources,
					 b->dir, b->next_id++, num);
	}
	sleep_ns(SETTLE_NS);
	for (unsigned int i = 0; i < b->n_subjects; i++)
		if (lanes[i].good)
			load_drain(&lanes[i].be);
}

static void stop_lanes(struct bench *b)
{
	for (unsigned int i = 0; i < b->n_subjects; i++)
		backend_stop(&lanes[i].be);
}

static void put(struct bench *b, unsigned int i, double value, const char *unit,
		const char *name)
{
	figures_put(&b->figures, i, value, unit, "%s", name);
}

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
	for (unsigned int slice = 0; slice < SLICES; slice++)
		for (unsigned int i = 0; i < b->n_subjects; i++)
			if (lanes[i].good)
				measure_frames(b, &lanes[i], FRAMES);
}

static void suite_latency(struct bench *b)
{
	start_lanes(b, 1, RING);
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
	stop_lanes(b);
}

static void suite_sources(struct bench *b)
{
	static const unsigned int sources[] = { 1, 8, 64 };

	for (unsigned int k = 0; k < 3; k++) {
		start_lanes(b, sources[k], RING);
		take_turns(b);
		for (unsigned int i = 0; i < b->n_subjects; i++) {
			struct lane *l = &lanes[i];

			if (!l->good)
				continue;
			figures_put(&b->figures, i,
				    quantile(l->sample, l->n, 0.5), "us",
				    "sources.%u.p50", sources[k]);
			figures_put(&b->figures, i,
				    (double)l->cpu_ns / 1e3 / (double)l->n,
				    "us", "sources.%u.cpu", sources[k]);
		}
		stop_lanes(b);
	}
}

/* --- bursts --- */

static void measure_bursts(struct lane *l, unsigned int frames)
{
	int64_t cpu = cost_cpu_ns(l->be.pid), start = now_ns(), end;

	do {
		l->good = !load_burst(&l->be, frames);
		l->events += (uint64_t)frames * LOAD_FRAME_EVENTS;
		end = now_ns();
	} while (l->good && end - start < BURST_NS);
	l->wall_ns += end - start;
	l->cpu_ns += cost_cpu_ns(l->be.pid) - cpu;
}

static void bursts_of(struct bench *b, uint16_t num, unsigned int frames)
{
	for (unsigned int slice = 0; slice < SLICES; slice++)
		for (unsigned int i = 0; i < b->n_subjects; i++)
			if (lanes[i].good)
				measure_bursts(&lanes[i], frames);
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		struct lane *l = &lanes[i];
		double n = (double)l->events;

		if (!l->good)
			continue;
		figures_put(&b->figures, i, n / ((double)l->wall_ns / 1e9),
			    "events/s", "burst.split.%u.%u.rate", num, frames);
		figures_put(&b->figures, i, (double)l->cpu_ns / n, "ns/event",
			    "burst.split.%u.%u.cpu", num, frames);
		l->events = 0;
		l->wall_ns = l->cpu_ns = 0;
	}
}

static void suite_burst(struct bench *b)
{
	static const uint16_t nums[] = { 4, 64, 256 };
	static const unsigned int frames[] = { 1, 8, 64, 512 };

	for (unsigned int k = 0; k < 3; k++) {
		start_lanes(b, 1, nums[k]);
		for (unsigned int j = 0; j < 4; j++)
			bursts_of(b, nums[k], frames[j]);
		stop_lanes(b);
	}
}

/* --- what it costs to be there --- */

static void suite_start(struct bench *b)
{
	double ms[SUBJECTS_MAX][STARTS];

	for (unsigned int k = 0; k < STARTS; k++) {
		start_lanes(b, 1, RING);
		for (unsigned int i = 0; i < b->n_subjects; i++) {
			const struct backend *be = &lanes[i].be;

			ms[i][k] = lanes[i].good ? (double)(be->answered_ns -
							    be->started_ns) /
							   1e6
						 : NAN;
		}
		stop_lanes(b);
	}
	for (unsigned int i = 0; i < b->n_subjects; i++)
		put(b, i, quantile(ms[i], STARTS, 0.5), "ms", "start.answer");
}

static void suite_idle(struct bench *b)
{
	int64_t before[SUBJECTS_MAX];

	start_lanes(b, 1, RING);
	for (unsigned int i = 0; i < b->n_subjects; i++)
		before[i] = cost_sleeps(lanes[i].be.pid);
	sleep_ns(b->idle_s * INT64_C(1000000000));
	for (unsigned int i = 0; i < b->n_subjects; i++)
		if (lanes[i].good)
			put(b, i,
			    (double)(cost_sleeps(lanes[i].be.pid) - before[i]),
			    "wake-ups", "idle.wakeups");
	stop_lanes(b);
}

static int64_t frames_to(struct backend *be, unsigned int n_devices,
			 double *sample)
{
	int64_t ns;

	for (unsigned int i = 0; i < FRAMES_ALL; i++) {
		if (load_frame(&be[i % n_devices], 0, &ns))
			return -1;
		sample[i] = (double)ns / 1e3;
	}
	return 0;
}

/* What two of a kind share is not private to one of them. */
static void suite_memory(struct bench *b)
{
	static double sample[FRAMES_ALL];

	for (unsigned int i = 0; i < b->n_subjects; i++) {
		struct backend be[2] = { 0 };
		bool good = true;

		for (unsigned int k = 0; k < 2 && good; k++)
			good = !backend_start(&be[k], &b->subject[i], 1, b->dir,
					      b->next_id++, RING);
		sleep_ns(SETTLE_NS);
		for (unsigned int k = 0; k < 2 && good; k++)
			load_drain(&be[k]);
		if (good && !frames_to(be, 2, sample)) {
			struct cost_memory m = cost_memory(be[1].pid);

			put(b, i, (double)m.private, "KiB", "memory.private");
			put(b, i, (double)m.proportional, "KiB",
			    "memory.proportional");
			put(b, i, (double)m.resident, "KiB", "memory.resident");
			put(b, i, (double)cost_fds(be[1].pid), "fds", "fds");
		}
		backend_stop(&be[0]);
		backend_stop(&be[1]);
	}
}

/* --- many devices at once --- */

#define DEVICES_MAX 256

static struct backend devices[DEVICES_MAX];

static bool launch(struct bench *b, unsigned int subject, unsigned int n)
{
	bool good = true;

	memset(devices, 0, sizeof(devices));
	for (unsigned int i = 0; i < n && good; i++)
		good = !backend_spawn(&devices[i], &b->subject[subject], 1,
				      b->dir, b->next_id++);
	for (unsigned int i = 0; i < n && good; i++)
		good = !backend_greet(&devices[i]);
	for (unsigned int i = 0; i < n && good; i++)
		good = !backend_run(&devices[i], RING, UINT64_MAX);
	return good;
}

static int64_t cpu_of_all(unsigned int n)
{
	int64_t sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += cost_cpu_ns(devices[i].pid);
	return sum;
}

static void measure_devices(struct bench *b, unsigned int s, unsigned int n)
{
	static double sample[FRAMES_ALL];
	int64_t private = 0, proportional = 0;
	int64_t cpu = cpu_of_all(n);

	if (frames_to(devices, n, sample))
		return;
	cpu = cpu_of_all(n) - cpu;
	for (unsigned int i = 0; i < n; i++) {
		struct cost_memory m = cost_memory(devices[i].pid);

		private += m.private;
		proportional += m.proportional;
	}
	figures_put(&b->figures, s, quantile(sample, FRAMES_ALL, 0.5), "us",
		    "devices.%u.p50", n);
	figures_put(&b->figures, s, (double)cpu / 1e3 / FRAMES_ALL, "us",
		    "devices.%u.cpu", n);
	figures_put(&b->figures, s, (double)private, "KiB",
		    "devices.%u.private", n);
	figures_put(&b->figures, s, (double)proportional, "KiB",
		    "devices.%u.proportional", n);
}

static void suite_devices(struct bench *b)
{
	static const unsigned int counts[] = { 1, 16, 64, DEVICES_MAX };

	for (unsigned int k = 0; k < 4; k++)
		for (unsigned int i = 0; i < b->n_subjects; i++) {
			int64_t start = now_ns();
			bool good = launch(b, i, counts[k]);
			double ms = (double)(now_ns() - start) / 1e6;

			sleep_ns(SETTLE_NS);
			for (unsigned int d = 0; d < counts[k] && good; d++)
				load_drain(&devices[d]);
			if (good) {
				figures_put(&b->figures, i, ms, "ms",
					    "devices.%u.launch", counts[k]);
				measure_devices(b, i, counts[k]);
			}
			for (unsigned int d = 0; d < counts[k]; d++)
				backend_stop(&devices[d]);
		}
}

const struct suite suites[] = {
	{ "latency", "one frame at a time", suite_latency },
	{ "burst", "many frames at once", suite_burst },
	{ "start", "from exec to the first answer", suite_start },
	{ "memory", "memory and file descriptors", suite_memory },
	{ "idle", "with nothing to do", suite_idle },
	{ "sources", "one device, many injectors", suite_sources },
	{ "devices", "many devices at once", suite_devices },
};

const unsigned int n_suites = sizeof(suites) / sizeof(*suites);
