/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session that has all messages, again and again: each time the server is
 * killed at another message, before it is sent or when it was sent and not
 * answered. The front-end behind vinput-hold gets the answers of a session that
 * was not disturbed, and the device works at its end.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/respawn.h"
#include "tests/lib/usual-msg.h"

static struct respawn r;

#define QUEUE(q, REQUEST) ((q) << 8 | VU_##REQUEST)

/* In the order of a VMM; the upper byte is a queue. */
static const uint32_t script[] = {
	VU_GET_FEATURES,
	VU_SET_OWNER,
	VU_GET_PROTOCOL_FEATURES,
	VU_SET_PROTOCOL_FEATURES,
	VU_GET_QUEUE_NUM,
	VU_GET_MAX_MEM_SLOTS,
	VU_SET_BACKEND_REQ_FD,
	VU_SET_FEATURES,
	VU_GET_FEATURES,
	VU_SET_CONFIG,
	VU_GET_CONFIG,
	VU_SET_MEM_TABLE,
	VU_SET_LOG_BASE,
	VU_SET_LOG_FD,
	VU_REM_MEM_REG,
	VU_ADD_MEM_REG,
	VU_GET_INFLIGHT_FD,
	VU_SET_INFLIGHT_FD,
	QUEUE(0, SET_VRING_NUM),
	QUEUE(0, SET_VRING_BASE),
	QUEUE(0, SET_VRING_ADDR),
	QUEUE(0, SET_VRING_ERR),
	QUEUE(0, SET_VRING_CALL),
	QUEUE(0, SET_VRING_KICK),
	QUEUE(0, SET_VRING_ENABLE),
	VU_SET_STATUS,
	VU_GET_STATUS,
	VU_GET_CONFIG,
	QUEUE(0, GET_VRING_BASE),
	VU_SET_DEVICE_STATE_FD,
	VU_CHECK_DEVICE_STATE,
	VU_RESET_OWNER,
	VU_RESET_DEVICE,
	VU_GET_STATUS,
	/* A driver once more. */
	VU_SET_FEATURES,
	QUEUE(0, SET_VRING_NUM),
	QUEUE(0, SET_VRING_BASE),
	QUEUE(0, SET_VRING_ADDR),
	QUEUE(0, SET_VRING_CALL),
	QUEUE(0, SET_VRING_KICK),
	QUEUE(0, SET_VRING_ENABLE),
	VU_GET_CONFIG,
};

#define N_SCRIPT ARRAY_LEN(script)

enum when {
	BEFORE,
	AFTER, /* it was sent, and before it was answered */
	NEVER,
};

struct answer {
	struct vu_header hdr;
	uint8_t bytes[64];
	size_t n_fds;
};

static struct answer undisturbed[N_SCRIPT];
static int channel[2];
static int transfer[2]; /* of the snapshot */

static int setup(void **state)
{
	struct rig *rig;

	rig_setup(state);
	rig = *state;
	respawn_init(&r, rig);
	respawn_spec(&r, "keyboard");
	respawn_injector(&r, SOCK_STREAM);
	respawn_start(&r);
	rig_hold(rig, NULL);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel));
	return 0;
}

static int teardown(void **state)
{
	close(channel[0]);
	close(channel[1]);
	respawn_fini(&r);
	return rig_teardown(state);
}

static bool is_answered(const struct rig *rig, uint32_t request)
{
	switch (request) {
	case VU_GET_FEATURES:
	case VU_GET_PROTOCOL_FEATURES:
		return true;
	}
	/* From then on there is an ack at least. */
	return fe_has(rig->fe.features, VU_F_PROTOCOL_FEATURES) &&
	       request != VU_SET_PROTOCOL_FEATURES && request != VU_SET_OWNER;
}

static struct fe_msg make(struct rig *rig, uint32_t request)
{
	struct fe_msg msg = usual_msg(&rig->fe, request);

	if (request == VU_SET_BACKEND_REQ_FD)
		msg.fd[0] = channel[1];
	if (request == VU_SET_DEVICE_STATE_FD) {
		assert_sys(pipe2(transfer, O_CLOEXEC));
		msg.fd[0] = transfer[1];
	}
	if (is_answered(rig, request))
		msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	return msg;
}

/* It ends, whether or not a server writes all of it. */
static void read_snapshot(void)
{
	char bytes[4096];

	close(transfer[1]);
	while (read(transfer[0], bytes, sizeof(bytes)) > 0)
		continue;
	close(transfer[0]);
}

