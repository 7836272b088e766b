/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a handle comes to a ring in shared memory, step by step. The server is
 * the test's, and so is time: test-vinject-ring of the wire tests has a real
 * one.
 */
#include "tests/lib/check.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "injector/libvinject/vinject-handle.h"
#include "input/device/control.h"
#include "tests/lib/fake-server.h"

#define SECOND INT64_C(1000000000)
#define ENOUGH 64 /* frames in a second */
#define LOOKS  1000
#define ASKED  "type 32778, SYN"

static struct fake_server *s;
static int64_t now_ns;
static int domain;	 /* of sockets, 0: as they are */
static int memory_error; /* of memfd_create() */
static int send_error;	 /* of sendmsg() */

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	if (clock != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, clock, now);
	*now = (struct timespec){ now_ns / SECOND, now_ns % SECOND };
	return 0;
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	const int r = (int)syscall(SYS_getsockopt, fd, level, name, value, len);

	if (!r && level == SOL_SOCKET && name == SO_DOMAIN && domain)
		*(int *)value = domain;
	return r;
}

int memfd_create(const char *name, unsigned int flags)
{
	errno = memory_error;
	return memory_error ? -1 : (int)syscall(SYS_memfd_create, name, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	errno = send_error;
	return send_error ? -1 : syscall(SYS_sendmsg, fd, msg, flags);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static int setup(void **state)
{
	now_ns = 5 * SECOND;
	domain = memory_error = send_error = 0;
	s = fake_server_new(SOCK_STREAM);
	return 0;
}

static int teardown(void **state)
{
	fake_server_free(s);
	return 0;
}

static void send_frames(int n)
{
	for (; n; n--) {
		vinject_motion(s->v, 1, 0);
		assert_num(vinject_frame(s->v), 0);
		fake_server_reads(s, "REL 0 1, SYN");
	}
}

static bool asks_with_the_next_frame(void)
{
	char bytes[64];

	vinject_motion(s->v, 1, 0);
	assert_num(vinject_frame(s->v), 0);
	const ssize_t n = recv(s->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	assert_true(n == 16 || n == 32);
	return n == 32;
}

static void says(uint16_t code, int32_t value)
{
	fake_server_says(s, CONTROL_RING, code, value);
}

static void expect_offer(void)
{
	char bytes[17];

	assert_num(recv(s->fd, bytes, sizeof(bytes), MSG_DONTWAIT), 16);
	assert_num(s->v->share.state, VINJECT_SHARE_OFFERED);
	assert_non_null(s->v->link.ring.memory);
}

static void ask(void)
{
	assert_rc(vinject_share_memory(s->v, 0), -EOPNOTSUPP);
	fake_server_reads(s, NULL);
	assert_num(s->v->share.state, VINJECT_SHARE_ASKED);
}

/* --- when it asks --- */

static void many_frames_in_a_second_make_it_ask(void **state)
{
	send_frames(ENOUGH - 2);
	now_ns += SECOND - 1;
	send_frames(1);
	assert_true(asks_with_the_next_frame());
	assert_num(s->v->share.state, VINJECT_SHARE_ASKED);
	send_frames(3 * ENOUGH); /* once */
}

static void frames_in_more_than_a_second_are_few(void **state)
{
	send_frames(ENOUGH - 1);
	now_ns += SECOND;
	assert_false(asks_with_the_next_frame());
	/* That one is the first of the next second. */
	send_frames(ENOUGH - 2);
	assert_true(asks_with_the_next_frame());
}

static void it_may_be_told_not_to(void **state)
{
	vinject_set_shared_memory(s->v, false);
	send_frames(3 * ENOUGH);
	ask(); /* but for this */
	vinject_set_shared_memory(s->v, true);
	assert_true(s->v->share.wanted);
	vinject_set_shared_memory(s->v, false);
	assert_false(s->v->share.wanted);
}

static void only_a_local_server_is_asked(void **state)
{
	domain = AF_VSOCK;
	fake_server_ends(s);
	assert_rc(vinject_dispatch(s->v), -EPIPE);
	fake_server_opens(s, SOCK_STREAM);
	assert_num(s->v->share.state, VINJECT_SHARE_SETTLED);
	send_frames(3 * ENOUGH);
	assert_rc(vinject_share_memory(s->v, 0), -EOPNOTSUPP);
	fake_server_reads(s, "");
}

static void each_connection_is_asked_anew(void **state)
{
	send_frames(ENOUGH - 1);
	fake_server_ends(s);
	assert_rc(vinject_dispatch(s->v), -EPIPE);
	fake_server_opens(s, SOCK_STREAM);
	send_frames(ENOUGH - 1);
	assert_true(asks_with_the_next_frame());
	fake_server_ends(s);
	assert_rc(vinject_dispatch(s->v), -EPIPE);
	fake_server_opens(s, SOCK_STREAM);
	assert_num(s->v->share.state, VINJECT_SHARE_COUNTING);
	ask();
	fake_server_ends(s);
	assert_rc(vinject_dispatch(s->v), -EPIPE);
	fake_server_opens(s, SOCK_STREAM);
	assert_num(s->v->share.state, VINJECT_SHARE_WANTED);
}

/* --- the server's answers --- */

static void a_ring_that_is_accepted_is_used(void **state)
{
	ask();
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	fake_server_dispatch(s);
	expect_offer();
	assert_false(vinject_shares_memory(s->v));
	says(CONTROL_RING_OFFER, 1);
	fake_server_dispatch(s);
	assert_true(vinject_shares_memory(s->v));
	assert_ok(vinject_share_memory(s->v, 0));
	vinject_motion(s->v, 1, 0);
	assert_num(vinject_frame(s->v), 0);
	fake_server_reads(s, "");
	assert_num(s->v->link.ring.ours->put, 2);
}

static void a_ring_that_is_not_accepted_is_closed(void **state)
{
	ask();
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	fake_server_dispatch(s);
	expect_offer();
	says(CONTROL_RING_OFFER, 0);
	fake_server_dispatch(s);
	assert_num(s->v->share.state, VINJECT_SHARE_SETTLED);
	assert_false(vinject_shares_memory(s->v));
	assert_null(s->v->link.ring.memory);
	says(CONTROL_RING_OFFER, 1);
	fake_server_dispatch(s);
	assert_false(vinject_shares_memory(s->v));
	send_frames(1);
}

static void a_server_with_smaller_rings_gets_none(void **state)
{
	ask();
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE - 1);
	fake_server_dispatch(s);
	assert_num(s->v->share.state, VINJECT_SHARE_SETTLED);
	fake_server_reads(s, "");
}

static void answers_to_nothing_are_none(void **state)
{
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	says(CONTROL_RING_OFFER, 1);
	fake_server_dispatch(s);
	assert_num(s->v->share.state, VINJECT_SHARE_COUNTING);
	ask();
	says(CONTROL_RING_OFFER, 1);
	says(CONTROL_RING_SPACE, 1);
	fake_server_dispatch(s);
	assert_num(s->v->share.state, VINJECT_SHARE_ASKED);
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	fake_server_dispatch(s);
	expect_offer();
}

/* --- answers that nobody dispatches --- */

static void an_answer_is_found_among_others_and_stays(void **state)
{
	const struct vi_event led = vi_event(EV_LED, LED_CAPSL, 1);

	ask();
	/* Half an event is read already. */
	assert_num(send(s->fd, &led, 4, 0), 4);
	fake_server_dispatch(s);
	assert_num(send(s->fd, (const char *)&led + 4, 4, 0), 4);
	for (int i = 0; i < 62; i++)
		fake_server_says(s, EV_LED, LED_NUML, 1);
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	vinject_motion(s->v, 1, 0);
	assert_num(vinject_frame(s->v), 0);
	assert_num(s->v->share.state, VINJECT_SHARE_OFFERED);
	assert_num(s->n_status, 0);
	fake_server_dispatch(s);
	assert_num(s->n_status, 63);
	assert_true(vinject_led(s->v, LED_CAPSL));
}

static void an_answer_may_follow_half_an_event(void **state)
{
	const struct vi_event led = vi_event(EV_LED, LED_CAPSL, 1);

	ask();
	assert_num(send(s->fd, &led, 4, 0), 4);
	fake_server_dispatch(s);
	assert_num(send(s->fd, (const char *)&led + 4, 4, 0), 4);
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	vinject_motion(s->v, 1, 0);
	assert_num(vinject_frame(s->v), 0);
	assert_num(s->v->share.state, VINJECT_SHARE_OFFERED);
}

static void an_answer_behind_many_others_waits(void **state)
{
	ask();
	for (int i = 0; i < 64; i++)
		fake_server_says(s, EV_LED, LED_NUML, 1);
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	send_frames(1);
	assert_num(s->v->share.state, VINJECT_SHARE_ASKED);
	fake_server_dispatch(s);
	assert_num(s->v->share.state, VINJECT_SHARE_OFFERED);
}

static void it_is_looked_for_some_time(void **state)
{
	ask();
	send_frames(LOOKS);
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	send_frames(1);
	assert_num(s->v->share.state, VINJECT_SHARE_ASKED);
	fake_server_dispatch(s);
	assert_num(s->v->share.state, VINJECT_SHARE_OFFERED);
}

static void the_last_look_may_find_it(void **state)
{
	ask();
	send_frames(LOOKS - 1);
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	vinject_motion(s->v, 1, 0);
	assert_num(vinject_frame(s->v), 0);
	assert_num(s->v->share.state, VINJECT_SHARE_OFFERED);
}

/* --- what fails --- */

static void without_memory_there_is_no_ring(void **state)
{
	ask();
	memory_error = EMFILE;
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	fake_server_dispatch(s);
	assert_num(s->v->share.state, VINJECT_SHARE_SETTLED);
	fake_server_reads(s, "");
}

static void an_offer_is_made_when_there_is_space(void **state)
{
	ask();
	send_error = EAGAIN;
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	fake_server_dispatch(s);
	assert_num(s->v->share.state, VINJECT_SHARE_ALLOWED);
	fake_server_reads(s, "");
	send_error = 0;
	void *memory = s->v->link.ring.memory;

	fake_server_dispatch(s);
	expect_offer();
	assert_ptr_equal(s->v->link.ring.memory, memory);
}

static void an_offer_that_cannot_be_made_is_the_end_of_it(void **state)
{
	ask();
	send_error = EPERM;
	says(CONTROL_RING_ASK, VINJECT_RING_SIZE);
	fake_server_dispatch(s);
	assert_num(s->v->share.state, VINJECT_SHARE_SETTLED);
	assert_null(s->v->link.ring.memory);
}

static void it_asks_between_frames_when_there_is_space(void **state)
{
	int n = 0;

	/* The rest of a frame is left. */
	for (int i = 0; i < VINJECT_FRAME_MAX; i++)
		vinject_motion(s->v, 0, 1);
	assert_num(vinject_frame(s->v), 1);
	assert_rc(vinject_share_memory(s->v, 0), -EOPNOTSUPP);
	assert_num(s->v->share.state, VINJECT_SHARE_WANTED);
	while (vinject_flush(s->v) && n++ < 1000)
		fake_server_drains(s);
	fake_server_drains(s);
	assert_num(s->n_half, 0);
	fake_server_dispatch(s);
	assert_num(s->v->share.state, VINJECT_SHARE_ASKED);
	fake_server_reads(s, ASKED);
	assert_num(vinject_pending(s->v), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(many_frames_in_a_second_make_it_ask),
		T(frames_in_more_than_a_second_are_few),
		T(it_may_be_told_not_to),
		T(only_a_local_server_is_asked),
		T(each_connection_is_asked_anew),
		T(a_ring_that_is_accepted_is_used),
		T(a_ring_that_is_not_accepted_is_closed),
		T(a_server_with_smaller_rings_gets_none),
		T(answers_to_nothing_are_none),
		T(an_answer_is_found_among_others_and_stays),
		T(an_answer_may_follow_half_an_event),
		T(an_answer_behind_many_others_waits),
		T(it_is_looked_for_some_time),
		T(the_last_look_may_find_it),
		T(without_memory_there_is_no_ring),
		T(an_offer_is_made_when_there_is_space),
		T(an_offer_that_cannot_be_made_is_the_end_of_it),
		T(it_asks_between_frames_when_there_is_space),
	};

	return cmocka_run_group_tests_name("vinject-share", tests, NULL, NULL);
}
