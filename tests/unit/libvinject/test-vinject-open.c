/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How libvinject finds a device, and what it says when there is none. The
 * device is a socket of the test's own.
 */
#include <errno.h>
#include <fcntl.h>

#include "tests/lib/clock.h"
#include "tests/lib/vinject-device.h"

/* --- addresses --- */

static void bad_addresses_are_refused_in_words(void **state)
{
	static const struct {
		const char *address, *words;
		int rc;
	} rows[] = {
		{ "", "invalid label ''", -EINVAL },
		{ "a=b", "invalid label 'a=b'", -EINVAL },
		{ "a,b", "invalid label 'a,b'", -EINVAL },
		{ "fd:", "fd:: must be fd:N", -EINVAL },
		{ "fd:x", "fd:x: must be fd:N", -EINVAL },
		{ "fd:-1", "fd:-1: must be fd:N", -EINVAL },
		{ "fd:5x", "fd:5x: must be fd:N", -EINVAL },
		{ "fd:99999999999", "must be fd:N", -EINVAL },
		{ "vsock:3", "vsock:3: must be vsock:CID:PORT", -EINVAL },
		{ "vsock:3:", "must be vsock:CID:PORT", -EINVAL },
		{ "vsock::5", "must be vsock:CID:PORT", -EINVAL },
		{ "vsock:3:5:6", "must be vsock:CID:PORT", -EINVAL },
		{ "vsock:4294967296:1", "must be vsock:CID:PORT", -EINVAL },
		{ "hybrid:/a", "hybrid:/a: must be hybrid:PATH:PORT", -EINVAL },
		{ "hybrid:/a:b", "must be hybrid:PATH:PORT", -EINVAL },
		{ "hybrid::5", "empty path", -EINVAL },
		{ "/no/such/place", "/no/such/place: No such file", -ENOENT },
		{ "hybrid:/no/such:5", "hybrid:/no/such:5: No such file",
		  -ENOENT },
		{ "keyboard", "neither VINPUT_DIR nor VINPUT_FDS", -ENOENT },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_rc(vinject_open(f->v, rows[i].address), rows[i].rc);
		assert_error_has(f, rows[i].words);
		assert_null(strchr(vinject_error(f->v), '\n'));
	}
	assert_rc(vinject_key(f->v, KEY_A, true), -EPIPE);
	assert_rc(vinject_frame(f->v), -EPIPE);
	assert_rc(vinject_dispatch(f->v), -EPIPE);
}

static void a_path_may_have_107_bytes(void **state)
{
	struct fixture *f = *state;
	char path[109];

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[107] = '\0';
	assert_rc(vinject_open(f->v, path), -ENOENT);
	path[107] = 'x';
	path[108] = '\0';
	assert_rc(vinject_open(f->v, path), -ENAMETOOLONG);
	assert_error_has(f, "at most 107 bytes");
	setenv("VINPUT_DIR", path, 1);
	assert_rc(vinject_open(f->v, "keyboard"), -ENAMETOOLONG);
}

static void a_path_is_connected_to(void **state)
{
	struct fixture *f = *state;

	listen_there(f, SOCK_STREAM);
	assert_ok(vinject_open(f->v, f->path));
	assert_string_equal(vinject_error(f->v), "");
	assert_true(vinject_connected(f->v));
	accept_it(f);
	press_a(f);
	assert_rc(vinject_open(f->v, f->path), -EISCONN);
	assert_error_has(f, "already");
}

static void a_seqpacket_socket_is_connected_to(void **state)
{
	struct fixture *f = *state;

	listen_there(f, SOCK_SEQPACKET);
	assert_ok(vinject_open(f->v, f->path));
	accept_it(f);
	press_a(f);
}

static void a_path_where_nobody_listens_says_so(void **state)
{
	struct fixture *f = *state;

	listen_there(f, SOCK_STREAM);
	close(f->listening);
	f->listening = -1;
	assert_rc(vinject_open(f->v, f->path), -ECONNREFUSED);
	assert_error_has(f, "keyboard.inject: nothing listens on it");
}

