/* SPDX-License-Identifier: Apache-2.0 */
/* How vinput-hold ends, and vinput-vfio-user, which starts servers likewise. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/lib/check.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"

/* Of the 5 s that the back-end has to end. */
#define AT_ONCE_MS 2500

static struct process hold;
static char dir[TEMP_DIR_LEN];

static int setup(void **state)
{
	temp_dir_make(dir);
	process_init(&hold, *state);
	return 0;
}

static int teardown(void **state)
{
	process_fini(&hold);
	return temp_dir_remove(dir);
}

/* It may have as many devices as the host lets it have files. */
static void without_a_next_launcher_it_ends_with_its_own(void **state)
{
	struct rlimit before, few;
	int fd[2];

	assert_sys(getrlimit(RLIMIT_NOFILE, &before));
	few = (struct rlimit){ 64, before.rlim_max };
	assert_sys(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd));
	process_keep_fd(&hold, fd[1]);
	process_arg(&hold, "--control-fd=%d", fd[1]);
	assert_sys(setrlimit(RLIMIT_NOFILE, &few));
	process_start_ready(&hold);
	assert_sys(setrlimit(RLIMIT_NOFILE, &before));
	close(fd[1]);
	assert_sys(prlimit(hold.pid, RLIMIT_NOFILE, NULL, &few));
	assert_num(few.rlim_cur, few.rlim_max);
	assert_true(few.rlim_max > 64);
	close(fd[0]);
	assert_num(process_wait(&hold), 0);
}

/* --- while the back-end takes its time to end --- */

/* Return: an end of a pipe; the back-end ends when that is closed. */
static int start_with_slow_backend(void)
{
	const char *script = "trap '' TERM; echo patient >&2; read x";
	int end[2];

	assert_sys(pipe2(end, O_CLOEXEC));
	hold.in = end[0];
	process_arg(&hold, "--");
	process_arg(&hold, "sh");
	process_arg(&hold, "-c");
	process_arg(&hold, "%s", script);
	process_start(&hold);
	close(end[0]);
	process_expect_log(&hold, "patient");
	return end[1];
}

/* It listens soon after its back-end was started. */
static int connect_soon(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	strcpy(addr.sun_path, path);
	for (int ms = 0; connect(fd, (struct sockaddr *)&addr, sizeof(addr));
	     ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
	}
	return fd;
}

static void expect_closed_at_once(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;

	assert_num(poll(&p, 1, AT_ONCE_MS), 1);
	assert_true(recv(fd, &byte, 1, 0) <= 0);
	close(fd);
}

/* Those that were accepted, and those that were not yet. */
static void expect_vmms_closed_at_once(const char *option)
{
	char path[TEMP_DIR_LEN + 8];
	int vmm[2], end;

	snprintf(path, sizeof(path), "%s/vmm", dir);
	process_arg(&hold, "--%s=%s", option, path);
	end = start_with_slow_backend();
	/* The first is served; the second waits until it has gone. */
	for (int i = 0; i < 2; i++)
		vmm[i] = connect_soon(path);
	process_expect_log(&hold, " a device serves one ");
	assert_sys(kill(hold.pid, SIGTERM));
	for (int i = 0; i < 2; i++)
		expect_closed_at_once(vmm[i]);
	assert_true(process_runs(&hold));
	close(end);
	assert_num(process_wait(&hold), 0);
}

static void holder_closes_vmms_before_its_backend_ends(void **state)
{
	expect_vmms_closed_at_once("socket-path");
}

static void bridge_closes_vmms_before_its_backend_ends(void **state)
{
	expect_vmms_closed_at_once("vfio-user");
}

int main(void)
{
#define T(f, program)                                                \
	cmocka_unit_test_prestate_setup_teardown(f, setup, teardown, \
						 (char *)(program))
	const struct CMUnitTest tests[] = {
		T(without_a_next_launcher_it_ends_with_its_own, "vinput-hold"),
		T(holder_closes_vmms_before_its_backend_ends, "vinput-hold"),
		T(bridge_closes_vmms_before_its_backend_ends,
		  "vinput-vfio-user"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
