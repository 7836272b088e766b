/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-passthrough's command line; --config: test-pass-config.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "injector/passthrough/pass-cmdline.h"
#include "injector/passthrough/pass-options.h"
#include "tests/lib/bit.h"
#include "tests/lib/check.h"
#include "tests/lib/words.h"

static struct pass_options o;
static char why[256], line[2048];

/* Words are separated by a blank. */
static int parse(const char *words)
{
	char *argv[128];
	int n;

	snprintf(line, sizeof(line), "vinput-passthrough %s", words);
	n = words_split(line, argv);
	pass_cmdline_fini(&o);
	why[0] = '\0';
	return pass_cmdline_parse(&o, n, argv, why);
}

static void expect_accepted(const char *words)
{
	if (parse(words))
		fail_msg("%s: %s", words, why);
}

static const char *const good[] = {
	"--list",
	"--print-spec d",
	"--to=a --spec=s d",
	"--to=a --on-unplug=stay d",
	"--dir=a --all",
	"--dir=a --all --seat=seat1",
	"--dir=a --spec=s --spec=t d e",
	"--dir=a --dir=b --next=f1 --start=host d",
	"--dir=a --dir=b --next=f1 --on-switch=c d",
	"--to=a --toggle=f1 --start=host d",
	"--to=a --toggle=f1 --on-switch=c d",
	"--dir=a d=abcdefghijklmnopqrstuvwxyz123456", /* of 32 bytes */
	"--dir=a d=x e=y f=z g",
	"--socket-path=s --stall-ms=5 d",
};

static void what_goes_together_is_accepted(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		expect_accepted(good[i]);
}

static const struct {
	const char *words, *why;
} bad[] = {
	{ "", "--to=ADDRESS, --dir=DIR, --socket-path=PATH, --print-spec or "
	      "--list is required; see --help" },
	{ "--to=a --spec-fd=2 d", "--spec-fd requires --socket-path or --fd" },
	{ "--to=a --stall-ms=5 d",
	  "--stall-ms requires --socket-path or --fd" },
	{ "--print-spec --spec=s d",
	  "--spec requires --to, --dir or --socket-path" },
	{ "--to=a --libinput=tap d", "--libinput requires --via=libinput" },
	{ "--to=a --grab=now --no-grab d",
	  "--grab and --no-grab exclude each other" },
	{ "--to=a --all d", "--all requires --dir" },
	{ "--dir=a --seat=s d", "--seat requires --all" },
	{ "--dir=a --next=f1 d", "--next requires --dir twice" },
	{ "--to=a --start=host d", "--start=host requires --toggle" },
	{ "--to=a --on-switch=c d", "--on-switch requires --toggle or --next" },
	{ "--list d", "unexpected argument d: --list takes none" },
	{ "--dir=a", "DEV is required; --list shows the devices" },
	{ "--print-spec a b", "unexpected argument b: one DEV can be given" },
	{ "--to=a --to=b d",
	  "1 DEV and 2 --to: one --to is required for each DEV" },
	{ "--dir=a --spec=s d e",
	  "2 DEV and 1 --spec: one --spec is required for each DEV" },
	{ "--dir=a d=x e=y f=x", "two devices have the label x" },
	{ "--dir=a d=x e=y f=y", "two devices have the label y" },
	{ "--dir=a e d=abcdefghijklmnopqrstuvwxyz1234567",
	  "abcdefghijklmnopqrstuvwxyz1234567...: a label has at most 32 "
	  "bytes" },
};

static void what_excludes_each_other_is_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_rc(parse(bad[i].words), -EINVAL);
		assert_string_equal(why, bad[i].why);
	}
}

