/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One device: the connection of its front-end, which lasts, and that of its
 * back-end, which may end and be replaced at any time.
 *
 *	front-end ◄──► vmm ──► session ──► server ◄──► back-end
 *	                │                    │
 *	                └──── channel ───────┘   one for each back-end
 *
 *	        front-end         connected            all was said again
 *	IDLE ─────────────► LOST ──────────► REPLAYING ─────────────────► READY
 *	                      ▲                  │ it dies                 │
 *	                      └──────────────────┴─────────────────────────┘
 *
 * A second front-end waits until the first has gone. Loop thread only.
 */
#ifndef VINPUT_HOLD_DEVICE_H
#define VINPUT_HOLD_DEVICE_H

#include <sys/un.h>
#include "injector/hold/hold-channel.h"
#include "injector/hold/hold-config.h"
#include "injector/hold/hold-replay.h"
#include "injector/hold/hold-session.h"
#include "input/base/listener.h"

enum hold_state {
	HOLD_IDLE,	/* no front-end is connected */
	HOLD_LOST,	/* no back-end is */
	HOLD_REPLAYING, /* the session is being said once more */
	HOLD_READY,	/* messages are passed on */
};

struct hold_device {
	struct ev_loop *loop;
	const char *name;      /* for the log, borrowed; "" if there is one */
	struct sockaddr_un to; /* where back-ends listen */
	double give_up_s;
	struct listener listener;
	enum hold_state state;
	struct hold_session session;
	struct hold_replay replay;
	struct hold_config config;
	struct hold_link vmm, server;
	struct hold_channel *channel; /* owned; NULL: the front-end has none */
	bool repeat;		      /* the question without an answer */
	bool refused; /* a back-end that lacks features; logged */
	ev_timer retry;
	double delay_s;	     /* until the next attempt to connect */
	double since_s;	     /* clock_s() when the back-end was lost; 0: no */
	unsigned int losses; /* in a row, without any progress */
	struct log_limit limit;
	/* What the front-end has acked is another; NULL: nobody asks. */
	void (*acked)(void *arg, uint64_t features, uint64_t protocol);
	void *arg;
	uint64_t reported, reported_protocol; /* to it */
};

/* name, to: as above. It does not listen yet. */
void hold_device_init(struct hold_device *d, struct ev_loop *loop,
		      const char *name, const char *to);
/* fd: listening, borrowed. Return: 0 or -errno. */
int hold_device_start(struct hold_device *d, int fd);
/*
 * Instead: be given a front-end's connection, which is taken. There MUST NOT be
 * another.
 */
void hold_device_serve(struct hold_device *d, int fd);
/* Disconnect both sides. Idempotent. */
void hold_device_fini(struct hold_device *d);

#endif
