/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-launch with wrong command lines and files: one line that says what and
 * where, the right exit status, and nothing is left. And what it prints for
 * VMMs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/launch.h"

#define ARGS_MAX 8

struct bad {
	const char *name;
	const char *args[ARGS_MAX];
	const char *file; /* text of FILE, which is given by --file then */
	int status;
	const char *says; /* FILE stands for its path */
};

/* clang-format off */
#define ARGS(...) .args = { __VA_ARGS__ }
#define USAGE	  .status = 2, .says =
#define FAILS	  .status = 1, .says =

static const struct bad bads[] = {
	{ "screen_of_crosvm_is_refused",
	  ARGS("--keyboard", "--display=unix:/vnc", "--print-args=crosvm"),
	  FAILS "--display=unix:/vnc: crosvm has no VNC server" },
	{ "screen_without_a_page_is_refused",
	  ARGS("--keyboard", "--display=unix:/vnc"),
	  USAGE "--display=unix:/vnc requires --page" },
	{ "password_without_a_screen_is_refused",
	  ARGS("--keyboard", "--display-password=/x"),
	  USAGE "--display-password=/x requires a VNC server as --display" },
	{ "crosvm_is_refused_for_a_bridge",
	  ARGS("--keyboard", "--vfio-user", "--print-args=crosvm"),
	  FAILS "keyboard: crosvm has no vfio-user" },
	{ "arguments_for_no_device_are_refused", ARGS("--print-args=qemu"),
	  USAGE "--print-args: a device is required" },
	{ "unknown_option_gets_the_nearest", ARGS("--keybord"),
	  USAGE "unknown option --keybord; did you mean --keyboard?" },
	{ "unknown_option_with_a_value_gets_the_nearest",
	  ARGS("--dispaly=5x5"), USAGE "did you mean --display?" },
	{ "unknown_option_like_none_points_to_help", ARGS("--zzzzzzzzzz"),
	  USAGE "see --help" },
	{ "value_that_lacks_is_refused", ARGS("--display"),
	  USAGE "--display needs a value" },
	{ "value_too_many_is_refused", ARGS("--keyboard=yes"),
	  USAGE "--keyboard takes no value" },
	{ "word_is_refused", ARGS("--keyboard", "streamer"),
	  USAGE "a streamer's command line follows --" },
	{ "size_zero_is_refused", ARGS("--display=0x100"),
	  USAGE "--display=0x100: must be WIDTHxHEIGHT" },
	{ "size_past_16_bits_is_refused", ARGS("--display=100x65536"),
	  USAGE "--display=100x65536: must be WIDTHxHEIGHT" },
	{ "negative_size_is_refused", ARGS("--touchpad=-5x5"),
	  USAGE "--touchpad=-5x5: must be" },
	{ "size_without_height_is_refused", ARGS("--pen=500"),
	  USAGE "--pen=500: must be" },
	{ "size_with_a_tail_is_refused", ARGS("--display=5x5x5"),
	  USAGE "--display=5x5x5: must be" },
	{ "two_keyboards_are_refused", ARGS("--keyboard", "--keyboard"),
	  USAGE "two devices have the label keyboard" },
	{ "device_without_spec_is_refused", ARGS("--device=x"),
	  USAGE "--device=x: must be LABEL=SPEC" },
	{ "label_with_a_slash_is_refused", ARGS("--device=../x=keyboard"),
	  USAGE "invalid label ../x" },
	{ "label_of_ours_is_refused", ARGS("--device=control=keyboard"),
	  USAGE "the label control is reserved" },
	{ "missing_spec_is_refused", ARGS("--device=x=nosuch"),
	  FAILS "x: --spec=nosuch: no such spec" },
	{ "missing_spec_file_is_refused",
	  ARGS("--keyboard", "--log-level=error", "--device=x=./nosuch.json"),
	  FAILS "nosuch.json: cannot read the spec" },
	{ "missing_server_is_refused",
	  ARGS("--keyboard", "--server=/nonexistent"),
	  FAILS "keyboard: cannot start /nonexistent: No such file" },
	{ "server_that_is_none_is_refused",
	  ARGS("--keyboard", "--server=/bin/true"),
	  FAILS "keyboard: vhost-user-input ended with status 0" },
	{ "missing_streamer_is_refused",
	  ARGS("--keyboard", "--log-level=off", "--", "/nonexistent"),
	  FAILS "cannot start /nonexistent: No such file" },
	{ "streamer_of_a_missing_device_is_refused",
	  ARGS("--keyboard", "--", "x", "-m={mouse_fd}"),
	  USAGE "{mouse_fd}: no such device" },
	{ "streamer_of_a_device_that_is_mistyped_gets_the_nearest",
	  ARGS("--keyboard", "--", "x", "-m={kebyoard_fd}"),
	  USAGE "{kebyoard_fd}: no such device; did you mean {keyboard_fd}?" },
	{ "streamer_of_touch_fds_without_touch_is_refused",
	  ARGS("--keyboard", "--", "x", "{touch_fds}"),
	  USAGE "{touch_fds}: no such device" },
	{ "restart_of_another_kind_is_refused",
	  ARGS("--keyboard", "--restart=maybe"), USAGE "--restart=maybe" },
	{ "restart_with_half_a_limit_is_refused",
	  ARGS("--keyboard", "--restart=always:5"), USAGE "--restart=always:5" },
	{ "unknown_ready_fd_is_refused",
	  ARGS("--keyboard", "--ready-fd=777"),
	  USAGE "--ready-fd=777: no such fd was inherited" },
	{ "ready_fd_of_the_log_is_refused", ARGS("--keyboard", "--ready-fd=2"),
	  USAGE "--ready-fd=2: must not be standard error" },
	{ "log_level_of_no_name_is_refused",
	  ARGS("--keyboard", "--log-level=loud"), USAGE "--log-level=loud" },
	{ "group_of_no_name_is_refused",
	  ARGS("--keyboard", "--socket-group=no such"),
	  USAGE "--socket-group=no such: no such group" },
	{ "two_folders_are_refused", ARGS("--wait=/tmp"),
	  USAGE "only one of --dir, --wait and --control" },
	{ "vmm_of_no_name_gets_the_nearest",
	  ARGS("--keyboard", "--print-args=qmu"), USAGE "did you mean qemu?" },
	{ "memory_without_a_number_is_refused",
	  ARGS("--keyboard", "--print-args=qemu", "--memory=much"),
	  USAGE "--memory=much: must be a size" },
	{ "log_dir_that_cannot_be_made_is_refused",
	  ARGS("--keyboard", "--log-dir=/nonexistent/log"),
	  FAILS "cannot log in /nonexistent/log: No such file" },
	{ "log_size_below_4k_is_refused",
	  ARGS("--keyboard", "--log-max-size=100"),
	  USAGE "--log-max-size=100: must be a size of at least 4K" },
	{ "log_size_past_64_bits_is_refused",
	  ARGS("--keyboard", "--log-max-size=99999999999999999T"),
	  USAGE "--log-max-size=99999999999999999T: must be a size" },
	{ "log_size_with_a_tail_is_refused",
	  ARGS("--keyboard", "--log-max-size=10MB"),
	  USAGE "--log-max-size=10MB: must be a size" },
	{ "watchdog_of_zero_is_refused", ARGS("--keyboard", "--watchdog=0"),
	  USAGE "--watchdog=0: must be at least 0.1 seconds" },
	{ "spec_without_a_command_is_refused",
	  ARGS("--keyboard", "--spec=pen"),
	  USAGE "--spec does not go with launching" },
	{ "guest_without_wait_is_refused", ARGS("--keyboard", "--guest"),
	  USAGE "--guest does not go with launching" },
	{ "spec_of_an_empty_string_is_refused",
	  .file = "{\"devices\": [{\"label\": \"x\", \"spec\": \"\"}]}",
	  USAGE "FILE:1:37: spec must be a string that is not empty, or" },
	{ "stall_of_zero_is_refused", ARGS("--keyboard", "--stall-ms=0"),
	  USAGE "--stall-ms=0: must be a number from 1 to 30000" },
	{ "busy_poll_of_no_number_is_refused",
	  ARGS("--keyboard", "--busy-poll=1us"),
	  USAGE "--busy-poll=1us: must be a number from 0 to 100000" },
	{ "shared_memory_is_on_or_off",
	  ARGS("--keyboard", "--shared-memory=yes"),
	  USAGE "--shared-memory=yes: must be on or off" },
	{ "overflow_of_no_name_is_refused",
	  ARGS("--keyboard", "--overflow=drop"),
	  USAGE "--overflow=drop: must be fold or block" },

	{ "missing_file_is_refused", ARGS("--file=/nonexistent"),
	  FAILS "/nonexistent: No such file" },
	{ "file_without_end_is_refused", ARGS("--file=/dev/zero"),
	  FAILS "/dev/zero: longer than 1024 KiB" },
	{ "spec_of_stdin_without_any_is_refused", ARGS("--device=a=-"),
	  USAGE "--device: the spec:1:0: " },
	{ "file_that_is_no_json_is_refused", .file = "{\"devices\": [\n  ,]}",
	  USAGE "FILE:2:3: " },
	{ "file_with_a_key_twice_is_refused",
	  .file = "{\"devices\": [],\n \"devices\": []}",
	  USAGE "FILE:2:10: duplicate object key" },
	{ "file_that_is_no_object_is_refused", .file = "\n[]",
	  USAGE "FILE:2:1: a launch file must be an object" },
	{ "file_with_unknown_key_gets_the_nearest",
	  .file = "{\"device\": []}",
	  USAGE "FILE:1:2: unknown key device; did you mean devices?" },
	{ "file_with_no_array_of_devices_is_refused",
	  .file = "{\"devices\":\n {}}",
	  USAGE "FILE:2:2: devices must be an array" },
	{ "device_that_is_no_object_is_refused",
	  .file = "{\"devices\": [\n  \"mouse\"]}",
	  USAGE "FILE:2:3: a device must be an object" },
	{ "device_with_unknown_key_gets_the_nearest",
	  .file = "{\"devices\": [\n  {\"typ\": \"mouse\"}]}",
	  USAGE "FILE:2:4: unknown key typ; did you mean type?" },
	{ "device_of_unknown_type_gets_the_nearest",
	  .file = "{\"devices\": [\n  {\"type\": \"mous\"}]}",
	  USAGE "FILE:2:12: unknown device type mous; did you mean mouse?" },
	{ "device_with_type_and_spec_is_refused",
	  .file = "{\"devices\": [{\"type\": \"mouse\",\"spec\": \"pen\"}]}",
	  USAGE "FILE:1:14: a device must have a type, a spec or passthrough, not two of them" },
	{ "device_without_type_and_spec_is_refused",
	  .file = "{\"devices\": [{\"label\": \"x\"}]}",
	  USAGE "FILE:1:14: a device must have a type, a spec or passthrough" },
	{ "spec_without_label_is_refused",
	  .file = "{\"devices\": [{\"spec\": \"pen\"}]}",
	  USAGE "FILE:1:14: a device with a spec needs a label" },
	{ "display_without_height_is_refused",
	  .file = "{\"devices\": [{\"type\": \"display\", \"width\": 5}]}",
	  USAGE "FILE:1:14: a display needs a width and a height" },
	{ "width_past_16_bits_is_refused",
	  .file = "{\"devices\": [{\"type\": \"display\",\n\"width\": 65536}]}",
	  USAGE "FILE:2:10: width must be a number from 1 to 65535" },
	{ "mouse_with_a_width_is_refused",
	  .file = "{\"devices\": [{\"type\": \"mouse\", \"width\": 5}]}",
	  USAGE "FILE:1:14: width and height go with a display" },
	{ "two_devices_of_one_name_are_refused",
	  .file = "{\"devices\": [{\"type\": \"mouse\"},\n"
		  "  {\"type\": \"pen\", \"width\": 5, \"height\": 5,\n"
		  "   \"label\": \"mouse\"}]}",
	  USAGE "FILE:3:13: two devices have the label mouse" },
	{ "file_and_option_of_one_name_are_refused", ARGS("--mouse"),
	  .file = "{\"devices\": [{\"type\": \"mouse\"}]}",
	  USAGE "two devices have the label mouse" },
	{ "label_with_a_space_is_refused",
	  .file = "{\"devices\": [{\"type\": \"pen\", \"label\": \"a b\"}]}",
	  USAGE "FILE:1:39: invalid label a b" },
	{ "set_that_is_no_object_is_refused",
	  .file = "{\"devices\": [{\"type\": \"mouse\", \"set\": 5}]}",
	  USAGE "FILE:1:39: set must be an object" },
	{ "set_to_null_is_refused",
	  .file = "{\"devices\": [{\"type\": \"mouse\",\"set\":{\"A\":null}}]}",
	  USAGE "FILE:1:42: A must be a placeholder's name" },
	{ "overflow_of_a_number_is_refused",
	  .file = "{\"devices\": [{\"type\": \"mouse\", \"overflow\": 5}]}",
	  USAGE "FILE:1:44: overflow must be fold or block" },
	{ "stall_of_text_is_refused",
	  .file = "{\"devices\": [{\"type\":\"mouse\",\"stall_ms\":\"5\"}]}",
	  USAGE "FILE:1:41: stall_ms must be a number from 1 to 30000" },
	{ "inband_of_a_number_is_refused",
	  .file = "{\"devices\": [{\"type\": \"mouse\", \"inband\": 1}]}",
	  USAGE "FILE:1:42: inband must be true or false" },
	{ "streamer_of_no_words_is_refused",
	  .file = "{\"devices\": [{\"type\": \"mouse\"}], \"streamer\": []}",
	  USAGE "FILE:1:46: streamer must be an array of strings" },
	{ "streamer_of_a_number_is_refused",
	  .file = "{\"devices\": [{\"type\":\"mouse\"}],\"streamer\":[\"a\",5]}",
	  USAGE "FILE:1:48: streamer must be an array of strings" },
	{ "restart_of_a_number_is_refused",
	  .file = "{\"devices\": [{\"type\": \"mouse\"}], \"restart\": 5}",
	  USAGE "FILE:1:45: restart must be" },
};
/* clang-format on */

