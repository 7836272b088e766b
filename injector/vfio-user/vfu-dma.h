/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client lets its device access (DMA_MAP): ranges of DMA addresses, each
 * a part of a file, or without one.
 *
 *	map	addr, size ─► file, offset	sorted, disjoint
 *	file	fd, size, number of maps	one for all fds of a file
 *
 * Behind a vIOMMU a client maps and unmaps the same file page by page, with a
 * new fd each time: these are closed, and a device shares its file once. Pure:
 * fds are numbers here, handed to drop() when they are not needed any more.
 */
#ifndef VINPUT_VFU_DMA_H
#define VINPUT_VFU_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As many as the kernel's VFIO allows (dma_entry_limit). */
#define VFU_DMA_MAPS_MAX  65535
#define VFU_DMA_FILES_MAX 64

/* What identifies a file, and its size in bytes: of fstat(). */
struct vfu_file_id {
	uint64_t dev, ino, size;
};

struct vfu_file {
	struct vfu_file_id id;
	int fd;		     /* owned, -1: this entry is free */
	unsigned int n_maps; /* until it is 0, the file is here */
};

struct vfu_map {
	uint64_t addr, size;   /* never 0; the end is at most 2^64 */
	uint64_t offset;       /* into the file */
	struct vfu_file *file; /* NULL: not shared */
	uint32_t access;       /* VFU_DMA_READABLE, VFU_DMA_WRITEABLE */
};

struct vfu_dma {
	void (*drop)(void *arg, int fd);
	void *arg;
	struct vfu_map *map; /* sorted by address */
	size_t n, room;
	struct vfu_file file[VFU_DMA_FILES_MAX];
};

void vfu_dma_init(struct vfu_dma *d, void (*drop)(void *arg, int fd),
		  void *arg);
/* Forget all maps. Idempotent. */
void vfu_dma_fini(struct vfu_dma *d);

/*
 * map: addr, size, offset, access. fd: -1, or the file that id identifies;
 * taken, also on failure.
 * Return: 0; or errno, positive: EINVAL: a range that does not fit its file, or
 * 64 bits; EEXIST: it overlaps another; ENOSPC: too many maps or files; ENOMEM.
 */
int vfu_dma_map(struct vfu_dma *d, const struct vfu_map *map, int fd,
		const struct vfu_file_id *id);
/*
 * Forget the maps of a range, which need not be all mapped. QEMU also unmaps
 * what lies in between, so: Deviation from "must match exactly".
 * Return: 0; or errno, positive: EINVAL: invalid range; or it has only a part
 * of a map.
 */
int vfu_dma_unmap(struct vfu_dma *d, uint64_t addr, uint64_t size);
void vfu_dma_unmap_all(struct vfu_dma *d);

/* Return: the map of this address, valid until the next change; or NULL. */
struct vfu_map *vfu_dma_find(struct vfu_dma *d, uint64_t addr);
/*
 * Return: the first map that ends behind addr, or NULL; with vfu_dma_end(),
 * the maps of a range.
 */
struct vfu_map *vfu_dma_from(struct vfu_dma *d, uint64_t addr);
static inline struct vfu_map *vfu_dma_end(const struct vfu_dma *d)
{
	return d->map + d->n;
}

#endif
