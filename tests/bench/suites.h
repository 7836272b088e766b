/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The measurements. A suite measures all subjects side by side, once: the
 * caller repeats it round by round. A subject that fails has no figures then.
 */
#ifndef VINPUT_BENCH_SUITES_H
#define VINPUT_BENCH_SUITES_H

#include "backend.h"
#include "figures.h"

struct bench {
	struct subject subject[SUBJECTS_MAX]; /* the first is the floor */
	unsigned int n_subjects;
	const char *dir;
	unsigned int next_id; /* of a backend */
	unsigned int idle_s;
	unsigned int gap_us; /* between frames whose latency is measured */
	struct figures figures;
};

struct suite {
	const char *name;
	const char *what;
	void (*run)(struct bench *b);
};

extern const struct suite suites[];
extern const unsigned int n_suites;

#endif
