/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node of the host, passed on, and the node that the guest makes of it. Both
 * get the events, so that they can be compared.
 */
#ifndef VINPUT_TEST_INSIDE_PAIR_H
#define VINPUT_TEST_INSIDE_PAIR_H

#include "tests/guest/inside.h"

struct pair {
	struct node host, guest;
	struct process *passthrough, *monitor;
};

/* host is plugged already, and remains so. */
void pair_start(struct pair *p);
void pair_stop(struct pair *p);

/* The specs that --print-spec prints of both are the same. */
void assert_pair_is_equal(const struct pair *p);

/* Read both until the guest has as many frames as the host. */
void pair_hear(struct pair *p, struct heard *host, struct heard *guest);

#endif
