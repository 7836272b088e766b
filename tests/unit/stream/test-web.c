/* SPDX-License-Identifier: Apache-2.0 */
/* Who may use the page: web-origin.h, web-grant.h, web-limit.h, web-listen.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/stream/web-grant.h"
#include "injector/stream/web-limit.h"
#include "injector/stream/web-listen.h"
#include "injector/stream/web-origin.h"
#include "tests/lib/cases.h"

/* --- Host and Origin --- */

static const struct web_origin plain_http = {
	.port = 8080,
	.host = { "127.0.0.1", "localhost", "[::1]" },
	.n_hosts = 3,
};
static const struct web_origin usual_https = {
	.tls = true,
	.port = 443,
	.host = { "vm.example.org" },
	.n_hosts = 1,
};

struct origin {
	const char *name;
	const struct web_origin *of;
	const char *host, *origin;
	bool has_host, is_origin;
};

static const struct origin origins[] = {
	{ "address", &plain_http, "127.0.0.1:8080", "http://127.0.0.1:8080",
	  true, true },
	{ "name", &plain_http, "localhost:8080", "http://localhost:8080", true,
	  true },
	{ "upper case", &plain_http, "LocalHost:8080", "http://localhost:8080",
	  true, true },
	{ "IPv6", &plain_http, "[::1]:8080", "http://[::1]:8080", true, true },
	{ "one of our names in the other", &plain_http, "localhost:8080",
	  "http://127.0.0.1:8080", true, false },
	{ "another port", &plain_http, "localhost:80", "http://localhost:80",
	  false, false },
	{ "no port", &plain_http, "localhost", "http://localhost", false,
	  false },
	{ "longer name", &plain_http, "localhost.example.com:8080",
	  "http://localhost.example.com:8080", false, false },
	{ "longer port", &plain_http, "localhost:80801",
	  "http://localhost:80801", false, false },
	{ "rebound name", &plain_http, "example.com:8080",
	  "http://example.com:8080", false, false },
	{ "another scheme", &plain_http, "localhost:8080",
	  "https://localhost:8080", true, false },
	{ "opaque", &plain_http, "localhost:8080", "null", true, false },
	{ "empty", &plain_http, "", "", false, false },
	{ "user", &plain_http, "x@localhost:8080", "http://x@localhost:8080",
	  false, false },
	{ "usual port", &usual_https, "vm.example.org",
	  "https://vm.example.org", true, true },
	{ "usual port, written", &usual_https, "vm.example.org:443",
	  "https://vm.example.org:443", true, true },
};

static void origin_is_judged(void **state)
{
	const struct origin *row = *state;

	assert_int_equal(web_origin_has_host(row->of, row->host),
			 row->has_host);
	assert_int_equal(web_origin_is(row->of, row->origin, row->host),
			 row->is_origin);
}

/* --- tokens --- */

struct tokens {
	const char *name, *text;
	size_t n; /* 0: rejected */
	const char *why;
};

#define T16  "0123456789abcdef"
#define T128 T16 T16 T16 T16 T16 T16 T16 T16

static const struct tokens token_files[] = {
	{ "long", T128 "\n", 1, "" },
	{ "too long", T128 "x\n", 0, "line 1: a token must have 16 to 128" },
	{ "half a word", T16 " read\n", 0, "line 1: a token may" },
	{ "word as long", T16 " read-onlx\n", 0, "line 1: a token may" },
	{ "word in front", T16 " read-only1\n", 0, "line 1: a token may" },
	{ "second word", T16 " read-only all\n", 0, "line 1: a token may" },
	{ "long list", T16 " devices=" T128 T128 "\n", 0,
	  "line 1: a token may" },
	{ "one", "0123456789abcdef\n", 1, "" },
	{ "one without a newline", "0123456789abcdef", 1, "" },
	{ "comments and blanks",
	  "# a\n\n  0123456789abcdef  \n\t\nABCDEFGHIJKLMNO-_\r\n", 2, "" },
	{ "empty", "", 0, "no token" },
	{ "only comments", "# x\n", 0, "no token" },
	{ "short", "\n0123456789abcde\n", 0, "line 2: a token must have 16" },
	{ "other characters", "0123456789abcde&\n", 0, "line 1: a token must" },
	{ "unknown word", "0123456789abcdef all\n", 0, "line 1: a token may" },
	{ "no device", "0123456789abcdef devices=\n", 0,
	  "line 1: a token may" },
};

