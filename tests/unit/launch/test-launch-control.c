/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch-control.h: requests come in any parts, one after the other, and from
 * as many clients as there may be; each gets its answer.
 */
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "injector/launch/launch-control.h"
#include "tests/lib/fleet-world.h"

#define LST "{\"command\":\"lst\"}\n"
#define NO_LST                                                         \
	"{\"ok\":false,\"error\":\"unknown command lst; did you mean " \
	"list?\"}\n"
#define WAIT "{\"command\":\"wait\"}\n"
#define OK   "{\"ok\":true}\n"
#define BUSY                                                          \
	"{\"ok\":false,\"busy\":true,\"error\":\"at most 16 control " \
	"clients at a time\"}\n"
#define TOO_LONG "{\"ok\":false,\"error\":\"" LAUNCH_REQUEST_TOO_LONG "\"}\n"

static struct launch_control c;
static char why[LAUNCH_WHY_MAX];
static int client = -1;
static int recv_error, send_error; /* of the next call; 0: none */
static size_t send_max;		   /* bytes of each; 0: there is no room */

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t recv(int fd, void *to, size_t len, int flags)
{
	if (!recv_error)
		return syscall(SYS_recvfrom, fd, to, len, flags, NULL, NULL);
	errno = recv_error;
	recv_error = 0;
	return -1;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t send(int fd, const void *from, size_t len, int flags)
{
	assert_num(flags, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (!send_error && !send_max)
		send_error = EAGAIN;
	if (!send_error)
		return syscall(SYS_sendto, fd, from,
			       len < send_max ? len : send_max, flags, NULL, 0);
	errno = send_error;
	send_error = 0;
	return -1;
}

static void settle_control(void)
{
	launch_control_settle(&c);
}

static int setup(void **state)
{
	const int r = fleet_setup(state);

	recv_error = send_error = 0;
	send_max = SIZE_MAX;
	client = -1;
	memset(&c, 0, sizeof(c));
	launch_control_fini(&c);
	assert_ok(launch_control_start(&c, &fleet, why));
	on_settle = settle_control;
	return r;
}

static int teardown(void **state)
{
	client = close_fd(client);
	launch_control_fini(&c);
	launch_control_fini(&c);
	return fleet_teardown(state);
}

/* Return: a connection. */
static int connect_client(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", dir);
	assert_sys(fd);
	assert_sys(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	settle();
	return fd;
}

static void says(int fd, const char *text, size_t len)
{
	assert_num(write(fd, text, len), len);
	settle();
}

/* What has come by now. */
static void expect(int fd, const char *text)
{
	static char is[4096];
	const ssize_t n = syscall(SYS_recvfrom, fd, is, sizeof(is) - 1,
				  MSG_DONTWAIT, NULL, NULL);

	is[n > 0 ? n : 0] = '\0';
	assert_string_equal(is, text);
}

static bool is_closed(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) == 1 && p.revents & POLLRDHUP;
}

/* --- requests --- */

static void each_request_gets_its_answer(void **state)
{
	client = connect_client();
	says(client, LST, strlen(LST));
	expect(client, NO_LST);
	says(client, LST LST, 2 * strlen(LST));
	expect(client, NO_LST NO_LST);
	assert_false(is_closed(client));
}

static void a_request_may_come_in_parts(void **state)
{
	client = connect_client();
	for (size_t i = 0; i < strlen(LST); i++) {
		expect(client, "");
		says(client, &LST[i], 1);
	}
	expect(client, NO_LST);
	says(client, LST "{\"comm", strlen(LST) + 6);
	expect(client, NO_LST);
	says(client, "and\":\"lst\"}\n", 12);
	expect(client, NO_LST);
}

static void what_follows_waits_for_the_one_before(void **state)
{
	client = connect_client();
	says(client, WAIT LST, strlen(WAIT LST));
	says(client, LST, strlen(LST));
	expect(client, "");
	launch_fleet_enter(&fleet, LAUNCH_UP);
	settle();
	expect(client, OK NO_LST NO_LST);
}

static void each_client_gets_its_own_answers(void **state)
{
	int second;

	client = connect_client();
	second = connect_client();
	says(client, WAIT, strlen(WAIT));
	says(second, LST, strlen(LST));
	expect(second, NO_LST);
	close(second);
	settle();
	assert_num(c.n, 1);
	launch_fleet_enter(&fleet, LAUNCH_UP);
	settle();
	expect(client, OK);
}

static void a_client_is_answered_after_its_end(void **state)
{
	client = connect_client();
	says(client, WAIT LST, strlen(WAIT LST));
	shutdown(client, SHUT_WR);
	settle();
	assert_num(c.n, 1);
	launch_fleet_enter(&fleet, LAUNCH_UP);
	settle();
	expect(client, OK NO_LST);
	assert_true(is_closed(client));
	assert_num(c.n, 0);
}

static void a_client_that_has_gone_is_forgotten(void **state)
{
	client = connect_client();
	says(client, WAIT, strlen(WAIT));
	client = close_fd(client);
	settle();
	assert_num(c.n, 1); /* its request is carried out */
	launch_fleet_enter(&fleet, LAUNCH_UP);
	settle();
	assert_num(c.n, 0);
}

static void half_a_request_of_one_that_goes_is_none(void **state)
{
	client = connect_client();
	says(client, "{", 1);
	client = close_fd(client);
	settle();
	assert_num(c.n, 0);
}

/* --- long requests --- */

static void a_request_may_be_that_long_and_no_longer(void **state)
{
	static char text[LAUNCH_REQUEST_MAX + 1];

	memset(text, ' ', sizeof(text));
	memcpy(text + sizeof(text) - 2 - strlen(LST), LST, strlen(LST));
	client = connect_client();
	/* With its newline the longest that is read. */
	for (size_t at = 0; at < LAUNCH_REQUEST_MAX - 1;) {
		const size_t left = LAUNCH_REQUEST_MAX - 1 - at;
		const size_t n = left < 50000 ? left : 50000;

		says(client, text + at, n);
		at += n;
	}
	expect(client, NO_LST);
	for (size_t at = 0; at < LAUNCH_REQUEST_MAX; at += 32768)
		says(client, text, 32768);
	expect(client, TOO_LONG);
	assert_true(is_closed(client));
	assert_num(c.n, 0);
}

/* --- room --- */

static void answers_that_find_no_room_come_later(void **state)
{
	static char is[1 << 20];
	const int room = 1;
	size_t len = 0, sent = 0;
	int idle = 0;

	client = connect_client();
	assert_sys(
		setsockopt(client, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)));
	fcntl(client, F_SETFL, O_NONBLOCK);
	/* Until the launcher reads no more. */
	while (sent < 5000 && idle < 3) {
		if (write(client, LST, strlen(LST)) == (ssize_t)strlen(LST))
			sent++;
		else
			idle++;
		settle();
	}
	while (len < sent * strlen(NO_LST)) {
		const ssize_t n =
			syscall(SYS_recvfrom, client, is + len,
				sizeof(is) - len, MSG_DONTWAIT, NULL, NULL);

		assert_true(n > 0);
		len += (size_t)n;
		settle();
	}
	for (size_t i = 0; i < sent; i++)
		assert_memory_equal(is + i * strlen(NO_LST), NO_LST,
				    strlen(NO_LST));
	expect(client, "");
	assert_num(c.n, 1);
}

static void what_cannot_be_sent_now_is_sent_later(void **state)
{
	static const int errors[] = { EAGAIN, EINTR };

	client = connect_client();
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		send_error = errors[i];
		says(client, LST LST, 2 * strlen(LST));
		expect(client, NO_LST NO_LST);
	}
	send_error = EIO;
	says(client, LST, strlen(LST));
	expect(client, "");
	assert_true(is_closed(client));
	assert_num(c.n, 0);
}

