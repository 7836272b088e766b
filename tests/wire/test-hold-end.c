/* SPDX-License-Identifier: Apache-2.0 */
/* How vinput-hold ends with its launcher. */
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/check.h"
#include "tests/lib/process.h"

static struct process hold;

static int setup(void **state)
{
	process_init(&hold, "vinput-hold");
	return 0;
}

static int teardown(void **state)
{
	process_fini(&hold);
	return 0;
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

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(without_a_next_launcher_it_ends_with_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
