/* SPDX-License-Identifier: Apache-2.0 */
/* What a VVU device and its driver agree on. */
#include <string.h>
#include "input/vvu/vvu-layout.h"
#include "tests/lib/array.h"
#include "tests/lib/check.h"

/* A PC's memory in one file, with the hole below 1 MiB; and another file. */
static const struct vu_mem_table pc = {
	.n_regions = 3,
	.regions = {
		{ .guest_addr = 0, .size = 0xa0000, .mmap_offset = 0 },
		{ .guest_addr = 0x100000, .size = 0x700000,
		  .mmap_offset = 0x100000 },
		{ .guest_addr = UINT64_C(1) << 32, .size = 0x1000,
		  .mmap_offset = 0x3000 },
	},
};

static const struct vvu_window wide = { 0, UINT64_C(1) << 36 };

static void a_packed_region_begins_where_the_last_one_ends(void **state)
{
	uint64_t at[VU_MEM_TABLE_MAX];

	assert_num(vvu_place_regions(VVU_ID_PACKED, &wide, &pc, at), 0);
	assert_num(at[0], 0);
	assert_num(at[1], 0xa0000);
	assert_num(at[2], 0x7a0000);
}

static void a_whole_files_region_keeps_its_offset(void **state)
{
	const struct vvu_window behind = { 0x4000, UINT64_C(1) << 36 };
	uint64_t at[VU_MEM_TABLE_MAX];

	assert_num(vvu_place_regions(VVU_ID_WHOLE, &behind, &pc, at), 0);
	assert_num(at[0], 0x4000);
	assert_num(at[1], 0x4000 + 0xa0000 + 0x100000);
	assert_num(at[2], 0x4000 + 0xa0000 + 0x800000 + 0x3000);
}

static void regions_end_within_the_bar(void **state)
{
	struct vvu_window window = { 0, 0x7a1000 };
	struct vu_mem_table table = pc;
	uint64_t at[VU_MEM_TABLE_MAX];

	assert_num(vvu_place_regions(VVU_ID_PACKED, &window, &table, at), 0);
	window.bar_len--;
	assert_num(vvu_place_regions(VVU_ID_PACKED, &window, &table, at),
		   VVU_E_ROOM);
	table.regions[1].size = UINT64_MAX;
	assert_num(vvu_place_regions(VVU_ID_PACKED, &wide, &table, at),
		   VVU_E_ROOM);
	table = pc;
	table.regions[1].mmap_offset = UINT64_MAX;
	assert_num(vvu_place_regions(VVU_ID_PACKED, &wide, &table, at), 0);
	assert_num(vvu_place_regions(VVU_ID_WHOLE, &wide, &table, at),
		   VVU_E_ROOM);
}

static void a_table_has_regions_that_fit_it(void **state)
{
	struct vu_mem_table table = pc;
	uint64_t at[VU_MEM_TABLE_MAX];

	table.n_regions = VU_MEM_TABLE_MAX + 1;
	assert_num(vvu_place_regions(VVU_ID_PACKED, &wide, &table, at),
		   VVU_E_REGIONS);
	table.n_regions = VU_MEM_TABLE_MAX;
	for (uint32_t i = 3; i < VU_MEM_TABLE_MAX; i++)
		table.regions[i] = pc.regions[2];
	assert_num(vvu_place_regions(VVU_ID_PACKED, &wide, &table, at), 0);
	table = pc;
	table.regions[2].size = 0;
	assert_num(vvu_place_regions(VVU_ID_PACKED, &wide, &table, at),
		   VVU_E_REGIONS);
	table.n_regions = 0;
	assert_num(vvu_place_regions(VVU_ID_PACKED, &wide, &table, at), 0);
}

static void a_buffer_has_one_message_or_none(void **state)
{
	static const struct {
		uint32_t flags, size;
		size_t len;
		bool good;
	} rows[] = {
		{ VU_FLAG_VERSION_1, 8, 20, true },
		{ VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 0, 12, true },
		{ VU_FLAG_VERSION_1, VU_PAYLOAD_MAX, VVU_MESSAGE_MAX, true },
		{ 0, 0, 0, true },
		{ VU_FLAG_VERSION_1, 8, 19, false },
		{ VU_FLAG_VERSION_1, 8, 21, false },
		{ VU_FLAG_VERSION_1, UINT32_MAX - 11, 1, false },
		{ VU_FLAG_VERSION_1, 0, 11, false },
		{ VU_FLAG_VERSION_1, VU_PAYLOAD_MAX + 1, VVU_MESSAGE_MAX + 1,
		  false },
		{ 2, 8, 20, false },
	};
	uint8_t bytes[VVU_MESSAGE_MAX + 1] = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct vu_header hdr = { VU_GET_FEATURES, rows[i].flags,
					       rows[i].size };

		memcpy(bytes, &hdr, sizeof(hdr));
		assert_num(!vvu_message_check(bytes, rows[i].len),
			   rows[i].good);
	}
}

static void a_reply_goes_to_who_asked(void **state)
{
	const struct vu_header request = { VU_GET_FEATURES, VU_FLAG_VERSION_1,
					   0 };
	const struct vu_header reply = { VU_GET_FEATURES,
					 VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 0 };

	assert_num(vvu_tx_way(&reply), VVU_SOCKET);
	assert_num(vvu_tx_way(&request), VVU_CHANNEL);
	assert_num(vvu_rx_way(&request), VVU_SOCKET);
	assert_num(vvu_rx_way(&reply), VVU_CHANNEL);
}

static void doorbells_of_all_queues_fit(void **state)
{
	assert_num(vvu_doorbell(3, VVU_DOORBELL_MULTIPLIER), 12);
	assert_true(vvu_doorbell(VU_VRING_INDEX_MASK, VVU_DOORBELL_MULTIPLIER) <
		    VVU_DOORBELLS_LEN);
	assert_num(VVU_PCI_DEVICE(VVU_ID_PACKED), 0x107d);
	assert_num(VVU_PCI_DEVICE(VVU_ID_WHOLE), 0x106a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_packed_region_begins_where_the_last_one_ends),
		cmocka_unit_test(a_whole_files_region_keeps_its_offset),
		cmocka_unit_test(regions_end_within_the_bar),
		cmocka_unit_test(a_table_has_regions_that_fit_it),
		cmocka_unit_test(a_buffer_has_one_message_or_none),
		cmocka_unit_test(a_reply_goes_to_who_asked),
		cmocka_unit_test(doorbells_of_all_queues_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
