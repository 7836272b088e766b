/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vhost-user-input: what it rejects (one line, exit status
 * 2), what it prints, how it creates and finds its sockets.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/rig.h"

#define ARGS_MAX 8

/* "SPEC" stands for --spec= of the wire keyboard; fd 0 is /dev/null. */
struct usage {
	const char *name;
	const char *args[ARGS_MAX];
};

static const struct usage usage[] = {
	{ "nothing_is_refused", { NULL } },
	{ "no_spec_is_refused", { "--fd=0" } },
	{ "no_front_end_socket_is_refused", { "SPEC" } },
	{ "unknown_option_is_refused", { "SPEC", "--fd=0", "--frobnicate" } },
	{ "unknown_short_option_is_refused", { "SPEC", "--fd=0", "-x" } },
	{ "argument_that_is_no_option_is_refused",
	  { "SPEC", "--fd=0", "keyboard" } },
	{ "option_without_its_value_is_refused", { "SPEC", "--socket-path" } },
	{ "flag_with_a_value_is_refused",
	  { "SPEC", "--fd=0", "--check-spec=1" } },
	{ "socket_path_and_fd_exclude_each_other",
	  { "SPEC", "--fd=0", "--socket-path=/nonexistent/s" } },
	{ "vfio_and_socket_path_exclude_each_other",
	  { "SPEC", "--vfio=0000:00:05.0", "--socket-path=/nonexistent/s" } },
	{ "vfio_and_fd_exclude_each_other",
	  { "SPEC", "--vfio=0000:00:05.0", "--fd=0" } },
	{ "vfio_and_postcopy_exclude_each_other",
	  { "SPEC", "--vfio=0000:00:05.0", "--postcopy" } },
	{ "vfio_and_evdev_path_exclude_each_other",
	  { "--evdev-path=/dev/input/event0", "--vfio=0000:00:05.0" } },
	{ "fd_and_socket_fd_exclude_each_other",
	  { "SPEC", "--fd=0", "--socket-fd=0" } },
	{ "spec_and_device_config_exclude_each_other",
	  { "SPEC", "--device-config=x", "--fd=0" } },
	{ "spec_and_evdev_path_exclude_each_other",
	  { "SPEC", "--evdev-path=/dev/input/event0", "--fd=0" } },
	{ "no_grab_without_evdev_path_is_refused",
	  { "SPEC", "--no-grab", "--fd=0" } },
	{ "empty_evdev_path_is_refused", { "--evdev-path=", "--fd=0" } },
	{ "evdev_path_needs_a_socket", { "--evdev-path=/dev/input/event0" } },
	{ "set_does_not_go_with_evdev_path",
	  { "--evdev-path=/dev/input/event0", "--fd=0", "--set=A=1" } },
	{ "fd_that_is_no_number_is_refused", { "SPEC", "--fd=x" } },
	{ "empty_fd_is_refused", { "SPEC", "--fd=" } },
	{ "negative_fd_is_refused", { "SPEC", "--fd=-1" } },
	{ "fd_with_trailing_text_is_refused", { "SPEC", "--fd=0x" } },
	{ "fd_past_int_is_refused", { "SPEC", "--fd=99999999999" } },
	{ "fd_that_was_not_inherited_is_refused", { "SPEC", "--fd=321" } },
	{ "inject_fd_that_was_not_inherited_is_refused",
	  { "SPEC", "--fd=0", "--inject-fd=321" } },
	{ "inject_fd_given_twice_is_refused",
	  { "SPEC", "--fd=0", "--inject-fd=1", "--inject-fd=1" } },
	{ "inject_fd_that_is_the_front_ends_is_refused",
	  { "SPEC", "--fd=0", "--inject-fd=0" } },
	{ "state_fd_that_is_the_front_ends_is_refused",
	  { "SPEC", "--fd=0", "--state-fd=0" } },
	{ "ready_fd_that_was_not_inherited_is_refused",
	  { "SPEC", "--fd=0", "--ready-fd=321" } },
	{ "ready_fd_that_is_no_number_is_refused",
	  { "SPEC", "--fd=0", "--ready-fd=x" } },
	{ "ready_fd_that_is_the_front_ends_is_refused",
	  { "SPEC", "--fd=0", "--ready-fd=0" } },
	{ "ready_fd_that_is_an_injectors_is_refused",
	  { "SPEC", "--fd=0", "--inject-fd=1", "--ready-fd=1" } },
	{ "ready_fd_that_is_the_logs_is_refused",
	  { "SPEC", "--fd=0", "--ready-fd=2" } },
	{ "ready_fd_that_takes_status_events_is_refused",
	  { "--device-config=x", "--socket-path=/nonexistent/s",
	    "--ready-fd=1" } },
	{ "socket_mode_that_is_not_octal_is_refused",
	  { "SPEC", "--fd=0", "--socket-mode=0689" } },
	{ "socket_mode_past_0777_is_refused",
	  { "SPEC", "--fd=0", "--socket-mode=1777" } },
	{ "socket_group_that_does_not_exist_is_refused",
	  { "SPEC", "--fd=0", "--socket-group=no-such-group" } },
	{ "unknown_shared_memory_is_refused",
	  { "SPEC", "--fd=0", "--shared-memory=maybe" } },
	{ "unknown_sandbox_is_refused", { "SPEC", "--fd=0", "--sandbox=yes" } },
	{ "user_that_does_not_exist_is_refused",
	  { "SPEC", "--fd=0", "--user=no-such-user" } },
	{ "group_that_does_not_exist_is_refused",
	  { "SPEC", "--fd=0", "--group=no-such-group" } },
	{ "user_without_a_group_is_refused",
	  { "SPEC", "--fd=0", "--user=54321" } },
	{ "injectors_user_that_does_not_exist_is_refused",
	  { "SPEC", "--fd=0", "--inject-path=/nonexistent/i",
	    "--inject-allow-uid=0,no-such-user" } },
	{ "injectors_group_that_does_not_exist_is_refused",
	  { "SPEC", "--fd=0", "--inject-path=/nonexistent/i",
	    "--inject-allow-gid=no-such-group" } },
	{ "empty_list_of_injectors_is_refused",
	  { "SPEC", "--fd=0", "--inject-path=/nonexistent/i",
	    "--inject-allow-uid=" } },
	{ "list_of_injectors_without_their_path_is_refused",
	  { "SPEC", "--fd=0", "--inject-allow-uid=0" } },
	{ "unknown_log_level_is_refused",
	  { "SPEC", "--fd=0", "--log-level=loud" } },
	{ "set_without_a_value_is_refused", { "SPEC", "--fd=0", "--set=W" } },
	{ "set_given_twice_is_refused",
	  { "SPEC", "--fd=0", "--set=W=1", "--set=W=2" } },
	{ "name_of_64_bytes_is_refused",
	  { "SPEC", "--check-spec",
	    "--name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } },
	{ "serial_that_is_not_utf_8_is_refused",
	  { "SPEC", "--check-spec", "--serial=\xff\xfe" } },
};

static void add_args(struct rig *rig, const char *const *args)
{
	for (size_t i = 0; i < ARGS_MAX && args[i]; i++) {
		if (strcmp(args[i], "SPEC") == 0)
			rig_spec(rig, "keyboard");
		else
			process_arg(&rig->srv, "%s", args[i]);
	}
}

/* Run it until it exits. Return: its exit status. */
static int run(struct rig *rig, const char *const *args)
{
	rig->unclean = true;
	process_capture(&rig->srv);
	add_args(rig, args);
	process_start(&rig->srv);
	return process_wait(&rig->srv);
}

static void is_refused(void **state)
{
	struct rig *rig = *state;
	const struct usage *row = rig->row;

	assert_num(run(rig, row->args), 2);
	assert_num(process_lines(rig->srv.err.text), 1);
	assert_num(process_log_count(&rig->srv, "vhost-user-input: "), 1);
	assert_string_equal(process_stdout(&rig->srv), "");
}

#define RUN(rig, ...) run(rig, (const char *const[ARGS_MAX]){ __VA_ARGS__ })

static void help_names_every_option(void **state)
{
	static const char *const names[] = {
		"--socket-path", "--socket-mode", "--socket-group",
		"--fd",		 "--spec",	  "--set",
		"--name",	 "--serial",	  "--inject-fd",
		"--inject-path", "--socket-fd",	  "--device-config",
		"--verbosity",	 "--check-spec",  "--print-capabilities",
		"--log-level",	 "--help",	  "--version",
	};
	struct rig *rig = *state;

	assert_num(RUN(rig, "--help"), 0);
	assert_string_equal(rig->srv.err.text, "");
	const char *help = process_stdout(&rig->srv);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strstr(help, names[i]))
			fail_msg("%s is missing in:\n%s", names[i], help);
	}
}

