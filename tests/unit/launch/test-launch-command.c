/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of the control socket that change something: what each is
 * answered, and when.
 */
#include "tests/lib/command-world.h"

#define FILES_OF_ALL (6 * LAUNCH_DEVICES_MAX)

/* --- requests --- */

static void what_is_no_request_is_refused(void **state)
{
	come_up("[]");
	ask("5", ERROR("column 1: '[' or '{' expected near '5'"));
	ask("{\"a\":1,\"a\":2}", ERROR("column 10: duplicate object key near "
				       "'\\\"a\\\"'"));
	ask("{}", ERROR("a request must be an object with a string command"));
	ask("[]", ERROR("a request must be an object with a string command"));
	ask("{\"command\":5}",
	    ERROR("a request must be an object with a string command"));
	ask("{\"command\":\"lst\"}",
	    ERROR("unknown command lst; did you mean list?"));
	ask("{\"command\":\"zzzz\"}",
	    ERROR("unknown command zzzz; see --help"));
}

/* The 40th byte of the word is the first of a character. */
static void an_error_that_cuts_a_character_is_an_answer(void **state)
{
	come_up("[]");
	ask("{\"command\":"
	    "\"0123456789012345678901234567890123456\xc3\xa9\xc3\xa9\"}",
	    ERROR("unknown command 0123456789012345678901234567890123456???; "
		  "see --help"));
}

static void before_all_is_ready_little_can_be_done(void **state)
{
	static const char *const names[] = { "add", "remove", "restart",
					     "upgrade", "leave" };
	char text[80];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(text, sizeof(text), "{\"command\":\"%s\"}", names[i]);
		ask(text, NOT_READY);
	}
}

static void help_names_each_command(void **state)
{
	FILE *const was = stdout;
	char *text = NULL;
	size_t len;

	stdout = open_memstream(&text, &len);
	launch_command_help();
	fclose(stdout);
	stdout = was;
	assert_true(!strncmp(text, "Commands:\n  list  ", 18));
	assert_non_null(strstr(text, "\n  stats [LABEL]     print "));
	assert_non_null(strstr(text, "\n  add DEVICE...     add "));
	assert_non_null(strstr(text, "\n  remove LABEL      end "));
	assert_non_null(strstr(text, "\n  restart LABEL     restart "));
	assert_non_null(strstr(text, "\n  wait              return "));
	free(text);
}

/* --- wait, leave --- */

static void wait_is_answered_when_all_is_up(void **state)
{
	request("{\"command\":\"wait\"}");
	expect_none();
	launch_fleet_enter(&fleet, LAUNCH_UP);
	settle();
	expect(OK);
	ask("{\"command\":\"wait\"}", OK);
	launch_fleet_enter(&fleet, LAUNCH_ENDING_STREAMER);
	settle();
	ask("{\"command\":\"wait\"}", ENDING);
}

static void leave_needs_devices_that_outlive_the_launcher(void **state)
{
	come_up("[]");
	ask("{\"command\":\"leave\"}",
	    ERROR("the devices end with this launcher: it was started with "
		  "--hold=off or --on-launcher-death=end"));
	assert_false(fleet.leaves);
	fleet.setup.outlives = true;
	ask("{\"command\":\"leave\"}", OK);
	assert_true(fleet.leaves);
}

/* --- labels --- */

static void a_label_must_be_that_of_a_device(void **state)
{
	static const char *const names[] = { "remove", "restart", "reload" };
	char text[80];

	come_up("[" KBD "]");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(text, sizeof(text),
			 "{\"command\":\"%s\",\"label\":\"keybord\"}",
			 names[i]);
		ask(text, ERROR("no device keybord; did you mean keyboard?"));
		snprintf(text, sizeof(text), "{\"command\":\"%s\"}", names[i]);
		ask(text, ERROR("label must be a string"));
	}
	ask("{\"command\":\"stats\",\"label\":5}",
	    ERROR("label must be a string"));
	ask("{\"command\":\"describe\",\"label\":\"x\"}", ERROR("no device x"));
	ask("{\"command\":\"upgrade\",\"label\":\"x\"}", ERROR("no device x"));
	/* The streamer is none to be removed, nor is it meant if there is none.
	 */
	ask("{\"command\":\"restart\",\"label\":\"streame\"}",
	    ERROR("no device streame"));
	ask("{\"command\":\"restart\",\"label\":\"streamer\"}",
	    ERROR("no streamer"));
}

