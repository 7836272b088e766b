/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls, each in a child that has entered: what is forbidden kills it,
 * and what a program asks for besides is possible.
 */
#include "tests/lib/sandbox-child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/uinput.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input/base/log.h"
#include "input/sandbox/sandbox.h"

#ifdef __x86_64__
#define X32(call) (0x40000000 | (call))
#endif

struct call {
	const char *name;
	long nr;
	long arg[5];
};

#define C(nr, ...)                  \
	{                           \
#nr, SYS_##nr,      \
		{                   \
			__VA_ARGS__ \
		}                   \
	}
/* The same call with something in its arguments that makes it bad. */
#define BAD(what, nr, ...)          \
	{                           \
		what, SYS_##nr,     \
		{                   \
			__VA_ARGS__ \
		}                   \
	}

static const struct call forbidden[] = {
	/* Other programs, other processes. */
	C(execve, (long)"/bin/true"),
	C(execveat, AT_FDCWD, (long)"/bin/true"),
	C(clone, SIGCHLD),
	BAD("a thread", clone, 0x10f00),
	C(clone3),
	C(ptrace),
	C(process_vm_readv),
	C(process_vm_writev),
	C(kill),
	C(tkill),
	C(rt_sigqueueinfo),
	C(pidfd_open, 1),
	C(pidfd_send_signal),
	C(pidfd_getfd),
	BAD("tgkill of another", tgkill, 1, 1),
	C(setpgid),
	C(setsid),
	C(prlimit64),
	C(sched_setaffinity),
	/* Sockets. */
	BAD("socket of Unix", socket, AF_UNIX, SOCK_STREAM),
	BAD("socket of IPv4", socket, AF_INET, SOCK_STREAM),
	BAD("socket of netlink", socket, AF_NETLINK, SOCK_RAW),
	C(socketpair),
	C(connect),
	C(bind),
	C(listen),
	BAD("setsockopt of others", setsockopt, 0, SOL_SOCKET, SO_PRIORITY),
	BAD("setsockopt of TCP", setsockopt, 0, 6, SO_LINGER),
	BAD("getsockopt of TCP", getsockopt, 0, 6, 1),
	/* Files. */
	BAD("openat to write", openat, AT_FDCWD, (long)"/dev/null", O_WRONLY),
	BAD("openat to both", openat, AT_FDCWD, (long)"/dev/null", O_RDWR),
	BAD("openat to create", openat, AT_FDCWD, (long)"/tmp/x", O_CREAT, 0),
	BAD("openat to cut", openat, AT_FDCWD, (long)"/tmp/x", O_TRUNC),
	C(openat2),
	C(linkat),
	C(symlinkat),
	C(renameat2),
	C(mkdirat),
	C(mknodat),
	C(fchmod),
	C(fchmodat),
	C(fchown),
	C(fchownat),
	C(truncate),
	C(utimensat),
	C(setxattr),
	C(fsetxattr),
	C(mount),
	C(umount2),
	C(chroot),
	C(pivot_root),
	C(chdir),
	C(fchdir),
	C(name_to_handle_at),
	C(open_by_handle_at),
	C(fanotify_init),
	BAD("fcntl of owners", fcntl, 0, F_SETOWN, 1),
	BAD("fcntl of pipes", fcntl, 0, F_SETPIPE_SZ, 1 << 20),
	BAD("ioctl of terminals", ioctl, 0, 0x5412 /* TIOCSTI */),
	/* Code. */
	BAD("mmap of code", mmap, 0, 4096, PROT_EXEC, 0x22, -1),
	BAD("mprotect of code", mprotect, 0, 4096, PROT_READ | PROT_EXEC),
	C(pkey_mprotect),
	C(remap_file_pages),
	C(shmat),
	C(personality, 0x400000 /* READ_IMPLIES_EXEC */),
	/* Privileges, and the kernel. */
	C(setuid),
	C(setresuid),
	C(setresgid),
	C(setgroups),
	C(capset),
	C(prctl, PR_SET_DUMPABLE, 1),
	C(seccomp),
	C(unshare),
	C(setns),
	C(bpf),
	C(perf_event_open),
	C(io_uring_setup),
	C(keyctl),
	C(add_key),
	C(init_module),
	C(finit_module),
	C(kexec_load),
	C(userfaultfd), /* but with --postcopy */
	C(reboot),
	C(syslog),
	C(quotactl),
	C(acct),
	C(swapon),
	C(sethostname),
	C(settimeofday),
	C(clock_settime),
#ifdef __x86_64__
	C(open, (long)"/dev/null", O_WRONLY),
	C(creat, (long)"/tmp/x"),
	C(fork),
	C(vfork),
	C(arch_prctl),
	C(iopl, 3),
	C(modify_ldt),
	{ "getpid of x32", X32(SYS_getpid), { 0 } },
#endif
};

static long make(const struct call *c)
{
	return syscall(c->nr, c->arg[0], c->arg[1], c->arg[2], c->arg[3],
		       c->arg[4]);
}

static int call_when_on(const void *arg)
{
	if (enter(SANDBOX_ON, &no_paths))
		return BAD_EXIT;
	make(arg);
	return 0;
}

static void expect_kills(const struct call *call)
{
	int status = in_child(call_when_on, call);

	if (status != 128 + SIGSYS)
		fail_msg("%s: ended with %d", call->name, status);
}

static void each_forbidden_call_kills(void **state)
{
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
		expect_kills(&forbidden[i]);
}

