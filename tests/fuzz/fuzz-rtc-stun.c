/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of ICE. Half of the inputs get a right seal, so that the fuzzer comes
 * past it. What is accepted must be inside the datagram, and our responses to
 * it must have their form.
 */
#include <netinet/in.h>

#include "injector/rtc/rtc-stun.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/rtc-check.h"

#define PASSWORD "a password of 22 chars"
#define SEAL_LEN 32

static void check_response(const uint8_t *out, size_t len, uint16_t type)
{
	must(len >= 20 + SEAL_LEN && len <= RTC_STUN_RESPONSE_MAX);
	must(net_get16(out) == type);
	must(net_get16(out + 2) == len - 20);
}

static void check_text(struct rtc_bytes datagram, struct rtc_text t)
{
	must(t.at >= (const char *)datagram.at);
	must(t.len <= datagram.len);
	must(t.at + t.len <= (const char *)datagram.at + datagram.len);
}

static void check(struct rtc_bytes datagram, bool sealed)
{
	const struct sockaddr_in6 from = { .sin6_family = AF_INET6 };
	uint8_t out[RTC_STUN_RESPONSE_MAX];
	struct rtc_stun_request req;

	if (rtc_stun_parse(&req, datagram))
		return;
	check_text(datagram, req.ours);
	check_text(datagram, req.theirs);
	must(req.integrity_at >= 20 && req.integrity_at + 24 < datagram.len);
	must(!sealed || req.integrity_at != datagram.len - SEAL_LEN ||
	     rtc_stun_verify(&req, PASSWORD));
	must(!rtc_stun_verify(&req, "another password"));
	check_response(
		out, rtc_stun_success(out, &req, (const void *)&from, PASSWORD),
		0x0101);
	check_response(out,
		       rtc_stun_failure(out, &req, RTC_STUN_UNKNOWN_ATTRIBUTE,
					PASSWORD),
		       0x0111);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;
	size_t len = size;

	check((struct rtc_bytes){ data, size }, false);
	if (size < 20 || size > RTC_STUN_MAX - SEAL_LEN || size % 4)
		return 0;
	copy = malloc(size + SEAL_LEN);
	must(copy);
	memcpy(copy, data, size);
	len = rtc_stun_seal(copy, size, PASSWORD);
	must(len == size + SEAL_LEN);
	check((struct rtc_bytes){ copy, len }, true);
	free(copy);
	return 0;
}
