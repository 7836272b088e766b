/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-launch with real servers: what it starts, how to reach it, and
 * that nothing is left when it exits.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/lib/launch.h"

/* --- names, files, fds --- */

static void expect_socket(struct launch_test *t, const char *name)
{
	char path[100];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", t->place, name);
	assert_sys(stat(path, &st));
	assert_true(S_ISSOCK(st.st_mode));
	assert_num(st.st_mode & 0777, 0600);
}

static void sockets_have_cuttlefish_names_and_mode_0600(void **state)
{
	static const char *const names[] = {
		"keyboard", "mouse",   "touch_0", "touch_1",
		"touch_2",  "gamepad", "rotary",  "switches",
	};
	struct launch_test *t = *state;
	char name[40];

	launch_arg(t, "--touchpad=300x200");
	launch_arg(t, "--display=1080x2400");
	launch_arg(t, "--display=400x300");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_arg(t, "--gamepad");
	launch_arg(t, "--rotary");
	launch_arg(t, "--switches");
	launch_start(t);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(name, sizeof(name), "%s.sock", names[i]);
		expect_socket(t, name);
		snprintf(name, sizeof(name), "%s.inject", names[i]);
		expect_socket(t, name);
	}
	expect_socket(t, "control");
	launch_guest(t, "touch_2");
	launch_injector(t, "touch_2");
	inject(t->rig, ABS(ABS_X, 299), ABS(ABS_Y, 199), SYN);
	expect(t->rig, ABS(ABS_X, 299), ABS(ABS_Y, 199), SYN);
	launch_end(t);
}

static void sockets_have_the_mode_and_group_that_were_given(void **state)
{
	struct launch_test *t = *state;
	const gid_t gid = getuid() ? getgid() : 54321;
	char path[80];
	struct stat st;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--socket-mode=0640");
	launch_arg(t, "--socket-group=%u", gid);
	launch_start(t);
	snprintf(path, sizeof(path), "%s/keyboard.sock", t->place);
	assert_sys(stat(path, &st));
	assert_num(st.st_mode & 0777, 0640);
	assert_num(st.st_gid, gid);
}

static void a_device_can_be_of_a_spec_of_ones_own(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--device=numbers=%s/tests/wire/specs/keyboard.json",
		   test_root());
	launch_start(t);
	launch_guest(t, "numbers");
	launch_injector(t, "numbers");
	inject(t->rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	expect(t->rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	launch_end(t);
}

/* As deep as it can be before it is too large: the launcher writes it, too. */
static void a_spec_of_any_depth_is_refused_by_the_server(void **state)
{
	enum {
		DEPTH = 1000
	};
	struct launch_test *t = *state;
	char open[DEPTH + 1] = "", close[DEPTH + 1] = "";

	memset(open, '[', DEPTH);
	memset(close, ']', DEPTH);
	launch_arg(t, "--device=deep={\"name\":\"n\",\"events\":%s%s}", open,
		   close);
	process_start(&t->launcher);
	assert_num(process_wait(&t->launcher), 1);
	assert_num(process_log_count(&t->launcher, "nested too deeply"), 1);
	launch_expect_nothing_left(t);
}

/* With its user, and who may inject. */
static void each_device_is_confined_as_configured(void **state)
{
	struct launch_test *t = *state;
	char path[64], line[256], status[256] = "";

	launch_arg(t, "--keyboard");
	launch_arg(t, "--sandbox=off");
	launch_arg(t, "--inject-allow-gid=54321");
	if (!geteuid())
		launch_arg(t, "--user=nobody");
	launch_start(t);
	snprintf(path, sizeof(path), "/proc/%lld/status",
		 launch_number(t, "keyboard", "pid"));
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "Uid:", 4) || !strncmp(line, "Seccomp:", 8))
			strcat(status, line);
	fclose(file);
	assert_non_null(strstr(status, "Seccomp:\t0\n"));
	if (!geteuid())
		assert_non_null(strstr(status, "Uid:\t65534\t65534\t"));
	/* The launcher's user may inject in any case. */
	launch_guest(t, "keyboard");
	launch_injector(t, "keyboard");
	inject(t->rig, KEY(KEY_A, 1), SYN);
	expect(t->rig, KEY(KEY_A, 1), SYN);
	launch_end(t);
}

