/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-inject --measure on the real server, with this process as the guest:
 * how long its frames take until the driver is notified, which the driver
 * stamps, and until they are known here to have been taken, which
 * vinput-inject measures. Both are of the same frames and by the same clock.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/bench/command.h"
#include "tests/bench/lanes.h"
#include "tests/bench/load.h"
#include "tests/lib/inject-times.h"

#define COUNT	 500 /* presses and releases */
#define FRAMES	 (2 * COUNT)
#define SUBJECT	 1   /* the only one that has receipts */
#define CHECK_MS 100 /* whether vinput-inject runs */

/* Return: its pid, 0 if it cannot be started. */
static pid_t start_inject(const struct bench *b, const struct backend *be,
			  const char *times)
{
	struct sockaddr_un addr = backend_inject_address(be);
	struct command c = { 0 };
	char line[COMMAND_TEXT_MAX];
	posix_spawn_file_actions_t fa;
	pid_t pid;

	snprintf(line, sizeof(line),
		 "%s/vinput-inject --to={inject} --measure=%s "
		 "key 1 --count=%d --hold=1ms --delay=1ms",
		 b->build, times, COUNT);
	if (command_make(&c, line, &addr, &addr))
		return 0;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, STDOUT_FILENO, "/dev/null",
					 O_WRONLY, 0);
	if (posix_spawn(&pid, c.argv[0], &fa, NULL, c.argv, c.env))
		pid = 0;
	posix_spawn_file_actions_destroy(&fa);
	return pid;
}

/* Be the driver until vinput-inject ends. Return: whether it has succeeded. */
static bool take_all(struct backend *be, pid_t pid, struct inject_stamps *at)
{
	int status = 0;

	while (!waitpid(pid, &status, WNOHANG)) {
		int64_t ns;
		int rc = load_await(be, &ns, CHECK_MS);

		if (!rc)
			inject_stamp(at, ns);
		if (rc && rc != LOAD_E_LOST) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
		}
	}
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void put_quantiles(struct bench *b, const char *name, double *us,
			  size_t n)
{
	put(b, SUBJECT, quantile(us, n, 0.5), "us", "receipt.%s.p50", name);
	put(b, SUBJECT, quantile(us, n, 0.9), "us", "receipt.%s.p90", name);
	put(b, SUBJECT, quantile(us, n, 0.99), "us", "receipt.%s.p99", name);
}

static void measure(struct bench *b, struct backend *be, const char *times)
{
	static struct inject_time time[FRAMES];
	static double notified[FRAMES], taken[FRAMES];
	static struct inject_stamps at;
	pid_t pid = start_inject(b, be, times);
	FILE *in = NULL;

	at.n = 0;
	if (pid && take_all(be, pid, &at))
		in = fopen(times, "re");
	if (!in)
		return;
	size_t n = inject_times_read(in, &at, time, FRAMES);
	fclose(in);
	for (size_t i = 0; i < n; i++) {
		notified[i] = time[i].notified;
		taken[i] = time[i].taken;
	}
	put_quantiles(b, "notified", notified, n);
	put_quantiles(b, "taken", taken, n);
}

void suite_receipts(struct bench *b)
{
	struct shape shape = usual_shape;
	struct backend be = { 0 };
	char times[64];

	shape.sources = 0;
	snprintf(times, sizeof(times), "%s/times", b->dir);
	if (lanes_start_one(b, &be, SUBJECT, &shape)) {
		lanes_settle();
		load_drain(&be);
		measure(b, &be, times);
	}
	backend_stop(&be);
	unlink(times);
}
