/* SPDX-License-Identifier: Apache-2.0 */
/* Show the events of all started devices. */
#ifndef VINPUT_MONITOR_FOLLOW_H
#define VINPUT_MONITOR_FOLLOW_H

#include "injector/monitor/monitor.h"

/*
 * Serve all devices in one poll(2) loop. A device that disconnects is reported
 * and dropped; the run ends with the last.
 * Return: a reason to end, see monitor.h.
 */
int monitor_follow(struct monitor *m);

#endif
