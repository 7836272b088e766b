/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/stream/stream-stats.h"

static size_t stats_count_rtc(const struct rtc_counters *c, struct counter *out)
{
	const struct counter all[] = {
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

	memcpy(out, all, sizeof(all));
	return sizeof(all) / sizeof(*all);
}

static size_t stats_count_devices(const struct stream_devices *devices,
				  struct counter *out)
{
	uint64_t n = 0, dropped = 0;

	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (devices->at[i]) {
			n++;
			dropped += devices->at[i]->dropped;
		}
	out[0] = (struct counter){ "devices", n };
	out[1] = (struct counter){ "contacts_dropped", dropped };
	return 2;
}

static size_t stream_count(const void *arg, struct counter out[COUNTERS_MAX])
{
	const struct stream_stats *st = arg;
	size_t n = 0;

#define X(name) out[n++] = (struct counter){ #name, st->counters->name };
	STREAM_COUNTERS(X)
#undef X
	n += stats_count_devices(st->devices, out + n);
	if (st->rtc)
		n += stats_count_rtc(st->rtc, out + n);
	return n;
}

int stream_stats_open(struct stream_stats *st, struct ev_loop *loop,
		      const char *path, struct fault *why)
{
	const struct socket_access access = { .mode = 0600,
					      .group = (gid_t)-1 };
	int r;

	st->socket = SOCKET_PATH_NULL;
	stats_init(&st->stats, loop, stream_count, st);
	stats_watch_signal(&st->stats);
	if (!path)
		return 0;
	r = socket_path_listen(&st->socket, path, SOCK_STREAM, &access);
	if (!r)
		r = stats_listen(&st->stats, st->socket.fd);
	return r ? fault_errno(why, r, "--stats-path=%s: %s", path,
			       socket_path_strerror(r))
		 : 0;
}

void stream_stats_close(struct stream_stats *st)
{
	stats_fini(&st->stats);
	socket_path_fini(&st->socket);
}
