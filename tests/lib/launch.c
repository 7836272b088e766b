/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/launch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_MAX_LEN 100000

/* --- the launcher --- */

int launch_setup(void **state)
{
	struct launch_test *t = calloc(1, sizeof(*t));
	void *rig = *state;

	assert_non_null(t);
	rig_setup(&rig);
	t->rig = rig;
	t->rig->unclean = true;
	process_fini(&t->rig->srv);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	snprintf(t->place, sizeof(t->place), "%s/l", t->rig->dir);
	snprintf(t->relay, sizeof(t->relay), "%s/relay", t->rig->dir);
	t->relay_fd = rig_unix_listen(t->relay, SOCK_STREAM);
	t->control = -1;
	process_init(&t->launcher, "vinput-launch");
	launch_arg(t, "--dir=%s", t->place);
	if (getenv("VINPUT_TEMPLATE"))
		launch_arg(t, "--template");
	*state = t;
	return 0;
}

static void disconnect(struct launch_test *t)
{
	if (t->control >= 0)
		close(t->control);
	t->control = -1;
}

/*
 * Reap what a failed test left, so that it does not disturb the next one.
 * Return: whether there was nothing.
 */
static bool reap_all(void)
{
	bool clean = true;
	pid_t pid;

	for (int ms = 0; ms < DEADLINE_MS; ms += pid == 0) {
		pid = waitpid(-1, NULL, WNOHANG);
		if (pid < 0)
			return clean;
		clean = false;
		if (pid == 0)
			poll(NULL, 0, 1);
	}
	return false;
}

int launch_teardown(void **state)
{
	struct launch_test *t = *state;
	void *rig = t->rig;
	struct stat st;
	bool ok = true;

	disconnect(t);
	if (t->launcher.pid > 0) {
		ok = process_terminate(&t->launcher) == 0 && reap_all() &&
		     stat(t->place, &st) < 0;
		if (!ok)
			print_error("it did not exit cleanly:\n%s",
				    t->launcher.err.text);
	}
	process_fini(&t->launcher);
	reap_all();
	close(t->relay_fd);
	free(t);
	return rig_teardown(&rig) || !ok ? -1 : 0;
}

void launch_server_script(struct launch_test *t, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/server", t->rig->dir);
	/* No template: what a script does with a device is what matters. */
	file_write(path,
		   "#!/bin/sh\nREAL='%s/vhost-user-input'\n"
		   "case $* in *--template-fd=*) exit 2 ;; esac\n%s\n",
		   test_bin_dir(), text);
	assert_sys(chmod(path, 0700));
	launch_arg(t, "--server=%s", path);
}

void launch_start(struct launch_test *t)
{
	process_start(&t->launcher);
	process_expect_log(&t->launcher, "launcher: ready");
}

void launch_expect_nothing_left(struct launch_test *t)
{
	struct stat st;

	if (waitpid(-1, NULL, WNOHANG) >= 0)
		fail_msg("a process is left; the launcher's log:\n%s",
			 t->launcher.err.text);
	if (stat(t->place, &st) == 0)
		fail_msg("%s is left; the launcher's log:\n%s", t->place,
			 t->launcher.err.text);
}

void launch_end(struct launch_test *t)
{
	disconnect(t);
	assert_num(process_terminate(&t->launcher), 0);
	launch_expect_nothing_left(t);
}

/* --- orders --- */

static int try_connect(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

/* The launcher may have started just now. */
static void connect_control(struct launch_test *t)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/control", t->place);
	for (int ms = 0; ms < DEADLINE_MS; ms++) {
		t->control = try_connect(path);
		if (t->control >= 0)
			return;
		poll(NULL, 0, 1);
	}
	fail_msg("no listener at %s", path);
}

/* Return: a line without its newline, to be freed. */
static char *read_line(int fd)
{
	char *line = malloc(LINE_MAX_LEN);
	size_t len = 0;

	assert_non_null(line);
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		assert_true(len < LINE_MAX_LEN);
		assert_num(read(fd, &line[len], 1), 1);
		if (line[len] == '\n')
			break;
		len++;
	}
	line[len] = '\0';
	return line;
}

json_t *launch_order(struct launch_test *t, const char *fmt, ...)
{
	char *order, *line;
	json_t *answer;
	va_list ap;

	if (t->control < 0)
		connect_control(t);
	va_start(ap, fmt);
	assert_sys(vasprintf(&order, fmt, ap));
	va_end(ap);
	assert_num(send(t->control, order, strlen(order), MSG_NOSIGNAL),
		   strlen(order));
	assert_num(send(t->control, "\n", 1, MSG_NOSIGNAL), 1);
	free(order);
	line = read_line(t->control);
	answer = json_loads(line, 0, NULL);
	if (!answer)
		fail_msg("no JSON: %s", line);
	free(line);
	return answer;
}

void launch_expect_ok(json_t *answer)
{
	json_t *ok = json_object_get(answer, "ok");

	if (!json_is_true(ok))
		fail_msg("refused: %s",
			 json_string_value(json_object_get(answer, "error")));
	json_decref(answer);
}

void launch_expect_error(json_t *answer, const char *text)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_non_null(error);
	if (!strstr(error, text))
		fail_msg("the error is \"%s\", without \"%s\"", error, text);
	json_decref(answer);
}

