/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One process under test, with its front-end and its injectors. A subject is
 * what can be started: the floor, vhost-user-input, or any other back-end. Its
 * command is described in command.h.
 */
#ifndef VINPUT_BENCH_BACKEND_H
#define VINPUT_BENCH_BACKEND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>
#include "injector/frontend/frontend-driver.h"
#include "injector/frontend/frontend-session.h"

#define BACKEND_SOURCES_MAX 64

/* The load: a keyboard's frames, two fingers or a mouse that move. */
enum load_kind {
	LOAD_KEYS,
	LOAD_TOUCH,
	LOAD_REL,
};

struct subject {
	const char *name;
	const char *command;
	const char *busy_command; /* so that it polls for events, or NULL */
	const char *many_command; /* for several injectors; NULL: command */
	/* Whose injector is inherited, as from a launcher; NULL: command */
	const char *heir_command;
	bool is_floor;
	unsigned int floor; /* the subject that it is compared with */
	bool verbose;	    /* its stderr is shown */
	enum load_kind load;
};

struct backend {
	const struct subject *subject;
	const char *dir; /* borrowed: where its sockets are */
	unsigned int id; /* its number among those in dir */
	pid_t pid;	 /* 0: none */
	int listen_fd;
	int64_t started_ns, answered_ns; /* CLOCK_MONOTONIC */
	int64_t answer_cpu_ns;		 /* what it had used at that time */
	struct frontend fe;
	bool is_packed;
	int inject[BACKEND_SOURCES_MAX];
	unsigned int n_sources;
	uint64_t pressed;   /* bit i: source i holds its key */
	unsigned int moved; /* touch or mouse frames so far */
	/* What the driver saw since these were last reset. */
	uint64_t kicks, calls;
	unsigned int lost; /* frames of the last load_take() */
};

int64_t now_ns(void);

/* Start it; n_sources above 1 needs {inject}. Return: 0 or a negative errno. */
int backend_spawn(struct backend *be, const struct subject *subject,
		  unsigned int n_sources, const char *dir, unsigned int id);
/* Wait for the first answer. Return: 0, a negative errno or FE_E_*. */
int backend_greet(struct backend *be);
/*
 * Connect the sources, make the rings, packed if be->is_packed, and start them.
 * Return: as above; -ENOTSUP: its rings cannot be packed.
 */
int backend_run(struct backend *be, uint16_t num);
/* Where its injectors connect, if it takes {inject}. */
struct sockaddr_un backend_inject_address(const struct backend *be);
void backend_stop(struct backend *be); /* idempotent */
#endif
