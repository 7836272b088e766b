/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of vinput-launch: what each option sets, and what is wrong.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "injector/plan/launch-cmdline.h"
#include "input/base/account.h"
#include "tests/lib/cases.h"
#include "tests/lib/temp-dir.h"

#define WORDS_MAX 12
#define D	  "--dir=d"

struct line {
	const char *name;
	const char *words[WORDS_MAX];
	const char *text; /* what is set besides the defaults, or why not */
};

static char text[2000];

__attribute__((format(printf, 1, 2))) static void add(const char *fmt, ...)
{
	const size_t len = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + len, sizeof(text) - len, fmt, ap);
	va_end(ap);
}

static void add_string(const char *name, const char *value)
{
	if (value)
		add(" %s=%s", name, value);
}

/* Unless it is the default. */
static void add_number(const char *name, double value, double usual)
{
	if (value < usual || value > usual)
		add(" %s=%.15g", name, value);
}

static void add_json(const char *name, const json_t *json)
{
	char *is = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	if (is && strcmp(is, "[]") != 0 && strcmp(is, "{}") != 0)
		add(" %s=%s", name, is);
	free(is);
}

static void add_argv(const char *name, const struct launch_argv *argv)
{
	for (size_t i = 0; i < argv->n; i++)
		add(" %s=%s", name, argv->v[i]);
}

static void describe_devices(const struct launch_options *o)
{
	add_number("action", o->action, LAUNCH_RUN);
	add_string("dir", o->dir);
	for (size_t i = 0; i < o->n_command; i++)
		add_string("word", o->command[i]);
	add_string("file", o->file);
	add_json("devices", o->devices);
	add_json("tunables", o->tunables);
	add_json("spec", o->spec);
	add_string("streamer", o->streamer ? o->streamer[0] : NULL);
	add_string("page", o->page);
	add_argv("screen", &o->screens);
	add_string("password", o->password);
	add_number("guest", o->guest, 0);
	add_number("json", o->json, 0);
	add_number("vmm", o->vmm, 0);
	add_string("memory", o->memory);
	add_number("stdin", o->stdin_taken, 0);
}

static void describe_launching(const struct launch_options *o)
{
	const struct launch_restart usual = LAUNCH_RESTART_DEFAULT;

	add_number("mode", o->access.mode, 0600);
	add_number("group", o->access.group, ACCOUNT_NO_GID);
	add_number("restart", o->restart.mode, usual.mode);
	add_number("limit", o->restart.limit, usual.limit);
	add_number("has_restart", o->has_restart, 0);
	add_number("hold", o->hold, 1);
	add_number("outlives", o->outlives, 1);
	add_number("give_up", o->give_up_s, 60);
	add_number("start", o->start_s, 30);
	add_number("watchdog", o->watchdog_s, 0);
	add_number("stop", o->stop_s, 5);
	add_number("timeout", o->timeout_s, -1);
	add_number("ready", o->ready_fd, -1);
	add_string("server", o->server);
	add_argv("arg", &o->server_args);
	add_number("level", o->log_level, LOG_INFO);
	if (strcmp(o->log_level_name, "info") != 0)
		add_string("level", o->log_level_name);
	add_number("files", o->log_files, 0);
	add_string("log", o->log_dir);
	add_number("max", (double)o->log_max, 0);
}

static const char *parse(const char *const *words)
{
	char *argv[WORDS_MAX + 2] = { (char *)"vinput-launch" };
	struct launch_options o;
	int argc = 1;

	for (; *words; words++)
		argv[argc++] = (char *)*words;
	optind = 0;
	*text = '\0';
	if (launch_cmdline_parse(&o, argc, argv, text)) {
		launch_cmdline_fini(&o);
		return text;
	}
	describe_devices(&o);
	describe_launching(&o);
	launch_cmdline_fini(&o);
	launch_cmdline_fini(&o);
	return text;
}

