/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-settings.h"
#include "injector/inject/inject-value.h"
#include "input/base/near.h"

struct setting;

/*
 * to: the row's member of struct inject_settings, of the type that AT() was
 * given. Return: 0 or -EINVAL.
 */
typedef int setting_take_fn(const struct setting *row, void *to,
			    const char *value, struct fault *f);

struct setting {
	struct inject_value as; /* as.what: the option, "--angle" */
	setting_take_fn *take;	/* NULL: a flag, which is a bool */
	size_t offset;
};

static int setting_take_time(const struct setting *row, void *to,
			     const char *value, struct fault *f)
{
	return inject_value_time(to, row->as.what, value, f);
}

static int setting_take_number(const struct setting *row, void *to,
			       const char *value, struct fault *f)
{
	return inject_value_number(to, &row->as, value, f);
}

static int setting_take_integer(const struct setting *row, void *to,
				const char *value, struct fault *f)
{
	return inject_value_integer(to, &row->as, value, f);
}

static int setting_take_text(const struct setting *row, void *to,
			     const char *value, struct fault *f)
{
	*(const char **)to = value;
	return 0;
}

static int setting_take_easing(const struct setting *row, void *to,
			       const char *value, struct fault *f)
{
	return inject_easing_read(to, value, f);
}

static int setting_take_unicode(const struct setting *row, void *to,
				const char *value, struct fault *f)
{
	return inject_unicode_read(to, value, f);
}

static int setting_take_speed(const struct setting *row, void *to,
			      const char *value, struct fault *f)
{
	if (strcmp(value, "max") != 0)
		return setting_take_number(row, to, value, f);
	*(double *)to = 0;
	return 0;
}

static int setting_take_from(const struct setting *row, void *to,
			     const char *value, struct fault *f)
{
	if (!inject_value_size(to, value))
		return 0;
	return fault_set(f, "%s must be WxH, such as 1080x2400, not %.40s",
			 row->as.what, value);
}

static int setting_take_tilt(const struct setting *row, void *to,
			     const char *value, struct fault *f)
{
	struct inject_point *tilt = to;
	char *end;

	tilt->x = strtod(value, &end);
	if (end != value && *end == ',') {
		value = end + 1;
		tilt->y = strtod(value, &end);
	} else {
		end = (char *)value;
	}
	if (end == value || *end || !(fabs(tilt->x) <= row->as.max) ||
	    !(fabs(tilt->y) <= row->as.max))
		return fault_set(f, "--tilt must be X,Y in degrees from -90 "
				    "to 90");
	return 0;
}

/* The offset of a member; it does not compile if the type is not its own. */
#define AT(type, member)                                                    \
	(offsetof(struct inject_settings, member) +                         \
	 0 * sizeof(char[__builtin_types_compatible_p(                      \
				 type, typeof(((struct inject_settings *)0) \
						      ->member))            \
				 ? 1                                        \
				 : -1]))

