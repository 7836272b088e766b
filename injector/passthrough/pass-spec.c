/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-spec.h"
#include "input/spec/spec-read.h"
#include "input/spec/spec-rest.h"
#include "input/spec/spec-write.h"

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
 * Control characters and bytes that are not UTF-8 become '?'.
 * Return: whether all of it fits.
 */
static bool copy_text(char to[SPEC_NAME_MAX + 1], const char *text)
{
	size_t at = 0;

	while (*text) {
		const size_t len = utf8_length((const unsigned char *)text);
		const size_t n = len ? len : 1;
		const bool keep = len && !is_control(text);

		if (at + n > SPEC_NAME_MAX)
			break;
		memcpy(to + at, keep ? text : "?", n);
		at += n;
		text += n;
	}
	to[at] = '\0';
	return !*text;
}

static void take_identity(struct spec *spec, const struct libevdev *dev,
			  struct pass_notes *notes)
{
	const char *name = libevdev_get_name(dev);
	const char *uniq = libevdev_get_uniq(dev);

	if (!copy_text(spec->name, name && *name ? name : "Unnamed device"))
		pass_note(notes,
			  "the name is cut to \"%s\": a guest has %d "
			  "bytes for it",
			  spec->name, SPEC_NAME_MAX);
	if (uniq && !copy_text(spec->serial, uniq))
		pass_note(notes, "the serial (uniq) is cut to \"%s\"",
			  spec->serial);
	spec->ids.bustype = (uint16_t)libevdev_get_id_bustype(dev);
	spec->ids.vendor = (uint16_t)libevdev_get_id_vendor(dev);
	spec->ids.product = (uint16_t)libevdev_get_id_product(dev);
	spec->ids.version = (uint16_t)libevdev_get_id_version(dev);
	for (unsigned int prop = 0; prop <= INPUT_PROP_MAX; prop++)
		if (libevdev_has_property(dev, prop))
			bit_set(spec->props, prop);
}

static void take_axis(struct spec_abs *abs, const struct input_absinfo *info,
		      unsigned int code)
{
	*abs = (struct spec_abs){ .min = info->minimum,
				  .max = info->maximum,
				  .fuzz = info->fuzz,
				  .flat = info->flat,
				  .res = info->resolution,
				  .unclamped = code != ABS_MT_SLOT };
}

static void take_type(struct spec *spec, const struct libevdev *dev,
		      unsigned int type)
{
	const int max = libevdev_event_type_get_max(type);

	for (unsigned int code = 0; max >= 0 && code <= (unsigned int)max;
	     code++) {
		if (!libevdev_has_event_code(dev, type, code))
			continue;
		bit_set(spec->bits[type], code);
		if (type == EV_ABS)
			take_axis(&spec->abs[code],
				  libevdev_get_abs_info(dev, code), code);
	}
}

static void take_repeat(struct spec *spec, const struct libevdev *dev)
{
	int delay, period;

	if (libevdev_get_repeat(dev, &delay, &period) || delay < 0 ||
	    period < 0)
		return;
	spec->has_repeat = true;
	spec->repeat_delay_ms = (uint32_t)delay;
	spec->repeat_period_ms = (uint32_t)period;
	bit_set(spec->bits[EV_REP], REP_DELAY);
	bit_set(spec->bits[EV_REP], REP_PERIOD);
}

static void take_events(struct spec *spec, const struct libevdev *dev,
			struct pass_notes *notes)
{
	static const unsigned int carried[] = { EV_KEY, EV_REL, EV_ABS, EV_MSC,
						EV_SW,	EV_LED, EV_SND };

	for (size_t i = 0; i < sizeof(carried) / sizeof(*carried); i++)
		if (libevdev_has_event_type(dev, carried[i]))
			take_type(spec, dev, carried[i]);
	if (libevdev_has_event_type(dev, EV_REP))
		take_repeat(spec, dev);
	if (libevdev_has_event_type(dev, EV_FF))
		pass_note(notes, "force feedback (EV_FF): virtio-input cannot "
				 "carry it");
	if (libevdev_has_event_type(dev, EV_PWR))
		pass_note(notes, "EV_PWR: virtio-input cannot carry it");
}

static void keep_error(void *arg, const struct spec_diag *diag)
{
	if (diag->severity == SPEC_ERROR)
		fault_set(arg, "%s", diag->text);
}

/* What we write MUST be what a server accepts: its reader is asked. */
static int check_readable(const struct spec *spec, struct fault *why)
{
	static struct spec again;
	char *text = spec_write(spec);
	int r;

	if (!text)
		return fault_no_memory(why);
	r = spec_read(&again,
		      &(struct spec_text){ .bytes = text, .len = strlen(text) },
		      keep_error, why);
	free(text);
	return r == -ENOMEM ? fault_no_memory(why) : r ? -EINVAL : 0;
}

int pass_spec_from(struct spec *spec, const struct libevdev *dev,
		   struct pass_notes *notes, struct fault *why)
{
	*spec = (struct spec){ 0 };
	notes->n = 0;
	take_identity(spec, dev, notes);
	take_events(spec, dev, notes);
	spec_rest_defaults(spec, 0);
	if (spec_has(spec, EV_ABS, ABS_MT_POSITION_X) &&
	    !spec_has(spec, EV_ABS, ABS_MT_SLOT) &&
	    !spec_has(spec, EV_ABS, ABS_MT_SLOT - 1))
		return fault_set(why, "contacts without slots (multi-touch "
				      "protocol A) are not supported");
	return check_readable(spec, why);
}
