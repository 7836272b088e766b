/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold-device.h between a front-end and back-ends that come and go. The test is
 * both of them; time passes when it says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include "injector/hold/hold-device.h"
#include "input/base/fd.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/temp-dir.h"

#define FEATURES UINT64_C(0x140000000)
#define PROTOCOL (UINT64_C(1) << VU_PROTOCOL_F_REPLY_ACK)

static char dir[TEMP_DIR_LEN];
static struct ev_loop *loop;
static struct hold_device d;
static struct vu_socket vmm, server; /* the test's ends */
static int listen_fd = -1;	     /* of back-ends */
static int64_t now_ns;
static unsigned int connects; /* attempts */
static int full_fd;	      /* has no room */
static int log_fd, stderr_fd;
static char logged[4096];
static struct {
	unsigned int n;
	uint64_t features, protocol;
} acked;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *t)
{
	if (id == CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, id, t);
	t->tv_sec = now_ns / 1000000000;
	t->tv_nsec = now_ns % 1000000000;
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	connects++;
	return (int)syscall(SYS_connect, fd, addr, len);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t sendmsg(int fd, const struct msghdr *mh, int flags)
{
	if (fd != full_fd)
		return syscall(SYS_sendmsg, fd, mh, flags);
	errno = EAGAIN;
	return -1;
}

static void on_acked(void *arg, uint64_t features, uint64_t protocol)
{
	assert_ptr_equal(arg, &acked);
	acked.n++;
	acked.features = features;
	acked.protocol = protocol;
}

/* All that can be done now. */
static void settle(void)
{
	for (int i = 0; i < 20; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static void pass_ms(int ms)
{
	while (ms--) {
		now_ns += 1000000;
		settle();
	}
}

/* --- the log --- */

/* What was logged since, without our program's name. */
static void expect_log(const char *text)
{
	const size_t name_len = strlen(program_invocation_short_name);
	char lines[sizeof(logged)] = "", *line = logged, *end;
	const ssize_t n = pread(log_fd, logged, sizeof(logged) - 1, 0);

	assert_sys(n);
	logged[n] = '\0';
	assert_sys(ftruncate(log_fd, 0));
	assert_sys(lseek(log_fd, 0, SEEK_SET));
	for (; (end = strchr(line, '\n')); line = end + 1)
		strncat(lines, line + name_len + 2,
			(size_t)(end + 1 - line) - name_len - 2);
	assert_string_equal(lines, text);
}

/* --- the two sides --- */

static struct sockaddr_un back_end_address(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/back", dir);
	return addr;
}

static void back_ends_listen(void)
{
	struct sockaddr_un addr = back_end_address();

	listen_fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_sys(listen_fd);
	assert_sys(bind(listen_fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(listen_fd, 8));
}

static bool any(void *arg, const struct vu_header *hdr)
{
	return true;
}

static bool next_server_comes(void)
{
	int fd;

	settle();
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return false;
	vu_socket_fini(&server);
	vu_socket_init(&server, fd);
	return true;
}

static void vmm_comes(void)
{
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	vu_socket_fini(&vmm);
	vu_socket_init(&vmm, fd[0]);
	hold_device_serve(&d, fd[1]);
}

static struct vu_message make(uint32_t request, uint64_t u64)
{
	struct vu_message msg = { .hdr = { request, VU_FLAG_VERSION_1,
					   sizeof(msg.p.u64) },
				  .reply_fd = -1 };

	msg.p.u64 = u64;
	return msg;
}

static void says(struct vu_socket *s, const struct vu_message *msg)
{
	assert_ok(vu_socket_pass(s, msg));
	settle();
}

static void vmm_says(uint32_t request, uint64_t u64)
{
	const struct vu_message msg = make(request, u64);

	says(&vmm, &msg);
}

static void vmm_asks(uint32_t request)
{
	struct vu_message msg = make(request, 0);

	msg.hdr.size = 0;
	says(&vmm, &msg);
}

static void server_answers(uint32_t request, uint64_t u64)
{
	struct vu_message msg = make(request, u64);

	msg.hdr.flags |= VU_FLAG_REPLY;
	says(&server, &msg);
}

/* The next message at this side. */
static const struct vu_message *hears(struct vu_socket *s, uint32_t request)
{
	settle();
	vu_message_close_fds(&s->in);
	assert_num(vu_socket_recv(s, any, NULL), 1);
	assert_num(s->in.hdr.request, request);
	return &s->in;
}

static void hears_nothing(struct vu_socket *s)
{
	settle();
	assert_num(vu_socket_recv(s, any, NULL), 0);
}

static void hears_end(struct vu_socket *s)
{
	settle();
	assert_num(vu_socket_recv(s, any, NULL), -ECONNRESET);
}

/* A server that dies, whatever it was sent. */
static void server_dies(void)
{
	vu_socket_fini(&server);
	vu_socket_init(&server, -1);
	settle();
}

/* Front-end and back-end have negotiated. */
static void session_runs(void)
{
	vmm_comes();
	assert_true(next_server_comes());
	vmm_says(VU_SET_PROTOCOL_FEATURES, PROTOCOL);
	hears(&server, VU_SET_PROTOCOL_FEATURES);
	vmm_says(VU_SET_FEATURES, FEATURES);
	hears(&server, VU_SET_FEATURES);
}

/* What session_runs() has said is said again. */
static void takes_replay(void)
{
	hears(&server, VU_GET_FEATURES);
	server_answers(VU_GET_FEATURES, UINT64_MAX);
	hears(&server, VU_GET_PROTOCOL_FEATURES);
	server_answers(VU_GET_PROTOCOL_FEATURES, UINT64_MAX);
	assert_num(hears(&server, VU_SET_PROTOCOL_FEATURES)->p.u64, PROTOCOL);
	assert_num(hears(&server, VU_SET_FEATURES)->p.u64, FEATURES);
	hears(&server, VU_GET_FEATURES);
	server_answers(VU_GET_FEATURES, UINT64_MAX);
}

static int setup(void **state)
{
	now_ns = 1000000000;
	connects = 0;
	full_fd = -1;
	memset(&acked, 0, sizeof(acked));
	temp_dir_make(dir);
	stderr_fd = dup(STDERR_FILENO);
	log_fd = memfd_create("log", MFD_CLOEXEC);
	assert_sys(dup2(log_fd, STDERR_FILENO));
	loop = ev_loop_new(EVFLAG_NOENV);
	fill_with_garbage(&d);
	hold_device_init(&d, loop, "kbd", back_end_address().sun_path);
	d.give_up_s = 60;
	d.acked = on_acked;
	d.arg = &acked;
	vu_socket_init(&vmm, -1);
	vu_socket_init(&server, -1);
	back_ends_listen();
	return 0;
}

static int teardown(void **state)
{
	hold_device_fini(&d);
	hold_device_fini(&d);
	/* Nothing is left in the loop. */
	const bool left = ev_run(loop, EVRUN_NOWAIT);

	ev_loop_destroy(loop);
	vu_socket_fini(&vmm);
	vu_socket_fini(&server);
	listen_fd = close_fd(listen_fd);
	dup2(stderr_fd, STDERR_FILENO);
	close(stderr_fd);
	close(log_fd);
	return temp_dir_remove(dir) || left ? -1 : 0;
}

/* --- messages --- */

static void messages_pass_in_both_directions(void **state)
{
	session_runs();
	assert_num(d.state, HOLD_READY);
	vmm_asks(VU_GET_FEATURES);
	assert_num(hears(&server, VU_GET_FEATURES)->hdr.size, 0);
	server_answers(VU_GET_FEATURES, 42);
	assert_num(hears(&vmm, VU_GET_FEATURES)->p.u64, 42);
	hears_nothing(&vmm);
	hears_nothing(&server);
	expect_log("");
}

static void what_follows_a_question_waits_for_its_answer(void **state)
{
	session_runs();
	vmm_asks(VU_GET_FEATURES);
	vmm_asks(VU_GET_STATUS);
	hears(&server, VU_GET_FEATURES);
	hears_nothing(&server);
	server_answers(VU_GET_FEATURES, 1);
	hears(&vmm, VU_GET_FEATURES);
	hears(&server, VU_GET_STATUS);
}

static void an_answer_waits_for_room(void **state)
{
	session_runs();
	vmm_asks(VU_GET_FEATURES);
	hears(&server, VU_GET_FEATURES);
	full_fd = d.vmm.socket.fd;
	server_answers(VU_GET_FEATURES, 1);
	assert_num(d.vmm.full, VU_SOCKET_FULL);
	/* So does the next question, whose answer would find none. */
	vmm_asks(VU_GET_STATUS);
	hears_nothing(&server);
	full_fd = -1;
	hears(&vmm, VU_GET_FEATURES);
	hears(&server, VU_GET_STATUS);
}

static void a_message_waits_for_room(void **state)
{
	session_runs();
	full_fd = d.server.socket.fd;
	vmm_says(VU_SET_STATUS, 1);
	vmm_says(VU_SET_STATUS, 2);
	hears_nothing(&server);
	full_fd = -1;
	assert_num(hears(&server, VU_SET_STATUS)->p.u64, 1);
	assert_num(hears(&server, VU_SET_STATUS)->p.u64, 2);
	hears_nothing(&server);
}

/* Flags and size of a header, and whether a front-end may send it. */
static const struct header {
	uint32_t flags, size;
	bool vmm, server;
} headers[] = {
	{ VU_FLAG_VERSION_1, 8, true, false },
	{ VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY, 8, true, false },
	{ VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8, false, true },
	{ VU_FLAG_REPLY, 8, false, true },
	{ 0, 8, false, false },
	{ 2, 8, false, false },
	{ VU_FLAG_VERSION_1, VU_PAYLOAD_MAX, true, false },
	{ VU_FLAG_VERSION_1, VU_PAYLOAD_MAX + 1, false, false },
	{ VU_FLAG_VERSION_1 | VU_FLAG_REPLY, VU_PAYLOAD_MAX, false, true },
	{ VU_FLAG_VERSION_1 | VU_FLAG_REPLY, VU_PAYLOAD_MAX + 1, false, false },
};

static void headers_are_checked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		const struct vu_header hdr = { VU_SET_STATUS, headers[i].flags,
					       headers[i].size };

		assert_num(d.vmm.check_header(NULL, &hdr), headers[i].vmm);
		assert_num(d.server.check_header(NULL, &hdr),
			   headers[i].server);
	}
}

static void a_front_end_with_a_wrong_header_is_disconnected(void **state)
{
	struct vu_message msg = make(VU_SET_STATUS, 1);

	session_runs();
	msg.hdr.flags = 2;
	says(&vmm, &msg);
	hears_end(&vmm);
	hears_end(&server);
	expect_log("frontend: kbd: invalid header; closing the "
		   "connection\n");
	assert_num(d.state, HOLD_IDLE);
}

static void a_front_end_that_goes_is_not_mentioned(void **state)
{
	session_runs();
	vu_socket_fini(&vmm);
	hears_end(&server);
	expect_log("");
	assert_num(d.state, HOLD_IDLE);
}

/* What it sent before it went is passed on. */
static void the_last_message_of_a_front_end_arrives(void **state)
{
	const struct vu_message msg = make(VU_SET_STATUS, 1);

	session_runs();
	assert_ok(vu_socket_pass(&vmm, &msg));
	vu_socket_fini(&vmm);
	hears(&server, VU_SET_STATUS);
	hears_end(&server);
}

static void reads_of_the_configuration_are_answered_ahead(void **state)
{
	struct vu_message ask = make(VU_GET_CONFIG, 0), all;

	session_runs();
	ask.hdr.size = sizeof(ask.p.config) + 1;
	ask.p.config = (struct vu_config){ .offset = 2, .size = 1 };
	says(&vmm, &ask);
	all = *hears(&server, VU_GET_CONFIG);
	assert_num(all.p.config.size, HOLD_CONFIG_LEN);
	all.hdr.flags |= VU_FLAG_REPLY;
	all.p.bytes[sizeof(ask.p.config) + 2] = 7;
	all.p.bytes[sizeof(ask.p.config) + 3] = 8;
	says(&server, &all);
	assert_num(hears(&vmm, VU_GET_CONFIG)->p.bytes[12], 7);
	ask.p.config.offset = 3;
	says(&vmm, &ask);
	assert_num(hears(&vmm, VU_GET_CONFIG)->p.bytes[12], 8);
	hears_nothing(&server);
	/* The next back-end's may be others. */
	server_dies();
	assert_true(next_server_comes());
	takes_replay();
	says(&vmm, &ask);
	hears(&server, VU_GET_CONFIG);
}

static void a_channel_must_be_a_stream(void **state)
{
	struct vu_message msg = make(VU_SET_BACKEND_REQ_FD, 0);
	int fd[2];

	session_runs();
	assert_sys(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fd));
	msg.hdr.size = 0;
	msg.fds[0] = fd[0];
	msg.n_fds = 1;
	says(&vmm, &msg);
	close(fd[0]);
	close(fd[1]);
	hears_end(&vmm);
	expect_log("frontend: kbd: SET_BACKEND_REQ_FD: its fd is not a "
		   "stream socket; closing the connection\n");
}

/* Return: the front-end's end of a channel that it has set. */
static int set_channel(void)
{
	struct vu_message msg = make(VU_SET_BACKEND_REQ_FD, 0);
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	msg.hdr.size = 0;
	msg.fds[0] = fd[0];
	msg.n_fds = 1;
	says(&vmm, &msg);
	close(fd[0]);
	return fd[1];
}

static void each_back_end_has_a_channel_of_its_own(void **state)
{
	struct vu_message ask = make(VU_BACKEND_CONFIG_CHANGE_MSG, 0);
	struct vu_socket from, to;

	session_runs();
	vu_socket_init(&to, set_channel());
	for (int i = 0; i < 2; i++) {
		const struct vu_message *msg;

		msg = hears(&server, VU_SET_BACKEND_REQ_FD);
		assert_num(msg->n_fds, 1);
		assert_num(msg->hdr.size, 0);
		vu_socket_init(&from, vu_message_steal_fd(&server.in, 0));
		ask.hdr.size = 0;
		says(&from, &ask);
		hears(&to, VU_BACKEND_CONFIG_CHANGE_MSG);
		if (!i)
			server_dies();
		hears_nothing(&to);
		vu_socket_fini(&from);
		if (i)
			break;
		assert_true(next_server_comes());
		hears(&server, VU_GET_FEATURES);
		server_answers(VU_GET_FEATURES, UINT64_MAX);
		hears(&server, VU_GET_PROTOCOL_FEATURES);
		server_answers(VU_GET_PROTOCOL_FEATURES, UINT64_MAX);
		hears(&server, VU_SET_PROTOCOL_FEATURES);
	}
	vu_socket_fini(&to);
}

/* --- a back-end is lost --- */

static void the_next_back_end_continues(void **state)
{
	session_runs();
	server_dies();
	assert_true(next_server_comes());
	now_ns += 7500000;
	takes_replay();
	vmm_asks(VU_GET_STATUS);
	hears(&server, VU_GET_STATUS);
	hears_nothing(&vmm);
	expect_log("kbd: the back-end has ended\n"
		   "kbd: continued by the next back-end after 7 ms\n");
	/* It is no longer waited for. */
	assert_false(ev_is_active(&d.retry));
}

static void a_question_is_asked_once_more(void **state)
{
	session_runs();
	vmm_asks(VU_GET_STATUS);
	hears(&server, VU_GET_STATUS);
	server_dies();
	assert_true(next_server_comes());
	takes_replay();
	hears(&server, VU_GET_STATUS);
	hears_nothing(&server);
	hears_nothing(&vmm);
	server_answers(VU_GET_STATUS, 5);
	assert_num(hears(&vmm, VU_GET_STATUS)->p.u64, 5);
	expect_log("kbd: the back-end has ended\n"
		   "kbd: continued by the next back-end after 0 ms\n");
}

static void what_is_said_meanwhile_comes_after_what_was_said(void **state)
{
	session_runs();
	server_dies();
	vmm_says(VU_SET_STATUS, 3);
	assert_true(next_server_comes());
	takes_replay();
	assert_num(hears(&server, VU_SET_STATUS)->p.u64, 3);
}

static void a_back_end_with_a_wrong_header_is_replaced(void **state)
{
	const struct vu_message msg = make(VU_GET_STATUS, 1);

	session_runs();
	says(&server, &msg);
	hears_end(&server);
	assert_true(next_server_comes());
	expect_log("kbd: the back-end sent an invalid header\n");
}

static void a_back_end_that_answers_nobody_is_replaced(void **state)
{
	session_runs();
	server_answers(VU_GET_STATUS, 1);
	hears_end(&server);
	assert_true(next_server_comes());
	hears(&server, VU_GET_FEATURES);
	/* Also during the replay. */
	server_answers(VU_GET_STATUS, 1);
	hears_end(&server);
	assert_true(next_server_comes());
	expect_log("kbd: the back-end answered what was not asked\n"
		   "kbd: the back-end answered what was not asked\n");
	hears_nothing(&vmm);
}

static void one_that_lacks_features_is_named_once(void **state)
{
	session_runs();
	server_dies();
	assert_true(next_server_comes());
	expect_log("kbd: the back-end has ended\n");
	for (int i = 0; i < 2; i++) {
		hears(&server, VU_GET_FEATURES);
		server_answers(VU_GET_FEATURES, UINT64_C(1) << 32);
		hears_end(&server);
		pass_ms(499);
		assert_false(next_server_comes());
		pass_ms(2);
		assert_true(next_server_comes());
	}
	expect_log("host: kbd: the next back-end lacks feature bits "
		   "0x40000000, which are in use; it cannot continue\n");
	takes_replay();
	assert_num(d.state, HOLD_READY);
}

static void what_no_other_can_continue_ends(void **state)
{
	session_runs();
	vmm_says(99, 0);
	hears(&server, 99);
	server_dies();
	hears_end(&vmm);
	expect_log("host: kbd: it has sent a request that is unknown here; "
		   "closing the connection\n");
	assert_false(next_server_comes());
}

static void a_transfer_under_way_is_answered_with_its_failure(void **state)
{
	struct vu_message msg = make(VU_SET_DEVICE_STATE_FD, 0);

	session_runs();
	msg.fds[0] = log_fd;
	msg.n_fds = 1;
	says(&vmm, &msg);
	hears(&server, VU_SET_DEVICE_STATE_FD);
	server_dies();
	assert_num(hears(&vmm, VU_SET_DEVICE_STATE_FD)->p.u64,
		   VU_TRANSFER_NOFD | 1);
	assert_true(next_server_comes());
	takes_replay();
	hears_nothing(&server);
	hears_nothing(&vmm);
	assert_num(d.state, HOLD_READY);
}

/* --- no back-end --- */

/* Without one: when is one looked for? */
static void looks_for_one_after(const int *ms, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned int before = connects;

		pass_ms(ms[i] - 1);
		assert_num(connects, before);
		now_ns += 1000; /* the loop's seconds are not exact */
		pass_ms(1);
		assert_num(connects, before + 1);
	}
}

