/* SPDX-License-Identifier: Apache-2.0 */
/* What a command must be before a device sees it, and VERSION's JSON. */
#include <errno.h>
#include <string.h>
#include "injector/vfio-user/vfu-message.h"
#include "tests/lib/cases.h"

static struct vfu_message msg;

static void make(uint16_t command, size_t len)
{
	memset(&msg, 0, sizeof(msg));
	msg.hdr.command = command;
	msg.hdr.size = (uint32_t)(sizeof(msg.hdr) + len);
}

/* --- headers --- */

struct header_row {
	const char *name;
	struct vfu_header hdr;
	bool good;
};

static const struct header_row headers[] = {
	{ "a_header_alone_is_read", { 1, VFU_DEVICE_RESET, 16, 0, 0 }, true },
	{ "no_reply_is_a_command", { 1, VFU_DEVICE_RESET, 16, 0x10, 0 }, true },
	{ "the_longest_write_is_read",
	  { 1, VFU_REGION_WRITE, 16 + 16 + 4096, 0, 0 },
	  true },
	{ "a_longer_one_is_not",
	  { 1, VFU_REGION_WRITE, 16 + 16 + 4096 + 1, 0, 0 },
	  false },
	{ "a_header_shorter_than_itself_is_not_read",
	  { 1, VFU_DEVICE_RESET, 15, 0, 0 },
	  false },
	{ "a_reply_is_not_read", { 1, VFU_DEVICE_RESET, 16, 0x1, 0 }, false },
	{ "a_type_of_nobody_is_not_read",
	  { 1, VFU_DEVICE_RESET, 16, 0x2, 0 },
	  false },
};

static void header(void **state)
{
	const struct header_row *row = *state;

	assert_num(!vfu_header_check(&row->hdr), row->good);
}

/* --- messages --- */

struct message_row {
	const char *name;
	uint16_t command;
	size_t len;
	unsigned int n_fds;
	union {
		struct vfu_access access;
		struct vfu_irq_set set;
		struct vfu_dma_map map;
	} p;
	int result;
};

