/* SPDX-License-Identifier: Apache-2.0 */
/* The vring against a driver that is the test. */
#include <endian.h>
#include <string.h>

#include "tests/lib/split-driver.h"

static void a_ring_is_blank_until_it_was_filled(void **state)
{
	struct vring vr = ring_of(4);

	assert_true(vring_is_blank(&vr));
	assert_false(vring_has_history(&vr));
	set_desc(desc_at(0), 0, 8, VRING_DESC_F_WRITE, 0);
	assert_false(vring_is_blank(&vr));
	used()->ring[3].len_le = htole32(8); /* it came round */
	assert_true(vring_has_history(&vr));
	used()->ring[3].len_le = 0;
	vr.next = 1;
	assert_true(vring_has_history(&vr));
	/* Where it is not mapped nobody can tell. */
	vring_unmap(&vr);
	assert_false(vring_is_blank(&vr));
	assert_true(vring_has_history(&vr));
}

static void sizes_that_virtio_forbids_are_refused(void **state)
{
	for (uint32_t num = 0; num <= 70000; num++) {
		bool power_of_two = __builtin_popcount(num) == 1;

		assert_int_equal(vring_num_valid(num, false),
				 power_of_two && num <= 32768);
	}
}

static void misaligned_rings_are_distinguished(void **state)
{
	struct vring_addrs good = { { 16 }, { 2 }, { 4 } };
	struct vring_addrs desc = good, av = good, us = good;

	desc.desc.v += 8;
	av.avail.v += 1;
	us.used.v += 2;
	assert_true(vring_addrs_aligned(&good, false));
	assert_false(vring_addrs_aligned(&desc, false));
	assert_false(vring_addrs_aligned(&av, false));
	assert_false(vring_addrs_aligned(&us, false));
}

static void a_ring_that_ends_outside_is_not_mapped(void **state)
{
	struct vring vr = ring_of(256);
	/* The last byte of the used ring would be the first outside. */
	struct vring_addrs over = { { UVA },
				    { UVA + AVAIL },
				    { UVA + MEM_SIZE - (6 + 256 * 8) + 4 } };

	assert_rc(vring_map(&vr, &mem, &over), GUEST_MEM_E_OUTSIDE);
	assert_null(vr.desc);
	assert_null(vr.used);
}

/* As where a region begins within a page. */
static void a_ring_is_not_mapped_where_it_is_not_aligned(void **state)
{
	static const struct vring_addrs cases[] = {
		{ { UVA + 4 }, { UVA + AVAIL }, { UVA + USED } },
		{ { UVA }, { UVA + AVAIL + 1 }, { UVA + USED } },
		{ { UVA }, { UVA + AVAIL }, { UVA + USED + 2 } },
	};
	struct vring vr = ring_of(4);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_rc(vring_map(&vr, &mem, &cases[i]), GUEST_MEM_E_OUTSIDE);
		assert_null(vr.desc);
		assert_null(vr.avail);
		assert_null(vr.used);
	}
}

static void expect_rests(struct vring *vr, int result)
{
	size_t done = 9;

	assert_rc(vring_ready(vr), result);
	assert_num(vring_room(vr), 0);
	assert_rc(vring_write_each(vr, "12345678", 8, 1, &done), result);
	assert_num(done, 0);
	vring_ask_kicks(vr, true);
	vring_ask_returns(vr);
	assert_num(le16toh(used()->flags_le), VRING_USED_F_NO_NOTIFY);
	assert_false(vring_publish(vr));
	assert_num(used_idx(), 0);
}

static void a_ring_that_waits_or_is_not_mapped_rests(void **state)
{
	struct vring vr = ring_of(4);

	set_desc(desc_at(0), BUFFERS, 8, VRING_DESC_F_WRITE, 0);
	make_available(&vr, 0);
	vr.waits = true;
	expect_rests(&vr, 0);
	vr.waits = false;
	vring_unmap(&vr);
	expect_rests(&vr, VRING_E_MISS);
	vr.log = true;
	expect_rests(&vr, VRING_E_MISS);
	vr.waits = true;
	expect_rests(&vr, 0);
}

static void room_is_known_where_it_can_be_counted(void **state)
{
	static int iotlb;
	struct vring vr = ring_of(4);

	assert_num(vring_room(&vr), 0);
	make_available(&vr, 0);
	make_available(&vr, 1);
	assert_num(vring_room(&vr), 2);
	mem.iotlb = (struct iotlb *)&iotlb;
	assert_num(vring_room(&vr), 0);
	mem.iotlb = NULL;
	avail()->idx_le = htole16(4);
	assert_num(vring_room(&vr), 4);
	avail()->idx_le = htole16(5); /* it jumped */
	assert_num(vring_room(&vr), 0);
}

