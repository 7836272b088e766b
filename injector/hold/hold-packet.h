/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets of hold-order.h with fds. Signals do not interrupt sending and
 * receiving, but a limit of time begins once more with each.
 */
#ifndef VINPUT_HOLD_PACKET_H
#define VINPUT_HOLD_PACKET_H

#include <stddef.h>
#include <sys/types.h>
#include "injector/hold/hold-order.h"

#define HOLD_PACKET_FDS (HOLD_ADD_FDS + HOLD_KEPT_FDS)

struct hold_packet {
	struct hold_order order;
	int fd[HOLD_PACKET_FDS];
	size_t n_fds;
};

/* fds are borrowed. flags: of sendmsg(2). Return: 0 or -errno. */
int hold_packet_send(int socket, const struct hold_packet *p, int flags);
/*
 * flags: of recvmsg(2). Return: 1; 0 at the end; -errno; -EBADMSG: not a packet
 * of ours; -EMFILE: its fds are lost. The fds are the caller's: see below.
 */
int hold_packet_receive(int socket, struct hold_packet *p, int flags);
/* Close those that nobody has taken (-1). */
void hold_packet_close(struct hold_packet *p);
/* Return: the fd of that number, now the caller's. */
int hold_packet_take(struct hold_packet *p, size_t i);

#endif
