/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "input/device/merge.h"
#include "input/device/persistent.h"

/*
 * One store, and the compiler moves nothing across it: memory is as a process
 * left it that was killed between any two instructions.
 */
#define STORE(to, value)                                       \
	do {                                                   \
		__atomic_signal_fence(__ATOMIC_SEQ_CST);       \
		__atomic_store_n(to, value, __ATOMIC_RELAXED); \
		__atomic_signal_fence(__ATOMIC_SEQ_CST);       \
	} while (0)

/* One load: another that has the file mapped may change it at any time. */
#define LOAD(from) __atomic_load_n(from, __ATOMIC_RELAXED)

/* Only those of the known bits: there are few, and it is done each pump. */
static void put_i32s(uint32_t *le, const int32_t *value, uint64_t known)
{
	for (; known; known &= known - 1) {
		const int i = __builtin_ctzll(known);

		le[i] = htole32((uint32_t)value[i]);
	}
}

static void put_now(struct persistent_head *head, const struct state *now)
{
	memcpy(head->sw, now->sw, sizeof(now->sw));
	put_i32s(head->abs_le, now->abs, now->abs_known);
	STORE(&head->abs_known_le, htole64(now->abs_known));
}

size_t persistent_len(unsigned int n)
{
	return sizeof(struct persistent_head) +
	       n * sizeof(struct persistent_place);
}

const char *persistent_refuse(const struct persistent_head *head, size_t size,
			      unsigned int n)
{
	if (le64toh(head->magic_le) != PERSISTENT_MAGIC)
		return "is not a state file";
	if (le32toh(head->version_le) != PERSISTENT_VERSION)
		return "is of another version";
	if (le32toh(head->place_len_le) != sizeof(struct persistent_place))
		return "has another layout";
	if (le32toh(head->places_le) != n)
		return "is for another number of injectors";
	if (size != persistent_len(n))
		return "has the wrong size";
	return NULL;
}

void persistent_begin(struct persistent_head *head, unsigned int n,
		      const struct spec *spec)
{
	struct state st;

	state_init(&st, spec);
	put_now(head, &st);
	head->version_le = htole32(PERSISTENT_VERSION);
	head->place_len_le = htole32(sizeof(struct persistent_place));
	head->places_le = htole32(n);
	STORE(&head->magic_le, htole64(PERSISTENT_MAGIC));
}

struct persistent *persistent_new(struct persistent_head *head, unsigned int n)
{
	struct persistent *p = calloc(1, sizeof(*p) + n * sizeof(p->source[0]));

	if (!p)
		return NULL;
	p->head = head;
	p->n = n;
	for (unsigned int i = 0; i < n; i++)
		p->source[i].place = &head->place[i];
	return p;
}

void persistent_free(struct persistent *p)
{
	free(p);
}

/* --- what a source holds --- */

static void get_i32s(int32_t *value, const uint32_t *le, size_t n)
{
	for (size_t i = 0; i < n; i++)
		value[i] = (int32_t)le32toh(le[i]);
}

static void put_held(struct persistent_held *held,
		     const struct merge_source *src, unsigned int slots)
{
	held->abs_known_le = htole64(src->abs_known);
	memcpy(held->key, src->key, sizeof(held->key));
	put_i32s(held->abs_le, src->abs, src->abs_known);
	held->slots_le = htole32(src->mt ? slots : 0);
	held->says_le =
		htole32(src->says | (src->midway ? PERSISTENT_MIDWAY : 0));
	for (unsigned int i = 0; src->mt && i < slots; i++) {
		const struct state_contact *from = &src->contact[i];
		struct persistent_contact *to = &held->contact[i];

		to->id_le = htole32((uint32_t)from->id);
		to->known_le = htole16(from->known);
		put_i32s(to->axis_le, from->axis, from->known);
	}
}

/* Of a file that may hold anything. src: as after merge_source_init(). */
static void get_held(struct merge_source *src,
		     const struct persistent_held *held)
{
	const uint32_t slots = le32toh(LOAD(&held->slots_le));

	src->abs_known = le64toh(held->abs_known_le);
	memcpy(src->key, held->key, sizeof(src->key));
	get_i32s(src->abs, held->abs_le, ABS_CNT);
	src->mt = slots;
	src->says = le32toh(held->says_le) & MERGE_SAYS_ALL;
	src->midway = le32toh(held->says_le) & PERSISTENT_MIDWAY;
	for (unsigned int i = 0; i < slots && i < SPEC_SLOTS_MAX; i++) {
		src->contact[i].id = (int32_t)le32toh(held->contact[i].id_le);
		src->contact[i].known = le16toh(held->contact[i].known_le);
		get_i32s(src->contact[i].axis, held->contact[i].axis_le,
			 STATE_MT_AXES);
	}
}

