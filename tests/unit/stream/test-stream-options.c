/* SPDX-License-Identifier: Apache-2.0 */
/* A command line of vinput-stream, and what becomes of it. */
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injector/stream/stream-options.h"
#include "injector/stream/stream-video.h"
#include "injector/stream/web-novnc.h"
#include "input/base/account.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/words.h"

#define ARGS_MAX 80
/* One more than there may be devices. */
#define FIRST_FD 100
#define LAST_FD	 (FIRST_FD + STREAM_DEVICES_MAX)

static struct stream_options o;
static char why[256];
static bool has_novnc, has_video;

/* In place of those that know how the program was built. */
bool web_novnc_exists(void)
{
	return has_novnc;
}

bool stream_video_exists(void)
{
	return has_video;
}

/* Options, with a space behind each. */
static int parse(const char *text)
{
	/* The options have pointers to them. */
	static char words[8192], name[] = "vinput-stream";
	static char *argv[ARGS_MAX + 2] = { name };
	int argc;

	/* Words of Cuttlefish's are replaced by memory for the whole life. */
	for (char **word = argv + 1; *word; word++)
		if ((uintptr_t)*word - (uintptr_t)words >= sizeof(words))
			free(*word);
	snprintf(words, sizeof(words), "%s", text);
	argc = 1 + words_split(words, argv + 1);
	optind = 0;
	fill_with_garbage(&o);
	why[0] = '\0';
	return stream_options_parse(&o, argc, argv, why);
}

static int setup(void **state)
{
	has_novnc = has_video = true;
	unsetenv("VINPUT_DIR");
	for (int fd = FIRST_FD; fd <= LAST_FD; fd++)
		assert_sys(dup2(STDERR_FILENO, fd));
	return 0;
}

static int teardown(void **state)
{
	for (int fd = FIRST_FD; fd <= LAST_FD; fd++)
		close(fd);
	unsetenv("VINPUT_DIR");
	return 0;
}

/* --- what is right --- */

static void without_options_all_has_its_default(void **state)
{
	assert_ok(parse("--dir=d"));
	assert_num(o.mode, STREAM_RUN);
	assert_string_equal(o.dir, "d");
	assert_false(o.passed);
	assert_string_equal(o.web.address, "127.0.0.1");
	assert_num(o.web.port, 0);
	assert_num(o.n_fds + o.n_touch + o.displays.n + o.n_passwords +
			   o.web.n_hosts + o.n_rtc + o.rtc_port,
		   0);
	assert_null(o.web.client[0]);
	assert_true(!o.web.cert && !o.web.key && !o.token_file &&
		    !o.stats_path && !o.layout.layout && !o.layout.variant);
	assert_num(o.ready_fd, -1);
	assert_num(o.log_level, LOG_INFO);
	assert_num(o.sandbox.gid, ACCOUNT_NO_GID);
	assert_ok(parse("--dir=d --port=1 --port=0"));
	assert_num(o.web.port, 0);
	assert_ok(parse("--help --nonsense"));
	assert_num(o.mode, STREAM_HELP);
	assert_ok(parse("--version --nonsense"));
	assert_num(o.mode, STREAM_VERSION_ONLY);
}

static void each_option_sets_its_own(void **state)
{
	assert_ok(parse("--dir=d --listen=::1 --port=65535 --host=a --host=b "
			"--cert=c --key=k --rtc-address=r --rtc-address=s "
			"--rtc-port=65535 --client=e --client=f "
			"--token-file=t --layout=l --variant=v "
			"--stats-path=p --ready-fd=100 --log-level=debug"));
	assert_string_equal(o.web.address, "::1");
	assert_num(o.web.port, 65535);
	assert_num(o.web.n_hosts, 2);
	assert_string_equal(o.web.host[0], "a");
	assert_string_equal(o.web.host[1], "b");
	assert_string_equal(o.web.cert, "c");
	assert_string_equal(o.web.key, "k");
	assert_num(o.n_rtc, 2);
	assert_string_equal(o.rtc_address[0], "r");
	assert_string_equal(o.rtc_address[1], "s");
	assert_num(o.rtc_port, 65535);
	assert_string_equal(o.web.client[0], "e");
	assert_string_equal(o.web.client[1], "f");
	assert_null(o.web.client[2]);
	assert_string_equal(o.token_file, "t");
	assert_string_equal(o.layout.layout, "l");
	assert_string_equal(o.layout.variant, "v");
	assert_string_equal(o.stats_path, "p");
	assert_num(o.ready_fd, 100);
	assert_num(o.log_level, LOG_DEBUG);
}

