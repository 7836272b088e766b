/* SPDX-License-Identifier: Apache-2.0 */
/* What the options of vinput-passthrough need of each other. Pure. */
#ifndef VINPUT_PASS_OPTION_CHECK_H
#define VINPUT_PASS_OPTION_CHECK_H

#include "injector/passthrough/pass-options.h"

/* Both: once all options are taken. Return: 0, or -EINVAL with why[256]. */
int pass_option_check_route(const struct pass_options *o, char *why);
/* words: DEV[=LABEL], n of them; borrowed, and changed. */
int pass_option_take_devices(struct pass_options *o, int n, char **words,
			     char *why);

#endif
