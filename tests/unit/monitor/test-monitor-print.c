/* SPDX-License-Identifier: Apache-2.0 */
/* monitor-print.h: each kind of line, and what a hostile device may be called.
 */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "injector/monitor/monitor-print.h"
#include "input/spec/spec-print.h"
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

/* --- lines as a whole --- */

static char *text;
static size_t text_len;
static struct monitor_print out;

static int setup(void **state)
{
	out = (struct monitor_print){ .out = open_memstream(&text, &text_len) };
	return out.out ? 0 : -1;
}

static int teardown(void **state)
{
	fclose(out.out);
	free(text);
	return 0;
}

/* What was printed since the last time. */
static void expect_printed(const char *want)
{
	fflush(out.out);
	assert_num(text_len, strlen(want));
	assert_memory_equal(text, want, text_len);
	fseek(out.out, 0, SEEK_SET);
}

static void declare(struct spec *spec, uint16_t type, uint16_t code)
{
	bit_set(spec->bits[type], code);
}

/* Also codes without a name, and the first one behind what is asked for. */
static void a_device_is_one_object(void **state)
{
	struct spec spec = { .name = "pad",
			     .serial = "7",
			     .ids = { 3, 1, 2, 4 } };

	bit_set(spec.props, INPUT_PROP_POINTER);
	bit_set(spec.props, SPEC_CODES - 1);
	declare(&spec, EV_SYN, SYN_REPORT);
	declare(&spec, EV_KEY, KEY_ESC);
	declare(&spec, EV_KEY, SPEC_CODES - 1);
	declare(&spec, EV_ABS, ABS_X);
	declare(&spec, EV_ABS, 43);
	declare(&spec, EV_ABS, ABS_CNT);
	declare(&spec, EV_MSC, MSC_SERIAL);
	declare(&spec, 6, 0); /* no type */
	spec.abs[ABS_X] = (struct spec_abs){ -1, 2, 3, 4, .res = 5 };
	spec.abs[43] = (struct spec_abs){ .max = 6 };
	out.json = true;
	monitor_print_device(&out, &spec);
	expect_printed(
		"{\"device\":{\"name\":\"pad\",\"serial\":\"7\",\"ids\":{"
		"\"bustype\":3,\"vendor\":1,\"product\":2,\"version\":4},"
		"\"properties\":[\"INPUT_PROP_POINTER\",1023],\"events\":{"
		"\"EV_KEY\":[\"KEY_ESC\",1023],"
		"\"EV_ABS\":[\"ABS_X\",43,64],\"EV_MSC\":[\"MSC_SERIAL\"]},"
		"\"axes\":{\"ABS_X\":{\"min\":-1,\"max\":2,\"fuzz\":3,"
		"\"flat\":4,\"res\":5},\"43\":{\"min\":0,\"max\":6,"
		"\"fuzz\":0,\"flat\":0,\"res\":0}}}}\n");
}

static void a_device_is_printed_as_a_spec_is(void **state)
{
	struct spec spec = { .name = "pad" };
	char *want;
	size_t len;
	FILE *f = open_memstream(&want, &len);

	declare(&spec, EV_KEY, KEY_ESC);
	spec_print(f, &spec);
	fclose(f);
	monitor_print_device(&out, &spec);
	expect_printed(want);
	free(want);
}

static void print_event(uint16_t type, uint16_t code)
{
	const struct timespec when = { 12, 34567999 };
	const struct vi_event ev = vi_event(type, code, -8);

	monitor_print_event(&out, &when, &ev);
}

static void an_event_is_a_line(void **state)
{
	print_event(EV_KEY, KEY_A);
	expect_printed("Event: time 12.034567, type 1 (EV_KEY), code 30 "
		       "(KEY_A), value -8\n");
	print_event(EV_KEY, 0x2fe);
	expect_printed("Event: time 12.034567, type 1 (EV_KEY), code 766 (?), "
		       "value -8\n");
	print_event(6, 7);
	expect_printed("Event: time 12.034567, type 6 (?), code 7 (?), "
		       "value -8\n");
	print_event(EV_SYN, SYN_REPORT);
	expect_printed("Event: time 12.034567, -------------- SYN_REPORT "
		       "------------\n");
	out.label = "kbd";
	print_event(EV_SYN, SYN_REPORT);
	expect_printed("kbd: Event: time 12.034567, -------------- SYN_REPORT "
		       "------------\n");
	out.json = true;
	print_event(EV_SYN, SYN_REPORT);
	expect_printed("{\"label\":\"kbd\",\"time\":12.034567,\"type\":0,"
		       "\"type_name\":\"EV_SYN\",\"code\":0,"
		       "\"code_name\":\"SYN_REPORT\",\"value\":-8}\n");
	out.label = NULL;
	print_event(EV_ABS, ABS_Y);
	expect_printed("{\"time\":12.034567,\"type\":3,"
		       "\"type_name\":\"EV_ABS\",\"code\":1,"
		       "\"code_name\":\"ABS_Y\",\"value\":-8}\n");
}

static void contacts_are_a_line(void **state)
{
	struct monitor_touch touch;

	monitor_touch_init(&touch);
	monitor_print_touch(&out, &touch);
	expect_printed("no contact\n");
	out.label = "pad";
	touch.contact[3].id = 0;
	monitor_print_touch(&out, &touch);
	expect_printed("pad: 1 contact  3: 0,0\n");
}

/* Of a single device. */
static void a_terminal_has_one_line_of_contacts(void **state)
{
	const int master = posix_openpt(O_RDWR | O_NOCTTY);
	char seen[64] = "";
	struct monitor_touch touch;
	struct monitor_print p = { 0 };

	assert_sys(master);
	assert_sys(grantpt(master));
	assert_sys(unlockpt(master));
	p.out = fopen(ptsname(master), "w");
	assert_non_null(p.out);
	monitor_touch_init(&touch);
	monitor_print_touch(&p, &touch);
	fclose(p.out);
	assert_true(read(master, seen, sizeof(seen) - 1) > 0);
	assert_string_equal(seen, "\r\033[Kno contact");
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_is_utf_8_is_printed_unchanged),
		cmocka_unit_test(a_name_that_is_not_utf_8_keeps_its_ascii),
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(a_device_is_one_object),
		T(a_device_is_printed_as_a_spec_is),
		T(an_event_is_a_line),
		T(contacts_are_a_line),
		cmocka_unit_test(a_terminal_has_one_line_of_contacts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
