/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-stream(1) carries the input of browsers to the devices of a guest.
 *
 *	browser					      devices
 *	  │ HTTP, WebSocket, data channel		▲
 *	  ▼						│ libvinject
 *	web-server ► web-socket ► stream-session ► stream-client ► stream-hold
 *	rtc	   ► stream-peer ─┘ stream-message   actions	   stream-device
 *
 *	web-listen, web-origin, web-grant, web-limit, stream-rights
 *			who may connect, and what for
 *	web-page, web-reply, web-request, web-frames
 *			what is served, and to whom
 *	web-cuttlefish, web-files, cf-*
 *			Cuttlefish's web client: its files, its operator's
 *			paths, its signalling; cf-client: one of them, by
 *			WebSocket (cf-socket) or polling (cf-polled)
 *	rtc		WebRTC; stream-peer: one data channel of a session
 *	stream-session	clients, whatever carries their messages: heartbeat,
 *			rate, errors
 *	stream-message	a message to actions; pure
 *	stream-client	actions of one client to frames; stream-target: of
 *			which device; stream-hold: what it holds
 *	stream-typist	text to keys of the guest's layout; stream-layouts:
 *			which there are
 *	stream-links	the devices' connections in the loop
 *	stream-launcher	which devices a launcher has, and what they are
 *	stream-describe	the devices, for clients; stream-stats: the counters
 *	web-display	the picture of a VNC server, for a browser; through
 *			rfb-filter, which lets only looking pass, and
 *			display-relay; display-server: the connection to it
 *	stream-video	pictures of displays, for those who take video, each a
 *			stream-screen: a test card (video-card), or what a VNC
 *			server shows (stream-vnc, display-screen), as VP8
 *
 * One loop, in one thread; another one encodes video. Nothing waits: what a
 * guest does not take, libvinject folds; a browser that does not read is
 * disconnected.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injector/display/display-password.h"
#include "injector/display/display-wake.h"
#include "injector/rtc/rtc.h"
#include "injector/stream/stream-launcher.h"
#include "injector/stream/stream-links.h"
#include "injector/stream/stream-options.h"
#include "injector/stream/stream-session.h"
#include "injector/stream/stream-stats.h"
#include "injector/stream/stream-video.h"
#include "injector/stream/web-grant.h"
#include "injector/stream/web-server.h"
#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/base/notify.h"

/* Besides EXIT_SUCCESS and EXIT_FAILURE. */
#define EXIT_USAGE 2

#define TOKEN_FILE_MAX 65536
#define PEERS_MAX      64 /* of WebRTC */

static struct streamer {
	struct ev_loop *loop;
	struct stream_devices devices;
	struct stream_counters counters;
	struct stream_sessions sessions;
	struct stream_links links;
	struct stream_launcher launcher;
	bool has_launcher;
	struct web_grants grants;
	struct displays displays;
	struct display_wake wakes[DISPLAYS_MAX];
	struct stream_video video;
	struct web_server web;
	struct stream_stats stats;
	struct notify notify;
	ev_signal signal[3];
} streamer = {
	.web = { .fd = -1 },
	.notify = NOTIFY_NULL,
};

static void complain(const char *text)
{
	log_line(LOG_ERROR, CULPRIT_NONE, "%s", text);
}

/* --- setting up --- */

static int read_tokens(struct web_grants *grants, const char *path,
		       struct fault *why)
{
	static char text[TOKEN_FILE_MAX];
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	struct fault what;
	int r;

	if (n < 0)
		return fault_errno(why, -errno, "--token-file=%s: %s", path,
				   strerror(errno));
	text[n] = '\0';
	r = web_grants_read(grants, text, &what);
	return r ? fault_errno(why, r, "--token-file=%s: %.300s", path,
			       what.text)
		 : 0;
}

static int set_up_grants(struct streamer *s, const struct stream_options *o,
			 struct fault *why)
{
	int r;

