/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket of vinput-launch: what a running launcher can be ordered.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/launch.h"
#include "tests/lib/usage.h"

#define REQUEST_MAX 262144

static void devices_come_and_go_by_order(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--display=10x10");
	launch_start(t);
	launch_expect_ok(launch_order(
		t, "{\"command\": \"add\", \"devices\": [{\"type\": \"mouse\"},"
		   "{\"type\": \"touchpad\", \"width\": 5, \"height\": 5}]}"));
	assert_true(launch_is(t, "touch_1", "ready"));
	launch_guest(t, "mouse");
	launch_injector(t, "mouse");
	inject(t->rig, REL(REL_X, 5), SYN);
	expect(t->rig, REL(REL_X, 5), SYN);
	launch_expect_ok(launch_order(
		t, "{\"command\": \"remove\", \"label\": \"mouse\"}"));
	assert_num(launch_number(t, "mouse", "pid"), -1);
	char path[100];
	snprintf(path, sizeof(path), "%s/mouse.sock", t->place);
	assert_num(access(path, F_OK), -1);
	launch_end(t);
}

static void a_launcher_without_devices_waits_for_some(void **state)
{
	struct launch_test *t = *state;

	launch_start(t);
	process_expect_log(&t->launcher,
			   "ready: 0 devices; waiting for vinput-launch "
			   "--control add");
	launch_expect_control(t, "keyboard\n",
			      LAUNCH_WORDS("add", "--keyboard"));
	launch_guest(t, "keyboard");
	launch_injector(t, "keyboard");
	inject(t->rig, KEY(KEY_A, 1), SYN);
	expect(t->rig, KEY(KEY_A, 1), SYN);
	launch_expect_control(t, "", LAUNCH_WORDS("remove", "keyboard"));
	launch_end(t);
}

static void commands_can_be_sent_from_the_command_line(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_expect_control(
		t, "gamepad\ntouch_0\n",
		LAUNCH_WORDS("add", "--gamepad", "--display", "20x20"));
	launch_expect_control(t, "touch_0          display        ready",
			      LAUNCH_WORDS("list"));
	launch_expect_control(t, "RESTARTS VMM DRIVER SOCKET\n",
			      LAUNCH_WORDS("list"));
	launch_expect_control(t, "\"sources_total\":0",
			      LAUNCH_WORDS("stats", "gamepad"));
	launch_expect_control(t, "", LAUNCH_WORDS("restart", "gamepad"));
	assert_num(launch_number(t, "gamepad", "restarts"), 1);
	launch_expect_control(t, "", LAUNCH_WORDS("remove", "gamepad"));
	launch_expect_control(t, "{\"ok\":true,\"ready\":true,\"devices\":[",
			      LAUNCH_WORDS("--json", "list"));
	launch_expect_refused(t, 1, "did you mean keyboard?",
			      LAUNCH_WORDS("remove", "keybord"));
	launch_end(t);
}

/* By its own size, its spec in the request, and a label. */
static void devices_are_described(void **state)
{
	struct launch_test *t = *state;
	json_t *answer;

	launch_arg(t, "--display=30x20");
	launch_start(t);
	launch_expect_ok(launch_order(
		t, "{\"command\": \"add\", \"devices\": [{\"label\": \"pad\","
		   "\"spec\": {\"name\": \"P\", \"events\":"
		   "{\"EV_KEY\": [\"KEY_A\"]}}}]}"));
	launch_expect_control(t, "\"ABS_MT_POSITION_X\":{\"min\":0,\"max\":29,",
			      LAUNCH_WORDS("describe", "touch_0"));
	launch_expect_control(t, "{\"label\":\"pad\",\"spec\":{\"name\":\"P\"",
			      LAUNCH_WORDS("describe"));
	answer = launch_order(t, "{\"command\": \"describe\"}");
	assert_num(json_array_size(json_object_get(answer, "devices")), 2);
	launch_expect_ok(answer);
	launch_expect_refused(t, 1, "no device touch_1",
			      LAUNCH_WORDS("describe", "touch_1"));
	launch_end(t);
}

