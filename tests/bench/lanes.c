/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "lanes.h"
#include "load.h"

#define SETTLE_NS INT64_C(30000000)

const struct shape usual_shape = { 1, LANES_RING, false };
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

bool lanes_start_one(struct bench *b, struct backend *be, unsigned int subject,
		     const struct shape *shape)
{
	const struct subject *s = &b->subject[subject];
	int rc = backend_spawn(be, s, shape->sources, b->dir, b->next_id++);

	be->is_packed = shape->packed && !s->is_floor;
	if (!rc)
		rc = backend_greet(be);
	if (!rc)
		rc = backend_run(be, shape->num);
	if (rc && rc != -ENOTSUP)
		fprintf(stderr, "\nbench: %s: %s\n", s->name, fe_strerror(rc));
	if (rc)
		backend_stop(be);
	return !rc;
}

void lanes_start(struct bench *b, const struct shape *shape)
{
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		struct lane *l = &lanes[i];

		memset(l, 0, sizeof(*l));
		l->good = lanes_start_one(b, &l->be, i, shape);
	}
	lanes_settle();
	for (unsigned int i = 0; i < b->n_subjects; i++)
		if (lanes[i].good)
			load_drain(&lanes[i].be);
}

void lanes_stop(struct bench *b)
{
	for (unsigned int i = 0; i < b->n_subjects; i++)
		backend_stop(&lanes[i].be);
}