	if (o->token_file)
		return read_tokens(&s->grants, o->token_file, why);
	r = web_grants_make(&s->grants);
	return r ? fault_errno(why, r, "no random numbers: %s", strerror(-r))
		 : 0;
}

static int set_up_displays(struct streamer *s, const struct stream_options *o,
			   struct fault *why)
{
	struct fault what;
	int r;

	s->displays = o->displays;
	for (size_t i = 0; i < s->displays.n; i++)
		s->displays.at[i].wake = &s->wakes[i];
	for (size_t i = 0; i < o->n_passwords; i++) {
		r = display_password_add(&s->displays, o->password[i], &what);
		if (r)
			return fault_errno(why, r,
					   "--display-password=%s: %.300s",
					   o->password[i], what.text);
	}
	return 0;
}

static int set_up_devices(struct streamer *s, const struct stream_options *o,
			  struct fault *why)
{
	int r;

	for (size_t i = 0; i < o->n_fds; i++) {
		r = stream_links_add_fd(&s->links, o->fd[i].label, o->fd[i].fd,
					why);
		if (r)
			return r;
	}
	if (!o->dir)
		return 0;
	s->has_launcher = true;
	stream_launcher_init(&s->launcher, s->loop, &s->links, o->dir);
	if (o->passed)
		stream_launcher_use_passed(&s->launcher);
	return 0;
}

static int set_up_rtc(struct streamer *s, const struct stream_options *o,
		      struct fault *why)
{
	struct rtc_config config = { .loop = s->loop,
				     .port = o->rtc_port,
				     .max_peers = PEERS_MAX,
				     .connect_ms = RTC_CONNECT_MS,
				     .consent_ms = RTC_CONSENT_MS };
	int r;

	if (!o->n_rtc)
		return 0;
	memcpy(config.address, o->rtc_address, sizeof(config.address));
	s->sessions.has_rtc = true;
	r = rtc_new(&s->web.sockets.rtc, &config, why);
	s->web.cuttlefish.clients.rtc = s->web.sockets.rtc;
	if (!r)
		s->stats.rtc = rtc_counters(s->web.sockets.rtc);
	return r;
}

static void start_threads(void *arg)
{
	struct streamer *s = arg;
	int r;

	if (!s->web.sockets.rtc)
		return;
	rtc_start(s->web.sockets.rtc);
	r = stream_video_init(&s->video, &s->sessions);
	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "no video: cannot start a thread: %s", strerror(-r));
	else
		s->sessions.video = &s->video;
}

/* All is open, and nothing of a browser's has been read. */
static int confine(struct streamer *s, const struct stream_options *o)
{
	struct sandbox sandbox = o->sandbox;

	sandbox.start_threads = start_threads;
	sandbox.arg = s;
	sandbox.calls = SANDBOX_INJECTS | SANDBOX_BROWSERS;
	sandbox.paths = (struct sandbox_paths){ .removed = { o->stats_path },
						.listed = { o->dir } };
	sandbox.paths.folders[0] = s->sessions.typist.layouts.folder;
	for (size_t i = 0; i < o->displays.n; i++) {
		const uint16_t port = display_address_port(&o->displays.at[i]);

		sandbox.paths.ports[i] = port;
		sandbox.calls |= port ? SANDBOX_TCP : 0;
	}
	return sandbox_enter(&sandbox);
}

static void on_signal(struct ev_loop *loop, ev_signal *sig, int events)
{
	ev_break(loop, EVBREAK_ALL);
}

static void watch_signals(struct streamer *s)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		ev_signal_init(&s->signal[i], on_signal, numbers[i]);
		ev_signal_start(s->loop, &s->signal[i]);
	}
}

/* Return: 0, or a negative errno with the fault. */
static int set_up(struct streamer *s, const struct stream_options *o,
		  struct fault *why)
{
	int r;

