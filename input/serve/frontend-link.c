/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While a front-end is there nobody else is accepted: the next one waits in
 * the socket's queue. A front-end that does not read its replies is not read
 * from either, so it can fill nothing but its own socket; what it is asked on
 * the back-end channel waits in places of its own (vu-channel.h).
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "input/base/fd.h"
#include "input/serve/frontend-link.h"

/* Messages handled in a row before other watchers get their turn. */
#define MESSAGES_AT_ONCE 16

#define owner(watcher, member)                                           \
	((struct frontend *)((char *)(watcher)-offsetof(struct frontend, \
							member)))

static const char *name_of(const struct vu_header *hdr, char buf[24])
{
	const struct vu_rule *rule = vu_backend_rule(hdr->request);

	if (rule)
		return rule->name;
	snprintf(buf, 24, "request %u", hdr->request);
	return buf;
}

static void watch(struct frontend *fe, int events)
{
	ev_io_stop(fe->loop, &fe->socket_io);
	ev_io_set(&fe->socket_io, fe->socket.fd, events);
	ev_io_start(fe->loop, &fe->socket_io);
}

static void disconnect(struct frontend *fe)
{
	ev_io_stop(fe->loop, &fe->socket_io);
	vu_backend_disconnect(&fe->backend);
	vu_socket_fini(&fe->socket);
	if (fe->listener.fd >= 0)
		listener_resume(&fe->listener);
	else
		fe->left(fe->arg);
}

void frontend_drop(struct frontend *fe, const char *why)
{
	if (!frontend_connected(fe))
		return;
	log_limited(&fe->closing_limit, LOG_WARNING, LOG_FRONTEND,
		    "%s; closing", why);
	disconnect(fe);
}

static void violation(struct frontend *fe, const char *name, const char *why)
{
	log_limited(&fe->closing_limit, LOG_WARNING, LOG_FRONTEND,
		    "%s: %s; closing", name, why);
	fe->violations++;
	disconnect(fe);
}

static void reject(struct frontend *fe, const char *why)
{
	char buf[24];

	violation(fe, name_of(&fe->socket.in.hdr, buf), why);
}

static bool check_header(void *arg, const struct vu_header *hdr)
{
	return !vu_header_check(hdr, vu_backend_rule(hdr->request));
}

/* Return: whether the connection is still there and may be read on. */
static bool handle(struct frontend *fe)
{
	struct vu_message *msg = &fe->socket.in;
	char buf[24];
	struct vu_header asked = msg->hdr;

	log_line(LOG_TRACE, LOG_FRONTEND, "%s", name_of(&asked, buf));
	int r = vu_backend_handle(&fe->backend, msg);
	if (r == VU_E_VIOLATION) {
		if (msg->hdr.flags & VU_FLAG_REPLY)
			vu_socket_send(&fe->socket, msg);
		msg->hdr = asked;
		reject(fe, fe->backend.why);
		return false;
	}
	if (r < 0) {
		log_limited(&fe->closing_limit, LOG_WARNING, LOG_HOST, "%s: %s",
			    name_of(&asked, buf), fe->backend.why);
		r = msg->hdr.flags & VU_FLAG_REPLY ? VU_REPLY : 0;
	}
	if (r != VU_REPLY)
		return true;
	r = vu_socket_send(&fe->socket, msg);
	if (r < 0) {
		disconnect(fe);
		return false;
	}
	if (r)
		watch(fe, EV_WRITE);
	return !r;
}

/* Return: whether to read on. */
static bool receive(struct frontend *fe)
{
	int r = vu_socket_recv(&fe->socket, check_header, fe);
	const struct vu_header *hdr = &fe->socket.in.hdr;

	switch (r) {
	case 1:
		return handle(fe);
	case 0:
		return false;
	case -EPROTO:
		reject(fe, vu_header_check(hdr, vu_backend_rule(hdr->request)));
		return false;
	case -ECONNRESET:
		log_line(LOG_DEBUG, LOG_FRONTEND, "has left%s",
			 fe->socket.got ? " in the middle of a message" : "");
		break;
	default:
		log_line(LOG_WARNING, LOG_FRONTEND, "connection lost: %s",
			 strerror(-r));
	}
	disconnect(fe);
	return false;
}

