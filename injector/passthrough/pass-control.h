/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request to the launcher of a directory, at its control socket
 * (injector/launch/launch-control.h), and its answer. Nothing waits. Loop
 * thread only.
 */
#ifndef VINPUT_PASS_CONTROL_H
#define VINPUT_PASS_CONTROL_H

#include <ev.h>
#include <jansson.h>

#define PASS_ANSWER_MAX 2048

struct pass_control {
	struct ev_loop *loop;
	/* error: NULL: it is done; else why not, valid during the call. */
	void (*answered)(void *arg, const char *error);
	void *arg;

	int fd;	   /* owned; -1: no request */
	char *out; /* owned: the request */
	size_t out_len, sent;
	char in[PASS_ANSWER_MAX];
	size_t in_len;
	ev_io io;
};

/* The members above the blank line are set. */
void pass_control_init(struct pass_control *c);
/*
 * Send the request, which is taken, to the launcher of dir. Its answer comes
 * from the loop. Return: 0 or -errno: no launcher.
 */
int pass_control_ask(struct pass_control *c, const char *dir, json_t *request);
/* There will be no answer any more. Idempotent. */
void pass_control_stop(struct pass_control *c);

/* Is there a launcher? Return: 0 or -errno. */
int pass_control_check(const char *dir);
/* Send a request, which is taken and short, without regard for its answer. */
void pass_control_tell(const char *dir, json_t *request);

#endif
