/* SPDX-License-Identifier: Apache-2.0 */
/* inject-gesture.h: where fingers are, and when. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include "injector/inject/inject-gesture.h"
#include "tests/lib/check.h"

static void assert_at(struct inject_point p, double x, double y)
{
	if (fabs(p.x - x) > 1e-6 || fabs(p.y - y) > 1e-6)
		fail_msg("not %g,%g but %g,%g", x, y, p.x, p.y);
}

static const enum inject_easing all[] = { INJECT_EASE_LINEAR, INJECT_EASE_IN,
					  INJECT_EASE_OUT, INJECT_EASE_IN_OUT };

static void every_easing_goes_from_0_to_1_and_never_back(void **state)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		double last = 0;

		assert_true(fabs(inject_ease(all[i], 0)) < 1e-9);
		assert_true(fabs(inject_ease(all[i], 1) - 1) < 1e-9);
		for (int j = 1; j <= 100; j++) {
			double now = inject_ease(all[i], j / 100.0);

			assert_true(now >= last);
			last = now;
		}
	}
}

static void easings_are_slow_where_they_say(void **state)
{
	assert_true(inject_ease(INJECT_EASE_LINEAR, 0.25) == 0.25);
	assert_true(inject_ease(INJECT_EASE_IN, 0.25) < 0.1);
	assert_true(inject_ease(INJECT_EASE_IN, 0.75) < 0.5);
	assert_true(inject_ease(INJECT_EASE_OUT, 0.25) > 0.5);
	assert_true(inject_ease(INJECT_EASE_OUT, 0.75) > 0.9);
	assert_true(inject_ease(INJECT_EASE_IN_OUT, 0.25) < 0.1);
	assert_true(fabs(inject_ease(INJECT_EASE_IN_OUT, 0.5) - 0.5) < 1e-9);
	assert_true(inject_ease(INJECT_EASE_IN_OUT, 0.75) > 0.9);
}

static void easings_have_names(void **state)
{
	static const char *const names[] = { "linear", "in", "out", "in-out" };
	struct fault fault;
	enum inject_easing easing;

	for (size_t i = 0; i < 4; i++) {
		assert_ok(inject_easing_read(&easing, names[i], &fault));
		assert_num(easing, all[i]);
	}
	assert_ok(inject_easing_read(&easing, "ease-out", &fault));
	assert_num(easing, INJECT_EASE_OUT);
	assert_rc(inject_easing_read(&easing, "lineer", &fault), -EINVAL);
	assert_non_null(strstr(fault.text, "did you mean linear?"));
}

static void a_path_is_followed_by_its_length(void **state)
{
	const struct inject_point p[] = {
		{ 0, 0 }, { 0, 0 }, { 30, 0 }, { 30, 10 }
	};

	static const struct inject_point down[] = { { 0, 10 },
						    { 0, 20 },
						    { 0, 40 } };

	assert_at(inject_path_at(down, 3, 0.5), 0, 25);
	assert_at(inject_path_at(p, 4, 0), 0, 0);
	assert_at(inject_path_at(p, 4, 0.5), 20, 0);
	assert_at(inject_path_at(p, 4, 0.75), 30, 0);
	assert_at(inject_path_at(p, 4, 0.875), 30, 5);
	assert_at(inject_path_at(p, 4, 1), 30, 10);
	assert_at(inject_path_at(p, 1, 0.5), 0, 0);
	assert_at(inject_path_at(p, 2, 0.5), 0, 0);
}

static void fingers_swipe_side_by_side(void **state)
{
	const struct inject_gesture g = { .kind = INJECT_GESTURE_PATH,
					  .easing = INJECT_EASE_LINEAR,
					  .fingers = 3,
					  .point = { { 500, 800 },
						     { 500, 200 } },
					  .n_points = 2,
					  .spacing = 100 };

	assert_at(inject_gesture_at(&g, 0, 0), 400, 800);
	assert_at(inject_gesture_at(&g, 1, 0), 500, 800);
	assert_at(inject_gesture_at(&g, 2, 0.5), 600, 500);
	assert_at(inject_gesture_at(&g, 0, 1), 400, 200);
}

static void two_fingers_pinch_on_a_line(void **state)
{
	const struct inject_gesture g = { .kind = INJECT_GESTURE_PINCH,
					  .easing = INJECT_EASE_LINEAR,
					  .fingers = 2,
					  .point = { { 100, 100 } },
					  .n_points = 1,
					  .from = 20,
					  .to = 100 };

	assert_at(inject_gesture_at(&g, 0, 0), 110, 100);
	assert_at(inject_gesture_at(&g, 1, 0), 90, 100);
	assert_at(inject_gesture_at(&g, 0, 0.5), 130, 100);
	assert_at(inject_gesture_at(&g, 1, 1), 50, 100);
}

static void fingers_rotate_clockwise_and_keep_their_distance(void **state)
{
	const struct inject_gesture g = { .kind = INJECT_GESTURE_PINCH,
					  .easing = INJECT_EASE_LINEAR,
					  .fingers = 4,
					  .point = { { 0, 0 } },
					  .n_points = 1,
					  .from = 200,
					  .to = 200,
					  .angle_from = 90,
					  .angle_to = 180 };

	/* y goes down, so the lower one goes to the left. */
	assert_at(inject_gesture_at(&g, 0, 0), 0, 100);
	assert_at(inject_gesture_at(&g, 0, 1), -100, 0);
	assert_at(inject_gesture_at(&g, 1, 0), -100, 0);
	for (unsigned int i = 0; i < 4; i++) {
		struct inject_point p = inject_gesture_at(&g, i, 0.3);

		assert_true(fabs(hypot(p.x, p.y) - 100) < 1e-6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_easing_goes_from_0_to_1_and_never_back),
		cmocka_unit_test(easings_are_slow_where_they_say),
		cmocka_unit_test(easings_have_names),
		cmocka_unit_test(a_path_is_followed_by_its_length),
		cmocka_unit_test(fingers_swipe_side_by_side),
		cmocka_unit_test(two_fingers_pinch_on_a_line),
		cmocka_unit_test(
			fingers_rotate_clockwise_and_keep_their_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
