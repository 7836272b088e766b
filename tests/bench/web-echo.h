/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that sends each frame of a WebSocket back and does nothing else:
 * the floor of what reads one and passes it on. One client, short frames.
 */
#ifndef VINPUT_BENCH_WEB_ECHO_H
#define VINPUT_BENCH_WEB_ECHO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Return: its pid, to be killed; -1: errno. */
pid_t web_echo_start(uint16_t *port);

#endif
