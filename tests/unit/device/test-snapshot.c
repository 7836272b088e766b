/* SPDX-License-Identifier: Apache-2.0 */
/* A device as bytes: what was saved is read, anything else is rejected. */
#include "tests/lib/check.h"

#include <endian.h>
#include <string.h>

#include "tests/lib/snapshot-world.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		snapshot_test(what_is_read_is_what_was_written),
		snapshot_test(every_truncation_is_refused),
		snapshot_test(every_flipped_bit_is_refused),
		snapshot_test(a_byte_too_many_is_refused),
		snapshot_test(another_devices_state_is_refused),
		snapshot_test(each_flag_is_saved),
		snapshot_test(what_the_device_lacks_is_refused),
		snapshot_test(an_older_snapshot_leads_to_new_contacts),
		snapshot_test(what_ends_too_early_is_refused),
		snapshot_test(signed_nonsense_is_refused_or_fits_the_device),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