/* --- add, remove --- */

static void add_is_answered_when_all_are_ready(void **state)
{
	come_up("[]");
	request("{\"command\":\"add\",\"devices\":[" KBD "," MOUSE "]}");
	expect_none();
	assert_num(n_fakes, 2);
	fake_is_ready(&fakes[0]);
	expect_none();
	fake_is_ready(&fakes[1]);
	expect("{\"ok\":true,\"added\":[\"keyboard\",\"mouse\"]}");
	ask("{\"command\":\"add\",\"devices\":[" MOUSE "]}",
	    ERROR("device mouse already exists"));
	assert_num(launch_fleet_count(&fleet), 2);
}

static void add_removes_all_if_one_fails(void **state)
{
	come_up("[]");
	request("{\"command\":\"add\",\"devices\":[" KBD "," MOUSE "]}");
	fake_is_ready(&fakes[0]);
	fake_says(&fakes[1], "vhost-user-input: no spec\n");
	fake_ends(&fakes[1], EXITED(1));
	expect_none();
	expect_signal(&fakes[0], SIGTERM, 0);
	fake_ends(&fakes[0], EXITED(0));
	expect(ERROR("mouse: no spec"));
	assert_num(launch_fleet_count(&fleet), 0);
	expect_log(STAMP "launcher: mouse: no spec was not added\n" STAMP
			 "launcher: mouse removed\n" STAMP
			 "launcher: keyboard removed\n");
	/* The next one is not affected. */
	request("{\"command\":\"add\",\"devices\":[" KBD "]}");
	fake_is_ready(&fakes[2]);
	expect("{\"ok\":true,\"added\":[\"keyboard\"]}");
}

static void what_is_removed_while_it_is_added_is_gone(void **state)
{
	come_up("[]");
	request("{\"command\":\"add\",\"devices\":[" KBD "]}");
	launch_fleet_remove(&fleet, device("keyboard"));
	fake_ends(&fakes[0], EXITED(0));
	expect(ERROR("removed"));
}

static void devices_that_are_wrong_are_not_added(void **state)
{
	come_up("[]");
	ask("{\"command\":\"add\"}", ERROR("devices must be an array"));
	ask("{\"command\":\"add\",\"devices\":[]}",
	    ERROR("at least one device is required"));
	ask("{\"command\":\"add\",\"devices\":[" KBD ",5]}",
	    ERROR("a device must be an object"));
	assert_num(launch_fleet_count(&fleet), 0);
}

static void no_more_devices_are_added_than_there_may_be(void **state)
{
	char text[] = "{\"command\":\"add\",\"devices\":[" KBD "]}";

	/* As a launcher does: usually it is 1024 at first. */
	const rlim_t most = fd_raise_limit().rlim_max;

	if (most < FILES_OF_ALL)
		skip_because("RLIMIT_NOFILE is at most %llu",
			     (unsigned long long)most);
	come_up("[]");
	/* Of which 257 would be one too many. */
	json_t *many = json_array();
	for (int i = 0; i < LAUNCH_DEVICES_MAX; i++) {
		char label[20];

		snprintf(label, sizeof(label), "d%d", i);
		json_array_append_new(many, json_pack("{s:s, s:s}", "type",
						      "mouse", "label", label));
	}
	char *devices = json_dumps(many, JSON_COMPACT), why[LAUNCH_WHY_MAX];
	json_decref(many);
	assert_ok(fleet_adds(devices, why));
	free(devices);
	ask(text, ERROR("more than 256 devices"));
	launch_fleet_remove(&fleet, device("d7"));
	settle();
	assert_num(launch_fleet_count(&fleet), LAUNCH_DEVICES_MAX - 1);
	request(text);
	expect_none();
	launch_command_stop(&cmd);
}

