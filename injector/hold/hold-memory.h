/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a holder itself does with the front-end's fds when a back-end has been
 * replaced. An fd may be anything, so a watchdog interrupts what waits
 * (watchdog.h). Loop thread only.
 */
#ifndef VINPUT_HOLD_MEMORY_H
#define VINPUT_HOLD_MEMORY_H

#include "injector/hold/hold-channel.h"
#include "injector/hold/hold-kept.h"

/* close_fd(); pread() */
extern const struct hold_ops hold_memory_ops;

/*
 * The last back-end may have died between using a buffer and notifying, or
 * between a kick and looking: each queue that runs is called and kicked once.
 * What it wrote may not have been logged: all memory is.
 */
void hold_memory_resume(const struct hold_session *s, struct hold_channel *c);

#endif