static void version_is_one_line(void **state)
{
	struct rig *rig = *state;

	assert_num(RUN(rig, "--version"), 0);
	assert_num(process_lines(process_stdout(&rig->srv)), 1);
}

static void capabilities_are_json(void **state)
{
	struct rig *rig = *state;

	assert_num(RUN(rig, "--print-capabilities"), 0);
	json_t *json = json_loads(process_stdout(&rig->srv), 0, NULL);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "type")),
			    "input");
	json_t *features = json_pack("[s, s]", "evdev-path", "no-grab");
	assert_true(json_equal(json_object_get(json, "features"), features));
	json_decref(features);
	json_decref(json);
}

/* "All other options are ignored", wrong ones too. */
static void capabilities_ignore_other_options(void **state)
{
	struct rig *rig = *state;

	assert_num(RUN(rig, "--fd=x", "--print-capabilities", "--spec=/none"),
		   0);
	assert_num(process_lines(process_stdout(&rig->srv)), 1);
}

static void check_spec_prints_the_device(void **state)
{
	struct rig *rig = *state;

	assert_num(RUN(rig, "SPEC", "--check-spec"), 0);
	const char *text = process_stdout(&rig->srv);
	assert_non_null(strstr(text, "Input device name: \"wire keyboard\""));
	assert_non_null(strstr(text, "bus 0x3 vendor 0x1234 product 0x5678"));
	assert_non_null(strstr(text, "    Event code 30 (KEY_A)\n"));
	assert_string_equal(rig->srv.err.text, "");
}

