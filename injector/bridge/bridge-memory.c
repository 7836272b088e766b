/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/bridge/bridge-memory.h"
#include "injector/vfio-user/vfu-wire.h"

/* Where a file is in our own addresses, which no driver sees. */
#define FILE_ROOM_BITS 44

static uint64_t file_addr(const struct bridge_sync *s, const struct vfu_file *f)
{
	return (uint64_t)(f - s->dma->file + 1) << FILE_ROOM_BITS;
}

/* A client can make a file seem as large as it likes. */
static uint64_t file_room(const struct vfu_file *f)
{
	const uint64_t room = UINT64_C(1) << FILE_ROOM_BITS;

	return f->id.size < room ? f->id.size : room;
}

/* What the back-end should have of the memory. */
struct wanted {
	struct bridge_region region[BRIDGE_REGIONS_MAX];
	unsigned int n;
	bool too_many;
};

static void memory_want(struct wanted *w, const struct bridge_sync *s,
			const struct bridge_region *region)
{
	if (w->n == s->slots)
		w->too_many = true;
	else
		w->region[w->n++] = *region;
}

static void want_files(struct wanted *w, const struct bridge_sync *s)
{
	for (size_t i = 0; i < VFU_DMA_FILES_MAX; i++) {
		const struct vfu_file *f = &s->dma->file[i];
		const uint64_t addr = file_addr(s, f);
		const struct bridge_region region = {
			.at = { addr, file_room(f), addr, 0 }, .fd = f->fd
		};

		if (f->fd >= 0)
			memory_want(w, s, &region);
	}
}

/* A back-end uses a region as it likes: what is read-only is none. */
static void want_maps(struct wanted *w, const struct bridge_sync *s)
{
	for (size_t i = 0; i < s->dma->n && !w->too_many; i++) {
		const struct vfu_map *m = &s->dma->map[i];
		const struct bridge_region region = {
			.at = { m->addr, m->size, m->addr, m->offset },
			.fd = m->file ? m->file->fd : -1,
		};

		if (m->file && m->access & VFU_DMA_WRITEABLE)
			memory_want(w, s, &region);
	}
}

/* w: nothing yet. */
static void want_memory(struct wanted *w, const struct bridge_sync *s)
{
	if (bridge_translates(s))
		want_files(w, s);
	else
		want_maps(w, s);
}

static bool memory_has(const struct bridge_region *list, unsigned int n,
		       const struct bridge_region *region)
{
	for (unsigned int i = 0; i < n; i++)
		if (!memcmp(&list[i].at, &region->at, sizeof(region->at)))
			return true;
	return false;
}

static bool takes_slots(const struct bridge_sync *s)
{
	return vu_feature_in(s->protocol, VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS);
}

static enum bridge_next make_region(struct vu_message *msg, uint32_t request,
				    const struct bridge_region *region)
{
	bridge_sync_make(msg, request, sizeof(msg->p.single));
	msg->p.single = (struct vu_single_region){ .region = region->at };
	if (request == VU_ADD_MEM_REG)
		msg->fds[msg->n_fds++] = region->fd;
	return BRIDGE_NEXT_SEND;
}

enum bridge_next bridge_memory_remove(struct bridge_sync *s,
				      struct vu_message *msg, bool running)
{
	struct wanted w = { .n = 0 };

	if (!takes_slots(s)) {
		/* The next driver's may be other files at these addresses. */
		if (!running)
			s->n_regions = 0;
		return BRIDGE_NEXT_DONE;
	}
	if (running)
		want_memory(&w, s);
	for (unsigned int i = 0; i < s->n_regions; i++) {
		if (memory_has(w.region, w.n, &s->region[i]))
			continue;
		make_region(msg, VU_REM_MEM_REG, &s->region[i]);
		s->region[i] = s->region[--s->n_regions];
		return BRIDGE_NEXT_SEND;
	}
	return BRIDGE_NEXT_DONE;
}

static enum bridge_next add_region(struct bridge_sync *s,
				   const struct wanted *w,
				   struct vu_message *msg)
{
	for (unsigned int i = 0; i < w->n; i++) {
		if (memory_has(s->region, s->n_regions, &w->region[i]))
			continue;
		s->region[s->n_regions++] = w->region[i];
		return make_region(msg, VU_ADD_MEM_REG, &w->region[i]);
	}
	return BRIDGE_NEXT_DONE;
}

