/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An evdev node: open, described, read, grabbed. Nothing waits, unless
 * pass_node_wait() says so. Functions return 0 or -errno (-ENODEV: unplugged,
 * or access to it was revoked) unless they say otherwise.
 */
#ifndef VINPUT_PASS_NODE_H
#define VINPUT_PASS_NODE_H

#include <linux/input.h>
#include <stdbool.h>
#include <stddef.h>
#include "injector/passthrough/pass-spec.h"
#include "input/base/fault.h"
#include "input/device/event.h"
#include "input/device/state.h"
#include "input/spec/spec.h"

struct pass_node {
	int fd;	       /* owned; -1: not open */
	bool writable; /* LEDs can be set */
	bool grabbed;
	bool own;    /* made by a program of this project */
	bool type_a; /* as pass_spec_is_type_a() */
	bool waits;  /* pass_node_read() does */
	struct spec spec;
	struct pass_notes notes;
};

#define PASS_NODE_NULL ((struct pass_node){ .fd = -1 })

/*
 * Open and describe the node. why says what can be done, as for a node without
 * permission.
 */
int pass_node_open(struct pass_node *n, const char *path, struct fault *why);
/* The same with an open fd, non-blocking, which is taken also on failure. */
int pass_node_use(struct pass_node *n, int fd, struct fault *why);
void pass_node_close(struct pass_node *n); /* idempotent */

/*
 * Whether pass_node_read() is to wait for events; at first it does not. If that
 * is impossible, it stays as it is.
 */
void pass_node_set_wait(struct pass_node *n, bool wait);
static inline void pass_node_wait(struct pass_node *n, bool wait)
{
	if (n->waits != wait)
		pass_node_set_wait(n, wait);
}

/*
 * Return: how many events were read, 0: none are queued, or the wait was
 * interrupted, by errno; or -errno. Fewer than max: no others were queued.
 */
int pass_node_read(struct pass_node *n, struct input_event *ev, size_t max);

/* The node's state, now. */
int pass_node_state(struct pass_node *n, struct state *now);
/* The keys that are down. */
int pass_node_keys(struct pass_node *n, uint8_t key[KEY_CNT / 8]);

/* Idempotent. Return: also -EBUSY: another process has grabbed it. */
int pass_node_grab(struct pass_node *n, bool on);

/*
 * Read only these keys from now on, and nothing else; NULL: everything.
 */
int pass_node_mask(struct pass_node *n, const uint8_t only[KEY_CNT / 8]);

/* Bits of LED_ codes. */
int pass_node_leds(struct pass_node *n, uint32_t *on);
/* Set those of mask; LEDs that the device does not have are ignored. */
int pass_node_set_leds(struct pass_node *n, uint32_t mask, uint32_t on);

#endif
