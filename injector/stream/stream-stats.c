/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "injector/stream/stream-stats.h"
#include "input/base/fd.h"

static void stats_add_rtc(json_t *object, const struct rtc_counters *c)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "rtc_datagrams", c->datagrams },
		{ "rtc_stun_rejected", c->stun_rejected },
		{ "rtc_unchecked", c->unchecked },
		{ "rtc_handshakes_failed", c->handshakes_failed },
		{ "rtc_peers", c->peers },
		{ "rtc_messages_in", c->messages_in },
		{ "rtc_messages_out", c->messages_out },
		{ "rtc_messages_rejected", c->messages_rejected },
		{ "rtc_packets_out", c->packets_out },
		{ "rtc_packets_resent", c->packets_resent },
		{ "rtc_keys_wanted", c->keys_wanted },
		{ "rtc_media_rejected", c->media_rejected },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_object_set_new(object, rows[i].name,
				    json_integer((json_int_t)rows[i].value));
}

static json_t *stats_json(const struct stream_stats *st)
{
	json_t *object = json_object();
	json_int_t devices = 0, dropped = 0;

	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (st->devices->at[i]) {
			devices++;
			dropped += (json_int_t)st->devices->at[i]->dropped;
		}
#define X(name)                            \
	json_object_set_new(object, #name, \
			    json_integer((json_int_t)st->counters->name));
	STREAM_COUNTERS(X)
#undef X
	json_object_set_new(object, "devices", json_integer(devices));
	json_object_set_new(object, "contacts_dropped", json_integer(dropped));
	if (st->rtc)
		stats_add_rtc(object, st->rtc);
	return object;
}

/* The text fits into the socket's buffer: no need to wait. */
static void on_stats_accepted(void *arg, int fd)
{
	const struct stream_stats *st = arg;
	_cleanup_close_ int taken = fd;
	json_t *object = stats_json(st);
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (!text)
		return;
	send(taken, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	free(text);
}

int stream_stats_open(struct stream_stats *st, struct ev_loop *loop,
		      const char *path, struct fault *why)
{
	const struct socket_access access = { .mode = 0600,
					      .group = (gid_t)-1 };
	int r;

	st->socket = SOCKET_PATH_NULL;
	listener_init(&st->listener, loop, "a reader of the counters",
		      on_stats_accepted, st);
	if (!path)
		return 0;
	r = socket_path_listen(&st->socket, path, SOCK_STREAM, &access);
	if (!r)
		r = listener_start(&st->listener, st->socket.fd);
	return r ? fault_errno(why, r, "--stats-path=%s: %s", path,
			       socket_path_strerror(r))
		 : 0;
}

void stream_stats_close(struct stream_stats *st)
{
	listener_fini(&st->listener);
	socket_path_fini(&st->socket);
}