static void replace(void)
{
	respawn_kill(&r);
	respawn_start(&r);
}

/* From a server that died no more comes than that it failed. */
static bool may_fail(size_t i, size_t at, enum when when)
{
	const uint32_t request = script[i];

	if (request == VU_SET_DEVICE_STATE_FD)
		return at == i && when == AFTER;
	return request == VU_CHECK_DEVICE_STATE &&
	       ((at == i - 1 && when == AFTER) || at == i);
}

static void check_answer(const struct answer *is, size_t i, bool may)
{
	const struct answer *should = &undisturbed[i];

	if (!memcmp(is, should, sizeof(*is)) || may)
		return;
	fail_msg("message %zu, request %u: another answer: size %u, not %u, "
		 "first byte %u, not %u, %zu fds, not %zu",
		 i, script[i] & 0xff, is->hdr.size, should->hdr.size,
		 is->bytes[0], should->bytes[0], is->n_fds, should->n_fds);
}

static struct answer take_answer(struct rig *rig)
{
	struct answer answer = { 0 };
	struct fe_msg msg;

	assert_ok(fe_recv(&rig->fe, &msg));
	answer.hdr = msg.hdr;
	answer.n_fds = msg.n_fds;
	memcpy(answer.bytes, msg.bytes,
	       msg.hdr.size < sizeof(answer.bytes) ? msg.hdr.size
						   : sizeof(answer.bytes));
	for (size_t i = 0; i < msg.n_fds; i++)
		close(msg.fd[i]);
	return answer;
}

static void run_script(struct rig *rig, size_t at, enum when when)
{
	for (size_t i = 0; i < N_SCRIPT; i++) {
		const uint32_t request = script[i] & 0xff;
		const struct fe_msg msg = make(rig, request);
		struct answer answer;

		if (i == at && when == BEFORE)
			replace();
		assert_ok(fe_send(&rig->fe, &msg));
		if (i == at && when == AFTER)
			replace();
		if (is_answered(rig, request)) {
			answer = take_answer(rig);
			if (when == NEVER)
				undisturbed[i] = answer;
			check_answer(&answer, i, may_fail(i, at, when));
		}
		if (request == VU_SET_DEVICE_STATE_FD)
			read_snapshot();
		if (request == VU_SET_PROTOCOL_FEATURES)
			rig->fe.features |= UINT64_C(1)
					    << VU_F_PROTOCOL_FEATURES;
	}
}

/* One server is asked, and so all before it has been done. */
static void begin(struct rig *rig)
{
	rig_connect(rig);
	rig->fe.features = UINT64_C(1) << VIRTIO_F_VERSION_1;
	rig->fe.protocol = usual_msg_protocol &
			   ~(UINT64_C(1) << VU_PROTOCOL_F_INBAND_NOTIFICATIONS);
	assert_ok(fe_make_rings(&rig->fe, RIG_BUFFERS));
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
}

static void expect_key(struct rig *rig, bool down[KEY_CNT], int value)
{
	struct vi_event ev;

	do
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
	while (vi_type(&ev) != EV_KEY || down[vi_code(&ev)] == vi_value(&ev));
	down[vi_code(&ev)] = vi_value(&ev);
	assert_num(vi_code(&ev), KEY_A);
	assert_num(vi_value(&ev), value);
}

static void expect_works(struct rig *rig)
{
	bool down[KEY_CNT] = { 0 };

	rig_type(rig);
	expect_key(rig, down, 1);
	expect_key(rig, down, 0);
}

static void session_is_as_without_a_death(struct rig *rig, size_t at,
					  enum when when)
{
	begin(rig);
	run_script(rig, at, when);
	expect_works(rig);
}

static void nothing_is_disturbed(void **state)
{
	session_is_as_without_a_death(*state, N_SCRIPT, NEVER);
}

static void kill_at_each_message(void **state, enum when when)
{
	nothing_is_disturbed(state);
	for (size_t at = 0; at < N_SCRIPT; at++)
		session_is_as_without_a_death(*state, at, when);
}

static void server_is_killed_before_each_message(void **state)
{
	kill_at_each_message(state, BEFORE);
}

static void server_is_killed_after_each_message(void **state)
{
	kill_at_each_message(state, AFTER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_disturbed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			server_is_killed_before_each_message, setup, teardown),
		cmocka_unit_test_setup_teardown(
			server_is_killed_after_each_message, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
