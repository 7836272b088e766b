/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>

#include "account.h"

/* Return: digits alone as a number, or -1. */
static long number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	return isdigit((unsigned char)*text) && !*end && n <= INT_MAX ? n : -1;
}

int account_user(const char *text, uid_t *uid, gid_t *gid)
{
	const struct passwd *pw = getpwnam(text);
	long n = number(text);

	if (!pw && n >= 0)
		pw = getpwuid((uid_t)n);
	if (!pw && n < 0)
		return -ENOENT;
	*uid = pw ? pw->pw_uid : (uid_t)n;
	if (gid)
		*gid = pw ? pw->pw_gid : ACCOUNT_NO_GID;
	return 0;
}

int account_group(const char *text, gid_t *gid)
{
	const struct group *gr = getgrnam(text);
	long n = number(text);

	if (!gr && n < 0)
		return -ENOENT;
	*gid = gr ? gr->gr_gid : (gid_t)n;
	return 0;
}
