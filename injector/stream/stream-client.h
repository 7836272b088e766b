/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One client: its actions become frames of the devices. When it goes away, or
 * its heartbeat lacks something, what it held is released, unless another
 * client holds it as well. Auto-repeat is not forwarded. Loop thread only.
 */
#ifndef VINPUT_STREAM_CLIENT_H
#define VINPUT_STREAM_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "injector/stream/stream-action.h"
#include "injector/stream/stream-device.h"
#include "injector/stream/stream-hold.h"
#include "injector/stream/stream-rights.h"
#include "input/base/fault.h"

struct stream_client {
	struct stream_devices *devices;
	const struct stream_rights *rights;
	struct stream_hold hold;
	double part_x, part_y; /* of a count of motion */
	uint16_t degrees;      /* by which its picture is turned */
	bool cuttlefish_moved; /* its last message was Cuttlefish's mouseMove */
};

/*
 * devices, rights: borrowed. number: no other client has it, and none that held
 * something before.
 */
void stream_client_init(struct stream_client *c, struct stream_devices *devices,
			const struct stream_rights *rights, uint32_t number);

/*
 * Do what a message says, or release what its heartbeat lacks; each device gets
 * one frame. Hello and text are not for here, and ignored.
 * Return: 0; -EINVAL with the fault: the first action that was not possible.
 */
int stream_client_take(struct stream_client *c, const struct stream_message *m,
		       struct fault *why);

/* Return: the keyboard for a text of the client; NULL: it may use none. */
struct stream_device *stream_client_keyboard(const struct stream_client *c,
					     const struct stream_action *a);

/*
 * Measure the guest's latency with the next frame of each device that the
 * client may use. since: by clock_s(). Return: the longest that was measured
 * since then, in ns; 0: none, as always for one that may only look.
 */
uint64_t stream_client_latency(struct stream_client *c, double since);

/* Let go of everything; the client MAY continue. */
void stream_client_release(struct stream_client *c);
/* The device is about to be freed: hold nothing of it. */
void stream_client_forget(struct stream_client *c,
			  const struct stream_device *d);

#endif
