/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "input/base/account.h"
#include "input/base/cmdline-value.h"
#include "input/sandbox/common-options.h"
#include "input/sandbox/sandbox-options.h"

#define SOCKET_MODE 0600

void common_options_init(struct common_options *o)
{
	*o = (struct common_options){
		.access = { SOCKET_MODE, ACCOUNT_NO_GID },
		.ready_fd = -1,
		.log_level = LOG_INFO,
	};
	sandbox_options_init(&o->sandbox);
}

int common_options_take(struct common_options *o, struct cmdline *c,
			char *value)
{
	const char *name = c->taken->name;

	if (!strcmp(name, "socket-mode"))
		return cmdline_value_mode(c, value, &o->access.mode);
	if (!strcmp(name, "socket-group"))
		return cmdline_value_group(c, value, &o->access.group);
	if (!strcmp(name, "ready-fd"))
		return cmdline_value_ready_fd(c, value, &o->ready_fd);
	if (!strcmp(name, "log-level"))
		return cmdline_value_level(c, value, &o->log_level);
	return sandbox_options_take(&o->sandbox, c, value);
}
