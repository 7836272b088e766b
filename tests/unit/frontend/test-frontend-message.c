/* SPDX-License-Identifier: Apache-2.0 */
/* What is at the other end of a front-end's socket, if it is no device. */
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/frontend/frontend-config.h"
#include "injector/frontend/frontend-session.h"
#include "input/vhost-user/vu-message.h"
#include "tests/lib/check.h"

/* Negotiate with a peer that said this and disconnected before. */
static int negotiate_after(const char *said)
{
	struct frontend fe = { .timeout_ms = 1000 };
	int ends[2], rc;

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	assert_num(write(ends[1], said, strlen(said)), strlen(said));
	close(ends[1]);
	fe.fd = ends[0];
	rc = fe_negotiate(&fe);
	close(ends[0]);
	return rc;
}

static void a_peer_that_spoke_and_left_is_no_device(void **state)
{
	assert_rc(negotiate_after("{ \"counters\": 1 }\n"), FE_E_REPLY);
	assert_rc(negotiate_after(""), FE_E_CLOSED);
}

/* --- parts, and replies --- */

/* Return: how many fds came with so many bytes. */
static size_t receive_fds(int from, size_t len)
{
	char bytes[64], control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec iov = { bytes, len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	const struct cmsghdr *c;
	size_t n;
	int fd;

	assert_num(recvmsg(from, &msg, 0), (long long)len);
	c = CMSG_FIRSTHDR(&msg);
	n = c ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(fd) : 0;
	for (size_t i = 0; i < n; i++) {
		memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
		close(fd);
	}
	return n;
}

static void fds_go_with_the_first_byte(void **state)
{
	const struct fe_msg with =
		fe_msg_vring_fd(VU_SET_VRING_KICK, 1, STDIN_FILENO);
	const struct fe_msg without = fe_msg_vring_fd(VU_SET_VRING_KICK, 1, -1);
	const size_t whole = sizeof(with.hdr) + sizeof(with.u64);
	struct frontend fe = { .timeout_ms = 1000 };
	int ends[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	fe.fd = ends[0];
	assert_ok(fe_send_part(&fe, &with, 0, 5));
	assert_num(receive_fds(ends[1], 5), 1);
	assert_ok(fe_send_part(&fe, &with, 5, whole));
	assert_num(receive_fds(ends[1], whole - 5), 0);
	assert_ok(fe_send(&fe, &without));
	assert_num(receive_fds(ends[1], whole), 0);
	assert_num((long long)without.u64, 1 | VU_VRING_NOFD);
	close(ends[0]);
	close(ends[1]);
}

static const struct {
	uint32_t index, num;
	bool packed;
	int rc;
} bases[] = {
	{ 1, UINT16_MAX, false, 0 },	     { 1, 0x10000, false, FE_E_REPLY },
	{ 0, 5, false, FE_E_REPLY },	     { 1, 0x80018001, true, 0 },
	{ 2, 0x80018001, true, FE_E_REPLY },
};

static void a_base_is_of_the_queue_that_was_stopped(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
		struct frontend fe = { .timeout_ms = 1000 };
		struct fe_msg reply = fe_msg_state(
			VU_GET_VRING_BASE, bases[i].index, bases[i].num);
		uint32_t base = 7;
		int ends[2];

		assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
		fe.fd = ends[0];
		if (bases[i].packed)
			fe.features = FE_PACKED_RINGS;
		reply.hdr.flags |= VU_FLAG_REPLY;
		assert_num(send(ends[1], &reply.hdr, sizeof(reply.hdr), 0),
			   sizeof(reply.hdr));
		assert_num(send(ends[1], &reply.state, sizeof(reply.state), 0),
			   sizeof(reply.state));
		assert_rc(fe_stop_queue(&fe, 1, &base), bases[i].rc);
		assert_num(base, bases[i].rc ? 7 : bases[i].num);
		close(ends[0]);
		close(ends[1]);
	}
}

/* --- a device whose IDs are cut --- */

static bool receive_all(int fd, void *to, size_t len)
{
	return !len || recv(fd, to, len, MSG_WAITALL) == (ssize_t)len;
}

/* A back-end that has a config space and nothing else; arg: its socket. */
static void *serve_short_ids(void *arg)
{
	struct vu_message msg;
	struct config_space cs = { 0 };
	const int fd = *(int *)arg;

	while (receive_all(fd, &msg.hdr, sizeof(msg.hdr)) &&
	       receive_all(fd, &msg.p, msg.hdr.size)) {
		uint8_t *at = (uint8_t *)&cs + msg.p.config.offset;
		uint8_t *data = msg.p.bytes + sizeof(msg.p.config);

		if (msg.hdr.request == VU_SET_CONFIG) {
			memcpy(at, data, msg.p.config.size);
			continue;
		}
		cs.size = cs.select == CONFIG_ID_DEVIDS ? 4 : 0;
		memset(cs.u, 1, sizeof(cs.u));
		memcpy(data, at, msg.p.config.size);
		msg.hdr.flags |= VU_FLAG_REPLY;
		send(fd, &msg.hdr, sizeof(msg.hdr), 0);
		send(fd, &msg.p, msg.hdr.size, 0);
	}
	return NULL;
}

static void ids_that_are_cut_are_none(void **state)
{
	struct frontend fe = { .timeout_ms = 1000 };
	struct spec spec;
	pthread_t thread;
	int ends[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	assert_ok(pthread_create(&thread, NULL, serve_short_ids, &ends[1]));
	fe.fd = ends[0];
	/* It has no events. */
	assert_rc(fe_read_spec(&fe, &spec), FE_E_DEVICE);
	assert_num(spec.ids.bustype, 0);
	assert_num(spec.ids.vendor, 0);
	close(ends[0]);
	assert_ok(pthread_join(thread, NULL));
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_that_spoke_and_left_is_no_device),
		cmocka_unit_test(fds_go_with_the_first_byte),
		cmocka_unit_test(a_base_is_of_the_queue_that_was_stopped),
		cmocka_unit_test(ids_that_are_cut_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
