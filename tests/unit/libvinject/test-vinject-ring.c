/* SPDX-License-Identifier: Apache-2.0 */
/* vinject-ring.h: the server's end is the same memory, used by the test. */
#include "tests/lib/check.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "injector/libvinject/vinject-ring.h"
#include "tests/lib/deny.h"
#include "tests/lib/garbage.h"

#define SIZE VINJECT_RING_SIZE

static struct vinject_ring ring;
static struct vi_event ev[SIZE + 1]; /* numbered from 0 */

/* What was waited for; nothing is. */
static struct {
	const void *word;
	uint32_t value;
	long ns;
} waited;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
long syscall(long number, ...)
{
	long (*real)(long, ...) =
		(long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	va_list args;
	long arg[4];

	va_start(args, number);
	for (int i = 0; i < 4; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (number != SYS_futex || arg[1] != FUTEX_WAIT)
		return real(number, arg[0], arg[1], arg[2], arg[3]);
	waited.word = (const void *)arg[0];
	waited.value = (uint32_t)arg[2];
	waited.ns = ((const struct timespec *)arg[3])->tv_nsec;
	return 0;
}

static int setup(void **state)
{
	memset(&waited, 0, sizeof(waited));
	for (int i = 0; i < SIZE + 1; i++)
		ev[i] = vi_event(EV_MSC, MSC_RAW, i);
	fill_with_garbage(&ring);
	assert_ok(vinject_ring_open(&ring));
	return 0;
}

static int teardown(void **state)
{
	vinject_ring_close(&ring);
	return 0;
}

static void server_takes(uint32_t n)
{
	__atomic_add_fetch(&ring.theirs->taken, n, __ATOMIC_SEQ_CST);
}

/* Return: whether the server has been kicked since. */
static bool is_kicked(void)
{
	uint64_t kicks;

	return read(ring.event_fd, &kicks, sizeof(kicks)) == sizeof(kicks);
}

static int number_at(uint32_t place)
{
	return vi_value(&ring.events[place]);
}

static void the_file_is_as_the_server_expects_it(void **state)
{
	const struct vi_event *events;
	uint8_t *memory;

	assert_num(lseek(ring.fd, 0, SEEK_END), RING_FILE_LEN(SIZE));
	assert_num(fcntl(ring.fd, F_GET_SEALS),
		   F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	assert_num(fcntl(ring.fd, F_GETFD), FD_CLOEXEC);
	assert_num(fcntl(ring.event_fd, F_GETFD), FD_CLOEXEC);
	assert_num(ring.put, 0);
	assert_true(vinject_ring_is_empty(&ring));
	assert_num(vinject_ring_put(&ring, ev, 3), 3);
	memory = mmap(NULL, RING_FILE_LEN(SIZE), PROT_READ, MAP_SHARED, ring.fd,
		      0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	events = (const void *)(memory + RING_EVENTS);
	assert_num(((struct ring_producer_part *)(memory + RING_PRODUCER))->put,
		   3);
	assert_memory_equal(events, ev, 3 * sizeof(*ev));
	munmap(memory, RING_FILE_LEN(SIZE));
	((struct ring_consumer_part *)ring.memory)->taken = 3;
	assert_true(vinject_ring_is_empty(&ring));
}

static void what_has_no_space_is_left(void **state)
{
	assert_num(vinject_ring_put(&ring, ev, SIZE - 1), SIZE - 1);
	assert_num(vinject_ring_put(&ring, ev + SIZE - 1, 2), 1);
	assert_num(vinject_ring_put(&ring, ev, 1), 0);
	assert_num(ring.ours->put, SIZE);
	for (uint32_t i = 0; i < SIZE; i++)
		assert_num(number_at(i), i);
	assert_false(vinject_ring_is_empty(&ring));
}

/* Both parts of what goes over the end of the ring. */
static void the_end_is_followed_by_the_beginning(void **state)
{
	assert_num(vinject_ring_put(&ring, ev, SIZE - 2), SIZE - 2);
	server_takes(SIZE - 3);
	assert_num(vinject_ring_put(&ring, ev, 5), 5);
	assert_num(number_at(SIZE - 3), SIZE - 3);
	assert_num(number_at(SIZE - 2), 0);
	assert_num(number_at(SIZE - 1), 1);
	for (uint32_t i = 0; i < 3; i++)
		assert_num(number_at(i), i + 2);
	assert_num(number_at(3), 3); /* it was there before */
	assert_num(ring.ours->put, SIZE + 3);
	/* All but one may be written, and that one only once it is taken. */
	assert_num(vinject_ring_put(&ring, ev, SIZE), SIZE - 6);
	assert_num(number_at(SIZE - 3), SIZE - 3);
}

static void a_count_that_cannot_be_gives_no_space(void **state)
{
	assert_num(vinject_ring_put(&ring, ev, 2), 2);
	server_takes(3);
	assert_num(vinject_ring_put(&ring, ev, 1), 0);
	ring.theirs->taken = 2u - SIZE - 1;
	assert_num(vinject_ring_put(&ring, ev, 1), 0);
	ring.theirs->taken = 2u - SIZE + 1;
	assert_num(vinject_ring_put(&ring, ev, 2), 1);
}

static void the_server_is_kicked_when_it_sleeps(void **state)
{
	ring.theirs->kick_at = 1;
	assert_num(vinject_ring_put(&ring, ev, 1), 1);
	assert_false(is_kicked());
	assert_num(vinject_ring_put(&ring, ev, 1), 1);
	assert_true(is_kicked());
	assert_num(vinject_ring_put(&ring, ev, 1), 1);
	assert_false(is_kicked());
	ring.theirs->kick_at = 5;
	assert_num(vinject_ring_put(&ring, ev, 9), 9);
	assert_true(is_kicked());
}

static void a_kick_that_finds_no_room_is_none(void **state)
{
	const uint64_t full = UINT64_MAX - 1;

	assert_num(write(ring.event_fd, &full, sizeof(full)), sizeof(full));
	assert_num(vinject_ring_put(&ring, ev, 1), 1);
	assert_num(ring.ours->put, 1);
	assert_true(is_kicked());
}

static void space_is_half_of_the_ring(void **state)
{
	assert_num(vinject_ring_put(&ring, ev, SIZE / 2), SIZE / 2);
	assert_true(vinject_ring_want_space(&ring, RING_TELL_SOCKET));
	assert_num(vinject_ring_put(&ring, ev, 1), 1);
	assert_false(vinject_ring_want_space(&ring, RING_TELL_SOCKET));
	assert_num(ring.ours->tell, RING_TELL_SOCKET);
	/* It is told by what takes the event that makes it half. */
	assert_false(ring_has_passed(ring.ours->space_at, UINT32_MAX, 0));
	assert_true(ring_has_passed(ring.ours->space_at, 0, 1));
	server_takes(1);
	assert_true(vinject_ring_want_space(&ring, 0));
	assert_num(ring.ours->tell, 0);
}

static void only_without_space_is_it_waited_for(void **state)
{
	assert_num(vinject_ring_put(&ring, ev, SIZE / 2), SIZE / 2);
	vinject_ring_wait(&ring);
	assert_null(waited.word);
	assert_num(ring.ours->tell, RING_TELL_FUTEX);
	assert_num(vinject_ring_put(&ring, ev, 1), 1);
	/* For what takes an event, but not long: it may have ended. */
	ring.theirs->taken = UINT32_MAX;
	vinject_ring_wait(&ring);
	assert_ptr_equal(waited.word, &ring.theirs->taken);
	assert_num(waited.value, UINT32_MAX);
	assert_true(waited.ns > 0 && waited.ns < 100000000);
}

static void a_closed_ring_is_nowhere(void **state)
{
	const int fds[] = { ring.fd, ring.event_fd };
	void *memory = ring.memory;

	vinject_ring_close(&ring);
	assert_null(ring.memory);
	assert_num(msync(memory, 1, MS_ASYNC), -1);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		assert_num(fcntl(fds[i], F_GETFD), -1);
		assert_num(errno, EBADF);
	}
	vinject_ring_close(&ring);
	assert_num(ring.fd, -1);
	assert_num(ring.event_fd, -1);
}

/* Return: 0: it fails, and leaves nothing open. */
static int open_fails(void *arg)
{
	const int lowest = dup(STDIN_FILENO);
	struct vinject_ring r;
	int now;

	close(lowest);
	fill_with_garbage(&r);
	if (vinject_ring_open(&r) != -EMFILE)
		return 1;
	now = dup(STDIN_FILENO);
	return now != lowest || r.memory || r.fd != -1 || r.event_fd != -1;
}

static void a_kernel_that_refuses_leaves_nothing_open(void **state)
{
	static const char *const calls[] = { "memfd_create", "eventfd2",
					     "ftruncate", "fcntl", "mmap" };

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		assert_num(deny_in_child(calls[i], EMFILE, open_fails, NULL),
			   0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_file_is_as_the_server_expects_it),
		T(what_has_no_space_is_left),
		T(the_end_is_followed_by_the_beginning),
		T(a_count_that_cannot_be_gives_no_space),
		T(the_server_is_kicked_when_it_sleeps),
		T(a_kick_that_finds_no_room_is_none),
		T(space_is_half_of_the_ring),
		T(only_without_space_is_it_waited_for),
		T(a_closed_ring_is_nowhere),
		cmocka_unit_test(a_kernel_that_refuses_leaves_nothing_open),
	};

	return cmocka_run_group_tests_name("vinject-ring", tests, NULL, NULL);
}
