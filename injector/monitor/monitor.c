/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "injector/monitor/monitor.h"
#include "input/base/clock.h"

static int64_t monitor_now_ms(void)
{
	return clock_ns() / 1000000;
}

void monitor_set_timeout(struct monitor *m, int64_t ms)
{
	m->deadline_ms = ms < 0 ? -1 : monitor_now_ms() + ms;
}

int monitor_ms_left(const struct monitor *m, int most)
{
	if (m->deadline_ms < 0)
		return most;
	int64_t left = m->deadline_ms - monitor_now_ms();
	if (left < 0)
		left = 0;
	if (most >= 0 && left > most)
		return most;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

bool monitor_is_overdue(const struct monitor *m)
{
	return m->deadline_ms >= 0 && monitor_now_ms() >= m->deadline_ms;
}

void monitor_complain(const struct monitor_device *d, const char *what)
{
	fflush(stdout);
	fprintf(stderr, "vinput-monitor: %s: %s\n", d->socket, what);
}