static void an_answer_may_be_sent_in_parts(void **state)
{
	client = connect_client();
	send_max = 50;
	says(client, LST LST, 2 * strlen(LST));
	expect(client, NO_LST NO_LST);
	assert_num(c.n, 1);
}

static void one_that_does_not_read_can_be_dropped(void **state)
{
	client = connect_client();
	send_max = 0;
	says(client, LST, strlen(LST));
	assert_num(c.n, 1);
	launch_control_fini(&c);
	assert_true(is_closed(client));
	settle();
}

/* So can one whose request is carried out: it is forgotten. */
static void one_that_waits_can_be_dropped(void **state)
{
	client = connect_client();
	says(client, WAIT, strlen(WAIT));
	launch_control_fini(&c);
	on_settle = NULL;
	launch_fleet_enter(&fleet, LAUNCH_UP);
	settle();
	expect(client, "");
}

static void what_cannot_be_read_now_is_read_later(void **state)
{
	static const int errors[] = { EAGAIN, EINTR };

	client = connect_client();
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		recv_error = errors[i];
		says(client, LST, strlen(LST));
		expect(client, NO_LST);
	}
	recv_error = ECONNRESET;
	says(client, LST, strlen(LST));
	expect(client, "");
	assert_num(c.n, 0);
}

/* --- clients --- */

