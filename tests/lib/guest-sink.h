/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ends of a device (input/device/device.h) without rings and sockets: a
 * guest that takes as many events as it has buffers, and an injector's bytes.
 */
#ifndef VINPUT_TESTS_GUEST_SINK_H
#define VINPUT_TESTS_GUEST_SINK_H

#include "input/device/device.h"
#include "tests/lib/linux-guest.h"

#define GUEST_SINK_EVENTS 32768

struct guest_sink {
	size_t buffers;		   /* made available, not used yet */
	struct linux_guest *guest; /* takes the events; NULL: `got` does */
	struct vi_event got[GUEST_SINK_EVENTS];
	size_t n;
	size_t n_shown;	     /* of n, to the guest */
	unsigned int n_puts; /* calls that put events */
	unsigned int n_released;
	const struct device_source *released; /* the last one */
};

/* Return: the sink that a device gets; g is borrowed. */
struct device_sink guest_sink(struct guest_sink *g);
/* The sink's put(), for one that checks more. */
size_t guest_sink_put(struct guest_sink *g, const struct vi_event *ev,
		      size_t n);

/* Put events into a source's buffer, which must have space for them. */
void device_inject(struct device *dev, struct device_source *src,
		   const struct vi_event *ev, size_t n);
/* The same with the frame of a text (event-text.h). */
void device_inject_text(struct device *dev, struct device_source *src,
			const char *text);

#endif
