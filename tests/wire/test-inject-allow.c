/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may connect to --inject-path, by the user and groups of the client. As
 * root, the tests connect as others; otherwise only the own user and a list
 * without it can be distinguished.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/stats.h"

#define STRANGER 54321
#define NOBODY	 65534
#define DAEMON	 1
#define NONE	 0xffffffffu

struct who {
	const char *name;
	const char *options[2];	      /* OWN_UID, OWN_GID: those of the test */
	unsigned int uid, gid, group; /* to connect as; NONE: own, none */
	bool allowed;
};

#define ME NONE, NONE, NONE

static const struct who everywhere[] = {
	{ "without_a_list_everybody_may", { NULL }, ME, true },
	{ "own_user_on_the_list_may", { "uid=OWN" }, ME, true },
	{ "own_user_not_on_the_list_may_not", { "uid=54321" }, ME, false },
	{ "own_user_among_others_may", { "uid=54321,OWN,1" }, ME, true },
	{ "own_user_on_a_second_list_may",
	  { "uid=54321", "uid=OWN" },
	  ME,
	  true },
	{ "own_group_on_the_list_may", { "gid=OWN" }, ME, true },
	{ "own_group_not_on_the_list_may_not", { "gid=54321" }, ME, false },
	{ "one_of_both_lists_is_enough", { "uid=54321", "gid=OWN" }, ME, true },
};

static const struct who as_root[] = {
	{ "another_user_on_the_list_may",
	  { "uid=nobody" },
	  NOBODY,
	  NOBODY,
	  NONE,
	  true },
	{ "another_user_not_on_the_list_may_not",
	  { "uid=0,daemon" },
	  NOBODY,
	  NOBODY,
	  NONE,
	  false },
	{ "root_not_on_the_list_may_not",
	  { "uid=nobody", "gid=daemon" },
	  ME,
	  false },
	{ "another_group_on_the_list_may",
	  { "gid=daemon" },
	  STRANGER,
	  DAEMON,
	  NONE,
	  true },
	{ "member_of_a_group_on_the_list_may",
	  { "gid=daemon" },
	  STRANGER,
	  STRANGER,
	  DAEMON,
	  true },
	{ "member_of_another_group_may_not",
	  { "gid=nogroup" },
	  STRANGER,
	  STRANGER,
	  DAEMON,
	  false },
};

static void add_option(struct rig *rig, const char *option)
{
	char text[64];
	const char *own = strstr(option, "OWN");

	if (own)
		snprintf(text, sizeof(text), "%.*s%u%s", (int)(own - option),
			 option, *option == 'u' ? geteuid() : getegid(),
			 own + 3);
	else
		snprintf(text, sizeof(text), "%s", option);
	process_arg(&rig->srv, "--inject-allow-%s", text);
}

static void serve(struct rig *rig, const struct who *who)
{
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	process_arg(&rig->srv, "--socket-mode=0666");
	for (int i = 0; i < 2 && who->options[i]; i++)
		add_option(rig, who->options[i]);
	stats_serve(rig);
	rig_run(rig, "keyboard", 64);
	stats_now(rig, "sources");
	assert_sys(chmod(rig->dir, 0755));
}

/*
 * The system calls are for this thread only: libc's would change all threads.
 * The user of a connection is the effective one.
 */
static void take_identity(const struct who *who)
{
	const gid_t groups[1] = { who->group };

	if (who->uid == NONE)
		return;
	assert_sys(syscall(SYS_setgroups, who->group != NONE, groups));
	assert_sys(syscall(SYS_setresgid, -1, who->gid, -1));
	assert_sys(syscall(SYS_setresuid, -1, who->uid, -1));
}

static void leave_identity(const struct who *who)
{
	if (who->uid == NONE)
		return;
	assert_sys(syscall(SYS_setresuid, -1, 0, -1));
	assert_sys(syscall(SYS_setresgid, -1, 0, -1));
	assert_sys(syscall(SYS_setgroups, 0, NULL));
}

static int connect_as(struct rig *rig, const struct who *who)
{
	take_identity(who);
	int fd = rig_unix_connect(rig->inject_path, SOCK_STREAM);
	leave_identity(who);
	return fd;
}

static void expect_closed(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	assert_true(recv(fd, &byte, 1, 0) <= 0);
}

static void expect_denied(struct rig *rig, const struct who *who, int fd)
{
	char line[96];

	expect_closed(fd);
	snprintf(line, sizeof(line),
		 "injector: denied: process %d, user %u, group %u:",
		 (int)getpid(), who->uid == NONE ? geteuid() : who->uid,
		 who->gid == NONE ? getegid() : who->gid);
	process_expect_log(&rig->srv, line);
	rig->lines.injector++;
	stats_wait(rig, "sources_denied", 1);
	assert_num(stats_now(rig, "sources"), 1);
	assert_num(stats_now(rig, "sources_refused"), 0);
}

static void connects_as_allowed(void **state)
{
	struct rig *rig = *state;
	const struct who *who = rig->row;

	serve(rig, who);
	int fd = connect_as(rig, who);
	rig->inject[rig->n_inject++] = fd;
	if (who->allowed) {
		inject_on(rig, 1, KEY(KEY_A, 1), SYN);
		expect(rig, KEY(KEY_A, 1), SYN);
	} else {
		expect_denied(rig, who, fd);
	}
	/* Inherited injectors are not checked. */
	inject(rig, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

/* A few of 200 lines are logged, and all 64 places are still free. */
static void a_crowd_of_strangers_takes_no_place_and_no_log(void **state)
{
	struct rig *rig = *state;
	static const struct who who = { .options = { "uid=54321" },
					.uid = NONE };

	serve(rig, &who);
	for (int i = 0; i < 200; i++) {
		int fd = rig_unix_connect(rig->inject_path, SOCK_STREAM);

		expect_closed(fd);
		close(fd);
	}
	stats_wait(rig, "sources_denied", 200);
	assert_num(stats_now(rig, "sources_total"), 1);
	assert_true(process_log_count(&rig->srv, "denied") < 100);
	rig->lines.injector = -1;
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest others[] = {
		T(a_crowd_of_strangers_takes_no_place_and_no_log),
	};
	struct CMUnitTest rows[ARRAY_LEN(everywhere)];
	struct CMUnitTest rows_of_root[ARRAY_LEN(as_root)];
	int failed;

	CASES(rows, everywhere, T(connects_as_allowed));
	CASES(rows_of_root, as_root, T(connects_as_allowed));
	failed = cmocka_run_group_tests(others, NULL, NULL);
	failed += cmocka_run_group_tests(rows, NULL, NULL);
	if (!geteuid())
		failed += cmocka_run_group_tests(rows_of_root, NULL, NULL);
	return failed;
}
