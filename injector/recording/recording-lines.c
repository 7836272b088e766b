/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-lines.h"
#include "injector/recording/event-word.h"

#define BLANKS " \t"

/* --- ours --- */

int recording_lines_ours(struct recording *rec, char *line, struct fault *f)
{
	char *word, *rest;
	const char *end;
	int64_t time_us;
	int r = 0;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, BLANKS, &rest);
	if (!word)
		return 0;
	if (recording_time(word, &end, &time_us) || *end)
		return fault_set(f,
				 "a line begins with its time in "
				 "seconds, not with %.40s",
				 word);
	word = strtok_r(NULL, BLANKS, &rest);
	if (!word)
		return fault_set(f, "there is no event; a frame without "
				    "events is -");
	if (strcmp(word, "-") == 0)
		word = strtok_r(NULL, BLANKS, &rest);
	for (; !r && word; word = strtok_r(NULL, BLANKS, &rest)) {
		struct vi_event ev;

		r = event_word_read(&ev, word, f);
		if (!r)
			r = recording_add(rec, time_us, &ev, f);
	}
	return r ? r : recording_end_frame(rec, time_us, f);
}

/* --- evemu-record --- */

/* A number that is a word of its own. Return: 0 or -EINVAL. */
static int take_number(const char **text, int base, long *out)
{
	char *end;

	*text += strspn(*text, BLANKS);
	errno = 0;
	*out = strtol(*text, &end, base);
	if (errno || end == *text || (*end && !strchr(BLANKS "#", *end)))
		return -EINVAL;
	*text = end;
	return 0;
}

/* What stands behind "E:": time, type and code in hex, value. */
static int read_evemu_event(struct recording *rec, const char *text,
			    struct fault *f)
{
	long number[3];
	int64_t time_us;

	text += strspn(text, BLANKS);
	if (recording_time(text, &text, &time_us))
		return fault_set(f, "no time behind E:");
	if (take_number(&text, 16, &number[0]))
		return fault_set(f, "no type behind the time");
	if (take_number(&text, 16, &number[1]))
		return fault_set(f, "no code behind the type");
	if (take_number(&text, 10, &number[2]))
		return fault_set(f, "no value behind the code");
	text += strspn(text, BLANKS);
	if (*text && *text != '#')
		return fault_set(f, "%.40s stands behind the value", text);
	return recording_add_numbers(rec, time_us, number, f);
}

/* The other lines say what the device is, which is not our matter. */
int recording_lines_evemu(struct recording *rec, char *line, struct fault *f)
{
	if (!*line || *line == '#')
		return 0;
	if (line[1] != ':' || !strchr("ENIPBALS", line[0]))
		return fault_set(f, "%.20s begins no line of evemu", line);
	return *line == 'E' ? read_evemu_event(rec, line + 2, f) : 0;
}

/* --- evtest, vinput-monitor --- */

/* " type 1 (EV_KEY)" with key "type". Return: 0 or -EINVAL. */
static int take_field(const char **text, const char *key, long *out)
{
	size_t len = strlen(key);
	char *end;

	*text += strspn(*text, ", ");
	if (strncmp(*text, key, len) != 0)
		return -EINVAL;
	errno = 0;
	*out = strtol(*text + len, &end, 10);
	if (errno || end == *text + len)
		return -EINVAL;
	*text = end;
	end += strspn(end, " ");
	if (*end == '(')
		*text = end + strcspn(end, ",");
	return 0;
}

static int read_evtest_fields(struct recording *rec, int64_t time_us,
			      const char *text, struct fault *f)
{
	long number[3];

	if (take_field(&text, "type ", &number[0]))
		return fault_set(f, "no type behind the time");
	if (take_field(&text, "code ", &number[1]))
		return fault_set(f, "no code behind the type");
	if (take_field(&text, "value ", &number[2]))
		return fault_set(f, "no value behind the code");
	/* evtest writes scan codes in hex, and nobody needs them. */
	if (*text && (number[0] != EV_MSC || number[1] != MSC_SCAN))
		return fault_set(f, "%.40s stands behind the value", text);
	return recording_add_numbers(rec, time_us, number, f);
}

int recording_lines_evtest(struct recording *rec, char *line, struct fault *f)
{
	static const char begin[] = "Event: time ";
	const char *text;
	int64_t time_us;

	/* The device, before its events */
	if (strncmp(line, begin, strlen(begin)) != 0)
		return 0;
	text = line + strlen(begin);
	if (recording_time(text, &text, &time_us) || *text != ',')
		return fault_set(f, "no time behind Event: time");
	if (!strstr(text, "-----"))
		return read_evtest_fields(rec, time_us, text, f);
	if (!strstr(text, "SYN_REPORT"))
		return 0;
	return recording_end_frame(rec, time_us, f);
}

/* --- lines --- */

/* Cut off white space and what a file of DOS has at the end. */
static char *trim(char *line)
{
	size_t len = strlen(line);

	while (len && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
	return line + strspn(line, " \t");
}

/* text is ours to write into, and ends with NUL. */
static int split_lines(struct recording *rec, char *text, size_t len,
		       recording_line_fn *read_line, struct recording_fault *f)
{
	char *line = text, *end = text + len;

	for (f->line = 1; line < end; f->line++) {
		char *nl = memchr(line, '\n', (size_t)(end - line));
		int r;

		if (!nl)
			nl = end;
		*nl = '\0';
		r = memchr(line, '\0', (size_t)(nl - line))
			    ? fault_set(&f->why, "a NUL is in the line")
			    : read_line(rec, trim(line), &f->why);
		if (r)
			return r;
		line = nl + 1;
	}
	f->line = 0;
	return 0;
}

int recording_lines_read(struct recording *rec, const char *text, size_t len,
			 recording_line_fn *read_line,
			 struct recording_fault *f)
{
	char *copy = malloc(len + 1);
	int r;

	if (!copy)
		return fault_no_memory(&f->why);
	memcpy(copy, text, len);
	copy[len] = '\0';
	r = split_lines(rec, copy, len, read_line, f);
	free(copy);
	return r;
}
