/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups of the command line, by name or number. A name in
 * /etc/passwd or /etc/group takes precedence over a number that looks the same.
 * What is not there, a directory's accounts, is asked of getent(1).
 */
#ifndef VINPUT_ACCOUNT_H
#define VINPUT_ACCOUNT_H

#include <sys/types.h>

#define ACCOUNT_NO_UID ((uid_t)-1)
#define ACCOUNT_NO_GID ((gid_t)-1)

/*
 * gid (may be NULL): the user's group; ACCOUNT_NO_GID for a number without an
 * account. Return: 0, or -ENOENT: neither a user nor a number.
 */
int account_user(const char *text, uid_t *uid, gid_t *gid);
/* Return: 0, or -ENOENT: neither a group nor a number. */
int account_group(const char *text, gid_t *gid);

#endif
