/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socket-path.h: what is replaced, what is left alone, and that a process that
 * is killed at any point leaves nothing that the next one stumbles over.
 */
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "input/base/socket-path.h"
#include "tests/lib/check.h"
#include "tests/lib/deny.h"
#include "tests/lib/temp-dir.h"

/* How long the holder of a socket takes to die. */
#define DYING_MS 100

struct world {
	char dir[TEMP_DIR_LEN];
	char path[TEMP_DIR_LEN + 8];
	struct socket_path sp;
};

static const struct socket_access ours = { .mode = 0600, .group = (gid_t)-1 };

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	temp_dir_make(w->dir);
	snprintf(w->path, sizeof(w->path), "%s/socket", w->dir);
	w->sp = SOCKET_PATH_NULL;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	socket_path_fini(&w->sp);
	temp_dir_remove(w->dir);
	free(w);
	return 0;
}

/* Return: a socket of another process, as far as the path is concerned. */
static int bound_socket(const struct world *w, int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	strcpy(addr.sun_path, w->path);
	assert_sys(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	return fd;
}

static int listening_socket(const struct world *w, int type)
{
	int fd = bound_socket(w, type);

	assert_sys(listen(fd, 1));
	return fd;
}

static int listen_there(struct world *w)
{
	return socket_path_listen(&w->sp, w->path, SOCK_STREAM, &ours);
}

static void a_stale_file_is_replaced(void **state)
{
	struct world *w = *state;

	close(listening_socket(w, SOCK_SEQPACKET));
	assert_ok(listen_there(w));
}

static void a_socket_in_use_is_left_alone(void **state)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		int fd = listening_socket(w, types[i]);
		struct pollfd p = { .fd = fd, .events = POLLIN };

		assert_rc(listen_there(w), -EADDRINUSE);
		/* Its owner was not disturbed by a connection. */
		assert_num(poll(&p, 1, 0), 0);
		close(fd);
		assert_sys(unlink(w->path));
	}
}

/* Whoever started it on a path in use sees why it does not serve yet. */
static void waiting_for_a_socket_in_use_is_reported(void **state)
{
	struct world *w = *state;
	int fd = listening_socket(w, SOCK_STREAM), end[2], status;
	char line[256] = "";
	pid_t pid;

	assert_sys(pipe(end));
	pid = fork();
	assert_sys(pid);
	if (!pid) {
		dup2(end[1], STDERR_FILENO);
		_exit(-listen_there(w));
	}
	close(end[1]);
	assert_true(read(end[0], line, sizeof(line) - 1) > 0);
	assert_non_null(strstr(line, "socket is in use; waiting 2 s"));
	assert_num(waitpid(pid, &status, WNOHANG), 0);
	assert_num(waitpid(pid, &status, 0), pid);
	assert_num(WEXITSTATUS(status), EADDRINUSE);
	close(end[0]);
	close(fd);
}

/* A server that starts at the same time. */
static void a_socket_that_does_not_listen_yet_is_left_alone(void **state)
{
	struct world *w = *state;
	int fd = bound_socket(w, SOCK_STREAM);

	assert_rc(listen_there(w), -EADDRINUSE);
	close(fd);
}

static void a_file_of_another_kind_is_left_alone(void **state)
{
	struct world *w = *state;
	struct stat st;

	file_write(w->path, "text");
	assert_rc(listen_there(w), -EEXIST);
	assert_sys(stat(w->path, &st));
	assert_num(st.st_size, 4);
}

static void a_process_that_is_dying_is_waited_for(void **state)
{
	struct world *w = *state;
	int fd = listening_socket(w, SOCK_STREAM);
	pid_t pid = fork();

	assert_sys(pid);
	if (!pid) {
		poll(NULL, 0, DYING_MS);
		_exit(0);
	}
	close(fd);
	assert_ok(listen_there(w));
	assert_num(waitpid(pid, NULL, 0), pid);
}

/* Root may connect to a socket of any mode, but other users start servers too.
 */
static void heed_modes(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];

	assert_sys(syscall(SYS_capget, &header, caps));
	caps[0].effective &= ~(1u << CAP_DAC_OVERRIDE);
	assert_sys(syscall(SYS_capset, &header, caps));
}

