/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: libev's, made to sleep for as long as there is nothing to do.
 */
#ifndef VINPUT_LOOP_H
#define VINPUT_LOOP_H

#include <ev.h>

/* Longer timers than this are not to be had. */
#define LOOP_TIMER_MAX_MS 30000

/* Return: the loop of this process, or NULL. */
struct ev_loop *loop_of_process(void);

#endif
