/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of commands to words, as a shell does it: blanks separate, '...' and
 * "..." keep together, \ takes the next character for itself (in "..." only
 * " and \), # at the beginning of a word starts a comment. Pure.
 */
#ifndef VINPUT_INJECT_WORDS_H
#define VINPUT_INJECT_WORDS_H

#include <stddef.h>
#include "input/base/fault.h"

struct inject_words {
	char **word; /* owned, as is their text; NULL is behind them */
	size_t n;
	char *text;
};

#define INJECT_WORDS_NULL ((struct inject_words){ 0 })

/*
 * line: ends with NUL. inject_words_fini() is due whatever the result.
 * Return: 0, -EINVAL: a quote has no end, -ENOMEM.
 */
int inject_words_split(struct inject_words *words, const char *line,
		       struct fault *f);
void inject_words_fini(struct inject_words *words); /* idempotent */

#endif
