/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that happens ends in device_pump(), which does what can be done: one
 * message at a time in each direction, and none that follows a question before
 * its answer. Then what cannot be taken yet is not read either.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include "injector/hold/hold-device.h"
#include "injector/hold/hold-memory.h"
#include "injector/hold/hold-rows.h"
#include "input/base/clock.h"
#include "input/base/container.h"
#include "input/base/fd.h"

#define DELAY_MIN_S 0.002
#define DELAY_MAX_S 0.05
#define REFUSED_S   0.5 /* a back-end that lacks features may be replaced */
/*
 * A message at which back-ends end: so often in a row, for so long. They may
 * also be killed that often, but not for that long.
 */
#define LOSSES_MAX   5
#define LOSSES_MAX_S 2

static void device_pump(struct hold_device *d);

#define device_log(d, level, culprit, fmt, ...)                         \
	log_limited(&(d)->limit, level, culprit, "%s%s" fmt, (d)->name, \
		    *(d)->name ? ": " : "", ##__VA_ARGS__)

/* --- the front-end --- */

static bool is_from_frontend(void *arg, const struct vu_header *hdr)
{
	return (hdr->flags & VU_FLAG_VERSION_MASK) == VU_FLAG_VERSION_1 &&
	       !(hdr->flags & VU_FLAG_REPLY) && hdr->size <= VU_PAYLOAD_MAX;
}

static bool is_from_backend(void *arg, const struct vu_header *hdr)
{
	return hdr->flags & VU_FLAG_REPLY && hdr->size <= VU_PAYLOAD_MAX;
}

/* Both of its connections end. */
static void device_free_channel(struct hold_device *d)
{
	if (d->channel)
		hold_channel_close(d->channel);
	free(d->channel);
	d->channel = NULL;
}

static void device_report(struct hold_device *d)
{
	const struct hold_session *s = &d->session;

	if (!d->acked ||
	    (s->features == d->reported && s->protocol == d->reported_protocol))
		return;
	d->reported = s->features;
	d->reported_protocol = s->protocol;
	d->acked(d->arg, s->features, s->protocol);
}

/* Both connections end; the next front-end may come. */
static void device_end(struct hold_device *d)
{
	ev_timer_stop(d->loop, &d->retry);
	hold_link_close(&d->vmm);
	hold_link_close(&d->server);
	device_free_channel(d);
	hold_session_fini(&d->session);
	d->state = HOLD_IDLE;
	d->repeat = d->refused = false;
	d->config = (struct hold_config){ 0 };
	d->since_s = 0;
	d->losses = 0;
	device_report(d);
	listener_resume(&d->listener);
}

static void device_drop(struct hold_device *d, enum log_culprit culprit,
			const char *why)
{
	device_log(d, LOG_WARNING, culprit, "%s; closing the connection", why);
	device_end(d);
}

static void device_vmm_failed(struct hold_device *d)
{
	if (d->vmm.error == -EPROTO)
		device_drop(d, CULPRIT_FRONTEND, "invalid header");
	else if (d->vmm.error == -ECONNRESET)
		device_end(d);
	else
		device_drop(d, CULPRIT_HOST, strerror(-d->vmm.error));
}

/* --- the back-end --- */

static void device_retry_in(struct hold_device *d, double seconds)
{
	ev_timer_stop(d->loop, &d->retry);
	ev_timer_set(&d->retry, seconds, 0);
	ev_timer_start(d->loop, &d->retry);
}

static bool device_gives_up(struct hold_device *d)
{
	if (clock_s() - d->since_s < d->give_up_s)
		return false;
	device_drop(d, CULPRIT_HOST, "no back-end has continued it in time");
	return true;
}

/* Return: whether it could be connected. */
static bool device_connect(struct hold_device *d)
{
	_cleanup_close_ int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&d->to, sizeof(d->to)) < 0)
		return false;
	hold_link_open(&d->server, steal_fd(&fd));
	hold_replay_begin(&d->replay, &d->session);
	d->state = HOLD_REPLAYING;
	return true;
}

static void device_seek(struct hold_device *d)
{
	if (device_connect(d))
		return;
	if (!d->since_s)
		d->since_s = clock_s();
	d->delay_s =
		d->delay_s ? MIN(d->delay_s * 2, DELAY_MAX_S) : DELAY_MIN_S;
	device_retry_in(d, d->delay_s);
}

static void on_device_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct hold_device *d = container_of(timer, struct hold_device, retry);

	if (device_gives_up(d))
		return;
	if (d->state == HOLD_LOST)
		device_seek(d);
	else
		device_retry_in(d, DELAY_MAX_S);
	device_pump(d);
}

static bool device_is_hopeless(const struct hold_device *d)
{
	return d->losses > LOSSES_MAX && d->since_s &&
	       clock_s() - d->since_s > LOSSES_MAX_S;
}

