/* SPDX-License-Identifier: Apache-2.0 */
/* account.h, with accounts of the test's own. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include "input/base/account.h"
#include "tests/lib/check.h"

#define NAME(text) ((char[]){ text })

/* One of them is called like the number of another. */
static struct passwd user[] = {
	{ .pw_name = NAME("ann"), .pw_uid = 7, .pw_gid = 70 },
	{ .pw_name = NAME("7"), .pw_uid = 8, .pw_gid = 80 },
	{ .pw_name = NAME("root"), .pw_uid = 0, .pw_gid = 5 },
	{ .pw_name = NAME("bob"), .pw_uid = 9, .pw_gid = 90 },
};
static struct group group[] = {
	{ .gr_name = NAME("input"), .gr_gid = 70 },
	{ .gr_name = NAME("70"), .gr_gid = 80 },
};

struct passwd *getpwnam(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(user); i++)
		if (!strcmp(user[i].pw_name, name))
			return &user[i];
	return NULL;
}

struct passwd *getpwuid(uid_t uid)
{
	for (size_t i = 0; i < ARRAY_LEN(user); i++)
		if (user[i].pw_uid == uid)
			return &user[i];
	return NULL;
}

struct group *getgrnam(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(group); i++)
		if (!strcmp(group[i].gr_name, name))
			return &group[i];
	return NULL;
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
		{ "eve", -ENOENT, 1, 1 },
		{ "-1", -ENOENT, 1, 1 },
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
		{ "input", 0, 70 }, { "70", 0, 80 },	   { "0", 0, 0 },
		{ "12", 0, 12 },    { "eve", -ENOENT, 1 }, { "-1", -ENOENT, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		gid_t gid = 1;

		assert_rc(account_group(rows[i].text, &gid), rows[i].rc);
		assert_num(gid, rows[i].gid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_is_a_name_or_a_number),
		cmocka_unit_test(a_group_is_a_name_or_a_number),
	};

	return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
