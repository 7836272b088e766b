/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signals that end the loop (SIGTERM, SIGINT) or have the spec read again
 * (SIGHUP). One in a process. Loop thread only.
 */
#ifndef VINPUT_SIGNALS_H
#define VINPUT_SIGNALS_H

#include <ev.h>

struct signals {
	struct ev_loop *loop;
	void (*reload)(void *arg); /* SIGHUP */
	void *arg;
	ev_signal sigterm, sigint, sighup;
};

void signals_init(struct signals *sg, struct ev_loop *loop,
		  void (*reload)(void *arg), void *arg);
void signals_fini(struct signals *sg);

#endif
