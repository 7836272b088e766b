/* SPDX-License-Identifier: Apache-2.0 */
/* The back-end channel: what is sent when, and what an answer belongs to. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/vhost-user/vu-channel.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define CALL   VU_BACKEND_VRING_CALL
#define ERR    VU_BACKEND_VRING_ERR
#define CONFIG VU_BACKEND_CONFIG_CHANGE_MSG
#define IOTLB  VU_BACKEND_IOTLB_MSG

static struct vu_channel c;
static int front_end; /* the other end, non-blocking */

static struct {
	int fd;
	bool full;
	unsigned int calls;
} watched;

static void watch(void *arg, int fd, bool full)
{
	assert_ptr_equal(arg, &watched);
	watched.fd = fd;
	watched.full = full;
	watched.calls++;
}

static void open_channel(void)
{
	int fd[2];

	assert_sys(socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd));
	front_end = fd[1];
	vu_channel_open(&c, fd[0]);
}

static int setup(void **state)
{
	memset(&watched, 0, sizeof(watched));
	fill_with_garbage(&c);
	vu_channel_init(&c, watch, &watched);
	open_channel();
	vu_channel_hold(&c, false);
	return 0;
}

static int teardown(void **state)
{
	vu_channel_close(&c);
	close(front_end);
	return 0;
}

static void send_state(uint32_t request, unsigned int queue)
{
	const struct vu_vring_state state = { .index = queue };

	vu_channel_send(&c, request, queue, &state, sizeof(state));
}

/* One message, or request 0 if there is none. */
static struct vu_header next_message(uint32_t *index)
{
	struct vu_header hdr = { 0 };
	struct vu_vring_state state = { 0 };
	ssize_t n = recv(front_end, &hdr, sizeof(hdr), 0);

	if (n < 0) {
		assert_num(errno, EAGAIN);
		return hdr;
	}
	assert_num(n, sizeof(hdr));
	if (hdr.size == sizeof(state))
		assert_num(recv(front_end, &state, sizeof(state), 0),
			   sizeof(state));
	else
		assert_num(hdr.size, 0);
	if (index)
		*index = state.index;
	return hdr;
}

static void expect(uint32_t request, uint32_t queue)
{
	uint32_t index;
	struct vu_header hdr = next_message(&index);

	assert_num(hdr.request, request);
	assert_num(index, queue);
}

static void expect_nothing(void)
{
	assert_num(next_message(NULL).request, 0);
}

static void reply(uint32_t request, uint32_t flags, uint32_t size)
{
	const struct {
		struct vu_header hdr;
		uint64_t value;
	} __attribute__((packed)) msg = { { request, flags, size }, 7 };

	assert_num(send(front_end, &msg, sizeof(msg.hdr) + size, 0),
		   sizeof(msg.hdr) + size);
}

static void answer(uint32_t request)
{
	reply(request, VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8);
}

/* --- sending --- */

static void a_message_is_sent_at_once_and_wants_no_ack(void **state)
{
	vu_channel_send(&c, CONFIG, 0, NULL, 0);
	struct vu_header hdr = next_message(NULL);
	assert_num(hdr.request, CONFIG);
	assert_num(hdr.flags, VU_FLAG_VERSION_1);
	assert_num(hdr.size, 0);
	expect_nothing();
}

static void with_reply_ack_each_message_wants_one(void **state)
{
	c.acks = true;
	vu_channel_send(&c, CONFIG, 0, NULL, 0);
	assert_num(next_message(NULL).flags,
		   VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY);
}

static void nothing_is_kept_for_a_channel_that_is_not_open(void **state)
{
	vu_channel_close(&c);
	close(front_end);
	send_state(CALL, 0);
	open_channel();
	expect_nothing();
}

static void a_new_channel_begins_held(void **state)
{
	vu_channel_close(&c);
	close(front_end);
	vu_channel_init(&c, watch, &watched);
	open_channel();
	send_state(CALL, 1);
	expect_nothing();
	vu_channel_hold(&c, false);
	expect(CALL, 1);
}