static void a_label_is_found_in_a_folder(void **state)
{
	struct fixture *f = *state;

	listen_there(f, SOCK_STREAM);
	assert_ok(vinject_open_label(f->v, "keyboard", f->dir));
	vinject_free(f->v);
	f->v = vinject_new();
	setenv("VINPUT_DIR", f->dir, 1);
	assert_ok(vinject_open(f->v, "keyboard"));
}

static void a_label_is_found_among_handed_down_sockets(void **state)
{
	struct fixture *f = *state;
	char env[64];
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	snprintf(env, sizeof(env), "keyboard_1=77,keyboard=%d,mouse=78", fd[0]);
	setenv("VINPUT_FDS", env, 1);
	setenv("VINPUT_DIR", f->dir, 1);
	assert_ok(vinject_open(f->v, "keyboard"));
	f->device = fd[1];
	press_a(f);
	assert_num(fcntl(fd[0], F_GETFD), FD_CLOEXEC);
}

static void a_given_folder_goes_before_handed_down_sockets(void **state)
{
	struct fixture *f = *state;

	setenv("VINPUT_FDS", "keyboard=77", 1);
	listen_there(f, SOCK_STREAM);
	assert_ok(vinject_open_label(f->v, "keyboard", f->dir));
}

static void an_unknown_label_says_which_there_are(void **state)
{
	struct fixture *f = *state;
	char words[128];

	listen_there(f, SOCK_STREAM);
	setenv("VINPUT_FDS", "mouse=77,touch_0=78", 1);
	assert_rc(vinject_open(f->v, "pen"), -ENOENT);
	assert_string_equal(vinject_error(f->v),
			    "no device 'pen'; VINPUT_FDS has mouse, touch_0");
	setenv("VINPUT_DIR", f->dir, 1);
	assert_rc(vinject_open(f->v, "pen"), -ENOENT);
	snprintf(words, sizeof(words),
		 "no device 'pen'; VINPUT_FDS has mouse, touch_0; %s has "
		 "keyboard",
		 f->dir);
	assert_string_equal(vinject_error(f->v), words);
	stop_listening(f);
	assert_rc(vinject_open_label(f->v, "keyboard", f->dir), -ENOENT);
	snprintf(words, sizeof(words), "no device 'keyboard'; %s has none",
		 f->dir);
	assert_string_equal(vinject_error(f->v), words);
}

static void wrong_handed_down_sockets_are_named(void **state)
{
	struct fixture *f = *state;

	setenv("VINPUT_FDS", "keyboard=x,mouse=5", 1);
	assert_rc(vinject_open(f->v, "keyboard"), -EINVAL);
	assert_error_has(f, "VINPUT_FDS: invalid fd for keyboard");
	setenv("VINPUT_FDS", "keyboard=1000000", 1);
	assert_rc(vinject_open(f->v, "keyboard"), -EBADF);
	assert_error_has(f, "keyboard in VINPUT_FDS: fd 1000000: Bad file");
}

static void long_lists_of_labels_are_cut(void **state)
{
	struct fixture *f = *state;
	char env[2000] = "";

	for (int i = 0; i < 100; i++)
		sprintf(env + strlen(env), "%slong_label_%d=5", i ? "," : "",
			i);
	setenv("VINPUT_FDS", env, 1);
	assert_rc(vinject_open(f->v, "pen"), -ENOENT);
	assert_error_has(f, "long_label_0, long_label_1,");
	assert_true(strlen(vinject_error(f->v)) < 512);
}

static void only_connected_sockets_are_taken(void **state)
{
	struct fixture *f = *state;
	int fd[2];

	assert_rc(vinject_open_fd(f->v, -1), -EBADF);
	assert_rc(vinject_open_fd(f->v, open("/dev/null", O_RDWR)), -ENOTSOCK);
	assert_error_has(f, "on non-socket");
	listen_there(f, SOCK_STREAM);
	assert_rc(vinject_open_fd(f->v, dup(f->listening)), -ENOTCONN);
	assert_sys(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd));
	assert_rc(vinject_open_fd(f->v, fd[0]), -EPROTOTYPE);
	assert_error_has(f, "neither a stream nor a seqpacket socket");
	assert_num(fcntl(fd[0], F_GETFD), -1);
	close(fd[1]);
}

