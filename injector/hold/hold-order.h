/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vinput-launch(1) and its holder say to each other on the SOCK_SEQPACKET
 * socket of --control-fd: one order, or one report, in each packet.
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
};

struct hold_order {
	int verb;
	char label[HOLD_LABEL_MAX]; /* ends with '\0' */
};

/* What a holder reports: what a device's front-end has acked; 0 without one. */
struct hold_report {
	uint64_t features, protocol;
	char label[HOLD_LABEL_MAX];
};

#endif
