/* SPDX-License-Identifier: Apache-2.0 */
/* In place of what sends video, if built with VIDEO=no. There is never a track.
 */
#include <errno.h>

#include "injector/rtc/rtc-media.h"
#include "injector/stream/stream-video.h"

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
		      uint8_t payload_type, uint8_t delay)
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

bool stream_video_exists(void)
{
	return false;
}

int stream_video_init(struct stream_video *v, struct stream_sessions *sessions)
{
	return 0;
}

void stream_video_fini(struct stream_video *v)
{
}

void stream_video_forget(struct stream_video *v, const struct stream_device *d)
{
}

void stream_watcher_init(struct stream_watcher *w, struct stream_video *v,
			 struct rtc_peer *peer,
			 const struct stream_rights *rights)
{
	*w = (struct stream_watcher){ .all = NULL };
}

void stream_watcher_wants_key(struct stream_watcher *w, unsigned int track)
{
}

void stream_watcher_fini(struct stream_watcher *w)
{
}
