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

/*
 * Before going to sleep, look for events over and over for as long as this;
 * less and less if none come that soon. 0: not at all, which is the default.
 */
void loop_set_busy_poll(unsigned int usec);

#endif
