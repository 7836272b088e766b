/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for what the server answers; for the other files of the library. */
#ifndef VINJECT_STATUS_H
#define VINJECT_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include "injector/libvinject/vinject.h"

/*
 * Dispatch until something is true. what: passed on. until_ms: see
 * vinject_clock_until(). Return: 0, -ETIMEDOUT, -EPIPE, or -EBUSY in a
 * callback.
 */
typedef bool (*vinject_done_fn)(const struct vinject *v, uint32_t what);
int vinject_dispatch_until(struct vinject *v, vinject_done_fn done,
			   uint32_t what, int64_t until_ms);

#endif
