/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each program says of itself, and of a command line that it rejects: one
 * line, which names the cause. An exit status alone would be right for the
 * wrong reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/lib/cases.h"
#include "tests/lib/process.h"

#define ARGS_MAX 8

struct refusal {
	const char *name, *program;
	const char *args[ARGS_MAX];
	const char *says;
};

#define SERVER "vhost-user-input"
#define HOLD   "vinput-hold"
#define BRIDGE "vinput-vfio-user"
#define PROXY  "vinput-vvu-proxy"
#define PASS   "vinput-passthrough"
#define LAUNCH "vinput-launch"
#define STREAM "vinput-stream"
/* fd 0 is /dev/null. */
#define SERVE   \
	SERVER, \
	{       \
		"--spec=keyboard", "--fd=0"
#define DIR "--dir=/nonexistent"

static const struct refusal rows
	[] = { { "a_server_without_a_front_end",
		 SERVER,
		 { "--spec=keyboard" },
		 "--socket-path=PATH or --fd=N is required" },
	       { "a_log_level_of_no_name", SERVE, "--log-level=loud" },
	       "--log-level=loud: must be off, error, warning, info, debug or "
	       "trace" },
    { "a_user_of_no_name", SERVE, "--user=no-such-user" },
    "--user=no-such-user: no such user"
}
, { "an_injector_given_twice", SERVE, "--inject-fd=1", "--inject-fd=1" },
	"--inject-fd=1: given twice"
}
, { "an_injector_at_the_front_ends_fd", SERVE, "--inject-fd=0" },
	"fd 0 is used twice: the front-end and --inject-fd"
}
, { "a_placeholder_given_twice", SERVE, "--set=A=1", "--set=A=2" },
	"--set=A: given twice"
}
, { "a_type_of_socket_without_the_path", SERVE, "--inject-type=stream" },
	"--inject-type requires --inject-path"
}
, { "users_without_the_path", SERVE, "--inject-allow-uid=0" },
	"--inject-allow-uid and --inject-allow-gid require --inject-path"
}
, { "groups_without_the_path", SERVE, "--inject-allow-gid=0" },
	"--inject-allow-uid and --inject-allow-gid require --inject-path"
}
,

	{ "a_bridge_without_a_client",
	  BRIDGE,
	  { "--to=/x" },
	  "--vfio-user=PATH is required" },
	{ "a_bridge_without_a_back_end",
	  BRIDGE,
	  { "--vfio-user=/x" },
	  "either --to=PATH or -- COMMAND... is required" },
	{ "a_bridge_to_itself",
	  BRIDGE,
	  { "--vfio-user=/x", "--to=/x" },
	  "--to and --vfio-user must differ" },
	{ "a_bridge_with_rings_of_no_power_of_two",
	  BRIDGE,
	  { "--vfio-user=/x", "--to=/y", "--queue-size=48" },
	  "--queue-size=48: must be a power of two" },
	{ "a_proxy_without_a_client",
	  PROXY,
	  { "--socket-path=/x" },
	  "--vfio-user=PATH is required" },
	{ "a_proxy_without_a_sibling",
	  PROXY,
	  { "--vfio-user=/x" },
	  "--socket-path=PATH is required" },
	{ "a_proxy_at_one_socket",
	  PROXY,
	  { "--vfio-user=/x", "--socket-path=/x" },
	  "--socket-path and --vfio-user must differ" },
	{ "a_proxy_with_a_bar_of_no_power_of_two",
	  PROXY,
	  { "--vfio-user=/x", "--socket-path=/y", "--bar-size=3" },
	  "--bar-size=3: must be a power of two" },
	{ "a_proxy_with_a_word",
	  PROXY,
	  { "--vfio-user=/x", "--socket-path=/y", "word" },
	  "unexpected argument word" },
	{ "a_holder_of_a_launcher_with_a_path",
	  HOLD,
	  { "--control-fd=0", "--socket-path=/x" },
	  "--control-fd goes without --socket-path, --to and COMMAND" },
	{ "a_holder_of_a_launcher_with_a_back_end",
	  HOLD,
	  { "--control-fd=0", "--to=/x" },
	  "--control-fd goes without --socket-path, --to and COMMAND" },
	{ "a_holder_of_a_launcher_with_a_command",
	  HOLD,
	  { "--control-fd=0", "--", "true" },
	  "--control-fd goes without --socket-path, --to and COMMAND" },
	{ "a_next_launcher_without_one",
	  HOLD,
	  { "--next-fd=0", "--socket-path=/x", "--to=/y" },
	  "--next-fd requires --control-fd" },
	{ "a_holder_without_a_socket",
	  HOLD,
	  { "--to=/x" },
	  "--socket-path=PATH is required" },
	{ "a_holder_without_a_back_end",
	  HOLD,
	  { "--socket-path=/x" },
	  "either --to=PATH or -- COMMAND... is required" },
	{ "a_holder_with_two_back_ends",
	  HOLD,
	  { "--socket-path=/x", "--to=/y", "--", "true" },
	  "either --to=PATH or -- COMMAND... is required" },
	{ "a_holder_that_is_its_own_back_end",
	  HOLD,
	  { "--socket-path=/x", "--to=/x" },
	  "--to and --socket-path must differ" },
	{ "a_holder_that_gives_up_in_no_time",
	  HOLD,
	  { "--give-up=soon", "--socket-path=/x", "--to=/y" },
	  "--give-up=soon: must be" },

	{ "all_devices_to_one",
	  PASS,
	  { "--all", "--to=/x" },
	  "--all requires --dir" },
	{ "a_seat_of_one_device",
	  PASS,
	  { "--seat=seat0", DIR, "/dev/null" },
	  "--seat requires --all" },
	{ "a_next_guest_of_one",
	  PASS,
	  { "--next=KEY_A", DIR, "/dev/null" },
	  "--next requires --dir twice" },
	{ "a_start_without_a_toggle",
	  PASS,
	  { "--start=host", "--to=/x", "/dev/null" },
	  "--start=host requires --toggle" },
	{ "a_start_elsewhere",
	  PASS,
	  { "--start=there", "--to=/x", "/dev/null" },
	  "--start=there: must be host or guest" },
	{ "a_command_without_a_toggle",
	  PASS,
	  { "--on-switch=true", "--to=/x", "/dev/null" },
	  "--on-switch requires --toggle or --next" },
	{ "a_toggle_of_no_key",
	  PASS,
	  { "--toggle=KEY_NONE_SUCH", "--to=/x", "/dev/null" },
	  "no such key: KEY_NONE_SUCH" },
	{ "more_devices_than_sockets",
	  PASS,
	  { "--to=/x", "/dev/null", "/dev/zero" },
	  "2 DEV and 1 --to: one --to is required for each DEV" },
	{ "more_devices_than_specs",
	  PASS,
	  { "--to=/x", "--to=/y", "--spec=keyboard", "/dev/null", "/dev/zero" },
	  "2 DEV and 1 --spec: one --spec is required for each DEV" },
	{ "a_list_of_one_device",
	  PASS,
	  { "--list", "/dev/null" },
	  "unexpected argument /dev/null: --list takes none" },
	{ "no_device",
	  PASS,
	  { "--to=/x" },
	  "DEV is required; --list shows the devices" },
	{ "a_label_given_twice",
	  PASS,
	  { DIR, "/dev/null=a", "/dev/zero=a" },
	  "two devices have the label a" },
	{ "a_configuration_beside_a_socket",
	  PASS,
	  { "--to=/x", "--config=/dev/null" },
	  "--config goes once, and without --to and --spec" },

	{ "a_launched_node_of_no_name",
	  LAUNCH,
	  { DIR, "--passthrough==x" },
	  "--passthrough==x: must be DEV[=LABEL]" },
	{ "a_launcher_in_no_directory",
	  LAUNCH,
	  { "--dir=", "--keyboard" },
	  "--dir: DIR is empty" },
	{ "arguments_of_no_vmm",
	  LAUNCH,
	  { DIR, "--keyboard", "--print-args=none" },
	  "must be crosvm, qemu, qemu-vfio-user or cloud-hypervisor" },
	{ "a_word_too_many_for_a_launcher",
	  LAUNCH,
	  { "--control=/nonexistent", "list", "much" },
	  "unexpected argument much" },
	{ "a_streamers_log_level_of_no_name",
	  STREAM,
	  { "--log-level=loud" },
	  "--log-level=loud: must be off, error, warning, info, debug or "
	  "trace" },
	{ "a_streamer_in_half_a_sandbox",
	  STREAM,
	  { "--sandbox=half" },
	  "--sandbox=half: must be on, log or off" },
	{ "a_streamer_that_is_ready_nowhere",
	  STREAM,
	  { "--ready-fd=x" },
	  "--ready-fd=x: must be" },
	{ "a_streamer_without_devices",
	  STREAM,
	  { "--log-level=off" },
	  "vinput-stream: " },
	{ "a_timeout_of_no_time",
	  "vinput-monitor",
	  { "--timeout=soon", "x" },
	  "--timeout=soon: must be seconds, such as 2.5" },
	{ "an_led_that_is_maybe_on",
	  "vinput-monitor",
	  { "--led=CAPSL=maybe", "x" },
	  "must be NAME=on or NAME=off" },
}
;

