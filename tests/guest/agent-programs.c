/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that run in the guest, one at a time. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/guest/agent.h"

#define ARGS_MAX 16

static pid_t program;	     /* 0: none */
static int program_tty = -1; /* our end of its terminal */

/* A terminal, because many programs buffer their output to a file or pipe. */
static void run_program(const char *line)
{
	char *argv[ARGS_MAX + 1] = { 0 }, *words = strdup(line), *word;
	size_t n = 0;
	int tty;

	/* Not the controlling one: closing it would end a daemon, too. */
	tty = open(ptsname(program_tty), O_RDWR | O_NOCTTY);
	for (int fd = 0; fd <= 2; fd++)
		dup2(tty, fd);
	while (n < ARGS_MAX && (word = strsep(&words, " ")))
		argv[n++] = word;
	execv(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

const char *do_start(const struct request *r)
{
	if (program)
		return "one program at a time";
	program_tty = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (program_tty < 0 || unlockpt(program_tty) < 0)
		die("posix_openpt");
	program = fork();
	if (program < 0)
		die("fork");
	if (!program)
		run_program(r->words);
	return NULL;
}

/* The complete lines of its output; a terminal ends them with "\r\n". */
static void say_what_it_said(void)
{
	static char buf[8192];
	static size_t filled;
	ssize_t len;
	char *end;

	while ((len = read(program_tty, buf + filled,
			   sizeof(buf) - 1 - filled)) > 0) {
		filled += (size_t)len;
		buf[filled] = '\0';
		while ((end = strchr(buf, '\n'))) {
			*end = '\0';
			say("d %.*s\n", (int)strcspn(buf, "\r"), buf);
			filled -= (size_t)(end + 1 - buf);
			memmove(buf, end + 1, filled + 1);
		}
	}
}

const char *do_said(const struct request *r)
{
	say_what_it_said();
	return NULL;
}

/* Until it exits. */
static const char *await_program(void)
{
	int status = 0;

	while (!waitpid(program, &status, WNOHANG)) {
		say_what_it_said();
		sleep_ms(5);
	}
	say_what_it_said();
	close(program_tty);
	program = 0;
	return status ? "the program failed" : NULL;
}

const char *do_stop(const struct request *r)
{
	if (!program)
		return "no program";
	kill(program, SIGINT);
	return await_program();
}

const char *do_run(const struct request *r)
{
	const char *wrong = do_start(r);

	return wrong ? wrong : await_program();
}
