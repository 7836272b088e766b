/* SPDX-License-Identifier: Apache-2.0 */
/* device-word.h */
#include <string.h>

#include "input/base/device-word.h"
#include "tests/lib/check.h"

static void label_follows_the_last_equals_sign(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
		{ "event5=kbd", 6 },	 { "event5", 6 },
		{ "type=keyboard", 13 }, { "type=keyboard=kbd", 13 },
		{ "name=A=B=kbd", 8 },	 { "/dev/input/by-id/usb-K=kbd", 22 },
		{ "046d:c31c", 9 },	 { "uniq=01=pad", 7 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_num(device_word_cut(rows[i].text), rows[i].len);
}

static void label_is_made_of_what_it_can_have(void **state)
{
	static const struct {
		const char *device, *label;
	} rows[] = {
		{ "type=keyboard", "keyboard" },
		{ "/dev/input/by-id/usb-K_2.4G-event-kbd",
		  "usb-K_2_4G-event-kbd" },
		{ "  Mouse, 2 buttons (USB)", "Mouse_2_buttons_USB" },
		{ "name=*", "device" },
		{ "/", "device" },
		{ "A-_B", "A-B" },
		{ "046d:c31c", "046d_c31c" },
		{ "name=-A *", "A" },
		{ "event5", "event5" },
		{ "uniq=0123456789012345678901234567890123456789",
		  "01234567890123456789012345678901" },
		{ "abcdefghijklmnopqrstuvwxyz 0123 56789",
		  "abcdefghijklmnopqrstuvwxyz_0123" },
	};
	char label[DEVICE_WORD_LABEL_MAX + 1];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		device_word_label(rows[i].device, label);
		assert_string_equal(label, rows[i].label);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(label_follows_the_last_equals_sign),
		cmocka_unit_test(label_is_made_of_what_it_can_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
