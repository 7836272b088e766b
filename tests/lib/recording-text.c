/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-note.h"
#include "injector/recording/recording-read.h"
#include "injector/recording/recording-slot.h"
#include "injector/recording/recording-write.h"
#include "tests/lib/check.h"
#include "tests/lib/recording-text.h"

static void write_events(FILE *out, const struct recording *rec)
{
	struct recording_writer w;

	assert_non_null(out);
	recording_write_begin(&w, out, NULL);
	for (size_t i = 0; i < rec->n; i++)
		recording_write(&w, rec->event[i].time_us, &rec->event[i].ev);
	fclose(out);
}

/* A copy of the text that ends where it ends: a sanitizer sees what is read
 * behind it. */
static int read_exactly(struct recording *rec, const char *text, size_t len,
			unsigned int device, struct recording_fault *f)
{
	char *copy = malloc(len ? len : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	r = recording_read(rec, copy, len, device, f);
	free(copy);
	return r;
}

void assert_recording(const char *text, size_t len, unsigned int device,
		      const char *want)
{
	struct recording rec;
	struct recording_fault fault;
	char *written = NULL;
	size_t size;

	if (read_exactly(&rec, text, len, device, &fault))
		fail_msg("line %u: %s of\n%s", fault.line, fault.why.text,
			 text);
	write_events(open_memstream(&written, &size), &rec);
	if (strcmp(strchr(written, '\n') + 1, want) != 0)
		fail_msg("%s\nis\n%snot\n%s", text, written, want);
	free(written);
	recording_fini(&rec);
	assert_null(rec.event);
}

void assert_no_recording(const char *text, size_t len, unsigned int device,
			 unsigned int line, const char *why)
{
	struct recording rec;
	struct recording_fault fault = { .line = 99 };
	int r = read_exactly(&rec, text, len, device, &fault);

	if (!r && !rec.plain)
		r = recording_slot_check(&rec, &fault);
	recording_fini(&rec);
	if (r != -EINVAL)
		fail_msg("not rejected: %s", text);
	if (fault.line != line || !strstr(fault.why.text, why))
		fail_msg("%s: not %u: %s but %u: %s", text, line, why,
			 fault.line, fault.why.text);
}

void assert_note(const char *text, unsigned int line, const char *why)
{
	struct recording rec;
	struct recording_fault fault;
	bool noted;

	assert_ok(recording_read(&rec, text, strlen(text), 0, &fault));
	noted = recording_note(&rec, 0, &fault);
	if (noted && recording_note(&rec, 1, &(struct recording_fault){ 0 }))
		fail_msg("%s: more than one note", text);
	recording_fini(&rec);
	if (noted != !!why)
		fail_msg("%s: %s", text, noted ? fault.why.text : "no note");
	if (why && (fault.line != line || !strstr(fault.why.text, why)))
		fail_msg("%s: not %u: %s but %u: %s", text, line, why,
			 fault.line, fault.why.text);
}