static void the_settings_of_the_launcher_hold_for_what_is_added(void **state)
{
	json_t *tunables = json_pack("{s:i}", "stall_ms", 7);

	fleet.setup.tunables = tunables;
	come_up("[]");
	request("{\"command\":\"add\",\"devices\":[" KBD "]}");
	assert_non_null(strstr(fakes[0].words, "--stall-ms=7"));
	json_decref(tunables);
	launch_command_stop(&cmd);
}

static void remove_is_answered_when_it_has_ended(void **state)
{
	come_up("[" KBD "," MOUSE "]");
	request("{\"command\":\"remove\",\"label\":\"keyboard\"}");
	expect_none();
	expect_signal(&fakes[0], SIGTERM, 0);
	assert_num(fakes[1].n_signals, 0);
	fake_ends(&fakes[0], EXITED(0));
	expect(OK);
	assert_num(launch_fleet_count(&fleet), 1);
	ask("{\"command\":\"remove\",\"label\":\"keyboard\"}",
	    ERROR("no device keyboard"));
}

static void what_is_being_removed_is_no_device_any_more(void **state)
{
	come_up("[" KBD "," MOUSE "]");
	launch_fleet_remove(&fleet, device("keyboard"));
	ask("{\"command\":\"remove\",\"label\":\"keyboard\"}",
	    ERROR("no device keyboard"));
	ask("{\"command\":\"describe\",\"label\":\"keyboard\"}",
	    ERROR("no device keyboard"));
}

/* --- restart --- */

static void restart_is_answered_when_it_is_ready_again(void **state)
{
	come_up("[" KBD "]");
	request("{\"command\":\"restart\",\"label\":\"keyboard\"}");
	expect_none();
	fake_ends(&fakes[0], EXITED(0));
	expect_none();
	fake_is_ready(&fakes[1]);
	expect(OK);
}

static void a_restart_that_fails_says_why(void **state)
{
	come_up("[" KBD "]");
	request("{\"command\":\"restart\",\"label\":\"keyboard\"}");
	fake_ends(&fakes[0], EXITED(0));
	fake_says(&fakes[1], "no memory\n");
	fake_ends(&fakes[1], EXITED(1));
	expect(ERROR("keyboard: no memory; trying again"));
	launch_command_stop(&cmd);
	device("keyboard")->child.setup = &fleet.setup;
	fleet.setup.restart.limit = 0;
	request("{\"command\":\"restart\",\"label\":\"keyboard\"}");
	fake_says(&fakes[2], "still none\n");
	fake_ends(&fakes[2], EXITED(1));
	expect(ERROR("keyboard: still none"));
}

static void a_device_that_is_removed_is_not_restarted(void **state)
{
	come_up("[" KBD "]");
	request("{\"command\":\"restart\",\"label\":\"keyboard\"}");
	launch_fleet_remove(&fleet, device("keyboard"));
	settle();
	expect(ERROR("removed"));
}

static void a_launcher_that_ends_restarts_nothing(void **state)
{
	come_up("[" KBD "]");
	request("{\"command\":\"restart\",\"label\":\"keyboard\"}");
	launch_fleet_enter(&fleet, LAUNCH_ENDING_STREAMER);
	settle();
	expect(ENDING);
}

/* --- upgrade --- */

static void prepared(struct fake *f)
{
	assert_num(write(fake_fd(f, "--standby-fd="), "0 0\n", 4), 4);
	settle();
}

static void upgrade_is_answered_when_all_are_replaced(void **state)
{
	come_up("[" KBD "," MOUSE
		",{\"label\":\"h\",\"passthrough\":\"type=a\"}]");
	request("{\"command\":\"upgrade\"}");
	expect_none();
	assert_num(n_fakes, 5);
	for (int i = 0; i < 2; i++) {
		prepared(&fakes[3 + i]);
		fake_ends(&fakes[i], EXITED(0));
		expect_none();
		fake_is_ready(&fakes[3 + i]);
		if (!i)
			expect_none();
	}
	expect(OK);
}

