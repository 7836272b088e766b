/* SPDX-License-Identifier: Apache-2.0 */
/* The value of --map. */
#include <errno.h>
#include <string.h>
#include "injector/inject/inject-map.h"
#include "tests/lib/check.h"

static void assert_part(const struct inject_map *map, size_t i,
			unsigned int device, const char *to)
{
	assert_num(map->part[i].device, device);
	assert_string_equal(map->part[i].to, to);
}

static void devices_go_to_addresses(void **state)
{
	struct inject_map map;
	struct fault fault;

	assert_ok(inject_map_read(
		&map, "2:touch_0,1:@keyboard,2:./a,b:1,7:hybrid:/x,y:5555",
		&fault));
	assert_num(map.n, 4);
	assert_part(&map, 0, 2, "touch_0");
	assert_part(&map, 1, 1, "keyboard");
	assert_part(&map, 2, 2, "./a,b:1");
	assert_part(&map, 3, 7, "hybrid:/x,y:5555");
	inject_map_fini(&map);
	assert_ok(inject_map_read(&map, "4294967295:a", &fault));
	assert_part(&map, 0, UINT32_MAX, "a");
	inject_map_fini(&map);
}

static void other_values_are_rejected(void **state)
{
	static const char *const bad[] = {
		"",
		"1",
		"x",
		":a",
		"1:",
		"1:a,2:",
		"0:a",
		"-1:a",
		"1:@",
		"1:,2:b",
		"99999999999:a",
		"a:1",
		" 1:a",
		"1:a,2:@",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct inject_map map;
		struct fault fault;

		if (inject_map_read(&map, bad[i], &fault) != -EINVAL)
			fail_msg("not rejected: %s", bad[i]);
		assert_non_null(strstr(fault.text, "--map must be N:ADDRESS"));
		inject_map_fini(&map);
	}
}

static void more_devices_than_a_recording_has_are_rejected(void **state)
{
	char text[1024] = "1:a", *at = text + strlen(text);
	struct inject_map map;
	struct fault fault;

	for (int i = 0; i < RECORDING_DEVICES_MAX; i++)
		at = stpcpy(at, ",2:b");
	assert_rc(inject_map_read(&map, text, &fault), -EINVAL);
	assert_string_equal(fault.text, "--map: more than 64 devices");
	inject_map_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_go_to_addresses),
		cmocka_unit_test(other_values_are_rejected),
		cmocka_unit_test(
			more_devices_than_a_recording_has_are_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
