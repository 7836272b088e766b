/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sessions of all clients, whatever carries their messages: WebSocket or a
 * data channel. A session reads messages, keeps time of heartbeats, limits
 * rates, answers with errors, and tells of devices. Loop thread only.
 *
 *	a transport ─► stream_session_take() ─► stream-message ─► stream-client
 *	           ◄── ops->send()  hello, devices, error
 *
 * A client of ours sends a heartbeat every 500 ms while it holds something. If
 * none comes for STREAM_SILENCE_S, all that it holds is released; the client
 * itself remains. A client of Cuttlefish's has none: its transport is asked.
 * While nobody holds anything, no timer runs.
 */
#ifndef VINPUT_STREAM_SESSION_H
#define VINPUT_STREAM_SESSION_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "injector/display/display-address.h"
#include "injector/stream/stream-client.h"
#include "injector/stream/stream-message.h"
#include "injector/stream/stream-rights.h"
#include "injector/stream/stream-typist.h"
#include "input/base/rate.h"

#define STREAM_HEARTBEAT_MS 500
#define STREAM_SILENCE_S    2.0
#define STREAM_LOOK_S	    0.25      /* how often silence is looked for */
#define STREAM_RATE	    4000      /* messages in a second */
#define STREAM_BYTES_RATE   (1 << 20) /* of them */
#define STREAM_LAYOUTS_RATE 8	/* layouts that are compiled in a second */
#define STREAM_ERRORS_MAX   100 /* malformed ones, then it ends */

/* NAME, in the order of --stats-path. */
/* clang-format off */
#define STREAM_COUNTERS(X) \
	X(clients)         \
	X(clients_ever)    \
	X(messages)        \
	X(errors)          \
	X(heartbeats)      \
	X(silent) X(too_fast) X(refused) X(wrong_tokens) X(sent) X(unread) \
	X(views) X(frames) X(key_frames) \
	X(viewers) X(viewers_dropped)
/* clang-format on */

struct stream_counters {
#define X(name) uint64_t name;
	STREAM_COUNTERS(X)
#undef X
};

struct stream_session;

struct stream_session_ops {
	/* A text message for the client. It MUST NOT end the session. */
	void (*send)(struct stream_session *s, const char *text, size_t len);
	/*
	 * The client offers a connection by WebRTC. NULL: it cannot have one.
	 * answer: owned by the caller. Return: 0, or a negative errno with the
	 * fault.
	 */
	int (*offer)(struct stream_session *s, const char *offer, char **answer,
		     struct fault *why);
	/*
	 * For a client without heartbeats, every STREAM_LOOK_S while it holds
	 * something. Return: for how many seconds nothing came from it. NULL:
	 * by heartbeats, from the hello on.
	 */
	double (*silence)(struct stream_session *s);
};

struct stream_session {
	LIST_ENTRY(stream_session) link;
	struct stream_sessions *all;
	const struct stream_session_ops *ops;
	struct stream_client client;
	bool greeted;	/* it has sent a hello */
	bool has_pulse; /* it sends heartbeats */
	double pulse;	/* when the last one came */
	double pinged;	/* when its last ping came */
	struct rate messages, bytes, layouts;
	unsigned int errors;
};

struct stream_sessions {
	struct ev_loop *loop;
	struct stream_devices *devices;
	struct stream_counters *counters;
	LIST_HEAD(, stream_session) list;
	ev_timer look;	   /* for silence */
	ev_timer announce; /* that devices changed */
	uint32_t next_number;
	bool has_rtc;			 /* clients may offer */
	struct stream_video *video;	 /* NULL: no pictures */
	const struct displays *displays; /* borrowed; with pictures */
	struct stream_typist typist;
	struct stream_message message; /* of whoever sends one now */
};

/* names: of the guest's keyboard layout; strings are borrowed. */
void stream_sessions_init(struct stream_sessions *all, struct ev_loop *loop,
			  struct stream_devices *devices,
			  struct stream_counters *counters,
			  const struct inject_layout_names *names);
/* There MUST be no session. */
void stream_sessions_fini(struct stream_sessions *all);
/* Devices, or what is known of them, changed: tell all clients, soon. */
void stream_sessions_announce(struct stream_sessions *all);
/* The device is about to be freed: nobody holds anything of it. */
void stream_sessions_forget(struct stream_sessions *all,
			    const struct stream_device *d);

/* s: the caller's. rights: borrowed. */
void stream_session_init(struct stream_session *s, struct stream_sessions *all,
			 const struct stream_rights *rights,
			 const struct stream_session_ops *ops);
/* Release what it holds. */
void stream_session_fini(struct stream_session *s);

/*
 * Take a message. The dialect MAY differ from one to the next, as with
 * Cuttlefish's channels. Return: 0; -EPROTO: the client MUST be disconnected,
 * because it sends too fast, or too much that is wrong.
 */
int stream_session_take(struct stream_session *s, enum stream_dialect dialect,
			const char *text, size_t len);
/* The same for a binary message of ours. */
int stream_session_take_binary(struct stream_session *s, const uint8_t *data,
			       size_t len);

/*
 * For messages that the transport itself takes, as signalling of WebRTC; len:
 * bytes. Return: whether this one is within the rate; else the client MUST be
 * disconnected.
 */
bool stream_session_admit(struct stream_session *s, size_t len);
/* Answer it with an error. Return: as stream_session_take(). */
int stream_session_reject(struct stream_session *s, const char *why);

#endif
