/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device with injectors that send anything in any pieces, connect, disconnect
 * and are dropped, and a guest that takes what it likes, stops and starts
 * again. Some injectors ask for receipts, for frames that wait, or withdraw
 * them. For the targets about the device. Whatever happened: when all sources
 * are gone, the guest has nothing pressed, and its state is the device's.
 */
#ifndef VINPUT_TESTS_DEVICE_WORLD_H
#define VINPUT_TESTS_DEVICE_WORLD_H

#include <stdbool.h>
#include "input/device/device.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/linux-guest.h"

#define WORLD_SOURCES 4
/* Kinds of event that sources send, declared or not. */
#define WORLD_KINDS 128

struct world {
	struct choices in;
	struct spec spec;
	struct {
		uint16_t type, code;
	} kind[WORLD_KINDS];
	unsigned int n_kinds;
	struct device *dev;
	struct persistent *persistent; /* borrowed; the first n_persistent
					  sources live there */
	unsigned int n_persistent;
	struct {
		struct device_source in;
		bool there, packets;
		bool deaf; /* nothing can be sent to it */
	} src[WORLD_SOURCES];
	bool eager;	   /* pump whenever something was sent */
	bool passes;	   /* ... and device_pass() where it is possible */
	uint64_t sent;	   /* sum of the lengths of all that was sent */
	uint64_t taken;	   /* sum of all events that the guest has taken */
	bool driver;	   /* its eventq runs */
	bool was_driver;   /* it has run in this life of the process */
	uint32_t position; /* of the eventq */
	bool tainted;	   /* the device has a wrong view of the guest */
	size_t starts;	   /* of the driver, in all lives */
	size_t buffers;	   /* made available, not used yet */
	uint64_t held;	   /* events in buffers that are used, not returned */
	uint64_t now_ms;
	struct linux_guest guest;
};

void world_declare(struct spec *spec, uint16_t type, uint16_t code);
void world_declare_axis(struct spec *spec, uint16_t code, int32_t min,
			int32_t max);
/* A device with some of everything. */
void world_spec(struct spec *spec);

/* The spec is set; the device is made. persistent: NULL or open. */
void world_begin(struct world *w, struct persistent *persistent,
		 unsigned int n_persistent);
/* Do something. */
void world_step(struct world *w);
/* The process is killed, and another resumes from the persistent file. */
void world_die(struct world *w);
/* The guest's eventq stops, if it runs. */
void world_stop_driver(struct world *w);
/* All sources disconnect, the guest takes everything; check its state. */
void world_end(struct world *w);

#endif
