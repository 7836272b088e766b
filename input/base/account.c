/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>

#include "input/base/account.h"
#include "input/base/number.h"

int account_user(const char *text, uid_t *uid, gid_t *gid)
{
	const struct passwd *pw = getpwnam(text);
	int n = number_read(text, INT_MAX);

	if (!pw && n < 0)
		return -ENOENT;
	if (!pw)
		pw = getpwuid((uid_t)n);
	*uid = pw ? pw->pw_uid : (uid_t)n;
	if (gid)
		*gid = pw ? pw->pw_gid : ACCOUNT_NO_GID;
	return 0;
}

int account_group(const char *text, gid_t *gid)
{
	const struct group *gr = getgrnam(text);
	int n = number_read(text, INT_MAX);

	if (!gr && n < 0)
		return -ENOENT;
	*gid = gr ? gr->gr_gid : (gid_t)n;
	return 0;
}