/* All at once, for a back-end that takes no single regions. */
static enum bridge_next memory_set_table(struct bridge_sync *s,
					 const struct wanted *w,
					 struct vu_message *msg)
{
	struct vu_mem_table *table = &msg->p.mem_table;
	bool same = s->n_regions == w->n;

	for (unsigned int i = 0; i < w->n; i++)
		same &= memory_has(s->region, s->n_regions, &w->region[i]);
	if (same)
		return BRIDGE_NEXT_DONE;
	bridge_sync_make(msg, VU_SET_MEM_TABLE,
			 (uint32_t)offsetof(struct vu_mem_table, regions) +
				 w->n * (uint32_t)sizeof(*table->regions));
	table->n_regions = w->n;
	table->padding = 0;
	for (unsigned int i = 0; i < w->n; i++) {
		table->regions[i] = w->region[i].at;
		msg->fds[msg->n_fds++] = w->region[i].fd;
		s->region[i] = w->region[i];
	}
	s->n_regions = w->n;
	return BRIDGE_NEXT_SEND;
}

enum bridge_next bridge_memory_add(struct bridge_sync *s,
				   struct vu_message *msg)
{
	struct wanted w = { .n = 0 };

	want_memory(&w, s);
	if (w.too_many) {
		s->why = "the guest's memory has more parts than the back-end "
			 "takes: behind a virtual IOMMU, start "
			 "vhost-user-input with --iommu";
		return BRIDGE_NEXT_FAIL;
	}
	return takes_slots(s) ? add_region(s, &w, msg)
			      : memory_set_table(s, &w, msg);
}

/* --- translations --- */

static void make_iotlb(struct vu_message *msg, const struct vu_iotlb *iotlb)
{
	bridge_sync_make(msg, VU_IOTLB_MSG, sizeof(*iotlb));
	msg->p.iotlb = *iotlb;
}

void bridge_memory_unmapped(struct bridge_sync *s, uint64_t first,
			    uint64_t last)
{
	s->invalidates = true;
	s->invalid_first = first;
	s->invalid_last = last;
}

/* A size of 0 is 2^64: all. */
enum bridge_next bridge_memory_invalidate(struct bridge_sync *s,
					  struct vu_message *msg)
{
	const struct vu_iotlb iotlb = {
		.iova = s->invalid_first,
		.size = s->invalid_last - s->invalid_first + 1,
		.type = VU_IOTLB_TYPE_INVALIDATE,
	};

	if (!s->invalidates)
		return BRIDGE_NEXT_DONE;
	s->invalidates = false;
	if (!bridge_translates(s))
		return BRIDGE_NEXT_DONE;
	make_iotlb(msg, &iotlb);
	return BRIDGE_NEXT_SEND;
}

void bridge_memory_missed(struct bridge_sync *s, uint64_t iova)
{
	/* A queue waits for one at a time: the oldest is not wanted any more.
	 */
	if (s->n_misses == BRIDGE_MISSES_MAX) {
		s->n_misses--;
		memmove(s->miss, s->miss + 1, s->n_misses * sizeof(*s->miss));
	}
	s->miss[s->n_misses++] = iova;
}

/* Those that are not mapped wait until they are. */
enum bridge_next bridge_memory_translate(struct bridge_sync *s,
					 struct vu_message *msg)
{
	for (unsigned int i = 0; i < s->n_misses; i++) {
		const struct vfu_map *m = vfu_dma_find(s->dma, s->miss[i]);

		if (!m)
			continue;
		s->miss[i] = s->miss[--s->n_misses];
		/* What is not shared is at an address that nobody has. */
		make_iotlb(msg,
			   &(struct vu_iotlb){
				   .iova = m->addr,
				   .size = m->size,
				   .uaddr = m->file ? file_addr(s, m->file) +
							      m->offset
						    : 0,
				   .access = (uint8_t)m->access,
				   .type = VU_IOTLB_TYPE_UPDATE,
			   });
		return BRIDGE_NEXT_SEND;
	}
	return BRIDGE_NEXT_DONE;
}