void persistent_source_save(struct persistent_source *ps, unsigned int slots)
{
	const uint32_t next = !le32toh(ps->place->held_at_le);

	if (!ps->changed)
		return;
	put_held(&ps->place->held[next], &ps->src->held, slots);
	STORE(&ps->place->held_at_le, htole32(next));
	ps->changed = false;
}

/* --- the ledger --- */

static uint8_t ledger_at(const struct persistent *p)
{
	return le64toh(LOAD(&p->head->ledger_at_le)) & 1;
}

static void put_owed(struct persistent_ledger *ledger,
		     const struct persistent_ledger_entry *now)
{
	uint64_t known = 0;

	for (unsigned int code = 0; code < REL_CNT; code++) {
		if (!now->owed[code])
			continue;
		ledger->owed_le[code] = htole64((uint64_t)now->owed[code]);
		known |= (uint64_t)1 << code;
	}
	ledger->known_le = htole64(known);
}

void persistent_ledger_save(struct persistent *p,
			    const struct persistent_ledger_entry *now)
{
	const uint8_t next = !ledger_at(p);
	struct persistent_ledger *ledger = &p->head->ledger[next];

	ledger->flags_le = htole32((now->ring ? PERSISTENT_RING : 0) |
				   (now->runs ? PERSISTENT_RUNS : 0));
	ledger->at_le = htole32(now->at);
	put_owed(ledger, now);
	for (unsigned int i = 0; i < p->n; i++) {
		const struct persistent_source *ps = &p->source[i];

		if (ps->src)
			ps->place->ledger_len_le[next] =
				htole32((uint32_t)(ps->src->head -
						   ps->src->behind - ps->head));
	}
	STORE(&p->head->ledger_at_le, htole64(next));
}

static void get_ledger(struct persistent_ledger_entry *entry,
		       const struct persistent_ledger *ledger)
{
	const uint32_t flags = le32toh(LOAD(&ledger->flags_le));
	const uint64_t known = le64toh(LOAD(&ledger->known_le));

	*entry = (struct persistent_ledger_entry){
		.ring = flags & PERSISTENT_RING,
		.runs = flags & PERSISTENT_RUNS,
		.at = le32toh(LOAD(&ledger->at_le)),
	};
	for (unsigned int code = 0; code < REL_CNT; code++)
		if (known >> code & 1)
			entry->owed[code] =
				(int64_t)le64toh(LOAD(&ledger->owed_le[code]));
}

void persistent_ledger_load(const struct persistent *p,
			    struct persistent_ledger_entry *last,
			    struct persistent_ledger_entry *before)
{
	const uint8_t at = ledger_at(p);

	get_ledger(last, &p->head->ledger[at]);
	get_ledger(before, &p->head->ledger[!at]);
}

/* --- where a source stands --- */

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
	return (int)(pos >> 48 & 0xff) - 1;
}

static uint8_t pos_ledger(uint64_t pos)
{
	return pos >> 56 & 1;
}

void persistent_source_commit(struct persistent_source *ps)
{
	const struct source *src = ps->src;
	struct persistent_place *place = ps->place;
	const int slot = src->behind ? ps->slot_behind : src->held.slot;
	const uint64_t pos =
		(src->head - src->behind) | (uint64_t)src->tail << 24 |
		(uint64_t)(slot + 1) << 48 | (uint64_t)ps->ledger << 56;

	ps->head = src->head - src->behind;
	STORE(&place->pos_le, htole64(pos));
	/* After the bytes are in the tail, so that they never count twice. */
	STORE(&place->read_len, 0);
	STORE(&place->use_le, htole32(PERSISTENT_USED));
}

void persistent_source_shown(const struct persistent *p,
			     struct persistent_source *ps)
{
	ps->ledger = ledger_at(p);
	persistent_source_commit(ps);
}

static struct mmsghdr *mmsghdr_of(struct persistent_place *place)
{
	return (struct mmsghdr *)(void *)((uint8_t *)place +
					  offsetof(struct persistent_place,
						   read_len) -
					  offsetof(struct mmsghdr, msg_len));
}

struct mmsghdr *persistent_source_reading(struct persistent_source *ps,
					  void *to, size_t len)
{
	struct mmsghdr *mm = mmsghdr_of(ps->place);

	/* They may overwrite where the source stood before it was moved. */
	persistent_source_commit(ps);
	STORE(&ps->place->read_at_le, htole32((uint32_t)ps->src->tail));
	ps->iov = (struct iovec){ to, len };
	mm->msg_hdr = (struct msghdr){ .msg_iov = &ps->iov, .msg_iovlen = 1 };
	return mm;
}

