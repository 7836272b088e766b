/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of messages: what a header may say, and what each request needs
 * before a handler sees it. The table here is written from the specification,
 * not from the table under test.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/vt.h"

#define NONE VU_ALWAYS

struct request {
	const char *name;
	uint32_t request;
	uint32_t least, most; /* bytes of payload */
	unsigned int fds;     /* at least */
	unsigned int feature;
	enum {
		NO_QUEUE,
		IN_STATE,
		IN_ADDR,
		IN_U64,
	} queue;
};

/* clang-format off */
#define REQ(name) #name, VU_##name
#define F(name)	  VU_PROTOCOL_F_##name

static const struct request requests[] = {
	{ REQ(GET_FEATURES), 0, 0, 0, NONE, NO_QUEUE },
	{ REQ(SET_FEATURES), 8, 8, 0, NONE, NO_QUEUE },
	{ REQ(SET_OWNER), 0, 0, 0, NONE, NO_QUEUE },
	{ REQ(RESET_OWNER), 0, 0, 0, NONE, NO_QUEUE },
	{ REQ(SET_MEM_TABLE), 8, 8 + 8 * 32, 0, NONE, NO_QUEUE },
	{ REQ(SET_LOG_BASE), 16, 16, 1, F(LOG_SHMFD), NO_QUEUE },
	{ REQ(SET_LOG_FD), 0, 0, 1, NONE, NO_QUEUE },
	{ REQ(SET_VRING_NUM), 8, 8, 0, NONE, IN_STATE },
	{ REQ(SET_VRING_ADDR), 40, 40, 0, NONE, IN_ADDR },
	{ REQ(SET_VRING_BASE), 8, 8, 0, NONE, IN_STATE },
	{ REQ(GET_VRING_BASE), 8, 8, 0, NONE, IN_STATE },
	{ REQ(SET_VRING_KICK), 8, 8, 1, NONE, IN_U64 },
	{ REQ(SET_VRING_CALL), 8, 8, 1, NONE, IN_U64 },
	{ REQ(SET_VRING_ERR), 8, 8, 1, NONE, IN_U64 },
	{ REQ(GET_PROTOCOL_FEATURES), 0, 0, 0, NONE, NO_QUEUE },
	{ REQ(SET_PROTOCOL_FEATURES), 8, 8, 0, NONE, NO_QUEUE },
	{ REQ(GET_QUEUE_NUM), 0, 0, 0, F(MQ), NO_QUEUE },
	{ REQ(SET_VRING_ENABLE), 8, 8, 0, NONE, IN_STATE },
	{ REQ(SET_BACKEND_REQ_FD), 0, 0, 1, F(BACKEND_REQ), NO_QUEUE },
	/* With the padding of the C structure, or without. */
	{ REQ(IOTLB_MSG), 26, 32, 0, NONE, NO_QUEUE },
	{ REQ(GET_CONFIG), 12, VU_PAYLOAD_MAX, 0, F(CONFIG), NO_QUEUE },
	{ REQ(SET_CONFIG), 12, VU_PAYLOAD_MAX, 0, F(CONFIG), NO_QUEUE },
	{ REQ(POSTCOPY_ADVISE), 0, 0, 0, F(PAGEFAULT), NO_QUEUE },
	{ REQ(POSTCOPY_LISTEN), 0, 0, 0, F(PAGEFAULT), NO_QUEUE },
	{ REQ(POSTCOPY_END), 0, 0, 0, F(PAGEFAULT), NO_QUEUE },
	{ REQ(GET_INFLIGHT_FD), 20, 24, 0, F(INFLIGHT_SHMFD), NO_QUEUE },
	{ REQ(SET_INFLIGHT_FD), 20, 24, 1, F(INFLIGHT_SHMFD), NO_QUEUE },
	{ REQ(RESET_DEVICE), 0, 0, 0, F(RESET_DEVICE), NO_QUEUE },
	{ REQ(VRING_KICK), 8, 8, 0, F(INBAND_NOTIFICATIONS), IN_STATE },
	{ REQ(GET_MAX_MEM_SLOTS), 0, 0, 0, F(CONFIGURE_MEM_SLOTS), NO_QUEUE },
	/* 8: the ack of a postcopy front-end. */
	{ REQ(ADD_MEM_REG), 8, 40, 0, F(CONFIGURE_MEM_SLOTS), NO_QUEUE },
	{ REQ(REM_MEM_REG), 40, 40, 0, F(CONFIGURE_MEM_SLOTS), NO_QUEUE },
	{ REQ(SET_STATUS), 8, 8, 0, F(STATUS), NO_QUEUE },
	{ REQ(GET_STATUS), 0, 0, 0, F(STATUS), NO_QUEUE },
	{ REQ(SET_DEVICE_STATE_FD), 8, 8, 1, F(DEVICE_STATE), NO_QUEUE },
	{ REQ(CHECK_DEVICE_STATE), 0, 0, 0, F(DEVICE_STATE), NO_QUEUE },
};
/* clang-format on */