/* says, with FILE replaced by a path. */
static void expand(char *out, size_t size, const char *says, const char *path)
{
	const char *hole = strstr(says, "FILE");

	if (!hole)
		snprintf(out, size, "%s", says);
	else
		snprintf(out, size, "%.*s%s%s", (int)(hole - says), says, path,
			 hole + 4);
}

static void is_refused(void **state)
{
	struct launch_test *t = *state;
	const struct bad *bad = t->rig->row;
	char path[64], says[200];

	snprintf(path, sizeof(path), "%s/f.json", t->rig->dir);
	if (bad->file) {
		file_write(path, "%s", bad->file);
		launch_arg(t, "--file=%s", path);
	}
	for (size_t i = 0; i < ARGS_MAX && bad->args[i]; i++)
		launch_arg(t, "%s", bad->args[i]);
	expand(says, sizeof(says), bad->says, path);
	assert_num(launch_run_process(&t->launcher), bad->status);
	if (!strstr(t->launcher.err.text, says))
		fail_msg("no \"%s\" in \"%s\"", says, t->launcher.err.text);
	assert_num(process_lines(t->launcher.err.text), 1);
	assert_num(strncmp(t->launcher.err.text, "vinput-launch: ", 15), 0);
	launch_expect_nothing_left(t);
}

