/* SPDX-License-Identifier: Apache-2.0 */
/* hold-device.h: what is passed on, and to whom. */
#include <stdlib.h>
#include "tests/lib/hold-world.h"

static bool memory_is_short;

/* In place of libc's. */
void *calloc(size_t nmemb, size_t size)
{
	void *new = memory_is_short ? NULL : malloc(nmemb * size);

	/* Of memset() the compiler would make a calloc(). */
	if (new)
		explicit_bzero(new, nmemb * size);
	return new;
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

static void a_front_end_that_cannot_be_answered_is_disconnected(void **state)
{
	session_runs();
	vmm_asks(VU_GET_FEATURES);
	hears(&server, VU_GET_FEATURES);
	full_fd = d.vmm.socket.fd;
	full_errno = ENOMEM;
	server_answers(VU_GET_FEATURES, 1);
	hears_end(&vmm);
	expect_log("host: kbd: Cannot allocate memory; closing the "
		   "connection\n");
}

static void a_back_ends_socket_never_blocks_and_is_not_inherited(void **state)
{
	session_runs();
	assert_true(fcntl(d.server.socket.fd, F_GETFL) & O_NONBLOCK);
	assert_num(fcntl(d.server.socket.fd, F_GETFD), FD_CLOEXEC);
}

/* One byte of the configuration, and the front-end's question for it. */
static struct vu_message config_byte(uint32_t offset)
{
	struct vu_message ask = make(VU_GET_CONFIG, 0);

	ask.hdr.size = sizeof(ask.p.config) + 1;
	ask.p.config = (struct vu_config){ .offset = offset, .size = 1 };
	return ask;
}

static void reads_of_the_configuration_are_answered_ahead(void **state)
{
	struct vu_message ask = config_byte(2), all;

	session_runs();
	says(&vmm, &ask);
	all = *hears(&server, VU_GET_CONFIG);
	assert_num(all.p.config.size, HOLD_CONFIG_LEN);
	all.hdr.flags |= VU_FLAG_REPLY;
	all.p.bytes[sizeof(ask.p.config) + 2] = 7;
	all.p.bytes[sizeof(ask.p.config) + 3] = 8;
	says(&server, &all);
	assert_num(hears(&vmm, VU_GET_CONFIG)->p.bytes[12], 7);
	ask.p.config.offset = 3;
	/* An fd that comes along is not sent back. */
	ask.fds[ask.n_fds++] = log_fd;
	says(&vmm, &ask);
	assert_num(hears(&vmm, VU_GET_CONFIG)->p.bytes[12], 8);
	assert_num(vmm.in.n_fds, 0);
	ask.n_fds = 0;
	hears_nothing(&server);
	/* The next back-end's may be others. */
	server_dies();
	assert_true(next_server_comes());
	takes_replay();
	says(&vmm, &ask);
	hears(&server, VU_GET_CONFIG);
}

static void one_that_has_less_is_asked_for_what_is_wanted(void **state)
{
	struct vu_message msg = config_byte(2);

	session_runs();
	says(&vmm, &msg);
	msg = *hears(&server, VU_GET_CONFIG);
	msg.hdr.flags |= VU_FLAG_REPLY;
	msg.hdr.size = 0;
	says(&server, &msg);
	hears_nothing(&vmm);
	assert_num(hears(&server, VU_GET_CONFIG)->p.config.size, 1);
	hears_nothing(&server);
	msg = config_byte(2);
	msg.hdr.flags |= VU_FLAG_REPLY;
	says(&server, &msg);
	hears(&vmm, VU_GET_CONFIG);
	msg = config_byte(3);
	says(&vmm, &msg);
	assert_num(hears(&server, VU_GET_CONFIG)->p.config.size, 1);
}

/* Return: the front-end's end of a channel of that type that it has set. */
static int set_channel(int type)
{
	struct vu_message msg = make(VU_SET_BACKEND_REQ_FD, 0);
	int fd[2];

	assert_sys(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fd));
	msg.hdr.size = 0;
	msg.fds[0] = fd[0];
	msg.n_fds = 1;
	says(&vmm, &msg);
	close(fd[0]);
	return fd[1];
}

static void a_channel_needs_memory(void **state)
{
	int fd;

	session_runs();
	memory_is_short = true;
	fd = set_channel(SOCK_STREAM);
	memory_is_short = false;
	close(fd);
	hears_end(&vmm);
	expect_log("host: kbd: Cannot allocate memory; closing the "
		   "connection\n");
}

static void a_channel_must_be_a_stream(void **state)
{
	session_runs();
	close(set_channel(SOCK_DGRAM));
	hears_end(&vmm);
	expect_log("frontend: kbd: SET_BACKEND_REQ_FD: its fd is not a "
		   "stream socket; closing the connection\n");
}

/* The last front-end has gone. */
static void vmm_comes_after_the_last(void)
{
	vu_socket_fini(&vmm);
	settle();
	vmm_comes();
	assert_true(next_server_comes());
}

