/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-launch --template: devices are forked from one process instead of
 * executed, and are the same in all that can be seen of them.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/launch-next.h"

#define TEXT_MAX   65536
#define OTHER_USER 65534
#define WORDS	   "launcher: the template "

/* The program notes that it has been executed, and with what. */
#define SCRIPT                            \
	"echo \"$*\" >>\"$0.executed\"\n" \
	"exec \"$REAL\" \"$@\"\n"

static char program[80];

static int file_read(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t n;

	*text = '\0';
	if (!file)
		return -1;
	n = fread(text, 1, size - 1, file);
	fclose(file);
	text[n] = '\0';
	return (int)n;
}

/* Not launch_server_script(), whose scripts cannot be templates. */
static void install(const char *text)
{
	char new[100];

	snprintf(new, sizeof(new), "%s.new", program);
	file_write(new, "#!/bin/sh\nREAL='%s/vhost-user-input'\n%s",
		   test_bin_dir(), text);
	assert_sys(chmod(new, 0700));
	assert_sys(rename(new, program));
}

static void use_script(struct launch_test *t, const char *text)
{
	snprintf(program, sizeof(program), "%s/server", t->rig->dir);
	install(text);
	launch_arg(t, "--template");
	launch_arg(t, "--server=%s", program);
}

/* So many templates have been executed, and so many devices. */
static void expect_executed(int templates, int devices)
{
	char path[100], text[TEXT_MAX];
	int is = 0;

	snprintf(path, sizeof(path), "%s.executed", program);
	file_read(path, text, sizeof(text));
	for (const char *at = text; (at = strstr(at, "--template-fd=")); at++)
		is++;
	assert_num(is, templates);
	assert_num(process_lines(text), templates + devices);
}

static pid_t pid_of(struct launch_test *t, const char *label)
{
	return (pid_t)launch_number(t, label, "pid");
}

static pid_t find_template(struct launch_test *t)
{
	char path[64], text[4096];
	FILE *list;
	int pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		 (int)t->launcher.pid, (int)t->launcher.pid);
	list = fopen(path, "re");
	assert_non_null(list);
	while (fscanf(list, "%d", &pid) == 1) {
		int n;

		snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
		n = file_read(path, text, sizeof(text));
		if (n > 0 && memmem(text, (size_t)n, "--template-fd=", 14)) {
			fclose(list);
			return pid;
		}
	}
	fclose(list);
	fail_msg("there is no template");
	return -1;
}

/* --- it serves --- */

static void expect_types(struct launch_test *t, const char *label,
			 uint16_t code)
{
	launch_guest(t, label);
	launch_injector(t, label);
	inject(t->rig, KEY(code, 1), SYN, KEY(code, 0), SYN);
	expect(t->rig, KEY(code, 1), SYN, KEY(code, 0), SYN);
}

static void devices_of_several_kinds_serve(void **state)
{
	struct launch_test *t = *state;

	use_script(t, SCRIPT);
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_arg(t, "--gamepad");
	launch_start(t);
	expect_executed(1, 0);
	expect_types(t, "keyboard", KEY_A);
	expect_types(t, "mouse", BTN_LEFT);
	expect_types(t, "gamepad", BTN_SOUTH);
	launch_end(t);
}

static void an_inline_spec_is_read(void **state)
{
	struct launch_test *t = *state;

	use_script(t, SCRIPT);
	launch_arg(t, "--device=one={\"name\":\"n\",\"events\":"
		      "{\"EV_KEY\":[\"KEY_B\"]}}");
	launch_start(t);
	expect_executed(1, 0);
	expect_types(t, "one", KEY_B);
	launch_end(t);
}

static void a_wrong_spec_is_refused_as_ever(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--template");
	launch_arg(t, "--device=one=no-such-spec");
	process_start(&t->launcher);
	assert_num(process_wait(&t->launcher), 1);
	assert_num(process_log_count(&t->launcher, "no-such-spec"), 1);
	launch_expect_nothing_left(t);
}

/* --- it is the same process --- */

