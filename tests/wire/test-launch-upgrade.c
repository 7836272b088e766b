/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-launch --control DIR upgrade: the new process is started and waits,
 * then it takes the place of the old one, and neither VMM nor streamer notice.
 * One that cannot do that leaves the old one serving.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/launch.h"

/*
 * The new program is what the file "new" beside the script says, if there is
 * one; the old one is the real one.
 */
#define SCRIPT                                 \
	"case \"$*\" in\n"                     \
	"*--standby-fd=*)\n"                   \
	"	fd=${*##*--standby-fd=}\n"           \
	"	fd=${fd%% *}\n"                      \
	"	[ -e \"$0.new\" ] && . \"$0.new\"\n" \
	"esac\n"                               \
	"exec \"$REAL\" \"$@\"\n"

static char new_program[80];

/* --server= is a script whose name is known: rig->dir/server. */
static void start(struct launch_test *t)
{
	launch_arg(t, "--keyboard");
	launch_server_script(t, SCRIPT);
	snprintf(new_program, sizeof(new_program), "%s/server.new",
		 t->rig->dir);
	launch_relay(t, 0, "{keyboard_fd}", "");
	launch_start(t);
	free(launch_accept_relay(t));
	launch_guest(t, "keyboard");
}

static void install(const char *text)
{
	FILE *file = fopen(new_program, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_num(fclose(file), 0);
}

/* The next key that changes in the guest must be this one. */
static void expect_key(struct launch_test *t, bool down[KEY_CNT], int code,
		       int value)
{
	struct vi_event ev;

	do
		assert_ok(fe_next_event(&t->rig->fe, &ev, DEADLINE_MS));
	while (vi_type(&ev) != EV_KEY || down[vi_code(&ev)] == vi_value(&ev));
	down[vi_code(&ev)] = vi_value(&ev);
	assert_num(vi_code(&ev), code);
	assert_num(vi_value(&ev), value);
}

static json_t *upgrade(struct launch_test *t)
{
	return launch_order(t, "{\"command\": \"upgrade\","
			       " \"label\": \"keyboard\"}");
}

static void expect_types(struct launch_test *t, bool down[KEY_CNT])
{
	inject(t->rig, KEY(KEY_C, 1), SYN, KEY(KEY_C, 0), SYN);
	expect_key(t, down, KEY_C, 1);
	expect_key(t, down, KEY_C, 0);
}

static void the_guest_does_not_notice_an_upgrade(void **state)
{
	struct launch_test *t = *state;
	bool down[KEY_CNT] = { 0 };
	long long pid;

	start(t);
	inject(t->rig, KEY(KEY_A, 1), SYN);
	expect_key(t, down, KEY_A, 1);
	for (int i = 0; i < 3; i++) {
		pid = launch_number(t, "keyboard", "pid");
		launch_expect_ok(upgrade(t));
		assert_true(launch_number(t, "keyboard", "pid") != pid);
		launch_expect_flag(t, "keyboard", "driver", true);
		expect_types(t, down);
	}
	inject(t->rig, KEY(KEY_A, 0), SYN);
	expect_key(t, down, KEY_A, 0);
	process_expect_log(&t->launcher, "launcher: keyboard is upgraded");
	launch_end(t);
}

static void all_devices_are_upgraded_on_sigusr2(void **state)
{
	struct launch_test *t = *state;
	bool down[KEY_CNT] = { 0 };
	long long pid;

	launch_arg(t, "--mouse");
	start(t);
	pid = launch_number(t, "keyboard", "pid");
	assert_sys(kill(t->launcher.pid, SIGUSR2));
	process_expect_log(&t->launcher, "launcher: keyboard is upgraded");
	process_expect_log(&t->launcher, "launcher: mouse is upgraded");
	assert_true(launch_number(t, "keyboard", "pid") != pid);
	launch_expect_flag(t, "keyboard", "driver", true);
	expect_types(t, down);
	launch_expect_control(t, "", LAUNCH_WORDS("upgrade"));
	launch_expect_flag(t, "keyboard", "driver", true);
	expect_types(t, down);
	launch_end(t);
}

static const struct refusal {
	const char *name, *program, *says, *option;
} refusals[] = {
	{ "one_that_ends_leaves_the_old_one",
	  "echo 'vhost-user-input: no such thing' >&2; exit 1\n",
	  "no such thing", NULL },
	{ "one_that_is_killed_leaves_the_old_one", "kill -9 $$\n",
	  "was killed by SIGKILL", NULL },
	{ "one_that_is_late_leaves_the_old_one", "exec sleep 100\n",
	  "was not ready within 5 s", "--start-timeout=5" },
	{ "one_that_offers_less_leaves_the_old_one",
	  "bash -c \"echo 0x40000000 0xffffffff >&$fd\"; exec sleep 100\n",
	  "lacks feature bits 0x1", NULL },
	{ "one_that_offers_fewer_protocol_features_leaves_the_old_one",
	  "bash -c \"echo 0xffffffffff 0x0 >&$fd\"; exec sleep 100\n",
	  "lacks protocol feature bits 0x", NULL },
	{ "an_older_one_leaves_the_old_one",
	  "bash -c \"echo hello >&$fd\"; exec sleep 100\n",
	  "does not say what it offers", NULL },
};

static void row_is_refused(void **state)
{
	struct launch_test *t = *state;
	const struct refusal *row = t->rig->row;
	bool down[KEY_CNT] = { 0 };
	long long pid;

	if (row->option)
		launch_arg(t, "%s", row->option);
	start(t);
	inject(t->rig, KEY(KEY_A, 1), SYN);
	expect_key(t, down, KEY_A, 1);
	pid = launch_number(t, "keyboard", "pid");
	install(row->program);
	launch_expect_error(upgrade(t), row->says);
	process_expect_log(&t->launcher, "; the old process serves on");
	assert_num(launch_number(t, "keyboard", "pid"), pid);
	inject(t->rig, KEY(KEY_A, 0), SYN);
	expect_key(t, down, KEY_A, 0);
	install("");
	launch_expect_ok(upgrade(t));
	launch_expect_flag(t, "keyboard", "driver", true);
	expect_types(t, down);
	launch_end(t);
}

static void one_that_dies_when_it_begins_is_restarted(void **state)
{
	struct launch_test *t = *state;
	bool down[KEY_CNT] = { 0 };

	start(t);
	/* It waits as it should, and then it cannot serve. */
	install("bash -c \"echo 0xffffffffff 0xffffffff >&$fd; "
		"head -c 1 <&$fd >/dev/null\"; exit 1\n");
	launch_expect_error(upgrade(t), "keyboard");
	launch_expect_state(t, "keyboard", "ready");
	launch_expect_flag(t, "keyboard", "driver", true);
	expect_types(t, down);
	launch_end(t);
}

static void a_device_that_is_not_there_is_not_upgraded(void **state)
{
	struct launch_test *t = *state;

	start(t);
	launch_expect_error(launch_order(t, "{\"command\": \"upgrade\","
					    " \"label\": \"keybord\"}"),
			    "no device keybord; did you mean keyboard?");
	launch_end(t);
}

#define test(f) \
	cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest plain[] = {
		test(the_guest_does_not_notice_an_upgrade),
		test(all_devices_are_upgraded_on_sigusr2),
		test(one_that_dies_when_it_begins_is_restarted),
		test(a_device_that_is_not_there_is_not_upgraded),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(refusals)];

	launch_relay_main(argc, argv);
	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), refusals, test(row_is_refused));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
