/* SPDX-License-Identifier: Apache-2.0 */
/* inject-point.h: where on a screen a point is, and what the device has there.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include "injector/inject/inject-point.h"
#include "tests/lib/check.h"

/* A device whose axes begin elsewhere than the screen. */
static const struct inject_screen screen = {
	.known = true,
	.axis = { { "x", 10, 110 }, { "y", 0, 200 } },
	.mapped = true,
	.range = { { "x", 1000, 3000 }, { "y", -100, 100 } },
};

static int read_point(struct inject_point *p, const struct inject_screen *s,
		      const char *x, const char *y, struct fault *f)
{
	char *const words[] = { (char *)x, (char *)y };

	return inject_point_read(p, words, s, f);
}

static void assert_point(const struct inject_screen *s, const char *x,
			 const char *y, struct inject_point want)
{
	struct inject_point p;
	struct fault fault = { "" };

	if (read_point(&p, s, x, y, &fault))
		fail_msg("%s %s: %s", x, y, fault.text);
	if (fabs(p.x - want.x) > 1e-6 || fabs(p.y - want.y) > 1e-6)
		fail_msg("%s %s: not %g,%g but %g,%g", x, y, want.x, want.y,
			 p.x, p.y);
}

static void assert_no_point(const struct inject_screen *s, const char *x,
			    const char *y, const char *why)
{
	struct inject_point p;
	struct fault fault = { "" };

	assert_rc(read_point(&p, s, x, y, &fault), -EINVAL);
	if (!strstr(fault.text, why))
		fail_msg("%s %s: %s, not %s", x, y, fault.text, why);
}

#define AT(...) ((struct inject_point){ __VA_ARGS__ })

static void pixels_are_mapped_to_the_devices_range(void **state)
{
	assert_point(&screen, "10", "0", AT(1000, -100));
	assert_point(&screen, "110", "200", AT(3000, 100));
	assert_point(&screen, "35", "50", AT(1500, -50));
}

static void per_cent_are_of_the_screen(void **state)
{
	assert_point(&screen, "0%", "100%", AT(1000, 100));
	assert_point(&screen, "50%", "25%", AT(2000, -50));
	assert_no_point(&screen, "101%", "0%", "x");
	assert_no_point(&screen, "%", "0%", "x");
	/* As many digits as there are, and one more. */
	assert_point(&screen, "00000000000000000000000000000000000050%", "0%",
		     AT(2000, -100));
	assert_point(&screen, "000000000000000000000000000000000000050%", "0%",
		     AT(2000, -100));
	assert_no_point(&screen, "0000000000000000000000000000000000000050%",
			"0%", "x must be a number");
}

static void a_screen_as_the_device_is_not_mapped(void **state)
{
	struct inject_screen same = screen;

	same.mapped = false;
	assert_point(&same, "35", "50", AT(35, 50));
	assert_point(&same, "25%", "25%", AT(35, 50));
}

static void a_point_is_on_the_screen(void **state)
{
	assert_no_point(&screen, "9", "0",
			"x 9 is outside the device's range 10..110");
	assert_no_point(&screen, "111", "0", "x 111 is outside");
	assert_no_point(&screen, "10", "201",
			"y 201 is outside the device's range 0..200");
}

static void a_moved_point_is_checked_where_the_device_has_it(void **state)
{
	struct fault fault;

	assert_ok(inject_point_check(AT(1000, -100), &screen, &fault));
	assert_ok(inject_point_check(AT(3000.4, 100.4), &screen, &fault));
	assert_rc(inject_point_check(AT(3000.6, 100), &screen, &fault),
		  -EINVAL);
	assert_rc(inject_point_check(AT(3000, -101), &screen, &fault), -EINVAL);
}

static void a_screen_of_one_pixel_is_where_the_range_begins(void **state)
{
	struct inject_screen dot = screen;

	dot.axis[0].max = dot.axis[0].min;
	assert_point(&dot, "10", "0", AT(1000, -100));
}

static void an_unknown_screen_takes_any_pixel(void **state)
{
	struct inject_screen unknown = screen;

	unknown.known = false;
	assert_point(&unknown, "-70000", "9", AT(-70000, 9));
	assert_point(&unknown, "50%", "50%", AT(2000, 0));
	unknown.mapped = false;
	assert_no_point(&unknown, "50%", "9", "x 50% requires --size=WxH");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pixels_are_mapped_to_the_devices_range),
		cmocka_unit_test(per_cent_are_of_the_screen),
		cmocka_unit_test(a_screen_as_the_device_is_not_mapped),
		cmocka_unit_test(a_point_is_on_the_screen),
		cmocka_unit_test(
			a_moved_point_is_checked_where_the_device_has_it),
		cmocka_unit_test(
			a_screen_of_one_pixel_is_where_the_range_begins),
		cmocka_unit_test(an_unknown_screen_takes_any_pixel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
