/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The consumer of an injection ring. The last test is for TSan as well: a
 * producer in another thread, and both ends sleep.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include "input/injection/ring-consumer.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define SIZE   RING_SIZE_MIN
#define STRESS 300000 /* events */

struct shared {
	struct ring_consumer_part consumer;
	/* As from RING_PRODUCER on. */
	union {
		struct ring_producer_part producer;
		uint8_t bytes[RING_EVENTS - RING_PRODUCER +
			      SIZE * sizeof(struct vi_event)];
	};
	struct ring_consumer c;
	sem_t kick, space;
};

static int shared_setup(void **state)
{
	struct shared *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	fill_with_garbage(&s->c);
	ring_consumer_init(&s->c, &s->consumer, s->bytes, SIZE);
	sem_init(&s->kick, 0, 0);
	sem_init(&s->space, 0, 0);
	*state = s;
	return 0;
}

static int shared_teardown(void **state)
{
	free(*state);
	return 0;
}

static struct vi_event *event_of(struct shared *s, uint32_t i)
{
	return (struct vi_event *)(void *)(s->bytes +
					   (RING_EVENTS - RING_PRODUCER)) +
	       (i & (SIZE - 1));
}

static struct vi_event number(uint32_t i)
{
	return vi_event(EV_REL, REL_X, (int32_t)i);
}

/* Return: whether to kick. */
static bool publish(struct shared *s, uint32_t from, uint32_t to)
{
	__atomic_store_n(&s->producer.put, to, __ATOMIC_SEQ_CST);
	return ring_has_passed(
		__atomic_load_n(&s->consumer.kick_at, __ATOMIC_SEQ_CST), from,
		to);
}

static bool put(struct shared *s, uint32_t n)
{
	const uint32_t from = s->producer.put;

	for (uint32_t i = from; i != from + n; i++)
		*event_of(s, i) = number(i);
	return publish(s, from, from + n);
}

static size_t take(struct shared *s, size_t max)
{
	struct vi_event ev[2 * SIZE];
	const uint32_t from = s->c.taken;
	size_t n;

	assert_true(max <= 2 * SIZE);
	assert_num(ring_consumer_take(&s->c, ev, max, &n), 0);
	for (uint32_t i = 0; i < n; i++)
		assert_num(vi_value(&ev[i]), (int32_t)(from + i));
	return n;
}

static void a_file_has_the_length_of_a_ring(void **state)
{
	assert_num(ring_size_of(RING_FILE_LEN(64)), 64);
	assert_num(ring_size_of(RING_FILE_LEN(4096)), 4096);
	assert_num(ring_size_of(RING_FILE_LEN(RING_SIZE_MAX)), RING_SIZE_MAX);
	assert_num(ring_size_of(RING_FILE_LEN(32)), 0);
	assert_num(ring_size_of(RING_FILE_LEN(64) + 1), 0);
	assert_num(ring_size_of(RING_FILE_LEN(96)), 0);
	assert_num(ring_size_of(RING_FILE_LEN(2 * RING_SIZE_MAX)), 0);
	assert_num(ring_size_of(0), 0);
	assert_num(ring_size_of(UINT64_MAX), 0);
}

static void events_go_round(void **state)
{
	struct shared *s = *state;

	assert_num(take(s, SIZE), 0);
	for (uint32_t n = 1; n <= SIZE; n++) {
		put(s, n);
		assert_num(take(s, 2 * SIZE), n);
		assert_num(s->consumer.taken, s->producer.put);
	}
}

static void at_most_so_many_are_taken(void **state)
{
	struct shared *s = *state;

	put(s, 10);
	assert_num(take(s, 3), 3);
	assert_num(take(s, 0), 0);
	assert_num(s->consumer.taken, 3);
	assert_num(take(s, SIZE), 7);
}

static void indices_wrap(void **state)
{
	struct shared *s = *state;

	s->c.taken = s->consumer.taken = s->producer.put = UINT32_MAX - 5;
	assert_true(ring_consumer_rest(&s->c));
	assert_true(put(s, 20));
	assert_num(take(s, SIZE), 20);
	assert_num(s->consumer.taken, 14);
	assert_true(ring_consumer_rest(&s->c));
}

static void impossible_indices_are_errors(void **state)
{
	static const uint32_t ahead[] = { SIZE + 1, 0x80000000, UINT32_MAX };
	struct shared *s = *state;
	struct vi_event ev[SIZE];
	size_t n = 9;

	put(s, 7);
	take(s, SIZE);
	for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
		s->producer.put = s->c.taken + ahead[i];
		assert_num(ring_consumer_take(&s->c, ev, SIZE, &n),
			   RING_E_INDEX);
		assert_num(n, 0);
		assert_num(s->c.taken, 7);
	}
}