/* Return: the options that tune a device's server, as it was started. */
static const char *tuning_of(struct launch_test *t, const char *label)
{
	static const char *const options[] = {
		"--overflow=",	    "--stall-ms=", "--busy-poll=",
		"--shared-memory=", "--iommu",	   "--inband",
		"--postcopy",
	};
	static char text[256];
	char path[64], line[4096];
	size_t len;

	snprintf(path, sizeof(path), "/proc/%lld/cmdline",
		 launch_number(t, label, "pid"));
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	len = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	line[len] = *text = '\0';
	for (char *word = line; word < line + len; word += strlen(word) + 1)
		for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
			if (!strncmp(word, options[i], strlen(options[i])))
				strcat(strcat(text, word), " ");
	return text;
}

/* The largest values that the launcher accepts: the server must, too. */
static void tuning_reaches_each_device_unless_it_has_its_own(void **state)
{
	static const char file_text[] =
		"{\"devices\": [{\"type\": \"mouse\"}, {\"type\": \"rotary\", "
		"\"overflow\": \"fold\", \"stall_ms\": 1, \"busy_poll\": 0, "
		"\"shared_memory\": \"on\", "
		"\"iommu\": false, \"inband\": false, \"postcopy\": false}]}";
	struct launch_test *t = *state;
	char path[64];

	snprintf(path, sizeof(path), "%s/f.json", t->rig->dir);
	file_write(path, "%s", file_text);
	launch_arg(t, "--file=%s", path);
	launch_arg(t, "--keyboard");
	launch_arg(t, "--overflow=block");
	launch_arg(t, "--stall-ms=30000");
	launch_arg(t, "--busy-poll=100000");
	launch_arg(t, "--shared-memory=off");
	launch_arg(t, "--iommu");
	launch_arg(t, "--inband");
	launch_arg(t, "--postcopy");
	launch_start(t);
	assert_string_equal(tuning_of(t, "keyboard"),
			    "--overflow=block --stall-ms=30000 "
			    "--busy-poll=100000 --shared-memory=off "
			    "--iommu --inband --postcopy ");
	assert_string_equal(tuning_of(t, "mouse"),
			    "--overflow=block --stall-ms=30000 "
			    "--busy-poll=100000 --shared-memory=off "
			    "--iommu --inband --postcopy ");
	assert_string_equal(tuning_of(t, "rotary"),
			    "--overflow=fold --stall-ms=1 --busy-poll=0 "
			    "--shared-memory=on ");
	launch_end(t);
}

/* All of one kind come from one file, each with a label of its own. */
static void write_file_of_64(const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "{\"devices\": [");
	for (int i = 0; i < 64; i++)
		fprintf(file,
			"%s\n{\"spec\": \"keyboard\", \"label\": \"k%d\"}",
			i ? "," : "", i);
	fprintf(file, "]}\n");
	assert_num(fclose(file), 0);
}

static void sixty_four_devices_are_launched_used_and_ended(void **state)
{
	struct launch_test *t = *state;
	char path[64], label[16];

	snprintf(path, sizeof(path), "%s/64.json", t->rig->dir);
	write_file_of_64(path);
	launch_arg(t, "--file=%s", path);
	launch_arg(t, "--log-level=warning");
	process_start(&t->launcher);
	struct process wait;
	process_init(&wait, "vinput-launch");
	process_arg(&wait, "--wait=%s", t->place);
	process_arg(&wait, "--timeout=20");
	assert_num(launch_run_process(&wait), 0);
	process_fini(&wait);
	for (int i = 0; i < 64; i++) {
		snprintf(label, sizeof(label), "k%d", i);
		launch_guest(t, label);
		launch_injector(t, label);
		inject(t->rig, KEY(KEY_A + i % 8, 1), SYN);
		expect(t->rig, KEY(KEY_A + i % 8, 1), SYN);
	}
	launch_end(t);
}

