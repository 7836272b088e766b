/* SPDX-License-Identifier: Apache-2.0 */
/*
 * REPLY_ACK: each message with need_reply gets one answer, its own reply or an
 * ack; without that flag, only messages that have a reply get one.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/postcopy.h"
#include "tests/lib/usual-msg.h"

/* In an order in which all of them are legal. */
static const struct {
	uint32_t request;
	bool replies; /* with or without need_reply */
} messages[] = {
	{ VU_GET_FEATURES, true },
	{ VU_SET_OWNER, false },
	{ VU_GET_PROTOCOL_FEATURES, true },
	{ VU_SET_PROTOCOL_FEATURES, false },
	{ VU_SET_FEATURES, false },
	{ VU_GET_QUEUE_NUM, true },
	{ VU_SET_BACKEND_REQ_FD, false },
	{ VU_POSTCOPY_ADVISE, true },
	{ VU_POSTCOPY_LISTEN, false },
	{ VU_POSTCOPY_END, true },
	{ VU_GET_MAX_MEM_SLOTS, true },
	{ VU_SET_MEM_TABLE, false },
	{ VU_REM_MEM_REG, false },
	{ VU_ADD_MEM_REG, false },
	{ VU_SET_LOG_BASE, true },
	{ VU_SET_LOG_FD, false },
	{ VU_GET_INFLIGHT_FD, true },
	{ VU_SET_INFLIGHT_FD, false },
	{ VU_GET_CONFIG, true },
	{ VU_SET_CONFIG, false },
	{ VU_SET_STATUS, false },
	{ VU_GET_STATUS, true },
	{ VU_SET_VRING_NUM, false },
	{ VU_SET_VRING_BASE, false },
	{ VU_SET_VRING_ADDR, false },
	{ VU_SET_VRING_ERR, false },
	{ VU_SET_VRING_CALL, false },
	{ VU_SET_VRING_KICK, false },
	{ VU_SET_VRING_ENABLE, false },
	{ VU_VRING_KICK, false },
	{ VU_GET_VRING_BASE, true },
	{ VU_SET_DEVICE_STATE_FD, true },
	{ VU_CHECK_DEVICE_STATE, true },
	{ VU_RESET_DEVICE, false },
	{ VU_RESET_OWNER, false },
	{ VU_IOTLB_MSG, true },
};

#define N_MESSAGES (sizeof(messages) / sizeof(*messages))

static void close_fds(struct fe_msg *msg)
{
	for (size_t i = 0; i < msg->n_fds; i++)
		close(msg->fd[i]);
}

static void expect_reply(struct rig *rig, uint32_t request)
{
	struct fe_msg reply;

	assert_ok(fe_recv(&rig->fe, &reply));
	assert_num(reply.hdr.request, request);
	assert_num(reply.hdr.flags, VU_FLAG_VERSION_1 | VU_FLAG_REPLY);
	close_fds(&reply);
}

static void send_usual(struct rig *rig, uint32_t request, uint32_t flags)
{
	struct fe_msg msg = usual_msg(&rig->fe, request);
	int pair[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	if (request == VU_SET_BACKEND_REQ_FD)
		msg.fd[0] = pair[0];
	msg.hdr.flags |= flags;
	assert_ok(fe_send(&rig->fe, &msg));
	close(pair[0]);
	close(pair[1]);
}

/* Return: whether the device accepts the i-th message on this host. */
static bool is_taken(size_t i)
{
	switch (messages[i].request) {
	case VU_POSTCOPY_ADVISE:
	case VU_POSTCOPY_LISTEN:
	case VU_POSTCOPY_END:
		return postcopy_possible();
	case VU_IOTLB_MSG:
		return false; /* not without an IOMMU: see test-iotlb.c */
	}
	return true;
}

static void connect_and_negotiate(struct rig *rig)
{
	rig->fe.want_protocol |= usual_msg_protocol;
	process_arg(&rig->srv, "--inband");
	if (postcopy_possible()) {
		process_arg(&rig->srv, "--postcopy");
		rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_PAGEFAULT);
	}
	rig_serve(rig, "keyboard");
	rig->lines.frontend = -1; /* nobody reads the snapshot */
	rig_prepare(rig, 16);
	/* For the log, which begins at address 0. */
	assert_sys(ftruncate(rig->fe.mem.fd, 1 << 20));
}

/* Each reply must be that of the message before it, so there is exactly one. */
static void each_message_is_answered_once_on_request(void **state)
{
	struct rig *rig = *state;

	connect_and_negotiate(rig);
	for (size_t i = 0; i < N_MESSAGES; i++) {
		if (!is_taken(i))
			continue;
		send_usual(rig, messages[i].request, VU_FLAG_NEED_REPLY);
		expect_reply(rig, messages[i].request);
		send_usual(rig, VU_GET_FEATURES, 0);
		expect_reply(rig, VU_GET_FEATURES);
	}
}

static void only_replies_come_unasked(void **state)
{
	struct rig *rig = *state;

	connect_and_negotiate(rig);
	for (size_t i = 0; i < N_MESSAGES; i++) {
		if (!is_taken(i))
			continue;
		send_usual(rig, messages[i].request, 0);
		if (messages[i].replies)
			expect_reply(rig, messages[i].request);
		send_usual(rig, VU_GET_FEATURES, 0);
		expect_reply(rig, VU_GET_FEATURES);
	}
}

static bool in_table(uint32_t request)
{
	bool found = false;

	for (size_t i = 0; i < N_MESSAGES; i++)
		found |= messages[i].request == request;
	return found;
}

/* A message that is added to the program must be added here, too. */
static void what_is_not_in_the_table_is_unknown(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	for (uint32_t request = 0; request <= USUAL_MSG_MAX; request++) {
		struct fe_msg msg = fe_msg(request);
		char says[64];

		if (in_table(request))
			continue;
		rig_connect(rig);
		assert_ok(fe_send(&rig->fe, &msg));
		snprintf(says, sizeof(says), "request %u: unknown request",
			 request);
		rig_expect_violation(rig, says);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_not_in_the_table_is_unknown),
		T(each_message_is_answered_once_on_request),
		T(only_replies_come_unasked),
	};

	return cmocka_run_group_tests_name("acks", tests, NULL, NULL);
}
