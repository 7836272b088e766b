/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is held is recorded twice: by each source, and summed up in struct
 * merge: holders[] counts the sources that hold a key, axis_owner[] and
 * slot_owner[] point to the source that moved an axis last and to a contact's.
 * A frame changes both, in O(1) per event; merge_release() undoes the source's
 * part.
 *
 * merge_emit_*() appends an event to the outgoing frame and applies it to
 * m->now. Only merge*.c use them.
 */
#ifndef VINPUT_MERGE_HELD_H
#define VINPUT_MERGE_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "input/device/frame.h"
#include "input/device/state.h"
#include "input/spec/spec.h"

/*
 * A source that has pressed BTN_TOUCH or one of BTN_TOOL_FINGER to QUINTTAP.
 * Who sends the latter sends all of them.
 */
#define MERGE_SAYS_TOUCH 1
#define MERGE_SAYS_TOOLS 2
#define MERGE_SAYS_ALL	 (MERGE_SAYS_TOUCH | MERGE_SAYS_TOOLS)

/*
 * What one source holds. Embedded in struct source; struct merge points to it
 * from its first merge_frame() to merge_release().
 */
struct merge_source {
	LIST_ENTRY(merge_source) link;
	bool attached; /* in merge.sources */
	bool mt;       /* has sent an MT event */
	bool sends_xy; /* sends ABS_X or ABS_Y itself */
	uint8_t says;  /* MERGE_SAYS_: touch keys that it sends itself */
	bool midway;   /* the rest of its frame is for another to the guest */
	int slot;      /* its selected slot, -1 after one out of range */
	int8_t slot_of[SPEC_SLOTS_MAX]; /* its slot → the device's, -1: none */
	int8_t left[SPEC_SLOTS_MAX];	/* the one its last contact was in */
	uint64_t abs_known;		/* axes it has moved */
	uint8_t key[KEY_CNT / 8];
	int32_t abs[ABS_CNT];
	/* By its slots, its IDs. Axes outlive a contact, as in a kernel. */
	struct state_contact contact[SPEC_SLOTS_MAX];
};

/* Of a source of the previous process: which contacts of the device it had. */
struct merge_slots {
	int8_t slot[SPEC_SLOTS_MAX]; /* by the source's: the device's; -1 */
	uint16_t id[SPEC_SLOTS_MAX]; /* tracking ID there */
	uint32_t age[SPEC_SLOTS_MAX];
};

struct merge_counters {
	uint64_t undeclared; /* events dropped: not in the spec */
	uint64_t clamped;    /* values changed */
	uint64_t bad_slot;   /* events dropped: slot out of range */
	uint64_t no_slot;    /* contacts dropped: all slots taken */
	uint64_t no_contact; /* MT axes without a contact in the slot */
	uint64_t empty;	     /* frames that came out empty */
};

/* What each frame needs is together: a page that is cold costs time. */
struct merge {
	struct state now;	 /* of all sources together */
	const struct spec *spec; /* borrowed */
	bool mt;		 /* the device has slots */
	bool touched;		 /* this frame changes contacts or touch keys */
	bool touch_keys_due;	 /* ... so that touch keys may have to follow */
	bool lifted;		 /* the source's frame has lifted one */
	bool merges_again;	 /* in merge_again() */
	const struct merge_slots
		*was;		/* ... of the previous process, or NULL */
	unsigned int n_control; /* for the caller, who sets it to 0 */
	LIST_HEAD(merge_sources, merge_source) sources;
	struct merge_counters count;
	struct vi_event undeclared; /* the last one */
	/* Those that a source has set, not only a snapshot. */
	uint8_t sw_said[(SW_CNT + 7) / 8];
	uint64_t abs_said;
	uint16_t holders[KEY_CNT]; /* how many sources hold the key */
	struct merge_source *axis_owner[ABS_CNT]; /* moved it last */

	/* Contacts (merge-touch.c, merge-settle.c). */
	uint64_t live; /* the device's slots with a contact */
	struct merge_source *slot_owner[SPEC_SLOTS_MAX];
	uint64_t slot_age[SPEC_SLOTS_MAX]; /* smaller is older */
	uint64_t next_age;
	uint16_t next_id;
	uint16_t mt_axes;   /* bits of state_contact.axis that were ever sent */
	uint8_t touch_keys; /* bits of touch_key[] that the contacts hold */
	uint64_t fresh;	  /* the source's slots with a new contact this frame */
	uint64_t changed; /* slots whose tracking ID this frame changed */
	int again; /* slot for the contact that the next frame begins with, plus
		    * one; 0: any */
	/*
	 * Slots in which the guest still has an older contact: given to a new
	 * one only if no other is free, so that the resync needs no second
	 * frame: see merge_lifts_first(). Set by guest-view.h while folded,
	 * else 0.
	 */
	uint64_t avoid_slots;
	/* In the frame: control.h. FRAME_EVENTS_MAX of the caller's. */
	struct vi_event *control;
};

/*
 * Write the frame with which a source comes to hold what this one does.
 * ev: FRAME_EVENTS_MAX + 1 of them. Return: the number of events.
 */
size_t merge_held_frame(const struct merge_source *held, struct vi_event *ev);

/* Return: whether a key is down for a source other than this one. */
static inline bool merge_others_hold(const struct merge *m,
				     const struct merge_source *src,
				     uint16_t key)
{
	return m->holders[key] > bit_test(src->key, key);
}

static inline void merge_emit_key(struct merge *m, uint16_t code, int32_t value,
				  struct frame *out)
{
	bit_assign(m->now.key, code, value);
	frame_add(out, EV_KEY, code, value);
}

static inline void merge_emit_abs(struct merge *m, uint16_t code, int32_t value,
				  struct frame *out)
{
	m->now.abs[code] = value;
	m->now.abs_known |= (uint64_t)1 << code;
	m->abs_said |= (uint64_t)1 << code;
	frame_add(out, EV_ABS, code, value);
}

/* Return: the value with which to merge an EV_ABS event; slot -1 is none. */
static inline int32_t merge_admit(struct merge *m, const struct vi_event *ev)
{
	const struct frame_abs abs =
		frame_check_abs(m->spec, vi_code(ev), vi_value(ev));

	if (abs.verdict == FRAME_BAD_SLOT) {
		m->count.bad_slot++;
		return -1;
	}
	m->count.clamped += abs.verdict == FRAME_CLAMPED;
	return abs.value;
}

/* What merge_touch() takes. */
static inline bool merge_is_mt(const struct merge *m, uint16_t code)
{
	return code >= ABS_MT_SLOT && code <= ABS_MT_TOOL_Y && m->mt;
}

#endif
