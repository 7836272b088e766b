/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of several valid words a mistyped one probably means, by edit distance.
 * Pure; the words are borrowed, and the result is one of them.
 */
#ifndef VINPUT_NEAR_H
#define VINPUT_NEAR_H

#include <stddef.h>

/* A search in which the words are tried one by one. */
struct near {
	const char *to;
	const char *best; /* NULL: none is near enough */
	size_t distance;  /* of best; before that the first that is too far */
};

void near_init(struct near *near, const char *to);
void near_try(struct near *near, const char *word);

/* words: ends with NULL. Return: the nearest to a wrong one, or NULL. */
const char *near_word(const char *const *words, const char *wrong);

#endif
