/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-settings.h"
#include "injector/inject/inject-keys.h"
#include "injector/recording/event-word.h"
#include "input/base/near.h"

/* Longer than any device is up; and a sum of many does not overflow. */
#define SECONDS_MAX 1e7

int inject_number_read(double *number, const char *what, const char *word,
		       double min, double max, struct fault *f)
{
	char *end;

	*number = strtod(word, &end);
	if (end == word || *end || !isfinite(*number))
		return fault_set(f, "%s must be a number, not %.40s", what,
				 word);
	if (*number < min || *number > max)
		return fault_set(f, "%s %.40s is not in %.10g..%.10g", what,
				 word, min, max);
	return 0;
}

int inject_integer_read(long *number, const char *what, const char *word,
			long min, long max, struct fault *f)
{
	if (event_word_number(word, min, max, number))
		return fault_set(f,
				 "%s must be an integer from %ld to %ld, "
				 "not %.40s",
				 what, min, max, word);
	return 0;
}

int inject_time_read(int64_t *ns, const char *what, const char *word,
		     struct fault *f)
{
	char *unit;
	double number = strtod(word, &unit);
	double second = 1000;

	if (strcmp(unit, "s") == 0)
		second = 1;
	else if (*unit && strcmp(unit, "ms") != 0)
		unit = (char *)word;
	if (unit == word || !isfinite(number) || number < 0 ||
	    number / second > SECONDS_MAX)
		return fault_set(f,
				 "%s must be a time such as 250ms or "
				 "1.5s, not %.40s",
				 what, word);
	*ns = (int64_t)(number / second * 1e9 + 0.5);
	return 0;
}

/* --- coordinates --- */

/* axis: 'x' or 'y' */
static int read_coordinate(double *to, char axis, const char *word,
			   const struct inject_screen *screen, struct fault *f)
{
	const double min = axis == 'x' ? screen->x.min : screen->y.min;
	const double max = axis == 'x' ? screen->x.max : screen->y.max;
	char what[2] = { axis, '\0' };
	char number[41];
	size_t len = strlen(word);

	if (len < 2 || word[len - 1] != '%' || len >= sizeof(number))
		return inject_number_read(to, what, word, INT32_MIN, INT32_MAX,
					  f);
	if (!screen->known)
		return fault_set(f, "%s %s needs --size=WxH or --spec=SPEC",
				 what, word);
	snprintf(number, sizeof(number), "%.*s", (int)len - 1, word);
	if (inject_number_read(to, what, number, 0, 100, f))
		return -EINVAL;
	*to = min + *to / 100 * (max - min);
	return 0;
}

static int check_axis(char axis, double value, double min, double max,
		      struct fault *f)
{
	value = round(value);
	if (value >= min && value <= max)
		return 0;
	return fault_set(f, "%c %.0f is beyond the device's %.0f..%.0f", axis,
			 value, min, max);
}

int inject_point_check(struct inject_point p,
		       const struct inject_screen *screen, struct fault *f)
{
	static const struct inject_screen any = {
		.x = { INT32_MIN, INT32_MAX }, .y = { INT32_MIN, INT32_MAX }
	};
	const struct inject_screen *s = screen->known ? screen : &any;
	int r = check_axis('x', p.x, s->x.min, s->x.max, f);

	return r ? r : check_axis('y', p.y, s->y.min, s->y.max, f);
}

int inject_point_read(struct inject_point *p, char *const *word,
		      const struct inject_screen *screen, struct fault *f)
{
	int r = read_coordinate(&p->x, 'x', word[0], screen, f);

	if (!r)
		r = read_coordinate(&p->y, 'y', word[1], screen, f);
	return r ? r : inject_point_check(*p, screen, f);
}

int inject_points_read(struct inject_point *p, char *const *word, size_t n,
		       const struct inject_screen *screen, struct fault *f)
{
	int r = 0;

	if (n > INJECT_POINTS_MAX)
		return fault_set(f, "more than %d points", INJECT_POINTS_MAX);
	for (size_t i = 0; !r && i < n; i++)
		r = inject_point_read(&p[i], &word[2 * i], screen, f);
	return r;
}

/* --- options --- */

typedef int take_fn(struct inject_settings *s, const char *value,
		    struct fault *f);

static int take_angle(struct inject_settings *s, const char *v, struct fault *f)
{
	return inject_number_read(&s->angle, "--angle", v, -36000, 36000, f);
}

static int take_button(struct inject_settings *s, const char *v,
		       struct fault *f)
{
	long number;
	int r = inject_integer_read(&number, "--button", v, 1, 3, f);

	s->button = (uint16_t)(number - 1);
	return r;
}

static int take_compose(struct inject_settings *s, const char *v,
			struct fault *f)
{
	s->compose = true;
	return 0;
}

