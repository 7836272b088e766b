/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "injector/passthrough/pass-library.h"
#include "injector/passthrough/pass-udev-calls.h"
#include "tests/lib/check.h"

struct calls {
	size_t (*length)(const char *text);
	int (*number)(const char *text);
};

static const struct pass_library_row rows[] = {
	{ "strlen", offsetof(struct calls, length) },
	{ "atoi", offsetof(struct calls, number) },
	{ "vinput_has_no_such_call", offsetof(struct calls, number) },
};

static void calls_are_found(void **state)
{
	struct calls calls;
	struct fault why;

	assert_ok(pass_library_load("libc.so.6", rows, 2, &calls, &why));
	assert_num(calls.length("abc"), 3);
	assert_num(calls.number("12"), 12);
}

static void what_is_missing_is_named(void **state)
{
	struct calls calls;
	struct fault why;

	assert_rc(pass_library_load("libvinput-none.so", rows, 1, &calls, &why),
		  -EINVAL);
	assert_non_null(strstr(why.text, "libvinput-none.so"));
	assert_rc(pass_library_load("libc.so.6", rows, 3, &calls, &why),
		  -EINVAL);
	assert_string_equal(why.text,
			    "libc.so.6 has no vinput_has_no_such_call()");
}

static void libudev_has_what_is_called(void **state)
{
	const struct pass_udev_calls *lib;
	struct udev *udev;
	struct fault why;

	lib = pass_udev_calls(&why);
	if (!lib)
		fail_msg("%s", why.text);
	assert_ptr_equal(pass_udev_calls(&why), lib);
	udev = lib->new ();
	assert_non_null(udev);
	assert_null(lib->unref(udev));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_found),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(libudev_has_what_is_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
