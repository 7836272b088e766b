/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Cuttlefish's web client learns of the guest, as JSON. Its own streamer
 * takes it from the configuration of a Cuttlefish; here it is what the devices
 * are.
 */
#ifndef VINPUT_CF_DESCRIBE_H
#define VINPUT_CF_DESCRIBE_H

#include <jansson.h>

#include "injector/stream/stream-device.h"
#include "injector/stream/stream-rights.h"

/* Return, all: an object or array; NULL: no memory. */

/* device_info: of the devices that these rights are about. */
json_t *cf_describe_info(const struct stream_devices *devices,
			 const struct stream_rights *rights);
/* The one device of the operator's list. */
json_t *cf_describe_device(void);
/* Which servers of others to use for WebRTC: none. */
json_t *cf_describe_config(void);

#endif
