/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usrsctp is given an association's number in place of an address, so that a
 * packet or message of one that is gone finds nobody. It has one state for the
 * process, and its timers run as long as there are associations, plus the time
 * in which it frees the last one.
 *
 * What it hands over in a callback, under locks, waits in `arrived` until its
 * function has returned, so that whoever receives it may send. What its send
 * buffer does not take waits in `waiting`; that becomes possible after a packet
 * or a timer.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "injector/rtc/rtc-sctp-socket.h"
#include "injector/rtc/rtc-sctp.h"
#include "input/base/clock.h"

#define TICK_S	  0.010
#define LINGER_MS 1000

/* A message, or the end of a stream. */
struct rtc_sctp_entry {
	STAILQ_ENTRY(rtc_sctp_entry) link;
	struct rtc_sctp_message m;
	int flags; /* of what arrived: MSG_EOR, MSG_NOTIFICATION */
	bool reset;
	void *data; /* what m.data points to, owned */
};

static LIST_HEAD(, rtc_sctp) sctp_all = LIST_HEAD_INITIALIZER(sctp_all);
static uintptr_t sctp_last_id;

static struct ev_loop *sctp_loop;
static unsigned int sctp_users;
static ev_timer sctp_timer;
static int64_t sctp_ticked_ns, sctp_end_ns;

/* --- queues --- */

static void sctp_drop_first(struct rtc_sctp_queue *q)
{
	struct rtc_sctp_entry *e = STAILQ_FIRST(q);

	STAILQ_REMOVE_HEAD(q, link);
	free(e->data);
	free(e);
}

static void sctp_drop_all(struct rtc_sctp_queue *q)
{
	while (!STAILQ_EMPTY(q))
		sctp_drop_first(q);
}

/* --- what usrsctp calls --- */

static struct rtc_sctp *sctp_find(const void *id)
{
	struct rtc_sctp *s;

	LIST_FOREACH (s, &sctp_all, link)
		if (s->id == (uintptr_t)id)
			return s;
	return NULL;
}

static int sctp_on_send(void *id, void *packet, size_t len, uint8_t tos,
			uint8_t set_df)
{
	struct rtc_sctp *s = sctp_find(id);

	if (s)
		s->events->send(s, (struct rtc_bytes){ packet, len });
	return 0; /* one that could not be sent is lost, and sent again */
}

/* data: ours to free. Return: 1, as usrsctp wants it. */
static int sctp_on_receive(struct socket *socket, union sctp_sockstore from,
			   void *data, size_t len, struct sctp_rcvinfo info,
			   int flags, void *id)
{
	struct rtc_sctp *s = sctp_find(id);
	struct rtc_sctp_entry *e = s && data ? calloc(1, sizeof(*e)) : NULL;

	if (!e) {
		free(data);
		return 1;
	}
	e->data = data;
	e->flags = flags;
	e->m.data = (struct rtc_bytes){ data, len };
	e->m.stream = info.rcv_sid;
	e->m.protocol = ntohl(info.rcv_ppid);
	STAILQ_INSERT_TAIL(&s->arrived, e, link);
	return 1;
}

/* --- what arrived --- */

static void sctp_down(struct rtc_sctp *s, const char *why)
{
	if (s->dead)
		return;
	s->dead = true;
	s->events->down(s, why);
}

/* Return: why it is over; NULL: it is not. */
static const char *sctp_end_of(uint16_t state)
{
	switch (state) {
	case SCTP_SHUTDOWN_COMP:
		return "the peer closed the association";
	case SCTP_CANT_STR_ASSOC:
		return "no SCTP association";
	case SCTP_COMM_LOST:
		return "closed by the peer, or it no longer answers";
	case SCTP_RESTART:
		return "the peer restarted the association";
	}
	return NULL;
}

static void sctp_take_change(struct rtc_sctp *s,
			     const struct sctp_assoc_change *c)
{
	const char *why = sctp_end_of(c->sac_state);

	if (why) {
		sctp_down(s, why);
	} else if (c->sac_state == SCTP_COMM_UP && !s->is_up) {
		s->is_up = true;
		s->events->up(s);
	}
}

