/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream-launcher.h with a launcher that the test plays, at its control socket
 * in a directory with the sockets of its devices. When it is asked again is
 * read from the timer, which the test lets expire.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "injector/stream/stream-launcher.h"
#include "input/base/log.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

#define REQUEST	   "{\"command\":\"describe\"}\n"
#define SPEC	   ",\"spec\":{\"name\":\"k\",\"events\":{\"EV_KEY\":[30]}}}"
#define ANSWER_MAX (4 * 1024 * 1024)

static struct world {
	char dir[TEMP_DIR_LEN];
	struct ev_loop *loop;
	struct stream_devices devices;
	struct stream_sessions sessions;
	struct stream_links links;
	struct stream_launcher launcher;
	int listener; /* its control socket */
	int asked;    /* where it awaits an answer */
	int log, err; /* what stderr is, and was */
	off_t logged; /* what was read of it */
} w;

static bool no_inotify;

/* In place of libc's. */
int inotify_init1(int flags)
{
	if (!no_inotify)
		return (int)syscall(SYS_inotify_init1, flags);
	errno = EMFILE;
	return -1;
}

static bool cannot_send;

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	if (!cannot_send || fd == STDERR_FILENO)
		return sendto(fd, buf, n, flags, NULL, 0);
	errno = EIO;
	return -1;
}

static int read_error; /* of the next one */

ssize_t read(int fd, void *buf, size_t nbytes)
{
	if (!read_error)
		return syscall(SYS_read, fd, buf, nbytes);
	errno = read_error;
	read_error = 0;
	return -1;
}

static int listen_at(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", w.dir, name);
	assert_sys(bind(fd, (struct sockaddr *)&at, sizeof(at)));
	assert_sys(listen(fd, 8));
	return fd;
}

static void start(void)
{
	stream_launcher_init(&w.launcher, w.loop, &w.links, w.dir);
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	temp_dir_make(w.dir);
	w.loop = ev_loop_new(EVFLAG_AUTO);
	w.asked = -1;
	w.listener = listen_at("control");
	stream_links_init(&w.links, w.loop, &w.devices, &w.sessions);
	w.log = memfd_create("log", MFD_CLOEXEC);
	w.err = dup(STDERR_FILENO);
	dup2(w.log, STDERR_FILENO);
	log_set_level(LOG_INFO);
	return 0;
}

/* seconds: -1: not at all. */
static void expect_asked_in(double seconds)
{
	const bool is = ev_is_active(&w.launcher.ask);

	assert_num(is, seconds >= 0);
	if (is)
		assert_true(fabs(ev_timer_remaining(w.loop, &w.launcher.ask) -
				 seconds) < 0.001);
}

static int teardown(void **state)
{
	dup2(w.err, STDERR_FILENO);
	close(w.err);
	close(w.log);
	stream_launcher_fini(&w.launcher);
	expect_asked_in(-1);
	assert_false(ev_is_active(&w.launcher.notify));
	stream_links_fini(&w.links);
	close(w.asked);
	close(w.listener);
	ev_loop_destroy(w.loop);
	return temp_dir_remove(w.dir);
}

/* The lines since the last time, without the program's name. */
static void expect_log(const char *wanted)
{
	char text[4096], lines[4096] = "";
	const ssize_t n = pread(w.log, text, sizeof(text) - 1, w.logged);
	char *rest = text;

	assert_sys(n);
	text[n] = '\0';
	w.logged += n;
	for (char *line; (line = strsep(&rest, "\n")) && *line;)
		snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines),
			 "%s\n", strstr(line, ": ") + 2);
	assert_string_equal(lines, wanted);
}

static void start_without_inotify(void)
{
	no_inotify = true;
	start();
	no_inotify = false;
	expect_log("host: inotify: Too many open files; the launcher is asked "
		   "every 2 s\n");
}

