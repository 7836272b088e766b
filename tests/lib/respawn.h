/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One server after another, as under a launcher or systemd: what survives a
 * server is its listening socket, the injection sockets that it inherits, and
 * perhaps the persistent file of --state-fd. The rig's front-end and injectors
 * are at the other ends.
 */
#ifndef VINPUT_TESTS_RESPAWN_H
#define VINPUT_TESTS_RESPAWN_H

#include "tests/lib/rig.h"

#define RESPAWN_INJECTORS_MAX 2
#define RESPAWN_OPTIONS_MAX   2

struct respawn {
	struct rig *rig; /* borrowed */
	int listen_fd;
	int state_fd;			      /* -1: without --state-fd */
	int inject_fd[RESPAWN_INJECTORS_MAX]; /* the server's ends */
	size_t n_inject;
	char spec[80];
	const char *option[RESPAWN_OPTIONS_MAX]; /* NULL: none */
};

/* A listening socket, an empty memory file, and no injector. */
void respawn_init(struct respawn *r, struct rig *rig);
/* Closes what the servers inherited. Idempotent. */
void respawn_fini(struct respawn *r);

/* One of tests/wire/specs; else set r->spec to a path. */
void respawn_spec(struct respawn *r, const char *name);
/* Another inherited injector, SOCK_STREAM or SOCK_SEQPACKET. */
void respawn_injector(struct respawn *r, int type);

void respawn_start(struct respawn *r);
/* SIGKILL, and wait for its end. */
void respawn_kill(struct respawn *r);
/* Leave this server alone; the next one will be another process. */
void respawn_forget(struct respawn *r);

#endif
