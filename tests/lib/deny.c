/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/check.h"
#include "tests/lib/deny.h"

int deny_call(const char *name, int error)
{
	const int call = seccomp_syscall_resolve_name(name);
	scmp_filter_ctx filter;
	int r;

	if (!*name)
		return 0;
	if (call == __NR_SCMP_ERROR)
		return -ENOSYS;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return -ENOMEM;
	r = seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)error), call, 0);
	if (!r)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

int deny_in_child(const char *name, int error, int (*what)(void *arg),
		  void *arg)
{
	int status;
	pid_t pid = fork();

	assert_sys(pid);
	/* _exit() would be a sanitizer's, which looks for leaks. */
	if (!pid)
		syscall(SYS_exit_group,
			deny_call(name, error) ? 255 : what(arg));
	assert_num(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}