/* The launcher is asked, and has accepted it. */
static void ask(void)
{
	char request[64];
	ssize_t n;

	ev_timer_stop(w.loop, &w.launcher.ask);
	ev_invoke(w.loop, &w.launcher.ask, EV_TIMER);
	close(w.asked);
	w.asked = accept4(w.listener, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(w.asked);
	n = recv(w.asked, request, sizeof(request), 0);
	assert_num(n, sizeof(REQUEST) - 1);
	assert_memory_equal(request, REQUEST, (size_t)n);
	assert_true(fcntl(w.launcher.fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(w.launcher.fd, F_GETFD) & FD_CLOEXEC);
}

static void answer(const char *text)
{
	assert_sys(send(w.asked, text, strlen(text), MSG_NOSIGNAL));
	ev_run(w.loop, EVRUN_NOWAIT);
}

static void ask_and_answer(const char *text)
{
	ask();
	answer(text);
	/* It does not listen to more. */
	assert_num(w.launcher.fd, -1);
	assert_null(w.launcher.text);
}

static const struct stream_device *device(const char *label)
{
	return stream_device_by_label(&w.devices, label);
}

static void devices_of_an_answer_are_connected(void **state)
{
	const int a = listen_at("a.inject"), b = listen_at("b.inject");

	start();
	expect_asked_in(0);
	ask();
	expect_asked_in(-1);
	answer("{\"devices\":[{\"label\":\"a\"" SPEC ",");
	assert_null(device("a"));
	answer("{\"label\":\"b\"" SPEC ",{\"label\":\"a\"" SPEC "]}\n");
	assert_true(stream_device_has(device("a"), EV_KEY, KEY_A));
	assert_false(stream_device_has(device("a"), EV_KEY, KEY_B));
	assert_non_null(device("b"));
	assert_null(w.devices.at[2]);
	expect_log("a is connected\nb is connected\n");
	expect_asked_in(-1);
	close(a);
	close(b);
}

static void devices_that_are_no_longer_described_are_removed(void **state)
{
	const int a = listen_at("a.inject"), b = listen_at("b.inject");

	start();
	ask_and_answer("{\"devices\":[{\"label\":\"a\"" SPEC
		       ",{\"label\":\"b\"" SPEC "]}\n");
	expect_log("a is connected\nb is connected\n");
	stream_launcher_fini(&w.launcher);
	start();
	ask_and_answer("{\"devices\":[{},{\"label\":7},{\"label\":\"b\"" SPEC
		       "]}\n");
	expect_log("a is gone\n");
	assert_null(device("a"));
	assert_non_null(device("b"));
	close(a);
	close(b);
}

#define LABEL_32 "12345678901234567890123456789012"

static void entries_without_a_label_of_ours_are_passed_over(void **state)
{
	const int a = listen_at("a.inject");

	start();
	ask_and_answer("{\"devices\":[7,{},{\"label\":null},"
		       "{\"label\":\"" LABEL_32 "3\"" SPEC
		       ",{\"label\":\"a\"" SPEC "]}\n");
	expect_log("a is connected\n");
	expect_asked_in(-1);
	ask_and_answer("{\"devices\":[{\"label\":\"" LABEL_32 "\"" SPEC "]}\n");
	expect_log("a is gone\n");
	expect_asked_in(1);
	close(a);
}

/* A server that has not opened its socket, or does not listen any more. */
static void device_that_is_not_ready_is_tried_again(void **state)
{
	static const char text[] = "{\"devices\":[{\"label\":\"a\"" SPEC "]}\n";
	char path[64];
	int a;

	start_without_inotify();
	ask_and_answer(text);
	expect_asked_in(1);
	close(listen_at("a.inject"));
	ask_and_answer(text);
	expect_asked_in(1);
	expect_log("");
	snprintf(path, sizeof(path), "%s/a.inject", w.dir);
	assert_sys(unlink(path));
	a = listen_at("a.inject");
	ask_and_answer(text);
	expect_asked_in(2);
	expect_log("a is connected\n");
	close(a);
}

static void one_that_is_not_ready_suffices_to_try_again(void **state)
{
	const int b = listen_at("b.inject");

	start();
	ask_and_answer("{\"devices\":[{\"label\":\"a\"" SPEC
		       ",{\"label\":\"b\"" SPEC "]}\n");
	expect_log("b is connected\n");
	expect_asked_in(1);
	close(b);
}

/* One of the host's is described without a spec until its server is ready. */
static void device_without_a_spec_is_awaited_ten_times(void **state)
{
	static const char *const texts[] = {
		"{\"devices\":[{\"label\":\"mouse\"}]}\n",
		"{\"devices\":[{\"label\":\"mouse\",\"spec\":{\"name\":7}}]}\n",
	};
	const int mouse = listen_at("mouse.inject");

	start();
	for (int i = 0; i < 10; i++) {
		ask_and_answer(texts[i % 2]);
		expect_asked_in(1);
		assert_null(device("mouse"));
	}
	ask_and_answer(texts[0]);
	expect_asked_in(-1);
	assert_false(device("mouse")->has_spec);
	expect_log("mouse is connected\n");
	close(mouse);
}

static void device_that_cannot_be_added_is_told(void **state)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		stream_device_new(&w.devices, "mouse", NULL);
	start();
	ask_and_answer("{\"devices\":[{\"label\":\"mouse\"" SPEC
		       ",{\"label\":\"a\"" SPEC "]}\n");
	expect_log("a: more than 64 devices\n");
	expect_asked_in(-1);
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		stream_device_free(&w.devices, w.devices.at[i]);
}

static void answer_that_describes_nothing_is_told(void **state)
{
	static const char *const texts[] = { "\n", "{\n", "[]\n",
					     "{\"devices\":{}}\n",
					     "{\"error\":\"no\"}\n" };
	char wanted[128];

	snprintf(wanted, sizeof(wanted),
		 "%s: the launcher does not describe its devices\n", w.dir);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		start();
		ask_and_answer(texts[i]);
		expect_log(wanted);
		expect_asked_in(-1);
		stream_launcher_fini(&w.launcher);
	}
}

