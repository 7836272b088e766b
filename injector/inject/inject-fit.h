/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a recording fit the device that the commands go to, as far as that is
 * known by --spec or --size: --scale, and a report of what does not fit.
 */
#ifndef VINPUT_INJECT_FIT_H
#define VINPUT_INJECT_FIT_H

#include "injector/inject/inject-command.h"
#include "injector/inject/inject-file.h"
#include "injector/recording/recording.h"
#include "input/base/fault.h"

struct inject_fit {
	struct recording *rec;
	const struct inject_file *file; /* it was read from this */
	const struct inject_command *c; /* with the file's name, and options */
	const struct inject_context *ctx; /* what is known of the device */
};

/*
 * Return: 0; -EINVAL with the fault: something does not fit, and the command is
 * not lenient.
 */
int inject_fit(const struct inject_fit *fit, struct fault *f);

#endif
