/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a front-end must not send, one row per rule: the connection is closed
 * with one line that names the message, and the next front-end is served.
 */
#include <string.h>
#include "tests/lib/cases.h"
#include "tests/lib/rig.h"

enum stage {
	CONNECTED,  /* nothing sent yet */
	NEGOTIATED, /* protocol features acked */
	SHARED,	    /* SET_FEATURES, and memory shared */
	RUNNING,    /* both queues run */
};

struct reject {
	const char *name;
	enum stage stage;
	const char *says; /* the beginning of its log line */
	uint32_t request, size;
	union {
		uint64_t u64;
		uint32_t u32[2];
		struct vu_vring_state state;
		struct vu_vring_addr addr;
		uint32_t config[3]; /* struct vu_config */
		struct vu_mem_table table;
		struct vu_single_region region;
	};
	uint32_t flags;	    /* 0: version 1 */
	unsigned int n_fds; /* of the guest's memory, if there is one */
};

#define MEMORY(n_bytes)                                    \
	{                                                  \
		.guest_addr = 0x100000, .size = (n_bytes), \
		.user_addr = 0x200000                      \
	}

/* clang-format off */
#define REQ(req) .request = VU_##req, .says = #req ":"
#define SIZE(n)	 .stage = NEGOTIATED, .size = (n)
#define STATE(i, n) .size = 8, .state = { (i), (n) }

