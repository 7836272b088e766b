/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A split or packed ring, its tables and its buffers in memory in which the
 * guest may have written anything. The memory is three heap blocks, so that
 * ASan sees each byte before and after them: one aligned to nothing, two that
 * are adjacent in the guest's address space, and the last one ends at its end.
 * Behind an IOMMU the same addresses are I/O virtual, usually mapped to
 * themselves.
 */
#include "tests/fuzz/fuzz.h"

#include <endian.h>

#include "input/ring/iotlb.h"
#include "input/serve/eventq.h"
#include "input/serve/statusq.h"

#define REGIONS 3

static const struct {
	uint64_t gpa, uva;
	size_t size;
	size_t shift; /* of its first byte from an aligned one */
} layout[REGIONS] = {
	{ 0x1000, 0x7f0000001000, 0x1800, 0 },
	{ 0x2800, 0x7f0000100000, 0x208, 8 },
	{ UINT64_MAX - 0x1ff, UINT64_MAX - 0x1ff, 0x200, 3 },
};

struct world {
	struct choices in;
	struct guest_mem mem;
	uint8_t *block[REGIONS];
	struct vring vr;
	bool mapped;
	unsigned int told; /* status events that were taken */
};

/* 16 bytes in both layouts; in a packed ring, next is the id. */
struct desc {
	uint64_t addr_le;
	uint32_t len_le;
	uint16_t a_le, b_le;
};

static void make_memory(struct world *w)
{
	for (unsigned int i = 0; i < REGIONS; i++) {
		struct guest_region region = { { layout[i].gpa },
					       { layout[i].uva },
					       layout[i].size,
					       NULL };

		w->block[i] = calloc(1, layout[i].size + layout[i].shift);
		must(w->block[i]);
		region.local = w->block[i] + layout[i].shift;
		must(!guest_mem_check(&w->mem, &region));
		guest_mem_add(&w->mem, &region);
	}
}

static uint64_t some_uva(struct world *w)
{
	uint8_t i = take8(&w->in);

	if (i >= REGIONS)
		return take64(&w->in);
	return layout[i].uva + take16(&w->in);
}

static uint64_t some_gpa(struct world *w)
{
	uint8_t i = take8(&w->in);

	if (i >= REGIONS)
		return take64(&w->in);
	return layout[i].gpa + take16(&w->in);
}

/* Bytes per IOTLB update: a page that is small enough. */
#define PAGE 0x100

static uint64_t uva_of(uint64_t iova)
{
	for (unsigned int i = 0; i < REGIONS; i++)
		if (iova - layout[i].gpa < layout[i].size)
			return layout[i].uva + (iova - layout[i].gpa);
	return iova;
}

static void update(struct world *w, uint64_t iova)
{
	uint8_t how = take8(&w->in);
	struct iotlb_range range = {
		.first = { iova & ~(uint64_t)(PAGE - 1) },
		.last = { iova | (PAGE - 1) },
		.access = (how & 3) ^ 3,
	};

	range.uva.v = uva_of(range.first.v);
	if (how & 4)
		range.uva.v += take8(&w->in) * 8;
	if (how & 8)
		range.last.v += take64(&w->in);
	iotlb_update(w->mem.iotlb, range);
}

/* A miss. The answer may not be what is needed. */
static void answer(struct world *w)
{
	must(w->mem.miss.access && w->mem.miss.access <= 3);
	update(w, w->mem.miss.addr.v);
}

static void invalidate(struct world *w)
{
	uint64_t first = some_gpa(w);

	iotlb_invalidate(w->mem.iotlb, (struct iova){ first },
			 (struct iova){ first + take16(&w->in) });
}

/* Return: whether the ring can be mapped, updating page by page if need be. */
static bool map(struct world *w, const struct vring_addrs *addrs)
{
	int r = vring_map(&w->vr, &w->mem, addrs);

	for (int i = 0; i < 100 && r == GUEST_MEM_E_MISS; i++) {
		must(w->mem.iotlb);
		answer(w);
		r = vring_map(&w->vr, &w->mem, addrs);
	}
	must(!r == !!w->vr.desc);
	return !r;
}

/* As the server does with a broken ring: nothing, until the next start. */
static void start(struct world *w)
{
	struct vring_addrs addrs = { { some_uva(w) },
				     { some_uva(w) },
				     { some_uva(w) } };
	uint32_t base = take32(&w->in);

	w->mapped = false;
	if (!vring_num_valid(w->vr.num, w->vr.packed) ||
	    !vring_addrs_aligned(&addrs, w->vr.packed) || !map(w, &addrs))
		return;
	if (vring_resume(&w->vr, base))
		vring_unmap(&w->vr);
	else
		w->mapped = true;
}

static void result(struct world *w, int r)
{
	must(r >= 0 && r <= (w->mem.iotlb ? VRING_E_MISS : VRING_E_SHORT));
	if (r == VRING_E_MISS)
		answer(w);
	if (!r || r == VRING_E_MISS)
		return;
	must(strcmp(vring_strerror(r), "unknown error"));
	vring_unmap(&w->vr);
	w->mapped = false;
}

