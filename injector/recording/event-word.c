/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "injector/libvinject/vinject.h"
#include "injector/recording/event-word.h"
#include "input/spec/spec-names.h"

/* The type of an event, by the prefix of its name. */
static const struct {
	const char *prefix;
	unsigned int type;
} prefixes[] = {
	{ "KEY_", EV_KEY }, { "BTN_", EV_KEY }, { "REL_", EV_REL },
	{ "ABS_", EV_ABS }, { "MSC_", EV_MSC }, { "SW_", EV_SW },
	{ "LED_", EV_LED }, { "SND_", EV_SND }, { "SYN_", EV_SYN },
};
#define PREFIXES (sizeof(prefixes) / sizeof(prefixes[0]))

/* The longest of the kernel's names has 30 bytes. */
#define NAME_MAX_LEN 48
#define NAME_SIZE    (NAME_MAX_LEN + 1)

int event_word_number(const char *word, long min, long max, long *out)
{
	char *end;

	if (!isdigit((unsigned char)*word) && *word != '-' && *word != '+')
		return -EINVAL;
	errno = 0;
	*out = strtol(word, &end, strncasecmp(word, "0x", 2) == 0 ? 16 : 10);
	return errno || end == word || *end || *out < min || *out > max
		       ? -EINVAL
		       : 0;
}

/* At most NAME_MAX_LEN bytes. */
static void to_upper(char *out, const char *name)
{
	size_t i;

	for (i = 0; i < NAME_MAX_LEN && name[i]; i++)
		out[i] = (char)toupper((unsigned char)name[i]);
	out[i] = '\0';
}

int event_word_code(unsigned int type, const char *prefix, const char *name)
{
	char full[NAME_SIZE];

	to_upper(full, name);
	if (strncmp(full, prefix, strlen(prefix)) == 0)
		return names_to_code(type, full);
	/* Of a longer one, which is no name, the beginning is none either. */
	snprintf(full, sizeof(full), "%s%s", prefix, name);
	to_upper(full, full);
	return names_to_code(type, full);
}

int event_word_from_numbers(struct vi_event *ev, const long number[3],
			    struct fault *f)
{
	const long type = number[0], code = number[1], value = number[2];
	const char *name =
		type == (uint16_t)type ? names_type((unsigned int)type) : NULL;
	int max;

	if (value < INT32_MIN || value > INT32_MAX)
		return fault_set(f,
				 "invalid value %ld: must be a 32-bit integer",
				 value);
	if (!name)
		return fault_set(f, "unknown event type %ld", type);
	max = names_code_max((unsigned int)type);
	if (code < 0 || code > max)
		return fault_set(f, "unknown %s code %ld: must be from 0 to %d",
				 name, code, max);
	*ev = vi_event((uint16_t)type, (uint16_t)code, (int32_t)value);
	return 0;
}

int event_word_check_slot(const struct vi_event *ev, struct fault *f)
{
	if (vi_type(ev) != EV_ABS || vi_code(ev) != ABS_MT_SLOT ||
	    (vi_value(ev) >= 0 && vi_value(ev) < VINJECT_SLOTS_MAX))
		return 0;
	return fault_set(f, "invalid ABS_MT_SLOT %d: must be from 0 to %d",
			 vi_value(ev), VINJECT_SLOTS_MAX - 1);
}

/* "4:17", "EV_MSC:17"; colon: in name. */
static int read_type_and_code(const char *name, const char *colon,
			      long number[3], struct fault *f)
{
	char word[NAME_SIZE] = "";

	strncat(word, name, (size_t)(colon - name));
	if (event_word_number(word, 0, EV_MAX, &number[0])) {
		to_upper(word, word);
		number[0] = names_to_type(word);
	}
	if (number[0] < 0)
		return fault_set(f, "unknown event type %s%s", word,
				 fault_hint(names_near_type(word)));
	if (event_word_number(colon + 1, 0, KEY_MAX, &number[1]))
		return fault_set(f,
				 "%s: the code must be a number from 0 to %d",
				 name, KEY_MAX);
	return 0;
}

/* "KEY_A" */
static int read_code_name(const char *given, long number[3], struct fault *f)
{
	char name[NAME_SIZE];
	unsigned int type = EV_KEY;

	to_upper(name, given);
	for (size_t i = 0; i < PREFIXES; i++)
		if (strncmp(name, prefixes[i].prefix,
			    strlen(prefixes[i].prefix)) == 0)
			type = prefixes[i].type;
	number[0] = type;
	number[1] = names_to_code(type, name);
	if (number[1] >= 0)
		return 0;
	return fault_set(f, "unknown event %.48s%s", given,
			 fault_hint(names_near_code(type, name)));
}

int event_word_read(struct vi_event *ev, const char *word, struct fault *f)
{
	const char *eq = strchr(word, '=');
	const char *colon;
	char name[NAME_SIZE] = "";
	long number[3] = { 0 };
	int r;

	if (!eq || eq == word || eq - word > NAME_MAX_LEN)
		return fault_set(f, "invalid event %.48s: must be NAME=VALUE",
				 word);
	strncat(name, word, (size_t)(eq - word));
	colon = strchr(name, ':');
	r = colon ? read_type_and_code(name, colon, number, f)
		  : read_code_name(name, number, f);
	if (r)
		return r;
	if (event_word_number(eq + 1, INT32_MIN, INT32_MAX, &number[2]))
		return fault_set(f, "%.80s: the value must be a 32-bit integer",
				 word);
	return event_word_from_numbers(ev, number, f);
}

/* Return: whether a name is read as one of this type. */
static bool is_read_as(const char *name, unsigned int type)
{
	for (size_t i = 0; i < PREFIXES; i++)
		if (prefixes[i].type == type)
			return !names_is_limit(name);
	return false;
}

void event_word_name(char text[EVENT_WORD_SIZE], const struct vi_event *ev)
{
	const char *name = names_code(vi_type(ev), vi_code(ev));

	if (name && is_read_as(name, vi_type(ev)))
		snprintf(text, EVENT_WORD_SIZE, "%s", name);
	else
		snprintf(text, EVENT_WORD_SIZE, "%u:%u", vi_type(ev),
			 vi_code(ev));
}

void event_word_write(char text[EVENT_WORD_SIZE], const struct vi_event *ev)
{
	size_t len;

	event_word_name(text, ev);
	len = strlen(text);
	snprintf(text + len, EVENT_WORD_SIZE - len, "=%d", vi_value(ev));
}
