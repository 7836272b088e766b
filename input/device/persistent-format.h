/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of the persistent file, which another build of this program MUST
 * be able to read or to reject: a head with two ledgers, then a place for each
 * inherited injector. All fields have a fixed width, are little-endian, and are
 * at offsets that are asserted below. A change of the layout requires another
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
#include "input/device/frame.h"
#include "input/device/source.h"

#define PERSISTENT_MAGIC   UINT64_C(0x657461747376) /* "vstate" */
#define PERSISTENT_VERSION 3

/* struct state_contact of a source, and which one of the device it is. */
struct persistent_contact {
	uint32_t id_le; /* negative: no contact */
	uint16_t known_le;
	uint16_t slot_le; /* the device's, plus one; 0: it has none */
	uint16_t device_id_le;
	uint16_t zero;
	uint32_t age_le;      /* merge.slot_age */
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
	uint32_t socket_le;  /* the injector's: persistent_source.socket */
	uint32_t read_at_le; /* the tail when the last read began */
	uint8_t mmsghdr_begin[56];
	uint32_t read_len; /* bytes that this read took, not yet in tail */
	uint8_t mmsghdr_end[4];
	/*
	 * By how much each ledger moves head, in bits 0 to 23, and the slot
	 * that is selected there, plus one, in bits 24 to 31.
	 */
	uint32_t ledger_len_le[2];
	struct persistent_held held[2]; /* with each ledger */
	uint8_t buf[SOURCE_BUF_LEN];
};

#define PERSISTENT_RING	       1  /* at_le is valid */
#define PERSISTENT_RUNS	       2  /* the driver is running, and its eventq */
#define PERSISTENT_CERTAIN     4  /* guest_view.belief */
#define PERSISTENT_RESYNC      8  /* guest_view.resync */
#define PERSISTENT_CUT	       16 /* guest_view.cut */
#define PERSISTENT_CUT_CONTACT 32

/* struct state_contact, as the guest has it. */
struct persistent_seen {
	uint32_t id_le;
	uint16_t known_le;
	uint16_t zero;
	uint32_t axis_le[14];
};

/*
 * The device, and what its guest has been sent, when its eventq is at at_le.
 * One of two is active. It becomes that before the ring gets there, so that the
 * other one is valid as long as the ring is not there.
 */
struct persistent_ledger {
	uint32_t flags_le;
	uint32_t at_le;	       /* position, as of SET_VRING_BASE */
	uint16_t mt_axes_le;   /* merge.mt_axes */
	uint16_t next_id_le;   /* merge.next_id */
	uint32_t rest_le;      /* events of rest[] */
	uint64_t abs_known_le; /* of the device: switches and axes */
	uint8_t sw[8];
	/* Those that a source has set: merge.abs_said, merge.sw_said. */
	uint64_t abs_said_le;
	uint8_t sw_said[8];
	/* Motion that is in no frame yet, for the codes that are known. */
	uint64_t known_le;
	uint64_t owed_le[16]; /* signed */
	uint32_t abs_le[64];
	/* guest_view.state */
	uint64_t seen_abs_known_le;
	uint8_t seen_sw[8];
	uint8_t seen_key[96];
	uint32_t seen_abs_le[64];
	uint32_t seen_slot_le;	/* -1: unknown */
	uint32_t seen_slots_le; /* valid seen[]s */
	struct persistent_seen seen[64];
	struct vi_event rest[FRAME_OUT_MAX]; /* of the frame on its way */
};

struct persistent_head {
	uint64_t magic_le;
	uint32_t version_le;
	uint32_t place_len_le; /* sizeof(struct persistent_place) */
	uint32_t places_le;
	uint32_t zero;
	uint64_t ledger_at_le; /* index of the active one in ledger[] */
	struct persistent_ledger ledger[2];
	struct persistent_place place[];
};

