/* SPDX-License-Identifier: Apache-2.0 */
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include "injector/rtc/rtp-vp8.h"
#include "tests/lib/check.h"
#include "tests/lib/video-client.h"

#define OWN_SSRC   0xc11e47
#define BRIGHTNESS 24 /* so far may a pixel be off */

/* --- encryption --- */

/* What rtc_dtls_media_keys() does, from the other side. */
static void client_take_keys(struct video_client *v)
{
	SSL *ssl = v->client->ssl;
	const SRTP_PROTECTION_PROFILE *p = SSL_get_selected_srtp_profile(ssl);
	struct rtc_srtp_keys keys;
	uint8_t all[60];
	size_t salt;

	assert_non_null(p);
	keys.profile = p->id == SRTP_AEAD_AES_128_GCM ? RTC_SRTP_AEAD_AES128
						      : RTC_SRTP_AES128_SHA1_80;
	salt = p->id == SRTP_AEAD_AES_128_GCM ? 12 : 14;
	assert_num(SSL_export_keying_material(ssl, all, 2 * (16 + salt),
					      "EXTRACTOR-dtls_srtp", 19, NULL,
					      0, 0),
		   1);
	memcpy(keys.own, all, 16);
	memcpy(keys.own + 16, all + 32, salt);
	memcpy(keys.theirs, all + 16, 16);
	memcpy(keys.theirs + 16, all + 32 + salt, salt);
	assert_ok(rtc_srtp_start());
	assert_ok(rtc_srtp_init(&v->srtp, &keys));
	v->keyed = true;
}

/* --- frames --- */

static void client_keep_picture(struct video_client *v, const vpx_image_t *i)
{
	struct video_picture *p = &v->picture;
	const size_t half = (i->d_w + 1) / 2;

	if (p->width != i->d_w || p->height != i->d_h) {
		video_picture_fini(p);
		assert_ok(video_picture_init(p, (uint16_t)i->d_w,
					     (uint16_t)i->d_h));
	}
	for (unsigned int y = 0; y < i->d_h; y++)
		memcpy(p->y + (size_t)y * p->width,
		       i->planes[0] + y * i->stride[0], p->width);
	for (unsigned int y = 0; y < (i->d_h + 1) / 2; y++) {
		memcpy(p->u + y * half, i->planes[1] + y * i->stride[1], half);
		memcpy(p->v + y * half, i->planes[2] + y * i->stride[2], half);
	}
}

static void client_decode(struct video_client *v)
{
	vpx_codec_iter_t iter = NULL;
	const vpx_image_t *image;
	const bool is_key = !(v->frame[0] & 1);

	if (!v->decoder) {
		v->decoder = calloc(1, sizeof(*v->decoder));
		assert_ok(vpx_codec_dec_init(v->decoder, vpx_codec_vp8_dx(),
					     NULL, 0));
	}
	if (vpx_codec_decode(v->decoder, v->frame, (unsigned int)v->frame_len,
			     NULL, 0))
		return; /* what it is based on was lost */
	image = vpx_codec_get_frame(v->decoder, &iter);
	if (!image)
		return;
	client_keep_picture(v, image);
	v->n_pictures++;
	v->n_keys += is_key;
}

/* RTP's header, with the extension that is shown at once. */
static bool client_takes_header(const uint8_t *p, size_t len)
{
	return len > RTP_HEADER_LEN + RTP_EXTENSION_LEN + 4 && p[0] == 0x90 &&
	       (p[1] & 0x7f) == RTC_CLIENT_VP8 &&
	       net_get32(p + 12) == 0xbede0001 &&
	       net_get32(p + 16) == (RTC_CLIENT_DELAY << 4 | 2) << 24;
}

/* After the header: the descriptor with its picture ID, and a part of the
 * frame. */
