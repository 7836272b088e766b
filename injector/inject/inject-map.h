/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The value of --map: which devices of a recording go where, as in
 * "1:touch_0,2:@keyboard,3:./a.inject". Pure.
 */
#ifndef VINPUT_INJECT_MAP_H
#define VINPUT_INJECT_MAP_H

#include <stddef.h>
#include "injector/recording/recording-devices.h"
#include "input/base/fault.h"

struct inject_map {
	size_t n;
	struct {
		unsigned int device; /* of the recording, from 1 */
		const char *to;	     /* an address, in the text */
	} part[RECORDING_DEVICES_MAX];
	char *text; /* owned */
};

/*
 * inject_map_fini() is due whatever the result.
 * Return: 0, -EINVAL or -ENOMEM with the fault.
 */
int inject_map_read(struct inject_map *map, const char *value, struct fault *f);
void inject_map_fini(struct inject_map *map);

#endif