static void a_back_end_is_looked_for_less_and_less_often(void **state)
{
	static const int ms[] = { 2, 4, 8, 16, 32, 50, 50 };

	unlink(back_end_address().sun_path);
	vmm_comes();
	assert_num(connects, 1);
	looks_for_one_after(ms, ARRAY_LEN(ms));
	listen_fd = close_fd(listen_fd);
	back_ends_listen();
	pass_ms(51);
	assert_true(next_server_comes());
	vmm_says(VU_SET_STATUS, 1);
	hears(&server, VU_SET_STATUS);
	/* The next one soon again. */
	unlink(back_end_address().sun_path);
	server_dies();
	looks_for_one_after(ms, 3);
}

static void a_front_end_is_disconnected_if_none_comes_in_time(void **state)
{
	unlink(back_end_address().sun_path);
	d.give_up_s = 0.5;
	now_ns += 12345;
	vmm_comes();
	pass_ms(490);
	hears_nothing(&vmm);
	pass_ms(60);
	hears_end(&vmm);
	expect_log("host: kbd: no back-end has continued it in time; "
		   "closing the connection\n");
	assert_num(d.state, HOLD_IDLE);
	pass_ms(100);
	/* The next front-end has all that time again. */
	vmm_comes();
	pass_ms(490);
	hears_nothing(&vmm);
}

