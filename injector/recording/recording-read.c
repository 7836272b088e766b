/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include "injector/recording/recording-read.h"
#include "injector/recording/recording-devices.h"
#include "injector/recording/recording-evemu.h"
#include "injector/recording/recording-evtest.h"
#include "injector/recording/recording-libinput.h"
#include "injector/recording/recording-ours.h"

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
} typical_lines[] = {
	{ "# vinput recording", FORM_OURS },
	{ "# EVEMU", FORM_EVEMU },
	{ "# libinput record", FORM_LIBINPUT },
	{ "E: ", FORM_EVEMU },
	{ "N: ", FORM_EVEMU },
	{ "Input driver version", FORM_EVTEST },
	{ "Input device ", FORM_EVTEST },
	{ "Testing ...", FORM_EVTEST },
	{ "version:", FORM_LIBINPUT },
	{ "ndevices:", FORM_LIBINPUT },
	{ "devices:", FORM_LIBINPUT },
	{ "---", FORM_LIBINPUT },
	{ "%YAML", FORM_LIBINPUT },
};

static enum form form_by_line(const char *line, size_t len)
{
	char copy[160] = "";
	size_t label;

	for (size_t i = 0; i < sizeof(typical_lines) / sizeof(typical_lines[0]);
	     i++) {
		size_t n = strlen(typical_lines[i].begin);

		if (len >= n && memcmp(line, typical_lines[i].begin, n) == 0)
			return typical_lines[i].form;
	}
	strncat(copy, line, len < sizeof(copy) ? len : sizeof(copy) - 1);
	if (recording_evtest_event(copy, &label))
		return FORM_EVTEST;
	return len && isdigit((unsigned char)*line) ? FORM_OURS : FORM_UNKNOWN;
}

static enum form form_by_text(const char *text, size_t len)
{
	const char *end = text + len;
	enum form form = FORM_UNKNOWN;

	while (text < end && form == FORM_UNKNOWN) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));

		if (!nl)
			nl = end;
		form = form_by_line(text, (size_t)(nl - text));
		text = nl + 1;
	}
	return form;
}

static int read_form(struct recording *rec, const char *text, size_t len,
		     struct recording_devices *devices,
		     struct recording_fault *f)
{
	const enum form form = form_by_text(text, len);
	struct recording_lines l = { .rec = rec, .devices = devices };
	recording_line_fn *read_line = NULL;

	switch (form) {
	case FORM_OURS:
		read_line = recording_ours_line;
		break;
	case FORM_EVEMU:
		read_line = recording_evemu_line;
		break;
	case FORM_EVTEST:
		read_line = recording_evtest_line;
		break;
	case FORM_LIBINPUT:
		return recording_libinput_read(rec, text, len, devices, f);
	case FORM_UNKNOWN:
		return fault_set(&f->why,
				 "not a recording of evemu-record, libinput "
				 "record, evtest or vinput-inject");
	}
	return recording_lines_read(&l, text, len, read_line, f);
}

static int finish(struct recording *rec, struct fault *f)
{
	if (!rec->n)
		return fault_set(f, "the recording has no events");
	if (vi_is_syn_report(&rec->event[rec->n - 1].ev))
		return 0;
	return recording_end_frame(rec, rec->event[rec->n - 1].time_us, f);
}

int recording_read(struct recording *rec, const char *text, size_t len,
		   unsigned int device, struct recording_fault *f)
{
	struct recording_devices devices = { .wanted = device };
	int r;

	*rec = RECORDING_NULL;
	f->line = 0;
	r = read_form(rec, text, len, &devices, f);
	if (!r) {
		f->line = 0;
		r = recording_devices_check(&devices, &f->why);
	}
	if (!r)
		r = finish(rec, &f->why);
	recording_devices_fini(&devices);
	return r;
}
