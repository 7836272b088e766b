/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Little-endian, without padding:
 *
 *   u32 magic, version, length of it all, CRC-32 of what follows
 *   u64 spec                   a hash: only the same device can load it
 *   u8  select, subsel
 *   u8  flags                  belief, resync, cut: guest-view.h; had_driver
 *   u8  key[96], sw[3]         view.state, down to its contacts
 *   u64 abs_known, i32 abs[64], i32 slot
 *   { i32 id, u16 known, i32 axis[14] } × 64
 *   i64 rel[16]
 *   u16 n, n events            the rest of the frame on its way
 *   u8  sw[3], u64 abs_known, i32 abs[64], u16 mt_axes      merge.now
 *   u16 next_id                merge's; not in version 1
 *
 * The CRC is for accidents, not malice: what it covers is checked as if there
 * were none.
 */
#include <endian.h>
#include <string.h>

#include "input/device/device-control.h"
#include "input/device/snapshot.h"

#define MAGIC	   0x53445649u /* "IVDS" */
#define VERSION_1  1u
#define VERSION_2  2u
#define HEADER_LEN 16

enum {
	FLAG_FORGOTTEN_PERHAPS = 1,
	FLAG_RESYNC = 2,
	FLAG_CUT = 4,
	FLAG_HAD_DRIVER = 8,
	FLAGS = 15,
};

/* CRC-32 as in Ethernet and zlib: polynomial 0x04c11db7, bits reflected. */
static uint32_t crc32(const uint8_t *p, size_t len)
{
	uint32_t crc = UINT32_MAX;

	while (len--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* --- bytes --- */

static uint8_t *snapshot_put(uint8_t *p, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*p++ = (uint8_t)(value >> 8 * i);
	return p;
}

static uint8_t *snapshot_put_bytes(uint8_t *p, const void *bytes, size_t len)
{
	memcpy(p, bytes, len);
	return p + len;
}

static uint8_t *snapshot_put_i32s(uint8_t *p, const int32_t *value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p = snapshot_put(p, (uint32_t)value[i], 4);
	return p;
}

/* What is left to read; wrong: NULL, or the first error. */
struct snapshot_reader {
	const uint8_t *p;
	size_t left;
	const char *wrong;
};

static void snapshot_get_bytes(struct snapshot_reader *r, void *bytes,
			       size_t len)
{
	if (len > r->left) {
		r->wrong = "ends too early";
		memset(bytes, 0, len);
		return;
	}
	memcpy(bytes, r->p, len);
	r->p += len;
	r->left -= len;
}

static uint64_t snapshot_get(struct snapshot_reader *r, size_t len)
{
	uint64_t le = 0;

	snapshot_get_bytes(r, &le, len);
	return le64toh(le);
}

static int32_t snapshot_get_i32(struct snapshot_reader *r)
{
	return (int32_t)snapshot_get(r, 4);
}

static void snapshot_get_i32s(struct snapshot_reader *r, int32_t *value,
			      size_t n)
{
	for (size_t i = 0; i < n; i++)
		value[i] = snapshot_get_i32(r);
}

static void snapshot_check(struct snapshot_reader *r, bool good,
			   const char *wrong)
{
	if (!good && !r->wrong)
		r->wrong = wrong;
}

/* --- the spec --- */

/* FNV-1a, 64 bits. */
static uint64_t fnv1a(uint64_t h, const uint8_t *p, size_t len)
{
	while (len--)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h;
}

/* Name, capabilities, ranges of axes: what gives events their meaning. */
static uint64_t spec_hash(const struct spec *spec)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	uint8_t abs[5 * 4];

	h = fnv1a(h, (const uint8_t *)spec->name, strlen(spec->name) + 1);
	h = fnv1a(h, spec->props, sizeof(spec->props));
	h = fnv1a(h, spec->bits[0], sizeof(spec->bits));
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const struct spec_abs *a = &spec->abs[code];
		const int32_t v[] = { a->min, a->max, a->fuzz, a->flat,
				      a->res };

		if (!spec_has(spec, EV_ABS, code))
			continue;
		snapshot_put_i32s(abs, v, 5);
		h = fnv1a(h, abs, sizeof(abs));
	}
	return h;
}

/* --- to bytes --- */

static uint8_t *put_state(uint8_t *p, const struct state *st)
{
	p = snapshot_put_bytes(p, st->key, sizeof(st->key));
	p = snapshot_put_bytes(p, st->sw, sizeof(st->sw));
	p = snapshot_put(p, st->abs_known, 8);
	p = snapshot_put_i32s(p, st->abs, ABS_CNT);
	p = snapshot_put(p, (uint32_t)st->slot, 4);
	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++) {
		p = snapshot_put(p, (uint32_t)st->contact[i].id, 4);
		p = snapshot_put(p, st->contact[i].known, 2);
		p = snapshot_put_i32s(p, st->contact[i].axis, STATE_MT_AXES);
	}
	return p;
}

