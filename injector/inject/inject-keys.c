/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "injector/inject/inject-keys.h"
#include "injector/libvinject/vinject.h"
#include "injector/recording/event-word.h"
#include "input/base/near.h"
#include "input/spec/spec-names.h"

#define WORD_MAX 48

struct alias {
	const char *name;
	uint16_t code;
};

/* In addition to the kernel's names, without KEY_. Symbols are those of us. */
static const struct alias keys[] = {
	{ "ctrl", KEY_LEFTCTRL },
	{ "control", KEY_LEFTCTRL },
	{ "rctrl", KEY_RIGHTCTRL },
	{ "shift", KEY_LEFTSHIFT },
	{ "rshift", KEY_RIGHTSHIFT },
	{ "alt", KEY_LEFTALT },
	{ "ralt", KEY_RIGHTALT },
	{ "altgr", KEY_RIGHTALT },
	{ "meta", KEY_LEFTMETA },
	{ "super", KEY_LEFTMETA },
	{ "win", KEY_LEFTMETA },
	{ "cmd", KEY_LEFTMETA },
	{ "rmeta", KEY_RIGHTMETA },
	{ "return", KEY_ENTER },
	{ "escape", KEY_ESC },
	{ "del", KEY_DELETE },
	{ "ins", KEY_INSERT },
	{ "pgup", KEY_PAGEUP },
	{ "pgdn", KEY_PAGEDOWN },
	{ "print", KEY_SYSRQ },
	{ "printscreen", KEY_SYSRQ },
	{ "caps", KEY_CAPSLOCK },
	{ "num", KEY_NUMLOCK },
	{ "scroll", KEY_SCROLLLOCK },
	{ "volup", KEY_VOLUMEUP },
	{ "voldown", KEY_VOLUMEDOWN },
	{ "bksp", KEY_BACKSPACE },
	{ "-", KEY_MINUS },
	{ "=", KEY_EQUAL },
	{ "[", KEY_LEFTBRACE },
	{ "]", KEY_RIGHTBRACE },
	{ "\\", KEY_BACKSLASH },
	{ ";", KEY_SEMICOLON },
	{ "'", KEY_APOSTROPHE },
	{ "`", KEY_GRAVE },
	{ ",", KEY_COMMA },
	{ ".", KEY_DOT },
	{ "/", KEY_SLASH },
	{ NULL, 0 },
};

/* Numbers as in browsers, then names. */
static const struct alias buttons[] = {
	{ "0", BTN_LEFT },
	{ "1", BTN_MIDDLE },
	{ "2", BTN_RIGHT },
	{ "3", BTN_SIDE },
	{ "4", BTN_EXTRA },
	{ "left", BTN_LEFT },
	{ "right", BTN_RIGHT },
	{ "middle", BTN_MIDDLE },
	{ "back", BTN_SIDE },
	{ "forward", BTN_EXTRA },
	{ "side", BTN_SIDE },
	{ "extra", BTN_EXTRA },
	{ NULL, 0 },
};

/* Numbers as in vinject_pad_button(). */
static const struct alias pad_buttons[] = {
	{ "a", 0 },	     { "b", 1 },	  { "x", 2 },
	{ "y", 3 },	     { "lb", 4 },	  { "rb", 5 },
	{ "lt", 6 },	     { "rt", 7 },	  { "back", 8 },
	{ "select", 8 },     { "start", 9 },	  { "ls", 10 },
	{ "rs", 11 },	     { "up", 12 },	  { "down", 13 },
	{ "left", 14 },	     { "right", 15 },	  { "dpad_up", 12 },
	{ "dpad_down", 13 }, { "dpad_left", 14 }, { "dpad_right", 15 },
	{ "guide", 16 },     { "home", 16 },	  { NULL, 0 },
};

/* Return: the code, -1: no such alias. */
static int alias_code(const struct alias *aliases, const char *name)
{
	for (; aliases->name; aliases++)
		if (strcasecmp(aliases->name, name) == 0)
			return aliases->code;
	return -1;
}

/* Return: the alias nearest to a mistyped one, or NULL. */
static const char *alias_near(const struct alias *aliases, const char *name)
{
	const char *words[64];
	size_t n = 0;

	for (; aliases->name; aliases++)
		if (aliases->name[1])
			words[n++] = aliases->name;
	words[n] = NULL;
	return near_word(words, name);
}

