/* SPDX-License-Identifier: Apache-2.0 */
/* Which devices of a seat are passed on without being named: --all, --seat. */
#ifndef VINPUT_PASS_SEAT_H
#define VINPUT_PASS_SEAT_H

#include <stdbool.h>
#include "injector/passthrough/pass-entry.h"
#include "injector/passthrough/pass-monitor.h"

/* seat: NULL: any. Return: whether the device is one of them. */
bool pass_seat_has(const struct pass_monitor *monitor, const char *seat,
		   const struct pass_entry *e);

#endif