static uint8_t flags_of(const struct device *dev)
{
	const struct guest_view *view = &dev->view;

	return (uint8_t)((view->belief == STATE_CERTAIN
				  ? 0
				  : FLAG_FORGOTTEN_PERHAPS) |
			 (view->resync ? FLAG_RESYNC : 0) |
			 (view->cut ? FLAG_CUT : 0) |
			 (dev->had_driver ? FLAG_HAD_DRIVER : 0));
}

static uint8_t *put_view(uint8_t *p, const struct guest_view *view)
{
	p = put_state(p, &view->state);
	for (size_t i = 0; i < REL_CNT; i++)
		p = snapshot_put(p, (uint64_t)view->rel[i], 8);
	p = snapshot_put(p, guest_view_left(view), 2);
	/* Events are little-endian already. */
	return snapshot_put_bytes(p, guest_view_next(view),
				  guest_view_left(view) *
					  sizeof(struct vi_event));
}

size_t snapshot_write(const struct device *dev, uint8_t select, uint8_t subsel,
		      uint8_t *buf)
{
	const struct state *now = &dev->merge.now;
	uint8_t *p = snapshot_put(buf + HEADER_LEN, spec_hash(dev->spec), 8);
	size_t len;

	p = snapshot_put(p, select, 1);
	p = snapshot_put(p, subsel, 1);
	p = snapshot_put(p, flags_of(dev), 1);
	p = put_view(p, &dev->view);
	p = snapshot_put_bytes(p, now->sw, sizeof(now->sw));
	p = snapshot_put(p, now->abs_known, 8);
	p = snapshot_put_i32s(p, now->abs, ABS_CNT);
	p = snapshot_put(p, dev->merge.mt_axes, 2);
	p = snapshot_put(p, dev->merge.next_id, 2);
	len = (size_t)(p - buf);

	p = snapshot_put(buf, MAGIC, 4);
	p = snapshot_put(p, VERSION_2, 4);
	p = snapshot_put(p, len, 4);
	snapshot_put(p, crc32(buf + HEADER_LEN, len - HEADER_LEN), 4);
	return len;
}

/* --- from bytes --- */

/* Return: the version. */
static uint64_t snapshot_check_header(struct snapshot_reader *r, size_t len)
{
	const uint8_t *body = r->p + HEADER_LEN;
	uint64_t version;

	if (len < HEADER_LEN) {
		r->wrong = "ends too early";
		return 0;
	}
	snapshot_check(r, snapshot_get(r, 4) == MAGIC,
		       "is not an input device's");
	version = snapshot_get(r, 4);
	snapshot_check(r, version == VERSION_1 || version == VERSION_2,
		       "is of another version");
	snapshot_check(r, snapshot_get(r, 4) == len, "has the wrong length");
	snapshot_check(r, snapshot_get(r, 4) == crc32(body, len - HEADER_LEN),
		       "is damaged: its check value is wrong");
	return version;
}

static bool is_subset(const uint8_t *of, const uint8_t *bits, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bits[i] & ~of[i])
			return false;
	return true;
}

static void get_axes(struct snapshot_reader *r, const struct spec *spec,
		     uint64_t *known, int32_t *abs)
{
	*known = snapshot_get(r, 8);
	snapshot_get_i32s(r, abs, ABS_CNT);
	for (uint16_t code = 0; code < ABS_CNT; code++)
		snapshot_check(r,
			       !(*known >> code & 1) ||
				       (!spec_is_mt(spec, code) &&
					spec_has(spec, EV_ABS, code)),
			       "has an axis that the device lacks");
}

static void get_sw(struct snapshot_reader *r, const struct spec *spec,
		   uint8_t *sw)
{
	snapshot_get_bytes(r, sw, (SW_CNT + 7) / 8);
	snapshot_check(r, is_subset(spec->bits[EV_SW], sw, (SW_CNT + 7) / 8),
		       "has a switch that the device lacks");
}

static void get_contact(struct snapshot_reader *r, struct state_contact *c)
{
	c->id = snapshot_get_i32(r);
	c->known = (uint16_t)snapshot_get(r, 2);
	snapshot_get_i32s(r, c->axis, STATE_MT_AXES);
	snapshot_check(r,
		       c->id >= -1 && !(c->known >> STATE_MT_AXES) &&
			       (c->id >= 0 || !c->known),
		       "has an invalid contact");
}

static void get_state(struct snapshot_reader *r, const struct spec *spec,
		      struct state *st)
{
	const int slots = (int)spec_slots(spec);

	snapshot_get_bytes(r, st->key, sizeof(st->key));
	snapshot_check(r,
		       is_subset(spec->bits[EV_KEY], st->key, sizeof(st->key)),
		       "has a key that the device lacks");
	get_sw(r, spec, st->sw);
	get_axes(r, spec, &st->abs_known, st->abs);
	st->slot = snapshot_get_i32(r);
	snapshot_check(r, st->slot >= -1 && st->slot < slots,
		       "has a slot that the device lacks");
	for (int i = 0; i < SPEC_SLOTS_MAX; i++) {
		get_contact(r, &st->contact[i]);
		snapshot_check(r, i < slots || st->contact[i].id < 0,
			       "has a contact in a slot that the device lacks");
	}
}