static void a_device_that_does_not_come_up_is_not_added(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_expect_error(
		launch_order(t, "{\"command\": \"add\", \"devices\": ["
				"{\"type\": \"mouse\"}, {\"spec\": \"nosuch\","
				"\"label\": \"x\"}]}"),
		"x: --spec=nosuch: no such spec");
	assert_num(launch_number(t, "x", "pid"), -1);
	assert_num(launch_number(t, "mouse", "pid"), -1);
	launch_expect_error(launch_order(t, "{\"command\": \"add\", \"devices\""
					    ": [{\"type\": \"keyboard\"}]}"),
			    "device keyboard already exists");
	launch_expect_error(launch_order(t, "{\"command\": \"add\", \"devices\""
					    ": [{\"type\": \"display\"}]}"),
			    "needs a width and a height");
	assert_true(launch_is(t, "keyboard", "ready"));
	launch_end(t);
}

static void bad_orders_are_answered_and_change_nothing(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_expect_error(launch_order(t, "not JSON"), "column");
	launch_expect_error(launch_order(t, "%s", ""), "column");
	launch_expect_error(launch_order(t, "[1]"),
			    "a request must be an object");
	launch_expect_error(launch_order(t, "{\"command\": \"lst\"}"),
			    "did you mean list?");
	launch_expect_error(launch_order(t, "{\"command\": \"remove\"}"),
			    "label must be a string");
	launch_expect_error(
		launch_order(t,
			     "{\"command\": \"restart\", \"label\": \"mice\"}"),
		"no device mice");
	launch_expect_error(launch_order(t, "{\"command\": \"restart\", "
					    "\"label\": \"streamer\"}"),
			    "no streamer");
	launch_expect_error(launch_order(t, "{\"command\": \"add\"}"),
			    "devices must be an array");
	assert_true(launch_is(t, "keyboard", "ready"));
	launch_end(t);
}

#define PAD                                             \
	"{\"name\": \"Pad\", \"events\": {\"EV_KEY\": " \
	"[\"KEY_A\", \"KEY_B\"]}}"

/* Its spec is no file: each process of the server gets it again. */
static void a_device_can_be_added_with_its_spec(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_expect_ok(launch_order(t, "{\"command\": \"add\", \"devices\": "
					 "[{\"label\": \"pad\", \"spec\": " PAD
					 "}]}"));
	process_expect_log(&t->launcher, "pad: serving \"Pad\"");
	assert_sys(kill((pid_t)launch_number(t, "pad", "pid"), SIGKILL));
	while (launch_number(t, "pad", "restarts") < 1)
		poll(NULL, 0, 1);
	launch_expect_state(t, "pad", "ready");
	launch_guest(t, "pad");
	launch_injector(t, "pad");
	inject(t->rig, KEY(KEY_B, 1), SYN);
	expect(t->rig, KEY(KEY_B, 1), SYN);
	launch_expect_control(t, "pad              inline",
			      LAUNCH_WORDS("list"));
	launch_expect_refused(t, 1, "pad has an inline spec: the request must",
			      LAUNCH_WORDS("reload", "pad"));
	launch_end(t);
}

#define PAD_OF(key)                                     \
	"{\"name\": \"Pad\", \"events\": {\"EV_KEY\": " \
	"[\"" key "\"]}}"

/* The one that is rejected is not what a new process of the server gets. */
static void an_inline_spec_can_be_replaced(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--device=pad=" PAD);
	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_expect_control(
		t, "",
		LAUNCH_WORDS("reload", "pad", "--spec=" PAD_OF("KEY_C")));
	process_expect_log(&t->launcher, "the next driver gets the changed");
	launch_expect_refused(t, 1, "pad: the spec:",
			      LAUNCH_WORDS("reload", "pad", "--spec={}"));
	launch_expect_ok(launch_order(
		t, "{\"command\": \"restart\", \"label\": \"pad\"}"));
	launch_expect_state(t, "pad", "ready");
	launch_guest(t, "pad");
	launch_injector(t, "pad");
	inject(t->rig, KEY(KEY_A, 1), KEY(KEY_C, 1), SYN);
	expect(t->rig, KEY(KEY_C, 1), SYN);
	launch_expect_control(t, "KEY_C", LAUNCH_WORDS("describe", "pad"));
	launch_expect_refused(
		t, 1, "keyboard has the spec keyboard, not an inline one",
		LAUNCH_WORDS("reload", "keyboard", "--spec=" PAD));
	launch_end(t);
}

