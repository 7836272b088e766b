/* SPDX-License-Identifier: Apache-2.0 */
/* The ranges of the device that a recording was made of. Pure. */
#ifndef VINPUT_RECORDING_DESCRIBE_H
#define VINPUT_RECORDING_DESCRIBE_H

#include <stddef.h>
#include "injector/recording/recording-fit.h"
#include "injector/recording/recording.h"

/*
 * Read the text's description of its device; no range is known if there is
 * none. device: as of recording_read(). Return: 0, -EINVAL with the fault.
 */
int recording_describe(struct recording_device *dev, const char *text,
		       size_t len, unsigned int device,
		       struct recording_fault *f);

#endif
