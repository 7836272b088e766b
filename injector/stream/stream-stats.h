/* SPDX-License-Identifier: Apache-2.0 */
/* The streamer's counters and their socket. Loop thread only. */
#ifndef VINPUT_STREAM_STATS_H
#define VINPUT_STREAM_STATS_H

#include "injector/rtc/rtc.h"
#include "injector/stream/stream-session.h"
#include "input/base/fault.h"
#include "input/base/socket-path.h"
#include "input/base/stats.h"

struct stream_stats {
	const struct stream_counters *counters;
	const struct stream_devices *devices;
	const struct rtc_counters *rtc; /* NULL: no WebRTC */
	struct socket_path socket;
	struct stats stats;
};

/* path: NULL: nobody can ask. Return: 0, or a negative errno with the fault. */
int stream_stats_open(struct stream_stats *st, struct ev_loop *loop,
		      const char *path, struct fault *why);
void stream_stats_close(struct stream_stats *st);

#endif
