/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "injector/display/display-address.h"
#include "injector/display/display-password.h"
#include "injector/display/display-relay.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"

static const struct {
	const char *text, *fault; /* NULL: it is right */
} addresses[] = {
	{ "127.0.0.1:1", NULL },
	{ "127.0.0.1:65535", NULL },
	{ "[::1]:5900", NULL },
	{ "a=unix:/run/vnc", NULL },
	{ "127.0.0.1:0", "invalid port 0: must be a number from 1 to 65535" },
	{ "127.0.0.1:65536",
	  "invalid port 65536: must be a number from 1 to 65535" },
	{ "127.0.0.1:4294973196",
	  "invalid port 4294973196: must be a number from 1 to 65535" },
	{ "127.0.0.1:", "invalid port : must be a number from 1 to 65535" },
	{ "127.0.0.1:-1", "invalid port -1: must be a number from 1 to 65535" },
	{ "127.0.0.1:vnc",
	  "invalid port vnc: must be a number from 1 to 65535" },
};

static void ports_are_checked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct displays d = { .n = 0 };
		struct fault why = { "" };
		const bool right = !addresses[i].fault;

		assert_num(displays_add(&d, addresses[i].text, &why),
			   right ? 0 : -EINVAL);
		assert_num(d.n, right ? 1 : 0);
		if (!right)
			assert_string_equal(why.text, addresses[i].fault);
	}
}

#define LONGEST_NAME "a234567890123456789012345678901"

static const struct {
	const char *first, *second, *fault; /* NULL: both are right */
} names[] = {
	{ "unix:/a", "unix:/b", NULL },
	{ "a=unix:/a", "b=unix:/b", NULL },
	{ "a=unix:/a", "a=unix:/b", "another display has the name a" },
	{ "1=unix:/a", "unix:/b", "another display has the name 1" },
	{ LONGEST_NAME "=unix:/a", "b=unix:/b", NULL },
	{ "unix:/a", LONGEST_NAME "2=unix:/b",
	  "a name has at most 31 characters" },
	{ "unix:/a", "unix:", "the path must have 1 to 107 characters" },
};

static void names_are_each_displays_own(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct displays d = { .n = 0 };
		struct fault why = { "" };

		assert_ok(displays_add(&d, names[i].first, &why));
		assert_rc(displays_add(&d, names[i].second, &why),
			  names[i].fault ? -EINVAL : 0);
		assert_string_equal(names[i].fault ? why.text : "",
				    names[i].fault ? names[i].fault : "");
		displays_fini(&d);
	}
}

static void name_of_any_display_is_taken(void **state)
{
	struct displays d = { .n = 0 };
	struct fault why;

	assert_ok(displays_add(&d, "a=unix:/a", &why));
	assert_ok(displays_add(&d, "b=unix:/b", &why));
	assert_rc(displays_add(&d, "b=unix:/c", &why), -EINVAL);
	assert_num(d.n, 2);
	displays_fini(&d);
}

static void path_may_fill_an_address(void **state)
{
	char text[5 + 108 + 1] = "unix:";
	const struct sockaddr_un *un;
	struct displays d = { .n = 0 };
	struct fault why;

	memset(text + 5, 'x', 107);
	assert_ok(displays_add(&d, text, &why));
	un = (const void *)&d.at[0].place[0].addr;
	assert_num(un->sun_family, AF_UNIX);
	assert_string_equal(un->sun_path, text + 5);
	assert_num(d.at[0].place[0].len,
		   offsetof(struct sockaddr_un, sun_path) + 108);
	assert_num(d.at[0].n_places, 1);
	text[5 + 107] = 'x';
	assert_rc(displays_add(&d, text, &why), -EINVAL);
	displays_fini(&d);
}

/* --- passwords --- */

static int add_password(struct displays *d, const char *text,
			const char *password, struct fault *why)
{
	char dir[TEMP_DIR_LEN], path[64], with_path[128];
	int r;

	temp_dir_make(dir);
	snprintf(path, sizeof(path), "%s/p", dir);
	file_write(path, "%s", password);
	snprintf(with_path, sizeof(with_path), "%s%s", text, path);
	r = display_password_add(d, with_path, why);
	assert_ok(temp_dir_remove(dir));
	return r;
}

/* Whether the display has this password. */
static void expect_password(const struct displays *d, size_t i,
			    const char *password)
{
	static const uint8_t challenge[RFB_CHALLENGE_LEN] = { 1, 2, 3 };
	struct rfb_auth *wanted = rfb_auth_new(password);
	uint8_t answer[2][RFB_CHALLENGE_LEN];

	assert_non_null(d->at[i].auth);
	rfb_auth_answer(wanted, challenge, answer[0]);
	rfb_auth_answer(d->at[i].auth, challenge, answer[1]);
	assert_memory_equal(answer[0], answer[1], RFB_CHALLENGE_LEN);
	rfb_auth_free(wanted);
}