static void check_spec_shows_name_and_serial_of_the_command_line(void **state)
{
	struct rig *rig = *state;

	assert_num(RUN(rig, "SPEC", "--check-spec", "--name=Other",
		       "--serial=0815"),
		   0);
	const char *text = process_stdout(&rig->srv);
	assert_non_null(strstr(text, "Input device name: \"Other\""));
	assert_non_null(strstr(text, "\"0815\""));
}

static void options_take_their_value_after_a_space(void **state)
{
	struct rig *rig = *state;

	assert_num(RUN(rig, "SPEC", "--check-spec", "--name", "Other",
		       "--serial", "0815", "--log-level"),
		   2);
	rig_teardown(state);
	*state = NULL;
	rig_setup(state);
	rig = *state;
	assert_num(RUN(rig, "SPEC", "--check-spec", "--name", "Other"), 0);
	assert_non_null(strstr(process_stdout(&rig->srv), "\"Other\""));
}

static void a_bare_name_is_a_shipped_spec(void **state)
{
	struct rig *rig = *state;

	assert_num(RUN(rig, "--spec=keyboard", "--check-spec"), 0);
	assert_non_null(strstr(process_stdout(&rig->srv), "(KEY_A)"));
}

static void placeholders_are_filled_in(void **state)
{
	struct rig *rig = *state;

	assert_num(RUN(rig, "--spec=multi-touchscreen", "--set=WIDTH=1234",
		       "--set", "HEIGHT=777", "--check-spec"),
		   0);
	const char *text = process_stdout(&rig->srv);
	assert_non_null(strstr(text, "Max     1233\n"));
	assert_non_null(strstr(text, "Max      776\n"));
}

/* FILE:LINE:COLUMN, and nothing was created before. */
static void a_wrong_spec_is_reported_with_its_place(void **state)
{
	struct rig *rig = *state;
	char path[64], place[160];
	struct stat st;

	snprintf(path, sizeof(path), "%s/bad.json", rig->dir);
	file_write(path, "{\n  \"name\": \"x\",\n  \"events\": 7\n}\n");
	snprintf(place, sizeof(place), "%s:3:", path);
	process_arg(&rig->srv, "--spec=%s", path);
	process_arg(&rig->srv, "--socket-path=%s", rig->socket);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	assert_num(RUN(rig, NULL), 1);
	assert_num(process_log_count(&rig->srv, place), 1);
	assert_num(stat(rig->socket, &st), -1);
	assert_num(stat(rig->inject_path, &st), -1);
}

