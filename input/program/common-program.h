/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From main() to the loop, and back to the exit status, of the programs that
 * have common-options.h.
 */
#ifndef VINPUT_COMMON_PROGRAM_H
#define VINPUT_COMMON_PROGRAM_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "input/base/notify.h"
#include "input/program/common-options.h"

/* Exit statuses; COMMON_RUNS: not yet. */
enum {
	COMMON_RUNS = -1,
	COMMON_OK,
	COMMON_FAILED,
	COMMON_USAGE,
};

struct common_program {
	const char *name;
	const struct cmdline_option *rows;
	int n_rows;
	size_t common;		    /* offset of struct common_options */
	bool takes_command;	    /* words end the options */
	const char *before, *after; /* the rows, in --help */
	/*
	 * c->options have been read; words: those behind them, ends with NULL.
	 * Return: 0, or -EINVAL with c->why.
	 */
	int (*check)(struct cmdline *c, char **words);
};

/*
 * The first thing in main(). options: with their defaults, but for the common
 * ones. Return: COMMON_RUNS, and what was given in *options; or, after --help
 * for example, the exit status.
 */
int common_program_open(const struct common_program *p, void *options, int argc,
			char **argv);
/* The last one. Return: the exit status, which differs if stdout is full. */
int common_program_close(int status);

/* The loop, who waits until it runs, and what ends it. */
struct common_loop {
	struct ev_loop *loop;
	struct notify notify;
	ev_signal term, intr;
};

/* Return: 0 or -errno, logged; then there is nothing to close. */
int common_loop_open(struct common_loop *l, const struct common_options *o);
/*
 * Call ended on SIGTERM and SIGINT, with arg as the watcher's data. Before the
 * sandbox: libev opens a pipe. Before there are sockets: from here on these
 * signals remove them.
 */
void common_loop_watch(struct common_loop *l,
		       void (*ended)(struct ev_loop *, ev_signal *, int),
		       void *arg);
/* Say that all is ready, and run until the loop is broken. */
void common_loop_run(struct common_loop *l);
void common_loop_close(struct common_loop *l);

#endif
