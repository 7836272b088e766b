/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device with a persistent file, in which its only source is, and whose
 * process can die. The guest sees what was put once it is published, and the
 * eventq's position then.
 */
#ifndef VINPUT_TESTS_KEPT_DEVICE_H
#define VINPUT_TESTS_KEPT_DEVICE_H

#include "tests/lib/guest-sink.h"

struct kept_device {
	struct spec spec;
	struct persistent_head *file; /* the caller's */
	struct persistent *persistent;
	struct device *dev;
	struct device_source src;
	struct guest_sink sink;
	uint32_t eventq; /* its position, as the guest sees it */
};

/* The next process, without a driver. */
void kept_device_begin(struct kept_device *k);
void kept_device_end(struct kept_device *k);
/* What was put is the guest's: forget it. */
void kept_device_publish(struct kept_device *k);

#endif
