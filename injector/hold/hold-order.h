/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vinput-launch(1) and its holder say to each other on a SOCK_SEQPACKET
 * socket: one order, or one report, in each packet. The socket is that of
 * --control-fd, or, when that launcher has ended, one that the next launcher
 * connects to --next-fd.
 */
#ifndef VINPUT_HOLD_ORDER_H
#define VINPUT_HOLD_ORDER_H

#include <stdint.h>

#define HOLD_LABEL_MAX 64

enum hold_verb {
	/*
	 * Hold a device. With two fds: the socket at which its front-end
	 * connects, listening; and the O_PATH fd of the file of the socket at
	 * which its back-ends listen.
	 */
	HOLD_ADD = 1,
	/* Disconnect its front-end, and forget it. */
	HOLD_REMOVE = 2,
	/*
	 * Keep for the next launcher the fds of enum hold_kept, of a device
	 * that was added. Replaces what was kept before.
	 */
	HOLD_KEEP = 3,
	/*
	 * Answered with the next device of which something is kept: an order of
	 * this verb with its label, the fds of HOLD_ADD, and what is kept.
	 * After the last one, with a pidfd of the holder, and no label.
	 */
	HOLD_TAKE = 4,
	/* End with this launcher, although an earlier one wanted to be
	 * outlived. */
	HOLD_END_WITH_US = 5,
	/*
	 * HOLD_ADD, unless it is held already, and HOLD_KEEP: with the fds of
	 * both. With those of HOLD_ADD only, nothing is kept any more. A holder
	 * that another launcher has started may not know it.
	 */
	HOLD_ADD_KEPT = 6,
};

enum hold_kept {
	HOLD_KEPT_ITEM,	   /* a file that only launchers read; MAY be shared */
	HOLD_KEPT_LISTEN,  /* where servers listen */
	HOLD_KEPT_STATE,   /* --state-fd */
	HOLD_KEPT_PROCESS, /* a pidfd of the server */
	HOLD_KEPT_LIFE,	   /* while any process has it, the server lives */
	HOLD_KEPT_NEEDED,
	/* Only if there is one: a pidfd of what is before the front-end. */
	HOLD_KEPT_BRIDGE = HOLD_KEPT_NEEDED,
	HOLD_KEPT_FDS,
};

#define HOLD_ADD_FDS 2

struct hold_order {
	int verb;
	uint32_t connected; /* in answers to HOLD_TAKE: a front-end is */
	char label[HOLD_LABEL_MAX]; /* ends with '\0' */
};

/* What a holder reports: what a device's front-end has acked; 0 without one. */
struct hold_report {
	uint64_t features, protocol;
	char label[HOLD_LABEL_MAX];
};

#endif
