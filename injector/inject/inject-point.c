/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "injector/inject/inject-point.h"

/* The range of an event's value, where that of the device is unknown. */
static const struct inject_value any_axis[2] = {
	{ "x", INT32_MIN, INT32_MAX },
	{ "y", INT32_MIN, INT32_MAX },
};

#define PER_CENT_LEN 40

static bool is_per_cent(const char *word)
{
	size_t len = strlen(word);

	return len >= 2 && len <= PER_CENT_LEN && word[len - 1] == '%';
}

static int read_per_cent(double *to, const struct inject_value *axis,
			 const char *word, struct fault *f)
{
	const struct inject_value per_cent = { axis->what, 0, 100 };
	char number[PER_CENT_LEN];

	snprintf(number, sizeof(number), "%.*s", (int)strlen(word) - 1, word);
	if (inject_value_number(to, &per_cent, number, f))
		return -EINVAL;
	*to = axis->min + *to / 100 * (axis->max - axis->min);
	return 0;
}

static int point_check_axis(const struct inject_value *axis, double value,
			    struct fault *f)
{
	value = round(value);
	if (value >= axis->min && value <= axis->max)
		return 0;
	return fault_set(f, "%s %.0f is outside the device's range %.0f..%.0f",
			 axis->what, value, axis->min, axis->max);
}

/* The device's, if the user's coordinates are known; what is unknown is any. */
static const struct inject_value *device_axes(
	const struct inject_screen *screen)
{
	if (!screen->known)
		return any_axis;
	return screen->mapped ? screen->range : screen->axis;
}

int inject_point_check(struct inject_point p,
		       const struct inject_screen *screen, struct fault *f)
{
	const struct inject_value *axis = device_axes(screen);
	int r = point_check_axis(&axis[0], p.x, f);

	return r ? r : point_check_axis(&axis[1], p.y, f);
}

static double map_to_range(double value, const struct inject_value *axis,
			   const struct inject_value *range)
{
	const double width = axis->max - axis->min;

	if (width <= 0)
		return range->min;
	return range->min +
	       (value - axis->min) / width * (range->max - range->min);
}

static int read_known(double *to, const struct inject_screen *screen, int i,
		      const char *word, struct fault *f)
{
	const struct inject_value *axis = &screen->axis[i];
	int r = is_per_cent(word)
			? read_per_cent(to, axis, word, f)
			: inject_value_number(to, &any_axis[i], word, f);

	if (!r)
		r = point_check_axis(axis, *to, f);
	if (!r && screen->mapped)
		*to = map_to_range(*to, axis, &screen->range[i]);
	return r;
}

static int read_unknown(double *to, const struct inject_screen *screen, int i,
			const char *word, struct fault *f)
{
	if (!is_per_cent(word))
		return inject_value_number(to, &any_axis[i], word, f);
	if (screen->mapped)
		return read_per_cent(to, &screen->range[i], word, f);
	return fault_set(f, "%s %s requires --size=WxH or --spec=SPEC",
			 any_axis[i].what, word);
}

int inject_point_read(struct inject_point *p, char *const *word,
		      const struct inject_screen *screen, struct fault *f)
{
	double *const to[2] = { &p->x, &p->y };
	int r = 0;

	for (int i = 0; !r && i < 2; i++)
		r = screen->known ? read_known(to[i], screen, i, word[i], f)
				  : read_unknown(to[i], screen, i, word[i], f);
	return r ? r : inject_point_check(*p, screen, f);
}
