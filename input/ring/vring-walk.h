/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the vring: a way through one descriptor chain, and what the two
 * layouts of ring do each in their way. Only for vring*.c.
 */
#ifndef VINPUT_VRING_WALK_H
#define VINPUT_VRING_WALK_H

#include <endian.h>
#include "input/ring/vring.h"

/* The same bits in both layouts. */
#define VRING_DESC_F_NEXT     1
#define VRING_DESC_F_WRITE    2
#define VRING_DESC_F_INDIRECT 4

struct vring_walk {
	struct vring *vr;
	uint16_t id;   /* of the buffer, for its used element */
	bool indirect; /* in a table, no longer in the ring */
	struct gpa table;
	uint32_t n;    /* descriptors in the table */
	uint32_t left; /* descriptors that may still follow */
	uint32_t next; /* index of the next one */
	bool more;
	uint16_t slots; /* of the ring, gone through so far */
	/* The descriptor at hand. */
	struct gpa addr;
	uint32_t len;
	uint16_t flags;
};

/* One descriptor from the table of w, at w->next; sets w->next and w->more. */
int vring_split_load(struct vring_walk *w);
int vring_packed_load(struct vring_walk *w);

/* As vring_ready(), of a ring that is mapped. */
int vring_split_ready(struct vring *vr);
int vring_packed_ready(struct vring *vr);
/* The next buffer; there is one. */
void vring_split_take(struct vring *vr, struct vring_walk *w);
void vring_packed_take(struct vring *vr, struct vring_walk *w);
/* The buffer is used, with len bytes written. Return: 0 or VRING_E_*. */
int vring_split_use(struct vring *vr, struct vring_walk *w, uint32_t len);
int vring_packed_use(struct vring *vr, struct vring_walk *w, uint32_t len);
/*
 * As vring_write_each(), as long as there are plain buffers: one writable
 * descriptor in the region where the last one was. Nearly all of an eventq are.
 * Return: how many were used; the next one, if there is any, must be walked.
 */
size_t vring_split_write_plain(struct vring *vr, const void *items,
			       uint32_t len, size_t n);
size_t vring_packed_write_plain(struct vring *vr, const void *items,
				uint32_t len, size_t n);
bool vring_split_publish(struct vring *vr);
bool vring_packed_publish(struct vring *vr);
/* As vring_resume(). Return: 0 or VRING_E_HEAD. */
int vring_split_resume(struct vring *vr);
int vring_packed_resume(struct vring *vr, uint32_t base);
void vring_split_ask_kicks(struct vring *vr, bool ask);
void vring_packed_ask_kicks(struct vring *vr, bool ask);
/* Return: whether a ring whose used->idx is 0 has been used before. */
bool vring_split_came_round(const struct vring *vr);

/*
 * The next descriptor (there must be one: w->more), tables followed.
 * Return: 0 with the descriptor at hand, or VRING_E_*.
 */
int vring_walk_next(struct vring_walk *w);

/* What an error of guest memory is to a ring. */
static inline int vring_error_of(int error)
{
	return error == GUEST_MEM_E_MISS ? VRING_E_MISS : VRING_E_OUTSIDE;
}

static inline uint32_t vring_chain_max(uint32_t table)
{
	return table < VRING_CHAIN_MAX ? table : VRING_CHAIN_MAX;
}

static inline uint16_t vring_load16(const uint16_t *le)
{
	return le16toh(__atomic_load_n(le, __ATOMIC_RELAXED));
}

static inline uint32_t vring_load32(const uint32_t *le)
{
	return le32toh(__atomic_load_n(le, __ATOMIC_RELAXED));
}

static inline void vring_store16(uint16_t *le, uint16_t value)
{
	__atomic_store_n(le, htole16(value), __ATOMIC_RELAXED);
}

static inline void vring_store32(uint32_t *le, uint32_t value)
{
	__atomic_store_n(le, htole32(value), __ATOMIC_RELAXED);
}

/* Has an index that went from old to new passed event (§2.7.7.2)? */
static inline bool vring_passed(uint16_t event, uint16_t new, uint16_t old)
{
	return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
}

#endif
