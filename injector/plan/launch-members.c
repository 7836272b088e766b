/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/plan/launch-members.h"
#include "input/base/fault.h"
#include "input/base/near.h"

static const struct launch_member *members_find(
	const struct launch_member *members, const char *key, struct near *near)
{
	near_init(near, key);
	for (; members->key; members++) {
		if (!strcmp(members->key, key))
			return members;
		near_try(near, members->key);
	}
	return NULL;
}

int launch_members_read(const struct launch_member *members,
			const json_t *object, const struct launch_reader *r)
{
	struct launch_reader here = *r;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		struct json_path path = *JSON_MEMBER(r->at, key);
		const struct launch_member *member;
		struct near near;
		int rc;

		member = members_find(members, key, &near);
		if (!member)
			return launch_fault(r->fault, JSON_KEY(r->at, key),
					    "unknown key %.40s%s", key,
					    fault_hint(near.best));
		here.key = key;
		here.at = &path;
		rc = member->take(&here, value);
		if (rc)
			return rc;
	}
	return 0;
}

int launch_members_ignore(const struct launch_reader *r, const json_t *value)
{
	return 0;
}
