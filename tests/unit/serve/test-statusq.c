/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The statusq over one region of memory:
 *
 *   0x0000 descriptor table   0x4000 avail   0x6000 used   0x8000 buffers
 */
#include "tests/lib/check.h"

#include <endian.h>
#include <string.h>

#include "input/serve/statusq.h"

#define MEM_SIZE 0x10000
#define AVAIL	 0x4000
#define USED	 0x6000
#define BUFFERS	 0x8000
#define UVA	 0x7f0000000000
#define NUM	 256

static _Alignas(4096) uint8_t ram[MEM_SIZE];
static struct guest_mem mem;
static size_t passed_on;

static void count(void *arg, const struct vi_event *ev, size_t n)
{
	passed_on += n;
}

/* A buffer with one event for each of the first n descriptors. */
static struct vring ring_with(uint16_t n, struct vi_event ev)
{
	static const struct vring_addrs addrs = { { UVA },
						  { UVA + AVAIL },
						  { UVA + USED } };
	struct guest_region all = { { 0 }, { UVA }, MEM_SIZE, ram };
	struct vring vr = { .num = NUM };
	uint16_t *avail = (uint16_t *)(void *)(ram + AVAIL);

	memset(ram, 0, sizeof(ram));
	for (uint16_t i = 0; i < n; i++) {
		uint64_t *desc = (uint64_t *)(void *)ram + 2 * i;

		desc[0] = htole64(BUFFERS + sizeof(ev) * i);
		desc[1] = htole64(sizeof(ev));
		memcpy(ram + BUFFERS + sizeof(ev) * i, &ev, sizeof(ev));
		avail[2 + i] = htole16(i);
	}
	avail[1] = htole16(n);
	passed_on = 0;
	mem = (struct guest_mem){ 0 };
	guest_mem_add(&mem, &all);
	assert_ok(vring_map(&vr, &mem, &addrs));
	assert_ok(vring_resume(&vr, 0));
	return vr;
}

static void leds_are_passed_on(void **state)
{
	struct vring vr = ring_with(3, vi_event(EV_LED, LED_CAPSL, 1));

	assert_ok(statusq_take(&vr, count, NULL));
	assert_num(passed_on, 3);
	assert_num(vring_ready(&vr), 0);
}

static void scan_codes_are_used_but_not_passed_on(void **state)
{
	struct vring vr = ring_with(3, vi_event(EV_MSC, MSC_SCAN, 1));

	assert_ok(statusq_take(&vr, count, NULL));
	assert_num(passed_on, 0);
	assert_num(vring_ready(&vr), 0);
}

/* However many there are: something else wants its turn, too. */
static void so_many_buffers_are_taken_at_once_and_no_more(void **state)
{
	struct vring vr = ring_with(NUM, vi_event(EV_LED, LED_CAPSL, 1));

	assert_ok(statusq_take(&vr, count, NULL));
	assert_num(passed_on, STATUSQ_BUFFERS_MAX);
	assert_num(vring_ready(&vr), 1);
	for (int i = 1; i < NUM / STATUSQ_BUFFERS_MAX; i++)
		assert_ok(statusq_take(&vr, count, NULL));
	assert_num(passed_on, NUM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leds_are_passed_on),
		cmocka_unit_test(scan_codes_are_used_but_not_passed_on),
		cmocka_unit_test(so_many_buffers_are_taken_at_once_and_no_more),
	};

	return cmocka_run_group_tests_name("statusq", tests, NULL, NULL);
}
