/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs under test other than the servers. Their stderr goes to the
 * servers' log. words: arguments, separated by one space. Errors fail the
 * cmocka test.
 */
#ifndef VINPUT_TEST_PROGRAM_H
#define VINPUT_TEST_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

/* Their directory and their log; borrowed. */
void program_init(const char *dir, const char *log);

/* Return: whether any of them has logged this text. */
bool program_has_logged(const char *text);

/* Return: the path of the program with this name, to be freed. */
char *program_path(const char *name);

/* Start it, or one with a path; it dies with the test. Return: its pid. */
pid_t program_start(const char *name, const char *words);
/* Wait until it exits, with status 0. */
void program_wait(pid_t pid);
/* Both. */
void program_run(const char *name, const char *words);
/* Return: its stdout, to be freed. */
char *program_print(const char *name, const char *words);

#endif