static void client_take_packet(struct video_client *v, const uint8_t *p,
			       size_t len)
{
	const uint8_t *d = p + RTP_HEADER_LEN + RTP_EXTENSION_LEN;
	const size_t part = len - (size_t)(d + 4 - p);
	const bool begins = d[0] & 0x10, ends = p[1] & 0x80;
	const uint16_t sequence = net_get16(p + 2);

	if (!client_takes_header(p, len) || (d[0] & ~0x10) != 0x80 ||
	    d[1] != 0x80 || !(d[2] & 0x80)) {
		v->n_wrong++;
		return;
	}
	if (v->ssrc && net_get32(p + 8) != v->ssrc)
		return;
	if (v->n_packets && (int16_t)(sequence - v->sequence) <= 0) {
		v->n_repeated++;
		return;
	}
	if (begins) {
		v->frame_len = 0;
		v->whole = true;
	} else if (v->n_packets && sequence != (uint16_t)(v->sequence + 1)) {
		v->whole = false;
	}
	v->n_packets++;
	v->sequence = sequence;
	v->time = net_get32(p + 4);
	v->ssrc = net_get32(p + 8);
	v->picture_id = net_get16(d + 2) & 0x7fff;
	assert_true(v->frame_len + part <= sizeof(v->frame));
	memcpy(v->frame + v->frame_len, d + 4, part);
	v->frame_len += part;
	if (ends && v->whole)
		client_decode(v);
}

static void client_on_media(struct rtc_client *c, struct rtc_bytes datagram)
{
	struct video_client *v = c->user;
	uint8_t packet[2048];
	int len = (int)datagram.len;

	if (!v->keyed)
		client_take_keys(v);
	memcpy(packet, datagram.at, datagram.len);
	if (packet[1] >= 192 && packet[1] <= 223) {
		assert_ok(srtp_unprotect_rtcp(v->srtp.in, packet, &len));
		memcpy(v->report, packet, (size_t)len);
		v->report_len = (size_t)len;
		v->n_reports++;
		return;
	}
	if (v->lose) {
		v->lose--;
		v->lost = net_get16(packet + 2);
		return;
	}
	/* libsrtp2 takes no packet twice. */
	switch (srtp_unprotect(v->srtp.in, packet, &len)) {
	case srtp_err_status_ok:
		client_take_packet(v, packet, (size_t)len);
		break;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
		v->n_repeated++;
		break;
	default:
		v->n_wrong++;
	}
}

void video_client_expect(struct video_client *v)
{
	const unsigned int n = v->n_pictures;

	assert_soon(v->client->loop, v->n_pictures > n);
	assert_num(v->n_wrong, 0);
}

bool video_client_is(const struct video_client *v, int x, int y, int bright)
{
	const int is = v->picture.y[y * v->picture.width + x];

	return abs(is - bright) <= BRIGHTNESS;
}

/* --- feedback --- */

void video_client_send(struct video_client *v, const uint8_t *rtcp, size_t len,
		       bool broken)
{
	uint8_t packet[256 + RTC_SRTP_ROOM];

	assert_true(len <= 256);
	memcpy(packet, rtcp, len);
	len = rtc_srtp_protect_report(&v->srtp, packet, len);
	assert_true(len);
	packet[len - 1] ^= broken;
	(void)!send(v->client->fd, packet, len, 0);
}

static void client_put_head(const struct video_client *v, uint8_t *out,
			    uint8_t format, uint8_t type, size_t len)
{
	memset(out, 0, len);
	out[0] = 0x80 | format;
	out[1] = type;
	net_put16(out + 2, (uint16_t)(len / 4 - 1));
	net_put32(out + 4, OWN_SSRC);
	net_put32(out + 8, v->ssrc);
}

void video_client_ask_key(struct video_client *v)
{
	uint8_t pli[12];

	client_put_head(v, pli, 1, 206, sizeof(pli));
	video_client_send(v, pli, sizeof(pli), false);
}

void video_client_ask_full(struct video_client *v)
{
	uint8_t fir[20];

	client_put_head(v, fir, 4, 206, sizeof(fir));
	net_put32(fir + 8, 0);
	net_put32(fir + 12, v->ssrc);
	video_client_send(v, fir, sizeof(fir), false);
}

void video_client_ask_lost(struct video_client *v, uint16_t sequence)
{
	uint8_t nack[16];

	client_put_head(v, nack, 1, 205, sizeof(nack));
	net_put16(nack + 12, sequence);
	video_client_send(v, nack, sizeof(nack), false);
}

/* --- life --- */

void video_client_init(struct video_client *v, struct rtc_client *client)
{
	v->client = client;
	client->user = v;
	client->on_media = client_on_media;
	if (!client->n_videos)
		client->n_videos = 1;
}

void video_client_fini(struct video_client *v)
{
	if (v->decoder) {
		vpx_codec_destroy(v->decoder);
		free(v->decoder);
		v->decoder = NULL;
	}
	video_picture_fini(&v->picture);
	rtc_srtp_fini(&v->srtp);
	v->keyed = false;
}
