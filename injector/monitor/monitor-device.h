/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One monitored device: its front-end, its capabilities, and where its events
 * go. Unless stated otherwise functions return 0, a negative errno or FE_E_*.
 */
#ifndef VINPUT_MONITOR_DEVICE_H
#define VINPUT_MONITOR_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include "injector/frontend/frontend.h"
#include "injector/monitor/monitor-options.h"
#include "injector/monitor/monitor-print.h"
#include "injector/monitor/monitor-touch.h"
#include "injector/monitor/monitor-uinput.h"
#include "injector/recording/recording-write.h"
#include "input/spec/spec.h"

struct monitor_device {
	const struct monitor_options *opt; /* borrowed */
	const char *socket;		   /* borrowed: its path */
	char *label; /* owned; NULL: it is the only device */
	struct monitor_print print;
	struct frontend fe;
	struct spec spec;
	struct monitor_touch touch;
	struct libevdev_uinput *uinput; /* NULL: none */
	int uinput_error; /* a negative errno if creating it failed */
	struct recording_writer record; /* out NULL: not recorded */
	bool running;			/* the queues were started */
	uint32_t leds;			/* that are on, as bits */
};

void monitor_device_init(struct monitor_device *d,
			 const struct monitor_options *opt, const char *socket);
void monitor_device_fini(struct monitor_device *d); /* idempotent */

/* Start to record. Return: 0 or a negative errno. */
int monitor_device_record(struct monitor_device *d, const char *path);
/* Return: 0, or a negative errno if the recording is incomplete. */
int monitor_device_end_record(struct monitor_device *d);

/* Try once to connect. A device that serves another front-end is connected. */
int monitor_device_connect(struct monitor_device *d);
/* Send a request; d->fe.fd becomes readable when the device serves us. */
int monitor_device_ask(struct monitor_device *d);
int monitor_device_take_answer(struct monitor_device *d);
int monitor_device_negotiate(struct monitor_device *d);
/* Read the capabilities, start the driver, print the device. */
int monitor_device_start(struct monitor_device *d);
/* Stop the queues, if they were started; errors do not matter any more. */
void monitor_device_stop(struct monitor_device *d);
/* Return: also FE_E_REFUSED: the device has no such LED. */
int monitor_device_set_leds(struct monitor_device *d);

/*
 * Take the used buffers and show their events, at most *frames_left frames (0:
 * no limit); *frames_left is counted down.
 */
int monitor_device_take(struct monitor_device *d, uint64_t *frames_left);
/* Forward LEDs and sounds from the uinput device. */
int monitor_device_status(struct monitor_device *d);

#endif
