/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough in its sandbox: what the kernel reports, what a debugger
 * lets it try, and that it uses a device again that it cannot open itself. All
 * other tests of it run in the sandbox, too, and show that the rest works.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/uinput.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/sandbox/sandbox.h"
#include "tests/lib/cases.h"
#include "tests/lib/deny.h"
#include "tests/lib/fake-host.h"
#include "tests/lib/rig.h"
#include "tests/lib/walls.h"

#define KEYBOARD 3 /* eventN */

static struct fake_host host;
static struct fake_plug keyboard;
static struct process program;

static int setup(void **state)
{
	struct rig *rig;

	if (rig_setup(state))
		return -1;
	rig = *state;
	/* As root: also for another user. */
	assert_sys(chmod(rig->dir, 0755));
	fake_host_init(&host, rig->dir);
	fake_plug_init(&keyboard, &host);
	fake_node_keyboard(keyboard.node);
	fake_plug_in(&keyboard, KEYBOARD);
	process_init(&program, "vinput-passthrough");
	assert_sys(asprintf(&program.env,
			    "LD_PRELOAD=%s/tests/wire/node-stand-in.so",
			    test_bin_dir()));
	return 0;
}

static int teardown(void **state)
{
	process_fini(&program);
	fake_plug_fini(&keyboard);
	return rig_teardown(state);
}

/* Without the device, which is the last word. */
static void prepare(struct rig *rig, const char *sandbox)
{
	if (strcmp(sandbox, "off") != 0)
		walls_need_no_sanitizer();
	process_allow_preload();
	process_arg(&program, "--socket-path=%s", rig->socket);
	process_arg(&program, "--sandbox=%s", sandbox);
}

static void start(void)
{
	process_arg(&program, "event%d", KEYBOARD);
	process_start(&program);
	fake_plug_accept(&keyboard);
	process_expect_log(&program, "goes to the guest");
}

static void expect_works(struct rig *rig)
{
	rig_prepare(rig, RIG_BUFFERS);
	assert_ok(fe_start(&rig->fe));
	expect(rig, vi_event(EV_REP, REP_DELAY, 250),
	       vi_event(EV_REP, REP_PERIOD, 33), SYN);
	fake_node_sends(keyboard.fd, "KEY_B 1");
	fake_node_sends(keyboard.fd, "KEY_B 0");
	expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
}

static void replug(void)
{
	fake_plug_out(&keyboard);
	process_expect_log(&program, "waiting until it is back");
	fake_plug_in(&keyboard, KEYBOARD + 1);
	fake_plug_accept(&keyboard);
	for (int i = 0; i < DEADLINE_MS && !keyboard.node->grabbed; i++)
		usleep(1000);
	assert_true(keyboard.node->grabbed);
}

static void in_it_there_are_no_privileges(void **state)
{
	struct rig *rig = *state;

	prepare(rig, "on");
	start();
	walls_expect_sentry_confined(program.pid);
	expect_works(rig);
	assert_num(process_terminate(&program), 0);
	assert_false(keyboard.node->grabbed);
}

/* Return: the child of the program that has this name. */
static pid_t child_named(const char *name)
{
	char path[64], its[32];
	FILE *f, *children;
	pid_t found = 0;
	int pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", program.pid,
		 program.pid);
	children = fopen(path, "re");
	assert_non_null(children);
	while (!found && fscanf(children, "%d", &pid) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		f = fopen(path, "re");
		assert_non_null(f);
		if (fscanf(f, "%31s", its) == 1 && !strcmp(its, name))
			found = pid;
		fclose(f);
	}
	fclose(children);
	return found;
}

/* CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE are left. */
static void what_opens_its_nodes_is_confined_too(void **state)
{
	struct rig *rig = *state;
	pid_t opener;

	prepare(rig, "on");
	start();
	/* It is confined before it opens any. */
	replug();
	expect_works(rig);
	opener = child_named("vinput-opener");
	assert_true(opener > 0);
	assert_num(child_named("vinput-switch"), 0);
	walls_expect(opener, "status", "Seccomp:", "2\n");
	walls_expect(opener, "status", "NoNewPrivs:", "1\n");
	walls_expect(opener, "status", "CapPrm:",
		     geteuid() ? "0000000000000000\n" : "0000000000080006\n");
}

static void into_a_device_there_are_none_either(void **state)
{
	struct rig *rig = *state;

	prepare(rig, "on");
	free(program.argv[1]);
	assert_sys(asprintf(&program.argv[1], "--to=%s", rig->inject_path));
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "keyboard", RIG_BUFFERS);
	start();
	walls_expect_sentry_confined(program.pid);
	fake_node_sends(keyboard.fd, "KEY_B 1");
	expect(rig, KEY(KEY_B, 1), SYN);
	assert_num(process_terminate(&program), 0);
}

static void off_has_none(void **state)
{
	struct rig *rig = *state;

	prepare(rig, "off");
	start();
	walls_expect(program.pid, "status", "Seccomp:", "0\n");
	walls_expect(program.pid, "status", "NoNewPrivs:", "0\n");
	expect_works(rig);
}

static void a_device_that_is_back_is_opened_for_it(void **state)
{
	struct rig *rig = *state;

	prepare(rig, "on");
	start();
	replug();
	expect_works(rig);
}

static void a_command_is_run_for_it(void **state)
{
	struct rig *rig = *state;
	char path[100], text[20] = "";
	FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/target", rig->dir);
	prepare(rig, "on");
	process_arg(&program, "--toggle=capslock");
	process_arg(&program,
		    "--on-switch=echo \"$VINPUT_TARGET\" >%s.new; "
		    "mv %s.new %s",
		    path, path, path);
	start();
	fake_node_sends(keyboard.fd, "KEY_CAPSLOCK 1");
	fake_node_sends(keyboard.fd, "KEY_CAPSLOCK 0");
	for (int i = 0; i < DEADLINE_MS && !f; i++) {
		f = fopen(path, "re");
		usleep(1000);
	}
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
	assert_string_equal(text, "host\n");
}

