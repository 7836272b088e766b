/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that starts the back-end, and starts it again whenever it ends: the
 * holder itself is in a sandbox in which it cannot. The two are joined by a
 * socket: when the holder ends it, the keeper ends the back-end and then
 * itself.
 */
#ifndef VINPUT_HOLD_KEEPER_H
#define VINPUT_HOLD_KEEPER_H

#include <sys/un.h>

#define HOLD_PATH_MAX sizeof(((struct sockaddr_un *)0)->sun_path)

/*
 * Where back-ends listen: at `to`; if that is NULL, at frontend's path with
 * ".backend" behind it. Return: 0; -ENAMETOOLONG, logged.
 */
int hold_keeper_choose(char path[HOLD_PATH_MAX], const char *to,
		       const char *frontend);

/*
 * argv: ends with NULL; {socket} in it stands for path, and if it does not
 * occur, --socket-path=PATH is appended. The process MUST have one thread, and
 * no fd that the back-end must not have without FD_CLOEXEC.
 * Return: our end of the socket, which becomes readable only when the keeper
 * has ended; or -errno, logged.
 */
int hold_keeper_start(char *const *argv, const char *path);

#endif
