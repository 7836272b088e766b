/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "input/base/hot.h"
#include "input/device/device-ledger.h"

static int64_t within(int64_t sum)
{
	return sum > GUEST_VIEW_MOTION_MAX    ? GUEST_VIEW_MOTION_MAX
	       : sum < -GUEST_VIEW_MOTION_MAX ? -GUEST_VIEW_MOTION_MAX
					      : sum;
}

void device_ledger_load(struct device *dev)
{
	struct device_ledger *l = &dev->ledger;

	persistent_ledger_load(dev->persistent, &l->last, &l->before);
	/* The file may say anything. */
	for (unsigned int code = 0; code < REL_CNT; code++) {
		l->last.owed[code] = within(l->last.owed[code]);
		l->before.owed[code] = within(l->before.owed[code]);
	}
	l->undecided = l->last.ring;
	l->awaits = l->undecided && l->last.runs;
}

static void add_motion_of(int64_t *sum, const struct vi_event *ev, size_t n,
			  int sign)
{
	for (size_t i = 0; i < n; i++)
		if (vi_type(&ev[i]) == EV_REL)
			sum[vi_code(&ev[i]) % REL_CNT] +=
				sign * (int64_t)vi_value(&ev[i]);
}

/* A frame that is kept is taken again whole, any other is not. */
static void motion_owed(const struct device *dev, int64_t *owed)
{
	const struct guest_view *view = &dev->view;

	memcpy(owed, view->rel, sizeof(view->rel));
	if (dev->retained)
		add_motion_of(owed, view->out.ev, view->done, -1);
	else
		add_motion_of(owed, guest_view_next(view),
			      guest_view_left(view), 1);
}

/*
 * A driver that has not come back by now is as if it had been shown everything:
 * only one of the two that are possible is kept.
 */
static void owe_as_before(const struct device_ledger *l,
			  struct persistent_ledger_entry *now)
{
	now->ring = true;
	now->at = l->last.at;
	for (unsigned int code = 0; code < REL_CNT; code++)
		now->owed[code] += l->last.owed[code] - l->again[code];
}

HOT void device_ledger_save(struct device *dev)
{
	struct device_ledger *l = &dev->ledger;
	struct persistent_ledger_entry now;
	uint32_t at;

	if (dev->sink.position && dev->sink.position(dev->sink.arg, &at)) {
		l->ring = true;
		l->at = at;
	}
	l->runs = dev->guest;
	now.ring = l->ring;
	now.runs = l->runs;
	now.at = l->at;
	motion_owed(dev, now.owed);
	if (l->undecided)
		owe_as_before(l, &now);
	persistent_ledger_save(dev->persistent, &now);
}

/*
 * By the source's events, since a process may merge a frame in other parts than
 * the one before it.
 */
void device_ledger_again(struct device *dev, struct persistent_source *ps,
			 const struct vi_event *ev, size_t n)
{
	const size_t len = n * sizeof(*ev);
	const size_t again = len < ps->unsure ? len : ps->unsure;

	ps->unsure -= again;
	for (size_t i = 0; i < again / sizeof(*ev); i++)
		if (spec_has(dev->spec, vi_type(&ev[i]), vi_code(&ev[i])))
			add_motion_of(dev->ledger.again, &ev[i], 1, 1);
}

bool device_ledger_knows(const struct device *dev, uint32_t at, bool *shown)
{
	const struct device_ledger *l = &dev->ledger;

	*shown = l->last.at == at;
	return l->undecided &&
	       (*shown || (l->before.ring && l->before.at == at));
}

void device_ledger_settle(struct device *dev, bool shown)
{
	struct device_ledger *l = &dev->ledger;
	const int64_t *owed = shown ? l->last.owed : l->before.owed;

	for (uint16_t code = 0; code < REL_CNT; code++) {
		if (!spec_has(dev->spec, EV_REL, code))
			continue;
		int64_t sum = dev->view.rel[code] + owed[code];

		if (shown)
			sum -= l->again[code];
		dev->view.rel[code] = within(sum);
	}
	device_ledger_drop(dev);
}

void device_ledger_drop(struct device *dev)
{
	struct persistent *p = dev->persistent;

	dev->ledger.undecided = dev->ledger.awaits = false;
	for (unsigned int i = 0; p && i < p->n; i++)
		p->source[i].unsure = 0;
}
