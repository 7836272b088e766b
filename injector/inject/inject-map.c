/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-map.h"

/* Take "2:". Return: whether it was there. */
static bool take_number(char **text, unsigned int *number)
{
	char *end;
	unsigned long value;

	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	value = strtoul(*text, &end, 10);
	if (errno || *end != ':' || !value || value > UINT_MAX)
		return false;
	*number = (unsigned int)value;
	*text = end + 1;
	return true;
}

/* An address may have commas. Return: the next part, NULL: there is none. */
static char *cut_address(char *address)
{
	for (char *comma = strchr(address, ','); comma;
	     comma = strchr(comma + 1, ',')) {
		char *next = comma + 1;
		unsigned int number;

		if (!take_number(&next, &number))
			continue;
		*comma = '\0';
		return comma + 1;
	}
	return NULL;
}

int inject_map_read(struct inject_map *map, const char *value, struct fault *f)
{
	char *next = strdup(value);

	*map = (struct inject_map){ .text = next };
	if (!next)
		return fault_no_memory(f);
	while (next) {
		char *at = next;

		if (map->n == RECORDING_DEVICES_MAX)
			return fault_set(f, "--map: more than %d devices",
					 RECORDING_DEVICES_MAX);
		if (!take_number(&at, &map->part[map->n].device))
			break;
		next = cut_address(at);
		at += *at == '@';
		map->part[map->n++].to = at;
		if (!*at)
			break;
	}
	if (!next && map->n && *map->part[map->n - 1].to)
		return 0;
	return fault_set(f,
			 "--map must be N:ADDRESS[,N:ADDRESS]..., such as "
			 "1:touch_0,2:keyboard, not %.80s",
			 value);
}

void inject_map_fini(struct inject_map *map)
{
	free(map->text);
}
