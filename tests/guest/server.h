/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device servers under test: one vhost-user-input for a spec, with one end
 * of a socketpair as its injector, started our way or Cuttlefish's. What goes
 * wrong fails the cmocka test.
 */
#ifndef VINPUT_TEST_SERVER_H
#define VINPUT_TEST_SERVER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include "input/device/event.h"

#define SERVER_SETS_MAX 4

struct server {
	char path[PATH_MAX];		   /* of its spec, FOLDER/SPEC.json */
	char spec[NAME_MAX + 1];	   /* SPEC */
	const char *sets[SERVER_SETS_MAX]; /* NAME=VALUE of its placeholders */
	bool iommu;			   /* --iommu; ours only */
	bool cuttlefish; /* started by --socket-fd, without inject path */
	char socket[100], inject[100]; /* paths */
	pid_t pid;
	int inject_fd; /* our end, non-blocking */
	int status_fd; /* what it says on stdout, Cuttlefish's way; else -1 */
	/*
	 * The next one goes on with what this one's injector held: --state-fd,
	 * and the server's end of inject_fd, which stays. Ours only.
	 */
	bool keeps;
	int state_fd, kept_fd; /* -1: not made yet */
};

/* What is done with the program: dir is where sockets are made. */
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

/*
 * SIGKILL. The injector at srv->inject_fd has left with it, unless srv keeps.
 */
void server_kill(struct server *srv);

/* SIGTERM, then SIGKILL if that does not end it. Return: its wait status. */
int server_stop(struct server *srv);

/* What --check-spec prints. Return: the text, the caller's to free. */
char *server_print_spec(const struct server *srv,
			const struct server_options *opt);

/* Connect another injector, by the path. Return: its fd, non-blocking. */
int server_connect(const struct server *srv);

/* Write all of it to an injector's fd. */
void server_write(int fd, const void *data, size_t len);
/* The same with events and server.inject_fd. */
void server_inject(const struct server *srv, const struct vi_event *ev,
		   size_t n);

/* The injector at srv->inject_fd leaves. */
void server_leave(struct server *srv);

#endif
