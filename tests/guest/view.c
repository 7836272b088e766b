/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same ID again in its slot is no fault: a kernel drops that, so it can
 * only come from between the agent's opening of the device and its answer.
 */
#include <linux/input.h>
#include <stdio.h>
#include <string.h>
#include "tests/guest/view.h"

void view_start(struct view *view, const char *contacts, const char *state,
		bool has_touch)
{
	char down[32];
	int at = 0, slot, id;

	snprintf(down, sizeof(down), "%d %d 1\n", EV_KEY, BTN_TOUCH);
	*view = (struct view){ .watched = true,
			       .has_touch = has_touch,
			       .touch = strstr(state, down) != NULL };
	for (int i = 0; i < SPEC_SLOTS_MAX; i++)
		view->id[i] = -1;
	sscanf(contacts, "at %d\n%n", &view->slot, &at);
	for (const char *line = contacts + at; *line;
	     line = strchr(line, '\n') + 1)
		if (sscanf(line, "%d %d", &slot, &id) == 2)
			view->id[slot] = id;
}

static const char *new_contact(struct view *view, int32_t id)
{
	const int32_t old = view->id[view->slot];

	if (id > UINT16_MAX)
		return "the tracking ID is large";
	if (old >= 0 && old != id)
		return "a tracking ID over another";
	for (int i = 0; i < SPEC_SLOTS_MAX; i++)
		if (i != view->slot && view->id[i] == id)
			return "a tracking ID that is another contact's";
	return NULL;
}

static const char *tracking_id(struct view *view, int32_t id)
{
	const char *wrong = id >= 0 ? new_contact(view, id) : NULL;

	view->id[view->slot] = id;
	return wrong;
}

static const char *axis(const struct view *view, unsigned int code)
{
	if (code < ABS_MT_TOUCH_MAJOR || code > ABS_MT_TOOL_Y ||
	    view->id[view->slot] >= 0)
		return NULL;
	return "a contact moves that is none";
}

static const char *btn_touch(struct view *view, bool down)
{
	const bool again = view->said_touch;

	view->touch = down;
	view->said_touch = true;
	return again ? "BTN_TOUCH twice in a frame" : NULL;
}

static const char *end_of_frame(const struct view *view)
{
	bool any = false;

	for (int i = 0; i < SPEC_SLOTS_MAX; i++)
		any |= view->id[i] >= 0;
	if (!view->has_touch || view->touch == any)
		return NULL;
	return any ? "BTN_TOUCH is up and a finger down"
		   : "BTN_TOUCH is down and no finger";
}

const char *view_event(struct view *view, const struct vi_event *ev)
{
	const unsigned int type = vi_type(ev), code = vi_code(ev);
	const int32_t value = vi_value(ev);

	if (type == EV_SYN && code == SYN_DROPPED)
		return VIEW_LOST;
	if (!view->watched)
		return NULL;
	if (type == EV_KEY && code == BTN_TOUCH)
		return btn_touch(view, value != 0);
	if (vi_is_syn_report(ev)) {
		view->said_touch = false;
		/*
		 * With another value it ends a frame that the kernel itself
		 * made.
		 */
		return value == 0 ? end_of_frame(view) : NULL;
	}
	if (type != EV_ABS)
		return NULL;
	if (code == ABS_MT_TRACKING_ID)
		return tracking_id(view, value);
	if (code != ABS_MT_SLOT)
		return axis(view, code);
	if (value < 0 || value >= SPEC_SLOTS_MAX)
		return "the slot is out of range";
	view->slot = value;
	return NULL;
}