static void get_motion(struct snapshot_reader *r, const struct spec *spec,
		       int64_t *rel)
{
	for (uint16_t code = 0; code <= REL_MAX; code++) {
		const int64_t sum = (int64_t)snapshot_get(r, 8);

		rel[code] = sum;
		snapshot_check(r, !sum || spec_has(spec, EV_REL, code),
			       "has motion that the device lacks");
		snapshot_check(r,
			       sum >= -GUEST_VIEW_MOTION_MAX &&
				       sum <= GUEST_VIEW_MOTION_MAX,
			       "has too much motion");
	}
}

/* The guest has the beginning of this frame: it is completed first. */
static void get_rest(struct snapshot_reader *r, struct guest_view *view)
{
	const size_t n = snapshot_get(r, 2);
	const char *wrong;

	if (!n)
		return;
	if (n >= FRAME_OUT_MAX) {
		snapshot_check(r, false, "has a frame that is too long");
		return;
	}
	snapshot_get_bytes(r, &view->out.ev[1], n * sizeof(view->out.ev[0]));
	wrong = guest_view_set_rest(view, n);
	snapshot_check(r, !wrong, wrong);
}

static void get_view(struct snapshot_reader *r, const struct spec *spec,
		     struct guest_view *view, uint8_t flags)
{
	guest_view_init(view, spec);
	view->belief = flags & FLAG_FORGOTTEN_PERHAPS ? STATE_FORGOTTEN_PERHAPS
						      : STATE_CERTAIN;
	view->resync = flags & FLAG_RESYNC;
	view->cut = flags & FLAG_CUT;
	view->cut_contact = view->cut && spec_slots(spec);
	get_state(r, spec, &view->state);
	get_motion(r, spec, view->rel);
	get_rest(r, view);
}

static uint16_t id_after(const struct state *seen)
{
	int32_t last = -1;

	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++)
		if (seen->contact[i].id > last)
			last = seen->contact[i].id;
	return (uint16_t)(last + INT64_C(1));
}

const char *snapshot_read(struct snapshot *st, const struct spec *spec,
			  const uint8_t *buf, size_t len)
{
	struct snapshot_reader r = { buf, len, NULL };
	const uint64_t version = snapshot_check_header(&r, len);
	uint8_t flags;

	if (r.wrong)
		return r.wrong;
	snapshot_check(&r, snapshot_get(&r, 8) == spec_hash(spec),
		       "is of another device");
	if (r.wrong)
		return r.wrong;
	st->select = (uint8_t)snapshot_get(&r, 1);
	st->subsel = (uint8_t)snapshot_get(&r, 1);
	flags = (uint8_t)snapshot_get(&r, 1);
	snapshot_check(&r, !(flags & ~FLAGS), "has unknown flags");
	st->had_driver = flags & FLAG_HAD_DRIVER;
	get_view(&r, spec, &st->view, flags);
	get_sw(&r, spec, st->sw);
	get_axes(&r, spec, &st->abs_known, st->abs);
	st->mt_axes = (uint16_t)snapshot_get(&r, 2);
	snapshot_check(&r, !(st->mt_axes >> STATE_MT_AXES), "has unknown axes");
	st->next_id = version == VERSION_1 ? id_after(&st->view.state)
					   : (uint16_t)snapshot_get(&r, 2);
	snapshot_check(&r, !r.left, "has trailing bytes");
	return r.wrong;
}

/* --- into a device --- */

static void take_axes(const struct device *dev, struct state *now,
		      const struct snapshot *st)
{
	uint64_t take = st->abs_known & ~dev->merge.abs_said;

	for (; take; take &= take - 1) {
		const uint16_t code = (uint16_t)__builtin_ctzll(take);

		if (dev->spec->abs[code].has_rest)
			continue;
		now->abs[code] = frame_clamp(dev->spec, code, st->abs[code]);
		now->abs_known |= (uint64_t)1 << code;
	}
}

static void take_switches(const struct merge *m, struct state *now,
			  const struct snapshot *st)
{
	for (size_t i = 0; i < sizeof(now->sw); i++)
		now->sw[i] = (uint8_t)((now->sw[i] & m->sw_said[i]) |
				       (st->sw[i] & ~m->sw_said[i]));
}

void snapshot_load(struct device *dev, const struct snapshot *st)
{
	struct merge *m = &dev->merge;

	device_driver_gone(dev);
	dev->had_driver = st->had_driver;
	dev->view = st->view;
	dev->view.folded = false;
	m->avoid_slots = guest_view_fold(&dev->view, false);
	if (dev->persistent)
		persistent_changed(dev->persistent);
	merge_know_mt_axes(m, st->mt_axes);
	/* A contact of ours is another than one of the guest's. */
	merge_continue_ids(m, st->next_id, &dev->view.state);
	take_axes(dev, &m->now, st);
	take_switches(m, &m->now, st);
}
