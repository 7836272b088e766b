/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device as bytes: what was saved is loaded, anything else is rejected, and a
 * guest that migrates to another device at any time comes to believe what is
 * true there.
 */
#include "tests/lib/check.h"

#include <stdlib.h>
#include <string.h>

#include "input/device/snapshot.h"
#include "tests/lib/event-text.h"
#include "tests/lib/guest-sink.h"
#include "tests/lib/random.h"

#define ROUNDS 400

/* One device, with one source. */
struct side {
	struct device *dev;
	struct device_source src;
};

struct world {
	struct spec spec;
	struct side a, b;
	struct linux_guest guest;
	struct guest_sink sink;
	long sent[REL_CNT];
	struct snapshot st;
	uint8_t buf[SNAPSHOT_MAX], again[SNAPSHOT_MAX];
	size_t len;
	struct rnd rnd;
};

static struct world w;

static void side_init(struct side *s)
{
	const struct device_sink sink = guest_sink(&w.sink);

	s->dev = device_new(&w.spec, &sink);
	assert_non_null(s->dev);
	assert_ok(device_attach(s->dev, &s->src, false));
}

static void side_fini(struct side *s)
{
	source_fini(&s->src.src);
	device_free(s->dev);
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	w.sink.guest = &w.guest;
	event_text_device("KEY_A, KEY_B, KEY_C, BTN_TOUCH, REL_X, REL_Y, "
			  "SW_LID, SW_CAMERA_LENS_COVER, ABS_Z 0..100, "
			  "ABS_WHEEL 0..9, ABS_RX -9..9 rest 0, "
			  "ABS_MT_SLOT 0..2, ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..100, "
			  "ABS_MT_POSITION_Y 0..100",
			  &w.spec);
	strcpy(w.spec.name, "one");
	side_init(&w.a);
	side_init(&w.b);
	linux_guest_boot(&w.guest, &w.spec);
	return 0;
}

static int teardown(void **state)
{
	side_fini(&w.a);
	side_fini(&w.b);
	return 0;
}

static void send_events(struct side *s, const struct vi_event *ev, size_t n)
{
	device_inject(s->dev, &s->src, ev, n);
	for (size_t i = 0; i < n; i++)
		if (vi_type(&ev[i]) == EV_REL)
			w.sent[vi_code(&ev[i])] += vi_value(&ev[i]);
}

static void inject(struct side *s, const char *text)
{
	struct vi_event ev[64];

	send_events(s, ev, event_text_frame(text, ev, 64));
}

static void pump(struct side *s, size_t buffers)
{
	w.sink.buffers += buffers;
	device_pump(s->dev);
}

static void save(struct side *s)
{
	w.len = snapshot_write(s->dev, 0x11, EV_KEY, w.buf);
	assert_true(w.len <= SNAPSHOT_MAX);
}

static void load(struct side *s)
{
	assert_null(snapshot_read(&w.st, &w.spec, w.buf, w.len));
	snapshot_load(s->dev, &w.st);
}

/* A guest of a that has a key, a contact and half of a frame. */
static void save_something(void)
{
	device_driver_started(w.a.dev);
	inject(&w.a, "KEY_A 1, SW_LID 1, ABS_Z 7");
	inject(&w.a, "ABS_MT_TRACKING_ID 4, ABS_MT_POSITION_X 5");
	pump(&w.a, 99);
	w.sink.buffers = 2;
	inject(&w.a, "KEY_B 1, REL_X 3, KEY_A 0");
	pump(&w.a, 0);
	device_driver_stopped(w.a.dev);
	inject(&w.a, "REL_X 4");
	pump(&w.a, 0);
	save(&w.a);
}

