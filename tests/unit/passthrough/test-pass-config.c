/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of --config: those of tests/data/passthrough-config, which
 * tests/schema/run holds against the schema, too.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "injector/passthrough/pass-cmdline-rows.h"
#include "injector/passthrough/pass-cmdline.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"

static struct pass_options o;
static char why[256];

/* path: from the top of the source tree. */
static int parse(const char *path)
{
	static char option[400];
	char program[] = "vinput-passthrough";
	char *argv[] = { program, option, NULL };

	pass_cmdline_fini(&o);
	snprintf(option, sizeof(option), "--config=%s/%s", test_root(), path);
	return pass_cmdline_parse(&o, 2, argv, why);
}

static void each_file(const char *folder, void (*check)(const char *path))
{
	char path[400];
	struct dirent *e;
	DIR *dir;
	int n = 0;

	snprintf(path, sizeof(path), "%s/%s", test_root(), folder);
	dir = opendir(path);
	assert_non_null(dir);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		check(path);
		n++;
	}
	closedir(dir);
	assert_true(n > 1);
}

static void check_good(const char *path)
{
	if (parse(path))
		fail_msg("%s: %s", path, why);
}

static void check_bad(const char *path)
{
	if (!parse(path))
		fail_msg("%s is accepted", path);
	assert_true(*why && !strchr(why, '\n'));
}

static void good_files_are_read(void **state)
{
	each_file("tests/data/passthrough-config/good", check_good);
	each_file("injector/passthrough/examples", check_good);
}

static void bad_files_are_refused(void **state)
{
	each_file("tests/data/passthrough-config/bad", check_bad);
}

static void devices_have_what_is_theirs_and_what_is_all_devices(void **state)
{
	assert_num(parse("tests/data/passthrough-config/good/own.json"), 0);
	assert_num(o.action, PASS_TO);
	assert_num(o.n_devices, 2);
	assert_string_equal(o.device[0], "a");
	assert_string_equal(o.to[1], "./y");
	assert_null(o.spec[0]);
	assert_string_equal(o.spec[1], "kbd.json");
	assert_num(pass_options_grab(&o, 0), PASS_GRAB_NONE);
	assert_num(pass_options_grab(&o, 1), PASS_GRAB_NOW);
	assert_num(pass_options_unplug(&o, 0), PASS_STAY);
	assert_num(pass_options_unplug(&o, 1), PASS_REMOVE);
	assert_num(o.chord[PASS_TOGGLE].n, 1);
	assert_num(o.chord[PASS_EXIT].n, 0);
}

static void options_are_those_of_the_command_line(void **state)
{
	assert_num(parse("tests/data/passthrough-config/good/options.json"), 0);
	assert_num(o.action, PASS_SERVE);
	assert_num(o.service.access.mode, 0660);
	assert_num(o.service.overflow, DEVICE_BLOCK);
	assert_num(o.service.stall_ms, 1);
	assert_num(o.service.iommu, true);
	assert_num(o.service.inband, false);
	assert_num(o.service.inject_allow.n_uids, 2);
	assert_num(o.grab, PASS_GRAB_NONE);
	assert_num(o.log_level, LOG_DEBUG);
}

static void errors_have_a_place(void **state)
{
	parse("tests/data/passthrough-config/bad/unknown-key.json");
	assert_non_null(strstr(why, ".json:1:45: unknown key togle; did you "
				    "mean toggle?"));
	parse("tests/data/passthrough-config/bad/own-grab.json");
	assert_non_null(strstr(why, ".json:1:14: --grab=never: must be"));
	parse("tests/data/passthrough-config/bad/hyphen.json");
	assert_non_null(strstr(why, "did you mean socket_path?"));
	parse("tests/data/passthrough-config/bad/lines.json");
	assert_non_null(strstr(why, ".json:4:2: unknown key togle"));
	parse("no-such-file.json");
	assert_non_null(strstr(why, "No such file"));
}

/* One that is right, and as long as that. */
static int parse_of_length(size_t len)
{
	static const char begin[] = "{\"dir\": \"vm\", \"all\": true";
	char *text = malloc(len);
	char program[] = "vinput-passthrough", option[100];
	char *argv[] = { program, option, NULL };
	int r, fd = memfd_create("config", MFD_CLOEXEC);

	assert_non_null(text);
	assert_sys(fd);
	memset(text, ' ', len);
	memcpy(text, begin, strlen(begin));
	text[len - 1] = '}';
	assert_num(write(fd, text, len), len);
	free(text);
	snprintf(option, sizeof(option), "--config=/proc/self/fd/%d", fd);
	pass_cmdline_fini(&o);
	r = pass_cmdline_parse(&o, 2, argv, why);
	close(fd);
	return r;
}

static void a_file_has_an_end(void **state)
{
	if (parse_of_length(PASS_CONFIG_MAX))
		fail_msg("%s", why);
	assert_true(parse_of_length(PASS_CONFIG_MAX + 1) != 0);
	assert_non_null(strstr(why, "longer than 256 KiB"));
}

static void config_goes_once_and_alone(void **state)
{
	static char good[400];
	char program[] = "vinput-passthrough", to[] = "--to=x";
	char spec[] = "--spec=keyboard", device[] = "event5";
	char *const others[][2] = { { good, NULL },
				    { to, device },
				    { spec, device } };

	snprintf(good, sizeof(good),
		 "--config=%s/tests/data/passthrough-config/good/dir.json",
		 test_root());
	for (size_t i = 0; i < 3; i++) {
		char *argv[] = { program, good, others[i][0], others[i][1],
				 NULL };
		char *before[] = { program, others[i][0], good, others[i][1],
				   NULL };

		pass_cmdline_fini(&o);
		assert_true(pass_cmdline_parse(&o, i ? 4 : 3, argv, why) != 0);
		pass_cmdline_fini(&o);
		assert_true(pass_cmdline_parse(&o, i ? 4 : 3, before, why) !=
			    0);
		assert_non_null(strstr(why, "--config goes once"));
	}
}

/* --- the schema --- */

static bool has_member(json_t *members, const char *option)
{
	char key[64];

	snprintf(key, sizeof(key), "%s", option);
	for (char *c = key; *c; c++)
		*c = *c == '-' ? '_' : *c;
	return json_object_get(members, key);
}

static void schema_has_the_options_of_the_program(void **state)
{
	char path[400];
	json_t *schema, *members;
	size_t n = 3; /* $schema, $comment, devices */

	snprintf(path, sizeof(path),
		 "%s/injector/passthrough/passthrough.schema.json",
		 test_root());
	schema = json_load_file(path, 0, NULL);
	assert_non_null(schema);
	members = json_object_get(schema, "properties");
	for (int id = 1; id < pass_cmdline_n_rows; id++) {
		const char *name = pass_cmdline_rows[id].name;

		if (pass_config_excludes(name))
			continue;
		n++;
		if (!has_member(members, name))
			fail_msg("the schema lacks --%s", name);
	}
	assert_num(json_object_size(members), n);
	json_decref(schema);
}

static int teardown(void **state)
{
	pass_cmdline_fini(&o);
	return 0;
}

#define T(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(good_files_are_read),
		T(bad_files_are_refused),
		T(devices_have_what_is_theirs_and_what_is_all_devices),
		T(options_are_those_of_the_command_line),
		T(errors_have_a_place),
		T(a_file_has_an_end),
		T(config_goes_once_and_alone),
		T(schema_has_the_options_of_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
