/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-monitor's command line, parsed. */
#ifndef VINPUT_MONITOR_OPTIONS_H
#define VINPUT_MONITOR_OPTIONS_H

#include <linux/input-event-codes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Devices monitored at once. */
#define MONITOR_DEVICES_MAX 64

enum monitor_action {
	MONITOR_RUN,
	MONITOR_HELP,
	MONITOR_VERSION,
};

struct monitor_options {
	enum monitor_action action;
	char **sockets; /* borrowed from argv */
	size_t n_sockets;
	uint64_t frames;    /* end after so many, 0: never */
	int64_t timeout_ms; /* end after so long, -1: never */
	uint16_t ring_size;
	const char *record; /* file to record to, NULL: none */
	bool json;
	bool packed; /* rings (virtio 1.3 §2.8) */
	bool wait;
	bool touch;  /* print contacts instead of events */
	bool uinput; /* create the devices on this machine's kernel */
	bool locks;  /* Caps Lock and the like switch their LEDs */
	struct {
		uint16_t code;
		bool on;
	} led[LED_CNT];
	size_t n_leds;
};

/* Return: 0, or -EINVAL with one line about it in why. */
int monitor_options_parse(struct monitor_options *opt, int argc, char **argv,
			  char why[256]);
void monitor_options_help(void); /* print it */

#endif
