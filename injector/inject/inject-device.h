/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of a run: libvinject's handle, at a server or, without one, at a
 * socketpair from whose other end the frames are taken back.
 */
#ifndef VINPUT_INJECT_DEVICE_H
#define VINPUT_INJECT_DEVICE_H

#include <stdbool.h>
#include "injector/inject/inject-receipt.h"
#include "injector/libvinject/vinject.h"
#include "input/base/fault.h"

struct inject_device {
	char *name; /* address or label, owned; can be "" without a server */
	struct vinject *v;
	int other_end; /* of the socketpair; -1: a server's */
	bool leds_known;
	struct inject_receipt receipt;
};

/* Where devices are, and how long to wait for them. */
struct inject_place {
	const char *dir; /* borrowed: with labels; NULL: the default */
	int wait_ms;	 /* for a device to exist */
};

/*
 * Open a device at a server, or without one. rules: borrowed.
 * inject_device_close() is due only after success.
 * Return: 0, or a negative errno with the fault.
 */
int inject_device_open(struct inject_device *d, const char *name,
		       const struct inject_place *place,
		       const struct inject_rules *rules, struct fault *f);
int inject_device_open_pair(struct inject_device *d, const char *name,
			    struct fault *f);
/* The device releases what is held. */
void inject_device_close(struct inject_device *d);

/* Return: r of libvinject if it is not negative, else r with the fault. */
int inject_device_check(const struct inject_device *d, int r, struct fault *f);

#endif
