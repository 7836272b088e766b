/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input devices of the host, as sysfs and the links below /dev/input have
 * them: nothing is opened, so this needs no permission and disturbs no device.
 */
#ifndef VINPUT_PASS_ENTRY_H
#define VINPUT_PASS_ENTRY_H

#include <stddef.h>
#include <stdint.h>

/* Where to look; tests have folders of their own. */
struct pass_host {
	const char *sys; /* /sys/class/input */
	const char *dev; /* /dev/input */
};

extern const struct pass_host pass_this_host;

/* What a device is, by its capabilities. A device can be several. */
enum pass_kind {
	PASS_KEYBOARD = 1 << 0,
	PASS_MOUSE = 1 << 1,
	PASS_TOUCHPAD = 1 << 2,
	PASS_TOUCHSCREEN = 1 << 3,
	PASS_PEN = 1 << 4,
	PASS_GAMEPAD = 1 << 5,
	PASS_SWITCH = 1 << 6,
	PASS_KEYS = 1 << 7, /* too few for a keyboard: a keypad, media keys */
};
#define PASS_KINDS 8

/* The bits that decide on it: as much as sysfs has. */
struct pass_bits {
	uint8_t prop[4], key[96], rel[2], abs[8], sw[4];
};

/* Pure. Return: bits of enum pass_kind. */
unsigned int pass_kinds(const struct pass_bits *bits);
/* Return: the name of kind 1 << i. */
const char *pass_kind_name(unsigned int i);

struct pass_entry {
	char node[16]; /* "event5" */
	/* The number of its "input17", which no device gets again; 0: unknown.
	 */
	unsigned long instance;
	char name[128], uniq[128];
	char phys[128]; /* where it is plugged in, as
			   "usb-0000:00:14.0-2/input0" */
	uint16_t bustype, vendor, product, version;
	unsigned int kinds;
	/* Names of links to it, "" for none. */
	char by_id[128], by_path[128];
};

/*
 * *entries: an array to be freed, in the order of the nodes' numbers.
 * Return: 0 or -errno; a host without any has 0 entries.
 */
int pass_entries_read(const struct pass_host *host, struct pass_entry **entries,
		      size_t *n);
/* The device of this node. Return: 0 or -ENOENT. */
int pass_entry_read(const struct pass_host *host, const char *node,
		    struct pass_entry *entry);

/* The devices of a host as they were a moment ago. */
struct pass_seen {
	struct pass_entry *entry; /* owned */
	size_t n;
};

/* As pass_entries_read(). */
int pass_seen_read(struct pass_seen *seen, const struct pass_host *host);
void pass_seen_fini(struct pass_seen *seen);

#define PASS_RULE_LEN 160
/* The udev rule that lets who is logged in use the device. Pure. */
void pass_entry_rule(const struct pass_entry *entry, char rule[PASS_RULE_LEN]);

#endif