static void what_is_held_is_sent_once_for_each_kind_and_queue(void **state)
{
	vu_channel_hold(&c, true);
	send_state(CALL, 1);
	send_state(CALL, 0);
	send_state(CALL, 1);
	send_state(ERR, 1);
	expect_nothing();
	vu_channel_hold(&c, false);
	expect(CALL, 0);
	expect(CALL, 1);
	expect(ERR, 1);
	expect_nothing();
}

static void what_is_forgotten_is_not_sent(void **state)
{
	vu_channel_hold(&c, true);
	send_state(CALL, 0);
	send_state(CALL, 1);
	vu_channel_forget(&c, CALL, 0);
	vu_channel_forget(&c, ERR, 1);
	vu_channel_hold(&c, false);
	expect(CALL, 1);
	expect_nothing();
}

static void what_waits_goes_to_the_next_socket(void **state)
{
	int old = front_end;

	vu_channel_hold(&c, true);
	send_state(CALL, 1);
	open_channel();
	close(old);
	vu_channel_hold(&c, false);
	expect(CALL, 1);
}

static void closing_forgets_what_waits(void **state)
{
	vu_channel_hold(&c, true);
	send_state(CALL, 1);
	vu_channel_close(&c);
	close(front_end);
	open_channel();
	vu_channel_hold(&c, false);
	expect_nothing();
}

/* "to block until they are processed": one at a time. */
static void inband_notifications_wait_for_the_ack_of_the_last(void **state)
{
	struct vu_answer got;

	c.acks = true;
	send_state(CALL, 0);
	send_state(CALL, 1);
	send_state(CALL, 0);
	expect(CALL, 0);
	expect_nothing();
	answer(CALL);
	assert_num(vu_channel_receive(&c, &got), 1);
	expect(CALL, 1);
	answer(CALL);
	assert_num(vu_channel_receive(&c, &got), 1);
	expect(CALL, 0);
	expect_nothing();
}

static void other_kinds_wait_for_no_ack(void **state)
{
	c.acks = true;
	send_state(IOTLB, 0);
	send_state(CALL, 0);
	send_state(IOTLB, 1);
	expect(IOTLB, 0);
	expect(CALL, 0);
	expect(IOTLB, 1);
}

/* --- answers --- */

static void an_answer_is_to_the_oldest_of_its_kind(void **state)
{
	struct vu_answer got;

	c.acks = true;
	send_state(IOTLB, 1);
	send_state(IOTLB, 0);
	send_state(IOTLB, 1);
	for (int i = 0; i < 3; i++)
		answer(IOTLB);
	assert_num(vu_channel_receive(&c, &got), 1);
	assert_num(got.request, IOTLB);
	assert_num(got.value, 7);
	assert_num(got.queue, 1);
	assert_false(got.last); /* of queue 1 there is another one */
	assert_num(vu_channel_receive(&c, &got), 1);
	assert_num(got.queue, 0);
	assert_true(got.last);
	assert_num(vu_channel_receive(&c, &got), 1);
	assert_num(got.queue, 1);
	assert_true(got.last);
	assert_num(vu_channel_receive(&c, &got), 0);
	assert_sys(c.socket.fd);
}

static void an_answer_is_not_the_last_while_another_request_waits(void **state)
{
	struct vu_answer got;

	c.acks = true;
	send_state(IOTLB, 0);
	vu_channel_hold(&c, true);
	send_state(IOTLB, 0);
	answer(IOTLB);
	assert_num(vu_channel_receive(&c, &got), 1);
	assert_false(got.last);
}

static void an_answer_to_nothing_is_a_violation(void **state)
{
	struct vu_answer got;

	c.acks = true;
	send_state(IOTLB, 0);
	answer(CALL);
	assert_num(vu_channel_receive(&c, &got), VU_CHANNEL_E_ANSWER);
	assert_num(got.request, CALL);
}

static void a_second_answer_to_one_request_is_a_violation(void **state)
{
	struct vu_answer got;

	c.acks = true;
	send_state(IOTLB, 0);
	answer(IOTLB);
	answer(IOTLB);
	assert_num(vu_channel_receive(&c, &got), 1);
	assert_num(vu_channel_receive(&c, &got), VU_CHANNEL_E_ANSWER);
}

