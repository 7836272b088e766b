/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node in the event loop: it is taken as soon as it can be, what it sends is
 * forwarded, and the guest's LEDs are shown on it. Its chords give it to the
 * host and back, or end it. Loop thread only.
 */
#ifndef VINPUT_PASS_DEVICE_H
#define VINPUT_PASS_DEVICE_H

#include <ev.h>
#include "injector/passthrough/pass-chord.h"
#include "injector/passthrough/pass-forward.h"
#include "injector/passthrough/pass-grab.h"
#include "injector/passthrough/pass-node.h"
#include "input/serve/led-state.h"

struct pass_device {
	struct ev_loop *loop;
	const char *path; /* borrowed */
	enum pass_grab grab;
	struct pass_chord toggle, exit;
	bool start_with_host;
	struct pass_sink sink;
	/*
	 * It has ended, and what it held is released. error: 0: by its chord.
	 * Gets sink.arg.
	 */
	void (*ended)(void *arg, int error);

	struct pass_node node;
	struct pass_forward forward;
	bool to_guest;	      /* who is to have it */
	bool toggled, exited; /* a chord was played */
	int64_t event_us;     /* time of the last event */
	bool busy; /* another process has it: try again from time to time */
	ev_io io;
	ev_timer again, complain;
	struct led_state guest_leds;
	uint32_t host_leds; /* to be restored */
};

/*
 * Open the node: its spec is in d->node. The members above the blank line but
 * sink and ended MUST be set. Return: 0 or -errno.
 */
int pass_device_open(struct pass_device *d, struct fault *why);
/* Take the node, now or when its keys are up. */
void pass_device_start(struct pass_device *d);
/* Release what it holds, and let the host have it. */
void pass_device_stop(struct pass_device *d);
void pass_device_close(struct pass_device *d); /* idempotent */

/* The sink has space again. */
void pass_device_resume(struct pass_device *d);

/* Status events from the guest. */
void pass_device_status(struct pass_device *d, const struct vi_event *ev,
			size_t n);

#endif
