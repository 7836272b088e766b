/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injector/passthrough/pass-switch.h"
#include "input/base/log.h"

void pass_switch_run(const char *command, const char *target)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	posix_spawnattr_t attr;
	sigset_t all;
	pid_t pid;
	int r;

	/* Nobody waits for it. */
	signal(SIGCHLD, SIG_IGN);
	setenv("VINPUT_TARGET", target, 1);
	/* SIGPIPE is ignored here. */
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	r = posix_spawn(&pid, "/bin/sh", NULL, &attr, (char *const *)argv,
			environ);
	posix_spawnattr_destroy(&attr);
	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST, "--on-switch=%s: %s",
			 command, strerror(r));
}
