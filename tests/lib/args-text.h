/* SPDX-License-Identifier: Apache-2.0 */
/* An argument vector as one text. */
#ifndef VINPUT_TESTS_ARGS_TEXT_H
#define VINPUT_TESTS_ARGS_TEXT_H

#include <string.h>
#include "injector/process/launch-argv.h"
#include "tests/lib/check.h"

static inline void expect_args(const struct launch_argv *args,
			       const char *expected)
{
	char text[600] = "";

	for (size_t i = 0; i < args->n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, args->v[i]);
	}
	assert_string_equal(text, expected);
}

#endif
