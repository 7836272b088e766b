/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows the counters: one line in the log on SIGUSR1, one JSON object to each
 * connection at --stats-path. Loop thread only.
 */
#ifndef VINPUT_STATS_H
#define VINPUT_STATS_H

#include <ev.h>
#include "input/base/listener.h"
#include "input/serve/counters.h"

struct stats {
	struct ev_loop *loop;
	void (*count)(void *arg, struct counters *c);
	void *arg;
	struct listener listener;
	ev_signal sigusr1;
};

/* count: fills in the counters, which are 0 before. */
void stats_init(struct stats *st, struct ev_loop *loop,
		void (*count)(void *arg, struct counters *c), void *arg);
/* Serve on a listening socket, borrowed. Return: 0 or -errno. */
int stats_listen(struct stats *st, int fd);
void stats_fini(struct stats *st);

#endif
