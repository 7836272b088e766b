/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "input/template/template-request.h"
#include "tests/lib/brink.h"
#include "tests/lib/check.h"

static char packet[TEMPLATE_REQUEST_MAX];
static char *words[TEMPLATE_WORDS_MAX];

static char program[] = "vhost-user-input", fd[] = "--fd=7", empty[] = "";
static char home[] = "HOME=/root";
static char *const argv[] = { program, fd, empty, NULL };
static char *const env[] = { home, NULL };
static char *const nothing[] = { NULL };

static struct template_request usual(void)
{
	return (struct template_request){ .argv = argv,
					  .env = env,
					  .parent = 4711,
					  .outlives = true,
					  .files = { 1024, RLIM_INFINITY },
					  .keep = { 7, 300 },
					  .n_keep = 2 };
}

/* Return: its length. */
static size_t write_usual(void)
{
	const struct template_request r = usual();
	const int n = template_request_write(&r, packet);

	assert_true(n > 0);
	return (size_t)n;
}

static void what_is_written_is_read(void **state)
{
	struct template_request r;
	const size_t len = write_usual();

	assert_ok(template_request_read(&r, packet, len, words));
	assert_num(r.parent, 4711);
	assert_true(r.outlives);
	assert_num(r.files[0], 1024);
	assert_true(r.files[1] == RLIM_INFINITY);
	assert_num(r.n_keep, 2);
	assert_num(r.keep[0], 7);
	assert_num(r.keep[1], 300);
	assert_string_equal(r.argv[0], program);
	assert_string_equal(r.argv[1], fd);
	assert_string_equal(r.argv[2], "");
	assert_null(r.argv[3]);
	assert_string_equal(r.env[0], home);
	assert_null(r.env[1]);
	/* As execve() leaves them: template-title.h. */
	assert_ptr_equal(r.env[0], r.argv[2] + 1);
}

static void an_environment_may_be_empty(void **state)
{
	struct template_request r = usual();
	int len;

	r.env = nothing;
	r.n_keep = 0;
	r.outlives = false;
	len = template_request_write(&r, packet);
	assert_ok(template_request_read(&r, packet, (size_t)len, words));
	assert_null(r.env[0]);
	assert_num(r.n_keep, 0);
	assert_false(r.outlives);
}

static void a_command_line_must_not_be_empty(void **state)
{
	struct template_request r = usual();
	int len;

	r.argv = nothing;
	len = template_request_write(&r, packet);
	assert_rc(template_request_read(&r, packet, (size_t)len, words),
		  -EBADMSG);
}

static void what_is_cut_off_is_rejected(void **state)
{
	struct template_request r;
	const size_t whole = write_usual();

	for (size_t len = 0; len < whole; len++) {
		char *cut = (char *)text_at_brink(packet, len);

		assert_rc(template_request_read(&r, cut, len, words), -EBADMSG);
	}
}

static void what_follows_a_request_is_rejected(void **state)
{
	struct template_request r;
	const size_t len = write_usual();

	packet[len] = 'a';
	packet[len + 1] = '\0';
	assert_rc(template_request_read(&r, packet, len + 2, words), -EBADMSG);
}

/* A launcher and a server need not be of the same age. */
static void another_version_is_rejected(void **state)
{
	struct template_request r;
	const size_t len = write_usual();

	packet[0] ^= 1;
	assert_rc(template_request_read(&r, packet, len, words), -EBADMSG);
}

static void standard_streams_cannot_be_kept(void **state)
{
	for (int number = -1; number < 3; number++) {
		struct template_request r = usual();
		int len;

		r.keep[1] = number;
		len = template_request_write(&r, packet);
		assert_rc(template_request_read(&r, packet, (size_t)len, words),
			  -EBADMSG);
	}
}

static void what_is_too_long_is_not_written(void **state)
{
	static char big[TEMPLATE_REQUEST_MAX];
	char *const with_big[] = { program, big, NULL };
	struct template_request r = usual();

	memset(big, 'x', sizeof(big) - 1);
	r.argv = with_big;
	assert_rc(template_request_write(&r, packet), -E2BIG);
	r.argv = argv;
	r.env = with_big;
	assert_rc(template_request_write(&r, packet), -E2BIG);
	/* What just fits can be read. */
	big[sizeof(big) / 2] = '\0';
	assert_true(template_request_write(&r, packet) > 0);
}

static void there_is_room_for_all_words_that_are_written(void **state)
{
	static char *many[TEMPLATE_WORDS_MAX + 1];
	struct template_request r = usual();
	int len = -E2BIG;
	size_t n = TEMPLATE_WORDS_MAX;

	r.env = many;
	for (size_t i = 0; i < n; i++)
		many[i] = home;
	while (len == -E2BIG) {
		assert_true(n > TEMPLATE_WORDS_MAX / 2);
		many[--n] = NULL;
		len = template_request_write(&r, packet);
	}
	assert_ok(template_request_read(&r, packet, (size_t)len, words));
	assert_null(r.env[n]);
	assert_string_equal(r.env[n - 1], home);
}

static void too_many_fds_are_not_written(void **state)
{
	struct template_request r = usual();

	r.n_keep = TEMPLATE_KEEPS_MAX + 1;
	assert_rc(template_request_write(&r, packet), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(an_environment_may_be_empty),
		cmocka_unit_test(a_command_line_must_not_be_empty),
		cmocka_unit_test(what_is_cut_off_is_rejected),
		cmocka_unit_test(what_follows_a_request_is_rejected),
		cmocka_unit_test(another_version_is_rejected),
		cmocka_unit_test(standard_streams_cannot_be_kept),
		cmocka_unit_test(what_is_too_long_is_not_written),
		cmocka_unit_test(there_is_room_for_all_words_that_are_written),
		cmocka_unit_test(too_many_fds_are_not_written),
	};

	return cmocka_run_group_tests_name("template-request", tests, NULL,
					   NULL);
}
