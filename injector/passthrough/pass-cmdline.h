/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-passthrough's command line, and its file, parsed. */
#ifndef VINPUT_PASS_CMDLINE_H
#define VINPUT_PASS_CMDLINE_H

#include "injector/passthrough/pass-options.h"

/*
 * Return: 0, or -EINVAL with one line about it in why; then pass_cmdline_fini()
 * is due, too.
 */
int pass_cmdline_parse(struct pass_options *o, int argc, char **argv,
		       char why[256]);
void pass_cmdline_fini(struct pass_options *o);
void pass_cmdline_help(void); /* print it */

#endif