/* --- what needs more than a command line --- */

static void stdin_is_read_for_one_device(void **state)
{
	struct launch_test *t = *state;
	char path[64];
	FILE *spec;

	snprintf(path, sizeof(path), "%s/spec.json", t->rig->dir);
	file_write(path, "{\"name\": \"P\"}");
	spec = fopen(path, "re");
	assert_non_null(spec);
	t->launcher.in = fileno(spec);
	launch_arg(t, "--device=a=-");
	launch_arg(t, "--device=b=-");
	assert_num(launch_run_process(&t->launcher), 2);
	assert_string_equal(t->launcher.err.text,
			    "vinput-launch: --device: standard input is "
			    "already in use\n");
	fclose(spec);
	launch_expect_nothing_left(t);
}

static void a_malformed_spec_is_reported_by_the_server(void **state)
{
	struct launch_test *t = *state;
	char path[64];

	snprintf(path, sizeof(path), "%s/bad.json", t->rig->dir);
	file_write(path, "{\n  \"name\": 5\n}\n");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--device=x=%s", path);
	launch_arg(t, "--log-level=error");
	assert_num(launch_run_process(&t->launcher), 1);
	assert_num(process_lines(t->launcher.err.text), 1);
	assert_num(process_log_count(&t->launcher, "bad.json:2:11: error: "),
		   1);
	launch_expect_nothing_left(t);
}

