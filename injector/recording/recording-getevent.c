/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of getevent has two parts that depend on how it was called: the time,
 * which it has with -t only, and the device, which it has if none was given.
 * With -l the numbers, which are hexadecimal, are names where there are any.
 *
 *	[   71451.200000] /dev/input/event2: 0003 0039 0000d46d
 *	/dev/input/event2: EV_KEY       BTN_TOUCH            DOWN
 *
 * All other lines are skipped: they describe the devices.
 */
#include <ctype.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-getevent.h"
#include "input/spec/spec-names.h"

/* Between frames of a recording without times. */
#define FRAME_US 10000
/* getevent cuts names off there. */
#define NAME_LEN  20
#define NAME_SIZE (NAME_LEN + 1)

struct word {
	const char *at;
	size_t len;
};

struct getevent_line {
	struct word time, node; /* empty: none */
	struct word type, code, value;
	const char *rest;
};

static struct word take_word(const char **text)
{
	struct word word;

	*text += strspn(*text, RECORDING_BLANKS);
	word.at = *text;
	word.len = strcspn(*text, RECORDING_BLANKS);
	*text += word.len;
	return word;
}

static bool word_is_hex(struct word word, size_t digits)
{
	for (size_t i = 0; i < word.len; i++)
		if (!isxdigit((unsigned char)word.at[i]))
			return false;
	return word.len == digits;
}

/* Return: whether the line is of an event. */
static bool getevent_split(const char *text, struct getevent_line *l)
{
	const char *after;

	*l = (struct getevent_line){ 0 };
	if (*text == '[') {
		text += 1 + strspn(text + 1, RECORDING_BLANKS);
		l->time = (struct word){ text, strcspn(text, "]") };
		text += l->time.len;
		if (*text++ != ']')
			return false;
	}
	after = text;
	l->node = take_word(&after);
	if (*l->node.at == '/' && l->node.at[l->node.len - 1] == ':') {
		l->node.len--;
		text = after;
	} else {
		l->node.len = 0;
	}
	l->type = take_word(&text);
	l->code = take_word(&text);
	l->value = take_word(&text);
	l->rest = text + strspn(text, RECORDING_BLANKS);
	return l->value.len &&
	       (word_is_hex(l->type, 4) || strncmp(l->type.at, "EV_", 3) == 0);
}

bool recording_getevent_is_line(const char *line)
{
	struct getevent_line l;

	/* Of our form a line may look alike: "0000 0000 1:3=1". */
	return getevent_split(line, &l) &&
	       (word_is_hex(l.code, 4) || memchr(l.code.at, '_', l.code.len)) &&
	       !memchr(l.value.at, '=', l.value.len);
}

static int getevent_time(struct recording_lines *l, struct word time,
			 int64_t *time_us, struct fault *f)
{
	const char *end;

	if (!time.len) {
		if (!l->rec->untimed.n++)
			l->rec->untimed.line = l->rec->line;
		*time_us = l->untimed_us;
		return 0;
	}
	if (recording_time(time.at, &end, time_us) || end != time.at + time.len)
		return fault_set(f, "no valid time in [%.*s]", (int)time.len,
				 time.at);
	return 0;
}

/* Return: the only code whose name begins like this, or -1. */
static int code_of_cut_name(unsigned int type, const char *begin)
{
	int found = -1;

	for (int code = 0; code <= names_code_max(type); code++) {
		const char *name = names_code(type, (unsigned int)code);

		if (!name || strncmp(name, begin, NAME_LEN) != 0)
			continue;
		if (found >= 0)
			return -1;
		found = code;
	}
	return found;
}

static void copy_name(char name[NAME_SIZE], struct word word)
{
	snprintf(name, NAME_SIZE, "%.*s", (int)word.len, word.at);
}

static int getevent_type(struct word word, long *type, struct fault *f)
{
	char name[NAME_SIZE];

	if (word_is_hex(word, 4)) {
		*type = strtol(word.at, NULL, 16);
		return 0;
	}
	copy_name(name, word);
	*type = names_to_type(name);
	return *type < 0 ? fault_set(f, "unknown event type %s", name) : 0;
}

static int getevent_code(struct word word, long type, long *code,
			 struct fault *f)
{
	char name[NAME_SIZE];

	if (word_is_hex(word, 4)) {
		*code = strtol(word.at, NULL, 16);
		return 0;
	}
	copy_name(name, word);
	*code = names_to_code((unsigned int)type, name);
	if (*code < 0 && strlen(name) == NAME_LEN)
		*code = code_of_cut_name((unsigned int)type, name);
	return *code < 0 ? fault_set(f, "unknown event %s", name) : 0;
}

static int getevent_value(struct word word, long *value, struct fault *f)
{
	static const struct {
		const char *name;
		long value;
	} labels[] = {
		{ "UP", 0 },
		{ "DOWN", 1 },
		{ "REPEAT", 2 },
		{ "MT_TOOL_FINGER", MT_TOOL_FINGER },
		{ "MT_TOOL_PEN", MT_TOOL_PEN },
		{ "MT_TOOL_PALM", MT_TOOL_PALM },
		{ "MT_TOOL_DIAL", MT_TOOL_DIAL },
	};

	if (word.len <= 8 && word_is_hex(word, word.len)) {
		*value = (int32_t)strtoul(word.at, NULL, 16);
		return 0;
	}
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strlen(labels[i].name) == word.len &&
		    memcmp(labels[i].name, word.at, word.len) == 0) {
			*value = labels[i].value;
			return 0;
		}
	return fault_set(f, "invalid value %.*s: must be in hex, or UP or DOWN",
			 (int)(word.len < 40 ? word.len : 40), word.at);
}

int recording_getevent_line(struct recording_lines *l, char *line,
			    struct fault *f)
{
	struct getevent_line e;
	long number[3];
	int64_t time_us;
	int r;

	if (!getevent_split(line, &e))
		return 0;
	if (*e.rest && strncmp(e.rest, "rate ", 5) != 0)
		return fault_set(f, "unexpected %.40s after the value", e.rest);
	r = getevent_time(l, e.time, &time_us, f);
	if (!r)
		r = getevent_type(e.type, &number[0], f);
	if (!r)
		r = getevent_code(e.code, number[0], &number[1], f);
	if (!r)
		r = getevent_value(e.value, &number[2], f);
	if (r)
		return r;
	if (number[0] == EV_SYN && number[1] == SYN_REPORT)
		l->untimed_us += FRAME_US;
	r = recording_lines_wanted(l, e.node.at, e.node.len, f);
	return r <= 0 ? r : recording_add_numbers(l->rec, time_us, number, f);
}
