/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept.h"

/* Another layout of the structures is another magic number. */
#define MAGIC (UINT64_C(0x76696b7000000001) ^ (sizeof(struct kept_source) << 8))

static size_t size_for(unsigned int n)
{
	return sizeof(struct kept) + n * sizeof(struct kept_source);
}

int kept_open(struct kept **kept, int fd, unsigned int n)
{
	struct stat st;
	bool fresh;

	if (fstat(fd, &st) < 0)
		return -errno;
	fresh = st.st_size != (off_t)size_for(n);
	if (fresh &&
	    (ftruncate(fd, 0) < 0 || ftruncate(fd, (off_t)size_for(n)) < 0))
		return -errno;
	struct kept *k = mmap(NULL, size_for(n), PROT_READ | PROT_WRITE,
			      MAP_SHARED, fd, 0);
	if (k == MAP_FAILED)
		return -errno;
	if (k->magic != MAGIC || k->n != n) {
		memset(k, 0, sizeof(*k));
		for (unsigned int i = 0; i < n; i++)
			k->source[i].used = false;
		k->n = n;
		k->magic = MAGIC;
	}
	*kept = k;
	return 0;
}

void kept_close(struct kept *kept)
{
	if (kept)
		munmap(kept, size_for(kept->n));
}

static bool makes_sense(const struct source *src, bool packets)
{
	return src->packets == packets && src->head % 8 == 0 &&
	       src->scanned % 8 == 0 && src->whole % 8 == 0 &&
	       src->head <= src->scanned && src->scanned <= src->tail &&
	       src->head <= src->whole && src->whole <= src->tail &&
	       src->tail <= SOURCE_BUF_LEN;
}

static void say(struct vi_event *ev, size_t *n, uint16_t type, uint16_t code,
		int32_t value)
{
	/* No source can hold as much; a broken file can say that one does. */
	if (*n < FRAME_EVENTS_MAX)
		ev[(*n)++] = vi_event(type, code, value);
}

static void say_contact(const struct state_contact *c, int slot,
			struct vi_event *ev, size_t *n)
{
	if (c->id < 0 && !c->known)
		return;
	say(ev, n, EV_ABS, ABS_MT_SLOT, slot);
	if (c->id >= 0)
		say(ev, n, EV_ABS, ABS_MT_TRACKING_ID, c->id);
	for (uint16_t i = 0; i < STATE_MT_AXES; i++)
		if (c->known >> i & 1 &&
		    i + STATE_MT_FIRST != ABS_MT_TRACKING_ID)
			say(ev, n, EV_ABS, (uint16_t)(STATE_MT_FIRST + i),
			    c->axis[i]);
}

static void say_axes(uint64_t known, const int32_t *abs, struct vi_event *ev,
		     size_t *n)
{
	for (uint16_t code = 0; code < ABS_MT_SLOT; code++)
		if (known >> code & 1)
			say(ev, n, EV_ABS, code, abs[code]);
}

static void say_held(const struct merge_source *held, struct vi_event *ev,
		     size_t *n)
{
	for (uint16_t code = 0; code < KEY_CNT; code++)
		if (bit_test(held->key, code))
			say(ev, n, EV_KEY, code, 1);
	say_axes(held->abs_known, held->abs, ev, n);
	if (!held->mt)
		return;
	for (int slot = 0; slot < SPEC_SLOTS_MAX; slot++)
		say_contact(&held->contact[slot], slot, ev, n);
	say(ev, n, EV_ABS, ABS_MT_SLOT, held->slot);
}

bool kept_source_start(struct kept *kept, unsigned int i, bool packets,
		       struct vi_event *ev, size_t *n)
{
	struct kept_source *ks = &kept->source[i];
	bool goes_on = ks->used == true && makes_sense(&ks->src, packets);

	*n = 0;
	ks->used = true;
	if (!goes_on) {
		source_init_in(&ks->src, ks->buf, packets);
		return false;
	}
	say_held(&ks->src.held, ev, n);
	ev[(*n)++] = vi_event(EV_SYN, SYN_REPORT, 0);
	/* What it holds is about to be said; it stands nowhere yet. */
	merge_source_init(&ks->src.held);
	ks->src.buf = ks->buf;
	return true;
}

void kept_state_load(const struct kept *kept, const struct spec *spec,
		     struct state *now)
{
	struct vi_event ev;

	for (uint16_t code = 0; code < SW_CNT; code++)
		if (spec_has(spec, EV_SW, code))
			bit_assign(now->sw, code, bit_test(kept->sw, code));
	for (uint16_t code = 0; code < ABS_MT_SLOT; code++) {
		if (!(kept->abs_known >> code & 1) ||
		    !spec_has(spec, EV_ABS, code) || spec->abs[code].has_rest)
			continue;
		ev = vi_event(EV_ABS, code, kept->abs[code]);
		state_apply(now, &ev);
	}
}

void kept_state_save(struct kept *kept, const struct state *now)
{
	memcpy(kept->sw, now->sw, sizeof(kept->sw));
	memcpy(kept->abs, now->abs, sizeof(kept->abs));
	kept->abs_known = now->abs_known;
}
