/* SPDX-License-Identifier: Apache-2.0 */
/* recording-devices.h: how many there may be, and which is meant. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "injector/recording/recording-devices.h"
#include "tests/lib/check.h"

static struct recording_devices devices;

static int teardown(void **state)
{
	recording_devices_fini(&devices);
	assert_num(devices.n, 0);
	return 0;
}

static void add(unsigned int n, const char *name)
{
	struct fault why;

	while (n--) {
		const int number = (int)devices.n + 1;

		assert_num(recording_devices_add(&devices, name, strlen(name),
						 &why),
			   number);
	}
}

static void a_name_has_one_number(void **state)
{
	struct fault why;

	assert_num(recording_devices_number(&devices, "mouse", 5, &why), 1);
	assert_num(recording_devices_number(&devices, "mouse", 4, &why), 2);
	assert_num(recording_devices_number(&devices, "mouth", 5, &why), 3);
	assert_num(recording_devices_number(&devices, "mous", 4, &why), 2);
	assert_num(recording_devices_number(&devices, "mouse", 5, &why), 1);
}

static void their_number_is_limited(void **state)
{
	struct fault why;

	add(RECORDING_DEVICES_MAX, "k");
	assert_rc(recording_devices_add(&devices, "k", 1, &why), -EINVAL);
	assert_string_equal(why.text, "more than 64 devices");
}

static void the_wanted_one_must_be_there(void **state)
{
	static const struct {
		unsigned int n, wanted;
		const char *why; /* NULL: it is */
	} rows[] = {
		{ 0, 0, NULL },
		{ 0, 1, NULL },
		{ 0, 2, "the recording has a single device" },
		{ 1, 0, NULL },
		{ 1, 1, NULL },
		{ 1, 2, "no device 2: must be from 1 to 1" },
		{ 2, 2, NULL },
		{ 2, 3, "no device 3: must be from 1 to 2" },
		{ 2, 0,
		  "the recording has 2 devices (1 k, 2 k): choose one with "
		  "--device=1..2, or play several with --map" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fault why = { "" };

		add(rows[i].n, "k");
		devices.wanted = rows[i].wanted;
		assert_rc(recording_devices_check(&devices, &why),
			  rows[i].why ? -EINVAL : 0);
		assert_string_equal(why.text, rows[i].why ? rows[i].why : "");
		recording_devices_fini(&devices);
	}
}

/* Of a long name 60 bytes, and of all names what there is room for. */
static void a_long_list_is_cut_off(void **state)
{
	char name[71], list[400] = "", text[512];
	struct fault why;

	memset(name, 'n', 70);
	name[70] = '\0';
	for (unsigned int i = 1; i <= 6; i++) {
		add(1, name);
		sprintf(list + strlen(list), "%s%u %.60s", i > 1 ? ", " : "", i,
			name);
	}
	snprintf(text, sizeof(text),
		 "the recording has 6 devices (%.299s): choose one with "
		 "--device=1..6, or play several with --map",
		 list);
	assert_rc(recording_devices_check(&devices, &why), -EINVAL);
	assert_string_equal(why.text, text);
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, teardown)
	const struct CMUnitTest tests[] = {
		T(a_name_has_one_number),
		T(their_number_is_limited),
		T(the_wanted_one_must_be_there),
		T(a_long_list_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
