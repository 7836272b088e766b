/* SPDX-License-Identifier: Apache-2.0 */
/* The key of a KeyboardEvent's code, "KeyA". Pure. */
#ifndef VINPUT_STREAM_KEYS_H
#define VINPUT_STREAM_KEYS_H

#include <stddef.h>

/*
 * Return: KEY_A and so on; 0: the code is one, but the kernel has no such key;
 * -1: no such code.
 */
int stream_key_of(const char *code);

/* Return: the i-th code that is known, in strcmp()'s order; NULL: no more. */
const char *stream_key_code(size_t i);

#endif