#define PERSISTENT_AT(type, field, offset)                                    \
	_Static_assert(offsetof(struct persistent_##type, field) == (offset), \
		       "the file's format")

PERSISTENT_AT(contact, known_le, 4);
PERSISTENT_AT(contact, slot_le, 6);
PERSISTENT_AT(contact, device_id_le, 8);
PERSISTENT_AT(contact, age_le, 12);
PERSISTENT_AT(contact, axis_le, 16);
PERSISTENT_AT(held, slots_le, 8);
PERSISTENT_AT(held, says_le, 12);
PERSISTENT_AT(held, key, 16);
PERSISTENT_AT(held, abs_le, 112);
PERSISTENT_AT(held, contact, 368);
PERSISTENT_AT(place, form_le, 4);
PERSISTENT_AT(place, pos_le, 8);
PERSISTENT_AT(place, socket_le, 16);
PERSISTENT_AT(place, read_at_le, 20);
PERSISTENT_AT(place, mmsghdr_begin, 24);
PERSISTENT_AT(place, read_len, 80);
PERSISTENT_AT(place, ledger_len_le, 88);
PERSISTENT_AT(place, held, 96);
PERSISTENT_AT(place, buf, 10048);
PERSISTENT_AT(seen, known_le, 4);
PERSISTENT_AT(seen, axis_le, 8);
PERSISTENT_AT(ledger, at_le, 4);
PERSISTENT_AT(ledger, mt_axes_le, 8);
PERSISTENT_AT(ledger, next_id_le, 10);
PERSISTENT_AT(ledger, rest_le, 12);
PERSISTENT_AT(ledger, abs_known_le, 16);
PERSISTENT_AT(ledger, sw, 24);
PERSISTENT_AT(ledger, abs_said_le, 32);
PERSISTENT_AT(ledger, sw_said, 40);
PERSISTENT_AT(ledger, known_le, 48);
PERSISTENT_AT(ledger, owed_le, 56);
PERSISTENT_AT(ledger, abs_le, 184);
PERSISTENT_AT(ledger, seen_abs_known_le, 440);
PERSISTENT_AT(ledger, seen_sw, 448);
PERSISTENT_AT(ledger, seen_key, 456);
PERSISTENT_AT(ledger, seen_abs_le, 552);
PERSISTENT_AT(ledger, seen_slot_le, 808);
PERSISTENT_AT(ledger, seen_slots_le, 812);
PERSISTENT_AT(ledger, seen, 816);
PERSISTENT_AT(ledger, rest, 4912);
PERSISTENT_AT(head, version_le, 8);
PERSISTENT_AT(head, place_len_le, 12);
PERSISTENT_AT(head, places_le, 16);
PERSISTENT_AT(head, ledger_at_le, 24);
PERSISTENT_AT(head, ledger, 32);
PERSISTENT_AT(head, place, 206464);
_Static_assert(sizeof(struct persistent_contact) == 72, "the file's format");
_Static_assert(sizeof(struct persistent_held) == 4976, "the file's format");
_Static_assert(sizeof(struct persistent_place) == 108360, "the file's format");
_Static_assert(sizeof(struct persistent_seen) == 64, "the file's format");
_Static_assert(sizeof(struct persistent_ledger) == 103216, "the file's format");

/* The process' structs fit into the file's. */
_Static_assert(STATE_MT_AXES == 14 && SPEC_SLOTS_MAX == 64, "contacts fit");
_Static_assert(KEY_CNT == 768 && ABS_CNT == 64 && SW_CNT <= 64 && REL_CNT == 16,
	       "codes fit");
_Static_assert(SOURCE_BUF_LEN < 1 << 24, "a position has 24 bits");
_Static_assert(offsetof(struct mmsghdr, msg_len) <= 56 &&
		       sizeof(struct mmsghdr) <=
			       offsetof(struct mmsghdr, msg_len) + 8,
	       "the kernel's msg_len can be put at read_len");

#endif
