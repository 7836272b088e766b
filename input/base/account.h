/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups, by name or number, as the command line gives them. A name
 * goes before a number that looks the same.
 */
#ifndef VINPUT_ACCOUNT_H
#define VINPUT_ACCOUNT_H

#include <sys/types.h>

#define ACCOUNT_NO_UID ((uid_t)-1)
#define ACCOUNT_NO_GID ((gid_t)-1)

/*
 * gid (may be NULL): the user's group, ACCOUNT_NO_GID of a number that is
 * nobody's. Return: 0, or -ENOENT: no such user, and no number.
 */
int account_user(const char *text, uid_t *uid, gid_t *gid);
/* Return: 0, or -ENOENT: no such group, and no number. */
int account_group(const char *text, gid_t *gid);

#endif
