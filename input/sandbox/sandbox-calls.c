/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "input/base/log.h"
#include "input/sandbox/sandbox-calls.h"
#include "input/sandbox/sandbox-filters.h"

int sandbox_restrict_calls(enum sandbox_mode mode, unsigned int calls)
{
	int r = sandbox_filter_load(mode, calls);

	/* What has been needed until here is not needed again. */
	malloc_trim(0);
	if (r == -ENOENT)
		log_line(LOG_ERROR, CULPRIT_BUG,
			 "SANDBOX_ASKED lacks what this program asks for");
	else if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "--sandbox: seccomp: %s",
			 strerror(-r));
	return r;
}