#define N_REQUESTS (sizeof(requests) / sizeof(*requests))

#define ALL_FEATURES UINT64_MAX

static const char *check_size(const struct request *row, uint32_t size)
{
	const struct vu_header hdr = { row->request, VU_FLAG_VERSION_1, size };

	return vu_header_check(&hdr, vu_backend_rule(row->request));
}

static struct vu_message message_of(const struct request *row, uint32_t queue)
{
	struct vu_message msg = {
		.hdr = { row->request, VU_FLAG_VERSION_1, row->most },
		.n_fds = row->fds,
		.reply_fd = -1,
	};

	switch (row->queue) {
	case NO_QUEUE:
		break;
	case IN_STATE:
		msg.p.state.index = queue;
		break;
	case IN_ADDR:
		msg.p.addr.index = queue;
		break;
	case IN_U64:
		msg.p.u64 = queue;
		break;
	}
	return msg;
}

static const char *check(const struct vu_message *msg, uint64_t features)
{
	static char why[VU_WHY_LEN];

	return vu_message_check(msg, vu_backend_rule(msg->hdr.request),
				features, why);
}

static uint32_t queue_of(const struct vu_message *msg)
{
	return vu_message_queue(msg, vu_backend_rule(msg->hdr.request));
}

/* --- one case a request: the state is its row --- */

static void size_is_checked(void **state)
{
	const struct request *row = *state;

	assert_null(check_size(row, row->least));
	assert_null(check_size(row, row->most));
	assert_non_null(check_size(row, row->most + 1));
	if (row->least)
		assert_non_null(check_size(row, row->least - 1));
}

static void feature_is_needed(void **state)
{
	const struct request *row = *state;
	struct vu_message msg = message_of(row, 0);

	if (row->feature == NONE) {
		assert_null(check(&msg, 0));
		return;
	}
	assert_null(check(&msg, VT_BIT(row->feature)));
	assert_non_null(check(&msg, ~VT_BIT(row->feature)));
}

static void fds_are_needed(void **state)
{
	const struct request *row = *state;
	struct vu_message msg = message_of(row, 0);

	assert_null(check(&msg, ALL_FEATURES));
	if (!row->fds)
		return;
	msg.n_fds = row->fds - 1;
	assert_non_null(check(&msg, ALL_FEATURES));
}

static void more_fds_do_no_harm(void **state)
{
	const struct request *row = *state;
	struct vu_message msg = message_of(row, 0);

	msg.n_fds = VU_FDS_MAX;
	assert_null(check(&msg, ALL_FEATURES));
}

static const struct request *current;

static int queue_setup(void **state)
{
	current = *state;
	return vt_setup(state);
}

static void queue_is_one_of_the_device(void **state)
{
	struct vt *v = *state;
	struct vu_message past = message_of(current, 2);

	if (current->queue == NO_QUEUE) {
		assert_num(queue_of(&past), 0);
		return;
	}
	assert_num(queue_of(&past), 2);
	vu_backend_offer_inband(&v->be);
	vt_negotiate(v, 0, vt_get(v, VU_GET_PROTOCOL_FEATURES));
	vt_rejects(v,
		   vt_send(v, current->request, past.p.bytes, current->most,
			   v->kick[0]),
		   "queue 2: the device has 2");
}

/* --- all the others --- */

static void no_other_request_is_taken(void **state)
{
	for (uint32_t request = 0; request < 300; request++) {
		bool known = false;

		for (size_t i = 0; i < N_REQUESTS; i++)
			known |= requests[i].request == request;
		assert_num(!!vu_backend_rule(request), known);
	}
	assert_null(vu_backend_rule(UINT32_MAX));
}

static void rules_are_named_after_their_requests(void **state)
{
	for (size_t i = 0; i < N_REQUESTS; i++)
		assert_string_equal(vu_backend_rule(requests[i].request)->name,
				    requests[i].name);
}

static void unknown_request_is_rejected(void **state)
{
	const struct vu_header hdr = { 99, VU_FLAG_VERSION_1, 0 };

	assert_non_null(vu_header_check(&hdr, vu_backend_rule(99)));
}

static void version_other_than_1_is_rejected(void **state)
{
	const struct vu_rule *rule = vu_backend_rule(VU_GET_FEATURES);
	const struct {
		uint32_t flags;
		bool legal;
	} cases[] = { { 0, false }, { 1, true }, { 2, false }, { 3, false } };

	for (size_t i = 0; i < 4; i++) {
		const struct vu_header hdr = { VU_GET_FEATURES, cases[i].flags,
					       0 };

		assert_num(!vu_header_check(&hdr, rule), cases[i].legal);
	}
}

