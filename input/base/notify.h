/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports the state of the process to what started it: to a service manager,
 * through the socket that NOTIFY_SOCKET names (sd_notify(3) without its
 * library), and to the reader of an inherited fd (--ready-fd), which receives
 * one newline and then end of file. Both are trusted. Opened before the sandbox
 * is entered, used inside it.
 */
#ifndef VINPUT_NOTIFY_H
#define VINPUT_NOTIFY_H

struct notify {
	int manager_fd; /* owned, connected; -1: none */
	int ready_fd;	/* owned; -1: none, or already written */
};

#define NOTIFY_NULL ((struct notify){ .manager_fd = -1, .ready_fd = -1 })

/*
 * ready_fd is taken, -1: none. A service manager that cannot be reached is
 * ignored.
 */
void notify_open(struct notify *n, int ready_fd);
/* Once. Return: 0 or -errno of the write to ready_fd. */
int notify_ready(struct notify *n);
/* To the manager: the configuration is being read again; that has ended. */
void notify_reloading(struct notify *n);
/* error: a line that says why nothing has changed; NULL: all went well. */
void notify_reloaded(struct notify *n, const char *error);
void notify_stopping(struct notify *n);
void notify_close(struct notify *n); /* idempotent */

#endif
