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

/* Reads, and whether all input devices have these bytes. */
static const struct {
	uint32_t offset, size;
	bool inside;
} reads[] = {
	{ 0, 1, true },
	{ 0, HOLD_CONFIG_LEN, true },
	{ 0, HOLD_CONFIG_LEN + 1, false },
	{ 1, HOLD_CONFIG_LEN, false },
	{ HOLD_CONFIG_LEN - 1, 1, true },
	{ HOLD_CONFIG_LEN - 1, 2, false },
	{ HOLD_CONFIG_LEN, 1, false },
	{ HOLD_CONFIG_LEN, 0, false },
	{ HOLD_CONFIG_LEN + 1, 1, false },
};

static void reads_within_it_are_widened_and_answered(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
		struct vu_message msg = read_of(reads[i].offset, reads[i].size);

		assert_num(hold_config_widen(&c, &msg, &all), reads[i].inside);
		hold_config_forget(&c);
		read_ahead();
		assert_num(hold_config_answers(&c, &msg), reads[i].inside);
	}
}

static void a_message_of_another_kind_or_size_is_none(void **state)
{
	struct vu_message msg = read_of(0, 1);

	msg.hdr.size++;
	assert_false(hold_config_widen(&c, &msg, &all));
	msg.hdr.size--;
	msg.hdr.request = VU_SET_CONFIG;
	assert_false(hold_config_widen(&c, &msg, &all));
}

/* It shows nothing of our memory. */
static void what_is_asked_is_all_zero(void **state)
{
	struct vu_message msg = read_of(2, 1);

	memset(&all, 0xa5, sizeof(all));
	msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	assert_true(hold_config_widen(&c, &msg, &all));
	assert_num(all.hdr.request, VU_GET_CONFIG);
	assert_num(all.hdr.flags, VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY);
	assert_num(all.n_fds, 0);
	assert_num(all.p.config.flags, 1);
	for (size_t i = 0; i < HOLD_CONFIG_LEN; i++)
		assert_num(all.p.bytes[12 + i], 0);
}

/* An answer that was not asked for all is the front-end's. */
static void other_answers_are_passed_as_they_are(void **state)
{
	struct vu_message msg = read_of(2, 1), other = read_of(0, 1);

	assert_true(hold_config_narrow(&c, &msg));
	assert_num(msg.hdr.flags, VU_FLAG_VERSION_1);
	assert_true(hold_config_widen(&c, &msg, &all));
	other.hdr.request = VU_GET_FEATURES;
	assert_true(hold_config_narrow(&c, &other));
	/* The answer is still to come. */
	msg = answer_of_all();
	assert_true(hold_config_narrow(&c, &msg));
	assert_num(msg.hdr.size, 12 + 1);
	/* And only once. */
	msg = answer_of_all();
	assert_true(hold_config_narrow(&c, &msg));
	assert_num(msg.hdr.size, 12 + HOLD_CONFIG_LEN);
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
		test(reads_within_it_are_widened_and_answered),
		test(a_message_of_another_kind_or_size_is_none),
		test(what_is_asked_is_all_zero),
		test(other_answers_are_passed_as_they_are),
		test(a_back_end_that_has_less_is_asked_byte_by_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