static void password_is_one_displays_or_that_of_the_rest(void **state)
{
	struct displays d = { .n = 0 };
	struct fault why;

	if (!rfb_auth_exists())
		skip_because("built without passwords");
	for (int i = 0; i < 3; i++)
		assert_ok(displays_add(&d,
				       (const char *[]){ "a=unix:/a",
							 "bb=unix:/b",
							 "c=unix:/c" }[i],
				       &why));
	assert_ok(add_password(&d, "bb=", "second\nline", &why));
	assert_null(d.at[0].auth);
	assert_null(d.at[2].auth);
	assert_ok(add_password(&d, "", "rest\r\n", &why));
	expect_password(&d, 0, "rest");
	expect_password(&d, 1, "second");
	expect_password(&d, 2, "rest");
	assert_ok(add_password(&d, "c=", "third", &why));
	expect_password(&d, 0, "rest");
	expect_password(&d, 2, "third");
	assert_rc(add_password(&d, "b=", "x", &why), -EINVAL);
	assert_string_equal(why.text, "no display is named b");
	assert_rc(add_password(&d, "a=", "\nx", &why), -EINVAL);
	assert_string_equal(why.text, "the file's first line is empty");
	assert_rc(add_password(&d, "a=", "", &why), -EINVAL);
	assert_string_equal(why.text, "the file's first line is empty");
	assert_rc(display_password_add(&d, "a=/nonexistent", &why), -ENOENT);
	assert_string_equal(why.text, "No such file or directory");
	displays_fini(&d);
}

static void password_file_may_be_long(void **state)
{
	char text[1001];
	struct displays d = { .n = 0 };
	struct fault why;

	if (!rfb_auth_exists())
		skip_because("built without passwords");
	memset(text, 'x', 1000);
	text[1000] = '\0';
	assert_ok(displays_add(&d, "unix:/a", &why));
	assert_ok(add_password(&d, "", text, &why));
	expect_password(&d, 0, "xxxxxxxx");
	displays_fini(&d);
}

/* --- a host with several addresses --- */

static char ended[256];

static void on_readable(struct display_relay *r)
{
}

static void on_ended(struct display_relay *r, const char *why)
{
	snprintf(ended, sizeof(ended), "%s", why);
	ev_break(r->server.loop, EVBREAK_ALL);
}

static const struct display_relay_ops ops = {
	.readable = on_readable,
	.drained = on_readable,
	.ended = on_ended,
};

/* Return: a socket of loopback that has a port, and listens if it is to. */
static int bind_place(struct display_place *place, bool listens)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&place->addr;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	place->len = sizeof(*in);
	assert_sys(bind(fd, (struct sockaddr *)in, place->len));
	assert_sys(getsockname(fd, (struct sockaddr *)in, &place->len));
	if (listens)
		assert_sys(listen(fd, 1));
	return fd;
}

/* The last of n places listens. */
static void connect_to_places(size_t n, bool listens)
{
	struct display_address a = { .where = "host:1", .n_places = n };
	struct display_relay r = { 0 };
	struct ev_loop *loop = ev_loop_new(0);
	int fd[DISPLAY_PLACES_MAX];
	struct fault why = { "" };

	for (size_t i = 0; i < n; i++)
		fd[i] = bind_place(&a.place[i], listens && i + 1 == n);
	ended[0] = '\0';
	if (!display_relay_open(&r, loop, &a, &ops, &why)) {
		if (listens) {
			for (int i = 0; i < 20 && r.server.n_tried < n; i++)
				ev_run(loop, EVRUN_ONCE);
			close(fd[0]);
			fd[0] = accept(fd[n - 1], NULL, NULL);
			assert_sys(fd[0]);
		} else {
			ev_run(loop, 0);
		}
	} else {
		snprintf(ended, sizeof(ended), "%s", why.text);
	}
	display_relay_close(&r);
	for (size_t i = 0; i < n; i++)
		close(fd[i]);
	ev_loop_destroy(loop);
}

static void next_address_is_tried(void **state)
{
	for (size_t n = 2; n <= DISPLAY_PLACES_MAX; n++) {
		connect_to_places(n, true);
		assert_string_equal(ended, "");
		connect_to_places(n, false);
		assert_string_equal(ended,
				    "VNC server at host:1 is not running");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_checked),
		cmocka_unit_test(names_are_each_displays_own),
		cmocka_unit_test(name_of_any_display_is_taken),
		cmocka_unit_test(path_may_fill_an_address),
		cmocka_unit_test(password_is_one_displays_or_that_of_the_rest),
		cmocka_unit_test(password_file_may_be_long),
		cmocka_unit_test(next_address_is_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
