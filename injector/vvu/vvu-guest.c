/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each file is one region of the guest memory, at an address that no other has;
 * the IOTLB leads from the driver's addresses to these.
 *
 *	driver's address ─► iotlb ─► file's base + offset ─► region
 *	                      ▲
 *	                   vfu_dma, on a miss
 */
#include <errno.h>
#include <stdlib.h>
#include "injector/vvu/vvu-guest.h"
#include "input/ring/guest-map.h"
#include "input/ring/iotlb.h"

/* No file is longer. */
#define FILE_BITS 57

static uint64_t guest_base(const struct vvu_guest *g,
			   const struct vfu_file *file)
{
	return (uint64_t)(file - g->dma->file) << FILE_BITS;
}

int vvu_guest_init(struct vvu_guest *g, struct vfu_dma *dma)
{
	*g = (struct vvu_guest){ .dma = dma };
	g->mem.iotlb = iotlb_new();
	return g->mem.iotlb ? 0 : -ENOMEM;
}

void vvu_guest_clear(struct vvu_guest *g)
{
	guest_map_clear(&g->mem);
	iotlb_clear(g->mem.iotlb);
	g->changes++;
}

void vvu_guest_fini(struct vvu_guest *g)
{
	if (!g->mem.iotlb)
		return;
	vvu_guest_clear(g);
	free(g->mem.iotlb);
	g->mem.iotlb = NULL;
}

/* Return: the region of a file, or NULL. */
static struct guest_region *guest_file_region(struct vvu_guest *g,
					      const struct vfu_file *file)
{
	for (unsigned int i = 0; i < g->mem.n; i++)
		if (g->mem.region[i].gpa.v == guest_base(g, file))
			return &g->mem.region[i];
	return NULL;
}

static void guest_drop_file(struct vvu_guest *g, const struct vfu_file *file)
{
	struct guest_region *region = guest_file_region(g, file);

	if (region)
		guest_map_remove(&g->mem, *region);
}

void vvu_guest_unmapped(struct vvu_guest *g, uint64_t first, uint64_t last)
{
	iotlb_invalidate(g->mem.iotlb, (struct iova){ first },
			 (struct iova){ last });
	for (unsigned int i = 0; i < VFU_DMA_FILES_MAX; i++)
		if (g->dma->file[i].fd < 0)
			guest_drop_file(g, &g->dma->file[i]);
	g->changes++;
}

/* A file may have grown since it was mapped. */
static bool guest_map_file(struct vvu_guest *g, const struct vfu_file *file)
{
	const struct guest_region *known = guest_file_region(g, file);
	const struct guest_region region = { .gpa = { guest_base(g, file) },
					     .uva = { guest_base(g, file) },
					     .size = file->id.size };

	if (known && known->size >= region.size)
		return true;
	if (region.size >> FILE_BITS)
		return false;
	guest_drop_file(g, file);
	g->changes++;
	return !guest_map_add(&g->mem, region, file->fd, 0);
}

bool vvu_guest_find(struct vvu_guest *g)
{
	const struct vfu_map *map = vfu_dma_find(g->dma, g->mem.miss.addr.v);
	struct iotlb_range range;

	if (!map || !map->file || g->mem.miss.access & ~map->access ||
	    !guest_map_file(g, map->file))
		return false;
	range = (struct iotlb_range){
		.first = { map->addr },
		.last = { map->addr + (map->size - 1) },
		.uva = { guest_base(g, map->file) + map->offset },
		.access = map->access,
	};
	return !iotlb_update(g->mem.iotlb, range);
}
