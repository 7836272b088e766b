/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "input/base/loop.h"
#include "tests/lib/check.h"
#include "tests/lib/usage.h"
#include "tests/lib/video-rig.h"

void video_rig_init(struct video_rig *w)
{
	void *launch, *stream;
	const char *why;

	w->loop = loop_new(&why);
	assert_non_null(w->loop);
	launch_setup(&launch);
	stream_setup(&stream);
	w->launch = launch;
	w->t = stream;
	process_arg(&w->t->p, "--rtc-address=127.0.0.1");
	usage_allow(&w->t->p);
}

void video_rig_leave(struct video_rig *w)
{
	web_client_close(&w->t->client[0]);
	video_client_fini(&w->video);
	if (w->prepared)
		rtc_client_fini(&w->peer);
	w->prepared = false;
	memset(&w->peer, 0, sizeof(w->peer));
	memset(&w->video, 0, sizeof(w->video));
}

int video_rig_fini(struct video_rig *w)
{
	void *launch = w->launch, *stream = w->t;
	int r;

	video_rig_leave(w);
	r = stream_teardown(&stream);
	ev_loop_destroy(w->loop);
	return launch_teardown(&launch) | r;
}

void video_rig_start(struct video_rig *w, unsigned int n_devices)
{
	launch_start(w->launch);
	process_arg(&w->t->p, "--dir=%s", w->launch->place);
	stream_start(w->t);
	stream_wait_counter(w->t, "devices", n_devices);
}

/* Which of the streams in an answer it looks at. */
static void rig_find_stream(struct video_rig *w, const char *answer,
			    const char *id)
{
	unsigned int ssrc;
	char name[32];

	for (; (answer = strstr(answer, "a=ssrc:")); answer++)
		if (sscanf(answer, "a=ssrc:%u msid:%31s", &ssrc, name) == 2 &&
		    !strcmp(name, id))
			w->video.ssrc = ssrc;
}

void video_rig_watch(struct video_rig *w, const char *url, unsigned int n,
		     const char *id)
{
	struct web_client *c = &w->t->client[0];

	web_client_start(c, url);
	w->peer.n_videos = n;
	video_client_init(&w->video, &w->peer);
	w->prepared = true;
	rtc_web_connect(c, &w->peer, w->loop);
	rig_find_stream(w, c->message, id);
	assert_soon(w->loop, w->peer.up);
}
