/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which device an action is for: the one that it names, or the usual one, which
 * is the first that has what the action needs.
 */
#ifndef VINPUT_STREAM_TARGET_H
#define VINPUT_STREAM_TARGET_H

#include "injector/stream/stream-action.h"
#include "injector/stream/stream-device.h"
#include "injector/stream/stream-rights.h"

/* Return: a device that the client may use; NULL: there is none. */
struct stream_device *stream_target(const struct stream_devices *devices,
				    const struct stream_rights *rights,
				    const struct stream_action *a);

#endif
