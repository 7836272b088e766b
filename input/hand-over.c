/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vhost-user: back-end program conventions, vhost-user-input: --evdev-path and
 * --no-grab. What reads a device of the host needs its node, and system calls
 * that no server needs. So it is a program of its own, which has the server's
 * engine and most of its options, and this process becomes it: before the
 * sandbox, and with the same process ID, inherited fds and environment.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input/base/log.h"
#include "input/hand-over.h"
#include "input/options-table.h"

#define PROGRAM	 "vinput-passthrough"
#define ARGS_MAX 256

/* argv[0], the options, "--", DEV, NULL. */
struct args {
	char *v[ARGS_MAX];
	size_t n;
	const char *device;
};

/* Never freed: the process is replaced, or ends. Return: 0 or -errno. */
static int args_add(struct args *a, const char *format, const char *name,
		    const char *value)
{
	if (a->n + 3 >= ARGS_MAX)
		return -E2BIG;
	return asprintf(&a->v[a->n++], format, name, value) < 0 ? -ENOMEM : 0;
}

static int args_add_option(struct args *a, const struct cmdline_option *row,
			   const char *value)
{
	if (!strcmp(row->name, "evdev-path")) {
		a->device = value;
		return 0;
	}
	return args_add(a, row->value ? "--%s=%s" : "--%s", row->name, value);
}

/* A word without a slash would be looked for in /dev. */
static int args_add_device(struct args *a)
{
	const char *folder = strchr(a->device, '/') ? "" : "./";

	a->v[a->n++] = (char *)"--";
	return args_add(a, "%s%s", folder, a->device);
}

static int args_make(struct args *a, int argc, char **argv)
{
	char why[256];
	struct cmdline line = { .rows = options_rows,
				.n_ids = options_n_rows,
				.argc = argc,
				.argv = argv,
				.why = why };
	int id, r = 0;

	*a = (struct args){ .v = { (char *)PROGRAM }, .n = 1 };
	cmdline_start(&line);
	while (!r && (id = cmdline_next(&line)) > 0)
		r = args_add_option(a, &options_rows[id], optarg);
	return r ? r : args_add_device(a);
}

static void execute(char *const *argv)
{
	char self[PATH_MAX] = "", path[PATH_MAX + sizeof("/" PROGRAM)];

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) > 0) {
		snprintf(path, sizeof(path), "%s/" PROGRAM, dirname(self));
		execv(path, argv);
	}
	if (errno == ENOENT)
		execvp(PROGRAM, argv);
}

void hand_over(int argc, char **argv)
{
	struct args a;
	int r = args_make(&a, argc, argv);

	if (!r) {
		execute(a.v);
		r = -errno;
	}
	log_line(LOG_ERROR, CULPRIT_HOST,
		 "--evdev-path: cannot execute " PROGRAM ": %s", strerror(-r));
}
