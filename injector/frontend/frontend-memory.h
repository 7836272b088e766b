/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest memory that is shared with the device: one memfd, allocated from its
 * start and never freed in parts. The struct is open so that a test can move
 * or falsify its addresses. Not thread-safe.
 */
#ifndef VINPUT_FRONTEND_MEMORY_H
#define VINPUT_FRONTEND_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/*
 * Both differ from 0, from each other and from the local address, so that a
 * device that confuses two address spaces is found out.
 */
#define FE_GUEST_BASE UINT64_C(0x40000000)
#define FE_USER_BASE  UINT64_C(0x7d0000000000)

struct fe_memory {
	int fd;	       /* memfd, owned; -1: none */
	uint8_t *base; /* local address of the mapping */
	size_t size;
	size_t taken;	     /* bytes allocated */
	uint64_t guest_addr; /* guest-physical address of base */
	uint64_t user_addr;  /* front-end virtual address of base, made up */
};

/* Return: 0 or a negative errno; fe_memory_fini() is due in both cases. */
int fe_memory_init(struct fe_memory *mem, size_t size);
void fe_memory_fini(struct fe_memory *mem); /* idempotent */

/* Return: zeroed memory, valid until fe_memory_fini(); NULL: no room. */
void *fe_memory_alloc(struct fe_memory *mem, size_t size, size_t align);

/* Return: the guest-physical or front-end virtual address of a local one. */
uint64_t fe_guest_addr(const struct fe_memory *mem, const void *p);
uint64_t fe_user_addr(const struct fe_memory *mem, const void *p);

#endif
