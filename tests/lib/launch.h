/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vinput-launch as a child of a test, with real servers below it, a front-end
 * for one of its devices at a time (the rig's), and a connection to its control
 * socket. The test is a subreaper: what the launcher leaves behind becomes its
 * child, and there must be none at the end.
 *
 * The test's program is the streamer, too: started as "PROGRAM relay SOCKET
 * STATUS FD [WORD]..." it says one line with its words and VINPUT_FDS, passes
 * on to FD what comes from SOCKET, and exits with STATUS when that ends.
 */
#ifndef VINPUT_TESTS_LAUNCH_H
#define VINPUT_TESTS_LAUNCH_H

#include <jansson.h>
#include "tests/lib/rig.h"

struct launch_test {
	struct rig *rig; /* its srv is not used */
	struct process launcher;
	char place[48]; /* --dir, below rig->dir; the launcher makes it */
	char relay[48]; /* where relays come */
	int relay_fd;
	int control; /* -1: not connected */
};

int launch_setup(void **state);
/* Ends the launcher, which must leave nothing behind. */
int launch_teardown(void **state);

#define launch_arg(t, ...) process_arg(&(t)->launcher, __VA_ARGS__)
/* A shell script is --server; with "$REAL" as the real one. */
void launch_server_script(struct launch_test *t, const char *text);
/* Start it, wait until it says that it is ready. */
void launch_start(struct launch_test *t);
/* SIGTERM; status must be 0; nothing is left. */
void launch_end(struct launch_test *t);
/* No child, no folder. */
void launch_expect_nothing_left(struct launch_test *t);

/* Give an order, a line of JSON. Return: the answer, to be freed. */
__attribute__((format(printf, 2, 3))) json_t *launch_order(
	struct launch_test *t, const char *fmt, ...);
/* The answer must be ok, or an error that contains text. */
void launch_expect_ok(json_t *answer);
void launch_expect_error(json_t *answer, const char *text);
/* What the list says of a device: "pid", "restarts". -1: it has none such. */
long long launch_number(struct launch_test *t, const char *label,
			const char *key);
/* Return: whether the list says that the device is in this state. */
bool launch_is(struct launch_test *t, const char *label, const char *state);
void launch_expect_state(struct launch_test *t, const char *label,
			 const char *state);

/* The rig's front-end becomes the VMM and the guest of this device. */
void launch_guest(struct launch_test *t, const char *label);
/* The rig's injector 0 becomes a connection to LABEL.inject. */
void launch_injector(struct launch_test *t, const char *label);
/* Arguments for a relay as the streamer, with words to be filled in. */
void launch_relay(struct launch_test *t, int status, const char *fd,
		  const char *words);
/* The rig's injector 0 becomes a relay that comes. Return: what it said. */
char *launch_accept_relay(struct launch_test *t);
/* For main(): acts if the program was started as a relay. */
void launch_relay_main(int argc, char **argv);

/* Run to its end. Return: its exit status; said on stdout and on stderr. */
int launch_run(struct process *p);

#endif
