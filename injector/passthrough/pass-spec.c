/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "injector/passthrough/pass-spec.h"
#include "input/spec/spec-check.h"
#include "input/spec/spec-read.h"
#include "input/spec/spec-rest.h"

__attribute__((format(printf, 2, 3))) static void pass_note(
	struct pass_notes *notes, const char *fmt, ...)
{
	va_list ap;

	if (notes->n == PASS_NOTES_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(notes->line[notes->n++], sizeof(notes->line[0]), fmt, ap);
	va_end(ap);
}

/* Return: the bytes of the UTF-8 character at text, 0 if it is not one. */
static size_t utf8_length(const unsigned char *text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char c = *text;
	const size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code = c & (0xffu >> (len + 1));

	if (len == 1)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	return code >= least[len] && code <= 0x10ffff &&
			       (code < 0xd800 || code > 0xdfff)
		       ? len
		       : 0;
}

/* A spec rejects control characters in texts. */
static bool is_control(const char *text)
{
	return (unsigned char)*text < 0x20 || *text == 0x7f;
}

/*
 * Control characters and bytes that are not UTF-8 become '?'. A text that is
 * too long ends with a whole character.
 */
static void take_text(char to[SPEC_NAME_MAX + 1], const char *text,
		      const char *what, struct pass_notes *notes)
{
	bool replaced = false;
	size_t at = 0;

	while (*text) {
		const size_t len = utf8_length((const unsigned char *)text);
		const size_t n = len ? len : 1;
		const bool keep = len && !is_control(text);

		if (at + n > SPEC_NAME_MAX)
			break;
		memcpy(to + at, keep ? text : "?", n);
		replaced |= !keep;
		at += n;
		text += n;
	}
	to[at] = '\0';
	if (*text)
		pass_note(notes,
			  "%s is cut to \"%s\": a guest has %d bytes for it",
			  what, to, SPEC_NAME_MAX);
	if (replaced)
		pass_note(notes,
			  "%s has bytes that are not text; the guest gets "
			  "\"%s\"",
			  what, to);
}

static void take_identity(struct spec *spec, const struct libevdev *dev,
			  struct pass_notes *notes)
{
	const char *name = libevdev_get_name(dev);
	const char *uniq = libevdev_get_uniq(dev);

	if (!name || !*name) {
		name = "Unnamed device";
		pass_note(notes, "it has no name; the guest gets \"%s\"", name);
	}
	take_text(spec->name, name, "the name", notes);
	take_text(spec->serial, uniq ? uniq : "", "the serial (uniq)", notes);
	spec->ids.bustype = (uint16_t)libevdev_get_id_bustype(dev);
	spec->ids.vendor = (uint16_t)libevdev_get_id_vendor(dev);
	spec->ids.product = (uint16_t)libevdev_get_id_product(dev);
	spec->ids.version = (uint16_t)libevdev_get_id_version(dev);
	for (unsigned int prop = 0; prop <= INPUT_PROP_MAX; prop++)
		if (libevdev_has_property(dev, prop))
			bit_set(spec->props, prop);
}

/* Only a broken device has less than 0. */
static int32_t take_measure(struct pass_notes *notes, unsigned int code,
			    const char *what, int32_t value)
{
	if (value >= 0)
		return value;
	pass_note(notes, "the %s of axis 0x%02x is %d; the guest gets 0", what,
		  code, value);
	return 0;
}

static void take_axis(struct spec_abs *abs, const struct libevdev *dev,
		      unsigned int code, struct pass_notes *notes)
{
	const struct input_absinfo *info = libevdev_get_abs_info(dev, code);

	*abs = (struct spec_abs){
		.min = info->minimum,
		.max = info->maximum,
		.fuzz = take_measure(notes, code, "fuzz", info->fuzz),
		.flat = take_measure(notes, code, "flat", info->flat),
		.res = take_measure(notes, code, "resolution",
				    info->resolution),
		.unclamped = true,
	};
}

static void take_type(struct spec *spec, const struct libevdev *dev,
		      unsigned int type, struct pass_notes *notes)
{
	const char *name = libevdev_event_type_get_name(type);
	const int max = libevdev_event_type_get_max(type);
	bool any = false;

	for (unsigned int code = 0; max >= 0 && code <= (unsigned int)max;
	     code++) {
		if (!libevdev_has_event_code(dev, type, code))
			continue;
		any = true;
		bit_set(spec->bits[type], code);
		if (type == EV_ABS)
			take_axis(&spec->abs[code], dev, code, notes);
	}
	if (!any && name)
		pass_note(notes,
			  "%s without codes: virtio-input cannot carry it",
			  name);
}

static void take_repeat(struct spec *spec, const struct libevdev *dev,
			struct pass_notes *notes)
{
	int delay, period;

