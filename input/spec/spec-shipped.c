/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table without pointers, which would have to be relocated. A start touches
 * the lengths, and of the specs only the pages of its own.
 */
#include <stdint.h>
#include <string.h>

#include "input/spec/spec-shipped.h"

/* The file that make-shipped has written; it may be empty. */
#ifdef SHIPPED_SPECS
#include SHIPPED_SPECS
#endif

#ifdef SHIPPED_MADE
const struct spec *spec_shipped_find(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		if (lens[i] == len && !memcmp(shipped[i].text, text, len))
			return &shipped[i].spec;
	return NULL;
}

#else
const struct spec *spec_shipped_find(const char *text, size_t len)
{
	return NULL;
}
#endif
