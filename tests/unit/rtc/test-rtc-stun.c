/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of ICE; the first vectors are those of RFC 5769. */
#include <arpa/inet.h>
#include <string.h>
#include "injector/rtc/rtc-stun.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/rtc-check.h"

#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"
#define BYTES(a) ((struct rtc_bytes){ (a), sizeof(a) })

static const uint8_t rfc_request[] = {
	0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01,
	0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10,
	0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c,
	0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
	0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36,
	0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76,
	0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c,
	0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
	0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
};

static const uint8_t rfc_response[] = {
	0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01,
	0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b,
	0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20,
	0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43,
	0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3,
	0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba, 0x53, 0xf0, 0x6b, 0xe7, 0xd7,
	0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96,
};

static struct rtc_stun_request parse(struct rtc_bytes datagram)
{
	struct rtc_stun_request req;

	assert_ok(rtc_stun_parse(&req, datagram));
	return req;
}

static void the_request_of_rfc_5769_is_read_and_verified(void **state)
{
	const struct rtc_stun_request req = parse(BYTES(rfc_request));

	assert_true(rtc_text_is(req.ours, "evtj"));
	assert_true(rtc_text_is(req.theirs, "h6vY"));
	assert_true(req.controlled);
	assert_false(req.use_candidate);
	assert_num(req.unknown, 0);
	assert_true(rtc_stun_verify(&req, PASSWORD));
}

static void another_password_does_not_verify(void **state)
{
	const struct rtc_stun_request req = parse(BYTES(rfc_request));

	assert_false(rtc_stun_verify(&req, PASSWORD "x"));
	assert_false(rtc_stun_verify(&req, "vOkJxbRl1RmTxUk/WvJxBt"));
	assert_false(rtc_stun_verify(&req, ""));
}

/* Whoever changes a bit and mends the CRC is found out by the HMAC. */
static void each_changed_byte_is_noticed(void **state)
{
	for (size_t i = 0; i < sizeof(rfc_request); i++) {
		uint8_t copy[sizeof(rfc_request)];
		struct rtc_stun_request req;

		memcpy(copy, rfc_request, sizeof(copy));
		copy[i] ^= 1;
		assert_true(rtc_stun_parse(&req, BYTES(copy)));
	}
}

static void a_changed_request_with_a_new_crc_does_not_verify(void **state)
{
	const struct rtc_check c = { .username = "ours:theirs",
				     .password = "another password" };
	uint8_t out[RTC_CHECK_MAX];
	const size_t len = rtc_check_write(out, &c, 7);
	const struct rtc_stun_request req =
		parse((struct rtc_bytes){ out, len });

	assert_false(rtc_stun_verify(&req, PASSWORD));
	assert_true(rtc_stun_verify(&req, "another password"));
}

static void each_shorter_request_is_rejected(void **state)
{
	for (size_t len = 0; len < sizeof(rfc_request); len++) {
		uint8_t copy[sizeof(rfc_request)];
		struct rtc_stun_request req;

		memcpy(copy, rfc_request, len);
		if (len >= 20)
			net_put16(copy + 2, (uint16_t)(len - 20));
		assert_true(
			rtc_stun_parse(&req, (struct rtc_bytes){ copy, len }));
	}
}

static void the_seal_of_rfc_5769_is_written(void **state)
{
	uint8_t out[RTC_STUN_RESPONSE_MAX];

	memcpy(out, rfc_response, sizeof(rfc_response) - 32);
	assert_num(rtc_stun_seal(out, sizeof(rfc_response) - 32, PASSWORD),
		   sizeof(rfc_response));
	assert_memory_equal(out, rfc_response, sizeof(rfc_response));
}