static void expect_failed(const char *why)
{
	char wanted[256];

	snprintf(wanted, sizeof(wanted),
		 "%s: the launcher cannot be asked: %s\n", w.launcher.dir, why);
	expect_log(wanted);
	expect_asked_in(1);
	assert_num(w.launcher.fd, -1);
	assert_null(w.launcher.text);
}

/* Once, until it has answered. */
static void launcher_that_does_not_answer_is_told(void **state)
{
	start();
	ask();
	answer("{\"devices\":");
	close(w.asked);
	w.asked = -1;
	ev_run(w.loop, EVRUN_NOWAIT);
	expect_failed("it disconnected");
	ask();
	shutdown(w.asked, SHUT_WR);
	ev_run(w.loop, EVRUN_NOWAIT);
	expect_log("");
	expect_asked_in(1);
	ask_and_answer("{\"devices\":[]}\n");
	ask();
	shutdown(w.asked, SHUT_WR);
	ev_run(w.loop, EVRUN_NOWAIT);
	expect_failed("it disconnected");
}

static void only_an_error_that_lasts_ends_an_answer(void **state)
{
	static const int errors[] = { EAGAIN, EINTR, EIO };

	start();
	ask();
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		assert_true(w.launcher.fd >= 0);
		read_error = errors[i];
		ev_invoke(w.loop, &w.launcher.io, EV_READ);
	}
	expect_failed(strerror(EIO));
}

static void request_that_is_not_sent_is_told(void **state)
{
	start();
	cannot_send = true;
	ev_run(w.loop, EVRUN_NOWAIT);
	cannot_send = false;
	expect_failed(strerror(EIO));
}

/* What it has begun to answer is of no use then. */
static void launcher_is_asked_again_before_it_has_answered(void **state)
{
	start();
	ask();
	answer("{\"dev");
	ask_and_answer("{\"devices\":[]}\n");
	expect_log("");
}

static void launcher_that_does_not_exist_is_told(void **state)
{
	close(w.listener);
	w.listener = -1;
	start();
	ev_run(w.loop, EVRUN_NOWAIT);
	expect_failed("Connection refused");
}

static void directory_name_has_a_longest_length(void **state)
{
	static const int errors[] = { ENOENT, ENAMETOOLONG };

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		char dir[101];

		memset(dir, 'x', sizeof(dir));
		dir[0] = '/';
		dir[99 + i] = '\0';
		stream_launcher_init(&w.launcher, w.loop, &w.links, dir);
		ev_run(w.loop, EVRUN_NOWAIT);
		expect_failed(strerror(errors[i]));
		stream_launcher_fini(&w.launcher);
	}
}

