/* SPDX-License-Identifier: Apache-2.0 */
/* persistent-format.h: the bytes of the file, and files that hold anything. */
#include "tests/lib/persistent-world.h"

static void a_file_that_cannot_be_resumed_is_refused(void **state)
{
	struct persistent_head *head = w.file;
	const size_t len = persistent_len(PLACES);
	const size_t wrong[] = { len - 1,
				 len + 1,
				 persistent_len(PLACES - 1),
				 persistent_len(0),
				 persistent_len(0) - 1,
				 0 };

	assert_null(persistent_refuse(head, len));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_string_equal(persistent_refuse(head, wrong[i]),
				    "has the wrong size");
	head->places_le = 0xffffffff;
	assert_string_equal(persistent_refuse(head, len), "has the wrong size");
	head->place_len_le = htole32(sizeof(struct persistent_place) + 8);
	assert_string_equal(persistent_refuse(head, len), "has another layout");
	head->version_le = htole32(PERSISTENT_VERSION + 1);
	assert_string_equal(persistent_refuse(head, len),
			    "is of another version");
	head->magic_le++;
	assert_string_equal(persistent_refuse(head, len),
			    "is not a state file");
}

/* What another build of this version would write. */
static void the_bytes_are_those_of_the_format(void **state)
{
	const uint8_t *file = (const uint8_t *)w.file;
	const uint8_t *ledger = file + 32 + 103216; /* the second one */
	const uint8_t *place = file + 206464 + 108360;
	static const uint8_t head[] = { 'v', 's', 't', 'a', 't', 'e', 0,
					0,   3,	  0,   0,   0,	 72,  167,
					1,   0,	  2,   0,   0,	 0 };
	static const uint8_t pos[] = { 88, 0, 0, 88, 0, 0, 2, 1 };
	static const uint8_t len[] = { 88, 0, 0, 2 };
	static const uint8_t y[] = { 4, 0, 0, 0 };

	send_frame(1, "KEY_A 1, ABS_X 7, SW_LID 1, ABS_MT_SLOT 1, "
		      "ABS_MT_TRACKING_ID 258, ABS_MT_POSITION_Y 4");
	send_frame(1, "REL_X 1, REL_X 1, REL_X 1");
	device_pump(w.dev);
	device_commit(w.dev);
	assert_memory_equal(file, head, sizeof(head));
	assert_num(file[24], 1);   /* the active ledger */
	assert_num(ledger[0], 0);  /* no driver yet */
	assert_num(ledger[10], 1); /* the next tracking ID */
	assert_num(ledger[16], 1 << ABS_X | 1 << ABS_Z); /* known */
	assert_num(ledger[24], 1);			 /* SW_LID */
	assert_num(ledger[32], 1 << ABS_X);
	assert_num(ledger[40], 1);
	assert_num(ledger[48], 1); /* REL_X */
	assert_num(ledger[56], 3);
	assert_num(ledger[184], 7);
	assert_num(place[0], 1);
	assert_memory_equal(place + 8, pos, sizeof(pos));
	assert_memory_equal(place + 88 + 4, len, sizeof(len));
	const uint8_t *held = place + 96 + 4976;
	assert_num(held[0], 1);
	assert_num(held[8], 4); /* slots */
	assert_num(held[16 + KEY_A / 8], 1 << KEY_A % 8);
	assert_num(held[112], 7);
	const uint8_t *contact = held + 368 + 72;
	assert_num(contact[0], 2);
	assert_num(contact[1], 1);
	assert_num(contact[6], 1); /* the device's slot, plus one */
	assert_memory_equal(
		contact + 16 + 4 * (ABS_MT_POSITION_Y - ABS_MT_TOUCH_MAJOR), y,
		sizeof(y));
	assert_num(place[10048], EV_KEY);
	assert_num(place[10048 + 2], KEY_A);
}

/* And of what the guest has been sent. */
static void the_bytes_of_the_guests_view_are_those_of_the_format(void **state)
{
	const struct persistent_ledger *ledger;
	const uint8_t *bytes;

	expect("-");
	w.sink.buffers = 5;
	send_frame(0, "KEY_A 1, ABS_X 7, ABS_MT_SLOT 1, "
		      "ABS_MT_TRACKING_ID 258, ABS_MT_POSITION_Y 4");
	device_pump(w.dev);
	device_commit(w.dev);
	ledger = &w.file->ledger[w.file->ledger_at_le];
	bytes = (const uint8_t *)ledger;
	assert_num(bytes[0], PERSISTENT_RUNS | PERSISTENT_CERTAIN);
	assert_num(bytes[12], 1); /* events left */
	assert_num(bytes[440], 1 << ABS_X | 1 << ABS_Z);
	assert_num(bytes[456 + KEY_A / 8], 1 << KEY_A % 8);
	assert_num(bytes[552], 7);
	assert_num(bytes[808], 0);
	assert_num(bytes[812], 4);
	assert_num(bytes[816], 0);
	assert_num(
		bytes[816 + 8 + 4 * (ABS_MT_POSITION_Y - ABS_MT_TOUCH_MAJOR)],
		4);
	assert_num(bytes[816 + 64], 0xff);
	assert_num(bytes[4912], EV_SYN);
}

