/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program in the guest knows of a multi-touch device that it reads, and
 * what would confuse it as it would libevdev: a tracking ID replaced by
 * another, one ID in two slots, a BTN_TOUCH that does not follow the contacts
 * or changes twice in a frame. Pure.
 */
#ifndef VINPUT_TEST_VIEW_H
#define VINPUT_TEST_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include "input/device/event.h"
#include "input/spec/spec.h"

/* A fault: SYN_DROPPED. */
#define VIEW_LOST "the guest's kernel lost events"

struct view {
	bool watched; /* otherwise nothing is known, and nothing is wrong */
	bool has_touch, touch;	    /* BTN_TOUCH: declared, down */
	bool said_touch;	    /* by the frame that is being read */
	int slot;		    /* the selected one */
	int32_t id[SPEC_SLOTS_MAX]; /* -1: no contact */
};

/*
 * Begin with the agent's answers (agent.c) to "contacts" and "state".
 * has_touch: whether the device has BTN_TOUCH.
 */
void view_start(struct view *view, const char *contacts, const char *state,
		bool has_touch);

/* An event was read. Return: NULL or what is wrong with it. */
const char *view_event(struct view *view, const struct vi_event *ev);

#endif
