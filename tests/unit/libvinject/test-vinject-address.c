/* SPDX-License-Identifier: Apache-2.0 */
/* vinject-address.h: what a text, or the environment, says of a device. */
#include "tests/lib/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "injector/libvinject/vinject-address.h"
#include "tests/lib/garbage.h"
#include "tests/lib/temp-dir.h"

static struct vinject_address a;
static struct vinject_error e;
static char dir[TEMP_DIR_LEN];

static int setup(void **state)
{
	fill_with_garbage(&a);
	fill_with_garbage(&e);
	temp_dir_make(dir);
	unsetenv("VINPUT_FDS");
	unsetenv("VINPUT_DIR");
	return 0;
}

static int teardown(void **state)
{
	temp_dir_remove(dir);
	return 0;
}

static void a_text_is_one_of_these(void **state)
{
	static const struct {
		const char *text;
		struct vinject_address is;
	} rows[] = {
		{ "/", { VINJECT_UNIX, -1, "/", .cid = 0 } },
		{ "./a:b", { VINJECT_UNIX, -1, "./a:b", .cid = 0 } },
		{ "vsock:0:9",
		  { .transport = VINJECT_VSOCK, .fd = -1, .port = 9 } },
		{ "vsock:4294967295:4294967295",
		  { .transport = VINJECT_VSOCK,
		    .fd = -1,
		    .cid = UINT32_MAX,
		    .port = UINT32_MAX } },
		{ "hybrid:/a:b:90",
		  { VINJECT_HYBRID, -1, "/a:b", .port = 90 } },
		{ "hybrid:a:4294967295",
		  { VINJECT_HYBRID, -1, "a", .port = UINT32_MAX } },
		{ "fd:0", { .fd = 0 } },
		{ "fd:9", { .fd = 9 } },
		{ "fd:2147483647", { .fd = INT32_MAX } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fill_with_garbage(&a);
		assert_ok(vinject_address_read(&a, rows[i].text, &e));
		assert_num(a.transport, rows[i].is.transport);
		assert_num(a.fd, rows[i].is.fd);
		assert_string_equal(a.path, rows[i].is.path);
		assert_num(a.cid, rows[i].is.cid);
		assert_num(a.port, rows[i].is.port);
		assert_string_equal(a.label, "");
		assert_false(a.only_dir);
	}
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "fd:2147483648", "fd:2147483648: must be fd:N" },
		{ "fd:/", "fd:/: must be fd:N" },
		{ "fd::", "fd::: must be fd:N" },
		{ "fd:99999999999999999999",
		  "fd:99999999999999999999: must be fd:N" },
		{ "vsock:1:4294967296", "vsock:1:4294967296: must be "
					"vsock:CID:PORT, with numbers" },
		{ "vsock:1", "vsock:1: must be vsock:CID:PORT, with numbers" },
		{ "hybrid:a:4294967296",
		  "hybrid:a:4294967296: must be hybrid:PATH:PORT" },
		{ "hybrid:5", "hybrid:5: must be hybrid:PATH:PORT" },
		{ "hybrid::5", "empty path" },
		{ "", "invalid label ''" },
		{ "a=", "invalid label 'a='" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_rc(vinject_address_read(&a, rows[i].text, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].why);
	}
}

static void a_label_has_63_bytes(void **state)
{
	char label[65], path[128];

	memset(label, 'l', sizeof(label));
	label[63] = '\0';
	assert_ok(vinject_address_of_label(&a, label, "/d", &e));
	snprintf(path, sizeof(path), "/d/%s.inject", label);
	assert_string_equal(a.path, path);
	assert_string_equal(a.label, label);
	assert_true(a.only_dir);
	label[63] = 'l';
	label[64] = '\0';
	assert_rc(vinject_address_of_label(&a, label, "/d", &e), -EINVAL);
	assert_rc(vinject_address_of_label(&a, "/", "/d", &e), -EINVAL);
}

