/* SPDX-License-Identifier: Apache-2.0 */
#include <libevdev/libevdev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/model-random.h"

static uint16_t any_declared(struct rnd *rnd, const struct spec *spec,
			     uint16_t type)
{
	uint16_t code;

	do
		code = (uint16_t)rnd_below(rnd, 0x300);
	while (!spec_has(spec, type, code));
	return code;
}

static struct vi_event random_mt(struct rnd *rnd, const struct spec *spec)
{
	const int n_slots = (int)spec_slots(spec);
	const int r = rnd_between(rnd, 0, 9);
	uint16_t code = ABS_MT_POSITION_X;

	if (rnd_one_in(rnd, 40))
		return vi_event(EV_SYN, SYN_MT_REPORT, 0);
	if (r < 2)
		return vi_event(EV_ABS, ABS_MT_SLOT,
				rnd_between(rnd, 0, n_slots - 1));
	if (r < 3 && rnd_one_in(rnd, 8))
		return vi_event(EV_ABS, ABS_MT_SLOT,
				rnd_one_in(rnd, 2) ? -1 : n_slots);
	if (r < 4)
		return vi_event(EV_ABS, ABS_MT_TRACKING_ID,
				rnd_between(rnd, 0, 4));
	if (r < 5)
		return vi_event(EV_ABS, ABS_MT_TRACKING_ID,
				rnd_between(rnd, -2, -1));
	do
		code = (uint16_t)rnd_between(rnd, ABS_MT_TOUCH_MAJOR,
					     ABS_MT_TOOL_Y);
	while (!spec_has(spec, EV_ABS, code) || code == ABS_MT_TRACKING_ID);
	return vi_event(EV_ABS, code, rnd_between(rnd, -1, 4));
}

struct vi_event model_random_event(struct rnd *rnd, const struct spec *spec,
				   int who)
{
	const unsigned int r = rnd_below(rnd, 20);

	/* Sources with an odd number never touch. */
	if (spec_slots(spec) && who % 2 == 0 && r < 12)
		return random_mt(rnd, spec);
	if (r < 15)
		return vi_event(EV_KEY, any_declared(rnd, spec, EV_KEY),
				rnd_between(rnd, 0, 2));
	if (r < 16)
		return vi_event(EV_REL, REL_X, rnd_between(rnd, -9, 9));
	if (r < 17)
		return vi_event(EV_SW, SW_LID, rnd_between(rnd, 0, 1));
	if (r < 18)
		return vi_event(rnd_below(rnd, EV_CNT) & 0x1e,
				(uint16_t)rnd_between(rnd, 1, 0x2e), 1);
	return vi_event(EV_ABS,
			(uint16_t)rnd_below(rnd, spec_slots(spec) ? ABS_MT_SLOT
								  : ABS_CNT),
			rnd_between(rnd, -9, 9));
}

static size_t random_listed(struct rnd *rnd, struct vi_event *ev)
{
	size_t n = 0;

	if (rnd_one_in(rnd, 3))
		ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID,
				   rnd_between(rnd, 0, 4));
	ev[n++] = vi_event(EV_ABS, ABS_MT_POSITION_X, rnd_between(rnd, -1, 4));
	ev[n++] = vi_event(EV_ABS, ABS_MT_POSITION_Y, rnd_between(rnd, -1, 4));
	if (rnd_one_in(rnd, 4))
		ev[n++] = vi_event(EV_KEY, BTN_TOUCH, rnd_between(rnd, 0, 1));
	ev[n++] = vi_event(EV_SYN, SYN_MT_REPORT, 0);
	return n;
}

/* Return: the number of events of a list, which may be an empty one. */
static size_t random_list(struct rnd *rnd, struct vi_event *ev)
{
	unsigned int left = rnd_below(rnd, MODEL_SLOTS + 1);
	size_t n = 0;

	if (!left)
		ev[n++] = vi_event(EV_SYN, SYN_MT_REPORT, 0);
	for (; left; left--)
		n += random_listed(rnd, ev + n);
	return n;
}

size_t model_random_frame(struct rnd *rnd, const struct spec *spec, bool slots,
			  struct vi_event ev[MODEL_FRAME_MAX])
{
	size_t n;

	if (!slots && rnd_one_in(rnd, 2))
		return random_list(rnd, ev);
	n = rnd_below(rnd, rnd_one_in(rnd, 9) ? MODEL_FRAME_MAX : 6);
	for (size_t i = 0; i < n; i++)
		do
			ev[i] = model_random_event(rnd, spec, slots ? 0 : 1);
		while (type_a_is_end(&ev[i]));
	return n;
}

/* Some of what can start at another value does. Seeds stay what they were. */
static void random_initial(const struct rnd *from, struct spec *spec)
{
	struct rnd own = *from, *rnd = &own;

	for (uint16_t code = ABS_X; code <= ABS_Y; code++) {
		struct spec_abs *abs = &spec->abs[code];

		if (!spec_has(spec, EV_ABS, code) || abs->has_rest ||
		    rnd_one_in(rnd, 2))
			continue;
		abs->has_initial = true;
		abs->initial = rnd_between(rnd, abs->min, abs->max);
	}
	if (spec_has(spec, EV_SW, SW_LID))
		bit_assign(spec->initial_sw, SW_LID, rnd_one_in(rnd, 2));
}