static void on_status(void *arg, const struct vi_event *ev, size_t n)
{
	struct world *w = arg;

	must(n && n <= STATUSQ_EVENTS_MAX);
	for (size_t i = 0; i < n; i++)
		must(vi_type(&ev[i]) == EV_LED || vi_type(&ev[i]) == EV_SND);
	w->told += (unsigned int)n;
}

static void put_events(struct world *w)
{
	static const struct vi_event ev[16];
	size_t n = take8(&w->in) % 16 + 1, taken = 99;
	int r = eventq_put(&w->vr, ev, n, &taken);

	must(taken <= n);
	result(w, r);
}

static void use_one(struct world *w)
{
	uint8_t buf[64];
	uint32_t len = take8(&w->in) % sizeof(buf), got = 99;
	int r = vring_ready(&w->vr);

	if (r != VRING_READY) {
		result(w, r);
		return;
	}
	memset(buf, 0xee, sizeof(buf));
	if (take8(&w->in) & 1) {
		result(w, vring_write(&w->vr, buf, len));
		return;
	}
	r = vring_read(&w->vr, buf, len, &got);
	must(got <= len && (got == sizeof(buf) || buf[got] == 0xee || r));
	result(w, r);
}

/* The driver writes anywhere. */
static void poke(struct world *w)
{
	unsigned int i = take8(&w->in) % REGIONS;
	size_t at = take16(&w->in) % layout[i].size;
	size_t len = take8(&w->in) % 32;

	if (len > layout[i].size - at)
		len = layout[i].size - at;
	take(&w->in, w->block[i] + layout[i].shift + at, len);
}

static void set_desc(struct world *w, struct desc *to)
{
	struct desc d;

	d.addr_le = htole64(some_gpa(w));
	d.len_le =
		htole32(take8(&w->in) & 0x80 ? take32(&w->in) : take8(&w->in));
	d.a_le = htole16(take16(&w->in));
	d.b_le = htole16(take16(&w->in));
	memcpy(to, &d, sizeof(d));
}

/* In the ring, or in a table somewhere. */
static void write_desc(struct world *w)
{
	uint8_t i = take8(&w->in);

	if (w->mapped && i < 0x80)
		set_desc(w, (struct desc *)w->vr.desc + i % w->vr.num);
	else
		set_desc(w, (struct desc *)(void *)(w->block[0] + 16 * i));
}

static void make_available(struct world *w)
{
	uint16_t *avail = w->vr.avail;
	uint16_t n = take8(&w->in);

	if (!w->mapped)
		return;
	if (w->vr.packed) {
		struct desc *d = (struct desc *)w->vr.desc + n % w->vr.num;

		d->b_le |= htole16(w->vr.wrap ? 1u << 7 : 1u << 15);
		d->b_le &= htole16(w->vr.wrap ? 0x7fff : 0xff7f);
		return;
	}
	uint16_t idx = le16toh(avail[1]);
	avail[2 + (idx & (w->vr.num - 1))] = htole16(n);
	avail[1] = htole16(idx + 1);
}

static void on_ring(struct world *w, uint8_t op)
{
	if (!w->mapped)
		return;
	switch (op) {
	case 0:
		put_events(w);
		break;
	case 1:
		result(w, statusq_take(&w->vr, on_status, w));
		break;
	case 2:
		use_one(w);
		break;
	case 3:
		vring_publish(&w->vr);
		break;
	case 4:
		vring_ask_kicks(&w->vr, take8(&w->in) & 1);
		vring_position(&w->vr);
		vring_has_history(&w->vr);
		break;
	}
}

static void step(struct world *w)
{
	uint8_t choice = take8(&w->in), op = choice % 10;

	if (w->mem.iotlb && choice >= 0xf0) {
		if (choice & 1)
			update(w, some_gpa(w));
		else
			invalidate(w);
		return;
	}
	switch (op) {
	case 5:
		poke(w);
		break;
	case 6:
		write_desc(w);
		break;
	case 7:
	case 8:
		make_available(w);
		break;
	case 9:
		start(w);
		break;
	default:
		on_ring(w, op);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = { .in = { data, size } };
	uint8_t flags = take8(&w.in);

	w.vr.packed = flags & 1;
	w.vr.event_idx = flags & 2;
	w.vr.indirect = flags & 4;
	w.vr.num =
		flags & 8 ? take16(&w.in) : (uint16_t)(1u << (flags >> 4 & 7));
	make_memory(&w);
	w.mem.iotlb = flags & 0x80 ? iotlb_new() : NULL;
	start(&w);
	while (w.in.left)
		step(&w);
	for (unsigned int i = 0; i < REGIONS; i++)
		free(w.block[i]);
	free(w.mem.iotlb);
	return 0;
}
