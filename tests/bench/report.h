/* SPDX-License-Identifier: Apache-2.0 */
/* The results, as a table for people and as JSON for programs. */
#ifndef VINPUT_BENCH_REPORT_H
#define VINPUT_BENCH_REPORT_H

#include <stdio.h>
#include "tests/bench/suites.h"

void report_table(const struct bench *b, FILE *out);
/* Return: 0 or -1 with errno. */
int report_json(const struct bench *b, const char *path);

#endif
