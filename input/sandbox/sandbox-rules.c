/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls that the server needs once it runs, each with its reason. To
 * add one: a row with its purpose, and conditions on its arguments if the call
 * can do more than that. A call without conditions costs nothing that can be
 * measured, because the kernel caches that it is allowed; a condition runs the
 * filter, so no call in the path of an event has one.
 *
 * tests/unit/sandbox/test-sandbox-calls.c lists calls that MUST NOT be here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/sockios.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "input/sandbox/sandbox-rules.h"

struct row {
	int call;
	unsigned int n; /* conditions, all of which MUST hold */
	struct scmp_arg_cmp is[2];
};

/* clang-format off */
#define CALL(name) { SCMP_SYS(name), 0, {{ 0 }} }
#define CALL_IF(name, ...) { SCMP_SYS(name), \
	sizeof((struct scmp_arg_cmp[]){ __VA_ARGS__ }) / \
		sizeof(struct scmp_arg_cmp), { __VA_ARGS__ } }
/* Argument n has none of these bits. */
#define WITHOUT(n, bits) { (n), SCMP_CMP_MASKED_EQ, (bits), 0 }
/* Argument n, an int: the kernel ignores the upper half, too. */
#define IS(n, value) { (n), SCMP_CMP_MASKED_EQ, UINT32_MAX, (value) }

/* The request, argument 1, has this direction and type. */
#define IOCTL(dir, type) { 1, SCMP_CMP_MASKED_EQ, \
	(scmp_datum_t)_IOC_DIRMASK << _IOC_DIRSHIFT | \
		(scmp_datum_t)_IOC_TYPEMASK << _IOC_TYPESHIFT, \
	_IOC(dir, type, 0, 0) }

/* Stands for our process ID, unknown when the table is compiled. */
#define OURSELVES UINT32_MAX

static const struct row rows[] = {
	/* Peers: injectors, the front-end and its event fds, snapshots. */
	CALL(read),		/* events, kicks, a snapshot to load, the spec */
	CALL(write),		/* notifications, the log, a snapshot to save */
	CALL(recvfrom),		/* recv(): injectors */
	CALL(recvmsg),		/* the front-end's messages and fds */
	CALL(recvmmsg),		/* inherited injectors: see persistent.h */
	CALL(sendto),		/* send(): LEDs, counters, notify.c */
	CALL(sendmsg),		/* replies with fds, the back-end channel */
	CALL(accept4),		/* injectors, front-ends, clients of the counters */
	CALL(close),
	CALL(poll),		/* is there room in a pipe of status events? */
	CALL(ppoll),		/* ... on newer architectures; the sentry's */
	CALL_IF(ioctl, IS(1, FIONREAD)), /* is an empty packet the end? */
	CALL_IF(getsockopt, IS(1, SOL_SOCKET)), /* a peer's type and credentials */
	CALL(getsockname),	/* vu-socket.c: is an fd our socket's other end? */
	CALL(getpeername),
	CALL_IF(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_LINGER)), /* fd.h */
	CALL_IF(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_PASSRIGHTS)),
	CALL_IF(fcntl, IS(1, F_GETFL)), /* fd_set_nonblock() */
	CALL_IF(fcntl, IS(1, F_SETFL)),
	CALL_IF(fcntl, IS(1, F_SETFD)), /* fd_set_cloexec() */
	CALL_IF(fcntl, IS(1, F_GET_SEALS)), /* see injector-ring.c */
	CALL(fstatfs),

	/* The event loop and its watchdog. */
	CALL(epoll_pwait),	/* see loop.c */
	CALL(epoll_ctl),
	CALL(close_range),	/* the sentry's, which may only now begin to run */
	CALL(epoll_create1),	/* libev: on an event of a closed fd */
	CALL(timer_settime),	/* see watchdog.c */
	CALL(timer_delete),
	CALL(clock_gettime),	/* only where the vDSO cannot read the clock */
	CALL(gettimeofday),
	CALL(restart_syscall),	/* the kernel's own, after SIGSTOP and SIGCONT */

	/* Memory: never executable. */
	CALL_IF(mmap, WITHOUT(2, PROT_EXEC)), /* guest memory, malloc(), after SIGBUS */
	CALL_IF(mprotect, WITHOUT(2, PROT_EXEC)), /* malloc() */
	CALL(munmap),
	CALL(mremap),		/* realloc(); preserves protections */
	CALL(madvise),		/* free() */
	CALL(brk),		/* malloc() */
	CALL(memfd_create),	/* GET_INFLIGHT_FD */
	CALL(ftruncate),	/* its size */
	CALL(pwrite64),		/* its header */

	/* Files: SIGHUP reads the spec; sockets are removed at the end. */
	CALL_IF(openat, WITHOUT(2, O_ACCMODE | O_CREAT | O_TRUNC)),
	CALL(newfstatat),	/* stat(), and fstat() of glibc 2.33 and later */
	CALL(fstat),		/* ... of older versions */
	CALL(statx),		/* ... and on other architectures */
	CALL(readlink),		/* the program's path leads to its specs */
	CALL(readlinkat),
	CALL(getdents64),	/* lists specs when one is not found */
	CALL(sysinfo),		/* qsort() of many names */
	CALL(unlink),
	CALL(unlinkat),

	/* Signals, and the end. */
	CALL(rt_sigreturn),
	CALL(rt_sigaction),	/* signals at the end, SIGBUS, abort() */
	CALL(rt_sigprocmask),	/* abort(), raise() */
	CALL(getpid),		/* raise() */
	CALL(gettid),
	CALL_IF(tgkill, IS(0, OURSELVES)), /* raise(), abort() */
	CALL(writev),		/* libc's messages: a smashed stack, assert() */
	CALL(futex),		/* locks inside of libc; the sentry's sleep */
	CALL(getrandom),	/* libc's and jansson's hashes */
	CALL(exit_group),
};

