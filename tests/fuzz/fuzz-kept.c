/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of which the process dies again and again, and the next one goes on
 * with what the file holds that outlives them: as it was left, in the middle
 * of something, or full of anything.
 */
#include "device-world.h"

#include <sys/mman.h>
#include <unistd.h>

#define N_KEPT 2

static int file = -1;

static void declare(struct spec *spec, uint16_t type, uint16_t code)
{
	bit_set(spec->bits[type], code);
}

static void declare_axis(struct spec *spec, uint16_t code, int32_t min,
			 int32_t max)
{
	declare(spec, EV_ABS, code);
	spec->abs[code] = (struct spec_abs){ .min = min, .max = max };
}

static void make_spec(struct spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	declare(spec, EV_KEY, KEY_A);
	declare(spec, EV_KEY, BTN_TOUCH);
	declare(spec, EV_REL, REL_X);
	declare(spec, EV_SW, SW_LID);
	declare_axis(spec, ABS_X, 0, 100);
	declare_axis(spec, ABS_RZ, -10, 90);
	spec->abs[ABS_RZ].has_rest = true;
	declare_axis(spec, ABS_MT_SLOT, 0, 3);
	declare_axis(spec, ABS_MT_TRACKING_ID, 0, 65535);
	declare_axis(spec, ABS_MT_POSITION_X, 0, 100);
}

static struct kept *open_kept(void)
{
	struct kept *kept;

	must(!kept_open(&kept, file, N_KEPT));
	return kept;
}

/* Write into the file: into a source's head, which is what counts, or at all */
static void spoil(struct choices *in, struct kept *kept)
{
	const uint8_t where = take8(in);
	uint8_t *to = (uint8_t *)kept;
	size_t size = sizeof(*kept), len = 1 + (where & 7), at;

	if (where < 0x80) {
		to = (uint8_t *)&kept->source[where % N_KEPT];
		size = sizeof(kept->source[0]);
	}
	at = take16(in) * (where & 0x40 ? 8 : 1) % size;
	take(in, to + at, len < size - at ? len : 1);
}

/* The fields that say where the bytes of a source are. */
static void spoil_place(struct choices *in, struct kept *kept)
{
	const uint8_t what = take8(in);
	struct source *src = &kept->source[what & 1].src;
	size_t *const field[] = { &src->head, &src->tail, &src->scanned,
				  &src->whole };

	*field[what >> 1 & 3] =
		what & 0x80 ? (size_t)take64(in) : 8 * (size_t)take16(in);
}

static void die(struct world *w, struct kept **kept)
{
	uint8_t spoiled = take8(&w->in);

	for (; spoiled & 3; spoiled--)
		spoil(&w->in, *kept);
	for (; spoiled & 12; spoiled -= 4)
		spoil_place(&w->in, *kept);
	kept_close(*kept);
	*kept = open_kept();
	w->kept = *kept;
	world_die(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct kept *kept;

	if (file < 0)
		file = memfd_create("kept", MFD_CLOEXEC);
	must(file >= 0 && !ftruncate(file, 0));
	w.in = (struct choices){ data, size };
	make_spec(&w.spec);
	kept = open_kept();
	world_begin(&w, kept, N_KEPT);
	while (w.in.left) {
		if (*w.in.at != 0xff) {
			world_step(&w);
			continue;
		}
		take8(&w.in);
		die(&w, &kept);
	}
	world_end(&w);
	kept_close(kept);
	return 0;
}
