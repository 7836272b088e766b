/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may connect: users and groups, as the kernel tells them of the other end
 * of a Unix socket (SO_PEERCRED): those of the moment of its connect().
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
	size_t n_uids, n_gids; /* both 0: everybody may */
};

/*
 * May the peer of fd connect: is one of the users, or in one of the groups?
 * peer: who it is, for the log; zeros if nobody was asked.
 */
bool peer_allow_check(const struct peer_allow *allow, int fd,
		      struct ucred *peer);

#endif