/* It lives, but does not answer. */
static void so_it_is_if_the_next_one_hangs(void **state)
{
	session_runs();
	d.give_up_s = 0.5;
	server_dies();
	assert_true(next_server_comes());
	pass_ms(490);
	hears_nothing(&vmm);
	pass_ms(60);
	hears_end(&vmm);
}

static void back_ends_that_end_are_connected_less_often(void **state)
{
	session_runs();
	vmm_asks(VU_GET_STATUS);
	for (int i = 0; i < 4; i++) {
		server_dies();
		assert_true(next_server_comes());
	}
	server_dies();
	assert_false(next_server_comes());
	pass_ms(49);
	assert_false(next_server_comes());
	pass_ms(2);
	assert_true(next_server_comes());
	takes_replay();
	hears(&server, VU_GET_STATUS);
	server_answers(VU_GET_STATUS, 1);
	hears(&vmm, VU_GET_STATUS);
	/* It has done something: the next one is connected at once. */
	server_dies();
	assert_true(next_server_comes());
}

#define ENDED "kbd: the back-end has ended\n"

static void a_message_at_which_all_end_ends_the_connection(void **state)
{
	int ms = 0;

	session_runs();
	vmm_asks(VU_GET_STATUS);
	while (d.state != HOLD_IDLE) {
		assert_true(ms < 3000);
		server_dies();
		if (next_server_comes())
			takes_replay();
		pass_ms(1);
		ms++;
	}
	assert_true(ms > 1950);
	hears_end(&vmm);
	/* So that the log has room for the last line. */
	expect_log(ENDED ENDED ENDED ENDED ENDED
		   "host: kbd: back-ends end at the same message again and "
		   "again; closing the connection\n");
}

