/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The holder: a vinput-hold(1) that keeps the VMMs' connections of all devices
 * while their servers die and are replaced. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_HOLDER_H
#define VINPUT_LAUNCH_HOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include "injector/fleet/launch-endpoints.h"
#include "injector/process/launch-child.h"

struct launch_holder {
	double give_up_s;
	struct launch_child child;
	char program[PATH_MAX];
	int fd; /* owned; our end of its control socket, -1: it does not run */
	/* Where the next launcher finds it; fd -1 if it is to end with us. */
	char next_path[PATH_MAX];
	struct socket_path next;
	/* Owned: what the last item_fd has, for devices that are alike. */
	json_t *item;
	int item_fd; /* owned, -1: none yet */
	struct launch_lines lines;
	ev_io io;
	/* It has been started: launch_holder_add() is due for each device. */
	void (*started)(void *arg);
	/* What the VMM of a device has acked; 0 without one. */
	void (*acked)(void *arg, const char *label, uint64_t features,
		      uint64_t protocol);
	void *arg;
};

/* The members give_up_s, started, acked and arg are the caller's. */
void launch_holder_init(struct launch_holder *h,
			const struct launch_setup *setup);
/* There MUST NOT be a process. Idempotent. */
void launch_holder_fini(struct launch_holder *h);

/* It becomes LAUNCH_READY, or LAUNCH_FAILED with child.why. */
void launch_holder_start(struct launch_holder *h);

/*
 * Let it hold a device, which listens for its VMM and has the file of the
 * socket where servers listen. Does nothing while it does not run, nor if
 * launch_holder_keep() does that, too.
 */
void launch_holder_add(struct launch_holder *h, const char *label,
		       const struct launch_endpoints *ep);
/* What the next launcher needs of a device to continue it. All borrowed. */
struct launch_kept {
	const json_t *item; /* its JSON */
	const struct launch_endpoints *endpoints;
	const struct launch_process *server;
	const struct launch_process *bridge; /* NULL: it runs none, ... */
	int old_bridge; /* ... or, as a pidfd, this one; -1 */
};

/*
 * Let it hold the device, and keep this for the next launcher. Does nothing if
 * no device is to outlive this one, or if the server does not run.
 */
void launch_holder_keep(struct launch_holder *h, const char *label,
			const struct launch_kept *kept);
/*
 * That of a launcher that has died is this one's from now on, and still waits
 * for a next one. fd, pidfd: taken. Return: 0 or -errno.
 */
int launch_holder_inherit(struct launch_holder *h, int fd, int pidfd);
/* Let it wait for no next launcher. */
void launch_holder_end_with_us(struct launch_holder *h);
/* Let it disconnect the device's VMM. */
void launch_holder_remove(struct launch_holder *h, const char *label);

#endif
