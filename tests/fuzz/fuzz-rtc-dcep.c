/* SPDX-License-Identifier: Apache-2.0 */
/* What is accepted lies in the message, and is the same when written again. */
#include "injector/rtc/rtc-dcep.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const uint8_t *data, size_t size, struct rtc_text t)
{
	must(t.at >= (const char *)data && t.len <= RTC_DCEP_LABEL_MAX);
	must(t.at + t.len <= (const char *)data + size);
	must(!t.len || !memchr(t.at, 0, t.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t out[RTC_DCEP_MAX];
	struct rtc_dcep d, again;
	size_t len;

	if (rtc_dcep_parse(&d, (struct rtc_bytes){ data, size }))
		return 0;
	if (!d.ack) {
		check_text(data, size, d.label);
		check_text(data, size, d.protocol);
	}
	len = rtc_dcep_write(out, &d);
	must(len);
	must(!rtc_dcep_parse(&again, (struct rtc_bytes){ out, len }));
	must(again.ack == d.ack && again.unordered == d.unordered);
	must(again.limit == d.limit && again.limit_value == d.limit_value);
	must(again.priority == d.priority);
	must(rtc_text_same(again.label, d.label));
	return 0;
}