/* Return: whether it ended on its own before n stops, at its system calls. */
static bool listens_for_n_stops(struct world *w, int n)
{
	pid_t pid = fork();
	int status;

	assert_sys(pid);
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(listen_there(w) ? 1 : 0);
	}
	assert_num(waitpid(pid, &status, 0), pid);
	while (n-- && !WIFEXITED(status)) {
		assert_sys(ptrace(PTRACE_SYSCALL, pid, NULL, NULL));
		assert_num(waitpid(pid, &status, 0), pid);
	}
	if (WIFEXITED(status)) {
		assert_num(WEXITSTATUS(status), 0);
		return true;
	}
	assert_sys(kill(pid, SIGKILL));
	assert_num(waitpid(pid, NULL, 0), pid);
	return false;
}

static void killed_at_any_point_it_is_not_in_the_way(void **state)
{
	struct world *w = *state;

	heed_modes();
	for (int n = 1; !listens_for_n_stops(w, n); n++) {
		assert_ok(listen_there(w));
		socket_path_fini(&w->sp);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* --- what the kernel may refuse --- */

/* For another group of the same number, so that root's chown() is needed. */
static int listen_as_refused(void *arg)
{
	const struct socket_access shared = { .mode = 0660, .group = getgid() };
	struct world *w = arg;
	const int r = socket_path_listen(&w->sp, w->path, SOCK_STREAM, &shared);

	return w->sp.fd == -1 && !w->sp.path ? -r : 254;
}

/* Whatever it is, no file is left, and the error is what the kernel said. */
static void what_is_refused_leaves_nothing(void **state)
{
	static const struct {
		const char *call;
		int error;
	} rows[] = {
		{ "socket", EMFILE },  { "bind", EROFS },
#ifdef __NR_chown
		{ "chown", EPERM },
#else
		{ "fchownat", EPERM },
#endif
#ifdef __NR_chmod
		{ "chmod", EACCES },
#else
		{ "fchmodat", EACCES },
#endif
		{ "listen", ENOBUFS },
	};
	struct world *w = *state;
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_num(deny_in_child(rows[i].call, rows[i].error,
					 listen_as_refused, w),
			   rows[i].error);
		assert_num(lstat(w->path, &st), -1);
	}
	assert_num(deny_in_child("", 0, listen_as_refused, w), 254);
}

/* Nor is it taken for free when nobody can tell. */
static void a_stale_file_that_cannot_be_examined_is_left_alone(void **state)
{
	static const char *const calls[] = { "socket", "connect" };
	struct world *w = *state;
	struct stat st;

	close(listening_socket(w, SOCK_STREAM));
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		assert_num(
			deny_in_child(calls[i], EMFILE, listen_as_refused, w),
			EMFILE);
		assert_sys(lstat(w->path, &st));
	}
}

static int remove_stale_as_refused(void *arg)
{
	struct world *w = arg;

	return -socket_path_remove_stale(w->path);
}

static void a_stale_file_that_cannot_be_removed_is_an_error(void **state)
{
#ifdef __NR_unlink
	static const char call[] = "unlink";
#else
	static const char call[] = "unlinkat";
#endif
	struct world *w = *state;

	close(listening_socket(w, SOCK_STREAM));
	assert_num(deny_in_child(call, EPERM, remove_stale_as_refused, w),
		   EPERM);
	/* Somebody else has removed it meanwhile. */
	assert_num(deny_in_child(call, ENOENT, remove_stale_as_refused, w), 0);
	assert_num(deny_in_child("connect", ENOENT, remove_stale_as_refused, w),
		   0);
	assert_num(deny_in_child("connect", EACCES, remove_stale_as_refused, w),
		   EACCES);
}

/* --- what the file is like --- */

static int listen_as_ours(void *arg)
{
	return -listen_there(arg);
}

static void only_a_group_that_is_given_is_set(void **state)
{
	struct world *w = *state;

#ifdef __NR_chown
	assert_num(deny_in_child("chown", EPERM, listen_as_ours, w), 0);
#else
	assert_num(deny_in_child("fchownat", EPERM, listen_as_ours, w), 0);
#endif
}

