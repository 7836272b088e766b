/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of recordings on any bytes. What it rejects must leave a fault,
 * with a line that the text has. What it accepts must be frames of valid events
 * in the order of their times, and the same again when written and read once
 * more. Scaled and made to fit it must fit, and its notes must have a text.
 */
#include "tests/fuzz/fuzz.h"

#include "injector/libvinject/vinject.h"
#include "injector/recording/event-word.h"
#include "injector/recording/recording-describe.h"
#include "injector/recording/recording-fit.h"
#include "injector/recording/recording-note.h"
#include "injector/recording/recording-read.h"
#include "injector/recording/recording-write.h"

static unsigned int lines_of(const uint8_t *text, size_t len)
{
	unsigned int n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n' || text[i] == '\r';
	return n;
}

static void check_events(const struct recording *rec)
{
	struct fault why;
	size_t frame = 0;

	must(rec->n);
	must(vi_is_syn_report(&rec->event[rec->n - 1].ev));
	for (size_t i = 0; i < rec->n; i++) {
		const struct vi_event *ev = &rec->event[i].ev;
		const long number[3] = { vi_type(ev), vi_code(ev),
					 vi_value(ev) };
		struct vi_event same;

		frame = vi_is_syn_report(ev) ? 0 : frame + 1;
		must(frame <= VINJECT_FRAME_MAX);
		must(vi_type(ev) || (vi_code(ev) != SYN_MT_REPORT &&
				     vi_code(ev) != SYN_DROPPED));
		must(rec->event[i].line);
		must(rec->event[i].time_us >= 0);
		must(!i || rec->event[i].time_us >= rec->event[i - 1].time_us);
		must(!event_word_from_numbers(&same, number, &why));
	}
}

static char *write(const struct recording *rec, size_t *len)
{
	struct recording_writer w;
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	must(out);
	recording_write_begin(&w, out, NULL);
	for (size_t i = 0; i < rec->n; i++)
		recording_write(&w, rec->event[i].time_us, &rec->event[i].ev);
	fclose(out);
	return text;
}

static void check_written(const struct recording *rec)
{
	struct recording again;
	struct recording_fault fault;
	size_t len;
	char *text = write(rec, &len);

	must(!recording_read(&again, text, len, 0, &fault));
	must(again.n == rec->n);
	for (size_t i = 0; i < rec->n; i++) {
		must(vi_type(&again.event[i].ev) == vi_type(&rec->event[i].ev));
		must(vi_code(&again.event[i].ev) == vi_code(&rec->event[i].ev));
		must(vi_is_syn_report(&again.event[i].ev) ||
		     vi_value(&again.event[i].ev) ==
			     vi_value(&rec->event[i].ev));
	}
	recording_fini(&again);
	free(text);
}

static void check_notes(const struct recording *rec)
{
	struct recording_fault note;

	for (unsigned int i = 0; recording_note(rec, i, &note); i++)
		must(note.why.text[0] && i < 3);
}

static void check_fit(struct recording *rec, const uint8_t *data, size_t size)
{
	struct recording_device from, to;
	struct recording_misfits misfits;
	struct recording_fault fault;

	recording_device_by_size(&to, 1080, 1920);
	to.abs[ABS_MT_SLOT] = (struct recording_range){ true, true, 0, 4 };
	if (recording_describe(&from, (const char *)data, size, 0, &fault))
		must(fault.why.text[0] && fault.line);
	else
		recording_scale(rec, &from, &to);
	recording_find_misfits(&misfits, rec, &to);
	must(misfits.outside <= rec->n);
	recording_remove_misfits(rec, &to);
	recording_find_misfits(&misfits, rec, &to);
	must(!misfits.outside && !misfits.undeclared);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recording rec;
	struct recording_fault fault;
	unsigned int device = size ? data[size - 1] % 3 : 0;

	if (recording_read(&rec, (const char *)data, size, device, &fault)) {
		must(fault.why.text[0]);
		must(fault.line <= lines_of(data, size) + 1);
	} else {
		check_events(&rec);
		check_written(&rec);
		check_notes(&rec);
		check_fit(&rec, data, size);
	}
	recording_fini(&rec);
	return 0;
}
