/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Not by getpwnam(): the device server contains libc, and what nsswitch.conf(5)
 * names besides files are libraries to be loaded. So files are read here, and
 * getent(1) asks for what is not there.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/base/account.h"
#include "input/base/fd.h"
#include "input/base/number.h"

/* What a line of passwd(5) or group(5) says. */
struct entry {
	const char *name; /* in the line */
	uint32_t id, group;
};

/* Return: false: no number, or (uint32_t)-1, which stands for none. */
static bool read_id(const char *text, uint32_t *id)
{
	char *end;
	unsigned long n;

	if (!text || !isdigit((unsigned char)*text))
		return false;
	n = strtoul(text, &end, 10);
	*id = (uint32_t)n;
	return n < UINT32_MAX && strchr("\n", *end);
}

/* Return: false: a comment, or nothing that libc would take for an account. */
static bool read_entry(char *line, struct entry *e)
{
	const char *id;

	e->name = strsep(&line, ":");
	strsep(&line, ":");
	id = strsep(&line, ":");
	if (!read_id(strsep(&line, ":"), &e->group))
		e->group = ACCOUNT_NO_GID;
	return *e->name != '#' && read_id(id, &e->id);
}

/* text: NULL: any; number: -1: the text is none. found: without its name. */
static bool find(FILE *list, const char *text, int number, struct entry *found)
{
	char *line = NULL;
	size_t size = 0;
	struct entry e;
	bool named = false, good = false;

	while (!named && getline(&line, &size, list) > 0) {
		if (!read_entry(line, &e))
			continue;
		named = !text || !strcmp(e.name, text);
		if (named || (!good && e.id == (int64_t)number)) {
			*found = (struct entry){ NULL, e.id, e.group };
			good = true;
		}
	}
	free(line);
	return good;
}

static bool find_in_file(const char *file, const char *text, int number,
			 struct entry *found)
{
	FILE *list = fopen(file, "re");
	const bool good = list && find(list, text, number, found);

	if (list)
		fclose(list);
	return good;
}

/* Return: the fd of what it prints, or -1. *pid MUST be waited for then. */
static int start_getent(const char *database, const char *text, pid_t *pid)
{
	char *const argv[] = { (char[]){ "getent" }, (char[]){ "--" },
			       (char *)database, (char *)text, NULL };
	_cleanup_close_ int from = -1, to = -1;
	posix_spawn_file_actions_t fa;
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	from = ends[0];
	to = ends[1];
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, to, STDOUT_FILENO);
	r = posix_spawnp(pid, *argv, &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	return r ? -1 : steal_fd(&from);
}

static bool ask_getent(const char *database, const char *text,
		       struct entry *found)
{
	pid_t pid;
	const int fd = start_getent(database, text, &pid);
	FILE *answer = fd < 0 ? NULL : fdopen(fd, "r");
	const bool good = answer && find(answer, NULL, -1, found);

	if (answer)
		fclose(answer);
	else
		close_fd(fd);
	if (fd >= 0)
		waitpid(pid, NULL, 0);
	return good;
}

int account_user(const char *text, uid_t *uid, gid_t *gid)
{
	const int n = number_read(text, INT_MAX);
	struct entry e = { .id = (uid_t)n, .group = ACCOUNT_NO_GID };

	/* A number needs no account, but has no group without one. */
	if (!find_in_file("/etc/passwd", text, n, &e) && (n < 0 || gid) &&
	    !ask_getent("passwd", text, &e) && n < 0)
		return -ENOENT;
	*uid = e.id;
	if (gid)
		*gid = e.group;
	return 0;
}

int account_group(const char *text, gid_t *gid)
{
	const int n = number_read(text, INT_MAX);
	struct entry e = { .id = (gid_t)n };

	if (!find_in_file("/etc/group", text, n, &e) && n < 0 &&
	    !ask_getent("group", text, &e))
		return -ENOENT;
	*gid = e.id;
	return 0;
}
