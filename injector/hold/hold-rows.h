/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row for each message of a front-end: its name, how it is answered, and what
 * a session keeps of it. To support another message, add its row and its
 * function in hold-rows.c, and if it is to be said once more, a step in
 * hold-replay.c.
 */
#ifndef VINPUT_HOLD_ROWS_H
#define VINPUT_HOLD_ROWS_H

#include "injector/hold/hold-kept.h"

enum hold_answer {
	HOLD_ACKED,    /* if an ack is requested: REPLY_ACK */
	HOLD_ANSWERED, /* always */
};

struct hold_row {
	const char *name;
	enum hold_answer answer;
	/*
	 * It has succeeded. MAY take fds of said (vu_message_steal_fd()).
	 * answer: NULL if there was none. NULL: nothing is kept.
	 */
	void (*keep)(struct hold_session *s, struct vu_message *said,
		     const struct vu_message *answer);
};

/* Return: the row of a request; NULL if it is unknown. */
const struct hold_row *hold_row_of(uint32_t request);
/* Return: its name, or "request N" in buf. */
const char *hold_row_name(uint32_t request, char buf[24]);

#endif
