/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a front-end has said to its back-end, kept so that it can be said once
 * more to the next back-end, and what it has asked and not been answered. Pure:
 * the fds of messages are numbers here, which are owned and handed to drop()
 * when they are not needed any more; it knows no loop and no log. Loop thread
 * only.
 *
 *	front-end ─► hold_session_ask() ─► back-end     kept at once, or when
 *	front-end ◄─ hold_session_answer() ◄─ back-end  it was answered
 *
 *	the back-end dies ─► hold_session_lose() ─► the next one:
 *	hold-replay.h, then what hold_session_asked() returns, once more
 *
 * A front-end waits for its answers, so one question is kept; what follows it
 * MUST NOT be passed on before it was answered. The rows of hold-rows.h say
 * what is kept of each message.
 */
#ifndef VINPUT_HOLD_SESSION_H
#define VINPUT_HOLD_SESSION_H

#include "injector/hold/hold-kept.h"

void hold_session_init(struct hold_session *s, const struct hold_ops *ops,
		       void *arg);
/* The front-end has gone: drop all. Idempotent. */
void hold_session_fini(struct hold_session *s);

/*
 * Return: whether the message is answered without the back-end; then it is that
 * answer, and its fds are still the caller's.
 */
bool hold_session_answers(struct hold_session *s, struct vu_message *msg);
/*
 * The message was passed on: keep what is needed of it. Its fds are taken.
 * There MUST NOT be a question without an answer.
 */
void hold_session_ask(struct hold_session *s, struct vu_message *msg);
/* Return: the question without an answer, or NULL. */
const struct vu_message *hold_session_asked(const struct hold_session *s);
/*
 * The back-end sent this. Return: whether it may be passed on; otherwise it
 * answers what was not asked.
 */
bool hold_session_answer(struct hold_session *s,
			 const struct vu_message *answer);

enum hold_loss {
	HOLD_RESUME, /* with the next back-end */
	HOLD_REFUSE, /* the same, after *answer has been sent */
	HOLD_OVER,   /* it cannot be resumed: *why, a static text */
};

/* The back-end has died. answer: of what it cannot be asked once more. */
enum hold_loss hold_session_lose(struct hold_session *s,
				 struct vu_message *answer, const char **why);

#endif