static void an_address_that_fails_leaves_the_fd_open(void **state)
{
	struct fixture *f = *state;
	const int fd = open("/dev/null", O_RDWR);
	char address[16];

	snprintf(address, sizeof(address), "fd:%d", fd);
	assert_rc(vinject_open(f->v, address), -ENOTSOCK);
	assert_sys(close(fd));
}

static void a_handle_can_be_opened_again(void **state)
{
	struct fixture *f = *state;

	listen_there(f, SOCK_STREAM);
	assert_rc(vinject_open(f->v, "/no/such/place"), -ENOENT);
	assert_ok(vinject_open(f->v, f->path));
	assert_string_equal(vinject_error(f->v), "");
	accept_it(f);
	press_a(f);
	vinject_touch_down(f->v, 1, 2, 3);
	device_goes(f);
	assert_rc(vinject_dispatch(f->v), -EPIPE);
	assert_string_not_equal(vinject_error(f->v), "");
	assert_ok(vinject_open(f->v, f->path));
	assert_string_equal(vinject_error(f->v), "");
	accept_it(f);
	/* Nothing is held any more. */
	assert_num(vinject_touch_count(f->v), 0);
	assert_num(vinject_pending(f->v), 0);
	assert_num(vinject_dispatch(f->v), 0);
	press_a(f);
}

static void an_open_handle_takes_no_other_socket(void **state)
{
	struct fixture *f = *state;
	int fd[2];

	listen_there(f, SOCK_STREAM);
	assert_ok(vinject_open(f->v, f->path));
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	assert_rc(vinject_open_fd(f->v, fd[0]), -EISCONN);
	assert_error_has(f, "the handle is already open");
	assert_num(fcntl(fd[0], F_GETFD), -1);
	close(fd[1]);
	assert_rc(vinject_open_label(f->v, "keyboard", f->dir), -EISCONN);
}

/* A socket that is given has no address to which to go back. */
static void an_earlier_address_is_forgotten(void **state)
{
	struct fixture *f = *state;
	int fd[2];

	listen_there(f, SOCK_STREAM);
	assert_ok(vinject_open(f->v, f->path));
	accept_it(f);
	device_goes(f);
	assert_rc(vinject_dispatch(f->v), -EPIPE);
	vinject_set_reconnect(f->v, true);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	assert_ok(vinject_open_fd(f->v, fd[0]));
	close(fd[1]);
	assert_rc(vinject_dispatch(f->v), -EPIPE);
	assert_rc(vinject_open_fd(f->v, 1000000), -EBADF);
	assert_string_equal(vinject_error(f->v),
			    "fd 1000000: Bad file descriptor");
}

/* --- a device that is not there yet --- */

static void open_waits_for_a_device(void **state)
{
	struct fixture *f = *state;

	vinject_set_wait(f->v, DEADLINE_MS);
	assert_num(pthread_create(&f->thread, NULL, listen_later, f), 0);
	assert_ok(vinject_open_label(f->v, "keyboard", f->dir));
	pthread_join(f->thread, NULL);
	accept_it(f);
	press_a(f);
}

/* A file is in the way of a folder: nothing comes that could be waited for. */
static void open_does_not_wait_for_what_cannot_come(void **state)
{
	const double begin_ms = clock_ms();
	struct fixture *f = *state;

	vinject_set_wait(f->v, DEADLINE_MS);
	assert_rc(vinject_open(f->v, "/dev/null/x"), -ENOTDIR);
	assert_true(clock_ms() - begin_ms < DEADLINE_MS / 2.0);
}

