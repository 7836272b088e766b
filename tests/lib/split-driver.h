/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver of a split ring (virtio 1.3 §2.7), made of plain stores into one
 * region of memory:
 *
 *   0x0000 descriptor table   0x4000 avail   0x6000 used   0x8000 buffers
 */
#ifndef VINPUT_TESTS_SPLIT_DRIVER_H
#define VINPUT_TESTS_SPLIT_DRIVER_H

#include <endian.h>
#include <string.h>

#include "input/ring/vring.h"
#include "tests/lib/check.h"

#define MEM_SIZE 0x10000
#define AVAIL	 0x4000
#define USED	 0x6000
#define BUFFERS	 0x8000
#define UVA	 0x7f0000000000

/* The layouts of §2.7, independent of those under test. */
struct vring_desc {
	uint64_t addr_le;
	uint32_t len_le;
	uint16_t flags_le;
	uint16_t next_le;
};

struct vring_avail {
	uint16_t flags_le;
	uint16_t idx_le;
	uint16_t ring_le[];
};

struct vring_used {
	uint16_t flags_le;
	uint16_t idx_le;
	struct {
		uint32_t id_le;
		uint32_t len_le;
	} ring[];
};

#define VRING_DESC_F_NEXT	   1
#define VRING_DESC_F_WRITE	   2
#define VRING_DESC_F_INDIRECT	   4
#define VRING_AVAIL_F_NO_INTERRUPT 1
#define VRING_USED_F_NO_NOTIFY	   1

static _Alignas(4096) uint8_t ram[MEM_SIZE];
static struct guest_mem mem;

static inline struct vring_desc *desc_at(unsigned int i)
{
	return (struct vring_desc *)ram + i;
}

static inline struct vring_avail *avail(void)
{
	return (struct vring_avail *)(ram + AVAIL);
}

static inline struct vring_used *used(void)
{
	return (struct vring_used *)(ram + USED);
}

static inline void set_desc(struct vring_desc *desc, uint64_t addr,
			    uint32_t len, uint16_t flags, uint16_t next)
{
	*desc = (struct vring_desc){ htole64(addr), htole32(len),
				     htole16(flags), htole16(next) };
}

static inline void make_available(const struct vring *vr, uint16_t head)
{
	uint16_t idx = le16toh(avail()->idx_le);

	avail()->ring_le[idx % vr->num] = htole16(head);
	avail()->idx_le = htole16(idx + 1);
}

static inline uint16_t used_idx(void)
{
	return le16toh(used()->idx_le);
}

static inline struct vring ring_of(uint16_t num)
{
	static const struct vring_addrs addrs = { { UVA },
						  { UVA + AVAIL },
						  { UVA + USED } };
	struct guest_region all = { { 0 }, { UVA }, MEM_SIZE, ram };
	struct vring vr = { .num = num, .indirect = true };

	memset(ram, 0, sizeof(ram));
	mem = (struct guest_mem){ 0 };
	guest_mem_add(&mem, &all);
	assert_ok(vring_map(&vr, &mem, &addrs));
	assert_ok(vring_resume(&vr, 0));
	return vr;
}

#endif
