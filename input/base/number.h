/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the command line: the whole word MUST be the number. Pure. */
#ifndef VINPUT_NUMBER_H
#define VINPUT_NUMBER_H

/* Digits alone, no sign or space. Return: from 0 to max, or -EINVAL. */
int number_read(const char *text, int max);
/* The same in octal, as modes are given. */
int number_read_octal(const char *text, int max);
/* "2.5": from 0 to max. Return: 0 or -EINVAL. */
int number_read_seconds(const char *text, double max, double *seconds);

#endif
