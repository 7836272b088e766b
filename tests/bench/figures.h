/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was measured: figures by name, for each subject a value per round.
 * Subject 0 is the floor. A ratio is the median of each round's own, since
 * what disturbs a round disturbs all its subjects.
 */
#ifndef VINPUT_BENCH_FIGURES_H
#define VINPUT_BENCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIGURES_MAX  256
#define SUBJECTS_MAX 8
#define ROUNDS_MAX   64

struct figure {
	char name[48]; /* subject matter first: burst.split.64.8.rate */
	const char *unit;
	double value[SUBJECTS_MAX][ROUNDS_MAX]; /* NaN: could not be had */
};

struct figures {
	unsigned int round; /* the one that is measured now */
	size_t n;
	struct figure figure[FIGURES_MAX];
};

/* What a figure, or its ratio to the floor's, shall not be above. */
struct figure_goal {
	const char *name;
	bool ratio;
	double at_most;
};

__attribute__((format(printf, 5, 6))) void figures_put(struct figures *all,
						       unsigned int subject,
						       double value,
						       const char *unit,
						       const char *fmt, ...);

/* Of all rounds so far; NaN if there is none. q: 0 to 1. */
double figure_quantile(const struct figure *f, unsigned int subject, double q);
double figure_ratio(const struct figure *f, unsigned int subject);
/* Return: NULL if nothing is promised. */
const struct figure_goal *figure_goal(const struct figure *f);

/* The q-quantile of n values, which are sorted for it. NaNs do not count. */
double quantile(double *value, size_t n, double q);

#endif
