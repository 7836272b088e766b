/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While a front-end is connected the next one waits in the socket's backlog,
 * and that is logged once: its user sees a VMM that does not start. A
 * front-end that does not read its replies is not read from either, so all that
 * it can fill is its own socket. Requests to it on the back-end channel wait in
 * slots of their own (vu-channel.h).
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "input/base/container.h"
#include "input/base/fd.h"
#include "input/base/loop.h"
#include "input/serve/frontend-link.h"
#include "input/serve/wrong-door.h"

/* Messages handled in a row before other watchers get their turn. */
#define MESSAGES_AT_ONCE 16
/* How often, and how long, a reply is sent again that has too many fds. */
#define LATER_S	  0.01
#define LATER_MAX 500

static const char *name_of(const struct vu_header *hdr, char buf[24])
{
	const struct vu_rule *rule = vu_backend_rule(hdr->request);

	if (rule)
		return rule->name;
	snprintf(buf, 24, "request %u", hdr->request);
	return buf;
}

static void frontend_link_watch(struct frontend_link *link, int events)
{
	if (ev_is_active(&link->socket_io) && link->socket_io.events == events)
		return;
	ev_io_stop(link->loop, &link->socket_io);
	ev_io_set(&link->socket_io, link->socket.fd, events);
	ev_io_start(link->loop, &link->socket_io);
}

static void frontend_link_unwatch(struct frontend_link *link)
{
	ev_io_stop(link->loop, &link->socket_io);
	ev_timer_stop(link->loop, &link->later);
}

static void frontend_link_changed(const struct frontend_link *link)
{
	if (link->changed)
		link->changed(link->changed_arg);
}

static void frontend_link_disconnect(struct frontend_link *link)
{
	frontend_link_unwatch(link);
	vu_backend_disconnect(&link->backend);
	loop_forget(link->socket.fd);
	vu_socket_fini(&link->socket);
	if (link->listener.fd >= 0)
		listener_resume(&link->listener);
	else if (link->ended)
		link->ended(link->ended_arg);
	else
		ev_break(link->loop, EVBREAK_ALL);
	frontend_link_changed(link);
}

void frontend_link_drop(struct frontend_link *link, const char *why)
{
	if (!frontend_link_connected(link))
		return;
	log_limited(&link->closing_limit, LOG_WARNING, CULPRIT_FRONTEND,
		    "%s; closing", why);
	frontend_link_disconnect(link);
}

/* The socket failed, or was closed by the front-end. */
static void frontend_link_lost(struct frontend_link *link, int error)
{
	if (error == -ECONNRESET)
		log_limited(&link->disconnected_limit, LOG_INFO, CULPRIT_NONE,
			    "front-end disconnected%s",
			    link->socket.got ? " in the middle of a message"
					     : "");
	else
		log_limited(&link->closing_limit, LOG_WARNING, CULPRIT_FRONTEND,
			    "connection lost: %s", strerror(-error));
	frontend_link_disconnect(link);
}

bool frontend_link_has_hung_up(const struct frontend_link *link)
{
	struct pollfd p = { .fd = link->socket.fd, .events = POLLRDHUP };
	int saved = errno;
	bool has = poll(&p, 1, 0) > 0;

	errno = saved;
	return has;
}

static void frontend_link_violation(struct frontend_link *link,
				    const char *name, const char *why)
{
	log_limited(&link->closing_limit, LOG_WARNING, CULPRIT_FRONTEND,
		    "%s: %s; closing", name, why);
	link->violations++;
	frontend_link_disconnect(link);
}

static void frontend_link_reject(struct frontend_link *link, const char *why)
{
	char buf[24];

	frontend_link_violation(link, name_of(&link->socket.in.hdr, buf), why);
}

/* Return: whether the first header of a front-end is of another kind. */
static bool is_injector(const struct frontend_link *link,
			const struct vu_header *hdr)
{
	uint8_t bytes[WRONG_DOOR_LEN];
	const size_t len = sizeof(*hdr);
	ssize_t n;

	if (link->heard)
		return false;
	memcpy(bytes, hdr, len);
	n = recv(link->socket.fd, bytes + len, sizeof(bytes) - len,
		 MSG_PEEK | MSG_DONTWAIT);
	return wrong_door_is_injector(bytes, len + (n > 0 ? (size_t)n : 0));
}