/* With --postcopy only: userfaultfd is a large part of the kernel to expose. */
static const struct row postcopy_rows[] = {
	CALL(userfaultfd),	/* POSTCOPY_ADVISE, see vu-postcopy.c */
	CALL_IF(fcntl, IS(1, F_DUPFD_CLOEXEC)), /* a copy for the front-end */
	CALL_IF(ioctl, IS(1, UFFDIO_API)),
	CALL_IF(ioctl, IS(1, UFFDIO_REGISTER)), /* see guest-map.c */
	CALL_IF(ioctl, IS(1, UFFDIO_UNREGISTER)),
};

/* With --vfio only: its registers are read and written. */
static const struct row device_rows[] = {
	CALL(pread64),
	CALL_IF(socketpair, IS(0, AF_UNIX)), /* a session's: see vvu-link.h */
	CALL_IF(fcntl, IS(1, F_DUPFD_CLOEXEC)), /* fds for it */
};

/* A device of the host is read, and waited for when it was unplugged. */
static const struct row nodes_rows[] = {
	/* EVIOCG...: state and description, of any length. */
	CALL_IF(ioctl, IOCTL(_IOC_READ, 'E')),
	CALL_IF(ioctl, IS(1, EVIOCGRAB)),
	CALL_IF(ioctl, IS(1, EVIOCSMASK)),
	CALL(inotify_add_watch), /* the folder of the nodes is made anew */
	CALL(inotify_rm_watch),
	CALL(lseek),		/* fclose() of a file that was not read to its end */
	CALL(access),		/* libudev: of a device that has come */
	CALL(faccessat),
	CALL(faccessat2),
	CALL(statfs),
	CALL(fstatfs),
	CALL(wait4),		/* the process that opens nodes has ended */
};

/* A process that opens nodes for another one, and keeps its privileges. */
static const struct row opens_rows[] = {
	CALL(recvfrom),		/* which one? */
	CALL(sendmsg),		/* the fd */
	CALL_IF(openat, WITHOUT(2, O_CREAT | O_TRUNC)),
	CALL_IF(ioctl, IOCTL(_IOC_READ, 'E')), /* is it a node? */
	CALL(close),
	CALL_IF(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_LINGER)), /* fd.h */
	CALL(read),		/* what sysfs has of it */
	CALL(lseek),
	CALL(newfstatat),	/* who has it open? */
	CALL(fstat),
	CALL(statx),
	CALL(getdents64),
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(readlink),		/* realpath() */
	CALL(readlinkat),
	CALL(getcwd),
	CALL(getpid),
	CALL(getppid),
	CALL_IF(mmap, WITHOUT(2, PROT_EXEC)), /* malloc() */
	CALL_IF(mprotect, WITHOUT(2, PROT_EXEC)),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	CALL(brk),
	CALL(getrandom),
	CALL(futex),
	CALL(rt_sigreturn),
	CALL(rt_sigaction),	/* abort() */
	CALL(rt_sigprocmask),
	CALL(gettid),
	CALL_IF(tgkill, IS(0, OURSELVES)),
	CALL(writev),		/* libc's last words */
	CALL(restart_syscall),
	CALL(exit_group),
};

/* A context is made each time that the guest gets the node. */
static const struct row libinput_rows[] = {
	CALL_IF(fcntl, IS(1, F_DUPFD_CLOEXEC)), /* it owns its fds */
	CALL_IF(ioctl, IS(1, EVIOCSCLOCKID)),
	CALL(epoll_wait),
	CALL(timerfd_create),
	CALL(timerfd_settime),
	CALL(uname),		/* quirks of kernels */
};

/* libvinject connects again when its server was restarted. */
static const struct row injects_rows[] = {
	CALL_IF(socket, IS(0, AF_UNIX)),
	CALL_IF(socket, IS(0, AF_VSOCK)),
	CALL(connect),
	CALL_IF(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_SNDBUF)),
	CALL(eventfd2),		/* it shares memory with the server */
	CALL_IF(fcntl, IS(1, F_ADD_SEALS)),
	CALL(timerfd_create),	/* with --dir sockets are opened later */
	CALL(timerfd_settime),
	CALL_IF(ioctl, IS(1, SIOCOUTQ)), /* has the server read all? */
};

