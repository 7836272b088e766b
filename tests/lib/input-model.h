/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state that a device must be in according to merge.h, computed in a slow
 * and simple way: from everything each source sent. Tests compare it with the
 * state that a guest (linux-guest.h) reached.
 */
#ifndef VINPUT_TESTS_INPUT_MODEL_H
#define VINPUT_TESTS_INPUT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "input/device/event.h"
#include "input/device/type-a.h"
#include "input/spec/spec-read.h"
#include "tests/lib/linux-guest.h"
#include "tests/lib/random.h"

#define MODEL_SOURCES 4
#define MODEL_SLOTS   4 /* at most */

/* A contact of a source, whether the device has a slot for it or not. */
struct model_contact {
	int id;		   /* the source's, -1: none */
	int slot;	   /* the device's, -1: none */
	int left;	   /* where the last one in its slot was, -1: none */
	int axis[ABS_CNT]; /* by ABS_MT_ code */
	bool known[ABS_CNT];
	int age;
	int guest_id; /* -1: the guest has not seen it yet */
};

struct model_source {
	bool key[KEY_CNT];
	bool known[ABS_CNT];
	int abs[ABS_CNT];
	bool mt, sends_xy;
	bool says_touch, says_tools; /* it pressed them itself */
	bool midway;		     /* after model_part() */
	int slot;
	struct model_contact contact[MODEL_SLOTS];
	int attached; /* time of its first frame; 0: none yet */
};

struct model {
	const struct spec *spec; /* borrowed */
	int n_slots;
	struct model_source src[MODEL_SOURCES];
	int time;
	bool key[KEY_CNT]; /* last value sent */
	bool sw[SW_CNT];
	int abs[ABS_CNT];
	int abs_owner[ABS_CNT]; /* source, -1: none */
	bool used[ABS_CNT];	/* MT axes that any source has ever sent */
	long rel[REL_CNT];	/* summed up */
	unsigned int avoid;	/* bits: slots not for new contacts */
	bool touched;
	bool lifted; /* a contact, in the source's frame */
	/* Slots whose contact changed in the guest's frame so far. */
	unsigned int changed;
	int again; /* slot for the contact that comes next, plus one; 0: any */
	struct type_a type_a;
};

void model_init(struct model *m, const struct spec *spec);
/* A source sent n events, without their SYN_REPORT. */
void model_frame(struct model *m, int who, const struct vi_event *ev, size_t n);
/*
 * n events of a frame have been merged, so far. Of the next, a tracking ID,
 * only the lift of the contact that it replaces may have been.
 */
void model_part(struct model *m, int who, const struct vi_event *ev, size_t n);
void model_part_and_lift(struct model *m, int who, const struct vi_event *ev,
			 size_t n);
/* Return: the number of events of a frame without slots in `out`, with them. */
size_t model_convert(struct model *m, int who, const struct vi_event *ev,
		     size_t n, struct vi_event *out);
/* The source has disconnected; another may reuse its number. */
void model_gone(struct model *m, int who);

/*
 * The process was killed. The next one continues with what its persistent
 * sources held, in the same slots, and with switches and axes as they were.
 * Sources in `lost` (a bit mask) are gone.
 */
void model_reborn(struct model *m, unsigned int lost);

/* Return: whether it is one of those that follow the contacts. */
bool model_is_touch_key(int code);

/* Return: the contact in this slot of the device, or NULL; *who: its source. */
struct model_contact *model_contact_in(struct model *m, int slot, int *who);

/*
 * Which slot a contact has depends on what the guest knew when frames were
 * folded; this compares everything else. Return: whether the guest is as it
 * should be; otherwise `why` says what differs.
 */
bool model_matches(struct model *m, const struct linux_guest *g, char why[128]);
/* Return: whether the guest has seen whole frames only, and nothing odd. */
bool model_guest_is_sane(const struct linux_guest *g, char why[128]);

#endif
