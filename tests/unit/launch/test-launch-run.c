/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch-run.h: the phases of a launcher. Each case is a launcher of its own,
 * in a child of the test; where its loop would wait, the case's script runs.
 */
#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "injector/launch/launch-run.h"
#include "injector/plan/launch-cmdline.h"
#include "tests/lib/cases.h"
#include "tests/lib/fleet-world.h"

#define WORDS_MAX 12

struct run_case {
	const char *name;
	const char *words[WORDS_MAX]; /* of its command line, besides --dir */
	void (*script)(void);
	int status; /* that it exits with */
	bool nohup; /* it was started by nohup(1), or the like */
};

static const struct run_case *now_run;
static bool broken; /* its loop is to end */
static int *done;   /* shared with the test: the script has come to its end */
static int notify_fd;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int ev_run(struct ev_loop *loop, int flags)
{
	static int (*real)(struct ev_loop * l, int f);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "ev_run");
	if (flags)
		return real(loop, flags);
	fleet.loop = loop;
	settle();
	now_run->script();
	*done = 1;
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
void ev_break(struct ev_loop *loop, int how)
{
	assert_num(how, EVBREAK_ALL);
	broken = true;
}

/* --- a launcher --- */

static void launcher(void **state)
{
	static struct launch_plan plan;
	struct launch_fault fault = { .text = "" };
	char *argv[WORDS_MAX + 2] = { (char *)"vinput-launch" };
	char option[TEMP_DIR_LEN + 8], why[256];
	struct launch_options o;
	int argc = 1, status;

	snprintf(option, sizeof(option), "--dir=%s", dir);
	argv[argc++] = option;
	for (size_t i = 0; now_run->words[i]; i++)
		argv[argc++] = (char *)now_run->words[i];
	optind = 0;
	if (launch_cmdline_parse(&o, argc, argv, why))
		fail_msg("%s", why);
	assert_ok(launch_plan_read(&plan, o.devices, NULL, &fault));
	assert_ok(launch_plan_label(&plan, NULL, NULL, NULL, &fault));
	status = launch_run(&o, &plan, &o.restart, o.streamer);
	assert_num(status, now_run->status);
	launch_plan_fini(&plan);
	launch_cmdline_fini(&o);
}

/* The folder in which the service manager listens, if there is one. */
static void manager_listens(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s.notify", dir);
	unlink(addr.sun_path);
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_sys(notify_fd);
	assert_sys(bind(notify_fd, (struct sockaddr *)&addr, sizeof(addr)));
	setenv("NOTIFY_SOCKET", addr.sun_path, 1);
}

static const char *manager_message(void)
{
	static char is[500];
	const ssize_t n = recv(notify_fd, is, sizeof(is) - 1, MSG_DONTWAIT);

	is[n > 0 ? n : 0] = '\0';
	return is;
}

/* This and no more; "": nothing. */
static void manager_hears(const char *text)
{
	assert_string_equal(manager_message(), text);
}

/* With the time, which is now but for the turns of the loop since. */
static void manager_hears_of_reload(void)
{
	const char *is = manager_message();
	long long us;
	int len = 0;

	assert_num(sscanf(is, "RELOADING=1\nMONOTONIC_USEC=%lld%n", &us, &len),
		   1);
	assert_num(is[len], '\0');
	assert_true(us <= now_ns / 1000 && us > now_ns / 1000 - 100);
}

static void in_child(void)
{
	const struct CMUnitTest one[] = {
		{ now_run->name, launcher, NULL, NULL, NULL },
	};

	manager_listens();
	/* The test may be started by nohup(1) itself. */
	signal(SIGHUP, now_run->nohup ? SIG_IGN : SIG_DFL);
	dup2(log_fd, STDERR_FILENO);
	exit(cmocka_run_group_tests_name(now_run->name, one, NULL, NULL));
}