static const struct message_row messages[] = {
	{ "map_with_its_fd", VFU_DMA_MAP, 32, 1, { { 0 } }, 0 },
	{ "map_without", VFU_DMA_MAP, 32, 0, { { 0 } }, 0 },
	{ "map_with_two_fds", VFU_DMA_MAP, 32, 2, { { 0 } }, EINVAL },
	{ "map_with_all_flags",
	  VFU_DMA_MAP,
	  32,
	  0,
	  { .map = { 32, 3, 0, 0, 0 } },
	  0 },
	{ "map_with_an_unknown_flag",
	  VFU_DMA_MAP,
	  32,
	  0,
	  { .map = { 32, 7, 0, 0, 0 } },
	  EINVAL },
	{ "short_map", VFU_DMA_MAP, 31, 0, { { 0 } }, EINVAL },
	{ "unmap", VFU_DMA_UNMAP, 24, 0, { { 0 } }, 0 },
	{ "unmap_with_an_fd", VFU_DMA_UNMAP, 24, 1, { { 0 } }, EINVAL },
	{ "device_info", VFU_DEVICE_GET_INFO, 16, 0, { { 0 } }, 0 },
	{ "region_info", VFU_DEVICE_GET_REGION_INFO, 32, 0, { { 0 } }, 0 },
	{ "short_region_info",
	  VFU_DEVICE_GET_REGION_INFO,
	  28,
	  0,
	  { { 0 } },
	  EINVAL },
	{ "irq_info", VFU_DEVICE_GET_IRQ_INFO, 16, 0, { { 0 } }, 0 },
	{ "read", VFU_REGION_READ, 16, 0, { { 0, 0, 4096 } }, 0 },
	{ "read_of_too_much",
	  VFU_REGION_READ,
	  16,
	  0,
	  { { 0, 0, 4097 } },
	  EINVAL },
	{ "write", VFU_REGION_WRITE, 20, 0, { { 0, 0, 4 } }, 0 },
	{ "write_without_its_data",
	  VFU_REGION_WRITE,
	  19,
	  0,
	  { { 0, 0, 4 } },
	  EINVAL },
	{ "write_with_more_data",
	  VFU_REGION_WRITE,
	  21,
	  0,
	  { { 0, 0, 4 } },
	  EINVAL },
	{ "reset", VFU_DEVICE_RESET, 0, 0, { { 0 } }, 0 },
	{ "reset_with_data", VFU_DEVICE_RESET, 1, 0, { { 0 } }, EINVAL },
	{ "set_irqs_to_event_fds",
	  VFU_DEVICE_SET_IRQS,
	  20,
	  3,
	  { .set = { 20, 0x24, 2, 0, 3 } },
	  0 },
	{ "set_irqs_to_fewer_event_fds",
	  VFU_DEVICE_SET_IRQS,
	  20,
	  2,
	  { .set = { 20, 0x24, 2, 0, 3 } },
	  EINVAL },
	{ "set_irqs_to_none",
	  VFU_DEVICE_SET_IRQS,
	  20,
	  0,
	  { .set = { 20, 0x24, 2, 0, 3 } },
	  0 },
	{ "set_irqs_by_booleans",
	  VFU_DEVICE_SET_IRQS,
	  23,
	  0,
	  { .set = { 23, 0x22, 2, 0, 3 } },
	  0 },
	{ "set_irqs_by_fewer_booleans",
	  VFU_DEVICE_SET_IRQS,
	  22,
	  0,
	  { .set = { 22, 0x22, 2, 0, 3 } },
	  EINVAL },
	{ "set_irqs_without_a_kind_of_data",
	  VFU_DEVICE_SET_IRQS,
	  20,
	  0,
	  { .set = { 20, 0x20, 2, 0, 0 } },
	  EINVAL },
	{ "dirty_pages", VFU_DIRTY_PAGES, 8, 0, { { 0 } }, ENOTSUP },
	{ "region_io_fds",
	  VFU_DEVICE_GET_REGION_IO_FDS,
	  16,
	  0,
	  { { 0 } },
	  ENOTSUP },
	{ "what_only_a_server_sends", VFU_DMA_READ, 16, 0, { { 0 } }, ENOTSUP },
	{ "nothing_known", 200, 0, 0, { { 0 } }, ENOTSUP },
	{ "another_version", VFU_VERSION, 4, 0, { { 0 } }, EPROTO },
};

static void message(void **state)
{
	const struct message_row *row = *state;

	make(row->command, row->len);
	memcpy(&msg.p, &row->p, sizeof(row->p));
	msg.n_fds = row->n_fds;
	assert_num(vfu_message_check(&msg, true), row->result);
}

static void nothing_comes_before_the_version(void **state)
{
	make(VFU_DEVICE_RESET, 0);
	assert_num(vfu_message_check(&msg, false), EPROTO);
	make(VFU_VERSION, 4);
	assert_num(vfu_message_check(&msg, false), 0);
}

static void a_refusal_is_a_header_with_its_errno(void **state)
{
	make(VFU_DMA_MAP, 32);
	msg.hdr.id = 77;
	vfu_message_refuse(&msg, EEXIST);
	assert_num(msg.hdr.id, 77);
	assert_num(msg.hdr.size, 16);
	assert_num(msg.hdr.flags, 0x21);
	assert_num(msg.hdr.error, EEXIST);
}

/* --- versions --- */

struct version_row {
	const char *name;
	const char *json;
	int result;
	uint32_t max_fds;
	uint64_t max_data;
};