/* --- what is reported --- */

static void what_is_acked_is_reported_once(void **state)
{
	session_runs();
	assert_num(acked.n, 2);
	assert_num(acked.features, FEATURES);
	assert_num(acked.protocol, PROTOCOL);
	vmm_says(VU_SET_FEATURES, FEATURES);
	vmm_asks(VU_GET_STATUS);
	assert_num(acked.n, 2);
	vu_socket_fini(&vmm);
	settle();
	assert_num(acked.n, 3);
	assert_num(acked.features | acked.protocol, 0);
}

static void nobody_need_ask_for_that(void **state)
{
	d.acked = NULL;
	session_runs();
	assert_num(acked.n, 0);
}

/* --- the socket --- */

/* Return: a connection to it. */
static int connect_to(const struct sockaddr_un *addr)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	assert_sys(connect(fd, (const struct sockaddr *)addr, sizeof(*addr)));
	settle();
	return fd;
}

static void one_front_end_after_the_other_is_served(void **state)
{
	struct sockaddr_un addr = back_end_address();
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), second;
	char expected[300];

	strcat(addr.sun_path, "-front");
	assert_sys(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(fd, 8));
	assert_ok(hold_device_start(&d, fd));
	vu_socket_init(&vmm, connect_to(&addr));
	assert_true(next_server_comes());
	second = connect_to(&addr);
	assert_false(next_server_comes());
	pass_ms(2000);
	snprintf(expected, sizeof(expected),
		 "frontend: kbd: another front-end is waiting: a device "
		 "serves one VMM or monitor at a time, and one (process "
		 "%d) is connected\n",
		 getpid());
	expect_log(expected);
	vu_socket_fini(&vmm);
	settle();
	hears_end(&server);
	assert_true(next_server_comes());
	vu_socket_init(&vmm, second);
	vmm_says(VU_SET_STATUS, 1);
	hears(&server, VU_SET_STATUS);
	hold_device_fini(&d);
	hears_end(&vmm);
	close(fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(messages_pass_in_both_directions),
		T(what_follows_a_question_waits_for_its_answer),
		T(an_answer_waits_for_room),
		T(a_message_waits_for_room),
		T(headers_are_checked),
		T(a_front_end_with_a_wrong_header_is_disconnected),
		T(a_front_end_that_goes_is_not_mentioned),
		T(the_last_message_of_a_front_end_arrives),
		T(reads_of_the_configuration_are_answered_ahead),
		T(a_channel_must_be_a_stream),
		T(each_back_end_has_a_channel_of_its_own),
		T(the_next_back_end_continues),
		T(a_question_is_asked_once_more),
		T(what_is_said_meanwhile_comes_after_what_was_said),
		T(a_back_end_with_a_wrong_header_is_replaced),
		T(a_back_end_that_answers_nobody_is_replaced),
		T(one_that_lacks_features_is_named_once),
		T(what_no_other_can_continue_ends),
		T(a_transfer_under_way_is_answered_with_its_failure),
		T(a_back_end_is_looked_for_less_and_less_often),
		T(a_front_end_is_disconnected_if_none_comes_in_time),
		T(so_it_is_if_the_next_one_hangs),
		T(back_ends_that_end_are_connected_less_often),
		T(a_message_at_which_all_end_ends_the_connection),
		T(what_is_acked_is_reported_once),
		T(nobody_need_ask_for_that),
		T(one_front_end_after_the_other_is_served),
	};

	return cmocka_run_group_tests_name("hold-device", tests, NULL, NULL);
}
