/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs under test, other than the servers. What they say goes to the
 * servers' log. words: arguments with one space between two. What goes wrong
 * fails the cmocka test.
 */
#ifndef VINPUT_TEST_PROGRAM_H
#define VINPUT_TEST_PROGRAM_H

#include <sys/types.h>

/* Where they are, and their log; borrowed. */
void program_init(const char *dir, const char *log);

/* Return: the path of the one of this name; the caller's to free. */
char *program_path(const char *name);

/* It dies with the test. Return: its pid. */
pid_t program_start(const char *name, const char *words);
/* Wait for its end, which must be good. */
void program_wait(pid_t pid);
/* Both. */
void program_run(const char *name, const char *words);
/* Return: what it prints; the caller's to free. */
char *program_print(const char *name, const char *words);

#endif