static bool frontend_link_check_header(void *arg, const struct vu_header *hdr)
{
	const struct frontend_link *link = arg;

	return !is_injector(link, hdr) &&
	       !vu_header_check(hdr, vu_backend_rule(hdr->request));
}

static void frontend_link_reject_header(struct frontend_link *link)
{
	const struct vu_header *hdr = &link->socket.in.hdr;

	if (is_injector(link, hdr))
		frontend_link_violation(link, "input events",
					"an injector belongs at the socket of "
					"--inject-path");
	else
		frontend_link_reject(
			link,
			vu_header_check(hdr, vu_backend_rule(hdr->request)));
}

/*
 * r: of vu_socket_send() or vu_socket_flush(). Return: whether to continue
 * reading.
 */
static bool frontend_link_sent(struct frontend_link *link, int r)
{
	if (r == VU_SOCKET_LATER && link->n_later++ == LATER_MAX)
		r = -ETOOMANYREFS;
	if (r < 0) {
		frontend_link_lost(link, r);
	} else if (r == VU_SOCKET_LATER) {
		frontend_link_unwatch(link);
		ev_timer_set(&link->later, LATER_S, 0);
		ev_timer_start(link->loop, &link->later);
	} else {
		link->n_later = 0;
		frontend_link_watch(link, r ? EV_WRITE : EV_READ);
	}
	return !r;
}

static void on_later(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct frontend_link *link =
		container_of(timer, struct frontend_link, later);

	frontend_link_sent(link, vu_socket_flush(&link->socket));
}

/* Return: whether to continue reading from the connection. */
static bool frontend_link_handle(struct frontend_link *link)
{
	struct vu_message *msg = &link->socket.in;
	char buf[24];
	struct vu_header asked = msg->hdr;

	log_line(LOG_TRACE, CULPRIT_FRONTEND, "%s", name_of(&asked, buf));
	int r = vu_backend_handle(&link->backend, msg);
	if (r == VU_E_VIOLATION) {
		if (msg->hdr.flags & VU_FLAG_REPLY)
			vu_socket_send(&link->socket, msg);
		msg->hdr = asked;
		frontend_link_reject(link, vu_backend_why(&link->backend));
		return false;
	}
	if (r < 0) {
		log_limited(&link->closing_limit, LOG_WARNING, CULPRIT_HOST,
			    "%s: %s", name_of(&asked, buf),
			    vu_backend_why(&link->backend));
		r = msg->hdr.flags & VU_FLAG_REPLY ? VU_HAS_REPLY : 0;
	}
	if (r != VU_HAS_REPLY)
		return true;
	return frontend_link_sent(link, vu_socket_send(&link->socket, msg));
}

/* Return: whether to continue reading. */
static bool frontend_link_receive(struct frontend_link *link)
{
	int r = vu_socket_recv(&link->socket, frontend_link_check_header, link);

	link->heard |= r > 0;
	if (r >= 0)
		return r && frontend_link_handle(link);
	if (r == -EPROTO)
		frontend_link_reject_header(link);
	else
		frontend_link_lost(link, r);
	return false;
}

static void on_socket(struct ev_loop *loop, ev_io *io, int events)
{
	struct frontend_link *link =
		container_of(io, struct frontend_link, socket_io);

	if (events & EV_WRITE) {
		frontend_link_sent(link, vu_socket_flush(&link->socket));
		return;
	}
	for (int i = 0; i < MESSAGES_AT_ONCE; i++)
		if (!frontend_link_receive(link))
			return;
}

/* --- the back-end channel --- */

static void frontend_link_watch_channel(void *arg, int fd, bool full)
{
	struct frontend_link *link = arg;

	if (fd < 0 && ev_is_active(&link->channel_io))
		loop_forget(link->channel_io.fd);
	ev_io_stop(link->loop, &link->channel_io);
	if (fd < 0)
		return;
	ev_io_set(&link->channel_io, fd, EV_READ | (full ? EV_WRITE : 0));
	ev_io_start(link->loop, &link->channel_io);
	if (full && !link->logged_full)
		log_line(LOG_WARNING, CULPRIT_FRONTEND,
			 "does not read the back-end channel; requests to it "
			 "wait");
	link->logged_full |= full;
}

