/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frontend.h, frontend-session.h: to whom a front-end connects, and what it
 * says and takes for an answer. The answers are in the socket before.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include "injector/frontend/frontend-config.h"
#include "injector/frontend/frontend-session.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

#define BIT(n) (UINT64_C(1) << (n))

static struct frontend fe;
static int peer;

/* What arrives piece by piece, each when it is waited for. */
static const uint8_t *pieces;
static size_t pieces_left;

#define PIECE 5

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int poll(struct pollfd *p, nfds_t n, int ms)
{
	const size_t len = pieces_left < PIECE ? pieces_left : PIECE;

	if (len)
		assert_num(send(peer, pieces, len, 0), (long long)len);
	pieces += len;
	pieces_left -= len;
	return (int)syscall(SYS_poll, p, n, ms);
}

static int setup(void **state)
{
	int ends[2];

	fe_init(&fe);
	fe.timeout_ms = 0;
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	fe_attach(&fe, ends[0]);
	peer = ends[1];
	return 0;
}

static int teardown(void **state)
{
	fe_fini(&fe);
	close(peer);
	return 0;
}

static void answer(const struct fe_msg *msg)
{
	assert_num(send(peer, &msg->hdr, sizeof(msg->hdr), 0),
		   sizeof(msg->hdr));
	assert_num(send(peer, msg->bytes, msg->hdr.size, 0), msg->hdr.size);
}

static void answer_u64(uint32_t request, uint64_t value)
{
	struct fe_msg msg = fe_msg_u64(request, value);

	msg.hdr.flags |= VU_FLAG_REPLY;
	answer(&msg);
}

/* The next message that the front-end has sent; its fds are closed. */
static void assert_said(struct fe_msg *msg, uint32_t request)
{
	struct frontend back_end = { .fd = peer };

	assert_ok(fe_recv(&back_end, msg));
	assert_num(msg->hdr.request, request);
	for (size_t i = 0; i < msg->n_fds; i++)
		close(msg->fd[i]);
}

static void assert_said_nothing_more(void)
{
	char byte;

	assert_num(recv(peer, &byte, 1, MSG_DONTWAIT), -1);
}

/* --- connecting --- */

static void a_path_may_fill_the_address_but_for_its_end(void **state)
{
	struct sockaddr_un addr;
	char path[sizeof(addr.sun_path) + 1];

	memset(path, 'a', sizeof(path));
	path[sizeof(addr.sun_path)] = '\0';
	assert_rc(fe_connect(&fe, path), -ENAMETOOLONG);
	path[sizeof(addr.sun_path) - 1] = '\0';
	assert_rc(fe_connect(&fe, path), -ENOENT);
}

static void only_a_socket_that_listens_is_connected(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char dir[TEMP_DIR_LEN];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	temp_dir_make(dir);
	assert_rc(fe_connect(&fe, dir), -ENOTSOCK);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/s", dir);
	assert_sys(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_rc(fe_connect(&fe, addr.sun_path), -ECONNREFUSED);
	assert_sys(listen(fd, 1));
	assert_ok(fe_connect(&fe, addr.sun_path));
	close(fd);
	assert_ok(temp_dir_remove(dir));
}

/* --- negotiation --- */

#define USUAL (BIT(VIRTIO_F_VERSION_1) | BIT(VU_F_PROTOCOL_FEATURES))
#define MQ    BIT(VU_PROTOCOL_F_MQ)
#define CFG   BIT(VU_PROTOCOL_F_CONFIG)
#define FLAGS (VU_FLAG_VERSION_1 | VU_FLAG_REPLY)
/* Not one that this front-end knows. */
#define OTHER BIT(63)

static const struct {
	uint64_t features, protocol, queues;
	int rc;
} offers[] = {
	{ USUAL | OTHER, CFG | OTHER, 0, 0 },
	{ USUAL, CFG | MQ, 2, 0 },
	{ USUAL, CFG | MQ, 1, FE_E_DEVICE },
	{ USUAL, MQ, 2, FE_E_DEVICE },
	{ BIT(VIRTIO_F_VERSION_1), CFG, 2, FE_E_DEVICE },
	{ BIT(VU_F_PROTOCOL_FEATURES), CFG, 2, FE_E_DEVICE },
};

static void what_both_know_is_negotiated(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(offers); i++) {
		const uint64_t protocol = offers[i].protocol;
		struct fe_msg msg;

		answer_u64(VU_GET_FEATURES, offers[i].features);
		answer_u64(VU_GET_PROTOCOL_FEATURES, protocol);
		answer_u64(VU_GET_QUEUE_NUM, offers[i].queues);
		fe.protocol = ~UINT64_C(0); /* of a former connection */
		assert_rc(fe_negotiate(&fe), offers[i].rc);
		if (!offers[i].rc) {
			assert_num((long long)fe.features, USUAL);
			assert_said(&msg, VU_SET_OWNER);
			assert_said(&msg, VU_GET_FEATURES);
			assert_said(&msg, VU_GET_PROTOCOL_FEATURES);
			assert_said(&msg, VU_SET_PROTOCOL_FEATURES);
			assert_true(msg.u64 == (protocol & ~OTHER));
			assert_true(fe.protocol == msg.u64);
			if (protocol & MQ)
				assert_said(&msg, VU_GET_QUEUE_NUM);
			assert_said_nothing_more();
		}
		teardown(NULL);
		setup(NULL);
	}
}

