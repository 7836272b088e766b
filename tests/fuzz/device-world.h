/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device with injectors that send anything in any pieces, come, go and are
 * dropped, and a guest that takes what it likes, stops and starts again. For
 * the targets that are about the device. Whatever happened, in the end, with
 * all sources gone, the guest has nothing pressed and knows what is true.
 */
#ifndef VINPUT_TESTS_DEVICE_WORLD_H
#define VINPUT_TESTS_DEVICE_WORLD_H

#include <stdbool.h>
#include "tests/fuzz/fuzz.h"
#include "input/device/device.h"
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
	} src[WORLD_SOURCES];
	bool driver;	 /* its eventq runs */
	bool was_driver; /* it has run in this life of the process */
	bool tainted;	 /* what the device was told of the guest is not true */
	size_t starts;	 /* of the driver, in all lives */
	size_t buffers;	 /* that the guest has posted */
	struct linux_guest guest;
};

void world_declare(struct spec *spec, uint16_t type, uint16_t code);
void world_declare_axis(struct spec *spec, uint16_t code, int32_t min,
			int32_t max);
/* A device with some of everything. */
void world_spec(struct spec *spec);

/* The spec is there; the device is made. persistent: NULL or open. */
void world_begin(struct world *w, struct persistent *persistent,
		 unsigned int n_persistent);
/* Something happens. */
void world_step(struct world *w);
/* The process is killed, and another resumes from the persistent file. */
void world_die(struct world *w);
/* The guest's eventq stops, if it runs. */
void world_stop_driver(struct world *w);
/* All leave, the guest takes all; check what it believes then. */
void world_end(struct world *w);

#endif
