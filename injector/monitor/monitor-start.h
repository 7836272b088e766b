/* SPDX-License-Identifier: Apache-2.0 */
/* Bring up all devices of a run. */
#ifndef VINPUT_MONITOR_START_H
#define VINPUT_MONITOR_START_H

#include "injector/monitor/monitor.h"

/*
 * Connect to each device, waiting for it with --wait, print it and start its
 * driver; then begin to record, and set the LEDs.
 * Return: 0 or a reason to end, see monitor.h.
 */
int monitor_start(struct monitor *m);

#endif