static void what_is_written_shows_only_when_published(void **state)
{
	struct vring vr = ring_of(4);

	set_desc(desc_at(2), BUFFERS, 8, VRING_DESC_F_WRITE, 0);
	make_available(&vr, 2);
	assert_num(vring_ready(&vr), 1);
	assert_ok(vring_write(&vr, "12345678", 8));
	assert_num(used_idx(), 0);
	assert_true(vring_publish(&vr));
	assert_num(used_idx(), 1);
	assert_num(le32toh(used()->ring[0].id_le), 2);
	assert_num(le32toh(used()->ring[0].len_le), 8);
	assert_memory_equal(ram + BUFFERS, "12345678", 8);
	assert_false(vring_publish(&vr));
}

/* The descriptors of a chain that starts at 0, and the expected result. */
struct chain {
	const char *what;
	struct vring_desc table[4];
	struct vring_desc indirect[4]; /* at BUFFERS + 0x1000 */
	int verdict;
};

#define W VRING_DESC_F_WRITE
#define N VRING_DESC_F_NEXT
#define I VRING_DESC_F_INDIRECT
#define T (BUFFERS + 0x1000)
#define B BUFFERS

static const struct chain chains[] = {
	{ "one buffer", { { B, 8, W, 0 } }, {}, 0 },
	{ "a longer one", { { B, 4096, W, 0 } }, {}, 0 },
	{ "two halves", { { B, 4, W | N, 2 }, {}, { B + 4, 4, W, 0 } }, {}, 0 },
	{ "an empty one first", { { B, 0, W | N, 1 }, { B, 8, W, 0 } }, {}, 0 },
	{ "readable first",
	  { { B + 64, 8, N, 3 }, {}, {}, { B, 8, W, 0 } },
	  {},
	  0 },
	{ "a table", { { T, 16, I, 0 } }, { { B, 8, W, 0 } }, 0 },
	{ "a table of halves",
	  { { T, 48, I, 0 } },
	  { { B, 4, W | N, 2 }, {}, { B + 4, 4, W, 0 } },
	  0 },
	{ "a table at the end",
	  { { B, 4, W | N, 1 }, { T, 16, I, 0 } },
	  { { B + 4, 4, W, 0 } },
	  0 },
	{ "too short", { { B, 7, W, 0 } }, {}, VRING_E_SHORT },
	{ "only readable", { { B, 8, 0, 0 } }, {}, VRING_E_SHORT },
	{ "a loop", { { B, 1, W | N, 0 } }, {}, VRING_E_LOOP },
	{ "a long loop",
	  { { B, 1, W | N, 1 }, { B, 0, W | N, 2 }, { B, 0, W | N, 1 } },
	  {},
	  VRING_E_LOOP },
	{ "a successor past the table",
	  { { B, 1, W | N, 4 } },
	  {},
	  VRING_E_HEAD },
	{ "outside", { { MEM_SIZE, 8, W, 0 } }, {}, VRING_E_OUTSIDE },
	{ "half outside", { { MEM_SIZE - 4, 8, W, 0 } }, {}, VRING_E_OUTSIDE },
	{ "wrapping", { { UINT64_MAX - 3, 8, W, 0 } }, {}, VRING_E_OUTSIDE },
	{ "an empty table", { { T, 0, I, 0 } }, {}, VRING_E_INDIRECT },
	{ "a table of 24 bytes", { { T, 24, I, 0 } }, {}, VRING_E_INDIRECT },
	{ "a table with a successor",
	  { { T, 16, I | N, 1 }, { B, 8, W, 0 } },
	  { { B, 8, W, 0 } },
	  VRING_E_INDIRECT },
	{ "a table in a table",
	  { { T, 16, I, 0 } },
	  { { T, 16, I, 0 } },
	  VRING_E_INDIRECT },
	{ "a table outside", { { MEM_SIZE, 16, I, 0 } }, {}, VRING_E_OUTSIDE },
	{ "a loop in a table",
	  { { T, 32, I, 0 } },
	  { { B, 1, W | N, 1 }, { B, 1, W | N, 0 } },
	  VRING_E_LOOP },
	{ "past the end of a table",
	  { { T, 32, I, 0 } },
	  { { B, 1, W | N, 2 } },
	  VRING_E_HEAD },
};

