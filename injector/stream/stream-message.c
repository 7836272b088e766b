/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "injector/stream/stream-cuttlefish.h"
#include "injector/stream/stream-message.h"
#include "injector/stream/stream-ours.h"
#include "injector/stream/stream-parse.h"

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
	json_t *json = stream_parse(text, len, STREAM_MESSAGE_MAX, why);
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