/* What is each process' own, or differs from one moment to the next. */
static bool is_own(const char *line)
{
	static const char *const own[] = {
		"Pid:",	   "Tgid:",   "PPid:",	      "State:", "NSpid:",
		"NStgid:", "NSpgid:", "NSsid:",	      "Vm",	"Rss",
		"SigQ:",   "FDSize:", "HugetlbPages",
#ifdef __SANITIZE_ADDRESS__
		"SigCgt:", /* it handles some from exec on */
#endif
	};

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (!strncmp(line, own[i], strlen(own[i])))
			return true;
	return strstr(line, "ctxt_switches");
}

static void add_status(FILE *out, pid_t pid)
{
	char path[64], line[4096];
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	assert_non_null(status);
	while (fgets(line, sizeof(line), status))
		if (!is_own(line))
			fputs(line, out);
	fclose(status);
}

/* Without the names of abstract sockets, which the kernel has made up. */
static void add_file(FILE *out, pid_t pid, const char *name)
{
	char path[64], text[TEXT_MAX];
	int n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	n = file_read(path, text, sizeof(text));
	fprintf(out, "%s: %d bytes:\n", name, n);
	for (int i = 0; i < n; i++)
		if (!text[i])
			fputc('\n', out);
		else if (i && text[i - 1] == '@')
			i += (int)strlen(text + i) - 1;
		else
			fputc(text[i], out);
}

static void add_link(FILE *out, pid_t pid, const char *name)
{
	char path[320], to[4096];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	n = readlink(path, to, sizeof(to) - 1);
	to[n > 0 ? n : 0] = '\0';
	/* Not which socket or pipe it is. */
	fprintf(out, "%s -> %.*s\n", name, (int)strcspn(to, "["), to);
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
	return atoi((*a)->d_name) - atoi((*b)->d_name);
}

static int is_number(const struct dirent *entry)
{
	return *entry->d_name != '.';
}

static void add_fds(FILE *out, pid_t pid)
{
	char path[64], name[300];
	struct dirent **list;
	int n;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	n = scandir(path, &list, is_number, by_number);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "fd/%s", list[i]->d_name);
		add_link(out, pid, name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static void add_stat(FILE *out, pid_t pid)
{
	char path[64], text[1024];
	long group, session, tty, priority, nice;
	int exit_signal;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file_read(path, text, sizeof(text));
	assert_num(sscanf(strrchr(text, ')'),
			  ") %*c %*d %ld %ld %ld %*d %*u %*u %*u %*u %*u %*u "
			  "%*u %*d %*d %ld %ld " /* 20: */
			  "%*d %*d %*u %*u %*d %*u %*u %*u %*u "
			  "%*u %*u %*u %*u %*u %*u %*u %*u %*u %d",
			  &group, &session, &tty, &priority, &nice,
			  &exit_signal),
		   6);
	fprintf(out, "group %s, session %s, tty %ld, %ld, nice %ld, %d\n",
		group == pid ? "own" : "other",
		session == pid ? "own" : "other", tty, priority, nice,
		exit_signal);
}

static const struct sameness {
	const char *name, *option;
} sameness[] = {
	{ "a_device_is_as_an_executed_one", "" },
	{ "a_device_without_sandbox_is_as_an_executed_one", "--sandbox=off" },
	{ "a_device_that_dies_with_us_is_as_an_executed_one",
	  "--on-launcher-death=end" },
	{ "a_device_without_a_holder_is_as_an_executed_one", "--hold=off" },
	/* The user that root changes to; others stay what they are. */
	{ "a_device_of_another_user_is_as_an_executed_one", "--user=USER" },
};

/* Return: what can be seen of a process, to be freed. */
static char *describe(pid_t pid)
{
	static const char *const files[] = { "cmdline",	     "comm",
					     "limits",	     "cgroup",
					     "environ",	     "loginuid",
					     "oom_score_adj" };
	static const char *const links[] = { "cwd", "exe", "root" };
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	add_status(out, pid);
	add_stat(out, pid);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		add_file(out, pid, files[i]);
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		add_link(out, pid, links[i]);
	add_fds(out, pid);
	assert_num(fclose(out), 0);
	return text;
}

/* So that a failure shows what differs. */
static void expect_same_lines(const char *a, const char *b)
{
	size_t same = 0;

	while (a[same] && a[same] == b[same])
		same++;
	if (!a[same] && !b[same])
		return;
	while (same && a[same - 1] != '\n')
		same--;
	fail_msg("forked: %.*s\nexecuted: %.*s", (int)strcspn(a + same, "\n"),
		 a + same, (int)strcspn(b + same, "\n"), b + same);
}

static void start_keyboard(struct launch_test *t, const char *option)
{
	if (!strcmp(option, "--user=USER"))
		launch_arg(t, "--user=%u", geteuid() ? geteuid() : OTHER_USER);
	else if (*option)
		launch_arg(t, "%s", option);
	launch_arg(t, "--keyboard");
	launch_start(t);
}

static void a_device_is_as_an_executed_one(void **state)
{
	struct launch_test *t = *state;
	const struct sameness *row = t->rig->row;
	char *forked, *executed;

	start_keyboard(t, row->option);
	executed = describe(pid_of(t, "keyboard"));
	launch_end(t);
	process_fini(&t->launcher);
	launch_next(t);
	launch_arg(t, "--template");
	start_keyboard(t, row->option);
	find_template(t);
	forked = describe(pid_of(t, "keyboard"));
	expect_same_lines(forked, executed);
	free(executed);
	free(forked);
	launch_end(t);
}

/* No fd of one device is another's, nor the template's. */
static void devices_share_no_fd(void **state)
{
	struct launch_test *t = *state;
	char path[64], mine[256], other[256];
	pid_t pids[3];

	/* So that they can be looked at. */
	launch_arg(t, "--sandbox=off");
	launch_arg(t, "--template");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_start(t);
	pids[0] = find_template(t);
	pids[1] = pid_of(t, "keyboard");
	pids[2] = pid_of(t, "mouse");
	for (int i = 0; i < 3 * 64 * 64; i++) {
		const int a = i % 64, b = i / 64 % 64, k = i / 64 / 64;
		ssize_t n, m;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pids[k], a);
		n = readlink(path, mine, sizeof(mine));
		snprintf(path, sizeof(path), "/proc/%d/fd/%d",
			 pids[(k + 1) % 3], b);
		m = readlink(path, other, sizeof(other));
		if (n != m || n < 0 || !memchr(mine, '[', (size_t)n) ||
		    !strncmp(mine, "anon_inode:", 11))
			continue;
		assert_memory_not_equal(mine, other, (size_t)n);
	}
	launch_end(t);
}