static void a_missing_spec_is_reported(void **state)
{
	struct rig *rig = *state;

	assert_num(RUN(rig, "--spec=/nonexistent/spec.json", "--check-spec"),
		   1);
	assert_num(process_log_count(&rig->srv, "/nonexistent/spec.json"), 1);
	assert_num(process_lines(rig->srv.err.text), 1);
}

static void front_end_fd_that_is_no_socket_is_refused(void **state)
{
	struct rig *rig = *state;

	assert_num(RUN(rig, "SPEC", "--fd=0"), 1);
	assert_num(process_lines(rig->srv.err.text), 1);
}

static void inject_fd_that_is_a_directory_is_refused(void **state)
{
	struct rig *rig = *state;
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	rig->unclean = true;
	assert_sys(fd);
	process_arg(&rig->srv, "--inject-fd=%d", fd);
	process_keep_fd(&rig->srv, fd);
	rig_spec(rig, "keyboard");
	rig_listen(rig);
	process_start(&rig->srv);
	assert_num(process_wait(&rig->srv), 1);
	assert_num(process_lines(rig->srv.err.text), 1);
	close(fd);
}

/* Start with --socket-path and wait until it listens. */
static void serve_at_path(struct rig *rig)
{
	process_arg(&rig->srv, "--socket-path=%s", rig->socket);
	rig_spec(rig, "keyboard");
	rig_injector(rig, SOCK_STREAM);
	process_start(&rig->srv);
	process_expect_log(&rig->srv, "serving");
}

static unsigned int mode_of(const char *path)
{
	struct stat st;

	assert_sys(stat(path, &st));
	assert_true(S_ISSOCK(st.st_mode));
	return st.st_mode & 07777;
}

static void socket_path_is_made_and_removed(void **state)
{
	struct rig *rig = *state;
	struct stat st;

	serve_at_path(rig);
	assert_num(mode_of(rig->socket), 0600);
	rig_expect_serves(rig);
	assert_num(process_terminate(&rig->srv), 0);
	assert_num(stat(rig->socket, &st), -1);
}

static void sigint_removes_the_socket_file(void **state)
{
	struct rig *rig = *state;
	struct stat st;

	serve_at_path(rig);
	assert_sys(kill(rig->srv.pid, SIGINT));
	assert_num(process_wait(&rig->srv), 0);
	assert_num(stat(rig->socket, &st), -1);
}

static void socket_mode_is_heeded(void **state)
{
	struct rig *rig = *state;

	umask(077);
	process_arg(&rig->srv, "--socket-mode=0666");
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	serve_at_path(rig);
	assert_num(mode_of(rig->socket), 0666);
	assert_num(mode_of(rig->inject_path), 0666);
}

static void socket_mode_is_0600_whatever_the_umask(void **state)
{
	struct rig *rig = *state;

	umask(0);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	serve_at_path(rig);
	umask(022);
	assert_num(mode_of(rig->socket), 0600);
	assert_num(mode_of(rig->inject_path), 0600);
}

/* To a group of ours, which needs no privilege. */
static void socket_group_is_heeded(void **state)
{
	struct rig *rig = *state;
	gid_t groups[64];
	struct stat st;
	int n = getgroups(64, groups);
	gid_t gid = n > 0 ? groups[n - 1] : getgid();

	process_arg(&rig->srv, "--socket-group=%u", gid);
	process_arg(&rig->srv, "--socket-mode=0660");
	serve_at_path(rig);
	assert_num(mode_of(rig->socket), 0660);
	assert_sys(stat(rig->socket, &st));
	assert_num(st.st_gid, gid);
}

static void a_stale_socket_file_is_replaced(void **state)
{
	struct rig *rig = *state;

	close(rig_unix_listen(rig->socket, SOCK_STREAM));
	serve_at_path(rig);
	rig_expect_serves(rig);
}

