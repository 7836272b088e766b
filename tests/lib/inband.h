/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A front-end that kicks and is called by messages (INBAND_NOTIFICATIONS). Its
 * eventfds are known to no device: inband_expect_call() signals them here, so
 * that what waits for a call works as ever.
 */
#ifndef VINPUT_TESTS_INBAND_H
#define VINPUT_TESTS_INBAND_H

#include "tests/lib/channel.h"

/* Have the features offered by srv, negotiated by what connects next. */
void inband_want(struct rig *rig);
/* Connected, negotiated, a channel, memory, rings; none is started. */
void inband_prepare(struct rig *rig, struct frontend *channel);
/* All of that, and both queues kicked. */
void inband_run(struct rig *rig, struct frontend *channel);

/* VRING_KICK. Return: as fe_request(). */
int inband_kick(struct rig *rig, unsigned int queue);

/* The next message must be this one about this queue; it is answered. */
void inband_expect(struct rig *rig, struct frontend *channel, uint32_t request,
		   unsigned int queue);
/* The same, and it is not answered yet. */
void inband_expect_unanswered(struct rig *rig, struct frontend *channel,
			      uint32_t request, unsigned int queue);
void inband_answer(struct frontend *channel, uint32_t request);

/* Put one event into the statusq; no kick. */
void inband_post_status(struct rig *rig, struct vi_event ev);

#endif
