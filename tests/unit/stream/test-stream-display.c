/* SPDX-License-Identifier: Apache-2.0 */
/* stream-display.h, and where a device's contacts and pointer are in a picture.
 */
#include "injector/stream/stream-display.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"

static struct stream_device device_of(const char *spec)
{
	struct stream_device d = { .has_spec = true };

	event_text_device(spec, &d.spec);
	return d;
}

/* A screen of another size is touched where it is shown. */
static void a_picture_has_a_size_of_its_own(void **state)
{
	struct stream_device d = device_of("ABS_X 100..1099, ABS_Y 0..499");
	int32_t at[2];

	stream_display_to_units(&d, (double[]){ 250, 250 }, at);
	assert_num(at[0], 350);
	assert_num(at[1], 250);
	stream_device_set_picture(&d, 500, 1000);
	stream_display_to_units(&d, (double[]){ 250, 250 }, at);
	assert_num(at[0], 600);
	assert_num(at[1], 125);
	stream_display_to_pixels(&d, at, at);
	assert_num(at[0], 250);
	assert_num(at[1], 250);
	stream_device_set_picture(&d, 0, 0);
	stream_display_to_units(&d, (double[]){ 250, 250 }, at);
	assert_num(at[0], 350);
}

static void a_pointer_is_a_fraction_of_the_range(void **state)
{
	struct stream_device d = device_of("ABS_X 100..300, ABS_Y -50..50");
	struct stream_device other = device_of("ABS_X 5..5, ABS_Y 0..1");

	stream_device_point(&d, (int32_t[]){ 150, 50 });
	assert_true(d.pointer[0] == 0.25 && d.pointer[1] == 1);
	assert_true(d.pointer_at > 0);
	stream_device_point(&other, (int32_t[]){ 5, 1 });
	assert_true(other.pointer_at == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_has_a_size_of_its_own),
		cmocka_unit_test(a_pointer_is_a_fraction_of_the_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
