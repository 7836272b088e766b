/* SPDX-License-Identifier: Apache-2.0 */
/* A driver's way through a virtio PCI device (virtio 1.3 §4.1). */
#include <string.h>
#include "injector/virtio-pci/virtio-pci.h"
#include "tests/lib/check.h"

#define VERSION_1   (UINT64_C(1) << 32)
#define RING_PACKED (UINT64_C(1) << 34)
#define COMMON	    0x0000
#define ISR	    0x1000
#define DEVICE	    0x2000
#define NOTIFY	    0x3000

/* struct virtio_pci_common_cfg */
enum {
	OFFERED_SELECT = 0,
	OFFERED = 4,
	ACCEPTED_SELECT = 8,
	ACCEPTED = 12,
	CONFIG_VECTOR = 16,
	NUM_QUEUES = 18,
	STATUS = 20,
	GENERATION = 21,
	QUEUE_SELECT = 22,
	QUEUE_SIZE = 24,
	QUEUE_VECTOR = 26,
	QUEUE_ENABLE = 28,
	QUEUE_NOTIFY_OFF = 30,
	QUEUE_DESC = 32,
	QUEUE_DRIVER = 40,
	QUEUE_DEVICE = 48,
};

enum {
	ACKNOWLEDGE = 1,
	DRIVER = 2,
	DRIVER_OK = 4,
	FEATURES_OK = 8,
	NEEDS_RESET = 64,
};

static const struct virtio_pci_kind kind = {
	.virtio_id = 18,
	.class_code = 0x098000,
	.n_queues = 2,
	.n_vectors = 3,
	.config_len = 136,
};

static struct virtio_pci p;
static struct virtio_pci_event event;

static int setup(void **state)
{
	virtio_pci_init(&p, &kind, 64);
	p.offered = VERSION_1 | RING_PACKED | 1;
	return 0;
}

static uint64_t get(unsigned int region, uint64_t offset, size_t len)
{
	uint64_t value = 0;

	virtio_pci_read(&p, &(struct virtio_pci_access){ region, offset, len },
			&value);
	return value;
}

static void set(unsigned int region, uint64_t offset, size_t len,
		uint64_t value)
{
	static uint64_t from;

	from = value;
	virtio_pci_write(&p, &(struct virtio_pci_access){ region, offset, len },
			 &from, &event);
}

#define bar(offset, len)	   get(VIRTIO_PCI_BAR, offset, len)
#define set_bar(offset, len, v)	   set(VIRTIO_PCI_BAR, offset, len, v)
#define config(offset, len)	   get(VIRTIO_PCI_CONFIG_SPACE, offset, len)
#define set_config(offset, len, v) set(VIRTIO_PCI_CONFIG_SPACE, offset, len, v)

static void accept_features(uint64_t features)
{
	for (unsigned int i = 0; i < 2; i++) {
		set_bar(ACCEPTED_SELECT, 4, i);
		set_bar(ACCEPTED, 4, features >> (32 * i));
	}
}

/* --- PCI --- */

/* Return: the offset of the n-th capability of a type; fails without. */
static size_t find_cap(uint8_t id, int type)
{
	size_t at = config(0x34, 1);

	for (int i = 0; at && i < 48; i++, at = config(at + 1, 1))
		if (config(at, 1) == id &&
		    (type < 0 || config(at + 3, 1) == (uint64_t)type))
			return at;
	fail_msg("no capability %#x, type %d", id, type);
	return 0;
}

static void it_is_a_virtio_input_device(void **state)
{
	assert_num(config(0, 4), 0x10521af4);
	assert_num(config(8, 4), 0x09800001);
	assert_num(config(0x2c, 4), 0x11001af4);
	assert_num(config(6, 2) & 0x10, 0x10);
	assert_num(config(0x3d, 1), 0); /* no INTx */
}

static void capabilities_lead_to_its_parts(void **state)
{
	static const uint32_t at[] = {
		[1] = COMMON, [2] = NOTIFY, [3] = ISR, [4] = DEVICE
	};

	for (int type = 1; type <= 4; type++) {
		size_t cap = find_cap(0x09, type);

		assert_num(config(cap + 4, 1), VIRTIO_PCI_BAR);
		assert_num(config(cap + 8, 4), at[type]);
		assert_true(config(cap + 12, 4) > 0);
	}
	assert_num(config(find_cap(0x09, 2) + 16, 4), 4);
	assert_num(config(find_cap(0x11, -1) + 2, 2), 2); /* 3 vectors */
	assert_num(config(find_cap(0x11, -1) + 4, 4), 1);
	assert_num(config(find_cap(0x11, -1) + 8, 4), 0x801);
}

static void a_bar_tells_its_size(void **state)
{
	set_config(0x10, 4, 0xffffffff);
	assert_num(config(0x10, 4), 0xffffc000);
	set_config(0x10, 4, 0xfebf1234);
	assert_num(config(0x10, 4), 0xfebf0000);
	set_config(0x18, 4, 0xffffffff); /* there is none */
	assert_num(config(0x18, 4), 0);
}

static void ids_cannot_be_written(void **state)
{
	set_config(0, 4, 0);
	assert_num(config(0, 4), 0x10521af4);
	set_config(4, 2, 0xffff);
	assert_num(config(4, 2), 0x0546);
}

