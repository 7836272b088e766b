/* SPDX-License-Identifier: Apache-2.0 */
/* wrong-door.h: first bytes at either socket, and who sent them. */
#include <endian.h>
#include <string.h>
#include "input/device/control.h"
#include "input/device/event.h"
#include "input/serve/wrong-door.h"
#include "input/vhost-user/vhost-user-wire.h"
#include "tests/lib/check.h"

#define ACK (VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY)

static const struct {
	struct vu_header hdr[2];
	size_t len;
	enum wrong_door is;
} vmms[] = {
	{ { { VU_GET_FEATURES, 1, 0 } }, 12, WRONG_DOOR_YES },
	{ { { VU_GET_PROTOCOL_FEATURES, ACK, 0 } }, 12, WRONG_DOOR_YES },
	{ { { VU_SET_OWNER, 1, 0 } }, 12, WRONG_DOOR_UNKNOWN },
	{ { { VU_SET_OWNER, 1, 0 }, { VU_GET_FEATURES, 1, 0 } },
	  23,
	  WRONG_DOOR_UNKNOWN },
	{ { { VU_SET_OWNER, 1, 0 }, { VU_GET_FEATURES, 1, 0 } },
	  24,
	  WRONG_DOOR_YES },
	{ { { VU_GET_FEATURES, 1, 0 } }, 11, WRONG_DOOR_UNKNOWN },
	{ { { VU_GET_FEATURES, 2, 0 } }, 12, WRONG_DOOR_NO },
	{ { { VU_GET_FEATURES, 1, 8 } }, 12, WRONG_DOOR_NO },
	{ { { VU_SET_FEATURES, 1, 8 } }, 12, WRONG_DOOR_NO },
};

static void a_vmm_begins_with_a_request(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(vmms); i++)
		assert_num(wrong_door_is_vmm(vmms[i].hdr, vmms[i].len),
			   vmms[i].is);
}

#define SYN vi_event(EV_SYN, SYN_REPORT, 0)