static int take_count(struct inject_settings *s, const char *v, struct fault *f)
{
	return inject_integer_read(&s->count, "--count", v, 1, INT32_MAX, f);
}

static int take_delay(struct inject_settings *s, const char *v, struct fault *f)
{
	return inject_time_read(&s->delay, "--delay", v, f);
}

static int take_device(struct inject_settings *s, const char *v,
		       struct fault *f)
{
	return inject_integer_read(&s->device, "--device", v, 1, INT32_MAX, f);
}

static int take_dial(struct inject_settings *s, const char *v, struct fault *f)
{
	s->dial = true;
	return 0;
}

static int take_down(struct inject_settings *s, const char *v, struct fault *f)
{
	s->down = true;
	return s->up ? fault_set(f, "--down and --up exclude each other") : 0;
}

static int take_duration(struct inject_settings *s, const char *v,
			 struct fault *f)
{
	return inject_time_read(&s->duration, "--duration", v, f);
}

static int take_easing(struct inject_settings *s, const char *v,
		       struct fault *f)
{
	return inject_easing_read(&s->easing, v, f);
}

static int take_eraser(struct inject_settings *s, const char *v,
		       struct fault *f)
{
	s->eraser = true;
	return 0;
}

static int take_fingers(struct inject_settings *s, const char *v,
			struct fault *f)
{
	return inject_integer_read(&s->fingers, "--fingers", v, 1,
				   INJECT_FINGERS_MAX, f);
}

static int take_hold(struct inject_settings *s, const char *v, struct fault *f)
{
	return inject_time_read(&s->hold, "--hold", v, f);
}

static int take_hover(struct inject_settings *s, const char *v, struct fault *f)
{
	s->hover = true;
	return 0;
}

static int take_keep_repeats(struct inject_settings *s, const char *v,
			     struct fault *f)
{
	s->keep_repeats = true;
	return 0;
}

static int take_layout(struct inject_settings *s, const char *v,
		       struct fault *f)
{
	s->names.layout = v;
	return 0;
}

static int take_locale(struct inject_settings *s, const char *v,
		       struct fault *f)
{
	s->locale = v;
	return 0;
}

static int take_loop(struct inject_settings *s, const char *v, struct fault *f)
{
	return inject_integer_read(&s->loop, "--loop", v, 0, INT32_MAX, f);
}

static int take_model(struct inject_settings *s, const char *v, struct fault *f)
{
	s->names.model = v;
	return 0;
}

static int take_output(struct inject_settings *s, const char *v,
		       struct fault *f)
{
	s->output = v;
	return 0;
}

static int take_pressure(struct inject_settings *s, const char *v,
			 struct fault *f)
{
	return inject_integer_read(&s->pressure, "--pressure", v, 1, INT32_MAX,
				   f);
}

static int take_radius(struct inject_settings *s, const char *v,
		       struct fault *f)
{
	return inject_number_read(&s->radius, "--radius", v, 0, INT32_MAX, f);
}

static int take_rate(struct inject_settings *s, const char *v, struct fault *f)
{
	return inject_integer_read(&s->rate, "--rate", v, 1, 8000, f);
}

static int take_single(struct inject_settings *s, const char *v,
		       struct fault *f)
{
	s->single = true;
	return 0;
}

static int take_spacing(struct inject_settings *s, const char *v,
			struct fault *f)
{
	return inject_number_read(&s->spacing, "--spacing", v, INT32_MIN,
				  INT32_MAX, f);
}

static int take_speed(struct inject_settings *s, const char *v, struct fault *f)
{
	if (strcmp(v, "max") == 0) {
		s->speed = 0;
		return 0;
	}
	return inject_number_read(&s->speed, "--speed", v, 0.001, 1000, f);
}

static int take_tilt(struct inject_settings *s, const char *v, struct fault *f)
{
	char *end;

	s->tilt.x = strtod(v, &end);
	if (end != v && *end == ',') {
		v = end + 1;
		s->tilt.y = strtod(v, &end);
	} else {
		end = (char *)v;
	}
	if (end == v || *end || !(fabs(s->tilt.x) <= 90) ||
	    !(fabs(s->tilt.y) <= 90))
		return fault_set(f, "--tilt must be X,Y in degrees from -90 "
				    "to 90");
	return 0;
}

static int take_up(struct inject_settings *s, const char *v, struct fault *f)
{
	s->up = true;
	return s->down ? fault_set(f, "--down and --up exclude each other") : 0;
}

static int take_variant(struct inject_settings *s, const char *v,
			struct fault *f)
{
	s->names.variant = v;
	return 0;
}

static int take_xkb_options(struct inject_settings *s, const char *v,
			    struct fault *f)
{
	s->names.options = v;
	return 0;
}

