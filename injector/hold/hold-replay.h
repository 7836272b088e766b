/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session is said once more, to a back-end that knows nothing of it:
 *
 *	features, channel ─► log ─► memory ─► in-flight region
 *	─► each queue ─► config ─► status ─► a question
 *
 * Back-ends handle messages in their order: the answer to the last question
 * means that all before it was accepted. Pure. Loop thread only.
 */
#ifndef VINPUT_HOLD_REPLAY_H
#define VINPUT_HOLD_REPLAY_H

#include "injector/hold/hold-kept.h"

struct hold_replay {
	struct hold_session *s;
	unsigned int step, i; /* the next message, and that of its step */
	uint32_t asked;	      /* the request without an answer, or 0 */
	uint64_t missing;     /* features that the back-end lacks */
	const char *what;     /* "feature", "protocol feature" */
};

/* s: borrowed. If nothing was said, there is nothing to say. */
void hold_replay_begin(struct hold_replay *r, struct hold_session *s);

enum hold_next {
	HOLD_NEXT_SEND, /* *msg, whose fds are borrowed */
	HOLD_NEXT_WAIT, /* for hold_replay_answer() */
	HOLD_NEXT_DONE,
};

/*
 * SET_BACKEND_REQ_FD comes without its fd: each back-end gets a socket of its
 * own.
 */
enum hold_next hold_replay_next(struct hold_replay *r, struct vu_message *msg);

#define HOLD_E_FEATURES 1 /* it lacks r->missing, which are in use */
#define HOLD_E_ANSWER	2 /* to what was not asked */
/* Return: 0 or HOLD_E_*. */
int hold_replay_answer(struct hold_replay *r, const struct vu_message *answer);

#endif