/* What comes on top for devices of the host is not more than that. */
static void each_forbidden_call_kills_with_nodes_as_well(void **state)
{
	extra_calls = SANDBOX_NODES;
	each_forbidden_call_kills(state);
	extra_calls = 0;
}

static const struct call of_nodes[] = {
	BAD("force feedback", ioctl, 0, EVIOCSFF),
	BAD("revoking", ioctl, 0, EVIOCREVOKE),
	BAD("keycodes", ioctl, 0, EVIOCSKEYCODE),
	BAD("ranges", ioctl, 0, EVIOCSABS(0)),
	BAD("a clock", ioctl, 0, EVIOCSCLOCKID),
	BAD("repeat", ioctl, 0, EVIOCSREP),
	BAD("uinput", ioctl, 0, UI_DEV_CREATE),
};

static void what_changes_a_node_kills(void **state)
{
	extra_calls = SANDBOX_NODES | SANDBOX_INJECTS;
	for (size_t i = 0; i < sizeof(of_nodes) / sizeof(*of_nodes); i++)
		expect_kills(&of_nodes[i]);
	extra_calls = 0;
}

static const struct call of_opener[] = {
	C(execve, (long)"/bin/true"),
	C(execveat, AT_FDCWD, (long)"/bin/true"),
	C(clone, SIGCHLD),
	C(clone3),
	C(ptrace),
	C(process_vm_readv),
	C(kill),
	C(pidfd_getfd),
	BAD("socket of Unix", socket, AF_UNIX, SOCK_STREAM),
	BAD("socket of IPv4", socket, AF_INET, SOCK_STREAM),
	C(connect),
	C(mount),
	C(unlinkat),
	C(write),
	BAD("openat to create", openat, AT_FDCWD, (long)"/tmp/x", O_CREAT, 0),
	BAD("openat to cut", openat, AT_FDCWD, (long)"/tmp/x", O_TRUNC),
	BAD("mmap of code", mmap, 0, 4096, PROT_EXEC, 0x22, -1),
	BAD("ioctl of terminals", ioctl, 0, 0x5412 /* TIOCSTI */),
	BAD("grabbing", ioctl, 0, EVIOCGRAB),
};

/* It keeps its privileges, so its list is shorter than a server's. */
static void what_opens_nodes_can_do_little_else(void **state)
{
	extra_calls = SANDBOX_OPENS;
	for (size_t i = 0; i < sizeof(of_opener) / sizeof(*of_opener); i++)
		expect_kills(&of_opener[i]);
	extra_calls = 0;
}

static int ask_a_node(const void *arg)
{
	uint8_t keys[KEY_CNT / 8];

	if (enter(SANDBOX_ON, &no_paths))
		return BAD_EXIT;
	ioctl(-1, EVIOCGKEY(sizeof(keys)), keys);
	ioctl(-1, EVIOCGNAME(1), keys);
	ioctl(-1, EVIOCGMTSLOTS(4), keys);
	ioctl(-1, EVIOCGRAB, 1);
	ioctl(-1, EVIOCSMASK, NULL);
	return 0;
}

static void a_node_can_be_asked_and_grabbed(void **state)
{
	extra_calls = SANDBOX_NODES;
	assert_num(in_child(ask_a_node, NULL), 0);
	extra_calls = 0;
}

static const struct call of_injects[] = {
	BAD("socket of IPv4", socket, AF_INET, SOCK_STREAM),
	BAD("socket of netlink", socket, AF_NETLINK, SOCK_RAW),
	BAD("bind", bind, 0, 0, 0),
	BAD("setsockopt of others", setsockopt, 0, SOL_SOCKET, SO_PRIORITY),
};

static int make_socket(const void *arg)
{
	if (enter(SANDBOX_ON, &no_paths))
		return BAD_EXIT;
	return socket(AF_UNIX, SOCK_STREAM, 0) < 0;
}

static void with_injects_unix_sockets_can_be_made(void **state)
{
	extra_calls = SANDBOX_NODES | SANDBOX_INJECTS;
	assert_num(in_child(make_socket, NULL), 0);
	for (size_t i = 0; i < sizeof(of_injects) / sizeof(*of_injects); i++)
		expect_kills(&of_injects[i]);
	extra_calls = 0;
}

static int call_when_logged(const void *arg)
{
	if (enter(SANDBOX_LOG, &no_paths))
		return BAD_EXIT;
	return syscall(SYS_getppid) > 0 ? 0 : 1;
}

static void with_log_a_forbidden_call_is_done(void **state)
{
	assert_num(in_child(call_when_logged, NULL), 0);
}

static int enter_off(const void *arg)
{
	struct rlimit before, after;

	getrlimit(RLIMIT_NOFILE, &before);
	if (enter(SANDBOX_OFF, &no_paths) || getrlimit(RLIMIT_NOFILE, &after) ||
	    memcmp(&before, &after, sizeof(after)))
		return BAD_EXIT;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static void off_changes_nothing(void **state)
{
	assert_num(in_child(enter_off, NULL), 0);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_forbidden_call_kills),
		T(each_forbidden_call_kills_with_nodes_as_well),
		T(what_opens_nodes_can_do_little_else),
		T(what_changes_a_node_kills),
		T(a_node_can_be_asked_and_grabbed),
		T(with_injects_unix_sockets_can_be_made),
		T(with_log_a_forbidden_call_is_done),
		T(off_changes_nothing),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
