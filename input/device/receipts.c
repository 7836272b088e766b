/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "input/device/receipts.h"

struct receipts *receipts_new(void)
{
	struct receipts *r = calloc(1, sizeof(*r));

	if (r)
		r->driver_sent = -1;
	return r;
}

static struct receipt *receipts_at(struct receipts *r, unsigned int i)
{
	return &r->owed[(r->first + i) % CONTROL_OWED_MAX];
}

static uint32_t add_saturated(uint32_t sum, uint64_t more)
{
	return more < UINT32_MAX - sum ? sum + (uint32_t)more : UINT32_MAX;
}

static void tally_add(struct receipts_tally *sum,
		      const struct receipts_tally *more)
{
	if (!sum->n[CONTROL_UNDECLARED])
		sum->unknown = more->unknown;
	sum->no_driver |= more->no_driver;
	for (unsigned int i = 0; i < CONTROL_WHATS; i++)
		sum->n[i] = add_saturated(sum->n[i], more->n[i]);
}

void receipts_note(struct receipts *r, enum control_what what, uint64_t n)
{
	r->now.n[what] = add_saturated(r->now.n[what], n);
}

void receipts_note_undeclared(struct receipts *r, uint64_t n,
			      const struct vi_event *undeclared)
{
	if (n && !r->now.n[CONTROL_UNDECLARED])
		r->now.unknown = *undeclared;
	receipts_note(r, CONTROL_UNDECLARED, n);
}

/* A frame that was folded may overtake one that is on its way. */
void receipts_merged(struct receipts *r, uint64_t position)
{
	if (position > r->frame_end)
		r->frame_end = position;
}

bool receipts_ask(struct receipts *r, uint32_t number)
{
	if (r->n == CONTROL_OWED_MAX) {
		receipts_note(r, CONTROL_LOST, 1);
		return false;
	}
	*receipts_at(r, r->n++) = (struct receipt){ .number = number,
						    .at = r->frame_end,
						    .tally = r->now };
	r->now = (struct receipts_tally){ 0 };
	r->last = number;
	r->has_last = true;
	return true;
}

void receipts_fold_after(struct receipts *r, uint64_t position, bool no_driver)
{
	struct receipts_tally *tally = &r->now;

	if (r->frame_end <= position)
		return;
	r->frame_end = position;
	/* One frame is on its way: its receipts are the last ones. */
	for (unsigned int i = r->n; i && receipts_at(r, i - 1)->at > position;
	     i--) {
		receipts_at(r, i - 1)->at = position;
		tally = &receipts_at(r, i - 1)->tally;
	}
	tally->n[CONTROL_FOLDED] = add_saturated(tally->n[CONTROL_FOLDED], 1);
	tally->no_driver |= no_driver;
}

void receipts_driver_gone(struct receipts *r, uint64_t taken, uint64_t position)
{
	receipts_fold_after(r, position, true);
	/* Something that was sent after the last receipt was not taken. */
	if (r->frame_end > taken &&
	    (!r->n || r->frame_end > receipts_at(r, r->n - 1)->at))
		r->now.no_driver = true;
	for (unsigned int i = 0; i < r->n; i++)
		receipts_at(r, i)->tally.no_driver = true;
}

size_t receipts_answer(const struct receipts *r, unsigned int i,
		       struct vi_event ev[RECEIPTS_ANSWER_MAX])
{
	const struct receipt *owed = receipts_owed(r, i);
	struct receipts_tally tally = { 0 };
	uint16_t bits;
	size_t n = 0;

	if (!i)
		tally = r->carry;
	tally_add(&tally, &owed->tally);
	bits = tally.no_driver ? 1u << CONTROL_NO_DRIVER : 0;
	for (uint16_t what = 0; what < CONTROL_WHATS; what++) {
		if (!tally.n[what])
			continue;
		bits |= (uint16_t)(1u << what);
		ev[n++] = vi_event(CONTROL_COUNT, what, (int32_t)tally.n[what]);
	}
	if (tally.n[CONTROL_UNDECLARED])
		ev[n++] = vi_event(CONTROL_UNKNOWN, vi_code(&tally.unknown),
				   vi_type(&tally.unknown));
	ev[n++] = vi_event(CONTROL_RECEIPT, bits, (int32_t)owed->number);
	return n;
}

void receipts_answered(struct receipts *r, unsigned int n, bool sent)
{
	if (sent)
		r->carry = (struct receipts_tally){ 0 };
	for (unsigned int i = 0; i < n && !sent; i++)
		tally_add(&r->carry, &receipts_owed(r, i)->tally);
	if (!sent)
		r->carry.n[CONTROL_LOST] =
			add_saturated(r->carry.n[CONTROL_LOST], n);
	r->first = (r->first + n) % CONTROL_OWED_MAX;
	r->n -= n;
}
