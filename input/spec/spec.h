/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input/spec: from the JSON text that describes a device to a struct spec, and
 * from that to what a guest or a person sees of it:
 *
 *	spec-file      finds the file by its name and logs what is wrong in it
 *	spec-template  replaces placeholders
 *	spec-read      parses the JSON and checks it, with spec-axes and
 *	               spec-events; spec-codes and spec-names know the kernel's
 *	               codes; spec-reader and json-where say what is wrong where
 *	spec-shipped   has what was read of specs/ when the program was built
 *	spec-recording reads the device that a recording describes
 *	spec-check     what no guest can make anything of, by text or not
 *	spec-write     writes a spec in our form
 *	spec-rest      adds the values to which axes return
 *	spec-initial   switches and axes as the device starts
 *	config-space   virtio's view of a spec, byte by byte
 *	spec-print     evtest's view of it
 *
 * All but spec-file is pure. A struct spec holds the capabilities that the
 * guest is shown (virtio 1.3 §5.8.4) and against which events are checked. It
 * is plain data, written by the reader and constant afterwards.
 */
#ifndef VINPUT_SPEC_H
#define VINPUT_SPEC_H

#include <linux/input-event-codes.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Linux' driver copies names into 64 bytes and loses the NUL of a longer one,
 * so 63 is the limit here.
 */
#define SPEC_NAME_MAX 63
/* The bitmap in the configuration space has 128 bytes. */
#define SPEC_CODES	1024
#define SPEC_BITMAP_LEN (SPEC_CODES / 8)
/* ABS_MT_SLOT max + 1 at most. */
#define SPEC_SLOTS_MAX 64

struct spec_abs {
	int32_t min, max, fuzz, flat, res;
	/*
	 * The value to which the axis returns when the source that moved it is
	 * gone: a stick's centre, a trigger's end. Valid if has_rest; other
	 * axes keep their value.
	 */
	int32_t rest;
	bool has_rest;
	bool unclamped; /* values outside min..max pass */
	/* The value that the device starts with, if has_initial; else 0. */
	bool has_initial;
	int32_t initial;
};

struct spec {
	char name[SPEC_NAME_MAX + 1];
	char serial[SPEC_NAME_MAX + 1];
	struct {
		uint16_t bustype, vendor, product, version;
	} ids;
	uint8_t props[SPEC_BITMAP_LEN];
	/* By event type, then one bit a code, bit 0 of byte 0 first. */
	uint8_t bits[EV_CNT][SPEC_BITMAP_LEN];
	/* While there is one source, its frames pass as they are: merge.h. */
	bool exact;
	/* By ABS_ code; valid where bits[EV_ABS] has the code. */
	struct spec_abs abs[ABS_CNT];
	/* The switches that are on when the device starts. */
	uint8_t initial_sw[(SW_CNT + 7) / 8];
	/* What the guest's autorepeat is set to; valid if has_repeat. */
	bool has_repeat;
	uint32_t repeat_delay_ms, repeat_period_ms;
};

static inline bool bit_test(const uint8_t *bits, unsigned int n)
{
	return bits[n / 8] >> (n % 8) & 1;
}

static inline void bit_set(uint8_t *bits, unsigned int n)
{
	bits[n / 8] |= (uint8_t)(1u << (n % 8));
}

static inline void bit_clear(uint8_t *bits, unsigned int n)
{
	bits[n / 8] &= (uint8_t) ~(1u << (n % 8));
}

static inline void bit_assign(uint8_t *bits, unsigned int n, bool on)
{
	const uint8_t bit = (uint8_t)(1u << (n % 8));

	/* Without a branch. */
	bits[n / 8] = (uint8_t)((bits[n / 8] & ~bit) | (on ? bit : 0));
}

/* Return: whether the device can send or take this event (never for EV_SYN). */
static inline bool spec_has(const struct spec *spec, uint16_t type,
			    uint16_t code)
{
	return type < EV_CNT && code < SPEC_CODES &&
	       bit_test(spec->bits[type], code);
}

/* The event types that Linux' virtio_input queries; it ignores others. */
static inline bool spec_carries(unsigned int type)
{
	switch (type) {
	case EV_KEY:
	case EV_REL:
	case EV_ABS:
	case EV_MSC:
	case EV_SW:
	case EV_LED:
	case EV_SND:
	case EV_REP:
		return true;
	}
	return false;
}

/*
 * HID devices with dozens of axes number them through, and so have one at
 * ABS_MT_SLOT. As in libevdev and udev, the code before it, which is reserved,
 * tells them from multi-touch devices.
 *
 * Return: the number of multi-touch slots, 0 for no multi-touch (type B).
 */
static inline unsigned int spec_slots(const struct spec *spec)
{
	return spec_has(spec, EV_ABS, ABS_MT_SLOT) &&
			       !spec_has(spec, EV_ABS, ABS_MT_SLOT - 1)
		       ? (unsigned int)spec->abs[ABS_MT_SLOT].max + 1
		       : 0;
}

/* Return: whether an ABS_ code is about contacts, and not an axis like others.
 */
static inline bool spec_is_mt(const struct spec *spec, uint16_t code)
{
	return code >= ABS_MT_SLOT && code <= ABS_MT_TOOL_Y && spec_slots(spec);
}

/* Return: whether this axis of the device can have this value. */
static inline bool spec_in_range(const struct spec *spec, uint16_t code,
				 int32_t value)
{
	const struct spec_abs *abs = &spec->abs[code];

	return value >= abs->min && value <= abs->max;
}

/* Return: whether an axis of the device moves within min..max only. */
static inline bool spec_clamps(const struct spec *spec, uint16_t code)
{
	const struct spec_abs *abs = &spec->abs[code];

	return !abs->unclamped && abs->min != abs->max;
}

#endif