static void the_window_reads_and_writes_bars(void **state)
{
	const size_t cap = find_cap(0x09, 5);

	set_config(cap + 8, 4, NUM_QUEUES);
	set_config(cap + 12, 4, 2);
	assert_num(config(cap + 16, 4) & 0xffff, 2);
	assert_num(config(cap + 16, 2), 2);
	set_config(cap + 8, 4, STATUS);
	set_config(cap + 12, 4, 1);
	set_config(cap + 16, 4, ACKNOWLEDGE);
	assert_num(event.what, VIRTIO_PCI_STATUS);
	assert_num(bar(STATUS, 1), ACKNOWLEDGE);
	/* Out of the BAR, and of a length that there is not. */
	set_config(cap + 8, 4, VIRTIO_PCI_BAR_LEN);
	set_config(cap + 16, 4, 0);
	set_config(cap + 8, 4, UINT32_MAX);
	set_config(cap + 16, 4, 0);
	set_config(cap + 8, 4, STATUS);
	set_config(cap + 12, 4, 8);
	set_config(cap + 16, 4, 0);
	assert_num(bar(STATUS, 1), ACKNOWLEDGE);
}

static void vectors_can_be_set_and_not_the_pending_bits(void **state)
{
	set(VIRTIO_PCI_MSIX_BAR, 0x20, 4, 0xfee00000);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x20, 4), 0xfee00000);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x2c, 4), 1); /* masked */
	set(VIRTIO_PCI_MSIX_BAR, 0x30, 4, 1);
	set(VIRTIO_PCI_MSIX_BAR, 0x800, 8, 1);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x30, 4), 0);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x800, 8), 0);
}

/* --- the common configuration --- */

static void features_are_offered_in_halves(void **state)
{
	assert_num(bar(OFFERED, 4), 1);
	set_bar(OFFERED_SELECT, 4, 1);
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

static void other_features_are_refused(void **state)
{
	accept_features(VERSION_1 | 2);
	set_bar(STATUS, 1, FEATURES_OK);
	assert_num(bar(STATUS, 1), 0);
	accept_features(1); /* a legacy driver */
	set_bar(STATUS, 1, FEATURES_OK);
	assert_num(bar(STATUS, 1), 0);
}

static void queues_are_selected(void **state)
{
	assert_num(bar(NUM_QUEUES, 2), 2);
	set_bar(QUEUE_SELECT, 2, 1);
	assert_num(bar(QUEUE_SIZE, 2), 64);
	assert_num(bar(QUEUE_NOTIFY_OFF, 2), 1);
	set_bar(QUEUE_SELECT, 2, 2);
	assert_num(bar(QUEUE_SIZE, 2), 0);
	set_bar(QUEUE_SIZE, 2, 8);
	set_bar(QUEUE_DESC, 4, 8);
	set_bar(QUEUE_ENABLE, 2, 1);
	assert_num(p.queue[0].size, 64);
	assert_num(p.queue[1].size, 64);
	assert_false(p.queue[1].enabled);
}

static void a_size_is_a_power_of_two_of_a_split_ring(void **state)
{
	set_bar(QUEUE_SIZE, 2, 48);
	assert_num(bar(QUEUE_SIZE, 2), 64);
	set_bar(QUEUE_SIZE, 2, 16);
	assert_num(bar(QUEUE_SIZE, 2), 16);
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
}

static void vectors_that_there_are_not_read_as_none(void **state)
{
	assert_num(bar(CONFIG_VECTOR, 2), 0xffff);
	set_bar(CONFIG_VECTOR, 2, 2);
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
	set_config(0x10, 4, 0xfebf0000);
	set_bar(STATUS, 1, 0);
	assert_num(event.what, VIRTIO_PCI_STATUS);
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
	assert_num(bar(ISR, 1), 2);
	assert_num(bar(ISR, 1), 0);
}

static void the_configuration_is_what_its_owner_has(void **state)
{
	struct virtio_pci_access at = { VIRTIO_PCI_BAR, DEVICE + 8, 1 };

	p.config[8] = 'v';
	assert_true(virtio_pci_reads_config(&p, &at));
	assert_num(bar(DEVICE + 8, 1), 'v');
	at.offset = DEVICE + 136;
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
		test(it_is_a_virtio_input_device),
		test(capabilities_lead_to_its_parts),
		test(a_bar_tells_its_size),
		test(ids_cannot_be_written),
		test(the_window_reads_and_writes_bars),
		test(vectors_can_be_set_and_not_the_pending_bits),
		test(features_are_offered_in_halves),
		test(features_that_were_offered_are_accepted),
		test(other_features_are_refused),
		test(queues_are_selected),
		test(a_size_is_a_power_of_two_of_a_split_ring),
		test(addresses_come_in_halves_or_at_once),
		test(an_enabled_queue_does_not_change),
		test(vectors_that_there_are_not_read_as_none),
		test(accesses_of_other_widths_change_nothing),
		test(a_reset_is_a_status_of_0),
		test(a_device_that_needs_a_reset_says_so_until_then),
		test(the_isr_is_cleared_by_a_read),
		test(the_configuration_is_what_its_owner_has),
		test(a_write_to_the_configuration_is_told),
		test(each_queue_has_its_doorbell),
	};

	return cmocka_run_group_tests_name("virtio-pci", tests, NULL, NULL);
}
