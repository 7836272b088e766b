/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device is asked and given: launch-ask.h, launch-spec-file.h and
 * launch-life.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include "injector/fleet/launch-spec-file.h"
#include "injector/process/launch-ask.h"
#include "injector/process/launch-life.h"
#include "input/base/fd.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/temp-dir.h"

static char dir[TEMP_DIR_LEN];
static struct sockaddr_un addr;
static struct ev_loop *loop;
static struct launch_ask ask;
static int listen_fd, fd; /* the device's */
static unsigned int answers;
static char *answer; /* owned; NULL: there was none */
static int read_error;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t read(int from, void *to, size_t len)
{
	if (!read_error)
		return syscall(SYS_read, from, to, len);
	errno = read_error;
	read_error = 0;
	return -1;
}

static void on_answer(void *arg, const char *text)
{
	assert_ptr_equal(arg, &answers);
	answers++;
	free(answer);
	answer = text ? strdup(text) : NULL;
}

static int setup(void **state)
{
	temp_dir_make(dir);
	addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/s", dir);
	listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_sys(bind(listen_fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(listen_fd, 4));
	loop = ev_loop_new(EVFLAG_NOENV);
	answers = 0;
	answer = NULL;
	read_error = 0;
	fd = -1;
	fill_with_garbage(&ask);
	launch_ask_init(&ask, loop, on_answer, &answers);
	launch_ask_stop(&ask);
	return 0;
}

static int teardown(void **state)
{
	launch_ask_stop(&ask);
	const bool left = ev_run(loop, EVRUN_NOWAIT);

	ev_loop_destroy(loop);
	close_fd(fd);
	close(listen_fd);
	free(answer);
	return temp_dir_remove(dir) || left ? -1 : 0;
}

static void settle(void)
{
	for (int i = 0; i < 5; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static void asked(void)
{
	assert_ok(launch_ask_start(&ask, addr.sun_path));
	close_fd(fd);
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(fd);
}

static void says(const char *text, size_t len)
{
	assert_num(send(fd, text, len, MSG_NOSIGNAL), len);
	settle();
}

static void ends(void)
{
	fd = close_fd(fd);
	settle();
}

/* --- launch-ask.h --- */

static void an_answer_is_all_up_to_its_end(void **state)
{
	for (unsigned int i = 1; i < 3; i++) {
		asked();
		says("{\"a\"", 4);
		says(":1}", 3);
		assert_num(answers, i - 1);
		ends();
		assert_num(answers, i);
		assert_string_equal(answer, "{\"a\":1}");
		assert_num(ask.fd, -1);
	}
}

static void no_answer_is_none(void **state)
{
	asked();
	ends();
	assert_num(answers, 1);
	assert_null(answer);
}

/* One byte is for the end of the text. */
static void an_answer_may_be_that_long(void **state)
{
	static char text[LAUNCH_ANSWER_MAX];

	memset(text, 'x', sizeof(text));
	asked();
	says(text, sizeof(text) - 2);
	ends();
	assert_num(strlen(answer), sizeof(text) - 2);
	asked();
	says(text, sizeof(text) - 1);
	ends();
	assert_num(answers, 2);
	assert_null(answer);
}

static void an_answer_may_be_late(void **state)
{
	static const int errors[] = { EAGAIN, EINTR };

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		asked();
		read_error = errors[i];
		says("ok", 2);
		ends();
		assert_string_equal(answer, "ok");
	}
	asked();
	read_error = EIO;
	says("ok", 2);
	assert_num(answers, 3);
	assert_null(answer);
}

static void one_that_is_stopped_is_not_answered(void **state)
{
	asked();
	says("x", 1);
	launch_ask_stop(&ask);
	ends();
	assert_num(answers, 0);
	/* Nor by what it was asked before. */
	asked();
	says("x", 1);
	asked();
	says("y", 1);
	ends();
	assert_num(answers, 1);
	assert_string_equal(answer, "y");
}

static void one_that_does_not_listen_is_an_error(void **state)
{
	char longer[sizeof(addr.sun_path) + 1];

	unlink(addr.sun_path);
	assert_rc(launch_ask_start(&ask, addr.sun_path), -ENOENT);
	assert_num(ask.fd, -1);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(addr.sun_path)] = '\0';
	assert_rc(launch_connect(longer), -ENAMETOOLONG);
	longer[sizeof(addr.sun_path) - 1] = '\0';
	assert_rc(launch_connect(longer), -ENOENT);
}

/* --- launch-spec-file.h --- */

#define TEXT_MAX (1024 * 1024)

/* Return: the JSON in it, to be freed, and *len: its bytes. */
static json_t *spec_of(const struct launch_spec_file *f, off_t *len)
{
	assert_sys(lseek(f->fd, 0, SEEK_SET));
	*len = lseek(f->fd, 0, SEEK_END);
	assert_sys(lseek(f->fd, 0, SEEK_SET));
	return json_loadfd(f->fd, 0, NULL);
}

static void a_spec_can_be_replaced_by_us_only(void **state)
{
	json_t *longer = json_pack("{s:s}", "name", "a long name");
	json_t *shorter = json_pack("{s:i}", "a", 1), *is;
	struct launch_spec_file f;
	off_t len, was;

	assert_ok(launch_spec_file_open(&f, longer));
	is = spec_of(&f, &was);
	assert_true(json_equal(is, longer));
	json_decref(is);
	assert_ok(launch_spec_file_write(&f, shorter));
	is = spec_of(&f, &len);
	assert_true(json_equal(is, shorter));
	json_decref(is);
	assert_num(len, was);
	assert_ok(launch_spec_file_write(&f, longer));
	is = spec_of(&f, &len);
	assert_true(json_equal(is, longer));
	assert_num(len, was);
	json_decref(is);
	/* A server, which has the same file, cannot. */
	assert_num(pwrite(f.fd, "x", 1, 0), -1);
	assert_num(ftruncate(f.fd, 0), -1);
	assert_num(fcntl(f.fd, F_ADD_SEALS, F_SEAL_GROW), -1);
	assert_num(fcntl(f.fd, F_GETFD), FD_CLOEXEC);
	launch_spec_file_close(&f);
	launch_spec_file_close(&f);
	assert_num(f.fd, -1);
	json_decref(longer);
	json_decref(shorter);
}

static void a_spec_may_be_that_long(void **state)
{
	/* What is around it has 8 bytes: {, newline, space, "s": "", ... */
	json_t *spec = json_pack("{s:s}", "s", ""), *is;
	struct launch_spec_file f;
	off_t len, base;

	assert_ok(launch_spec_file_open(&f, spec));
	json_decref(spec_of(&f, &base));
	for (int more = 0; more <= 1; more++) {
		json_object_set_new(
			spec, "s",
			json_sprintf("%0*d", (int)(TEXT_MAX - base) + more, 7));
		assert_rc(launch_spec_file_write(&f, spec), more ? -EFBIG : 0);
		is = spec_of(&f, &len);
		assert_num(len, TEXT_MAX);
		assert_num(json_string_length(json_object_get(is, "s")),
			   TEXT_MAX - base);
		json_decref(is);
	}
	/* The rest of a shorter one is filled, and no more. */
	json_object_set_new(spec, "s", json_string(""));
	assert_ok(launch_spec_file_write(&f, spec));
	json_decref(spec);
	launch_spec_file_close(&f);
}

static void without_a_spec_the_server_writes_it(void **state)
{
	struct launch_spec_file f;

	fill_with_garbage(&f);
	assert_ok(launch_spec_file_open(&f, NULL));
	assert_num(write(f.fd, "{}", 2), 2);
	assert_null(f.text);
	launch_spec_file_close(&f);
}

/* --- launch-life.h --- */

static void the_end_of_all_holders_is_a_signal(void **state)
{
	struct launch_life life = LAUNCH_LIFE_NULL, next = LAUNCH_LIFE_NULL;
	sigset_t set, before;
	const struct timespec none = { 0, 0 };

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &before);
	assert_ok(launch_life_open(&life));
	assert_num(fcntl(life.held_fd, F_GETFD), FD_CLOEXEC);
	launch_life_bind(&life, 0);
	assert_num(fcntl(life.process_fd, F_GETOWN), 0);
	launch_life_bind(&life, getpid());
	assert_ok(launch_life_inherit(&next, dup(life.held_fd)));
	assert_num(fcntl(next.process_fd, F_GETFD), FD_CLOEXEC);
	launch_life_close(&next);
	life.held_fd = close_fd(life.held_fd);
	assert_num(sigtimedwait(&set, NULL, &none), SIGTERM);
	sigprocmask(SIG_SETMASK, &before, NULL);
	launch_life_close(&life);
	launch_life_close(&life);
	assert_num(life.process_fd, -1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_answer_is_all_up_to_its_end),
		T(no_answer_is_none),
		T(an_answer_may_be_that_long),
		T(an_answer_may_be_late),
		T(one_that_is_stopped_is_not_answered),
		T(one_that_does_not_listen_is_an_error),
		T(a_spec_can_be_replaced_by_us_only),
		T(a_spec_may_be_that_long),
		T(without_a_spec_the_server_writes_it),
		T(the_end_of_all_holders_is_a_signal),
	};

	return cmocka_run_group_tests_name("launch-ask", tests, NULL, NULL);
}
