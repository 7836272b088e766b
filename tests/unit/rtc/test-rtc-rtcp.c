/* SPDX-License-Identifier: Apache-2.0 */
/* Feedback as browsers send it, and as it is wrong. */
#include <string.h>
#include "injector/rtc/rtc-rtcp.h"
#include "tests/lib/check.h"

#define LITERAL(text) \
	((struct rtc_bytes){ (const uint8_t *)(text), sizeof(text) - 1 })

#define FROM "\0\0\0\1"
#define TO   "\0\0\0\2"
#define RR   "\x80\xc9\0\1" FROM
#define PLI  "\x81\xce\0\2" FROM TO
#define FIR  "\x84\xce\0\4" FROM "\0\0\0\0" TO "\7\0\0\0"
#define NACK "\x81\xcd\0\3" FROM TO "\xff\xff\x80\1"
#define REMB "\x8f\xce\0\4" FROM "\0\0\0\0REMB\0\0\0\0"
#define BYE  "\x81\xcb\0\1" FROM

static struct {
	unsigned int n;
	struct rtc_rtcp_wish wish[8];
} got;

static void take(void *arg, const struct rtc_rtcp_wish *w)
{
	assert_ptr_equal(arg, &got);
	assert_true(got.n < ARRAY_LEN(got.wish));
	got.wish[got.n++] = *w;
}

static int read_packet(struct rtc_bytes packet)
{
	got.n = 0;
	return rtc_rtcp_read(packet, take, &got);
}

static const struct {
	struct rtc_bytes bytes;
	int want;
	unsigned int wishes;
} verdicts[] = {
	{ LITERAL(""), RTC_RTCP_E_LENGTH, 0 },
	{ LITERAL("\x80\xc9\0\0"), RTC_RTCP_E_LENGTH, 0 },
	{ LITERAL(RR), 0, 0 },
	{ LITERAL(BYE), 0, 0 },
	{ LITERAL(REMB), 0, 0 },
	{ LITERAL(PLI), 0, 1 },
	{ LITERAL(FIR), 0, 1 },
	{ LITERAL(NACK), 0, 1 },
	{ LITERAL(RR REMB PLI), 0, 1 },
	{ LITERAL(PLI NACK FIR), 0, 3 },
	/* The length is more than there is, or leaves less than a header. */
	{ LITERAL("\x80\xc9\0\2" FROM), RTC_RTCP_E_LENGTH, 0 },
	{ LITERAL(PLI "\x80"), RTC_RTCP_E_LENGTH, 0 },
	{ LITERAL(PLI "\x80\xc9\0\1"), RTC_RTCP_E_LENGTH, 0 },
	{ LITERAL("\x80\xc9\xff\xff" FROM), RTC_RTCP_E_LENGTH, 0 },
	{ LITERAL("\x40\xc9\0\1" FROM), RTC_RTCP_E_VERSION, 0 },
	{ LITERAL(PLI "\0\0\0\0"), RTC_RTCP_E_VERSION, 0 },
	{ LITERAL("\x80\x60\0\1" FROM), RTC_RTCP_E_TYPE, 0 },
	{ LITERAL("\x80\xbf\0\1" FROM), RTC_RTCP_E_TYPE, 0 },
	{ LITERAL("\x80\xc0\0\1" FROM), 0, 0 },
	{ LITERAL("\x80\xdf\0\1" FROM), 0, 0 },
	{ LITERAL("\x80\xe0\0\1" FROM), RTC_RTCP_E_TYPE, 0 },
	/* Feedback without what it is about, or with too much. */
	{ LITERAL("\x81\xcd\0\2" FROM TO), RTC_RTCP_E_FORMAT, 0 },
	{ LITERAL("\x81\xcd\0\1" FROM), RTC_RTCP_E_FORMAT, 0 },
	{ LITERAL("\x81\xce\0\1" FROM), RTC_RTCP_E_FORMAT, 0 },
	{ LITERAL("\x81\xce\0\3" FROM TO TO), RTC_RTCP_E_FORMAT, 0 },
	{ LITERAL("\x84\xce\0\2" FROM TO), RTC_RTCP_E_FORMAT, 0 },
	{ LITERAL("\x84\xce\0\3" FROM TO TO), RTC_RTCP_E_FORMAT, 0 },
	/* All of it has to be right before anything is done. */
	{ LITERAL(PLI "\x81\xcd\0\2" FROM TO), RTC_RTCP_E_FORMAT, 0 },
	/* Padding: at the end, of whole words, and not of the header. */
	{ LITERAL("\xa1\xce\0\3" FROM TO "\0\0\0\4"), 0, 1 },
	{ LITERAL("\xa1\xce\0\3" FROM TO "\0\0\0\0"), RTC_RTCP_E_LENGTH, 0 },
	{ LITERAL("\xa1\xce\0\3" FROM TO "\0\0\0\3"), RTC_RTCP_E_LENGTH, 0 },
	{ LITERAL("\xa1\xce\0\3" FROM TO "\0\0\0\x10"), RTC_RTCP_E_LENGTH, 0 },
	{ LITERAL("\xa1\xce\0\3" FROM TO "\0\0\0\x0c"), RTC_RTCP_E_FORMAT, 0 },
	{ LITERAL("\xa1\xce\0\3" FROM TO "\0\0\0\4" RR), RTC_RTCP_E_LENGTH, 0 },
};