static void displays_have_passwords(void **state)
{
	if (!rfb_auth_exists())
		skip_because("built without passwords");
	assert_ok(parse("--dir=d --display=unix:/a --display=b=unix:/b "
			"--display-password=x --display-password=b=y "
			"--rtc-address=r"));
	assert_num(o.displays.n, 2);
	assert_string_equal(o.displays.at[1].name, "b");
	assert_num(o.n_passwords, 2);
	assert_string_equal(o.password[0], "x");
	assert_string_equal(o.password[1], "b=y");
	displays_fini(&o.displays);
}

static void displays_need_what_was_built_in(void **state)
{
	static const char text[] = "--dir=d --display=unix:/a";

	assert_ok(parse(text));
	displays_fini(&o.displays);
	has_video = false;
	assert_ok(parse(text));
	displays_fini(&o.displays);
	has_novnc = false;
	assert_rc(parse(text), -EINVAL);
	assert_string_equal(why, "--display=unix:/a: built without noVNC and "
				 "video");
	has_video = true;
	assert_rc(parse(text), -EINVAL);
	assert_string_equal(why, "--display requires --rtc-address, since the "
				 "program was built with NOVNC=no");
	displays_fini(&o.displays);
	assert_ok(parse("--dir=d --display=unix:/a --rtc-address=r"));
	displays_fini(&o.displays);
}

static void expect_fd(size_t i, const char *label, int fd)
{
	assert_string_equal(o.fd[i].label, label);
	assert_num(o.fd[i].fd, fd);
}

static void expect_one_of_each(void)
{
	expect_fd(0, "touch_0", 100);
	expect_fd(1, "touch_1", 101);
	expect_fd(2, "mouse", 102);
	expect_fd(3, "keyboard", 103);
	expect_fd(4, "rotary", 104);
	expect_fd(5, "gamepad", 105);
	expect_fd(6, "switches", 106);
}

static void sockets_are_labelled(void **state)
{
	assert_ok(parse("--touch-fds=100,101 --mouse-fd=102 --keyboard-fd=103 "
			"--rotary-fd=104 --gamepad-fd=105 --switches-fd=106 "
			"--touch-fds=107"));
	assert_null(o.dir);
	assert_false(o.passed);
	assert_num(o.n_fds, 8);
	expect_one_of_each();
	expect_fd(7, "touch_2", 107);
}

static void cuttlefishs_launcher_writes_them_its_way(void **state)
{
	assert_ok(parse("-touch_fds=100,101 --mouse_fd=102 -keyboard_fd=103 "
			"-rotary_fd=104 --gamepad_fd 105 -switches_fd=106"));
	assert_num(o.n_fds, 7);
	expect_one_of_each();
}

static void launchers_directory_may_be_passed(void **state)
{
	setenv("VINPUT_DIR", "e", 1);
	assert_ok(parse("--port=1"));
	assert_string_equal(o.dir, "e");
	assert_true(o.passed);
	assert_ok(parse("--dir=d"));
	assert_string_equal(o.dir, "d");
	assert_false(o.passed);
	/* Sockets have precedence. */
	assert_ok(parse("--mouse-fd=100"));
	assert_null(o.dir);
	assert_false(o.passed);
}

/* --- what is wrong --- */

#define DIR "--dir=d "

static const struct wrong {
	const char *text, *why;
} wrongs[] = {
	{ "", "--dir=DIR or a socket, such as --keyboard-fd, is required; "
	      "see --help" },
	{ DIR "word", "unexpected argument word" },
	{ DIR "mouse_fd=1", "unexpected argument mouse_fd=1" },
	{ DIR "---mouse_fd=1",
	  "unknown option ---mouse_fd; did you mean --mouse-fd?" },
	{ DIR "--mous_fd=1", "" },
	{ DIR "--mouse-fd=100", "--dir and sockets exclude each other" },
	{ "--mouse-fd=99", "--mouse-fd=99: no such fd was inherited" },
	{ "--mouse-fd=100 --touch-fds=101,100",
	  "--touch-fds=100: given for mouse already" },
	{ "--mouse-fd=100 --keyboard-fd=101 --rotary-fd=101",
	  "--rotary-fd=101: given for keyboard already" },
	{ "--touch-fds=100,100", "--touch-fds=100: given for touch_0 already" },
	{ "--touch-fds=100,", "" },
	{ DIR "--listen=host",
	  "--listen=host: must be an IPv4 or IPv6 address" },
	{ DIR "--listen=192.0.2.1",
	  "--listen=192.0.2.1: --cert and --key are required, since others can "
	  "read along" },
	{ DIR "--listen=::2",
	  "--listen=::2: --cert and --key are required, since others can read "
	  "along" },
	{ DIR "--listen=192.0.2.1 --cert=c --key=k", NULL },
	{ DIR "--listen=0.0.0.0 --cert=c --key=k",
	  "--listen=0.0.0.0: --host=NAME is required, the name in the "
	  "browser's URL" },
	{ DIR "--listen=0.0.0.0 --cert=c --key=k --host=h", NULL },
	{ DIR "--listen=127.0.0.2", NULL },
	{ DIR "--cert=c", "--cert and --key go together" },
	{ DIR "--key=k", "--cert and --key go together" },
	{ DIR "--port=0", NULL },
	{ DIR "--port=65536", "" },
	{ DIR "--rtc-port=1", "--rtc-port requires --rtc-address" },
	{ DIR "--rtc-port=1 --rtc-port=0", NULL },
	{ DIR "--rtc-port=0 --rtc-address=r", NULL },
	{ DIR "--rtc-port=65536 --rtc-address=r", "" },
	{ DIR "--host=", "--host=: must be a name, without a port" },
	{ DIR "--host=a:1", "--host=a:1: must be a name, without a port" },
	{ DIR "--host=a/", "--host=a/: must be a name, without a port" },
	{ DIR "--client=d",
	  "--client=d requires --rtc-address, since Cuttlefish's client sends "
	  "its input by WebRTC" },
	{ DIR "--client=d --rtc-address=r", NULL },
	{ DIR "--display=nonsense", "" },
	{ DIR "--user=12345678", "--user=12345678: has no group; --group is "
				 "required" },
};

