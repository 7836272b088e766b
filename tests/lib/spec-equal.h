/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two specs are the same in all members. */
#ifndef VINPUT_TESTS_SPEC_EQUAL_H
#define VINPUT_TESTS_SPEC_EQUAL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "input/spec/spec.h"

/* So that members that are added are compared, too. */
static inline void spec_clear_padding(struct spec *spec)
{
#if __has_builtin(__builtin_clear_padding)
	__builtin_clear_padding(spec);
#endif
}

static inline void spec_expect_equal(const struct spec *a, const struct spec *b)
{
	struct spec x = *a, y = *b;

	spec_clear_padding(&x);
	spec_clear_padding(&y);
	assert_memory_equal(&x, &y, sizeof(x));
}

#endif
