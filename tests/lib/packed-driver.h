/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver of a packed ring (virtio 1.3 §2.8), made of plain stores:
 *
 *   0x0000 ring   0x4000 driver's event   0x4100 device's event
 *   0x8000 buffers
 */
#ifndef VINPUT_TESTS_PACKED_DRIVER_H
#define VINPUT_TESTS_PACKED_DRIVER_H

#include <endian.h>
#include <string.h>

#include "input/ring/vring.h"
#include "tests/lib/check.h"

#define MEM_SIZE 0x10000
#define DRIVER	 0x4000
#define DEVICE	 0x4100
#define B	 0x8000
#define T	 0x9000 /* a table */
#define UVA	 0x7f0000000000

/* struct pvirtq_desc, §2.8.13; flags §2.8.1 */
struct desc {
	uint64_t addr_le;
	uint32_t len_le;
	uint16_t id_le;
	uint16_t flags_le;
};

#define N     1
#define W     2
#define I     4
#define AVAIL (1 << 7)
#define USED  (1 << 15)

static _Alignas(4096) uint8_t ram[MEM_SIZE];
static struct guest_mem mem;
static bool driver_wrap;

static inline struct desc *slot(unsigned int i)
{
	return (struct desc *)(void *)ram + i;
}

static inline uint16_t flags_of(unsigned int i)
{
	return le16toh(slot(i)->flags_le);
}

static inline void set(struct desc *d, uint64_t addr, uint32_t len, uint16_t id,
		       int flags)
{
	*d = (struct desc){ htole64(addr), htole32(len), htole16(id),
			    htole16((uint16_t)flags) };
}

/* Make slot i available, in the driver's current round. */
static inline void offer(unsigned int i, uint64_t addr, uint32_t len,
			 uint16_t id, int flags)
{
	set(slot(i), addr, len, id, flags | (driver_wrap ? AVAIL : USED));
}

/* A new ring: nothing available, no device has used it. */
static inline struct vring map_ring(uint16_t num)
{
	static const struct vring_addrs addrs = { { UVA },
						  { UVA + DRIVER },
						  { UVA + DEVICE } };
	struct guest_region all = { { 0 }, { UVA }, MEM_SIZE, ram };
	struct vring vr = { .num = num, .packed = true, .indirect = true };

	memset(ram, 0, sizeof(ram));
	driver_wrap = true;
	mem = (struct guest_mem){ 0 };
	guest_mem_add(&mem, &all);
	assert_ok(vring_map(&vr, &mem, &addrs));
	return vr;
}

static inline struct vring ring_at(uint16_t num, uint32_t base)
{
	struct vring vr = map_ring(num);

	assert_ok(vring_resume(&vr, base));
	return vr;
}

static inline struct vring ring_of(uint16_t num)
{
	return ring_at(num, 0x80008000);
}

static inline void driver_event(uint16_t off_wrap, uint16_t flags)
{
	uint16_t words[2] = { htole16(off_wrap), htole16(flags) };

	memcpy(ram + DRIVER, words, sizeof(words));
}

/* Offset and flags of the device's event. */
static inline uint16_t device_event(int word)
{
	uint16_t words[2];

	memcpy(words, ram + DEVICE, sizeof(words));
	return le16toh(words[word]);
}

static inline uint16_t device_flags(void)
{
	return device_event(1);
}

static inline void write_one(struct vring *vr)
{
	assert_num(vring_ready(vr), 1);
	assert_ok(vring_write(vr, "12345678", 8));
}

#endif
