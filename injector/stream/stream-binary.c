/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A binary message is one record or several: an opcode, the number of a device
 * (255: the usual one), and what the opcode has, little-endian. Fractions are
 * 0..65535.
 */
#include <errno.h>

#include "injector/stream/stream-message.h"

#define USUAL 255

enum binary_op {
	OP_MOTION = 1,	      /* i16 x, y */
	OP_WHEEL = 2,	      /* i16 x, y: 1/120, down and to the right */
	OP_POSITION = 3,      /* u16 x, y */
	OP_CONTACT = 4,	      /* i32 id, u16 x, y */
	OP_CONTACT_SIZED = 5, /* the same, u16 pressure, major, minor */
	OP_LIFT = 6,	      /* i32 id */
	OP_PEN = 7, /* u16 x, y, pressure, i8 tilt x, y, u8 buttons, eraser 8 */
};

/* Bytes after opcode and device. */
static const uint8_t sizes[] = {
	[OP_MOTION] = 4,  [OP_WHEEL] = 4,	   [OP_POSITION] = 4,
	[OP_CONTACT] = 8, [OP_CONTACT_SIZED] = 14, [OP_LIFT] = 4,
	[OP_PEN] = 9,
};

static uint16_t binary_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static int16_t binary_i16(const uint8_t *at)
{
	return (int16_t)binary_u16(at);
}

static int32_t binary_i32(const uint8_t *at)
{
	return (int32_t)(binary_u16(at) | (uint32_t)binary_u16(at + 2) << 16);
}

static double binary_fraction(const uint8_t *at)
{
	return binary_u16(at) / 65535.0;
}

static void binary_take_position(struct stream_action *a, const uint8_t *at)
{
	a->x = binary_fraction(at);
	a->y = binary_fraction(at + 2);
	a->given = STREAM_HAS_POSITION;
}

static void binary_take_contact(struct stream_action *a, const uint8_t *at)
{
	a->id = binary_i32(at);
	a->down = true;
	binary_take_position(a, at + 4);
}

static void binary_take_size(struct stream_action *a, const uint8_t *at)
{
	a->pressure = binary_fraction(at);
	a->major = binary_fraction(at + 2);
	a->minor = binary_fraction(at + 4);
	a->given |= STREAM_HAS_PRESSURE | STREAM_HAS_SIZE;
}

static int binary_take_pen(struct stream_action *a, const uint8_t *at)
{
	a->down = true;
	binary_take_position(a, at);
	a->pressure = binary_fraction(at + 4);
	a->tilt_x = (int8_t)at[6];
	a->tilt_y = (int8_t)at[7];
	a->buttons = at[8] & 7;
	a->eraser = at[8] & 8;
	a->given |= STREAM_HAS_PRESSURE | STREAM_HAS_TILT;
	return at[8] > 15 || a->tilt_x < -90 || a->tilt_x > 90 ||
			       a->tilt_y < -90 || a->tilt_y > 90
		       ? -EINVAL
		       : 0;
}

static int binary_take(struct stream_action *a, enum binary_op op,
		       const uint8_t *at)
{
	switch (op) {
	case OP_MOTION:
		a->kind = STREAM_MOTION;
		a->x = binary_i16(at);
		a->y = binary_i16(at + 2);
		return 0;
	case OP_WHEEL:
		a->kind = STREAM_WHEEL;
		a->x = binary_i16(at);
		a->y = -binary_i16(at + 2);
		return 0;
	case OP_POSITION:
		a->kind = STREAM_POSITION;
		binary_take_position(a, at);
		return 0;
	case OP_CONTACT:
	case OP_CONTACT_SIZED:
		a->kind = STREAM_TOUCH;
		binary_take_contact(a, at);
		if (op == OP_CONTACT_SIZED)
			binary_take_size(a, at + 8);
		return 0;
	case OP_LIFT:
		a->kind = STREAM_TOUCH;
		a->id = binary_i32(at);
		return 0;
	case OP_PEN:
		a->kind = STREAM_PEN;
		return binary_take_pen(a, at);
	}
	return -EINVAL;
}

/* Return: the bytes of the record at the start of data; 0: invalid. */
static size_t binary_record_size(const uint8_t *data, size_t len)
{
	size_t size;

	if (data[0] < OP_MOTION || data[0] > OP_PEN)
		return 0;
	size = 2 + (size_t)sizes[data[0]];
	return size <= len ? size : 0;
}

int stream_message_read_binary(struct stream_message *m, const uint8_t *data,
			       size_t len, struct fault *why)
{
	m->is_held = false;
	m->n = 0;
	for (size_t at = 0; at < len;) {
		const size_t size = binary_record_size(data + at, len - at);
		struct stream_action *a = &m->action[m->n];

		if (!size)
			return fault_set(why, "byte %zu: not a whole record",
					 at);
		if (m->n == STREAM_ACTIONS_MAX)
			return fault_set(why, "more than %d records",
					 STREAM_ACTIONS_MAX);
		*a = (struct stream_action){ .number = data[at + 1] };
		if (a->number == USUAL)
			a->number = -1;
		if (binary_take(a, data[at], data + at + 2))
			return fault_set(why, "byte %zu: pen out of range", at);
		m->n++;
		at += size;
	}
	return 0;
}
