/* SPDX-License-Identifier: Apache-2.0 */
/* A test's own temporary directory, below TMPDIR or /tmp. */
#ifndef VINPUT_TESTS_TEMP_DIR_H
#define VINPUT_TESTS_TEMP_DIR_H

/* Short: what is made in it are sockets, whose paths have 107 characters. */
#define TEMP_DIR_LEN 40

void temp_dir_make(char dir[TEMP_DIR_LEN]);
/* With all that is in it. Return: 0, -1: something is left. */
int temp_dir_remove(const char *dir);

#endif
