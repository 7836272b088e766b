/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a node from the host. If it were grabbed while a key is down, the host
 * would not see the key's release, and would repeat it for ever.
 */
#ifndef VINPUT_PASS_GRAB_H
#define VINPUT_PASS_GRAB_H

#include <stdint.h>
#include "injector/passthrough/pass-node.h"

enum pass_grab {
	PASS_GRAB_WAIT, /* when all keys are up */
	PASS_GRAB_NOW,
	PASS_GRAB_NONE, /* the host keeps it as well */
};

/*
 * Take the node now, if that is possible. *down: the keys that are down; they
 * are the host's.
 * Return: 0; -EAGAIN: with PASS_GRAB_WAIT, keys are down; -EBUSY: another
 * process has grabbed it; another -errno.
 */
int pass_grab_take(struct pass_node *n, enum pass_grab how,
		   uint8_t down[KEY_CNT / 8]);

/* Return: the first of these keys, -1 for none. */
int pass_grab_first(const uint8_t down[KEY_CNT / 8]);

#endif
