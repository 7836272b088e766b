/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of the persistent file, which another build of this program MUST
 * be able to read or to reject: a head, then a place for each inherited
 * injector. All fields have a fixed width, are little-endian, and are at
 * offsets that are asserted below. A change of the layout requires another
 * PERSISTENT_VERSION. persistent.h says how the file is used.
 *
 * One part belongs to the kernel: recvmmsg(2) sets msg_len of its struct
 * mmsghdr in the same system call in which it takes the bytes from the socket.
 * So that struct is in the file, with its msg_len, in the byte order of the
 * host, at read_len. The rest of it, pointers included, is written by each
 * process before use, and a successor MUST NOT read it.
 */
#ifndef VINPUT_PERSISTENT_FORMAT_H
#define VINPUT_PERSISTENT_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include "input/device/source.h"

#define PERSISTENT_MAGIC   UINT64_C(0x657461747376) /* "vstate" */
#define PERSISTENT_VERSION 2

/* struct state_contact */
struct persistent_contact {
	uint32_t id_le; /* negative: no contact */
	uint16_t known_le;
	uint16_t zero;
	uint32_t axis_le[14]; /* ABS_MT_TOUCH_MAJOR .. ABS_MT_TOOL_Y */
};

#define PERSISTENT_MIDWAY 0x100 /* merge_source.midway */

/* What a source holds: what a successor needs of struct merge_source. */
struct persistent_held {
	uint64_t abs_known_le;
	uint32_t slots_le; /* valid contact[]s; 0: no MT event was sent */
	uint32_t says_le;  /* merge_source.says | PERSISTENT_MIDWAY */
	uint8_t key[96];
	uint32_t abs_le[64];
	struct persistent_contact contact[64];
};

enum persistent_use {
	PERSISTENT_FREE,
	PERSISTENT_USED, /* by a source */
};

#define PERSISTENT_PACKETS 1 /* message boundaries matter */
#define PERSISTENT_ASKS	   2 /* the injector has said HELLO (control.h) */

struct persistent_place {
	uint32_t use_le;  /* enum persistent_use */
	uint32_t form_le; /* PERSISTENT_PACKETS, PERSISTENT_ASKS */
	/*
	 * buf[head..tail) was received and not delivered: head is in bits 0 to
	 * 23, tail in 24 to 47. Bits 48 to 55: the slot that was selected at
	 * head, plus one; 0 for none. Bit 56: the ledger that head agrees with.
	 */
	uint64_t pos_le;
	uint32_t held_at_le; /* index of the active one in held[] */
	uint32_t read_at_le; /* the tail when the last read began */
	uint8_t mmsghdr_begin[56];
	uint32_t read_len; /* bytes that this read took, not yet in tail */
	uint8_t mmsghdr_end[4];
	/* By how much each ledger moves head. */
	uint32_t ledger_len_le[2];
	struct persistent_held held[2];
	uint8_t buf[SOURCE_BUF_LEN];
};

#define PERSISTENT_RING 1 /* at_le is valid */
#define PERSISTENT_RUNS 2 /* the driver is running, and so is its eventq */

/*
 * What the driver has of relative motion, by the position of its eventq: the
 * one thing that is not the same if the guest gets it twice. One of two is
 * active. It becomes that before the ring gets to at_le, so that the other one
 * is valid as long as the ring is not there.
 */
struct persistent_ledger {
	uint32_t flags_le;
	uint32_t at_le; /* position, as of SET_VRING_BASE */
	uint64_t
		known_le; /* bits of REL codes: those of owed_le[] that count */
	uint64_t owed_le[16]; /* signed; beside what the sources' bytes have */
};

struct persistent_head {
	uint64_t magic_le;
	uint32_t version_le;
	uint32_t place_len_le; /* sizeof(struct persistent_place) */
	uint32_t places_le;
	uint16_t mt_axes_le; /* merge.mt_axes */
	uint16_t next_id_le; /* merge.next_id */
	/* Of the device: switches and axes. */
	uint64_t abs_known_le;
	uint32_t abs_le[64];
	uint8_t sw[8];
	/* Those that a source has set: merge.abs_said, merge.sw_said. */
	uint64_t abs_said_le;
	uint8_t sw_said[8];
	uint64_t ledger_at_le; /* index of the active one in ledger[] */
	struct persistent_ledger ledger[2];
	struct persistent_place place[];
};

#define PERSISTENT_AT(type, field, offset)                                    \
	_Static_assert(offsetof(struct persistent_##type, field) == (offset), \
		       "the file's format")

PERSISTENT_AT(contact, known_le, 4);
PERSISTENT_AT(contact, axis_le, 8);
PERSISTENT_AT(held, slots_le, 8);
PERSISTENT_AT(held, says_le, 12);
PERSISTENT_AT(held, key, 16);
PERSISTENT_AT(held, abs_le, 112);
PERSISTENT_AT(held, contact, 368);
PERSISTENT_AT(place, form_le, 4);
PERSISTENT_AT(place, pos_le, 8);
PERSISTENT_AT(place, held_at_le, 16);
PERSISTENT_AT(place, read_at_le, 20);
PERSISTENT_AT(place, mmsghdr_begin, 24);
PERSISTENT_AT(place, read_len, 80);
PERSISTENT_AT(place, ledger_len_le, 88);
PERSISTENT_AT(place, held, 96);
PERSISTENT_AT(place, buf, 9024);
PERSISTENT_AT(ledger, at_le, 4);
PERSISTENT_AT(ledger, known_le, 8);
PERSISTENT_AT(ledger, owed_le, 16);
PERSISTENT_AT(head, version_le, 8);
PERSISTENT_AT(head, place_len_le, 12);
PERSISTENT_AT(head, places_le, 16);
PERSISTENT_AT(head, mt_axes_le, 20);
PERSISTENT_AT(head, next_id_le, 22);
PERSISTENT_AT(head, abs_known_le, 24);
PERSISTENT_AT(head, abs_le, 32);
PERSISTENT_AT(head, sw, 288);
PERSISTENT_AT(head, abs_said_le, 296);
PERSISTENT_AT(head, sw_said, 304);
PERSISTENT_AT(head, ledger_at_le, 312);
PERSISTENT_AT(head, ledger, 320);
PERSISTENT_AT(head, place, 608);
_Static_assert(sizeof(struct persistent_contact) == 64, "the file's format");
_Static_assert(sizeof(struct persistent_held) == 4464, "the file's format");
_Static_assert(sizeof(struct persistent_place) == 107336, "the file's format");

/* The process' structs fit into the file's. */
_Static_assert(STATE_MT_AXES == 14 && SPEC_SLOTS_MAX == 64, "contacts fit");
_Static_assert(KEY_CNT == 768 && ABS_CNT == 64 && SW_CNT <= 64 && REL_CNT == 16,
	       "codes fit");
_Static_assert(sizeof(struct persistent_ledger) == 144, "the file's format");
_Static_assert(SOURCE_BUF_LEN < 1 << 24, "a position has 24 bits");
_Static_assert(offsetof(struct mmsghdr, msg_len) <= 56 &&
		       sizeof(struct mmsghdr) <=
			       offsetof(struct mmsghdr, msg_len) + 8,
	       "the kernel's msg_len can be put at read_len");

#endif
