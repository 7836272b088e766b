/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walls, each from inside, in a child that has entered: what the server
 * needs still works, and other files and users are out of reach. As root
 * another user can be become, else that must be refused.
 */
#include "tests/lib/sandbox-child.h"

#include "tests/lib/deny.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/base/account.h"
#include "input/base/log.h"
#include "input/sandbox/sandbox.h"
#include "tests/lib/temp-dir.h"

static int abort_with_words(const void *arg)
{
	const int *fd = arg;

	dup2(fd[1], STDERR_FILENO);
	/* Not with sanitizers, which hear them first. */
	if (enter(SANDBOX_DEFAULT, &no_paths))
		return BAD_EXIT;
	/* As assert() does; NDEBUG or not. */
	__assert_fail("the sky is up", __FILE__, 1, __func__);
}

static void the_last_words_are_heard(void **state)
{
	char text[512] = "";
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_num(in_child(abort_with_words, fd), 128 + SIGABRT);
	close(fd[1]);
	assert_sys(read(fd[0], text, sizeof(text) - 1));
	close(fd[0]);
	assert_non_null(strstr(text, "the sky is up"));
}

static int use_memory(const void *arg)
{
	int fd;
	char *p;

	if (enter(SANDBOX_ON, &no_paths))
		return BAD_EXIT;
	fd = memfd_create("x", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 4096) < 0 || pwrite(fd, "x", 1, 0) != 1)
		return 1;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED || munmap(p, 4096) < 0)
		return 2;
	/* Small, large, larger, trimmed. */
	for (size_t size = 16; size < 64 << 20; size *= 4) {
		p = malloc(size);
		if (!p)
			return 3;
		memset(p, 1, size);
		char *more = realloc(p, size * 3);
		if (!more)
			return 3;
		free(more);
	}
	return 0;
}

static void memory_can_be_allocated(void **state)
{
	assert_num(in_child(use_memory, NULL), 0);
}

static int raise_usr1(const void *arg)
{
	if (enter(SANDBOX_ON, &no_paths))
		return BAD_EXIT;
	raise(SIGUSR1);
	return 0;
}

static void it_can_signal_itself(void **state)
{
	assert_num(in_child(raise_usr1, NULL), 128 + SIGUSR1);
}

static int open_files(const void *arg)
{
	int n = 0;

	if (enter(SANDBOX_ON, &no_paths))
		return BAD_EXIT;
	while (memfd_create("x", MFD_CLOEXEC) >= 0)
		n++;
	return n;
}

/* Also if there are gaps between those that are open. */
static int open_files_with_gaps(const void *arg)
{
	for (int fd = 20; fd < 60; fd += 2)
		dup2(STDERR_FILENO, fd);
	return open_files(arg);
}

static void so_many_files_can_be_opened_and_no_more(void **state)
{
	assert_num(in_child(open_files, NULL), 128);
	assert_num(in_child(open_files_with_gaps, NULL), 128);
}

/* As in a unit with SystemCallFilter=~@privileged. */
static int enter_unprivileged(const void *arg)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	const uint32_t denied = SCMP_ACT_ERRNO(EPERM);

	if (enter(SANDBOX_LOG, &no_paths) ||
	    seccomp_rule_add(ctx, denied, SCMP_SYS(capset), 0) ||
	    seccomp_rule_add(ctx, denied, SCMP_SYS(setgroups), 0) ||
	    seccomp_load(ctx))
		return BAD_EXIT;
	return enter(SANDBOX_ON, &no_paths) ? 1 : 0;
}

static void who_has_no_privileges_needs_none_to_enter(void **state)
{
	assert_num(in_child(enter_unprivileged, NULL), 0);
}

/*
 * Landlock lets only a file of ours be executed, and that is the dynamic
 * linker, which then reads a program.
 */
