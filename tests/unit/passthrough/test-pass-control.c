/* SPDX-License-Identifier: Apache-2.0 */
/* pass-control.h, with a launcher that the test plays. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "injector/passthrough/pass-control.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/rig.h"
#include "tests/lib/temp-dir.h"

static struct world {
	char dir[TEMP_DIR_LEN];
	int listener, launcher; /* the launcher's end; -1: none yet */
	struct pass_control control;
	int answers;
	char answer[PASS_ANSWER_MAX]; /* "-": it is done */
} w;

static void note_answer(void *arg, const char *error)
{
	assert_ptr_equal(arg, &w);
	w.answers++;
	snprintf(w.answer, sizeof(w.answer), "%s", error ? error : "-");
}

static int setup(void **state)
{
	char path[TEMP_DIR_LEN + 16];

	memset(&w, 0, sizeof(w));
	fill_with_garbage(&w.control);
	temp_dir_make(w.dir);
	snprintf(path, sizeof(path), "%s/control", w.dir);
	w.listener = rig_unix_listen(path, SOCK_STREAM);
	w.launcher = -1;
	w.control.loop = ev_loop_new(EVFLAG_NOENV);
	w.control.answered = note_answer;
	w.control.arg = &w;
	pass_control_init(&w.control);
	assert_num(w.control.fd, -1);
	return 0;
}

static int teardown(void **state)
{
	pass_control_stop(&w.control);
	ev_loop_destroy(w.control.loop);
	close(w.listener);
	if (w.launcher >= 0)
		close(w.launcher);
	return temp_dir_remove(w.dir);
}

static void serve(void)
{
	ev_run(w.control.loop, EVRUN_NOWAIT);
}

/* Sent, and accepted by the launcher. */
static void ask(json_t *request)
{
	assert_ok(pass_control_ask(&w.control, w.dir, request));
	w.launcher = accept(w.listener, NULL, NULL);
	assert_sys(w.launcher);
}

static void ask_and_send(void)
{
	ask(json_pack("{s:s}", "command", "list"));
	serve();
}

static void expect_line(int fd, const char *line)
{
	char got[256] = "";

	assert_true(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT) > 0);
	assert_string_equal(got, line);
}

static void launcher_sends(const char *text)
{
	assert_num(send(w.launcher, text, strlen(text), 0), strlen(text));
	serve();
}

static void expect_answer(const char *error)
{
	assert_num(w.answers, 1);
	assert_string_equal(w.answer, error);
	assert_num(w.control.fd, -1);
	assert_null(w.control.out);
	assert_false(ev_is_active(&w.control.io));
	if (w.launcher >= 0)
		close(w.launcher);
	w.launcher = -1;
	w.answers = 0;
}

static void an_answer_ends_the_request(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "{\"ok\": true}\n", "-" },
		{ "{\"ok\": true, \"error\": \"no\"}\n", "-" },
		{ "{\"ok\": false, \"error\": \"full\"}\n", "full" },
		{ "{\"error\": \"no such label\"}\n", "no such label" },
		{ "{}\n", "an answer that is not understood" },
		{ "what?\n", "an answer that is not understood" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ask_and_send();
		expect_line(w.launcher, "{\"command\":\"list\"}\n");
		assert_num(w.answers, 0);
		launcher_sends(rows[i].text);
		expect_answer(rows[i].error);
	}
}

static void an_answer_may_come_in_parts(void **state)
{
	ask_and_send();
	launcher_sends("{\"ok\":");
	assert_num(w.answers, 0);
	launcher_sends(" true}");
	assert_num(w.answers, 0);
	launcher_sends("\n");
	expect_answer("-");
}

/* As if the loop had been wrong. */
static void without_an_answer_it_waits(void **state)
{
	ask_and_send();
	ev_invoke(w.control.loop, &w.control.io, EV_READ);
	assert_num(w.answers, 0);
	launcher_sends("{\"ok\": true}\n");
	expect_answer("-");
}

static void a_launcher_may_end(void **state)
{
	ask_and_send();
	launcher_sends("{\"ok\":");
	shutdown(w.launcher, SHUT_RDWR);
	serve();
	expect_answer("the launcher has ended");
}

/* A socket that is closed with unread bytes. */
static void a_launcher_may_break_off(void **state)
{
	ask_and_send();
	close(w.launcher);
	w.launcher = -1;
	serve();
	expect_answer("the launcher has ended");
}

