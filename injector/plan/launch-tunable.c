/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/plan/launch-tunable.h"
#include "input/base/loop.h"
#include "input/base/number.h"

#define BUSY_POLL_US_MAX 100000

const struct launch_tunable launch_tunables[] = {
	{ .option = "overflow",
	  .key = "overflow",
	  .kind = LAUNCH_WORD,
	  .words = { "fold", "block" } },
	{ .option = "stall-ms",
	  .key = "stall_ms",
	  .kind = LAUNCH_NUMBER,
	  .min = 1,
	  .max = LOOP_TIMER_MAX_MS },
	{ .option = "busy-poll",
	  .key = "busy_poll",
	  .kind = LAUNCH_NUMBER,
	  .max = BUSY_POLL_US_MAX },
	{ .option = "shared-memory",
	  .key = "shared_memory",
	  .kind = LAUNCH_WORD,
	  .words = { "on", "off" } },
	{ .option = "iommu", .key = "iommu", .kind = LAUNCH_FLAG },
	{ .option = "inband", .key = "inband", .kind = LAUNCH_FLAG },
	{ .option = "postcopy", .key = "postcopy", .kind = LAUNCH_FLAG },
	{ .option = "vfio-user",
	  .key = "vfio_user",
	  .kind = LAUNCH_FLAG,
	  .ours = true },
	{ 0 },
};

const struct launch_tunable *launch_tunable_find(const char *name)
{
	const struct launch_tunable *t = launch_tunables;

	for (; t->option; t++)
		if (!strcmp(t->option, name) || !strcmp(t->key, name))
			return t;
	return NULL;
}

static bool tunable_is_word(const struct launch_tunable *t, const char *text)
{
	for (size_t i = 0; i < LAUNCH_TUNABLE_WORDS_MAX; i++)
		if (t->words[i] && !strcmp(t->words[i], text))
			return true;
	return false;
}

json_t *launch_tunable_read(const struct launch_tunable *t, const char *text)
{
	int n;

	switch (t->kind) {
	case LAUNCH_FLAG:
		return json_true();
	case LAUNCH_NUMBER:
		n = number_read(text, t->max);
		return n < t->min ? NULL : json_integer(n);
	case LAUNCH_WORD:
		return tunable_is_word(t, text) ? json_string(text) : NULL;
	}
	return NULL;
}

bool launch_tunable_is_valid(const struct launch_tunable *t,
			     const json_t *value)
{
	json_int_t n = json_integer_value(value);

	switch (t->kind) {
	case LAUNCH_FLAG:
		return json_is_boolean(value);
	case LAUNCH_NUMBER:
		return json_is_integer(value) && n >= t->min && n <= t->max;
	case LAUNCH_WORD:
		return json_is_string(value) &&
		       tunable_is_word(t, json_string_value(value));
	}
	return false;
}

void launch_tunable_must(const struct launch_tunable *t, char out[64])
{
	switch (t->kind) {
	case LAUNCH_FLAG:
		snprintf(out, 64, "true or false");
		break;
	case LAUNCH_NUMBER:
		snprintf(out, 64, "a number from %d to %d", t->min, t->max);
		break;
	case LAUNCH_WORD:
		snprintf(out, 64, "%s or %s", t->words[0], t->words[1]);
		break;
	}
}

void launch_tunable_args(const json_t *device, struct launch_argv *args)
{
	for (const struct launch_tunable *t = launch_tunables; t->option; t++) {
		const json_t *value = json_object_get(device, t->key);

		if (t->ours)
			continue;
		if (json_is_true(value))
			launch_argv_add(args, "--%s", t->option);
		else if (json_is_integer(value))
			launch_argv_add(args, "--%s=%" JSON_INTEGER_FORMAT,
					t->option, json_integer_value(value));
		else if (json_is_string(value))
			launch_argv_add(args, "--%s=%s", t->option,
					json_string_value(value));
	}
}
