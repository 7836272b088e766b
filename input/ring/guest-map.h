/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps what the front-end shares into a struct guest_mem, and survives the loss
 * of that memory: a front-end may truncate the file at any time, and the next
 * access raises SIGBUS. The handler replaces the region by zero pages and sets
 * guest_map_lost(), for which the session is closed soon after. The same is
 * done with missing pages (postcopy) that do not arrive. One guest memory per
 * process; loop thread only.
 */
#ifndef VINPUT_GUEST_MAP_H
#define VINPUT_GUEST_MAP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include "input/ring/guest-mem.h"

/* Errors of the front-end, beside those of guest_mem_check(). */
#define GUEST_MAP_E_SHORT 16 /* the file ends before the region */
#define GUEST_MAP_E_KIND  17 /* the fd is not memory that can be mapped */

/* Install the SIGBUS handler. Return: 0 or -errno. */
int guest_map_init(void);

/*
 * Map a region at offset of fd (borrowed), and add it; region.local is ignored.
 * Return: 0, GUEST_MEM_E_*, GUEST_MAP_E_*, or -errno of mmap().
 */
int guest_map_add(struct guest_mem *mem, struct guest_region region, int fd,
		  uint64_t offset);
/*
 * Remove the region with exactly these addresses and size, and unmap it.
 * Return: 0 or GUEST_MEM_E_OUTSIDE.
 */
int guest_map_remove(struct guest_mem *mem, struct guest_region region);
/* Remove all regions, and clear guest_map_lost(). */
void guest_map_clear(struct guest_mem *mem);

/*
 * Map memory that is not a region: a log. fd is borrowed.
 * Return: as guest_map_add(), with *local for guest_unmap_shared().
 */
int guest_map_shared(int fd, uint64_t size, uint64_t offset, uint8_t **local);
void guest_unmap_shared(uint8_t *local); /* NULL is fine */

/*
 * Register the regions with uffd (a userfaultfd, borrowed): an access to a
 * missing page waits until the reader of uffd has provided it.
 * Return: 0 or -errno (-EINVAL: not possible for this kind of memory).
 */
int guest_map_watch(const struct guest_mem *mem, int uffd);
/* Unregister them. */
void guest_map_unwatch(const struct guest_mem *mem, int uffd);
/*
 * Replace the watched regions by zero pages: nothing waits for a missing page
 * any more. MAY be called in a signal handler, which interrupts the wait.
 */
void guest_map_give_up(void);

/* Return: NULL, or how memory was lost since the last guest_map_clear(). */
const char *guest_map_lost(void);
/* Return: whether any was, for each frame. The variable is guest-map.c's. */
extern volatile sig_atomic_t guest_map_loss;
static inline bool guest_map_any_lost(void)
{
	return guest_map_loss;
}

/* Return: the text for an error of the functions above. */
const char *guest_map_strerror(int error);

#endif
