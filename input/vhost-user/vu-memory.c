/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory that the front-end shares, whole (SET_MEM_TABLE) or region by
 * region. Rings go on while regions come and go: their positions stay, only
 * the pointers are found anew.
 */
#include "input/ring/guest-map.h"
#include "input/vhost-user/vu-handlers.h"

static int add(struct vu_backend *be, struct vu_message *msg, unsigned int i,
	       const struct vu_mem_region *region)
{
	int r = guest_map_add(&be->mem, (struct gpa){ region->guest_addr },
			      (struct uva){ region->user_addr }, region->size,
			      msg->fds[i], region->mmap_offset);

	if (!r)
		return 0;
	return vu_fail(
		be, "region %u (guest 0x%llx, 0x%llx bytes at 0x%llx): %s", i,
		(unsigned long long)region->guest_addr,
		(unsigned long long)region->size,
		(unsigned long long)region->mmap_offset, guest_map_strerror(r));
}

static int map_rings(struct vu_backend *be)
{
	if (be->mem.iotlb) {
		vu_iotlb_forget(be);
		return 0;
	}
	for (unsigned int i = 0; i < be->n_queues; i++) {
		struct vu_queue *q = &be->queue[i];

		if (!q->running || !vring_map(&q->ring, &be->mem, &q->addrs))
			continue;
		/* Its memory is gone, so there is nothing left to say in it. */
		q->running = false;
		be->ops->queue_stopped(be->arg, i);
		return vu_fail(be,
			       "the ring of running queue %u is no longer "
			       "in the shared memory",
			       i);
	}
	return 0;
}

/* "the bases of the memory mapped regions": what a postcopy answer tells. */
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
		return vu_fail(be, "%u regions, at most %d can be",
			       table->n_regions, VU_MEM_TABLE_MAX);
	if (msg->hdr.size < 8 + table->n_regions * sizeof(*table->regions))
		return vu_fail(be, "payload too short for %u regions",
			       table->n_regions);
	if (msg->n_fds < table->n_regions)
		return vu_fail(be, "%u regions, but %u fds", table->n_regions,
			       msg->n_fds);
	if (be->postcopy.listening)
		vu_postcopy_hold(be);
	guest_map_clear(&be->mem);
	for (unsigned int i = 0; i < table->n_regions; i++)
		if (add(be, msg, i, &table->regions[i]))
			return VU_E_VIOLATION;
	if (map_rings(be))
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
		return vu_fail(be, "payload has a wrong size");
	if (!msg->n_fds)
		return vu_fail(be, "no fd came with it");
	if (be->postcopy.listening)
		vu_postcopy_hold(be);
	if (add(be, msg, 0, region))
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
	int r = guest_map_remove(&be->mem, (struct gpa){ region->guest_addr },
				 (struct uva){ region->user_addr },
				 region->size);

	if (r)
		return vu_fail(be, "guest 0x%llx, 0x%llx bytes: %s",
			       (unsigned long long)region->guest_addr,
			       (unsigned long long)region->size,
			       guest_map_strerror(r));
	return map_rings(be);
}

int vu_get_max_mem_slots(struct vu_backend *be, struct vu_message *msg,
			 struct vu_queue *q)
{
	msg->p.u64 = GUEST_REGIONS_MAX;
	return 0;
}

/*
 * Writes are logged while F_LOG_ALL is acked and there is a log; a queue's ring
 * in addition while its SET_VRING_ADDR says so.
 */
void vu_log_update(struct vu_backend *be)
{
	be->mem.log = vu_has_feature(be, VU_F_LOG_ALL)
			      ? be->log
			      : (struct guest_log){ 0 };
}

void vu_log_drop(struct vu_backend *be)
{
	guest_unmap_shared(be->log.bits);
	be->log = (struct guest_log){ 0 };
	vu_log_update(be);
}

int vu_set_log_base(struct vu_backend *be, struct vu_message *msg,
		    struct vu_queue *q)
{
	struct guest_log log = { .len = msg->p.log.size };
	int r = guest_map_shared(msg->fds[0], log.len, msg->p.log.offset,
				 &log.bits);

	if (r)
		return vu_fail(be, "log of 0x%llx bytes at 0x%llx: %s",
			       (unsigned long long)log.len,
			       (unsigned long long)msg->p.log.offset,
			       guest_map_strerror(r));
	vu_log_drop(be);
	be->log = log;
	vu_log_update(be);
	/* The reply is the request: rust-vmm's front-end reads all of it. */
	return 0;
}