static void a_killed_servers_socket_file_is_replaced(void **state)
{
	struct rig *rig = *state;

	serve_at_path(rig);
	assert_sys(kill(rig->srv.pid, SIGKILL));
	assert_num(process_wait(&rig->srv), 128 + SIGKILL);
	process_fini(&rig->srv);
	close(rig->inject[--rig->n_inject]);
	process_init(&rig->srv, "vhost-user-input");
	serve_at_path(rig);
	rig_expect_serves(rig);
}

static void socket_path_is_refused_in(struct rig *rig, size_t lines)
{
	rig->unclean = true;
	process_arg(&rig->srv, "--socket-path=%s", rig->socket);
	rig_spec(rig, "keyboard");
	process_start(&rig->srv);
	assert_num(process_wait(&rig->srv), 1);
	assert_num(process_lines(rig->srv.err.text), lines);
}

static void socket_path_is_refused(struct rig *rig)
{
	socket_path_is_refused_in(rig, 1);
}

static void a_live_socket_is_left_alone(void **state)
{
	struct rig *rig = *state;
	int live = rig_unix_listen(rig->socket, SOCK_STREAM);

	/* First that it waits. */
	socket_path_is_refused_in(rig, 2);
	close(rig_unix_connect(rig->socket, SOCK_STREAM));
	close(live);
}

static void a_regular_file_is_left_alone(void **state)
{
	struct rig *rig = *state;
	struct stat st;

	file_write(rig->socket, "precious");
	socket_path_is_refused(rig);
	assert_sys(stat(rig->socket, &st));
	assert_true(S_ISREG(st.st_mode));
	assert_num(st.st_size, 8);
}

static void a_symbolic_link_is_left_alone(void **state)
{
	struct rig *rig = *state;
	struct stat st;

	assert_sys(symlink("/nonexistent/target", rig->socket));
	socket_path_is_refused(rig);
	assert_sys(lstat(rig->socket, &st));
	assert_true(S_ISLNK(st.st_mode));
}

/* A program in a build folder looks for specs beside that. */
static void a_folder_without_specs_is_named(void **state)
{
	struct rig *rig = *state;
	struct process p;
	char command[400], says[200];

	snprintf(command, sizeof(command),
		 "cd %s && mkdir -p specs build/x && "
		 "cp %s/vhost-user-input build/x && "
		 "touch specs/device.schema.json",
		 rig->dir, test_bin_dir());
	assert_num(system(command), 0);
	process_init(&p, "vhost-user-input");
	free(p.argv[0]);
	assert_sys(
		asprintf(&p.argv[0], "%s/build/x/vhost-user-input", rig->dir));
	process_arg(&p, "--spec=keyboard");
	process_arg(&p, "--check-spec");
	process_start(&p);
	assert_num(process_wait(&p), 1);
	snprintf(says, sizeof(says),
		 "vhost-user-input: --spec=keyboard: no such spec in %s/specs; "
		 "available: none\n",
		 rig->dir);
	assert_string_equal(p.err.text, says);
	process_fini(&p);
}

static void a_path_in_no_directory_is_refused(void **state)
{
	struct rig *rig = *state;

	strcpy(rig->socket, "/nonexistent/dir/vhost");
	socket_path_is_refused(rig);
}

static void a_path_of_108_bytes_is_refused(void **state)
{
	struct rig *rig = *state;
	char name[109] = "/tmp/";

	rig->unclean = true;
	memset(name + 5, 'x', 103);
	process_arg(&rig->srv, "--socket-path=%s", name);
	rig_spec(rig, "keyboard");
	process_start(&rig->srv);
	assert_num(process_wait(&rig->srv), 1);
	assert_num(process_lines(rig->srv.err.text), 1);
}

/* A socket that the server did not create stays. */
static void a_socket_file_of_somebody_else_is_not_removed(void **state)
{
	struct rig *rig = *state;

	serve_at_path(rig);
	assert_sys(unlink(rig->socket));
	int other = rig_unix_listen(rig->socket, SOCK_STREAM);
	assert_num(process_terminate(&rig->srv), 0);
	close(rig_unix_connect(rig->socket, SOCK_STREAM));
	close(other);
}

