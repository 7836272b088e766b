/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streamer's command line and environment, which name the fd that leads to
 * each device. Pure.
 */
#ifndef VINPUT_LAUNCH_FILL_H
#define VINPUT_LAUNCH_FILL_H

#include <stddef.h>
#include "injector/plan/launch-plan.h"
#include "injector/process/launch-argv.h"

struct launch_fds {
	const char *label[LAUNCH_DEVICES_MAX]; /* borrowed */
	int fd[LAUNCH_DEVICES_MAX];
	size_t n;
};

/*
 * Add argv's words to out, with {LABEL_fd}, {touch_fds} and {dir} replaced;
 * other braces stay. Return: 0; -EINVAL with why (256 bytes); -ENOMEM.
 */
int launch_fill_args(struct launch_argv *out, char *const *argv,
		     const struct launch_fds *fds, const char *dir, char *why);
/* Add VINPUT_FDS and VINPUT_DIR. Return: 0 or -ENOMEM. */
int launch_fill_env(struct launch_argv *out, const struct launch_fds *fds,
		    const char *dir);

#endif
