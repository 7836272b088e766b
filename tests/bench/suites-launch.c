/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 256 devices, until each has answered its front-end: ours started by
 * vinput-launch, in the usual way and with --template; the other subjects, for
 * which there is no such program, one after the other by this process. Figures
 * of ours are those of the launcher and all of its processes; the CPU time of
 * the others includes what it takes this process to start them. All sockets are
 * in a tmpfs, as in /run: to make a file in another file system takes longer
 * than to start a process.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/bench/lanes.h"
#include "tests/bench/process-cost.h"

#define DEVICES	  256
#define PROCESSES (DEVICES + 8)
#define ARGS_MAX  (DEVICES + 8)
#define READY_FD  3
#define OURS_WAYS 2

static const struct way {
	const char *name, *option;
} ways[OURS_WAYS] = {
	{ "usual", "--hold=on" }, /* the default */
	{ "template", "--template" },
};

/* A group of devices, however they were started. */
static struct {
	struct backend device[DEVICES];
	const char *dir;
	pid_t launcher;	     /* 0: none */
	int64_t starting_ns; /* CPU time of this process, if it starts them */
	pid_t process[PROCESSES];
	size_t n_processes;
} group;

static void group_init(const char *dir)
{
	memset(&group, 0, sizeof(group));
	group.dir = dir;
}

static void put_group(struct bench *b, unsigned int subject, const char *way,
		      double ms)
{
	int64_t cpu_ns = group.starting_ns, private = 0, proportional = 0;

	for (size_t i = 0; i < group.n_processes; i++) {
		const pid_t pid = group.process[i];
		const struct cost_memory m = cost_memory(pid);

		cpu_ns += cost_cpu_ns(pid);
		private += m.private;
		proportional += m.proportional;
	}
	put(b, subject, ms, "ms", "launch.%s.answer", way);
	put(b, subject, (double)cpu_ns / 1e6, "ms", "launch.%s.cpu", way);
	put(b, subject, (double)private, "KiB", "launch.%s.private", way);
	put(b, subject, (double)proportional, "KiB", "launch.%s.proportional",
	    way);
}

/* --- by this process --- */

static void measure_others(struct bench *b, const char *dir,
			   unsigned int subject)
{
	const int64_t start = now_ns(), cpu_start = cost_cpu_ns(getpid());
	bool good = true;

	group_init(dir);
	for (unsigned int i = 0; i < DEVICES && good; i++) {
		good = !backend_spawn(&group.device[i], &b->subject[subject], 1,
				      group.dir, b->next_id++);
		group.process[group.n_processes++] = group.device[i].pid;
	}
	group.starting_ns = cost_cpu_ns(getpid()) - cpu_start;
	for (unsigned int i = 0; i < DEVICES && good; i++)
		good = !backend_greet(&group.device[i]);
	const double ms = (double)(now_ns() - start) / 1e6;

	/* Twice, to be compared with both ways of ours. */
	for (int i = 0; i < OURS_WAYS && good; i++)
		put_group(b, subject, ways[i].name, ms);
	for (unsigned int i = 0; i < DEVICES; i++)
		backend_stop(&group.device[i]);
}

/* --- by vinput-launch --- */

static pid_t start_launcher(const struct bench *b, const char *option,
			    int ready)
{
	static char program[4096], dir[4096], device[DEVICES][48];
	char *argv[ARGS_MAX] = { program, dir, (char *)option,
				 (char *)"--log-level=error",
				 (char *)"--ready-fd=3" };
	posix_spawn_file_actions_t fa;
	pid_t pid;

	snprintf(program, sizeof(program), "%s/vinput-launch", b->build);
	snprintf(dir, sizeof(dir), "--dir=%s/launch", group.dir);
	for (int i = 0; i < DEVICES; i++) {
		snprintf(device[i], sizeof(*device),
			 "--device=k%d=specs/keyboard.json", i);
		argv[5 + i] = device[i];
	}
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, ready, READY_FD);
	posix_spawn_file_actions_addclosefrom_np(&fa, READY_FD + 1);
	if (posix_spawn(&pid, program, &fa, NULL, argv, environ))
		pid = 0;
	posix_spawn_file_actions_destroy(&fa);
	return pid;
}

static bool launch(struct bench *b, const char *option)
{
	int ready[2];
	char newline;
	bool good;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return false;
	group.launcher = start_launcher(b, option, ready[1]);
	close(ready[1]);
	good = group.launcher && read(ready[0], &newline, 1) == 1;
	close(ready[0]);
	return good;
}

static bool greet(int i)
{
	struct frontend *fe = &group.device[i].fe;
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	char path[4096];

	snprintf(path, sizeof(path), "%s/launch/k%d.sock", group.dir, i);
	return !fe_connect(fe, path) && !fe_query(fe, &msg, sizeof(msg.u64));
}

/* The launcher and its children. */
static void find_processes(void)
{
	char path[64];
	FILE *list;

	group.process[group.n_processes++] = group.launcher;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		 group.launcher, group.launcher);
	list = fopen(path, "re");
	while (list && group.n_processes < PROCESSES &&
	       fscanf(list, "%d", &group.process[group.n_processes]) == 1)
		group.n_processes++;
	if (list)
		fclose(list);
}

static void measure_ours(struct bench *b, const char *dir,
			 const struct way *way)
{
	const int64_t start = now_ns();
	bool good;

	group_init(dir);
	for (int i = 0; i < DEVICES; i++)
		fe_init(&group.device[i].fe);
	good = launch(b, way->option);
	for (int i = 0; i < DEVICES && good; i++)
		good = greet(i);
	const double ms = (double)(now_ns() - start) / 1e6;

	if (good) {
		find_processes();
		put_group(b, OURS, way->name, ms);
	} else {
		fprintf(stderr, "\nbench: vinput-launch %s has failed\n",
			way->option);
	}
	for (int i = 0; i < DEVICES; i++)
		fe_fini(&group.device[i].fe);
	if (group.launcher) {
		kill(group.launcher, SIGTERM);
		waitpid(group.launcher, NULL, 0);
	}
}

void suite_launch(struct bench *b)
{
	char own[] = "/dev/shm/vinput-bench.XXXXXX";
	const char *dir = mkdtemp(own) ? own : b->dir;

	for (unsigned int i = 0; i < b->n_subjects; i++)
		if (i != OURS)
			measure_others(b, dir, i);
	for (int i = 0; i < OURS_WAYS; i++)
		measure_ours(b, dir, &ways[i]);
	if (dir == own)
		rmdir(own);
}
