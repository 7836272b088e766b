/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-words.h"

#define BLANKS " \t\r\n\f\v"

/* Copy what is in quotes. Return: what is behind them, NULL: no end. */
static const char *take_quoted(const char *from, char quote, char **to)
{
	for (; *from && *from != quote; from++) {
		if (quote == '"' && *from == '\\' &&
		    (from[1] == '"' || from[1] == '\\'))
			from++;
		*(*to)++ = *from;
	}
	return *from ? from + 1 : NULL;
}

/* Copy a word. Return: what is behind it, NULL with the fault. */
static const char *take_word(const char *from, char **to, struct fault *f)
{
	while (*from && !strchr(BLANKS, *from)) {
		char c = *from++;

		if (c == '\'' || c == '"') {
			from = take_quoted(from, c, to);
			if (!from) {
				fault_set(f, "a %c has no end", c);
				return NULL;
			}
		} else if (c != '\\') {
			*(*to)++ = c;
		} else if (*from) {
			*(*to)++ = *from++;
		} else {
			fault_set(f, "nothing is behind a \\");
			return NULL;
		}
	}
	*(*to)++ = '\0';
	return from;
}

int inject_words_split(struct inject_words *words, const char *line,
		       struct fault *f)
{
	size_t len = strlen(line);
	char *to;

	/* A word has a character and its end, or two quotes. */
	words->text = malloc(len + 1);
	words->word = calloc(len / 2 + 2, sizeof(*words->word));
	words->n = 0;
	if (!words->text || !words->word)
		return fault_no_memory(f);
	to = words->text;
	for (;;) {
		line += strspn(line, BLANKS);
		if (!*line || *line == '#')
			return 0;
		words->word[words->n++] = to;
		line = take_word(line, &to, f);
		if (!line)
			return -EINVAL;
	}
}

void inject_words_fini(struct inject_words *words)
{
	free(words->word);
	free(words->text);
	*words = INJECT_WORDS_NULL;
}
