/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each form is read line by line: none needs more than the line and, for
 * libinput's and evtest's lists, the last heading. Lines that say nothing about
 * the device are skipped.
 *
 * evemu and libinput write the values that axes and switches have when the
 * recording begins as comments in evtest's form:
 *
 *	# Event type 5 (EV_SW)
 *	#   Event code 0 (SW_LID)
 *	#       State 1
 */
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "input/spec/spec-diag.h"
#include "input/spec/spec-names.h"
#include "input/spec/spec-recording.h"

#define LINE_LEN 8192

enum section {
	NONE,
	CODES,
	ABSINFO,
};

struct description {
	struct spec *spec;
	char line[LINE_LEN]; /* without indentation, cut if longer */
	bool has_name;
	enum section section;	 /* libinput */
	unsigned int type;	 /* evtest's form: of the codes that follow */
	unsigned int code;	 /* ... and of the values */
	unsigned int prop_bytes; /* evemu: read so far */
	unsigned int bytes[EV_CNT];
	const char *wrong;
};

/* Return: whether the line begins so; *rest is then what follows. */
static bool begins(const char *line, const char *with, const char **rest)
{
	const size_t len = strlen(with);

	if (strncmp(line, with, len))
		return false;
	*rest = line + len;
	return true;
}

static void declare(struct description *d, unsigned int type, long code)
{
	if (!spec_carries(type))
		return;
	if (code < 0 || code > names_code_max(type))
		d->wrong = "a code that its event type does not have";
	else
		bit_set(d->spec->bits[type], (unsigned int)code);
}

static void set_prop(struct description *d, long prop)
{
	if (prop < 0 || prop > INPUT_PROP_MAX)
		d->wrong = "an input property that does not exist";
	else
		bit_set(d->spec->props, (unsigned int)prop);
}

