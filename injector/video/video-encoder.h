/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures to frames of VP8, by libvpx, which only video-encoder.c uses. It
 * starts no threads. One thread at a time may use an encoder, which one does
 * not matter.
 */
#ifndef VINPUT_VIDEO_ENCODER_H
#define VINPUT_VIDEO_ENCODER_H

#include <stddef.h>

#include "injector/video/video-picture.h"

struct video_codec;

struct video_encoder {
	struct video_codec *codec; /* NULL: not open */
};

#define VIDEO_ENCODER_NULL ((struct video_encoder){ NULL })

struct video_frame {
	const uint8_t *data; /* of the encoder, until its next call */
	size_t len;	     /* never 0 */
	uint32_t time;	     /* as given */
	bool is_key;	     /* it can be shown without others */
};

/* Return: 0; -ENOMEM; -EINVAL: libvpx does not want pictures of this size. */
int video_encoder_init(struct video_encoder *e, uint16_t width,
		       uint16_t height);
void video_encoder_fini(struct video_encoder *e); /* idempotent */

/*
 * p: of the encoder's size. f->time: when it is shown, in 1/90000 s, later than
 * the last; f->is_key: whether it has to be a key frame.
 * Return: 0 with the frame; -EIO.
 */
int video_encoder_encode(struct video_encoder *e, const struct video_picture *p,
			 struct video_frame *f);

#endif
