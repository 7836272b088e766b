/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-inject without a device: it runs once, and what it prints is seen. */
#ifndef VINPUT_TESTS_INJECT_ONCE_H
#define VINPUT_TESTS_INJECT_ONCE_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "tests/lib/inject-rig.h"

/* What a recording begins with. */
#define HEAD "# vinput recording 1\n"

/* Run it with words split as in a shell. Return: its exit status. */
static inline int run(struct process *p, const char *line)
{
	process_init(p, "vinput-inject");
	process_capture(p);
	inject_add_words(p, line);
	process_start(p);
	return process_wait(p);
}

/* The same with a standard output that takes nothing. */
static inline int run_to_full(struct process *p, const char *line)
{
	const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_sys(full);
	process_init(p, "vinput-inject");
	inject_add_words(p, line);
	p->out = full;
	process_start(p);
	close(full);
	return process_wait(p);
}

/* Run it with this on its standard input. */
static inline int run_with_stdin(struct process *p, const char *line,
				 const void *in, size_t len)
{
	int fd[2];

	assert_sys(pipe(fd));
	assert_num(write(fd[1], in, len), (long long)len);
	close(fd[1]);
	process_init(p, "vinput-inject");
	process_capture(p);
	p->in = fd[0];
	inject_add_words(p, line);
	process_start(p);
	close(fd[0]);
	return process_wait(p);
}

#define run_with_text(p, line, text) run_with_stdin(p, line, text, strlen(text))

#endif
