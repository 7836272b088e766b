/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A front-end that is hostile in its connection and in the fds it sends: it
 * connects and disconnects, sends bytes one by one, never reads, and has event
 * fds that are always ready, always full, or block. The server survives, sleeps
 * when it is gone, keeps nothing of it, and serves the next one.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/clock.h"
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"

#define FLOOD_MS 500
/* The value of an event fd that is full. */
#define FULL (UINT64_MAX - 1)

/* How often to repeat an attack, unless VINPUT_ATTACKS is set. */
static int attacks(int n)
{
	const char *text = getenv("VINPUT_ATTACKS");

	return text ? atoi(text) : n;
}

/* --- connections --- */

static void front_ends_may_come_and_go_100000_times(void **state)
{
	struct rig *rig = *state;
	struct usage before = usage_serve(rig);
	const struct vu_header half = { VU_GET_FEATURES, VU_FLAG_VERSION_1, 0 };

	rig_disconnect(rig);
	for (int i = attacks(100000); i > 0; i--) {
		int fd = rig_unix_connect(rig->socket, SOCK_STREAM);

		/* Some send a message, some half of one. */
		if (i % 3)
			assert_num(send(fd, &half, i % 3 == 1 ? 12 : 5,
					MSG_NOSIGNAL),
				   i % 3 == 1 ? 12 : 5);
		close(fd);
	}
	usage_expect_unharmed(rig, &before);
}

/* All fds that a message may have, before the message is complete. */
static void fds_of_unfinished_messages_do_not_add_up(void **state)
{
	struct rig *rig = *state;
	struct usage before = usage_serve(rig);
	struct fe_msg msg = fe_msg_u64(VU_SET_MEM_TABLE, 8);

	for (int i = 0; i < 8; i++)
		msg.fd[msg.n_fds++] = STDERR_FILENO;
	for (int i = 0; i < 200; i++) {
		rig_connect(rig);
		assert_ok(fe_send_part(&rig->fe, &msg, 0, 15));
	}
	usage_expect_unharmed(rig, &before);
}

/* Each byte of an unfinished message may bring fds of its own. */
static void fds_with_every_byte_do_not_add_up(void **state)
{
	struct rig *rig = *state;
	struct usage before = usage_serve(rig);
	struct fe_msg msg = fe_msg(VU_SET_MEM_TABLE);

	msg.hdr.size = sizeof(msg.table);
	rig_connect(rig);
	for (size_t i = 0; i < sizeof(msg.hdr) + msg.hdr.size - 1; i++) {
		const uint8_t *byte = (const uint8_t *)&msg.hdr + i;
		struct fe_msg one = { .n_fds = 8 };

		if (i >= sizeof(msg.hdr))
			byte = msg.bytes + (i - sizeof(msg.hdr));
		memcpy(&one, byte, 1);
		for (size_t k = 0; k < one.n_fds; k++)
			one.fd[k] = STDERR_FILENO;
		assert_ok(fe_send_part(&rig->fe, &one, 0, 1));
		rig_wait_read(rig->fe.fd);
	}
	struct usage during = usage_at_rest(rig->srv.pid);
	assert_true(during.fds <= before.fds + 8);
	usage_expect_unharmed(rig, &before);
}

/* --- a whole session, byte by byte --- */

/* Passes on what it reads, one byte at a time, fds with their bytes. */
struct dripper {
	int in, out;
};

static void *drip(void *arg)
{
	struct dripper *d = arg;
	char byte;
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int) * 16)];
	} control;

	for (;;) {
		struct iovec iov = { &byte, 1 };
		struct msghdr mh = { .msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = &control,
				     .msg_controllen = sizeof(control) };

		if (recvmsg(d->in, &mh, MSG_CMSG_CLOEXEC) <= 0 ||
		    sendmsg(d->out, &mh, MSG_NOSIGNAL) != 1)
			break;
		struct cmsghdr *c = CMSG_FIRSTHDR(&mh);
		for (size_t at = CMSG_LEN(0); c && at < c->cmsg_len;
		     at += sizeof(int)) {
			int fd;

			memcpy(&fd, (char *)c + at, sizeof(fd));
			close(fd);
		}
	}
	shutdown(d->out, SHUT_WR);
	return NULL;
}

static void *pass_back(void *arg)
{
	struct dripper *d = arg;
	char buf[512];
	ssize_t n;

	while ((n = read(d->out, buf, sizeof(buf))) > 0)
		if (send(d->in, buf, (size_t)n, MSG_NOSIGNAL) != n)
			break;
	return NULL;
}

static void a_session_may_come_byte_by_byte(void **state)
{
	struct rig *rig = *state;
	struct dripper d;
	pthread_t there, back;
	int pair[2];

	usage_serve(rig);
	rig_disconnect(rig);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	d.in = pair[1];
	d.out = rig_unix_connect(rig->socket, SOCK_STREAM);
	assert_ok(pthread_create(&there, NULL, drip, &d));
	assert_ok(pthread_create(&back, NULL, pass_back, &d));
	fe_attach(&rig->fe, pair[0]);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, 16));
	fe_post_buffers(&rig->fe, 16);
	assert_ok(fe_start(&rig->fe));
	rig_expect_works(rig);
	rig_disconnect(rig);
	assert_ok(pthread_join(there, NULL));
	assert_ok(pthread_join(back, NULL));
	close(d.in);
	close(d.out);
	rig_expect_serves(rig);
}

