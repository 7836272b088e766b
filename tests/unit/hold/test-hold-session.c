/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/hold/hold-replay.h"
#include "injector/hold/hold-session.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define FDS_MAX	  256
#define USED_IDX  0x1234
#define VERSION_1 (UINT64_C(1) << VIRTIO_F_VERSION_1)
#define ACKS	  (UINT64_C(1) << VU_PROTOCOL_F_REPLY_ACK)

static struct hold_session s;
static bool is_open[FDS_MAX]; /* fds are numbers here */
static int next_fd;

static void drop(void *arg, int fd)
{
	assert_true(fd >= 0 && fd < FDS_MAX && is_open[fd]);
	is_open[fd] = false;
}

static bool read_memory(void *arg, int fd, uint64_t offset, void *to,
			size_t len)
{
	const uint16_t idx = USED_IDX;

	assert_true(is_open[fd]);
	assert_num(offset, 0x100 + 0x2000 + 2);
	assert_num(len, sizeof(idx));
	memcpy(to, &idx, sizeof(idx));
	return true;
}

static const struct hold_ops ops = { .drop = drop, .read = read_memory };

static int setup(void **state)
{
	memset(is_open, 0, sizeof(is_open));
	next_fd = 0;
	fill_with_garbage(&s);
	hold_session_init(&s, &ops, NULL);
	return 0;
}

static int n_open(void)
{
	int n = 0;

	for (int i = 0; i < FDS_MAX; i++)
		n += is_open[i];
	return n;
}

static int teardown(void **state)
{
	hold_session_fini(&s);
	return n_open() ? -1 : 0;
}

static struct vu_message make(uint32_t request, uint32_t size)
{
	return (struct vu_message){ .hdr = { request, VU_FLAG_VERSION_1, size },
				    .reply_fd = -1 };
}

static void add_fd(struct vu_message *msg)
{
	is_open[next_fd] = true;
	msg->fds[msg->n_fds++] = next_fd++;
}

static void say_u64(uint32_t request, uint64_t u64)
{
	struct vu_message msg = make(request, 8);

	msg.p.u64 = u64;
	hold_session_ask(&s, &msg);
}

static void say_state(uint32_t request, uint32_t index, uint32_t num)
{
	struct vu_message msg = make(request, 8);

	msg.p.state = (struct vu_vring_state){ index, num };
	hold_session_ask(&s, &msg);
}

static void say_vring_fd(uint32_t request, uint32_t index)
{
	struct vu_message msg = make(request, 8);

	msg.p.u64 = index;
	add_fd(&msg);
	hold_session_ask(&s, &msg);
}

static void answer_u64(uint32_t request, uint64_t u64)
{
	struct vu_message msg = make(request, 8);

	msg.hdr.flags |= VU_FLAG_REPLY;
	msg.p.u64 = u64;
	assert_true(hold_session_answer(&s, &msg));
}

static void say_memory(void)
{
	struct vu_message msg = make(VU_ADD_MEM_REG, sizeof(msg.p.single));

	msg.p.single.region = (struct vu_mem_region){ .guest_addr = 0,
						      .size = 0x10000,
						      .user_addr = 0x70000,
						      .mmap_offset = 0x100 };
	add_fd(&msg);
	hold_session_ask(&s, &msg);
}

static void start_queue(uint32_t index)
{
	struct vu_message msg = make(VU_SET_VRING_ADDR, sizeof(msg.p.addr));

	say_state(VU_SET_VRING_NUM, index, 64);
	say_state(VU_SET_VRING_BASE, index, 7);
	msg.p.addr =
		(struct vu_vring_addr){ .index = index, .used_user = 0x72000 };
	hold_session_ask(&s, &msg);
	say_vring_fd(VU_SET_VRING_CALL, index);
	say_vring_fd(VU_SET_VRING_KICK, index);
	say_state(VU_SET_VRING_ENABLE, index, 1);
}

/* All messages of a replay, to a back-end that offers these. */
struct replayed {
	struct vu_message msg[64];
	unsigned int n;
	int rc;
};

static struct replayed replay(uint64_t features)
{
	static struct replayed all;
	struct hold_replay r;
	struct vu_message reply;
	enum hold_next next;

	all.n = 0;
	all.rc = 0;
	hold_replay_begin(&r, &s);
	while ((next = hold_replay_next(&r, &all.msg[all.n])) !=
	       HOLD_NEXT_DONE) {
		if (next == HOLD_NEXT_SEND) {
			assert_true(++all.n < ARRAY_LEN(all.msg));
			continue;
		}
		reply = make(all.msg[all.n - 1].hdr.request, 8);
		reply.hdr.flags |= VU_FLAG_REPLY;
		reply.p.u64 = features;
		all.rc = hold_replay_answer(&r, &reply);
		if (all.rc)
			break;
	}
	return all;
}