static void put_chain(const struct chain *c)
{
	for (unsigned int i = 0; i < 4; i++) {
		const struct vring_desc *d = &c->table[i];
		const struct vring_desc *t = &c->indirect[i];

		set_desc(desc_at(i), d->addr_le, d->len_le, d->flags_le,
			 d->next_le);
		set_desc((struct vring_desc *)(ram + T) + i, t->addr_le,
			 t->len_le, t->flags_le, t->next_le);
	}
}

static void every_form_of_chain_gets_its_verdict(void **state)
{
	for (size_t i = 0; i < sizeof(chains) / sizeof(*chains); i++) {
		struct vring vr = ring_of(4);

		put_chain(&chains[i]);
		make_available(&vr, 0);
		assert_num(vring_ready(&vr), 1);
		int r = vring_write(&vr, "12345678", 8);
		if (r != chains[i].verdict)
			fail_msg("%s: %d, not %d", chains[i].what, r,
				 chains[i].verdict);
		if (!r)
			assert_memory_equal(ram + BUFFERS, "12345678", 8);
	}
}

static void a_table_needs_the_feature(void **state)
{
	struct vring vr = ring_of(4);

	vr.indirect = false;
	set_desc(desc_at(0), T, 16, I, 0);
	set_desc((struct vring_desc *)(ram + T), B, 8, W, 0);
	make_available(&vr, 0);
	assert_num(vring_ready(&vr), 1);
	assert_rc(vring_write(&vr, "12345678", 8), VRING_E_INDIRECT);
}

/* A table of n - 1 readable descriptors and one that is writable. */
static int write_to_long_chain(uint16_t n)
{
	struct vring vr = ring_of(4);
	struct vring_desc *table = (struct vring_desc *)(ram + T);

	set_desc(desc_at(0), T, n * 16U, I, 0);
	for (uint16_t i = 0; i < n; i++)
		set_desc(&table[i], B, 8, i + 1 < n ? N : W, i + 1);
	make_available(&vr, 0);
	assert_num(vring_ready(&vr), 1);
	return vring_write(&vr, "12345678", 8);
}

static void a_chain_is_followed_for_1024_descriptors(void **state)
{
	assert_ok(write_to_long_chain(VRING_CHAIN_MAX));
	assert_rc(write_to_long_chain(VRING_CHAIN_MAX + 1), VRING_E_LOOP);
}

static void a_head_past_the_table_is_refused(void **state)
{
	struct vring vr = ring_of(4);

	make_available(&vr, 4);
	assert_num(vring_ready(&vr), 1);
	assert_rc(vring_write(&vr, "12345678", 8), VRING_E_HEAD);
}

static void a_head_past_the_table_is_refused_whatever_follows_it(void **state)
{
	struct vring vr = ring_of(4);
	size_t done;

	set_desc(desc_at(4), BUFFERS, 8, VRING_DESC_F_WRITE, 0);
	make_available(&vr, 4);
	assert_rc(vring_write_each(&vr, "12345678", 8, 1, &done), VRING_E_HEAD);
	assert_num(done, 0);
}

static void what_was_available_before_a_resume_is_looked_at_anew(void **state)
{
	struct vring vr = ring_of(4);

	set_desc(desc_at(0), BUFFERS, 8, VRING_DESC_F_WRITE, 0);
	make_available(&vr, 0);
	make_available(&vr, 0);
	assert_num(vring_ready(&vr), 1);
	avail()->idx_le = 0; /* another driver */
	assert_ok(vring_resume(&vr, 0));
	assert_num(vring_ready(&vr), 0);
}

/* Of one buffer to all that the ring has. */
static void what_was_available_first_is_missed_when_it_is_used(void **state)
{
	for (uint16_t n = 1; n <= 4; n++) {
		struct vring vr = ring_of(4);

		for (uint16_t i = 0; i < n; i++) {
			set_desc(desc_at(i), BUFFERS, 8, VRING_DESC_F_WRITE, 0);
			make_available(&vr, i);
		}
		assert_num(vring_ready(&vr), 1);
		assert_ok(vring_write(&vr, "12345678", 8));
		assert_num(vring_unreturned(&vr), 1);
	}
}

