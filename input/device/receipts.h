/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an injector that has said HELLO asked for (control.h): receipts, frames
 * that wait, notices. Each of its frames that is merged adds to what happened
 * since the last receipt; a receipt is owed from then until the driver has
 * returned the buffers of the frame. Pure: the owner sends the answers.
 *
 *	frame merged ─► now ──RECEIPT──► owed ──taken──► answer
 *
 * Positions count the events that the guest was sent: device.count.events_out.
 */
#ifndef VINPUT_RECEIPTS_H
#define VINPUT_RECEIPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/control.h"
#include "input/device/event.h"

/* What happened to frames: COUNT by CONTROL_FOLDED and the like. */
struct receipts_tally {
	bool no_driver;
	uint32_t n[CONTROL_WHATS];
	struct vi_event unknown; /* one of n[CONTROL_UNDECLARED], if any */
};

struct receipt {
	uint32_t number;
	uint64_t at; /* the position after the frame that it is in */
	struct receipts_tally tally;
};

struct receipts {
	struct receipts_tally now;   /* since the last one */
	struct receipts_tally carry; /* of answers that could not be sent */
	bool hello_sent;
	bool watch;	 /* wants DRIVER ... */
	int driver_sent; /* ... and knows this one; -1: none */
	/* LOSSLESS: 0 not, -1 without a limit, else milliseconds. */
	int32_t lossless_ms;
	uint64_t waits_since_ms; /* 0: no frame of it waits */
	bool expired;		 /* the limit has passed in this stall */
	/* Position after all of its frames that were merged. */
	uint64_t frame_end;
	bool has_last;
	uint32_t last;	       /* the last number that was owed */
	unsigned int first, n; /* owed: n from first on */
	struct receipt owed[CONTROL_OWED_MAX];
};

/* Events of an answer: a COUNT each, UNKNOWN, RECEIPT. */
#define RECEIPTS_ANSWER_MAX (CONTROL_WHATS + 2)

/* Return: on the heap (pages that are not used cost nothing), or NULL. */
struct receipts *receipts_new(void);

/* This happened to n more of them. undeclared: the last one that was. */
void receipts_note(struct receipts *r, enum control_what what, uint64_t n);
void receipts_note_undeclared(struct receipts *r, uint64_t n,
			      const struct vi_event *undeclared);

/* A frame of it was merged; the guest has all of it at this position. */
void receipts_merged(struct receipts *r, uint64_t position);

/* RECEIPT was merged. Return: whether it is owed now; if not, it is lost. */
bool receipts_ask(struct receipts *r, uint32_t number);

/*
 * The frame that ends past this position will not be sent: only the state that
 * it leads to (no_driver false), or not even that.
 */
void receipts_fold_after(struct receipts *r, uint64_t position, bool no_driver);

/*
 * The driver has gone with all that it had not processed. taken: the position
 * up to which it had; position: that of the last event that it was sent.
 */
void receipts_driver_gone(struct receipts *r, uint64_t taken,
			  uint64_t position);

/* Return: one that is owed, the i-th oldest. */
static inline const struct receipt *receipts_owed(const struct receipts *r,
						  unsigned int i)
{
	return &r->owed[(r->first + i) % CONTROL_OWED_MAX];
}

/*
 * Return: whether more than i are owed, and the i-th oldest is for this
 * position or an earlier one.
 */
static inline bool receipts_due(const struct receipts *r, unsigned int i,
				uint64_t taken)
{
	return i < r->n && receipts_owed(r, i)->at <= taken;
}

/* Write the answer to the i-th oldest. Return: the number of events. */
size_t receipts_answer(const struct receipts *r, unsigned int i,
		       struct vi_event ev[RECEIPTS_ANSWER_MAX]);
/* The n oldest are no longer owed: their answers were sent, or are lost. */
void receipts_answered(struct receipts *r, unsigned int n, bool sent);

#endif