/* Return: the kernel's name nearest to a mistyped one, or NULL. */
static const char *code_name_near(unsigned int type, const char *prefix,
				  const char *name)
{
	char full[WORD_MAX + 8];

	snprintf(full, sizeof(full), "%s%.*s",
		 strncasecmp(name, prefix, strlen(prefix)) ? prefix : "",
		 WORD_MAX, name);
	return names_near_code(type, full);
}

/* Return: the code, -1: neither we nor the kernel have such a name. */
static int key_code(const char *name)
{
	int code = alias_code(keys, name);

	if (code < 0)
		code = event_word_code(EV_KEY, "KEY_", name);
	if (code < 0 && strncasecmp(name, "BTN_", 4) == 0)
		code = event_word_code(EV_KEY, "BTN_", name);
	return code;
}

static int keys_unknown(const char *name, struct fault *f)
{
	const char *near = alias_near(keys, name);

	if (!near)
		near = code_name_near(EV_KEY, "KEY_", name);
	return fault_set(f, "unknown key %.48s%s", name, fault_hint(near));
}

/* Return: the number of keys, or a negative errno. */
static int read_key(struct inject_keysyms *keysyms, const char *name,
		    uint16_t key[INJECT_WAY_MAX + 1], struct fault *f)
{
	int code = key_code(name);
	int n = -ENOENT;

	if (code < 0 || keysyms->preferred)
		n = inject_keysym_keys(keysyms, name, key, f);
	if (n == -ENOENT && code >= 0) {
		key[0] = (uint16_t)code;
		return 1;
	}
	return n == -ENOENT ? keys_unknown(name, f) : n;
}

/* Shift may be one of them already. */
static int combo_add(struct inject_combo *combo, uint16_t key, struct fault *f)
{
	for (size_t i = 0; i < combo->n; i++)
		if (combo->key[i] == key)
			return 0;
	if (combo->n == INJECT_COMBO_MAX)
		return fault_set(f, "more than %d keys at the same time",
				 INJECT_COMBO_MAX);
	combo->key[combo->n++] = key;
	return 0;
}

int inject_combo_read(struct inject_combo *combo, const char *word,
		      struct inject_keysyms *keysyms, struct fault *f)
{
	const char *end;
	int r = 0;

	combo->n = 0;
	do {
		uint16_t key[INJECT_WAY_MAX + 1];
		char name[WORD_MAX + 1] = "";
		int n;

		end = strchrnul(word, '+');
		if (end == word)
			return fault_set(f, "missing key before or after +");
		strncat(name, word,
			(size_t)(end - word) < WORD_MAX ? (size_t)(end - word)
							: WORD_MAX);
		n = read_key(keysyms, name, key, f);
		if (n < 0)
			return n;
		for (int i = 0; !r && i < n; i++)
			r = combo_add(combo, key[i], f);
		word = end + 1;
	} while (!r && *end);
	return r;
}

int inject_button_read(uint16_t *code, const char *word, struct fault *f)
{
	int found = alias_code(buttons, word);
	const char *near;

	if (found < 0)
		found = event_word_code(EV_KEY, "BTN_", word);
	*code = (uint16_t)found;
	if (found >= 0)
		return 0;
	near = alias_near(buttons, word);
	if (!near)
		near = code_name_near(EV_KEY, "BTN_", word);
	return fault_set(f, "unknown button %.48s%s", word, fault_hint(near));
}

int inject_switch_read(uint16_t *code, const char *word, struct fault *f)
{
	int found = event_word_code(EV_SW, "SW_", word);

	*code = (uint16_t)found;
	if (found >= 0)
		return 0;
	return fault_set(f, "unknown switch %.48s%s", word,
			 fault_hint(code_name_near(EV_SW, "SW_", word)));
}

int inject_pad_button_read(unsigned int *button, const char *word,
			   struct fault *f)
{
	int found = alias_code(pad_buttons, word);
	long number;

	if (!event_word_number(word, 0, VINJECT_PAD_BUTTONS - 1, &number))
		found = (int)number;
	*button = (unsigned int)found;
	if (found >= 0)
		return 0;
	return fault_set(f, "unknown gamepad button %.48s%s", word,
			 fault_hint(alias_near(pad_buttons, word)));
}