/* The check value is made right again, so that the rest is what is judged. */
static void sign(void)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 16; i < w.len; i++) {
		crc ^= w.buf[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	crc = htole32(~crc);
	memcpy(&w.buf[12], &crc, 4);
}

static void refused(const char *why)
{
	const char *wrong = snapshot_read(&w.st, &w.spec, w.buf, w.len);

	assert_non_null(wrong);
	if (why)
		assert_string_equal(wrong, why);
}

/* Offsets of fields that snapshot.c writes. */
enum {
	VERSION_AT = 4,
	LEN_AT = 8,
	HASH_AT = 16,
	FLAGS_AT = 26,
	KEYS_AT = 27,
	SW_AT = KEYS_AT + KEY_CNT / 8,
	ABS_KNOWN_AT = SW_AT + 3,
	SLOT_AT = ABS_KNOWN_AT + 8 + ABS_CNT * 4,
	CONTACTS_AT = SLOT_AT + 4,
	CONTACT_LEN = 4 + 2 + STATE_MT_AXES * 4,
	REL_AT = CONTACTS_AT + SPEC_SLOTS_MAX * CONTACT_LEN,
	REST_AT = REL_AT + REL_CNT * 8,
	/* After the rest of a frame, of two events here. */
	NOW_SW_AT = REST_AT + 2 + 2 * 8,
	NOW_ABS_KNOWN_AT = NOW_SW_AT + 3,
	MT_AXES_AT = NOW_ABS_KNOWN_AT + 8 + ABS_CNT * 4,
};

static void what_is_read_is_what_was_written(void **state)
{
	save_something();
	assert_null(snapshot_read(&w.st, &w.spec, w.buf, w.len));
	assert_num(w.st.select, 0x11);
	assert_num(w.st.subsel, EV_KEY);
	assert_true(bit_test(w.st.sw, SW_LID));
	assert_num(w.st.abs[ABS_Z], 7);
	assert_num(w.st.view.rel[REL_X], 4);
	assert_events(guest_view_next(&w.st.view), guest_view_left(&w.st.view),
		      "KEY_A 0, SYN_REPORT 0");
}

static void every_truncation_is_refused(void **state)
{
	save_something();
	while (w.len) {
		w.len--;
		refused(w.len < HASH_AT ? "ends too early"
					: "has the wrong length");
	}
}

static void every_flipped_bit_is_refused(void **state)
{
	save_something();
	for (size_t i = 0; i < 8 * w.len; i++) {
		w.buf[i / 8] ^= (uint8_t)(1u << i % 8);
		refused(NULL);
		w.buf[i / 8] ^= (uint8_t)(1u << i % 8);
	}
}

static void a_byte_too_many_is_refused(void **state)
{
	uint32_t len;

	save_something();
	w.buf[w.len++] = 0;
	refused("has the wrong length");
	len = htole32((uint32_t)w.len);
	memcpy(&w.buf[LEN_AT], &len, 4);
	sign();
	refused("has trailing bytes");
}

static void another_devices_state_is_refused(void **state)
{
	save_something();
	w.spec.abs[ABS_Z].max++;
	refused("is of another device");
	w.spec.abs[ABS_Z].max--;
	strcpy(w.spec.name, "two");
	refused("is of another device");
	strcpy(w.spec.name, "one");
	strcpy(w.spec.name, "onf");
	refused("is of another device");
	strcpy(w.spec.name, "one");
	bit_set(w.spec.props, INPUT_PROP_DIRECT);
	refused("is of another device");
	bit_clear(w.spec.props, INPUT_PROP_DIRECT);
	bit_set(w.spec.bits[EV_KEY], KEY_D);
	refused("is of another device");
	bit_clear(w.spec.bits[EV_KEY], KEY_D);
	/* An axis that it lacks has no range. */
	w.spec.abs[ABS_GAS].max++;
	assert_null(snapshot_read(&w.st, &w.spec, w.buf, w.len));
}

static void each_flag_is_saved(void **state)
{
	struct guest_view *view = &w.a.dev->view;

	for (int one = 0; one < 4; one++) {
		view->belief =
			one == 0 ? STATE_FORGOTTEN_PERHAPS : STATE_CERTAIN;
		view->resync = one == 1;
		view->cut = one == 2;
		w.a.dev->had_driver = one == 3;
		save(&w.a);
		assert_null(snapshot_read(&w.st, &w.spec, w.buf, w.len));
		assert_num(w.st.view.belief == STATE_FORGOTTEN_PERHAPS,
			   one == 0);
		assert_num(w.st.view.resync, one == 1);
		assert_num(w.st.view.cut, one == 2);
		assert_num(w.st.view.cut_contact, one == 2);
		assert_num(w.st.had_driver, one == 3);
		/* Without a frame on its way, none is to be completed. */
		snapshot_load(w.b.dev, &w.st);
		assert_false(w.b.dev->view.resync);
	}
}

/* Each alone, in a snapshot that is right otherwise. */
static void what_the_device_lacks_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t flipped;
		const char *why;
	} rows[] = {
		{ 0, 1, "is not an input device's" },
		{ VERSION_AT, 4, "is of another version" },
		{ HASH_AT, 1, "is of another device" },
		{ FLAGS_AT, 1 << 7, "has unknown flags" },
		{ KEYS_AT + KEY_D / 8, 1 << KEY_D % 8,
		  "has a key that the device lacks" },
		{ KEYS_AT + KEY_MAX / 8, 1 << KEY_MAX % 8,
		  "has a key that the device lacks" },
		{ SW_AT, 1 << SW_TABLET_MODE,
		  "has a switch that the device lacks" },
		{ SW_AT + 2, 1 << (SW_MAX - 16),
		  "has a switch that the device lacks" },
		{ ABS_KNOWN_AT, 1 << ABS_X,
		  "has an axis that the device lacks" },
		{ ABS_KNOWN_AT + ABS_MT_POSITION_X / 8,
		  1 << ABS_MT_POSITION_X % 8,
		  "has an axis that the device lacks" },
		{ ABS_KNOWN_AT + 7, 1 << 7,
		  "has an axis that the device lacks" },
		{ SLOT_AT, 3, "has a slot that the device lacks" },
		{ SLOT_AT + 3, 0xff, "has a slot that the device lacks" },
		{ CONTACTS_AT + 3, 0x80, "has an invalid contact" },
		{ CONTACTS_AT + 5, 1 << 7, "has an invalid contact" },
		{ CONTACTS_AT + CONTACT_LEN + 4, 1, "has an invalid contact" },
		{ CONTACTS_AT + 3 * CONTACT_LEN + 3, 0x80,
		  "has a contact in a slot that the device lacks" },
		{ REL_AT + REL_WHEEL * 8, 1,
		  "has motion that the device lacks" },
		{ REL_AT + REL_X * 8 + 7, 1, "has too much motion" },
		{ REL_AT + REL_X * 8 + 7, 0xff, "has too much motion" },
		{ REST_AT + 1, 0xff, "has a frame that is too long" },
		{ REST_AT + 2, EV_KEY ^ EV_LED,
		  "has an event that the device lacks" },
		{ REST_AT + 2 + 8, EV_SYN ^ EV_KEY,
		  "has an event that the device lacks" },
		{ REST_AT + 2 + 8, EV_SYN ^ EV_SW,
		  "has a frame without an end" },
		{ NOW_SW_AT, 1 << SW_TABLET_MODE,
		  "has a switch that the device lacks" },
		{ NOW_ABS_KNOWN_AT, 1 << ABS_X,
		  "has an axis that the device lacks" },
		{ MT_AXES_AT + 1, 1 << 6, "has unknown axes" },
	};

	save_something();
	assert_num(w.len, MT_AXES_AT + 4);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w.buf[rows[i].at] ^= rows[i].flipped;
		sign();
		refused(rows[i].why);
		w.buf[rows[i].at] ^= rows[i].flipped;
	}
	sign();
	assert_null(snapshot_read(&w.st, &w.spec, w.buf, w.len));
}

