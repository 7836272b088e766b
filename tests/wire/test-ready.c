/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a server reports that it is ready, and that it stops: --ready-fd and a
 * service manager's NOTIFY_SOCKET, from inside the sandbox.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/lib/clock.h"
#include "tests/lib/rig.h"

#define ABSTRACT "vinput-test-ready-%d"

static void give_server(struct rig *rig)
{
	rig_spec(rig, "keyboard");
	rig_injector(rig, SOCK_STREAM);
	process_arg(&rig->srv, "--socket-path=%s", rig->socket);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
}

/* --- --ready-fd --- */

/* Return: our end of a pipe; the server gets the other as --ready-fd. */
static int give_ready_fd(struct rig *rig)
{
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	process_arg(&rig->srv, "--ready-fd=%d", fd[1]);
	process_keep_fd(&rig->srv, fd[1]);
	process_start(&rig->srv);
	close(fd[1]);
	return fd[0];
}

/* Return: how many bytes arrive within the deadline; 0: EOF. */
static ssize_t read_soon(int fd, char *buf, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	return read(fd, buf, len);
}

static void ready_fd_gets_a_newline_and_its_end(void **state)
{
	struct rig *rig = *state;
	char buf[8];
	int fd;

	give_server(rig);
	fd = give_ready_fd(rig);
	assert_num(read_soon(fd, buf, sizeof(buf)), 1);
	assert_num(buf[0], '\n');
	assert_num(read_soon(fd, buf, sizeof(buf)), 0);
	/* There is no need to wait for the sockets then. */
	close(rig_unix_connect(rig->inject_path, SOCK_STREAM));
	close(rig_unix_connect(rig->socket, SOCK_STREAM));
	close(fd);
}

static void ready_fd_has_only_its_end_when_the_start_fails(void **state)
{
	struct rig *rig = *state;
	char buf[8];
	int fd;

	rig->unclean = true;
	rig_spec(rig, "keyboard");
	process_arg(&rig->srv, "--socket-path=/nonexistent/socket");
	fd = give_ready_fd(rig);
	assert_num(read_soon(fd, buf, sizeof(buf)), 0);
	assert_num(process_wait(&rig->srv), 1);
	close(fd);
}

/* "vhost-user-input --ready-fd=1 | read line" */
static void ready_fd_may_be_standard_output(void **state)
{
	struct rig *rig = *state;
	int fd[2];
	char buf[8];

	give_server(rig);
	assert_sys(pipe2(fd, O_CLOEXEC));
	process_arg(&rig->srv, "--ready-fd=1");
	rig->srv.out = fd[1];
	process_start(&rig->srv);
	close(fd[1]);
	assert_num(read_soon(fd[0], buf, sizeof(buf)), 1);
	assert_num(read_soon(fd[0], buf, sizeof(buf)), 0);
	rig_expect_serves(rig);
	close(fd[0]);
}

/* As a shell waits, for "$(vhost-user-input ... & echo $!)" to end. */
static void stdio_is_left_to_others(void **state)
{
	struct rig *rig = *state;
	int in, out;
	char c;

	give_server(rig);
	process_start_piped(&rig->srv, &in, &out);
	assert_num(read_soon(out, &c, 1), 0);
	process_expect_log(&rig->srv, "serving");
	struct pollfd writer = { .fd = in };
	assert_num(poll(&writer, 1, 0), 1);
	assert_num(writer.revents, POLLERR);
	rig_expect_serves(rig);
	close(in);
	close(out);
}

static void a_reader_that_has_gone_is_no_harm(void **state)
{
	struct rig *rig = *state;

	rig->unclean = true;
	give_server(rig);
	close(give_ready_fd(rig));
	process_expect_log(&rig->srv, "serving");
	rig_expect_serves(rig);
}

/* --- NOTIFY_SOCKET --- */

/* name: of a file, or of an abstract socket with '@' before it. */
static int listen_as_manager(struct rig *rig, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t len = strlen(name);

	memcpy(addr.sun_path, name, len);
	if (name[0] == '@')
		addr.sun_path[0] = '\0';
	assert_sys(bind(
		fd, (struct sockaddr *)&addr,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)));
	assert_sys(asprintf(&rig->srv.env, "NOTIFY_SOCKET=%s", name));
	return fd;
}

static void expect_message(int fd, const char *text)
{
	char buf[64] = "";

	assert_num(read_soon(fd, buf, sizeof(buf) - 1), strlen(text));
	assert_string_equal(buf, text);
}