static void a_spec_of_no_utf8_path_is_refused(void **state)
{
	struct launch_test *t = *state;
	char path[64];

	snprintf(path, sizeof(path), "%s/\xff", t->rig->dir);
	assert_sys(mkdir(path, 0700));
	strcat(path, "/f");
	file_write(path, "{\"devices\": [{\"spec\": \"./s.json\"}]}");
	launch_arg(t, "--file=%s", path);
	assert_num(launch_run_process(&t->launcher), 1);
	if (!strstr(t->launcher.err.text,
		    "/\xff/f: the absolute path of a spec or device must be "
		    "UTF-8\n"))
		fail_msg("%s", t->launcher.err.text);
	launch_expect_nothing_left(t);
}

/* A file's specs are beside it, wherever it is launched from. */
static void a_file_finds_specs_beside_it(void **state)
{
	struct launch_test *t = *state;
	char path[64], command[300];

	snprintf(path, sizeof(path), "%s/f.json", t->rig->dir);
	file_write(path, "{\"devices\": [{\"spec\": \"./s.json\", "
			 "\"label\": \"x\", \"name\": \"Mine\"}]}");
	snprintf(command, sizeof(command),
		 "cp %s/tests/wire/specs/keyboard.json %s/s.json", test_root(),
		 t->rig->dir);
	assert_num(system(command), 0);
	launch_arg(t, "--file=%s", path);
	launch_start(t);
	assert_num(process_log_count(&t->launcher, "x: serving \"Mine\""), 1);
	launch_end(t);
}

