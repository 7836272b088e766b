/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a queue: what lets it run, and what happens when it starts and
 * stops. vu-queue.c has the states.
 */
#ifndef VINPUT_VU_QUEUE_H
#define VINPUT_VU_QUEUE_H

#include "input/vhost-user/vu-session.h"

/*
 * After a message: start each queue that may run, stop each that must not, and
 * find the rings that were lost. The only place that starts a queue.
 * Return: 0 or VU_E_VIOLATION: it cannot start, or its ring is gone.
 */
int vu_queue_settle(struct vu_backend *be);

/*
 * Stop a queue at once, before its fds are closed. It starts again with the
 * next vu_queue_settle() unless it must not.
 */
void vu_queue_stop(struct vu_backend *be, struct vu_queue *q);
/* Reset a queue: only its size, its addresses and its enabling are kept. */
void vu_queue_reset(struct vu_backend *be, struct vu_queue *q);
void vu_queue_reset_all(struct vu_backend *be);
/* As vu_backend_break(). */
void vu_queue_break(struct vu_backend *be, struct vu_queue *q);
void vu_queue_set_started(struct vu_backend *be, struct vu_queue *q,
			  bool started);

/* Return: whether any queue runs. */
bool vu_queue_any_runs(const struct vu_backend *be);
/* Return: the position of the ring, or where it would start. */
uint32_t vu_queue_base(const struct vu_backend *be, const struct vu_queue *q);
/* Return: 0 or VU_E_VIOLATION: num is no size of a ring of this layout. */
int vu_queue_check_num(struct vu_backend *be, uint32_t num);

#endif