/* Return: when that was, in microseconds. */
static long long expect_reloading(int fd)
{
	char buf[64] = "";
	long long when = 0;

	assert_true(read_soon(fd, buf, sizeof(buf) - 1) > 0);
	assert_num(sscanf(buf, "RELOADING=1\nMONOTONIC_USEC=%lld", &when), 1);
	return when;
}

static void expect_message_begins(int fd, const char *text)
{
	char buf[400] = "";

	assert_true(read_soon(fd, buf, sizeof(buf) - 1) > 0);
	buf[strlen(text)] = '\0';
	assert_string_equal(buf, text);
}

static void expect_no_message(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_num(poll(&p, 1, RIG_QUIET_MS), 0);
}

static void expect_start_and_end(struct rig *rig, const char *name)
{
	int fd = listen_as_manager(rig, name);

	give_server(rig);
	process_start(&rig->srv);
	expect_message(fd, "READY=1");
	close(rig_unix_connect(rig->inject_path, SOCK_STREAM));
	rig_expect_serves(rig);
	expect_no_message(fd);
	assert_num(process_terminate(&rig->srv), 0);
	expect_message(fd, "STOPPING=1");
	expect_no_message(fd);
	close(fd);
}

static void manager_is_notified_of_start_and_end(void **state)
{
	struct rig *rig = *state;
	char path[96];

	snprintf(path, sizeof(path), "%s/notify", rig->dir);
	expect_start_and_end(rig, path);
}

static void manager_may_have_an_abstract_socket(void **state)
{
	char name[64];

	snprintf(name, sizeof(name), "@" ABSTRACT, (int)getpid());
	expect_start_and_end(*state, name);
}

/* A manager takes no earlier time for the answer to its SIGHUP. */
static void hang_up(struct rig *rig, int fd)
{
	const double before = clock_ms();

	assert_sys(kill(rig->srv.pid, SIGHUP));
	const double when = (double)expect_reloading(fd) / 1e3;
	assert_true(when >= before - 0.001 && when <= clock_ms());
}

static void manager_is_notified_how_a_reload_went(void **state)
{
	struct rig *rig = *state;
	char path[96], spec[96], text[300];
	int fd;

	snprintf(path, sizeof(path), "%s/notify", rig->dir);
	snprintf(spec, sizeof(spec), "%s/x.json", rig->dir);
	fd = listen_as_manager(rig, path);
	file_write(spec, "{\"name\": \"A\", \"events\": "
			 "{\"EV_KEY\": [\"KEY_A\"]}}");
	process_arg(&rig->srv, "--spec=%s", spec);
	process_arg(&rig->srv, "--socket-path=%s", rig->socket);
	process_arg(&rig->srv, "--log-level=off");
	process_start(&rig->srv);
	expect_message(fd, "READY=1");
	hang_up(rig, fd);
	expect_message(fd, "READY=1\nSTATUS=");
	file_write(spec, "{\"name\": 5}");
	hang_up(rig, fd);
	snprintf(text, sizeof(text),
		 "READY=1\nERRNO=22\nSTATUS=%s:1:10: error: name", spec);
	expect_message_begins(fd, text);
	expect_no_message(fd);
	close(fd);
}

static void manager_is_not_notified_of_a_start_that_fails(void **state)
{
	struct rig *rig = *state;
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/notify", rig->dir);
	fd = listen_as_manager(rig, path);
	rig->unclean = true;
	rig_spec(rig, "keyboard");
	process_arg(&rig->srv, "--socket-path=/nonexistent/socket");
	process_start(&rig->srv);
	assert_num(process_wait(&rig->srv), 1);
	expect_no_message(fd);
	close(fd);
}

static void a_manager_that_does_not_exist_is_no_harm(void **state)
{
	struct rig *rig = *state;

	assert_sys(asprintf(&rig->srv.env, "NOTIFY_SOCKET=/nonexistent/n"));
	give_server(rig);
	process_start(&rig->srv);
	process_expect_log(&rig->srv, "serving");
	rig_expect_serves(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(ready_fd_gets_a_newline_and_its_end),
		T(ready_fd_has_only_its_end_when_the_start_fails),
		T(ready_fd_may_be_standard_output),
		T(stdio_is_left_to_others),
		T(a_reader_that_has_gone_is_no_harm),
		T(manager_is_notified_of_start_and_end),
		T(manager_may_have_an_abstract_socket),
		T(manager_is_notified_how_a_reload_went),
		T(manager_is_not_notified_of_a_start_that_fails),
		T(a_manager_that_does_not_exist_is_no_harm),
	};

	return cmocka_run_group_tests_name("ready", tests, NULL, NULL);
}
