/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Linux's input core makes of the events that it receives: the other side
 * of the contract, written independently of our code. A value that does not
 * change has no effect, a slot's axes outlive its contact, a slot out of range
 * is ignored. It also counts what programs in a guest trip over.
 */
#ifndef VINPUT_TESTS_LINUX_GUEST_H
#define VINPUT_TESTS_LINUX_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include "input/device/event.h"
#include "input/spec/spec.h"

struct linux_guest {
	const struct spec *spec;
	bool key[KEY_CNT];
	bool sw[SW_CNT];
	int abs[ABS_CNT];
	int slot;
	int n_slots;
	struct {
		int id;
		bool changed;	   /* the ID, since the last SYN_REPORT */
		int axis[ABS_CNT]; /* by ABS_MT_ code */
	} slots[64];
	long rel[REL_CNT]; /* summed up */
	size_t in_frame;   /* events since the last SYN_REPORT */
	/* A new tracking ID on a live slot: libevdev drops that touch. */
	size_t id_over_id;
	/* It changed twice in a frame: libinput drops that touch. */
	size_t id_twice;
	/* BTN_TOUCH without a contact: a touch that is nowhere. */
	size_t touch_alone;
	bool cut; /* this frame was not sent whole: touch_alone does not count
		   */
	size_t undeclared;
	size_t empty; /* SYN_REPORT with nothing before it */
};

/* The driver has started: nothing is known. */
void linux_guest_boot(struct linux_guest *g, const struct spec *spec);
void linux_guest_take(struct linux_guest *g, const struct vi_event *ev,
		      size_t n);

#endif
