/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile device of the host: its description as a spec, and its events to a
 * guest that has space for them or not. Whatever it sends, once it has stopped
 * the guest holds nothing of it.
 */
#include <libevdev/libevdev.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-forward.h"
#include "injector/passthrough/pass-spec.h"
#include "input/spec/spec-read.h"
#include "input/spec/spec-write.h"
#include "tests/fuzz/fuzz.h"

struct guest {
	struct state state; /* what its kernel makes of the frames */
	bool full;
};

static bool take_frame(void *arg, const struct vi_event *ev, size_t n)
{
	struct guest *g = arg;

	if (g->full)
		return false;
	must(n > 1 && n <= FRAME_EVENTS_MAX);
	for (size_t i = 0; i < n; i++) {
		must(vi_is_syn_report(&ev[i]) == (i == n - 1));
		must(vi_type(&ev[i]) != EV_KEY ||
		     (uint32_t)vi_value(&ev[i]) <= 1);
		state_apply(&g->state, &ev[i]);
	}
	return true;
}

static void make_space(void *arg)
{
	struct guest *g = arg;

	g->full = false;
}

/* --- the device --- */

static void take_text(struct choices *in, char *text, size_t size)
{
	size_t len = take8(in) % size;

	take(in, text, len);
	text[len] = '\0';
}

/*
 * No kernel has a device with a negative number of slots, which libevdev would
 * take for the size of an array.
 */
static void limit_slots(unsigned int code, struct input_absinfo *info)
{
	if (code == ABS_MT_SLOT)
		info->maximum &= 0xff;
}

static void declare_code(struct choices *in, struct libevdev *dev)
{
	const unsigned int type = take8(in) % EV_CNT;
	const unsigned int code = take16(in) % KEY_CNT;
	struct input_absinfo info = { 0 };
	int repeat;

	switch (type) {
	case EV_ABS:
		info.minimum = (int32_t)take32(in);
		info.maximum = (int32_t)take32(in);
		info.fuzz = (int8_t)take8(in);
		info.resolution = (int8_t)take8(in);
		limit_slots(code % ABS_CNT, &info);
		libevdev_enable_event_code(dev, type, code % ABS_CNT, &info);
		break;
	case EV_REP:
		repeat = (int32_t)take32(in);
		libevdev_enable_event_code(dev, type, code % REP_CNT, &repeat);
		break;
	default:
		libevdev_enable_event_code(dev, type, code, NULL);
	}
}

/* With random ranges there are hardly ever slots. */
static void declare_slots(struct libevdev *dev, int32_t n)
{
	struct input_absinfo info = { .maximum = n - 1 };

	if (n == 66) { /* type A */
		libevdev_enable_event_code(dev, EV_ABS, ABS_MT_POSITION_X,
					   &info);
		return;
	}
	if (!n)
		return;
	libevdev_enable_event_code(dev, EV_ABS, ABS_MT_SLOT, &info);
	info.maximum = UINT16_MAX;
	libevdev_enable_event_code(dev, EV_ABS, ABS_MT_TRACKING_ID, &info);
	libevdev_enable_event_code(dev, EV_ABS, ABS_MT_POSITION_X, &info);
	libevdev_enable_event_code(dev, EV_KEY, BTN_TOUCH, NULL);
}

static void ignore_diag(void *arg, const struct spec_diag *diag)
{
}

/* Programs that get the device's spec as text read it as the same. */
static void check_readable(const struct spec *spec)
{
	static struct spec again;
	char *text = spec_write(spec);

	must(text);
	must(!spec_read(
		&again,
		&(struct spec_text){ .bytes = text, .len = strlen(text) },
		ignore_diag, NULL));
	must(!memcmp(&again, spec, sizeof(again)));
	free(text);
}

