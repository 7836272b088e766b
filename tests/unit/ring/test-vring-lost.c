/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver and a device that wait for each other again and again, on two CPUs:
 * no kick and no call is lost. On x86 this finds a missing full barrier, which
 * keeps a store behind a later load. What weaker CPUs do is searched by
 * tests/model/notify.pml; an emulated one (qemu-user) does not show it.
 */
#include "tests/lib/check.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

/* Linux has another struct of that name. */
#define vring vring_of_linux
#include "injector/frontend/frontend-ring.h"
#undef vring
#include "input/device/event.h"
#include "input/ring/vring.h"
#include "tests/lib/clock.h"
#include "tests/lib/process.h"
#include "tests/lib/random.h"

#define NUM	 4
#define MEM_SIZE 4096
#define RUN_MS	 150

struct pair {
	struct fe_memory fe_mem;
	struct fe_ring ring; /* the driver's */
	struct guest_mem mem;
	struct vring vr; /* the device's */
	bool kick, call, end;
	unsigned long taken, given;
	unsigned int lost_calls, lost_kicks;
};

/*
 * A flag instead of an event fd: the less time passes from one wait to the
 * next, the more often the two meet. Return: whether a notification came.
 */
static bool wait_for(bool *flag)
{
	const double end = clock_ms() + DEADLINE_MS;

	for (unsigned int n = 1;
	     !__atomic_exchange_n(flag, false, __ATOMIC_ACQ_REL); n++) {
		if (n % 64 == 0)
			sched_yield();
		if (n % 4096 == 0 && clock_ms() > end)
			return false;
	}
	return true;
}

static void notify(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

/* Takes what was used, and makes it available again. */
static void *drive(void *arg)
{
	struct pair *pair = arg;
	struct vring_used_elem elem;

	for (;;) {
		const unsigned long before = pair->taken;

		while (!fe_ring_take(&pair->ring, &elem)) {
			fe_ring_post(&pair->ring, (uint16_t)elem.id);
			pair->taken++;
		}
		if (pair->taken != before) {
			fe_ring_publish(&pair->ring);
			if (fe_ring_wants_kick(&pair->ring))
				notify(&pair->kick);
			continue;
		}
		if (__atomic_load_n(&pair->end, __ATOMIC_ACQUIRE))
			return NULL;
		if (!wait_for(&pair->call)) {
			pair->lost_calls++;
			return NULL;
		}
	}
}

/* As pump.c does it. Return: whether a kick came for the rest. */
static bool give(struct pair *pair, size_t n)
{
	static const struct vi_event ev[2 * NUM];
	size_t done;

	for (;;) {
		assert_ok(vring_write_each(&pair->vr, ev, sizeof(ev[0]), n,
					   &done));
		pair->given += done;
		n -= done;
		if (vring_publish(&pair->vr))
			notify(&pair->call);
		vring_ask_kicks(&pair->vr, n);
		if (!n)
			return true;
		if (vring_ready(&pair->vr) != VRING_READY &&
		    !wait_for(&pair->kick)) {
			pair->lost_kicks++;
			return false;
		}
	}
}

static uint64_t uva(const struct pair *pair, const void *area)
{
	return fe_user_addr(&pair->fe_mem, area);
}

static void begin(struct pair *pair, enum fe_layout layout, bool event_idx)
{
	struct guest_region all = { { 0 }, { 0 }, MEM_SIZE, NULL };

	assert_ok(fe_memory_init(&pair->fe_mem, MEM_SIZE));
	assert_ok(fe_ring_init(&pair->ring, &pair->fe_mem, NUM, layout));
	pair->ring.event_idx = event_idx;
	for (uint16_t i = 0; i < NUM; i++) {
		fe_ring_set_buffer(&pair->ring, &pair->fe_mem, i,
				   VRING_DESC_F_WRITE);
		fe_ring_post(&pair->ring, i);
	}
	fe_ring_publish(&pair->ring);
	all.gpa.v = pair->fe_mem.guest_addr;
	all.uva.v = pair->fe_mem.user_addr;
	all.local = pair->fe_mem.base;
	guest_mem_add(&pair->mem, &all);
	pair->vr = (struct vring){ .num = NUM,
				   .packed = layout == FE_PACKED,
				   .event_idx = event_idx };
	assert_ok(vring_map(&pair->vr, &pair->mem,
			    &(struct vring_addrs){
				    { uva(pair, pair->ring.desc_area) },
				    { uva(pair, pair->ring.driver_area) },
				    { uva(pair, pair->ring.device_area) } }));
	assert_ok(vring_resume(&pair->vr, fe_ring_base_after(&pair->ring, 0)));
}

static void run(enum fe_layout layout, bool event_idx)
{
	struct pair pair = { .taken = 0 };
	struct rnd rnd = { 1 };
	pthread_t driver;

	begin(&pair, layout, event_idx);
	assert_ok(pthread_create(&driver, NULL, drive, &pair));
	for (double end = clock_ms() + RUN_MS; clock_ms() < end;)
		if (!give(&pair, 1 + rnd_below(&rnd, 2 * NUM)))
			break;
	__atomic_store_n(&pair.end, true, __ATOMIC_RELEASE);
	notify(&pair.call);
	assert_ok(pthread_join(driver, NULL));
	assert_num(pair.lost_calls, 0);
	assert_num(pair.lost_kicks, 0);
	assert_num(pair.taken, pair.given);
	fe_ring_fini(&pair.ring);
	fe_memory_fini(&pair.fe_mem);
}

static void a_split_ring_loses_no_notification(void **state)
{
	run(FE_SPLIT, false);
}

static void a_split_ring_with_event_idx_loses_no_notification(void **state)
{
	run(FE_SPLIT, true);
}

static void a_packed_ring_loses_no_notification(void **state)
{
	run(FE_PACKED, false);
}

static void a_packed_ring_with_event_idx_loses_no_notification(void **state)
{
	run(FE_PACKED, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_split_ring_loses_no_notification),
		cmocka_unit_test(
			a_split_ring_with_event_idx_loses_no_notification),
		cmocka_unit_test(a_packed_ring_loses_no_notification),
		cmocka_unit_test(
			a_packed_ring_with_event_idx_loses_no_notification),
	};

	return cmocka_run_group_tests_name("vring-lost", tests, NULL, NULL);
}
