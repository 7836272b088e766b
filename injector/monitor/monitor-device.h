/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One device that vinput-monitor watches: its front-end, what it is, and where
 * its events go. Functions return 0, a negative errno or FE_E_*.
 */
#ifndef VINPUT_MONITOR_DEVICE_H
#define VINPUT_MONITOR_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include "injector/frontend/frontend.h"
#include "injector/recording/recording-write.h"
#include "input/spec/spec.h"
#include "injector/monitor/monitor-options.h"
#include "injector/monitor/monitor-print.h"
#include "injector/monitor/monitor-touch.h"
#include "injector/monitor/monitor-uinput.h"

struct monitor_device {
	const struct monitor_options *opt; /* borrowed */
	const char *socket;		   /* borrowed: its path */
	struct monitor_print print;
	struct frontend fe;
	struct spec spec;
	struct monitor_touch touch;
	struct libevdev_uinput *uinput; /* NULL: none */
	int uinput_error; /* why there is none, a negative errno */
	struct recording_writer record; /* out is NULL: not recorded */
	uint64_t frames;		/* that came */
	bool running;			/* its driver was started */
};

void monitor_device_init(struct monitor_device *d,
			 const struct monitor_options *opt, const char *socket,
			 const char *label);
void monitor_device_fini(struct monitor_device *d); /* idempotent */

/* Record from now on. Return: 0 or a negative errno. */
int monitor_device_record(struct monitor_device *d, const char *path);
/* Return: 0, or a negative errno if not all could be written. */
int monitor_device_end_record(struct monitor_device *d);

/* Connect and negotiate, once. */
int monitor_device_connect(struct monitor_device *d);
/* Read what it is, start the driver, print it, make it real. */
int monitor_device_start(struct monitor_device *d);
/* Return: also FE_E_REFUSED: the device has no such LED. */
int monitor_device_set_leds(struct monitor_device *d);

/*
 * Take the events that are there, until *frames_left frames have come (0: no
 * limit). Return: as above; *frames_left is what is left.
 */
int monitor_device_take(struct monitor_device *d, uint64_t *frames_left);
/* Hand on what the kernel said to the real device. */
int monitor_device_status(struct monitor_device *d);

#endif