/* --- its life --- */

static void a_device_that_dies_is_forked_again(void **state)
{
	struct launch_test *t = *state;
	pid_t pid;

	use_script(t, SCRIPT);
	launch_arg(t, "--keyboard");
	launch_start(t);
	pid = pid_of(t, "keyboard");
	assert_sys(kill(pid, SIGKILL));
	process_expect_log(&t->launcher,
			   "keyboard was killed by SIGKILL; restarting it");
	launch_expect_state(t, "keyboard", "ready");
	assert_true(pid_of(t, "keyboard") != pid);
	expect_types(t, "keyboard", KEY_A);
	expect_executed(1, 0);
	launch_end(t);
}

static void one_that_is_killed_is_followed_by_another(void **state)
{
	struct launch_test *t = *state;
	pid_t keyboard;

	use_script(t, SCRIPT);
	launch_arg(t, "--keyboard");
	launch_start(t);
	keyboard = pid_of(t, "keyboard");
	launch_guest(t, "keyboard");
	assert_sys(kill(find_template(t), SIGKILL));
	process_expect_log(&t->launcher,
			   WORDS "was killed by SIGKILL; its devices run on");
	/* The device has not noticed, and the next one has a new template. */
	launch_press(t, KEY_A);
	assert_num(pid_of(t, "keyboard"), keyboard);
	expect_executed(1, 0);
	launch_expect_control(t, "", LAUNCH_WORDS("add", "--mouse"));
	expect_executed(2, 0);
	launch_expect_state(t, "mouse", "ready");
	launch_press(t, KEY_B);
	launch_end(t);
}

static void an_upgrade_has_a_new_template(void **state)
{
	struct launch_test *t = *state;
	pid_t template;

	use_script(t, SCRIPT);
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_start(t);
	template = find_template(t);
	launch_guest(t, "keyboard");
	launch_expect_control(t, "", LAUNCH_WORDS("upgrade"));
	expect_executed(2, 0);
	assert_true(find_template(t) != template);
	launch_press_next(t, KEY_A);
	launch_expect_control(t, "", LAUNCH_WORDS("upgrade", "mouse"));
	expect_executed(3, 0);
	/* The first one was not an accident. */
	assert_num(process_log_count(&t->launcher, WORDS), 0);
	launch_end(t);
}

