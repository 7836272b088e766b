/* SPDX-License-Identifier: Apache-2.0 */
/* A driver's way through the BAR of a virtio PCI device (virtio 1.3 §4.1). */
#include <string.h>
#include "tests/lib/virtio-pci-world.h"

/* --- the common configuration --- */

static void features_are_offered_in_halves(void **state)
{
	assert_num(bar(OFFERED, 4), 1);
	set_bar(OFFERED_SELECT, 4, 1);
	assert_num(bar(OFFERED_SELECT, 4), 1);
	assert_num(bar(OFFERED, 4), 5);
	set_bar(OFFERED_SELECT, 4, 2);
	assert_num(bar(OFFERED, 4), 0);
}

static void features_that_were_offered_are_accepted(void **state)
{
	accept_features(VERSION_1 | 1);
	set_bar(STATUS, 1, ACKNOWLEDGE | DRIVER | FEATURES_OK);
	assert_num(bar(STATUS, 1), ACKNOWLEDGE | DRIVER | FEATURES_OK);
	assert_true(p.accepted == (VERSION_1 | 1));
	/* And are settled then. */
	accept_features(VERSION_1);
	assert_true(p.accepted == (VERSION_1 | 1));
}

static void features_can_be_chosen_anew_until_then(void **state)
{
	accept_features(VERSION_1 | 1);
	accept_features(VERSION_1);
	assert_true(p.accepted == VERSION_1);
	set_bar(ACCEPTED_SELECT, 4, 0);
	assert_num(bar(ACCEPTED, 4), 0);
	set_bar(ACCEPTED_SELECT, 4, 1);
	assert_num(bar(ACCEPTED_SELECT, 4), 1);
	assert_num(bar(ACCEPTED, 4), 1);
	/* None is above 64. */
	set_bar(ACCEPTED_SELECT, 4, 2);
	set_bar(ACCEPTED, 4, 2);
	assert_num(bar(ACCEPTED, 4), 0);
	assert_true(p.accepted == VERSION_1);
}

static void other_features_are_refused(void **state)
{
	accept_features(VERSION_1 | 2);
	set_bar(STATUS, 1, FEATURES_OK);
	assert_num(bar(STATUS, 1), 0);
	accept_features(1); /* a legacy driver */
	set_bar(STATUS, 1, FEATURES_OK);
	assert_num(bar(STATUS, 1), 0);
}

static void a_write_changes_one_field(void **state)
{
	set_bar(OFFERED_SELECT, 4, 1);
	assert_num(bar(ACCEPTED_SELECT, 4), 0);
	set_bar(ACCEPTED_SELECT, 4, 1);
	set_bar(OFFERED_SELECT, 4, 0);
	assert_num(bar(ACCEPTED, 4), 0);
	set_bar(QUEUE_SIZE, 2, 1);
	assert_num(bar(QUEUE_VECTOR, 2), 0xffff);
	assert_num(event.what, VIRTIO_PCI_NOTHING);
	set_bar(COMMON, 4, 1);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, COMMON, 4), 0);
	set(VIRTIO_PCI_MSIX_BAR, 0x10, 4, UINT32_MAX);
	assert_num(config(0x10, 4), 0);
	assert_num(bar(CONFIG_VECTOR, 2), 0xffff);
	/* A byte that can be written, beside one that is. */
	memset(p.msix, 0xff, sizeof(p.msix));
	set_config(5, 1, 0);
	set_config(4, 1, 0xff);
	assert_num(config(5, 1), 0);
}

static void queues_are_selected(void **state)
{
	assert_num(bar(NUM_QUEUES, 2), 2);
	set_bar(QUEUE_SELECT, 2, 1);
	assert_num(bar(QUEUE_SIZE, 2), 64);
	assert_num(bar(QUEUE_NOTIFY_OFF, 2), 1);
	set_bar(QUEUE_SELECT, 2, 2);
	p.queue[2].size = 7; /* of another kind */
	assert_num(bar(QUEUE_SIZE, 2), 0);
	set_bar(QUEUE_SIZE, 2, 8);
	set_bar(QUEUE_DESC, 4, 8);
	set_bar(QUEUE_ENABLE, 2, 1);
	assert_num(p.queue[0].size, 64);
	assert_num(p.queue[1].size, 64);
	assert_false(p.queue[1].enabled);
	set_bar(STATUS, 1, 0);
	assert_num(p.queue[2].size, 7);
	assert_num(p.queue[2].desc, 0);
}

static void a_size_is_a_power_of_two_of_a_split_ring(void **state)
{
	set_bar(QUEUE_SIZE, 2, 48);
	assert_num(bar(QUEUE_SIZE, 2), 64);
	set_bar(QUEUE_SIZE, 2, 16);
	assert_num(bar(QUEUE_SIZE, 2), 16);
	set_bar(QUEUE_SIZE, 2, 64);
	assert_num(bar(QUEUE_SIZE, 2), 64);
	set_bar(QUEUE_SIZE, 2, 16);
	set_bar(QUEUE_SIZE, 2, 128);
	set_bar(QUEUE_SIZE, 2, 0);
	assert_num(bar(QUEUE_SIZE, 2), 16);
	accept_features(VERSION_1 | RING_PACKED);
	set_bar(QUEUE_SIZE, 2, 48);
	assert_num(bar(QUEUE_SIZE, 2), 48);
}

