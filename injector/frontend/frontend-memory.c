/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "injector/frontend/frontend-memory.h"

int fe_memory_init(struct fe_memory *mem, size_t size)
{
	*mem = (struct fe_memory){
		.fd = memfd_create("guest-memory", MFD_CLOEXEC),
		.size = size,
		.guest_addr = FE_GUEST_BASE,
		.user_addr = FE_USER_BASE,
	};
	if (mem->fd < 0)
		return -errno;
	if (ftruncate(mem->fd, (off_t)size) < 0)
		return -errno;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, mem->fd,
		       0);
	if (p == MAP_FAILED)
		return -errno;
	mem->base = p;
	return 0;
}

void fe_memory_fini(struct fe_memory *mem)
{
	if (mem->base)
		munmap(mem->base, mem->size);
	if (mem->fd >= 0)
		close(mem->fd);
	*mem = (struct fe_memory){ .fd = -1 };
}

void *fe_memory_alloc(struct fe_memory *mem, size_t size, size_t align)
{
	size_t start = (mem->taken + align - 1) / align * align;

	if (start > mem->size || size > mem->size - start)
		return NULL;
	mem->taken = start + size;
	return memset(mem->base + start, 0, size);
}

uint64_t fe_guest_addr(const struct fe_memory *mem, const void *p)
{
	return mem->guest_addr + (uint64_t)((const uint8_t *)p - mem->base);
}

uint64_t fe_user_addr(const struct fe_memory *mem, const void *p)
{
	return mem->user_addr + (uint64_t)((const uint8_t *)p - mem->base);
}
