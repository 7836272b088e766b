/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input/base/stack.h"

/* As deep as any call has gone: the kernel keeps such a gap below a stack. */
#define DEPTH (512 * 1024)

/* Not the page below this frame, which madvise() itself may use. */
__attribute__((noinline)) void stack_return_unused(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
	const uintptr_t end = frame / page * page - page;

	/* It fails where the stack ends, with all before that done. */
	madvise((void *)(end - DEPTH), DEPTH, MADV_DONTNEED);
}