static void a_file_finds_recordings_beside_it(void **state)
{
	struct launch_test *t = *state;
	char path[64], command[300];

	snprintf(path, sizeof(path), "%s/f.json", t->rig->dir);
	file_write(path, "{\"devices\": [{\"spec\": \"r.evemu\", "
			 "\"label\": \"x\", \"name\": \"Mine\"}]}");
	snprintf(command, sizeof(command),
		 "cp %s/tests/data/inject/two-keys.evemu %s/r.evemu",
		 test_root(), t->rig->dir);
	assert_num(system(command), 0);
	launch_arg(t, "--file=%s", path);
	launch_start(t);
	assert_num(process_log_count(&t->launcher, "x: serving \"Mine\""), 1);
	launch_end(t);
}

static void a_directory_is_not_taken_for_a_spec_of_its_name(void **state)
{
	struct launch_test *t = *state;
	char *command;

	assert_sys(asprintf(&command,
			    "cd '%s' && mkdir keyboard && "
			    "'%s/vhost-user-input' --spec=keyboard "
			    "--check-spec >spec",
			    t->rig->dir, test_bin_dir()));
	assert_num(system(command), 0);
	free(command);
}

static void a_path_too_long_for_a_socket_is_refused(void **state)
{
	struct launch_test *t = *state;
	char label[] = "a_label_of_almost_32_bytes____";
	struct process p;
	char dir[120];
	int len = snprintf(dir, sizeof(dir), "%s/", t->rig->dir);

	/* DIR/control fits, DIR/LABEL.inject does not. */
	memset(dir + len, 'd', 90 - (size_t)len);
	dir[90] = '\0';
	process_init(&p, "vinput-launch");
	process_arg(&p, "--dir=%s", dir);
	process_arg(&p, "--device=%s=keyboard", label);
	assert_num(launch_run_process(&p), 1);
	assert_num(process_log_count(&p, "a socket's path has at most"), 1);
	assert_num(process_log_count(&p, label), 1);
	assert_num(process_lines(p.err.text), 1);
	process_fini(&p);
	assert_num(access(dir, F_OK), -1);
}

