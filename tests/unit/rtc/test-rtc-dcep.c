/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/rtc/rtc-dcep.h"
#include "tests/lib/check.h"

#define LITERAL(text) \
	((struct rtc_bytes){ (const uint8_t *)(text), sizeof(text) - 1 })

static const struct {
	struct rtc_bytes bytes;
	int want;
} verdicts[] = {
	{ LITERAL(""), RTC_DCEP_E_LENGTH },
	{ LITERAL("\2"), 0 },
	{ LITERAL("\2\2"), RTC_DCEP_E_LENGTH },
	{ LITERAL("\0"), RTC_DCEP_E_TYPE },
	{ LITERAL("\1"), RTC_DCEP_E_TYPE },
	{ LITERAL("\4"), RTC_DCEP_E_TYPE },
	{ LITERAL("\xff\0\0\0\0\0\0\0\0\0\0\0"), RTC_DCEP_E_TYPE },
	{ LITERAL("\3"), RTC_DCEP_E_LENGTH },
	{ LITERAL("\3\0\0\0\0\0\0\0\0\0\0"), RTC_DCEP_E_LENGTH },
	{ LITERAL("\3\0\0\0\0\0\0\0\0\0\0\0"), 0 },
	{ LITERAL("\3\0\0\0\0\0\0\0\0\0\0\0x"), RTC_DCEP_E_LENGTH },
	{ LITERAL("\3\0\0\0\0\0\0\0\0\5\0\0four"), RTC_DCEP_E_LENGTH },
	{ LITERAL("\3\0\0\0\0\0\0\0\0\4\0\0four"), 0 },
	{ LITERAL("\3\0\0\0\0\0\0\0\0\2\0\2four"), 0 },
	{ LITERAL("\3\0\0\0\0\0\0\0\0\2\0\3four"), RTC_DCEP_E_LENGTH },
	{ LITERAL("\3\0\0\0\0\0\0\0\xff\xff\xff\xff"), RTC_DCEP_E_LENGTH },
	{ LITERAL("\3\0\0\0\0\0\0\0\0\3\0\0a\0b"), RTC_DCEP_E_LABEL },
	{ LITERAL("\3\0\0\0\0\0\0\0\0\0\0\3a\0b"), RTC_DCEP_E_LABEL },
	{ LITERAL("\3\3\0\0\0\0\0\0\0\0\0\0"), RTC_DCEP_E_CHANNEL },
	{ LITERAL("\3\x7f\0\0\0\0\0\0\0\0\0\0"), RTC_DCEP_E_CHANNEL },
	{ LITERAL("\3\x83\0\0\0\0\0\0\0\0\0\0"), RTC_DCEP_E_CHANNEL },
	{ LITERAL("\3\x82\0\0\0\0\0\0\0\0\0\0"), 0 },
};

static void messages_have_their_verdicts(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		struct rtc_dcep d;

		assert_num(rtc_dcep_parse(&d, verdicts[i].bytes),
			   verdicts[i].want);
	}
}

static void an_open_is_read(void **state)
{
	struct rtc_dcep d;

	assert_ok(rtc_dcep_parse(&d,
				 LITERAL("\3\x81\1\2\0\0\0\5\0\5\0\1inputp")));
	assert_false(d.ack);
	assert_true(d.unordered);
	assert_num(d.limit, RTC_DCEP_RETRANSMITS);
	assert_num(d.limit_value, 5);
	assert_num(d.priority, 0x102);
	assert_true(rtc_text_is(d.label, "input"));
	assert_true(rtc_text_is(d.protocol, "p"));
}

static void the_limit_of_a_reliable_channel_is_ignored(void **state)
{
	struct rtc_dcep d;

	assert_ok(rtc_dcep_parse(&d, LITERAL("\3\0\0\0\0\0\0\5\0\0\0\0")));
	assert_num(d.limit_value, 0);
}

static void what_is_written_is_read(void **state)
{
	const struct rtc_dcep open = { .unordered = true,
				       .limit = RTC_DCEP_LIFETIME,
				       .limit_value = 70000,
				       .priority = 256,
				       .label = { "device-control", 14 } };
	uint8_t out[RTC_DCEP_MAX];
	struct rtc_dcep d;
	size_t len = rtc_dcep_write(out, &open);

	assert_ok(rtc_dcep_parse(&d, (struct rtc_bytes){ out, len }));
	assert_true(d.unordered);
	assert_num(d.limit, RTC_DCEP_LIFETIME);
	assert_num(d.limit_value, 70000);
	assert_num(d.priority, 256);
	assert_true(rtc_text_is(d.label, "device-control"));
	len = rtc_dcep_write(out, &(struct rtc_dcep){ .ack = true });
	assert_ok(rtc_dcep_parse(&d, (struct rtc_bytes){ out, len }));
	assert_true(d.ack);
}

static void a_long_label_is_rejected(void **state)
{
	uint8_t message[RTC_DCEP_MAX + 1] = { 3 };
	struct rtc_dcep d = { .label = { (const char *)message,
					 RTC_DCEP_LABEL_MAX + 1 } };
	uint8_t out[RTC_DCEP_MAX];

	assert_num(rtc_dcep_write(out, &d), 0);
	memset(message + RTC_DCEP_OPEN_LEN, 'x', RTC_DCEP_LABEL_MAX + 1);
	net_put16(message + 8, RTC_DCEP_LABEL_MAX + 1);
	assert_num(rtc_dcep_parse(
			   &d, (struct rtc_bytes){ message, sizeof(message) }),
		   RTC_DCEP_E_LABEL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_have_their_verdicts),
		cmocka_unit_test(an_open_is_read),
		cmocka_unit_test(the_limit_of_a_reliable_channel_is_ignored),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_long_label_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