/* Each of these with some probability. */
void model_random_device(struct rnd *rnd, struct spec *spec)
{
	static const char *const may_have[] = {
		"BTN_TOUCH",
		"BTN_TOOL_FINGER",
		"BTN_TOOL_DOUBLETAP",
		"BTN_TOOL_TRIPLETAP",
		"BTN_TOOL_QUADTAP",
		"KEY_B, BTN_STYLUS, KEY_MICMUTE",
		"REL_X",
		"SW_LID",
		"ABS_X -9..9 rest 2",
		"ABS_X 0..3",
		"ABS_Y 0..2, ABS_PRESSURE 0..3",
		"ABS_Z 0..5 rest 0, ABS_HAT0X -1..1 rest 0",
		"ABS_MT_POSITION_Y 0..3, ABS_MT_TOUCH_MAJOR 0..2",
		"ABS_MT_PRESSURE 0..3, ABS_MT_ORIENTATION -1..1",
		"ABS_MT_DISTANCE 0..2",
	};
	char slots[64];

	memset(spec, 0, sizeof(*spec));
	event_text_device("KEY_A", spec);
	for (size_t i = 0; i < sizeof(may_have) / sizeof(may_have[0]); i++)
		if (rnd_one_in(rnd, 2))
			event_text_device(may_have[i], spec);
	random_initial(rnd, spec);
	if (rnd_one_in(rnd, 4)) {
		/* The spec reader rejects positions without slots. */
		bit_clear(spec->bits[EV_ABS], ABS_MT_POSITION_Y);
		/* Nor has a device that numbers its axes through. */
		if (rnd_one_in(rnd, 2))
			event_text_device("ABS_MISC 0..9, ABS_RESERVED 0..9, "
					  "ABS_MT_SLOT -3..3 rest 1, "
					  "ABS_MT_TRACKING_ID 0..5, "
					  "ABS_MT_POSITION_X 0..5",
					  spec);
		return;
	}
	snprintf(slots, sizeof(slots), "ABS_MT_SLOT 0..%d",
		 rnd_between(rnd, 0, MODEL_SLOTS - 1));
	event_text_device(slots, spec);
	event_text_device("ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..3",
			  spec);
	/* As random_initial(): without a draw. */
	if (rnd->state % 4 == 0)
		event_text_device("ABS_MT_DISTANCE 0..1", spec);
}

static bool declares(const struct spec *spec, uint16_t type)
{
	for (size_t i = 0; i < SPEC_BITMAP_LEN; i++)
		if (spec->bits[type][i])
			return true;
	return false;
}

static void write_codes(const struct spec *spec, uint16_t type, FILE *file)
{
	const char *comma = "";

	fprintf(file, "    \"%s\": [", libevdev_event_type_get_name(type));
	for (uint16_t code = 0; code < SPEC_CODES; code++) {
		if (!spec_has(spec, type, code))
			continue;
		fprintf(file, "%s%u", comma, code);
		comma = ", ";
	}
	fprintf(file, "]");
}

static void write_axis(uint16_t code, const struct spec_abs *abs, FILE *file)
{
	fprintf(file, "    \"%s\": { \"min\": %d, \"max\": %d",
		libevdev_event_code_get_name(EV_ABS, code), abs->min, abs->max);
	if (abs->has_rest)
		fprintf(file, ", \"rest\": %d", abs->rest);
	fprintf(file, " }");
}

static void write_initial(const struct spec *spec, FILE *file)
{
	const char *comma = "";

	fprintf(file, ",\n  \"initial\": {");
	for (uint16_t code = 0; code < SW_CNT; code++) {
		if (!bit_test(spec->initial_sw, code))
			continue;
		fprintf(file, "%s \"%s\": true", comma,
			libevdev_event_code_get_name(EV_SW, code));
		comma = ",";
	}
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		if (!spec->abs[code].has_initial)
			continue;
		fprintf(file, "%s \"%s\": %d", comma,
			libevdev_event_code_get_name(EV_ABS, code),
			spec->abs[code].initial);
		comma = ",";
	}
	fprintf(file, " }");
}

void model_random_write(const struct spec *spec, FILE *file)
{
	static const uint16_t types[] = { EV_KEY, EV_REL, EV_SW };
	const char *comma = "";

	fprintf(file, "{\n  \"name\": \"random\",\n  \"events\": {\n");
	for (size_t i = 0; i < 3; i++) {
		if (!declares(spec, types[i]))
			continue;
		fputs(comma, file);
		write_codes(spec, types[i], file);
		comma = ",\n";
	}
	fprintf(file, "\n  }");
	comma = ",\n  \"axes\": {\n";
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		if (!spec_has(spec, EV_ABS, code))
			continue;
		fputs(comma, file);
		write_axis(code, &spec->abs[code], file);
		comma = ",\n";
	}
	fprintf(file, "%s", declares(spec, EV_ABS) ? "\n  }" : "");
	write_initial(spec, file);
	fprintf(file, "\n}\n");
}

void model_random_spec_file(struct rnd *rnd, const char *more, const char *path,
			    struct spec *spec, spec_diag_fn *diag)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	model_random_device(rnd, spec);
	event_text_device(more, spec);
	model_random_write(spec, f);
	fclose(f);
	assert_ok(spec_read(spec, &(struct spec_text){ text, len, NULL, 0 },
			    diag, NULL));
	f = fopen(path, "we");
	assert_non_null(f);
	fwrite(text, 1, len, f);
	fclose(f);
	free(text);
}
