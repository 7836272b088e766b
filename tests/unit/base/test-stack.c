/* SPDX-License-Identifier: Apache-2.0 */
/* stack.h: pages that are not used any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include "input/base/stack.h"

#define PAGE  4096
#define PAGES 32

/* Return: where it has used as many pages. */
static __attribute__((noinline)) uintptr_t use_much(void)
{
	volatile char much[PAGES * PAGE];

	for (size_t i = 0; i < sizeof(much); i += PAGE / 2)
		much[i] = 1;
	return ((uintptr_t)much + PAGE - 1) / PAGE * PAGE;
}

static int count_present(uintptr_t at)
{
	unsigned char is[PAGES] = { 0 };
	int n = 0;

	assert_int_equal(mincore((void *)at, (PAGES - 2) * PAGE, is), 0);
	for (int i = 0; i < PAGES; i++)
		n += is[i] & 1;
	return n;
}

static void what_a_deep_call_has_used_is_returned(void **state)
{
	uint64_t own[64];
	const uintptr_t at = use_much();

	if (sysconf(_SC_PAGESIZE) != PAGE)
		skip();
	memset(own, 0x5a, sizeof(own));
	assert_true(count_present(at) > PAGES / 2);
	stack_return_unused();
	assert_true(count_present(at) <= PAGES / 4);
	for (size_t i = 0; i < 64; i++)
		assert_true(own[i] == 0x5a5a5a5a5a5a5a5a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_deep_call_has_used_is_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