static void a_failure_to_answer_is_no_negotiation(void **state)
{
	assert_rc(fe_negotiate(&fe), -ETIMEDOUT);
	answer_u64(VU_GET_FEATURES, USUAL);
	assert_rc(fe_negotiate(&fe), -ETIMEDOUT);
	answer_u64(VU_GET_FEATURES, USUAL);
	answer_u64(VU_GET_PROTOCOL_FEATURES, CFG | MQ);
	assert_rc(fe_negotiate(&fe), -ETIMEDOUT);
}

static const struct {
	uint64_t protocol;
	bool table;
	uint32_t request;
} shares[] = {
	{ BIT(VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS), false, VU_ADD_MEM_REG },
	{ BIT(VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS), true, VU_SET_MEM_TABLE },
	{ CFG, false, VU_SET_MEM_TABLE },
	{ CFG, true, VU_SET_MEM_TABLE },
};

static void memory_is_a_slot_or_a_table(void **state)
{
	struct vu_mem_region region = { .guest_addr = 0x1000,
					.size = 0x2000,
					.user_addr = 0x3000 };

	fe.mem = (struct fe_memory){ .fd = STDIN_FILENO,
				     .guest_addr = region.guest_addr,
				     .size = region.size,
				     .user_addr = region.user_addr };
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		struct fe_msg msg;

		fe.protocol = shares[i].protocol;
		fe.mem_table = shares[i].table;
		assert_ok(fe_share_memory(&fe));
		assert_said(&msg, shares[i].request);
		assert_num(msg.n_fds, 1);
		if (shares[i].request == VU_SET_MEM_TABLE)
			assert_num(msg.table.n_regions, 1);
		assert_memory_equal(shares[i].request == VU_ADD_MEM_REG
					    ? &msg.region.region
					    : &msg.table.regions[0],
				    &region, sizeof(region));
	}
	fe.mem = (struct fe_memory){ .fd = -1 };
}

static void a_queue_starts_with_its_kick_and_is_enabled(void **state)
{
	static const uint32_t requests[] = {
		VU_SET_VRING_NUM,    VU_SET_VRING_BASE, VU_SET_VRING_ADDR,
		VU_SET_VRING_ERR,    VU_SET_VRING_CALL, VU_SET_VRING_KICK,
		VU_SET_VRING_ENABLE,
	};
	struct fe_msg msg;

	for (size_t n = 6; n <= 7; n++) {
		fe.features = n == 7 ? BIT(VU_F_PROTOCOL_FEATURES) : 0;
		assert_ok(fe_start_queue(&fe, 1, 3));
		for (size_t i = 0; i < n; i++)
			assert_said(&msg, requests[i]);
		assert_said_nothing_more();
	}
	assert_num(msg.state.index, 1);
	assert_num(msg.state.num, 1);
}