static void an_available_index_may_run_ahead_by_the_ring_size_only(void **state)
{
	struct vring vr = ring_of(4);

	avail()->idx_le = htole16(4);
	assert_num(vring_ready(&vr), 1);
	vr = ring_of(4);
	avail()->idx_le = htole16(5);
	assert_num(vring_ready(&vr), VRING_E_AVAIL);
	vr = ring_of(4);
	avail()->idx_le = htole16(UINT16_MAX);
	assert_num(vring_ready(&vr), VRING_E_AVAIL);
}

static void reading_gathers_what_is_readable_and_uses_length_0(void **state)
{
	struct vring vr = ring_of(4);
	char got[32] = "";
	uint32_t n;

	memcpy(ram + B, "abcdefghijkl", 12);
	set_desc(desc_at(0), B, 5, N, 1);
	set_desc(desc_at(1), B + 5, 7, N, 2);
	set_desc(desc_at(2), B + 64, 8, W, 0);
	make_available(&vr, 0);
	assert_num(vring_ready(&vr), 1);
	assert_ok(vring_read(&vr, got, sizeof(got), &n));
	assert_num(n, 12);
	assert_string_equal(got, "abcdefghijkl");
	vring_publish(&vr);
	assert_num(used_idx(), 1);
	assert_num(le32toh(used()->ring[0].len_le), 0);
}

static void reading_stops_where_there_is_room_for_no_more(void **state)
{
	struct vring vr = ring_of(4);
	char got[8];
	uint32_t n;

	set_desc(desc_at(0), B, 4096, 0, 0);
	make_available(&vr, 0);
	assert_num(vring_ready(&vr), 1);
	assert_ok(vring_read(&vr, got, sizeof(got), &n));
	assert_num(n, 8);
}

static void reading_takes_as_much_of_a_part_as_there_is_room_for(void **state)
{
	struct vring vr = ring_of(4);
	char got[17] = "........----....";
	uint32_t n;

	memcpy(ram + B, "abcdefghijklmnop", 16);
	set_desc(desc_at(0), B, 4, N, 1);
	set_desc(desc_at(1), B + 4, 12, N, 9); /* what follows is not read */
	make_available(&vr, 0);
	assert_num(vring_ready(&vr), 1);
	assert_ok(vring_read(&vr, got, 8, &n));
	assert_num(n, 8);
	assert_string_equal(got, "abcdefgh----....");
}

static void reading_ends_with_the_chain(void **state)
{
	struct vring vr = ring_of(4);
	char got[8];
	uint32_t n;

	set_desc(desc_at(0), B, 4, 0, 0);
	make_available(&vr, 0);
	assert_num(vring_ready(&vr), 1);
	assert_ok(vring_read(&vr, got, sizeof(got), &n));
	assert_num(n, 4);
}

static void the_ring_continues_at_the_used_index(void **state)
{
	struct vring vr = ring_of(4);

	used()->idx_le = htole16(65534);
	avail()->idx_le = htole16(65534);
	assert_ok(vring_resume(&vr, 0));
	for (uint16_t i = 0; i < 4; i++) {
		set_desc(desc_at(i), B, 8, W, 0);
		make_available(&vr, i);
		assert_num(vring_ready(&vr), 1);
		assert_ok(vring_write(&vr, "12345678", 8));
		vring_publish(&vr);
		assert_num(used_idx(), (uint16_t)(65535 + i));
	}
}

static void publish_two(struct vring *vr)
{
	for (uint16_t i = 0; i < 2; i++) {
		set_desc(desc_at(i), B, 8, W, 0);
		make_available(vr, i);
	}
	assert_num(vring_ready(vr), 1);
	assert_ok(vring_write(vr, "12345678", 8));
	assert_ok(vring_write(vr, "12345678", 8));
}

static void a_driver_that_wants_no_interrupt_gets_none(void **state)
{
	struct vring vr = ring_of(4);

	avail()->flags_le = htole16(VRING_AVAIL_F_NO_INTERRUPT);
	publish_two(&vr);
	assert_false(vring_publish(&vr));
}

static void with_event_idx_a_notification_comes_when_the_event_is_passed(
	void **state)
{
	/* used_event → is it passed by publishing entries 0 and 1? */
	static const struct {
		uint16_t event;
		bool notify;
	} cases[] = {
		{ 0, true }, { 1, true }, { 2, false }, { UINT16_MAX, false }
	};

	for (size_t i = 0; i < 4; i++) {
		struct vring vr = ring_of(4);

		vr.event_idx = true;
		avail()->ring_le[4] = htole16(cases[i].event);
		publish_two(&vr);
		assert_int_equal(vring_publish(&vr), cases[i].notify);
	}
}