static void an_injector_begins_with_events(void **state)
{
	/* cut: without all of WRONG_DOOR_LEN it may be a header. */
	const struct {
		struct vi_event ev[3];
		bool cut;
	} rows[] = {
		{ { vi_event(EV_KEY, KEY_A, 1), SYN }, false },
		{ { vi_event(EV_MSC, MSC_SCAN, 1), vi_event(EV_KEY, KEY_A, 1),
		    SYN },
		  false },
		{ { vi_event(EV_REL, REL_X, 1), vi_event(EV_REL, REL_Y, 1),
		    SYN },
		  false },
		{ { vi_event(EV_REL, REL_X, -1), SYN }, false },
		{ { vi_event(EV_REL, REL_X, 1), SYN }, true },
		{ { vi_event(EV_ABS, ABS_X, 1), SYN, SYN }, true },
		{ { vi_event(EV_ABS, ABS_X, 1), vi_event(EV_ABS, ABS_Y, 1),
		    SYN },
		  false },
		{ { vi_event(EV_ABS, ABS_X, 500), SYN }, false },
		{ { vi_event(EV_ABS, ABS_MT_SLOT, 0),
		    vi_event(EV_ABS, ABS_MT_TRACKING_ID, 1) },
		  false },
		{ { vi_event(EV_KEY, KEY_MAX, 2), SYN }, false },
		{ { vi_event(EV_SW, SW_LID, 1), SYN }, true },
		{ { vi_event(EV_SW, SW_LID, 0), SYN }, true },
		{ { vi_event(CONTROL_HELLO, 1, CONTROL_MAGIC), SYN }, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct vi_event *ev = rows[i].ev;

		for (size_t len = 12; len < sizeof(rows[i].ev); len++)
			assert_true(wrong_door_is_vmm(ev, len) !=
				    WRONG_DOOR_YES);
		assert_num(wrong_door_is_vmm(ev, sizeof(rows[i].ev)),
			   WRONG_DOOR_NO);
		assert_true(wrong_door_is_injector(ev, WRONG_DOOR_LEN));
		/* Headers are in the order of the machine, unlike events. */
		if (!rows[i].cut || BYTE_ORDER == LITTLE_ENDIAN)
			assert_num(wrong_door_is_injector(ev, 12),
				   !rows[i].cut);
	}
}

/* One event, and SYN_REPORT: whether an injector may have sent it. */
static const struct {
	uint16_t type, code;
	int32_t value;
	bool likely;
} first_events[] = {
	{ EV_SYN, SYN_REPORT, 0, true },
	{ EV_SYN, SYN_MT_REPORT, 0, true },
	{ EV_SYN, SYN_MT_REPORT, 1, false },
	{ EV_SYN, SYN_MT_REPORT + 1, 0, false },
	{ EV_KEY, 0, 1, false },
	{ EV_KEY, KEY_ESC, 0, true },
	{ EV_KEY, KEY_ESC, 2, true },
	{ EV_KEY, KEY_ESC, 3, false },
	{ EV_KEY, KEY_ESC, -1, false },
	{ EV_KEY, KEY_MAX, 1, true },
	{ EV_KEY, KEY_CNT, 1, false },
	{ EV_REL, REL_MAX, -1, true },
	{ EV_REL, REL_CNT, -1, false },
	{ EV_ABS, ABS_MAX, 9, true },
	{ EV_ABS, ABS_CNT, 9, false },
	{ EV_MSC, MSC_MAX, 9, true },
	{ EV_MSC, MSC_CNT, 9, false },
	{ EV_SW, SW_MAX, 0, true },
	{ EV_SW, SW_MAX, 1, true },
	{ EV_SW, SW_MAX, 2, false },
	{ EV_SW, SW_MAX, -1, false },
	{ EV_SW, SW_CNT, 1, false },
	{ EV_LED, LED_CAPSL, 1, false },
	{ CONTROL_HELLO, 1, CONTROL_MAGIC, true },
	{ CONTROL_HELLO, 1, CONTROL_MAGIC + 1, false },
	{ CONTROL_HELLO, 0, CONTROL_MAGIC, false },
};

static void an_injector_begins_with_what_there_is(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(first_events); i++) {
		const struct vi_event ev[] = { vi_event(first_events[i].type,
							first_events[i].code,
							first_events[i].value),
					       SYN };

		if (wrong_door_is_injector(ev, WRONG_DOOR_LEN) !=
		    first_events[i].likely)
			fail_msg("row %zu", i);
	}
}

/* Wrong ones too: what is wrong with them is to be said. */
static const struct vu_header headers[] = {
	{ VU_GET_FEATURES, 1, 0 },
	{ VU_SET_OWNER, 1, 0 },
	{ VU_SET_OWNER, 1 | VU_FLAG_REPLY, 0 },
	{ VU_SET_OWNER, 1 | VU_FLAG_NEED_REPLY, 0 },
	{ VU_SET_FEATURES, 1, 8 },
	{ VU_SET_FEATURES, 1, 0 },
	{ VU_SET_MEM_TABLE, 1, 0 },
	{ VU_SET_MEM_TABLE, 1, 40 },
	{ VU_GET_FEATURES, 2, 0 },
	{ VU_GET_FEATURES, 0x10, 0 },
	{ 0, 1, 0 },
	{ UINT32_MAX, 1, 0 },
	{ 100, 1, 0 },
	{ VU_GET_FEATURES, 1, UINT32_MAX },
};

static void a_front_end_begins_with_a_header(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		uint8_t bytes[WRONG_DOOR_LEN];
		const uint32_t next = VU_GET_FEATURES;

		memcpy(bytes, &headers[i], 12);
		memcpy(bytes + 12, &next, 4);
		assert_false(wrong_door_is_injector(bytes, 12));
		assert_false(wrong_door_is_injector(bytes, sizeof(bytes)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vmm_begins_with_a_request),
		cmocka_unit_test(an_injector_begins_with_events),
		cmocka_unit_test(an_injector_begins_with_what_there_is),
		cmocka_unit_test(a_front_end_begins_with_a_header),
	};

	return cmocka_run_group_tests_name("wrong-door", tests, NULL, NULL);
}
