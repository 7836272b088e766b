/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account.h, with accounts of the test's own: those of /etc/passwd and
 * /etc/group are here, a directory's are what a getent of ours prints.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "input/base/account.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

/* One of them is called like the number of another. */
static char users[] = "ann:x:7:70::/:/bin/sh\n"
		      "7::8:80::/:\n"
		      "\n"
		      "+::::::\n"
		      "root:x:0:5:root:/root:/bin/sh\n"
		      "far:x:4294967294:4294967293::/:/bin/sh\n"
		      "bob:x:9:90::/:/bin/sh\n"
		      "#old:x:12:5::/:/bin/sh\n"
		      "hex:x:0x10:5::/:/bin/sh\n"
		      "big:x:4294967296:5::/:/bin/sh\n"
		      "nil:x:4294967295:5::/:/bin/sh\n"
		      "ted:x:13:input::/:/bin/sh\n"
		      "end:x:14:140\n";
static char groups[] = "input:x:70:ann,bob\n"
		       "#old:x:75:\n"
		       "hex:x:0x10:\n"
		       "end:x:90\n"
		       "70:x:80:";

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
FILE *fopen(const char *path, const char *mode)
{
	if (!strcmp(path, "/etc/passwd"))
		return fmemopen(users, strlen(users), mode);
	if (!strcmp(path, "/etc/group"))
		return fmemopen(groups, strlen(groups), mode);
	return fdopen(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), mode);
}

static void a_user_is_a_name_or_a_number(void **state)
{
	static const struct {
		const char *text;
		int rc;
		uid_t uid;
		gid_t gid;
	} rows[] = {
		{ "ann", 0, 7, 70 },
		{ "7", 0, 8, 80 }, /* the name */
		{ "9", 0, 9, 90 },
		{ "0", 0, 0, 5 },
		{ "12", 0, 12, ACCOUNT_NO_GID },
		{ "far", 0, 4294967294, 4294967293 },
		/* What is no account for libc is none here: 0 is root. */
		{ "#old", -ENOENT, 1, 1 },
		{ "hex", -ENOENT, 1, 1 },
		{ "big", -ENOENT, 1, 1 },
		{ "nil", -ENOENT, 1, 1 },
		{ "ted", 0, 13, ACCOUNT_NO_GID },
		{ "end", 0, 14, 140 },
		{ "eve", -ENOENT, 1, 1 },
		{ "+", -ENOENT, 1, 1 },
		{ "", -ENOENT, 1, 1 },
		{ "-1", -ENOENT, 1, 1 },
		{ "4294967295", -ENOENT, 1, 1 },
		{ "dora", 0, 5000, 5001 }, /* a directory's */
		{ "6000", 0, 6000, 6001 },
		{ "--help", -ENOENT, 1, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uid_t uid = 1, alone = 1;
		gid_t gid = 1;

		assert_rc(account_user(rows[i].text, &uid, &gid), rows[i].rc);
		assert_num(uid, rows[i].uid);
		assert_num(gid, rows[i].gid);
		assert_rc(account_user(rows[i].text, &alone, NULL), rows[i].rc);
		assert_num(alone, rows[i].uid);
	}
}

static void a_group_is_a_name_or_a_number(void **state)
{
	static const struct {
		const char *text;
		int rc;
		gid_t gid;
	} rows[] = {
		{ "input", 0, 70 },	{ "70", 0, 80 },
		{ "0", 0, 0 },		{ "12", 0, 12 },
		{ "#old", -ENOENT, 1 }, { "hex", -ENOENT, 1 },
		{ "end", 0, 90 },	{ "eve", -ENOENT, 1 },
		{ "-1", -ENOENT, 1 },	{ "staff", 0, 5002 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		gid_t gid = 1;

		assert_rc(account_group(rows[i].text, &gid), rows[i].rc);
		assert_num(gid, rows[i].gid);
	}
}

static void without_getent_there_are_files(void **state)
{
	gid_t gid = 1;

	setenv("PATH", "/nonexistent", 1);
	assert_rc(account_group("staff", &gid), -ENOENT);
	assert_ok(account_group("input", &gid));
	assert_num(gid, 70);
}

static char dir[TEMP_DIR_LEN], *usual_path;

static int make_getent(void **state)
{
	char path[TEMP_DIR_LEN + 8];

	temp_dir_make(dir);
	snprintf(path, sizeof(path), "%s/getent", dir);
	file_write(path,
		   "#!/bin/sh\n"
		   "case $* in\n"
		   "'-- passwd dora') echo dora:x:5000:5001::/:/bin/sh;;\n"
		   "'-- passwd 6000') echo fay:x:6000:6001::/:/bin/sh;;\n"
		   "'-- group staff') echo staff:x:5002:dora,fay;;\n"
		   "*) exit 2;;\n"
		   "esac\n");
	assert_sys(chmod(path, 0700));
	usual_path = strdup(getenv("PATH"));
	assert_sys(setenv("PATH", dir, 1));
	return 0;
}

static int remove_getent(void **state)
{
	setenv("PATH", usual_path, 1);
	free(usual_path);
	return temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_is_a_name_or_a_number),
		cmocka_unit_test(a_group_is_a_name_or_a_number),
		cmocka_unit_test(without_getent_there_are_files),
	};

	return cmocka_run_group_tests_name("account", tests, make_getent,
					   remove_getent);
}