/* Return: whether to continue reading. */
static bool frontend_link_receive_answer(struct frontend_link *link)
{
	struct vu_answer answer;
	int r = vu_channel_receive(vu_backend_channel(&link->backend), &answer);

	if (r < 0)
		log_line(LOG_DEBUG, CULPRIT_FRONTEND,
			 "back-end channel closed: %s", strerror(-r));
	if (r == VU_CHANNEL_E_ANSWER)
		frontend_link_violation(link, vu_channel_name(answer.request),
					"reply without a request");
	if (r == 1)
		vu_backend_answered(&link->backend, &answer);
	if (r == 1 && answer.value && answer.request != VU_BACKEND_IOTLB_MSG)
		log_limited(&link->closing_limit, LOG_WARNING, CULPRIT_FRONTEND,
			    "%s: the front-end replied with error 0x%llx",
			    vu_channel_name(answer.request),
			    (unsigned long long)answer.value);
	return r == 1;
}

static void on_channel(struct ev_loop *loop, ev_io *io, int events)
{
	struct frontend_link *link =
		container_of(io, struct frontend_link, channel_io);

	if (events & EV_WRITE)
		vu_channel_flush(vu_backend_channel(&link->backend));
	for (int i = 0; i < MESSAGES_AT_ONCE && ev_is_active(io); i++)
		if (!frontend_link_receive_answer(link))
			return;
}

/* --- life --- */

void frontend_link_count(const struct frontend_link *link, struct counters *c)
{
	c->vmm = frontend_link_connected(link);
	c->frontends = link->connections;
	c->frontend_violations = link->violations;
}

void frontend_link_connect(struct frontend_link *link, int fd)
{
	vu_socket_init(&link->socket, fd);
	link->logged_full = false;
	link->heard = false;
	link->n_later = 0;
	link->connections++;
	log_limited(&link->connected_limit, LOG_INFO, CULPRIT_NONE,
		    "front-end connected");
	frontend_link_watch(link, EV_READ);
	frontend_link_changed(link);
}

/* Once for each front-end that is connected. */
static void frontend_link_waits(void *arg)
{
	struct frontend_link *link = arg;
	char name[32];

	log_limited(&link->waiting_limit, LOG_WARNING, CULPRIT_FRONTEND,
		    "another front-end is waiting: a device serves one VMM or "
		    "monitor at "
		    "a time, and one%s is connected",
		    listener_peer_name(link->socket.fd, name));
}

static void frontend_link_accepted(void *arg, int fd)
{
	struct frontend_link *link = arg;

	listener_pause(&link->listener);
	frontend_link_connect(link, fd);
}

void frontend_link_init(struct frontend_link *link, struct ev_loop *loop,
			const struct vu_ops *ops, void *arg,
			uint32_t config_len)
{
	memset(link, 0, sizeof(*link));
	link->loop = loop;
	vu_socket_init(&link->socket, -1);
	vu_backend_init(&link->backend, ops, arg, VU_QUEUES_MAX, config_len);
	vu_channel_init(vu_backend_channel(&link->backend),
			frontend_link_watch_channel, link);
	listener_init(&link->listener, loop, "a front-end",
		      frontend_link_accepted, link);
	ev_init(&link->socket_io, on_socket);
	ev_init(&link->channel_io, on_channel);
	link->listener.waits = frontend_link_waits;
	ev_init(&link->later, on_later);
}

int frontend_link_start(struct frontend_link *link, int fd, bool listening)
{
	int r;

	if (listening)
		return listener_start(&link->listener, fd);
	r = fd_set_nonblock(fd);
	if (!r)
		frontend_link_connect(link, fd);
	return r;
}

void frontend_link_fini(struct frontend_link *link)
{
	listener_fini(&link->listener);
	frontend_link_unwatch(link);
	vu_backend_disconnect(&link->backend);
	vu_socket_fini(&link->socket);
}
