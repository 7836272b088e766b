/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection of a handle: it is established step by step, and bytes are
 * sent and received, all without waiting. One epoll fd, the same for the life
 * of the link, is readable when something is due.
 */
#ifndef VINJECT_LINK_H
#define VINJECT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "injector/libvinject/vinject-address.h"
#include "injector/libvinject/vinject-ring.h"

enum vinject_link_state {
	VINJECT_LINK_DOWN,
	VINJECT_LINK_RETRY,	 /* until the timer expires */
	VINJECT_LINK_CONNECTING, /* the timer is its limit */
	VINJECT_LINK_GREETING,	 /* hybrid's CONNECT and OK; likewise */
	VINJECT_LINK_UP,
};

struct vinject_link {
	enum vinject_link_state state;
	struct vinject_address to;
	int fd;
	int epoll_fd; /* readable when input or a vinject_link_step() is due */
	int timer_fd;
	uint32_t armed; /* events that epoll waits for on fd */
	unsigned int retry_ms;
	size_t answered; /* bytes of the reply to CONNECT in line */
	char line[32];
	struct vinject_ring ring;
	bool by_ring;	  /* bytes are sent through it */
	uint64_t seen_ns; /* when the server was known to be there */
};

/* Return: 0 or -errno. */
int vinject_link_init(struct vinject_link *l);
void vinject_link_fini(struct vinject_link *l);

/* Use a connected socket. fd: taken on success. Return: 0 or -errno. */
int vinject_link_take(struct vinject_link *l, int fd);

/*
 * Start to connect to l->to; take the next step that is due. Never waits. A
 * step of a link that is up does nothing. Return: VINJECT_LINK_CAME_UP once; 0:
 * not yet, or nothing was due; -errno: it failed, and the link is down.
 */
#define VINJECT_LINK_CAME_UP 1
int vinject_link_start(struct vinject_link *l);
int vinject_link_step(struct vinject_link *l);

/* Close it. */
void vinject_link_down(struct vinject_link *l);
/* The link is down: let a later step start it again, after a growing delay. */
void vinject_link_retry(struct vinject_link *l);
/* Whether a lost link can be connected again. */
static inline bool vinject_link_can_retry(const struct vinject_link *l)
{
	return l->to.transport != VINJECT_NOWHERE;
}

/* Return: bytes, -EAGAIN, or -EPIPE, for recv also at the end of the stream. */
ssize_t vinject_link_send(struct vinject_link *l, const void *data, size_t len);
ssize_t vinject_link_recv(struct vinject_link *l, void *data, size_t len);
/*
 * Offer the ring to the server, in a frame of its own. Return: 0; -EAGAIN: not
 * now; another -errno.
 */
int vinject_link_offer(struct vinject_link *l);
/*
 * Return: whether the device has read all that was sent, as far as is known.
 */
bool vinject_link_is_drained(const struct vinject_link *l);
/* Whether the epoll fd also becomes readable when there is space to send. */
void vinject_link_want_room(struct vinject_link *l, bool want);

/*
 * Wait until a link that is up may have space, or a step is due. until_ms: see
 * vinject_clock_until(). Return: 0, -ETIMEDOUT.
 */
int vinject_link_wait(struct vinject_link *l, int64_t until_ms);

/* Wait until the epoll fd is readable. Return: likewise. */
int vinject_link_wait_due(struct vinject_link *l, int64_t until_ms);

/* Times of the monotonic clock; ms < 0: without limit. */
uint64_t vinject_clock_ns(void);
int64_t vinject_clock_until(int ms);
bool vinject_clock_past(int64_t until_ms);

#endif
