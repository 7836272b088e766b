/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "input/base/fd.h"
#include "input/serve/peer-allow.h"

static bool has_gid(const struct peer_allow *allow, gid_t gid)
{
	for (size_t i = 0; i < allow->n_gids; i++)
		if (allow->gid[i] == gid)
			return true;
	return false;
}

/* Its supplementary groups. Once per connection. */
static bool is_in_group(const struct peer_allow *allow, int fd)
{
	socklen_t len = 0;
	gid_t *groups;
	bool is = false;

	/* The first call returns the length that they need (ERANGE). */
	getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len);
	groups = len ? malloc(len) : NULL;
	if (groups && !getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		for (size_t i = 0; i < len / sizeof(*groups) && !is; i++)
			is = has_gid(allow, groups[i]);
	free(groups);
	return is;
}

bool peer_allow_check(const struct peer_allow *allow, int fd,
		      struct ucred *peer)
{
	*peer = (struct ucred){ 0 };
	if (!allow->n_uids && !allow->n_gids)
		return true;
	if (fd_peer(fd, peer))
		return false;
	for (size_t i = 0; i < allow->n_uids; i++)
		if (allow->uid[i] == peer->uid)
			return true;
	return allow->n_gids &&
	       (has_gid(allow, peer->gid) || is_in_group(allow, fd));
}