static void a_spec_can_be_given_on_the_command_line_or_on_stdin(void **state)
{
	struct launch_test *t = *state;
	struct process p;
	char path[64];
	FILE *spec;

	launch_arg(t, "--device=one=" PAD);
	launch_start(t);
	launch_expect_control(t, "two\n",
			      LAUNCH_WORDS("add", "two", "--spec=" PAD));
	snprintf(path, sizeof(path), "%s/pad.json", t->rig->dir);
	file_write(path, "%s", PAD);
	spec = fopen(path, "re");
	assert_non_null(spec);
	process_init(&p, "vinput-launch");
	process_arg(&p, "--control=%s", t->place);
	process_arg(&p, "add");
	process_arg(&p, "three");
	process_arg(&p, "--spec=-");
	p.in = fileno(spec);
	assert_num(launch_run_process(&p), 0);
	process_fini(&p);
	fclose(spec);
	assert_true(launch_is(t, "three", "ready"));
	launch_expect_refused(
		t, 1, "four: the spec:",
		LAUNCH_WORDS("add", "four", "--spec={\"name\": 5}"));
	launch_expect_refused(t, 2, "--spec: the spec:1:2: ",
			      LAUNCH_WORDS("add", "five", "--spec={5"));
	launch_expect_refused(t, 2,
			      "--spec goes with add LABEL or reload LABEL",
			      LAUNCH_WORDS("list", "--spec=pen"));
	launch_end(t);
}

/* The launcher, which has another current directory, does not open it. */
static void a_spec_is_read_from_a_file_of_the_client(void **state)
{
	struct launch_test *t = *state;
	char path[64], option[80];

	launch_arg(t, "--keyboard");
	launch_start(t);
	snprintf(path, sizeof(path), "%s/pad.json", t->rig->dir);
	file_write(path, "%s", PAD);
	snprintf(option, sizeof(option), "--spec=@%s", path);
	launch_expect_control(t, "one\n", LAUNCH_WORDS("add", "one", option));
	assert_sys(unlink(path));
	/* Nor when it starts the server again. */
	launch_expect_control(t, "", LAUNCH_WORDS("restart", "one"));
	launch_guest(t, "one");
	launch_injector(t, "one");
	inject(t->rig, KEY(KEY_B, 1), SYN);
	expect(t->rig, KEY(KEY_B, 1), SYN);
	launch_expect_refused(t, 2, "No such file or directory",
			      LAUNCH_WORDS("add", "two", option));
	file_write(path, "{\n\"name\" 5}");
	launch_expect_refused(
		t, 2, "/pad.json:2:8: ", LAUNCH_WORDS("add", "two", option));
	launch_end(t);
}

static void a_spec_that_is_too_long_is_refused(void **state)
{
	struct launch_test *t = *state;
	char path[64], option[80], *text = calloc(1, 300000);

	launch_arg(t, "--keyboard");
	launch_start(t);
	memset(text, 'x', 299999);
	snprintf(path, sizeof(path), "%s/long.json", t->rig->dir);
	file_write(path, "{\"$comment\": \"%s\"}", text);
	free(text);
	snprintf(option, sizeof(option), "--spec=@%s", path);
	launch_expect_refused(t, 1, "must have less than 262144 bytes",
			      LAUNCH_WORDS("add", "long", option));
	assert_true(launch_is(t, "keyboard", "ready"));
	launch_end(t);
}

/* The launcher is busy when it comes, and it is more than a socket holds. */
static void a_long_order_arrives_whole(void **state)
{
	struct launch_test *t = *state;
	char path[64], *text = calloc(1, 250000);
	struct process add;

	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_true(launch_is(t, "keyboard", "ready"));
	memset(text, 'x', 249999);
	snprintf(path, sizeof(path), "%s/long.json", t->rig->dir);
	file_write(path,
		   "{\"name\": \"Long\", \"$comment\": \"%s\", "
		   "\"events\": {\"EV_KEY\": [\"KEY_A\"]}}",
		   text);
	free(text);
	assert_sys(kill(t->launcher.pid, SIGSTOP));
	process_init(&add, "vinput-launch");
	process_arg(&add, "--control=%s", t->place);
	process_arg(&add, "add");
	process_arg(&add, "long");
	process_arg(&add, "--spec=@%s", path);
	process_start(&add);
	/* It waits for space, then for the answer. */
	usage_wait_rest(add.pid);
	assert_sys(kill(t->launcher.pid, SIGCONT));
	assert_num(process_wait(&add), 0);
	process_fini(&add);
	launch_guest(t, "long");
	launch_injector(t, "long");
	inject(t->rig, KEY(KEY_A, 1), SYN);
	expect(t->rig, KEY(KEY_A, 1), SYN);
	launch_end(t);
}

