/* SPDX-License-Identifier: Apache-2.0 */
/* The cost of a device at rest, and of many devices. */
#include <math.h>
#include <string.h>
#include "tests/bench/lanes.h"
#include "tests/bench/load.h"
#include "tests/bench/process-cost.h"

#define STARTS	   5
#define REST_MS	   2500 /* a timer from when it was busy may still expire */
#define FRAMES_ALL 2000 /* in all, divided among many devices */

void suite_start(struct bench *b)
{
	double wall[SUBJECTS_MAX][STARTS], cpu[SUBJECTS_MAX][STARTS];

	for (unsigned int k = 0; k < STARTS; k++) {
		lanes_start(b, &usual_shape);
		for (unsigned int i = 0; i < b->n_subjects; i++) {
			const struct backend *be = &lanes[i].be;
			int64_t ns = be->answered_ns - be->started_ns;

			wall[i][k] = lanes[i].good ? (double)ns / 1e6 : NAN;
			cpu[i][k] = lanes[i].good
					    ? (double)be->answer_cpu_ns / 1e6
					    : NAN;
		}
		lanes_stop(b);
	}
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		put(b, i, quantile(wall[i], STARTS, 0.5), "ms", "start.answer");
		put(b, i, quantile(cpu[i], STARTS, 0.5), "ms", "start.cpu");
	}
}

void suite_idle(struct bench *b)
{
	int64_t before[SUBJECTS_MAX];

	lanes_start(b, &usual_shape);
	sleep_ns(REST_MS * INT64_C(1000000));
	for (unsigned int i = 0; i < b->n_subjects; i++)
		before[i] = cost_sleeps(lanes[i].be.pid);
	sleep_ns(b->idle_s * INT64_C(1000000000));
	for (unsigned int i = 0; i < b->n_subjects; i++)
		if (lanes[i].good)
			put(b, i,
			    (double)(cost_sleeps(lanes[i].be.pid) - before[i]),
			    "wake-ups", "idle.wakeups");
	lanes_stop(b);
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

/* What two of a kind share is private to neither. */
void suite_memory(struct bench *b)
{
	static double sample[FRAMES_ALL];
	struct shape shape = usual_shape;

	shape.heir = true;
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		struct backend be[2] = { 0 };
		bool good = true;

		for (unsigned int k = 0; k < 2 && good; k++)
			good = lanes_start_one(b, &be[k], i, &shape);
		lanes_settle();
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
		good = !backend_run(&devices[i], LANES_RING);
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
	put(b, s, quantile(sample, FRAMES_ALL, 0.5), "us", "devices.%u.p50", n);
	put(b, s, (double)cpu / 1e3 / FRAMES_ALL, "us", "devices.%u.cpu", n);
	put(b, s, (double)private, "KiB", "devices.%u.private", n);
	put(b, s, (double)proportional, "KiB", "devices.%u.proportional", n);
}

void suite_devices(struct bench *b)
{
	static const unsigned int counts[] = { 1, 16, 64, DEVICES_MAX };

	for (unsigned int k = 0; k < 4; k++)
		for (unsigned int i = 0; i < b->n_subjects; i++) {
			int64_t start = now_ns();
			bool good = launch(b, i, counts[k]);
			double ms = (double)(now_ns() - start) / 1e6;

			lanes_settle();
			for (unsigned int d = 0; d < counts[k] && good; d++)
				load_drain(&devices[d]);
			if (good) {
				put(b, i, ms, "ms", "devices.%u.launch",
				    counts[k]);
				measure_devices(b, i, counts[k]);
			}
			for (unsigned int d = 0; d < counts[k]; d++)
				backend_stop(&devices[d]);
		}
}
