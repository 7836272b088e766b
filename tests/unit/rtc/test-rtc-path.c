/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include "injector/rtc/rtc-path.h"
#include "tests/lib/check.h"

static const struct rtc_socket sockets[2];

static struct rtc_path_end end_at(uint16_t port)
{
	return (struct rtc_path_end){ &sockets[0],
				      { .v4 = { .sin_family = AF_INET,
						.sin_port = htons(port) } } };
}

static uint16_t chosen(const struct rtc_path *p)
{
	return ntohs(rtc_path_chosen(p)->address.v4.sin_port);
}

static void add(struct rtc_path *p, uint16_t port, bool nominated)
{
	const struct rtc_path_end end = end_at(port);

	rtc_path_add(p, &end, nominated);
}

static bool has(const struct rtc_path *p, uint16_t port)
{
	const struct rtc_path_end end = end_at(port);

	return rtc_path_has(p, &end);
}

static void nothing_is_sent_before_a_check(void **state)
{
	const struct rtc_path p = { 0 };

	assert_null(rtc_path_chosen(&p));
	assert_false(has(&p, 0));
}

static void the_first_has_to_do_until_one_is_nominated(void **state)
{
	struct rtc_path p = { 0 };

	add(&p, 1, false);
	add(&p, 2, false);
	assert_num(chosen(&p), 1);
	add(&p, 2, true);
	assert_num(chosen(&p), 2);
	add(&p, 1, false);
	assert_num(chosen(&p), 2);
	assert_true(has(&p, 1));
}

static void another_socket_is_another_end(void **state)
{
	struct rtc_path p = { 0 };
	struct rtc_path_end end = end_at(1);

	add(&p, 1, true);
	end.via = &sockets[1];
	assert_false(rtc_path_has(&p, &end));
}

static void the_scope_of_an_ipv6_address_counts(void **state)
{
	const union rtc_address a = { .v6 = { .sin6_family = AF_INET6,
					      .sin6_scope_id = 1 } };
	union rtc_address b = a;

	assert_true(rtc_address_same(&a, &b));
	b.v6.sin6_scope_id = 2;
	assert_false(rtc_address_same(&a, &b));
}

static void many_ends_replace_the_oldest_but_not_the_chosen(void **state)
{
	struct rtc_path p = { 0 };

	add(&p, 1, true);
	for (uint16_t port = 2; port < 100; port++) {
		add(&p, port, false);
		assert_num(chosen(&p), 1);
		assert_true(has(&p, 1) && has(&p, port));
	}
	assert_num(p.n, RTC_PATH_MAX);
	assert_false(has(&p, 2));
	add(&p, 99, true);
	for (uint16_t port = 100; port < 200; port++)
		add(&p, port, false);
	assert_num(chosen(&p), 99);
	assert_false(has(&p, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_sent_before_a_check),
		cmocka_unit_test(the_first_has_to_do_until_one_is_nominated),
		cmocka_unit_test(another_socket_is_another_end),
		cmocka_unit_test(the_scope_of_an_ipv6_address_counts),
		cmocka_unit_test(
			many_ends_replace_the_oldest_but_not_the_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
