/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An evdev node that a test plays: its ioctls are answered from this struct,
 * and its events are read from a socketpair, whose other end is the test's. A
 * program of the test's own defines ioctl(), which libevdev then uses, too; the
 * project's programs get tests/wire/node-stand-in.c.
 */
#ifndef VINPUT_TESTS_FAKE_NODE_H
#define VINPUT_TESTS_FAKE_NODE_H

#include <linux/input.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_NODE_SLOTS 64

/* Plain data: it may be in shared memory. */
struct fake_node {
	char name[256], uniq[64], phys[64];
	struct input_id id;
	uint8_t prop[8];
	uint8_t bits[EV_CNT][96];
	struct input_absinfo abs[ABS_CNT]; /* the value, too */
	unsigned int repeat[2];
	uint8_t key[96], sw[8], led[8];
	int32_t slot[ABS_CNT][FAKE_NODE_SLOTS]; /* by ABS_MT_ code */
	bool denied; /* there is no permission to open it */
	bool taken;  /* another process has grabbed it */
	int error;   /* with which each ioctl fails: ENODEV; 0: none does */
	/* What was done with it. */
	bool grabbed;
	unsigned int grabs;
	uint8_t mask_types[8], mask_keys[96]; /* EVIOCSMASK */
	/* A key that comes down as soon as it is grabbed; 0: none. */
	uint16_t key_at_grab;
};

/* A keyboard with A, B, Ctrl, Shift, Caps Lock, scan codes, LEDs and repeat. */
void fake_node_keyboard(struct fake_node *n);
void fake_node_add(struct fake_node *n, unsigned int type, unsigned int code);
void fake_node_axis(struct fake_node *n, unsigned int code, int min, int max);

/* As ioctl(2). */
int fake_node_ioctl(struct fake_node *n, unsigned long request, void *arg);

/* The node's events, at the test's end: "KEY_A 1", and SYN_REPORT. */
void fake_node_sends(int fd, const char *text);
/* What was written to the node, as text; to be freed. "-": nothing. */
char *fake_node_written(int fd);

#endif
