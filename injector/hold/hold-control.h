/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices that a launcher has a holder hold (hold-order.h). The launcher is
 * trusted. When it ends without a word and there is a socket for the next one,
 * the devices are kept for that as long as any has a front-end. Loop thread
 * only.
 */
#ifndef VINPUT_HOLD_CONTROL_H
#define VINPUT_HOLD_CONTROL_H

#include <ev.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>
#include "input/base/listener.h"

struct hold_control {
	struct ev_loop *loop;
	int fd;	     /* owned; the launcher's, -1: none */
	int self_fd; /* owned; a pidfd of this process, -1: none */
	uid_t uid;   /* of this process */
	ev_io io;
	struct listener next; /* launcher; fd -1: there will be none */
	ev_timer orphaned;
	unsigned int taken; /* devices, by this launcher */
	bool reports;	    /* not while one takes devices: it awaits answers */
	double give_up_s;
	LIST_HEAD(hold_control_list, hold_entry) devices;
	/* The launcher has ended, and nobody needs the devices. */
	void (*ended)(void *arg);
	void *arg;
};

#define HOLD_CONTROL_NULL ((struct hold_control){ .fd = -1, .self_fd = -1 })

/*
 * fd: taken. next_fd: where the next launcher connects, borrowed, or -1.
 * Return: 0 or -errno.
 */
int hold_control_start(struct hold_control *c, int fd, int next_fd);
/* Disconnect all. Idempotent, also of one that was not started. */
void hold_control_fini(struct hold_control *c);

#endif