/* What is too long is named as far as there is room. */
static void a_path_has_107_bytes(void **state)
{
	char path[8000], head[512];

	memset(path, 'p', sizeof(path));
	memcpy(path, "hybrid:/", 8);
	strcpy(path + 7 + 107, ":5");
	assert_ok(vinject_address_read(&a, path, &e));
	assert_num(strlen(a.path), 107);
	strcpy(path + 7 + 108, ":5");
	path[7 + 107] = 'p';
	assert_rc(vinject_address_read(&a, path, &e), -ENAMETOOLONG);
	snprintf(head, sizeof(head),
		 "%.108s: a socket's path has at most 107 bytes", path + 7);
	assert_string_equal(e.text, head);
	for (size_t len = 299; len <= 7000; len = len < 301 ? len + 1 : 7000) {
		memset(path, 'p', sizeof(path));
		path[0] = '/';
		path[len] = '\0';
		assert_rc(vinject_address_read(&a, path, &e), -ENAMETOOLONG);
		snprintf(head, sizeof(head),
			 "%.300s: a socket's path has at most 107 bytes", path);
		assert_string_equal(e.text, head);
		assert_rc(vinject_address_of_label(&a, "x", path, &e),
			  -ENAMETOOLONG);
		if (len == 7000)
			break;
	}
}