static void one_client_too_many_is_refused(void **state)
{
	int fd[LAUNCH_CLIENTS_MAX];

	for (int i = 0; i < LAUNCH_CLIENTS_MAX; i++)
		fd[i] = connect_client();
	assert_num(c.n, LAUNCH_CLIENTS_MAX);
	for (int i = 0; i < 2; i++) {
		client = connect_client();
		expect(client, BUSY);
		assert_true(is_closed(client));
		close(client);
	}
	/* Said once. */
	expect_log(STAMP "launcher: refused a control client: at most 16 at a "
			 "time\n");
	close(fd[3]);
	settle();
	fd[3] = connect_client();
	says(fd[3], LST, strlen(LST));
	expect(fd[3], NO_LST);
	client = connect_client();
	expect(client, BUSY);
	expect_log(STAMP "launcher: refused a control client: at most 16 at a "
			 "time\n");
	launch_control_fini(&c);
	for (int i = 0; i < LAUNCH_CLIENTS_MAX; i++) {
		assert_true(is_closed(fd[i]));
		close(fd[i]);
	}
}

/* --- its socket --- */

static void its_socket_is_its_users_alone(void **state)
{
	char path[TEMP_DIR_LEN + 20];
	struct stat st;

	snprintf(path, sizeof(path), "%s/control", dir);
	assert_sys(stat(path, &st));
	assert_num(st.st_mode & 0777, 0600);
	launch_control_fini(&c);
	assert_num(access(path, F_OK), -1);
}

static void a_socket_that_cannot_be_made_is_an_error(void **state)
{
	char path[TEMP_DIR_LEN + 20], expected[200];

	launch_control_fini(&c);
	snprintf(path, sizeof(path), "%s/control", dir);
	file_write(path, "x");
	assert_num(launch_control_start(&c, &fleet, why), -1);
	snprintf(expected, sizeof(expected), "cannot listen at %s: %s", path,
		 socket_path_strerror(-EEXIST));
	assert_string_equal(why, expected);
	unlink(path);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(each_request_gets_its_answer),
		T(a_request_may_come_in_parts),
		T(what_follows_waits_for_the_one_before),
		T(each_client_gets_its_own_answers),
		T(a_client_is_answered_after_its_end),
		T(a_client_that_has_gone_is_forgotten),
		T(half_a_request_of_one_that_goes_is_none),
		T(a_request_may_be_that_long_and_no_longer),
		T(answers_that_find_no_room_come_later),
		T(what_cannot_be_sent_now_is_sent_later),
		T(an_answer_may_be_sent_in_parts),
		T(one_that_does_not_read_can_be_dropped),
		T(one_that_waits_can_be_dropped),
		T(what_cannot_be_read_now_is_read_later),
		T(one_client_too_many_is_refused),
		T(its_socket_is_its_users_alone),
		T(a_socket_that_cannot_be_made_is_an_error),
	};

	return cmocka_run_group_tests_name("launch-control", tests, NULL, NULL);
}