/* Of version 1, which did not have the next ID. */
static void an_older_snapshot_leads_to_new_contacts(void **state)
{
	const uint32_t version = htole32(1);

	device_driver_started(w.a.dev);
	for (int i = 0; i < 5; i++)
		inject(&w.a, "ABS_MT_TRACKING_ID 4, ABS_MT_POSITION_X 5, "
			     "ABS_MT_TRACKING_ID -1");
	inject(&w.a, "ABS_MT_TRACKING_ID 4, ABS_MT_POSITION_X 5");
	pump(&w.a, 999);
	device_driver_stopped(w.a.dev);
	save(&w.a);
	assert_null(snapshot_read(&w.st, &w.spec, w.buf, w.len));
	const uint16_t next = w.st.next_id;
	assert_true(next > 1);

	const uint32_t len = htole32((uint32_t)(w.len -= 2));
	memcpy(&w.buf[VERSION_AT], &version, 4);
	memcpy(&w.buf[LEN_AT], &len, 4);
	sign();
	assert_null(snapshot_read(&w.st, &w.spec, w.buf, w.len));
	assert_num(w.st.next_id, next);
}

/* Signed, and as long as it says. */
static void what_ends_too_early_is_refused(void **state)
{
	save_something();
	for (w.len--; w.len > HASH_AT; w.len -= w.len < 50 ? 1 : 29) {
		const uint32_t len = htole32((uint32_t)w.len);

		memcpy(&w.buf[LEN_AT], &len, 4);
		sign();
		refused("ends too early");
	}
}

