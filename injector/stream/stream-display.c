/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "injector/stream/stream-display.h"

/* Return: pixels of a unit, at most 1. */
static double display_scale(const struct stream_device *d)
{
	struct stream_size size;
	double width, height;

	if (d->display < 0 || !stream_device_size(d, &size))
		return 1;
	width = size.width;
	height = size.height;
	return fmin(fmin(1, sqrt(STREAM_DISPLAY_PIXELS / (width * height))),
		    STREAM_DISPLAY_SIDE / fmax(width, height));
}

static uint16_t display_pixels(int64_t units, double scale)
{
	return (uint16_t)fmax(1, rint((double)units * scale));
}

bool stream_display_of(const struct stream_device *d,
		       struct stream_display *out)
{
	const double scale = display_scale(d);
	struct stream_size size;

	if (d->display < 0 || !stream_device_size(d, &size))
		return false;
	snprintf(out->id, sizeof(out->id), "display_%d", d->display);
	out->width = display_pixels(size.width, scale);
	out->height = display_pixels(size.height, scale);
	return true;
}

/* Pixels of a unit, of the picture that is shown. */
static void display_scales(const struct stream_device *d, double scale[2])
{
	struct stream_size size;

	scale[0] = scale[1] = display_scale(d);
	if (!d->picture_width || !stream_device_size(d, &size))
		return;
	scale[0] = (double)d->picture_width / size.width;
	scale[1] = (double)d->picture_height / size.height;
}

/* Where an axis begins. */
static int32_t display_min(const struct stream_device *d, uint16_t mt,
			   uint16_t code)
{
	const uint16_t axis = stream_device_scales(d, mt) ? mt : code;

	return stream_device_scales(d, axis) ? d->spec.abs[axis].min : 0;
}

void stream_display_to_units(const struct stream_device *d,
			     const double pixel[2], int32_t at[2])
{
	double scale[2];

	display_scales(d, scale);
	at[0] = (int32_t)(display_min(d, ABS_MT_POSITION_X, ABS_X) +
			  trunc(pixel[0] / scale[0]));
	at[1] = (int32_t)(display_min(d, ABS_MT_POSITION_Y, ABS_Y) +
			  trunc(pixel[1] / scale[1]));
}

void stream_display_to_pixels(const struct stream_device *d,
			      const int32_t at[2], int32_t pixel[2])
{
	double scale[2];

	display_scales(d, scale);
	pixel[0] = (int32_t)(((double)at[0] -
			      display_min(d, ABS_MT_POSITION_X, ABS_X)) *
			     scale[0]);
	pixel[1] = (int32_t)(((double)at[1] -
			      display_min(d, ABS_MT_POSITION_Y, ABS_Y)) *
			     scale[1]);
}
