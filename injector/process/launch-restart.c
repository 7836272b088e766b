/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child that was ready is restarted at once, since its peers are waiting. One
 * that dies before it is ready will probably do so again, so the delay grows
 * each time in a row.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "injector/process/launch-restart.h"
#include "input/base/number.h"

#define STEP_S	  0.1
#define DELAY_MAX 2.0
#define PER_S_MAX 1e6

static const char *const modes[] = {
	[LAUNCH_RESTART_NO] = "no",
	[LAUNCH_RESTART_ON_FAILURE] = "on-failure",
	[LAUNCH_RESTART_ALWAYS] = "always",
};

/* "N/SECONDS" */
static int restart_parse_limit(struct launch_restart *r, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	double seconds;

	if (*text < '0' || *text > '9' || *end != '/' || !n || n > INT_MAX)
		return -EINVAL;
	if (number_read_seconds(end + 1, PER_S_MAX, &seconds) || seconds == 0)
		return -EINVAL;
	r->limit = (unsigned int)n;
	r->per_s = seconds;
	return 0;
}

int launch_restart_parse(struct launch_restart *r, const char *text)
{
	size_t len = strcspn(text, ":");

	*r = LAUNCH_RESTART_DEFAULT;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (strlen(modes[i]) != len || strncmp(modes[i], text, len))
			continue;
		r->mode = (enum launch_restart_mode)i;
		if (!text[len])
			return 0;
		if (r->mode == LAUNCH_RESTART_NO)
			return -EINVAL;
		return restart_parse_limit(r, text + len + 1);
	}
	return -EINVAL;
}

double launch_restart_next(const struct launch_restart *r,
			   struct launch_history *h, double now, bool failed,
			   bool was_ready)
{
	double delay;

	if (r->mode == LAUNCH_RESTART_NO ||
	    (r->mode == LAUNCH_RESTART_ON_FAILURE && !failed))
		return -1;
	if (!h->restarts || now - h->since >= r->per_s) {
		h->since = now;
		h->restarts = 0;
	}
	if (h->restarts >= r->limit)
		return -1;
	h->restarts++;
	h->total++;
	h->in_vain = was_ready ? 0 : h->in_vain + 1;
	delay = h->in_vain * STEP_S;
	return delay < DELAY_MAX ? delay : DELAY_MAX;
}
