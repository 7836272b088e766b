/* SPDX-License-Identifier: Apache-2.0 */
/* A test's own temporary directory, below TMPDIR or /tmp, and files in it. */
#ifndef VINPUT_TESTS_TEMP_DIR_H
#define VINPUT_TESTS_TEMP_DIR_H

/* Short: it holds sockets, whose paths are limited to 107 characters. */
#define TEMP_DIR_LEN 40

void temp_dir_make(char dir[TEMP_DIR_LEN]);
/* With everything in it. Return: 0, -1: something is left. */
int temp_dir_remove(const char *dir);

/* Create or replace a file, here or elsewhere, with this text. */
__attribute__((format(printf, 2, 3))) void file_write(const char *path,
						      const char *fmt, ...);

#endif
