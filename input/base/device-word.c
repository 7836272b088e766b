/* SPDX-License-Identifier: Apache-2.0 */
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