/* --- one that does not read --- */

static void a_front_end_that_never_reads_costs_nothing(void **state)
{
	struct rig *rig = *state;
	const struct vu_header get = { VU_GET_FEATURES, VU_FLAG_VERSION_1, 0 };
	struct usage before = usage_serve(rig);

	rig_run(rig, NULL, 16);
	for (double end = clock_ms() + FLOOD_MS; clock_ms() < end;) {
		struct pollfd p = { .fd = rig->fe.fd, .events = POLLOUT };

		if (poll(&p, 1, 50) == 1 &&
		    send(p.fd, &get, sizeof(get), MSG_NOSIGNAL | MSG_DONTWAIT) <
			    0)
			break;
	}
	/* It is still connected, and its guest is served. */
	assert_usage_as(rig->srv.pid,
			&(struct usage){ before.fds, before.private_kb,
					 before.mappings });
	rig_expect_works(rig);
	usage_expect_unharmed(rig, &before);
}

/* Return: how many were sent until the server has not read for a while. */
static size_t send_without_reading(int fd, const struct vu_header *hdr)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	size_t n = 0;

	while (poll(&p, 1, 200) == 1) {
		const ssize_t len = send(fd, hdr, sizeof(*hdr), MSG_DONTWAIT);

		if (len < 0)
			break;
		assert_num(len, sizeof(*hdr));
		n++;
	}
	return n;
}

static void one_that_reads_late_gets_each_reply(void **state)
{
	struct rig *rig = *state;
	const struct vu_header get = { VU_GET_FEATURES, VU_FLAG_VERSION_1, 0 };
	struct {
		struct vu_header hdr;
		uint8_t features[8];
	} reply;
	const struct timeval deadline = { .tv_sec = DEADLINE_MS / 1000 };
	size_t n;

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_sys(setsockopt(rig->fe.fd, SOL_SOCKET, SO_RCVTIMEO, &deadline,
			      sizeof(deadline)));
	n = send_without_reading(rig->fe.fd, &get);
	assert_true(n > 100);
	for (size_t i = 0; i < n; i++) {
		assert_num(recv(rig->fe.fd, &reply, sizeof(reply), MSG_WAITALL),
			   sizeof(reply));
		assert_num(reply.hdr.request, VU_GET_FEATURES);
		assert_num(reply.hdr.size, sizeof(reply.features));
	}
	assert_num(recv(rig->fe.fd, &reply, 1, MSG_DONTWAIT), -1);
	rig_disconnect(rig);
	rig_expect_serves(rig);
}

/* --- event fds --- */

static void give_fd(struct rig *rig, uint32_t request, unsigned int queue,
		    int fd)
{
	struct fe_msg msg = fe_msg_vring_fd(request, queue, fd);

	assert_ok(fe_request(&rig->fe, &msg));
}

static void *keep_kicking(void *arg)
{
	const int *fds = arg;
	static const uint64_t one = 1;

	while (!__atomic_load_n(&fds[2], __ATOMIC_RELAXED))
		for (int i = 0; i < 2; i++)
			if (write(fds[i], &one, sizeof(one)) < 0)
				break;
	return NULL;
}

static void kicks_at_full_speed_keep_nobody_waiting(void **state)
{
	struct rig *rig = *state;
	struct usage before = usage_serve(rig);
	int fds[3] = { 0 };
	pthread_t thread;

	rig_run(rig, NULL, 16);
	fds[0] = rig->fe.ring[FE_EVENTQ].kick;
	fds[1] = rig->fe.ring[FE_STATUSQ].kick;
	assert_ok(pthread_create(&thread, NULL, keep_kicking, fds));
	for (double end = clock_ms() + FLOOD_MS; clock_ms() < end;) {
		rig_expect_works(rig);
	}
	__atomic_store_n(&fds[2], 1, __ATOMIC_RELAXED);
	assert_ok(pthread_join(thread, NULL));
	usage_expect_unharmed(rig, &before);
}

/* Each read takes 1 of 2^64 - 2: kicks that nobody has to send. */
static void kicks_without_end_do_not_keep_the_server_busy(void **state)
{
	struct rig *rig = *state;
	struct usage before = usage_serve(rig);
	int fd = eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK);
	uint64_t full = FULL;

	assert_sys(fd);
	assert_num(write(fd, &full, sizeof(full)), sizeof(full));
	rig_run(rig, NULL, 16);
	give_fd(rig, VU_SET_VRING_KICK, FE_EVENTQ, fd);
	give_fd(rig, VU_SET_VRING_KICK, FE_STATUSQ, fd);
	const int64_t cpu = usage_cpu_ns(rig->srv.pid);
	poll(NULL, 0, FLOOD_MS);
	assert_true(usage_cpu_ns(rig->srv.pid) - cpu <
		    FLOOD_MS / 4 * INT64_C(1000000));
	rig_expect_works(rig);
	close(fd);
	usage_expect_unharmed(rig, &before);
}

