/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does for a process what that no longer can: a child that keeps the user of
 * the start opens nodes, and another one runs --on-switch.
 *
 *	main process: sandbox             opener: a fork of it
 *	pass_opener_open(path) ── path ──► permitted? an evdev node?
 *	                       ◄── fd ───  open(2)
 *
 * Without pass_opener_start() everything is done in the process itself. One
 * opener per process. Calls wait for its answer.
 */
#ifndef VINPUT_PASS_OPENER_H
#define VINPUT_PASS_OPENER_H

#include <stdbool.h>
#include <stddef.h>
#include "input/sandbox/sandbox-calls.h"

struct pass_permit;

/*
 * Before the process has threads. The children hold none of its fds but the
 * standard streams. permit: borrowed. mode: how the opener is confined, not
 * SANDBOX_OFF.
 * Return: 0 or -errno.
 */
int pass_opener_start(struct pass_permit *permit, enum sandbox_mode mode);
/* Idempotent. */
void pass_opener_stop(void);

/*
 * Open a node for reading and, if that is permitted, for writing. Return: an fd
 * with O_NONBLOCK; or -errno (-EPERM: not one that this program is to use;
 * -EPIPE: the opener has ended).
 */
int pass_opener_open(const char *path, bool *writable);
/* As pass_switch_run(). */
void pass_opener_switch(const char *command, const char *target);
/* As pass_holders(). */
void pass_opener_holders(const char *path, char *text, size_t size);

#endif
