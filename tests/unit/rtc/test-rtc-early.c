/* SPDX-License-Identifier: Apache-2.0 */
/* rtc-early.h: datagrams that came before they could be understood. */
#include <string.h>

#include "injector/rtc/rtc-early.h"
#include "tests/lib/check.h"

static const uint8_t bytes[RTC_EARLY_LEN_MAX + 1] = { 1, 2, 3, 4, 5 };

static void keep(struct rtc_early *e, size_t from, size_t len)
{
	rtc_early_keep(e, (struct rtc_bytes){ bytes + from, len });
}

static void assert_kept(const struct rtc_early *e, unsigned int i, size_t from,
			size_t len)
{
	const struct rtc_bytes is = rtc_early_at(e, i);

	assert_num(is.len, len);
	assert_memory_equal(is.at, bytes + from, len);
}

static void datagrams_are_kept_in_their_order(void **state)
{
	struct rtc_early e = { .n = 0 };

	keep(&e, 0, 3);
	keep(&e, 2, RTC_EARLY_LEN_MAX - 2);
	assert_num(e.n, 2);
	assert_kept(&e, 0, 0, 3);
	assert_kept(&e, 1, 2, RTC_EARLY_LEN_MAX - 2);
	keep(&e, 0, 1);
	assert_num(e.n, RTC_EARLY_MAX);
	rtc_early_fini(&e);
	assert_num(e.n, 0);
	rtc_early_fini(&e);
}

static void what_no_datagram_has_is_not_kept(void **state)
{
	struct rtc_early e = { .n = 0 };

	keep(&e, 0, RTC_EARLY_LEN_MAX + 1);
	assert_num(e.n, 0);
	keep(&e, 0, RTC_EARLY_LEN_MAX);
	assert_kept(&e, 0, 0, RTC_EARLY_LEN_MAX);
	rtc_early_fini(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams_are_kept_in_their_order),
		cmocka_unit_test(what_no_datagram_has_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