	stream_sessions_init(&s->sessions, s->loop, &s->devices, &s->counters,
			     &o->layout);
	stream_links_init(&s->links, s->loop, &s->devices, &s->sessions);
	s->web.loop = s->loop;
	s->sessions.displays = &s->displays;
	s->web.sockets.sessions = &s->sessions;
	s->web.displays =
		(struct web_displays){ s->loop, &s->displays, &s->counters };
	s->web.cuttlefish.clients.sessions = &s->sessions;
	s->web.grants = &s->grants;
	s->web.counters = &s->counters;
	/* From a file, later not. */
	json_object_seed(0);
	s->stats.counters = &s->counters;
	s->stats.devices = &s->devices;
	watch_signals(s);
	r = stream_stats_open(&s->stats, s->loop, o->stats_path, why);
	if (!r)
		r = set_up_grants(s, o, why);
	if (!r)
		r = set_up_displays(s, o, why);
	if (!r)
		r = stream_layouts_load(&s->sessions.typist.layouts, why);
	if (!r)
		r = set_up_devices(s, o, why);
	if (!r)
		r = set_up_rtc(s, o, why);
	if (!r)
		r = web_server_open(&s->web, &o->web, why);
	return r;
}

/* Clients go first: what they hold is released. */
static void tear_down(struct streamer *s)
{
	web_server_close(&s->web);
	rtc_free(s->web.sockets.rtc);
	stream_video_fini(&s->video);
	if (s->has_launcher)
		stream_launcher_fini(&s->launcher);
	stream_links_fini(&s->links);
	stream_sessions_fini(&s->sessions);
	displays_fini(&s->displays);
	stream_stats_close(&s->stats);
	notify_close(&s->notify);
	for (int i = 0; i < 3; i++)
		ev_signal_stop(s->loop, &s->signal[i]);
}

/* --- running --- */

static int print_urls(const struct streamer *s)
{
	char url[WEB_URL_SIZE];

	for (size_t i = 0; i < s->grants.n; i++) {
		web_server_url(&s->web, "/", s->grants.at[i].token, url);
		puts(url);
	}
	for (size_t i = 0; i < s->grants.n && s->web.cuttlefish.files.n; i++) {
		web_server_url(&s->web, CF_PAGE, s->grants.at[i].token, url);
		puts(url);
	}
	return fflush(stdout);
}

static int serve(struct streamer *s, const struct stream_options *o)
{
	int r;

	notify_open(&s->notify, o->ready_fd);
	if (confine(s, o))
		return EXIT_FAILURE;
	if (print_urls(s)) {
		complain("cannot print the URL");
		return EXIT_FAILURE;
	}
	r = notify_ready(&s->notify);
	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST, "--ready-fd=%d: %s",
			 o->ready_fd, strerror(-r));
	ev_run(s->loop, 0);
	notify_stopping(&s->notify);
	return EXIT_SUCCESS;
}

static int run(const struct stream_options *o)
{
	struct streamer *s = &streamer;
	const char *no_loop;
	struct fault why;
	int status = EXIT_FAILURE;

	s->loop = loop_of_process(&no_loop);
	if (!s->loop) {
		complain(no_loop);
		return EXIT_FAILURE;
	}
	if (set_up(s, o, &why))
		complain(why.text);
	else
		status = serve(s, o);
	tear_down(s);
	return status;
}

static int run_mode(const struct stream_options *o)
{
	switch (o->mode) {
	case STREAM_HELP:
		stream_options_help();
		return EXIT_SUCCESS;
	case STREAM_VERSION_ONLY:
		puts("vinput-stream " VERSION);
		return EXIT_SUCCESS;
	case STREAM_RUN:
		break;
	}
	return run(o);
}

int main(int argc, char **argv)
{
	/* Without one, stdio asks a device for its kind, in the sandbox. */
	static char buffer[BUFSIZ];
	struct stream_options o;
	char why[256];
	int status;

	fd_fill_standard();
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	log_open();
	if (stream_options_parse(&o, argc, argv, why)) {
		complain(why);
		return EXIT_USAGE;
	}
	log_set_level(o.log_level);
	status = run_mode(&o);
	if (fflush(stdout) == EOF && !status)
		status = EXIT_FAILURE;
	log_close();
	return status;
}
