/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chord: keys that, pressed together in any order, mean something to us.
 * Pure.
 *
 * It counts when all of its keys and no other one were down at once, and then
 * all are up again, without another key since the first one came down. So it
 * ends on the side where it began, and is not a part of a longer shortcut. A
 * key whose events are masked only counts as another one if it is seen to be
 * down while pass_chord_unsure(): to look for it at each event would lose
 * chords that are played meanwhile. If
 * none of its keys is a modifier, fast typing looks the same for a moment: then
 * they MUST be down together for PASS_CHORD_HOLD_US. A single key counts at
 * once.
 */
#ifndef VINPUT_PASS_CHORD_H
#define VINPUT_PASS_CHORD_H

#include <linux/input-event-codes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/base/fault.h"

#define PASS_CHORD_KEYS	   8
#define PASS_CHORD_HOLD_US 100000

struct pass_chord {
	uint16_t key[PASS_CHORD_KEYS];
	size_t n; /* 0: there is no chord */

	uint8_t down[KEY_CNT / 8];
	unsigned int n_down;
	bool spoilt;	  /* another key was down since all were up */
	bool together;	  /* all keys have been down at once */
	bool short_hold;  /* and were let go too soon */
	int64_t since_us; /* since when they were */
};

/* "leftctrl+scrolllock", "KEY_F12". Return: 0 or -EINVAL. */
int pass_chord_read(struct pass_chord *c, const char *text, struct fault *why);
/* "mute,volumeup": the bits of such keys are set. Return: 0 or -EINVAL. */
int pass_chord_read_keys(uint8_t keys[KEY_CNT / 8], const char *text,
			 struct fault *why);
bool pass_chord_has(const struct pass_chord *c, unsigned int key);

/* A key came down (value 1) or up (0). Return: whether the chord was played. */
bool pass_chord_event(struct pass_chord *c, uint16_t key, int32_t value,
		      int64_t time_us);
/*
 * These keys are down now: for events that were lost, or masked. Return: as
 * above.
 */
bool pass_chord_sync(struct pass_chord *c, const uint8_t down[KEY_CNT / 8],
		     int64_t time_us);
/*
 * Return: whether keys whose events are masked decide if it is being played: it
 * is complete, or another key was down.
 */
bool pass_chord_unsure(const struct pass_chord *c);

#endif