struct world {
	const struct refusal *row;
	struct process program;
};

static int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->row = *state;
	process_init(&w->program, w->row->program);
	process_capture(&w->program);
	*state = w;
	return 0;
}

static int world_teardown(void **state)
{
	struct world *w = *state;

	process_fini(&w->program);
	free(w);
	return 0;
}

static void is_rejected_with_the_reason(void **state)
{
	struct world *w = *state;
	struct process *p = &w->program;

	for (size_t i = 0; i < ARGS_MAX && w->row->args[i]; i++)
		process_arg(p, "%s", w->row->args[i]);
	process_start(p);
	assert_num(process_wait(p), 2);
	process_expect_log(p, w->row->says);
	assert_num(process_lines(p->err.text), 1);
	assert_string_equal(process_stdout(p), "");
}

/* --- --help and --version --- */

static const struct refusal programs[] = {
	{ .name = "the_server_is_described", .program = SERVER },
	{ .name = "the_holder_is_described", .program = HOLD },
	{ .name = "the_bridge_is_described", .program = BRIDGE },
	{ .name = "the_proxy_is_described", .program = "vinput-vvu-proxy" },
	{ .name = "passthrough_is_described", .program = PASS },
	{ .name = "the_launcher_is_described",
	  .program = LAUNCH,
	  .says = "\nCommands:\n  " },
	{ .name = "the_streamer_is_described", .program = STREAM },
	{ .name = "the_injector_is_described",
	  .program = "vinput-inject",
	  .says = " Commands:\n  key " },
	{ .name = "the_monitor_is_described", .program = "vinput-monitor" },
};

