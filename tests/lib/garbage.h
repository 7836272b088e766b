/* SPDX-License-Identifier: Apache-2.0 */
/* What memory may hold before a module's init function: it has to set all. */
#ifndef VINPUT_TESTS_GARBAGE_H
#define VINPUT_TESTS_GARBAGE_H

#include <string.h>

#define GARBAGE 0xa5

#define fill_with_garbage(object) memset((object), GARBAGE, sizeof(*(object)))

#endif
