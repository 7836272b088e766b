/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledgers in the persistent file (persistent.h): the device as it is when
 * the guest's eventq is at a position, what the guest has been sent then, and
 * how far the sources have been read. A batch writes the inactive one, makes it
 * active, and only then is published. So a successor that finds the ring knows
 * whether the last batch is one that the guest has, and continues with that
 * ledger or with the one before. Pure.
 */
#ifndef VINPUT_PERSISTENT_LEDGER_H
#define VINPUT_PERSISTENT_LEDGER_H

#include "input/device/guest-view.h"
#include "input/device/persistent.h"

struct persistent_place_of_ring {
	bool ring;   /* `at` is valid: a driver has been served */
	bool runs;   /* it is running */
	uint32_t at; /* the position of its eventq */
};

/*
 * Write the ledger. MUST precede the publishing of what was put into the
 * eventq. All sources MUST be committed with persistent_source_shown() after
 * it.
 */
void persistent_ledger_save(struct persistent *p,
			    const struct persistent_place_of_ring *at,
			    const struct merge *m,
			    const struct guest_view *view);
/* As persistent_source_commit(), after the publishing. */
void persistent_source_shown(const struct persistent *p,
			     struct persistent_source *ps);

enum persistent_which {
	PERSISTENT_LAST,   /* if the eventq is there */
	PERSISTENT_BEFORE, /* otherwise */
};

/*
 * What the previous process left. view: as after guest_view_init(); what is not
 * of its spec is left out.
 */
void persistent_ledger_load(const struct persistent *p,
			    enum persistent_which which,
			    struct persistent_place_of_ring *at,
			    struct guest_view *view);
/*
 * The last batch was not published: the ledger before it is the active one, and
 * the last one now.
 */
void persistent_ledger_roll_back(struct persistent *p);

/*
 * Of the active ledger: switches and axes, except axes with a rest: those are
 * held by sources, which are resumed or gone.
 */
void persistent_state_load(const struct persistent *p, const struct spec *spec,
			   struct state *now);
/* What else merge.h knows of what was sent before. */
void persistent_merge_load(const struct persistent *p, struct merge *m);

#endif
