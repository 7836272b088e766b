/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message that is answered is kept when its answer says that it succeeded, so
 * it is never both said once more and asked once more.
 */
#include <stdlib.h>
#include <string.h>
#include "injector/hold/hold-rows.h"
#include "injector/hold/hold-session.h"

void hold_session_init(struct hold_session *s, const struct hold_ops *ops,
		       void *arg)
{
	memset(s, 0, sizeof(*s));
	s->ops = ops;
	s->arg = arg;
	s->log.fd = s->log_call.fd = s->inflight.fd = -1;
	for (unsigned int i = 0; i < HOLD_QUEUES_MAX; i++) {
		struct hold_queue *q = &s->queue[i];

		q->kick.fd = q->call.fd = q->err.fd = -1;
	}
}

static void session_drop(struct hold_session *s, int fd)
{
	if (fd >= 0)
		s->ops->drop(s->arg, fd);
}

static void session_drop_fds(struct hold_session *s, struct vu_message *msg)
{
	for (unsigned int i = 0; i < msg->n_fds; i++)
		session_drop(s, msg->fds[i]);
	msg->n_fds = 0;
}

void hold_session_fini(struct hold_session *s)
{
	session_drop_fds(s, &s->asked);
	for (unsigned int i = 0; i < s->n_regions; i++)
		session_drop(s, s->region[i].fd);
	for (unsigned int i = 0; i < HOLD_QUEUES_MAX; i++) {
		session_drop(s, s->queue[i].kick.fd);
		session_drop(s, s->queue[i].call.fd);
		session_drop(s, s->queue[i].err.fd);
	}
	session_drop(s, s->log.fd);
	session_drop(s, s->log_call.fd);
	session_drop(s, s->inflight.fd);
	free(s->region);
	hold_session_init(s, s->ops, s->arg);
}

/* Make msg the answer to what it asks. */
static void make_answer(struct vu_message *msg, uint64_t u64)
{
	msg->hdr.flags = VU_FLAG_VERSION_1 | VU_FLAG_REPLY;
	msg->hdr.size = sizeof(msg->p.u64);
	msg->p.u64 = u64;
}

bool hold_session_answers(struct hold_session *s, struct vu_message *msg)
{
	if (msg->hdr.request != VU_CHECK_DEVICE_STATE ||
	    s->transfer != HOLD_TRANSFER_LOST)
		return false;
	s->transfer = HOLD_TRANSFER_NONE;
	make_answer(msg, 1);
	return true;
}

/* Return: whether the back-end replies to the message. */
static bool is_question(const struct hold_session *s,
			const struct vu_message *msg)
{
	const struct hold_row *row = hold_row_of(msg->hdr.request);
	const bool acks = vu_feature_in(s->protocol, VU_PROTOCOL_F_REPLY_ACK) &&
			  msg->hdr.flags & VU_FLAG_NEED_REPLY;

	if (row && row->answer == HOLD_ANSWERED)
		return true;
	/* In postcopy they are answered with addresses, except for an ack. */
	if (s->listening && msg->hdr.request == VU_SET_MEM_TABLE)
		return msg->p.mem_table.n_regions || acks;
	if (s->listening && msg->hdr.request == VU_ADD_MEM_REG)
		return msg->hdr.size == sizeof(msg->p.single) || acks;
	return acks;
}

static void session_keep(struct hold_session *s, struct vu_message *said,
			 const struct vu_message *answer)
{
	const struct hold_row *row = hold_row_of(said->hdr.request);

	if (!row)
		s->unknown = "it has sent a request that is unknown here";
	if (row && row->keep) {
		s->said_any = true;
		row->keep(s, said, answer);
	}
	session_drop_fds(s, said);
}

void hold_session_ask(struct hold_session *s, struct vu_message *msg)
{
	s->has_asked = is_question(s, msg);
	if (!s->has_asked) {
		session_keep(s, msg, NULL);
		return;
	}
	s->asked = *msg;
	msg->n_fds = 0;
}

const struct vu_message *hold_session_asked(const struct hold_session *s)
{
	return s->has_asked ? &s->asked : NULL;
}

/* An ack of 0, or an answer of its own kind. */
static bool has_succeeded(const struct vu_message *asked,
			  const struct vu_message *answer)
{
	const struct hold_row *row = hold_row_of(asked->hdr.request);

	if (row && row->answer == HOLD_ANSWERED)
		return answer->hdr.size >= sizeof(answer->p.u64) ||
		       !answer->hdr.size;
	return answer->hdr.size != sizeof(answer->p.u64) || !answer->p.u64;
}

bool hold_session_answer(struct hold_session *s,
			 const struct vu_message *answer)
{
	if (!s->has_asked || answer->hdr.request != s->asked.hdr.request ||
	    !(answer->hdr.flags & VU_FLAG_REPLY))
		return false;
	s->has_asked = false;
	if (has_succeeded(&s->asked, answer))
		session_keep(s, &s->asked, answer);
	else
		session_drop_fds(s, &s->asked);
	return true;
}

/* Its pipe has been read or written by the one that died. */
static bool refuse_transfer(struct hold_session *s, struct vu_message *answer)
{
	const bool started =
		s->has_asked && s->asked.hdr.request == VU_SET_DEVICE_STATE_FD;
	const bool checked =
		s->has_asked && s->asked.hdr.request == VU_CHECK_DEVICE_STATE;

	if (s->transfer == HOLD_TRANSFER_RUNS)
		s->transfer = HOLD_TRANSFER_LOST;
	if (!started && !checked)
		return false;
	*answer = s->asked;
	answer->n_fds = 0;
	make_answer(answer, started ? VU_TRANSFER_NOFD | 1 : 1);
	session_drop_fds(s, &s->asked);
	s->has_asked = false;
	s->transfer = HOLD_TRANSFER_NONE;
	return true;
}

enum hold_loss hold_session_lose(struct hold_session *s,
				 struct vu_message *answer, const char **why)
{
	*why = s->unknown;
	/* The userfaultfd belongs to the memory of the one that died. */
	if (s->postcopy ||
	    (s->has_asked && s->asked.hdr.request == VU_POSTCOPY_ADVISE))
		*why = "postcopy migration is under way";
	if (*why)
		return HOLD_OVER;
	return refuse_transfer(s, answer) ? HOLD_REFUSE : HOLD_RESUME;
}
