/* SPDX-License-Identifier: Apache-2.0 */
/* A virtio device as a PCI function: its configuration space (PCI, virtio 1.3
 * §4.1). */
#include <string.h>
#include "tests/lib/virtio-pci-world.h"

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
		assert_num(config(cap + 2, 1), type == 2 ? 20 : 16);
	}
	assert_num(config(find_cap(0x09, 5) + 2, 1), 20);
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
	set_config(0x0b, 1, 0); /* beside the cache line's size */
	set_config(0x0c, 1, 16);
	set_config(0x0d, 1, 0xff);
	assert_num(config(0x0b, 4), 0x1009);
	set_config(0x3c, 1, 11);
	assert_num(config(0x3c, 1), 11);
}

/* What the driver asks of the window, and whether that is an access. */
static const struct window_row {
	uint8_t bar;
	uint32_t offset, length;
	size_t len; /* of the access to its data */
	bool works;
} window_rows[] = {
	{ 0, NUM_QUEUES, 1, 1, true },
	{ 0, NUM_QUEUES, 1, 4, true },
	{ 0, NUM_QUEUES, 2, 2, true },
	{ 0, NUM_QUEUES, 2, 4, true },
	{ 0, NUM_QUEUES - 2, 4, 4, true },
	{ 0, NUM_QUEUES, 2, 1, false },
	{ 0, NUM_QUEUES, 4, 4, false }, /* not its natural width */
	{ 0, NUM_QUEUES, 0, 4, false },
	{ 0, NUM_QUEUES - 1, 3, 4, false },
	{ 0, 0, 8, 4, false },
	{ 1, NUM_QUEUES, 2, 4, false },
	{ 0, VIRTIO_PCI_BAR_LEN - 4, 4, 4, true },
	{ 0, VIRTIO_PCI_BAR_LEN, 4, 4, false },
	{ 0, UINT32_MAX - 3, 4, 4, false },
};

static void the_window_takes_accesses_of_their_width(void **state)
{
	const size_t cap = find_cap(0x09, 5);

	for (size_t i = 0; i < ARRAY_LEN(window_rows); i++) {
		const struct window_row *row = &window_rows[i];
		uint64_t was = UINT64_MAX >> (64 - 8 * row->len);
		uint64_t want = was, there;

		set_config(cap + 4, 1, row->bar);
		set_config(cap + 8, 4, row->offset);
		set_config(cap + 12, 4, row->length);
		/* What cannot be read there leaves the data as it is. */
		p.pci.bytes[cap + 16] = p.pci.bytes[cap + 17] =
			p.pci.bytes[cap + 18] = p.pci.bytes[cap + 19] = 0xff;
		there = row->works ? bar(row->offset, row->length) : want;
		memcpy(&want, &there, row->works ? row->length : 0);
		if (config(cap + 16, row->len) != want)
			fail_msg("row %zu: %#jx, not %#jx", i,
				 (uintmax_t)config(cap + 16, row->len),
				 (uintmax_t)want);
	}
}

static void the_window_shows_whether_config_is_read(void **state)
{
	const size_t cap = find_cap(0x09, 5);
	struct virtio_pci_access at = { VIRTIO_PCI_CONFIG_SPACE, cap + 16, 4 };

	set_config(cap + 8, 4, DEVICE);
	set_config(cap + 12, 4, 4);
	assert_true(virtio_pci_reads_config(&p, &at));
	/* At the same offset of a BAR there is no window. */
	at.region = VIRTIO_PCI_MSIX_BAR;
	assert_false(virtio_pci_reads_config(&p, &at));
	at = (struct virtio_pci_access){ VIRTIO_PCI_CONFIG_SPACE, cap + 12, 4 };
	assert_false(virtio_pci_reads_config(&p, &at));
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
	const size_t cap = find_cap(0x11, -1);

	set_config(cap + 2, 2, 0xffff);
	assert_num(config(cap + 2, 2), 0xc002); /* enabled and masked, of 3 */
	set(VIRTIO_PCI_MSIX_BAR, 0x20, 4, 0xfee00000);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x20, 4), 0xfee00000);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x2c, 4), 1); /* masked */
	set(VIRTIO_PCI_MSIX_BAR, 0x30, 4, 1);
	set(VIRTIO_PCI_MSIX_BAR, 0x800, 8, 1);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x30, 4), 0);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x800, 8), 0);
	/* The last of three, and what is partly behind it. */
	set(VIRTIO_PCI_MSIX_BAR, 0x28, 8, 5);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x28, 8), 5);
	set(VIRTIO_PCI_MSIX_BAR, 0x2c, 8, UINT64_MAX);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x2c, 8), 0);
	virtio_pci_reset(&p);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x28, 8), UINT64_C(1) << 32);
	assert_num(get(VIRTIO_PCI_MSIX_BAR, 0x3c, 4), 0); /* there is none */
}

