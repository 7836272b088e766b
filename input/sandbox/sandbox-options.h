/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options --sandbox, --user and --group: each program's table has a row for
 * them, whose handler calls sandbox_options_take().
 */
#ifndef VINPUT_SANDBOX_OPTIONS_H
#define VINPUT_SANDBOX_OPTIONS_H

#include "input/base/cmdline.h"
#include "input/sandbox/sandbox.h"

void sandbox_options_init(struct sandbox *sb);
/* Return: 0, or -EINVAL with c->why, as below. */
int sandbox_options_take(struct sandbox *sb, struct cmdline *c, char *value);
/* What one option needs of others. */
int sandbox_options_check(const struct sandbox *sb, struct cmdline *c);

#endif