static int find_linker(struct dl_phdr_info *info, size_t size, void *path)
{
	for (unsigned int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*(const char **)path =
				(const char *)(info->dlpi_addr +
					       info->dlpi_phdr[i].p_vaddr);
	return 1;
}

static int copy_linker(void)
{
	const char *path = NULL;
	struct stat st;
	int in, out = memfd_create("ld.so", MFD_CLOEXEC);

	dl_iterate_phdr(find_linker, &path);
	in = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (in < 0 || fstat(in, &st) < 0 ||
	    sendfile(out, in, NULL, (size_t)st.st_size) != st.st_size)
		return -1;
	close(in);
	return out;
}

/* Exit status: 0: the program has no capability; 1: it has. */
static int execute_program(const void *enters)
{
	const struct sandbox_paths all = { .folders = { "/" } };
	static const char *const argv[] = {
		"ld.so",
		"/bin/grep",
		"-q",
		"^CapPrm:.0000000000000000$",
		"/proc/self/status",
		NULL,
	};
	const int linker = copy_linker();

	if (enters && enter(SANDBOX_LOG, &all))
		return BAD_EXIT;
	syscall(SYS_execveat, linker, "", argv, environ, AT_EMPTY_PATH);
	return BAD_EXIT;
}

/* As it would if root executed it without no_new_privs. */
static void a_program_of_roots_regains_no_capability(void **state)
{
	const bool yes = true;

	if (in_child(execute_program, NULL) != 1)
		skip(); /* nothing to lose */
	assert_num(in_child(execute_program, &yes), 0);
}

/* --- files --- */

struct place {
	char dir[TEMP_DIR_LEN], spec[64], other[64], socket[64], stray[64];
	struct sandbox_paths paths;
	bool landlock;
};

static struct place place;

static void touch_file(char path[64], const char *name)
{
	snprintf(path, 64, "%s/%s", place.dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_sys(fd);
	close(fd);
}

static int setup_place(void **state)
{
	char sub[64];

	temp_dir_make(place.dir);
	for (int i = 0; i < 3; i++) {
		snprintf(sub, sizeof(sub), "%s/%c", place.dir, "abc"[i]);
		assert_sys(mkdir(sub, 0700));
	}
	touch_file(place.spec, "a/spec.json");
	touch_file(place.socket, "b/socket");
	touch_file(place.stray, "c/stray");
	touch_file(place.other, "c/other");
	place.paths = (struct sandbox_paths){ .read = { place.spec },
					      .removed = { place.socket } };
	place.landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 1;
	return 0;
}

static int teardown_place(void **state)
{
	return temp_dir_remove(place.dir);
}

static int reach(const void *arg)
{
	if (enter(SANDBOX_ON, &place.paths))
		return BAD_EXIT;
	if (open(place.spec, O_RDONLY | O_CLOEXEC) < 0)
		return 1;
	if (unlink(place.socket) < 0)
		return 2;
	return 0;
}

static void the_spec_is_read_and_the_socket_removed(void **state)
{
	assert_num(in_child(reach, NULL), 0);
}

static int reach_a_new_one(const void *arg)
{
	const int *fd = arg;
	char go;

	if (enter(SANDBOX_ON, &place.paths))
		return BAD_EXIT;
	if (write(fd[1], "x", 1) != 1 || read(fd[2], &go, 1) != 1)
		return BAD_EXIT;
	return open(place.spec, O_RDONLY | O_CLOEXEC) < 0;
}

/* As an editor does it: another file takes the name. */
static void a_spec_that_was_replaced_is_read(void **state)
{
	char fresh[64], go;
	int fd[4], status;

	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_sys(pipe2(fd + 2, O_CLOEXEC));
	pid_t pid = fork();
	assert_sys(pid);
	if (!pid)
		leave(reach_a_new_one(fd));
	assert_num(read(fd[0], &go, 1), 1);
	touch_file(fresh, "a/fresh");
	assert_sys(rename(fresh, place.spec));
	assert_num(write(fd[3], "x", 1), 1);
	assert_num(waitpid(pid, &status, 0), pid);
	assert_num(status, 0);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
}

static int spec_by_a_link(const void *arg)
{
	char link[64];

	snprintf(link, sizeof(link), "%s/b/link.json", place.dir);
	if (symlink(place.spec, link) < 0)
		return BAD_EXIT;
	place.paths.read[0] = link;
	if (enter(SANDBOX_ON, &place.paths))
		return BAD_EXIT;
	return open(link, O_RDONLY | O_CLOEXEC) < 0;
}

static void a_spec_behind_a_link_is_read(void **state)
{
	assert_num(in_child(spec_by_a_link, NULL), 0);
}

/* Return: bit 0: another file can be read, bit 1: be removed. */
static int stray(const void *arg)
{
	int can = 0;

	if (enter(SANDBOX_ON, &place.paths))
		return BAD_EXIT;
	can |= open(place.other, O_RDONLY | O_CLOEXEC) >= 0 ? 1 : 0;
	can |= !unlink(place.stray) ? 2 : 0;
	return can;
}

/* The kernel says whether it has Landlock: there is no third way. */
static void other_files_are_out_of_reach_with_landlock(void **state)
{
	assert_num(in_child(stray, NULL), place.landlock ? 0 : 3);
}

static int enter_place(void *arg)
{
	return -enter(SANDBOX_ON, &place.paths);
}

/* A sandbox of which a part is missing is none. */
static void a_rule_that_is_refused_is_an_error(void **state)
{
	static const char *const calls[] = { "landlock_add_rule",
					     "landlock_restrict_self" };

	log_set_level(LOG_OFF);
	for (int i = 0; i < 2; i++)
		assert_num(deny_in_child(calls[i], EIO, enter_place, NULL),
			   place.landlock ? EIO : 0);
	log_set_level(LOG_ERROR);
	assert_num(deny_in_child("", 0, enter_place, NULL), 0);
}

/* --- another user --- */

static int become(const void *arg)
{
	const uid_t *uid = arg;
	uid_t u[3];
	gid_t g[3];
	int sig = 0;

	prctl(PR_SET_PDEATHSIG, SIGUSR2);
	const struct sandbox sb = { .uid = *uid, .gid = *uid };
	int r = sandbox_enter(&sb);
	if (r)
		return -r;
	prctl(PR_GET_PDEATHSIG, &sig);
	if (getresuid(&u[0], &u[1], &u[2]) || getresgid(&g[0], &g[1], &g[2]))
		return BAD_EXIT;
	for (int i = 0; i < 3; i++)
		if (u[i] != *uid || g[i] != *uid)
			return BAD_EXIT;
	if (sig != SIGUSR2 || getgroups(0, NULL) || !setuid(0))
		return BAD_EXIT;
	return 0;
}

static void root_becomes_another_for_good_and_nobody_else_can(void **state)
{
	const uid_t uid = geteuid() == NOBODY ? NOBODY - 1 : NOBODY;

	assert_num(in_child(become, &uid), geteuid() ? EPERM : 0);
}

static int become_who_one_is(const void *arg)
{
	const struct sandbox sb = { .uid = getuid(), .gid = getgid() };

	return -sandbox_enter(&sb);
}

static void every_process_may_keep_its_user(void **state)
{
	assert_num(in_child(become_who_one_is, NULL), 0);
}

struct change {
	uid_t uid;
	gid_t gid;
};

/* As a user who is not root, and has no other groups. */
static int change_as_user(const void *arg)
{
	const struct change *to = arg;
	const struct sandbox sb = { .uid = to->uid, .gid = to->gid };

	if (!geteuid() &&
	    (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	     setresuid(NOBODY, NOBODY, NOBODY)))
		return BAD_EXIT;
	return -sandbox_enter(&sb);
}

static void what_is_ours_already_needs_no_privilege(void **state)
{
	const uid_t uid = geteuid() ? getuid() : NOBODY;
	const gid_t gid = geteuid() ? getgid() : NOBODY;
	const struct change ours[] = { { ACCOUNT_NO_UID, gid },
				       { uid, ACCOUNT_NO_GID },
				       { uid, gid } };
	const struct change others[] = { { ACCOUNT_NO_UID, gid + 1 },
					 { uid + 1, ACCOUNT_NO_GID },
					 { uid + 1, gid },
					 { uid, gid + 1 } };

	for (int i = 0; i < 3; i++)
		assert_num(in_child(change_as_user, &ours[i]), 0);
	log_set_level(LOG_OFF);
	for (int i = 0; i < 4; i++)
		assert_num(in_child(change_as_user, &others[i]), EPERM);
	log_set_level(LOG_ERROR);
}

#define T(name) cmocka_unit_test(name)
#define IN_PLACE(name) \
	cmocka_unit_test_setup_teardown(name, setup_place, teardown_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_last_words_are_heard),
		T(memory_can_be_allocated),
		T(it_can_signal_itself),
		T(so_many_files_can_be_opened_and_no_more),
		T(who_has_no_privileges_needs_none_to_enter),
		T(a_program_of_roots_regains_no_capability),
		IN_PLACE(the_spec_is_read_and_the_socket_removed),
		IN_PLACE(a_spec_that_was_replaced_is_read),
		IN_PLACE(a_spec_behind_a_link_is_read),
		IN_PLACE(other_files_are_out_of_reach_with_landlock),
		IN_PLACE(a_rule_that_is_refused_is_an_error),
		T(root_becomes_another_for_good_and_nobody_else_can),
		T(every_process_may_keep_its_user),
		T(what_is_ours_already_needs_no_privilege),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
