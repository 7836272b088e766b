/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include <dirent.h>
#include <elf.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/base/sentry.h"
#include "tests/lib/walls.h"

/* The value of `name` in /proc/PID/FILE. */
static const char *proc_says(pid_t pid, const char *file, const char *name)
{
	static char line[512];
	char path[64];
	size_t len = strlen(name);

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, len)) {
			fclose(f);
			return line + len;
		}
	fclose(f);
	fail_msg("%s has no %s", path, name);
	return NULL;
}

void walls_expect(pid_t pid, const char *file, const char *name,
		  const char *value)
{
	const char *is = proc_says(pid, file, name);

	is += strspn(is, " \t");
	if (strncmp(is, value, strlen(value)))
		fail_msg("%s %s is not %s", name, is, value);
}

/* What each thread has of its own. */
static void expect_thread_confined(pid_t pid, const char *thread)
{
	static const char none[] = "0000000000000000\n";
	char file[64];

	snprintf(file, sizeof(file), "task/%.20s/status", thread);
	walls_expect(pid, file, "Seccomp:", "2\n");
	walls_expect(pid, file, "NoNewPrivs:", "1\n");
	walls_expect(pid, file, "CapInh:", none);
	walls_expect(pid, file, "CapPrm:", none);
	walls_expect(pid, file, "CapEff:", none);
	walls_expect(pid, file, "CapAmb:", none);
	/* Only root can give these up. */
	if (!geteuid())
		walls_expect(pid, file, "Groups:", "\n");
}

void walls_expect_threads_confined(pid_t pid, unsigned int n)
{
	unsigned int found = 0;
	struct dirent *d;
	char path[64];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	assert_non_null(threads);
	while ((d = readdir(threads)))
		if (d->d_name[0] != '.') {
			expect_thread_confined(pid, d->d_name);
			found++;
		}
	closedir(threads);
	assert_num(found, n);
	walls_expect(pid, "limits", "Max core file size ", "0  ");
	walls_expect(pid, "limits", "Max processes ", "0  ");
}

void walls_need_no_sanitizer(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip_because("the opener's filter denies calls of sanitizers");
#endif
}

void walls_expect_confined(pid_t pid)
{
	walls_expect_threads_confined(pid, 1);
}

void walls_expect_sentry_confined(pid_t pid)
{
#ifdef HAS_SENTRY
	walls_expect_threads_confined(pid, 2);
#else
	walls_expect_threads_confined(pid, 1);
#endif
}

#if defined(__x86_64__) || defined(__aarch64__)
void walls_change_call(pid_t pid, const struct walls_call *call)
{
	struct user_regs_struct regs;
	struct iovec io = { &regs, sizeof(regs) };

	assert_sys(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io));
#if defined(__x86_64__)
	regs.orig_rax = (unsigned long)call->nr;
	regs.rdi = call->arg[0];
	regs.rsi = call->arg[1];
	regs.rdx = call->arg[2];
	regs.r10 = call->arg[3];
#else
	struct iovec nr = { &(int){ (int)call->nr }, sizeof(int) };

	for (int i = 0; i < 4; i++)
		regs.regs[i] = call->arg[i];
	assert_sys(ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &nr));
#endif
	assert_sys(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &io));
}
#else
void walls_change_call(pid_t pid, const struct walls_call *call)
{
	fail_msg("how is a call changed on this architecture?");
}
#endif

int walls_next_stop(pid_t pid, enum __ptrace_request go)
{
	int status;

	assert_sys(ptrace(go, pid, NULL, NULL));
	assert_num(waitpid(pid, &status, 0), pid);
	return status;
}

bool walls_is_before_a_call(pid_t pid)
{
	struct __ptrace_syscall_info info;

	assert_sys(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info));
	return info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

pid_t walls_stop_before_a_call(struct process *p, const char *ready)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
	int status;
	pid_t pid;

	p->traced = true;
	process_start(p);
	pid = p->pid;
	assert_num(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	assert_sys(ptrace(PTRACE_SETOPTIONS, pid, NULL, options));
	assert_sys(ptrace(PTRACE_CONT, pid, NULL, NULL));
	process_expect_log(p, ready);
	assert_sys(kill(pid, SIGSTOP));
	assert_num(waitpid(pid, &status, 0), pid);
	do
		assert_true(WIFSTOPPED(walls_next_stop(pid, PTRACE_SYSCALL)));
	while (!walls_is_before_a_call(pid));
	return pid;
}
