/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vinput-launch as a child of a test, with real servers below it, a front-end
 * for one of its devices at a time (the rig's), and a connection to its control
 * socket. The test is a subreaper: a process that the launcher leaves behind
 * becomes its child, and there must be none at the end.
 *
 * The test program is the streamer, too: run as "PROGRAM relay SOCKET STATUS FD
 * [WORD]..." it sends one line with its words and VINPUT_FDS to SOCKET, copies
 * what it receives from there to FD, and exits with STATUS at the end of the
 * stream.
 */
#ifndef VINPUT_TESTS_LAUNCH_H
#define VINPUT_TESTS_LAUNCH_H

#include <jansson.h>
#include "tests/lib/rig.h"

struct launch_test {
	struct rig *rig; /* its srv is not used */
	struct process launcher;
	char place[48]; /* --dir, below rig->dir; the launcher makes it */
	char relay[48]; /* where relays connect */
	int relay_fd;
	int control; /* -1: not connected */
};

int launch_setup(void **state);
/* Stops the launcher, which MUST leave nothing behind. */
int launch_teardown(void **state);

#define launch_arg(t, ...) process_arg(&(t)->launcher, __VA_ARGS__)
/* Run a shell script as --server; "$REAL" in it is the real one. */
void launch_server_script(struct launch_test *t, const char *text);
/* Start it, and wait until it reports that it is ready. */
void launch_start(struct launch_test *t);
/* SIGTERM; the status must be 0, and nothing may be left. */
void launch_end(struct launch_test *t);
/* No child process and no directory. */
void launch_expect_nothing_left(struct launch_test *t);

/* Send a command, a line of JSON. Return: the answer, to be freed. */
__attribute__((format(printf, 2, 3))) json_t *launch_order(
	struct launch_test *t, const char *fmt, ...);
/* The answer must be ok, or an error that contains the text. */
void launch_expect_ok(json_t *answer);
void launch_expect_error(json_t *answer, const char *text);
/* A number that the list has for a device: "pid", "restarts". -1: none. */
long long launch_number(struct launch_test *t, const char *label,
			const char *key);
/* Return: whether the device is in this state according to the list. */
bool launch_is(struct launch_test *t, const char *label, const char *state);
void launch_expect_state(struct launch_test *t, const char *label,
			 const char *state);
/* Wait until the list has this for a device's "vmm" or "driver". */
void launch_expect_flag(struct launch_test *t, const char *label,
			const char *key, bool value);

/* The words of a command for vinput-launch --control. */
#define LAUNCH_WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
/* Run it. p is initialized here; its status and output are the command's. */
void launch_control(struct launch_test *t, struct process *p,
		    const char *const *words);
/* It must succeed, and print a text that contains says. */
void launch_expect_control(struct launch_test *t, const char *says,
			   const char *const *words);
/* It must fail with this status and a line that contains says. */
void launch_expect_refused(struct launch_test *t, int status, const char *says,
			   const char *const *words);

/* The rig's front-end becomes the VMM of this device: no queue runs yet. */
void launch_vmm(struct launch_test *t, const char *label);
/* The same, and that of a guest whose driver runs. */
void launch_guest(struct launch_test *t, const char *label);
/* The rig's injector 0 becomes a connection to LABEL.inject. */
void launch_injector(struct launch_test *t, const char *label);
/* Arguments that make a relay the streamer, with words for placeholders. */
void launch_relay(struct launch_test *t, int status, const char *fd,
		  const char *words);
/* The rig's injector 0 becomes the next relay to connect. Return: its line. */
char *launch_accept_relay(struct launch_test *t);
/* For main(): runs the relay if the program was started as one. */
void launch_relay_main(int argc, char **argv);

/* Run to its end. Return: its exit status; its output is captured. */
int launch_run_process(struct process *p);

#endif
