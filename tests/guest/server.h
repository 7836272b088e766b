/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device servers under test: one vhost-user-input for a spec of specs/,
 * with one end of a socketpair as its injector. What goes wrong fails the
 * cmocka test.
 */
#ifndef VINPUT_TEST_SERVER_H
#define VINPUT_TEST_SERVER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include "input/event.h"

#define SERVER_SETS_MAX 4

struct server {
	char spec[NAME_MAX + 1];	   /* specs/SPEC.json */
	const char *sets[SERVER_SETS_MAX]; /* NAME=VALUE of its placeholders */
	char socket[100], inject[100];	   /* paths */
	pid_t pid;
	int inject_fd; /* ours, non-blocking */
};

/* What to do with the program: dir is where sockets are made. */
struct server_options {
	const char *program, *dir, *log;
};

/* Fill in a server for the file at path, without starting it. */
void server_init(struct server *srv, const char *path,
		 const struct server_options *opt);

/* Start it and wait until its sockets listen. */
void server_start(struct server *srv, const struct server_options *opt);

/* Return: whether it still runs. */
bool server_runs(const struct server *srv);

/* SIGTERM, then SIGKILL if that does not end it. Return: its wait status. */
int server_stop(struct server *srv);

/* What --check-spec prints. Return: the text, the caller's to free. */
char *server_print_spec(const struct server *srv,
			const struct server_options *opt);

/* Connect another injector, by the path. Return: its fd. */
int server_connect(const struct server *srv);

void server_inject(const struct server *srv, const struct vi_event *ev,
		   size_t n);

#endif
