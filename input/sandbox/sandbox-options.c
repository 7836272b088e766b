/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "input/base/account.h"
#include "input/base/cmdline-value.h"
#include "input/sandbox/sandbox-options.h"

static int take_mode(struct sandbox *sb, struct cmdline *c, char *value)
{
	static const char *const words[] = { [SANDBOX_OFF] = "off",
					     [SANDBOX_LOG] = "log",
					     [SANDBOX_ON] = "on",
					     NULL };
	int i = cmdline_value_word(c, value, words, "on, log or off");

	sb->mode = (enum sandbox_mode)i;
	return i < 0 ? i : 0;
}

/* The user's own group, unless --group names another. */
static int take_user(struct sandbox *sb, struct cmdline *c, char *value)
{
	gid_t gid;

	if (cmdline_value_user(c, value, &sb->uid, &gid))
		return -EINVAL;
	if (!cmdline_given(c, "group"))
		sb->gid = gid;
	return 0;
}

int sandbox_options_take(struct cmdline *c, char *value)
{
	struct sandbox *sb = cmdline_member(c);

	if (!strcmp(c->taken->name, "sandbox"))
		return take_mode(sb, c, value);
	if (!strcmp(c->taken->name, "user"))
		return take_user(sb, c, value);
	return cmdline_value_group(c, value, &sb->gid);
}

void sandbox_options_init(struct sandbox *sb)
{
	*sb = (struct sandbox){ .mode = SANDBOX_DEFAULT,
				.uid = ACCOUNT_NO_UID,
				.gid = ACCOUNT_NO_GID };
}

int sandbox_options_check(const struct sandbox *sb, struct cmdline *c)
{
	const char *user = cmdline_given(c, "user");

	if (user && sb->gid == ACCOUNT_NO_GID)
		return cmdline_refuse(
			c->why, "--user=%s: has no group; --group is required",
			user);
	return 0;
}
