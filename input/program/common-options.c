/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/socket.h>
#include "input/base/account.h"
#include "input/program/common-options.h"

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

int common_options_listen(const struct common_options *o,
			  struct socket_path *sp, const char *path)
{
	int r = socket_path_listen(sp, path, SOCK_STREAM, &o->access);

	if (r)
		log_line(LOG_ERROR, CULPRIT_NONE, "cannot listen at %s: %s",
			 path, socket_path_strerror(r));
	return r;
}
