/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which users and groups may connect to a Unix socket. The kernel knows the
 * peer's credentials at the time of its connect() (SO_PEERCRED).
 */
#ifndef VINPUT_PEER_ALLOW_H
#define VINPUT_PEER_ALLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#define PEER_ALLOW_MAX 32

struct peer_allow {
	uid_t uid[PEER_ALLOW_MAX];
	gid_t gid[PEER_ALLOW_MAX];
	size_t n_uids, n_gids; /* both 0: any */
};

/*
 * Return: whether the peer of fd is one of the users, or in one of the groups.
 * *peer: its credentials, for the log; zeros if any peer is allowed.
 */
bool peer_allow_check(const struct peer_allow *allow, int fd,
		      struct ucred *peer);

#endif