/* vinput-stream, to VNC servers; getsockopt() is everybody's. */
static const struct row tcp_rows[] = {
	CALL_IF(socket, IS(0, AF_INET)),
	CALL_IF(socket, IS(0, AF_INET6)),
};

/* vinput-hold: a back-end dies, and the next one is connected. */
static const struct row holds_rows[] = {
	CALL_IF(socket, IS(0, AF_UNIX)),
	CALL_IF(socketpair, IS(0, AF_UNIX)), /* a channel for each back-end */
	CALL_IF(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_SNDBUF)), /* ... */
	CALL(connect),
	CALL(shutdown),		/* lets the back-end's keeper end it */
	CALL_IF(fcntl, IS(1, F_DUPFD_CLOEXEC)), /* fds that are passed on */
	CALL(pread64),		/* the position of a ring */
	/* Servers that nobody needs, when the launcher has died. */
	CALL_IF(pidfd_send_signal, IS(1, SIGTERM)),
};

/* vinput-stream, with libwebsockets. */
static const struct row browsers_rows[] = {
	CALL_IF(setsockopt, IS(1, IPPROTO_TCP), IS(2, TCP_NODELAY)),
	CALL(shutdown),
	CALL(inotify_add_watch), /* a launcher's directory is made anew */
	CALL(lseek),		/* OpenSSL reads the time zone */
	CALL(exit),		/* of the thread that encodes video */
	CALL(sched_getaffinity), /* libvpx counts CPUs; files are out of reach */
	CALL_IF(ioctl, IS(1, SIOCGIFNAME)), /* usrsctp, of an interface that is none */
	/* Its thread, which may only now begin to run: see sandbox.h. */
	CALL(rseq),
	CALL(set_robust_list),
	CALL_IF(prctl, IS(0, PR_SET_NAME)),
};
/* clang-format on */

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int add_row(scmp_filter_ctx ctx, const struct row *row, pid_t pid)
{
	struct scmp_arg_cmp is[2] = { row->is[0], row->is[1] };

	if (row->n && is[0].datum_b == OURSELVES)
		is[0].datum_b = (scmp_datum_t)pid;
	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, row->call, row->n,
				      is);
}

static int set_attributes(scmp_filter_ctx ctx)
{
	/* Calls with the numbers of another architecture. */
	int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
				 SCMP_ACT_KILL_PROCESS);

	if (!r)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	/* A binary tree: fewer instructions for the kernel to check. */
	if (!r)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	/*
	 * No untrusted code runs in this process, so the mitigation of
	 * speculative store bypass would only cost time. Kernels before 4.17
	 * lack the flag.
	 */
	if (!r)
		seccomp_attr_set(ctx, SCMP_FLTATR_CTL_SSB, 1);
	return r;
}

/* Of a set, for which a program has asked or not. */
struct set {
	const struct row *row;
	size_t n;
	bool asked;
};

static int add_set(scmp_filter_ctx ctx, const struct set *set, pid_t pid)
{
	int r = 0;

	for (size_t i = 0; set->asked && i < set->n && !r; i++)
		r = add_row(ctx, &set->row[i], pid);
	return r;
}

#define SET(rows, asked)                 \
	{                                \
		rows, COUNT(rows), asked \
	}

static int add_rules(scmp_filter_ctx ctx, unsigned int calls, pid_t pid)
{
	const struct set sets[] = {
		SET(rows, !(calls & SANDBOX_OPENS)),
		SET(opens_rows, calls & SANDBOX_OPENS),
		SET(postcopy_rows, calls & SANDBOX_POSTCOPY),
		SET(device_rows, calls & SANDBOX_DEVICE),
		SET(nodes_rows, calls & SANDBOX_NODES),
		SET(libinput_rows, calls & SANDBOX_LIBINPUT),
		SET(injects_rows, calls & SANDBOX_INJECTS),
		SET(browsers_rows, calls & SANDBOX_BROWSERS),
		SET(holds_rows, calls & SANDBOX_HOLDS),
		SET(tcp_rows, calls & SANDBOX_TCP),
	};
	int r = set_attributes(ctx);

	for (size_t i = 0; i < COUNT(sets) && !r; i++)
		r = add_set(ctx, &sets[i], pid);
	return r;
}

int sandbox_rules(scmp_filter_ctx *ctx, enum sandbox_mode mode,
		  unsigned int calls, pid_t pid)
{
	int r = -ENOMEM;

	*ctx = seccomp_init(mode == SANDBOX_ON ? SCMP_ACT_KILL_PROCESS
					       : SCMP_ACT_LOG);
	if (*ctx)
		r = add_rules(*ctx, calls, pid);
	if (r && *ctx)
		seccomp_release(*ctx);
	return r;
}
