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

static uint32_t add_saturated(uint32_t a, uint32_t b)
{
	return a + b < a ? UINT32_MAX : a + b;
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

void receipts_ask(struct receipts *r, uint32_t number, uint64_t at)
{
	r->asked++;
	if (r->n == CONTROL_OWED_MAX) {
		r->lost++;
		r->now.n[CONTROL_LOST]++;
		return;
	}
	*receipts_at(r, r->n++) =
		(struct receipt){ .number = number, .at = at, .tally = r->now };
	r->now = (struct receipts_tally){ 0 };
	r->last = number;
	r->has_last = true;
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
	tally->n[CONTROL_FOLDED]++;
	tally->no_driver |= no_driver;
}

void receipts_driver_gone(struct receipts *r, uint64_t position)
{
	receipts_fold_after(r, position, true);
	for (unsigned int i = 0; i < r->n; i++)
		receipts_at(r, i)->tally.no_driver = true;
}

size_t receipts_answer(const struct receipts *r,
		       struct vi_event ev[RECEIPTS_ANSWER_MAX])
{
	const struct receipt *owed = &r->owed[r->first];
	struct receipts_tally tally = r->carry;
	uint16_t bits;
	size_t n = 0;

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

void receipts_answered(struct receipts *r, bool sent)
{
	const struct receipt *owed = &r->owed[r->first];

	if (sent) {
		r->carry = (struct receipts_tally){ 0 };
	} else {
		tally_add(&r->carry, &owed->tally);
		r->carry.n[CONTROL_LOST]++;
		r->lost++;
	}
	r->first = (r->first + 1) % CONTROL_OWED_MAX;
	r->n--;
}
