/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   read ─► next ─────────────────────────────────────────► now
 *            a driver whose queues are stopped selects      and then
 *            something, so that `seen` is set               starts
 *
 * A driver reads the configuration space between its reset and its start. One
 * that starts without having read it, as after a suspend, knows only the old
 * device, and keeps it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "input/serve/spec-change.h"

void spec_change_init(struct spec_change *c, const struct spec *now)
{
	*c = (struct spec_change){ .now = now };
}

void spec_change_fini(struct spec_change *c)
{
	free(c->own);
	free(c->next);
	c->own = c->next = NULL;
	spec_change_settle(c);
}

void spec_change_set_reader(struct spec_change *c, spec_read_fn *read,
			    const void *arg)
{
	c->read = read;
	c->arg = arg;
}

static bool is_same_axis(const struct spec_abs *a, const struct spec_abs *b)
{
	return a->min == b->min && a->max == b->max && a->fuzz == b->fuzz &&
	       a->flat == b->flat && a->res == b->res &&
	       a->has_rest == b->has_rest && a->unclamped == b->unclamped &&
	       (!a->has_rest || a->rest == b->rest) &&
	       a->has_initial == b->has_initial &&
	       (!a->has_initial || a->initial == b->initial);
}

static bool has_same_axes(const struct spec *a, const struct spec *b)
{
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (spec_has(a, EV_ABS, code) &&
		    !is_same_axis(&a->abs[code], &b->abs[code]))
			return false;
	return true;
}

static bool has_same_repeat(const struct spec *a, const struct spec *b)
{
	return a->has_repeat == b->has_repeat &&
	       (!a->has_repeat || (a->repeat_delay_ms == b->repeat_delay_ms &&
				   a->repeat_period_ms == b->repeat_period_ms));
}

static bool is_same_spec(const struct spec *a, const struct spec *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->serial, b->serial) &&
	       !memcmp(&a->ids, &b->ids, sizeof(a->ids)) &&
	       !memcmp(a->props, b->props, sizeof(a->props)) &&
	       !memcmp(a->bits, b->bits, sizeof(a->bits)) &&
	       a->exact == b->exact &&
	       !memcmp(a->initial_sw, b->initial_sw, sizeof(a->initial_sw)) &&
	       has_same_axes(a, b) && has_same_repeat(a, b);
}

static void set_next(struct spec_change *c, struct spec *next)
{
	free(c->next);
	c->next = next;
	c->seen = false;
}

int spec_change_read(struct spec_change *c)
{
	struct spec *fresh;
	int r = 1;

	if (!c->read)
		return 0;
	fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	if (c->read(fresh, c->arg)) {
		r = -EINVAL;
	} else if (is_same_spec(fresh, c->next ? c->next : c->now)) {
		r = 0;
	} else if (is_same_spec(fresh, c->now)) {
		set_next(c, NULL);
	} else {
		set_next(c, fresh);
		fresh = NULL;
	}
	free(fresh);
	return r;
}

const struct spec *spec_change_look(struct spec_change *c, bool runs)
{
	if (!c->next || runs)
		return c->now;
	c->seen = true;
	return c->next;
}

void spec_change_reset(struct spec_change *c)
{
	c->seen = false;
}

const struct spec *spec_change_start(struct spec_change *c)
{
	if (!c->seen)
		return NULL;
	spec_change_settle(c);
	c->was = c->own;
	c->now = c->own = c->next;
	c->next = NULL;
	c->seen = false;
	return c->now;
}

void spec_change_settle(struct spec_change *c)
{
	free(c->was);
	c->was = NULL;
}
