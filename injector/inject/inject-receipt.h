/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the guest's driver took of the frames that one device was sent. Each
 * frame asks for a receipt, and only a few frames are on their way at any time:
 * so the server can always read on, and withdraw what the guest has not been
 * sent when that is given up. What then counts as taken is exactly what the
 * guest has or finds in its queue.
 *
 *	begin ─► need_guest ─► command ─► ask, frame, ask, frame ... ─► give_up
 *			         ▲			 │
 *			         └─ until nothing is owed ─┘
 *
 * A server without receipts, or rules.off, makes all of this do nothing.
 */
#ifndef VINPUT_INJECT_RECEIPT_H
#define VINPUT_INJECT_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/inject/inject-latency.h"
#include "injector/libvinject/vinject.h"
#include "input/base/fault.h"

/* Frames that may be on their way: a guest's small queue holds them. */
#define INJECT_WINDOW 16
/* Events, unless it is one frame. A server can store a few times as many. */
#define INJECT_WINDOW_EVENTS VINJECT_FRAME_MAX
/* Undeclared events that are named. */
#define INJECT_NAMED_MAX 8

/* Of all devices of a run. */
struct inject_rules {
	bool off, measure;
	bool lenient;	   /* what the device cannot do is no failure */
	int wait_guest_ms; /* for a driver; 0: not at all; -1: forever */
	int guest_ms;	   /* for which a guest may take nothing; -1: forever */
	int read_ms;	   /* likewise for a server to read */
	/* Of the command that runs: */
	bool now_lenient;
	bool lasting;  /* it sets what the device keeps without a guest */
	bool pressure; /* it adds a pressure that nobody asked for */
};

/* How far a command got. */
struct inject_progress {
	uint64_t frames, events, chars;
	uint32_t ch; /* the last character */
};

struct inject_receipt {
	struct vinject *v;		  /* borrowed */
	const struct inject_rules *rules; /* borrowed */
	bool on;
	bool missing;	   /* a server that gives none; not yet reported */
	uint64_t chars;	   /* that the command will type; 0: none */
	uint32_t typing;   /* by the next frame; 0: none */
	bool unasked;	   /* the last frame was full */
	bool waits;	   /* frames wait for a guest that takes none */
	unsigned int due;  /* events that may be missing, not yet asked for */
	int64_t since_ns;  /* of the last progress, while something is owed */
	uint32_t answered; /* the last receipt that was */
	struct inject_progress sent, taken;
	/* By the number of their receipt, modulo: those that are owed. */
	struct inject_receipt_note {
		struct inject_progress sent;
		unsigned int optional; /* events that may be missing */
	} note[2 * INJECT_WINDOW];
	struct inject_latency latency;

	/* --- what happened, and is not yet reported --- */
	bool gone;    /* frames found no driver */
	bool kept;    /* likewise, but their state lasts */
	bool unknown; /* a server ended without an answer */
	uint64_t folded, clamped, dropped;
	uint32_t
		undeclared[INJECT_NAMED_MAX]; /* type << 16 | code; each once */
	size_t n_undeclared, n_reported;
	bool undeclared_more;
};

/* rules, v: borrowed. v MUST be open. Does nothing to wait for a guest. */
int inject_receipt_begin(struct inject_receipt *x, struct vinject *v,
			 const struct inject_rules *rules);
void inject_receipt_fini(struct inject_receipt *x); /* idempotent */

/*
 * Wait for a guest's driver if rules say so; a command that is not lasting
 * needs one. While there is one, frames wait for it. Return: 0; -ETIMEDOUT;
 * -ENODEV: there is none, see vinject_driver(); -EPIPE.
 */
int inject_receipt_need_guest(struct inject_receipt *x);

/* A command begins; nothing MUST be owed. */
void inject_receipt_command(struct inject_receipt *x);
/* The command will type so many characters. */
void inject_receipt_text(struct inject_receipt *x, uint64_t chars);
/* The next frame types a character. */
void inject_receipt_typing(struct inject_receipt *x, uint32_t ch);

/* Return: whether the frame that v has unfinished can be sent now. */
bool inject_receipt_has_room(const struct inject_receipt *x);
/* Ask for a receipt of the unfinished frame. Return: 0, -EPIPE. */
int inject_receipt_ask(struct inject_receipt *x);
/* Return: what was noted of a receipt that is owed. */
struct inject_receipt_note *inject_receipt_note(struct inject_receipt *x,
						uint32_t number);
/* Return: whether frames are on their way. */
bool inject_receipt_owed(const struct inject_receipt *x);
/*
 * Return: whether the guest is gone. One whose driver has only stopped can be
 * suspended, and resume.
 */
bool inject_receipt_guest_is_gone(const struct inject_receipt *x);
/* Return: when the guest has taken nothing for too long; INT64_MAX: never. */
int64_t inject_receipt_deadline_ns(const struct inject_receipt *x);

/*
 * Whether an event only accompanies others, so that a device need not have it.
 */
bool inject_event_is_optional(uint16_t type, uint16_t code);

#endif