static const struct version_row versions[] = {
	{ "no_json_means_defaults", NULL, 0, 1, 1048576 },
	{ "an_empty_object_means_defaults", "{}", 0, 1, 1048576 },
	{ "capabilities_are_taken",
	  "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":4096,"
	  "\"pgsizes\":4096,\"migration\":{\"pgsize\":4096}}}",
	  0, 8, 4096 },
	{ "capabilities_that_are_no_object_are_refused",
	  "{\"capabilities\":[]}", EINVAL, 0, 0 },
	{ "a_number_that_is_none_is_refused",
	  "{\"capabilities\":{\"max_msg_fds\":\"8\"}}", EINVAL, 0, 0 },
	{ "a_negative_number_is_refused",
	  "{\"capabilities\":{\"max_data_xfer_size\":-1}}", EINVAL, 0, 0 },
	{ "the_largest_numbers_are_taken",
	  "{\"capabilities\":{\"max_msg_fds\":4294967295,"
	  "\"max_data_xfer_size\":9223372036854775807}}",
	  0, UINT32_MAX, INT64_MAX },
	{ "a_number_that_is_too_large_is_refused",
	  "{\"capabilities\":{\"max_msg_fds\":4294967296}}", EINVAL, 0, 0 },
	{ "a_negative_number_of_fds_is_refused",
	  "{\"capabilities\":{\"max_msg_fds\":-1}}", EINVAL, 0, 0 },
	{ "an_array_is_refused", "[]", EINVAL, 0, 0 },
	{ "what_is_no_json_is_refused", "{", EINVAL, 0, 0 },
};

static void version(void **state)
{
	const struct version_row *row = *state;
	const size_t len = row->json ? strlen(row->json) + 1 : 0;
	struct vfu_caps caps;

	make(VFU_VERSION, sizeof(msg.p.version) + len);
	if (row->json)
		memcpy(msg.p.bytes + sizeof(msg.p.version), row->json, len);
	assert_num(vfu_version_read(&msg, &caps), row->result);
	if (row->result)
		return;
	assert_num(caps.max_fds, row->max_fds);
	assert_num(caps.max_data, row->max_data);
}

static void json_without_its_nul_is_refused(void **state)
{
	struct vfu_caps caps;

	make(VFU_VERSION, sizeof(msg.p.version) + 2);
	memcpy(msg.p.bytes + sizeof(msg.p.version), "{}", 2);
	assert_num(vfu_version_read(&msg, &caps), EINVAL);
}

static void another_major_version_is_refused(void **state)
{
	struct vfu_caps caps;

	make(VFU_VERSION, sizeof(msg.p.version));
	msg.p.version.major = 1;
	assert_num(vfu_version_read(&msg, &caps), EPROTO);
}

static void the_minor_version_is_the_lower_one(void **state)
{
	make(VFU_VERSION, sizeof(msg.p.version));
	msg.p.version.minor = 0;
	vfu_version_reply(&msg);
	assert_num(msg.p.version.minor, 0);
	make(VFU_VERSION, sizeof(msg.p.version));
	msg.p.version.minor = 9;
	vfu_version_reply(&msg);
	assert_num(msg.p.version.minor, 1);
	/* A client of ours reads its own answer. */
	assert_string_equal((char *)msg.p.bytes + 4,
			    "{\"capabilities\":{\"max_msg_fds\":16,"
			    "\"max_data_xfer_size\":4096}}");
	assert_num(vfu_message_len(&msg),
		   4 + strlen((char *)msg.p.bytes + 4) + 1);
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(nothing_comes_before_the_version),
		cmocka_unit_test(a_refusal_is_a_header_with_its_errno),
		cmocka_unit_test(json_without_its_nul_is_refused),
		cmocka_unit_test(another_major_version_is_refused),
		cmocka_unit_test(the_minor_version_is_the_lower_one),
	};
	static struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(headers) +
				       ARRAY_LEN(messages) +
				       ARRAY_LEN(versions)];
	struct CMUnitTest *at = tests + ARRAY_LEN(plain);

	memcpy(tests, plain, sizeof(plain));
	CASES(at, headers, cmocka_unit_test(header));
	at += ARRAY_LEN(headers);
	CASES(at, messages, cmocka_unit_test(message));
	at += ARRAY_LEN(messages);
	CASES(at, versions, cmocka_unit_test(version));
	return cmocka_run_group_tests_name("vfu-message", tests, NULL, NULL);
}
