/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "injector/libvinject/vinject.h"
#include "injector/recording/recording-describe.h"
#include "injector/recording/recording-devices.h"
#include "injector/recording/recording-evemu.h"
#include "injector/recording/recording-evtest.h"
#include "injector/recording/recording-form.h"
#include "injector/recording/recording-getevent.h"
#include "injector/recording/recording-libinput.h"
#include "injector/recording/recording-ours.h"
#include "injector/recording/recording-raw.h"
#include "injector/recording/recording-read.h"
#include "injector/recording/recording-type-a.h"
#include "input/base/bom.h"

struct text {
	const char *at;
	size_t len;
};

static int read_form(struct recording_lines *l, enum recording_form form,
		     struct text text, struct recording_fault *f)
{
	recording_line_fn *read_line = NULL;

	switch (form) {
	case RECORDING_OURS:
		read_line = recording_ours_line;
		break;
	case RECORDING_EVEMU:
		read_line = recording_evemu_line;
		break;
	case RECORDING_EVTEST:
		read_line = recording_evtest_line;
		break;
	case RECORDING_GETEVENT:
		read_line = recording_getevent_line;
		break;
	case RECORDING_LIBINPUT:
		return recording_libinput_read(l->rec, text.at, text.len,
					       l->devices, f);
	case RECORDING_UNKNOWN:
		return fault_set(&f->why,
				 "not a recording of evemu-record, libinput "
				 "record, evtest, getevent or vinput-inject");
	}
	return recording_lines_read(l, text.at, text.len, read_line, f);
}

static bool is_utf16(struct text text)
{
	return text.len >= 2 && (memcmp(text.at, "\xff\xfe", 2) == 0 ||
				 memcmp(text.at, "\xfe\xff", 2) == 0);
}

static int recording_read_text(struct recording_lines *l, struct text text,
			       struct recording_fault *f)
{
	size_t skip = bom_length(text.at, text.len);
	struct recording_start start;

	if (is_utf16(text))
		return fault_set(&f->why,
				 "the text is UTF-16: convert it, for example "
				 "with iconv -f UTF-16 -t UTF-8");
	start = recording_form_find(text.at + skip, text.len - skip);
	skip += start.at;
	f->line = start.line;
	return read_form(l, start.form,
			 (struct text){ text.at + skip, text.len - skip }, f);
}

/* An injector cannot send longer ones. */
static int check_frames(const struct recording *rec, struct recording_fault *f)
{
	size_t n = 0;

	for (size_t i = 0; i < rec->n; i++) {
		n = vi_is_syn_report(&rec->event[i].ev) ? 0 : n + 1;
		if (n <= VINJECT_FRAME_MAX)
			continue;
		fault_set(&f->why, "more than %d events without SYN_REPORT",
			  VINJECT_FRAME_MAX);
		recording_locate(f, rec, rec->event[i].line);
		return -EINVAL;
	}
	return 0;
}

static int finish(struct recording_lines *l, struct recording_fault *f)
{
	struct recording *rec = l->rec;
	int r = recording_devices_check(l->devices, &f->why);

	if (r)
		return r;
	if (!rec->n)
		return fault_set(&f->why, "the recording has no events");
	if (!vi_is_syn_report(&rec->event[rec->n - 1].ev))
		r = recording_end_frame(rec, rec->event[rec->n - 1].time_us,
					&f->why);
	if (!r)
		r = recording_type_a_convert(rec, &f->why);
	if (!r)
		r = recording_slot_name(rec, &l->slot, &f->why);
	return r ? r : check_frames(rec, f);
}

/* Whether it says that its device numbers dozens of axes through. */
static bool describes_plain(struct text text, unsigned int device)
{
	struct recording_device dev;
	struct recording_fault why;

	return !recording_describe(&dev, text.at, text.len, device, &why) &&
	       dev.abs[ABS_MT_SLOT - 1].known;
}

int recording_read(struct recording *rec, const char *text, size_t len,
		   unsigned int device, struct recording_fault *f)
{
	struct recording_devices devices = { .wanted = device };
	struct recording_lines l = { .rec = rec, .devices = &devices };
	const size_t size = recording_raw_size(text, len);
	int r;

	*rec = RECORDING_NULL;
	f->line = 0;
	if (size)
		r = recording_raw_read(rec, text, len, size, f);
	else
		r = recording_read_text(&l, (struct text){ text, len }, f);
	if (!r) {
		rec->plain =
			!size &&
			describes_plain((struct text){ text, len }, device);
		f->line = 0;
		r = finish(&l, f);
	}
	recording_devices_fini(&devices);
	return r;
}