static void kicks_are_asked_for_by_flag_or_by_event(void **state)
{
	struct vring vr = ring_of(4);
	uint16_t event;

	assert_num(le16toh(used()->flags_le), VRING_USED_F_NO_NOTIFY);
	vring_ask_kicks(&vr, true);
	assert_num(le16toh(used()->flags_le), 0);
	vring_ask_kicks(&vr, false);
	assert_num(le16toh(used()->flags_le), VRING_USED_F_NO_NOTIFY);

	publish_two(&vr);
	for (int i = 0; i < 2; i++)
		vring_ask_kicks(&vr, true);
	memcpy(&event, &used()->ring[4], sizeof(event));
	assert_num(event, 0);

	vr = ring_of(4);
	vr.event_idx = true;
	publish_two(&vr);
	vring_ask_kicks(&vr, false);
	memcpy(&event, &used()->ring[4], sizeof(event));
	assert_num(event, 0);
	vring_ask_kicks(&vr, true);
	memcpy(&event, &used()->ring[4], sizeof(event));
	assert_num(le16toh(event), 2);
}

/* The last of 512 elements crosses the end of a page. */
static void each_used_element_is_logged(void **state)
{
	struct vring vr = ring_of(512);
	uint8_t bits[MEM_SIZE / GUEST_LOG_PAGE / 8] = { 0 };

	mem.log = (struct guest_log){ bits, sizeof(bits) };
	vr.log = true;
	vr.log_base.v = USED;
	vr.next = vr.seen_avail = vr.published = 511;
	avail()->idx_le = htole16(511);
	set_desc(desc_at(0), BUFFERS, 8, VRING_DESC_F_WRITE, 0);
	make_available(&vr, 0);
	assert_num(vring_ready(&vr), 1);
	assert_ok(vring_write(&vr, "12345678", 8));
	assert_num(bits[0], 1 << 6 | 1 << 7);
	assert_num(bits[1], 1 << 0);
	/* The index and the flags are in its first page. */
	memset(bits, 0, sizeof(bits));
	vring_publish(&vr);
	assert_num(bits[0], 1 << 6);
	memset(bits, 0, sizeof(bits));
	vring_ask_kicks(&vr, true);
	assert_num(bits[0], 1 << 6);
	/* The event index follows the elements. */
	memset(bits, 0, sizeof(bits));
	vr.event_idx = true;
	vring_ask_kicks(&vr, true);
	assert_num(bits[0], 1 << 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ring_is_blank_until_it_was_filled),
		cmocka_unit_test(sizes_that_virtio_forbids_are_refused),
		cmocka_unit_test(misaligned_rings_are_distinguished),
		cmocka_unit_test(a_ring_that_ends_outside_is_not_mapped),
		cmocka_unit_test(a_ring_is_not_mapped_where_it_is_not_aligned),
		cmocka_unit_test(a_ring_that_waits_or_is_not_mapped_rests),
		cmocka_unit_test(room_is_known_where_it_can_be_counted),
		cmocka_unit_test(what_is_written_shows_only_when_published),
		cmocka_unit_test(every_form_of_chain_gets_its_verdict),
		cmocka_unit_test(each_used_element_is_logged),
		cmocka_unit_test(a_table_needs_the_feature),
		cmocka_unit_test(a_chain_is_followed_for_1024_descriptors),
		cmocka_unit_test(a_head_past_the_table_is_refused),
		cmocka_unit_test(
			a_head_past_the_table_is_refused_whatever_follows_it),
		cmocka_unit_test(
			what_was_available_before_a_resume_is_looked_at_anew),
		cmocka_unit_test(
			what_was_available_first_is_missed_when_it_is_used),
		cmocka_unit_test(
			an_available_index_may_run_ahead_by_the_ring_size_only),
		cmocka_unit_test(
			reading_gathers_what_is_readable_and_uses_length_0),
		cmocka_unit_test(reading_stops_where_there_is_room_for_no_more),
		cmocka_unit_test(
			reading_takes_as_much_of_a_part_as_there_is_room_for),
		cmocka_unit_test(reading_ends_with_the_chain),
		cmocka_unit_test(the_ring_continues_at_the_used_index),
		cmocka_unit_test(a_driver_that_wants_no_interrupt_gets_none),
		cmocka_unit_test(
			with_event_idx_a_notification_comes_when_the_event_is_passed),
		cmocka_unit_test(kicks_are_asked_for_by_flag_or_by_event),
	};

	return cmocka_run_group_tests_name("vring", tests, NULL, NULL);
}