static void a_response_tells_the_address_of_rfc_5769(void **state)
{
	const struct rtc_stun_request req = parse(BYTES(rfc_request));
	struct sockaddr_in from = { .sin_family = AF_INET,
				    .sin_port = htons(32853) };
	uint8_t out[RTC_STUN_RESPONSE_MAX];
	size_t len;

	inet_pton(AF_INET, "192.0.2.1", &from.sin_addr);
	len = rtc_stun_success(out, &req, (void *)&from, PASSWORD);
	assert_num(len, 20 + 12 + 32);
	assert_num(net_get16(out + 2), len - 20);
	assert_memory_equal(out + 4, rfc_response + 4, 16);
	assert_memory_equal(out + 20, rfc_response + 36, 12);
}

static void a_response_tells_an_ipv6_address(void **state)
{
	static const uint8_t want[] = {
		0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47,
		0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79,
		0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9,
	};
	const struct rtc_stun_request req = parse(BYTES(rfc_request));
	struct sockaddr_in6 from = { .sin6_family = AF_INET6,
				     .sin6_port = htons(32853) };
	uint8_t out[RTC_STUN_RESPONSE_MAX];

	inet_pton(AF_INET6, "2001:db8:1234:5678:11:2233:4455:6677",
		  &from.sin6_addr);
	rtc_stun_success(out, &req, (void *)&from, PASSWORD);
	assert_memory_equal(out + 20, want, sizeof(want));
}

static void a_required_attribute_that_is_unknown_is_named(void **state)
{
	const struct rtc_check c = { .username = "a:b",
				     .password = PASSWORD,
				     .extra = 0x7ffe };
	static const uint8_t want[] = { 0, 9,  0, 4, 0,	   0,	 4, 20,
					0, 10, 0, 2, 0x7f, 0xfe, 0, 0 };
	uint8_t in[RTC_CHECK_MAX], out[RTC_STUN_RESPONSE_MAX];
	struct rtc_stun_request req;
	size_t len;

	req = parse((struct rtc_bytes){ in, rtc_check_write(in, &c, 9) });
	assert_num(req.unknown, 0x7ffe);
	fill_with_garbage(&out);
	len = rtc_stun_failure(out, &req, RTC_STUN_UNKNOWN_ATTRIBUTE, PASSWORD);
	assert_num(len, 20 + 16 + 32);
	assert_num(rtc_check_read((struct rtc_bytes){ out, len }, 9, PASSWORD),
		   0x0111);
	assert_memory_equal(out + 20, want, sizeof(want));
}

static void a_conflict_of_roles_names_no_attribute(void **state)
{
	static const uint8_t want[] = { 0, 9, 0, 4, 0, 0, 4, 87 };
	const struct rtc_stun_request req = parse(BYTES(rfc_request));
	uint8_t out[RTC_STUN_RESPONSE_MAX];
	const size_t len =
		rtc_stun_failure(out, &req, RTC_STUN_ROLE_CONFLICT, PASSWORD);

	assert_num(len, 20 + 8 + 32);
	assert_num(net_get16(out), 0x0111);
	assert_memory_equal(out + 20, want, sizeof(want));
}

/* --- requests of attributes --- */

#define USER "\0\6\0\3a:b\0"
#define MAC_20         \
	"\0\x08\0\x14" \
	"12345678901234567890"

/* Return: the length of a request with these attributes. */
static size_t request_of(uint8_t *out, const char *attributes, size_t len)
{
	memcpy(out, rfc_request, 20);
	memcpy(out + 20, attributes, len);
	net_put16(out + 2, (uint16_t)len);
	return 20 + len;
}