static void each_back_end_has_a_channel_of_its_own(void **state)
{
	struct vu_message ask = make(VU_BACKEND_CONFIG_CHANGE_MSG, 0);
	struct vu_socket from, to;

	session_runs();
	vu_socket_init(&to, set_channel(SOCK_STREAM));
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
		begins_replay();
	}
	vu_socket_fini(&to);
}

/* A session's channel, configuration, question and losses are its own. */
static void the_next_front_end_finds_nothing_of_the_first(void **state)
{
	struct vu_message ask = config_byte(2), all;
	struct vu_socket channel;

	session_runs();
	vu_socket_init(&channel, set_channel(SOCK_STREAM));
	hears(&server, VU_SET_BACKEND_REQ_FD);
	says(&vmm, &ask);
	all = *hears(&server, VU_GET_CONFIG);
	all.hdr.flags |= VU_FLAG_REPLY;
	says(&server, &all);
	hears(&vmm, VU_GET_CONFIG);
	vmm_comes_after_the_last();
	hears_end(&channel);
	says(&vmm, &ask);
	hears(&server, VU_GET_CONFIG);
	for (int i = 0; i < 4; i++) {
		server_dies();
		assert_true(next_server_comes());
	}
	vmm_comes_after_the_last();
	hears_nothing(&server);
	vmm_says(VU_SET_STATUS, 1);
	hears(&server, VU_SET_STATUS);
	for (int i = 0; i < 4; i++) {
		server_dies();
		assert_true(next_server_comes());
	}
	vu_socket_fini(&channel);
}

static void a_channel_that_cannot_be_made_is_made_later(void **state)
{
	int fd;

	session_runs();
	fd = set_channel(SOCK_STREAM);
	no_socketpairs = true;
	server_dies();
	assert_true(next_server_comes());
	begins_replay();
	hears_end(&server);
	no_socketpairs = false;
	assert_true(next_server_comes());
	begins_replay();
	assert_num(hears(&server, VU_SET_BACKEND_REQ_FD)->n_fds, 1);
	close(fd);
}

/* One that has not ended, but sent what it must not send. */
static void the_channel_of_a_back_end_that_is_lost_ends_with_it(void **state)
{
	struct vu_socket from;
	int fd;

	session_runs();
	fd = set_channel(SOCK_STREAM);
	hears(&server, VU_SET_BACKEND_REQ_FD);
	vu_socket_init(&from, vu_message_steal_fd(&server.in, 0));
	unlink(back_end_address().sun_path);
	server_answers(VU_GET_STATUS, 1);
	hears_end(&server);
	hears_end(&from);
	vu_socket_fini(&from);
	close(fd);
}

/* What it says may be that its configuration has changed. */
static void a_request_of_the_back_end_ends_what_was_read_ahead(void **state)
{
	struct vu_message ask = config_byte(2), all;
	struct vu_socket from, to;

	session_runs();
	vu_socket_init(&to, set_channel(SOCK_STREAM));
	hears(&server, VU_SET_BACKEND_REQ_FD);
	vu_socket_init(&from, vu_message_steal_fd(&server.in, 0));
	says(&vmm, &ask);
	all = *hears(&server, VU_GET_CONFIG);
	all.hdr.flags |= VU_FLAG_REPLY;
	says(&server, &all);
	hears(&vmm, VU_GET_CONFIG);
	all = make(VU_BACKEND_CONFIG_CHANGE_MSG, 0);
	all.hdr.size = 0;
	says(&from, &all);
	says(&vmm, &ask);
	hears(&server, VU_GET_CONFIG);
	vu_socket_fini(&from);
	vu_socket_fini(&to);
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
#define T(f)                                                 \
	cmocka_unit_test_setup_teardown(f, hold_world_setup, \
					hold_world_teardown)
	const struct CMUnitTest tests[] = {
		T(messages_pass_in_both_directions),
		T(what_follows_a_question_waits_for_its_answer),
		T(an_answer_waits_for_room),
		T(a_message_waits_for_room),
		T(headers_are_checked),
		T(a_front_end_with_a_wrong_header_is_disconnected),
		T(a_front_end_that_goes_is_not_mentioned),
		T(the_last_message_of_a_front_end_arrives),
		T(a_front_end_that_cannot_be_answered_is_disconnected),
		T(a_back_ends_socket_never_blocks_and_is_not_inherited),
		T(reads_of_the_configuration_are_answered_ahead),
		T(one_that_has_less_is_asked_for_what_is_wanted),
		T(a_channel_must_be_a_stream),
		T(a_channel_needs_memory),
		T(a_request_of_the_back_end_ends_what_was_read_ahead),
		T(each_back_end_has_a_channel_of_its_own),
		T(the_next_front_end_finds_nothing_of_the_first),
		T(a_channel_that_cannot_be_made_is_made_later),
		T(the_channel_of_a_back_end_that_is_lost_ends_with_it),
		T(what_is_acked_is_reported_once),
		T(nobody_need_ask_for_that),
		T(one_front_end_after_the_other_is_served),
	};

	return cmocka_run_group_tests_name("hold-device", tests, NULL, NULL);
}
