/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a message of a client; the first chooses the dialect, or binary.
 * What is rejected must leave a fault. What is accepted must be actions whose
 * numbers are in their ranges and whose strings end.
 */
#include <linux/input-event-codes.h>
#include <math.h>

#include "injector/stream/stream-message.h"
#include "tests/fuzz/fuzz.h"

static struct stream_message message;

static void check_code(const struct stream_action *a)
{
	switch (a->kind) {
	case STREAM_KEY:
		must(a->code < KEY_CNT);
		must(a->code || message.is_held);
		break;
	case STREAM_SWITCH:
		must(a->code < SW_CNT);
		break;
	case STREAM_PAD_EVENT:
		must(a->code < ABS_MT_SLOT);
		break;
	case STREAM_ROTATE:
		must(a->code % 90 == 0 && a->code <= 270);
		break;
	case STREAM_BUTTON:
		must(a->code <= 4 || message.is_held);
		break;
	case STREAM_PAD_BUTTON:
		must(a->code <= 16 && a->x >= 0 && a->x <= 1);
		must(a->id >= 0 && a->id < STREAM_PADS_MAX);
		break;
	case STREAM_PAD_AXIS:
		must(a->code <= 3 && a->x >= -1 && a->x <= 1);
		must(a->id >= 0 && a->id < STREAM_PADS_MAX);
		break;
	case STREAM_HELLO:
	case STREAM_MOTION:
	case STREAM_WHEEL:
	case STREAM_TURN:
	case STREAM_POSITION:
	case STREAM_TOUCH:
	case STREAM_PEN:
	case STREAM_PAD_GONE:
	case STREAM_PING:
	case STREAM_TEXT:
		must(memchr(message.layout, '\0', sizeof(message.layout)));
		break;
	case STREAM_LAYOUTS:
	case STREAM_OFFER:
		break;
	}
}

static void check_action(const struct stream_action *a)
{
	must(memchr(a->label, '\0', sizeof(a->label)));
	must(a->number >= -1 && a->number < 255);
	must(fabs(a->x) <= 65535 && fabs(a->y) <= 65535);
	must(a->pressure >= 0 && a->pressure <= 1);
	must(a->major >= 0 && a->major <= 1 && a->minor >= 0 && a->minor <= 1);
	must(fabs(a->tilt_x) <= 90 && fabs(a->tilt_y) <= 90);
	must(a->buttons <= 7);
	if ((a->kind == STREAM_TOUCH || a->kind == STREAM_POSITION) &&
	    !a->cuttlefish)
		must(a->x >= 0 && a->x <= 1 && a->y >= 0 && a->y <= 1);
	check_code(a);
}

static int read_message(const uint8_t *data, size_t size, struct fault *why)
{
	const uint8_t how = data[0] % 4;

	if (how == 3)
		return stream_message_read_binary(&message, data + 1, size - 1,
						  why);
	return stream_message_read(&message, (enum stream_dialect)how,
				   (const char *)data + 1, size - 1, why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault why = { "" };

	if (!size)
		return 0;
	memset(message.text, 'x', sizeof(message.text));
	if (read_message(data, size, &why)) {
		must(why.text[0]);
		return 0;
	}
	must(message.n <= STREAM_ACTIONS_MAX);
	for (size_t i = 0; i < message.n; i++) {
		check_action(&message.action[i]);
		if (message.action[i].kind == STREAM_TEXT)
			must(memchr(message.text, '\0', sizeof(message.text)));
	}
	return 0;
}
