/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/hold/hold-config.h"
#include "tests/lib/check.h"

static struct hold_config c;
static struct vu_message all;

static int setup(void **state)
{
	memset(&c, 0, sizeof(c));
	return 0;
}

static struct vu_message read_of(uint32_t offset, uint32_t size)
{
	struct vu_message msg = { .hdr = { VU_GET_CONFIG, VU_FLAG_VERSION_1,
					   12 + size } };

	msg.p.config = (struct vu_config){ offset, size, 1 };
	return msg;
}

/* The back-end's answer to the read of all: byte n is n. */
static struct vu_message answer_of_all(void)
{
	struct vu_message msg = all;

	msg.hdr.flags |= VU_FLAG_REPLY;
	for (unsigned int i = 0; i < HOLD_CONFIG_LEN; i++)
		msg.p.bytes[12 + i] = (uint8_t)i;
	return msg;
}

/* The first read, of byte 2, is answered. */
static void read_ahead(void)
{
	struct vu_message msg = read_of(2, 1);

	assert_false(hold_config_answers(&c, &msg));
	assert_true(hold_config_widen(&c, &msg, &all));
	msg = answer_of_all();
	assert_true(hold_config_narrow(&c, &msg));
	assert_num(msg.hdr.size, 12 + 1);
	assert_num(msg.p.config.offset, 2);
	assert_num(msg.p.config.flags, 1);
	assert_num(msg.p.bytes[12], 2);
}

static void the_first_read_asks_for_all(void **state)
{
	read_ahead();
	assert_num(all.hdr.size, 12 + HOLD_CONFIG_LEN);
	assert_num(all.p.config.offset, 0);
	assert_num(all.p.config.size, HOLD_CONFIG_LEN);
}

static void those_that_follow_are_answered(void **state)
{
	struct vu_message msg = read_of(132, 4);

	read_ahead();
	assert_true(hold_config_answers(&c, &msg));
	assert_num(msg.hdr.flags, VU_FLAG_VERSION_1 | VU_FLAG_REPLY);
	assert_num(msg.hdr.size, 12 + 4);
	assert_num(msg.p.bytes[12], 132);
	assert_num(msg.p.bytes[15], 135);
}

static void another_message_ends_that(void **state)
{
	struct vu_message msg = read_of(3, 1);
	struct vu_message write = { .hdr = { VU_SET_CONFIG, 1, 13 } };

	read_ahead();
	assert_false(hold_config_answers(&c, &write));
	assert_false(hold_config_answers(&c, &msg));
}

static void a_request_of_the_back_end_ends_that(void **state)
{
	struct vu_message msg = read_of(3, 1);

	read_ahead();
	hold_config_forget(&c);
	assert_false(hold_config_answers(&c, &msg));
}

static void a_read_past_the_end_is_the_back_ends(void **state)
{
	struct vu_message past = read_of(130, 8), none = read_of(0, 0);
	struct vu_message wrap = read_of(UINT32_MAX, 2), cut = read_of(0, 8);

	cut.hdr.size--;
	read_ahead();
	assert_false(hold_config_answers(&c, &past));
	assert_false(hold_config_widen(&c, &past, &all));
	assert_false(hold_config_widen(&c, &none, &all));
	assert_false(hold_config_widen(&c, &wrap, &all));
	assert_false(hold_config_widen(&c, &cut, &all));
}

static void a_back_end_that_has_less_is_asked_byte_by_byte(void **state)
{
	struct vu_message msg = read_of(2, 1), refused;

	assert_true(hold_config_widen(&c, &msg, &all));
	refused = all;
	refused.hdr.size = 0;
	assert_false(hold_config_narrow(&c, &refused));
	assert_false(hold_config_widen(&c, &msg, &all));
	assert_true(hold_config_narrow(&c, &msg));
}

#define test(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_first_read_asks_for_all),
		test(those_that_follow_are_answered),
		test(another_message_ends_that),
		test(a_request_of_the_back_end_ends_that),
		test(a_read_past_the_end_is_the_back_ends),
		test(a_back_end_that_has_less_is_asked_byte_by_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
