/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "injector/passthrough/pass-holders.h"

/* pid: as a folder of /proc is named. */
static bool has_open(const char *pid, const struct stat *node)
{
	char path[64];
	const struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		struct stat st;

		found = !fstatat(dirfd(dir), entry->d_name, &st, 0) &&
			st.st_dev == node->st_dev && st.st_ino == node->st_ino;
	}
	if (dir)
		closedir(dir);
	return found;
}

static void append(const char *pid, char *text, size_t size)
{
	char path[64], name[32] = "?";
	const size_t len = strlen(text);
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	f = fopen(path, "re");
	if (f && fgets(name, sizeof(name), f))
		name[strcspn(name, "\n")] = '\0';
	if (f)
		fclose(f);
	snprintf(text + len, size - len, "%s%s (%.16s)", len ? ", " : "", name,
		 pid);
}

void pass_holders(const char *path, char *text, size_t size)
{
	const struct dirent *entry;
	struct stat node;
	DIR *proc = opendir("/proc");

	text[0] = '\0';
	while (proc && !stat(path, &node) && (entry = readdir(proc))) {
		const int pid = atoi(entry->d_name);

		/* Nor the process that asks this one: pass-opener.h. */
		if (pid > 0 && pid != getpid() && pid != getppid() &&
		    has_open(entry->d_name, &node))
			append(entry->d_name, text, size);
	}
	if (proc)
		closedir(proc);
}
