/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device servers under test: one vhost-user-input for each spec, with a
 * socketpair as its injector, started in our way or in Cuttlefish's. Errors
 * fail the cmocka test.
 */
#ifndef VINPUT_TEST_SERVER_H
#define VINPUT_TEST_SERVER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include "input/device/event.h"

#define SERVER_SETS_MAX 4

struct server {
	char path[PATH_MAX];		   /* of its spec, DIR/SPEC.json */
	char spec[NAME_MAX + 1];	   /* SPEC */
	const char *sets[SERVER_SETS_MAX]; /* NAME=VALUE of its placeholders */
	bool iommu;			   /* --iommu; ours only */
	bool cuttlefish;	       /* --socket-fd, and no injection path */
	char socket[100], inject[100]; /* paths */
	pid_t pid;
	int inject_fd; /* our end, non-blocking */
	int status_fd; /* its stdout, in Cuttlefish's way; otherwise -1 */
	/*
	 * The next one continues with what this one's injector held:
	 * --state-fd, and the server's end of inject_fd, which stays open. Ours
	 * only.
	 */
	bool keeps;
	int state_fd, kept_fd; /* -1: not created yet */
};

/* How to start it: dir is where sockets are created. */
struct server_options {
	const char *program, *dir, *log;
};

/* Fill in a server for the spec at path, without starting it. */
void server_init(struct server *srv, const char *path,
		 const struct server_options *opt);

/* Start it and wait until its sockets listen. */
void server_start(struct server *srv, const struct server_options *opt);

/*
 * Return: whether somebody listens at the path, according to the kernel:
 * connecting would be an additional front-end.
 */
bool server_listens(const char *path);

/* Return: whether it is still running. */
bool server_runs(const struct server *srv);

/*
 * SIGKILL. The injector at srv->inject_fd disconnects, too, unless srv->keeps.
 */
void server_kill(struct server *srv);

/* SIGTERM, then SIGKILL if that is not enough. Return: its wait status. */
int server_stop(struct server *srv);

/* What --check-spec prints of the guest's device. Return: the text, to be
 * freed. */
char *server_print_spec(const struct server *srv,
			const struct server_options *opt);

/* Connect another injector at the path. Return: its fd, non-blocking. */
int server_connect(const struct server *srv);

/* Write all of it to an injector's fd. */
void server_write(int fd, const void *data, size_t len);
/* The same with events and server.inject_fd. */
void server_inject(const struct server *srv, const struct vi_event *ev,
		   size_t n);

/* The injector at srv->inject_fd disconnects. */
void server_leave(struct server *srv);

#endif
