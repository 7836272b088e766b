/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "input/spec/names-table.h"

/* Without pointers, which the dynamic linker would have to relocate. */
struct kind {
	int16_t max;
	uint16_t first; /* in places[]: of number 0 */
};

struct sorted {
	uint16_t place; /* in texts[] */
	uint16_t kind, number;
};

/* The file that make-names has written; it may be empty. */
#ifdef NAMES_TABLES
#include NAMES_TABLES
#endif

#ifdef NAMES_MADE
int names_table_max(unsigned int kind)
{
	return kind < NAMES_KINDS ? kinds[kind].max : -1;
}

const char *names_table_name(unsigned int kind, unsigned int number)
{
	uint16_t place;

	if ((int64_t)number > names_table_max(kind))
		return NULL;
	place = places[kinds[kind].first + number];
	return place ? texts + place : NULL;
}

int names_table_find(unsigned int kind, const char *name)
{
	size_t low = 0, high = sizeof(sorted) / sizeof(sorted[0]);

	while (low < high) {
		const size_t at = (low + high) / 2;
		const int r = strcmp(name, texts + sorted[at].place);

		if (!r)
			return sorted[at].kind == kind ? sorted[at].number : -1;
		if (r < 0)
			high = at;
		else
			low = at + 1;
	}
	return -1;
}

#else
#include "input/spec/names-evdev.h"

int names_table_max(unsigned int kind)
{
	return kind < NAMES_KINDS ? evdev_max(kind) : -1;
}

const char *names_table_name(unsigned int kind, unsigned int number)
{
	return kind < NAMES_KINDS ? evdev_name(kind, number) : NULL;
}

int names_table_find(unsigned int kind, const char *name)
{
	return kind < NAMES_KINDS ? evdev_find(kind, name) : -1;
}
#endif
