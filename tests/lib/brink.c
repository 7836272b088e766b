/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/lib/brink.h"
#include "tests/lib/check.h"

const char *text_at_brink(const char *text, size_t len)
{
	static char *memory;

	if (!memory) {
		memory = mmap(NULL, BRINK_MAX + (size_t)getpagesize(),
			      PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(memory != MAP_FAILED);
		assert_ok(mprotect(memory + BRINK_MAX, (size_t)getpagesize(),
				   PROT_NONE));
	}
	assert_true(len <= BRINK_MAX);
	return memcpy(memory + BRINK_MAX - len, text, len);
}
