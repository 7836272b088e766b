/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The injectors in the event loop: inherited fds and connections, each with a
 * source in the device. Reads what they send into their sources, pauses those
 * whose source is full, and sends them the guest's LEDs and sounds. Loop thread
 * only.
 */
#ifndef VINPUT_INJECTORS_H
#define VINPUT_INJECTORS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include "input/base/listener.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/device/device.h"
#include "input/device/event.h"
#include "input/serve/counters.h"
#include "input/serve/led-state.h"
#include "input/serve/peer-allow.h"

/* Connected at a time; further connections are refused. */
#define INJECTORS_MAX 64

struct injector {
	struct injectors *owner;
	struct device_source source;
	int fd;	       /* owned; what is read */
	int status_fd; /* borrowed, or the same as fd; -1: none */
	bool socket;
	bool may_be_vmm; /* it has not sent enough to tell */
	bool reset;	 /* by its peer: what was sent before is still read */
	bool paused;	 /* in owner->paused: not read before there is space */
	ev_io io;
	struct loop_shortcut shortcut; /* beside it */
	TAILQ_ENTRY(injector) link, paused_link;
};

/* A source within the process (local-source.h). NULL: there is none. */
struct injectors_local {
	void (*status)(void *arg, const struct vi_event *ev, size_t n);
	/* As injectors_resume(). Return: whether it is not paused any more. */
	bool (*resume)(void *arg);
	void *arg;
};

struct injectors {
	struct ev_loop *loop;
	struct device *dev; /* borrowed */
	TAILQ_HEAD(injector_list, injector) list;
	TAILQ_HEAD(injector_paused, injector) paused;
	bool any_paused; /* one of these, or the local source */
	unsigned int n;
	struct listener listener;
	const struct peer_allow *allow; /* borrowed; of connections */
	struct log_limit refused_limit, denied_limit, dropped_limit;
	uint64_t total, refused, denied, dropped, unfinished, status_events;
	struct led_state leds;
	void (*changed)(void *arg); /* the device has something to pump */
	/* As pump_pass(). NULL, and after injectors_init(): no shortcuts. */
	size_t (*pass)(void *arg, struct device_source *src,
		       const struct vi_event *ev, size_t n, bool *quiet);
	void *arg;
	struct injectors_local local;
};

/* For injectors_resume(). */
void injectors_resume_paused(struct injectors *inj);

void injectors_init(struct injectors *inj, struct ev_loop *loop,
		    struct device *dev, void (*changed)(void *arg), void *arg);
void injectors_fini(struct injectors *inj);

/*
 * Add an injector. fd is taken on success; status_fd (borrowed) is where status
 * events go, -1 for fd itself if that is a socket.
 * Return: 0 or -errno: -EISDIR, -EBADF, -EINVAL (a listening socket) and
 * -ESOCKTNOSUPPORT (datagrams) for what cannot be an injector.
 */
int injectors_add(struct injectors *inj, int fd, int status_fd);
/* The same for an injector whose source is number i of dev->persistent. */
int injectors_add_persistent(struct injectors *inj, int fd, int status_fd,
			     unsigned int i);
/*
 * Accept the injectors that allow (borrowed) admits at fd, a listening socket,
 * borrowed. Return: 0 or -errno.
 */
int injectors_listen(struct injectors *inj, int fd,
		     const struct peer_allow *allow);

/* The device has taken frames: resume sources that have space again. */
static inline void injectors_resume(struct injectors *inj)
{
	if (inj->any_paused)
		injectors_resume_paused(inj);
}

/* device_sink.released: free the injector that has this source. */
void injectors_released(struct device_source *source);
/* device_sink.answer: send control events to the injector with this source. */
bool injectors_answer(struct device_source *source, const struct vi_event *ev,
		      size_t n);
/*
 * Send status events to all. An injector that does not read loses them. One
 * that connects later is sent the LEDs among them.
 */
void injectors_status(struct injectors *inj, const struct vi_event *ev,
		      size_t n);
/* The guest's driver is another, which has set no LED yet. */
void injectors_forget_leds(struct injectors *inj);

void injectors_count(const struct injectors *inj, struct counters *c);

#endif
