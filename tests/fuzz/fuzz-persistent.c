/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of which the process dies again and again, and the next one goes on
 * with what the file holds that outlives them: as it was left, in the middle
 * of something, or full of anything.
 */
#include "tests/fuzz/device-world.h"

#include <sys/mman.h>
#include <unistd.h>

#define N_PERSISTENT 2

static int file = -1;

static struct persistent *open_persistent(void)
{
	struct persistent *persistent;

	must(!persistent_open(&persistent, file, N_PERSISTENT));
	return persistent;
}

/* Write anything anywhere. */
static void spoil(struct choices *in)
{
	const uint8_t where = take8(in);
	uint8_t bytes[8];
	size_t at = 0, size = sizeof(struct persistent);

	if (where < 0x80) {
		at = sizeof(struct persistent) +
		     where % N_PERSISTENT * sizeof(struct persistent_source);
		size = offsetof(struct persistent_source, buf) + 64;
	}
	at += take16(in) % size;
	take(in, bytes, sizeof(bytes));
	must(pwrite(file, bytes, 1 + (where & 7), (off_t)at) > 0);
}

static void set(unsigned int i, size_t field, const void *to, size_t len)
{
	must(pwrite(file, to, len,
		    (off_t)(sizeof(struct persistent) +
			    i * sizeof(struct persistent_source) + field)) ==
	     (ssize_t)len);
}

#define SET(i, field, value)                                        \
	set(i, offsetof(struct persistent_source, field), &(value), \
	    sizeof(value))

/* The fields that say which bytes of a source are whose. */
static void spoil_place(struct choices *in)
{
	const unsigned int i = take8(in) % N_PERSISTENT;
	const uint64_t pos = take16(in) | (uint64_t)take16(in) << 24 |
			     (uint64_t)take8(in) << 48;
	const uint32_t read_at = take16(in), used = take8(in) % 4;
	const unsigned int len = take16(in);

	SET(i, pos, pos);
	SET(i, read_at, read_at);
	SET(i, used, used);
	SET(i, read.msg_len, len);
}

static void die(struct world *w, struct persistent **persistent)
{
	uint8_t spoiled = take8(&w->in);

	persistent_close(*persistent);
	for (; spoiled & 3; spoiled--)
		spoil(&w->in);
	if (spoiled & 4)
		spoil_place(&w->in);
	*persistent = open_persistent();
	w->persistent = *persistent;
	world_die(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct persistent *persistent;

	if (file < 0)
		file = memfd_create("persistent", MFD_CLOEXEC);
	must(file >= 0 && !ftruncate(file, 0));
	w.in = (struct choices){ data, size };
	world_spec(&w.spec);
	persistent = open_persistent();
	world_begin(&w, persistent, N_PERSISTENT);
	while (w.in.left) {
		if (*w.in.at != 0xff) {
			world_step(&w);
			continue;
		}
		take8(&w.in);
		die(&w, &persistent);
	}
	world_end(&w);
	persistent_close(persistent);
	return 0;
}
