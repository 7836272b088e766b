/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/stream/stream-links.h"
#include "tests/lib/check.h"

static bool memory_is_short;

/* In place of libc's. */
void *calloc(size_t nmemb, size_t size)
{
	void *new = memory_is_short ? NULL : malloc(nmemb * size);

	/* Of memset() the compiler would make a calloc(). */
	if (new)
		explicit_bzero(new, nmemb * size);
	return new;
}

static struct stream_devices devices;
static struct stream_links links = { .devices = &devices };

static void expect_refused(int error, const char *text)
{
	struct fault why;

	assert_num(stream_links_add_fd(&links, "mouse", -1, &why), error);
	assert_string_equal(why.text, text);
	assert_num(stream_links_add_label(&links, "mouse", "/", NULL, &why),
		   error);
	assert_string_equal(why.text, text);
}

static void short_memory_is_said(void **state)
{
	struct fault none;

	fault_no_memory(&none);
	memory_is_short = true;
	expect_refused(-ENOMEM, none.text);
	memory_is_short = false;
}

static void full_list_is_said(void **state)
{
	char text[64];

	snprintf(text, sizeof(text), "mouse: more than %d devices",
		 STREAM_DEVICES_MAX);
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		assert_non_null(stream_device_new(&devices, "keyboard", NULL));
	expect_refused(-ENOSPC, text);
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		stream_device_free(&devices, devices.at[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_memory_is_said),
		cmocka_unit_test(full_list_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