static void upgrade_of_one_leaves_the_others(void **state)
{
	come_up("[" KBD "," MOUSE
		",{\"label\":\"h\",\"passthrough\":\"type=a\"}]");
	ask("{\"command\":\"upgrade\",\"label\":\"h\"}",
	    ERROR("h is a device of the host, which one process at a time can "
		  "have: restart it"));
	request("{\"command\":\"upgrade\",\"label\":\"mouse\"}");
	assert_num(n_fakes, 4);
	prepared(&fakes[3]);
	fake_ends(&fakes[1], EXITED(0));
	fake_is_ready(&fakes[3]);
	expect(OK);
	launch_child_restart(&device("keyboard")->child);
	ask("{\"command\":\"upgrade\",\"label\":\"keyboard\"}",
	    ERROR("keyboard is waiting, not ready"));
}

static void an_upgrade_that_fails_says_why(void **state)
{
	come_up("[" KBD "," MOUSE "]");
	request("{\"command\":\"upgrade\"}");
	fake_says(&fakes[3], "too new\n");
	fake_ends(&fakes[3], EXITED(1));
	expect(ERROR("mouse: too new"));
	fake_ends(&fakes[2], EXITED(1));
	/* It has waited, and then dies. */
	request("{\"command\":\"upgrade\",\"label\":\"keyboard\"}");
	prepared(&fakes[4]);
	fake_ends(&fakes[0], EXITED(0));
	fake_says(&fakes[4], "no ring\n");
	expect_none();
	fake_ends(&fakes[4], EXITED(1));
	expect(ERROR("keyboard: no ring"));
}

static void what_is_removed_is_not_upgraded(void **state)
{
	come_up("[" KBD "]");
	request("{\"command\":\"upgrade\"}");
	launch_fleet_remove(&fleet, device("keyboard"));
	settle();
	expect(ERROR("removed"));
}

static void a_launcher_that_ends_upgrades_nothing(void **state)
{
	come_up("[" KBD "]");
	request("{\"command\":\"upgrade\"}");
	launch_fleet_enter(&fleet, LAUNCH_ENDING_STREAMER);
	settle();
	expect(ENDING);
}

/* --- reload --- */

static void reloaded(const char *label, const char *why)
{
	struct launch_reload *r = &device(label)->reload;

	snprintf(r->why, sizeof(r->why), "%s", why);
	r->done_us = launch_reload_request();
	r->reported(r->arg);
	settle();
}

static void reload_is_answered_by_the_server(void **state)
{
	come_up("[" KBD "]");
	request("{\"command\":\"reload\",\"label\":\"keyboard\"}");
	expect_signal(&fakes[0], SIGHUP, 0);
	expect_none();
	reloaded("keyboard", "");
	expect(OK);
	request("{\"command\":\"reload\",\"label\":\"keyboard\"}");
	expect_none();
	reloaded("keyboard", "x.json:1:2: bad");
	expect(ERROR("keyboard: x.json:1:2: bad"));
}

static void a_server_that_does_not_answer_is_not_waited_for(void **state)
{
	come_up("[" KBD "]");
	request("{\"command\":\"reload\",\"label\":\"keyboard\"}");
	pass_s(LAUNCH_RELOAD_S - 0.1);
	expect_none();
	pass_s(0.2);
	expect(ERROR("keyboard did not answer for 5 s"));
	/* Nor does the next one inherit that it is late. */
	request("{\"command\":\"reload\",\"label\":\"keyboard\"}");
	expect_none();
	fake_ends(&fakes[0], EXITED(1));
	expect(ERROR("keyboard has ended"));
}

static void only_what_runs_and_has_a_spec_is_reloaded(void **state)
{
	come_up("[" KBD ",{\"label\":\"h\",\"passthrough\":\"type=a\"}]");
	ask("{\"command\":\"reload\",\"label\":\"h\"}",
	    ERROR("h is a device of the host, which has no spec to be read "
		  "again"));
	ask("{\"command\":\"reload\",\"label\":\"keyboard\",\"spec\":{}}",
	    ERROR("keyboard has the spec keyboard, not an inline one"));
	launch_child_restart(&device("keyboard")->child);
	ask("{\"command\":\"reload\",\"label\":\"keyboard\"}",
	    ERROR("keyboard is waiting, not ready"));
}

