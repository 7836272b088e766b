/* SPDX-License-Identifier: Apache-2.0 */
/* Text that ends where memory ends: who reads beyond it, even a byte, dies. */
#ifndef VINPUT_TESTS_BRINK_H
#define VINPUT_TESTS_BRINK_H

#include <stddef.h>

/* At most BRINK_MAX bytes. Return: a copy, which the next call overwrites. */
#define BRINK_MAX (4u << 20)

const char *text_at_brink(const char *text, size_t len);

#endif
