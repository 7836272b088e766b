/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-lines.h"
#include "injector/recording/event-word.h"

#define BLANKS " \t"

/* --- our form --- */

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
				 "a line must begin with its time in seconds, "
				 "not with %.40s",
				 word);
	word = strtok_r(NULL, BLANKS, &rest);
	if (!word)
		return fault_set(f,
				 "missing event; write - for a frame without "
				 "events");
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

/* Take a number followed by a blank or the end. Return: 0 or -EINVAL. */
static int lines_take_number(const char **text, int base, long *out)
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

/* After "E:": the time, the type and the code in hex, the value. */
static int read_evemu_event(struct recording *rec, const char *text,
			    struct fault *f)
{
	long number[3];
	int64_t time_us;

	text += strspn(text, BLANKS);
	if (recording_time(text, &text, &time_us))
		return fault_set(f, "no valid time after E:");
	if (lines_take_number(&text, 16, &number[0]))
		return fault_set(f, "no valid type after the time");
	if (lines_take_number(&text, 16, &number[1]))
		return fault_set(f, "no valid code after the type");
	if (lines_take_number(&text, 10, &number[2]))
		return fault_set(f, "no valid value after the code");
	text += strspn(text, BLANKS);
	if (*text && *text != '#')
		return fault_set(f, "unexpected %.40s after the value", text);
	return recording_add_numbers(rec, time_us, number, f);
}

/* The other lines describe the device. */
int recording_lines_evemu(struct recording *rec, char *line, struct fault *f)
{
	if (!*line || *line == '#')
		return 0;
	if (line[1] != ':' || !strchr("ENIPBALS", line[0]))
		return fault_set(f, "not a line of evemu-record: %.20s", line);
	return *line == 'E' ? read_evemu_event(rec, line + 2, f) : 0;
}

/* --- evtest and vinput-monitor --- */

/* Take " type 1 (EV_KEY)" with the key "type". Return: 0 or -EINVAL. */
static int lines_take_field(const char **text, const char *key, long *out)
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

	if (lines_take_field(&text, "type ", &number[0]))
		return fault_set(f, "no valid type after the time");
	if (lines_take_field(&text, "code ", &number[1]))
		return fault_set(f, "no valid code after the type");
	if (lines_take_field(&text, "value ", &number[2]))
		return fault_set(f, "no valid value after the code");
	/* evtest writes scan codes in hex; they are not needed. */
	if (*text && (number[0] != EV_MSC || number[1] != MSC_SCAN))
		return fault_set(f, "unexpected %.40s after the value", text);
	return recording_add_numbers(rec, time_us, number, f);
}

int recording_lines_evtest(struct recording *rec, char *line, struct fault *f)
{
	static const char begin[] = "Event: time ";
	const char *text;
	int64_t time_us;

	/* Lines before the events describe the device. */
	if (strncmp(line, begin, strlen(begin)) != 0)
		return 0;
	text = line + strlen(begin);
	if (recording_time(text, &text, &time_us) || *text != ',')
		return fault_set(f, "no valid time after Event: time");
	if (!strstr(text, "-----"))
		return read_evtest_fields(rec, time_us, text, f);
	if (!strstr(text, "SYN_REPORT"))
		return 0;
	return recording_end_frame(rec, time_us, f);
}

/* --- lines --- */

/* Cut off white space at both ends, with the CR of a DOS file. */
static char *trim(char *line)
{
	size_t len = strlen(line);

	while (len && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
	return line + strspn(line, " \t");
}

/* text: ends with NUL, and is changed. */
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
			    ? fault_set(&f->why, "the line contains a NUL byte")
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