static const struct reject rejects[] = {
	/* The header. */
	{ "version_0_is_rejected", CONNECTED, REQ(GET_FEATURES),
	  .flags = 0x10 },
	{ "version_2_is_rejected", CONNECTED, REQ(GET_FEATURES), .flags = 2 },
	{ "version_3_is_rejected", CONNECTED, REQ(GET_FEATURES), .flags = 3 },
	{ "a_reply_from_the_front_end_is_rejected", CONNECTED,
	  REQ(GET_FEATURES), .flags = 5 },
	{ "request_0_is_rejected", CONNECTED, .request = 0, .says = "" },
	{ "unknown_request_is_rejected", CONNECTED, .request = 100,
	  .says = "" },
	{ "largest_request_is_rejected", CONNECTED, .request = UINT32_MAX,
	  .says = "" },
	{ "unknown_request_with_fds_is_rejected", NEGOTIATED, .request = 99,
	  .says = "", .size = 8, .n_fds = 1 },
	{ "payload_of_4_gib_is_rejected", CONNECTED, REQ(SET_FEATURES),
	  .size = UINT32_MAX },
	{ "config_past_the_largest_payload_is_rejected", NEGOTIATED,
	  REQ(GET_CONFIG), .size = VU_PAYLOAD_MAX + 1 },

	/* Requests of features that are not offered. */
	{ "set_log_base_is_rejected", NEGOTIATED, .request = VU_SET_LOG_BASE,
	  .says = "", .size = 16, .n_fds = 1 },
	{ "iotlb_msg_is_rejected", NEGOTIATED, .request = VU_IOTLB_MSG,
	  .says = "", .size = 32 },
	{ "postcopy_advise_is_rejected", NEGOTIATED, .request = 28,
	  .says = "" },
	{ "inband_vring_kick_is_rejected", NEGOTIATED,
	  .request = VU_VRING_KICK, .says = "", STATE(0, 0) },

	/* Payload sizes. */
	{ "get_features_rejects_payload", SIZE(8), REQ(GET_FEATURES) },
	{ "set_features_rejects_short_payload", SIZE(4), REQ(SET_FEATURES) },
	{ "set_features_rejects_long_payload", SIZE(16), REQ(SET_FEATURES) },
	{ "set_owner_rejects_payload", SIZE(8), REQ(SET_OWNER) },
	{ "reset_owner_rejects_payload", SIZE(8), REQ(RESET_OWNER) },
	{ "set_mem_table_rejects_short_payload", SIZE(4),
	  REQ(SET_MEM_TABLE) },
	{ "set_vring_num_rejects_short_payload", SIZE(4),
	  REQ(SET_VRING_NUM) },
	{ "set_vring_num_rejects_long_payload", SIZE(12),
	  REQ(SET_VRING_NUM) },
	{ "set_vring_addr_rejects_short_payload", SIZE(32),
	  REQ(SET_VRING_ADDR) },
	{ "set_vring_addr_rejects_long_payload", SIZE(48),
	  REQ(SET_VRING_ADDR) },
	{ "set_vring_base_rejects_short_payload", SIZE(4),
	  REQ(SET_VRING_BASE) },
	{ "get_vring_base_rejects_no_payload", SIZE(0), REQ(GET_VRING_BASE) },
	{ "set_vring_kick_rejects_short_payload", SIZE(4), REQ(SET_VRING_KICK),
	  .n_fds = 1 },
	{ "set_vring_call_rejects_long_payload", SIZE(16), REQ(SET_VRING_CALL),
	  .n_fds = 1 },
	{ "set_vring_err_rejects_no_payload", SIZE(0), REQ(SET_VRING_ERR),
	  .n_fds = 1 },
	{ "set_vring_enable_rejects_short_payload", SIZE(4),
	  REQ(SET_VRING_ENABLE) },
	{ "get_protocol_features_rejects_payload", SIZE(8),
	  REQ(GET_PROTOCOL_FEATURES) },
	{ "set_protocol_features_rejects_short_payload", SIZE(4),
	  REQ(SET_PROTOCOL_FEATURES) },
	{ "get_queue_num_rejects_payload", SIZE(8), REQ(GET_QUEUE_NUM) },
	{ "get_config_rejects_short_payload", SIZE(8), REQ(GET_CONFIG) },
	{ "set_config_rejects_short_payload", SIZE(11), REQ(SET_CONFIG) },
	{ "reset_device_rejects_payload", SIZE(8), REQ(RESET_DEVICE) },
	{ "get_max_mem_slots_rejects_payload", SIZE(8),
	  REQ(GET_MAX_MEM_SLOTS) },
	{ "add_mem_reg_rejects_short_payload", SIZE(32), REQ(ADD_MEM_REG),
	  .n_fds = 1 },
	{ "add_mem_reg_rejects_long_payload", SIZE(48), REQ(ADD_MEM_REG),
	  .n_fds = 1 },
	{ "rem_mem_reg_rejects_short_payload", SIZE(8), REQ(REM_MEM_REG) },
	{ "set_status_rejects_short_payload", SIZE(1), REQ(SET_STATUS) },
	{ "get_status_rejects_payload", SIZE(8), REQ(GET_STATUS) },

	/* Queue indices. */
	{ "set_vring_num_rejects_queue_out_of_range", SHARED,
	  REQ(SET_VRING_NUM), STATE(2, 64) },
	{ "set_vring_num_rejects_largest_queue", SHARED, REQ(SET_VRING_NUM),
	  STATE(UINT32_MAX, 64) },
	{ "set_vring_addr_rejects_queue_out_of_range", SHARED,
	  REQ(SET_VRING_ADDR), .size = 40, .addr = { .index = 2 } },
	{ "set_vring_base_rejects_queue_out_of_range", SHARED,
	  REQ(SET_VRING_BASE), STATE(2, 0) },
	{ "get_vring_base_rejects_queue_out_of_range", SHARED,
	  REQ(GET_VRING_BASE), STATE(2, 0) },
	{ "set_vring_kick_rejects_queue_out_of_range", SHARED,
	  REQ(SET_VRING_KICK), .size = 8, .u64 = 2, .n_fds = 1 },
	{ "set_vring_call_rejects_queue_out_of_range", SHARED,
	  REQ(SET_VRING_CALL), .size = 8, .u64 = 255, .n_fds = 1 },
	{ "set_vring_err_rejects_queue_out_of_range", SHARED,
	  REQ(SET_VRING_ERR), .size = 8, .u64 = 2 | VU_VRING_NOFD },
	{ "set_vring_enable_rejects_queue_out_of_range", SHARED,
	  REQ(SET_VRING_ENABLE), STATE(2, 1) },

	/* Required fds. */
	{ "set_mem_table_rejects_region_without_fd", NEGOTIATED,
	  REQ(SET_MEM_TABLE), .size = 40,
	  .table = { 1, 0, { MEMORY(4096) } } },
	{ "set_mem_table_rejects_fewer_fds_than_regions", SHARED,
	  REQ(SET_MEM_TABLE), .size = 72,
	  .table = { 2, 0, { MEMORY(4096), MEMORY(4096) } }, .n_fds = 1 },
	{ "add_mem_reg_rejects_no_fd", NEGOTIATED, REQ(ADD_MEM_REG),
	  .size = 40, .region = { 0, MEMORY(4096) } },
	{ "set_vring_kick_rejects_no_fd", SHARED, REQ(SET_VRING_KICK),
	  .size = 8 },
	{ "set_vring_call_rejects_no_fd", SHARED, REQ(SET_VRING_CALL),
	  .size = 8 },
	{ "set_vring_err_rejects_no_fd", SHARED, REQ(SET_VRING_ERR),
	  .size = 8 },
	{ "set_backend_req_fd_rejects_no_fd", SHARED,
	  REQ(SET_BACKEND_REQ_FD) },

	/* Values. */
	{ "set_features_rejects_what_was_not_offered", NEGOTIATED,
	  REQ(SET_FEATURES), .size = 8,
	  .u64 = UINT64_C(1) << 40 |
		 UINT64_C(1) << VIRTIO_F_VERSION_1 },
	{ "set_protocol_features_rejects_what_was_not_offered", CONNECTED,
	  REQ(SET_PROTOCOL_FEATURES), .size = 8, .u64 = UINT64_C(1) << 63 },
	{ "set_vring_num_rejects_0", SHARED, REQ(SET_VRING_NUM), STATE(0, 0) },
	{ "set_vring_num_rejects_3", SHARED, REQ(SET_VRING_NUM), STATE(0, 3) },
	{ "set_vring_num_rejects_48", SHARED, REQ(SET_VRING_NUM),
	  STATE(1, 48) },
	{ "set_vring_num_rejects_65536", SHARED, REQ(SET_VRING_NUM),
	  STATE(0, 65536) },
	{ "set_vring_num_rejects_65600", SHARED, REQ(SET_VRING_NUM),
	  STATE(0, 65600) },
	{ "set_vring_num_rejects_2_31", SHARED, REQ(SET_VRING_NUM),
	  STATE(0, UINT32_C(1) << 31) },
	{ "set_vring_base_rejects_65536", SHARED, REQ(SET_VRING_BASE),
	  STATE(0, 65536) },
	{ "set_vring_enable_rejects_2", SHARED, REQ(SET_VRING_ENABLE),
	  STATE(0, 2) },
	{ "set_status_rejects_256", NEGOTIATED, REQ(SET_STATUS), .size = 8,
	  .u64 = 256 },
	{ "get_config_rejects_payload_shorter_than_it_says", NEGOTIATED,
	  REQ(GET_CONFIG), .size = 16, .config = { 0, 8, 0 } },
	{ "get_config_rejects_payload_longer_than_it_says", NEGOTIATED,
	  REQ(GET_CONFIG), .size = 20, .config = { 0, 4, 0 } },
	{ "set_config_rejects_payload_shorter_than_it_says", NEGOTIATED,
	  REQ(SET_CONFIG), .size = 13, .config = { 0, 2, 0 } },

	/* Not negotiated: the front-end has acked nothing yet. */
	{ "get_queue_num_needs_mq", CONNECTED, REQ(GET_QUEUE_NUM) },
	{ "get_config_needs_its_feature", CONNECTED, REQ(GET_CONFIG),
	  .size = 13, .config = { 0, 1, 0 } },
	{ "set_config_needs_its_feature", CONNECTED, REQ(SET_CONFIG),
	  .size = 13, .config = { 0, 1, 0 } },
	{ "reset_device_needs_its_feature", CONNECTED, REQ(RESET_DEVICE) },
	{ "get_status_needs_its_feature", CONNECTED, REQ(GET_STATUS) },
	{ "get_max_mem_slots_needs_its_feature", CONNECTED,
	  REQ(GET_MAX_MEM_SLOTS) },

	/* Ring addresses. */
	{ "set_vring_addr_rejects_unknown_flags", RUNNING,
	  REQ(SET_VRING_ADDR), .size = 40, .addr = { .flags = 2 } },
	{ "set_vring_addr_rejects_misaligned_descriptors", RUNNING,
	  REQ(SET_VRING_ADDR), .size = 40,
	  .addr = { .desc_user = FE_USER_BASE + 8,
		    .avail_user = FE_USER_BASE,
		    .used_user = FE_USER_BASE } },
	{ "set_vring_addr_rejects_misaligned_avail", RUNNING,
	  REQ(SET_VRING_ADDR), .size = 40,
	  .addr = { .desc_user = FE_USER_BASE,
		    .avail_user = FE_USER_BASE + 1,
		    .used_user = FE_USER_BASE } },
	{ "set_vring_addr_rejects_misaligned_used", RUNNING,
	  REQ(SET_VRING_ADDR), .size = 40,
	  .addr = { .desc_user = FE_USER_BASE,
		    .avail_user = FE_USER_BASE,
		    .used_user = FE_USER_BASE + 2 } },
	{ "set_vring_addr_rejects_descriptors_outside_memory", RUNNING,
	  REQ(SET_VRING_ADDR), .size = 40,
	  .addr = { .desc_user = FE_USER_BASE - 16,
		    .avail_user = FE_USER_BASE,
		    .used_user = FE_USER_BASE } },
	{ "set_vring_addr_rejects_avail_outside_memory", RUNNING,
	  REQ(SET_VRING_ADDR), .size = 40,
	  .addr = { .desc_user = FE_USER_BASE,
		    .avail_user = 0,
		    .used_user = FE_USER_BASE } },
	{ "set_vring_addr_rejects_used_that_wraps", RUNNING,
	  REQ(SET_VRING_ADDR), .size = 40,
	  .addr = { .desc_user = FE_USER_BASE,
		    .avail_user = FE_USER_BASE,
		    .used_user = UINT64_MAX - 15 } },
	{ "set_vring_addr_rejects_guest_physical_address", RUNNING,
	  REQ(SET_VRING_ADDR), .size = 40,
	  .addr = { .desc_user = FE_GUEST_BASE,
		    .avail_user = FE_GUEST_BASE,
		    .used_user = FE_GUEST_BASE } },

	/* States. */
	{ "set_vring_addr_needs_a_size", SHARED, REQ(SET_VRING_ADDR),
	  .size = 40, .addr = { .desc_user = FE_USER_BASE } },
	{ "set_vring_num_rejects_running_queue", RUNNING, REQ(SET_VRING_NUM),
	  STATE(0, 64) },
	{ "set_vring_base_rejects_running_queue", RUNNING,
	  REQ(SET_VRING_BASE), STATE(1, 0) },
};
/* clang-format on */