static const struct {
	const char *name;
	bool has_value;
	take_fn *take;
} options[INJECT_OPTIONS] = {
	[INJECT_OPT_ANGLE] = { "angle", true, take_angle },
	[INJECT_OPT_BUTTON] = { "button", true, take_button },
	[INJECT_OPT_COMPOSE] = { "compose", false, take_compose },
	[INJECT_OPT_COUNT] = { "count", true, take_count },
	[INJECT_OPT_DELAY] = { "delay", true, take_delay },
	[INJECT_OPT_DEVICE] = { "device", true, take_device },
	[INJECT_OPT_DIAL] = { "dial", false, take_dial },
	[INJECT_OPT_DOWN] = { "down", false, take_down },
	[INJECT_OPT_DURATION] = { "duration", true, take_duration },
	[INJECT_OPT_EASING] = { "easing", true, take_easing },
	[INJECT_OPT_ERASER] = { "eraser", false, take_eraser },
	[INJECT_OPT_FINGERS] = { "fingers", true, take_fingers },
	[INJECT_OPT_HOLD] = { "hold", true, take_hold },
	[INJECT_OPT_HOVER] = { "hover", false, take_hover },
	[INJECT_OPT_KEEP_REPEATS] = { "keep-repeats", false,
				      take_keep_repeats },
	[INJECT_OPT_LAYOUT] = { "layout", true, take_layout },
	[INJECT_OPT_LOCALE] = { "locale", true, take_locale },
	[INJECT_OPT_LOOP] = { "loop", true, take_loop },
	[INJECT_OPT_MODEL] = { "model", true, take_model },
	[INJECT_OPT_OUTPUT] = { "output", true, take_output },
	[INJECT_OPT_PRESSURE] = { "pressure", true, take_pressure },
	[INJECT_OPT_RADIUS] = { "radius", true, take_radius },
	[INJECT_OPT_RATE] = { "rate", true, take_rate },
	[INJECT_OPT_SINGLE] = { "single", false, take_single },
	[INJECT_OPT_SPACING] = { "spacing", true, take_spacing },
	[INJECT_OPT_SPEED] = { "speed", true, take_speed },
	[INJECT_OPT_TILT] = { "tilt", true, take_tilt },
	[INJECT_OPT_UP] = { "up", false, take_up },
	[INJECT_OPT_VARIANT] = { "variant", true, take_variant },
	[INJECT_OPT_XKB_OPTIONS] = { "xkb-options", true, take_xkb_options },
};

void inject_settings_init(struct inject_settings *s)
{
	*s = (struct inject_settings){ .hold = -1,
				       .duration = -1,
				       .delay = -1,
				       .easing = INJECT_EASE_IN_OUT,
				       .speed = 1,
				       .fingers = -1,
				       .count = 1,
				       .loop = 1,
				       .rate = 120 };
}

long inject_settings_steps(const struct inject_settings *s, int64_t ns)
{
	double steps = round((double)ns / 1e9 * (double)s->rate);

	return steps < 1 ? 1 : (long)steps;
}

/* Return: the option of a name (of len bytes), -1. */
static int find(uint32_t allowed, const char *name, size_t len)
{
	for (int i = 0; i < INJECT_OPTIONS; i++)
		if (allowed >> i & 1 && strlen(options[i].name) == len &&
		    strncmp(options[i].name, name, len) == 0)
			return i;
	return -1;
}

static int unknown(uint32_t allowed, const char *name, size_t len,
		   struct fault *f)
{
	const char *words[INJECT_OPTIONS + 1];
	char given[48], hint[64] = "";
	size_t n = 0;
	const char *near;

	for (int i = 0; i < INJECT_OPTIONS; i++)
		if (allowed >> i & 1)
			words[n++] = options[i].name;
	words[n] = NULL;
	snprintf(given, sizeof(given), "%.*s", (int)(len < 40 ? len : 40),
		 name);
	near = near_word(words, given);
	if (near)
		snprintf(hint, sizeof(hint), "--%s", near);
	return fault_set(f, "there is no option --%s here%s", given,
			 fault_hint(near ? hint : NULL));
}

int inject_settings_take(struct inject_settings *s, uint32_t allowed,
			 char *const *word, size_t n, struct fault *f)
{
	const char *name = word[0] + 2;
	const size_t len = strcspn(name, "=");
	const char *value = name[len] ? name + len + 1 : NULL;
	const int i = find(allowed, name, len);
	int taken = 1;

	if (i < 0)
		return unknown(allowed, name, len, f);
	if (!options[i].has_value && value)
		return fault_set(f, "--%s takes no value", options[i].name);
	if (options[i].has_value && !value) {
		if (n < 2)
			return fault_set(f, "--%s needs a value",
					 options[i].name);
		value = word[1];
		taken = 2;
	}
	s->given |= UINT32_C(1) << i;
	return options[i].take(s, value, f) ? -EINVAL : taken;
}