static void row_runs(void **state)
{
	char path[TEMP_DIR_LEN + 16];
	int status;
	pid_t pid;

	now_run = *state;
	now_ns = 1000000000;
	temp_dir_make(dir);
	log_fd = memfd_create("log", MFD_CLOEXEC);
	done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*done = 0;
	fflush(NULL);
	pid = fork();
	assert_sys(pid);
	if (!pid)
		in_child();
	assert_num(waitpid(pid, &status, 0), pid);
	if (status != 0 && lseek(log_fd, 0, SEEK_SET) == 0) {
		char text[4000] = "";

		if (read(log_fd, text, sizeof(text) - 1) > 0)
			printf("%s", text);
	}
	close(log_fd);
	snprintf(path, sizeof(path), "%s.notify", dir);
	unlink(path);
	temp_dir_remove(dir);
	assert_num(status, 0);
	assert_num(*done, 1);
	munmap(done, sizeof(*done));
}

static void gets_signal(int sig)
{
	raise(sig);
	settle();
}

static bool has_file(const char *name)
{
	char path[TEMP_DIR_LEN + 40];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return !lstat(path, &st);
}

#define READY(n) STAMP "launcher: ready: " n " devices\n"

/* --- coming up --- */

static void all_come_up(void)
{
	assert_num(n_fakes, 2);
	assert_true(has_file("control"));
	fake_is_ready(&fakes[0]);
	expect_log("");
	manager_hears("");
	fake_is_ready(&fakes[1]);
	expect_log(READY("2"));
	manager_hears("READY=1");
}

static void all_end(size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fakes[i].p)
			fake_ends(&fakes[i], EXITED(0));
	assert_true(broken);
}

static void it_ends_in_order(void)
{
	all_come_up();
	gets_signal(SIGTERM);
	expect_log(STAMP "launcher: ending\n");
	manager_hears("STOPPING=1");
	assert_false(has_file("control"));
	expect_signal(&fakes[0], SIGTERM, 0);
	expect_signal(&fakes[1], SIGTERM, 0);
	fake_ends(&fakes[0], EXITED(0));
	assert_false(broken);
	all_end(2);
	expect_log("");
}

static void it_ends_while_it_starts(void)
{
	gets_signal(SIGINT);
	expect_signal(&fakes[0], SIGTERM, 0);
	fake_is_ready(&fakes[1]);
	all_end(2);
	expect_log(STAMP "launcher: ending\n");
	manager_hears("STOPPING=1");
	manager_hears("");
}

static void a_second_signal_kills(void)
{
	all_come_up();
	gets_signal(SIGTERM);
	gets_signal(SIGINT);
	expect_log(STAMP "launcher: ending\n" STAMP
			 "launcher: second signal to end: killing all\n");
	expect_signal(&fakes[0], SIGKILL, 1);
	expect_signal(&fakes[1], SIGKILL, 1);
	all_end(2);
}

static void without_devices_it_waits_for_some(void)
{
	expect_log(STAMP
		   "launcher: ready: 0 devices; waiting for vinput-launch "
		   "--control add\n");
	manager_hears("READY=1");
	gets_signal(SIGTERM);
	all_end(0);
}

static void a_device_that_fails_ends_it(void)
{
	fake_is_ready(&fakes[0]);
	fake_says(&fakes[1], "vhost-user-input: no memory\n");
	fake_ends(&fakes[1], EXITED(1));
	expect_log("vinput-launch: mouse: no memory\n");
	manager_hears("STOPPING=1");
	expect_signal(&fakes[0], SIGTERM, 0);
	all_end(2);
}

static void orphans_are_ended_and_then_killed(void)
{
	orphans_left = true;
	all_come_up();
	gets_signal(SIGTERM);
	assert_num(n_orphan_signals, 0);
	fake_ends(&fakes[0], EXITED(0));
	fake_ends(&fakes[1], EXITED(0));
	assert_num(n_orphan_signals, 1);
	assert_num(orphan_signals[0], SIGTERM);
	assert_false(broken);
	pass_s(6.9);
	assert_num(n_orphan_signals, 1);
	pass_s(0.2);
	assert_num(n_orphan_signals, 2);
	assert_num(orphan_signals[1], SIGKILL);
	pass_s(0.06);
	assert_num(n_orphan_signals, 3);
	orphan_ended();
	assert_true(broken);
}

