/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/event-word.h"
#include "injector/recording/recording.h"

/* Of a clock's zero: more is a mistake, and sums of two must not overflow. */
#define SECONDS_MAX 1000000000000

/* --- what readers share --- */

static int make_room(struct recording *rec, struct fault *f)
{
	size_t room = rec->room ? 2 * rec->room : 256;
	struct recording_event *grown;

	if (rec->n < rec->room)
		return 0;
	if (rec->n >= RECORDING_EVENTS_MAX)
		return fault_set(f, "more than %d events",
				 RECORDING_EVENTS_MAX);
	grown = realloc(rec->event, room * sizeof(*grown));
	if (!grown)
		return fault_errno(f, -ENOMEM, "%s", strerror(ENOMEM));
	rec->event = grown;
	rec->room = room;
	return 0;
}

int recording_add(struct recording *rec, int64_t time_us, unsigned int type,
		  unsigned int code, long value, struct fault *f)
{
	int r;

	if (value < INT32_MIN || value > INT32_MAX)
		return fault_set(f, "the value %ld has more than 32 bits",
				 value);
	r = event_word_check(type, code, (int32_t)value, f);
	if (r)
		return r;
	if (rec->n && time_us < rec->event[rec->n - 1].time_us)
		return fault_set(f, "its time is before the last one's");
	r = make_room(rec, f);
	if (r)
		return r;
	rec->event[rec->n++] = (struct recording_event){
		time_us,
		vi_event((uint16_t)type, (uint16_t)code, (int32_t)value)
	};
	return 0;
}

int recording_time(const char *text, const char **end, int64_t *time_us)
{
	int64_t seconds = 0, fraction = 0;
	int digits = 0;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	for (; isdigit((unsigned char)*text); text++) {
		seconds = seconds * 10 + (*text - '0');
		if (seconds > SECONDS_MAX)
			return -EINVAL;
	}
	if (*text == '.') {
		for (text++; isdigit((unsigned char)*text); text++, digits++) {
			if (digits < 6)
				fraction = fraction * 10 + (*text - '0');
			if (digits > 8)
				return -EINVAL;
		}
		if (!digits)
			return -EINVAL;
	}
	for (; digits < 6; digits++)
		fraction *= 10;
	*time_us = seconds * 1000000 + fraction;
	*end = text;
	return 0;
}

/* --- reading --- */

enum form {
	FORM_UNKNOWN,
	FORM_OURS,
	FORM_EVEMU,
	FORM_EVTEST,
	FORM_LIBINPUT,
};

static const struct {
	const char *begin;
	enum form form;
} marks[] = {
	{ "# vinput recording", FORM_OURS },
	{ "# EVEMU", FORM_EVEMU },
	{ "# libinput record", FORM_LIBINPUT },
	{ "E: ", FORM_EVEMU },
	{ "N: ", FORM_EVEMU },
	{ "Event: time ", FORM_EVTEST },
	{ "Input driver version", FORM_EVTEST },
	{ "Input device ", FORM_EVTEST },
	{ "Testing ...", FORM_EVTEST },
	{ "version:", FORM_LIBINPUT },
	{ "ndevices:", FORM_LIBINPUT },
	{ "devices:", FORM_LIBINPUT },
	{ "---", FORM_LIBINPUT },
	{ "%YAML", FORM_LIBINPUT },
};

static enum form form_of_line(const char *line, size_t len)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t n = strlen(marks[i].begin);

		if (len >= n && memcmp(line, marks[i].begin, n) == 0)
			return marks[i].form;
	}
	return len && isdigit((unsigned char)*line) ? FORM_OURS : FORM_UNKNOWN;
}

static enum form form_of(const char *text, size_t len)
{
	const char *end = text + len;
	enum form form = FORM_UNKNOWN;

	while (text < end && form == FORM_UNKNOWN) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));

		if (!nl)
			nl = end;
		form = form_of_line(text, (size_t)(nl - text));
		text = nl + 1;
	}
	return form;
}

/* Cut off white space and what a file of DOS has at the end. */
static char *trim(char *line)
{
	size_t len = strlen(line);

	while (len && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
	return line + strspn(line, " \t");
}

/* text is ours to write into, and ends with NUL. */
static int read_lines(struct recording *rec, char *text, size_t len,
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

static int read_text(struct recording *rec, const char *text, size_t len,
		     recording_line_fn *read_line, struct recording_fault *f)
{
	char *copy = malloc(len + 1);
	int r;

	if (!copy)
		return fault_errno(&f->why, -ENOMEM, "%s", strerror(ENOMEM));
	memcpy(copy, text, len);
	copy[len] = '\0';
	r = read_lines(rec, copy, len, read_line, f);
	free(copy);
	return r;
}

static int read_form(struct recording *rec, const char *text, size_t len,
		     unsigned int device, struct recording_fault *f)
{
	enum form form = form_of(text, len);

	if (form != FORM_LIBINPUT && device > 1)
		return fault_set(&f->why, "there is only one device in it");
	switch (form) {
	case FORM_OURS:
		return read_text(rec, text, len, recording_line_ours, f);
	case FORM_EVEMU:
		return read_text(rec, text, len, recording_line_evemu, f);
	case FORM_EVTEST:
		return read_text(rec, text, len, recording_line_evtest, f);
	case FORM_LIBINPUT:
		return recording_read_libinput(rec, text, len, device, f);
	case FORM_UNKNOWN:
		break;
	}
	return fault_set(&f->why,
			 "no recording of evemu-record, libinput record, "
			 "evtest or vinput-inject");
}

int recording_read(struct recording *rec, const char *text, size_t len,
		   unsigned int device, struct recording_fault *f)
{
	int r;

	*rec = RECORDING_NULL;
	f->line = 0;
	r = read_form(rec, text, len, device, f);
	if (r)
		return r;
	if (!rec->n)
		return fault_set(&f->why, "there is no event in it");
	if (vi_is_syn_report(&rec->event[rec->n - 1].ev))
		return 0;
	return recording_add(rec, rec->event[rec->n - 1].time_us, EV_SYN,
			     SYN_REPORT, 0, &f->why);
}

void recording_fini(struct recording *rec)
{
	free(rec->event);
	*rec = RECORDING_NULL;
}
