/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "injector/passthrough/pass-device-chords.h"
#include "input/base/hot.h"
#include "input/base/log.h"

/* One look for each read, not at each chord. */
void pass_device_note_chords(struct pass_device *d)
{
	unsigned int chords = 0;

	for (int c = 0; c < PASS_COMMANDS; c++)
		chords |= (unsigned int)!!d->chord[c].n << c;
	d->chords = chords;
}

/* Played twice is not played. */
static void note_played(struct pass_device *d, int command, bool played)
{
	d->played ^= (unsigned int)played << command;
}

static HOT void watch_key(struct pass_device *d, const struct input_event *ev)
{
	for (unsigned int left = d->chords; left; left &= left - 1) {
		const int c = __builtin_ctz(left);

		note_played(d, c,
			    pass_chord_event(&d->chord[c], ev->code, ev->value,
					     d->event_us));
	}
}

HOT void pass_device_watch(struct pass_device *d, const struct input_event *ev,
			   size_t n)
{
	for (size_t i = 0; i < n; i++) {
		d->event_us = ev[i].input_event_sec * INT64_C(1000000) +
			      ev[i].input_event_usec;
		if (ev[i].type == EV_KEY)
			watch_key(d, &ev[i]);
	}
}

/* Keys whose events were lost, or are masked. */
void pass_device_sync_chords(struct pass_device *d,
			     const uint8_t down[KEY_CNT / 8])
{
	for (int c = 0; c < PASS_COMMANDS; c++)
		note_played(d, c,
			    pass_chord_sync(&d->chord[c], down, d->event_us));
}

static bool chords_are_unsure(const struct pass_device *d)
{
	bool unsure = false;

	for (int c = 0; c < PASS_COMMANDS; c++)
		unsure |= pass_chord_unsure(&d->chord[c]);
	return unsure;
}

/*
 * Only where it matters: EVIOCGKEY drops the queued events of keys, since it
 * tells what they lead to; and with them a chord that is played meanwhile.
 */
int pass_device_look(struct pass_device *d)
{
	uint8_t down[KEY_CNT / 8];
	int r;

	if (!chords_are_unsure(d))
		return 0;
	r = pass_node_keys(&d->node, down);
	if (!r)
		pass_device_sync_chords(d, down);
	return r;
}

/* While the host has it, only what can be part of the chords is read. */
void pass_device_mask(struct pass_device *d)
{
	uint8_t keys[KEY_CNT / 8] = { 0 };
	int r;

	for (int c = 0; c < PASS_COMMANDS; c++)
		for (size_t i = 0; i < d->chord[c].n; i++)
			bit_set(keys, d->chord[c].key[i]);
	r = pass_node_mask(&d->node, d->to_guest ? NULL : keys);
	if (r)
		log_line(LOG_DEBUG, CULPRIT_HOST, "%s: EVIOCSMASK: %s", d->path,
			 strerror(-r));
}

/* Tell the owner which chord was played: of several, the most important. */
void pass_device_report(struct pass_device *d)
{
	const int last = 31 - __builtin_clz(d->played);

	d->played = 0;
	d->owner->played(d, (enum pass_command)last);
}