static const struct line lines[] = {
	/* Whose directory. */
	{ "dir_is_enough", { D }, " dir=d" },
	{ "wait_has_a_folder", { "--wait=d" }, " action=1 dir=d" },
	{ "wait_may_be_for_a_guest",
	  { "--wait=d", "--guest", "--timeout=1.5" },
	  " action=1 dir=d guest=1 timeout=1.5" },
	{ "control_has_a_command",
	  { "--control", "d", "list" },
	  " action=2 dir=d word=list" },
	{ "no_folder_is_refused", { "--mouse" }, "--dir=DIR is required" },
	{ "empty_folder_is_refused", { "--wait=" }, "--wait: DIR is empty" },
	{ "second_folder_is_refused",
	  { D, D },
	  "only one of --dir, --wait and --control can be given" },
	{ "help_needs_nothing", { "--help" }, " action=4" },
	{ "version_needs_nothing", { "--version" }, " action=5" },

	/* Devices. */
	{ "devices_come_in_their_order",
	  { D, "--mouse", "--keyboard" },
	  " dir=d devices=[{\"type\":\"mouse\"},{\"type\":\"keyboard\"}]" },
	{ "smallest_size_is_read",
	  { D, "--pen=1x1" },
	  " dir=d devices=[{\"type\":\"pen\",\"width\":1,\"height\":1}]" },
	{ "largest_size_is_read",
	  { D, "--display=65535x65535" },
	  " dir=d "
	  "devices=[{\"type\":\"display\",\"width\":65535,\"height\":65535}]" },
	{ "width_0_is_refused",
	  { D, "--pen=0x1" },
	  "--pen=0x1: must be WIDTHxHEIGHT, each from 1 to 65535, such as "
	  "1080x2400" },
	{ "height_0_is_refused",
	  { D, "--pen=1x0" },
	  "--pen=1x0: must be WIDTHxHEIGHT, each from 1 to 65535, such as "
	  "1080x2400" },
	{ "width_past_the_limit_is_refused",
	  { D, "--pen=65536x1" },
	  "--pen=65536x1: must be WIDTHxHEIGHT, each from 1 to 65535, such as "
	  "1080x2400" },
	{ "height_past_the_limit_is_refused",
	  { D, "--pen=1x65536" },
	  "--pen=1x65536: must be WIDTHxHEIGHT, each from 1 to 65535, such as "
	  "1080x2400" },
	{ "other_separator_is_refused",
	  { D, "--pen=1,2" },
	  "--pen=1,2: must be WIDTHxHEIGHT, each from 1 to 65535, such as "
	  "1080x2400" },
	{ "height_without_digits_is_refused",
	  { D, "--pen=1x+2" },
	  "--pen=1x+2: must be WIDTHxHEIGHT, each from 1 to 65535, such as "
	  "1080x2400" },
	{ "spec_by_name_is_a_device",
	  { D, "--device=a=b=c" },
	  " dir=d devices=[{\"label\":\"a\",\"spec\":\"b=c\"}]" },
	{ "spec_in_place_is_a_device",
	  { D, "--device=a={\"b\":1}" },
	  " dir=d devices=[{\"label\":\"a\",\"spec\":{\"b\":1}}]" },
	{ "wrong_spec_in_place_is_located",
	  { D, "--device=a={\"b\":1,\"b\":2}" },
	  "--device: the spec:1:10: duplicate object key near '\"b\"'" },
	{ "spec_of_a_missing_file_is_refused",
	  { D, "--device=a=@/no/such" },
	  "--device: /no/such: No such file or directory" },
	{ "spec_that_is_not_utf8_is_refused",
	  { D, "--device=a=\xff" },
	  "--device: the spec: not UTF-8" },
	{ "device_without_a_label_is_refused",
	  { D, "--device==b" },
	  "--device==b: must be LABEL=SPEC" },
	{ "device_without_a_spec_is_refused",
	  { D, "--device=a=" },
	  "--device=a=: must be LABEL=SPEC" },
	{ "label_that_is_not_utf8_is_refused",
	  { D, "--device=\xff=b" },
	  "--device=\xff=b: LABEL must be UTF-8" },
	{ "file_of_a_spec_need_not_be_utf8",
	  { D, "--device=a=@/no/\xff" },
	  "--device: /no/\xff: No such file or directory" },
	{ "node_is_a_device",
	  { D, "--passthrough=/dev/input/event3" },
	  " dir=d devices=[{\"passthrough\":\"/dev/input/event3\"}]" },
	{ "node_may_have_a_label",
	  { D, "--passthrough=/dev/input/event3=m" },
	  " dir=d devices=[{\"passthrough\":\"/dev/input/event3\","
	  "\"label\":\"m\"}]" },
	{ "empty_node_is_refused",
	  { D, "--passthrough==m" },
	  "--passthrough==m: must be DEV[=LABEL]" },
	{ "node_that_is_not_utf8_is_refused",
	  { D, "--passthrough=/dev/\xff" },
	  "--passthrough=/dev/\xff: must be UTF-8" },
	{ "label_of_a_node_that_is_not_utf8_is_refused",
	  { D, "--passthrough=event3=\xff" },
	  "--passthrough=event3=\xff: must be UTF-8" },
	{ "settings_hold_for_all_devices",
	  { D, "--iommu", "--stall-ms=30000", "--overflow=block" },
	  " dir=d "
	  "tunables={\"iommu\":true,\"stall_ms\":30000,\"overflow\":"
	  "\"block\"}" },
	{ "stall_past_its_limit_is_refused",
	  { D, "--stall-ms=30001" },
	  "--stall-ms=30001: must be a number from 1 to 30000" },
	{ "file_is_read_later", { D, "--file=f" }, " dir=d file=f" },

	/* Who may connect. */
	{ "mode_and_group_are_read",
	  { D, "--socket-mode=0666", "--socket-group=7" },
	  " dir=d mode=438 group=7" },
	{ "who_may_inject_includes_us",
	  { D, "--inject-allow-uid=5", "--inject-allow-gid=6" },
	  " dir=d arg=--inject-allow-uid=ME arg=--inject-allow-uid=5 "
	  "arg=--inject-allow-gid=6" },
	{ "server_options_are_passed_on",
	  { D, "--sandbox=off", "--user=1" },
	  " dir=d arg=--sandbox=off arg=--user=1" },

	/* Times and words. */
	{ "restart_is_read",
	  { D, "--restart=always:3/5" },
	  " dir=d restart=2 limit=3 has_restart=1" },
	{ "hold_is_off", { D, "--hold=off" }, " dir=d hold=0" },
	{ "hold_is_on", { D, "--hold=on" }, " dir=d" },
	{ "hold_is_nothing_else",
	  { D, "--hold=yes" },
	  "--hold=yes: must be on or off" },
	{ "devices_end",
	  { D, "--on-launcher-death=end" },
	  " dir=d outlives=0" },
	{ "devices_are_kept", { D, "--on-launcher-death=keep" }, " dir=d" },
	{ "devices_do_nothing_else",
	  { D, "--on-launcher-death=x" },
	  "--on-launcher-death=x: must be keep or end" },
	{ "times_are_read",
	  { D, "--give-up=1", "--start-timeout=2", "--stop-timeout=3",
	    "--watchdog=0.1" },
	  " dir=d give_up=1 start=2 watchdog=0.1 stop=3" },
	{ "times_have_a_limit",
	  { D, "--stop-timeout=1000001" },
	  "--stop-timeout=1000001: must be seconds, such as 2.5" },
	{ "watchdog_has_a_least_time",
	  { D, "--watchdog=0.09" },
	  "--watchdog=0.09: must be at least 0.1 seconds" },
	{ "server_is_a_program", { D, "--server=s" }, " dir=d server=s" },
	{ "ready_fd_is_read", { D, "--ready-fd=1" }, " dir=d ready=1" },

	/* Logs. */
	{ "log_level_is_read",
	  { D, "--log-level=error" },
	  " dir=d level=1 level=error" },
	{ "log_files_are_in_dir", { D, "--log-files" }, " dir=d files=1" },
	{ "log_folder_means_files",
	  { D, "--log-dir=l" },
	  " dir=d files=1 log=l" },
	{ "least_log_size_is_read",
	  { D, "--log-max-size=4096" },
	  " dir=d files=1 max=4096" },
	{ "log_size_below_is_refused",
	  { D, "--log-max-size=4095" },
	  "--log-max-size=4095: must be a size of at least 4K, such as 10M" },
	{ "log_size_has_kilobytes",
	  { D, "--log-max-size=4K" },
	  " dir=d files=1 max=4096" },
	{ "log_size_has_megabytes",
	  { D, "--log-max-size=3M" },
	  " dir=d files=1 max=3145728" },
	{ "log_size_has_gigabytes",
	  { D, "--log-max-size=1G" },
	  " dir=d files=1 max=1073741824" },
	{ "log_size_has_terabytes",
	  { D, "--log-max-size=1T" },
	  " dir=d files=1 max=1099511627776" },
	{ "largest_log_size_is_read",
	  { D, "--log-max-size=8388607T" },
	  " dir=d files=1 max=9.22337093734315e+18" },
	{ "log_size_past_it_is_refused",
	  { D, "--log-max-size=8388608T" },
	  "--log-max-size=8388608T: must be a size of at least 4K, such as "
	  "10M" },
	{ "log_size_of_another_unit_is_refused",
	  { D, "--log-max-size=9999P" },
	  "--log-max-size=9999P: must be a size of at least 4K, such as 10M" },
	{ "log_size_with_a_sign_is_refused",
	  { D, "--log-max-size=+9999" },
	  "--log-max-size=+9999: must be a size of at least 4K, such as 10M" },

	/* What goes with what. */
	{ "page_may_have_an_address",
	  { D, "--page", "--display=unix:/x", "--display-password=p" },
	  " dir=d page= screen=unix:/x password=p" },
	{ "page_excludes_a_streamer",
	  { D, "--page", "--", "s" },
	  "--page and a streamer exclude each other" },
	{ "screen_needs_a_page",
	  { D, "--display=n=h:1" },
	  "--display=n=h:1 requires --page" },
	{ "password_needs_a_screen",
	  { D, "--page", "--display-password=p" },
	  "--display-password=p requires a VNC server as --display" },
	{ "streamer_follows_two_dashes",
	  { D, "--", "s", "--mouse" },
	  " dir=d streamer=s" },
	{ "word_is_refused",
	  { D, "s" },
	  "unexpected argument s; a streamer's command line follows --" },
	{ "launching_excludes_what_asks",
	  { D, "--timeout=1" },
	  "--timeout does not go with launching" },
	{ "launching_excludes_json",
	  { D, "--json" },
	  "--json does not go with launching" },
	{ "printing_needs_a_device",
	  { D, "--print-args=qemu" },
	  "--print-args: a device is required, such as --keyboard, or "
	  "--file=FILE; see --help" },
	{ "printing_may_have_a_file",
	  { D, "--print-args=qemu", "--file=f", "--memory=2G" },
	  " action=3 dir=d file=f vmm=1 memory=2G" },
	{ "printing_may_have_screens",
	  { D, "--print-args=qemu", "--mouse", "--display=h:1" },
	  " action=3 dir=d devices=[{\"type\":\"mouse\"}] screen=h:1 vmm=1" },
	{ "memory_is_for_printing",
	  { D, "--memory=2G" },
	  "--memory goes with --print-args" },
	{ "wait_takes_no_word",
	  { "--wait=d", "w" },
	  "--wait goes with --guest and --timeout only" },
	{ "wait_takes_no_streamer",
	  { "--wait=d", "--", "w" },
	  "--wait goes with --guest and --timeout only" },
	{ "wait_takes_no_spec",
	  { "--wait=d", "--spec=s" },
	  "--wait goes with --guest and --timeout only" },
	{ "wait_takes_no_json",
	  { "--wait=d", "--json" },
	  "--wait goes with --guest and --timeout only" },
	{ "wait_takes_no_device",
	  { "--wait=d", "--keyboard" },
	  "--keyboard does not go with --wait" },
	{ "wait_takes_no_option_of_launching",
	  { "--wait=d", "--ready-fd=1" },
	  "--ready-fd does not go with --wait" },

	/* Commands. */
	{ "control_needs_a_command",
	  { "--control=d" },
	  "--control: a command is required, such as list; see --help" },
	{ "control_takes_four_words",
	  { "--control=d", "a", "b", "c", "d" },
	  " action=2 dir=d word=a word=b word=c word=d" },
	{ "control_takes_no_fifth",
	  { "--control=d", "a", "b", "c", "d", "e" },
	  "unexpected argument e" },
	{ "control_takes_no_word_that_is_not_utf8",
	  { "--control=d", "upgrade", "\xff" },
	  "\xff: must be UTF-8" },
	{ "control_takes_devices",
	  { "--control=d", "add", "--mouse", "--iommu" },
	  " action=2 dir=d word=add devices=[{\"type\":\"mouse\"}] "
	  "tunables={\"iommu\":true}" },
	{ "control_takes_no_option_of_launching",
	  { "--control=d", "list", "--socket-mode=600" },
	  "--socket-mode does not go with --control" },
	{ "control_takes_no_streamer",
	  { "--control=d", "list", "--", "s" },
	  "a streamer does not go with --control" },
	{ "control_takes_no_guest",
	  { "--control=d", "list", "--guest" },
	  "--guest goes with --wait" },
	{ "control_may_print_json",
	  { "--control=d", "list", "--json", "--timeout=0" },
	  " action=2 dir=d word=list json=1 timeout=0" },
	{ "add_may_have_a_label_and_a_spec",
	  { "--control=d", "add", "k", "--spec={\"a\":1}" },
	  " action=2 dir=d word=add "
	  "devices=[{\"label\":\"k\",\"spec\":{\"a\":1}}] spec={\"a\":1}" },
	{ "reload_may_have_a_spec",
	  { "--control=d", "reload", "k", "--spec={\"a\":1}" },
	  " action=2 dir=d word=reload word=k spec={\"a\":1}" },
	{ "the_last_spec_counts",
	  { "--control=d", "reload", "k", "--spec=x", "--spec=y" },
	  " action=2 dir=d word=reload word=k spec=\"y\"" },
	{ "spec_without_a_label_is_refused",
	  { "--control=d", "add", "--spec=s" },
	  "--spec goes with add LABEL or reload LABEL" },
	{ "reload_of_a_spec_without_a_label_is_refused",
	  { "--control=d", "reload", "--spec=s" },
	  "--spec goes with add LABEL or reload LABEL" },
	{ "spec_with_another_command_is_refused",
	  { "--control=d", "list", "k", "--spec=s" },
	  "--spec goes with add LABEL or reload LABEL" },
	{ "spec_with_two_labels_is_refused",
	  { "--control=d", "add", "k", "l", "--spec=s" },
	  "--spec goes with add LABEL or reload LABEL" },
};

