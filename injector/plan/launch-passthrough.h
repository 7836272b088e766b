/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of the host among those to be launched: its server is a
 * vinput-passthrough(1). Pure.
 */
#ifndef VINPUT_LAUNCH_PASSTHROUGH_H
#define VINPUT_LAUNCH_PASSTHROUGH_H

#include <jansson.h>
#include <stdbool.h>
#include "injector/process/launch-argv.h"

/* Members that are options of vinput-passthrough. key: one of them. */
bool launch_passthrough_has(const char *key);
bool launch_passthrough_is_valid(const char *key, const json_t *value);
/* What the value must be, for errors. */
const char *launch_passthrough_must(const char *key);

/* Add the options that make vinput-passthrough this device, DEV last. */
void launch_passthrough_args(const json_t *item, struct launch_argv *args);

#endif
