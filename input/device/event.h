/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event on the wire: struct virtio_input_event (virtio 1.3 §5.8.6), eight
 * bytes, little-endian. The injection socket, the guest's eventq and statusq,
 * and the way back to the injectors all carry these bytes, so nothing is
 * converted: the fields keep their wire order in memory, and are read and built
 * only by the functions here.
 */
#ifndef VINPUT_EVENT_H
#define VINPUT_EVENT_H

#include <endian.h>
#include <linux/input-event-codes.h>
#include <stdint.h>

struct vi_event {
	uint16_t type_le;
	uint16_t code_le;
	uint32_t value_le;
};

_Static_assert(sizeof(struct vi_event) == 8, "virtio 1.3 §5.8.6");

static inline uint16_t vi_type(const struct vi_event *ev)
{
	return le16toh(ev->type_le);
}

static inline uint16_t vi_code(const struct vi_event *ev)
{
	return le16toh(ev->code_le);
}

static inline int32_t vi_value(const struct vi_event *ev)
{
	return (int32_t)le32toh(ev->value_le);
}

static inline struct vi_event vi_event(uint16_t type, uint16_t code,
				       int32_t value)
{
	return (struct vi_event){ htole16(type), htole16(code),
				  htole32((uint32_t)value) };
}

/* The end of a frame. */
static inline int vi_is_syn_report(const struct vi_event *ev)
{
	return vi_type(ev) == EV_SYN && vi_code(ev) == SYN_REPORT;
}

#endif