static void without_reply_ack_any_answer_is_a_violation(void **state)
{
	struct vu_answer got;

	send_state(IOTLB, 0);
	answer(IOTLB);
	assert_num(vu_channel_receive(&c, &got), VU_CHANNEL_E_ANSWER);
}

static void an_answer_is_a_reply_of_version_1_with_a_u64(void **state)
{
	const struct {
		uint32_t request, flags, size;
	} bad[] = {
		{ IOTLB, VU_FLAG_VERSION_1, 8 },
		{ IOTLB, 2 | VU_FLAG_REPLY, 8 },
		{ IOTLB, VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 4 },
		{ VU_CHANNEL_REQUESTS, VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8 },
		{ UINT32_MAX, VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8 },
	};
	struct vu_answer got;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		teardown(state);
		setup(state);
		c.acks = true;
		send_state(IOTLB, 0);
		reply(bad[i].request, bad[i].flags, bad[i].size);
		assert_num(vu_channel_receive(&c, &got), VU_CHANNEL_E_ANSWER);
	}
}

static void pass_fd(const void *bytes, size_t len, int fd)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(fd))];
	} control = { .buf = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)bytes, len };
	struct msghdr mh = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control) };

	control.align = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
					  .cmsg_type = SCM_RIGHTS,
					  .cmsg_len = CMSG_LEN(sizeof(fd)) };
	memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	assert_num(sendmsg(front_end, &mh, 0), len);
}

/* Whether the answer is good or not. */
static void an_fd_of_an_answer_is_closed(void **state)
{
	static const uint32_t flags[] = { VU_FLAG_VERSION_1 | VU_FLAG_REPLY,
					  VU_FLAG_VERSION_1 };
	struct vu_answer got;

	for (int bad = 0; bad < 2; bad++) {
		const struct {
			struct vu_header hdr;
			uint64_t value;
		} __attribute__((packed)) msg = { { IOTLB, flags[bad], 8 }, 0 };
		int fd[2];
		char byte;

		assert_sys(pipe2(fd, O_CLOEXEC | O_NONBLOCK));
		c.acks = true;
		send_state(IOTLB, 0);
		pass_fd(&msg, sizeof(msg), fd[1]);
		close(fd[1]);
		assert_num(vu_channel_receive(&c, &got),
			   bad ? VU_CHANNEL_E_ANSWER : 1);
		if (bad)
			vu_channel_close(&c);
		/* Nobody has its other end any more. */
		assert_num(read(fd[0], &byte, 1), 0);
		close(fd[0]);
	}
}

static void a_new_socket_owes_no_answers(void **state)
{
	struct vu_answer got;
	int old = front_end;

	c.acks = true;
	send_state(IOTLB, 0);
	open_channel();
	close(old);
	answer(IOTLB);
	assert_num(vu_channel_receive(&c, &got), VU_CHANNEL_E_ANSWER);
}

static void a_new_socket_knows_nothing_of_older_requests(void **state)
{
	struct vu_answer got;
	int old = front_end;

	c.acks = true;
	send_state(IOTLB, 1);
	open_channel();
	close(old);
	send_state(IOTLB, 0);
	answer(IOTLB);
	assert_num(vu_channel_receive(&c, &got), 1);
	assert_num(got.queue, 0);
}

/* There is a bit for each of 64. */
static void more_requests_than_are_told_apart_are_queue_0s(void **state)
{
	struct vu_answer got;

	c.acks = true;
	for (int i = 0; i < 64; i++)
		send_state(IOTLB, 0);
	send_state(IOTLB, 1);
	for (int i = 0; i < 65; i++) {
		answer(IOTLB);
		assert_num(vu_channel_receive(&c, &got), 1);
		assert_num(got.queue, 0);
		assert_num(got.last, i == 64);
	}
}

static void an_end_closes_the_channel(void **state)
{
	struct vu_answer got;

	shutdown(front_end, SHUT_RDWR);
	assert_num(vu_channel_receive(&c, &got), -ECONNRESET);
	assert_num(c.socket.fd, -1);
	assert_num(watched.fd, -1);
}

