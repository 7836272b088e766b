/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front-end's end of the back-end channel (SET_BACKEND_REQ_FD): a
 * struct frontend that is used for its socket only, so that fe_recv() and
 * fe_send() work on it.
 */
#ifndef VINPUT_TESTS_CHANNEL_H
#define VINPUT_TESTS_CHANNEL_H

#include "tests/lib/rig.h"

/*
 * A device that channel_change() makes another one, and waits until it is: so
 * it has something to say (CONFIG_CHANGE).
 */
void channel_serve(struct rig *rig);
void channel_change(struct rig *rig);

/*
 * Give the device a channel (BACKEND_REQ must have been negotiated), with a
 * socket buffer that holds `room` messages or so; 0: what is usual.
 */
void channel_open(struct rig *rig, struct frontend *channel, int room);
void channel_close(struct frontend *channel);

/* The next message must be this one; with need_reply where it is due. */
struct fe_msg channel_expect(struct rig *rig, struct frontend *channel,
			     uint32_t request);
void channel_expect_nothing(struct frontend *channel);
/* Return: the answer to a message. */
struct fe_msg channel_answer(uint32_t request, uint64_t value);

#endif