static void token_file_is_read(void **state)
{
	const struct tokens *row = *state;
	static struct web_grants g;
	struct fault why = { "" };

	memset(&g, 0, sizeof(g));
	assert_rc(web_grants_read(&g, row->text, &why), row->n ? 0 : -EINVAL);
	if (row->n)
		assert_num(g.n, row->n);
	else if (!strstr(why.text, row->why))
		fail_msg("%s", why.text);
}

static void token_has_its_rights(void **state)
{
	static struct web_grants g;
	const struct web_grant *one, *two;
	struct fault why;

	assert_ok(web_grants_read(&g,
				  "0123456789abcdef read-only\n"
				  "fedcba9876543210 devices=mouse,touch_0\n",
				  &why));
	one = web_grant_by_token(&g, "0123456789abcdef");
	two = web_grant_by_token(&g, "fedcba9876543210");
	assert_true(one->rights.read_only);
	assert_true(stream_rights_include(&one->rights, "keyboard"));
	assert_false(two->rights.read_only);
	assert_true(stream_rights_include(&two->rights, "mouse"));
	assert_true(stream_rights_include(&two->rights, "touch_0"));
	assert_false(stream_rights_include(&two->rights, "touch_"));
	assert_false(stream_rights_include(&two->rights, "touch_01"));
	assert_false(stream_rights_include(&two->rights, "keyboard"));
	assert_null(web_grant_by_token(&g, "0123456789abcde"));
	assert_null(web_grant_by_token(&g, "0123456789abcdef0"));
	assert_null(web_grant_by_token(&g, ""));
}

/* All of them, in any order, on a line; lists of 255 characters at most. */
static void token_has_all_its_rights(void **state)
{
	static const char list[] =
		T128 "0123456789abcde" T16 T16 T16 T16 T16 T16 T16;
	static struct web_grants g;
	char text[512];
	struct fault why;

	memset(&g, 0xff, sizeof(g));
	g.n = 0;
	snprintf(text, sizeof(text),
		 T16 " displays=front\tread-only  devices=%s \n"
		     "fedcba9876543210",
		 list);
	assert_num(strlen(list), 255);
	assert_ok(web_grants_read(&g, text, &why));
	assert_num(g.n, 2);
	assert_string_equal(g.at[0].token, T16);
	assert_string_equal(g.at[0].rights.displays, "front");
	assert_string_equal(g.at[0].rights.devices, list);
	assert_true(g.at[0].rights.read_only);
	assert_null(g.at[1].rights.displays);
	assert_null(g.at[1].rights.devices);
	assert_false(g.at[1].rights.read_only);
}

static void tokens_are_limited(void **state)
{
	static struct web_grants g;
	char text[WEB_GRANTS_MAX * 17 + 18] = "";
	struct fault why;

	for (int i = 0; i < WEB_GRANTS_MAX; i++)
		strcat(text, T16 "\n");
	assert_ok(web_grants_read(&g, text, &why));
	assert_num(g.n, WEB_GRANTS_MAX);
	g.n = 0;
	strcat(text, T16 "\n");
	assert_rc(web_grants_read(&g, text, &why), -EINVAL);
	assert_string_equal(why.text, "line 33: more than 32 tokens");
}

static void cookie_is_found_by_its_name(void **state)
{
	static struct web_grants g;
	const struct web_grant *grant = &g.at[0];
	char header[200];

	assert_ok(web_grants_make(&g));
	assert_string_not_equal(grant->token, grant->cookie);
	assert_num(strlen(grant->token), WEB_SECRET_LEN);
	assert_num(strlen(grant->cookie), WEB_SECRET_LEN);
	assert_ok(web_grants_make(&g));
	snprintf(header, sizeof(header), "vinput-80=%s", g.at[1].cookie);
	assert_ptr_equal(web_grant_by_cookie(&g, header, "vinput-80"),
			 &g.at[1]);
	snprintf(header, sizeof(header), "a=b; vinput-80=%s; c=d",
		 grant->cookie);
	assert_ptr_equal(web_grant_by_cookie(&g, header, "vinput-80"), grant);
	assert_null(web_grant_by_cookie(&g, header, "vinput-8"));
	assert_null(web_grant_by_cookie(&g, header, "vinput-800"));
	snprintf(header, sizeof(header), "vinput-80=%s", grant->cookie);
	assert_ptr_equal(web_grant_by_cookie(&g, header, "vinput-80"), grant);
	snprintf(header, sizeof(header), "vinput-80=%sx", grant->cookie);
	assert_null(web_grant_by_cookie(&g, header, "vinput-80"));
	snprintf(header, sizeof(header), "vinput-80=%s", grant->token);
	assert_null(web_grant_by_cookie(&g, header, "vinput-80"));
	assert_null(web_grant_by_cookie(&g, "vinput-80", "vinput-80"));
	assert_null(web_grant_by_cookie(&g, "vinput-80=", "vinput-80"));
	assert_null(web_grant_by_cookie(&g, ";;; ", "vinput-80"));
	assert_null(web_grant_by_cookie(&g, "", "vinput-80"));
}

