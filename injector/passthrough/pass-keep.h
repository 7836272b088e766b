/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --keep: keys of grabbed devices that the host gets, by a keyboard of ours
 * there (uinput). No vinput-passthrough takes that for a device of the host.
 * Loop thread only.
 */
#ifndef VINPUT_PASS_KEEP_H
#define VINPUT_PASS_KEEP_H

#include <linux/input-event-codes.h>
#include <stdbool.h>
#include <stdint.h>

struct pass_keep {
	uint8_t keys[KEY_CNT / 8]; /* which */

	int fd; /* of the keyboard; owned, -1: none */
	uint8_t down[KEY_CNT / 8];
};

/* Make the keyboard. k->keys MUST be set. Return: 0 or -errno. */
int pass_keep_open(struct pass_keep *k);
void pass_keep_close(struct pass_keep *k); /* idempotent */
/* The host is to see this key down or up. arg: the struct pass_keep. */
void pass_keep_key(void *arg, uint16_t key, bool down);

/* Return: what helps if it could not be opened because of this errno, or "". */
const char *pass_keep_hint(int error);

#endif