static void a_socket_of_somebody_else_is_left_alone(void **state)
{
	struct launch_test *t = *state;
	char path[64];
	int fd;

	assert_sys(mkdir(t->place, 0700));
	snprintf(path, sizeof(path), "%s/keyboard.sock", t->place);
	fd = rig_unix_listen(path, SOCK_STREAM);
	launch_arg(t, "--keyboard");
	assert_num(launch_run_process(&t->launcher), 1);
	assert_num(process_log_count(&t->launcher,
				     "keyboard.sock: another process listens"),
		   1);
	assert_num(access(path, F_OK), 0);
	close(fd);
	snprintf(path, sizeof(path), "%s/control", t->place);
	assert_num(access(path, F_OK), -1);
}

/* Of the injection sockets, too, which the server creates. */
static void an_injection_socket_of_somebody_else_is_left_alone(void **state)
{
	struct launch_test *t = *state;
	char path[64];
	int fd;

	assert_sys(mkdir(t->place, 0700));
	snprintf(path, sizeof(path), "%s/keyboard.inject", t->place);
	fd = rig_unix_listen(path, SOCK_STREAM);
	launch_arg(t, "--keyboard");
	assert_num(launch_run_process(&t->launcher), 1);
	assert_num(process_log_count(&t->launcher, "keyboard: host: cannot "
						   "listen at "),
		   1);
	assert_num(process_log_count(&t->launcher, "keyboard.inject is in use; "
						   "waiting 2 s"),
		   1);
	assert_num(process_lines(t->launcher.err.text), 2);
	assert_num(access(path, F_OK), 0);
	close(fd);
}

static void a_command_without_a_launcher_fails(void **state)
{
	struct launch_test *t = *state;
	struct process p;

	process_init(&p, "vinput-launch");
	process_arg(&p, "--control=%s", t->place);
	process_arg(&p, "list");
	assert_num(launch_run_process(&p), 1);
	assert_num(process_log_count(&p, "no launcher is running"), 1);
	process_fini(&p);
	process_init(&p, "vinput-launch");
	process_arg(&p, "--control=%s", t->place);
	process_arg(&p, "lsit");
	assert_num(launch_run_process(&p), 2);
	assert_num(process_log_count(
			   &p, "unknown command lsit; did you mean list?"),
		   1);
	process_fini(&p);
}

/* --- arguments for VMMs --- */

static void expect_args(struct launch_test *t, const char *vmm,
			const char *expected, const char *note)
{
	char *text;

	launch_arg(t, "--display=5x5");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--memory=2G");
	launch_arg(t, "--print-args=%s", vmm);
	assert_num(launch_run_process(&t->launcher), 0);
	assert_sys(asprintf(&text, expected, t->place, t->place));
	assert_string_equal(process_stdout(&t->launcher), text);
	free(text);
	assert_string_equal(t->launcher.err.text, note);
	launch_expect_nothing_left(t);
}

static void arguments_for_crosvm_have_sockets(void **state)
{
	expect_args(
		*state, "crosvm",
		"--vhost-user-connect-timeout-ms=30000\n"
		"--vhost-user=input,socket=%s/touch_0.sock,max-queue-size=256\n"
		"--vhost-user=input,socket=%s/keyboard.sock,"
		"max-queue-size=256\n",
		"vinput-launch: note: the memory of crosvm's guests is always "
		"shared; give crosvm its size with --mem\n");
}

static void arguments_for_qemu_have_sockets_and_memory(void **state)
{
	expect_args(*state, "qemu",
		    "-m\n2G\n-object\n"
		    "memory-backend-memfd,id=vinput-ram,size=2G,share=on\n"
		    "-machine\nmemory-backend=vinput-ram\n"
		    "-chardev\nsocket,id=vinput-touch_0,path=%s/touch_0.sock\n"
		    "-device\nvhost-user-input-pci,chardev=vinput-touch_0\n"
		    "-chardev\nsocket,id=vinput-keyboard,"
		    "path=%s/keyboard.sock\n"
		    "-device\nvhost-user-input-pci,chardev=vinput-keyboard\n",
		    "");
}

