/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The injectors in the event loop: inherited fds and connections, each with a
 * source in the device. What they send is read (injector.h), and they are sent
 * the guest's LEDs and sounds. Loop thread only.
 */
#ifndef VINPUT_INJECTORS_H
#define VINPUT_INJECTORS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include "input/device/device.h"
#include "input/device/event.h"
#include "input/serve/counters.h"
#include "input/serve/injector-types.h"
#include "input/serve/peer-allow.h"

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
/* device_sink.ask_ring. */
void injectors_asked_for_ring(struct device_source *source);
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
