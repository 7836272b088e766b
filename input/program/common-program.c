/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "input/base/fd.h"
#include "input/base/loop.h"
#include "input/base/watchdog.h"
#include "input/program/common-program.h"

#define HELP_COLUMN 24

static int program_parse(const struct common_program *p, struct cmdline *c)
{
	struct common_options *common =
		(void *)((char *)c->options + p->common);
	int r;

	common_options_init(common);
	cmdline_start(c);
	r = cmdline_take(c);
	if (r)
		return r < 0 ? r : 0;
	if (!p->takes_command && c->argv[optind])
		return cmdline_refuse(c->why, "unexpected argument %.200s",
				      c->argv[optind]);
	r = p->check(c, &c->argv[optind]);
	return r ? r : sandbox_options_check(&common->sandbox, c);
}

static int program_act(const struct common_program *p, const void *options)
{
	const struct common_options *common =
		(const void *)((const char *)options + p->common);

	log_set_level(common->log_level);
	switch (common->action) {
	case COMMON_HELP:
		puts(p->before);
		cmdline_help(p->rows, p->n_rows, HELP_COLUMN);
		printf("\n%s\n\nSee %s(1).\n", p->after, p->name);
		break;
	case COMMON_VERSION:
		printf("%s " VERSION "\n", p->name);
		break;
	case COMMON_RUN:
		return COMMON_RUNS;
	}
	return COMMON_OK;
}

int common_program_open(const struct common_program *p, void *options, int argc,
			char **argv)
{
	char why[256];
	struct cmdline line = {
		.rows = p->rows,
		.n_ids = p->n_rows,
		.argc = argc,
		.argv = argv,
		.stop_at_word = p->takes_command,
		.why = why,
		.options = options,
	};

	fd_fill_standard();
	signal(SIGPIPE, SIG_IGN);
	log_open();
	if (program_parse(p, &line)) {
		log_line(LOG_ERROR, CULPRIT_NONE, "%s", why);
		return COMMON_USAGE;
	}
	return program_act(p, options);
}

int common_program_close(int status)
{
	if (fflush(stdout) == EOF && !status)
		status = COMMON_FAILED;
	log_close();
	return status;
}

int common_loop_open(struct common_loop *l, const struct common_options *o)
{
	const char *why;

	l->loop = loop_new(&why);
	if (!l->loop) {
		log_line(LOG_ERROR, CULPRIT_HOST, "no event loop: %s", why);
		return -ENOSYS;
	}
	notify_open(&l->notify, o->ready_fd);
	return 0;
}

void common_loop_watch(struct common_loop *l,
		       void (*ended)(struct ev_loop *, ev_signal *, int),
		       void *arg)
{
	ev_signal_init(&l->term, ended, SIGTERM);
	ev_signal_init(&l->intr, ended, SIGINT);
	l->term.data = l->intr.data = arg;
	ev_signal_start(l->loop, &l->term);
	ev_signal_start(l->loop, &l->intr);
}

void common_loop_run(struct common_loop *l)
{
	int r = notify_ready(&l->notify);

	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST, "--ready-fd: %s",
			 strerror(-r));
	ev_run(l->loop, 0);
}

void common_loop_close(struct common_loop *l)
{
	notify_close(&l->notify);
	watchdog_fini();
	ev_loop_destroy(l->loop);
}
