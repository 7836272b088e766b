/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How an injector gets a ring: it asks (RING in input/device/control.h), is
 * answered, and offers one. Its socket lets fds through only in between. Loop
 * thread only.
 */
#ifndef VINPUT_INJECTOR_OFFER_H
#define VINPUT_INJECTOR_OFFER_H

#include "input/serve/injector-types.h"

/* Let a socket's peer send fds, or not. */
void injector_offer_pass_fds(int socket, bool on);

/* It has asked, perhaps again. */
void injector_offer_asked(struct injector *in);

/*
 * While its offer is awaited: as recv(). If fds came, they are those of an
 * offer, which is answered: in->ring is the ring, if it was accepted.
 */
ssize_t injector_offer_recv(struct injector *in, void *to, size_t len);

/* Free in->ring. */
void injector_offer_end_ring(struct injector *in);

/*
 * Send it events. Return: whether all were sent. (Here, since both answers and
 * status events are sent.)
 */
bool injector_send(struct injector *in, const struct vi_event *ev, size_t n);

#endif