/* --- what a kind adds --- */

static size_t own_cap, too_long;

static void extend(struct virtio_pci *pci)
{
	struct pci_config *c = &pci->pci;
	static const uint8_t bytes[PCI_CONFIG_LEN] = { 0x09, 0xff, 5 };

	pci_config_add_bar(c, 2, UINT64_C(1) << 33, PCI_BAR_64);
	pci_config_add_bar(c, 4, 256, PCI_BAR_32);
	own_cap = pci_config_add_cap(c, bytes, 5);
	too_long = pci_config_add_cap(c, bytes,
				      PCI_CONFIG_LEN + 1 - (own_cap + 8));
}

static void a_kind_has_bars_and_capabilities_of_its_own(void **state)
{
	struct virtio_pci_kind more = kind;

	more.extend = extend;
	virtio_pci_init(&p, &more, 64);
	assert_num(config(0x18, 4), 4); /* of 64 bits */
	set_config(0x18, 8, UINT64_MAX);
	assert_true(config(0x18, 8) == (~((UINT64_C(1) << 33) - 1) | 4));
	set_config(0x20, 8, UINT64_MAX);
	assert_true(config(0x20, 8) == UINT32_MAX - 255);
	assert_num(own_cap % 4, 0);
	assert_num(config(own_cap, 4), 0x050009); /* the last one */
	assert_num(too_long, 0);
}

static void no_more_is_written_than_was_given(void **state)
{
	struct pci_config c;

	pci_config_init(&c, &(struct pci_ids){ .vendor = 1 });
	pci_config_write(&c, 0x04, "\xff\xff", 1);
	assert_num(c.bytes[0x04], 0x46);
	assert_num(c.bytes[0x05], 0);
}

static void the_last_capability_may_end_with_the_space(void **state)
{
	static const uint8_t bytes[PCI_CONFIG_LEN] = { 0x09 };
	struct pci_config c;

	pci_config_init(&c, &(struct pci_ids){ .vendor = 1 });
	assert_num(pci_config_add_cap(&c, bytes, PCI_CONFIG_LEN - 0x40), 0x40);
	assert_num(c.bytes[0x34], 0x40);
	assert_num(pci_config_add_cap(&c, bytes, 1), 0);
	assert_num(c.bytes[0x41], 0);
}

static void regions_have_their_sizes(void **state)
{
	assert_num(virtio_pci_region_size(&p, 0), 0x4000);
	assert_num(virtio_pci_region_size(&p, 1), 0x1000);
	assert_num(virtio_pci_region_size(&p, 2), 0);
	assert_num(virtio_pci_region_size(&p, 7), PCI_CONFIG_LEN);
	assert_num(virtio_pci_region_size(&p, 8), 0);
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
		test(the_window_takes_accesses_of_their_width),
		test(the_window_shows_whether_config_is_read),
		test(vectors_can_be_set_and_not_the_pending_bits),
		test(a_kind_has_bars_and_capabilities_of_its_own),
		test(no_more_is_written_than_was_given),
		test(the_last_capability_may_end_with_the_space),
		test(regions_have_their_sizes),
	};

	return cmocka_run_group_tests_name("virtio-pci-function", tests, NULL,
					   NULL);
}
