/* SPDX-License-Identifier: Apache-2.0 */
/* web-reply.h, without a browser; the test writes for libwebsockets. */
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

#include "injector/stream/web-reply.h"
#include "tests/lib/check.h"

#define USUAL_HEADERS                                 \
	"x-content-type-options: nosniff\n"           \
	"x-frame-options: DENY\n"                     \
	"referrer-policy: no-referrer\n"              \
	"cross-origin-opener-policy: same-origin\n"   \
	"cross-origin-resource-policy: same-origin\n" \
	"cache-control: no-store\n"
#define USUAL_POLICY                                                          \
	"content-security-policy: default-src 'self'; img-src 'self' data:; " \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'\n"
#define TEXT "content-type: text/plain; charset=utf-8\n"

static struct world {
	unsigned int calls, fails; /* the call of libwebsockets' that fails */
	char sent[70000];
} w;

static struct lws *const wsi = (struct lws *)&w;

/* --- in place of libwebsockets' --- */

static int put(const char *text, size_t len, uint8_t **at, uint8_t *end)
{
	if (++w.calls == w.fails || *at + len > end)
		return 1;
	memcpy(*at, text, len);
	*at += len;
	return 0;
}

int lws_add_http_header_by_name(struct lws *it, const unsigned char *name,
				const unsigned char *value, int length,
				unsigned char **p, unsigned char *end)
{
	char line[512];
	const int n =
		snprintf(line, sizeof(line), "%s %.*s\n", name, length, value);

	assert_ptr_equal(it, wsi);
	return put(line, (size_t)n, p, end);
}

int lws_add_http_header_status(struct lws *it, unsigned int code,
			       unsigned char **p, unsigned char *end)
{
	char line[32];
	const int n = sprintf(line, "%u\n", code);

	return put(line, (size_t)n, p, end);
}

int lws_add_http_header_content_length(struct lws *it,
				       lws_filepos_t content_length,
				       unsigned char **p, unsigned char *end)
{
	char line[64];
	const int n = sprintf(line, "content-length: %llu\n",
			      (unsigned long long)content_length);

	return put(line, (size_t)n, p, end);
}

int lws_finalize_http_header(struct lws *it, unsigned char **p,
			     unsigned char *end)
{
	return put("\n", 1, p, end);
}

int lws_write(struct lws *it, unsigned char *buf, size_t len,
	      enum lws_write_protocol protocol)
{
	assert_ptr_equal(it, wsi);
	assert_num(protocol, LWS_WRITE_HTTP_FINAL);
	memset(buf - LWS_PRE, 0, LWS_PRE); /* it may write there */
	assert_true(len < sizeof(w.sent));
	memcpy(w.sent, buf, len);
	return ++w.calls == w.fails ? -1 : (int)len;
}

/* --- cases --- */

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	return 0;
}

static void file_is_sent_with_its_headers(void **state)
{
	static const struct web_file page = { "/", "text/html", "<html>" };

	assert_ok(web_reply(wsi, 200, &page, "a=b; HttpOnly"));
	assert_string_equal(w.sent, "200\n" USUAL_HEADERS USUAL_POLICY
				    "content-type: text/html\n"
				    "content-length: 6\n"
				    "set-cookie: a=b; HttpOnly\n"
				    "\n<html>");
}

static void content_may_be_long_and_have_a_policy(void **state)
{
	static char bytes[65536];
	const struct web_content content = { "font/woff2", bytes, sizeof(bytes),
					     "sandbox" };
	static const char head[] =
		"200\n" USUAL_HEADERS "content-security-policy: sandbox\n"
		"content-type: font/woff2\n"
		"content-length: 65536\n\n";

	memset(bytes, 'x', sizeof(bytes));
	assert_ok(web_reply_content(wsi, 200, &content, NULL));
	assert_memory_equal(w.sent, head, strlen(head));
	assert_memory_equal(w.sent + strlen(head), bytes, sizeof(bytes));
	assert_num(strlen(w.sent), strlen(head) + sizeof(bytes));
}

static void status_is_told_in_words(void **state)
{
	static const struct {
		unsigned int status;
		const char *text;
	} rows[] = {
		{ 400, "bad request\n" },
		{ 403, "forbidden: open the URL that vinput-stream "
		       "printed\n" },
		{ 404, "not found\n" },
		{ 405, "method not allowed\n" },
		{ 411, "length required\n" },
		{ 413, "too large\n" },
		{ 429, "too many wrong tokens\n" },
		{ 503, "too many connections\n" },
		{ 500, "error\n" },
	};
	char wanted[1024];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		memset(w.sent, 0, sizeof(w.sent));
		assert_ok(web_reply_status(wsi, rows[i].status));
		snprintf(wanted, sizeof(wanted),
			 "%u\n" USUAL_HEADERS USUAL_POLICY TEXT
			 "content-length: %zu\n\n%s",
			 rows[i].status, strlen(rows[i].text), rows[i].text);
		assert_string_equal(w.sent, wanted);
	}
}

/* Status, 6 headers, policy, type, length, cookie, end and the whole. */
static void reply_that_cannot_be_sent_ends_the_connection(void **state)
{
	static const struct web_file page = { "/", "text/html", "<html>" };

	for (unsigned int i = 1; i <= 13; i++) {
		memset(&w, 0, sizeof(w));
		w.fails = i;
		assert_num(web_reply(wsi, 200, &page, "a=b"), -1);
		assert_num(w.calls, i);
	}
	assert_string_not_equal(w.sent, "");
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(file_is_sent_with_its_headers),
		T(content_may_be_long_and_have_a_policy),
		T(status_is_told_in_words),
		T(reply_that_cannot_be_sent_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
