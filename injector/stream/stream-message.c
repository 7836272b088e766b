/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "injector/stream/stream-cuttlefish.h"
#include "injector/stream/stream-message.h"
#include "injector/stream/stream-ours.h"

/* Ours has three levels; jansson would go through thousands. */
#define DEPTH_MAX 8

/* Return: how deep the text is nested, valid or not. */
static unsigned int message_depth(const char *text, size_t len)
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

/* Return: the text as JSON, or NULL with the fault. */
static json_t *message_parse(const char *text, size_t len, struct fault *why)
{
	json_error_t error;
	json_t *json;

	if (len > STREAM_MESSAGE_MAX) {
		fault_set(why, "%zu bytes: must be at most %d", len,
			  STREAM_MESSAGE_MAX);
		return NULL;
	}
	if (message_depth(text, len) > DEPTH_MAX) {
		fault_set(why, "nested more than %d deep", DEPTH_MAX);
		return NULL;
	}
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fault_set(why, "line %d, column %d: %s", error.line,
			  error.column, error.text);
	return json;
}

static int message_read_object(struct stream_message *m,
			       enum stream_dialect dialect,
			       const json_t *object, struct fault *why)
{
	switch (dialect) {
	case STREAM_OURS:
		return stream_ours_read(m, object, why);
	case STREAM_CUTTLEFISH_INPUT:
		return stream_cuttlefish_read_input(m, object, why);
	case STREAM_CUTTLEFISH_CONTROL:
		return stream_cuttlefish_read_control(m, object, why);
	}
	return -EINVAL;
}

int stream_message_read(struct stream_message *m, enum stream_dialect dialect,
			const char *text, size_t len, struct fault *why)
{
	json_t *json = message_parse(text, len, why);
	int r;

	m->is_held = false;
	m->n = 0;
	if (!json)
		return -EINVAL;
	if (json_is_object(json))
		r = message_read_object(m, dialect, json, why);
	else
		r = fault_set(why, "a message must be an object");
	json_decref(json);
	return r;
}
