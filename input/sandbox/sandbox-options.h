/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options --sandbox, --user and --group: each program's table has a row for
 * them, with CMDLINE_SANDBOX.
 */
#ifndef VINPUT_SANDBOX_OPTIONS_H
#define VINPUT_SANDBOX_OPTIONS_H

#include "input/base/cmdline.h"
#include "input/sandbox/sandbox.h"

/* For rows: see cmdline.h. MEMBER is a struct sandbox. */
#define CMDLINE_SANDBOX(TYPE, MEMBER) \
	sandbox_options_take, CMDLINE_AT(TYPE, MEMBER, struct sandbox : 0)

void sandbox_options_init(struct sandbox *sb);
/* Return: 0, or -EINVAL with c->why, as below. */
int sandbox_options_take(struct cmdline *c, char *value);
/* What one option needs of others. */
int sandbox_options_check(const struct sandbox *sb, struct cmdline *c);

#endif
