/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device whose process is killed again and again, and the next one resumes
 * from the persistent file: as it was left, in the middle of something, or with
 * anything written to it.
 */
#include "tests/fuzz/device-world.h"

#include <endian.h>

#define N_PERSISTENT 2

static struct persistent_head *file;

static struct persistent *open_persistent(const struct spec *spec)
{
	const size_t len = persistent_len(N_PERSISTENT);
	struct persistent *p;

	if (persistent_refuse(file, len)) {
		memset(file, 0, len);
		persistent_begin(file, N_PERSISTENT, spec);
	}
	p = persistent_new(file, N_PERSISTENT);
	must(p);
	return p;
}

/* Write anything anywhere. */
static void spoil(struct choices *in)
{
	const uint8_t where = take8(in);
	uint8_t *bytes = (uint8_t *)file;
	size_t size = offsetof(struct persistent_head, ledger);

	if (where < 0x80) {
		bytes = (uint8_t *)&file->place[where % N_PERSISTENT];
		size = offsetof(struct persistent_place, buf) + 64;
	} else if (where < 0xe0) {
		bytes = (uint8_t *)&file->ledger[where & 8 ? 1 : 0];
		size = offsetof(struct persistent_ledger, rest) + 64;
	}
	bytes += take16(in) % size;
	take(in, bytes, 1 + (where & 7));
}

/* The fields that say which bytes of a source are whose. */
static void spoil_place(struct choices *in)
{
	struct persistent_place *place = &file->place[take8(in) % N_PERSISTENT];

	place->pos_le = htole64(take16(in) | (uint64_t)take16(in) << 24 |
				(uint64_t)take8(in) << 48);
	place->read_at_le = htole32(take16(in));
	place->use_le = htole32(take8(in) % 4);
	place->read_len = take16(in);
}

static void die(struct world *w)
{
	uint8_t spoiled = take8(&w->in);

	persistent_free(w->persistent);
	w->tainted |= spoiled & 7;
	for (; spoiled & 3; spoiled--)
		spoil(&w->in);
	if (spoiled & 4)
		spoil_place(&w->in);
	w->persistent = open_persistent(&w->spec);
	world_die(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;

	if (!file)
		file = malloc(persistent_len(N_PERSISTENT));
	must(file);
	memset(file, 0, persistent_len(N_PERSISTENT));
	w.in = (struct choices){ data, size };
	world_spec(&w.spec);
	world_begin(&w, open_persistent(&w.spec), N_PERSISTENT);
	while (w.in.left) {
		if (*w.in.at != 0xff) {
			world_step(&w);
			continue;
		}
		take8(&w.in);
		die(&w);
	}
	world_end(&w);
	persistent_free(w.persistent);
	return 0;
}
