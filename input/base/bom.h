/* SPDX-License-Identifier: Apache-2.0 */
/* The byte order mark with which some editors begin a text. Pure. */
#ifndef VINPUT_BOM_H
#define VINPUT_BOM_H

#include <stddef.h>
#include <string.h>

/* Return: the length of the mark at the start of UTF-8 text, 0 if none. */
static inline size_t bom_length(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

#endif