static void a_program_that_is_installed_is_used(void **state)
{
	struct launch_test *t = *state;

	use_script(t, SCRIPT);
	launch_arg(t, "--keyboard");
	launch_start(t);
	install(SCRIPT);
	assert_sys(kill(pid_of(t, "keyboard"), SIGKILL));
	process_expect_log(&t->launcher, "restarting it");
	launch_expect_state(t, "keyboard", "ready");
	expect_executed(2, 0);
	assert_num(process_log_count(&t->launcher, WORDS), 0);
	launch_end(t);
}

static void devices_outlive_a_launcher_that_is_killed(void **state)
{
	struct launch_test *t = *state;
	pid_t pid;

	launch_arg(t, "--template");
	launch_arg(t, "--keyboard");
	launch_start(t);
	pid = pid_of(t, "keyboard");
	launch_guest(t, "keyboard");
	launch_kill(t);
	launch_press(t, KEY_A);
	launch_next(t);
	launch_arg(t, "--template");
	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_true(pid_of(t, "keyboard") != pid);
	launch_press_next(t, KEY_B);
	launch_end_next(t);
}

/* --- programs that are none --- */

static const struct fallback {
	const char *name, *program, *says;
	int templates, devices;
} fallbacks[] = {
	{ "an_older_program_is_executed",
	  "echo \"$*\" >>\"$0.executed\"\n"
	  "case $* in *--template-fd=*) exit 2 ;; esac\n"
	  "exec \"$REAL\" \"$@\"\n",
	  WORDS "ended with status 2; devices are executed", 1, 2 },
	{ "one_that_does_not_answer_is_executed",
	  "echo \"$*\" >>\"$0.executed\"\n"
	  "case $* in *--template-fd=*) exec sleep 100 ;; esac\n"
	  "exec \"$REAL\" \"$@\"\n",
	  WORDS "did not answer for 5 s; devices are executed", 1, 2 },
};

static void what_is_no_template_is_executed(void **state)
{
	struct launch_test *t = *state;
	const struct fallback *row = t->rig->row;

	use_script(t, row->program);
	launch_arg(t, "--keyboard");
	process_start(&t->launcher);
	process_expect_log(&t->launcher, row->says);
	process_expect_log(&t->launcher, "launcher: ready");
	launch_expect_control(t, "", LAUNCH_WORDS("add", "--mouse"));
	expect_executed(row->templates, row->devices);
	expect_types(t, "keyboard", KEY_A);
	assert_num(process_log_count(&t->launcher, WORDS), 1);
	launch_end(t);
}

/* The option is the launcher's, but it must not do harm. */
static void one_without_a_socket_fails(void **state)
{
	struct launch_test *t = *state;
	struct process p;

	process_init(&p, "vhost-user-input");
	process_arg(&p, "--template-fd=0");
	process_start(&p);
	assert_num(process_wait(&p), 1);
	assert_num(process_log_count(&p, "--template-fd: "), 1);
	process_fini(&p);
	process_fini(&t->launcher);
}

#define T(f) cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

static const struct CMUnitTest plain[] = {
	T(devices_of_several_kinds_serve),
	T(an_inline_spec_is_read),
	T(a_wrong_spec_is_refused_as_ever),
	T(devices_share_no_fd),
	T(a_device_that_dies_is_forked_again),
	T(one_that_is_killed_is_followed_by_another),
	T(an_upgrade_has_a_new_template),
	T(a_program_that_is_installed_is_used),
	T(devices_outlive_a_launcher_that_is_killed),
	T(one_without_a_socket_fails),
};

int main(int argc, char **argv)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(sameness) +
				ARRAY_LEN(fallbacks)];

	launch_relay_main(argc, argv);
	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), sameness,
	      T(a_device_is_as_an_executed_one));
	CASES(tests + ARRAY_LEN(plain) + ARRAY_LEN(sameness), fallbacks,
	      T(what_is_no_template_is_executed));
	return cmocka_run_group_tests_name("launch-template", tests, NULL,
					   NULL);
}
