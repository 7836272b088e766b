/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-hold with back-ends that are not this project's: the test plays both
 * the front-end and one back-end after another. These know only what they are
 * told: not where a ring is, nor that a predecessor owes a notification.
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/rig.h"
#include "tests/lib/usual-msg.h"

#define USED	 3 /* entries of the eventq */
#define FEATURES (BIT(VU_F_PROTOCOL_FEATURES) | BIT(VIRTIO_F_VERSION_1))
#define PROTOCOL                                             \
	(BIT(VU_PROTOCOL_F_CONFIG) | BIT(VU_PROTOCOL_F_MQ) | \
	 BIT(VU_PROTOCOL_F_BACKEND_REQ))

static int listener;
static struct frontend backend; /* its end of the connection */

/* The next back-end, which the holder connects. */
static void next_backend(void)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	fe_fini(&backend);
	fe_init(&backend);
	backend.timeout_ms = DEADLINE_MS;
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	fe_attach(&backend, accept(listener, NULL, NULL));
}

static int setup(void **state)
{
	struct rig *rig;

	rig_setup(state);
	rig = *state;
	fe_init(&backend);
	listener = rig_unix_listen(rig->socket, SOCK_STREAM);
	rig_hold(rig, NULL);
	rig_connect(rig);
	rig->fe.features = FEATURES;
	rig->fe.protocol = PROTOCOL;
	assert_ok(fe_make_rings(&rig->fe, RIG_BUFFERS));
	next_backend();
	return 0;
}

static int teardown(void **state)
{
	fe_fini(&backend);
	close(listener);
	return rig_teardown(state);
}

/* Return: the next message at the back-end; its fds are the caller's. */
static struct fe_msg take(uint32_t request)
{
	struct fe_msg msg;

	assert_ok(fe_recv(&backend, &msg));
	assert_num(msg.hdr.request, request);
	return msg;
}

static void close_fds(const struct fe_msg *msg)
{
	for (size_t i = 0; i < msg->n_fds; i++)
		close(msg->fd[i]);
}

static void answer_u64(uint32_t request, uint64_t value)
{
	struct fe_msg msg = fe_msg_u64(request, value);

	msg.hdr.flags |= VU_FLAG_REPLY;
	assert_ok(fe_send(&backend, &msg));
}

static void say(struct rig *rig, uint32_t request)
{
	struct fe_msg msg = usual_msg(&rig->fe, request);

	assert_ok(fe_send(&rig->fe, &msg));
	msg = take(request);
	close_fds(&msg);
}

/* A driver's queue runs, and the back-end has used three entries. */
static void start(struct rig *rig)
{
	static const uint32_t requests[] = {
		VU_SET_PROTOCOL_FEATURES, VU_SET_FEATURES,
		VU_SET_MEM_TABLE,	  VU_SET_VRING_NUM,
		VU_SET_VRING_BASE,	  VU_SET_VRING_ADDR,
		VU_SET_VRING_CALL,	  VU_SET_VRING_KICK,
		VU_SET_VRING_ENABLE,
	};

	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		say(rig, requests[i]);
	rig->fe.ring[FE_EVENTQ].used->idx = htole16(USED);
}

/* All that is said again; *base is that of the queue. */
static void take_replay(uint32_t *base)
{
	static const uint32_t requests[] = {
		VU_GET_FEATURES,	  VU_GET_PROTOCOL_FEATURES,
		VU_SET_PROTOCOL_FEATURES, VU_SET_FEATURES,
		VU_SET_MEM_TABLE,	  VU_SET_VRING_NUM,
		VU_SET_VRING_BASE,	  VU_SET_VRING_ADDR,
		VU_SET_VRING_CALL,	  VU_SET_VRING_KICK,
		VU_SET_VRING_ENABLE,	  VU_GET_FEATURES,
	};

	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		struct fe_msg msg = take(requests[i]);

		close_fds(&msg);
		if (requests[i] == VU_SET_VRING_BASE)
			*base = msg.state.num;
		if (requests[i] == VU_GET_FEATURES)
			answer_u64(VU_GET_FEATURES, FEATURES);
		if (requests[i] == VU_GET_PROTOCOL_FEATURES)
			answer_u64(VU_GET_PROTOCOL_FEATURES, PROTOCOL);
	}
}

static void expect_signal(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
}

static void the_next_one_is_told_where_the_ring_is(void **state)
{
	struct rig *rig = *state;
	uint32_t base = 0;

	start(rig);
	next_backend();
	take_replay(&base);
	assert_num(base, USED);
	/* The guest looks once, and so does the back-end. */
	expect_signal(rig->fe.ring[FE_EVENTQ].call);
	expect_signal(rig->fe.ring[FE_EVENTQ].kick);
}

