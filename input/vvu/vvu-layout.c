/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "input/vvu/vvu-layout.h"

_Static_assert(sizeof(struct vvu_config) == 24, "as both lineages have it");
_Static_assert(sizeof(struct vvu_cap) == 16, "virtio 1.3 §4.1.4");
_Static_assert(sizeof(struct vvu_doorbell_cap) == 20, "as notify's");

const char *vvu_message_check(const void *bytes, size_t len)
{
	struct vu_header hdr;

	if (!len)
		return NULL;
	if (len < sizeof(hdr))
		return "shorter than a header";
	memcpy(&hdr, bytes, sizeof(hdr));
	if ((hdr.flags & VU_FLAG_VERSION_MASK) != VU_FLAG_VERSION_1)
		return "protocol version is not 1";
	if (hdr.size > VU_PAYLOAD_MAX)
		return "payload too long";
	if (hdr.size != len - sizeof(hdr))
		return "payload of another length than its header says";
	return NULL;
}

int vvu_place_regions(enum vvu_id id, const struct vvu_window *window,
		      const struct vu_mem_table *table,
		      uint64_t at[VU_MEM_TABLE_MAX])
{
	uint64_t end = window->offset;

	if (table->n_regions > VU_MEM_TABLE_MAX)
		return VVU_E_REGIONS;
	for (uint32_t i = 0; i < table->n_regions; i++) {
		const struct vu_mem_region *r = &table->regions[i];
		const uint64_t before = id == VVU_ID_WHOLE ? r->mmap_offset : 0;

		if (!r->size)
			return VVU_E_REGIONS;
		if (__builtin_add_overflow(end, before, &at[i]) ||
		    __builtin_add_overflow(at[i], r->size, &end) ||
		    end > window->bar_len)
			return VVU_E_ROOM;
	}
	return 0;
}
