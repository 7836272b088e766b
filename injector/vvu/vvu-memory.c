/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "injector/vvu/vvu-memory.h"
#include "input/base/fd-kind.h"
#include "input/base/fd.h"
#include "input/ring/guest-copy.h"
#include "input/ring/guest-map.h"

int vvu_memory_init(struct vvu_memory *m, uint64_t bar_len, int file)
{
	struct stat st;

	*m = (struct vvu_memory){ .shape.len = bar_len, .file = file };
	if (file < 0)
		return 0;
	if (fstat(file, &st) < 0)
		return -errno;
	m->dev = st.st_dev;
	m->ino = st.st_ino;
	m->shape.direct_len =
		(uint64_t)st.st_size & ~(uint64_t)(VVU_MEMORY_PAGE - 1);
	return 0;
}

static void pieces_clear(struct vvu_pieces *pieces)
{
	while (pieces->n) {
		struct vvu_piece *p = &pieces->piece[--pieces->n];

		guest_unmap_shared(p->local);
		close_fd(p->fd);
	}
}

void vvu_memory_clear(struct vvu_memory *m)
{
	pieces_clear(&m->now);
	pieces_clear(&m->before);
	m->half = 0;
}

void vvu_memory_settle(struct vvu_memory *m)
{
	pieces_clear(&m->before);
}

/* --- SET_MEM_TABLE --- */

static const char *plan_strerror(int error)
{
	switch (error) {
	case VVU_PLAN_E_REGIONS:
		return "SET_MEM_TABLE: more regions than can be shown: "
		       "at most 7";
	case VVU_PLAN_E_ROOM:
		return "SET_MEM_TABLE: more memory by messages than half of "
		       "what --memory leaves of --bar-size, which has to be "
		       "larger";
	}
	return "SET_MEM_TABLE: an empty region, or one past 2^64";
}

/* Return: whether a file can be memory; *direct: it is ours. */
static bool is_memory(const struct vvu_memory *m, int fd, bool *direct)
{
	struct stat st;

	if (!fd_is_memory(fd) || fstat(fd, &st) < 0)
		return false;
	*direct = m->file >= 0 && st.st_dev == m->dev && st.st_ino == m->ino;
	return true;
}

static const char *memory_map(struct vvu_memory *m, struct vu_message *msg,
			      const struct vvu_plan *plan)
{
	const struct vu_mem_table *table = &msg->p.mem_table;

	for (uint32_t i = 0; i < table->n_regions; i++) {
		const struct vu_mem_region *r = &table->regions[i];
		struct vvu_piece *p = &m->now.piece[i];
		int e = guest_map_shared(msg->fds[i], r->size, r->mmap_offset,
					 &p->local);

		if (e)
			return guest_map_strerror(e);
		p->at = plan->at[i];
		p->size = r->size;
		p->offset = r->mmap_offset;
		p->fd = vu_message_steal_fd(msg, i);
		m->now.n++;
		if (plan->direct[i])
			m->counts.direct++;
		else
			m->counts.by_messages++;
	}
	return NULL;
}

const char *vvu_memory_take(struct vvu_memory *m, struct vu_message *msg)
{
	struct vvu_plan plan = { 0 };
	const char *why;
	int r;

	for (unsigned int i = 0; i < msg->n_fds; i++)
		if (!is_memory(m, msg->fds[i], &plan.direct[i]))
			return "SET_MEM_TABLE: an fd is not of memory that can "
			       "be shared (memory-backend-memfd, or a file in "
			       "/dev/shm or hugetlbfs)";
	r = vvu_plan(&plan, &m->shape, m->half, &msg->p.mem_table);
	if (r)
		return plan_strerror(r);
	pieces_clear(&m->before);
	m->before = m->now;
	m->now.n = 0;
	why = memory_map(m, msg, &plan);
	if (why)
		return why;
	m->half = !m->half;
	msg->p.mem_table = plan.table;
	msg->hdr.size =
		(uint32_t)(offsetof(struct vu_mem_table, regions) +
			   plan.table.n_regions * sizeof(*plan.table.regions));
	return NULL;
}

/* --- accesses --- */

static uint8_t *pieces_at(const struct vvu_pieces *pieces, uint64_t at,
			  size_t len)
{
	for (unsigned int i = 0; i < pieces->n; i++) {
		const struct vvu_piece *p = &pieces->piece[i];

		if (at >= p->at && at - p->at < p->size &&
		    len <= p->size - (at - p->at))
			return p->local + (at - p->at);
	}
	return NULL;
}

static uint8_t *memory_at(struct vvu_memory *m, uint64_t at, size_t len)
{
	uint8_t *local = pieces_at(&m->now, at, len);

	if (!local)
		local = pieces_at(&m->before, at, len);
	if (!local)
		m->counts.outside++;
	return local;
}

/* An index of a ring MUST be seen whole by the other side. */
#define COPY_AS(type, to, from)                                          \
	__atomic_store_n(                                                \
		(type *)(to),                                            \
		__atomic_load_n((const type *)(from), __ATOMIC_SEQ_CST), \
		__ATOMIC_SEQ_CST)

static void memory_copy(void *to, const void *from, size_t len)
{
	if (((uintptr_t)to | (uintptr_t)from) & (len - 1)) {
		guest_copy(to, from, len);
		return;
	}
	switch (len) {
	case 2:
		COPY_AS(uint16_t, to, from);
		break;
	case 4:
		COPY_AS(uint32_t, to, from);
		break;
	case 8:
		COPY_AS(uint64_t, to, from);
		break;
	default:
		guest_copy(to, from, len);
	}
}

void vvu_memory_read(struct vvu_memory *m, uint64_t at, void *to, size_t len)
{
	const uint8_t *local = memory_at(m, at, len);

	m->counts.reads++;
	if (local)
		memory_copy(to, local, len);
	else
		memset(to, 0xff, len);
}

void vvu_memory_write(struct vvu_memory *m, uint64_t at, const void *from,
		      size_t len)
{
	uint8_t *local = memory_at(m, at, len);

	m->counts.writes++;
	if (local)
		memory_copy(local, from, len);
}

bool vvu_memory_is_short(const struct vvu_memory *m)
{
	for (unsigned int i = 0; i < m->now.n + m->before.n; i++) {
		const struct vvu_piece *p =
			i < m->now.n ? &m->now.piece[i]
				     : &m->before.piece[i - m->now.n];
		struct stat st;

		if (fstat(p->fd, &st) < 0 ||
		    (uint64_t)st.st_size < p->offset + p->size)
			return true;
	}
	return false;
}
