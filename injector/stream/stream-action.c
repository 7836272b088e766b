/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/stream/stream-action.h"
#include "injector/stream/stream-keys.h"

struct stream_action *stream_action_add(struct stream_message *m,
					enum stream_kind kind,
					struct stream_fields *f)
{
	struct stream_action *a = &m->action[m->n];

	if (m->n == STREAM_ACTIONS_MAX) {
		stream_fields_fail(f, "more than %d in a message",
				   STREAM_ACTIONS_MAX);
		return NULL;
	}
	m->n++;
	*a = (struct stream_action){ .kind = kind, .number = -1 };
	return a;
}

uint16_t stream_action_key(struct stream_fields *f, const char *code)
{
	const int key = stream_key_of(code);

	if (key < 0)
		stream_fields_fail(f, "no KeyboardEvent has the code %.40s",
				   code);
	return key > 0 ? (uint16_t)key : 0;
}
