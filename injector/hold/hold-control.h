/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices that a launcher has a holder hold (hold-order.h). The launcher is
 * trusted. Loop thread only.
 */
#ifndef VINPUT_HOLD_CONTROL_H
#define VINPUT_HOLD_CONTROL_H

#include <ev.h>
#include <sys/queue.h>

struct hold_control {
	struct ev_loop *loop;
	int fd; /* owned; -1: none */
	ev_io io;
	double give_up_s;
	LIST_HEAD(hold_control_list, hold_entry) devices;
	void (*ended)(void *arg); /* the launcher has closed the socket */
	void *arg;
};

/* fd: taken. Return: 0 or -errno. */
int hold_control_start(struct hold_control *c, int fd);
/* Disconnect all. Idempotent; also of one that is all 0, with fd -1. */
void hold_control_fini(struct hold_control *c);

#endif