static const struct {
	const char *attributes;
	size_t len;
	bool sealed;
	int want;
} requests[] = {
#define REQUEST(attributes, sealed, want)                        \
	{                                                        \
		attributes, sizeof(attributes) - 1, sealed, want \
	}
	REQUEST(USER, true, 0),
	REQUEST("\0\6\0\1:\0\0\0", true, 0),
	REQUEST(USER "\0\x24\0\4\1\2\3\4", true, 0),
	REQUEST(USER "\0\x24\0\3\1\2\3\4", true, RTC_STUN_E_ATTRIBUTE),
	REQUEST(USER "\0\x24\0\5\1\2\3\4\5\0\0\0", true, RTC_STUN_E_ATTRIBUTE),
	/* Without a length, and one of all that follows, or of more. */
	REQUEST(USER "\x80\x22\0\0", true, 0),
	REQUEST(USER "\x80\x22\0\x21", true, RTC_STUN_E_ATTRIBUTE),
	REQUEST(USER "\x80\x22\0\x20", true, RTC_STUN_E_FINGERPRINT),
	REQUEST(USER "\x80\x22\xff\xff", true, RTC_STUN_E_ATTRIBUTE),
	REQUEST("", true, RTC_STUN_E_USERNAME),
	REQUEST("\0\6\0\2ab\0\0", true, RTC_STUN_E_USERNAME),
	REQUEST("", false, RTC_STUN_E_FINGERPRINT),
	REQUEST(USER MAC_20, false, RTC_STUN_E_FINGERPRINT),
	REQUEST(USER "\0\x08\0\x10"
		     "1234567890123456",
		true, RTC_STUN_E_INTEGRITY),
	/* Not at the end, too long, or of other bytes. */
	REQUEST(USER MAC_20 "\x80\x28\0\4crc!", true, RTC_STUN_E_FINGERPRINT),
	REQUEST(USER MAC_20 "\x80\x28\0\4crc!", false, RTC_STUN_E_FINGERPRINT),
	REQUEST(USER MAC_20 "\x80\x28\0\3crc!", false, RTC_STUN_E_FINGERPRINT),
#undef REQUEST
};

static void requests_have_their_verdicts(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		uint8_t in[RTC_STUN_MAX];
		struct rtc_stun_request req;
		size_t len =
			request_of(in, requests[i].attributes, requests[i].len);
		int e;

		if (requests[i].sealed)
			len = rtc_stun_seal(in, len, PASSWORD);
		e = rtc_stun_parse(&req, (struct rtc_bytes){ in, len });
		if (e != requests[i].want)
			fail_msg("row %zu: %d", i, e);
	}
}

/* A fingerprint, which is right, without what it is to protect. */
static void an_integrity_is_required(void **state)
{
	static const char attributes[] = USER "\x80\x28\0\4\x18\x3f\xa0\x82";
	uint8_t in[RTC_STUN_MAX];
	struct rtc_stun_request req;
	const size_t len = request_of(in, attributes, sizeof(attributes) - 1);

	assert_num(rtc_stun_parse(&req, (struct rtc_bytes){ in, len }),
		   RTC_STUN_E_INTEGRITY);
}

/* Of what comes twice. */
static void the_first_attribute_counts(void **state)
{
	static const char twice[] = USER "\0\6\0\3c:d\0\x7f\xff\0\0"
					 "\x7f\xfe\0\0\x80\0\0\0";
	uint8_t in[RTC_STUN_MAX];
	size_t len = request_of(in, twice, sizeof(twice) - 1);
	struct rtc_stun_request req;

	len = rtc_stun_seal(in, len, PASSWORD);
	req = parse((struct rtc_bytes){ in, len });
	assert_true(rtc_text_is(req.ours, "a"));
	assert_true(rtc_text_is(req.theirs, "b"));
	assert_num(req.unknown, 0x7fff);
}

static void headers_have_their_verdicts(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} rows[] = { { 2, 1 }, { 3, 0x54 }, { 4, 0x20 }, { 7, 0x43 } };
	uint8_t copy[sizeof(rfc_request) + 1];
	struct rtc_stun_request req;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		memcpy(copy, rfc_request, sizeof(rfc_request));
		copy[rows[i].at] = rows[i].byte;
		assert_num(rtc_stun_parse(&req,
					  (struct rtc_bytes){
						  copy, sizeof(rfc_request) }),
			   RTC_STUN_E_HEADER);
	}
	memcpy(copy, rfc_request, sizeof(rfc_request));
	copy[3]++;
	assert_num(rtc_stun_parse(&req, BYTES(copy)), RTC_STUN_E_HEADER);
	assert_num(rtc_stun_parse(&req, (struct rtc_bytes){ copy, 19 }),
		   RTC_STUN_E_HEADER);
	net_put16(copy + 2, 0);
	assert_num(rtc_stun_parse(&req, (struct rtc_bytes){ copy, 20 }),
		   RTC_STUN_E_FINGERPRINT);
}

