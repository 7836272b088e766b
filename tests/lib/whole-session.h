/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session that has all messages, and in which keys are typed, for servers
 * that die in it: what the front-end is answered and what its guest gets MUST
 * be the same as when it was run for the first time, undisturbed.
 */
#ifndef VINPUT_TESTS_WHOLE_SESSION_H
#define VINPUT_TESTS_WHOLE_SESSION_H

#include <stdatomic.h>
#include "tests/lib/array.h"
#include "tests/lib/rig.h"

#define WHOLE_SESSION_MAX 64

struct whole_session_answer {
	struct vu_header hdr;
	uint8_t bytes[64];
	size_t n_fds;
};

struct whole_session {
	struct rig *rig; /* borrowed: with a server, and perhaps a holder */
	size_t n;	 /* steps: messages, and keys */
	/*
	 * May be set: called before a step, and when its message was sent or
	 * its keys were, and nothing was answered yet.
	 */
	void (*before)(void *arg, size_t i);
	void (*after)(void *arg, size_t i);
	void *arg;
	/* In one of which a server has died: a snapshot may fail there. */
	atomic_size_t died_from, died_to;
	bool is_known;
	char what[64]; /* is done to it, for failures */
	struct whole_session_answer answer[WHOLE_SESSION_MAX];
	int channel[2], transfer[2]; /* back-end channel; of the snapshot */
};

/* An option that the rig's servers MUST have. */
extern const char whole_session_option[];

void whole_session_open(struct whole_session *s, struct rig *rig);
void whole_session_close(struct whole_session *s);
/* Connect and run it; with a failed assertion if anything differs. */
void whole_session_run(struct whole_session *s);

#endif