#define ROW(id, name, take, at, ...) \
	[INJECT_OPT_##id] = { { "--" name, __VA_ARGS__ }, take, at }
#define FLAG(id, name, member) ROW(id, name, NULL, AT(bool, member))
#define TEXT(id, name, member) \
	ROW(id, name, setting_take_text, AT(const char *, member))
#define TIME(id, name, member) \
	ROW(id, name, setting_take_time, AT(int64_t, member))
#define INTEGER(id, name, member, min, max) \
	ROW(id, name, setting_take_integer, AT(long, member), min, max)
#define NUMBER(id, name, member, min, max) \
	ROW(id, name, setting_take_number, AT(double, member), min, max)

static const struct setting settings[INJECT_OPTIONS] = {
	NUMBER(ANGLE, "angle", angle, -36000, 36000),
	INTEGER(BUTTON, "button", button, 1, 3),
	FLAG(CLEAR_MODIFIERS, "clear-modifiers", clear_modifiers),
	FLAG(COMPOSE, "compose", compose),
	INTEGER(COUNT, "count", count, 1, INT32_MAX),
	TIME(DELAY, "delay", delay),
	INTEGER(DEVICE, "device", device, 1, INT32_MAX),
	FLAG(DIAL, "dial", dial),
	INTEGER(DISTANCE, "distance", distance, 0, INT32_MAX),
	FLAG(DOWN, "down", down),
	TIME(DURATION, "duration", duration),
	ROW(EASING, "easing", setting_take_easing,
	    AT(enum inject_easing, easing)),
	FLAG(ERASER, "eraser", eraser),
	INTEGER(FINGERS, "fingers", fingers, 1, INJECT_FINGERS_MAX),
	ROW(FROM, "from", setting_take_from, AT(struct inject_size, from)),
	TIME(HOLD, "hold", hold),
	FLAG(HOVER, "hover", hover),
	FLAG(KEEP_REPEATS, "keep-repeats", keep_repeats),
	TEXT(LAYOUT, "layout", names.layout),
	FLAG(LENIENT, "lenient", lenient),
	TEXT(LOCALE, "locale", locale),
	INTEGER(LOOP, "loop", loop, 0, INT32_MAX),
	TEXT(MAP, "map", map),
	TEXT(MODEL, "model", names.model),
	TEXT(OUTPUT, "output", output),
	INTEGER(PRESSURE, "pressure", pressure, 0, INT32_MAX),
	NUMBER(RADIUS, "radius", radius, 0, INT32_MAX),
	INTEGER(RATE, "rate", rate, 1, 8000),
	FLAG(SCALE, "scale", scale),
	FLAG(SINGLE, "single", single),
	NUMBER(SPACING, "spacing", spacing, INT32_MIN, INT32_MAX),
	ROW(SPEED, "speed", setting_take_speed, AT(double, speed), 0.001, 1000),
	ROW(TILT, "tilt", setting_take_tilt, AT(struct inject_point, tilt), -90,
	    90),
	ROW(UNICODE, "unicode", setting_take_unicode,
	    AT(enum inject_unicode, unicode)),
	FLAG(UP, "up", up),
	TEXT(VARIANT, "variant", names.variant),
	TEXT(XKB_OPTIONS, "xkb-options", names.options),
};

/* word: "--hold" or "--hold=1s". Return: its row, NULL: not allowed. */
static const struct setting *setting_by_word(uint64_t allowed, const char *word)
{
	const size_t len = strcspn(word, "=");

	for (int i = 0; i < INJECT_OPTIONS; i++)
		if (allowed >> i & 1 && strlen(settings[i].as.what) == len &&
		    strncmp(settings[i].as.what, word, len) == 0)
			return &settings[i];
	return NULL;
}

static int setting_unknown(uint64_t allowed, const char *word, struct fault *f)
{
	const char *words[INJECT_OPTIONS + 1];
	char given[43] = "", hint[64] = "";
	size_t n = 0;
	const char *near;

	for (int i = 0; i < INJECT_OPTIONS; i++)
		if (allowed >> i & 1)
			words[n++] = settings[i].as.what + 2;
	words[n] = NULL;
	snprintf(given, sizeof(given), "%.*s", (int)strcspn(word, "="), word);
	near = near_word(words, given + 2);
	if (near)
		snprintf(hint, sizeof(hint), "--%s", near);
	return fault_set(f, "unknown option %s for this command%s", given,
			 fault_hint(near ? hint : NULL));
}

static int setting_take(struct inject_settings *s, const struct setting *row,
			const char *value, struct fault *f)
{
	void *to = (char *)s + row->offset;

	if (row->take)
		return row->take(row, to, value, f);
	*(bool *)to = true;
	if (s->down && s->up)
		return fault_set(f, "--down and --up exclude each other");
	return 0;
}

int inject_settings_take(struct inject_settings *s, uint64_t allowed,
			 char *const *word, struct fault *f)
{
	const struct setting *row = setting_by_word(allowed, word[0]);
	const char *value = strchr(word[0], '=');
	int taken = 1;

	if (!row)
		return setting_unknown(allowed, word[0], f);
	if (!row->take && value)
		return fault_set(f, "%s takes no value", row->as.what);
	if (value) {
		value++;
	} else if (row->take) {
		value = word[1];
		taken = 2;
		if (!value)
			return fault_set(f, "%s needs a value", row->as.what);
	}
	s->given |= UINT64_C(1) << (row - settings);
	return setting_take(s, row, value, f) ? -EINVAL : taken;
}