/* --- failures --- */

static void address_that_fails_often_is_refused_for_a_while(void **state)
{
	static struct web_limit l;

	memset(&l, 0, sizeof(l));
	for (int i = 0; i < WEB_FAILURES_MAX; i++) {
		assert_false(web_limit_refuses(&l, "10.0.0.1", 100 + i));
		web_limit_note(&l, "10.0.0.1", 100 + i);
	}
	assert_true(web_limit_refuses(&l, "10.0.0.1", 110));
	assert_false(web_limit_refuses(&l, "10.0.0.2", 110));
	assert_true(web_limit_refuses(&l, "10.0.0.1", 168));
	assert_false(web_limit_refuses(&l, "10.0.0.1", 169));
	web_limit_note(&l, "10.0.0.1", 170);
	assert_false(web_limit_refuses(&l, "10.0.0.1", 171));
}

static void oldest_of_many_addresses_is_forgotten(void **state)
{
	static struct web_limit l;
	char address[16];

	memset(&l, 0, sizeof(l));
	for (int i = 0; i < WEB_FAILURES_MAX; i++)
		web_limit_note(&l, "10.0.0.1", 100);
	for (int i = 0; i < WEB_ADDRESSES_MAX - 1; i++) {
		snprintf(address, sizeof(address), "10.0.1.%d", i);
		web_limit_note(&l, address, 101);
	}
	assert_true(web_limit_refuses(&l, "10.0.0.1", 102));
	web_limit_note(&l, "10.0.2.1", 102);
	assert_false(web_limit_refuses(&l, "10.0.0.1", 102));
}

static void loopback_is_told_from_others(void **state)
{
	assert_true(web_listen_is_loopback("127.0.0.1"));
	assert_true(web_listen_is_loopback("127.255.0.9"));
	assert_true(web_listen_is_loopback("::1"));
	assert_false(web_listen_is_loopback("0.0.0.0"));
	assert_false(web_listen_is_loopback("::"));
	assert_false(web_listen_is_loopback("::ffff:127.0.0.1"));
	assert_false(web_listen_is_loopback("192.0.2.1"));
	assert_false(web_listen_is_loopback("localhost"));
	assert_true(web_listen_is_any("0.0.0.0"));
	assert_true(web_listen_is_any("::"));
	assert_false(web_listen_is_any("127.0.0.1"));
}

static void a_port_is_chosen_or_given(void **state)
{
	static const char *const addresses[] = { "127.0.0.1", "::1" };
	struct sockaddr_storage at;
	struct fault why;

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		int port = 0;
		int fd = web_listen(addresses[i], &port, &why);
		socklen_t len = sizeof(at);

		if (fd == -EADDRNOTAVAIL || fd == -EAFNOSUPPORT)
			continue; /* a host without IPv6 */
		assert_true(fd >= 0);
		assert_in_range(port, 1, 65535);
		const int chosen = port;
		close(fd);
		fd = web_listen(addresses[i], &port, &why);
		assert_true(fd >= 0);
		assert_num(port, chosen);
		assert_sys(getsockname(fd, (struct sockaddr *)&at, &len));
		assert_num(ntohs(((struct sockaddr_in *)&at)->sin_port),
			   chosen);
		/* It is taken now. */
		assert_rc(web_listen(addresses[i], &port, &why), -EADDRINUSE);
		close(fd);
	}
	assert_true(web_listen("localhost", &(int){ 0 }, &why) < 0);
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(token_has_its_rights),
		cmocka_unit_test(token_has_all_its_rights),
		cmocka_unit_test(tokens_are_limited),
		cmocka_unit_test(cookie_is_found_by_its_name),
		cmocka_unit_test(
			address_that_fails_often_is_refused_for_a_while),
		cmocka_unit_test(oldest_of_many_addresses_is_forgotten),
		cmocka_unit_test(loopback_is_told_from_others),
		cmocka_unit_test(a_port_is_chosen_or_given),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(origins) +
				ARRAY_LEN(token_files)];
	struct CMUnitTest *at = tests + ARRAY_LEN(plain);

	memcpy(tests, plain, sizeof(plain));
	CASES(at, origins, { .test_func = origin_is_judged });
	at += ARRAY_LEN(origins);
	CASES(at, token_files, { .test_func = token_file_is_read });
	return cmocka_run_group_tests(tests, NULL, NULL);
}
