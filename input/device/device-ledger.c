/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "input/base/container.h"
#include "input/base/hot.h"
#include "input/device/device-control.h"
#include "input/device/device-ledger.h"

/* Not of a new file: it is on pages of its own, and so is the view. */
static void ledger_load_before(struct device *dev)
{
	guest_view_init(&dev->view_before, dev->spec);
	persistent_ledger_load(dev->persistent, PERSISTENT_BEFORE,
			       &dev->ledger.before, &dev->view_before);
}

void device_ledger_load(struct device *dev)
{
	struct device_ledger *l = &dev->ledger;

	persistent_merge_load(dev->persistent, &dev->merge);
	persistent_state_load(dev->persistent, dev->spec, &dev->merge.now);
	persistent_ledger_load(dev->persistent, PERSISTENT_LAST, &l->last,
			       &dev->view);
	memcpy(l->motion, dev->view.rel, sizeof(l->motion));
	l->undecided = l->last.ring;
	if (l->undecided)
		ledger_load_before(dev);
	l->awaits = l->keeps = l->undecided && l->last.runs;
	/* As long as we have not served one. */
	l->last.runs = false;
}

void device_ledger_resume(struct device *dev, struct persistent_source *ps,
			  size_t n)
{
	struct merge *m = &dev->merge;

	if (n) {
		m->was = &ps->was;
		merge_again(m, &ps->src->held, dev->converted, n, &dev->unseen);
		m->was = NULL;
	}
	persistent_state_load(dev->persistent, dev->spec, &m->now);
}

WARM void device_ledger_save(struct device *dev)
{
	struct device_ledger *l = &dev->ledger;
	uint32_t at;

	if (dev->sink.position && dev->sink.position(dev->sink.arg, &at)) {
		l->last.ring = true;
		l->last.at = at;
	}
	l->last.runs = dev->guest;
	persistent_ledger_save(dev->persistent, &l->last, &dev->merge,
			       &dev->view);
}

/* --- the sources --- */

static void ledger_add_motion(int64_t *sum, const struct vi_event *ev, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (vi_type(&ev[i]) == EV_REL)
			sum[vi_code(&ev[i]) % REL_CNT] += vi_value(&ev[i]);
}

/* The guest has what these bytes led to, and so has what the source holds. */
static void skip_unsure(struct device *dev, struct persistent_source *ps)
{
	struct device_source *src =
		container_of(ps->src, struct device_source, src);
	const size_t n = ps->unsure / sizeof(struct vi_event);
	const struct vi_event *ev =
		(const void *)(src->src.buf + src->src.head);

	ledger_add_motion(dev->ledger.skipped, ev, n);
	device_control_passed(src, n);
	persistent_source_skip(dev->persistent, ps);
	if (!src->waiting || src->gone || source_frame(&src->src, &ev))
		return;
	TAILQ_REMOVE(&dev->waiting, src, link);
	src->waiting = false;
}

static void skip_all_unsure(struct device *dev)
{
	struct persistent *p = dev->persistent;

	for (unsigned int i = 0; i < p->n; i++)
		if (p->source[i].src)
			skip_unsure(dev, &p->source[i]);
}

/* Those that are not in the file have nothing merged yet. */
static void merge_as_before(struct device *dev)
{
	struct persistent *p = dev->persistent;

	for (unsigned int i = 0; i < p->n; i++)
		if (p->source[i].src)
			merge_release(&dev->merge, &p->source[i].src->held,
				      &dev->unseen);
	persistent_merge_load(p, &dev->merge);
	for (unsigned int i = 0; i < p->n; i++)
		if (p->source[i].src)
			device_ledger_resume(
				dev, &p->source[i],
				persistent_source_again(p, &p->source[i],
							dev->converted));
}

/* --- the driver --- */

/*
 * The last batch did not reach the guest. Frames that were folded since are in
 * the state, and their motion is in the view: that of the batch is added.
 */
static void ledger_roll_back(struct device *dev)
{
	struct device_ledger *l = &dev->ledger;
	struct guest_view *view = &dev->view_before;

	if (l->awaits) {
		persistent_ledger_roll_back(dev->persistent);
		merge_as_before(dev);
	}
	for (uint16_t code = 0; code < REL_CNT; code++)
		if (spec_has(dev->spec, EV_REL, code))
			view->rel[code] = guest_view_limit(
				view->rel[code] + dev->view.rel[code] -
				l->motion[code] + l->skipped[code]);
	dev->view = *view;
	l->last = l->before;
}

static void ledger_settle_all(struct device *dev)
{
	struct persistent *p = dev->persistent;

	dev->ledger.undecided = dev->ledger.awaits = false;
	for (unsigned int i = 0; i < p->n; i++)
		if (p->source[i].src)
			persistent_source_settle(p, &p->source[i]);
}

bool device_ledger_returned(struct device *dev, uint32_t at, bool used)
{
	struct device_ledger *l = &dev->ledger;

	if (!l->undecided)
		return false;
	if (l->last.at == at)
		skip_all_unsure(dev);
	else if (used && l->before.ring && l->before.at == at)
		ledger_roll_back(dev);
	else
		return false;
	ledger_settle_all(dev);
	return true;
}

void device_ledger_assume(struct device *dev)
{
	dev->ledger.keeps = false;
	if (!dev->ledger.awaits)
		return;
	skip_all_unsure(dev);
	dev->ledger.awaits = false;
}

void device_ledger_drop(struct device *dev)
{
	if (dev->ledger.undecided)
		ledger_settle_all(dev);
	dev->ledger.keeps = false;
}
