/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration space, status and saved state, as messages reach them. */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/vt.h"

#define PROTOCOL                                                       \
	(VT_BIT(VU_PROTOCOL_F_CONFIG) | VT_BIT(VU_PROTOCOL_F_STATUS) | \
	 VT_BIT(VU_PROTOCOL_F_DEVICE_STATE) |                          \
	 VT_BIT(VU_PROTOCOL_F_BACKEND_REQ))

static struct vt *negotiated(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0, PROTOCOL);
	return v;
}

/* --- the configuration space --- */

struct config_msg {
	struct vu_config config;
	uint8_t data[VU_PAYLOAD_MAX - sizeof(struct vu_config)];
};

static int config_of(struct vt *v, uint32_t request, uint32_t offset,
		     uint32_t size, uint32_t in_payload)
{
	struct config_msg msg = { .config = { offset, size, 0 } };

	memset(msg.data, 0xee, sizeof(msg.data));
	return vt_send(v, request, &msg,
		       (uint32_t)sizeof(msg.config) + in_payload, -1);
}

static const uint8_t *data_of(const struct vt *v)
{
	return v->msg.p.bytes + sizeof(struct vu_config);
}

static void a_read_gets_the_bytes_and_the_size_that_it_asks_for(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(config_of(v, VU_GET_CONFIG, 3, 2, 2), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "read 3+2");
	assert_num(v->msg.hdr.size, sizeof(struct vu_config) + 2);
	assert_memory_equal(data_of(v), "\4\5", 2);
}

static void a_read_of_the_whole_space_is_one_read(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(config_of(v, VU_GET_CONFIG, 0, VT_CONFIG_LEN, VT_CONFIG_LEN),
		  VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "read 0+136");
	assert_memory_equal(data_of(v), v->config, VT_CONFIG_LEN);
}

static void bytes_past_the_end_read_as_0(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(config_of(v, VU_GET_CONFIG, VT_CONFIG_LEN - 1, 3, 3),
		  VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "read 135+1");
	assert_num(v->msg.hdr.size, sizeof(struct vu_config) + 3);
	assert_memory_equal(data_of(v), "\x88\0\0", 3);
	assert_rc(config_of(v, VU_GET_CONFIG, VT_CONFIG_LEN, 1, 1),
		  VU_HAS_REPLY);
	assert_rc(config_of(v, VU_GET_CONFIG, UINT32_MAX, 1, 1), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "");
	assert_num(data_of(v)[0], 0);
}

static void a_read_of_nothing_is_an_error_without_payload(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(config_of(v, VU_GET_CONFIG, 0, 0, 0), VU_HAS_REPLY);
	assert_num(v->msg.hdr.size, 0);
	assert_string_equal(vt_ops(v), "");
}

static void payload_and_size_must_agree(void **state)
{
	struct vt *v = negotiated(state);
	const uint32_t which[] = { VU_GET_CONFIG, VU_SET_CONFIG };

	for (size_t i = 0; i < 2; i++) {
		vt_rejects(v, config_of(v, which[i], 0, 2, 1),
			   "payload of 13 bytes for 2 bytes");
		vt_rejects(v, config_of(v, which[i], 0, 1, 2),
			   "payload of 14 bytes for 1 bytes");
	}
	assert_string_equal(vt_ops(v), "");
}

static void a_write_reaches_the_device_where_it_lies_inside(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(config_of(v, VU_SET_CONFIG, 1, 2, 2), 0);
	assert_string_equal(vt_ops(v), "write 1+2");
	assert_rc(config_of(v, VU_SET_CONFIG, VT_CONFIG_LEN - 1, 4, 4), 0);
	assert_string_equal(vt_ops(v), "write 135+1");
	assert_rc(config_of(v, VU_SET_CONFIG, VT_CONFIG_LEN, 1, 1), 0);
	assert_rc(config_of(v, VU_SET_CONFIG, UINT32_MAX, 2, 2), 0);
	assert_string_equal(vt_ops(v), "");
	assert_num(v->config[0], 1);
	assert_num(v->config[1], 0xee);
	assert_num(v->config[2], 0xee);
	assert_num(v->config[3], 4);
}

/* --- status --- */

