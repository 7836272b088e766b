/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection stays open until the next one, or until nobody looks: one to
 * another machine takes a while to be made.
 */
#include "injector/display/display-wake.h"
#include "input/base/clock.h"
#include "input/base/fd.h"

static void wake_close(struct display_wake *w)
{
	if (w->fd)
		close_fd(w->fd);
	w->fd = 0;
}

/* At its first place; whoever has several may be late. */
static void wake_connect(const struct display_address *a)
{
	int fd;

	wake_close(a->wake);
	fd = display_place_connect(&a->place[0]);
	if (fd >= 0)
		a->wake->fd = fd;
}

void display_wake_add(const struct display_address *a)
{
	a->wake->viewers++;
}

void display_wake_remove(const struct display_address *a)
{
	if (!--a->wake->viewers)
		wake_close(a->wake);
}

void display_wake_changed(const struct display_address *a)
{
	a->wake->changed = clock_s();
}

void displays_wake(const struct displays *d)
{
	const double now = clock_s();

	for (size_t i = 0; i < d->n; i++) {
		struct display_wake *w = d->at[i].wake;

		if (!w->viewers || now - w->changed < DISPLAY_WAKE_S ||
		    now - w->woken < DISPLAY_WAKE_S)
			continue;
		w->woken = now;
		wake_connect(&d->at[i]);
	}
}
