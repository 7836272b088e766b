/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VINPUT_TESTS_WORDS_H
#define VINPUT_TESTS_WORDS_H

#include <string.h>

/*
 * Split text, which is changed, at its spaces; argv: the words and a NULL.
 * Return: how many words.
 */
static inline int words_split(char *text, char **argv)
{
	int n = 0;

	for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
		argv[n++] = w;
	argv[n] = NULL;
	return n;
}

#endif
