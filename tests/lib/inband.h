/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A front-end that kicks and is called by messages (INBAND_NOTIFICATIONS). The
 * device does not have its eventfds: inband_expect() signals them here, so that
 * code that waits for a call works unchanged.
 */
#ifndef VINPUT_TESTS_INBAND_H
#define VINPUT_TESTS_INBAND_H

#include "tests/lib/channel.h"

/* Have srv offer the features, and the next front-end negotiate them. */
void inband_want(struct rig *rig);
/* Connected, negotiated, with a channel, memory and rings; no queue runs. */
void inband_prepare(struct rig *rig, struct frontend *channel);
/* The same, and both queues kicked. */
void inband_run(struct rig *rig, struct frontend *channel);

/* VRING_KICK. Return: as fe_request(). */
int inband_kick(struct rig *rig, unsigned int queue);

/* The next message must be this request for this queue; it is answered. */
void inband_expect(struct rig *rig, struct frontend *channel, uint32_t request,
		   unsigned int queue);
/* The same, without an answer yet. */
void inband_expect_unanswered(struct rig *rig, struct frontend *channel,
			      uint32_t request, unsigned int queue);
void inband_answer(struct frontend *channel, uint32_t request);

/* Make one event available in the statusq, without a kick. */
void inband_post_status(struct rig *rig, struct vi_event ev);

#endif