static void line_is_read(void **state)
{
	const struct line *line = *state;
	const char *me = strstr(line->text, "=ME ");
	char expected[1000];

	if (me)
		snprintf(expected, sizeof(expected), "%.*s=%u%s",
			 (int)(me - line->text), line->text, geteuid(), me + 3);
	else
		snprintf(expected, sizeof(expected), "%s", line->text);
	assert_string_equal(parse(line->words), expected);
}

static void a_spec_is_read_from_a_file(void **state)
{
	char dir[TEMP_DIR_LEN], path[TEMP_DIR_LEN + 8], word[100];
	const char *words[] = { D, word, NULL };

	temp_dir_make(dir);
	snprintf(path, sizeof(path), "%s/spec", dir);
	file_write(path, "{\"a\": 1}");
	snprintf(word, sizeof(word), "--device=k=@%s", path);
	assert_string_equal(
		parse(words),
		" dir=d devices=[{\"label\":\"k\",\"spec\":{\"a\":1}}]");
	temp_dir_remove(dir);
}

/* Its fds are the same afterwards: see the end of the program, too. */
static void a_spec_is_read_from_stdin_once(void **state)
{
	const char *const once[] = { D, "--device=k=-", NULL };
	const char *const twice[] = { D, "--device=k=-", "--device=l=-", NULL };
	FILE *const was = stdin;
	char json[] = "{\"a\": 1}";

	stdin = fmemopen(json, strlen(json), "r");
	assert_string_equal(
		parse(once),
		" dir=d devices=[{\"label\":\"k\",\"spec\":{\"a\":1}}] "
		"stdin=1");
	rewind(stdin);
	assert_string_equal(parse(twice),
			    "--device: standard input is already in use");
	fclose(stdin);
	stdin = was;
}

static void help_tells_of_streamers(void **state)
{
	FILE *const was = stdout;
	char *help = NULL;
	size_t len;

	stdout = open_memstream(&help, &len);
	launch_cmdline_help();
	fclose(stdout);
	stdout = was;
	assert_true(!strncmp(help, "Usage: vinput-launch --dir=DIR ", 31));
	assert_non_null(strstr(help, "\n  --socket-mode=OCTAL "));
	assert_non_null(strstr(help, "\nIn STREAMER's arguments "));
	free(help);
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(a_spec_is_read_from_a_file),
		cmocka_unit_test(a_spec_is_read_from_stdin_once),
		cmocka_unit_test(help_tells_of_streamers),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(lines)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), lines, cmocka_unit_test(line_is_read));
	return cmocka_run_group_tests_name("launch-cmdline", tests, NULL, NULL);
}