static void what_is_wrong_is_told(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(wrongs); i++) {
		const struct wrong *t = &wrongs[i];
		const int r = parse(t->text);

		if (r != (t->why ? -EINVAL : 0))
			fail_msg("%s: %d, %s", t->text, r, why);
		if (t->why && (t->why[0] ? strcmp(why, t->why) : !why[0]))
			fail_msg("%s: %s", t->text, why);
	}
}

static void a_password_requires_a_display(void **state)
{
	assert_rc(parse(DIR "--display-password=p"), -EINVAL);
	assert_string_equal(why,
			    rfb_auth_exists()
				    ? "--display-password=p requires --display"
				    : "--display-password=p: built with "
				      "WEBRTC=no");
}

static const struct limit {
	const char *option;
	int most;
	const char *why;
} limits[] = {
	{ "--host=h", WEB_HOSTS_MAX - 2, "more than 14 names" },
	{ "--rtc-address=r", RTC_ADDRESSES_MAX, "more than 4 --rtc-address" },
	{ "--client=c", WEB_CF_DIRS_MAX, "more than 4 --client" },
	{ "--display-password=p", DISPLAYS_MAX,
	  "more than 8 --display-password" },
};

static void each_option_may_be_repeated_so_often(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		const struct limit *l = &limits[i];
		char text[1024] = DIR "--rtc-address=r --display=unix:/a";
		const bool counts = !strcmp(l->option, "--rtc-address=r");

		if (strstr(l->option, "display") && !rfb_auth_exists())
			continue;
		for (int n = counts; n < l->most; n++)
			strcat(strcat(text, " "), l->option);
		assert_ok(parse(text));
		strcat(strcat(text, " "), l->option);
		assert_rc(parse(text), -EINVAL);
		assert_string_equal(why, l->why);
	}
}

static void there_are_no_more_sockets_than_devices(void **state)
{
	char text[1024] = "--touch-fds=100";

	for (int i = 1; i < STREAM_DEVICES_MAX; i++)
		sprintf(text + strlen(text), ",%d", FIRST_FD + i);
	assert_ok(parse(text));
	assert_num(o.n_fds, STREAM_DEVICES_MAX);
	expect_fd(STREAM_DEVICES_MAX - 1, "touch_63", LAST_FD - 1);
	sprintf(text + strlen(text), " --mouse-fd=%d", LAST_FD);
	assert_rc(parse(text), -EINVAL);
	assert_string_equal(why, "more than 64 devices");
}

static void help_lists_each_option(void **state)
{
	char text[8192] = "";
	FILE *out = tmpfile();
	const int before = dup(STDOUT_FILENO);

	fflush(stdout);
	dup2(fileno(out), STDOUT_FILENO);
	stream_options_help();
	fflush(stdout);
	dup2(before, STDOUT_FILENO);
	close(before);
	rewind(out);
	assert_true(fread(text, 1, sizeof(text) - 1, out) > 0);
	fclose(out);
	assert_ptr_equal(strstr(text, "Usage: vinput-stream [OPTION]..."),
			 text);
	assert_non_null(strstr(text, "\n  --dir=DIR "));
	assert_non_null(strstr(text, "\n  --version "));
	assert_non_null(strstr(text, "\n\nSee vinput-stream(1).\n"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_options_all_has_its_default),
		T(each_option_sets_its_own),
		T(displays_have_passwords),
		T(displays_need_what_was_built_in),
		T(sockets_are_labelled),
		T(cuttlefishs_launcher_writes_them_its_way),
		T(launchers_directory_may_be_passed),
		T(what_is_wrong_is_told),
		T(a_password_requires_a_display),
		T(each_option_may_be_repeated_so_often),
		T(there_are_no_more_sockets_than_devices),
		T(help_lists_each_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
