/* SPDX-License-Identifier: Apache-2.0 */
/* monitor-print.h: what a hostile device may be called, as JSON. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/monitor/monitor-print.h"
#include "tests/lib/check.h"

/* Return: the device as JSON, owned by the caller. */
static json_t *print(const struct spec *spec, const char *label)
{
	struct monitor_print p = { .json = true, .label = label };
	char *text = NULL;
	size_t len;
	json_t *json;

	p.out = open_memstream(&text, &len);
	assert_non_null(p.out);
	monitor_print_device(&p, spec);
	fclose(p.out);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	free(text);
	return json;
}

static const char *string(json_t *json, const char *key)
{
	const char *text = json_string_value(
		json_object_get(json_object_get(json, "device"), key));

	assert_non_null(text);
	return text;
}

static void a_name_that_is_utf_8_is_printed_unchanged(void **state)
{
	struct spec spec = { .name = "T\xc3\xa4ste", .serial = "\x01\"\\" };
	json_t *json = print(&spec, NULL);

	assert_string_equal(string(json, "name"), spec.name);
	assert_string_equal(string(json, "serial"), spec.serial);
	assert_null(json_object_get(json, "label"));
	json_decref(json);
}

static void a_name_that_is_not_utf_8_keeps_its_ascii(void **state)
{
	struct spec spec = { .serial = "\xff-1" };
	json_t *json;

	/* The longest. */
	memset(spec.name, 'n', SPEC_NAME_MAX);
	spec.name[0] = '\xe4';
	json = print(&spec, "kbd");
	assert_num(strlen(string(json, "name")), SPEC_NAME_MAX);
	assert_num(string(json, "name")[0], '?');
	assert_num(string(json, "name")[SPEC_NAME_MAX - 1], 'n');
	assert_string_equal(string(json, "serial"), "?-1");
	assert_string_equal(json_string_value(json_object_get(json, "label")),
			    "kbd");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_is_utf_8_is_printed_unchanged),
		cmocka_unit_test(a_name_that_is_not_utf_8_keeps_its_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