/* Return: a device's member, to be freed; NULL if there is none. */
static json_t *listed(struct launch_test *t, const char *label, const char *key)
{
	json_t *answer = launch_order(t, "{\"command\": \"list\"}");
	json_t *entry, *found = NULL;
	size_t i;

	if (!strcmp(label, "streamer"))
		found = json_object_get(json_object_get(answer, label), key);
	json_array_foreach(json_object_get(answer, "devices"), i, entry)
	{
		json_t *name = json_object_get(entry, "label");

		if (!strcmp(label, json_string_value(name)))
			found = json_object_get(entry, key);
	}
	json_incref(found);
	json_decref(answer);
	return found;
}

long long launch_number(struct launch_test *t, const char *label,
			const char *key)
{
	json_t *value = listed(t, label, key);
	long long n = value ? json_integer_value(value) : -1;

	json_decref(value);
	return n;
}

bool launch_is(struct launch_test *t, const char *label, const char *state)
{
	json_t *value = listed(t, label, "state");
	bool is = value && !strcmp(json_string_value(value), state);

	json_decref(value);
	return is;
}

void launch_expect_state(struct launch_test *t, const char *label,
			 const char *state)
{
	for (int ms = 0; !launch_is(t, label, state); ms++) {
		if (ms == DEADLINE_MS)
			fail_msg("%s did not become %s", label, state);
		poll(NULL, 0, 1);
	}
}

static bool flag_is(struct launch_test *t, const char *label, const char *key,
		    bool value)
{
	json_t *flag = listed(t, label, key);
	bool is = json_is_boolean(flag) && json_is_true(flag) == value;

	json_decref(flag);
	return is;
}

void launch_expect_flag(struct launch_test *t, const char *label,
			const char *key, bool value)
{
	for (int ms = 0; !flag_is(t, label, key, value); ms++) {
		if (ms == DEADLINE_MS)
			fail_msg("%s of %s did not become %d", key, label,
				 value);
		poll(NULL, 0, 1);
	}
}

void launch_control(struct launch_test *t, struct process *p,
		    const char *const *words)
{
	process_init(p, "vinput-launch");
	process_arg(p, "--control=%s", t->place);
	for (; *words; words++)
		process_arg(p, "%s", *words);
	launch_run_process(p);
}

static void fail_control(struct process *p, const char *word)
{
	fail_msg("%s: status %d, \"%s\" and \"%s\"", word, p->status,
		 process_stdout(p), p->err.text);
}

void launch_expect_control(struct launch_test *t, const char *says,
			   const char *const *words)
{
	struct process p;

	launch_control(t, &p, words);
	if (p.status || !strstr(process_stdout(&p), says))
		fail_control(&p, words[0]);
	process_fini(&p);
}

void launch_expect_refused(struct launch_test *t, int status, const char *says,
			   const char *const *words)
{
	struct process p;

	launch_control(t, &p, words);
	if (p.status != status || process_log_count(&p, says) != 1)
		fail_control(&p, words[0]);
	process_fini(&p);
}

/* --- the two sides of a device --- */

void launch_vmm(struct launch_test *t, const char *label)
{
	snprintf(t->rig->socket, sizeof(t->rig->socket), "%s/%s.sock", t->place,
		 label);
	rig_prepare(t->rig, 64);
}

void launch_guest(struct launch_test *t, const char *label)
{
	launch_vmm(t, label);
	assert_ok(fe_start(&t->rig->fe));
}

static void set_injector(struct launch_test *t, int fd)
{
	if (t->rig->n_inject)
		close(t->rig->inject[0]);
	t->rig->inject[0] = fd;
	t->rig->n_inject = 1;
}

void launch_injector(struct launch_test *t, const char *label)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/%s.inject", t->place, label);
	set_injector(t, rig_unix_connect(path, SOCK_STREAM));
}

/* --- the relay --- */

void launch_relay(struct launch_test *t, int status, const char *fd,
		  const char *words)
{
	char exe[200];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	assert_sys(n);
	exe[n] = '\0';
	launch_arg(t, "--");
	launch_arg(t, "%s", exe);
	launch_arg(t, "relay");
	launch_arg(t, "%s", t->relay);
	launch_arg(t, "%d", status);
	launch_arg(t, "%s", fd);
	launch_arg(t, "%s", words);
}

char *launch_accept_relay(struct launch_test *t)
{
	struct pollfd p = { .fd = t->relay_fd, .events = POLLIN };
	int fd;

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	fd = accept4(t->relay_fd, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(fd);
	set_injector(t, fd);
	return read_line(fd);
}

/* In the streamer's process: no assertion may fail here. */
static void pass_on(int from, int to)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		for (ssize_t done = 0, m; done < n; done += m) {
			m = send(to, buf + done, (size_t)(n - done),
				 MSG_NOSIGNAL);
			if (m < 0)
				_exit(99);
		}
}

void launch_relay_main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (argc < 6 || strcmp(argv[1], "relay"))
		return;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", argv[2]);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		_exit(98);
	dprintf(fd, "%s VINPUT_FDS=%s VINPUT_DIR=%s\n", argv[5],
		getenv("VINPUT_FDS"), getenv("VINPUT_DIR"));
	pass_on(fd, atoi(argv[4]));
	_exit(atoi(argv[3]));
}

/* --- other programs --- */

int launch_run_process(struct process *p)
{
	process_capture(p);
	process_start(p);
	return process_wait(p);
}
