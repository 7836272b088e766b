/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front-end's end of the back-end channel (SET_BACKEND_REQ_FD). Only the
 * socket of a struct frontend is used, so that fe_recv() and fe_send() work on
 * it.
 */
#ifndef VINPUT_TESTS_CHANNEL_H
#define VINPUT_TESTS_CHANNEL_H

#include "tests/lib/rig.h"

/*
 * A device that has something to send on the channel: channel_change() replaces
 * its spec, waits until that is done, and so causes a CONFIG_CHANGE.
 * channel_spec() only gives the server that spec.
 */
void channel_spec(struct rig *rig);
void channel_serve(struct rig *rig);
void channel_change(struct rig *rig);

/*
 * Open a channel to the device (BACKEND_REQ must have been negotiated). Its
 * socket buffer holds about `room` messages; 0: the usual size.
 */
void channel_open(struct rig *rig, struct frontend *channel, int room);
void channel_close(struct frontend *channel);

/* The next message must be this request, with NEED_REPLY where it is due. */
struct fe_msg channel_expect(struct rig *rig, struct frontend *channel,
			     uint32_t request);
void channel_expect_nothing(struct frontend *channel);
/* Return: the reply to a message. */
struct fe_msg channel_answer(uint32_t request, uint64_t value);

#endif
