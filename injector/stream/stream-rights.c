/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "injector/stream/stream-rights.h"

bool stream_rights_include(const struct stream_rights *r, const char *label)
{
	const size_t len = strlen(label);
	const char *at = r->devices;

	while (at && *at) {
		if (!strncmp(at, label, len) && (at[len] == ',' || !at[len]))
			return true;
		at += strcspn(at, ",");
		at += *at == ',';
	}
	return !at;
}