static void open_does_not_wait_longer_than_its_timeout(void **state)
{
	struct fixture *f = *state;

	vinject_set_wait(f->v, 30);
	assert_rc(vinject_open_label(f->v, "keyboard", f->dir), -ENOENT);
	assert_error_has(f, "no device 'keyboard'");
	assert_false(readable(f->v));
	/* Nor does it become so. */
	struct pollfd p = { .fd = vinject_fd(f->v), .events = POLLIN };
	assert_num(poll(&p, 1, 4 * RIG_QUIET_MS), 0);
}

/* --- hybrid vsock --- */

static void *answer(void *arg)
{
	struct fixture *f = arg;
	size_t n = 0;

	accept_it(f);
	while (n < sizeof(f->asked) - 1 &&
	       recv(f->device, &f->asked[n], 1, 0) == 1)
		if (f->asked[n++] == '\n')
			break;
	if (!f->answer) {
		device_goes(f);
		return NULL;
	}
	for (const char *c = f->answer; *c; c++) {
		/* The other side may have heard enough. */
		send(f->device, c, 1, MSG_NOSIGNAL);
		poll(NULL, 0, 1);
	}
	return NULL;
}

static int open_hybrid(struct fixture *f, const char *answers)
{
	char address[96];
	int r;

	listen_there(f, SOCK_STREAM);
	f->answer = answers;
	assert_num(pthread_create(&f->thread, NULL, answer, f), 0);
	snprintf(address, sizeof(address), "hybrid:%s:5555", f->path);
	r = vinject_open(f->v, address);
	pthread_join(f->thread, NULL);
	assert_string_equal(f->asked, "CONNECT 5555\n");
	return r;
}

static void hybrid_connects_to_a_port(void **state)
{
	struct fixture *f = *state;

	assert_ok(open_hybrid(f, "OK 1073741824\n"));
	press_a(f);
}

static void hybrid_says_when_nobody_listens_at_the_port(void **state)
{
	struct fixture *f = *state;

	assert_rc(open_hybrid(f, NULL), -EPIPE);
	assert_error_has(f, ":5555: nothing listens on that port");
}

static void hybrid_says_when_the_answer_is_not_ok(void **state)
{
	struct fixture *f = *state;

	assert_rc(open_hybrid(f, "NO\n"), -EPROTO);
	assert_error_has(f, "does not answer CONNECT with OK");
}

static void hybrid_does_not_read_an_endless_answer(void **state)
{
	struct fixture *f = *state;

	assert_rc(open_hybrid(f, "OK 000000000000000000000000000000"), -EPROTO);
}

static void vsock_without_a_peer_says_so(void **state)
{
	struct fixture *f = *state;

	/* No such VM; or no vsock in this kernel at all. */
	assert_true(vinject_open(f->v, "vsock:1:4000000000") < 0);
	assert_error_has(f, "vsock:1:4000000000: ");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(bad_addresses_are_refused_in_words),
		T(a_path_may_have_107_bytes),
		T(a_path_is_connected_to),
		T(a_seqpacket_socket_is_connected_to),
		T(a_path_where_nobody_listens_says_so),
		T(a_label_is_found_in_a_folder),
		T(a_label_is_found_among_handed_down_sockets),
		T(a_given_folder_goes_before_handed_down_sockets),
		T(an_unknown_label_says_which_there_are),
		T(wrong_handed_down_sockets_are_named),
		T(long_lists_of_labels_are_cut),
		T(only_connected_sockets_are_taken),
		T(an_address_that_fails_leaves_the_fd_open),
		T(a_handle_can_be_opened_again),
		T(an_open_handle_takes_no_other_socket),
		T(an_earlier_address_is_forgotten),
		T(open_waits_for_a_device),
		T(open_does_not_wait_for_what_cannot_come),
		T(open_does_not_wait_longer_than_its_timeout),
		T(hybrid_connects_to_a_port),
		T(hybrid_says_when_nobody_listens_at_the_port),
		T(hybrid_says_when_the_answer_is_not_ok),
		T(hybrid_does_not_read_an_endless_answer),
		T(vsock_without_a_peer_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