static void reach(struct rig *rig, enum stage stage)
{
	rig->fe.want_protocol |= UINT64_C(1) << VU_PROTOCOL_F_RESET_DEVICE |
				 UINT64_C(1) << VU_PROTOCOL_F_STATUS |
				 UINT64_C(1) << VU_PROTOCOL_F_BACKEND_REQ;
	rig_connect(rig);
	assert_ok(fe_make_rings(&rig->fe, RIG_BUFFERS));
	if (stage == CONNECTED)
		return;
	assert_ok(fe_negotiate(&rig->fe));
	if (stage == NEGOTIATED)
		return;
	if (stage == RUNNING) {
		assert_ok(fe_start(&rig->fe));
		return;
	}
	assert_ok(fe_set_features(&rig->fe));
	assert_ok(fe_share_memory(&rig->fe));
}

static struct fe_msg message_of(const struct reject *row, struct rig *rig)
{
	struct fe_msg msg = {
		.hdr = { row->request, row->flags, row->size },
		.n_fds = row->n_fds,
	};
	if (!row->flags)
		msg.hdr.flags = VU_FLAG_VERSION_1;
	memcpy(msg.bytes, &row->table, sizeof(row->table));
	for (size_t i = 0; i < msg.n_fds; i++)
		msg.fd[i] = rig->fe.mem.fd;
	return msg;
}

static void is_rejected(void **state)
{
	struct rig *rig = *state;
	const struct reject *row = rig->row;
	size_t len = sizeof(struct vu_header) + row->size;

	rig_serve(rig, "keyboard");
	reach(rig, row->stage);
	struct fe_msg msg = message_of(row, rig);
	if (row->size > VU_PAYLOAD_MAX)
		len = sizeof(msg.hdr);
	assert_ok(fe_send_part(&rig->fe, &msg, 0, len));
	rig_expect_violation(rig, row->says);
	rig_expect_serves(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rejects)];

	CASES(tests, rejects, T(is_rejected));
	return cmocka_run_group_tests_name("rejects", tests, NULL, NULL);
}
