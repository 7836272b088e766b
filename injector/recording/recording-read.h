/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a recording of any form; recording.h shows them. Pure. */
#ifndef VINPUT_RECORDING_READ_H
#define VINPUT_RECORDING_READ_H

#include <stddef.h>
#include "injector/recording/recording.h"

/*
 * device: which of several devices, from 1; 0: there must be one only. The
 * last event is a SYN_REPORT. recording_fini() is due whatever the result.
 * Return: 0, -EINVAL with the fault, -ENOMEM.
 */
int recording_read(struct recording *rec, const char *text, size_t len,
		   unsigned int device, struct recording_fault *f);

#endif
