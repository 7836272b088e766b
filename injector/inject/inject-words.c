/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-words.h"

#define BLANKS " \t\r\n\f\v"

/* Copy what is quoted. Return: what follows it, NULL: unterminated. */
static const char *copy_quoted(const char *from, char quote, char **to)
{
	for (; *from && *from != quote; from++) {
		if (quote == '"' && *from == '\\' &&
		    (from[1] == '"' || from[1] == '\\'))
			from++;
		*(*to)++ = *from;
	}
	return *from ? from + 1 : NULL;
}

/* Copy a word. Return: what follows it, NULL with the fault. */
static const char *copy_word(const char *from, char **to, struct fault *f)
{
	while (*from && !strchr(BLANKS, *from)) {
		char c = *from++;

		if (c == '\'' || c == '"') {
			from = copy_quoted(from, c, to);
			if (!from) {
				fault_set(f, "unterminated %c", c);
				return NULL;
			}
		} else if (c != '\\') {
			*(*to)++ = c;
		} else if (*from) {
			*(*to)++ = *from++;
		} else {
			fault_set(f, "missing character after \\");
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

	/* A word takes two bytes of the line or more: a blank, or quotes. */
	words->text = calloc(1, len + 1);
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
		line = copy_word(line, &to, f);
		if (!line)
			return -EINVAL;
	}
}

void inject_words_fini(struct inject_words *words)
{
	free(words->word);
	free(words->text);
}
