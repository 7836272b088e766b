/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-stream with the devices of a launcher, and a client that takes video
 * of it. Tests give both programs arguments before video_rig_start().
 */
#ifndef VINPUT_TESTS_VIDEO_RIG_H
#define VINPUT_TESTS_VIDEO_RIG_H

#include "tests/lib/launch.h"
#include "tests/lib/rtc-web.h"
#include "tests/lib/stream-test.h"
#include "tests/lib/video-client.h"

struct video_rig {
	struct launch_test *launch;
	struct stream_test *t;
	struct ev_loop *loop;
	struct rtc_client peer;
	bool prepared; /* the peer */
	struct video_client video;
};

/* w: filled with zeros. */
void video_rig_init(struct video_rig *w);
/* Return: as stream_teardown() and launch_teardown(). */
int video_rig_fini(struct video_rig *w);

/* Start both, and wait for so many devices. */
void video_rig_start(struct video_rig *w, unsigned int n_devices);
/* A client of this URL that takes n pictures, and looks at one. */
void video_rig_watch(struct video_rig *w, const char *url, unsigned int n,
		     const char *id);
/* The browser is gone, without a word. Idempotent. */
void video_rig_leave(struct video_rig *w);

#endif