static void a_streamer_gets_an_fd_for_each_device(void **state)
{
	struct launch_test *t = *state;
	int touch[2], env[4];
	char *said, *dir;

	launch_arg(t, "--touchpad=3x2");
	launch_arg(t, "--display=108x240");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_relay(t, 0, "{keyboard_fd}", "-t={touch_fds},{x}{dir}");
	launch_start(t);
	said = launch_accept_relay(t);
	/* touch_0 is the display, touch_1 the touchpad, in whatever order. */
	assert_num(sscanf(said,
			  "-t=%d,%d,{x}%*[^ ] VINPUT_FDS=touch_1=%d,touch_0=%d,"
			  "keyboard=%d,mouse=%d VINPUT_DIR=%ms",
			  &touch[0], &touch[1], &env[0], &env[1], &env[2],
			  &env[3], &dir),
		   7);
	assert_num(touch[0], env[1]);
	assert_num(touch[1], env[0]);
	assert_string_equal(dir, t->place);
	free(dir);
	free(said);
	launch_guest(t, "keyboard");
	inject(t->rig, KEY(KEY_Q, 1), SYN, KEY(KEY_Q, 0), SYN);
	expect(t->rig, KEY(KEY_Q, 1), SYN, KEY(KEY_Q, 0), SYN);
	launch_end(t);
}

/* --- readiness --- */

static void ready_fd_gets_a_newline_once_all_sockets_listen(void **state)
{
	struct launch_test *t = *state;
	char buf[2];
	int fd[2];

	assert_sys(pipe(fd));
	launch_arg(t, "--keyboard");
	launch_arg(t, "--ready-fd=%d", fd[1]);
	process_keep_fd(&t->launcher, fd[1]);
	process_start(&t->launcher);
	close(fd[1]);
	struct pollfd p = { .fd = fd[0], .events = POLLIN };
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	assert_num(read(fd[0], buf, 2), 1);
	assert_num(buf[0], '\n');
	launch_injector(t, "keyboard");
	launch_guest(t, "keyboard");
	/* And then EOF: no child keeps it open. */
	assert_num(read(fd[0], buf, 2), 0);
	close(fd[0]);
	launch_end(t);
}

/* What follows the text does not count. */
static void expect_datagram(int fd, const char *text)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buf[512] = "";

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	assert_true(recv(fd, buf, sizeof(buf) - 1, 0) > 0);
	buf[strlen(text)] = '\0';
	assert_string_equal(buf, text);
}

static void hang_up(struct launch_test *t, int fd)
{
	assert_sys(kill(t->launcher.pid, SIGHUP));
	expect_datagram(fd, "RELOADING=1\nMONOTONIC_USEC=");
}

static void service_manager_is_notified_of_its_life(void **state)
{
	struct launch_test *t = *state;
	char spec[120], text[200];
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/notify",
		 t->rig->dir);
	assert_sys(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(
		asprintf(&t->launcher.env, "NOTIFY_SOCKET=%s", addr.sun_path));
	snprintf(spec, sizeof(spec), "%s/x.json", t->rig->dir);
	file_write(spec, "{\"name\": \"A\", \"events\": "
			 "{\"EV_KEY\": [\"KEY_A\"]}}");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--device=x=%s", spec);
	process_start(&t->launcher);
	expect_datagram(fd, "READY=1");
	launch_injector(t, "keyboard");
	hang_up(t, fd);
	expect_datagram(fd, "READY=1\nSTATUS=");
	file_write(spec, "{}");
	hang_up(t, fd);
	snprintf(text, sizeof(text),
		 "READY=1\nERRNO=22\nSTATUS=x: %s:1:1: error: ", spec);
	expect_datagram(fd, text);
	launch_end(t);
	expect_datagram(fd, "STOPPING=1");
	close(fd);
}

static void wait_finds_no_launcher(struct launch_test *t)
{
	struct process wait;

	process_init(&wait, "vinput-launch");
	process_arg(&wait, "--wait=%s", t->place);
	process_arg(&wait, "--timeout=0.05");
	assert_num(launch_run_process(&wait), 1);
	assert_num(process_log_count(&wait, "no launcher within the timeout"),
		   1);
	process_fini(&wait);
}

static void wait_says_when_nobody_comes(void **state)
{
	wait_finds_no_launcher(*state);
}

/* That of a launcher which was killed, and has left a child that has it. */
static int control_socket_without_launcher(struct launch_test *t)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
	pid_t launcher;

	assert_sys(fd);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", t->place);
	assert_sys(mkdir(t->place, 0700));
	assert_sys(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	launcher = fork();
	if (!launcher)
		_exit(listen(fd, 1) < 0);
	assert_num(waitpid(launcher, &status, 0), launcher);
	assert_num(status, 0);
	return fd;
}

static void wait_does_not_talk_to_what_a_launcher_left(void **state)
{
	struct launch_test *t = *state;
	int fd = control_socket_without_launcher(t);

	wait_finds_no_launcher(t);
	close(fd);
}

