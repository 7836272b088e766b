/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into every program of the build that finds out which test gets where
 * (coverage.py). Marks the basic blocks that run, one byte each by its address,
 * in a file beside the program, PROGRAM.cover, if there is one. It is mapped
 * before anything else runs: processes that are killed or in a sandbox count.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint8_t *seen;
static uintptr_t base, size;

/* What -fsanitize-coverage=trace-pc calls at the begin of each block. */
void cover_mark(void) __asm__("__sanitizer_cov_trace_pc");

void cover_mark(void)
{
	uintptr_t at = (uintptr_t)__builtin_return_address(0) - base;

	if (at < size)
		seen[at] = 1;
}

__attribute__((constructor(101))) static void cover_open(void)
{
	char path[PATH_MAX + sizeof(".cover")];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	struct stat st;

	if (n < 0)
		return;
	strcpy(path + n, ".cover");
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0) {
		void *map = mmap(NULL, (size_t)st.st_size,
				 PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (map != MAP_FAILED) {
			/* The program's headers are in its first page. */
			base = getauxval(AT_PHDR) & ~(uintptr_t)4095;
			seen = map;
			size = (uintptr_t)st.st_size;
		}
	}
	close(fd);
}
