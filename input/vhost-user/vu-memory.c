/* SPDX-License-Identifier: Apache-2.0 */
#include "input/ring/guest-map.h"
#include "input/ring/iotlb.h"
#include "input/vhost-user/vu-memory.h"
#include "input/vhost-user/vu-postcopy.h"

static struct guest_region region_of(const struct vu_mem_region *region)
{
	return (struct guest_region){ .gpa = { region->guest_addr },
				      .uva = { region->user_addr },
				      .size = region->size };
}

static int add_region(struct vu_backend *be, struct vu_message *msg,
		      unsigned int i, const struct vu_mem_region *region)
{
	int r = guest_map_add(&be->mem, region_of(region), msg->fds[i],
			      region->mmap_offset);

	if (!r)
		return 0;
	return vu_fail(
		be, "region %u (guest 0x%llx, 0x%llx bytes at 0x%llx): %s", i,
		(unsigned long long)region->guest_addr,
		(unsigned long long)region->size,
		(unsigned long long)region->mmap_offset, guest_map_strerror(r));
}

/* Pointers into memory and translations are not valid any more. */
static void lose_rings(struct vu_backend *be)
{
	if (be->mem.iotlb)
		iotlb_clear(be->mem.iotlb);
	for (unsigned int i = 0; i < be->n_queues; i++)
		if (be->queue[i].running)
			vu_queue_lose_ring(&be->queue[i]);
}

/* "the bases of the memory mapped regions" in a postcopy reply. */
static uint64_t local_addr(const struct vu_backend *be, unsigned int region)
{
	return (uintptr_t)be->mem.region[region].local;
}

int vu_set_mem_table(struct vu_backend *be, struct vu_message *msg,
		     struct vu_queue *q)
{
	struct vu_mem_table *table = &msg->p.mem_table;

	if (be->postcopy.unacked && !table->n_regions)
		return vu_postcopy_acked(be);
	if (table->n_regions > VU_MEM_TABLE_MAX)
		return vu_fail(be, "invalid number of regions %u: at most %d",
			       table->n_regions, VU_MEM_TABLE_MAX);
	if (msg->hdr.size < 8 + table->n_regions * sizeof(*table->regions))
		return vu_fail(be, "payload too short for %u regions",
			       table->n_regions);
	if (msg->n_fds < table->n_regions)
		return vu_fail(be, "%u regions, %u fds" VU_SHARE,
			       table->n_regions, msg->n_fds);
	if (be->postcopy.listening)
		vu_postcopy_hold(be);
	lose_rings(be);
	guest_map_clear(&be->mem);
	for (unsigned int i = 0; i < table->n_regions; i++)
		if (add_region(be, msg, i, &table->regions[i]))
			return VU_E_VIOLATION;
	if (!be->postcopy.listening)
		return 0;
	for (unsigned int i = 0; i < table->n_regions; i++)
		table->regions[i].user_addr = local_addr(be, i);
	return VU_HAS_REPLY;
}

int vu_add_mem_reg(struct vu_backend *be, struct vu_message *msg,
		   struct vu_queue *q)
{
	struct vu_mem_region *region = &msg->p.single.region;

	if (be->postcopy.unacked && msg->hdr.size == sizeof(msg->p.u64) &&
	    !msg->p.u64)
		return vu_postcopy_acked(be);
	if (msg->hdr.size != sizeof(msg->p.single))
		return vu_fail(be, "invalid payload size");
	if (!msg->n_fds)
		return vu_fail(be, "the fd of the region is missing" VU_SHARE);
	if (be->postcopy.listening)
		vu_postcopy_hold(be);
	if (add_region(be, msg, 0, region))
		return VU_E_VIOLATION;
	if (!be->postcopy.listening)
		return 0;
	region->user_addr = local_addr(be, be->mem.n - 1);
	return VU_HAS_REPLY;
}

int vu_rem_mem_reg(struct vu_backend *be, struct vu_message *msg,
		   struct vu_queue *q)
{
	const struct vu_mem_region *region = &msg->p.single.region;
	int r = guest_map_remove(&be->mem, region_of(region));

	if (r)
		return vu_fail(be, "guest 0x%llx, 0x%llx bytes: %s",
			       (unsigned long long)region->guest_addr,
			       (unsigned long long)region->size,
			       guest_map_strerror(r));
	lose_rings(be);
	return 0;
}

int vu_get_max_mem_slots(struct vu_backend *be, struct vu_message *msg,
			 struct vu_queue *q)
{
	msg->p.u64 = GUEST_REGIONS_MAX;
	return 0;
}
