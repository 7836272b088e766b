/* SPDX-License-Identifier: Apache-2.0 */
/* In place of what sends video, if built with VIDEO=no. There is never a track.
 */
#include <errno.h>

#include "injector/stream/rtc-media.h"

int rtc_media_prepare(void)
{
	return 0;
}

int rtc_media_add(struct rtc_media *m, const char *id)
{
	return -ENOTSUP;
}

const char *rtc_media_id(const struct rtc_media *m, unsigned int track)
{
	return "";
}

uint32_t rtc_media_ssrc(const struct rtc_media *m, unsigned int track)
{
	return 0;
}

void rtc_media_accept(struct rtc_media *m, unsigned int track,
		      uint8_t payload_type)
{
}

void rtc_media_start(struct rtc_media *m, const struct rtc_srtp_keys *keys)
{
}

void rtc_media_input(struct rtc_media *m, struct rtc_bytes datagram)
{
	m->counters->media_rejected++;
}

int rtc_media_send(struct rtc_media *m, unsigned int track,
		   const struct rtc_frame *f)
{
	return -ENOTCONN;
}

void rtc_media_fini(struct rtc_media *m)
{
}