/* It has ended, or it sent what it must not send. */
static void device_lose(struct hold_device *d, const char *what)
{
	struct vu_message answer;
	enum hold_loss loss;
	const char *why;

	hold_link_close(&d->server);
	if (d->channel)
		hold_channel_disconnect(d->channel);
	d->config = (struct hold_config){ 0 };
	d->state = HOLD_LOST;
	d->losses++;
	if (device_is_hopeless(d)) {
		device_drop(d, CULPRIT_HOST,
			    "back-ends end at the same message again and "
			    "again");
		return;
	}
	loss = hold_session_lose(&d->session, &answer, &why);
	if (loss == HOLD_OVER) {
		device_drop(d, CULPRIT_HOST, why);
		return;
	}
	if (d->losses <= LOSSES_MAX)
		device_log(d, LOG_INFO, CULPRIT_NONE, "the back-end %s", what);
	/* A question was passed on only if there was room for its answer. */
	if (loss == HOLD_REFUSE && hold_link_has_room(&d->vmm))
		hold_link_send(&d->vmm, &answer);
	d->repeat = hold_session_asked(&d->session);
	if (!d->since_s)
		d->since_s = clock_s();
	d->delay_s = 0;
	device_retry_in(d, DELAY_MAX_S);
	if (d->losses < LOSSES_MAX)
		device_seek(d);
}

/* It has accepted all that was said and asked. */
static void device_continues(struct hold_device *d)
{
	d->losses = 0;
	d->refused = false;
	if (!d->since_s)
		return;
	device_log(d, LOG_INFO, CULPRIT_NONE,
		   "continued by the next back-end after %d ms",
		   (int)((clock_s() - d->since_s) * 1000));
	d->since_s = 0;
	ev_timer_stop(d->loop, &d->retry);
}

/* --- messages --- */

/* Send to the back-end, which gets a channel of its own. */
static void device_say(struct hold_device *d, const struct vu_message *msg)
{
	struct vu_message own;
	_cleanup_close_ int fd = -1;

	if (msg->hdr.request != VU_SET_BACKEND_REQ_FD) {
		hold_link_send(&d->server, msg);
		return;
	}
	fd = hold_channel_connect(d->channel);
	if (fd < 0) {
		d->server.error = fd;
		return;
	}
	own.hdr = msg->hdr;
	own.fds[0] = fd;
	own.n_fds = 1;
	hold_link_send(&d->server, &own);
}

static void device_ready(struct hold_device *d)
{
	d->state = HOLD_READY;
	if (!d->since_s)
		return;
	hold_memory_resume(&d->session, d->channel);
	if (!d->repeat)
		device_continues(d);
}

static void device_replay(struct hold_device *d)
{
	struct vu_message msg;

	while (hold_link_has_room(&d->server)) {
		switch (hold_replay_next(&d->replay, &msg)) {
		case HOLD_NEXT_SEND:
			device_say(d, &msg);
			break;
		case HOLD_NEXT_WAIT:
			return;
		case HOLD_NEXT_DONE:
			device_ready(d);
			return;
		}
	}
}

/* It may be a CONFIG_CHANGE. */
static void on_device_requested(void *arg)
{
	struct hold_device *d = arg;

	hold_config_forget(&d->config);
}

/* Return: whether there is one. */
static bool device_has_channel(struct hold_device *d)
{
	if (d->channel)
		return true;
	d->channel = calloc(1, sizeof(*d->channel));
	if (!d->channel)
		return false;
	hold_channel_init(d->channel, d->loop);
	d->channel->requested = on_device_requested;
	d->channel->requested_arg = d;
	return true;
}

/* If msg has one. Return: 0 or -errno. */
static int device_take_channel(struct hold_device *d, struct vu_message *msg)
{
	if (msg->hdr.request != VU_SET_BACKEND_REQ_FD)
		return 0;
	if (!device_has_channel(d))
		return -ENOMEM;
	return hold_channel_open(d->channel, vu_message_steal_fd(msg, 0));
}

static void device_refuse_channel(struct hold_device *d, int error)
{
	if (error == -ENOMEM)
		device_drop(d, CULPRIT_HOST, strerror(ENOMEM));
	else
		device_drop(d, CULPRIT_FRONTEND,
			    "SET_BACKEND_REQ_FD: its fd is not a stream "
			    "socket");
}

/* Take the front-end's message. */
static void device_take(struct hold_device *d)
{
	struct vu_message *msg = &d->vmm.socket.in, all;
	int r;

	if (hold_config_answers(&d->config, msg) ||
	    hold_session_answers(&d->session, msg)) {
		vu_message_close_fds(msg);
		hold_link_send(&d->vmm, msg);
	} else {
		r = device_take_channel(d, msg);
		if (r) {
			device_refuse_channel(d, r);
			return;
		}
		device_say(d, hold_config_widen(&d->config, msg, &all) ? &all
								       : msg);
		hold_session_ask(&d->session, msg);
	}
	hold_link_next(&d->vmm);
}

