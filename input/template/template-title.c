/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prctl(2), PR_SET_MM_MAP sets all of these addresses or none, and wants no
 * privilege for it. A child's are its parent's, but for the end of its heap.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "input/template/template-title.h"

/* proc(5), /proc/PID/stat: from field 26 and from field 45 on. */
#define STAT_FORMAT                                                         \
	" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d " \
	"%*d %*d %*d %*u %*u %*d %*u %llu %llu %llu %*u %*u %*u %*u %*u "   \
	"%*u %*u %*u %*u %*d %*d %*u %*u %*u %*u %*d %llu %llu %llu %llu "  \
	"%llu %llu %llu"
#define STAT_FIELDS 10

static bool title_read(struct prctl_mm_map *m)
{
	FILE *stat = fopen("/proc/self/stat", "re");
	char text[1024] = "";
	const char *rest;

	if (!stat)
		return false;
	text[fread(text, 1, sizeof(text) - 1, stat)] = '\0';
	fclose(stat);
	/* The name before it may contain spaces and brackets. */
	rest = strrchr(text, ')');
	return rest &&
	       sscanf(rest + 1, STAT_FORMAT, &m->start_code, &m->end_code,
		      &m->start_stack, &m->start_data, &m->end_data,
		      &m->start_brk, &m->arg_start, &m->arg_end, &m->env_start,
		      &m->env_end) == STAT_FIELDS;
}

void template_title_init(struct template_title *t)
{
	*t = (struct template_title){ .map.exe_fd = (__u32)-1 };
	t->known = title_read(&t->map);
}

/* Where the last string of a list ends; begin: if it is empty. */
static __u64 title_end(char *const *words, __u64 begin)
{
	for (; *words; words++)
		begin = (__u64)(uintptr_t)(*words + strlen(*words) + 1);
	return begin;
}

void template_title_set(struct template_title *t, char *const *argv,
			char *const *env)
{
	struct prctl_mm_map *m = &t->map;

	if (!t->known)
		return;
	m->brk = (__u64)(uintptr_t)sbrk(0);
	m->arg_start = (__u64)(uintptr_t)argv[0];
	m->arg_end = m->env_start = title_end(argv, m->arg_start);
	m->env_end = title_end(env, m->env_start);
	prctl(PR_SET_MM, PR_SET_MM_MAP, m, sizeof(*m), 0);
}