static void on_socket(struct ev_loop *loop, ev_io *io, int events)
{
	struct frontend *fe = owner(io, socket_io);

	if (events & EV_WRITE) {
		int r = vu_socket_flush(&fe->socket);

		if (r < 0)
			disconnect(fe);
		else if (!r)
			watch(fe, EV_READ);
		return;
	}
	for (int i = 0; i < MESSAGES_AT_ONCE; i++)
		if (!receive(fe))
			return;
}

/* --- the back-end channel --- */

static void watch_channel(void *arg, int fd, bool full)
{
	struct frontend *fe = arg;

	ev_io_stop(fe->loop, &fe->channel_io);
	if (fd < 0)
		return;
	ev_io_set(&fe->channel_io, fd, EV_READ | (full ? EV_WRITE : 0));
	ev_io_start(fe->loop, &fe->channel_io);
	if (full && !fe->told_full)
		log_line(LOG_WARNING, LOG_FRONTEND,
			 "does not read the back-end channel; what it is to be "
			 "told there waits");
	fe->told_full |= full;
}

/* Return: whether to read on. */
static bool receive_answer(struct frontend *fe)
{
	struct vu_answer answer;
	int r = vu_channel_receive(&fe->backend.channel, &answer);

	if (r < 0)
		log_line(LOG_DEBUG, LOG_FRONTEND,
			 "the back-end channel is gone: %s", strerror(-r));
	if (r == VU_CHANNEL_E_ANSWER)
		violation(fe, vu_channel_name(answer.request),
			  "an answer to nothing that was asked");
	if (r == 1)
		vu_backend_answered(&fe->backend, &answer);
	if (r == 1 && answer.value && answer.request != VU_BACKEND_IOTLB_MSG)
		log_limited(&fe->closing_limit, LOG_WARNING, LOG_FRONTEND,
			    "%s: failed there, with 0x%llx",
			    vu_channel_name(answer.request),
			    (unsigned long long)answer.value);
	return r == 1;
}

static void on_channel(struct ev_loop *loop, ev_io *io, int events)
{
	struct frontend *fe = owner(io, channel_io);

	if (events & EV_WRITE)
		vu_channel_flush(&fe->backend.channel);
	for (int i = 0; i < MESSAGES_AT_ONCE && ev_is_active(io); i++)
		if (!receive_answer(fe))
			return;
}

/* --- life --- */

static void connected(struct frontend *fe, int fd)
{
	vu_socket_init(&fe->socket, fd);
	fe->told_full = false;
	fe->connections++;
	log_line(LOG_DEBUG, LOG_FRONTEND, "is there");
	watch(fe, EV_READ);
}

static void accepted(void *arg, int fd)
{
	struct frontend *fe = arg;

	listener_pause(&fe->listener);
	connected(fe, fd);
}

void frontend_init(struct frontend *fe, struct ev_loop *loop,
		   const struct vu_ops *ops, void *arg, uint32_t config_len)
{
	memset(fe, 0, sizeof(*fe));
	fe->loop = loop;
	fe->arg = arg;
	vu_socket_init(&fe->socket, -1);
	vu_backend_init(&fe->backend, ops, arg, VU_QUEUES_MAX, config_len);
	vu_channel_init(&fe->backend.channel, watch_channel, fe);
	listener_init(&fe->listener, loop, "a front-end", accepted, fe);
	ev_init(&fe->socket_io, on_socket);
	ev_init(&fe->channel_io, on_channel);
}

int frontend_start(struct frontend *fe, int fd, bool listening,
		   void (*left)(void *arg))
{
	int r;

	fe->left = left;
	if (listening)
		return listener_start(&fe->listener, fd);
	r = fd_set_nonblock(fd);
	if (!r)
		connected(fe, fd);
	return r;
}

void frontend_fini(struct frontend *fe)
{
	listener_fini(&fe->listener);
	ev_io_stop(fe->loop, &fe->socket_io);
	vu_backend_disconnect(&fe->backend);
	vu_socket_fini(&fe->socket);
}
