/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One of the project's real programs as a child of a test: its arguments, the
 * fds it inherits, its output, its exit. Every wait has a deadline, and only
 * the child itself is ever killed.
 */
#ifndef VINPUT_TESTS_PROCESS_H
#define VINPUT_TESTS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROCESS_ARGS_MAX 48
#define PROCESS_FDS_MAX	 48
/* Long enough for a sanitized program on a busy machine. */
#define DEADLINE_MS 10000

/* What a stream of the child has produced. */
struct process_text {
	int fd;	    /* our end of the pipe, -1: none */
	char *text; /* NUL-terminated, owned; NULL: nothing */
	size_t len;
};

struct process {
	pid_t pid;  /* 0: not started, or already waited for */
	int status; /* exit status, 128 + signal, -1: still running */
	char *argv[PROCESS_ARGS_MAX + 1]; /* owned */
	size_t argc;
	char *env;		   /* NAME=VALUE, owned, NULL: none */
	int keep[PROCESS_FDS_MAX]; /* borrowed: stay open in the child */
	size_t n_keep;
	int in, out;	   /* borrowed: its stdin and stdout; -1: /dev/null */
	int captured;	   /* memfd, owned: its stdout, -1: not captured */
	char *stdout_text; /* owned */
	bool traced;	   /* ptrace(2) by us: it stops after exec */
	bool listen_fds;   /* LISTEN_FDS=1, LISTEN_PID its own, fd 3: keep[0] */
	int log_end[2];	   /* of its stderr, ours and its own; -1: a pipe's */
	struct process_text err;
};

void process_init(struct process *p, const char *program);
/* Kills it if it still runs. Idempotent. */
void process_fini(struct process *p);

__attribute__((format(printf, 2, 3))) void process_arg(struct process *p,
						       const char *fmt, ...);
void process_keep_fd(struct process *p, int fd);
/* For LD_PRELOAD in env: AddressSanitizer insists on being the first. */
void process_allow_preload(void);
/*
 * vhost-user-input with tests/wire/LIBRARY.so put into it: not the one that
 * contains libc, but the same that loads it, so that functions can be replaced.
 */
void process_preload_server(struct process *p, const char *library);
/* Its stderr is `its`, and the log is read from `ours`; both are taken. */
void process_log_to(struct process *p, int ours, int its);
void process_start(struct process *p);
/* Its stdin and stdout are pipes. *in, *out: our ends, the caller's. */
void process_start_piped(struct process *p, int *in, int *out);
/* With --ready-fd: returns when it is ready, and has closed that fd. */
void process_start_ready(struct process *p);

/* Capture stdout, for process_stdout(). Before the start. */
void process_capture(struct process *p);
/* Return: its stdout so far; valid until the next call. */
const char *process_stdout(struct process *p);
/* Wait until needle is in it. */
void process_expect_stdout(struct process *p, const char *needle);

/* Wait until it exits. Return: its exit status, 128 + signal. */
int process_wait(struct process *p);
/* SIGTERM to a program that catches it, then wait. Return: as above. */
int process_terminate(struct process *p);
/* Return: whether it is still running. */
bool process_runs(struct process *p);

/* Read what it has logged so far. */
void process_read_log(struct process *p);
/* Return: the number of lines of a text; NULL has none. */
int process_lines(const char *text);
/* Return: lines of its log that contain needle. */
int process_log_count(struct process *p, const char *needle);
/* Wait until a line that contains needle was logged. */
void process_expect_log(struct process *p, const char *needle);

/* The top of the source tree, found from this test's program. */
const char *test_root(void);
/* VINPUT_BIN_DIR, or build/$(VARIANT) of this test. */
const char *test_bin_dir(void);
/*
 * Unset the variables that vinput-inject reads: the machine's must not matter.
 */
void test_clear_environment(void);

#endif
