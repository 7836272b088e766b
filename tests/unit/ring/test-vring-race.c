/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rings that a second thread rewrites at full speed while the device uses them:
 * descriptors, tables, indices and buffers, valid and invalid ones in turn.
 * ThreadSanitizer must report no race, ASan no write outside guest memory,
 * which here is one heap block:
 *
 *   0x0000 descriptors   0x1000 avail   0x2000 used
 *   0x3000 table         0x3800 buffers
 */
#include "tests/lib/check.h"

#include <endian.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "input/serve/eventq.h"
#include "input/serve/statusq.h"
#include "tests/lib/random.h"

#define MEM_SIZE 0x4000
#define AVAIL	 0x1000
#define USED	 0x2000
#define TABLE	 0x3000
#define BUFFERS	 0x3800
#define UVA	 0x7f0000000000
#define NUM	 16
/* At least this long, and until all has happened; at most DEADLINE_MS. */
#define RUN_MS	    300
#define DEADLINE_MS 30000

struct race {
	uint8_t *ram;
	struct guest_mem mem;
	struct vring vr;
	bool stop; /* the driver */
	unsigned long turns, events, statuses, breaks;
};

#define put(at, value) __atomic_store_n((at), (value), __ATOMIC_RELAXED)

/* To be written, to be read, or anything. */
static uint16_t some_flags(struct rnd *r)
{
	return (uint16_t)(rnd_one_in(r, 2) ? 2 * rnd_below(r, 2)
					   : rnd_below(r, 8));
}

/* In both layouts the same but for the last two, which the caller swaps. */
static void put_desc(struct race *race, struct rnd *r, size_t at)
{
	uint8_t *d = race->ram + at;
	uint64_t addr = rnd_one_in(r, 64)  ? rnd_next(r)
			: rnd_one_in(r, 4) ? TABLE
			: rnd_one_in(r, 4) ? rnd_below(r, MEM_SIZE)
					   : BUFFERS;
	uint32_t len = rnd_one_in(r, 64) ? (uint32_t)rnd_next(r)
					 : 8 * (1 + rnd_below(r, 4));

	put((uint64_t *)(void *)d, htole64(addr));
	put((uint32_t *)(void *)(d + 8), htole32(len));
	put((uint16_t *)(void *)(d + 12), some_flags(r));
	put((uint16_t *)(void *)(d + 14), (uint16_t)rnd_below(r, NUM + 1));
}

/* The flags make it available in one round or the other. */
static void put_packed_desc(struct race *race, struct rnd *r, size_t at)
{
	uint16_t flags = some_flags(r);

	put_desc(race, r, at);
	put((uint16_t *)(void *)(race->ram + at + 14),
	    flags | (rnd_one_in(r, 2) ? 1u << 7 : 1u << 15));
}

static void put_avail(struct race *race, struct rnd *r)
{
	uint16_t *avail = (uint16_t *)(void *)(race->ram + AVAIL);
	const uint16_t *used = (uint16_t *)(void *)(race->ram + USED);
	uint16_t idx = __atomic_load_n(&used[1], __ATOMIC_RELAXED);

	idx += rnd_one_in(r, 1000) ? (uint16_t)rnd_next(r)
				   : (uint16_t)rnd_below(r, NUM);
	put(&avail[0], (uint16_t)rnd_below(r, 4));
	put(&avail[1], idx);
	put(&avail[2 + rnd_below(r, NUM + 1)],
	    (uint16_t)rnd_below(r, rnd_one_in(r, 100) ? NUM + 1 : NUM));
}

static void put_anything(struct race *race, struct rnd *r)
{
	put(race->ram + rnd_below(r, MEM_SIZE), (uint8_t)rnd_next(r));
}

static void *drive(void *arg)
{
	struct race *race = arg;
	struct rnd r = { 1 };

	while (!__atomic_load_n(&race->stop, __ATOMIC_RELAXED)) {
		size_t i = 16 * rnd_below(&r, NUM);

		if (race->vr.packed)
			put_packed_desc(race, &r, i);
		else
			put_desc(race, &r, i);
		put_desc(race, &r, TABLE + i);
		put_avail(race, &r);
		if (rnd_one_in(&r, 100))
			put_anything(race, &r);
	}
	return NULL;
}

