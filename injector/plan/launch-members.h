/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a JSON object member by member through a table: each row knows its key
 * and how to take its value. Pure.
 */
#ifndef VINPUT_LAUNCH_MEMBERS_H
#define VINPUT_LAUNCH_MEMBERS_H

#include <jansson.h>
#include "injector/plan/launch-fault.h"

struct launch_reader {
	void *into;		    /* the caller's */
	const struct json_path *at; /* the place of what is read */
	struct launch_fault *fault;
	const char *key; /* of the member that is read */
};

struct launch_member {
	const char *key;
	/* value: borrowed. Return: 0, or -EINVAL with the fault filled in. */
	int (*take)(const struct launch_reader *r, const json_t *value);
};

/*
 * members: ends with a row without a key. r: into, at, which is the place of
 * the object, and fault. Return: 0, or -EINVAL with the fault filled in.
 */
int launch_members_read(const struct launch_member *members,
			const json_t *object, const struct launch_reader *r);

/* For a member without meaning: "$comment". */
int launch_members_ignore(const struct launch_reader *r, const json_t *value);

#endif
