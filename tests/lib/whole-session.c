/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/usual-msg.h"
#include "tests/lib/whole-session.h"

#define QUEUE(q, REQUEST) ((q) << 8 | VU_##REQUEST)

/* A key is not folded where its guest waits for a busy machine. */
const char whole_session_option[] = "--overflow=block";

/* Not a message: a key goes down and up. */
#define TYPE 0xff

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
	TYPE,
	VU_GET_CONFIG,
	TYPE,
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
	TYPE,
};

_Static_assert(ARRAY_LEN(script) <= WHOLE_SESSION_MAX, "answers fit");

void whole_session_open(struct whole_session *s, struct rig *rig)
{
	*s = (struct whole_session){ .rig = rig, .n = ARRAY_LEN(script) };
	assert_sys(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->channel));
}

void whole_session_close(struct whole_session *s)
{
	close(s->channel[0]);
	close(s->channel[1]);
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

static struct fe_msg make(struct whole_session *s, uint32_t request)
{
	struct fe_msg msg = usual_msg(&s->rig->fe, request);

	if (request == VU_SET_BACKEND_REQ_FD)
		msg.fd[0] = s->channel[1];
	if (request == VU_SET_DEVICE_STATE_FD) {
		assert_sys(pipe2(s->transfer, O_CLOEXEC));
		msg.fd[0] = s->transfer[1];
	}
	if (is_answered(s->rig, request))
		msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	return msg;
}

/* It ends, whether or not a server writes all of it. */
static void read_snapshot(struct whole_session *s)
{
	char bytes[4096];

	close(s->transfer[1]);
	while (read(s->transfer[0], bytes, sizeof(bytes)) > 0)
		continue;
	close(s->transfer[0]);
}

/* From a server that died no more comes than that it failed. */
static bool may_fail(const struct whole_session *s, size_t i)
{
	const uint32_t request = script[i];
	const size_t from = s->died_from, to = s->died_to;

	return (request == VU_SET_DEVICE_STATE_FD && from <= i && i <= to) ||
	       (request == VU_CHECK_DEVICE_STATE && from <= i && i - 1 <= to);
}

static void check_answer(struct whole_session *s, size_t i,
			 const struct whole_session_answer *is)
{
	const struct whole_session_answer *should = &s->answer[i];

	if (!memcmp(is, should, sizeof(*is)) || may_fail(s, i))
		return;
	fail_msg(
		"%s: message %zu, request %u: another answer: size %u, not %u, "
		"first byte %u, not %u, %zu fds, not %zu",
		s->what, i, script[i] & 0xff, is->hdr.size, should->hdr.size,
		is->bytes[0], should->bytes[0], is->n_fds, should->n_fds);
}

static struct whole_session_answer take_answer(struct rig *rig)
{
	struct whole_session_answer answer = { 0 };
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

static void take_turn(const struct whole_session *s, size_t i,
		      void (*turn)(void *arg, size_t i))
{
	if (turn)
		turn(s->arg, i);
}

/* The guest gets exactly this. */
static void type(struct whole_session *s, size_t i)
{
	take_turn(s, i, s->before);
	rig_type(s->rig);
	take_turn(s, i, s->after);
	if (*s->what)
		print_message("%s, step %zu\n", s->what, i);
	expect(s->rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
}

static void send_message(struct whole_session *s, size_t i)
{
	struct rig *rig = s->rig;
	const uint32_t request = script[i] & 0xff;
	const struct fe_msg msg = make(s, request);
	struct whole_session_answer answer;

	take_turn(s, i, s->before);
	assert_ok(fe_send(&rig->fe, &msg));
	take_turn(s, i, s->after);
	if (is_answered(rig, request)) {
		answer = take_answer(rig);
		if (!s->is_known)
			s->answer[i] = answer;
		check_answer(s, i, &answer);
	}
	if (request == VU_SET_DEVICE_STATE_FD)
		read_snapshot(s);
	if (request == VU_SET_PROTOCOL_FEATURES)
		rig->fe.features |= UINT64_C(1) << VU_F_PROTOCOL_FEATURES;
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

void whole_session_run(struct whole_session *s)
{
	s->died_from = SIZE_MAX;
	s->died_to = 0;
	begin(s->rig);
	for (size_t i = 0; i < s->n; i++) {
		if (script[i] == TYPE)
			type(s, i);
		else
			send_message(s, i);
	}
	rig_expect_nothing(s->rig);
	s->is_known = true;
}
