/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Postcopy migration: the guest runs here while parts of its memory are still
 * elsewhere. vu-postcopy.c has the theory of operation.
 */
#ifndef VINPUT_VU_POSTCOPY_H
#define VINPUT_VU_POSTCOPY_H

#include "input/vhost-user/vu-handler.h"

vu_handler vu_postcopy_advise, vu_postcopy_listen, vu_postcopy_end;

/* As vu_backend_offer_postcopy(). */
int vu_postcopy_offer(struct vu_backend *be);
/* While listening, memory changes: no queue may run until that is acked. */
void vu_postcopy_hold(struct vu_backend *be);
/* It is acked. Return: 0 or VU_E_VIOLATION. */
int vu_postcopy_acked(struct vu_backend *be);
/* The front-end has gone; its memory is unmapped already. */
void vu_postcopy_drop(struct vu_backend *be);

#endif