static void addresses_come_in_halves_or_at_once(void **state)
{
	set_bar(QUEUE_DESC, 4, 0x11111000);
	set_bar(QUEUE_DESC + 4, 4, 0x1);
	set_bar(QUEUE_DRIVER, 8, UINT64_C(0x222222000));
	set_bar(QUEUE_DEVICE + 4, 4, 0x3);
	assert_true(p.queue[0].desc == 0x111111000);
	assert_true(p.queue[0].driver == 0x222222000);
	assert_true(p.queue[0].device == 0x300000000);
	assert_true(bar(QUEUE_DRIVER, 8) == 0x222222000);
	assert_num(bar(QUEUE_DESC + 4, 4), 1);
}

static void an_enabled_queue_does_not_change(void **state)
{
	set_bar(QUEUE_ENABLE, 2, 1);
	set_bar(QUEUE_DESC, 8, 4096);
	set_bar(QUEUE_SIZE, 2, 8);
	set_bar(QUEUE_ENABLE, 2, 0);
	assert_num(p.queue[0].desc, 0);
	assert_num(p.queue[0].size, 64);
	assert_num(bar(QUEUE_ENABLE, 2), 1);
	set_bar(QUEUE_SELECT, 2, 1);
	set_bar(QUEUE_ENABLE, 2, 2); /* "The driver MUST NOT write" another */
	assert_num(bar(QUEUE_ENABLE, 2), 0);
}

static void each_address_has_its_place(void **state)
{
	for (unsigned int i = 0; i < 6; i++)
		set_bar(QUEUE_DESC + 4 * i, 4, i + 1);
	for (unsigned int i = 0; i < 6; i++)
		assert_num(bar(QUEUE_DESC + 4 * i, 4), i + 1);
	assert_num(bar(QUEUE_NOTIFY_OFF, 2), 0);
	set_bar(QUEUE_DEVICE + 8, 4, 7);
	assert_num(bar(QUEUE_DEVICE + 8, 8), 0);
	assert_num(bar(QUEUE_DEVICE, 4), 5);
}

static void vectors_that_there_are_not_read_as_none(void **state)
{
	assert_num(bar(CONFIG_VECTOR, 2), 0xffff);
	set_bar(CONFIG_VECTOR, 2, 2);
	assert_num(event.what, VIRTIO_PCI_VECTOR);
	assert_num(bar(CONFIG_VECTOR, 2), 2);
	set_bar(CONFIG_VECTOR, 2, 3);
	assert_num(bar(CONFIG_VECTOR, 2), 0xffff);
	set_bar(QUEUE_VECTOR, 2, 1);
	assert_num(event.what, VIRTIO_PCI_VECTOR);
	assert_num(bar(QUEUE_VECTOR, 2), 1);
}

static void accesses_of_other_widths_change_nothing(void **state)
{
	set_bar(STATUS, 2, 0xffff);
	set_bar(STATUS, 4, 0xffffffff);
	set_bar(QUEUE_SELECT, 1, 1);
	set_bar(QUEUE_DESC + 2, 4, 0xffffffff);
	set_bar(QUEUE_DESC + 4, 8, UINT64_MAX);
	assert_num(bar(STATUS, 1), 0);
	assert_num(bar(QUEUE_SELECT, 2), 0);
	assert_num(p.queue[0].desc, 0);
}

static void a_reset_is_a_status_of_0(void **state)
{
	accept_features(VERSION_1);
	set_bar(STATUS, 1, FEATURES_OK | DRIVER_OK);
	set_bar(QUEUE_ENABLE, 2, 1);
	set_bar(QUEUE_VECTOR, 2, 1);
	set_bar(QUEUE_SELECT, 2, 1);
	set_bar(QUEUE_SIZE, 2, 8);
	set_bar(CONFIG_VECTOR, 2, 1);
	set_bar(OFFERED_SELECT, 4, 1);
	virtio_pci_config_changed(&p);
	set_config(0x10, 4, 0xfebf0000);
	set_bar(STATUS, 1, 0);
	assert_num(event.what, VIRTIO_PCI_STATUS);
	assert_num(bar(ISR, 1), 0);
	assert_num(bar(CONFIG_VECTOR, 2), 0xffff);
	assert_num(bar(OFFERED_SELECT, 4), 0);
	assert_num(bar(ACCEPTED_SELECT, 4), 0);
	assert_num(bar(QUEUE_SELECT, 2), 0);
	assert_num(p.queue[1].size, 64);
	assert_num(bar(STATUS, 1), 0);
	assert_num(bar(QUEUE_ENABLE, 2), 0);
	assert_num(bar(QUEUE_VECTOR, 2), 0xffff);
	assert_num(p.accepted, 0);
	assert_num(config(0x10, 4), 0xfebf0000); /* PCI's own is another */
	virtio_pci_reset(&p);
	assert_num(config(0x10, 4), 0);
}