/* Return: bytes from the position that only the ledger says were taken. */
static size_t place_unsure(const struct persistent_source *ps, uint8_t ledger)
{
	const size_t waits = ps->src->tail - ps->src->head;
	const uint32_t len = le32toh(LOAD(&ps->place->ledger_len_le[ledger]));

	if (ps->ledger == ledger || len > waits)
		return 0;
	return len - len % sizeof(struct vi_event);
}

/* Set the source up with what it sent. Return: whether that makes sense. */
static bool place_resume(struct persistent_source *ps)
{
	const struct persistent_place *place = ps->place;
	struct source *src = ps->src;
	const uint64_t pos = le64toh(LOAD(&place->pos_le));
	const uint32_t held_at = le32toh(LOAD(&place->held_at_le));
	const uint32_t read_len = LOAD(&place->read_len);
	const uint32_t form = le32toh(LOAD(&place->form_le));
	size_t tail = pos_tail(pos);

	if (le32toh(place->use_le) != PERSISTENT_USED ||
	    (form & PERSISTENT_PACKETS) != src->packets || held_at > 1 ||
	    pos_slot(pos) >= SPEC_SLOTS_MAX)
		return false;
	if (le32toh(place->read_at_le) == tail &&
	    read_len <= SOURCE_BUF_LEN - tail)
		tail += read_len;
	if (source_resume(src, pos_head(pos), tail))
		return false;
	get_held(&src->held, &place->held[held_at]);
	src->held.slot = pos_slot(pos);
	ps->ledger = pos_ledger(pos);
	return true;
}

/* For a source that holds nothing; the place may have been anything before. */
static void place_begin(struct persistent_place *place,
			const struct source *src)
{
	STORE(&place->use_le, htole32(PERSISTENT_FREE));
	place->form_le = htole32(src->packets ? PERSISTENT_PACKETS : 0);
	place->held_at_le = 0;
	put_held(&place->held[0], &src->held, 0);
}

size_t persistent_source_start(const struct persistent *p,
			       struct persistent_source *ps, struct source *src,
			       bool packets, struct vi_event *ev)
{
	size_t n = 0;

	ps->src = src;
	source_init_in(src, ps->place->buf, packets);
	if (place_resume(ps)) {
		ps->unsure = place_unsure(ps, ledger_at(p));
		n = merge_held_frame(&src->held, ev);
		merge_source_again(&src->held);
	} else {
		source_init_in(src, ps->place->buf, packets);
		place_begin(ps->place, src);
		ps->ledger = ledger_at(p);
	}
	ps->changed = n;
	return n;
}

bool persistent_source_asks(const struct persistent_source *ps)
{
	return le32toh(LOAD(&ps->place->form_le)) & PERSISTENT_ASKS;
}

void persistent_source_set_asks(struct persistent_source *ps)
{
	const uint32_t form = le32toh(LOAD(&ps->place->form_le));

	STORE(&ps->place->form_le, htole32(form | PERSISTENT_ASKS));
}

void persistent_source_end(struct persistent_source *ps)
{
	STORE(&ps->place->use_le, htole32(PERSISTENT_FREE));
	ps->src = NULL;
}

/* --- the device --- */

void persistent_state_load(const struct persistent *p, const struct spec *spec,
			   struct state *now)
{
	const uint64_t known = le64toh(LOAD(&p->head->abs_known_le));

	for (uint16_t code = 0; code < SW_CNT; code++)
		if (spec_has(spec, EV_SW, code))
			bit_assign(now->sw, code, bit_test(p->head->sw, code));
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const uint64_t bit = (uint64_t)1 << code;
		const int32_t value = (int32_t)le32toh(p->head->abs_le[code]);

		if (!spec_has(spec, EV_ABS, code) || spec_is_mt(spec, code) ||
		    spec->abs[code].has_rest)
			continue;
		now->abs[code] = 0;
		now->abs_known &= ~bit;
		if (!(known & bit))
			continue;
		now->abs[code] = frame_clamp(spec, code, value);
		now->abs_known |= bit;
	}
}

void persistent_merge_load(const struct persistent *p, struct merge *m)
{
	merge_know_mt_axes(m, le16toh(p->head->mt_axes_le));
	m->next_id = le16toh(p->head->next_id_le);
	m->abs_said = le64toh(p->head->abs_said_le);
	memcpy(m->sw_said, p->head->sw_said, sizeof(m->sw_said));
}

void persistent_state_save(struct persistent *p, const struct merge *m)
{
	put_now(p->head, &m->now);
	memcpy(p->head->sw_said, m->sw_said, sizeof(m->sw_said));
	p->head->abs_said_le = htole64(m->abs_said);
	p->head->next_id_le = htole16(m->next_id);
	p->head->mt_axes_le = htole16(m->mt_axes);
}