static void wait_is_not_answered_before_all_is_ready(void **state)
{
	struct launch_test *t = *state;
	char buf[8];

	launch_server_script(t, "exec sleep 100");
	launch_arg(t, "--keyboard");
	process_start(&t->launcher);
	launch_expect_state(t, "keyboard", "starting");
	dprintf(t->control, "{\"command\": \"wait\"}\n");
	struct pollfd p = { .fd = t->control, .events = POLLIN };
	assert_num(poll(&p, 1, RIG_QUIET_MS), 0);
	assert_num(process_terminate(&t->launcher), 0);
	assert_num(read(t->control, buf, sizeof(buf)), 0);
	launch_expect_nothing_left(t);
}

static void a_device_is_ready_when_its_server_says_so(void **state)
{
	struct launch_test *t = *state;
	char path[100];

	/* All servers work, but the launcher gets no notification. */
	launch_server_script(t, "for a; do shift; case $a in --ready-fd=*) ;; "
				"*) set -- \"$@\" \"$a\" ;; esac; done; "
				"exec \"$REAL\" \"$@\"");
	launch_arg(t, "--keyboard");
	process_start(&t->launcher);
	launch_expect_state(t, "keyboard", "starting");
	snprintf(path, sizeof(path), "%s/keyboard.stats", t->place);
	for (int ms = 0; access(path, F_OK) && ms < DEADLINE_MS; ms++)
		poll(NULL, 0, 1);
	launch_guest(t, "keyboard");
	assert_true(launch_is(t, "keyboard", "starting"));
	launch_end(t);
}

static void tuning_reaches_devices_that_are_added(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--stall-ms=50");
	launch_start(t);
	launch_expect_ok(launch_order(t, "{\"command\": \"add\", \"devices\": "
					 "[{\"type\": \"mouse\"}]}"));
	assert_string_equal(tuning_of(t, "mouse"), "--stall-ms=50 ");
	launch_expect_control(
		t, "rotary\n",
		LAUNCH_WORDS("add", "--rotary", "--stall-ms=60", "--iommu"));
	assert_string_equal(tuning_of(t, "rotary"), "--stall-ms=60 --iommu ");
	launch_end(t);
}

/* --- the unit --- */

static void systemd_takes(struct launch_test *t, const char *folder)
{
	/* The manual page is not installed; any other message is an error. */
	static const char script[] =
		"set -eu; cd \"$1\"; unit=vinput-$4@x.service; "
		"sed \"s|@BINDIR@|$2|\" "
		"<\"$3/injector/$4/vinput-$4@.service.in\" >$unit; "
		"grep -q \"^ExecStart=$2/vinput-$4 \" $unit; "
		"systemd-analyze verify ./$unit >said 2>&1 || true; "
		"! grep -v 'man vinput' said >&2";
	char *command;

	if (system("command -v systemd-analyze >/dev/null"))
		skip_because("there is no systemd-analyze");
	assert_sys(asprintf(&command, "set -- '%s' '%s' '%s' %s; %s",
			    t->rig->dir, test_bin_dir(), test_root(), folder,
			    script));
	assert_num(system(command), 0);
	free(command);
}

static void systemd_takes_the_unit(void **state)
{
	systemd_takes(*state, "launch");
}

static void systemd_takes_the_unit_for_nodes_of_the_host(void **state)
{
	systemd_takes(*state, "passthrough");
}

#define test(f) \
	cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(sockets_have_cuttlefish_names_and_mode_0600),
		test(sockets_have_the_mode_and_group_that_were_given),
		test(a_device_can_be_of_a_spec_of_ones_own),
		test(a_spec_of_any_depth_is_refused_by_the_server),
		test(each_device_is_confined_as_configured),
		test(tuning_reaches_each_device_unless_it_has_its_own),
		test(sixty_four_devices_are_launched_used_and_ended),
		test(a_streamer_gets_an_fd_for_each_device),
		test(ready_fd_gets_a_newline_once_all_sockets_listen),
		test(service_manager_is_notified_of_its_life),
		test(wait_says_when_nobody_comes),
		test(wait_does_not_talk_to_what_a_launcher_left),
		test(wait_is_not_answered_before_all_is_ready),
		test(a_device_is_ready_when_its_server_says_so),
		test(tuning_reaches_devices_that_are_added),
		test(systemd_takes_the_unit),
		test(systemd_takes_the_unit_for_nodes_of_the_host),
	};

	launch_relay_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
