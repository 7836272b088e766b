/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device status field as seen by a front-end that leaves it to the device
 * (SET_STATUS, GET_STATUS; virtio 1.3 §2.1).
 */
#include "tests/lib/channel.h"

#define ALL_BUT_FEATURES_OK 0x07

static uint64_t status(struct rig *rig)
{
	struct fe_msg msg = fe_msg(VU_GET_STATUS);

	assert_ok(fe_query(&rig->fe, &msg, sizeof(msg.u64)));
	return msg.u64;
}

static void set_status(struct rig *rig, uint64_t value)
{
	struct fe_msg msg = fe_msg_u64(VU_SET_STATUS, value);

	assert_ok(fe_request(&rig->fe, &msg));
}

static void run(struct rig *rig)
{
	rig->fe.want_protocol |=
		BIT(VU_PROTOCOL_F_STATUS) | BIT(VU_PROTOCOL_F_BACKEND_REQ);
	rig_run(rig, "keyboard", 16);
}

static void status_is_read_back(void **state)
{
	struct rig *rig = *state;

	run(rig);
	assert_num(status(rig), 0);
	for (uint64_t s = 1; s < 0x0f; s = s * 2 + 1) {
		set_status(rig, s);
		assert_num(status(rig), (long long)s);
	}
}

static void features_are_not_ok_without_version_1(void **state)
{
	struct rig *rig = *state;

	rig->fe.want_features &= ~BIT(VIRTIO_F_VERSION_1);
	run(rig);
	set_status(rig, ALL_BUT_FEATURES_OK | VIRTIO_STATUS_FEATURES_OK);
	assert_num(status(rig), ALL_BUT_FEATURES_OK);
}

static void a_broken_queue_needs_a_reset(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	run(rig);
	channel_open(rig, &channel, 0);
	set_status(rig, 0x0f);
	for (uint16_t i = 0; i < 16; i++)
		rig->fe.ring[FE_EVENTQ].desc[i].addr = UINT64_MAX;
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_expect_broken(rig, FE_EVENTQ);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	assert_num(status(rig), 0x0f | VIRTIO_STATUS_NEEDS_RESET);
	/* It stays so until it gets one. */
	set_status(rig, 0x0f);
	assert_num(status(rig), 0x0f | VIRTIO_STATUS_NEEDS_RESET);
	set_status(rig, 0);
	assert_num(status(rig), 0);
	channel_expect_nothing(&channel);
	channel_close(&channel);
}

/* "If DRIVER_OK is set". */
static void a_driver_that_has_not_started_is_not_notified(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	run(rig);
	channel_open(rig, &channel, 0);
	for (uint16_t i = 0; i < 16; i++)
		rig->fe.ring[FE_EVENTQ].desc[i].addr = UINT64_MAX;
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_expect_broken(rig, FE_EVENTQ);
	channel_expect_nothing(&channel);
	assert_num(status(rig), VIRTIO_STATUS_NEEDS_RESET);
	channel_close(&channel);
}

static void the_next_front_end_begins_with_0(void **state)
{
	struct rig *rig = *state;

	run(rig);
	set_status(rig, 0x0f);
	run(rig);
	assert_num(status(rig), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(status_is_read_back),
		T(features_are_not_ok_without_version_1),
		T(a_broken_queue_needs_a_reset),
		T(a_driver_that_has_not_started_is_not_notified),
		T(the_next_front_end_begins_with_0),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
