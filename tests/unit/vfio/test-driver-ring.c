/* SPDX-License-Identifier: Apache-2.0 */
/* driver-ring.h, with a device that keeps to the ring, and ones that do not. */
#include <linux/virtio_ring.h>
#include <string.h>
#include "input/vfio/driver-ring.h"
#include "tests/lib/check.h"

#define NUM 8
#define BUS UINT64_C(0x1000000)

static _Alignas(4096) uint8_t memory[DRIVER_RING_LEN];
static struct driver_ring ring;
static const struct vring_desc *desc = (void *)(memory + DRIVER_RING_DESC);
static const struct vring_avail *avail = (void *)(memory + DRIVER_RING_AVAIL);
static struct vring_used *used = (void *)(memory + DRIVER_RING_USED);

static int setup(void **state)
{
	memset(memory, 0xff, sizeof(memory));
	driver_ring_init(&ring, memory, BUS, NUM);
	ring.writable = true;
	return 0;
}

/* The device uses a buffer. */
static void use(uint32_t id, uint32_t len)
{
	used->ring[used->idx % NUM] = (vring_used_elem_t){ id, len };
	used->idx++;
}

static int take(unsigned int *buffer, uint32_t *len)
{
	return driver_ring_take(&ring, buffer, len);
}

static void assert_breaks(void)
{
	unsigned int buffer;
	uint32_t len;

	assert_num(take(&buffer, &len), DRIVER_RING_E_USED);
	/* And stays broken. */
	assert_num(take(&buffer, &len), DRIVER_RING_E_USED);
}

static void a_buffer_is_shown_to_the_device(void **state)
{
	assert_true(driver_ring_post(&ring, 3, 100));
	assert_num(avail->idx, 1);
	assert_num(avail->ring[0], 3);
	assert_num(desc[3].addr,
		   BUS + DRIVER_RING_DATA + 3 * DRIVER_RING_BUFFER);
	assert_num(desc[3].len, 100);
	assert_num(desc[3].flags, VRING_DESC_F_WRITE);
	assert_ptr_equal(driver_ring_data(&ring, 3),
			 memory + DRIVER_RING_DATA + 3 * DRIVER_RING_BUFFER);
}

static void a_buffer_to_read_is_not_writable(void **state)
{
	ring.writable = false;
	driver_ring_post(&ring, 0, 12);
	assert_num(desc[0].flags, 0);
}

static void buffers_come_back_in_the_order_of_their_use(void **state)
{
	unsigned int buffer;
	uint32_t len;

	for (unsigned int i = 0; i < 3; i++)
		driver_ring_post(&ring, i, 100);
	assert_num(take(&buffer, &len), 0);
	use(2, 24);
	use(0, 12);
	assert_num(take(&buffer, &len), 1);
	assert_num(buffer, 2);
	assert_num(len, 24);
	assert_num(take(&buffer, &len), 1);
	assert_num(buffer, 0);
	assert_num(take(&buffer, &len), 0);
	assert_num(driver_ring_free(&ring), 0);
}

static void the_ring_goes_round(void **state)
{
	unsigned int buffer;
	uint32_t len;

	for (unsigned int i = 0; i < 70000; i++) {
		assert_num(driver_ring_free(&ring), 0);
		driver_ring_post(&ring, 0, 100);
		assert_num(avail->idx, (uint16_t)(i + 1));
		assert_num(avail->ring[i % NUM], 0);
		use(0, 1);
		assert_num(take(&buffer, &len), 1);
	}
}

static void all_buffers_may_come_back_at_once_and_full(void **state)
{
	unsigned int buffer;
	uint32_t len;

	for (unsigned int i = 0; i < NUM; i++)
		driver_ring_post(&ring, i, DRIVER_RING_BUFFER);
	for (unsigned int i = 0; i < NUM; i++)
		use(i, DRIVER_RING_BUFFER);
	for (unsigned int i = 0; i < NUM; i++) {
		assert_num(take(&buffer, &len), 1);
		assert_num(buffer, i);
		assert_num(len, DRIVER_RING_BUFFER);
	}
}

static void no_buffer_is_free_when_the_device_has_all(void **state)
{
	for (unsigned int i = 0; i < NUM; i++) {
		assert_num(driver_ring_free(&ring), i);
		driver_ring_post(&ring, i, 100);
	}
	assert_num(driver_ring_free(&ring), -1);
}

static void a_device_may_suppress_notifications(void **state)
{
	used->flags = VRING_USED_F_NO_NOTIFY;
	assert_false(driver_ring_post(&ring, 0, 100));
	used->flags = 0;
	assert_true(driver_ring_post(&ring, 1, 100));
}

static void a_buffer_that_does_not_exist_breaks_the_ring(void **state)
{
	driver_ring_post(&ring, 0, 100);
	use(NUM, 1);
	assert_breaks();
	setup(NULL);
	use(UINT32_MAX, 1);
	assert_breaks();
}

static void a_buffer_that_the_device_lacks_breaks_the_ring(void **state)
{
	unsigned int buffer;
	uint32_t len;

	driver_ring_post(&ring, 0, 100);
	use(1, 1);
	assert_breaks();
	setup(NULL);
	driver_ring_post(&ring, 0, 100);
	use(0, 1);
	assert_num(take(&buffer, &len), 1);
	use(0, 1);
	assert_breaks();
}

static void an_index_too_far_breaks_the_ring(void **state)
{
	driver_ring_post(&ring, 0, 100);
	used->idx = NUM + 1;
	assert_breaks();
	used->idx = UINT16_MAX;
	assert_breaks();
}

static void more_bytes_than_a_buffer_has_break_the_ring(void **state)
{
	driver_ring_post(&ring, 0, DRIVER_RING_BUFFER);
	use(0, DRIVER_RING_BUFFER + 1);
	assert_breaks();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_buffer_is_shown_to_the_device, setup),
		cmocka_unit_test_setup(a_buffer_to_read_is_not_writable, setup),
		cmocka_unit_test_setup(
			buffers_come_back_in_the_order_of_their_use, setup),
		cmocka_unit_test_setup(the_ring_goes_round, setup),
		cmocka_unit_test_setup(
			all_buffers_may_come_back_at_once_and_full, setup),
		cmocka_unit_test_setup(
			no_buffer_is_free_when_the_device_has_all, setup),
		cmocka_unit_test_setup(a_device_may_suppress_notifications,
				       setup),
		cmocka_unit_test_setup(
			a_buffer_that_does_not_exist_breaks_the_ring, setup),
		cmocka_unit_test_setup(
			a_buffer_that_the_device_lacks_breaks_the_ring, setup),
		cmocka_unit_test_setup(an_index_too_far_breaks_the_ring, setup),
		cmocka_unit_test_setup(
			more_bytes_than_a_buffer_has_break_the_ring, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
