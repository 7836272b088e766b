/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "input/serve/server.h"
#include "tests/lib/garbage.h"

static struct spec spec = { .name = "pad" };
static struct server server;
static struct ev_loop *loop;
static struct rlimit before;

static int set_up(void **state)
{
	loop = ev_loop_new(EVFLAG_AUTO);
	fill_with_garbage(&server);
	return fcntl(STDIN_FILENO, F_GETFD) < 0 && open("/dev/null", O_RDONLY);
}

static int tear_down(void **state)
{
	ev_loop_destroy(loop);
	return 0;
}

static void set_limit(int what, rlim_t most)
{
	struct rlimit r;

	assert_sys(getrlimit(what, &before));
	r = (struct rlimit){ .rlim_cur = most, .rlim_max = before.rlim_max };
	assert_sys(setrlimit(what, &r));
}

static void reset_limit(int what)
{
	assert_sys(setrlimit(what, &before));
}

/* No watcher is left, and no fd was closed that was not the server's. */
static void expect_nothing_left(void)
{
	assert_num(ev_run(loop, EVRUN_NOWAIT), 0);
	assert_sys(fcntl(STDIN_FILENO, F_GETFD));
}

static void expect_serves(void)
{
	assert_ok(server_init(&server, loop, &spec));
	assert_true(ev_run(loop, EVRUN_NOWAIT));
	server_fini(&server);
	expect_nothing_left();
}

static void fini_undoes_init(void **state)
{
	expect_serves();
	server_fini(&server);
	expect_nothing_left();
}

/* Not with sanitizers, which would run out of memory themselves. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HAS_MEMORY_TEST
static void fini_undoes_init_without_memory_for_the_device(void **state)
{
	int r;

	set_limit(RLIMIT_AS, 0);
	r = server_init(&server, loop, &spec);
	reset_limit(RLIMIT_AS);
	assert_rc(r, -ENOMEM);
	server_fini(&server);
	expect_nothing_left();
	expect_serves();
}
#endif

static void fini_undoes_init_without_a_timer_for_the_watchdog(void **state)
{
	int r;

	/* It counts timers, too: timer_create(2). */
	set_limit(RLIMIT_SIGPENDING, 0);
	r = server_init(&server, loop, &spec);
	reset_limit(RLIMIT_SIGPENDING);
	assert_rc(r, -EAGAIN);
	server_fini(&server);
	expect_nothing_left();
	expect_serves();
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(fini_undoes_init),
#ifdef HAS_MEMORY_TEST
		T(fini_undoes_init_without_memory_for_the_device),
#endif
		T(fini_undoes_init_without_a_timer_for_the_watchdog),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