static void spoil_ledger(struct rnd *rnd, struct persistent_ledger *ledger)
{
	uint8_t *bytes = (uint8_t *)ledger;

	if (rnd_one_in(rnd, 4))
		ledger->abs_le[ABS_X] = (uint32_t)rnd_next(rnd);
	ledger->abs_known_le = rnd_next(rnd);
	for (unsigned int n = rnd_below(rnd, 200); n; n--)
		bytes[rnd_below(rnd, sizeof(*ledger))] = (uint8_t)rnd_next(rnd);
	for (unsigned int n = rnd_below(rnd, 20); n; n--)
		bytes[rnd_below(rnd,
				offsetof(struct persistent_ledger, rest[4]))] =
			(uint8_t)rnd_next(rnd);
	if (rnd_one_in(rnd, 2))
		ledger->flags_le = htole32((uint32_t)rnd_next(rnd));
	if (rnd_one_in(rnd, 2))
		ledger->rest_le = htole32(rnd_below(rnd, 6));
	if (rnd_one_in(rnd, 2))
		ledger->at_le = htole32(AT);
}

/* Whatever is in the file, the source starts and the device works. */
static void nonsense_in_the_file_does_no_harm(void **state)
{
	struct rnd rnd = { 1 };

	for (int i = 0; i < 20000; i++) {
		uint8_t *bytes = (uint8_t *)&w.file->place[0];
		size_t len = rnd_one_in(&rnd, 2)
				     ? offsetof(struct persistent_place, buf)
				     : sizeof(struct persistent_place);

		for (unsigned int n = rnd_below(&rnd, 200); n; n--)
			bytes[rnd_below(&rnd, (unsigned int)len)] =
				(uint8_t)rnd_next(&rnd);
		if (rnd_one_in(&rnd, 2))
			w.file->place[0].pos_le =
				rnd_next(&rnd) >> rnd_below(&rnd, 60);
		if (rnd_one_in(&rnd, 2))
			w.file->place[0].use_le = htole32(rnd_below(&rnd, 4));
		spoil_ledger(&rnd, &w.file->ledger[rnd_below(&rnd, 2)]);
		die();
		begin();
		if (!device_driver_returned(w.dev, AT, true))
			device_driver_started(w.dev);
		device_pump(w.dev);
		device_commit(w.dev);
		for (size_t e = 0; e < w.sink.n; e++)
			if (vi_type(&w.sink.got[e]) == EV_ABS &&
			    vi_code(&w.sink.got[e]) == ABS_X)
				assert_in_range(vi_value(&w.sink.got[e]), 0, 9);
	}
}

static void spoil_field(struct persistent_place *place, int field)
{
	switch (field) {
	case 0:
		place->use_le = htole32(PERSISTENT_USED + 1);
		return;
	case 1:
		place->form_le ^= htole32(PERSISTENT_PACKETS);
		return;
	case 2:
		place->pos_le |= htole64(UINT64_C(65) << 48);
		return;
	case 3:
		place->pos_le |= htole64(UINT64_C(0xffffff) << 24);
		return;
	case 4:
		place->pos_le |= htole64(3);
		return;
	}
}

/* ... and no other source is disturbed. */
static void one_bad_field_is_enough_to_begin_a_place_anew(void **state)
{
	for (int field = 0; field <= 4; field++) {
		teardown(state);
		setup(state);
		/* Bytes that are no record of what is held. */
		for (int i = 0; i < 20; i++)
			send_frame(0, "KEY_A 1, REL_X -1");
		send_frame(1, "KEY_B 1");
		device_pump(w.dev);
		device_commit(w.dev);
		spoil_field(&w.file->place[0], field);
		die();
		begin();
		expect("KEY_B 1, SYN_REPORT 0");
	}
}

static void a_file_full_of_noise_is_begun_anew(void **state)
{
	struct rnd rnd = { 7 };
	uint64_t *words = (uint64_t *)w.file;

	for (size_t i = 0; i < sizeof(*w.file) / 8; i++)
		words[i] = rnd_next(&rnd);
	die();
	begin();
	expect("-");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_that_cannot_be_resumed_is_refused),
		T(the_bytes_are_those_of_the_format),
		T(the_bytes_of_the_guests_view_are_those_of_the_format),
		T(nonsense_in_the_file_does_no_harm),
		T(one_bad_field_is_enough_to_begin_a_place_anew),
		T(a_file_full_of_noise_is_begun_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