static void one_without_136_bytes_of_config_is_asked_for_what_it_has(
	void **state)
{
	struct rig *rig = *state;
	struct fe_msg ask = usual_msg(&rig->fe, VU_GET_CONFIG), msg;

	start(rig);
	for (int i = 0; i < 2; i++) {
		assert_ok(fe_send(&rig->fe, &ask));
		msg = take(VU_GET_CONFIG);
		if (i == 0) {
			assert_num(msg.config[1], 136);
			msg.hdr.flags |= VU_FLAG_REPLY;
			msg.hdr.size = 0;
			assert_ok(fe_send(&backend, &msg));
			msg = take(VU_GET_CONFIG);
		}
		assert_num(msg.hdr.size, ask.hdr.size);
		assert_num(msg.config[1], 1);
		msg.hdr.flags |= VU_FLAG_REPLY;
		msg.bytes[12] = 42;
		assert_ok(fe_send(&backend, &msg));
		assert_ok(fe_recv(&rig->fe, &msg));
		assert_num(msg.bytes[12], 42);
	}
}

static void a_half_answer_is_not_passed_on(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_GET_FEATURES), reply;
	uint32_t base;

	start(rig);
	assert_ok(fe_send(&rig->fe, &msg));
	take(VU_GET_FEATURES);
	reply = fe_msg_u64(VU_GET_FEATURES, 1);
	reply.hdr.flags |= VU_FLAG_REPLY;
	assert_ok(fe_send_part(&backend, &reply, 0, 15));
	next_backend();
	take_replay(&base);
	/* What was asked is asked once more. */
	take(VU_GET_FEATURES);
	answer_u64(VU_GET_FEATURES, FEATURES);
	assert_ok(fe_recv(&rig->fe, &msg));
	assert_num(msg.u64, FEATURES);
}

static void a_half_message_reaches_the_next_one_whole(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = usual_msg(&rig->fe, VU_SET_VRING_NUM);
	uint32_t base;

	start(rig);
	assert_ok(fe_send_part(&rig->fe, &msg, 0, 15));
	next_backend();
	take_replay(&base);
	assert_ok(fe_send_part(&rig->fe, &msg, 15, 20));
	assert_num(take(VU_SET_VRING_NUM).state.num, RIG_BUFFERS);
}

static void one_with_fewer_features_is_named(void **state)
{
	struct rig *rig = *state;
	uint32_t base;

	start(rig);
	next_backend();
	take(VU_GET_FEATURES);
	answer_u64(VU_GET_FEATURES, BIT(VU_F_PROTOCOL_FEATURES));
	process_expect_log(&rig->hold,
			   "host: the next back-end lacks feature bits "
			   "0x100000000, which are in use; it cannot "
			   "continue\n");
	next_backend();
	take_replay(&base);
	expect_signal(rig->fe.ring[FE_EVENTQ].call);
}

static void set_channel(struct rig *rig, struct frontend *channel, int *its)
{
	struct fe_msg msg = fe_msg(VU_SET_BACKEND_REQ_FD);
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	fe_init(channel);
	channel->timeout_ms = DEADLINE_MS;
	fe_attach(channel, fd[0]);
	msg.fd[0] = fd[1];
	msg.n_fds = 1;
	assert_ok(fe_send(&rig->fe, &msg));
	close(fd[1]);
	msg = take(VU_SET_BACKEND_REQ_FD);
	assert_num(msg.n_fds, 1);
	*its = msg.fd[0];
}

/* A request that wants an answer, from a back-end. */
static void request(int fd)
{
	struct frontend end;
	struct fe_msg msg = fe_msg(VU_BACKEND_CONFIG_CHANGE_MSG);

	msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	fe_init(&end);
	end.fd = fd;
	assert_ok(fe_send(&end, &msg));
}

static void answer(struct frontend *channel, uint64_t value)
{
	struct fe_msg msg;

	assert_ok(fe_recv(channel, &msg));
	msg = fe_msg_u64(VU_BACKEND_CONFIG_CHANGE_MSG, value);
	msg.hdr.flags |= VU_FLAG_REPLY;
	assert_ok(fe_send(channel, &msg));
}

static void an_answer_that_is_owed_to_a_dead_one_is_dropped(void **state)
{
	struct rig *rig = *state;
	struct frontend channel, end;
	struct fe_msg msg;
	int its;

	say(rig, VU_SET_PROTOCOL_FEATURES);
	set_channel(rig, &channel, &its);
	request(its);
	expect_signal(channel.fd);
	close(its);
	next_backend();
	take(VU_GET_FEATURES);
	answer_u64(VU_GET_FEATURES, FEATURES);
	take(VU_GET_PROTOCOL_FEATURES);
	answer_u64(VU_GET_PROTOCOL_FEATURES, PROTOCOL);
	take(VU_SET_PROTOCOL_FEATURES);
	its = take(VU_SET_BACKEND_REQ_FD).fd[0];
	request(its);
	answer(&channel, 1); /* to the dead one */
	answer(&channel, 2);
	fe_init(&end);
	end.timeout_ms = DEADLINE_MS;
	fe_attach(&end, its);
	assert_ok(fe_recv(&end, &msg));
	assert_num(msg.u64, 2);
	fe_fini(&end);
	fe_fini(&channel);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_next_one_is_told_where_the_ring_is),
		test(one_without_136_bytes_of_config_is_asked_for_what_it_has),
		test(a_half_answer_is_not_passed_on),
		test(a_half_message_reaches_the_next_one_whole),
		test(one_with_fewer_features_is_named),
		test(an_answer_that_is_owed_to_a_dead_one_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