static const struct vu_message *find(const struct replayed *all,
				     uint32_t request)
{
	for (unsigned int i = 0; i < all->n; i++)
		if (all->msg[i].hdr.request == request)
			return &all->msg[i];
	return NULL;
}

static void a_new_session_says_nothing(void **state)
{
	struct vu_message msg = make(VU_GET_FEATURES, 0);

	hold_session_ask(&s, &msg);
	assert_num(replay(0).n, 0);
}

static void what_was_said_is_said_again(void **state)
{
	struct replayed all;

	say_u64(VU_SET_FEATURES, VERSION_1);
	say_memory();
	start_queue(0);
	start_queue(1);
	all = replay(VERSION_1);
	assert_num(all.rc, 0);
	assert_num(find(&all, VU_SET_FEATURES)->p.u64, VERSION_1);
	assert_num(find(&all, VU_ADD_MEM_REG)->n_fds, 1);
	assert_num(find(&all, VU_SET_VRING_NUM)->p.state.num, 64);
	assert_num(find(&all, VU_SET_VRING_KICK)->n_fds, 1);
	assert_num(all.msg[all.n - 1].hdr.request, VU_GET_FEATURES);
}

static void a_ring_that_runs_continues_at_its_used_index(void **state)
{
	struct replayed all;

	say_memory();
	start_queue(0);
	all = replay(0);
	assert_num(find(&all, VU_SET_VRING_BASE)->p.state.num, USED_IDX);
}

static void a_packed_ring_continues_where_it_began(void **state)
{
	struct replayed all;

	say_u64(VU_SET_FEATURES, UINT64_C(1) << VIRTIO_F_RING_PACKED);
	say_memory();
	start_queue(0);
	all = replay(UINT64_MAX);
	assert_num(find(&all, VU_SET_VRING_BASE)->p.state.num, 7);
}

static void a_queue_that_was_stopped_is_not_started_again(void **state)
{
	struct vu_message reply = make(VU_GET_VRING_BASE, 8);
	struct replayed all;

	say_memory();
	start_queue(0);
	say_vring_fd(VU_SET_VRING_ERR, 0);
	say_state(VU_GET_VRING_BASE, 0, 0);
	reply.hdr.flags |= VU_FLAG_REPLY;
	reply.p.state = (struct vu_vring_state){ 0, 99 };
	assert_true(hold_session_answer(&s, &reply));
	all = replay(0);
	assert_null(find(&all, VU_SET_VRING_KICK));
	assert_null(find(&all, VU_SET_VRING_CALL));
	assert_null(find(&all, VU_SET_VRING_ERR));
	assert_num(find(&all, VU_SET_VRING_BASE)->p.state.num, 99);
	assert_num(n_open(), 1);
}

static void a_reset_forgets_the_queues(void **state)
{
	struct replayed all;

	say_memory();
	start_queue(0);
	say_u64(VU_SET_STATUS, 7);
	say_u64(VU_SET_STATUS, 0);
	all = replay(0);
	assert_null(find(&all, VU_SET_VRING_KICK));
	assert_null(find(&all, VU_SET_STATUS));
	assert_num(n_open(), 1);
}

static void a_reset_device_has_no_queue_enabled(void **state)
{
	struct vu_message reset = make(VU_RESET_DEVICE, 0);
	struct replayed all;

	say_memory();
	start_queue(0);
	hold_session_ask(&s, &reset);
	all = replay(0);
	assert_null(find(&all, VU_SET_VRING_KICK));
	assert_num(find(&all, VU_SET_VRING_ENABLE)->p.state.num, 0);
	assert_num(n_open(), 1);
}

static void an_fd_that_is_replaced_is_dropped(void **state)
{
	say_vring_fd(VU_SET_VRING_CALL, 0);
	say_vring_fd(VU_SET_VRING_CALL, 0);
	assert_num(n_open(), 1);
	assert_false(is_open[0]);
}

static void a_message_is_kept_once_it_is_acked(void **state)
{
	struct vu_message msg = make(VU_SET_STATUS, 8), lost;
	struct replayed all;
	const char *why;

	say_u64(VU_SET_PROTOCOL_FEATURES, ACKS);
	msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	msg.p.u64 = 3;
	hold_session_ask(&s, &msg);
	all = replay(UINT64_MAX);
	assert_null(find(&all, VU_SET_STATUS));
	assert_num(hold_session_lose(&s, &lost, &why), HOLD_RESUME);
	assert_num(hold_session_asked(&s)->p.u64, 3);
	answer_u64(VU_SET_STATUS, 0);
	assert_null(hold_session_asked(&s));
	all = replay(UINT64_MAX);
	assert_num(find(&all, VU_SET_STATUS)->p.u64, 3);
}