static void count(void *arg, const struct vi_event *ev, size_t n)
{
	struct race *race = arg;

	race->statuses += n;
}

static void start(struct race *race)
{
	static const struct vring_addrs addrs = { { UVA },
						  { UVA + AVAIL },
						  { UVA + USED } };

	/* Of a packed ring: a driver that starts. */
	if (race->vr.packed)
		put((uint32_t *)(void *)(race->ram + USED), 0);
	assert_ok(vring_map(&race->vr, &race->mem, &addrs));
	assert_ok(vring_resume(&race->vr, 0x80008000));
}

/* LEDs: what is written here is read as a status sooner or later. */
static int put_events(struct race *race)
{
	const struct vi_event led = vi_event(EV_LED, LED_CAPSL, 1);
	const struct vi_event ev[3] = { led, led, led };
	size_t taken;
	int r = eventq_put(&race->vr, ev, 3, &taken);

	assert_true(taken <= 3);
	race->events += taken;
	return r;
}

/*
 * Use the ring as an eventq and a statusq by turns.
 * Return: 0 or VRING_E_*.
 */
static int turn(struct race *race)
{
	int r = race->turns++ % 2 ? put_events(race)
				  : statusq_take(&race->vr, count, race);

	vring_publish(&race->vr);
	if (!r)
		vring_ask_kicks(&race->vr, race->turns & 2);
	return r;
}

static long ms_since(const struct timespec *began)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - began->tv_sec) * 1000 +
	       (now.tv_nsec - began->tv_nsec) / 1000000;
}

static bool all_happened(const struct race *race)
{
	return race->events > 10 && race->statuses > 10 && race->breaks > 10;
}

static void serve(struct race *race)
{
	struct timespec began;
	long ms;

	clock_gettime(CLOCK_MONOTONIC, &began);
	do {
		int r = turn(race);

		assert_true(r >= 0 && r <= VRING_E_SHORT);
		if (r) {
			race->breaks++;
			start(race);
			/* Only the driver can repair it. */
			sched_yield();
		}
		ms = ms_since(&began);
	} while (ms < RUN_MS || (ms < DEADLINE_MS && !all_happened(race)));
}

static void run(struct vring layout)
{
	struct race race = { .vr = layout };
	struct guest_region all = { { 0 }, { UVA }, MEM_SIZE, NULL };
	const struct vi_event led = vi_event(EV_LED, LED_CAPSL, 1);
	pthread_t driver;

	race.ram = all.local = calloc(1, MEM_SIZE);
	assert_non_null(race.ram);
	guest_mem_add(&race.mem, &all);
	for (size_t i = BUFFERS; i < MEM_SIZE; i += sizeof(led))
		memcpy(race.ram + i, &led, sizeof(led));
	race.vr.num = NUM;
	race.vr.indirect = true;
	start(&race);
	assert_ok(pthread_create(&driver, NULL, drive, &race));
	serve(&race);
	put(&race.stop, true);
	assert_ok(pthread_join(driver, NULL));
	free(race.ram);
	/* Without progress there was no race to see. */
	assert_true(all_happened(&race));
}

static void a_split_ring_may_change_at_any_time(void **state)
{
	run((struct vring){ .packed = false });
}

static void a_split_ring_with_event_idx_may_change_at_any_time(void **state)
{
	run((struct vring){ .event_idx = true });
}

static void a_packed_ring_may_change_at_any_time(void **state)
{
	run((struct vring){ .packed = true, .event_idx = true });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_split_ring_may_change_at_any_time),
		cmocka_unit_test(
			a_split_ring_with_event_idx_may_change_at_any_time),
		cmocka_unit_test(a_packed_ring_may_change_at_any_time),
	};

	return cmocka_run_group_tests_name("vring-race", tests, NULL, NULL);
}