/* Nothing that is signed can make what is read point outside of anything. */
static void signed_nonsense_is_refused_or_fits_the_device(void **state)
{
	save_something();
	for (size_t i = 24; i < w.len; i++) {
		const uint8_t was = w.buf[i];

		w.buf[i] = (uint8_t)rnd_next(&w.rnd);
		sign();
		if (!snapshot_read(&w.st, &w.spec, w.buf, w.len)) {
			struct side s;

			side_init(&s);
			snapshot_load(s.dev, &w.st);
			device_driver_resumed(s.dev);
			pump(&s, 9999);
			assert_num(w.guest.undeclared, 0);
			side_fini(&s);
		}
		w.buf[i] = was;
	}
}

static void a_frame_begun_there_is_finished_here(void **state)
{
	save_something();
	load(&w.b);
	device_driver_resumed(w.b.dev);
	assert_num(w.guest.in_frame, 2);
	pump(&w.b, 2);
	assert_num(w.guest.in_frame, 0);
	assert_true(w.guest.key[KEY_B]);
	assert_false(w.guest.key[KEY_A]);
}

static void what_was_held_there_is_released_here(void **state)
{
	save_something();
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_false(w.guest.key[KEY_B]);
	assert_num(w.guest.slots[0].id, -1);
	assert_num(w.guest.rel[REL_X], 7);
	/* Switches and axes without a rest are held by no source. */
	assert_true(w.guest.sw[SW_LID]);
	assert_num(w.guest.abs[ABS_Z], 7);
}

static void axes_and_switches_that_injectors_here_set_count(void **state)
{
	save_something();
	inject(&w.b, "ABS_Z 9, SW_LID 0");
	pump(&w.b, 0);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_num(w.guest.abs[ABS_Z], 9);
	assert_false(w.guest.sw[SW_LID]);
}

/* Nobody here has touched them, nor there, and then they move on. */
static void axes_and_switches_survive_a_second_move(void **state)
{
	save_something();
	load(&w.b);
	save(&w.b);
	side_fini(&w.a);
	side_init(&w.a);
	load(&w.a);
	device_driver_started(w.a.dev);
	linux_guest_boot(&w.guest, &w.spec);
	pump(&w.a, 99);
	assert_num(w.guest.abs[ABS_Z], 7);
	assert_true(w.guest.sw[SW_LID]);
}

/* Its source is not here. */
static void all_axes_and_switches_are_carried(void **state)
{
	const struct state *now = &w.b.dev->merge.now;

	device_driver_started(w.a.dev);
	inject(&w.a, "ABS_Z 7, ABS_WHEEL 3, SW_LID 1, SW_CAMERA_LENS_COVER 1");
	pump(&w.a, 99);
	save(&w.a);
	load(&w.b);
	assert_true(now->abs_known >> ABS_Z & 1);
	assert_true(now->abs_known >> ABS_WHEEL & 1);
	assert_num(now->abs[ABS_Z], 7);
	assert_num(now->abs[ABS_WHEEL], 3);
	assert_true(bit_test(now->sw, SW_LID));
	assert_true(bit_test(now->sw, SW_CAMERA_LENS_COVER));
}

static void a_stick_that_was_held_there_is_at_rest_here(void **state)
{
	device_driver_started(w.a.dev);
	inject(&w.a, "ABS_RX 5");
	pump(&w.a, 99);
	assert_num(w.guest.abs[ABS_RX], 5);
	save(&w.a);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_num(w.guest.abs[ABS_RX], 0);
}

/* Any frame was taken for all switches to be known. */
static void switches_that_injectors_here_did_not_set_are_as_saved(void **state)
{
	save_something();
	inject(&w.b, "KEY_A 1");
	pump(&w.b, 0);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_true(w.guest.sw[SW_LID]);
}

static void what_the_spec_starts_with_is_as_saved(void **state)
{
	save_something();
	w.spec.abs[ABS_Z].has_initial = true;
	w.spec.abs[ABS_Z].initial = 2;
	side_fini(&w.b);
	side_init(&w.b);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_num(w.guest.abs[ABS_Z], 7);
	w.spec.abs[ABS_Z].has_initial = false;
}

