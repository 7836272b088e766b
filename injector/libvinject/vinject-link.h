/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection of a handle: bytes out and in without waiting, and what it
 * takes to get it. It says by one fd, for ever the same, that something is due.
 */
#ifndef VINJECT_LINK_H
#define VINJECT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "injector/libvinject/vinject-address.h"

enum vinject_link_state {
	VINJECT_LINK_DOWN,
	VINJECT_LINK_RETRY,	 /* the timer will say when to start again */
	VINJECT_LINK_CONNECTING, /* the timer limits this */
	VINJECT_LINK_GREETING,	 /* and this: hybrid's CONNECT and OK */
	VINJECT_LINK_UP,
};

struct vinject_link {
	enum vinject_link_state state;
	struct vinject_address to;
	int fd;
	int epoll; /* readable when vinject_link_step() is due */
	int timer;
	uint32_t armed; /* what epoll waits for on fd */
	unsigned int retry_ms;
	size_t answered; /* bytes of the greeting's answer in line */
	char line[32];
};

/* Return: 0 or -errno. */
int vinject_link_init(struct vinject_link *l);
void vinject_link_fini(struct vinject_link *l);

/* A socket that is connected already. Taken, unless this fails. */
int vinject_link_take(struct vinject_link *l, int fd);

/*
 * Begin to connect to l->to, and do the next of it that is due, never waiting.
 * Return: VINJECT_LINK_CAME_UP once; 0: not yet, or nothing was due; -errno:
 * it failed, the link is down. A link that is up is not looked at.
 */
#define VINJECT_LINK_CAME_UP 1
int vinject_link_start(struct vinject_link *l);
int vinject_link_step(struct vinject_link *l);

/* Close it. */
void vinject_link_down(struct vinject_link *l);
/* The link is down: let a step start it again, later each time. */
void vinject_link_retry(struct vinject_link *l);
/* Whether a link that was lost can be had again. */
static inline bool vinject_link_can_retry(const struct vinject_link *l)
{
	return l->to.transport != VINJECT_NOWHERE;
}

/* Return: bytes, -EAGAIN or -EPIPE; recv: -EPIPE also at its end. */
ssize_t vinject_link_send(struct vinject_link *l, const void *data, size_t len);
ssize_t vinject_link_recv(struct vinject_link *l, void *data, size_t len);
/* Let the epoll fd tell of room to send, too. */
void vinject_link_want_room(struct vinject_link *l, bool want);

/*
 * Wait until there may be room in a link that is up, or a step is due.
 * Return: 0, -ETIMEDOUT. until_ms: see vinject_clock_until().
 */
int vinject_link_wait(struct vinject_link *l, int64_t until_ms);

/* Times of the monotonic clock; ms -1: for ever. */
int64_t vinject_clock_until(int ms);
bool vinject_clock_past(int64_t until_ms);

#endif
