/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the guest's agent. It is one process that does one thing after
 * the other; what goes wrong in it ends the guest.
 */
#ifndef VINPUT_TEST_AGENT_H
#define VINPUT_TEST_AGENT_H

#define NODES_MAX 64

/* agent.c: the port to the host */

/* A line that the host sent: its words, the numbers among them. */
struct request {
	int n;		   /* the first: a device's node as a rule */
	int args[3];	   /* what follows it */
	const char *words; /* behind the verb */
};

void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Text of several lines, each as a "d" line. */
void say_lines(char *text);
/* The end, for errno. */
__attribute__((noreturn)) void die(const char *what);
void sleep_ms(long ms);

/*
 * What is done for a request: what it answers it says itself.
 * Return: NULL, or what is wrong.
 */
typedef const char *request_fn(const struct request *r);

/* agent-kernel.c: mounts, modules, the trace of what the driver hands on */
void boot(void);
request_fn do_early, do_suspend, do_reboot;

/* agent-devices.c */
extern int node_fd[NODES_MAX]; /* by N of eventN, -1: not there */
void forget_nodes(void);
/* Say all that can be read, so that what is said next comes after it. */
void report_events(int node);
request_fn do_wait, do_list, do_print, do_state, do_contacts, do_write;

/* agent-programs.c */
request_fn do_start, do_said, do_stop, do_run;

#endif
