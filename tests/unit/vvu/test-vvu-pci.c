/* SPDX-License-Identifier: Apache-2.0 */
/* A VVU device as its driver finds it: capabilities, BARs, registers. */
#include <string.h>
#include "injector/vvu/vvu-pci.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define MEMORY_LEN (UINT64_C(32) << 30)

static struct vvu_pci p;

static int setup(void **state)
{
	fill_with_garbage(&p);
	vvu_pci_init(&p, MEMORY_LEN);
	return 0;
}

static uint64_t config(uint64_t offset, size_t len)
{
	uint64_t value = 0;

	virtio_pci_read(&p.pci,
			&(struct virtio_pci_access){ VIRTIO_PCI_CONFIG_SPACE,
						     offset, len },
			&value);
	return value;
}

static void set_config(uint64_t offset, uint32_t value)
{
	struct virtio_pci_event event;

	virtio_pci_write(&p.pci,
			 &(struct virtio_pci_access){ VIRTIO_PCI_CONFIG_SPACE,
						      offset, 4 },
			 &value, &event);
}

static uint64_t io(uint64_t offset, size_t len)
{
	uint64_t value = UINT64_MAX; /* all that is read has to be written */

	vvu_pci_read_io(&p, &(struct virtio_pci_access){ 2, offset, len },
			&value);
	return value & UINT64_MAX >> (64 - 8 * len);
}

/* Of BAR 0. */
static uint64_t bar(uint64_t offset, size_t len)
{
	uint64_t value = 0;

	virtio_pci_read(&p.pci, &(struct virtio_pci_access){ 0, offset, len },
			&value);
	return value;
}

static void set_bar(uint64_t offset, size_t len, uint64_t value)
{
	struct virtio_pci_event event;

	virtio_pci_write(&p.pci, &(struct virtio_pci_access){ 0, offset, len },
			 &value, &event);
}

static int set_io(uint64_t offset, size_t len, uint64_t value)
{
	return vvu_pci_write_io(
		&p, &(struct virtio_pci_access){ 2, offset, len }, &value);
}

/* Return: the capability of a type. */
static struct vvu_doorbell_cap find_cap(uint8_t type)
{
	struct vvu_doorbell_cap cap = { 0 };
	size_t at = config(0x34, 1);

	for (int i = 0; at && i < 48; i++, at = config(at + 1, 1)) {
		memcpy(&cap, p.pci.pci.bytes + at, sizeof(cap));
		if (cap.cap.id == 9 && cap.cap.type == type)
			return cap;
	}
	fail_msg("no capability of type %u", type);
	return cap;
}

static void capabilities_are_those_of_crosvm(void **state)
{
	const struct vvu_doorbell_cap doorbells = find_cap(VVU_CAP_DOORBELL);
	const struct vvu_doorbell_cap notifications =
		find_cap(VVU_CAP_NOTIFICATION);
	const struct vvu_doorbell_cap memory = find_cap(VVU_CAP_SHARED_MEMORY);

	assert_num(config(0, 4), 0x107d1af4);
	assert_num(doorbells.cap.len, 20);
	assert_num(doorbells.cap.bar, 2);
	assert_num(doorbells.cap.offset, 0);
	assert_num(doorbells.cap.length, 0x2000);
	assert_num(doorbells.multiplier, 4);
	assert_num(notifications.cap.len, 16);
	assert_num(notifications.cap.bar, 2);
	assert_num(notifications.cap.offset, 0x2000);
	assert_num(notifications.cap.length, 0x1000);
	assert_num(memory.cap.bar, 4);
	assert_num(memory.cap.offset, 0);
	/* MSI-X */
	for (size_t at = config(0x34, 1); at; at = config(at + 1, 1))
		if (config(at, 1) == 0x11)
			assert_num(config(at + 2, 2) + 1, VVU_VECTORS);
}

/* A driver of the OS writes ones, and reads the size. */
static void bars_have_64_bits(void **state)
{
	assert_num(config(0x18, 4) & 0xf, 0x4);
	assert_num(config(0x20, 4) & 0xf, 0xc);
	for (uint64_t at = 0x18; at < 0x28; at += 4)
		set_config(at, UINT32_MAX);
	assert_true(config(0x18, 8) == (~(uint64_t)(0x4000 - 1) | 0x4));
	assert_true(config(0x20, 8) == (~(MEMORY_LEN - 1) | 0xc));
	assert_num(vvu_pci_region_size(&p, 2), 0x4000);
	assert_num(vvu_pci_region_size(&p, 3), 0);
	assert_true(vvu_pci_region_size(&p, 4) == MEMORY_LEN);
	assert_num(vvu_pci_region_size(&p, 7), 256);
}

