/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pictures of the displays that a guest seems to have: each touchscreen is
 * on one. A pixel is a unit of the touchscreen, unless that has too many of
 * them, or something else is shown (stream_device_set_picture()). Pure.
 */
#ifndef VINPUT_STREAM_DISPLAY_H
#define VINPUT_STREAM_DISPLAY_H

#include "injector/stream/stream-device.h"

/* At most: those of the largest phones, so that these are shown as they are. */
#define STREAM_DISPLAY_PIXELS (1440.0 * 3200)
#define STREAM_DISPLAY_SIDE   4096.0

struct stream_display {
	char id[16]; /* "display_0" */
	uint16_t width, height;
};

/* Return: false: the device is on no display, or its size is not known. */
bool stream_display_of(const struct stream_device *d,
		       struct stream_display *out);

/*
 * Between pixels and the device's units; both may be outside. A touchpad, which
 * is on no display, has as many pixels as units.
 */
void stream_display_to_units(const struct stream_device *d,
			     const double pixel[2], int32_t at[2]);
void stream_display_to_pixels(const struct stream_device *d,
			      const int32_t at[2], int32_t pixel[2]);

#endif
