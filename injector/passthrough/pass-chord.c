/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "injector/passthrough/pass-chord.h"
#include "input/base/hot.h"
#include "input/spec/spec-names.h"
#include "input/spec/spec.h"

/* --- reading --- */

/* "leftctrl" is KEY_LEFTCTRL, "btn_side" BTN_SIDE. Return: the key, or -1. */
static int key_of(const char *word, char name[40])
{
	int key;

	snprintf(name, 40, "KEY_%.32s", word);
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	key = names_to_code(EV_KEY, name);
	return key >= 0 ? key : names_to_code(EV_KEY, name + 4);
}

/* The word at *text, up to a separator. *text: behind it, NULL: at the end. */
static int next_key(const char **text, char separator, struct fault *why)
{
	const char *end = strchrnul(*text, separator);
	char word[33], name[40];
	int key;

	snprintf(word, sizeof(word), "%.*s", (int)(end - *text), *text);
	*text = *end ? end + 1 : NULL;
	key = key_of(word, name);
	/* No device has KEY_RESERVED. */
	return key > 0 ? key
		       : fault_set(why, "no such key: %.32s%s", word,
				   fault_hint(names_near_code(EV_KEY, name)));
}

static int add_key(struct pass_chord *c, unsigned int key, struct fault *why)
{
	if (pass_chord_has(c, key))
		return fault_set(why, "%s is named twice",
				 names_code(EV_KEY, key));
	if (c->n == PASS_CHORD_KEYS)
		return fault_set(why, "more than %d keys", PASS_CHORD_KEYS);
	c->key[c->n++] = (uint16_t)key;
	return 0;
}

int pass_chord_read(struct pass_chord *c, const char *text, struct fault *why)
{
	int r = 0;

	*c = (struct pass_chord){ 0 };
	while (text && r >= 0) {
		r = next_key(&text, '+', why);
		if (r >= 0)
			r = add_key(c, (unsigned int)r, why);
	}
	return r < 0 ? r : 0;
}

int pass_chord_read_keys(uint8_t keys[KEY_CNT / 8], const char *text,
			 struct fault *why)
{
	while (text) {
		int key = next_key(&text, ',', why);

		if (key < 0)
			return key;
		bit_set(keys, (unsigned int)key);
	}
	return 0;
}

/* --- playing --- */

bool pass_chord_has(const struct pass_chord *c, unsigned int key)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->key[i] == key)
			return true;
	return false;
}

static bool is_modifier(uint16_t key)
{
	switch (key) {
	case KEY_LEFTCTRL:
	case KEY_RIGHTCTRL:
	case KEY_LEFTSHIFT:
	case KEY_RIGHTSHIFT:
	case KEY_LEFTALT:
	case KEY_RIGHTALT:
	case KEY_LEFTMETA:
	case KEY_RIGHTMETA:
		return true;
	}
	return false;
}

/* Return: whether fast typing looks like it. */
static bool needs_hold(const struct pass_chord *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (is_modifier(c->key[i]))
			return false;
	return c->n > 1;
}

static HOT void chord_press(struct pass_chord *c, uint16_t key, int64_t time_us)
{
	if (!c->n_down)
		c->spoilt = c->together = c->short_hold = false;
	bit_set(c->down, key);
	c->n_down++;
	if (!pass_chord_has(c, key) || c->together)
		c->spoilt = true;
	if (c->n_down == c->n && !c->spoilt) {
		c->together = true;
		c->since_us = time_us;
	}
}

/* Return: whether the chord was played. */
static HOT bool chord_release(struct pass_chord *c, uint16_t key,
			      int64_t time_us)
{
	if (c->n_down == c->n && needs_hold(c) &&
	    time_us - c->since_us < PASS_CHORD_HOLD_US)
		c->short_hold = true;
	bit_clear(c->down, key);
	c->n_down--;
	return !c->n_down && c->together && !c->spoilt && !c->short_hold;
}

HOT bool pass_chord_event(struct pass_chord *c, uint16_t key, int32_t value,
			  int64_t time_us)
{
	if (!c->n || key >= KEY_CNT || value < 0 || value > 1 ||
	    bit_test(c->down, key) == value)
		return false;
	if (!value)
		return chord_release(c, key, time_us);
	chord_press(c, key, time_us);
	return false;
}

bool pass_chord_sync(struct pass_chord *c, const uint8_t down[KEY_CNT / 8],
		     int64_t time_us)
{
	bool played = false;

	for (uint16_t key = 0; key < KEY_CNT; key++)
		if (bit_test(down, key))
			pass_chord_event(c, key, 1, time_us);
	for (uint16_t key = 0; key < KEY_CNT; key++)
		if (!bit_test(down, key))
			played |= pass_chord_event(c, key, 0, time_us);
	return played;
}

bool pass_chord_unsure(const struct pass_chord *c)
{
	return c->together || (c->spoilt && c->n_down);
}
