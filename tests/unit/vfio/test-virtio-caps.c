/* SPDX-License-Identifier: Apache-2.0 */
/* virtio-caps.h: what a driver finds in a configuration space, good and bad. */
#include <string.h>
#include "input/vfio/virtio-caps.h"
#include "tests/lib/check.h"

#define VENDOR 0x09
#define MSIX   0x11

static uint8_t config[VIRTIO_CAPS_CONFIG_LEN];
static size_t end, link_at; /* of the list: next free byte, last link */
static struct virtio_caps caps;
static const uint64_t bars[6] = { 0x4000, 0, 0x4000, 0, UINT64_C(1) << 33, 0 };

static int setup(void **state)
{
	memset(config, 0, sizeof(config));
	config[0x06] = 0x10;
	link_at = 0x34;
	end = 0x40;
	return 0;
}

/* A capability of a length, at the end of the list. */
static uint8_t *add(uint8_t id, uint8_t len)
{
	uint8_t *at = config + end;

	config[link_at] = (uint8_t)end;
	link_at = end + 1;
	at[0] = id;
	at[2] = len;
	end += len;
	return at;
}

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static uint8_t *add_part(uint8_t type, uint8_t bar, uint32_t offset,
			 uint32_t len)
{
	uint8_t *at = add(VENDOR, 20);

	at[3] = type;
	at[4] = bar;
	put32(at + 8, offset);
	put32(at + 12, len);
	if (at + 20 <= config + sizeof(config))
		put32(at + 16, 4);
	return at;
}

static const struct virtio_part *part(unsigned int type)
{
	return &caps.part[type];
}

static void each_structure_is_found(void **state)
{
	add(MSIX, 12);
	add_part(VIRTIO_CAP_COMMON, 0, 0, 0x1000);
	add_part(VIRTIO_CAP_NOTIFY, 0, 0x3000, 0x1000);
	add_part(8, 4, 0x1000, UINT32_MAX);
	virtio_caps_parse(&caps, config, bars);
	assert_true(part(VIRTIO_CAP_COMMON)->there);
	assert_num(part(VIRTIO_CAP_COMMON)->len, 0x1000);
	assert_num(part(VIRTIO_CAP_NOTIFY)->offset, 0x3000);
	assert_num(part(VIRTIO_CAP_NOTIFY)->multiplier, 4);
	assert_num(part(8)->bar, 4);
	assert_num(part(8)->len, UINT32_MAX);
	assert_false(part(VIRTIO_CAP_ISR)->there);
}

static void a_structure_ends_with_its_bar(void **state)
{
	add_part(VIRTIO_CAP_COMMON, 0, 0x3ff0, 0x1000);
	add_part(VIRTIO_CAP_ISR, 0, 0x10, UINT32_MAX);
	virtio_caps_parse(&caps, config, bars);
	assert_num(part(VIRTIO_CAP_COMMON)->len, 0x10);
	assert_num(part(VIRTIO_CAP_ISR)->len, 0x3ff0);
}

static void a_structure_outside_of_all_bars_is_none(void **state)
{
	add_part(VIRTIO_CAP_COMMON, 0, 0x4000, 1);
	add_part(VIRTIO_CAP_NOTIFY, 1, 0, 0x1000);
	add_part(VIRTIO_CAP_ISR, 6, 0, 0x1000);
	add_part(VIRTIO_CAP_DEVICE, 0xff, 0, 0x1000);
	add_part(VIRTIO_CAP_TYPES, 0, 0, 0x1000);
	add_part(0xff, 0, 0, 0x1000);
	virtio_caps_parse(&caps, config, bars);
	for (unsigned int i = 0; i < VIRTIO_CAP_TYPES; i++)
		assert_false(part(i)->there);
}

static void of_two_structures_the_first_that_exists_counts(void **state)
{
	add_part(VIRTIO_CAP_COMMON, 1, 0, 0x1000);
	add_part(VIRTIO_CAP_COMMON, 0, 0x1000, 0x1000);
	add_part(VIRTIO_CAP_COMMON, 0, 0x2000, 0x1000);
	virtio_caps_parse(&caps, config, bars);
	assert_num(part(VIRTIO_CAP_COMMON)->offset, 0x1000);
}

static void a_short_capability_has_no_multiplier(void **state)
{
	uint8_t *at = add_part(VIRTIO_CAP_NOTIFY, 0, 0, 0x1000);

	at[2] = 16;
	virtio_caps_parse(&caps, config, bars);
	assert_true(part(VIRTIO_CAP_NOTIFY)->there);
	assert_num(part(VIRTIO_CAP_NOTIFY)->multiplier, 0);
}

static void a_capability_at_the_end_is_read_to_the_end_only(void **state)
{
	end = 0xf0;
	add_part(VIRTIO_CAP_COMMON, 0, 0, 0x1000)[2] = 16;
	virtio_caps_parse(&caps, config, bars);
	assert_true(part(VIRTIO_CAP_COMMON)->there);
	setup(NULL);
	config[0x34] = 0xf4;
	config[0xf4] = VENDOR;
	config[0xf7] = VIRTIO_CAP_COMMON;
	virtio_caps_parse(&caps, config, bars);
	assert_false(part(VIRTIO_CAP_COMMON)->there);
}

static void a_circle_ends(void **state)
{
	add_part(VIRTIO_CAP_COMMON, 0, 0, 0x1000)[1] = 0x40;
	virtio_caps_parse(&caps, config, bars);
	assert_true(part(VIRTIO_CAP_COMMON)->there);
	setup(NULL);
	memset(config + 0x40, 0xff, sizeof(config) - 0x40);
	config[0x34] = 0xff;
	virtio_caps_parse(&caps, config, bars);
	assert_false(part(VIRTIO_CAP_COMMON)->there);
}

static void a_device_without_a_list_has_nothing(void **state)
{
	add_part(VIRTIO_CAP_COMMON, 0, 0, 0x1000);
	config[0x06] = 0;
	virtio_caps_parse(&caps, config, bars);
	assert_false(part(VIRTIO_CAP_COMMON)->there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_structure_is_found, setup),
		cmocka_unit_test_setup(a_structure_ends_with_its_bar, setup),
		cmocka_unit_test_setup(a_structure_outside_of_all_bars_is_none,
				       setup),
		cmocka_unit_test_setup(
			of_two_structures_the_first_that_exists_counts, setup),
		cmocka_unit_test_setup(a_short_capability_has_no_multiplier,
				       setup),
		cmocka_unit_test_setup(
			a_capability_at_the_end_is_read_to_the_end_only, setup),
		cmocka_unit_test_setup(a_circle_ends, setup),
		cmocka_unit_test_setup(a_device_without_a_list_has_nothing,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
