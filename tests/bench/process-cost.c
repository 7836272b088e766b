/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tests/bench/process-cost.h"

int64_t cost_cpu_ns(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t) < 0)
		return -1;
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Return: the sum of the numbers in lines that begin with "name:". */
static int64_t sum_lines(pid_t pid, const char *file, const char *name)
{
	char path[64], line[256];
	size_t len = strlen(name);
	int64_t sum = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	FILE *in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, name, len) && line[len] == ':')
			sum = (sum < 0 ? 0 : sum) + atoll(line + len + 1);
	if (in)
		fclose(in);
	return sum;
}

int64_t cost_sleeps(pid_t pid)
{
	return sum_lines(pid, "status", "voluntary_ctxt_switches");
}

int64_t cost_fds(pid_t pid)
{
	char path[64];
	int64_t n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	if (!dir)
		return -1;
	for (struct dirent *e; (e = readdir(dir));)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

struct cost_memory cost_memory(pid_t pid)
{
	int64_t clean = sum_lines(pid, "smaps_rollup", "Private_Clean");
	int64_t dirty = sum_lines(pid, "smaps_rollup", "Private_Dirty");

	return (struct cost_memory){
		.private = clean < 0 || dirty < 0 ? -1 : clean + dirty,
		.proportional = sum_lines(pid, "smaps_rollup", "Pss"),
		.resident = sum_lines(pid, "smaps_rollup", "Rss"),
	};
}
