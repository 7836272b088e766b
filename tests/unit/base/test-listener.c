/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.h: connections are passed on, left in the queue, or tried again. The
 * test calls what the loop would call, so that it need not wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "input/base/listener.h"
#include "input/base/loop.h"
#include "input/base/outlet.h"
#include "tests/lib/check.h"
#include "tests/lib/ends.h"
#include "tests/lib/garbage.h"

struct world {
	struct ev_loop *loop;
	struct listener l;
	int fd;
	int accepted, waited;
};

static int accept_error;
static char program[] = "test";
static char logged[256]; /* all lines */

/* In place of stderr. */
int outlet_open(int fd)
{
	return fd;
}

ssize_t outlet_write(int fd, const void *data, size_t len)
{
	strncat(logged, data, len);
	return (ssize_t)len;
}

int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	assert_null(addr);
	assert_num(flags, SOCK_CLOEXEC | SOCK_NONBLOCK);
	errno = accept_error;
	return accept_error ? -1 : dup(fd);
}

static void on_accepted(void *arg, int fd)
{
	struct world *w = arg;

	w->accepted++;
	close(fd);
}

static void on_waits(void *arg)
{
	struct world *w = arg;

	w->waited++;
}

static int setup(void **state)
{
	static struct world w;
	const char *why;
	int end[2];

	memset(&w, 0, sizeof(w));
	fill_with_garbage(&w.l);
	accept_error = 0;
	w.loop = loop_new(&why);
	assert_non_null(w.loop);
	ends_of_stream(end);
	close(end[1]); /* so that the other one is readable */
	w.fd = end[0];
	listener_init(&w.l, w.loop, "a front-end", on_accepted, &w);
	w.l.waits = on_waits;
	program_invocation_short_name = program;
	logged[0] = '\0';
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	listener_fini(&w->l);
	ev_loop_destroy(w->loop);
	assert_ok(close(w->fd));
	return 0;
}

static void poll_once(struct world *w)
{
	ev_run(w->loop, EVRUN_NOWAIT);
}

static void a_connection_is_passed_on(void **state)
{
	struct world *w = *state;

	assert_ok(listener_start(&w->l, w->fd));
	assert_true(fcntl(w->fd, F_GETFL) & O_NONBLOCK);
	poll_once(w);
	assert_num(w->accepted, 1);
	poll_once(w);
	assert_num(w->accepted, 2);
	assert_num(w->waited, 0);
}

static void what_is_no_fd_does_not_listen(void **state)
{
	struct world *w = *state;

	assert_rc(listener_start(&w->l, 1000), -EBADF);
	listener_resume(&w->l);
	assert_false(ev_is_active(&w->l.io));
	listener_pause(&w->l);
	assert_false(ev_is_active(&w->l.io));
}

static void who_has_left_meanwhile_is_ignored(void **state)
{
	static const int errors[] = { EAGAIN, EINTR, ECONNABORTED };
	struct world *w = *state;

	assert_ok(listener_start(&w->l, w->fd));
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		accept_error = errors[i];
		poll_once(w);
		assert_true(ev_is_active(&w->l.io));
		assert_string_equal(logged, "");
	}
	assert_num(w->accepted, 0);
}

static void out_of_fds_it_tries_again_later(void **state)
{
	static const char line[] = "test: host: cannot accept a front-end: "
				   "Too many open files; retrying\n";
	struct world *w = *state;

	assert_ok(listener_start(&w->l, w->fd));
	accept_error = EMFILE;
	poll_once(w);
	assert_string_equal(logged, line);
	assert_false(ev_is_active(&w->l.io));
	assert_true(ev_is_active(&w->l.retry));
	assert_true(ev_timer_remaining(w->loop, &w->l.retry) > 0.5);
	poll_once(w);
	assert_string_equal(logged, line);
	accept_error = 0;
	ev_invoke(w->loop, &w->l.retry, EV_TIMER);
	poll_once(w);
	assert_num(w->accepted, 1);
}

static void paused_it_leaves_connections_in_the_queue(void **state)
{
	struct world *w = *state;

	assert_ok(listener_start(&w->l, w->fd));
	listener_pause(&w->l);
	poll_once(w);
	assert_num(w->accepted, 0);
	assert_true(ev_is_active(&w->l.waiting));
	assert_false(ev_is_active(&w->l.io));
	assert_true(ev_timer_remaining(w->loop, &w->l.waiting) > 0.05);
	ev_invoke(w->loop, &w->l.waiting, EV_TIMER);
	assert_num(w->waited, 1);
	listener_resume(&w->l);
	assert_false(ev_is_active(&w->l.waiting));
	poll_once(w);
	assert_num(w->accepted, 1);
}

static void it_may_be_paused_without_looking(void **state)
{
	struct world *w = *state;

	w->l.waits = NULL;
	assert_ok(listener_start(&w->l, w->fd));
	listener_pause(&w->l);
	assert_false(ev_is_active(&w->l.io));
	poll_once(w);
	assert_num(w->accepted, 0);
}

/* Whatever it waits for: connections, a retry, another one while paused. */
static void at_the_end_nothing_is_awaited(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 4; i++) {
		assert_ok(listener_start(&w->l, w->fd));
		accept_error = i == 1 ? EMFILE : 0;
		if (i >= 2)
			listener_pause(&w->l);
		if (i & 1)
			poll_once(w);
		listener_fini(&w->l);
		assert_num(w->l.fd, -1);
		assert_false(ev_is_active(&w->l.io));
		assert_false(ev_is_active(&w->l.retry));
		assert_false(ev_is_active(&w->l.waiting));
	}
	listener_resume(&w->l);
	assert_false(ev_is_active(&w->l.io));
}

static void a_peer_is_named_by_its_process(void **state)
{
	char name[32], want[32];
	int end[2];

	ends_of_stream(end);
	snprintf(want, sizeof(want), " (process %d)", (int)getpid());
	assert_string_equal(listener_peer_name(end[0], name), want);
	close(end[0]);
	close(end[1]);
	ends_of_pipe(end);
	assert_string_equal(listener_peer_name(end[0], name), "");
	close(end[0]);
	close(end[1]);
	/* A socket without a peer. */
	end[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_string_equal(listener_peer_name(end[0], name), "");
	close(end[0]);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_connection_is_passed_on),
		T(what_is_no_fd_does_not_listen),
		T(who_has_left_meanwhile_is_ignored),
		T(out_of_fds_it_tries_again_later),
		T(paused_it_leaves_connections_in_the_queue),
		T(it_may_be_paused_without_looking),
		T(at_the_end_nothing_is_awaited),
		T(a_peer_is_named_by_its_process),
	};

	return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}
