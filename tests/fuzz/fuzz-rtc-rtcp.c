/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feedback of a receiver, already decrypted. What is rejected does nothing;
 * what is read again gives the same; a packet says no more than fits into it.
 */
#include "injector/rtc/rtc-rtcp.h"
#include "tests/fuzz/fuzz.h"

struct said {
	size_t n;
	uint32_t sum;
};

static void on_wish(void *arg, const struct rtc_rtcp_wish *w)
{
	struct said *said = arg;

	must(w->kind == RTC_RTCP_KEY_FRAME || w->kind == RTC_RTCP_LOST);
	must(w->kind == RTC_RTCP_LOST || (!w->sequence && !w->more));
	said->n++;
	said->sum = said->sum * 31 + w->ssrc + w->sequence + w->more;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rtc_bytes packet = { data, size };
	struct said first = { 0 }, again = { 0 };
	const int e = rtc_rtcp_read(packet, on_wish, &first);

	must(e == rtc_rtcp_read(packet, on_wish, &again));
	must(first.n == again.n && first.sum == again.sum);
	if (e)
		must(!first.n);
	else
		must(size >= RTC_RTCP_HEADER_LEN && !(size % 4));
	must(first.n <= size / 4);
	return 0;
}
