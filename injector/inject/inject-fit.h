/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a recording fit the device that the commands go to, as far as that is
 * known by --spec or --size: --scale, and a report of what does not fit.
 */
#ifndef VINPUT_INJECT_FIT_H
#define VINPUT_INJECT_FIT_H

#include "injector/inject/inject-command.h"
#include "injector/recording/recording.h"
#include "input/base/fault.h"

/*
 * c: a command whose first operand is the recording's file.
 * Return: 0; -EINVAL with the fault: something does not fit, and c is not
 * lenient.
 */
int inject_fit(struct recording *rec, const struct inject_command *c,
	       const struct inject_context *ctx, struct fault *f);

#endif
