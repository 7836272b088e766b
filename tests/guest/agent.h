/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the guest's agent: a single process, one request at a time; any
 * error ends the guest.
 */
#ifndef VINPUT_TEST_AGENT_H
#define VINPUT_TEST_AGENT_H

#include <stdbool.h>

#define NODES_MAX 64

/* agent.c: the port to the host */

/* A line that the host sent: its words, the numbers among them. */
struct request {
	int n;		   /* the first: usually a device's node */
	int args[3];	   /* the others */
	const char *words; /* the words after the request's name */
};

void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Text of several lines, each as a "d" line. */
void say_lines(char *text);
/* Log errno and end the guest. */
__attribute__((noreturn)) void die(const char *what);
void sleep_ms(long ms);

/* Handle a request and send its answer. Return: NULL, or an error. */
typedef const char *request_fn(const struct request *r);

/* agent-kernel.c: mounts, modules, the trace of what the driver hands on */
void boot(void);
/* All of a folder, in the order of their names. */
void load_modules(const char *folder);
/* Return: whether it took all of the text. */
bool write_file(const char *path, const char *text);
request_fn do_early, do_suspend, do_reboot;

/* agent-devices.c */
extern int node_fd[NODES_MAX]; /* by N of eventN, -1: no such node */
void forget_nodes(void);
/* Send all events that can be read, so that the next line comes after them. */
void report_events(int node);
request_fn do_wait, do_list, do_print, do_state, do_contacts, do_write,
	do_rebind;

/* agent-console.c */
request_fn do_keymap, do_screen;

/* agent-serve.c */
request_fn do_serve, do_unserve;

/* agent-programs.c */
request_fn do_start, do_said, do_stop, do_run;

#endif
