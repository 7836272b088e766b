/* SPDX-License-Identifier: Apache-2.0 */
/* What clients are sent of the devices and displays, as JSON. */
#ifndef VINPUT_STREAM_DESCRIBE_H
#define VINPUT_STREAM_DESCRIBE_H

#include <jansson.h>

#include "injector/display/display-address.h"
#include "injector/stream/stream-device.h"
#include "injector/stream/stream-rights.h"

/* Return: an array of the devices that these rights are about; NULL. */
json_t *stream_describe(const struct stream_devices *devices,
			const struct stream_rights *rights);

/* Those that a client with these rights may see. Return: an array. */
json_t *stream_describe_displays(const struct displays *displays,
				 const struct stream_rights *rights);

#endif