static void fds_of_labels_are_in_the_environment(void **state)
{
	static const struct {
		const char *env;
		int fd;
	} rows[] = {
		{ "kbd=7", 7 },
		{ "kbd=7,mouse=8", 7 },
		{ "mouse=8,kbd=7", 7 },
		{ "mouse=8,kbd=7,touch=9", 7 },
		{ "xkbd=8,kb=9,kbdx=6,kbd=7", 7 },
		{ "mouse=8", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		setenv("VINPUT_FDS", rows[i].env, 1);
		setenv("VINPUT_DIR", "/d", 1);
		assert_ok(vinject_address_read(&a, "kbd", &e));
		assert_num(a.fd, rows[i].fd);
		/* A reconnection goes there. */
		assert_num(a.transport, VINJECT_UNIX);
		assert_string_equal(a.path, "/d/kbd.inject");
		assert_false(a.only_dir);
		setenv("VINPUT_DIR", "", 1);
		assert_rc(vinject_address_read(&a, "kbd", &e),
			  rows[i].fd < 0 ? -ENOENT : 0);
		assert_num(a.transport, VINJECT_NOWHERE);
	}
	setenv("VINPUT_FDS", "kbd=7x,mouse=8", 1);
	assert_rc(vinject_address_read(&a, "kbd", &e), -EINVAL);
	assert_string_equal(e.text, "VINPUT_FDS: invalid fd for kbd");
	setenv("VINPUT_FDS", "mouse=8,kbd=7;", 1);
	assert_rc(vinject_address_read(&a, "kbd", &e), -EINVAL);
}

static void make(const char *name)
{
	char path[TEMP_DIR_LEN + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_sys(mkdir(path, 0700));
}

static void devices_that_exist_are_listed(void **state)
{
	char why[512];

	assert_rc(vinject_address_read(&a, "pen", &e), -ENOENT);
	assert_string_equal(e.text,
			    "no device 'pen': neither VINPUT_DIR nor "
			    "VINPUT_FDS is set, and a path contains a '/'");
	setenv("VINPUT_FDS", "a=1,b,c=2", 1);
	assert_rc(vinject_address_read(&a, "pen", &e), -ENOENT);
	assert_string_equal(e.text, "no device 'pen'; VINPUT_FDS has a, b, c");
	assert_ok(vinject_address_of_label(&a, "pen", dir, &e));
	make(".inject"); /* no label */
	make("inject");
	make("k.injectx");
	assert_rc(vinject_address_explain(&a, -ENOENT, &e), -ENOENT);
	snprintf(why, sizeof(why), "no device 'pen'; %s has none", dir);
	assert_string_equal(e.text, why);
	make("k.inject");
	setenv("VINPUT_DIR", dir, 1);
	assert_ok(vinject_address_read(&a, "pen", &e));
	assert_rc(vinject_address_explain(&a, -ENOENT, &e), -ENOENT);
	snprintf(why, sizeof(why),
		 "no device 'pen'; VINPUT_FDS has a, b, c; %s has k", dir);
	assert_string_equal(e.text, why);
	assert_ok(vinject_address_of_label(&a, "pen", "/nonexistent", &e));
	assert_rc(vinject_address_explain(&a, -ENOENT, &e), -ENOENT);
	assert_string_equal(e.text, "no device 'pen'; /nonexistent has none");
}

/* Names for which there is no room are left out, and shorter ones are not. */
static void a_list_is_as_long_as_there_is_room(void **state)
{
	static const char intro[] = "no device 'pen'; VINPUT_FDS has ";
	const size_t room = 384 - 1 - strlen("; VINPUT_FDS has ");

	for (size_t len = room - 5; len < room + 1; len++) {
		char env[600], why[600];

		/* "xxx", ", yy", or as much of it as fits */
		memset(env, 'x', len);
		snprintf(env + len, sizeof(env) - len, ",y");
		setenv("VINPUT_FDS", env, 1);
		assert_rc(vinject_address_read(&a, "pen", &e), -ENOENT);
		snprintf(why, sizeof(why), "%s%.*s%s", intro, (int)len, env,
			 len + 3 <= room ? ", y" : "");
		if (len > room)
			snprintf(why, sizeof(why), "%.*s, y",
				 (int)strlen(intro) - 1, intro);
		assert_string_equal(e.text, why);
	}
}

/* Of a folder, too. */
static void what_follows_a_long_list_is_cut(void **state)
{
	char env[600], whole[1200], why[512];

	make("k.inject");
	setenv("VINPUT_DIR", dir, 1);
	for (size_t len = 300; len < 367; len++) {
		memset(env, 'x', len);
		env[len] = '\0';
		setenv("VINPUT_FDS", env, 1);
		assert_ok(vinject_address_read(&a, "pen", &e));
		assert_rc(vinject_address_explain(&a, -ENOENT, &e), -ENOENT);
		snprintf(whole, sizeof(whole), "; VINPUT_FDS has %s; %s has",
			 env, dir);
		/* " k", if there is room for it and what ends a text */
		snprintf(whole + strlen(whole), 8, "%s",
			 strlen(whole) + 2 < 384 ? " k" : "");
		snprintf(why, sizeof(why), "no device 'pen'%.383s", whole);
		assert_string_equal(e.text, why);
	}
}

static void a_failure_is_explained(void **state)
{
	static const struct {
		const char *address;
		int code;
		const char *why;
	} rows[] = {
		{ "fd:5", -EIO, "Input/output error" },
		{ "/p", -ENOENT, "/p: No such file or directory" },
		{ "/p", -ECONNREFUSED, "/p: nothing listens on it" },
		{ "/p", -EACCES, "/p: Permission denied" },
		{ "vsock:4:5", -ENODEV, "vsock:4:5: No such device" },
		{ "hybrid:/p:6", -EPIPE,
		  "hybrid:/p:6: nothing listens on that port" },
		{ "hybrid:/p:6", -EPROTO,
		  "hybrid:/p:6: does not answer CONNECT with OK" },
		{ "hybrid:/p:6", -ENOENT,
		  "hybrid:/p:6: No such file or directory" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_ok(vinject_address_read(&a, rows[i].address, &e));
		assert_rc(vinject_address_explain(&a, rows[i].code, &e),
			  rows[i].code);
		assert_string_equal(e.text, rows[i].why);
	}
	assert_ok(vinject_address_of_label(&a, "kbd", "/d", &e));
	assert_rc(vinject_address_explain(&a, -ECONNREFUSED, &e),
		  -ECONNREFUSED);
	assert_string_equal(e.text, "/d/kbd.inject: nothing listens on it");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_text_is_one_of_these),
		T(what_is_wrong_is_said),
		T(a_label_has_63_bytes),
		T(a_path_has_107_bytes),
		T(fds_of_labels_are_in_the_environment),
		T(devices_that_exist_are_listed),
		T(a_list_is_as_long_as_there_is_room),
		T(what_follows_a_long_list_is_cut),
		T(a_failure_is_explained),
	};

	return cmocka_run_group_tests_name("vinject-address", tests, NULL,
					   NULL);
}
