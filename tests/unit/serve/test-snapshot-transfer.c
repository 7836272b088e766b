/* SPDX-License-Identifier: Apache-2.0 */
/* What a front-end may do with the fd through which a snapshot travels. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/device/snapshot.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/serve-world.h"

#define NOT_SAVED  "frontend: cannot save the snapshot: "
#define NOT_LOADED "frontend: cannot load the snapshot: it "
#define UNCHANGED  "; the device is unchanged\n"

static uint8_t bytes[SNAPSHOT_MAX + 1];
static int end[2]; /* of a pipe: to read, to write */

static struct snapshot_transfer *transfer_of(void **state)
{
	struct serve_world *w = *state;

	return &w->server.session.transfer;
}

static int setup(void **state)
{
	const int r = serve_setup(state);

	signal(SIGPIPE, SIG_IGN);
	assert_sys(pipe2(end, O_CLOEXEC | O_NONBLOCK));
	return r;
}

/* An fd that was taken must be closed, so each test has copies. */
static int teardown(void **state)
{
	close(end[0]);
	close(end[1]);
	return serve_teardown(state);
}

static int copy(int fd)
{
	const int dup = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	assert_sys(dup);
	return dup;
}

static void fill(int fd)
{
	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
	while (write(fd, bytes, 1) > 0)
		;
}

/* Read all there is. Return: its length. */
static size_t drain(int fd, uint8_t *to)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, to + len, sizeof(bytes) - len)) > 0)
		len += (size_t)n;
	return len;
}

/* Return: the length of a snapshot of now, in bytes. */
static size_t save(void **state)
{
	struct snapshot_transfer *t = transfer_of(state);

	assert_null(snapshot_transfer_save(t, copy(end[1])));
	serve_turn(*state);
	assert_num(t->fd, -1);
	assert_null(t->buf);
	assert_true(snapshot_transfer_check(t));
	return drain(end[0], bytes);
}

/* Through a pipe whose writer has closed it or not. */
static void send_snapshot(void **state, size_t len, bool closes)
{
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	assert_null(snapshot_transfer_load(transfer_of(state), fd[0]));
	for (size_t at = 0; at < len;) {
		const ssize_t n =
			send(fd[1], bytes + at, len - at, MSG_DONTWAIT);

		if (n > 0)
			at += (size_t)n;
		else
			serve_turn(*state);
		if (transfer_of(state)->fd < 0)
			break;
	}
	serve_turn(*state);
	if (closes)
		assert_sys(close(fd[1]));
	serve_turn(*state);
	if (!closes)
		end[1] = (close(end[1]), fd[1]);
}

/* --- what it may be --- */

static void fd_is_a_pipe_a_socket_or_a_file(void **state)
{
	struct serve_world *w = *state;
	struct snapshot_transfer *t = transfer_of(state);
	int pair[2], file = memfd_create("t", MFD_CLOEXEC);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	size_t len;

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	assert_string_equal(snapshot_transfer_save(t, null),
			    "its fd is not a pipe, socket or file");
	assert_false(snapshot_transfer_check(t));
	assert_null(snapshot_transfer_save(t, copy(file)));
	serve_turn(w);
	assert_true(snapshot_transfer_check(t));
	len = (size_t)lseek(file, 0, SEEK_CUR);
	assert_null(snapshot_transfer_save(t, pair[1]));
	serve_turn(w);
	assert_num(drain(pair[0], bytes), len);
	close(pair[0]);
	assert_num(save(state), len);
	lseek(file, 0, SEEK_SET);
	assert_null(snapshot_transfer_load(t, file));
	serve_turn(w);
	assert_true(snapshot_transfer_check(t));
}

/* --- saving --- */

static void saving_waits_for_room(void **state)
{
	struct serve_world *w = *state;
	struct snapshot_transfer *t = transfer_of(state);

	fill(end[1]);
	assert_null(snapshot_transfer_save(t, copy(end[1])));
	ev_feed_event(w->loop, &t->io, EV_WRITE);
	serve_turn(w);
	assert_num(t->step, SNAPSHOT_TRANSFER_SAVES);
	while (read(end[0], bytes, sizeof(bytes)) > 0)
		;
	serve_turn(w);
	assert_num(t->step, SNAPSHOT_TRANSFER_DONE);
}

static void front_end_that_closes_its_end_is_named(void **state)
{
	struct serve_world *w = *state;
	struct snapshot_transfer *t = transfer_of(state);

	close(end[0]);
	assert_null(snapshot_transfer_save(t, copy(end[1])));
	serve_turn(w);
	assert_logged(NOT_SAVED "Broken pipe\n");
	assert_false(snapshot_transfer_check(t));
	assert_logged("");
	end[0] = -1;
}

static void check_before_the_end_fails(void **state)
{
	struct snapshot_transfer *t = transfer_of(state);

	assert_null(snapshot_transfer_save(t, copy(end[1])));
	assert_false(snapshot_transfer_check(t));
	assert_logged(NOT_SAVED "it was not read to its end\n");
	assert_num(t->fd, -1);
}

