/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dumps of what an evdev node is read as, struct input_event, little-endian:
 * of 64-bit systems and of 32-bit ones. Pure.
 */
#ifndef VINPUT_RECORDING_RAW_H
#define VINPUT_RECORDING_RAW_H

#include <stddef.h>
#include "injector/recording/recording.h"

/* Return: the size of the events in a dump, 24 or 16; 0: it is none. */
size_t recording_raw_size(const void *dump, size_t len);

/*
 * size: of the events. The "lines" of the recording are the events' numbers.
 * Return: 0, -EINVAL with the fault, -ENOMEM.
 */
int recording_raw_read(struct recording *rec, const void *dump, size_t len,
		       size_t size, struct recording_fault *f);

#endif