/* Return: whether there can be such a device in a guest. */
static bool describe(struct choices *in, struct spec *spec, bool *type_a)
{
	struct libevdev *dev = libevdev_new();
	struct pass_notes notes;
	struct fault why = { "" };
	char text[256];
	int r;

	must(dev);
	take_text(in, text, sizeof(text));
	libevdev_set_name(dev, text);
	take_text(in, text, sizeof(text));
	libevdev_set_uniq(dev, text);
	declare_slots(dev, take8(in) % 67);
	for (unsigned int n = take8(in) % 64; n; n--)
		declare_code(in, dev);
	*type_a = pass_spec_is_type_a(dev);
	r = pass_spec_from(spec, dev, &notes, &why);
	must(notes.n <= PASS_NOTES_MAX);
	must(r == 0 || why.text[0]);
	must(strlen(spec->name) <= SPEC_NAME_MAX);
	libevdev_free(dev);
	if (r == 0)
		check_readable(spec);
	return r == 0;
}

/* --- its events --- */

static struct state *take_state(struct choices *in, const struct spec *spec)
{
	static struct state now;
	const unsigned int slots = spec_slots(spec);

	state_init(&now, spec);
	for (unsigned int n = take8(in) % 8; n; n--)
		bit_set(now.key, take16(in) % KEY_CNT);
	for (unsigned int n = slots ? take8(in) % 8 : 0; n; n--) {
		struct state_contact *c = &now.contact[take8(in) % slots];

		c->id = take16(in) % 16;
		c->known = take16(in) & ((1u << STATE_MT_AXES) - 1);
	}
	if (slots)
		now.slot = (int)(take8(in) % slots);
	return &now;
}

static void send_event(struct choices *in, struct pass_forward *f)
{
	static const uint16_t types[] = { EV_SYN, EV_KEY, EV_REL, EV_ABS,
					  EV_MSC, EV_SW,  EV_LED };
	struct input_event ev = {
		.type = types[take8(in) % 7],
		.code = take16(in) % KEY_CNT,
		.value = (int8_t)take8(in),
	};

	if (ev.type == EV_SYN)
		ev.code &= 3;
	if (ev.type == EV_ABS && ev.value & 1)
		ev.code = ABS_MT_SLOT + ev.code % 14;
	pass_forward_events(f, &ev, 1);
}

static void end_frame(struct pass_forward *f)
{
	const struct input_event syn = { .type = EV_SYN };

	pass_forward_events(f, &syn, 1);
}

static void step(struct choices *in, struct pass_forward *f, struct guest *g)
{
	struct state *now;

	switch (take8(in) % 16) {
	case 0:
		now = take_state(in, f->spec);
		pass_forward_stop(f);
		pass_forward_start(f, now, now->key);
		break;
	case 1:
		pass_forward_resync(f, take_state(in, f->spec));
		break;
	case 2:
		g->full = take8(in) & 1;
		break;
	case 3:
	case 4:
		end_frame(f);
		break;
	default:
		send_event(in, f);
	}
}

static void check_nothing_is_held(const struct spec *spec,
				  const struct state *st)
{
	for (unsigned int key = 0; key < KEY_CNT; key++)
		must(!spec_has(spec, EV_KEY, (uint16_t)key) ||
		     !bit_test(st->key, key));
	for (unsigned int i = 0; i < spec_slots(spec); i++)
		must(st->contact[i].id < 0);
	for (uint16_t code = 0; code < ABS_CNT; code++)
		must(!spec_has(spec, EV_ABS, code) || spec_is_mt(spec, code) ||
		     !spec->abs[code].has_rest ||
		     !(st->abs_known >> code & 1) ||
		     st->abs[code] == spec->abs[code].rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct spec spec;
	static struct pass_forward f;
	static struct guest g;
	struct choices in = { data, size };

	if (!describe(&in, &spec, &f.type_a))
		return 0;
	g.full = false;
	state_init(&g.state, &spec);
	f.spec = &spec;
	f.sink = (struct pass_sink){ .send = take_frame,
				     .make_space = make_space,
				     .arg = &g };
	pass_forward_init(&f);
	while (in.left)
		step(&in, &f, &g);
	pass_forward_stop(&f);
	check_nothing_is_held(&spec, &g.state);
	return 0;
}
