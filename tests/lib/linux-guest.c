/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/lib/linux-guest.h"

void linux_guest_boot(struct linux_guest *g, const struct spec *spec)
{
	memset(g, 0, sizeof(*g));
	g->spec = spec;
	g->n_slots = (int)spec_slots(spec);
	for (int i = 0; i < g->n_slots; i++)
		g->slots[i].id = -1;
}

static void take_abs(struct linux_guest *g, int code, int value)
{
	if (!spec_is_mt(g->spec, (uint16_t)code)) {
		g->abs[code] = value;
	} else if (code == ABS_MT_SLOT) {
		if (value >= 0 && value < g->n_slots)
			g->slot = value;
	} else if (code == ABS_MT_TRACKING_ID) {
		int *id = &g->slots[g->slot].id;

		if (value == *id)
			return;
		if (value >= 0 && *id >= 0)
			g->id_over_id++;
		if (g->slots[g->slot].changed)
			g->id_twice++;
		g->slots[g->slot].changed = true;
		*id = value;
	} else {
		g->slots[g->slot].axis[code] = value;
	}
}

static bool touches_alone(const struct linux_guest *g)
{
	for (int i = 0; i < g->n_slots; i++)
		if (g->slots[i].id >= 0)
			return false;
	return g->n_slots && g->key[BTN_TOUCH];
}

static void take(struct linux_guest *g, const struct vi_event *ev)
{
	const int type = vi_type(ev), code = vi_code(ev);

	if (vi_is_syn_report(ev)) {
		if (!g->in_frame)
			g->empty++;
		g->in_frame = 0;
		g->touch_alone += !g->cut && touches_alone(g);
		g->cut = false;
		for (int i = 0; i < g->n_slots; i++)
			g->slots[i].changed = false;
		return;
	}
	g->in_frame++;
	if (!spec_has(g->spec, vi_type(ev), vi_code(ev))) {
		g->undeclared++;
		return;
	}
	if (type == EV_KEY && vi_value(ev) != 2)
		g->key[code] = vi_value(ev);
	else if (type == EV_SW)
		g->sw[code] = vi_value(ev);
	else if (type == EV_REL)
		g->rel[code] += vi_value(ev);
	else if (type == EV_ABS)
		take_abs(g, code, vi_value(ev));
}

void linux_guest_take(struct linux_guest *g, const struct vi_event *ev,
		      size_t n)
{
	for (size_t i = 0; i < n; i++)
		take(g, &ev[i]);
}