static void a_message_may_arrive_in_pieces(void **state)
{
	struct {
		struct vu_header hdr;
		uint64_t u64;
	} two[2] = { { { VU_GET_FEATURES, FLAGS, 8 }, 0x123456789abcdef },
		     { { VU_GET_QUEUE_NUM, FLAGS, 8 }, 7 } };
	static uint8_t bytes[2 * (sizeof(two->hdr) + sizeof(two->u64))];
	struct fe_msg msg;

	for (size_t i = 0; i < 2; i++) {
		uint8_t *at = bytes + i * sizeof(bytes) / 2;

		memcpy(at, &two[i].hdr, sizeof(two->hdr));
		memcpy(at + sizeof(two->hdr), &two[i].u64, sizeof(two->u64));
	}
	pieces = bytes;
	pieces_left = sizeof(bytes);
	for (size_t i = 0; i < 2; i++) {
		memset(&msg, 0xff, sizeof(msg));
		assert_ok(fe_recv(&fe, &msg));
		assert_memory_equal(&msg.hdr, &two[i].hdr, sizeof(msg.hdr));
		assert_true(msg.u64 == two[i].u64);
		assert_num(msg.n_fds, 0);
	}
}

/* --- the config space --- */

static const struct {
	uint32_t request, flags, size, offset, len;
	int rc;
} replies[] = {
#define SIZE (sizeof(struct vu_config) + 4)
	{ VU_GET_CONFIG, FLAGS, SIZE, 2, 4, 0 },
	{ VU_GET_CONFIG, FLAGS, 0, 2, 4, FE_E_REFUSED },
	{ VU_SET_CONFIG, FLAGS, SIZE, 2, 4, FE_E_REPLY },
	{ VU_GET_CONFIG, VU_FLAG_VERSION_1, SIZE, 2, 4, FE_E_REPLY },
	{ VU_GET_CONFIG, FLAGS, SIZE - 1, 2, 4, FE_E_REPLY },
	{ VU_GET_CONFIG, FLAGS, SIZE + 1, 2, 4, FE_E_REPLY },
	{ VU_GET_CONFIG, FLAGS, SIZE, 3, 4, FE_E_REPLY },
	{ VU_GET_CONFIG, FLAGS, SIZE, 2, 3, FE_E_REPLY },
};

static void a_reply_is_to_what_was_asked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
		struct fe_msg msg = fe_msg(replies[i].request);
		char got[4] = "";

		msg.hdr.flags = replies[i].flags;
		msg.hdr.size = replies[i].size;
		msg.config[0] = replies[i].offset;
		msg.config[1] = replies[i].len;
		memcpy(msg.bytes + sizeof(struct vu_config), "abc", 4);
		answer(&msg);
		assert_rc(fe_config_read(&fe, 2, got, 4), replies[i].rc);
		assert_string_equal(got, replies[i].rc ? "" : "abc");
	}
}

static void what_is_written_is_sent(void **state)
{
	struct fe_msg msg;

	assert_ok(fe_config_write(&fe, 2, "abc", 4));
	assert_said(&msg, VU_SET_CONFIG);
	assert_num(msg.hdr.size, SIZE);
	assert_num(msg.config[0], 2);
	assert_num(msg.config[1], 4);
	assert_string_equal((char *)msg.bytes + sizeof(struct vu_config),
			    "abc");
}

static void a_refusal_is_a_reply_other_than_0(void **state)
{
	const struct fe_msg owner = fe_msg(VU_SET_OWNER);
	struct fe_msg msg;

	fe.protocol = BIT(VU_PROTOCOL_F_REPLY_ACK);
	answer_u64(VU_SET_OWNER, 0);
	answer_u64(VU_SET_OWNER, 1);
	assert_ok(fe_request(&fe, &owner));
	assert_rc(fe_request(&fe, &owner), FE_E_REFUSED);
	assert_said(&msg, VU_SET_OWNER);
	assert_num(msg.hdr.flags, VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_path_may_fill_the_address_but_for_its_end),
		CASE(only_a_socket_that_listens_is_connected),
		CASE(what_both_know_is_negotiated),
		CASE(a_failure_to_answer_is_no_negotiation),
		CASE(memory_is_a_slot_or_a_table),
		CASE(a_queue_starts_with_its_kick_and_is_enabled),
		CASE(a_message_may_arrive_in_pieces),
		CASE(a_reply_is_to_what_was_asked),
		CASE(what_is_written_is_sent),
		CASE(a_refusal_is_a_reply_other_than_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