/* A queue starts, and then things happen. */
static void what_is_saved_is_from_before_the_queue_started(void **state)
{
	static uint8_t before[sizeof(bytes)];
	struct serve_world *w = *state;
	struct snapshot_transfer *t = transfer_of(state);
	const size_t len = save(state);

	memcpy(before, bytes, len);
	assert_null(snapshot_transfer_save(t, copy(end[1])));
	snapshot_transfer_finish(t);
	serve_select(w, 1, 2);
	assert_true(snapshot_transfer_check(t));
	assert_num(drain(end[0], bytes), len);
	assert_memory_equal(bytes, before, len);
	assert_num(save(state), len);
	assert_memory_not_equal(bytes, before, len);
}

/* --- loading --- */

static void snapshot_of_a_driver_is_resumed_once(void **state)
{
	struct serve_world *w = *state;
	struct snapshot_transfer *t = transfer_of(state);
	size_t len = save(state);

	/* There was none. */
	send_snapshot(state, len, true);
	assert_true(snapshot_transfer_check(t));
	assert_false(snapshot_transfer_resumes(t));
	serve_start(w, EVENTQ);
	serve_stop(w, EVENTQ);
	len = save(state);
	send_snapshot(state, len, true);
	assert_true(snapshot_transfer_check(t));
	assert_num(t->fd, -1);
	assert_null(t->buf);
	assert_true(snapshot_transfer_resumes(t));
	assert_false(snapshot_transfer_resumes(t));
}

static void snapshot_without_an_end_is_not_loaded(void **state)
{
	struct snapshot_transfer *t = transfer_of(state);
	const size_t len = save(state);

	send_snapshot(state, len, false);
	assert_num(t->step, SNAPSHOT_TRANSFER_LOADS);
	assert_false(snapshot_transfer_check(t));
	assert_logged(NOT_LOADED "has not arrived to its end" UNCHANGED);
	assert_false(snapshot_transfer_resumes(t));
}

static void longest_snapshot_is_looked_at_and_no_longer_one(void **state)
{
	memset(bytes, 0, sizeof(bytes));
	send_snapshot(state, SNAPSHOT_MAX, false);
	assert_num(transfer_of(state)->step, SNAPSHOT_TRANSFER_LOADS);
	assert_num(transfer_of(state)->len, SNAPSHOT_MAX);
	assert_logged("");
	send_snapshot(state, SNAPSHOT_MAX + 1, false);
	assert_num(transfer_of(state)->step, SNAPSHOT_TRANSFER_FAILED);
	assert_logged(NOT_LOADED "is too long" UNCHANGED);
}

static void fd_that_cannot_be_read_is_named(void **state)
{
	assert_null(snapshot_transfer_load(transfer_of(state), copy(end[1])));
	snapshot_transfer_finish(transfer_of(state));
	assert_logged(NOT_LOADED "cannot be read" UNCHANGED);
}

/* --- cancelling --- */

static void next_transfer_cancels_the_one_before(void **state)
{
	struct snapshot_transfer *t = transfer_of(state);

	fill(end[1]);
	assert_null(snapshot_transfer_save(t, copy(end[1])));
	snapshot_transfer_finish(t);
	assert_true(t->len > 0);
	assert_null(snapshot_transfer_load(t, copy(end[0])));
	assert_num(t->len, 0);
	assert_logged("");
	snapshot_transfer_cancel(t);
}

static void end_of_the_connection_cancels_it(void **state)
{
	struct serve_world *w = *state;
	struct snapshot_transfer *t = transfer_of(state);

	t->loaded = true;
	fill(end[1]);
	assert_null(snapshot_transfer_save(t, copy(end[1])));
	serve_disconnect(w);
	assert_num(t->step, SNAPSHOT_TRANSFER_NONE);
	assert_num(t->fd, -1);
	assert_null(t->buf);
	assert_false(t->loaded);
}

static void end_of_the_server_cancels_it(void **state)
{
	struct serve_world *w = *state;
	struct snapshot_transfer *t = transfer_of(state);

	assert_null(snapshot_transfer_save(t, copy(end[1])));
	session_fini(&w->server.session);
	assert_num(t->fd, -1);
	assert_num(t->step, SNAPSHOT_TRANSFER_NONE);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(fd_is_a_pipe_a_socket_or_a_file),
		T(saving_waits_for_room),
		T(front_end_that_closes_its_end_is_named),
		T(check_before_the_end_fails),
		T(what_is_saved_is_from_before_the_queue_started),
		T(snapshot_of_a_driver_is_resumed_once),
		T(snapshot_without_an_end_is_not_loaded),
		T(longest_snapshot_is_looked_at_and_no_longer_one),
		T(fd_that_cannot_be_read_is_named),
		T(next_transfer_cancels_the_one_before),
		T(end_of_the_connection_cancels_it),
		T(end_of_the_server_cancels_it),
	};

	return cmocka_run_group_tests_name("snapshot-transfer", tests, NULL,
					   NULL);
}