/* --- signals of managers --- */

static void it_reloads(void)
{
	all_come_up();
	gets_signal(SIGHUP);
	expect_log(STAMP "launcher: SIGHUP: reopening logs and reloading "
			 "specs\n");
	manager_hears_of_reload();
	expect_signal(&fakes[0], SIGHUP, 0);
	expect_signal(&fakes[1], SIGHUP, 0);
	pass_s(4.9);
	manager_hears("");
	pass_s(0.2);
	manager_hears(
		"READY=1\nERRNO=22\nSTATUS=keyboard did not answer for 5 s");
	/* And that is all. */
	pass_s(10);
	manager_hears("");
	gets_signal(SIGTERM);
	gets_signal(SIGHUP);
	assert_num(fakes[0].n_signals, 2);
	all_end(2);
}

static void by_nohup_it_reloads_nothing(void)
{
	all_come_up();
	gets_signal(SIGHUP);
	expect_log("");
	manager_hears("");
	gets_signal(SIGTERM);
	all_end(2);
}

static void it_reloads_nothing_before_it_is_ready(void)
{
	gets_signal(SIGHUP);
	manager_hears("");
	gets_signal(SIGUSR2);
	assert_num(n_fakes, 2);
	fake_is_ready(&fakes[0]);
	fake_is_ready(&fakes[1]);
	manager_hears("READY=1");
	manager_hears("");
	gets_signal(SIGTERM);
	all_end(2);
}

/* With no device that could answer. */
static void an_empty_one_has_reloaded_at_once(void)
{
	manager_hears("READY=1");
	gets_signal(SIGHUP);
	manager_hears_of_reload();
	manager_hears("READY=1\nSTATUS=");
	gets_signal(SIGTERM);
	all_end(0);
}

static void it_upgrades(void)
{
	all_come_up();
	gets_signal(SIGUSR2);
	expect_log(STAMP "launcher: SIGUSR2: replacing the processes of all "
			 "devices\n");
	assert_num(n_fakes, 4);
	gets_signal(SIGTERM);
	expect_signal(&fakes[2], SIGKILL, 0);
	all_end(4);
}

/* --- the streamer --- */

static void a_streamer_starts_last_and_ends_first(void)
{
	assert_num(n_fakes, 1);
	fake_is_ready(&fakes[0]);
	assert_num(n_fakes, 2);
	assert_true(!strncmp(fakes[1].words, "stream a", 8));
	expect_log(READY("1"));
	gets_signal(SIGTERM);
	expect_signal(&fakes[1], SIGTERM, 0);
	assert_num(fakes[0].n_signals, 0);
	fake_ends(&fakes[1], EXITED(0));
	expect_signal(&fakes[0], SIGTERM, 0);
	all_end(2);
}

static void a_streamer_that_is_done_ends_all(void)
{
	fake_is_ready(&fakes[0]);
	pass_s(2);
	fake_ends(&fakes[1], EXITED(0));
	expect_log(READY("1") STAMP
		   "launcher: the streamer ended with status 0\n");
	expect_signal(&fakes[0], SIGTERM, 0);
	all_end(2);
}

static void one_that_fails_does_not(void)
{
	fake_is_ready(&fakes[0]);
	pass_s(2);
	fake_ends(&fakes[1], EXITED(3));
	assert_num(n_fakes, 3);
	expect_log(READY("1") STAMP "launcher: the streamer ended with status "
				    "3; restarting it\n");
	pass_s(2);
	fake_ends(&fakes[2], EXITED(3));
	expect_log(STAMP "launcher: the streamer ended with status 3; not "
			 "restarted, the devices remain\n");
	assert_num(fakes[0].n_signals, 0);
	gets_signal(SIGTERM);
	all_end(3);
}

static void with_restart_no_it_does(void)
{
	fake_is_ready(&fakes[0]);
	fake_ends(&fakes[1], EXITED(3));
	expect_log(READY("1") "vinput-launch: the streamer ended with status "
			      "3\n");
	all_end(2);
}

