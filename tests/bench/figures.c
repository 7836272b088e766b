/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/bench/figures.h"

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double quantile(double *value, size_t n, double q)
{
	size_t good = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(value[i]))
			value[good++] = value[i];
	if (!good)
		return NAN;
	qsort(value, good, sizeof(*value), compare);
	double at = q * (double)(good - 1);
	size_t i = (size_t)at;
	double next = value[i + 1 < good ? i + 1 : i];
	return value[i] + (at - (double)i) * (next - value[i]);
}

static struct figure *find(struct figures *all, const char *name)
{
	struct figure *f = all->figure;

	for (; f < all->figure + all->n; f++)
		if (!strcmp(f->name, name))
			return f;
	if (all->n == FIGURES_MAX)
		return NULL;
	all->n++;
	snprintf(f->name, sizeof(f->name), "%s", name);
	for (size_t s = 0; s < SUBJECTS_MAX; s++)
		for (size_t r = 0; r < ROUNDS_MAX; r++)
			f->value[s][r] = NAN;
	return f;
}

void figures_put(struct figures *all, unsigned int subject, double value,
		 const char *unit, const char *fmt, ...)
{
	char name[sizeof(all->figure->name)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	struct figure *f = find(all, name);
	if (!f)
		return;
	f->unit = unit;
	f->value[subject][all->round] = value;
}

double figure_quantile(const struct figure *f, unsigned int subject, double q)
{
	double value[ROUNDS_MAX];

	memcpy(value, f->value[subject], sizeof(value));
	return quantile(value, ROUNDS_MAX, q);
}

double figure_ratio(const struct figure *f, unsigned int subject,
		    unsigned int floor)
{
	double ratio[ROUNDS_MAX];

	for (size_t r = 0; r < ROUNDS_MAX; r++)
		ratio[r] = f->value[floor][r] > 0
				   ? f->value[subject][r] / f->value[floor][r]
				   : NAN;
	return quantile(ratio, ROUNDS_MAX, 0.5);
}