/* In as many pieces as the socket takes. */
static void answer_of(size_t len, bool ends)
{
	static const char begin[] = "{\"devices\":[]}";
	char *text = malloc(len);
	size_t at = 0;

	assert_non_null(text);
	memset(text, ' ', len);
	memcpy(text, begin, sizeof(begin) - 1);
	if (ends)
		text[len - 1] = '\n';
	while (at < len && w.launcher.fd >= 0) {
		const ssize_t n = send(w.asked, text + at, len - at,
				       MSG_DONTWAIT | MSG_NOSIGNAL);

		at += n > 0 ? (size_t)n : 0;
		ev_run(w.loop, EVRUN_NOWAIT);
	}
	free(text);
	while (w.launcher.fd >= 0 && w.launcher.len < len)
		ev_run(w.loop, EVRUN_NOWAIT);
}

static void answer_has_a_longest_length(void **state)
{
	start();
	ask();
	answer_of(65536, true);
	expect_log("");
	expect_asked_in(-1);
	stream_launcher_fini(&w.launcher);
	start();
	ask();
	answer_of(ANSWER_MAX, true);
	expect_log("");
	expect_asked_in(-1);
	stream_launcher_fini(&w.launcher);
	start();
	ask();
	answer_of(ANSWER_MAX, false);
	expect_log("");
	assert_sys(send(w.asked, "\n", 1, MSG_NOSIGNAL));
	ev_run(w.loop, EVRUN_NOWAIT);
	expect_failed(strerror(ENOMEM));
}

/* What comes, goes, and is moved; and all devices may be new ones then. */
static void changes_in_the_directory_are_an_occasion(void **state)
{
	char path[2][64], away[TEMP_DIR_LEN], outside[64];

	temp_dir_make(away);
	snprintf(outside, sizeof(outside), "%s/file", away);
	for (int i = 0; i < 2; i++)
		snprintf(path[i], sizeof(path[i]), "%s/%d", w.dir, i);
	start();
	for (int i = 0; i < 4; i++) {
		ask_and_answer("{\"devices\":[{\"label\":\"mouse\"}]}\n");
		assert_num(w.launcher.patience, 9);
		expect_asked_in(1);
		if (i == 0)
			file_write(path[0], "%s", "");
		else if (i == 1)
			assert_sys(rename(path[0], outside));
		else if (i == 2)
			assert_sys(rename(outside, path[1]));
		else
			assert_sys(unlink(path[1]));
		ev_run(w.loop, EVRUN_NOWAIT);
		expect_asked_in(0.05);
		assert_num(w.launcher.patience, 10);
	}
	expect_log("");
	temp_dir_remove(away);
}

/* It may have been made anew by a launcher that starts. */
static void directory_is_watched_when_it_is_asked(void **state)
{
	start();
	assert_false(w.launcher.is_told);
	ask();
	assert_true(w.launcher.is_told);
}

static void without_inotify_it_is_asked_every_2_s(void **state)
{
	start_without_inotify();
	ask_and_answer("{\"devices\":[{\"label\":\"mouse\"}]}\n");
	assert_num(w.launcher.patience, 9);
	expect_asked_in(1);
	ask_and_answer("{\"devices\":[]}\n");
	assert_num(w.launcher.patience, 10);
	expect_asked_in(2);
	ask_and_answer("{\"devices\":[]}\n");
	expect_asked_in(2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(devices_of_an_answer_are_connected),
		T(devices_that_are_no_longer_described_are_removed),
		T(entries_without_a_label_of_ours_are_passed_over),
		T(device_that_is_not_ready_is_tried_again),
		T(one_that_is_not_ready_suffices_to_try_again),
		T(device_without_a_spec_is_awaited_ten_times),
		T(device_that_cannot_be_added_is_told),
		T(answer_that_describes_nothing_is_told),
		T(launcher_that_does_not_answer_is_told),
		T(only_an_error_that_lasts_ends_an_answer),
		T(request_that_is_not_sent_is_told),
		T(launcher_is_asked_again_before_it_has_answered),
		T(launcher_that_does_not_exist_is_told),
		T(directory_name_has_a_longest_length),
		T(answer_has_a_longest_length),
		T(changes_in_the_directory_are_an_occasion),
		T(directory_is_watched_when_it_is_asked),
		T(without_inotify_it_is_asked_every_2_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
