/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows the counters: one line in the log, one JSON object to each connection
 * at --stats-path. Loop thread only.
 */
#ifndef VINPUT_VVU_STATS_H
#define VINPUT_VVU_STATS_H

#include "injector/vvu/vvu-proxy.h"

struct vvu_stats {
	const struct vvu_proxy *proxy; /* borrowed */
	struct listener listener;
};

void vvu_stats_init(struct vvu_stats *st, struct ev_loop *loop,
		    const struct vvu_proxy *proxy);
/* Serve on a listening socket, borrowed. Return: 0 or -errno. */
int vvu_stats_listen(struct vvu_stats *st, int fd);
/* Write them to the log. */
void vvu_stats_log(const struct vvu_stats *st);
/* Idempotent. */
void vvu_stats_fini(struct vvu_stats *st);

#endif
