/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps what the front-end shares into a struct guest_mem, and survives it when
 * the memory goes away under us: a front-end may truncate the file at any
 * time, and the next access is then a SIGBUS. The handler puts zero pages in
 * the region's place and leaves a mark; the session is closed for it soon
 * after. The same is done with pages that are still to come (postcopy) and do
 * not. One guest memory at a time in a process; loop thread only.
 */
#ifndef VINPUT_GUEST_MAP_H
#define VINPUT_GUEST_MAP_H

#include <stdbool.h>
#include <stdint.h>
#include "input/ring/guest-mem.h"

/* Errors of the front-end, beside those of guest_mem_check(). */
#define GUEST_MAP_E_SHORT 16 /* the file ends before the region does */
#define GUEST_MAP_E_KIND  17 /* the fd is nothing that memory is made of */

/* Install the SIGBUS handler. Return: 0 or -errno. */
int guest_map_init(void);

/*
 * Map a region and add it. fd is borrowed. Return: 0, GUEST_MEM_E_*,
 * GUEST_MAP_E_*, or -errno of mmap().
 */
int guest_map_add(struct guest_mem *mem, struct gpa gpa, struct uva uva,
		  uint64_t size, int fd, uint64_t offset);
/* Unmap it again. Return: 0 or GUEST_MEM_E_OUTSIDE: there is no such one. */
int guest_map_remove(struct guest_mem *mem, struct gpa gpa, struct uva uva,
		     uint64_t size);
void guest_map_clear(struct guest_mem *mem);

/*
 * Map memory that is no region: a log. fd is borrowed. Return: as
 * guest_map_add(), with *local, to be given back to guest_unmap_shared().
 */
int guest_map_shared(int fd, uint64_t size, uint64_t offset, uint8_t **local);
void guest_unmap_shared(uint8_t *local); /* NULL is fine */

/*
 * Have who reads uffd (a userfaultfd, borrowed) bring each page of the regions
 * that is not there when it is touched: until then the touch waits.
 * Return: 0 or -errno (-EINVAL: memory of this kind cannot be watched).
 */
int guest_map_watch(const struct guest_mem *mem, int uffd);
void guest_map_unwatch(const struct guest_mem *mem, int uffd);
/*
 * Wait for no page any more: what is watched becomes zero pages, and is lost.
 * For signal handlers, which interrupt the wait.
 */
void guest_map_give_up(void);

/*
 * Return: NULL, or what became of memory since the last guest_map_clear(), in
 * words.
 */
const char *guest_map_lost(void);

/* Words for an error of the functions above. */
const char *guest_map_strerror(int error);

#endif
