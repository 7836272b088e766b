/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/plan/launch-passthrough.h"

/* words: NULL: any. */
static const struct member {
	const char *key;
	const char *words[4];
	const char *must;
} members[] = {
	{ "grab", { "wait", "now", "none" }, "wait, now or none" },
	{ "start", { "host", "guest" }, "host or guest" },
	{ "toggle", { NULL }, "a chord, such as leftctrl+rightctrl" },
	{ "exit", { NULL }, "a chord, such as leftctrl+esc, or none" },
	{ 0 },
};

static const struct member *member_find(const char *key)
{
	const struct member *m = members;

	while (m->key && strcmp(m->key, key))
		m++;
	return m->key ? m : NULL;
}

bool launch_passthrough_has(const char *key)
{
	return member_find(key);
}

bool launch_passthrough_is_valid(const char *key, const json_t *value)
{
	const char *const *word = member_find(key)->words;
	const char *text = json_string_value(value);

	if (!text || !*text)
		return false;
	if (!*word)
		return true;
	while (*word && strcmp(*word, text))
		word++;
	return *word;
}

const char *launch_passthrough_must(const char *key)
{
	return member_find(key)->must;
}

void launch_passthrough_args(const json_t *item, struct launch_argv *args)
{
	for (const struct member *m = members; m->key; m++) {
		const char *text =
			json_string_value(json_object_get(item, m->key));

		if (!text)
			continue;
		if (!strcmp(m->key, "grab") && !strcmp(text, "none"))
			launch_argv_add(args, "--no-grab");
		else
			launch_argv_add(args, "--%s=%s", m->key, text);
	}
	launch_argv_add(args, "--");
	launch_argv_add(
		args, "%s",
		json_string_value(json_object_get(item, "passthrough")));
}
