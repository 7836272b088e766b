/* SPDX-License-Identifier: Apache-2.0 */
/* What a sibling's messages may have, and what a driver's answers may offer. */
#include <string.h>
#include "injector/vvu/vvu-pci.h"
#include "injector/vvu/vvu-request.h"
#include "tests/lib/array.h"
#include "tests/lib/check.h"

#define HEAD   8u  /* of SET_MEM_TABLE */
#define REGION 32u /* each of its regions */
#define LAST   (VVU_VHOST_QUEUES - 1)
#define NOFD   VU_VRING_NOFD

#define TABLE_SIZE "SET_MEM_TABLE: invalid payload size"
#define TABLE_FDS  "SET_MEM_TABLE: an fd is needed for each region"
#define EVENT_SIZE "an event fd's message: invalid payload size"
#define NO_QUEUE   "an event fd of a queue that does not exist"
#define EVENT_FD   "an event fd's message: one fd is needed, or the no-fd bit"
#define NO_FDS	   "a message with fds, which cannot be passed on to another VM"

static const struct request_row {
	uint32_t request, size;
	unsigned int n_fds;
	uint64_t value; /* the payload's first 8 bytes */
	enum vvu_fds fds;
	const char *why;
} request_rows[] = {
	{ VU_GET_FEATURES, 0, 0, 0, VVU_FDS_NONE, NULL },
	{ VU_SET_FEATURES, 8, 0, 77, VVU_FDS_NONE, NULL },
	{ VU_SET_LOG_BASE, 16, 1, 0, VVU_FDS_NONE, NO_FDS },
	{ VU_SET_MEM_TABLE, HEAD - 1, 0, 0, VVU_FDS_MEMORY, TABLE_SIZE },
	{ VU_SET_MEM_TABLE, HEAD, 0, 0, VVU_FDS_MEMORY, NULL },
	{ VU_SET_MEM_TABLE, HEAD, 1, 0, VVU_FDS_MEMORY, TABLE_FDS },
	{ VU_SET_MEM_TABLE, HEAD + 2 * REGION - 1, 2, 2, VVU_FDS_MEMORY,
	  TABLE_SIZE },
	{ VU_SET_MEM_TABLE, HEAD + 2 * REGION, 2, 2, VVU_FDS_MEMORY, NULL },
	{ VU_SET_MEM_TABLE, HEAD + 2 * REGION, 1, 2, VVU_FDS_MEMORY,
	  TABLE_FDS },
	{ VU_SET_MEM_TABLE, HEAD + 2 * REGION, 3, 2, VVU_FDS_MEMORY,
	  TABLE_FDS },
	{ VU_SET_MEM_TABLE, HEAD + VU_MEM_TABLE_MAX *REGION, VU_MEM_TABLE_MAX,
	  VU_MEM_TABLE_MAX, VVU_FDS_MEMORY, NULL },
	{ VU_SET_MEM_TABLE, HEAD + (VU_MEM_TABLE_MAX + 1) * REGION,
	  VU_MEM_TABLE_MAX + 1, VU_MEM_TABLE_MAX + 1, VVU_FDS_MEMORY,
	  TABLE_SIZE },
	{ VU_SET_VRING_KICK, 8, 1, 0, VVU_FDS_KICK, NULL },
	{ VU_SET_VRING_KICK, 7, 1, 0, VVU_FDS_KICK, EVENT_SIZE },
	{ VU_SET_VRING_CALL, 8, 1, LAST, VVU_FDS_CALL, NULL },
	{ VU_SET_VRING_CALL, 8, 1, LAST + 1, VVU_FDS_CALL, NO_QUEUE },
	{ VU_SET_VRING_ERR, 8, 0, LAST | NOFD, VVU_FDS_ERR, NULL },
	{ VU_SET_VRING_ERR, 8, 1, 0, VVU_FDS_ERR, NULL },
	{ VU_SET_VRING_KICK, 8, 0, 0, VVU_FDS_KICK, EVENT_FD },
	{ VU_SET_VRING_KICK, 8, 1, NOFD, VVU_FDS_KICK, EVENT_FD },
	{ VU_SET_VRING_KICK, 8, 2, 0, VVU_FDS_KICK, EVENT_FD },
	{ VU_SET_BACKEND_REQ_FD, 0, 1, 0, VVU_FDS_CHANNEL, NULL },
	{ VU_SET_BACKEND_REQ_FD, 0, 0, 0, VVU_FDS_CHANNEL,
	  "SET_BACKEND_REQ_FD: one fd is needed" },
	{ VU_SET_BACKEND_REQ_FD, 0, 2, 0, VVU_FDS_CHANNEL,
	  "SET_BACKEND_REQ_FD: one fd is needed" },
};

static void a_request_has_the_fds_that_are_taken(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(request_rows); i++) {
		const struct request_row *row = &request_rows[i];
		struct vu_message msg = { .hdr = { row->request, 1, row->size },
					  .p.u64 = row->value,
					  .n_fds = row->n_fds };
		enum vvu_fds fds = (enum vvu_fds)99;
		unsigned int queue = 99;
		const char *why = vvu_request_check(&msg, &fds, &queue);

		if (!why != !row->why || (why && strcmp(why, row->why)))
			fail_msg("row %zu: %s", i, why ? why : "accepted");
		assert_num(fds, row->fds);
		assert_num(queue, row->size == 8 && row->fds >= VVU_FDS_KICK &&
						  row->fds <= VVU_FDS_ERR
					  ? row->value & 0xff
					  : 0);
	}
}

static uint64_t masked(uint32_t request, uint32_t size)
{
	struct vu_message msg = { .hdr = { request, 5, size },
				  .p.u64 = UINT64_MAX };

	vvu_request_mask(&msg);
	return msg.p.u64;
}

static void what_needs_other_fds_is_not_offered(void **state)
{
	static const unsigned int known[] = {
		VU_PROTOCOL_F_MQ,	    VU_PROTOCOL_F_REPLY_ACK,
		VU_PROTOCOL_F_BACKEND_REQ,  VU_PROTOCOL_F_CONFIG,
		VU_PROTOCOL_F_RESET_DEVICE, VU_PROTOCOL_F_INBAND_NOTIFICATIONS,
		VU_PROTOCOL_F_STATUS,
	};
	uint64_t protocol = 0;

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		protocol |= UINT64_C(1) << known[i];
	assert_true(masked(VU_GET_PROTOCOL_FEATURES, 8) == protocol);
	assert_true(masked(VU_GET_FEATURES, 8) ==
		    ~(UINT64_C(1) << VU_F_LOG_ALL));
	assert_true(masked(VU_GET_QUEUE_NUM, 8) == UINT64_MAX);
	assert_true(masked(VU_GET_FEATURES, 7) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_has_the_fds_that_are_taken),
		cmocka_unit_test(what_needs_other_fds_is_not_offered),
	};

	return cmocka_run_group_tests_name("vvu-request", tests, NULL, NULL);
}
