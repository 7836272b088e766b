/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold-channel.h and hold-memory.h: requests of back-ends, and what is done
 * with guest memory and notifications for the next one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "injector/hold/hold-memory.h"
#include "injector/hold/hold-session.h"
#include "input/base/fd.h"
#include "input/base/watchdog.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define BIT(n) (UINT64_C(1) << (n))

static struct ev_loop *loop;
static struct hold_channel c;
static struct hold_session s;
static struct vu_socket vmm, server; /* the test's ends */
static int full_fd, requested;
static bool watched; /* whether the last read or write of a file was */

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t sendmsg(int fd, const struct msghdr *mh, int flags)
{
	if (fd != full_fd)
		return syscall(SYS_sendmsg, fd, mh, flags);
	errno = EAGAIN;
	return -1;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t pread(int fd, void *to, size_t len, off_t offset)
{
	watched = watchdog_busy();
	return syscall(SYS_pread64, fd, to, len, offset);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t write(int fd, const void *from, size_t len)
{
	watched = watchdog_busy();
	return syscall(SYS_write, fd, from, len);
}

static void on_requested(void *arg)
{
	assert_ptr_equal(arg, &requested);
	requested++;
}

static void settle(void)
{
	for (int i = 0; i < 20; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static void backend_comes(void)
{
	vu_socket_fini(&server);
	vu_socket_init(&server, hold_channel_connect(&c));
	assert_true(server.fd >= 0);
}

static int setup(void **state)
{
	int fd[2];

	full_fd = -1;
	requested = 0;
	loop = ev_loop_new(EVFLAG_NOENV);
	fill_with_garbage(&c);
	hold_channel_init(&c, loop);
	c.requested = on_requested;
	c.requested_arg = &requested;
	hold_session_init(&s, &hold_memory_ops, NULL);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	vu_socket_init(&vmm, fd[0]);
	vu_socket_init(&server, -1);
	assert_ok(hold_channel_open(&c, fd[1]));
	return 0;
}

static int teardown(void **state)
{
	hold_channel_close(&c);
	hold_channel_close(&c);
	const bool left = ev_run(loop, EVRUN_NOWAIT);

	hold_session_fini(&s);
	ev_loop_destroy(loop);
	vu_socket_fini(&vmm);
	vu_socket_fini(&server);
	return left ? -1 : 0;
}

static bool any(void *arg, const struct vu_header *hdr)
{
	return true;
}

static void says(struct vu_socket *from, uint32_t request, uint32_t flags,
		 uint64_t u64)
{
	struct vu_message msg = {
		.hdr = { request, VU_FLAG_VERSION_1 | flags, 8 }, .reply_fd = -1
	};

	msg.p.u64 = u64;
	assert_ok(vu_socket_pass(from, &msg));
	settle();
}

/* Return: the number in the next message. */
static uint64_t hears(struct vu_socket *at)
{
	settle();
	assert_num(vu_socket_recv(at, any, NULL), 1);
	return at->in.p.u64;
}

static void hears_nothing(struct vu_socket *at)
{
	settle();
	assert_num(vu_socket_recv(at, any, NULL), 0);
}

static void hears_end(struct vu_socket *at)
{
	settle();
	assert_num(vu_socket_recv(at, any, NULL), -ECONNRESET);
}

#define ASK   (VU_FLAG_NEED_REPLY)
#define REPLY (VU_FLAG_REPLY)

static void requests_and_answers_pass(void **state)
{
	backend_comes();
	for (uint64_t i = 0; i < 3; i++) {
		says(&server, 1, ASK, i);
		assert_num(hears(&vmm), i);
		says(&vmm, 1, REPLY, 10 + i);
		assert_num(hears(&server), 10 + i);
	}
	assert_num(requested, 3);
	hears_nothing(&vmm);
	hears_nothing(&server);
}

static const struct header {
	uint32_t flags, size;
	bool request, answer;
} headers[] = {
	{ VU_FLAG_VERSION_1, 8, true, false },
	{ VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8, false, true },
	{ VU_FLAG_VERSION_1, VU_PAYLOAD_MAX, true, false },
	{ VU_FLAG_VERSION_1, VU_PAYLOAD_MAX + 1, false, false },
	{ VU_FLAG_REPLY, VU_PAYLOAD_MAX, false, true },
	{ VU_FLAG_REPLY, VU_PAYLOAD_MAX + 1, false, false },
};

static void headers_are_checked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		const struct vu_header hdr = { 1, headers[i].flags,
					       headers[i].size };

		assert_num(c.backend.check_header(NULL, &hdr),
			   headers[i].request);
		assert_num(c.frontend.check_header(NULL, &hdr),
			   headers[i].answer);
	}
}

static void what_is_owed_to_dead_ones_is_dropped(void **state)
{
	backend_comes();
	says(&server, 1, 0, 0); /* that one wants no answer */
	says(&server, 1, ASK, 1);
	says(&server, 1, ASK, 2);
	for (uint64_t i = 0; i < 3; i++)
		hears(&vmm);
	backend_comes();
	says(&server, 1, ASK, 3);
	hears(&vmm);
	says(&vmm, 1, REPLY, 1);
	says(&vmm, 1, REPLY, 2);
	hears_nothing(&server);
	says(&vmm, 1, REPLY, 3);
	assert_num(hears(&server), 3);
	hears_nothing(&server);
	assert_num(c.owed, 0);
	/* One that nobody has asked for is passed, too. */
	says(&vmm, 1, REPLY, 4);
	assert_num(hears(&server), 4);
	assert_num(c.owed, 0);
}

static void without_a_back_end_answers_are_dropped(void **state)
{
	backend_comes();
	says(&server, 1, ASK, 1);
	hears(&vmm);
	hold_channel_disconnect(&c);
	hears_end(&server);
	c.stale = 0;
	says(&vmm, 1, REPLY, 1);
	assert_false(c.frontend.has_message);
	backend_comes();
	hears_nothing(&server);
}

static void a_request_waits_for_room(void **state)
{
	backend_comes();
	full_fd = c.frontend.socket.fd;
	says(&server, 1, 0, 1);
	says(&server, 1, 0, 2);
	hears_nothing(&vmm);
	assert_num(requested, 1);
	full_fd = -1;
	assert_num(hears(&vmm), 1);
	assert_num(hears(&vmm), 2);
}

static void an_answer_waits_for_room(void **state)
{
	backend_comes();
	full_fd = c.backend.socket.fd;
	says(&vmm, 1, REPLY, 1);
	says(&vmm, 1, REPLY, 2);
	hears_nothing(&server);
	full_fd = -1;
	assert_num(hears(&server), 1);
	assert_num(hears(&server), 2);
}

static void the_front_ends_end_is_that_of_both(void **state)
{
	backend_comes();
	vu_socket_fini(&vmm);
	hears_end(&server);
	assert_false(hold_link_is_open(&c.frontend));
}

static void the_back_ends_end_is_its_own(void **state)
{
	backend_comes();
	says(&server, 1, ASK, 1);
	vu_socket_fini(&server);
	assert_num(hears(&vmm), 1);
	hears_nothing(&vmm);
	assert_false(hold_link_is_open(&c.backend));
	assert_num(c.stale, 1);
}

static void the_last_request_of_a_back_end_arrives(void **state)
{
	const struct vu_message msg = { .hdr = { 1, VU_FLAG_VERSION_1, 8 },
					.reply_fd = -1 };

	backend_comes();
	full_fd = c.frontend.socket.fd;
	assert_ok(vu_socket_pass(&server, &msg));
	assert_ok(vu_socket_pass(&server, &msg));
	vu_socket_fini(&server);
	vu_socket_init(&server, -1);
	settle();
	full_fd = -1;
	hears(&vmm);
	hears(&vmm);
	hears_nothing(&vmm);
	assert_false(hold_link_is_open(&c.backend));
}

static void a_new_channel_owes_nothing(void **state)
{
	int fd[2];

	backend_comes();
	says(&server, 1, ASK, 1);
	hears(&vmm);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	assert_ok(hold_channel_open(&c, fd[1]));
	hears_end(&vmm);
	hears_end(&server);
	assert_num(c.owed, 0);
	assert_num(c.stale, 0);
	vu_socket_fini(&vmm);
	vu_socket_init(&vmm, fd[0]);
	backend_comes();
	says(&server, 1, 0, 5);
	assert_num(hears(&vmm), 5);
}

static void a_channel_must_be_a_stream(void **state)
{
	const int fd = memfd_create("x", MFD_CLOEXEC);

	assert_rc(hold_channel_open(&c, fd), -EINVAL);
	assert_num(fcntl(fd, F_GETFD), -1);
}

/* A back-end notices a front-end that does not read as soon as without us. */
static void a_back_end_has_the_room_of_the_front_end(void **state)
{
	const int room = 20000;
	int is;

	assert_sys(setsockopt(c.frontend.socket.fd, SOL_SOCKET, SO_SNDBUF,
			      &room, sizeof(room)));
	is = fd_sockopt(c.frontend.socket.fd, SO_SNDBUF);
	backend_comes();
	assert_num(fd_sockopt(server.fd, SO_SNDBUF), is);
	/* Without one, the usual room. */
	is = fd_sockopt(vmm.fd, SO_SNDBUF);
	hold_channel_close(&c);
	backend_comes();
	assert_num(fd_sockopt(server.fd, SO_SNDBUF), is);
}

/* --- for the next back-end --- */

static uint64_t count_of(int fd)
{
	uint64_t n = 0;

	if (read(fd, &n, sizeof(n)) < 0)
		return 0;
	return n;
}

static int event_fd(void)
{
	const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_sys(fd);
	return fd;
}

static void queues_that_run_are_notified(void **state)
{
	int kick[3], call[3];

	for (int i = 0; i < 3; i++) {
		struct hold_queue *q =
			&s.queue[i < 2 ? i : HOLD_QUEUES_MAX - 1];

		q->kick.fd = kick[i] = event_fd();
		q->call.fd = call[i] = event_fd();
		q->kick.said = i != 1; /* the second one has been stopped */
	}
	hold_memory_resume(&s, &c);
	/* A counter that is full may block. */
	assert_true(watched);
	assert_false(watchdog_busy());
	for (int i = 0; i < 3; i++) {
		assert_num(count_of(kick[i]), i != 1);
		assert_num(count_of(call[i]), i != 1);
	}
	hears_nothing(&vmm);
}

static void a_queue_without_a_call_is_notified_in_band(void **state)
{
	for (int i = 0; i < 2; i++) {
		s.queue[0].inband = s.queue[2].inband = true;
		s.protocol = i ? BIT(VU_PROTOCOL_F_INBAND_NOTIFICATIONS) : 0;
		hold_memory_resume(&s, &c);
		if (!i)
			hears_nothing(&vmm);
	}
	for (unsigned int queue = 0; queue <= 2; queue += 2) {
		hears(&vmm);
		assert_num(vmm.in.hdr.request, VU_BACKEND_VRING_CALL);
		assert_num(vmm.in.hdr.flags, VU_FLAG_VERSION_1);
		assert_num(vmm.in.hdr.size, sizeof(vmm.in.p.state));
		assert_num(vmm.in.p.state.index, queue);
		assert_num(vmm.in.p.state.num, 0);
	}
	/* The last of 8 queues is followed by what is no queue. */
	memset(&s.log, 0xff, 3 * sizeof(s.log));
	s.queue[0].inband = s.queue[2].inband = false;
	hold_memory_resume(&s, &c);
	hears_nothing(&vmm);
	/* Not if there is no room, nor without a channel. */
	full_fd = c.frontend.socket.fd;
	hold_channel_call(&c, 0);
	hold_channel_call(&c, 1);
	full_fd = -1;
	hears(&vmm);
	hears_nothing(&vmm);
	hold_channel_close(&c);
	hold_channel_call(&c, 0);
}

/* --- the log of dirty pages --- */

#define LOG_SIZE   64
#define LOG_OFFSET 8

static uint8_t bits[LOG_OFFSET + LOG_SIZE + 8];

static void has_regions(unsigned int n)
{
	s.n_regions = n;
	s.region = calloc(n, sizeof(*s.region));
	assert_non_null(s.region);
}

/* Regions from, and with, these pages; what is logged of them is in bits. */
static void log_regions(const uint64_t (*pages)[2], unsigned int n,
			uint64_t features)
{
	s.log.fd = memfd_create("log", MFD_CLOEXEC);
	s.log.log = (struct vu_log){ .size = LOG_SIZE, .offset = LOG_OFFSET };
	assert_sys(ftruncate(s.log.fd, sizeof(bits)));
	s.log_call.fd = event_fd();
	s.features = features;
	has_regions(n);
	for (unsigned int i = 0; i < n; i++)
		s.region[i] = (struct hold_region){
			.at = { .guest_addr = pages[i][0] * 4096,
				.size = pages[i][1] * 4096 },
			.fd = -1,
		};
	hold_memory_resume(&s, &c);
	assert_num(pread(s.log.fd, bits, sizeof(bits), 0), sizeof(bits));
}

static void expect_logged(size_t from, size_t end)
{
	for (size_t i = 0; i < sizeof(bits); i++)
		assert_num(bits[i],
			   i >= LOG_OFFSET + from && i < LOG_OFFSET + end ? 0xff
									  : 0);
}

static void all_pages_of_regions_are_logged(void **state)
{
	static const uint64_t pages[][2] = { { 8, 8 }, { 16, 9 } };

	log_regions(pages, 2, BIT(VU_F_LOG_ALL));
	expect_logged(1, 4);
	assert_num(count_of(s.log_call.fd), 1);
}

static void bytes_that_hold_a_page_are_logged_whole(void **state)
{
	static const uint64_t pages[][2] = { { 7, 1 } };

	log_regions(pages, 1, BIT(VU_F_LOG_ALL));
	expect_logged(0, 1);
}

static void nothing_is_logged_past_the_log(void **state)
{
	static const uint64_t pages[][2] = { { 8 * (LOG_SIZE - 1), 800 },
					     { 8 * LOG_SIZE, 8 } };

	log_regions(pages, 2, BIT(VU_F_LOG_ALL));
	expect_logged(LOG_SIZE - 1, LOG_SIZE);
}

static void nothing_is_logged_unless_it_is_asked_for(void **state)
{
	static const uint64_t pages[][2] = { { 0, 8 } };

	log_regions(pages, 1, ~BIT(VU_F_LOG_ALL));
	expect_logged(0, 0);
	assert_num(count_of(s.log_call.fd), 0);
}

/* In more than one write. */
static void a_long_log_is_written_to_its_end(void **state)
{
	static uint8_t all[10000];
	const int fd = memfd_create("log", MFD_CLOEXEC);

	assert_sys(ftruncate(fd, sizeof(all)));
	s.log.fd = fd;
	s.log.log = (struct vu_log){ .size = sizeof(all) };
	s.features = BIT(VU_F_LOG_ALL);
	has_regions(1);
	s.region[0] = (struct hold_region){
		.at = { .size = UINT64_C(4096) * 8 * 9000 }, .fd = -1
	};
	hold_memory_resume(&s, &c);
	assert_num(pread(fd, all, sizeof(all), 0), sizeof(all));
	for (size_t i = 0; i < sizeof(all); i++)
		assert_num(all[i], i < 9000 ? 0xff : 0);
}

static void memory_is_read_as_a_whole_or_not(void **state)
{
	const int fd = memfd_create("memory", MFD_CLOEXEC);
	uint16_t is = 0;

	assert_num(pwrite(fd, "abcd", 4, 0), 4);
	assert_true(hold_memory_ops.read(NULL, fd, 1, &is, sizeof(is)));
	assert_memory_equal(&is, "bc", 2);
	assert_false(hold_memory_ops.read(NULL, fd, 3, &is, sizeof(is)));
	assert_false(hold_memory_ops.read(NULL, -1, 0, &is, sizeof(is)));
	/* It may be a file that never answers. */
	assert_true(watched);
	assert_false(watchdog_busy());
	hold_memory_ops.drop(NULL, fd);
	assert_num(fcntl(fd, F_GETFD), -1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(requests_and_answers_pass),
		T(headers_are_checked),
		T(what_is_owed_to_dead_ones_is_dropped),
		T(without_a_back_end_answers_are_dropped),
		T(a_request_waits_for_room),
		T(an_answer_waits_for_room),
		T(the_front_ends_end_is_that_of_both),
		T(the_back_ends_end_is_its_own),
		T(the_last_request_of_a_back_end_arrives),
		T(a_new_channel_owes_nothing),
		T(a_channel_must_be_a_stream),
		T(a_back_end_has_the_room_of_the_front_end),
		T(queues_that_run_are_notified),
		T(a_queue_without_a_call_is_notified_in_band),
		T(all_pages_of_regions_are_logged),
		T(bytes_that_hold_a_page_are_logged_whole),
		T(nothing_is_logged_past_the_log),
		T(nothing_is_logged_unless_it_is_asked_for),
		T(a_long_log_is_written_to_its_end),
		T(memory_is_read_as_a_whole_or_not),
	};

	return cmocka_run_group_tests_name("hold-channel", tests, NULL, NULL);
}
