/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what report_json() has written. */
#ifndef VINPUT_BENCH_RESULTS_H
#define VINPUT_BENCH_RESULTS_H

#include <jansson.h>

/* Return: NULL, after an error message on stderr. */
json_t *results_load(const char *path);
/* Return: NULL if it was not measured. */
const json_t *results_figure(const json_t *all, const char *name);
size_t results_subjects(const json_t *all);
const char *results_subject(const json_t *all, size_t i);
/* key: median, quartile1, ... Return: NaN if it was not measured. */
double results_value(const json_t *figure, const char *subject,
		     const char *key);
/* The conditions of the measurement, as a sentence. */
void results_describe(const json_t *all, char text[256]);

#endif
