/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's message becomes actions (stream-action.h). There are three
 * dialects: the JSON of Cuttlefish's input-channel and of its device-control,
 * and ours, JSON and binary, which begins with a hello. README.md of this
 * folder lists all messages. Pure: it keeps nothing of a message for the next.
 *
 *	stream-parse	   text to JSON; stream-fields: members of an object
 *	stream-keys	   KeyboardEvent's codes
 *	stream-ours	   our JSON
 *	stream-binary	   our binary messages
 *	stream-cuttlefish  both of Cuttlefish's dialects
 */
#ifndef VINPUT_STREAM_MESSAGE_H
#define VINPUT_STREAM_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "injector/stream/stream-action.h"
#include "input/base/fault.h"

#define STREAM_VERSION	   1
#define STREAM_MESSAGE_MAX 16384 /* bytes */

enum stream_dialect {
	STREAM_OURS,
	STREAM_CUTTLEFISH_INPUT,
	STREAM_CUTTLEFISH_CONTROL,
};

/*
 * Read a message: text is JSON, which need not end with a NUL.
 * Return: 0; -EINVAL with the fault: what is wrong, and where.
 */
int stream_message_read(struct stream_message *m, enum stream_dialect dialect,
			const char *text, size_t len, struct fault *why);
/* The same for a binary message of ours. */
int stream_message_read_binary(struct stream_message *m, const uint8_t *data,
			       size_t len, struct fault *why);

#endif