	bit_set(spec->bits[EV_REP], REP_DELAY);
	bit_set(spec->bits[EV_REP], REP_PERIOD);
	if (libevdev_get_repeat(dev, &delay, &period) || delay < 0 ||
	    period < 0) {
		pass_note(notes, "key repeat (EV_REP) without valid times: "
				 "the guest uses its own");
		return;
	}
	spec->has_repeat = true;
	spec->repeat_delay_ms = (uint32_t)delay;
	spec->repeat_period_ms = (uint32_t)period;
}

/* What a guest cannot have of this type, in words; NULL: it has all of it. */
static const char *pass_spec_lack(unsigned int type)
{
	switch (type) {
	case EV_FF:
		return "force feedback (EV_FF)";
	case EV_PWR:
		return "EV_PWR";
	case EV_FF_STATUS:
		return "EV_FF_STATUS";
	}
	return NULL;
}

static void take_events(struct spec *spec, const struct libevdev *dev,
			struct pass_notes *notes)
{
	for (unsigned int type = EV_SYN + 1; type < EV_CNT; type++) {
		const char *lack = pass_spec_lack(type);

		if (!libevdev_has_event_type(dev, type))
			continue;
		if (lack)
			pass_note(notes, "%s: virtio-input cannot carry it",
				  lack);
		else if (type == EV_REP)
			take_repeat(spec, dev, notes);
		else
			take_type(spec, dev, type, notes);
	}
	if (spec_slots(spec))
		spec->abs[ABS_MT_SLOT].unclamped = false;
}

bool pass_spec_is_type_a(const struct libevdev *dev)
{
	return (libevdev_has_event_code(dev, EV_ABS, ABS_MT_POSITION_X) ||
		libevdev_has_event_code(dev, EV_ABS, ABS_MT_POSITION_Y)) &&
	       !libevdev_has_event_code(dev, EV_ABS, ABS_MT_SLOT) &&
	       !libevdev_has_event_code(dev, EV_ABS, ABS_MT_SLOT - 1);
}

/* More than fingers; nobody knows how many contacts such a device has. */
#define TYPE_A_SLOTS 16

static void add_axis(struct spec *spec, uint16_t code, int32_t max)
{
	if (spec_has(spec, EV_ABS, code))
		return;
	bit_set(spec->bits[EV_ABS], code);
	spec->abs[code] = (struct spec_abs){ .max = max };
}

static void add_slots(struct spec *spec, struct pass_notes *notes)
{
	add_axis(spec, ABS_MT_SLOT, TYPE_A_SLOTS - 1);
	add_axis(spec, ABS_MT_TRACKING_ID, UINT16_MAX);
	pass_note(notes,
		  "its contacts have no slots (multi-touch protocol A); the "
		  "guest gets them with %d",
		  TYPE_A_SLOTS);
}

int pass_spec_from(struct spec *spec, const struct libevdev *dev,
		   struct pass_notes *notes, struct fault *why)
{
	struct spec_flaw flaw;

	*spec = (struct spec){ 0 };
	notes->n = 0;
	take_identity(spec, dev, notes);
	take_events(spec, dev, notes);
	if (pass_spec_is_type_a(dev))
		add_slots(spec, notes);
	spec->exact = spec_slots(spec) > 0;
	spec_rest_defaults(spec, 0);
	return spec_check(spec, &flaw) ? fault_set(why, "%s", flaw.text) : 0;
}

void pass_spec_set_serial(struct spec *spec, const char *serial)
{
	const char *why;

	if (!serial || !strcmp(serial, "keep"))
		return;
	spec_set_serial(spec, strcmp(serial, "none") ? serial : "", &why);
}
