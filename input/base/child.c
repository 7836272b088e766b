/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "input/base/child.h"
#include "input/base/fd.h"

int child_bind(pid_t parent, bool outlives)
{
	if (!outlives && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

int child_detach(int null, int out)
{
	_cleanup_close_ int own =
		null < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;

	setsid();
	if (dup2(null < 0 ? own : null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		return -errno;
	return 0;
}

/* Not by signal(), which has a memory of its own. */
void child_settle(const struct rlimit *files, const sigset_t *signals)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		if (!signals || sigismember(signals, sig) == 1)
			sigaction(sig, &usual, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setrlimit(RLIMIT_NOFILE, files);
}

void child_find_signals(sigset_t *signals)
{
	struct sigaction now;

	sigemptyset(signals);
	for (int sig = 1; sig < NSIG; sig++)
		if (!sigaction(sig, NULL, &now) && now.sa_handler != SIG_DFL)
			sigaddset(signals, sig);
}
