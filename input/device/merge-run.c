/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While there is one source, m->now.key is what it holds, and holders[] says
 * the same: in a run only src->key follows the events, 64 keys at a time, which
 * makes few instructions of them, and the others follow it at the end. What
 * they still say until then undoes a frame that cannot pass.
 */
#include <endian.h>
#include <string.h>

#include "input/base/hot.h"
#include "input/device/merge-run.h"

#define WORD_KEYS 64
#define N_WORDS	  (KEY_CNT / WORD_KEYS)

_Static_assert(KEY_CNT % WORD_KEYS == 0 && N_WORDS <= 32,
	       "a run's words are bits of merge_run.words");
_Static_assert(SPEC_CODES % WORD_KEYS == 0, "the spec's keys are words, too");

/* What is eight bytes long and little-endian. */
static inline uint64_t word_at(const void *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	return le64toh(word);
}

static inline void put_word(void *to, uint64_t word)
{
	word = htole64(word);
	memcpy(to, &word, sizeof(word));
}

/*
 * Where a run is: at some of the keys, which it has in registers. An event is a
 * number, as in struct vi_event: type, code and value, from the lowest bit on.
 */
struct place {
	uint32_t first;	   /* type and code of the first of the keys */
	uint64_t declared; /* which of them are */
	uint64_t down;
};

static inline struct place place_of_word(const struct merge *m,
					 const struct merge_source *src,
					 unsigned int i)
{
	return (struct place){
		.first = i * WORD_KEYS << 16 | EV_KEY,
		.declared = word_at(&m->spec->bits[EV_KEY][i * 8]),
		.down = word_at(&src->key[i * 8]),
	};
}

static inline bool is_key(const struct vi_event *ev)
{
	return vi_type(ev) == EV_KEY && vi_code(ev) < KEY_CNT;
}

/* Return: which of these keys it is; of other events at least WORD_KEYS. */
static inline uint32_t key_in(const struct place *at, uint64_t event)
{
	const uint32_t key = (uint32_t)event - at->first;

	return key >> 16 | key << 16;
}

/* All other events, and a SYN_REPORT with a value, are not 0. */
static inline bool ends_frame(const struct vi_event *ev)
{
	_Static_assert(!EV_SYN && !SYN_REPORT, "SYN_REPORT 0 is all 0");
	return !word_at(ev);
}

/*
 * Take declared keys that are here, pressed or released, and ends of frames
 * with some. The last event before end is such an end. run->n and run->frames
 * become those of the frames that have ended. Return: the event that is
 * different, or end.
 */
static inline const struct vi_event *take_keys(struct place *at,
					       const struct vi_event *ev,
					       const struct vi_event *end,
					       struct merge_run *run)
{
	const struct vi_event *done = run->ev + run->n;
	size_t frames = run->frames;

	for (;;) {
		const uint64_t event = word_at(ev), down = event >> 32;
		const uint32_t key = key_in(at, event);

		if (key >= WORD_KEYS || down > 1 || !(at->declared >> key & 1))
			break;
		at->down = (at->down & ~(UINT64_C(1) << key)) | down << key;
		if (!ends_frame(++ev))
			continue;
		frames++;
		done = ++ev;
		if (ev == end)
			break;
	}
	run->n = (size_t)(done - run->ev);
	run->frames = frames;
	return ev;
}

/* The same of motion, which no state has. */
static inline const struct vi_event *take_motion(const struct merge *m,
						 const struct vi_event *ev,
						 const struct vi_event *end,
						 struct merge_run *run)
{
	while (ev < end && merge_is_motion(m, ev)) {
		if (!ends_frame(++ev))
			continue;
		run->frames++;
		run->n = (size_t)(++ev - run->ev);
	}
	return ev;
}

static inline const struct vi_event *take_some(const struct merge *m,
					       struct merge_source *src,
					       const struct vi_event *ev,
					       const struct vi_event *end,
					       struct merge_run *run)
{
	const unsigned int i = vi_code(ev) / WORD_KEYS;
	struct place at;

	if (!is_key(ev))
		return take_motion(m, ev, end, run);
	at = place_of_word(m, src, i);
	ev = take_keys(&at, ev, end, run);
	put_word(&src->key[i * 8], at.down);
	run->words |= 1u << i;
	return ev;
}

/* Return: whether no frame has begun that does not pass. */
static inline bool take_frames(const struct merge *m, struct merge_source *src,
			       struct merge_run *run)
{
	const struct vi_event *ev = run->ev, *const end = ev + run->n, *from;

	run->n = run->frames = run->words = 0;
	do {
		from = ev;
		if (ev < end)
			ev = take_some(m, src, ev, end, run);
	} while (ev > from);
	return ev == run->ev + run->n;
}

/* A frame that has begun is undone, and the others are taken again. */
WARM void merge_run_begin(const struct merge *m, struct merge_source *src,
			  struct merge_run *run)
{
	while (!take_frames(m, src, run))
		memcpy(src->key, m->now.key, sizeof(src->key));
}

static void note_holder(struct merge *m, unsigned int i, uint64_t is)
{
	uint64_t changed = is ^ word_at(&m->now.key[i * 8]);

	for (; changed; changed &= changed - 1) {
		const int bit = __builtin_ctzll(changed);

		m->holders[i * WORD_KEYS + (unsigned int)bit] = is >> bit & 1;
	}
}

WARM void merge_run_end(struct merge *m, const struct merge_source *src,
			const struct merge_run *run)
{
	for (unsigned int left = run->words; left; left &= left - 1) {
		const unsigned int i = (unsigned int)__builtin_ctz(left);

		note_holder(m, i, word_at(&src->key[i * 8]));
	}
	memcpy(m->now.key, src->key, sizeof(m->now.key));
}