static void vectors_are_kept_for_each_queue(void **state)
{
	assert_num(io(0x2002, 2), VVU_NO_VECTOR);
	for (uint16_t i = 0; i < VVU_VHOST_QUEUES; i++) {
		assert_num(set_io(0x2000, 2, i), -1);
		assert_num(set_io(0x2002, 2, VVU_VECTORS - 1 - i), -1);
	}
	for (uint16_t i = 0; i < VVU_VHOST_QUEUES; i++) {
		set_io(0x2000, 4, i);
		assert_num(io(0x2000, 2), i);
		assert_num(io(0x2002, 4), VVU_VECTORS - 1 - i);
		assert_num(p.vector[i], VVU_VECTORS - 1 - i);
	}
	/* Of what does not exist there is none. */
	set_io(0x2002, 2, VVU_VECTORS);
	assert_num(io(0x2002, 2), VVU_NO_VECTOR);
	set_io(0x2000, 2, VVU_VHOST_QUEUES);
	set_io(0x2002, 2, 1);
	assert_num(io(0x2002, 2), VVU_NO_VECTOR);
	set_io(0x2000, 1, 3);
	assert_num(io(0x2000, 2), VVU_VHOST_QUEUES);
	vvu_pci_driver_reset(&p);
	assert_num(io(0x2000, 2), 0);
	for (uint16_t i = 0; i < VVU_VHOST_QUEUES; i++)
		assert_num(p.vector[i], VVU_NO_VECTOR);
}

#define FEATURE(name) (UINT64_C(1) << (VIRTIO_F_##name))

static void features_and_the_number_of_queues_are_offered(void **state)
{
	assert_true(p.pci.offered ==
		    (FEATURE(INDIRECT_DESC) | FEATURE(EVENT_IDX) |
		     FEATURE(VERSION_1) | FEATURE(ACCESS_PLATFORM) |
		     FEATURE(RING_PACKED)));
	assert_num(
		bar(0x2000 + offsetof(struct vvu_config, max_vhost_queues), 4),
		VVU_VHOST_QUEUES);
	assert_num(bar(0x2000, 4), 0); /* the status */
}

static void a_reset_is_one_of_all_of_it(void **state)
{
	set_bar(20, 1, 1); /* device_status */
	set_io(0x2000, 2, 5);
	assert_num(bar(20, 1), 1);
	vvu_pci_reset(&p);
	assert_num(bar(20, 1), 0);
	assert_num(io(0x2000, 2), 0);
}

static void doorbells_are_of_their_queues(void **state)
{
	for (int i = 0; i < VVU_VHOST_QUEUES; i++)
		assert_num(set_io(4 * (uint64_t)i, i % 2 ? 2 : 4, 77), i);
	assert_num(set_io(4 * VVU_VHOST_QUEUES, 4, 0), -1);
	assert_num(set_io(0x1ffc, 4, 0), -1);
	assert_num(set_io(0x3fff, 1, 0), -1);
	assert_num(io(0, 4), 0);
}

static void a_status_may_be_written_in_parts(void **state)
{
	static const uint8_t one = 1;
	const struct virtio_pci_event event = {
		.what = VIRTIO_PCI_WRITTEN, .offset = 1, .len = 1, .from = &one
	};
	const struct virtio_pci_event beside = {
		.what = VIRTIO_PCI_WRITTEN, .offset = 23, .len = 1, .from = &one
	};

	vvu_pci_set_status(&p, VVU_BACKEND_UP);
	assert_num(vvu_pci_status(&p), VVU_BACKEND_UP);
	assert_num(vvu_pci_written_status(&p, &event), 0x101);
	assert_num(vvu_pci_written_status(&p, &beside), VVU_BACKEND_UP);
	vvu_pci_reset(&p);
	assert_num(vvu_pci_status(&p), 0);
}

#define test(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(capabilities_are_those_of_crosvm),
		test(bars_have_64_bits),
		test(vectors_are_kept_for_each_queue),
		test(features_and_the_number_of_queues_are_offered),
		test(a_reset_is_one_of_all_of_it),
		test(doorbells_are_of_their_queues),
		test(a_status_may_be_written_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