/* The file of a process that crashed is newer than a snapshot. */
static void what_was_set_before_a_crash_is_not_as_saved(void **state)
{
	struct persistent_head *file = calloc(1, persistent_len(0));
	struct persistent *p;

	assert_non_null(file);
	persistent_begin(file, 0, &w.spec);
	p = persistent_new(file, 0);
	assert_non_null(p);
	save_something();
	device_set_persistent(w.b.dev, p);
	inject(&w.b, "ABS_Z 9, SW_LID 0");
	pump(&w.b, 0);
	side_fini(&w.b);
	side_init(&w.b);
	device_set_persistent(w.b.dev, p);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_num(w.guest.abs[ABS_Z], 9);
	assert_false(w.guest.sw[SW_LID]);
	persistent_free(p);
	w.b.dev->persistent = NULL;
	free(file);
}

static void a_contact_held_here_is_another_than_the_one_there(void **state)
{
	save_something();
	inject(&w.b, "ABS_MT_TRACKING_ID 8, ABS_MT_POSITION_X 50");
	pump(&w.b, 0);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	w.sink.buffers = 2; /* the rest of the frame */
	pump(&w.b, 0);
	w.sink.buffers = 2;
	pump(&w.b, 0);
	assert_num(w.guest.slots[0].id, -1);
	pump(&w.b, 99);
	/* Nor has it an ID that the guest has seen. */
	assert_num(w.guest.slots[0].id, w.st.next_id);
	assert_num(w.guest.slots[0].axis[ABS_MT_POSITION_X], 50);
	assert_num(w.guest.id_over_id, 0);
	assert_num(w.guest.id_twice, 0);
}

/* A kernel's slot keeps the axes that a contact left in it. */
static void a_contact_here_inherits_no_axis_from_there(void **state)
{
	device_driver_started(w.a.dev);
	inject(&w.a, "ABS_MT_TRACKING_ID 4, ABS_MT_POSITION_Y 70");
	pump(&w.a, 99);
	device_driver_stopped(w.a.dev);
	save(&w.a);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	inject(&w.b, "ABS_MT_TRACKING_ID 4, ABS_MT_POSITION_X 5");
	pump(&w.b, 99);
	assert_num(w.guest.slots[0].axis[ABS_MT_POSITION_X], 5);
	assert_num(w.guest.slots[0].axis[ABS_MT_POSITION_Y], 0);
}

static void a_driver_that_starts_anew_gets_none_of_it(void **state)
{
	save_something();
	load(&w.b);
	device_driver_started(w.b.dev);
	linux_guest_boot(&w.guest, &w.spec);
	pump(&w.b, 99);
	assert_num(w.guest.rel[REL_X], 0);
	assert_false(w.guest.key[KEY_B]);
	assert_true(w.guest.sw[SW_LID]);
}

/* --- random --- */

static void random_frame(struct side *s)
{
	static const uint16_t codes[][3] = {
		{ EV_KEY, KEY_A, 1 },
		{ EV_KEY, KEY_B, 1 },
		{ EV_KEY, KEY_C, 1 },
		{ EV_REL, REL_X, 9 },
		{ EV_REL, REL_Y, 9 },
		{ EV_SW, SW_LID, 1 },
		{ EV_ABS, ABS_Z, 100 },
		{ EV_ABS, ABS_RX, 9 },
		{ EV_ABS, ABS_MT_SLOT, 2 },
		{ EV_ABS, ABS_MT_POSITION_X, 100 },
		{ EV_ABS, ABS_MT_POSITION_Y, 100 },
	};
	struct vi_event ev[12];
	size_t n = 0, due = rnd_below(&w.rnd, 10);

	while (n < due) {
		const uint16_t *c = codes[rnd_below(&w.rnd, 11)];

		if (rnd_one_in(&w.rnd, 5))
			ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID,
					   rnd_between(&w.rnd, -1, 3));
		else
			ev[n++] = vi_event(c[0], c[1],
					   rnd_between(&w.rnd, 0, c[2]));
	}
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	send_events(s, ev, n);
}

static void live(struct side *s, unsigned int frames)
{
	while (frames--) {
		random_frame(s);
		pump(s, rnd_below(&w.rnd, 9));
		if (rnd_one_in(&w.rnd, 9))
			device_stalled(s->dev);
	}
}

