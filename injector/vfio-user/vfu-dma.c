/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/vfio-user/vfu-dma.h"

void vfu_dma_init(struct vfu_dma *d, void (*drop)(void *arg, int fd), void *arg)
{
	*d = (struct vfu_dma){ .drop = drop, .arg = arg };
	for (size_t i = 0; i < VFU_DMA_FILES_MAX; i++)
		d->file[i].fd = -1;
}

void vfu_dma_fini(struct vfu_dma *d)
{
	vfu_dma_unmap_all(d);
	free(d->map);
	d->map = NULL;
	d->room = 0;
}

/* --- files --- */

/* Return: the entry of a file, or a free one; NULL: there is none. */
static struct vfu_file *dma_file(struct vfu_dma *d,
				 const struct vfu_file_id *id)
{
	struct vfu_file *unused = NULL;

	for (size_t i = 0; i < VFU_DMA_FILES_MAX; i++) {
		struct vfu_file *f = &d->file[i];

		if (f->fd < 0)
			unused = unused ? unused : f;
		else if (f->id.dev == id->dev && f->id.ino == id->ino)
			return f;
	}
	return unused;
}

/* Its first fd stays; it may have grown since. */
static void file_take(struct vfu_dma *d, struct vfu_file *f, int fd,
		      const struct vfu_file_id *id)
{
	if (f->fd < 0)
		*f = (struct vfu_file){ .fd = fd };
	else
		d->drop(d->arg, fd);
	f->id = *id;
	f->n_maps++;
}

static void file_release(struct vfu_dma *d, struct vfu_file *f)
{
	if (!f || --f->n_maps)
		return;
	d->drop(d->arg, f->fd);
	f->fd = -1;
}

/* --- maps --- */

/* The last address of a range, which may end at 2^64. */
static uint64_t last_of(uint64_t addr, uint64_t size)
{
	return addr + (size - 1);
}

static uint64_t map_last(const struct vfu_map *m)
{
	return last_of(m->addr, m->size);
}

/* Return: the index of the first map whose last address is at least addr. */
static size_t dma_index(const struct vfu_dma *d, uint64_t addr)
{
	size_t low = 0, high = d->n;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (map_last(&d->map[middle]) < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct vfu_map *vfu_dma_from(struct vfu_dma *d, uint64_t addr)
{
	const size_t i = dma_index(d, addr);

	return i < d->n ? &d->map[i] : NULL;
}

struct vfu_map *vfu_dma_find(struct vfu_dma *d, uint64_t addr)
{
	struct vfu_map *m = vfu_dma_from(d, addr);

	return m && m->addr <= addr ? m : NULL;
}

static bool range_is_valid(uint64_t addr, uint64_t size)
{
	return size && last_of(addr, size) >= addr;
}

static int dma_grow(struct vfu_dma *d)
{
	const size_t room = d->room ? 2 * d->room : 16;
	struct vfu_map *map;

	if (d->n == VFU_DMA_MAPS_MAX)
		return ENOSPC;
	if (d->n < d->room)
		return 0;
	map = reallocarray(d->map, room, sizeof(*map));
	if (!map)
		return ENOMEM;
	d->map = map;
	d->room = room;
	return 0;
}

static bool fits_file(const struct vfu_map *map, const struct vfu_file_id *id)
{
	uint64_t end;

	return !__builtin_add_overflow(map->offset, map->size, &end) &&
	       end <= id->size;
}

/* Return: 0 or errno, positive; then *file is where fd belongs. */
static int dma_check(struct vfu_dma *d, const struct vfu_map *map, int fd,
		     const struct vfu_file_id *id, struct vfu_file **file)
{
	const struct vfu_map *next;

	*file = NULL;
	if (!range_is_valid(map->addr, map->size) ||
	    (fd >= 0 && !fits_file(map, id)))
		return EINVAL;
	next = vfu_dma_from(d, map->addr);
	if (next && next->addr <= map_last(map))
		return EEXIST;
	if (fd >= 0)
		*file = dma_file(d, id);
	if (fd >= 0 && !*file)
		return ENOSPC;
	return dma_grow(d);
}

int vfu_dma_map(struct vfu_dma *d, const struct vfu_map *map, int fd,
		const struct vfu_file_id *id)
{
	struct vfu_file *file;
	int r = dma_check(d, map, fd, id, &file);
	size_t i;

	if (r) {
		if (fd >= 0)
			d->drop(d->arg, fd);
		return r;
	}
	if (file)
		file_take(d, file, fd, id);
	i = dma_index(d, map->addr);
	memmove(&d->map[i + 1], &d->map[i], (d->n - i) * sizeof(*d->map));
	d->map[i] = *map;
	d->map[i].file = file;
	d->n++;
	return 0;
}

int vfu_dma_unmap(struct vfu_dma *d, uint64_t addr, uint64_t size)
{
	size_t from, end;

	if (!range_is_valid(addr, size))
		return EINVAL;
	from = end = dma_index(d, addr);
	if (from < d->n && d->map[from].addr < addr)
		return EINVAL;
	while (end < d->n && d->map[end].addr <= last_of(addr, size))
		end++;
	if (end > from && map_last(&d->map[end - 1]) > last_of(addr, size))
		return EINVAL;
	if (end == from)
		return 0;
	for (size_t i = from; i < end; i++)
		file_release(d, d->map[i].file);
	memmove(&d->map[from], &d->map[end], (d->n - end) * sizeof(*d->map));
	d->n -= end - from;
	return 0;
}

void vfu_dma_unmap_all(struct vfu_dma *d)
{
	for (size_t i = 0; i < d->n; i++)
		file_release(d, d->map[i].file);
	d->n = 0;
}
