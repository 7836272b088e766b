/* SPDX-License-Identifier: Apache-2.0 */
/* config-space.h: what each (select, subsel) shows of a device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "input/spec/config-space.h"

static struct spec device(void)
{
	struct spec spec = {
		.name = "pad",
		.serial = "pad-0",
		.ids = { 0x0003, 0x045e, 0x028e, 0x0110 },
		.abs[ABS_X] = { -32768, 32767, 16, 128, 5, 0, true },
		.abs[ABS_MAX] = { 0, 1, 0, 0, 0, 0, false },
	};

	bit_set(spec.props, INPUT_PROP_DIRECT);
	bit_set(spec.bits[EV_KEY], KEY_A);
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	bit_set(spec.bits[EV_ABS], ABS_X);
	bit_set(spec.bits[EV_ABS], ABS_MAX);
	bit_set(spec.bits[EV_SND], SND_BELL);
	return spec;
}

/* The three fields that are u and the rest of it, which must be 0. */
static void assert_shows(uint8_t select, uint8_t subsel, const void *u,
			 size_t size)
{
	const struct spec spec = device();
	uint8_t want[136] = { select, subsel, (uint8_t)size };
	struct config_space got;

	memcpy(want + 8, u, size);
	memset(&got, 0xa5, sizeof(got));
	config_space_fill(&got, &spec, select, subsel);
	assert_memory_equal(&got, want, sizeof(want));
}

static void name_and_serial_have_no_nul(void **state)
{
	assert_shows(CONFIG_ID_NAME, 0, "pad", 3);
	assert_shows(CONFIG_ID_SERIAL, 0, "pad-0", 5);
}

static void longest_name_is_whole(void **state)
{
	struct spec spec = device();
	struct config_space got;

	memset(spec.name, 'x', SPEC_NAME_MAX);
	config_space_fill(&got, &spec, CONFIG_ID_NAME, 0);
	assert_int_equal(got.size, SPEC_NAME_MAX);
	assert_memory_equal(got.u, spec.name, SPEC_NAME_MAX);
}

static void ids_are_four_le16(void **state)
{
	assert_shows(CONFIG_ID_DEVIDS, 0, "\x03\0\x5e\x04\x8e\x02\x10\x01", 8);
}

static void properties_are_a_bitmap(void **state)
{
	assert_shows(CONFIG_PROP_BITS, 0, "\x02", 1);
}

static void bitmap_ends_with_its_last_bit(void **state)
{
	uint8_t keys[39] = { [30 / 8] = 1 << 30 % 8, [304 / 8] = 1 << 304 % 8 };

	assert_shows(CONFIG_EV_BITS, EV_KEY, keys, sizeof(keys));
	assert_shows(CONFIG_EV_BITS, EV_SND, "\x02", 1);
	assert_shows(CONFIG_EV_BITS, EV_ABS, "\x01\0\0\0\0\0\0\x80", 8);
}

static void axis_is_five_le32_with_sign(void **state)
{
	assert_shows(CONFIG_ABS_INFO, ABS_X,
		     "\x00\x80\xff\xff\xff\x7f\0\0\x10\0\0\0\x80\0\0\0\x05\0\0",
		     20);
	assert_shows(CONFIG_ABS_INFO, ABS_MAX,
		     "\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
}

static void what_the_device_has_not_has_size_0(void **state)
{
	static const uint8_t none[][2] = {
		{ CONFIG_UNSET, 0 },
		{ CONFIG_ID_NAME, 1 }, /* only subsel 0 */
		{ CONFIG_ID_SERIAL, 255 },
		{ CONFIG_ID_DEVIDS, 1 },
		{ CONFIG_PROP_BITS, 1 },
		{ CONFIG_EV_BITS, EV_SYN },
		{ CONFIG_EV_BITS, EV_LED },
		{ CONFIG_EV_BITS, EV_MAX },
		{ CONFIG_EV_BITS, EV_CNT }, /* past bits[] */
		{ CONFIG_EV_BITS, 255 },
		{ CONFIG_ABS_INFO, ABS_Y },
		{ CONFIG_ABS_INFO, ABS_CNT }, /* past abs[] */
		{ CONFIG_ABS_INFO, 255 },
		{ 0x04, 0 },
		{ 0x13, 0 },
		{ 255, 255 },
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_shows(none[i][0], none[i][1], "", 0);
}

/* A bit that is set beyond the last axis: nothing is read there. */
static void past_the_last_axis_is_none(void **state)
{
	struct config_space got;
	struct spec spec = device();

	bit_set(spec.bits[EV_ABS], ABS_CNT);
	config_space_fill(&got, &spec, CONFIG_ABS_INFO, ABS_CNT);
	assert_int_equal(got.size, 0);
}

static void device_without_serial_has_size_0(void **state)
{
	const struct spec spec = { .name = "x" };
	struct config_space got;

	config_space_fill(&got, &spec, CONFIG_ID_SERIAL, 0);
	assert_int_equal(got.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_and_serial_have_no_nul),
		cmocka_unit_test(longest_name_is_whole),
		cmocka_unit_test(ids_are_four_le16),
		cmocka_unit_test(properties_are_a_bitmap),
		cmocka_unit_test(bitmap_ends_with_its_last_bit),
		cmocka_unit_test(axis_is_five_le32_with_sign),
		cmocka_unit_test(what_the_device_has_not_has_size_0),
		cmocka_unit_test(past_the_last_axis_is_none),
		cmocka_unit_test(device_without_serial_has_size_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
