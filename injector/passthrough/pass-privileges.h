/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Least privilege: when all is open the process enters the sandbox, and only
 * the opener keeps what the user has. Both log why they fail.
 */
#ifndef VINPUT_PASS_PRIVILEGES_H
#define VINPUT_PASS_PRIVILEGES_H

#include "injector/passthrough/pass-options.h"

/* Before anything is opened. Return: 0 or -errno. */
int pass_privileges_start(const struct pass_options *o);
/* Return: 0; or -errno, then the process MUST end. */
int pass_privileges_drop(const struct pass_options *o);

#endif