static void a_request_has_a_longest_length(void **state)
{
	for (size_t more = 0; more <= 4; more += 4) {
		uint8_t in[RTC_STUN_MAX + 4] = { 0 };
		struct rtc_stun_request req;
		size_t len = request_of(in, USER, sizeof(USER) - 1);
		const size_t filler = RTC_STUN_MAX + more - 32 - len - 4;

		net_put16(in + len, 0x8022);
		net_put16(in + len + 2, (uint16_t)filler);
		len = rtc_stun_seal(in, len + 4 + filler, PASSWORD);
		assert_num(len, RTC_STUN_MAX + more);
		assert_num(rtc_stun_parse(&req, (struct rtc_bytes){ in, len }),
			   more ? RTC_STUN_E_HEADER : 0);
		assert_true(more || rtc_stun_verify(&req, PASSWORD));
	}
}

static void an_optional_attribute_that_is_unknown_is_ignored(void **state)
{
	const struct rtc_check c = { .username = "a:b",
				     .password = PASSWORD,
				     .use_candidate = true,
				     .extra = 0xc057 };
	uint8_t in[RTC_CHECK_MAX];
	const struct rtc_stun_request req =
		parse((struct rtc_bytes){ in, rtc_check_write(in, &c, 9) });

	assert_num(req.unknown, 0);
	assert_true(req.use_candidate);
	assert_false(req.controlled);
}

/* It would not be protected: whoever is on the way could have added it. */
static void what_follows_the_integrity_does_not_count(void **state)
{
	const struct rtc_check c = { .username = "a:b", .password = PASSWORD };
	uint8_t in[RTC_CHECK_MAX];
	size_t len = rtc_check_write(in, &c, 9) - 8;
	struct rtc_stun_request req;

	memcpy(in + len, "\0\x25\0\0", 4); /* USE-CANDIDATE */
	len = rtc_stun_seal(in, len + 4, PASSWORD);
	req = parse((struct rtc_bytes){ in, len });
	assert_false(req.use_candidate);
	assert_true(rtc_stun_verify(&req, PASSWORD));
}

static void other_messages_are_rejected(void **state)
{
	static const uint16_t types[] = { 0x0000, 0x0011, 0x0101, 0x0111,
					  0x0003 };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		uint8_t copy[sizeof(rfc_request)];
		struct rtc_stun_request req;

		memcpy(copy, rfc_request, sizeof(copy));
		net_put16(copy, types[i]);
		assert_num(rtc_stun_parse(&req, BYTES(copy)), RTC_STUN_E_TYPE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_request_of_rfc_5769_is_read_and_verified),
		cmocka_unit_test(another_password_does_not_verify),
		cmocka_unit_test(each_changed_byte_is_noticed),
		cmocka_unit_test(
			a_changed_request_with_a_new_crc_does_not_verify),
		cmocka_unit_test(each_shorter_request_is_rejected),
		cmocka_unit_test(the_seal_of_rfc_5769_is_written),
		cmocka_unit_test(a_response_tells_the_address_of_rfc_5769),
		cmocka_unit_test(a_response_tells_an_ipv6_address),
		cmocka_unit_test(a_required_attribute_that_is_unknown_is_named),
		cmocka_unit_test(
			an_optional_attribute_that_is_unknown_is_ignored),
		cmocka_unit_test(a_conflict_of_roles_names_no_attribute),
		cmocka_unit_test(requests_have_their_verdicts),
		cmocka_unit_test(an_integrity_is_required),
		cmocka_unit_test(the_first_attribute_counts),
		cmocka_unit_test(headers_have_their_verdicts),
		cmocka_unit_test(a_request_has_a_longest_length),
		cmocka_unit_test(what_follows_the_integrity_does_not_count),
		cmocka_unit_test(other_messages_are_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
