/* SPDX-License-Identifier: Apache-2.0 */
/* One run of vinput-monitor: its options, devices and limits. */
#ifndef VINPUT_MONITOR_H
#define VINPUT_MONITOR_H

#include <stdbool.h>
#include <stdint.h>
#include "injector/monitor/monitor-device.h"
#include "injector/monitor/monitor-options.h"

struct monitor {
	struct monitor_options opt;
	struct monitor_device *device; /* opt.n_sockets of them */
	int signal_fd;	      /* readable: SIGINT or SIGTERM has come */
	int64_t deadline_ms;  /* CLOCK_MONOTONIC, -1: none */
	uint64_t frames_left; /* to be printed, 0: no limit */
	bool all_started;
};

/*
 * A reason to end the run; a negative errno is one too, and has not been
 * reported yet. 0: none.
 */
enum monitor_end {
	MONITOR_END_DONE = 100, /* --count reached; above FE_E_* */
	MONITOR_END_SIGNAL,
	MONITOR_END_TIMEOUT,
	MONITOR_END_REPORTED, /* a failure, already on stderr */
};

/* Set the deadline. ms: from now, < 0: none. */
void monitor_set_timeout(struct monitor *m, int64_t ms);
/* Return: ms until the deadline, at most `most` (-1: no limit), for poll(). */
int monitor_ms_left(const struct monitor *m, int most);
bool monitor_is_overdue(const struct monitor *m);

/* Report a problem of a device on stderr. */
void monitor_complain(const struct monitor_device *d, const char *what);

#endif
