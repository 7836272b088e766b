/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Let a system call fail in a child: what a program does when the kernel
 * refuses what it never refuses in a test.
 */
#ifndef VINPUT_TESTS_DENY_H
#define VINPUT_TESTS_DENY_H

/*
 * From now on the named system call fails with this error in this process, for
 * good. "" is none. Return: 0 or a negative errno.
 */
int deny_call(const char *name, int error);

/*
 * Return: the exit status of a child in which that call fails, and which then
 * does this: its result, or 255 if the call could not be made to fail.
 */
int deny_in_child(const char *name, int error, int (*what)(void *arg),
		  void *arg);

#endif