static void device_pass_message(struct hold_device *d)
{
	if (d->state != HOLD_READY || !hold_link_has_room(&d->server))
		return;
	if (d->repeat) {
		d->repeat = false;
		device_say(d, hold_session_asked(&d->session));
		return;
	}
	if (d->vmm.has_message && !hold_session_asked(&d->session) &&
	    hold_link_has_room(&d->vmm))
		device_take(d);
}

static void device_missing(struct hold_device *d)
{
	if (!d->refused)
		device_log(d, LOG_ERROR, CULPRIT_HOST,
			   "the next back-end lacks %s bits 0x%llx, which are "
			   "in use; "
			   "it cannot continue",
			   d->replay.what,
			   (unsigned long long)d->replay.missing);
	d->refused = true;
	hold_link_close(&d->server);
	d->state = HOLD_LOST;
	device_retry_in(d, REFUSED_S);
}

static void device_take_replayed(struct hold_device *d)
{
	const int r = hold_replay_answer(&d->replay, &d->server.socket.in);

	hold_link_next(&d->server);
	if (r == HOLD_E_FEATURES)
		device_missing(d);
	else if (r)
		device_lose(d, "answered what was not asked");
}

static void device_pass_answer(struct hold_device *d)
{
	struct vu_message *msg = &d->server.socket.in;

	if (!d->server.has_message || !hold_link_has_room(&d->vmm))
		return;
	if (d->state == HOLD_REPLAYING) {
		device_take_replayed(d);
		return;
	}
	if (!hold_config_narrow(&d->config, msg)) {
		hold_link_next(&d->server);
		d->repeat = hold_session_asked(&d->session);
		return;
	}
	if (!hold_session_answer(&d->session, msg)) {
		device_lose(d, "answered what was not asked");
		return;
	}
	hold_link_send(&d->vmm, msg);
	hold_link_next(&d->server);
	device_continues(d);
}

/* In an order in which what one step makes possible follows it. */
static void device_pump(struct hold_device *d)
{
	bool again;

	do {
		again = false;
		device_pass_answer(d);
		if (d->state == HOLD_REPLAYING)
			device_replay(d);
		device_pass_message(d);
		if (d->vmm.error && !d->vmm.has_message) {
			device_vmm_failed(d);
			return;
		}
		if (d->server.error && !d->server.has_message) {
			device_lose(d, d->server.error == -EPROTO
					       ? "sent an invalid header"
					       : "has ended");
			again = true;
		}
	} while (again);
	device_report(d);
	hold_link_settle(&d->vmm);
	hold_link_settle(&d->server);
}

static void on_device(void *arg)
{
	device_pump(arg);
}

void hold_device_serve(struct hold_device *d, int fd)
{
	listener_pause(&d->listener);
	hold_link_open(&d->vmm, fd);
	d->state = HOLD_LOST;
	d->delay_s = 0;
	device_seek(d);
}

static void on_device_frontend(void *arg, int fd)
{
	hold_device_serve(arg, fd);
}

static void on_device_waits(void *arg)
{
	struct hold_device *d = arg;
	char name[32];

	device_log(d, LOG_WARNING, CULPRIT_FRONTEND,
		   "another front-end is waiting: a device serves one VMM or "
		   "monitor at a "
		   "time, and one%s is connected",
		   listener_peer_name(d->vmm.socket.fd, name));
}

/* --- life --- */

void hold_device_init(struct hold_device *d, struct ev_loop *loop,
		      const char *name, const char *to)
{
	*d = (struct hold_device){
		.loop = loop,
		.name = name,
		.to = { .sun_family = AF_UNIX },
		.vmm = { .check_header = is_from_frontend,
			 .changed = on_device,
			 .arg = d },
		.server = { .check_header = is_from_backend,
			    .changed = on_device,
			    .arg = d },
	};
	snprintf(d->to.sun_path, sizeof(d->to.sun_path), "%s", to);
	listener_init(&d->listener, loop, "a front-end", on_device_frontend, d);
	d->listener.waits = on_device_waits;
	hold_link_init(&d->vmm, loop);
	hold_link_init(&d->server, loop);
	hold_session_init(&d->session, &hold_memory_ops, d);
	ev_init(&d->retry, on_device_retry);
}

int hold_device_start(struct hold_device *d, int fd)
{
	return listener_start(&d->listener, fd);
}

void hold_device_fini(struct hold_device *d)
{
	listener_fini(&d->listener);
	device_end(d);
}
