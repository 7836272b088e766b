/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>
#include "injector/inject/inject-gesture.h"
#include "input/base/near.h"

int inject_easing_read(enum inject_easing *easing, const char *word,
		       struct fault *f)
{
	static const char *const names[] = { "linear", "in", "out", "in-out",
					     NULL };
	const char *name = word;

	if (strncmp(name, "ease-", 5) == 0)
		name += 5;
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0) {
			*easing = (enum inject_easing)i;
			return 0;
		}
	return fault_set(f,
			 "--easing=%.40s: must be linear, in, out or "
			 "in-out%s",
			 word, fault_hint(near_word(names, name)));
}

/* Cubic, which is the default of most toolkits. */
double inject_ease(enum inject_easing easing, double time)
{
	const double left = 1 - time;

	switch (easing) {
	case INJECT_EASE_LINEAR:
		break;
	case INJECT_EASE_IN:
		return time * time * time;
	case INJECT_EASE_OUT:
		return 1 - left * left * left;
	case INJECT_EASE_IN_OUT:
		return time < 0.5 ? 4 * time * time * time
				  : 1 - 4 * left * left * left;
	}
	return time;
}

static double gesture_distance(struct inject_point a, struct inject_point b)
{
	return hypot(b.x - a.x, b.y - a.y);
}

static struct inject_point between(struct inject_point a, struct inject_point b,
				   double part)
{
	return (struct inject_point){ a.x + (b.x - a.x) * part,
				      a.y + (b.y - a.y) * part };
}

struct inject_point inject_path_at(const struct inject_point *point, size_t n,
				   double part)
{
	double length = 0;

	for (size_t i = 1; i < n; i++)
		length += gesture_distance(point[i - 1], point[i]);
	length *= part;
	for (size_t i = 1; i < n; i++) {
		double leg = gesture_distance(point[i - 1], point[i]);

		if (length <= leg && leg > 0)
			return between(point[i - 1], point[i], length / leg);
		length -= leg;
	}
	return point[n - 1];
}

static struct inject_point on_path(const struct inject_gesture *g,
				   unsigned int finger, double part)
{
	struct inject_point at = inject_path_at(g->point, g->n_points, part);

	at.x += (finger - (g->fingers - 1) / 2.0) * g->spacing;
	return at;
}

static struct inject_point on_circle(const struct inject_gesture *g,
				     unsigned int finger, double part)
{
	const double radius = (g->from + (g->to - g->from) * part) / 2;
	const double degrees = g->angle_from +
			       (g->angle_to - g->angle_from) * part +
			       360.0 * finger / g->fingers;
	const double angle = degrees * M_PI / 180;

	return (struct inject_point){ g->point[0].x + radius * cos(angle),
				      g->point[0].y + radius * sin(angle) };
}

struct inject_point inject_gesture_at(const struct inject_gesture *g,
				      unsigned int finger, double time)
{
	const double part = inject_ease(g->easing, time);

	switch (g->kind) {
	case INJECT_GESTURE_PATH:
		return on_path(g, finger, part);
	case INJECT_GESTURE_PINCH:
		return on_circle(g, finger, part);
	}
	return g->point[0];
}
