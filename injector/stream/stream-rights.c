/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "injector/stream/stream-rights.h"

/* list: "a,b"; NULL: all there are. */
static bool rights_list(const char *list, const char *word)
{
	const size_t len = strlen(word);

	while (list && *list) {
		if (!strncmp(list, word, len) &&
		    (list[len] == ',' || !list[len]))
			return true;
		list += strcspn(list, ",");
		list += *list == ',';
	}
	return !list;
}

bool stream_rights_include(const struct stream_rights *r, const char *label)
{
	return rights_list(r->devices, label);
}

bool stream_rights_show(const struct stream_rights *r, const char *name)
{
	return rights_list(r->displays, name);
}