static void without_options_these_hold(void **state)
{
	struct sandbox sandbox;
	struct pass_tuning tuning;

	sandbox_options_init(&sandbox);
	pass_tuning_init(&tuning);
	expect_accepted("--to=a d");
	assert_num(o.action, PASS_TO);
	assert_num(o.sandbox.mode, sandbox.mode);
	assert_num(o.sandbox.uid, sandbox.uid);
	assert_num(o.tuning.choice[0], -1);
	assert_num(o.tuning.width, tuning.width);
	assert_num(o.service.stall_ms, 30000);
	assert_num(o.chord[PASS_EXIT].n, 4);
	assert_num(o.grab, PASS_GRAB_WAIT);
	assert_false(o.has_grab || o.has_keep || o.start_with_host);
	assert_null(o.chord_text[PASS_EXIT]);
}

static void options_are_taken(void **state)
{
	expect_accepted(
		"--to=a --to=b --spec=s --spec=t --no-grab --keep=a,b "
		"--exit=none --toggle=f1 --start=host --on-unplug=remove d e");
	assert_string_equal(o.to[0], "a");
	assert_string_equal(o.to[1], "b");
	assert_num(o.n_to, 2);
	assert_string_equal(o.spec[0], "s");
	assert_string_equal(o.spec[1], "t");
	assert_num(o.n_specs, 2);
	assert_string_equal(o.device[0], "d");
	assert_string_equal(o.device[1], "e");
	assert_num(o.n_devices, 2);
	assert_num(o.grab, PASS_GRAB_NONE);
	assert_true(o.has_grab && o.has_keep && o.start_with_host);
	assert_true(bit_test(o.keep, KEY_A) && bit_test(o.keep, KEY_B));
	assert_string_equal(o.chord_text[PASS_EXIT], "none");
	assert_num(o.chord[PASS_EXIT].n, 0);
	assert_string_equal(o.chord_text[PASS_TOGGLE], "f1");
	assert_num(o.on_unplug, PASS_REMOVE);
	expect_accepted("--to=a --grab=now --toggle=f1 --start=guest d");
	assert_num(o.grab, PASS_GRAB_NOW);
	assert_true(o.has_grab);
	assert_false(o.start_with_host);
}

/* Each a word, after the others. */
static int parse_many(const char *words, const char *each, int n)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s", words);
	for (int i = 0; i < n; i++)
		strcat(strcat(text, " "), each);
	return parse(text);
}

static void numbers_are_limited(void **state)
{
	assert_ok(parse_many("--dir=a", "d", PASS_DEVICES_MAX));
	assert_num(o.n_devices, PASS_DEVICES_MAX);
	assert_rc(parse_many("--dir=a", "d", PASS_DEVICES_MAX + 1), -EINVAL);
	assert_string_equal(why, "more than 32 devices");
	assert_rc(parse_many("d", "--to=a", PASS_DEVICES_MAX), -EINVAL);
	assert_string_equal(why, "1 DEV and 32 --to: one --to is required for "
				 "each DEV");
	assert_rc(parse_many("d", "--to=a", PASS_DEVICES_MAX + 1), -EINVAL);
	assert_string_equal(why, "more than 32 devices");
	assert_rc(parse_many("d --to=a", "--spec=s", PASS_DEVICES_MAX),
		  -EINVAL);
	assert_string_equal(why, "1 DEV and 32 --spec: one --spec is required "
				 "for each DEV");
	assert_rc(parse_many("d --to=a", "--spec=s", PASS_DEVICES_MAX + 1),
		  -EINVAL);
	assert_string_equal(why, "more than 32 devices");
	assert_ok(parse_many("d", "--dir=a", PASS_GUESTS_MAX));
	assert_num(o.n_dirs, PASS_GUESTS_MAX);
	assert_rc(parse_many("d", "--dir=a", PASS_GUESTS_MAX + 1), -EINVAL);
	assert_string_equal(why, "more than 8 --dir");
}

static int teardown(void **state)
{
	pass_cmdline_fini(&o);
	return 0;
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, teardown)
	const struct CMUnitTest tests[] = {
		T(what_goes_together_is_accepted),
		T(what_excludes_each_other_is_refused),
		T(without_options_these_hold),
		T(options_are_taken),
		T(numbers_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