static void status_is_kept_until_the_reset(void **state)
{
	struct vt *v = negotiated(state);

	assert_num(vt_get(v, VU_GET_STATUS), 0);
	assert_rc(vt_u64(v, VU_SET_STATUS, 3), 0);
	assert_num(vt_get(v, VU_GET_STATUS), 3);
	assert_rc(vt_u64(v, VU_SET_STATUS, 0xb), 0);
	assert_num(vt_get(v, VU_GET_STATUS), 0xb);
	assert_string_equal(vt_ops(v), "");
	assert_rc(vt_u64(v, VU_SET_STATUS, 0), 0);
	assert_num(vt_get(v, VU_GET_STATUS), 0);
	assert_string_equal(vt_ops(v), "reset");
}

static void status_has_8_bits(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(vt_u64(v, VU_SET_STATUS, 255), 0);
	vt_rejects(v, vt_u64(v, VU_SET_STATUS, 256),
		   "invalid device status 0x100");
}

static void features_without_version_1_are_not_ok(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(vt_u64(v, VU_SET_FEATURES, VT_BIT(30)), 0);
	assert_rc(vt_u64(v, VU_SET_STATUS, 0xb), 0);
	assert_num(vt_get(v, VU_GET_STATUS), 3);
}

static void a_status_of_0_stops_the_queues_and_keeps_them_enabled(void **state)
{
	struct vt *v = negotiated(state);

	vt_share(v);
	vt_start(v, 0);
	vt_ops(v);
	assert_rc(vt_u64(v, VU_SET_STATUS, 0), 0);
	assert_string_equal(vt_ops(v), "stopped 0, reset");
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, 0, v->kick[0]), 0);
	assert_string_equal(vt_ops(v), "started 0");
}

/* --- saved state --- */

static int transfer(struct vt *v, uint32_t direction)
{
	const struct vu_device_state what = { direction, VU_PHASE_STOPPED };
	int fd[2], r;

	assert_sys(pipe2(fd, O_CLOEXEC));
	r = vt_send(v, VU_SET_DEVICE_STATE_FD, &what, sizeof(what), fd[1]);
	close(fd[0]);
	close(fd[1]);
	return r;
}

static void a_transfer_is_begun_in_the_direction_that_is_asked(void **state)
{
	struct vt *v = negotiated(state);

	assert_rc(transfer(v, VU_STATE_LOAD), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "transfer 1");
	/* No fd comes back, and no error. */
	assert_num(v->msg.p.u64, 0x100);
	assert_rc(transfer(v, VU_STATE_SAVE), VU_HAS_REPLY);
	assert_string_equal(vt_ops(v), "transfer 0");
}

static void a_transfer_that_fails_is_no_violation(void **state)
{
	struct vt *v = negotiated(state);

	v->fails = true;
	assert_rc(transfer(v, VU_STATE_LOAD), VU_HAS_REPLY);
	assert_num(v->msg.p.u64, 0x101);
	assert_num(vt_get(v, VU_CHECK_DEVICE_STATE), 1);
	v->fails = false;
	assert_num(vt_get(v, VU_CHECK_DEVICE_STATE), 0);
}

/* --- the back-end channel --- */

static void the_channel_is_a_stream_socket(void **state)
{
	struct vt *v = negotiated(state);
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd));
	vt_rejects(v, vt_send(v, VU_SET_BACKEND_REQ_FD, NULL, 0, fd[0]),
		   "its fd is not a stream socket");
	vt_rejects(v, vt_send(v, VU_SET_BACKEND_REQ_FD, NULL, 0, v->mem_fd),
		   "its fd is not a stream socket");
	close(fd[0]);
	close(fd[1]);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	assert_rc(vt_send(v, VU_SET_BACKEND_REQ_FD, NULL, 0, fd[0]), 0);
	close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VT(a_read_gets_the_bytes_and_the_size_that_it_asks_for),
		VT(a_read_of_the_whole_space_is_one_read),
		VT(bytes_past_the_end_read_as_0),
		VT(a_read_of_nothing_is_an_error_without_payload),
		VT(payload_and_size_must_agree),
		VT(a_write_reaches_the_device_where_it_lies_inside),
		VT(status_is_kept_until_the_reset),
		VT(status_has_8_bits),
		VT(features_without_version_1_are_not_ok),
		VT(a_status_of_0_stops_the_queues_and_keeps_them_enabled),
		VT(a_transfer_is_begun_in_the_direction_that_is_asked),
		VT(a_transfer_that_fails_is_no_violation),
		VT(the_channel_is_a_stream_socket),
	};

	return cmocka_run_group_tests_name("vu-device", tests, NULL, NULL);
}