/* The same bytes again from what was read of them. */
static void assert_reads_the_same(void)
{
	struct device *dev = w.b.dev;

	assert_null(snapshot_read(&w.st, &w.spec, w.buf, w.len));
	dev->had_driver = w.st.had_driver;
	dev->view = w.st.view;
	memcpy(dev->merge.now.sw, w.st.sw, sizeof(w.st.sw));
	dev->merge.next_id = w.st.next_id;
	memcpy(dev->merge.now.abs, w.st.abs, sizeof(w.st.abs));
	dev->merge.now.abs_known = w.st.abs_known;
	dev->merge.mt_axes = w.st.mt_axes;
	assert_num(snapshot_write(dev, 0x11, EV_KEY, w.again), w.len);
	assert_memory_equal(w.buf, w.again, w.len);
}

static void random_states_read_as_they_were_written(void **state)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		teardown(NULL);
		setup(NULL);
		w.rnd.state = i;
		if (i % 7 == 0)
			device_suspect_all(w.a.dev);
		if (i % 5)
			device_driver_started(w.a.dev);
		live(&w.a, rnd_below(&w.rnd, 40));
		device_driver_stopped(w.a.dev);
		pump(&w.a, 0);
		save(&w.a);
		assert_reads_the_same();
	}
}

static void assert_guest_believes(const struct state *now, unsigned int seed)
{
	bool same = true;

	for (uint16_t code = 0; code < KEY_CNT; code++)
		same &= w.guest.key[code] == bit_test(now->key, code);
	same &= w.guest.sw[SW_LID] == bit_test(now->sw, SW_LID);
	for (uint16_t code = 0; code < ABS_MT_SLOT; code++)
		same &= w.guest.abs[code] == now->abs[code];
	for (int i = 0; i < w.guest.n_slots; i++) {
		const struct state_contact *c = &now->contact[i];

		same &= w.guest.slots[i].id == c->id;
		for (uint16_t axis = 0; axis < STATE_MT_AXES; axis++)
			same &= !(c->known >> axis & 1) ||
				w.guest.slots[i].axis[STATE_MT_FIRST + axis] ==
					c->axis[axis];
	}
	same &= !memcmp(w.guest.rel, w.sent, sizeof(w.sent));
	same &= !w.guest.id_over_id && !w.guest.undeclared && !w.guest.empty &&
		!w.guest.in_frame;
	if (!same)
		print_error("seed %u\n", seed);
	assert_true(same);
}

static void a_moved_guest_believes_what_is_true_in_the_end(void **state)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		teardown(NULL);
		setup(NULL);
		w.rnd.state = i;
		/* What moved here before the guest came is not the guest's. */
		live(&w.b, rnd_below(&w.rnd, 9));
		memset(w.sent, 0, sizeof(w.sent));
		w.sink.buffers = 0;
		device_driver_started(w.a.dev);
		live(&w.a, rnd_below(&w.rnd, 40));
		device_driver_stopped(w.a.dev);
		pump(&w.a, 0);
		save(&w.a);

		load(&w.b);
		if (rnd_one_in(&w.rnd, 2)) {
			random_frame(&w.b);
			device_pump(w.b.dev);
		}
		device_driver_resumed(w.b.dev);
		live(&w.b, rnd_below(&w.rnd, 20));
		pump(&w.b, 99999);
		assert_guest_believes(&w.b.dev->merge.now, i);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_read_is_what_was_written),
		T(every_truncation_is_refused),
		T(what_ends_too_early_is_refused),
		T(every_flipped_bit_is_refused),
		T(each_flag_is_saved),
		T(a_byte_too_many_is_refused),
		T(another_devices_state_is_refused),
		T(what_the_device_lacks_is_refused),
		T(an_older_snapshot_leads_to_new_contacts),
		T(signed_nonsense_is_refused_or_fits_the_device),
		T(a_frame_begun_there_is_finished_here),
		T(what_was_held_there_is_released_here),
		T(axes_and_switches_that_injectors_here_set_count),
		T(axes_and_switches_survive_a_second_move),
		T(all_axes_and_switches_are_carried),
		T(a_stick_that_was_held_there_is_at_rest_here),
		T(switches_that_injectors_here_did_not_set_are_as_saved),
		T(what_the_spec_starts_with_is_as_saved),
		T(what_was_set_before_a_crash_is_not_as_saved),
		T(a_contact_held_here_is_another_than_the_one_there),
		T(a_contact_here_inherits_no_axis_from_there),
		T(a_driver_that_starts_anew_gets_none_of_it),
		T(random_states_read_as_they_were_written),
		T(a_moved_guest_believes_what_is_true_in_the_end),
	};

	return cmocka_run_group_tests_name("device-state", tests, NULL, NULL);
}