static void reply_is_rejected_and_need_reply_is_not(void **state)
{
	const struct vu_rule *rule = vu_backend_rule(VU_GET_FEATURES);
	struct vu_header hdr = { VU_GET_FEATURES,
				 VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY, 0 };

	assert_null(vu_header_check(&hdr, rule));
	hdr.flags = VU_FLAG_VERSION_1 | VU_FLAG_REPLY;
	assert_non_null(vu_header_check(&hdr, rule));
}

static void vring_fd_is_not_needed_with_the_nofd_bit(void **state)
{
	const uint32_t which[] = { VU_SET_VRING_KICK, VU_SET_VRING_CALL,
				   VU_SET_VRING_ERR };

	for (size_t i = 0; i < 3; i++) {
		struct vu_message msg = {
			.hdr = { which[i], VU_FLAG_VERSION_1, 8 },
			.p.u64 = 1 | VU_VRING_NOFD,
		};

		assert_null(check(&msg, 0));
		msg.p.u64 = 1;
		assert_non_null(check(&msg, 0));
	}
}

static void vring_fd_index_is_the_low_byte(void **state)
{
	struct vu_message msg = {
		.hdr = { VU_SET_VRING_CALL, VU_FLAG_VERSION_1, 8 },
		.p.u64 = 0xffffff00u | VU_VRING_NOFD | 1,
	};

	assert_num(queue_of(&msg), 1);
	msg.p.u64 = VU_VRING_NOFD | 0xff;
	assert_num(queue_of(&msg), 0xff);
}

/* --- fds --- */

static int some_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_sys(fd);
	return fd;
}

static void a_stolen_fd_stays_open_and_the_others_are_closed(void **state)
{
	struct vu_message msg = { .fds = { some_fd(), some_fd() },
				  .n_fds = 2,
				  .reply_fd = -1 };
	int first = msg.fds[0], second = msg.fds[1];

	assert_num(vu_message_steal_fd(&msg, 1), second);
	vu_message_close_fds(&msg);
	assert_num(msg.n_fds, 0);
	assert_num(fcntl(first, F_GETFD), -1);
	assert_sys(fcntl(second, F_GETFD));
	close(second);
}

static void an_fd_is_stolen_once_and_only_if_it_came(void **state)
{
	struct vu_message msg = { .fds = { some_fd() },
				  .n_fds = 1,
				  .reply_fd = some_fd() };
	int fd = vu_message_steal_fd(&msg, 0);
	int reply_fd = vu_message_steal_reply_fd(&msg);

	assert_true(fd >= 0 && reply_fd >= 0);
	assert_num(vu_message_steal_fd(&msg, 0), -1);
	assert_num(vu_message_steal_fd(&msg, 1), -1);
	assert_num(vu_message_steal_reply_fd(&msg), -1);
	close(fd);
	close(reply_fd);
}

/* --- */

static const struct {
	const char *claim;
	CMUnitTestFunction test;
	CMFixtureFunction setup, teardown;
} claims[] = {
	{ "size", size_is_checked, NULL, NULL },
	{ "feature", feature_is_needed, NULL, NULL },
	{ "fds", fds_are_needed, NULL, NULL },
	{ "spare_fds", more_fds_do_no_harm, NULL, NULL },
	{ "queue", queue_is_one_of_the_device, queue_setup, vt_teardown },
};

#define N_CLAIMS (sizeof(claims) / sizeof(*claims))

static int run_each_request(void)
{
	static char name[N_CLAIMS * N_REQUESTS][64];
	static struct CMUnitTest tests[N_CLAIMS * N_REQUESTS];
	size_t n = 0;

	for (size_t i = 0; i < N_REQUESTS; i++)
		for (size_t j = 0; j < N_CLAIMS; j++, n++) {
			snprintf(name[n], sizeof(name[n]), "%s_checks_its_%s",
				 requests[i].name, claims[j].claim);
			tests[n] = (struct CMUnitTest){
				.name = name[n],
				.test_func = claims[j].test,
				.setup_func = claims[j].setup,
				.teardown_func = claims[j].teardown,
				.initial_state = (void *)&requests[i],
			};
		}
	return _cmocka_run_group_tests("vu-message: requests", tests, n, NULL,
				       NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_other_request_is_taken),
		cmocka_unit_test(rules_are_named_after_their_requests),
		cmocka_unit_test(unknown_request_is_rejected),
		cmocka_unit_test(version_other_than_1_is_rejected),
		cmocka_unit_test(reply_is_rejected_and_need_reply_is_not),
		cmocka_unit_test(vring_fd_is_not_needed_with_the_nofd_bit),
		cmocka_unit_test(vring_fd_index_is_the_low_byte),
		cmocka_unit_test(
			a_stolen_fd_stays_open_and_the_others_are_closed),
		cmocka_unit_test(an_fd_is_stolen_once_and_only_if_it_came),
	};
	int failed = run_each_request();

	return failed +
	       cmocka_run_group_tests_name("vu-message", tests, NULL, NULL);
}
