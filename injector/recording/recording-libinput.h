/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of "libinput record". Pure. */
#ifndef VINPUT_RECORDING_LIBINPUT_H
#define VINPUT_RECORDING_LIBINPUT_H

#include <stddef.h>
#include "injector/recording/recording-devices.h"
#include "injector/recording/recording.h"

/*
 * f->line: how many lines are before the text.
 * Return: 0, -EINVAL with the fault, -ENOMEM.
 */
int recording_libinput_read(struct recording *rec, const char *text, size_t len,
			    struct recording_devices *devices,
			    struct recording_fault *f);

#endif
