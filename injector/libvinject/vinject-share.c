/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	COUNTING ──► WANTED ──► ASKED ──► ALLOWED ──► OFFERED ──► SETTLED
 *	      frames                │                    │          ▲
 *	                            └────────────────────┴──────────┘
 *	                              not in use
 *
 * A server does not answer if it is older. Nobody waits for it: frames go
 * through the socket until the ring is accepted, and what the socket has by
 * then comes first. A ring is for those who send much, so a handle asks only
 * then. Programs that never call vinject_dispatch() would not read the
 * answers: while one is due, it is looked for whenever a frame is sent, and
 * what precedes it is left for vinject_dispatch().
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "injector/libvinject/vinject-share.h"

/* So many frames in such a time make a handle ask. */
#define FRAMES	  64
#define PERIOD_NS UINT64_C(1000000000)
/* Frames that are sent while an answer is due, and looked for. */
#define LOOKS_MAX 1000
#define PEEK_MAX  64 /* events */

static void share_settle(struct vinject *v)
{
	v->share.state = VINJECT_SHARE_SETTLED;
	if (!v->link.by_ring)
		vinject_ring_close(&v->link.ring);
}

void vinject_share_came_up(struct vinject *v)
{
	int domain;
	socklen_t len = sizeof(domain);

	v->share.state =
		v->share.wanted ? VINJECT_SHARE_WANTED : VINJECT_SHARE_COUNTING;
	v->share.frames = v->share.looks = 0;
	if (getsockopt(v->link.fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ||
	    domain != AF_UNIX)
		v->share.state = VINJECT_SHARE_SETTLED;
}

/* Return: whether enough frames were sent in a short time. */
static bool sends_much(struct vinject *v)
{
	const bool first = !v->share.frames;
	uint64_t now_ns;

	if (++v->share.frames < FRAMES && !first)
		return false;
	now_ns = vinject_clock_ns();
	if (!first && now_ns - v->share.since_ns < PERIOD_NS)
		return true;
	v->share.since_ns = now_ns;
	v->share.frames = 1;
	return false;
}

static void share_ask(struct vinject *v)
{
	const struct vi_event ev[] = {
		vi_event(CONTROL_RING, CONTROL_RING_ASK, CONTROL_MAGIC),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};

	/* A socket takes so little as a whole, or nothing. */
	if (vinject_link_send(&v->link, ev, sizeof(ev)) > 0)
		v->share.state = VINJECT_SHARE_ASKED;
}

static void share_offer(struct vinject *v)
{
	struct vinject_ring *r = &v->link.ring;

	if (!r->memory && vinject_ring_open(r)) {
		share_settle(v);
		return;
	}
	switch (vinject_link_offer(&v->link)) {
	case 0:
		v->share.state = VINJECT_SHARE_OFFERED;
		return;
	case -EAGAIN:
		return;
	}
	share_settle(v);
}

void vinject_share_step(struct vinject *v)
{
	/* Not in the middle of a frame. */
	if (v->out_len || v->link.state != VINJECT_LINK_UP)
		return;
	if (v->share.state == VINJECT_SHARE_WANTED)
		share_ask(v);
	else if (v->share.state == VINJECT_SHARE_ALLOWED)
		share_offer(v);
}

void vinject_share_take(struct vinject *v, const struct vi_event *ev)
{
	const uint16_t code = vi_code(ev);

	if (v->share.state == VINJECT_SHARE_ASKED && code == CONTROL_RING_ASK) {
		v->share.state = VINJECT_SHARE_ALLOWED;
		if (vi_value(ev) < VINJECT_RING_SIZE)
			share_settle(v);
		else
			vinject_share_step(v);
	} else if (v->share.state == VINJECT_SHARE_OFFERED &&
		   code == CONTROL_RING_OFFER) {
		v->link.by_ring = vi_value(ev) == 1;
		share_settle(v);
	}
}

/* Look for the answer among what arrived, and leave it there. */
static void share_look(struct vinject *v)
{
	const size_t skip = v->in_len ? sizeof(struct vi_event) - v->in_len : 0;
	uint8_t bytes[PEEK_MAX * sizeof(struct vi_event)];
	struct vi_event ev;
	ssize_t n =
		recv(v->link.fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_PEEK);

	for (size_t at = skip; n > 0 && at + sizeof(ev) <= (size_t)n;
	     at += sizeof(ev)) {
		memcpy(&ev, bytes + at, sizeof(ev));
		if (vi_type(&ev) == CONTROL_RING)
			vinject_share_take(v, &ev);
	}
}

void vinject_share_sent(struct vinject *v)
{
	switch (v->share.state) {
	case VINJECT_SHARE_COUNTING:
		if (v->share.off || !sends_much(v))
			return;
		v->share.state = VINJECT_SHARE_WANTED;
		break;
	case VINJECT_SHARE_ASKED:
	case VINJECT_SHARE_OFFERED:
		if (v->share.looks++ < LOOKS_MAX)
			share_look(v);
		return;
	case VINJECT_SHARE_WANTED:
	case VINJECT_SHARE_ALLOWED:
	case VINJECT_SHARE_SETTLED:
		break;
	}
	vinject_share_step(v);
}

void vinject_share_want(struct vinject *v)
{
	v->share.wanted = true;
	if (v->share.state == VINJECT_SHARE_COUNTING)
		v->share.state = VINJECT_SHARE_WANTED;
	vinject_share_step(v);
}

void vinject_set_shared_memory(struct vinject *v, bool on)
{
	v->share.off = !on;
	v->share.wanted &= on;
}

bool vinject_shares_memory(const struct vinject *v)
{
	return v->link.by_ring;
}
