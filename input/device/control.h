/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control events: what an injector and the server tell each other on the
 * injection socket beside input. They have the form of an event, with a type
 * that no input event has, and stand in frames like events: a server that does
 * not know them drops them as undeclared. An injector that never sends HELLO
 * gets none, and what it sends with such a type is undeclared.
 *
 * Injector to server. Everything but HELLO and RING is ignored before a HELLO.
 * All but RECEIPT act when they are received, also while frames before them
 * wait. Of HELLO, NAME, CANCEL and HELD, several that are received at once are
 * answered as one: the last CANCEL.
 *
 *	HELLO     code CONTROL_VERSION, value CONTROL_MAGIC. The first event of
 *	          its frame. LOSSLESS and WATCH are off after it
 *	LOSSLESS  value: for how many ms at most this injector's frames wait
 *	          for a guest that takes nothing, instead of being folded;
 *	          0: not at all (the default), -1: without a limit
 *	RECEIPT   value: any number. Answered when all that this injector sent
 *	          before it, and the frame it is in, has been taken: its buffers
 *	          were returned to the guest's driver, which made them available
 *	          again
 *	WATCH     value 1 or 0: send DRIVER now, whenever it changes, and when
 *	          another driver has started, or not
 *	NAME      send the device's name
 *	CANCEL    value: any number. Drop those of this injector's frames before
 *	          the one it is in of which the guest has been sent nothing
 *	HELD      send which modifier keys other injectors hold
 *	RING      code CONTROL_RING_ASK, value CONTROL_MAGIC: may this injector
 *	          offer a ring? The first event of its frame, once. If it may,
 *	          code CONTROL_RING_OFFER, sent with two fds (SCM_RIGHTS): the
 *	          ring's memory file and event fd, see
 *	          input/injection/ring-layout.h
 *
 * Server to injector, as whole events, not in frames:
 *
 *	HELLO     code: its version, value CONTROL_MAGIC. Sent once more by a
 *	          server that has replaced another one behind an inherited
 *	          socket: receipts that were owed may never be answered, and
 *	          LOSSLESS and WATCH are off
 *	COUNT     code CONTROL_FOLDED and the like, value: how many since the
 *	          last RECEIPT. Belongs to the RECEIPT that follows
 *	UNKNOWN   code and value: code and type of an undeclared event. Belongs
 *	          to the RECEIPT that follows; at most one per RECEIPT
 *	RECEIPT   code: a bit 1 << CONTROL_x for each thing that happened to
 *	          what was sent since the last RECEIPT, 0: all was taken as it
 *	          was; value: the number. In the order of the requests
 *	DRIVER    value CONTROL_DRIVER_x
 *	NAME      code: an offset, value: the 4 bytes of the name there, the
 *	          first one lowest, 0 past the end. The last one has a 0
 *	CANCEL    code 1 if there was a receipt, answered or not, in what the
 *	          guest has been sent (or is being sent), value: the number of
 *	          the last such receipt. Later ones, up to the CANCEL, are not
 *	          answered
 *	HELD      value: a bit 1 << CONTROL_LEFT_CTRL and the like for each
 *	RING      code CONTROL_RING_ASK, value: how many events a ring can have,
 *	          0: none is accepted; code CONTROL_RING_OFFER, value 1: the
 *	          ring is accepted, 0: it is not; code CONTROL_RING_SPACE: it
 *	          has the space for which the injector waits
 *
 * After the first event in the ring, nothing is sent on the socket before the
 * server has taken all that is in the ring. What is sent then ends the ring.
 *
 * A server owes an injector at most CONTROL_OWED_MAX receipts; those beyond,
 * and those that find no space in the socket, are lost and counted.
 *
 * injector/README.md is the specification for others.
 */
#ifndef VINPUT_CONTROL_H
#define VINPUT_CONTROL_H

#include <stdbool.h>
#include "input/device/event.h"

enum control_type {
	CONTROL_FIRST = 0x8000,
	CONTROL_HELLO = CONTROL_FIRST,
	CONTROL_LOSSLESS,
	CONTROL_RECEIPT,
	CONTROL_WATCH,
	CONTROL_NAME,
	CONTROL_CANCEL,
	CONTROL_COUNT,
	CONTROL_UNKNOWN,
	CONTROL_DRIVER,
	CONTROL_HELD,
	CONTROL_RING,
};

#define CONTROL_VERSION	 1
#define CONTROL_MAGIC	 0x706e6976 /* "vinp" */
#define CONTROL_OWED_MAX 1024

/* Of COUNT, and as bits of RECEIPT. */
enum control_what {
	CONTROL_NO_DRIVER,  /* only a bit: there was no driver to take it */
	CONTROL_FOLDED,	    /* frames: only the state that they led to */
	CONTROL_UNDECLARED, /* events: not in the device's spec */
	CONTROL_CLAMPED,    /* values out of range */
	CONTROL_DROPPED,    /* events of contacts for which there was no slot */
	CONTROL_LOST,	    /* receipts that were not answered */
	CONTROL_CANCELLED,  /* frames */
	CONTROL_WHATS,
};

/* Of RING. */
enum control_ring {
	CONTROL_RING_ASK,
	CONTROL_RING_OFFER,
	CONTROL_RING_SPACE,
};

enum control_driver {
	CONTROL_DRIVER_NO_VMM,
	CONTROL_DRIVER_NONE,	/* a VMM, but no driver has the device */
	CONTROL_DRIVER_RUNNING, /* takes events */
};

/* Of HELD; in the order of a USB keyboard's report. */
enum control_modifier {
	CONTROL_LEFT_CTRL,
	CONTROL_LEFT_SHIFT,
	CONTROL_LEFT_ALT,
	CONTROL_LEFT_META,
	CONTROL_RIGHT_CTRL,
	CONTROL_RIGHT_SHIFT,
	CONTROL_RIGHT_ALT,
	CONTROL_RIGHT_META,
	CONTROL_MODIFIERS,
};

static inline bool control_is(const struct vi_event *ev)
{
	return vi_type(ev) >= CONTROL_FIRST;
}

#endif