/* A client that sends no more gets its answer, and the connection ends. */
static void a_client_is_answered_after_its_end(void **state)
{
	static const char order[] =
		"{\"command\": \"restart\", \"label\": \"keyboard\"}\n";
	const struct timeval limit = { .tv_sec = DEADLINE_MS / 1000 };
	struct launch_test *t = *state;
	char path[200], got[200];
	size_t n = 0;
	ssize_t r;

	launch_arg(t, "--keyboard");
	launch_start(t);
	snprintf(path, sizeof(path), "%s/control", t->place);
	const int fd = rig_unix_connect(path, SOCK_STREAM);
	assert_sys(
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	assert_num(send(fd, order, strlen(order), 0), strlen(order));
	assert_sys(shutdown(fd, SHUT_WR));
	while ((r = recv(fd, got + n, sizeof(got) - n - 1, 0)) > 0)
		n += (size_t)r;
	assert_num(r, 0);
	got[n] = '\0';
	assert_string_equal(got, "{\"ok\":true}\n");
	close(fd);
	launch_end(t);
}

static void an_add_of_nothing_is_refused(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_expect_error(
		launch_order(t, "{\"command\": \"add\", \"devices\": []}"),
		"at least one device is required");
	launch_end(t);
}

static void an_add_past_the_number_of_devices_is_refused(void **state)
{
	struct launch_test *t = *state;
	char *text = strdup(""), *longer;

	for (int i = 0; i < 256; i++) {
		assert_sys(asprintf(&longer,
				    "%s%s{\"spec\": \"mouse\", \"label\": "
				    "\"m%d\"}",
				    text, i ? "," : "", i));
		free(text);
		text = longer;
	}
	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_expect_error(launch_order(t,
					 "{\"command\": \"add\", "
					 "\"devices\": [%s]}",
					 text),
			    "more than 256 devices");
	free(text);
	launch_end(t);
}

static void an_unknown_label_gets_the_nearest(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--mouse");
	launch_relay(t, 0, "{mouse_fd}", "");
	launch_start(t);
	launch_expect_refused(t, 1, "no device mose; did you mean mouse?",
			      LAUNCH_WORDS("stats", "mose"));
	launch_expect_refused(t, 1, "no device steamer; did you mean streamer?",
			      LAUNCH_WORDS("restart", "steamer"));
	/* Which is no device. */
	launch_expect_refused(t, 1, "no device streamer",
			      LAUNCH_WORDS("remove", "streamer"));
	launch_end(t);
}

/* --- clients --- */

#define CLIENTS_MAX 16 /* LAUNCH_CLIENTS_MAX, that of test-launch included */

static void one_client_too_many_gets_an_error(void **state)
{
	struct launch_test *t = *state;
	char path[80], answer[200] = "";
	int fd[CLIENTS_MAX];

	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_true(launch_is(t, "keyboard", "ready"));
	snprintf(path, sizeof(path), "%s/control", t->place);
	for (int i = 1; i < CLIENTS_MAX; i++)
		fd[i] = rig_unix_connect(path, SOCK_STREAM);
	/* Accepted in turn: one that sends nothing is answered as well. */
	fd[0] = rig_unix_connect(path, SOCK_STREAM);
	struct pollfd p = { .fd = fd[0], .events = POLLIN };
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	assert_true(recv(fd[0], answer, sizeof(answer) - 1, 0) > 0);
	assert_non_null(strstr(answer, "at most 16 control clients"));
	assert_num(answer[strlen(answer) - 1], '\n');
	assert_num(recv(fd[0], answer, sizeof(answer), 0), 0);
	launch_expect_refused(t, 1, "at most 16 control clients at a time",
			      LAUNCH_WORDS("list"));
	process_expect_log(&t->launcher, "refused a control client");
	for (int i = 0; i < CLIENTS_MAX; i++)
		close(fd[i]);
	launch_end(t);
}

static void who_waits_waits_for_a_place_too(void **state)
{
	struct launch_test *t = *state;
	struct process wait;
	char path[80];
	int fd[CLIENTS_MAX];

	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_true(launch_is(t, "keyboard", "ready"));
	snprintf(path, sizeof(path), "%s/control", t->place);
	for (int i = 1; i < CLIENTS_MAX; i++)
		fd[i] = rig_unix_connect(path, SOCK_STREAM);
	process_init(&wait, "vinput-launch");
	process_arg(&wait, "--wait=%s", t->place);
	process_start(&wait);
	process_expect_log(&t->launcher, "refused a control client");
	assert_true(process_runs(&wait));
	for (int i = 1; i < CLIENTS_MAX; i++)
		close(fd[i]);
	assert_num(process_wait(&wait), 0);
	process_fini(&wait);
	launch_end(t);
}

static void an_order_without_end_is_not_kept(void **state)
{
	struct launch_test *t = *state;
	char buf[4096], answer[300] = "";
	ssize_t n;

	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_true(launch_is(t, "keyboard", "ready"));
	memset(buf, 'x', sizeof(buf));
	do
		n = send(t->control, buf, sizeof(buf), MSG_NOSIGNAL);
	while (n > 0);
	assert_num(errno == EPIPE || errno == ECONNRESET, 1);
	assert_true(recv(t->control, answer, sizeof(answer) - 1, 0) > 0);
	assert_non_null(strstr(answer, "\"error\":\"the request is too long"));
	close(t->control);
	t->control = -1;
	assert_true(launch_is(t, "keyboard", "ready"));
	launch_end(t);
}

static void send_unended(int fd, size_t n)
{
	static const char zeros[4096];
	ssize_t sent;

	for (; n; n -= (size_t)sent) {
		sent = send(fd, zeros, n < sizeof(zeros) ? n : sizeof(zeros),
			    MSG_NOSIGNAL);
		assert_true(sent > 0);
	}
}

/* All that is kept of it has arrived before the other one is done. */
static void an_order_without_end_is_refused_after_another(void **state)
{
	struct launch_test *t = *state;
	static const struct timeval deadline = { .tv_sec = DEADLINE_MS / 1000 };
	char *answer = NULL;
	size_t room = 0;
	FILE *from;
	pid_t pid;

	launch_arg(t, "--keyboard");
	launch_start(t);
	pid = (pid_t)launch_number(t, "keyboard", "pid");
	assert_sys(kill(pid, SIGSTOP));
	dprintf(t->control,
		"{\"command\": \"restart\", \"label\": \"keyboard\"}\n");
	send_unended(t->control, REQUEST_MAX);
	assert_sys(kill(pid, SIGCONT));
	assert_sys(setsockopt(t->control, SOL_SOCKET, SO_RCVTIMEO, &deadline,
			      sizeof(deadline)));
	from = fdopen(t->control, "r");
	assert_non_null(from);
	t->control = -1;
	assert_true(getline(&answer, &room, from) > 0);
	assert_non_null(strstr(answer, "\"ok\":true"));
	assert_true(getline(&answer, &room, from) > 0);
	assert_non_null(strstr(answer, "\"error\":\"the request is too long"));
	assert_num(getline(&answer, &room, from), -1);
	free(answer);
	fclose(from);
	launch_end(t);
}

#define test(f) \
	cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(devices_come_and_go_by_order),
		test(a_launcher_without_devices_waits_for_some),
		test(commands_can_be_sent_from_the_command_line),
		test(devices_are_described),
		test(a_device_that_does_not_come_up_is_not_added),
		test(bad_orders_are_answered_and_change_nothing),
		test(a_device_can_be_added_with_its_spec),
		test(an_inline_spec_can_be_replaced),
		test(a_spec_can_be_given_on_the_command_line_or_on_stdin),
		test(a_spec_is_read_from_a_file_of_the_client),
		test(a_spec_that_is_too_long_is_refused),
		test(a_long_order_arrives_whole),
		test(a_client_is_answered_after_its_end),
		test(an_add_of_nothing_is_refused),
		test(an_add_past_the_number_of_devices_is_refused),
		test(an_unknown_label_gets_the_nearest),
		test(one_client_too_many_gets_an_error),
		test(who_waits_waits_for_a_place_too),
		test(an_order_without_end_is_not_kept),
		test(an_order_without_end_is_refused_after_another),
	};

	launch_relay_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
