/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "input/base/device-word.h"

size_t device_word_prefix(const char *word)
{
	static const char *const prefix[] = { "type=", "name=", "uniq=" };

	for (size_t i = 0; i < sizeof(prefix) / sizeof(*prefix); i++)
		if (!strncmp(word, prefix[i], strlen(prefix[i])))
			return strlen(prefix[i]);
	return 0;
}

size_t device_word_cut(const char *word)
{
	const char *eq = strrchr(word + device_word_prefix(word), '=');

	return eq ? (size_t)(eq - word) : strlen(word);
}

/* Which the label does not begin or end with, nor has twice in a row. */
static char separator_of(char c)
{
	return c == '-' ? '-' : '_';
}

void device_word_label(const char *word, char label[DEVICE_WORD_LABEL_MAX + 1])
{
	const char *slash = strrchr(word, '/');
	const char *from = slash ? slash : word + device_word_prefix(word);
	size_t n = 0;

	for (; *from && n < DEVICE_WORD_LABEL_MAX; from++) {
		if (isalnum((unsigned char)*from))
			label[n++] = *from;
		else if (n && isalnum((unsigned char)label[n - 1]))
			label[n++] = separator_of(*from);
	}
	while (n && !isalnum((unsigned char)label[n - 1]))
		n--;
	label[n] = '\0';
	if (!n)
		strcpy(label, "device");
}