static void one_that_cannot_be_started_ends_it(void)
{
	start_error = -ENOENT;
	fake_is_ready(&fakes[0]);
	expect_log("vinput-launch: cannot start stream: No such file or "
		   "directory\n");
	all_end(1);
}

/* --- the holder --- */

static void by_order_it_leaves_all_as_it_is(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	fake_is_ready(&fakes[1]);
	expect_log(READY("1"));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", dir);
	assert_sys(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_num(write(fd, "{\"command\":\"leave\"}\n", 20), 20);
	*done = 1; /* it does not return */
	settle();
	fail_msg("it has not left");
}

/* --- its log --- */

static void its_log_is_in_its_folder(void)
{
	assert_true(has_file("log/launcher.log"));
	assert_true(has_file("log/keyboard.log"));
	fake_is_ready(&fakes[0]);
	expect_log("");
	gets_signal(SIGTERM);
	all_end(1);
}

static const struct run_case cases[] = {
	{ "it_ends_in_order",
	  { "--hold=off", "--keyboard", "--mouse" },
	  it_ends_in_order,
	  0 },
	{ "it_ends_while_it_starts",
	  { "--hold=off", "--keyboard", "--mouse" },
	  it_ends_while_it_starts,
	  0 },
	{ "a_second_signal_kills",
	  { "--hold=off", "--keyboard", "--mouse" },
	  a_second_signal_kills,
	  0 },
	{ "without_devices_it_waits_for_some",
	  { "--hold=off" },
	  without_devices_it_waits_for_some,
	  0 },
	{ "a_device_that_fails_ends_it",
	  { "--hold=off", "--keyboard", "--mouse" },
	  a_device_that_fails_ends_it,
	  1 },
	{ "orphans_are_ended_and_then_killed",
	  { "--hold=off", "--keyboard", "--mouse", "--stop-timeout=7" },
	  orphans_are_ended_and_then_killed,
	  0 },
	{ "it_reloads",
	  { "--hold=off", "--keyboard", "--mouse" },
	  it_reloads,
	  0 },
	{ "by_nohup_it_reloads_nothing",
	  { "--hold=off", "--keyboard", "--mouse" },
	  by_nohup_it_reloads_nothing,
	  0,
	  true },
	{ "it_reloads_nothing_before_it_is_ready",
	  { "--hold=off", "--keyboard", "--mouse" },
	  it_reloads_nothing_before_it_is_ready,
	  0 },
	{ "an_empty_one_has_reloaded_at_once",
	  { "--hold=off" },
	  an_empty_one_has_reloaded_at_once,
	  0 },
	{ "it_upgrades",
	  { "--hold=off", "--keyboard", "--mouse" },
	  it_upgrades,
	  0 },
	{ "a_streamer_starts_last_and_ends_first",
	  { "--hold=off", "--keyboard", "--", "stream", "a" },
	  a_streamer_starts_last_and_ends_first,
	  0 },
	{ "a_streamer_that_is_done_ends_all",
	  { "--hold=off", "--keyboard", "--restart=on-failure", "--",
	    "stream" },
	  a_streamer_that_is_done_ends_all,
	  0 },
	{ "a_streamer_that_fails_does_not",
	  { "--hold=off", "--keyboard", "--restart=always:1/60", "--",
	    "stream" },
	  one_that_fails_does_not,
	  0 },
	{ "with_restart_no_it_does",
	  { "--hold=off", "--keyboard", "--restart=no", "--", "stream" },
	  with_restart_no_it_does,
	  1 },
	{ "a_streamer_that_cannot_be_started_ends_it",
	  { "--hold=off", "--keyboard", "--", "stream" },
	  one_that_cannot_be_started_ends_it,
	  1 },
	{ "by_order_it_leaves_all_as_it_is",
	  { "--keyboard" },
	  by_order_it_leaves_all_as_it_is,
	  0 },
	{ "its_log_is_in_its_folder",
	  { "--hold=off", "--keyboard", "--log-files" },
	  its_log_is_in_its_folder,
	  0 },
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(cases)];

	CASES(tests, cases, cmocka_unit_test(row_runs));
	return cmocka_run_group_tests_name("launch-run", tests, NULL, NULL);
}
