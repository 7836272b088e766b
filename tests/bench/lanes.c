/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "tests/bench/lanes.h"
#include "tests/bench/load.h"

#define SETTLE_NS INT64_C(30000000)

struct shape usual_shape = { .sources = 1, .num = LANES_RING };
struct lane lanes[SUBJECTS_MAX];

void sleep_ns(int64_t ns)
{
	const struct timespec t = { ns / 1000000000, ns % 1000000000 };

	nanosleep(&t, NULL);
}

void lanes_settle(void)
{
	sleep_ns(SETTLE_NS);
}

/* Return: the subject with the command for this shape; NULL: it has none. */
static const struct subject *subject_of(struct bench *b, unsigned int i,
					const struct shape *shape)
{
	static struct subject shaped[SUBJECTS_MAX];
	struct subject *s = &shaped[i];

	*s = b->subject[i];
	if (shape->busy)
		s->command = s->busy_command;
	else if (shape->sources > 1 && s->many_command)
		s->command = s->many_command;
	else if (shape->heir && s->heir_command)
		s->command = s->heir_command;
	return s->command ? s : NULL;
}

static cpu_set_t all_cpus; /* that this process may use */
static bool pinned;

/* Bind to the nth CPU of those. */
static int pin(pid_t pid, int n)
{
	cpu_set_t one;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all_cpus) || n-- > 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		return sched_setaffinity(pid, sizeof(one), &one);
	}
	return -1;
}

void lanes_pin(bool on)
{
	sched_getaffinity(0, sizeof(all_cpus), &all_cpus);
	pinned = on && !pin(0, 0);
}

bool lanes_go_apart(void)
{
	return CPU_COUNT(&all_cpus) > 1 && !pin(0, 0);
}

void lanes_come_together(void)
{
	if (!pinned)
		sched_setaffinity(0, sizeof(all_cpus), &all_cpus);
}

bool lanes_start_one(struct bench *b, struct backend *be, unsigned int subject,
		     const struct shape *shape)
{
	const struct subject *s = subject_of(b, subject, shape);
	int rc = -ENOTSUP;

	if (s)
		rc = backend_spawn(be, s, shape->sources, b->dir, b->next_id++);
	if (!rc && shape->apart)
		pin(be->pid, 1);
	be->is_packed = shape->packed && s && !s->is_floor;
	if (!rc)
		rc = backend_greet(be);
	if (!rc)
		rc = backend_run(be, shape->num);
	if (rc && rc != -ENOTSUP)
		fprintf(stderr, "\nbench: %s: %s\n", s->name,
			rc == -ECHILD ? "it has ended" : fe_strerror(rc));
	if (rc)
		backend_stop(be);
	return !rc;
}

void lanes_start(struct bench *b, const struct shape *shape)
{
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		struct lane *l = &lanes[i];

		memset(l, 0, sizeof(*l));
		l->runs = l->good = lanes_start_one(b, &l->be, i, shape);
	}
	lanes_settle();
	for (unsigned int i = 0; i < b->n_subjects; i++)
		if (lanes[i].good)
			load_drain(&lanes[i].be);
}

void lanes_restart_lost(struct bench *b, const struct shape *shape)
{
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		struct lane *l = &lanes[i];

		if (!l->runs || l->good)
			continue;
		backend_stop(&l->be);
		l->runs = l->good = lanes_start_one(b, &l->be, i, shape);
		lanes_settle();
		if (l->good)
			load_drain(&l->be);
	}
}

void lanes_stop(struct bench *b)
{
	for (unsigned int i = 0; i < b->n_subjects; i++)
		backend_stop(&lanes[i].be);
}
