/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vinput-hold costs: a keyboard's configuration is read through it and
 * beside it, in turn. Rings do not pass through it, so an event costs nothing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "injector/frontend/frontend-config.h"
#include "tests/bench/lanes.h"
#include "tests/bench/process-cost.h"

#define READS	   40
#define CONNECT_MS 5000

enum {
	DIRECT,
	HELD,
	WAYS,
};

static pid_t run(const char *program, const char *a, const char *b)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (!freopen("/dev/null", "w", stderr))
		_exit(126);
	execl(program, program, a, b, (char *)NULL);
	_exit(127);
}

static int greet(struct frontend *fe, const char *path)
{
	int rc = -1;

	fe_init(fe);
	fe->timeout_ms = CONNECT_MS;
	for (int ms = 0; ms < CONNECT_MS && (rc = fe_connect(fe, path)); ms++)
		sleep_ns(1000000);
	return rc ? rc : fe_negotiate(fe);
}

static void measure(struct bench *b, struct frontend fe[WAYS])
{
	static const char *const names[WAYS] = { "hold.config.direct",
						 "hold.config.held" };
	static struct spec spec;
	double ms[WAYS][READS];

	for (int i = 0; i < READS; i++)
		for (int way = 0; way < WAYS; way++) {
			const int64_t since = now_ns();

			if (fe_read_spec(&fe[way], &spec))
				return;
			ms[way][i] = (double)(now_ns() - since) / 1e6;
		}
	for (int way = 0; way < WAYS; way++)
		put(b, OURS, quantile(ms[way], READS, 0.5), "ms", "%s",
		    names[way]);
}

void suite_hold(struct bench *b)
{
	char server[4096], holder[4096], path[3][200], option[3][1024];
	struct frontend fe[WAYS];
	pid_t pid[3];

	snprintf(server, sizeof(server), "%s/vhost-user-input", b->build);
	snprintf(holder, sizeof(holder), "%s/vinput-hold", b->build);
	for (int i = 0; i < 3; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/hold.%d", b->dir, i);
		snprintf(option[i], sizeof(option[i]), "--socket-path=%s",
			 path[i]);
	}
	pid[0] = run(server, "--spec=keyboard", option[0]);
	pid[1] = run(server, "--spec=keyboard", option[1]);
	snprintf(server, sizeof(server), "--to=%s", path[1]);
	pid[2] = run(holder, server, option[2]);
	if (!greet(&fe[DIRECT], path[0]) & !greet(&fe[HELD], path[2])) {
		measure(b, fe);
		put(b, OURS, (double)cost_memory(pid[2]).private, "KiB",
		    "hold.memory.private");
	}
	for (int way = 0; way < WAYS; way++)
		fe_fini(&fe[way]);
	for (int i = 0; i < 3; i++) {
		kill(pid[i], SIGTERM);
		waitpid(pid[i], NULL, 0);
	}
}
