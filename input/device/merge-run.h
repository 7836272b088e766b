/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The usual case of merge.h, without a copy: frames that the guest gets as they
 * are. The device has no slots, the source is the only one, and the frames have
 * nothing but declared keys that are pressed or released, and declared motion.
 * Pure.
 *
 * Between merge_run_begin() and merge_run_end() only the source knows of them,
 * so that the guest can get them first.
 */
#ifndef VINPUT_MERGE_RUN_H
#define VINPUT_MERGE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/merge-held.h"

struct merge_run {
	const struct vi_event *ev;
	size_t n;	    /* events, of which the last is SYN_REPORT */
	size_t frames;	    /* set by merge_run_begin() */
	unsigned int words; /* ... of the keys in it, for merge_run_end() */
};

/* Return: whether frames of this source, beginning with this one, may pass. */
static inline bool merge_can_run(const struct merge *m,
				 const struct merge_source *src,
				 const struct vi_event *ev)
{
	return !m->mt && (vi_type(ev) == EV_KEY || vi_type(ev) == EV_REL) &&
	       LIST_FIRST(&m->sources) == src && !LIST_NEXT(src, link);
}

/*
 * Then look how many of the run's frames do, and set run->n to the number of
 * their events. If it is not 0, merge_run_end() MUST be called before anything
 * else is merged.
 */
void merge_run_begin(const struct merge *m, struct merge_source *src,
		     struct merge_run *run);
void merge_run_end(struct merge *m, const struct merge_source *src,
		   const struct merge_run *run);

/*
 * The most usual run by itself, also if there are other sources: a key. Return:
 * whether this frame of two events passes; then merge_pass_key() MUST follow.
 */
static inline bool merge_key_passes(const struct merge *m,
				    const struct merge_source *src,
				    const struct vi_event ev[2])
{
	const uint16_t key = vi_code(ev);

	return !m->mt && src->attached && vi_type(ev) == EV_KEY &&
	       spec_has(m->spec, EV_KEY, key) && (uint32_t)vi_value(ev) <= 1 &&
	       !merge_others_hold(m, src, key) && vi_is_syn_report(&ev[1]) &&
	       !vi_value(&ev[1]);
}

static inline void merge_pass_key(struct merge *m, struct merge_source *src,
				  const struct vi_event *ev)
{
	const uint16_t key = vi_code(ev);
	const bool down = vi_value(ev);

	m->holders[key] = down;
	bit_assign(src->key, key, down);
	bit_assign(m->now.key, key, down);
}

/* Motion that the device has: in no state, so nothing is to be merged. */
static inline bool merge_is_motion(const struct merge *m,
				   const struct vi_event *ev)
{
	return vi_type(ev) == EV_REL && spec_has(m->spec, EV_REL, vi_code(ev));
}

/* As merge_key_passes(), for a frame of motion. n: at least 2. */
static inline bool merge_motion_passes(const struct merge *m,
				       const struct merge_source *src,
				       const struct vi_event *ev, size_t n)
{
	size_t i = 0;

	while (i < n - 1 && merge_is_motion(m, &ev[i]))
		i++;
	return i == n - 1 && src->attached && vi_is_syn_report(&ev[i]) &&
	       !vi_value(&ev[i]);
}

#endif
