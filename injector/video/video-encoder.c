/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set up as for a shared screen: little moves, letters have to be legible, and
 * no frame is held back. Key frames come only when asked for.
 */
#include <errno.h>
#include <stdlib.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#include "injector/video/video-encoder.h"

#define HZ	       90000
#define KBITS_MIN      400
#define KBITS_MAX      6000
#define PIXELS_OF_KBIT 500
#define SPEED	       16  /* 0..16, more is faster and worse */
#define QUANTIZER_MAX  40  /* of 63; worse is not legible */
#define STILL	       100 /* blocks that differ less are skipped */
#define DURATION       (HZ / 30)

struct video_codec {
	vpx_codec_ctx_t vpx;
	uint32_t last; /* time of the last frame */
	int64_t shown; /* the same, without an end */
};

static unsigned int encoder_kbits(uint16_t width, uint16_t height)
{
	const unsigned int n = (unsigned int)width * height / PIXELS_OF_KBIT;

	return n < KBITS_MIN ? KBITS_MIN : n > KBITS_MAX ? KBITS_MAX : n;
}

static int encoder_configure(vpx_codec_enc_cfg_t *cfg, uint16_t width,
			     uint16_t height)
{
	if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), cfg, 0))
		return -EINVAL;
	cfg->g_w = width;
	cfg->g_h = height;
	cfg->g_threads = 1;
	cfg->g_timebase = (struct vpx_rational){ 1, HZ };
	cfg->g_lag_in_frames = 0;
	cfg->g_error_resilient = 0;
	cfg->g_pass = VPX_RC_ONE_PASS;
	cfg->rc_end_usage = VPX_CBR;
	cfg->rc_target_bitrate = encoder_kbits(width, height);
	cfg->rc_dropframe_thresh = 0;
	cfg->rc_max_quantizer = QUANTIZER_MAX;
	cfg->kf_mode = VPX_KF_DISABLED;
	return 0;
}

int video_encoder_init(struct video_encoder *e, uint16_t width, uint16_t height)
{
	vpx_codec_enc_cfg_t cfg;
	struct video_codec *c;

	*e = VIDEO_ENCODER_NULL;
	if (encoder_configure(&cfg, width, height))
		return -EINVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	switch (vpx_codec_enc_init(&c->vpx, vpx_codec_vp8_cx(), &cfg, 0)) {
	case VPX_CODEC_OK:
		break;
	case VPX_CODEC_MEM_ERROR:
		free(c);
		return -ENOMEM;
	default:
		free(c);
		return -EINVAL;
	}
	vpx_codec_control(&c->vpx, VP8E_SET_CPUUSED, SPEED);
	vpx_codec_control(&c->vpx, VP8E_SET_STATIC_THRESHOLD, STILL);
	vpx_codec_control(&c->vpx, VP8E_SET_SCREEN_CONTENT_MODE, 1);
	e->codec = c;
	return 0;
}

void video_encoder_fini(struct video_encoder *e)
{
	if (!e->codec)
		return;
	vpx_codec_destroy(&e->codec->vpx);
	free(e->codec);
	*e = VIDEO_ENCODER_NULL;
}

/* libvpx wants times that grow. */
static int64_t encoder_time(struct video_codec *c, uint32_t time)
{
	const uint32_t passed = time - c->last;

	c->last = time;
	c->shown += passed ? passed : 1;
	return c->shown;
}

static int encoder_get(struct video_codec *c, struct video_frame *f)
{
	const vpx_codec_cx_pkt_t *packet;
	vpx_codec_iter_t iter = NULL;

	while ((packet = vpx_codec_get_cx_data(&c->vpx, &iter))) {
		if (packet->kind != VPX_CODEC_CX_FRAME_PKT)
			continue;
		f->data = packet->data.frame.buf;
		f->len = packet->data.frame.sz;
		f->is_key = packet->data.frame.flags & VPX_FRAME_IS_KEY;
		return f->len ? 0 : -EIO;
	}
	return -EIO;
}

int video_encoder_encode(struct video_encoder *e, const struct video_picture *p,
			 struct video_frame *f)
{
	const vpx_enc_frame_flags_t flags = f->is_key ? VPX_EFLAG_FORCE_KF : 0;
	struct video_codec *c = e->codec;
	vpx_image_t image;

	if (!vpx_img_wrap(&image, VPX_IMG_FMT_I420, p->width, p->height, 1,
			  p->y))
		return -EIO;
	/* Without gaps, as video_picture has it also if the width is odd. */
	image.stride[VPX_PLANE_Y] = p->width;
	image.stride[VPX_PLANE_U] = image.stride[VPX_PLANE_V] =
		(p->width + 1) / 2;
	image.planes[VPX_PLANE_U] = p->u;
	image.planes[VPX_PLANE_V] = p->v;
	if (vpx_codec_encode(&c->vpx, &image, encoder_time(c, f->time),
			     DURATION, flags, VPX_DL_REALTIME))
		return -EIO;
	return encoder_get(c, f);
}