static void is_described(void **state)
{
	struct world *w = *state;
	struct process *p = &w->program;
	char usage[80], version[80];
	const char *help;

	process_arg(p, "--help");
	process_start(p);
	assert_num(process_wait(p), 0);
	help = process_stdout(p);
	snprintf(usage, sizeof(usage), "Usage: %s ", w->row->program);
	assert_true(!strncmp(help, usage, strlen(usage)));
	assert_non_null(strstr(help, " --help"));
	/* What follows has a heading. */
	if (w->row->says)
		assert_non_null(strstr(help, w->row->says));
	assert_non_null(strstr(help, " --version"));
	assert_num(process_lines(p->err.text), 0);
	process_fini(p);
	process_init(p, w->row->program);
	process_capture(p);
	process_arg(p, "--version");
	process_start(p);
	assert_num(process_wait(p), 0);
	snprintf(version, sizeof(version), "%s " VERSION "\n", w->row->program);
	assert_string_equal(process_stdout(p), version);
	assert_num(process_lines(p->err.text), 0);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rows) + ARRAY_LEN(programs)];

	CASES(tests + ARRAY_LEN(rows), programs,
	      { NULL, is_described, world_setup, world_teardown, NULL });
	CASES(tests, rows,
	      { NULL, is_rejected_with_the_reason, world_setup, world_teardown,
		NULL });
	return cmocka_run_group_tests(tests, NULL, NULL);
}
