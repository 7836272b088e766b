/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splits a line into words as a shell does: at blanks; '...' and "..." quote, \
 * quotes one character (in "..." only " and \), and # at the beginning of a
 * word starts a comment. Pure.
 */
#ifndef VINPUT_INJECT_WORDS_H
#define VINPUT_INJECT_WORDS_H

#include <stddef.h>
#include "input/base/fault.h"

struct inject_words {
	char **word; /* owned, as is their text; ends with NULL */
	size_t n;
	char *text;
};

#define INJECT_WORDS_NULL ((struct inject_words){ 0 })

/*
 * line: ends with NUL. inject_words_fini() is due whatever the result.
 * Return: 0, -EINVAL: an unterminated quote, -ENOMEM.
 */
int inject_words_split(struct inject_words *words, const char *line,
		       struct fault *f);
void inject_words_fini(struct inject_words *words);

#endif
