/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "input/base/account.h"
#include "input/base/cmdline-value.h"
#include "input/base/number.h"

int cmdline_value_number(struct cmdline *c, const char *text, int min, int max)
{
	int n = number_read(text, max);

	return n >= min ? n
			: cmdline_refuse_value(c, text,
					       "must be a number from %d to %d",
					       min, max);
}

int cmdline_value_seconds(struct cmdline *c, const char *text, double max,
			  double *seconds)
{
	if (number_read_seconds(text, max, seconds))
		return cmdline_refuse_value(c, text,
					    "must be seconds, such as 2.5");
	return 0;
}

int cmdline_value_mode(struct cmdline *c, const char *text, mode_t *mode)
{
	int n = number_read_octal(text, 0777);

	if (n < 0)
		return cmdline_refuse_value(c, text,
					    "must be an octal mode, such as "
					    "0660");
	*mode = (mode_t)n;
	return 0;
}

int cmdline_value_level(struct cmdline *c, const char *text,
			enum log_level *level)
{
	if (log_level_from_name(text, level))
		return cmdline_refuse_value(c, text,
					    "must be off, error, warning, "
					    "info, debug or trace");
	return 0;
}

int cmdline_value_word(struct cmdline *c, const char *text,
		       const char *const *words, const char *list)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(text, words[i]))
			return i;
	return cmdline_refuse_value(c, text, "must be %s", list);
}

int cmdline_value_fd(struct cmdline *c, const char *text, int *fd)
{
	*fd = cmdline_value_number(c, text, 0, INT_MAX);
	if (*fd < 0)
		return -EINVAL;
	if (fcntl(*fd, F_GETFD) < 0)
		return cmdline_refuse_value(c, text,
					    "no such fd was inherited");
	return 0;
}

/* The log's reader would wait for its end, and see no more of it. */
int cmdline_value_ready_fd(struct cmdline *c, const char *text, int *fd)
{
	if (cmdline_value_fd(c, text, fd))
		return -EINVAL;
	if (*fd == STDERR_FILENO)
		return cmdline_refuse_value(c, text,
					    "must not be standard error, "
					    "which is the log's");
	return 0;
}

int cmdline_value_user(struct cmdline *c, const char *text, uid_t *uid,
		       gid_t *gid)
{
	if (account_user(text, uid, gid))
		return cmdline_refuse_value(c, text, "no such user");
	return 0;
}

int cmdline_value_group(struct cmdline *c, const char *text, gid_t *gid)
{
	if (account_group(text, gid))
		return cmdline_refuse_value(c, text, "no such group");
	return 0;
}

int cmdline_take_fd(struct cmdline *c, char *value)
{
	return cmdline_value_fd(c, value, cmdline_member(c));
}

int cmdline_take_ready_fd(struct cmdline *c, char *value)
{
	return cmdline_value_ready_fd(c, value, cmdline_member(c));
}

int cmdline_take_level(struct cmdline *c, char *value)
{
	return cmdline_value_level(c, value, cmdline_member(c));
}

int cmdline_take_seconds(struct cmdline *c, char *value)
{
	return cmdline_value_seconds(c, value, c->taken->to, cmdline_member(c));
}

int cmdline_take_mode(struct cmdline *c, char *value)
{
	return cmdline_value_mode(c, value, cmdline_member(c));
}

int cmdline_take_group(struct cmdline *c, char *value)
{
	return cmdline_value_group(c, value, cmdline_member(c));
}