static void what_is_no_socket_is_closed(void **state)
{
	vu_channel_open(&c, open("/dev/null", O_RDWR | O_CLOEXEC));
	send_state(CALL, 0);
	assert_num(c.socket.fd, -1);
	assert_num(watched.fd, -1);
}

/* --- a front-end that does not read --- */

static void fill(void)
{
	static uint8_t junk[4096];

	while (send(c.socket.fd, junk, sizeof(junk), MSG_DONTWAIT) > 0)
		;
	while (send(c.socket.fd, junk, 1, MSG_DONTWAIT) > 0)
		;
}

static void drain(void)
{
	static uint8_t junk[4096];

	while (recv(front_end, junk, sizeof(junk), 0) > 0)
		;
}

static void a_full_socket_is_watched_until_there_is_room(void **state)
{
	assert_num(watched.fd, c.socket.fd);
	assert_false(watched.full);
	fill();
	send_state(CALL, 0);
	assert_true(watched.full);
	send_state(CALL, 1);
	send_state(CALL, 1);
	drain();
	vu_channel_flush(&c);
	assert_false(watched.full);
	expect(CALL, 0);
	expect(CALL, 1);
	expect_nothing();
}

static void watching_is_said_once(void **state)
{
	assert_num(watched.calls, 1);
	fill();
	send_state(CALL, 0);
	assert_num(watched.calls, 2);
	send_state(CALL, 1);
	vu_channel_flush(&c);
	assert_num(watched.calls, 2);
	vu_channel_close(&c);
	assert_num(watched.calls, 3);
	assert_false(watched.full);
}

static void a_half_sent_message_is_sent_again_on_the_next_socket(void **state)
{
	int old = front_end;

	fill();
	send_state(CALL, 1);
	send_state(CALL, 0);
	open_channel();
	close(old);
	expect(CALL, 0);
	expect(CALL, 1);
	expect_nothing();
}

static void requests_have_names(void **state)
{
	assert_string_equal(vu_channel_name(CALL), "BACKEND_VRING_CALL");
	assert_string_equal(vu_channel_name(0), "back-end channel");
	assert_string_equal(vu_channel_name(3), "back-end channel");
	assert_string_equal(vu_channel_name(VU_CHANNEL_REQUESTS),
			    "back-end channel");
	assert_string_equal(vu_channel_name(UINT32_MAX), "back-end channel");
}

#define C(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		C(a_message_is_sent_at_once_and_wants_no_ack),
		C(with_reply_ack_each_message_wants_one),
		C(nothing_is_kept_for_a_channel_that_is_not_open),
		C(a_new_channel_begins_held),
		C(what_is_held_is_sent_once_for_each_kind_and_queue),
		C(what_is_forgotten_is_not_sent),
		C(what_waits_goes_to_the_next_socket),
		C(closing_forgets_what_waits),
		C(inband_notifications_wait_for_the_ack_of_the_last),
		C(other_kinds_wait_for_no_ack),
		C(an_answer_is_to_the_oldest_of_its_kind),
		C(an_answer_is_not_the_last_while_another_request_waits),
		C(an_answer_to_nothing_is_a_violation),
		C(a_second_answer_to_one_request_is_a_violation),
		C(without_reply_ack_any_answer_is_a_violation),
		C(an_answer_is_a_reply_of_version_1_with_a_u64),
		C(an_fd_of_an_answer_is_closed),
		C(a_new_socket_owes_no_answers),
		C(a_new_socket_knows_nothing_of_older_requests),
		C(more_requests_than_are_told_apart_are_queue_0s),
		C(what_is_no_socket_is_closed),
		C(an_end_closes_the_channel),
		C(a_full_socket_is_watched_until_there_is_room),
		C(watching_is_said_once),
		C(a_half_sent_message_is_sent_again_on_the_next_socket),
		C(requests_have_names),
	};

	return cmocka_run_group_tests_name("vu-channel", tests, NULL, NULL);
}
