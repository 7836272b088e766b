/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Least privilege: when all is open the process enters the sandbox, and only
 * the opener, which is started then, keeps what the user has. It logs why it
 * fails.
 */
#ifndef VINPUT_PASS_PRIVILEGES_H
#define VINPUT_PASS_PRIVILEGES_H

#include "injector/passthrough/pass-member.h"
#include "injector/passthrough/pass-options.h"

/*
 * members: what is open, which the opener opens again by whatever number it is
 * back. Return: 0; or -errno, then the process MUST end.
 */
int pass_privileges_drop(const struct pass_options *o,
			 const struct pass_members *members);

#endif
