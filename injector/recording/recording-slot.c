/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Without a head that says it, the slot is the one in which something happens
 * later to a contact that never began: it is lifted or moved there. A kernel
 * would not name it while it is the current slot, so it is not the one that is
 * named first, unless that contact was there all the time.
 */
#include <errno.h>
#include <string.h>
#include "injector/libvinject/vinject.h"
#include "injector/recording/event-word.h"
#include "injector/recording/recording-slot.h"

void recording_slot_line(struct recording_slot *slot, const char *line)
{
	static const char event[] = "Event code 47 (ABS_MT_SLOT)";
	static const char value[] = "Value ";

	line += strspn(line, "# \t");
	if (slot->here && strncmp(line, value, strlen(value)) == 0) {
		line += strlen(value);
		line += strspn(line, " \t");
		slot->known = !event_word_number(line, 0, VINJECT_SLOTS_MAX - 1,
						 &slot->value);
	}
	slot->here = strcmp(line, event) == 0;
}

static bool is_contact(const struct vi_event *ev)
{
	return vi_type(ev) == EV_ABS && vi_code(ev) >= ABS_MT_SLOT &&
	       vi_code(ev) <= ABS_MT_TOOL_Y;
}

static bool names_slot(const struct vi_event *ev)
{
	return is_contact(ev) && vi_code(ev) == ABS_MT_SLOT;
}

static bool begins_contact(const struct vi_event *ev)
{
	return vi_code(ev) == ABS_MT_TRACKING_ID && vi_value(ev) >= 0;
}

/*
 * Some HID devices have so many axes that they reach into the codes of
 * contacts. As libevdev does, tell them by the code before ABS_MT_SLOT.
 */
static void find_plain(struct recording *rec)
{
	for (size_t i = 0; !rec->plain && i < rec->n; i++)
		rec->plain = vi_type(&rec->event[i].ev) == EV_ABS &&
			     vi_code(&rec->event[i].ev) == ABS_MT_SLOT - 1;
}

/* Return: the index of the first event of contacts; rec->n: there are none. */
static size_t first_of_contacts(const struct recording *rec)
{
	size_t i = 0;

	while (i < rec->n && (rec->plain || !is_contact(&rec->event[i].ev)))
		i++;
	return i;
}

/* at: of the first event. Return: the slot. */
static int infer_slot(const struct recording *rec, size_t at)
{
	bool began[VINJECT_SLOTS_MAX] = { false };
	int slot = -1, first = -1, free = 0;

	for (; at < rec->n; at++) {
		const struct vi_event *ev = &rec->event[at].ev;

		if (!is_contact(ev))
			continue;
		if (names_slot(ev))
			slot = vi_value(ev) < VINJECT_SLOTS_MAX ? vi_value(ev)
								: -1;
		else if (slot >= 0 && begins_contact(ev))
			began[slot] = true;
		else if (slot >= 0 && !began[slot])
			return slot;
		if (first < 0)
			first = slot;
	}
	while (free < VINJECT_SLOTS_MAX - 1 && (began[free] || free == first))
		free++;
	return free;
}

int recording_slot_name(struct recording *rec,
			const struct recording_slot *head, struct fault *f)
{
	struct vi_event ev;
	size_t at;
	int slot;

	find_plain(rec);
	at = first_of_contacts(rec);
	if (at == rec->n || names_slot(&rec->event[at].ev))
		return 0;
	slot = head->known ? (int)head->value : infer_slot(rec, at);
	ev = vi_event(EV_ABS, ABS_MT_SLOT, slot);
	return recording_insert(rec, at, &ev, f);
}

int recording_slot_check(const struct recording *rec, struct recording_fault *f)
{
	for (size_t i = 0; i < rec->n; i++) {
		if (!event_word_check_slot(&rec->event[i].ev, &f->why))
			continue;
		recording_locate(f, rec, rec->event[i].line);
		return -EINVAL;
	}
	return 0;
}
