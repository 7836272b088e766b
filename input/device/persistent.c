/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/device/persistent.h"

/* Another layout of the structures is another magic number. */
#define MAGIC \
	(UINT64_C(0x76696b7000000004) ^ (sizeof(struct persistent_source) << 8))

static size_t size_for(unsigned int n)
{
	return sizeof(struct persistent) + n * sizeof(struct persistent_source);
}

int persistent_open(struct persistent **persistent, int fd, unsigned int n)
{
	struct stat st;
	bool fresh;

	if (fstat(fd, &st) < 0)
		return -errno;
	fresh = st.st_size != (off_t)size_for(n);
	if (fresh &&
	    (ftruncate(fd, 0) < 0 || ftruncate(fd, (off_t)size_for(n)) < 0))
		return -errno;
	struct persistent *p = mmap(NULL, size_for(n), PROT_READ | PROT_WRITE,
				    MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	if (p->magic != MAGIC || p->n != n) {
		memset(p, 0, sizeof(*p));
		for (unsigned int i = 0; i < n; i++)
			p->source[i].used = PERSISTENT_FREE;
		p->n = n;
		p->magic = MAGIC;
	}
	*persistent = p;
	return 0;
}

void persistent_close(struct persistent *persistent)
{
	if (persistent)
		munmap(persistent, size_for(persistent->n));
}

/*
 * One store, and the compiler does not move it: memory is as a process left it
 * that was killed between any two instructions.
 */
#define STORE(to, value)                                       \
	do {                                                   \
		__atomic_signal_fence(__ATOMIC_SEQ_CST);       \
		__atomic_store_n(to, value, __ATOMIC_RELAXED); \
		__atomic_signal_fence(__ATOMIC_SEQ_CST);       \
	} while (0)

/* kept_source.pos: 24 bits of head, 24 of tail, then slot + 1 (0: none). */
_Static_assert(SOURCE_BUF_LEN < 1 << 24, "a position has 24 bits");

static size_t pos_head(uint64_t pos)
{
	return pos & 0xffffff;
}

static size_t pos_tail(uint64_t pos)
{
	return pos >> 24 & 0xffffff;
}

static int pos_slot(uint64_t pos)
{
	return (int)(pos >> 48) - 1;
}

void persistent_source_commit(struct persistent_source *ks)
{
	const struct source *src = &ks->src;
	const int slot = src->behind ? ks->slot_behind : src->held.slot;

	STORE(&ks->pos, (src->head - src->behind) | (uint64_t)src->tail << 24 |
				(uint64_t)(slot + 1) << 48);
	/* After the bytes are counted: never twice, see goes_on(). */
	STORE(&ks->read.msg_len, 0);
	STORE(&ks->used, PERSISTENT_USED);
}

struct mmsghdr *persistent_source_reading(struct persistent_source *ks,
					  void *to, size_t len)
{
	/* They may be read over where the source stood before a move. */
	persistent_source_commit(ks);
	STORE(&ks->read_at, (uint32_t)ks->src.tail);
	ks->iov = (struct iovec){ to, len };
	ks->read.msg_hdr =
		(struct msghdr){ .msg_iov = &ks->iov, .msg_iovlen = 1 };
	return &ks->read;
}

/* Of a file that may hold anything. */
static bool is_bool(const bool *b)
{
	return *(const volatile uint8_t *)b <= 1;
}

/* Set up the source with what it sent. Return: whether that makes sense. */
static bool goes_on(struct persistent_source *ks, bool packets)
{
	size_t tail = pos_tail(ks->pos);
	int slot = pos_slot(ks->pos);

	if ((ks->used != PERSISTENT_USED && ks->used != PERSISTENT_SAVED) ||
	    slot >= SPEC_SLOTS_MAX || !is_bool(&ks->src.packets) ||
	    ks->src.packets != packets)
		return false;
	if (ks->used == PERSISTENT_SAVED)
		ks->src.held = ks->saved;
	if (!is_bool(&ks->src.held.mt) || !is_bool(&ks->src.held.sends_xy))
		return false;
	if (ks->read_at == tail && ks->read.msg_len <= SOURCE_BUF_LEN - tail)
		tail += ks->read.msg_len;
	ks->src.buf = ks->buf;
	ks->src.owns_buf = false;
	ks->src.held.slot = slot;
	return !source_resume(&ks->src, pos_head(ks->pos), tail);
}

bool persistent_source_start(struct persistent *persistent, unsigned int i,
			     bool packets, struct vi_event *ev, size_t *n)
{
	struct persistent_source *ks = &persistent->source[i];

	*n = 0;
	if (!goes_on(ks, packets)) {
		STORE(&ks->used, PERSISTENT_FREE);
		source_init_in(&ks->src, ks->buf, packets);
		persistent_source_commit(ks);
		return false;
	}
	*n = merge_held_frame(&ks->src.held, ev);
	/* What it holds is about to be said; it stands nowhere yet. */
	ks->saved = ks->src.held;
	STORE(&ks->used, PERSISTENT_SAVED);
	merge_source_init(&ks->src.held);
	return true;
}

void persistent_state_load(const struct persistent *persistent,
			   const struct spec *spec, struct state *now)
{
	for (uint16_t code = 0; code < SW_CNT; code++)
		if (spec_has(spec, EV_SW, code))
			bit_assign(now->sw, code,
				   bit_test(persistent->sw, code));
	for (uint16_t code = 0; code < ABS_MT_SLOT; code++) {
		const uint64_t bit = (uint64_t)1 << code;

		if (!spec_has(spec, EV_ABS, code) || spec->abs[code].has_rest)
			continue;
		now->abs[code] = 0;
		now->abs_known &= ~bit;
		if (!(persistent->abs_known & bit))
			continue;
		now->abs[code] = frame_clamp(spec, code, persistent->abs[code]);
		now->abs_known |= bit;
	}
}

void persistent_state_save(struct persistent *persistent,
			   const struct state *now)
{
	memcpy(persistent->sw, now->sw, sizeof(persistent->sw));
	memcpy(persistent->abs, now->abs, sizeof(persistent->abs));
	persistent->abs_known = now->abs_known;
}
