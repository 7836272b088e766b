/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-tuning.h"
#include "input/base/near.h"

#define WIDTH	   1920
#define HEIGHT	   1080
#define PIXELS_MAX 32768

static const char *const on_off[] = { "off", "on", NULL };
static const char *const accels[] = { "flat", "adaptive", NULL };
static const char *const scrolls[] = { "none", "two-finger", "edge", "button",
				       NULL };
static const char *const clicks[] = { "none", "areas", "finger", NULL };

/* By enum pass_tune. */
static const struct tune_row {
	const char *name;
	const char *const *words;
	const char *list;
} rows[PASS_TUNES] = {
	{ "tap", on_off, "on or off" },
	{ "drag", on_off, "on or off" },
	{ "drag-lock", on_off, "on or off" },
	{ "natural-scroll", on_off, "on or off" },
	{ "left-handed", on_off, "on or off" },
	{ "middle-emulation", on_off, "on or off" },
	{ "disable-while-typing", on_off, "on or off" },
	{ "pinch", on_off, "on or off" },
	{ "accel", accels, "flat or adaptive" },
	{ "scroll", scrolls, "none, two-finger, edge or button" },
	{ "click", clicks, "none, areas or finger" },
};

const char *pass_tuning_name(enum pass_tune tune)
{
	return rows[tune].name;
}

bool pass_tuning_pinches(const struct pass_tuning *t)
{
	return t->choice[PASS_TUNE_PINCH] == PASS_ON;
}

void pass_tuning_init(struct pass_tuning *t)
{
	*t = (struct pass_tuning){ .width = WIDTH, .height = HEIGHT };
	memset(t->choice, -1, sizeof(t->choice));
}

/* value: NULL: none was given, which stands for "on". */
static int read_choice(struct pass_tuning *t, int tune, const char *value,
		       struct fault *why)
{
	const struct tune_row *row = &rows[tune];

	if (!value && row->words == on_off)
		value = "on";
	for (int i = 0; value && row->words[i]; i++)
		if (!strcmp(row->words[i], value)) {
			t->choice[tune] = (int8_t)i;
			return 0;
		}
	return fault_set(why, "%s=%.40s: must be %s", row->name,
			 value ? value : "", row->list);
}

static int read_speed(struct pass_tuning *t, const char *value,
		      struct fault *why)
{
	char *end = NULL;

	t->speed = value ? strtod(value, &end) : 0;
	if (!value || end == value || *end ||
	    !(t->speed >= -1 && t->speed <= 1))
		return fault_set(why, "speed=%.40s: must be from -1 to 1",
				 value ? value : "");
	t->has_speed = true;
	return 0;
}

static int read_size(struct pass_tuning *t, const char *value,
		     struct fault *why)
{
	unsigned int width, height;
	char rest;

	if (!value || sscanf(value, "%5ux%5u%c", &width, &height, &rest) != 2 ||
	    !width || !height || width > PIXELS_MAX || height > PIXELS_MAX)
		return fault_set(why,
				 "size=%.40s: must be WIDTHxHEIGHT, in pixels "
				 "up to %d",
				 value ? value : "", PIXELS_MAX);
	t->width = width;
	t->height = height;
	return 0;
}

static int read_setting(struct pass_tuning *t, char *item, struct fault *why)
{
	char *value = strchr(item, '=');
	struct near near;

	if (value)
		*value++ = '\0';
	if (!strcmp(item, "speed"))
		return read_speed(t, value, why);
	if (!strcmp(item, "size"))
		return read_size(t, value, why);
	near_init(&near, item);
	near_try(&near, "speed");
	near_try(&near, "size");
	for (int i = 0; i < PASS_TUNES; i++) {
		if (!strcmp(item, rows[i].name))
			return read_choice(t, i, value, why);
		near_try(&near, rows[i].name);
	}
	return fault_set(why, "no setting \"%.40s\"%s", item,
			 fault_hint(near.best));
}

int pass_tuning_read(struct pass_tuning *t, const char *text, struct fault *why)
{
	char *copy = strdup(text), *next = copy;
	int r = copy ? 0 : fault_no_memory(why);

	while (!r && next)
		r = read_setting(t, strsep(&next, ","), why);
	free(copy);
	return r;
}