/* Whatever the producer writes there. */
static void its_own_indices_are_not_read_back(void **state)
{
	struct shared *s = *state;

	put(s, 10);
	take(s, 4);
	s->consumer.taken = 4711;
	s->consumer.kick_at = 4711;
	assert_num(take(s, SIZE), 6);
	assert_num(s->consumer.taken, 10);
}

static void what_is_put_after_the_end_is_not_taken(void **state)
{
	struct shared *s = *state;

	put(s, 10);
	take(s, 4);
	ring_consumer_close(&s->c);
	assert_false(ring_consumer_is_over(&s->c));
	put(s, 10);
	assert_num(take(s, 3), 3);
	assert_num(take(s, SIZE), 3);
	assert_true(ring_consumer_is_over(&s->c));
	assert_num(take(s, SIZE), 0);
}

static void it_has_begun_once_something_was_put(void **state)
{
	struct shared *s = *state;

	assert_false(ring_consumer_has_begun(&s->c));
	put(s, 1);
	assert_true(ring_consumer_has_begun(&s->c));
	take(s, 1);
	assert_true(ring_consumer_has_begun(&s->c));
	s->producer.put = 0;
	assert_true(ring_consumer_has_begun(&s->c));
}

static void a_kick_is_due_once_after_a_rest(void **state)
{
	struct shared *s = *state;

	assert_true(put(s, 1));
	assert_false(put(s, 3));
	assert_false(ring_consumer_rest(&s->c));
	take(s, SIZE);
	/* kick_at is that of the rest before: 0. */
	assert_false(put(s, 1));
	take(s, SIZE);
	assert_true(ring_consumer_rest(&s->c));
	assert_true(put(s, 5));
	assert_false(put(s, 5));
}

static void a_producer_is_told_once(void **state)
{
	struct shared *s = *state;

	s->producer.tell = RING_TELL_SOCKET | 0xf0;
	s->producer.space_at = 5;
	put(s, 20);
	take(s, 5);
	assert_num(ring_consumer_tells(&s->c, 0), 0);
	take(s, 1);
	assert_num(ring_consumer_tells(&s->c, 5), RING_TELL_SOCKET);
	take(s, SIZE);
	assert_num(ring_consumer_tells(&s->c, 6), 0);
}

/* --- two threads --- */

static void wait_for_space(struct shared *s, uint32_t put)
{
	const uint32_t taken =
		__atomic_load_n(&s->consumer.taken, __ATOMIC_SEQ_CST);

	if (put - taken < SIZE)
		return;
	__atomic_store_n(&s->producer.tell, RING_TELL_FUTEX, __ATOMIC_RELAXED);
	__atomic_store_n(&s->producer.space_at, taken, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&s->consumer.taken, __ATOMIC_SEQ_CST) == taken)
		sem_wait(&s->space);
}

static void *produce(void *arg)
{
	struct shared *s = arg;
	uint32_t at = 0;

	while (at < STRESS) {
		uint32_t to = at + 1 + at % 7;

		wait_for_space(s, at);
		const uint32_t space =
			SIZE - (at - __atomic_load_n(&s->consumer.taken,
						     __ATOMIC_ACQUIRE));
		if (to > STRESS)
			to = STRESS;
		if (to - at > space)
			to = at + space;
		for (uint32_t i = at; i != to; i++)
			*event_of(s, i) = number(i);
		if (publish(s, at, to))
			sem_post(&s->kick);
		at = to;
	}
	return NULL;
}

static void two_threads_lose_nothing(void **state)
{
	struct shared *s = *state;
	pthread_t thread;

	assert_num(pthread_create(&thread, NULL, produce, s), 0);
	while (s->c.taken < STRESS) {
		const uint32_t from = s->c.taken;

		if (take(s, 1 + from % 40)) {
			if (ring_consumer_tells(&s->c, from))
				sem_post(&s->space);
		} else if (ring_consumer_rest(&s->c)) {
			sem_wait(&s->kick);
		}
	}
	assert_num(pthread_join(thread, NULL), 0);
	assert_num(take(s, SIZE), 0);
}

int main(void)
{
#define T(name) \
	cmocka_unit_test_setup_teardown(name, shared_setup, shared_teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_has_the_length_of_a_ring),
		T(events_go_round),
		T(at_most_so_many_are_taken),
		T(indices_wrap),
		T(impossible_indices_are_errors),
		T(its_own_indices_are_not_read_back),
		T(what_is_put_after_the_end_is_not_taken),
		T(it_has_begun_once_something_was_put),
		T(a_kick_is_due_once_after_a_rest),
		T(a_producer_is_told_once),
		T(two_threads_lose_nothing),
	};

	return cmocka_run_group_tests_name("ring-consumer", tests, NULL, NULL);
}
