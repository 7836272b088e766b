/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "input/device/merge.h"
#include "input/device/persistent-store.h"
#include "input/device/persistent.h"

size_t persistent_len(unsigned int n)
{
	return sizeof(struct persistent_head) +
	       n * sizeof(struct persistent_place);
}

const char *persistent_refuse(const struct persistent_head *head, size_t size)
{
	const uint64_t places = le32toh(head->places_le);

	if (le64toh(head->magic_le) != PERSISTENT_MAGIC)
		return "is not a state file";
	if (le32toh(head->version_le) != PERSISTENT_VERSION)
		return "is of another version";
	if (le32toh(head->place_len_le) != sizeof(struct persistent_place))
		return "has another layout";
	/* A product of 32-bit numbers. */
	if (size < persistent_len(0) ||
	    size - persistent_len(0) != places * sizeof(head->place[0]))
		return "has the wrong size";
	return NULL;
}

void persistent_set_places(struct persistent_head *head, unsigned int n)
{
	STORE(&head->places_le, htole32(n));
}

void persistent_begin(struct persistent_head *head, unsigned int n,
		      const struct spec *spec)
{
	struct persistent_ledger *ledger = &head->ledger[0];
	struct state st;

	state_init(&st, spec);
	memcpy(ledger->sw, st.sw, sizeof(st.sw));
	persistent_put_i32s(ledger->abs_le, st.abs, st.abs_known);
	ledger->abs_known_le = htole64(st.abs_known);
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

static void put_contact(struct persistent_contact *to,
			const struct merge_source *src, unsigned int from,
			const struct merge *m)
{
	const struct state_contact *c = &src->contact[from];
	const int slot = src->slot_of[from];

	to->id_le = htole32((uint32_t)c->id);
	to->known_le = htole16(c->known);
	persistent_put_i32s(to->axis_le, c->axis, c->known);
	to->slot_le = htole16((uint16_t)(slot + 1));
	if (slot < 0)
		return;
	to->device_id_le = htole16((uint16_t)m->now.contact[slot].id);
	to->age_le = htole32((uint32_t)m->slot_age[slot]);
}

static void put_held(struct persistent_held *held,
		     const struct merge_source *src, const struct merge *m)
{
	const unsigned int slots = src->mt ? spec_slots(m->spec) : 0;

	held->abs_known_le = htole64(src->abs_known);
	memcpy(held->key, src->key, sizeof(held->key));
	persistent_put_i32s(held->abs_le, src->abs, src->abs_known);
	held->slots_le = htole32(slots);
	held->says_le =
		htole32(src->says | (src->midway ? PERSISTENT_MIDWAY : 0));
	for (unsigned int i = 0; i < slots; i++)
		put_contact(&held->contact[i], src, i, m);
}

static void get_contact(struct state_contact *to, struct merge_slots *was,
			const struct persistent_contact *from, unsigned int i)
{
	const uint16_t slot = le16toh(from->slot_le);

	to->id = (int32_t)le32toh(from->id_le);
	to->known = le16toh(from->known_le);
	persistent_get_i32s(to->axis, from->axis_le, STATE_MT_AXES);
	was->slot[i] = slot <= SPEC_SLOTS_MAX ? (int8_t)(slot - 1) : -1;
	was->id[i] = le16toh(from->device_id_le);
	was->age[i] = le32toh(from->age_le);
}

/* Of a file that may hold anything. src: as after merge_source_init(). */
static void get_held(struct merge_source *src, struct merge_slots *was,
		     const struct persistent_held *held)
{
	const uint32_t slots = le32toh(LOAD(&held->slots_le));

	src->abs_known = le64toh(held->abs_known_le);
	memcpy(src->key, held->key, sizeof(src->key));
	persistent_get_i32s(src->abs, held->abs_le, ABS_CNT);
	src->mt = slots;
	src->says = le32toh(held->says_le) & MERGE_SAYS_ALL;
	src->midway = le32toh(held->says_le) & PERSISTENT_MIDWAY;
	memset(was->slot, -1, sizeof(was->slot));
	for (unsigned int i = 0; i < slots && i < SPEC_SLOTS_MAX; i++)
		get_contact(&src->contact[i], was, &held->contact[i], i);
}

void persistent_source_save(struct persistent_source *ps, const struct merge *m,
			    uint8_t ledger)
{
	const struct source *src = ps->src;

	ps->place->ledger_len_le[ledger] =
		htole32((uint32_t)(src->head - ps->head) |
			(uint32_t)(src->held.slot + 1) << 24);
	if (!(ps->stale >> ledger & 1))
		return;
	put_held(&ps->place->held[ledger], &src->held, m);
	ps->stale &= (uint8_t) ~(1u << ledger);
}

void persistent_changed(struct persistent *p)
{
	for (unsigned int i = 0; i < p->n; i++)
		persistent_source_changed(&p->source[i]);
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
	const uint64_t pos = src->head | (uint64_t)src->tail << 24 |
			     (uint64_t)(src->held.slot + 1) << 48 |
			     (uint64_t)ps->ledger << 56;

	ps->head = src->head;
	STORE(&place->pos_le, htole64(pos));
	/* After the bytes are in the tail, so that they never count twice. */
	STORE(&place->read_len, 0);
	STORE(&place->use_le, htole32(PERSISTENT_USED));
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

/* Set what only the active ledger says was taken. */
static void place_unsure(struct persistent_source *ps, uint8_t ledger)
{
	const size_t waits = ps->src->tail - ps->src->head;
	const uint32_t le = le32toh(LOAD(&ps->place->ledger_len_le[ledger]));
	const uint32_t len = le & 0xffffff;
	const int slot = (int)(le >> 24) - 1;

	ps->unsure = 0;
	if (ps->ledger == ledger || len > waits || slot >= SPEC_SLOTS_MAX)
		return;
	ps->unsure = len - len % sizeof(struct vi_event);
	ps->unsure_slot = slot;
}

void persistent_source_settle(const struct persistent *p,
			      struct persistent_source *ps)
{
	ps->unsure = 0;
	ps->ledger = persistent_ledger_at(p->head);
	persistent_source_commit(ps);
}

void persistent_source_skip(const struct persistent *p,
			    struct persistent_source *ps)
{
	if (ps->unsure) {
		source_consume(ps->src, ps->unsure / sizeof(struct vi_event));
		ps->src->held.slot = ps->unsure_slot;
	}
	persistent_source_settle(p, ps);
}

/* Set the source up with what it sent. Return: whether that makes sense. */
static bool place_resume(struct persistent_source *ps, uint8_t ledger)
{
	const struct persistent_place *place = ps->place;
	struct source *src = ps->src;
	const uint64_t pos = le64toh(LOAD(&place->pos_le));
	const uint32_t read_len = LOAD(&place->read_len);
	const uint32_t form = le32toh(LOAD(&place->form_le));
	size_t tail = pos_tail(pos);

	if (le32toh(place->use_le) != PERSISTENT_USED ||
	    le32toh(place->socket_le) != ps->socket ||
	    (form & PERSISTENT_PACKETS) != src->packets ||
	    pos_slot(pos) >= SPEC_SLOTS_MAX)
		return false;
	if (le32toh(place->read_at_le) == tail &&
	    read_len <= SOURCE_BUF_LEN - tail)
		tail += read_len;
	if (source_resume(src, pos_head(pos), tail))
		return false;
	get_held(&src->held, &ps->was, &place->held[ledger]);
	src->held.slot = pos_slot(pos);
	ps->ledger = pos_ledger(pos);
	return true;
}

/* For a source that holds nothing; the place may have been anything before. */
static void place_begin(struct persistent_source *ps)
{
	struct persistent_place *place = ps->place;

	STORE(&place->use_le, htole32(PERSISTENT_FREE));
	place->socket_le = htole32(ps->socket);
	place->form_le = htole32(ps->src->packets ? PERSISTENT_PACKETS : 0);
	memset(place->ledger_len_le, 0, sizeof(place->ledger_len_le));
	for (unsigned int i = 0; i < 2; i++) {
		place->held[i].abs_known_le = 0;
		place->held[i].slots_le = place->held[i].says_le = 0;
		memset(place->held[i].key, 0, sizeof(place->held[i].key));
	}
}

/* Return: as persistent_source_start(). */
static size_t held_frame(struct persistent_source *ps, struct vi_event *ev)
{
	struct merge_source *held = &ps->src->held;
	const size_t n = merge_held_frame(held, ev);

	merge_source_again(held);
	return n;
}

size_t persistent_source_start(const struct persistent *p,
			       struct persistent_source *ps, struct source *src,
			       bool packets, struct vi_event *ev)
{
	const uint8_t ledger = persistent_ledger_at(p->head);

	ps->src = src;
	persistent_source_changed(ps);
	source_init_in(src, ps->place->buf, packets);
	if (place_resume(ps, ledger)) {
		place_unsure(ps, ledger);
		return held_frame(ps, ev);
	}
	source_init_in(src, ps->place->buf, packets);
	place_begin(ps);
	ps->ledger = ledger;
	ps->unsure = 0;
	return 0;
}

size_t persistent_source_again(const struct persistent *p,
			       struct persistent_source *ps,
			       struct vi_event *ev)
{
	struct merge_source *held = &ps->src->held;
	const uint64_t pos = le64toh(LOAD(&ps->place->pos_le));

	get_held(held, &ps->was,
		 &ps->place->held[persistent_ledger_at(p->head)]);
	held->slot = pos_slot(pos);
	return held_frame(ps, ev);
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