/* More of them than are taken at once, then none. */
static void kicks_that_are_put_off_are_not_waited_for_for_ever(void **state)
{
	struct rig *rig = *state;
	const uint64_t kicks = 100;
	int fd = eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	usage_serve(rig);
	assert_sys(fd);
	rig_run(rig, NULL, 16);
	give_fd(rig, VU_SET_VRING_KICK, FE_EVENTQ, fd);
	assert_num(write(fd, &kicks, sizeof(kicks)), sizeof(kicks));
	for (int ms = 0; poll(&p, 1, 0); ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
	}
	usage_wait_rest(rig->srv.pid);
	const long before = usage_sleeps(rig->srv.pid);
	poll(NULL, 0, FLOOD_MS / 4);
	assert_num(usage_sleeps(rig->srv.pid) - before, 0);
	rig_expect_works(rig);
	close(fd);
}

static int full_eventfd(void)
{
	uint64_t full = FULL;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_sys(fd);
	assert_num(write(fd, &full, sizeof(full)), sizeof(full));
	return fd;
}

static void a_full_call_fd_blocks_nobody(void **state)
{
	struct rig *rig = *state;
	struct usage before = usage_serve(rig);
	int fd = full_eventfd();

	rig_run(rig, NULL, 16);
	give_fd(rig, VU_SET_VRING_CALL, FE_EVENTQ, fd);
	for (int i = 0; i < 100; i++)
		inject(rig, KEY(KEY_A, !(i % 2)), SYN);
	rig_wait_read(rig->inject[0]);
	close(fd);
	usage_expect_unharmed(rig, &before);
}

/* The server set it non-blocking, but the front-end shares the file. */
static void make_blocking(int fd)
{
	assert_sys(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK));
}

static void a_call_fd_that_blocks_is_not_waited_for(void **state)
{
	struct rig *rig = *state;
	struct usage before = usage_serve(rig);
	int fd = full_eventfd();

	rig_run(rig, NULL, 16);
	give_fd(rig, VU_SET_VRING_CALL, FE_EVENTQ, fd);
	make_blocking(fd);
	rig_type(rig);
	rig_expect_violation(rig, "an event fd blocks");
	close(fd);
	usage_expect_unharmed(rig, &before);
}

static void *drain(void *arg)
{
	const int *fd = arg;
	uint64_t count;
	static const uint64_t one = 1;

	while (!__atomic_load_n(&fd[1], __ATOMIC_RELAXED)) {
		make_blocking(fd[0]);
		if (write(fd[0], &one, sizeof(one)) < 0)
			break;
		struct pollfd p = { .fd = fd[0], .events = POLLIN };
		if (poll(&p, 1, 0) == 1 &&
		    recv(fd[0], &count, sizeof(count), MSG_DONTWAIT) < 0 &&
		    read(fd[0], &count, sizeof(count)) < 0)
			break;
	}
	return NULL;
}

/* Readable in poll, and empty when it is read. */
static void a_kick_fd_that_blocks_is_not_waited_for(void **state)
{
	struct rig *rig = *state;
	struct usage before = usage_serve(rig);
	int fd[2] = { eventfd(0, EFD_CLOEXEC), 0 };
	pthread_t thread;

	assert_sys(fd[0]);
	rig_run(rig, NULL, 16);
	give_fd(rig, VU_SET_VRING_KICK, FE_EVENTQ, fd[0]);
	assert_ok(pthread_create(&thread, NULL, drain, fd));
	poll(NULL, 0, FLOOD_MS);
	__atomic_store_n(&fd[1], 1, __ATOMIC_RELAXED);
	/* The thread may block on what the server keeps reading. */
	while (pthread_tryjoin_np(thread, NULL)) {
		static const uint64_t one = 1;

		assert_num(write(fd[0], &one, sizeof(one)), sizeof(one));
		poll(NULL, 0, 1);
	}
	rig->lines.frontend = -1;
	close(fd[0]);
	usage_expect_unharmed(rig, &before);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(name, usage_rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(front_ends_may_come_and_go_100000_times),
		T(fds_of_unfinished_messages_do_not_add_up),
		T(fds_with_every_byte_do_not_add_up),
		T(a_session_may_come_byte_by_byte),
		T(a_front_end_that_never_reads_costs_nothing),
		T(one_that_reads_late_gets_each_reply),
		T(kicks_at_full_speed_keep_nobody_waiting),
		T(kicks_without_end_do_not_keep_the_server_busy),
		T(kicks_that_are_put_off_are_not_waited_for_for_ever),
		T(a_full_call_fd_blocks_nobody),
		T(a_call_fd_that_blocks_is_not_waited_for),
		T(a_kick_fd_that_blocks_is_not_waited_for),
	};

	return cmocka_run_group_tests_name("attack-frontend", tests, NULL,
					   NULL);
}
