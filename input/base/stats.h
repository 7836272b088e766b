/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows a program's counters: one line in the log, as on SIGUSR1, one JSON
 * object to each connection at --stats-path. Loop thread only.
 */
#ifndef VINPUT_STATS_H
#define VINPUT_STATS_H

#include <ev.h>
#include "input/base/counter.h"
#include "input/base/listener.h"

/* Fill in the counters. Return: how many there are. */
typedef size_t stats_count(const void *arg, struct counter out[COUNTERS_MAX]);

struct stats {
	struct ev_loop *loop;
	stats_count *count;
	const void *arg;
	struct listener listener;
	ev_signal sigusr1;
};

void stats_init(struct stats *st, struct ev_loop *loop, stats_count *count,
		const void *arg);
/* Serve on a listening socket, borrowed. Return: 0 or -errno. */
int stats_listen(struct stats *st, int fd);
void stats_log(const struct stats *st);
/*
 * Do so on SIGUSR1, by libev's ev_signal: for programs whose signals are all
 * libev's.
 */
void stats_watch_signal(struct stats *st);
/* Idempotent. */
void stats_fini(struct stats *st);

#endif