static void a_device_that_needs_a_reset_says_so_until_then(void **state)
{
	accept_features(VERSION_1);
	set_bar(STATUS, 1, FEATURES_OK | DRIVER_OK);
	virtio_pci_needs_reset(&p);
	assert_num(bar(STATUS, 1), FEATURES_OK | DRIVER_OK | NEEDS_RESET);
	assert_num(bar(ISR, 1), 2);
	set_bar(STATUS, 1, FEATURES_OK | DRIVER_OK);
	assert_num(bar(STATUS, 1), FEATURES_OK | DRIVER_OK | NEEDS_RESET);
	set_bar(STATUS, 1, 0);
	assert_num(bar(STATUS, 1), 0);
}

/* --- the rest of the BAR --- */

static void the_isr_is_cleared_by_a_read(void **state)
{
	virtio_pci_config_changed(&p);
	assert_num(bar(GENERATION, 1), 1);
	assert_num(bar(ISR + 1, 1), 0); /* not it */
	assert_num(bar(ISR - 1, 2), 0);
	assert_num(bar(ISR, 1), 2);
	assert_num(bar(ISR, 1), 0);
}

static void what_is_behind_a_part_reads_as_0(void **state)
{
	p.config[135] = 'v';
	p.config[136] = 'w';
	assert_num(bar(DEVICE + 134, 4), 'v' << 8);
	assert_num(bar(DEVICE + 136, 4), 0);
	assert_num(bar(NOTIFY, 4), 0);
	set_bar(QUEUE_DEVICE + 4, 4, 3);
	assert_num(bar(QUEUE_DEVICE + 12, 4), 0);
}

static void the_configuration_is_what_its_owner_has(void **state)
{
	struct virtio_pci_access at = { VIRTIO_PCI_BAR, DEVICE + 8, 1 };

	p.config[8] = 'v';
	assert_true(virtio_pci_reads_config(&p, &at));
	assert_num(bar(DEVICE + 8, 1), 'v');
	at.offset = DEVICE;
	assert_true(virtio_pci_reads_config(&p, &at));
	at.offset = DEVICE + 135;
	assert_true(virtio_pci_reads_config(&p, &at));
	at.offset = DEVICE + 136;
	assert_false(virtio_pci_reads_config(&p, &at));
	at.offset = DEVICE - 1;
	assert_false(virtio_pci_reads_config(&p, &at));
	assert_num(bar(DEVICE + 134, 4), 0);
	at.offset = COMMON + STATUS;
	assert_false(virtio_pci_reads_config(&p, &at));
}

static void a_write_to_the_configuration_is_told(void **state)
{
	set_bar(DEVICE + 1, 1, 0x11);
	assert_num(event.what, VIRTIO_PCI_WRITTEN);
	assert_num(event.offset, 1);
	assert_num(event.len, 1);
	assert_num(event.from[0], 0x11);
	set_bar(DEVICE + 132, 4, 1);
	assert_num(event.what, VIRTIO_PCI_WRITTEN);
	assert_num(event.offset, 132);
	set_bar(DEVICE + 136, 1, 1);
	assert_num(event.what, VIRTIO_PCI_NOTHING);
	set_bar(DEVICE + 135, 2, 1);
	assert_num(event.what, VIRTIO_PCI_NOTHING);
}

static void each_queue_has_its_doorbell(void **state)
{
	set_bar(NOTIFY + 4, 2, 1);
	assert_num(event.what, VIRTIO_PCI_NOTIFY);
	assert_num(event.queue, 1);
	set_bar(NOTIFY + 8, 2, 2);
	assert_num(event.what, VIRTIO_PCI_NOTHING);
}

#define test(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(features_are_offered_in_halves),
		test(features_that_were_offered_are_accepted),
		test(features_can_be_chosen_anew_until_then),
		test(other_features_are_refused),
		test(a_write_changes_one_field),
		test(queues_are_selected),
		test(a_size_is_a_power_of_two_of_a_split_ring),
		test(addresses_come_in_halves_or_at_once),
		test(an_enabled_queue_does_not_change),
		test(each_address_has_its_place),
		test(vectors_that_there_are_not_read_as_none),
		test(accesses_of_other_widths_change_nothing),
		test(a_reset_is_a_status_of_0),
		test(a_device_that_needs_a_reset_says_so_until_then),
		test(the_isr_is_cleared_by_a_read),
		test(what_is_behind_a_part_reads_as_0),
		test(the_configuration_is_what_its_owner_has),
		test(a_write_to_the_configuration_is_told),
		test(each_queue_has_its_doorbell),
	};

	return cmocka_run_group_tests_name("virtio-pci", tests, NULL, NULL);
}