static void a_message_that_failed_is_not_said_again(void **state)
{
	struct vu_message msg = make(VU_SET_VRING_CALL, 8);
	struct replayed all;

	say_u64(VU_SET_PROTOCOL_FEATURES, ACKS);
	msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	add_fd(&msg);
	hold_session_ask(&s, &msg);
	answer_u64(VU_SET_VRING_CALL, 1);
	assert_num(n_open(), 0);
	all = replay(UINT64_MAX);
	assert_null(find(&all, VU_SET_VRING_CALL));
}

static void an_answer_to_another_question_is_refused(void **state)
{
	struct vu_message msg = make(VU_GET_FEATURES, 0);
	struct vu_message reply = make(VU_GET_STATUS, 8);

	reply.hdr.flags |= VU_FLAG_REPLY;
	assert_false(hold_session_answer(&s, &reply));
	hold_session_ask(&s, &msg);
	assert_false(hold_session_answer(&s, &reply));
}

static void a_back_end_with_fewer_features_is_refused(void **state)
{
	say_u64(VU_SET_FEATURES, VERSION_1);
	assert_num(replay(0).rc, HOLD_E_FEATURES);
	assert_num(replay(UINT64_MAX).rc, 0);
}

static void a_snapshot_under_way_fails(void **state)
{
	struct vu_message msg = make(VU_SET_DEVICE_STATE_FD, 8), answer;
	const char *why;

	add_fd(&msg);
	hold_session_ask(&s, &msg);
	answer_u64(VU_SET_DEVICE_STATE_FD, VU_TRANSFER_NOFD);
	assert_num(n_open(), 0);
	assert_num(hold_session_lose(&s, &answer, &why), HOLD_RESUME);
	msg = make(VU_CHECK_DEVICE_STATE, 0);
	assert_true(hold_session_answers(&s, &msg));
	assert_num(msg.p.u64, 1);
	msg = make(VU_CHECK_DEVICE_STATE, 0);
	assert_false(hold_session_answers(&s, &msg));
}

static void a_snapshot_that_was_not_begun_is_refused(void **state)
{
	struct vu_message msg = make(VU_SET_DEVICE_STATE_FD, 8), answer;
	const char *why;

	add_fd(&msg);
	hold_session_ask(&s, &msg);
	assert_num(hold_session_lose(&s, &answer, &why), HOLD_REFUSE);
	assert_num(answer.hdr.request, VU_SET_DEVICE_STATE_FD);
	assert_num(answer.p.u64, VU_TRANSFER_NOFD | 1);
	assert_num(n_open(), 0);
}

static void postcopy_under_way_cannot_be_resumed(void **state)
{
	struct vu_message msg = make(VU_POSTCOPY_ADVISE, 0), answer;
	struct vu_message reply = msg;
	const char *why;

	hold_session_ask(&s, &msg);
	reply.hdr.flags |= VU_FLAG_REPLY;
	assert_true(hold_session_answer(&s, &reply));
	assert_num(hold_session_lose(&s, &answer, &why), HOLD_OVER);
	assert_string_equal(why, "postcopy migration is under way");
	msg = make(VU_POSTCOPY_END, 0);
	hold_session_ask(&s, &msg);
	answer_u64(VU_POSTCOPY_END, 0);
	assert_num(hold_session_lose(&s, &answer, &why), HOLD_RESUME);
}

static void an_unknown_request_cannot_be_resumed(void **state)
{
	struct vu_message answer;
	const char *why;

	say_u64(99, 0);
	assert_num(hold_session_lose(&s, &answer, &why), HOLD_OVER);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_new_session_says_nothing),
		test(what_was_said_is_said_again),
		test(a_ring_that_runs_continues_at_its_used_index),
		test(a_packed_ring_continues_where_it_began),
		test(a_queue_that_was_stopped_is_not_started_again),
		test(a_reset_forgets_the_queues),
		test(a_reset_device_has_no_queue_enabled),
		test(an_fd_that_is_replaced_is_dropped),
		test(a_message_is_kept_once_it_is_acked),
		test(a_message_that_failed_is_not_said_again),
		test(an_answer_to_another_question_is_refused),
		test(a_back_end_with_fewer_features_is_refused),
		test(a_snapshot_under_way_fails),
		test(a_snapshot_that_was_not_begun_is_refused),
		test(postcopy_under_way_cannot_be_resumed),
		test(an_unknown_request_cannot_be_resumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