static void the_file_has_the_mode_whatever_the_umask(void **state)
{
	const struct socket_access all = { .mode = 0666, .group = (gid_t)-1 };
	struct world *w = *state;
	const mode_t old = umask(0123);
	struct stat st;

	assert_ok(socket_path_listen(&w->sp, w->path, SOCK_STREAM, &all));
	assert_num(umask(old), 0123);
	assert_sys(lstat(w->path, &st));
	assert_num(st.st_mode & 0777, 0666);
}

static void a_path_has_at_most_107_bytes(void **state)
{
	struct world *w = *state;
	char path[128];

	for (int len = 106; len <= 108; len++) {
		const int r = len <= 107 ? 0 : -ENAMETOOLONG;

		snprintf(path, sizeof(path), "%s/", w->dir);
		memset(path + strlen(path), 'x', sizeof(path) - strlen(path));
		path[len] = '\0';
		assert_rc(socket_path_listen(&w->sp, path, SOCK_STREAM, &ours),
			  r);
		assert_rc(socket_path_remove_stale(path), r ? r : -EADDRINUSE);
		socket_path_fini(&w->sp);
	}
	assert_rc(socket_path_remove_stale(w->path), 0);
}

static void a_path_that_leads_nowhere_is_an_error(void **state)
{
	struct world *w = *state;
	char below[sizeof(w->path) + 8];

	file_write(w->path, "text");
	snprintf(below, sizeof(below), "%s/socket", w->path);
	assert_rc(socket_path_listen(&w->sp, below, SOCK_STREAM, &ours),
		  -ENOTDIR);
	assert_rc(socket_path_remove_stale(w->path), -EEXIST);
}

static void errors_have_words(void **state)
{
	assert_string_equal(socket_path_strerror(-ENAMETOOLONG),
			    "a socket's path has at most 107 bytes");
	assert_string_equal(socket_path_strerror(-EADDRINUSE),
			    "another process listens there");
	assert_string_equal(socket_path_strerror(-EEXIST),
			    "a file that is not a socket is there");
	assert_string_equal(socket_path_strerror(-EACCES), strerror(EACCES));
}

/* --- its end --- */

static bool exists(const struct world *w)
{
	struct stat st;

	return !lstat(w->path, &st);
}

static void only_our_own_file_is_removed(void **state)
{
	struct world *w = *state;

	assert_ok(listen_there(w));
	socket_path_fini(&w->sp);
	assert_false(exists(w));
	assert_num(w->sp.fd, -1);
	assert_ok(listen_there(w));
	assert_sys(unlink(w->path));
	socket_path_fini(&w->sp);
	assert_ok(listen_there(w));
	assert_sys(unlink(w->path));
	int fd = listening_socket(w, SOCK_STREAM);
	socket_path_fini(&w->sp);
	assert_true(exists(w));
	socket_path_fini(&w->sp);
	close(fd);
}

static void a_socket_may_be_inherited(void **state)
{
	struct world *w = *state;
	int end[2];

	assert_ok(socket_path_inherit(&w->sp, w->path,
				      listening_socket(w, SOCK_STREAM)));
	socket_path_fini(&w->sp);
	assert_false(exists(w));
	/* An fd without a file is closed. */
	assert_sys(pipe(end));
	assert_rc(socket_path_inherit(&w->sp, w->path, end[0]), -ENOENT);
	assert_num(close(end[0]), -1);
	close(end[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_stale_file_is_replaced),
		T(a_socket_in_use_is_left_alone),
		T(waiting_for_a_socket_in_use_is_reported),
		T(a_socket_that_does_not_listen_yet_is_left_alone),
		T(a_file_of_another_kind_is_left_alone),
		T(a_process_that_is_dying_is_waited_for),
		T(killed_at_any_point_it_is_not_in_the_way),
		T(what_is_refused_leaves_nothing),
		T(a_stale_file_that_cannot_be_examined_is_left_alone),
		T(a_stale_file_that_cannot_be_removed_is_an_error),
		T(only_a_group_that_is_given_is_set),
		T(the_file_has_the_mode_whatever_the_umask),
		T(a_path_has_at_most_107_bytes),
		T(a_path_that_leads_nowhere_is_an_error),
		T(errors_have_words),
		T(only_our_own_file_is_removed),
		T(a_socket_may_be_inherited),
	};

	return cmocka_run_group_tests_name("socket-path", tests, NULL, NULL);
}
