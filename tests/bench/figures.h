/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The measurements: figures by name, with one value per round for each subject.
 * A ratio to another subject, a floor, is the median of the rounds' own ratios,
 * since what disturbs a round disturbs all its subjects.
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
	double value[SUBJECTS_MAX][ROUNDS_MAX]; /* NaN: not available */
};

struct figures {
	unsigned int round; /* the one that is being measured */
	size_t n;
	struct figure figure[FIGURES_MAX];
};

__attribute__((format(printf, 5, 6))) void figures_put(struct figures *all,
						       unsigned int subject,
						       double value,
						       const char *unit,
						       const char *fmt, ...);

/* Of all rounds so far; NaN if there are none. q: 0 to 1. */
double figure_quantile(const struct figure *f, unsigned int subject, double q);
double figure_ratio(const struct figure *f, unsigned int subject,
		    unsigned int floor);

/* The q-quantile of n values, which get sorted. NaNs are ignored. */
double quantile(double *value, size_t n, double q);

#endif
