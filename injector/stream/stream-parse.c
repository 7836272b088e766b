/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "injector/stream/stream-parse.h"

/* Messages have four levels; jansson would go through thousands. */
#define DEPTH_MAX 8

/* Return: how deep the text is nested, valid or not. */
static unsigned int parse_depth(const char *text, size_t len)
{
	unsigned int depth = 0, most = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		const char c = text[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			most = ++depth > most ? depth : most;
		else if (!quoted && (c == '}' || c == ']') && depth)
			depth--;
	}
	return most;
}

json_t *stream_parse(const char *text, size_t len, size_t max,
		     struct fault *why)
{
	json_error_t error;
	json_t *json;

	if (len > max) {
		fault_set(why, "%zu bytes: must be at most %zu", len, max);
		return NULL;
	}
	if (parse_depth(text, len) > DEPTH_MAX) {
		fault_set(why, "nested more than %d deep", DEPTH_MAX);
		return NULL;
	}
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fault_set(why, "line %d, column %d: %s", error.line,
			  error.column, error.text);
	return json;
}