/* QEMU's convention; the server ends with that front-end. */
static void connected_fd_serves_one_front_end(void **state)
{
	struct rig *rig = *state;
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	process_arg(&rig->srv, "--fd=%d", fd[1]);
	process_keep_fd(&rig->srv, fd[1]);
	rig_spec(rig, "keyboard");
	rig_injector(rig, SOCK_STREAM);
	process_start(&rig->srv);
	close(fd[1]);
	fe_attach(&rig->fe, fd[0]);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, 16));
	fe_post_buffers(&rig->fe, 16);
	assert_ok(fe_start(&rig->fe));
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_disconnect(rig);
	assert_num(process_wait(&rig->srv), 0);
}

static void listen_fds_hand_over_a_listening_socket(void **state)
{
	struct rig *rig = *state;

	rig->listen_fd = rig_unix_listen(rig->socket, SOCK_STREAM);
	process_keep_fd(&rig->srv, rig->listen_fd);
	rig->srv.listen_fds = true;
	rig_spec(rig, "keyboard");
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	process_start(&rig->srv);
	process_expect_log(&rig->srv, "serving");
	rig->inject[rig->n_inject++] =
		rig_unix_connect(rig->inject_path, SOCK_STREAM);
	rig_expect_serves(rig);
	/* The service manager's file is the service manager's to remove. */
	assert_num(process_terminate(&rig->srv), 0);
	mode_of(rig->socket);
}

static void listen_fds_of_another_process_are_ignored(void **state)
{
	struct rig *rig = *state;

	rig->unclean = true;
	assert_sys(asprintf(&rig->srv.env, "LISTEN_PID=1"));
	rig_spec(rig, "keyboard");
	process_start(&rig->srv);
	assert_num(process_wait(&rig->srv), 2);
}

static void log_level_off_says_nothing(void **state)
{
	struct rig *rig = *state;
	struct fe_msg bad = fe_msg(99);

	process_arg(&rig->srv, "--log-level=off");
	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_send(&rig->fe, &bad));
	assert_rc(fe_recv(&rig->fe, &bad), FE_E_CLOSED);
	assert_num(process_terminate(&rig->srv), 0);
	assert_string_equal(rig->srv.err.text, "");
}

/* What somebody types is private. */
static void key_codes_are_not_logged(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--log-level=trace");
	rig->lines.frontend = rig->lines.guest = rig->lines.injector = -1;
	rig_run(rig, "keyboard", 16);
	inject(rig, KEY(KEY_MICMUTE, 1), SYN, KEY(KEY_MICMUTE, 0), SYN);
	expect(rig, KEY(KEY_MICMUTE, 1), SYN, KEY(KEY_MICMUTE, 0), SYN);
	assert_num(process_terminate(&rig->srv), 0);
	assert_num(process_log_count(&rig->srv, "248"), 0);
	assert_num(process_log_count(&rig->srv, "MICMUTE"), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

static const struct CMUnitTest plain[] = {
	T(help_names_every_option),
	T(version_is_one_line),
	T(capabilities_are_json),
	T(capabilities_ignore_other_options),
	T(check_spec_prints_the_device),
	T(check_spec_shows_name_and_serial_of_the_command_line),
	T(options_take_their_value_after_a_space),
	T(a_bare_name_is_a_shipped_spec),
	T(placeholders_are_filled_in),
	T(a_wrong_spec_is_reported_with_its_place),
	T(a_missing_spec_is_reported),
	T(front_end_fd_that_is_no_socket_is_refused),
	T(inject_fd_that_is_a_directory_is_refused),
	T(socket_path_is_made_and_removed),
	T(sigint_removes_the_socket_file),
	T(socket_mode_is_heeded),
	T(socket_mode_is_0600_whatever_the_umask),
	T(socket_group_is_heeded),
	T(a_stale_socket_file_is_replaced),
	T(a_killed_servers_socket_file_is_replaced),
	T(a_live_socket_is_left_alone),
	T(a_regular_file_is_left_alone),
	T(a_symbolic_link_is_left_alone),
	T(a_folder_without_specs_is_named),
	T(a_path_in_no_directory_is_refused),
	T(a_path_of_108_bytes_is_refused),
	T(a_socket_file_of_somebody_else_is_not_removed),
	T(connected_fd_serves_one_front_end),
	T(listen_fds_hand_over_a_listening_socket),
	T(listen_fds_of_another_process_are_ignored),
	T(log_level_off_says_nothing),
	T(key_codes_are_not_logged),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(usage)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), usage, T(is_refused));
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