static void sctp_take_reset(struct rtc_sctp *s,
			    const struct sctp_stream_reset_event *r, size_t len)
{
	const size_t n =
		(len - sizeof(*r)) / sizeof(r->strreset_stream_list[0]);

	if (!(r->strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) ||
	    r->strreset_flags &
		    (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED))
		return;
	for (size_t i = 0; i < n && !s->dead; i++)
		s->events->reset(s, r->strreset_stream_list[i]);
	/* RFC 6525: none listed means all. */
	for (uint16_t i = 0; !n && i < RTC_SCTP_STREAMS && !s->dead; i++)
		s->events->reset(s, i);
}

static void sctp_take_notification(struct rtc_sctp *s, struct rtc_bytes data)
{
	const union sctp_notification *n = (const void *)data.at;

	if (data.len < sizeof(n->sn_header) ||
	    n->sn_header.sn_length != data.len)
		return;
	if (n->sn_header.sn_type == SCTP_ASSOC_CHANGE &&
	    data.len >= sizeof(n->sn_assoc_change))
		sctp_take_change(s, &n->sn_assoc_change);
	else if (n->sn_header.sn_type == SCTP_STREAM_RESET_EVENT &&
		 data.len >= sizeof(n->sn_strreset_event))
		sctp_take_reset(s, &n->sn_strreset_event, data.len);
}

/* usrsctp delivers in pieces only what is larger than half its buffer. */
static void sctp_take(struct rtc_sctp *s, const struct rtc_sctp_entry *e)
{
	if (e->flags & MSG_NOTIFICATION)
		sctp_take_notification(s, e->m.data);
	else if (!(e->flags & MSG_EOR) || e->m.data.len > RTC_SCTP_MESSAGE_MAX)
		sctp_down(s, "a message is larger than allowed");
	else
		s->events->received(s, &e->m);
}

/* --- what is sent --- */

/* What fails for another reason than a full buffer will never be sent. */
static void sctp_pass_waiting(struct rtc_sctp *s)
{
	struct rtc_sctp_entry *e;

	while (!s->dead && (e = STAILQ_FIRST(&s->waiting))) {
		if (e->reset)
			rtc_sctp_socket_reset(s->socket, e->m.stream);
		else if (rtc_sctp_socket_send(s->socket, &e->m) == -EAGAIN)
			return;
		s->waiting_bytes -= e->m.data.len;
		sctp_drop_first(&s->waiting);
	}
}

static int sctp_wait(struct rtc_sctp *s, const struct rtc_sctp_message *m,
		     bool reset)
{
	struct rtc_sctp_entry *e = calloc(1, sizeof(*e));

	if (e)
		e->data = malloc(m->data.len + 1);
	if (!e || !e->data) {
		free(e);
		return -ENOMEM;
	}
	if (m->data.len)
		memcpy(e->data, m->data.at, m->data.len);
	e->m = *m;
	e->m.data.at = e->data;
	e->reset = reset;
	s->waiting_bytes += m->data.len;
	STAILQ_INSERT_TAIL(&s->waiting, e, link);
	return 0;
}

int rtc_sctp_send(struct rtc_sctp *s, const struct rtc_sctp_message *m)
{
	int e = -EAGAIN;

	if (!s->is_up || s->dead)
		return -ENOTCONN;
	if (m->stream >= RTC_SCTP_STREAMS || m->data.len > RTC_SCTP_MESSAGE_MAX)
		return -EINVAL;
	if (STAILQ_EMPTY(&s->waiting))
		e = rtc_sctp_socket_send(s->socket, m);
	if (e != -EAGAIN)
		return e ? -EIO : 0;
	if (s->waiting_bytes + m->data.len > s->waiting_max)
		return -ENOBUFS;
	return sctp_wait(s, m, false);
}

