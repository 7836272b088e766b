/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "input/base/near.h"

/* The longest of the kernel's names of keys has 30 bytes. */
#define NEAR_LEN_MAX 48

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t min = a < b ? a : b;

	return min < c ? min : c;
}

static bool same_letter(char a, char b)
{
	return toupper((unsigned char)a) == toupper((unsigned char)b);
}

/* Optimal string alignment: swapping two neighbours counts once. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t rows[3][NEAR_LEN_MAX + 1];
	size_t *two_up = rows[0], *up = rows[1], *row = rows[2], *swap;
	size_t n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		swap = two_up;
		two_up = up;
		up = row;
		row = swap;
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			row[j] = min3(up[j] + 1, row[j - 1] + 1,
				      up[j - 1] +
					      !same_letter(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			    same_letter(a[i - 2], b[j - 1]) &&
			    two_up[j - 2] + 1 < row[j])
				row[j] = two_up[j - 2] + 1;
		}
	}
	return row[n];
}

/* A third of a word's length may be wrong, not counting its prefix (KEY_). */
void near_init(struct near *near, const char *to)
{
	const char *tail = strrchr(to, '_');
	size_t len = strlen(tail ? tail + 1 : to);

	near->to = to;
	near->best = NULL;
	near->distance = strlen(to) > NEAR_LEN_MAX ? 0 : len / 3 + 2;
}

/* "serial" for "serial_name". */
static bool is_beginning(const char *to, const char *word)
{
	size_t len = strlen(to);

	return len >= 3 && to[len - 1] != '_' &&
	       strncasecmp(to, word, len) == 0;
}

void near_try(struct near *near, const char *word)
{
	size_t distance;

	if (near->distance == 0 || strlen(word) > NEAR_LEN_MAX)
		return;
	distance = edit_distance(near->to, word);
	if (distance > 1 && is_beginning(near->to, word))
		distance = 1;
	if (distance >= near->distance)
		return;
	near->distance = distance;
	near->best = word;
}

const char *near_word(const char *const *words, const char *wrong)
{
	struct near near;

	near_init(&near, wrong);
	for (; *words; words++)
		near_try(&near, *words);
	return near.best;
}
