/* SPDX-License-Identifier: Apache-2.0 */
/* launch-reload.h: what a server says of SIGHUP. The test is the server. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "injector/fleet/launch-reload.h"
#include "tests/lib/check.h"

static struct world {
	struct ev_loop *loop;
	struct launch_process server;
	struct launch_reload r;
	int fd;
	unsigned int reports;
} w;

static void on_reported(void *arg)
{
	w.reports++;
}

static void connect_to_it(void)
{
	const char *name = strchr(w.r.env, '@');
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	assert_non_null(name);
	strcpy(addr.sun_path + 1, name + 1);
	assert_sys(connect(w.fd, (struct sockaddr *)&addr,
			   (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				       strlen(name))));
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	w.loop = ev_loop_new(EVFLAG_NOENV);
	w.server.pid = getpid();
	launch_reload_init(&w.r, w.loop, &w.server, on_reported, NULL);
	assert_ok(launch_reload_open(&w.r));
	w.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_sys(w.fd);
	connect_to_it();
	return 0;
}

static int teardown(void **state)
{
	close(w.fd);
	launch_reload_close(&w.r);
	ev_loop_destroy(w.loop);
	return 0;
}

static void server_says(const char *text)
{
	assert_num(send(w.fd, text, strlen(text), 0), strlen(text));
	ev_run(w.loop, EVRUN_NOWAIT);
}

static void a_reload_is_done_when_the_server_is_ready_again(void **state)
{
	server_says("RELOADING=1\nMONOTONIC_USEC=500");
	assert_num(w.reports, 0);
	assert_false(launch_reload_answers(&w.r, 500));
	server_says("READY=1\nSTATUS=a new spec");
	assert_num(w.reports, 1);
	assert_string_equal(w.r.why, "");
	assert_true(launch_reload_answers(&w.r, 500));
	assert_false(launch_reload_answers(&w.r, 501));
}

/* Nor is anything left of a message in the next one. */
static void a_message_ends_where_it_ends(void **state)
{
	char nines[5000] = "";

	memset(nines, '9', sizeof(nines) - 1);
	server_says(nines);
	server_says("RELOADING=1\nMONOTONIC_USEC=500");
	server_says("READY=1");
	assert_true(launch_reload_answers(&w.r, 500));
	assert_false(launch_reload_answers(&w.r, 501));
}

static void a_server_that_fails_says_why(void **state)
{
	server_says("RELOADING=1\nMONOTONIC_USEC=500");
	server_says("READY=1\nSTATUS=x.json:1:2: no\nERRNO=22");
	assert_string_equal(w.r.why, "x.json:1:2: no");
	server_says("RELOADING=1\nMONOTONIC_USEC=600");
	server_says("READY=1");
	assert_string_equal(w.r.why, "");
	assert_num(w.reports, 2);
}

static void a_server_that_fails_in_silence_has_failed(void **state)
{
	server_says("RELOADING=1\nMONOTONIC_USEC=500");
	server_says("READY=1\nERRNO=22");
	assert_string_equal(w.r.why, "not reloaded");
}

static void a_server_that_starts_reloads_nothing(void **state)
{
	server_says("READY=1");
	server_says("STOPPING=1");
	server_says("RELOADING=1");
	server_says("READY=1");
	assert_num(w.reports, 0);
	assert_false(launch_reload_answers(&w.r, 1));
}

/* Any process can send to it. */
static void nobody_else_is_believed(void **state)
{
	int status;
	pid_t pid;

	server_says("RELOADING=1\nMONOTONIC_USEC=500");
	pid = fork();
	assert_sys(pid);
	if (!pid)
		_exit(send(w.fd, "READY=1", 7, 0) == 7 ? 0 : 1);
	assert_num(waitpid(pid, &status, 0), pid);
	assert_num(status, 0);
	ev_run(w.loop, EVRUN_NOWAIT);
	assert_num(w.reports, 0);
	w.server.pid = 0;
	server_says("READY=1");
	assert_num(w.reports, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_reload_is_done_when_the_server_is_ready_again),
		T(a_message_ends_where_it_ends),
		T(a_server_that_fails_says_why),
		T(a_server_that_fails_in_silence_has_failed),
		T(a_server_that_starts_reloads_nothing),
		T(nobody_else_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
