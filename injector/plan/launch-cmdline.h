/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vinput-launch, read and checked as a whole before
 * anything is opened.
 */
#ifndef VINPUT_LAUNCH_CMDLINE_H
#define VINPUT_LAUNCH_CMDLINE_H

#include "injector/plan/launch-options.h"

/* Return: 0, or -EINVAL with one line in why. */
int launch_cmdline_parse(struct launch_options *o, int argc, char **argv,
			 char why[256]);
void launch_cmdline_fini(struct launch_options *o); /* idempotent */
void launch_cmdline_help(void);

#endif