static void packets_have_their_verdicts(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		const int e = read_packet(verdicts[i].bytes);

		if (e != verdicts[i].want || got.n != verdicts[i].wishes)
			fail_msg("row %zu: %d, %u wishes", i, e, got.n);
	}
}

static void wishes_are_told_apart(void **state)
{
	assert_ok(read_packet(LITERAL(RR PLI FIR NACK)));
	assert_num(got.n, 3);
	assert_num(got.wish[0].kind, RTC_RTCP_KEY_FRAME);
	assert_num(got.wish[0].ssrc, 2);
	assert_num(got.wish[1].kind, RTC_RTCP_KEY_FRAME);
	assert_num(got.wish[1].ssrc, 2);
	assert_num(got.wish[2].kind, RTC_RTCP_LOST);
	assert_num(got.wish[2].ssrc, 2);
	assert_num(got.wish[2].sequence, 0xffff);
	assert_num(got.wish[2].more, 0x8001);
}

static void each_entry_is_a_wish(void **state)
{
	assert_ok(read_packet(LITERAL("\x84\xce\0\6" FROM "\0\0\0\0" TO
				      "\7\0\0\0\0\0\0\5\7\0\0\0")));
	assert_num(got.n, 2);
	assert_num(got.wish[0].ssrc, 2);
	assert_num(got.wish[1].ssrc, 5);
	assert_ok(read_packet(
		LITERAL("\x81\xcd\0\4" FROM TO "\0\1\0\0\0\x20\0\0")));
	assert_num(got.n, 2);
	assert_num(got.wish[0].sequence, 1);
	assert_num(got.wish[1].sequence, 32);
}

static void a_report_is_what_others_read(void **state)
{
	static const uint8_t want[] =
		"\x80\xc8\0\6\1\2\3\4\x11\x12\x13\x14\x15\x16\x17\x18"
		"\x21\x22\x23\x24\0\0\0\5\0\0\2\0"
		"\x81\xca\0\4\1\2\3\4\1\6vinput\0";
	const struct rtc_rtcp_report report = {
		.ssrc = 0x01020304,
		.ntp = 0x1112131415161718,
		.time = 0x21222324,
		.packets = 5,
		.octets = 512,
		.cname = "vinput",
	};
	uint8_t out[RTC_RTCP_REPORT_MAX];
	const size_t len = rtc_rtcp_write_report(out, &report);

	assert_num(len, 48);
	assert_memory_equal(out, want, sizeof(want) - 1);
	assert_ok(read_packet((struct rtc_bytes){ out, len }));
	assert_num(got.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_have_their_verdicts),
		cmocka_unit_test(wishes_are_told_apart),
		cmocka_unit_test(each_entry_is_a_wish),
		cmocka_unit_test(a_report_is_what_others_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