static void arguments_for_qemu_have_screens(void **state)
{
	struct launch_test *t = *state;
	char *text;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--display=unix:/run/vm,1=x/vnc");
	launch_arg(t, "--display=second=[::1]:5907");
	launch_arg(t, "--print-args=qemu");
	assert_num(launch_run_process(&t->launcher), 0);
	assert_sys(asprintf(&text,
			    "-chardev\nsocket,id=vinput-keyboard,"
			    "path=%s/keyboard.sock\n"
			    "-device\nvhost-user-input-pci,"
			    "chardev=vinput-keyboard\n"
			    "-vnc\nunix:/run/vm,,1=x/vnc\n-vnc\n[::1]:7\n",
			    t->place));
	assert_string_equal(process_stdout(&t->launcher), text);
	free(text);
}

static void arguments_for_qemu_have_a_password(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--display=unix:/run/vm/vnc");
	launch_arg(t, "--display-password=/run/vm,1/password");
	launch_arg(t, "--print-args=qemu");
	assert_num(launch_run_process(&t->launcher), 0);
	assert_non_null(strstr(
		process_stdout(&t->launcher),
		"-object\nsecret,id=vinput-vnc,file=/run/vm,,1/password\n"
		"-vnc\nunix:/run/vm/vnc,password-secret=vinput-vnc\n"));
}

static void arguments_for_qemu_with_vfio_user_have_screens(void **state)
{
	struct launch_test *t = *state;
	char *text;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--display=unix:/run/vm,1=x/vnc");
	launch_arg(t, "--print-args=qemu-vfio-user");
	assert_num(launch_run_process(&t->launcher), 0);
	assert_sys(asprintf(&text,
			    "-device\n{\"driver\":\"vfio-user-pci\","
			    "\"id\":\"vinput-keyboard\",\"socket\":{\"type\":"
			    "\"unix\",\"path\":\"%s/keyboard.vfio\"}}\n"
			    "-vnc\nunix:/run/vm,,1=x/vnc\n",
			    t->place));
	assert_string_equal(process_stdout(&t->launcher), text);
	free(text);
}

static void arguments_for_cloud_hypervisor_have_sockets_and_memory(void **state)
{
	expect_args(*state, "cloud-hypervisor",
		    "--memory\nsize=2G,shared=on\n"
		    "--generic-vhost-user\nsocket=%s/touch_0.sock,"
		    "device_type=input,queue_sizes=[256,256]\n"
		    "--generic-vhost-user\nsocket=%s/keyboard.sock,"
		    "device_type=input,queue_sizes=[256,256]\n",
		    "");
}

#define T(name) \
	cmocka_unit_test_setup_teardown(name, launch_setup, launch_teardown)

static const struct CMUnitTest others[] = {
	T(stdin_is_read_for_one_device),
	T(a_malformed_spec_is_reported_by_the_server),
	T(a_spec_of_no_utf8_path_is_refused),
	T(a_file_finds_specs_beside_it),
	T(a_file_finds_recordings_beside_it),
	T(a_directory_is_not_taken_for_a_spec_of_its_name),
	T(a_path_too_long_for_a_socket_is_refused),
	T(a_socket_of_somebody_else_is_left_alone),
	T(an_injection_socket_of_somebody_else_is_left_alone),
	T(a_command_without_a_launcher_fails),
	T(arguments_for_crosvm_have_sockets),
	T(arguments_for_qemu_have_sockets_and_memory),
	T(arguments_for_qemu_have_screens),
	T(arguments_for_qemu_have_a_password),
	T(arguments_for_qemu_with_vfio_user_have_screens),
	T(arguments_for_cloud_hypervisor_have_sockets_and_memory),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(bads) + ARRAY_LEN(others)];

	CASES(tests, bads, T(is_refused));
	memcpy(tests + ARRAY_LEN(bads), others, sizeof(others));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
