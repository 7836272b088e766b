/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream-client.h with stream-message.h before it and libvinject behind it: two
 * clients, a and b, and the devices of a launcher, whose ends are sockets of
 * the test. A script is lines of a client's letter and its message in ours;
 * capital letters: in the JSON of Cuttlefish's input-channel; "a bye": the
 * client is gone. What arrives is "LABEL: events" for each frame.
 */
#ifndef VINPUT_TESTS_STREAM_WORLD_H
#define VINPUT_TESTS_STREAM_WORLD_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/stream/stream-client.h"
#include "injector/stream/stream-message.h"
#include "input/spec/spec-file.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"

#define CLIENTS 2

static const struct kind {
	const char *label, *spec;
} kinds[] = {
	{ "keyboard", "keyboard" },
	{ "mouse", "mouse" },
	{ "touch_0", "multi-touchscreen" },
	{ "tablet", "tablet" },
	{ "pen", "pen" },
	{ "gamepad", "gamepad" },
	{ "rotary", "rotary" },
	{ "switches", "switches" },
	{ "gamepad_1", "gamepad" },
	{ "media_remote", "media-remote" },
};

static struct world {
	struct stream_devices devices;
	struct stream_rights rights;
	struct stream_client client[CLIENTS];
	int end[STREAM_DEVICES_MAX]; /* the devices' */
	char seen[8192];
	size_t n_seen;
	struct fault why; /* of the last message that was rejected */
	int rejected;
} w;

static inline void add_device(const struct kind *kind)
{
	static const struct spec_set sets[] = { { "WIDTH", "1081" },
						{ "HEIGHT", "2401" } };
	char path[64];
	struct spec spec;
	struct stream_device *d;
	int pair[2];

	snprintf(path, sizeof(path), "specs/%s.json", kind->spec);
	assert_ok(spec_file_load(&spec, path, sets,
				 strstr(path, "touch") || strstr(path, "pen")
					 ? ARRAY_LEN(sets)
					 : 0));
	d = stream_device_new(&w.devices, kind->label, &spec);
	assert_non_null(d);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	assert_ok(vinject_open_fd(d->v, pair[0]));
	assert_sys(fcntl(pair[1], F_SETFL, O_NONBLOCK));
	w.end[d->number] = pair[1];
}

static inline int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		add_device(&kinds[i]);
	for (uint32_t i = 0; i < CLIENTS; i++)
		stream_client_init(&w.client[i], &w.devices, &w.rights, i + 1);
	return 0;
}

static inline int teardown(void **state)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (w.devices.at[i]) {
			stream_device_free(&w.devices, w.devices.at[i]);
			close(w.end[i]);
		}
	return 0;
}

/* Note the frames of a device. */
static inline void look_at(const struct stream_device *d)
{
	struct vi_event ev[512];
	const ssize_t len = read(w.end[d->number], ev, sizeof(ev));
	const size_t n = len > 0 ? (size_t)len / sizeof(*ev) : 0;
	size_t start = 0;

	for (size_t i = 0; i < n; i++) {
		char *text;

		if (!vi_is_syn_report(&ev[i]))
			continue;
		text = event_text_write(ev + start, i - start);
		w.n_seen += (size_t)snprintf(
			w.seen + w.n_seen, sizeof(w.seen) - w.n_seen,
			"%s%s: %s", w.n_seen ? "\n" : "", d->label, text);
		free(text);
		start = i + 1;
	}
	assert_num(start, n); /* no frame was left open */
}

static inline void look(void)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (w.devices.at[i])
			look_at(w.devices.at[i]);
}

static inline void play_line(const char *line, size_t len)
{
	static struct stream_message m;
	const bool cuttlefish = *line < 'a';
	struct stream_client *c = &w.client[(*line | 32) - 'a'];
	char text[1024];

	assert_true(len > 2 && len < sizeof(text));
	for (size_t i = 2; i < len; i++)
		text[i - 2] = line[i] == '\'' ? '"' : line[i];
	if (len == 5 && !strncmp(line + 2, "bye", 3)) {
		stream_client_release(c);
		look();
		return;
	}
	if (stream_message_read(
		    &m, cuttlefish ? STREAM_CUTTLEFISH_INPUT : STREAM_OURS,
		    text, len - 2, &w.why))
		fail_msg("%.*s: %s", (int)len, line, w.why.text);
	if (stream_client_take(c, &m, &w.why))
		w.rejected++;
	look();
}

static inline void play(const char *script)
{
	while (*script) {
		const size_t len = strcspn(script, "\n");

		play_line(script, len);
		script += len + (script[len] == '\n');
	}
}

#define TOUCH(rest)    "{'type':'touch','contacts':[" rest "]}"
#define DOWN(id, x, y) "{'id':" #id ",'down':true,'x':" #x ",'y':" #y "}"
#define UP(id)	       "{'id':" #id ",'down':false}"
#define KEY(code, is)  "{'type':'key','code':'" code "','down':" #is "}"
#define BUTTON(n, is)  "{'type':'button','button':" #n ",'down':" #is "}"

#define PEN(rest)    "{'type':'pen','near':1,'x':0,'y':0,'pressure':0," rest "}"
#define PAD(buttons) "{'type':'pad','pad':0,'buttons':[" buttons "],'axes':[]}"

#endif
