/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	0      2      4		8      10     12	16
 *	│ type │ code │  value	│ type │ code │  value	│ ...	events
 *	│   request   │  flags	│    size     │ request	│ ...	headers
 *
 * A VMM begins with a request that has no payload. As an event that is
 * KEY_RESERVED, which nobody sends, or ABS_X; the next header decides then. An
 * event has a code where a request has zeros, or a value that flags cannot
 * have; else it is followed by SYN_REPORT, whose value, 0, is no request.
 */
#include <stdint.h>
#include <string.h>

#include "input/device/control.h"
#include "input/device/event.h"
#include "input/serve/wrong-door.h"
#include "input/vhost-user/vhost-user-wire.h"

/* Return: whether a front-end may begin with this. */
static bool begins_session(const struct vu_header *hdr)
{
	switch (hdr->request) {
	case VU_GET_FEATURES:
	case VU_SET_OWNER:
	case VU_GET_PROTOCOL_FEATURES:
		return (hdr->flags & ~VU_FLAG_NEED_REPLY) ==
			       VU_FLAG_VERSION_1 &&
		       !hdr->size;
	}
	return false;
}

enum wrong_door wrong_door_is_vmm(const void *bytes, size_t len)
{
	struct vu_header hdr[2];

	if (len < sizeof(hdr[0]))
		return WRONG_DOOR_UNKNOWN;
	memcpy(hdr, bytes, len < sizeof(hdr) ? len : sizeof(hdr));
	if (!begins_session(&hdr[0]))
		return WRONG_DOOR_NO;
	if (hdr[0].request != VU_SET_OWNER)
		return WRONG_DOOR_YES;
	if (len < sizeof(hdr))
		return WRONG_DOOR_UNKNOWN;
	return begins_session(&hdr[1]) ? WRONG_DOOR_YES : WRONG_DOOR_NO;
}

/* Return: whether an injector may send this. */
static bool is_likely(uint16_t type, uint16_t code, int32_t value)
{
	switch (type) {
	case EV_SYN:
		return code <= SYN_MT_REPORT && !value;
	case EV_KEY:
		return code && code < KEY_CNT && value >= 0 && value <= 2;
	case EV_REL:
		return code < REL_CNT;
	case EV_ABS:
		return code < ABS_CNT;
	case EV_MSC:
		return code < MSC_CNT;
	case EV_SW:
		return code < SW_CNT && value >= 0 && value <= 1;
	case CONTROL_HELLO:
		return code && value == CONTROL_MAGIC;
	}
	return false;
}

bool wrong_door_is_injector(const void *bytes, size_t len)
{
	/* A value that has not arrived is not that of SYN_REPORT. */
	struct vi_event ev[2] = { [1] = { .value_le = UINT32_MAX } };
	struct vu_header hdr;

	memcpy(ev, bytes, len < sizeof(ev) ? len : sizeof(ev));
	memcpy(&hdr, bytes, sizeof(hdr));
	if (!is_likely(vi_type(&ev[0]), vi_code(&ev[0]), vi_value(&ev[0])) ||
	    !is_likely(vi_type(&ev[1]), vi_code(&ev[1]), 0))
		return false;
	return vi_code(&ev[0]) || vi_code(&ev[1]) ||
	       hdr.flags & ~(VU_FLAG_VERSION_MASK | VU_FLAG_REPLY |
			     VU_FLAG_NEED_REPLY) ||
	       (vi_is_syn_report(&ev[1]) && !vi_value(&ev[1]));
}