static int version_of_spec(const char *label)
{
	const json_t *item = device(label)->item.json;

	return (int)json_integer_value(
		json_object_get(json_object_get(item, "spec"), "v"));
}

static void an_inline_spec_is_replaced_if_it_is_good(void **state)
{
	come_up("[{\"label\":\"k\",\"spec\":{\"v\":1}}]");
	ask("{\"command\":\"reload\",\"label\":\"k\"}",
	    ERROR("k has an inline spec: the request must have the new one as "
		  "spec, an object"));
	request("{\"command\":\"reload\",\"label\":\"k\",\"spec\":{\"v\":2}}");
	assert_num(version_of_spec("k"), 2);
	reloaded("k", "");
	expect(OK);
	assert_num(version_of_spec("k"), 2);
	request("{\"command\":\"reload\",\"label\":\"k\",\"spec\":{\"v\":3}}");
	assert_num(version_of_spec("k"), 3);
	reloaded("k", "no such key");
	expect(ERROR("k: no such key"));
	assert_num(version_of_spec("k"), 2);
	assert_null(cmd.before);
}

/* Lists in lists, of which each bracket is more indented. */
static void an_inline_spec_that_is_too_long_is_refused(void **state)
{
	enum {
		DEPTH = 1100
	};
	static char text[2 * DEPTH + 80];

	snprintf(text, sizeof(text),
		 "{\"command\":\"reload\",\"label\":\"k\",\"spec\":{\"v\":"
		 "%0*d%0*d}}",
		 DEPTH, 0, DEPTH, 0);
	memset(strchr(text, '0'), '[', DEPTH);
	memset(strchr(text, '0'), ']', DEPTH);
	come_up("[{\"label\":\"k\",\"spec\":{\"v\":1}}]");
	ask(text, ERROR("k: the spec is longer than 1 MiB, with each of its "
			"values on a line of its own"));
	assert_num(version_of_spec("k"), 1);
	assert_null(cmd.before);
}

static void what_is_removed_is_not_reloaded(void **state)
{
	come_up("[" KBD "]");
	request("{\"command\":\"reload\",\"label\":\"keyboard\"}");
	launch_fleet_remove(&fleet, device("keyboard"));
	settle();
	expect(ERROR("removed"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_is_no_request_is_refused),
		T(an_error_that_cuts_a_character_is_an_answer),
		T(before_all_is_ready_little_can_be_done),
		T(help_names_each_command),
		T(wait_is_answered_when_all_is_up),
		T(leave_needs_devices_that_outlive_the_launcher),
		T(a_label_must_be_that_of_a_device),
		T(add_is_answered_when_all_are_ready),
		T(add_removes_all_if_one_fails),
		T(what_is_removed_while_it_is_added_is_gone),
		T(devices_that_are_wrong_are_not_added),
		T(no_more_devices_are_added_than_there_may_be),
		T(the_settings_of_the_launcher_hold_for_what_is_added),
		T(remove_is_answered_when_it_has_ended),
		T(what_is_being_removed_is_no_device_any_more),
		T(restart_is_answered_when_it_is_ready_again),
		T(a_restart_that_fails_says_why),
		T(a_device_that_is_removed_is_not_restarted),
		T(a_launcher_that_ends_restarts_nothing),
		T(upgrade_is_answered_when_all_are_replaced),
		T(upgrade_of_one_leaves_the_others),
		T(an_upgrade_that_fails_says_why),
		T(what_is_removed_is_not_upgraded),
		T(a_launcher_that_ends_upgrades_nothing),
		T(reload_is_answered_by_the_server),
		T(a_server_that_does_not_answer_is_not_waited_for),
		T(only_what_runs_and_has_a_spec_is_reloaded),
		T(an_inline_spec_is_replaced_if_it_is_good),
		T(an_inline_spec_that_is_too_long_is_refused),
		T(what_is_removed_is_not_reloaded),
	};

	return cmocka_run_group_tests_name("launch-command", tests, NULL, NULL);
}
