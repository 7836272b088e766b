/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include "injector/recording/recording-evtest.h"
#include "injector/recording/recording-form.h"
#include "injector/recording/recording-getevent.h"
#include "injector/recording/recording-lines.h"

/* A typical line is known by its beginning. */
#define BEGIN_MAX 160

static const struct {
	const char *begin;
	enum recording_form form;
} typical_lines[] = {
	{ "# vinput recording", RECORDING_OURS },
	{ "# EVEMU", RECORDING_EVEMU },
	{ "# libinput record", RECORDING_LIBINPUT },
	{ "E: ", RECORDING_EVEMU },
	{ "N: ", RECORDING_EVEMU },
	{ "Input driver version", RECORDING_EVTEST },
	{ "Input device ", RECORDING_EVTEST },
	{ "Testing ...", RECORDING_EVTEST },
};

/* YAML's indentation has a meaning. */
static const char *const yaml_lines[] = { "version:", "ndevices:", "devices:",
					  "---", "%YAML" };

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* "0.080000 KEY_A=0" or "0.1 -" */
static bool is_frame(const char *line)
{
	const char *end;
	int64_t time_us;

	if (recording_time(line, &end, &time_us))
		return false;
	line = end + strspn(end, RECORDING_BLANKS);
	end = line + strcspn(line, RECORDING_BLANKS);
	return memchr(line, '=', (size_t)(end - line)) ||
	       (*line == '-' && end == line + 1);
}

static enum recording_form form_of_line(const char *line)
{
	const char *trimmed = line + strspn(line, RECORDING_BLANKS);
	size_t label;

	for (size_t i = 0; i < sizeof(yaml_lines) / sizeof(*yaml_lines); i++)
		if (begins(line, yaml_lines[i]))
			return RECORDING_LIBINPUT;
	for (size_t i = 0; i < sizeof(typical_lines) / sizeof(*typical_lines);
	     i++)
		if (begins(trimmed, typical_lines[i].begin))
			return typical_lines[i].form;
	if (recording_evtest_event(trimmed, &label))
		return RECORDING_EVTEST;
	if (recording_getevent_is_line(trimmed))
		return RECORDING_GETEVENT;
	return is_frame(trimmed) ? RECORDING_OURS : RECORDING_UNKNOWN;
}

/* One of our form may also have a first line that must be rejected. */
static void form_guess(struct recording_start *start, const char *line)
{
	if (start->form == RECORDING_UNKNOWN && isdigit((unsigned char)*line))
		start->form = RECORDING_OURS;
}

struct recording_start recording_form_find(const char *text, size_t len)
{
	struct recording_start at = { RECORDING_UNKNOWN, 0, 0 };
	struct recording_start guess = at;

	while (at.at < len) {
		const char *line = text + at.at;
		const char *nl = memchr(line, '\n', len - at.at);
		size_t n = nl ? (size_t)(nl - line) : len - at.at;
		char copy[BEGIN_MAX] = "";

		strncat(copy, line, n < BEGIN_MAX ? n : BEGIN_MAX - 1);
		at.form = form_of_line(copy);
		/* Each line of ours is a frame, the first included. */
		if (at.form == RECORDING_OURS && !begins(copy, "#"))
			return (struct recording_start){ at.form, 0, 0 };
		if (at.form != RECORDING_UNKNOWN)
			return at;
		form_guess(&guess, copy);
		at.at += n + 1;
		at.line++;
	}
	return guess;
}