int rtc_sctp_reset(struct rtc_sctp *s, uint16_t stream)
{
	const struct rtc_sctp_message m = { .stream = stream };

	if (!s->is_up || s->dead)
		return 0;
	if (!STAILQ_EMPTY(&s->waiting))
		return sctp_wait(s, &m, true);
	rtc_sctp_socket_reset(s->socket, stream);
	return 0;
}

/* --- the stack --- */

/* After each call that lets usrsctp work. */
static void sctp_settle(struct rtc_sctp *s)
{
	struct rtc_sctp_entry *e;

	while ((e = STAILQ_FIRST(&s->arrived))) {
		if (!s->dead)
			sctp_take(s, e);
		sctp_drop_first(&s->arrived);
	}
	sctp_pass_waiting(s);
}

void rtc_sctp_input(struct rtc_sctp *s, struct rtc_bytes packet)
{
	if (s->dead || packet.len < sizeof(struct sctp_common_header))
		return;
	usrsctp_conninput((void *)s->id, packet.at, packet.len, 0);
	sctp_settle(s);
}

static void sctp_on_tick(struct ev_loop *loop, ev_timer *timer, int revents)
{
	const int64_t now_ns = clock_ns();
	const int64_t ms = (now_ns - sctp_ticked_ns) / 1000000;
	struct rtc_sctp *s;

	sctp_ticked_ns += ms * 1000000;
	usrsctp_handle_timers((uint32_t)ms);
	LIST_FOREACH (s, &sctp_all, link)
		sctp_settle(s);
	if (LIST_EMPTY(&sctp_all) && now_ns >= sctp_end_ns) {
		ev_timer_stop(loop, timer);
		/* An association is a hundred kilobytes in pieces. */
		malloc_trim(0);
	}
}

void rtc_sctp_start(struct ev_loop *loop)
{
	static bool started;

	if (!started) {
		started = true;
		usrsctp_init_nothreads(0, sctp_on_send, NULL);
		rtc_sctp_socket_set_defaults();
		ev_timer_init(&sctp_timer, sctp_on_tick, TICK_S, TICK_S);
	}
	assert(!sctp_users || sctp_loop == loop);
	sctp_users++;
	sctp_loop = loop;
}

/* Never usrsctp_finish(), which may wait for ever. */
void rtc_sctp_stop(void)
{
	if (--sctp_users)
		return;
	assert(LIST_EMPTY(&sctp_all));
	if (ev_is_active(&sctp_timer))
		for (int ms = 0; ms < LINGER_MS; ms += 10)
			usrsctp_handle_timers(10);
	ev_timer_stop(sctp_loop, &sctp_timer);
}

/* --- an association --- */

static void sctp_start_timer(void)
{
	if (ev_is_active(&sctp_timer))
		return;
	sctp_ticked_ns = clock_ns();
	ev_timer_set(&sctp_timer, TICK_S, TICK_S);
	ev_timer_start(sctp_loop, &sctp_timer);
}

int rtc_sctp_init(struct rtc_sctp *s, uint16_t port)
{
	int e;

	s->id = ++sctp_last_id;
	STAILQ_INIT(&s->arrived);
	STAILQ_INIT(&s->waiting);
	LIST_INSERT_HEAD(&sctp_all, s, link);
	sctp_start_timer();
	usrsctp_register_address((void *)s->id);
	e = rtc_sctp_socket_open(&s->socket, s->id, port, sctp_on_receive);
	if (e)
		rtc_sctp_fini(s);
	return e;
}

void rtc_sctp_fini(struct rtc_sctp *s)
{
	if (!s->id)
		return;
	if (s->socket)
		usrsctp_close(s->socket);
	usrsctp_deregister_address((void *)s->id);
	LIST_REMOVE(s, link);
	sctp_end_ns = clock_ns() + LINGER_MS * INT64_C(1000000);
	sctp_drop_all(&s->arrived);
	sctp_drop_all(&s->waiting);
	s->id = 0;
	s->socket = NULL;
}