static void the_length_of_an_answer_is_limited(void **state)
{
	char text[PASS_ANSWER_MAX];

	/* As long as it may be, with its newline. */
	memset(text, ' ', sizeof(text));
	memcpy(text, "{\"ok\": true}", 12);
	text[PASS_ANSWER_MAX - 1] = '\0';
	text[PASS_ANSWER_MAX - 2] = '\n';
	ask_and_send();
	launcher_sends(text);
	expect_answer("-");

	text[PASS_ANSWER_MAX - 2] = '\0';
	ask_and_send();
	launcher_sends(text);
	assert_num(w.answers, 0);
	launcher_sends(" ");
	expect_answer("too long an answer");

	ask_and_send();
	text[PASS_ANSWER_MAX - 2] = ' ';
	text[PASS_ANSWER_MAX - 1] = '\n';
	assert_num(send(w.launcher, text, sizeof(text), 0), sizeof(text));
	serve();
	expect_answer("too long an answer");
}

#define LONG 1000000

static json_t *long_request(void)
{
	char *text = malloc(LONG + 1);
	json_t *request;

	assert_non_null(text);
	memset(text, 'x', LONG);
	text[LONG] = '\0';
	request = json_pack("{s:s}", "a", text);
	free(text);
	return request;
}

static void a_long_request_is_sent_in_parts(void **state)
{
	char *got = malloc(LONG + 64);
	size_t len = 0;

	assert_non_null(got);
	ask(long_request());
	errno = EPIPE; /* of before */
	for (ssize_t n = 0; n >= 0; len += n > 0 ? (size_t)n : 0) {
		serve();
		n = recv(w.launcher, got + len, LONG + 64 - len, MSG_DONTWAIT);
	}
	assert_num(len, LONG + 9);
	for (size_t i = 0; i < LONG; i++)
		assert_num(got[6 + i], 'x');
	free(got);
	launcher_sends("{\"ok\": true}\n");
	expect_answer("-");
}

/* It says why, and reads nothing. */
static void a_launcher_may_answer_without_reading(void **state)
{
	static const char refusal[] = "{\"error\": \"not for you\"}\n";

	ask(long_request());
	serve();
	assert_num(send(w.launcher, refusal, strlen(refusal), 0),
		   strlen(refusal));
	close(w.launcher);
	w.launcher = -1;
	for (int i = 0; i < 10 && !w.answers; i++)
		serve();
	expect_answer("not for you");
}

static void a_request_that_is_stopped_has_no_answer(void **state)
{
	ask_and_send();
	pass_control_stop(&w.control);
	assert_num(w.control.fd, -1);
	pass_control_stop(&w.control);
	serve();
	assert_num(w.answers, 0);
}

static void without_a_launcher_there_is_an_error(void **state)
{
	char dir[128];

	assert_rc(pass_control_check("/nonexistent"), -ENOENT);
	assert_rc(pass_control_ask(&w.control, "/nonexistent", json_object()),
		  -ENOENT);
	assert_null(w.control.out);
	assert_num(w.control.fd, -1);
	pass_control_tell("/nonexistent", json_object());
	/* A path of a socket has at most 107 bytes. */
	memset(dir, '/', sizeof(dir));
	strcpy(dir + 99, "");
	assert_rc(pass_control_check(dir), -ENOENT);
	strcpy(dir + 99, "/");
	assert_rc(pass_control_check(dir), -ENAMETOOLONG);
	close(w.listener);
	assert_rc(pass_control_check(w.dir), -ECONNREFUSED);
	assert_rc(pass_control_ask(&w.control, w.dir, json_object()),
		  -ECONNREFUSED);
}

static void a_launcher_is_told_without_an_answer(void **state)
{
	int fd;

	assert_ok(pass_control_check(w.dir));
	close(accept(w.listener, NULL, NULL));
	pass_control_tell(w.dir, json_pack("{s:s}", "command", "remove"));
	fd = accept(w.listener, NULL, NULL);
	expect_line(fd, "{\"command\":\"remove\"}\n");
	assert_num(recv(fd, &(char){ 0 }, 1, 0), 0);
	close(fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_answer_ends_the_request),
		T(an_answer_may_come_in_parts),
		T(without_an_answer_it_waits),
		T(a_launcher_may_end),
		T(a_launcher_may_break_off),
		T(the_length_of_an_answer_is_limited),
		T(a_long_request_is_sent_in_parts),
		T(a_launcher_may_answer_without_reading),
		T(a_request_that_is_stopped_has_no_answer),
		T(without_a_launcher_there_is_an_error),
		T(a_launcher_is_told_without_an_answer),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