/* By its opener, in the words of the process itself. */
static void a_file_is_not_a_node(void **state)
{
	struct rig *rig = *state;

	rig->unclean = true;
	prepare(rig, "on");
	process_arg(&program, "/dev/null");
	process_start(&program);
	assert_num(process_wait(&program), 1);
	process_expect_log(&program, "/dev/null: not an input device");
}

/* As root: the nodes are root's, and are opened again. */
static void another_user_still_gets_its_device_back(void **state)
{
	struct rig *rig = *state;

	prepare(rig, "on");
	process_arg(&program, "--user=nobody");
	start();
	walls_expect_sentry_confined(program.pid);
	walls_expect(program.pid, "status",
		     "Uid:", "65534\t65534\t65534\t65534\n");
	replug();
	expect_works(rig);
}

/* --- in a unit --- */

/* Nothing to drop, and no way to: CapabilityBoundingSet= and ~@privileged. */
static int lose_privileges(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
		{ 0 }
	};

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (syscall(SYS_capset, &header, none) < 0)
		return -errno;
	return deny_call("capset", EPERM);
}

/* As this program's own child: "in-unit PROGRAM ARGUMENT...". */
static void in_unit_main(int argc, char **argv)
{
	if (argc < 3 || strcmp(argv[1], "in-unit"))
		return;
	if (!lose_privileges())
		execv(argv[2], argv + 2);
	_exit(127);
}

static void a_unit_has_dropped_them_for_it(void **state)
{
	struct rig *rig = *state;
	char *path = program.argv[0];

	program.argc = 0;
	process_arg(&program, "/proc/self/exe");
	process_arg(&program, "in-unit");
	process_arg(&program, "%s", path);
	free(path);
	prepare(rig, "on");
	start();
	walls_expect_sentry_confined(program.pid);
	replug();
	expect_works(rig);
}

/* --- the filter --- */

static const struct walls_call forbidden[] = {
	{ "execve_kills_it", SYS_execve, { 0 } },
	{ "a_process_kills_it", SYS_clone, { SIGCHLD } },
	{ "ptrace_kills_it", SYS_ptrace, { 0 } },
	{ "a_socket_kills_it", SYS_socket, { AF_INET, SOCK_STREAM } },
	{ "a_unix_socket_kills_it", SYS_socket, { AF_UNIX, SOCK_STREAM } },
	{ "a_signal_to_another_kills_it", SYS_kill, { 1 } },
	{ "opening_a_node_kills_it", SYS_openat, { 0, 0, O_RDWR } },
	{ "opening_for_writing_kills_it", SYS_openat, { 0, 0, O_WRONLY } },
	{ "memory_for_code_kills_it", SYS_mmap, { 0, 4096, PROT_EXEC } },
	{ "force_feedback_kills_it", SYS_ioctl, { 0, EVIOCSFF } },
	{ "revoking_kills_it", SYS_ioctl, { 0, EVIOCREVOKE } },
	{ "other_keycodes_kill_it", SYS_ioctl, { 0, EVIOCSKEYCODE } },
	{ "other_ranges_kill_it", SYS_ioctl, { 0, EVIOCSABS(0) } },
	{ "a_uinput_device_kills_it", SYS_ioctl, { 0, UI_DEV_CREATE } },
	{ "a_terminal_s_input_kills_it", SYS_ioctl, { 0, 0x5412 } },
};

static pid_t stop_before_a_call(struct rig *rig)
{
	rig->unclean = true;
	prepare(rig, "on");
	process_arg(&program, "event%d", KEYBOARD);
	return walls_stop_before_a_call(&program, "goes to the guest");
}

static void is_killed(void **state)
{
	struct rig *rig = *state;
	pid_t pid = stop_before_a_call(rig);

	walls_change_call(pid, rig->row);
	assert_sys(ptrace(PTRACE_CONT, pid, NULL, NULL));
	assert_num(process_wait(&program), 128 + SIGSYS);
}

/* The same with one that is allowed: it is not the debugger that kills. */
static void a_call_of_the_table_does_not_kill_it(void **state)
{
	static const struct walls_call call = { "a name",
						SYS_ioctl,
						{ 0, EVIOCGNAME(8) } };
	pid_t pid = stop_before_a_call(*state);

	walls_change_call(pid, &call);
	assert_true(WIFSTOPPED(walls_next_stop(pid, PTRACE_SYSCALL)));
	assert_false(walls_is_before_a_call(pid));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest all[] = {
		T(in_it_there_are_no_privileges),
		T(what_opens_its_nodes_is_confined_too),
		T(into_a_device_there_are_none_either),
		T(off_has_none),
		T(a_device_that_is_back_is_opened_for_it),
		T(a_command_is_run_for_it),
		T(a_file_is_not_a_node),
		T(a_unit_has_dropped_them_for_it),
		T(a_call_of_the_table_does_not_kill_it),
	};
	const struct CMUnitTest as_root[] = {
		T(another_user_still_gets_its_device_back),
	};
	struct CMUnitTest killed[ARRAY_LEN(forbidden)];
	int failed;

	in_unit_main(argc, argv);
	failed = cmocka_run_group_tests(all, NULL, NULL);
	CASES(killed, forbidden, T(is_killed));
	failed += cmocka_run_group_tests(killed, NULL, NULL);
	if (!geteuid())
		failed += cmocka_run_group_tests(as_root, NULL, NULL);
	return failed;
}
