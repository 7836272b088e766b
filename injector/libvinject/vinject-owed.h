/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The receipts that a handle has asked for, in a ring, by number:
 *
 *	oldest ──── sent ──── framed ──── next
 *	 the server  │ folded,  │ in the unfinished
 *	 has them    │ not sent │ frame
 *
 * Answers come in the order of the numbers. A receipt that will not be answered
 * is marked with its fate, and reported when it is the oldest. Pure.
 */
#ifndef VINJECT_OWED_H
#define VINJECT_OWED_H

#include <stdbool.h>
#include <stdint.h>
#include "injector/libvinject/vinject.h"

struct vinject_owed {
	uint32_t oldest, sent, framed, next;
	struct vinject_owed_one {
		uint64_t sent_ns;
		unsigned int folded; /* frames, by the library */
		unsigned int fate;   /* VINJECT_*; 0: it may be answered */
		bool with_next;	     /* it was folded, and not sent itself */
	} one[VINJECT_OWED_MAX];     /* by the number, modulo */
	unsigned int folded;	     /* since the last frame with a receipt */
};

void vinject_owed_init(struct vinject_owed *o);

/* Of those that are owed. Return: whether a is before b. */
static inline bool vinject_owed_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* Return: false: as many as possible are owed. */
bool vinject_owed_ask(struct vinject_owed *o, uint32_t *number);
/* Whether the unfinished frame has a receipt. */
static inline bool vinject_owed_in_frame(const struct vinject_owed *o)
{
	return o->framed != o->next;
}
/*
 * The unfinished frame is finished. folded: how many frames were folded by it;
 * now_ns: the time, if it has a receipt.
 */
void vinject_owed_finish(struct vinject_owed *o, unsigned int folded,
			 uint64_t now_ns);
/* All that is framed was sent. */
void vinject_owed_sent(struct vinject_owed *o);
/* The same, but of what was folded only the last one, for all. */
void vinject_owed_sent_last(struct vinject_owed *o);
/* The unfinished frame will not be sent: nor will any that was asked for. */
void vinject_owed_close(struct vinject_owed *o);

/* Mark those that were sent from a number on, up to another one. */
void vinject_owed_mark(struct vinject_owed *o, uint32_t from, uint32_t to,
		       unsigned int fate);

/*
 * One is answered: mark those before it, which were skipped or went with
 * others. result: of the answer.
 */
void vinject_owed_skip(struct vinject_owed *o, uint32_t to,
		       unsigned int result);

/* Return: whether this one was sent and is neither answered nor reported. */
bool vinject_owed_has(const struct vinject_owed *o, uint32_t number);
/* Return: whether one before `end` may be answered; *number: the last one. */
bool vinject_owed_last(const struct vinject_owed *o, uint32_t end,
		       uint32_t *number);
/* Return: whether the oldest one will not be answered. */
bool vinject_owed_is_settled(const struct vinject_owed *o);
/*
 * Remove the oldest one, and write to *r what is known of it here: its number,
 * its fate, what was folded. Return: when it was sent.
 */
uint64_t vinject_owed_pop(struct vinject_owed *o, struct vinject_receipt *r);

#endif