/* Cut to what virtio carries, not within a character. */
static void set_name(struct description *d, const char *name, char end)
{
	const char *stop = end ? strrchr(name, end) : NULL;
	size_t len = stop ? (size_t)(stop - name) : strlen(name);

	if (len > SPEC_NAME_MAX) {
		len = SPEC_NAME_MAX;
		while (len && ((unsigned char)name[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(d->spec->name, name, len);
	d->spec->name[len] = '\0';
	d->has_name = true;
}

static void set_ids(struct description *d, const unsigned int id[4], int n)
{
	if (n != 4 || (id[0] | id[1] | id[2] | id[3]) > UINT16_MAX) {
		d->wrong = "expected four numbers up to 65535: bus, vendor, "
			   "product and version";
		return;
	}
	d->spec->ids.bustype = (uint16_t)id[0];
	d->spec->ids.vendor = (uint16_t)id[1];
	d->spec->ids.product = (uint16_t)id[2];
	d->spec->ids.version = (uint16_t)id[3];
}

/* v: those that are missing are 0; the resolution may be. */
static void set_axis(struct description *d, unsigned int code,
		     const int32_t v[5], int n)
{
	if (code >= ABS_CNT || n < 4)
		d->wrong = "expected an axis, its minimum, maximum, fuzz, flat "
			   "and resolution";
	else
		d->spec->abs[code] = (struct spec_abs){
			.min = v[0],
			.max = v[1],
			.fuzz = v[2],
			.flat = v[3],
			.res = v[4],
			.has_initial = d->spec->abs[code].has_initial,
			.initial = d->spec->abs[code].initial,
		};
}

/* type: EV_SW or EV_ABS. */
static void set_initial(struct description *d, unsigned int type,
			unsigned int code, int32_t value)
{
	if (type == EV_SW) {
		if (code < SW_CNT)
			bit_assign(d->spec->initial_sw, code, value);
	} else if (code < ABS_CNT) {
		d->spec->abs[code].has_initial = true;
		d->spec->abs[code].initial = value;
	}
}

/* Return: whether the line, a heading of evtest's form, was that. */
static bool take_heading(struct description *d, const char *line)
{
	return sscanf(line, "Event type %u", &d->type) == 1 ||
	       sscanf(line, "Event code %u", &d->code) == 1;
}

/* A comment of evemu or libinput. */
static void take_comment(struct description *d, const char *line)
{
	int32_t value;

	line += strspn(line, "# \t");
	if (take_heading(d, line))
		return;
	if ((d->type == EV_ABS && sscanf(line, "Value %d", &value) == 1) ||
	    (d->type == EV_SW && sscanf(line, "State %d", &value) == 1))
		set_initial(d, d->type, d->code, value);
}

/* --- evemu --- */

/* Bytes in hex, of which each continues the last line's. type < 0: props. */
static void evemu_bits(struct description *d, const char *bytes, int type)
{
	unsigned int *at = type < 0 ? &d->prop_bytes : &d->bytes[type];
	char *end;

	for (;; bytes = end, ++*at) {
		const unsigned long byte = strtoul(bytes, &end, 16);

		if (end == bytes || byte > 0xff)
			break;
		for (unsigned int bit = 0; byte >> bit; bit++) {
			const unsigned int code = 8 * *at + bit;

			if (byte >> bit & 1 && type < 0)
				set_prop(d, code);
			else if (byte >> bit & 1)
				declare(d, (unsigned int)type, code);
		}
	}
}

static void evemu_line(struct description *d, const char *line)
{
	unsigned int id[4] = { 0 }, code = 0;
	const char *rest;
	char *end;
	int32_t v[5] = { 0 };
	int n;

	if (begins(line, "N: ", &rest)) {
		set_name(d, rest, '\0');
	} else if (begins(line, "I: ", &rest)) {
		n = sscanf(rest, "%x %x %x %x", &id[0], &id[1], &id[2], &id[3]);
		set_ids(d, id, n);
	} else if (begins(line, "P: ", &rest)) {
		evemu_bits(d, rest, -1);
	} else if (begins(line, "B: ", &rest)) {
		const unsigned long type = strtoul(rest, &end, 16);

		if (end == rest || type >= EV_CNT)
			d->wrong = "expected an event type below 20, in hex";
		else
			evemu_bits(d, end, (int)type);
	} else if (begins(line, "A: ", &rest)) {
		n = sscanf(rest, "%x %d %d %d %d %d", &code, &v[0], &v[1],
			   &v[2], &v[3], &v[4]);
		set_axis(d, code, v, n - 1);
	} else if (begins(line, "S: ", &rest)) {
		n = sscanf(rest, "%x %d", &code, &v[0]);
		set_initial(d, EV_SW, n == 2 ? code : SW_CNT, v[0]);
	} else if (line[0] == '#') {
		take_comment(d, line);
	}
}

/* --- libinput record --- */

static void libinput_list(struct description *d, unsigned int type,
			  const char *list)
{
	char *end;

	for (;; list = end + 1) {
		const long code = strtol(list, &end, 10);

		if (end == list)
			return;
		if (type == EV_CNT)
			set_prop(d, code);
		else
			declare(d, type, code);
		if (*end != ',')
			return;
	}
}

static void libinput_numbered(struct description *d, const char *line)
{
	unsigned int number;
	int at = 0, n;
	int32_t v[5] = { 0 };

	if (sscanf(line, "%u: [%n", &number, &at) < 1 || !at) {
		d->section = NONE;
	} else if (d->section == CODES) {
		if (number < EV_CNT)
			libinput_list(d, number, line + at);
	} else {
		n = sscanf(line + at, "%d, %d, %d, %d, %d", &v[0], &v[1], &v[2],
			   &v[3], &v[4]);
		set_axis(d, number, v, n);
	}
}

static void libinput_line(struct description *d, const char *line)
{
	unsigned int id[4] = { 0 };
	const char *rest;
	int n;

	if (begins(line, "name: \"", &rest)) {
		set_name(d, rest, '"');
	} else if (begins(line, "id: [", &rest)) {
		n = sscanf(rest, "%u, %u, %u, %u", &id[0], &id[1], &id[2],
			   &id[3]);
		set_ids(d, id, n);
	} else if (begins(line, "codes:", &rest)) {
		d->section = CODES;
	} else if (begins(line, "absinfo:", &rest)) {
		d->section = ABSINFO;
	} else if (begins(line, "properties: [", &rest)) {
		libinput_list(d, EV_CNT, rest);
		d->section = NONE;
	} else if (line[0] == '#') {
		take_comment(d, line);
	} else if (d->section != NONE) {
		libinput_numbered(d, line);
	}
}

/* --- evtest --- */

static void evtest_value(struct description *d, const char *line)
{
	struct spec_abs *abs = &d->spec->abs[d->code % ABS_CNT];
	const struct {
		const char *word;
		int32_t *value;
	} values[] = {
		{ "Min", &abs->min },	     { "Max", &abs->max },
		{ "Fuzz", &abs->fuzz },	     { "Flat", &abs->flat },
		{ "Resolution", &abs->res }, { "Value", &abs->initial },
	};
	const char *rest;

	if (d->type != EV_ABS)
		return;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		if (begins(line, values[i].word, &rest) &&
		    sscanf(rest, "%d", values[i].value) == 1)
			abs->has_initial |= values[i].value == &abs->initial;
}

/* "Event code 0 (SW_LID) state 1" */
static void evtest_code(struct description *d, const char *line)
{
	const char *state = strstr(line, ") state ");
	int32_t value;

	declare(d, d->type, (long)d->code);
	if (state && d->type == EV_SW && sscanf(state + 8, "%d", &value) == 1)
		set_initial(d, EV_SW, d->code, value);
}

static void evtest_line(struct description *d, const char *line)
{
	unsigned int id[4] = { 0 }, number;
	const char *rest;
	int n;

	if (begins(line, "Input device name: \"", &rest)) {
		set_name(d, rest, '"');
	} else if (begins(line, "Input device ID: ", &rest)) {
		n = sscanf(rest, "bus %x vendor %x product %x version %x",
			   &id[0], &id[1], &id[2], &id[3]);
		set_ids(d, id, n);
	} else if (take_heading(d, line)) {
		if (begins(line, "Event code", &rest))
			evtest_code(d, line);
	} else if (sscanf(line, "Repeat type %u", &d->type) == 1) {
		return; /* of the codes that follow */
	} else if (sscanf(line, "Repeat code %u", &number) == 1) {
		declare(d, d->type, (long)number);
	} else if (sscanf(line, "Property type %u", &number) == 1) {
		set_prop(d, (long)number);
	} else {
		evtest_value(d, line);
	}
}

/* --- all --- */

static const struct form {
	const char *head; /* a line of every recording that has a device */
	const char *end;  /* a line after the device, NULL: none */
	void (*line)(struct description *d, const char *line);
} forms[] = {
	{ "N: ", "E: ", evemu_line },
	{ "A: ", "E: ", evemu_line }, /* without a name */
	{ "devices:", "events:", libinput_line },
	{ "- node:", "events:", libinput_line }, /* from a device on */
	{ "Input device ID: ", "Testing ...", evtest_line },
};

/*
 * Copy the line at p into d->line.
 * Return: where the next one begins.
 */
static const char *take_line(struct description *d, const char *p,
			     const char *end)
{
	const char *next = memchr(p, '\n', (size_t)(end - p));
	const char *stop = next ? next : end;
	size_t len;

	while (p < stop && (*p == ' ' || *p == '\t'))
		p++;
	if (stop > p && stop[-1] == '\r')
		stop--;
	len = (size_t)(stop - p);
	len = len < LINE_LEN ? len : LINE_LEN - 1;
	memcpy(d->line, p, len);
	d->line[len] = '\0';
	return next ? next + 1 : end;
}

static const struct form *find_form(const char *text, size_t len)
{
	const char *end = text + len, *rest;
	struct description d;

	for (const char *p = text; p < end;) {
		p = take_line(&d, p, end);
		if (d.line[0] == '{' || d.line[0] == '[')
			return NULL;
		for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
			if (begins(d.line, forms[i].head, &rest))
				return &forms[i];
	}
	return NULL;
}

bool spec_recording_is(const char *text, size_t len)
{
	return find_form(text, len);
}

int spec_recording_read(struct spec *out, const char *text, size_t len,
			struct template_fault *fault)
{
	const struct form *form = find_form(text, len);
	struct description d = { .spec = out };
	const char *end = text + len, *rest;

	*out = (struct spec){ .ids = { .bustype = BUS_VIRTUAL } };
	for (const char *p = text, *next; form && p < end; p = next) {
		next = take_line(&d, p, end);
		if (d.has_name && begins(d.line, form->end, &rest))
			break;
		form->line(&d, d.line);
		if (d.wrong) {
			fault->at = p;
			snprintf(fault->text, sizeof(fault->text), "%s",
				 d.wrong);
			return SPEC_E_INVALID;
		}
	}
	return 0;
}
