/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each step needs what a later one takes away:
 *
 *	group and user ─► no capabilities, no_new_privs ─► limits, no core dump,
 *	no debugger ─► Landlock ─► threads ─► no more of them ─► seccomp
 *
 * The bounding set stays as it is: with no_new_privs not even root gains a
 * capability from a program that it executes, and a new user namespace begins
 * with a full one. To empty it takes a call for each capability.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input/base/account.h"
#include "input/base/log.h"
#include "input/sandbox/sandbox.h"

/*
 * 64 injectors; a front-end with its channel, its log, two queues of three fds
 * and a message with 32; a snapshot in transfer; clients of the counters.
 */
#define NEW_FILES 128
/* 1,100 browsers, and what a server has besides its injectors. */
#define NEW_FILES_OF_MANY 1300
/*
 * 256 devices, each with 7 of a launcher's, 3 connections, the 9 of two queues
 * and a log, and 8 regions of memory; or fewer with more regions.
 */
#define NEW_FILES_OF_DEVICES 8192

static int sandbox_failed(const char *what)
{
	int r = -errno;

	log_line(LOG_ERROR, CULPRIT_HOST, "%s: %s", what, strerror(-r));
	return r;
}

/* --- another user --- */

/*
 * Without --user or --group this is best effort: only root can leave its
 * supplementary groups.
 */
static int leave_groups(bool must)
{
	if (!setgroups(0, NULL) || !must)
		return 0;
	return sandbox_failed(
		"--user, --group: root's privileges are required");
}

static bool is_other(uid_t uid, gid_t gid)
{
	uid_t u[3];
	gid_t g[3];

	if (getresuid(&u[0], &u[1], &u[2]) < 0 ||
	    getresgid(&g[0], &g[1], &g[2]) < 0)
		return true;
	for (int i = 0; i < 3; i++)
		if ((uid != ACCOUNT_NO_UID && u[i] != uid) ||
		    (gid != ACCOUNT_NO_GID && g[i] != gid))
			return true;
	return false;
}

/* Groups, then group, then user: each step needs root's privileges. */
static int change_ids(uid_t uid, gid_t gid)
{
	if (leave_groups(true))
		return -EPERM;
	if (gid != ACCOUNT_NO_GID && setresgid(gid, gid, gid) < 0)
		return sandbox_failed("--group: cannot change to this group");
	if (uid != ACCOUNT_NO_UID && setresuid(uid, uid, uid) < 0)
		return sandbox_failed("--user: cannot change to this user");
	return 0;
}

static int become(uid_t uid, gid_t gid)
{
	int sig = 0, r;
	pid_t parent;

	if (uid == ACCOUNT_NO_UID && gid == ACCOUNT_NO_GID)
		return 0;
	parent = getppid();
	if (!is_other(uid, gid))
		return 0;
	/* A change of user clears the signal for the parent's death. */
	prctl(PR_GET_PDEATHSIG, &sig);
	r = change_ids(uid, gid);
	if (r || !sig)
		return r;
	if (prctl(PR_SET_PDEATHSIG, sig) < 0)
		return sandbox_failed("--user: cannot request the signal for "
				      "the parent's death");
	if (getppid() != parent)
		raise(sig);
	return 0;
}

/* --- no privileges --- */

/*
 * But a process that signals others needs it for those of another user. A
 * service manager may have dropped them and forbidden capset(2).
 */
static int drop_capabilities(bool signals)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3];
	struct __user_cap_data_struct left[_LINUX_CAPABILITY_U32S_3] = {
		{ 0 }
	};

	if (syscall(SYS_capget, &header, has) < 0)
		return sandbox_failed("--sandbox: cannot read capabilities");
	if (signals)
		left[0].permitted = left[0].effective =
			has[0].effective & CAP_TO_MASK(CAP_KILL);
	if (memcmp(has, left, sizeof(has)) &&
	    syscall(SYS_capset, &header, left) < 0)
		return sandbox_failed("--sandbox: cannot drop capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return sandbox_failed("--sandbox: cannot set no_new_privs");
	return 0;
}

/* --- limits --- */

#define POLLED 64 /* fds at once */

/*
 * Return: the limit that leaves room for so many more fds. A call for each fd
 * would take longer than the rest of the sandbox; where so many in a row are
 * free, those behind them are, too: who inherits others has less room.
 */
static rlim_t files_limit(int more)
{
	struct pollfd p[POLLED];
	int first = 0, n = 0;

	while (more > 0 && n < POLLED / 2) {
		for (int i = 0; i < POLLED; i++)
			p[i] = (struct pollfd){ .fd = first + i };
		/* The limit is lower than that already. */
		if (poll(p, POLLED, 0) < 0)
			break;
		for (int i = n = 0; i < POLLED && more; i++, first++) {
			n = p[i].revents & POLLNVAL ? n + 1 : 0;
			more -= !!n;
		}
	}
	return (rlim_t)first + (rlim_t)more;
}

static int lower_limit(int what, rlim_t most)
{
	struct rlimit r = { 0, 0 };

	if (most && getrlimit(what, &r) < 0)
		return -errno;
	if (r.rlim_max > most)
		r.rlim_max = most;
	if (r.rlim_cur > r.rlim_max)
		r.rlim_cur = r.rlim_max;
	return setrlimit(what, &r) < 0 ? -errno : 0;
}

/*
 * No RLIMIT_FSIZE: the log may be a file of any size, and a write beyond the
 * limit would end the process by SIGXFSZ.
 */
static int set_limits(const struct sandbox *sb)
{
	const int files = sb->calls & SANDBOX_HOLDS	 ? NEW_FILES_OF_DEVICES
			  : sb->calls & SANDBOX_BROWSERS ? NEW_FILES_OF_MANY
							 : NEW_FILES;

	if (lower_limit(RLIMIT_CORE, 0) ||
	    lower_limit(RLIMIT_NOFILE, files_limit(files)))
		return sandbox_failed("--sandbox: cannot set limits");
	/* Other processes of this user MUST NOT see what is typed. */
	if (sb->mode == SANDBOX_ON && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return sandbox_failed("--sandbox: cannot exclude debuggers");
	return 0;
}

static void start_threads(const struct sandbox *sb)
{
	if (sb->start_threads)
		sb->start_threads(sb->arg);
}

/* The last threads, and no other processes from then on. */
static int finish_threads(const struct sandbox *sb)
{
	start_threads(sb);
	return lower_limit(RLIMIT_NPROC, 0)
		       ? sandbox_failed("--sandbox: cannot set limits")
		       : 0;
}

static int restrict_all(const struct sandbox *sb)
{
	int r = drop_capabilities(sb->paths.signals);

	if (!r)
		r = set_limits(sb);
	if (!r)
		r = sandbox_restrict_paths(&sb->paths);
	if (!r)
		r = finish_threads(sb);
	if (!r)
		r = sandbox_restrict_calls(sb->mode, sb->calls);
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST,
			 "cannot enter the sandbox; "
			 "use --sandbox=off to run without it");
	return r;
}

int sandbox_enter(const struct sandbox *sb)
{
	int r = become(sb->uid, sb->gid);

	if (!r && sb->mode == SANDBOX_OFF)
		start_threads(sb);
	if (r || sb->mode == SANDBOX_OFF)
		return r;
	leave_groups(false);
	return restrict_all(sb);
}
