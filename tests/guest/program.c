/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/program.h"
#include "tests/guest/vm.h"

#define WORDS_MAX 16

static const char *programs, *log_path;

void program_init(const char *dir, const char *log)
{
	programs = dir;
	log_path = log;
}

bool program_has_logged(const char *text)
{
	FILE *log = fopen(log_path, "re");
	char *line = NULL;
	size_t size = 0;
	bool has = false;

	while (log && !has && getline(&line, &size, log) > 0)
		has = strstr(line, text);
	free(line);
	if (log)
		fclose(log);
	return has;
}

char *program_path(const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", programs, name) > 0);
	return path;
}

__attribute__((noreturn)) static void run_child(const char *name,
						const char *words)
{
	char *argv[WORDS_MAX + 1] = { strchr(name, '/') ? strdup(name)
							: program_path(name) };
	char *rest = strdup(words);
	int fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0644);

	die_with_parent();
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	for (size_t n = 1; n < WORDS_MAX; n++)
		argv[n] = strsep(&rest, " ");
	execv(argv[0], argv);
	_exit(127);
}

pid_t program_start(const char *name, const char *words)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		run_child(name, words);
	return pid;
}

void program_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

void program_run(const char *name, const char *words)
{
	program_wait(program_start(name, words));
}

char *program_print(const char *name, const char *words)
{
	char *path = program_path(name), *command, *text = NULL;
	size_t size = 0;
	FILE *out;

	assert_true(asprintf(&command, "%s %s", path, words) > 0);
	out = popen(command, "re");
	assert_non_null(out);
	assert_true(getdelim(&text, &size, '\0', out) > 0);
	assert_int_equal(pclose(out), 0);
	free(command);
	free(path);
	return text;
}
