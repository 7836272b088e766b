/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VNC servers with a password: vinput-stream answers for its viewers, which
 * never see that there is one.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/cases.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-vnc.h"
#include "tests/lib/stream-test.h"

#define LITERAL(text) (text), sizeof(text) - 1
#define GREETING      "RFB 003.008\n"
#define CHALLENGE     "\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
/* With "secret12", as OpenSSL's legacy DES has it. */
#define ANSWER \
	"\xad\xcd\x99\x7f\x8e\x16\xfe\xe5\x75\xe9\x73\xf9\x3c\x2b\x62\xb4"

static struct fake_vnc vnc = { -1, -1, 0, NULL };
static char vnc_path[80], password_path[80];

static int password_setup(void **state)
{
	int r = stream_setup(state);
	struct stream_test *t = *state;

	vnc = FAKE_VNC_NULL;
	snprintf(vnc_path, sizeof(vnc_path), "%s/vnc", t->dir);
	snprintf(password_path, sizeof(password_path), "%s/password", t->dir);
	return r;
}

static int password_teardown(void **state)
{
	fake_vnc_close(&vnc);
	unlink(vnc_path);
	return stream_teardown(state);
}

/* Until the server has sent its challenge. option: before the file's path. */
static void view_with(struct stream_test *t, const char *option)
{
	const struct web_handshake h = { .path = "/display/0",
					 .protocol = "vinput.display.1" };
	struct web_client *c = &t->client[0];

	file_write(password_path, "secret12\nwhat follows is of no meaning\n");
	process_arg(&t->p, "--display=screen=unix:%s", vnc_path);
	process_arg(&t->p, "--display-password=%s%s", option, password_path);
	stream_device(t, "-keyboard_fd=");
	fake_vnc_listen(&vnc, vnc_path);
	stream_start(t);
	unlink(password_path);
	web_client_init(c, t->url[0]);
	web_client_trade(c);
	assert_num(web_client_upgrade(c, &h), 101);
	fake_vnc_accept(&vnc);
	fake_vnc_send(&vnc, LITERAL(GREETING));
	fake_vnc_expect(&vnc, LITERAL(GREETING));
	fake_vnc_send(&vnc, LITERAL("\1\2"));
	fake_vnc_expect(&vnc, "\2", 1);
	fake_vnc_send(&vnc, LITERAL(CHALLENGE));
	fake_vnc_expect(&vnc, LITERAL(ANSWER));
}

static void view_a_server_with_a_password(struct stream_test *t,
					  const char *option)
{
	struct web_client *c = &t->client[0];

	view_with(t, option);
	fake_vnc_admit(&vnc);
	/* None, for the browser. */
	web_client_expect_binary(c, LITERAL(GREETING));
	web_client_send_binary(c, LITERAL(GREETING));
	web_client_expect_binary(c, LITERAL("\1\1"));
	web_client_send_binary(c, "\1", 1);
	web_client_expect_binary(c, LITERAL("\0\0\0\0"));
	fake_vnc_expect_nothing(&vnc);
}

static void password_is_for_all_displays(void **state)
{
	view_a_server_with_a_password(*state, "");
}

static void password_is_for_one_display(void **state)
{
	view_a_server_with_a_password(*state, "screen=");
}

static void wrong_password_is_one_line(void **state)
{
	struct stream_test *t = *state;
	char line[200];

	view_with(t, "");
	fake_vnc_send(&vnc, LITERAL("\0\0\0\1\0\0\0\7too bad"));
	snprintf(line, sizeof(line),
		 "VNC server at unix:%s does not accept the password",
		 vnc_path);
	web_client_expect_close(&t->client[0], 4000, line);
	snprintf(line, sizeof(line),
		 "display screen: VNC server at unix:%s does not accept the "
		 "password",
		 vnc_path);
	process_expect_log(&t->p, line);
	fake_vnc_expect_end(&vnc);
}

/* --- command line --- */

#define DISPLAY "--display=unix:/nonexistent"

static const struct bad {
	const char *name;
	const char *args[2];
	int status;
	const char *says;
} bads[] = {
	{ "password without a display",
	  { "--display-password=x" },
	  2,
	  "--display-password=x requires --display" },
	{ "password file that is missing",
	  { DISPLAY, "--display-password=/nonexistent" },
	  1,
	  "--display-password=/nonexistent: No such file" },
	{ "password file without one",
	  { DISPLAY, "--display-password=/dev/null" },
	  1,
	  "--display-password=/dev/null: the file's first line is empty" },
	{ "password of no display",
	  { DISPLAY, "--display-password=front=/etc/hostname" },
	  1,
	  "--display-password=front=/etc/hostname: no display is named front" },
};

static void command_line_is_rejected(void **state)
{
	const struct bad *row = *state;
	struct process p;

	process_init(&p, "vinput-stream");
	process_arg(&p, "--dir=/nonexistent");
	for (int i = 0; i < 2 && row->args[i]; i++)
		process_arg(&p, "%s", row->args[i]);
	process_start(&p);
	assert_num(process_wait(&p), row->status);
	assert_num(process_lines(p.err.text), 1);
	if (!strstr(p.err.text, row->says))
		fail_msg("%s", p.err.text);
	process_fini(&p);
}

#define T(f) \
	cmocka_unit_test_setup_teardown(f, password_setup, password_teardown)

int main(void)
{
	static const struct CMUnitTest plain[] = {
		T(password_is_for_all_displays),
		T(password_is_for_one_display),
		T(wrong_password_is_one_line),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(bads)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), bads,
	      { .test_func = command_line_is_rejected });
	return cmocka_run_group_tests(tests, NULL, NULL);
}
