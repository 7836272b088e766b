/* SPDX-License-Identifier: Apache-2.0 */
/* A front-end's connection: what is read when, and how it ends. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "input/device/event.h"
#include "input/serve/frontend-link.h"
#include "tests/lib/garbage.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/serve-world.h"

static struct frontend_link *link_of(void **state)
{
	struct serve_world *w = *state;

	return &w->server.link;
}

static void send_bytes(struct serve_world *w, const void *bytes, size_t len)
{
	assert_num(send(w->vmm.fd, bytes, len, MSG_NOSIGNAL), len);
	serve_turn(w);
}

static void send_header(struct serve_world *w, uint32_t request, uint32_t size)
{
	const struct vu_header hdr = { request, VU_FLAG_VERSION_1, size };

	send_bytes(w, &hdr, sizeof(hdr));
}

/* The server has closed the connection, and counted that or not. */
static void expect_closed(struct serve_world *w, unsigned int violations)
{
	struct counters c = { 0 };
	char byte;

	frontend_link_count(&w->server.link, &c);
	assert_false(c.vmm);
	assert_num(c.frontend_violations, violations);
	assert_true(recv(w->vmm.fd, &byte, 1, MSG_DONTWAIT) <= 0);
	vu_socket_fini(&w->vmm);
	serve_turn(w);
	assert_logged("");
}

/* --- violations --- */

struct violation {
	const char *name;
	uint32_t request, size;
	const char *line;
};

static const struct violation violations[] = {
	{ "unknown_request", 4711, 0,
	  "frontend: request 4711: unknown request, or not for an input "
	  "device; closing\n" },
	{ "size", VU_SET_FEATURES, 7,
	  "frontend: SET_FEATURES: invalid payload size; closing\n" },
	{ "content", VU_SET_VRING_CALL, 8,
	  "frontend: SET_VRING_CALL: 0 fds: at least 1 needed; closing\n" },
};

static void violation_is_logged_and_counted_and_ends_it(void **state)
{
	static const uint8_t payload[8];
	struct serve_world *w = *state;
	struct counters c = { 0 };

	for (unsigned int i = 0; i < ARRAY_LEN(violations); i++) {
		send_header(w, violations[i].request, violations[i].size);
		if (violations[i].size == sizeof(payload))
			send_bytes(w, payload, sizeof(payload));
		assert_logged(violations[i].line);
		expect_closed(w, i + 1);
		serve_connect(w);
		frontend_link_count(link_of(state), &c);
		assert_true(c.vmm);
		assert_num(c.frontends, i + 2);
	}
}

#define INJECTOR                                                        \
	"frontend: input events: an injector belongs at the socket of " \
	"--inject-path; closing\n"

/* All events at once, and the second one a part at a time. */
static void injector_is_sent_to_the_other_socket(void **state)
{
	const struct vi_event ev[] = { vi_event(EV_KEY, KEY_A, 1),
				       vi_event(EV_SYN, SYN_REPORT, 0) };
	struct serve_world *w = *state;

	serve_disconnect(w);
	serve_connect(w);
	send_bytes(w, ev, sizeof(ev));
	assert_logged(INJECTOR);
	expect_closed(w, 1);
	serve_connect(w);
	send_bytes(w, ev, 12);
	assert_logged(INJECTOR);
	expect_closed(w, 2);
	serve_connect(w);
}

/* Whoever has begun as a front-end is one. */
static void same_bytes_later_are_a_message(void **state)
{
	const struct vi_event ev[] = { vi_event(EV_KEY, KEY_A, 1),
				       vi_event(EV_SYN, SYN_REPORT, 0) };
	struct serve_world *w = *state;

	send_bytes(w, ev, sizeof(ev));
	assert_logged("frontend: request 1966081: unknown request, or not for "
		      "an input device; closing\n");
	expect_closed(w, 1);
	serve_connect(w);
}

/* --- the end --- */

static void end_in_the_middle_of_a_message_is_told(void **state)
{
	struct serve_world *w = *state;

	send_header(w, VU_SET_FEATURES, 8);
	vu_socket_fini(&w->vmm);
	serve_turn(w);
	assert_logged("front-end disconnected in the middle of a message\n");
	assert_num(link_of(state)->violations, 0);
	serve_connect(w);
}

static void only_one_that_is_connected_is_dropped(void **state)
{
	struct serve_world *w = *state;

	frontend_link_drop(link_of(state), "enough");
	assert_logged("frontend: enough; closing\n");
	frontend_link_drop(link_of(state), "enough");
	expect_closed(w, 0);
	serve_connect(w);
}

static void one_that_has_hung_up_is_found_out(void **state)
{
	struct serve_world *w = *state;

	errno = E2BIG;
	assert_false(frontend_link_has_hung_up(link_of(state)));
	assert_num(shutdown(w->vmm.fd, SHUT_WR), 0);
	errno = E2BIG;
	assert_true(frontend_link_has_hung_up(link_of(state)));
	assert_num(errno, E2BIG);
	serve_disconnect(w);
}

static void next_one_waits_and_that_is_logged_once(void **state)
{
	struct serve_world *w = *state;
	ev_timer *const waiting = &link_of(state)->listener.waiting;
	struct vu_socket first = w->vmm;
	struct sockaddr_un at;
	socklen_t len = sizeof(at);
	char line[256];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(getsockname(w->listener, (struct sockaddr *)&at, &len));
	assert_sys(connect(fd, (struct sockaddr *)&at, len));
	/* Not a turn more: this timer is short, and would be over. */
	for (int i = 0; i < 12 && !ev_is_active(waiting); i++)
		ev_run(w->loop, EVRUN_NOWAIT);
	serve_expire(w, waiting);
	snprintf(line, sizeof(line),
		 "frontend: another front-end is waiting: a device serves one "
		 "VMM or monitor at a time, and one (process %d) is "
		 "connected\n",
		 (int)getpid());
	assert_logged(line);
	/* It still serves the first, then the other one. */
	assert_true(vt_get(w->v, VU_GET_FEATURES));
	close(first.fd);
	vu_socket_init(&w->vmm, fd);
	serve_turn(w);
	assert_logged("front-end disconnected\nfront-end connected\n");
	assert_num(link_of(state)->connections, 2);
}

/* --- replies --- */

#define FLOOD 20000

/* Return: whether the server has taken n more bytes of requests. */
static size_t send_requests(struct serve_world *w, size_t most)
{
	const struct vu_header hdr = { VU_GET_FEATURES, VU_FLAG_VERSION_1, 0 };
	size_t n = 0;

	while (n < most && send(w->vmm.fd, &hdr, sizeof(hdr),
				MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(hdr))
		n++;
	serve_turn(w);
	return n;
}

static bool any_header(void *arg, const struct vu_header *hdr)
{
	return true;
}

/* Return: how many replies there are. */
static size_t read_replies(struct serve_world *w)
{
	size_t n = 0;

	while (vu_socket_recv(&w->vmm, any_header, NULL) == 1) {
		assert_num(w->vmm.in.hdr.request, VU_GET_FEATURES);
		n++;
	}
	serve_turn(w);
	return n;
}

static void requests_wait_while_replies_are_not_read(void **state)
{
	struct serve_world *w = *state;
	struct frontend_link *link = link_of(state);
	size_t sent = 0, got = 0, n;

	do
		sent += n = send_requests(w, FLOOD);
	while (n);
	assert_num(link->socket_io.events, EV_WRITE);
	for (int i = 0; i < FLOOD && got < sent; i++)
		got += read_replies(w);
	assert_num(got, sent);
	assert_num(link->socket_io.events, EV_READ);
	assert_true(vt_get(w->v, VU_GET_FEATURES));
}

/* Others have their turn. */
static void flood_of_messages_is_taken_in_parts(void **state)
{
	struct serve_world *w = *state;
	const struct vu_header hdr = { VU_GET_FEATURES, VU_FLAG_VERSION_1, 0 };
	size_t n = 0;

	for (int i = 0; i < 20; i++)
		assert_sys(send(w->vmm.fd, &hdr, sizeof(hdr), 0));
	ev_run(w->loop, EVRUN_NOWAIT);
	while (vu_socket_recv(&w->vmm, any_header, NULL) == 1)
		n++;
	assert_num(n, 16);
	serve_turn(w);
	assert_num(read_replies(w), 4);
}

/* --- the back-end channel --- */

/* Return: the front-end's end of the channel. */
static int open_channel(struct serve_world *w)
{
	int fd[2];

	vt_negotiate(w->v, 0,
		     VT_BIT(VU_PROTOCOL_F_CONFIG) |
			     VT_BIT(VU_PROTOCOL_F_REPLY_ACK) |
			     VT_BIT(VU_PROTOCOL_F_BACKEND_REQ));
	assert_sys(socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd));
	assert_rc(vt_send(w->v, VU_SET_BACKEND_REQ_FD, NULL, 0, fd[1]), 0);
	close(fd[1]);
	return fd[0];
}

static void answer(struct serve_world *w, int fd, uint64_t value)
{
	const struct {
		struct vu_header hdr;
		uint8_t value[8];
	} reply = { { VU_BACKEND_CONFIG_CHANGE_MSG,
		      VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8 },
		    { (uint8_t)value } };

	assert_num(write(fd, &reply, sizeof(reply)), sizeof(reply));
	serve_turn(w);
}

static void answer_on_the_channel_is_taken(void **state)
{
	struct serve_world *w = *state;
	const int fd = open_channel(w);
	struct vu_header hdr;

	/* Without a driver nobody is asked. */
	serve_start(w, EVENTQ);
	for (uint64_t value = 0; value < 2; value++) {
		vu_backend_config_changed(&link_of(state)->backend);
		assert_num(read(fd, &hdr, sizeof(hdr)), sizeof(hdr));
		assert_num(hdr.request, VU_BACKEND_CONFIG_CHANGE_MSG);
		answer(w, fd, value);
		assert_logged(value ? "frontend: BACKEND_CONFIG_CHANGE_MSG: "
				      "the front-end replied with error 0x1\n"
				    : "");
	}
	assert_true(frontend_link_connected(link_of(state)));
	close(fd);
}

static void answer_that_nobody_has_asked_for_is_a_violation(void **state)
{
	struct serve_world *w = *state;
	const int fd = open_channel(w);

	answer(w, fd, 0);
	assert_logged("frontend: BACKEND_CONFIG_CHANGE_MSG: reply without a "
		      "request; closing\n");
	expect_closed(w, 1);
	close(fd);
	serve_connect(w);
}

static void channel_may_be_closed(void **state)
{
	struct serve_world *w = *state;

	close(open_channel(w));
	serve_turn(w);
	assert_false(ev_is_active(&link_of(state)->channel_io));
	assert_true(vt_get(w->v, VU_GET_FEATURES));
}

/* --- without a server --- */

static void reset(void *arg)
{
}

static const struct vu_ops ops = { .reset = reset };
static struct frontend_link alone;
static unsigned int turns, ends, changes;

/* Whatever fd 0 is to this process, it is none of a front-end's. */
static void one_that_never_came_takes_no_fd_along(void **state)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);

	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		assert_num(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	fill_with_garbage(&alone);
	frontend_link_init(&alone, loop, &ops, NULL, 0);
	frontend_link_fini(&alone);
	assert_sys(fcntl(STDIN_FILENO, F_GETFD));
	ev_loop_destroy(loop);
}

static void count_turns(struct ev_loop *loop, ev_idle *idle, int events)
{
	if (++turns == 1000)
		ev_break(loop, EVBREAK_ALL);
}

static void note_change(void *arg)
{
	assert_ptr_equal(arg, &changes);
	changes++;
}

static void note_end(void *arg)
{
	assert_ptr_equal(arg, &ends);
	ends++;
}

/* The loop ends with a front-end that came connected, if nobody is told. */
static void run_until_it_ends(bool is_told)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	ev_idle idle;
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	turns = ends = changes = 0;
	fill_with_garbage(&alone);
	frontend_link_init(&alone, loop, &ops, NULL, 0);
	alone.changed = note_change;
	alone.changed_arg = &changes;
	alone.ended = is_told ? note_end : NULL;
	alone.ended_arg = &ends;
	assert_ok(frontend_link_start(&alone, fd[0], false));
	assert_true(fcntl(fd[0], F_GETFL) & O_NONBLOCK);
	assert_num(changes, 1);
	close(fd[1]);
	ev_idle_init(&idle, count_turns);
	ev_idle_start(loop, &idle);
	ev_run(loop, 0);
	ev_idle_stop(loop, &idle);
	assert_num(changes, 2);
	frontend_link_fini(&alone);
	assert_num(ev_run(loop, EVRUN_NOWAIT), 0);
	ev_loop_destroy(loop);
}

static void end_of_one_that_came_connected_ends_the_loop(void **state)
{
	run_until_it_ends(false);
	assert_true(turns < 1000);
}

static void end_of_one_that_came_connected_is_told_instead(void **state)
{
	run_until_it_ends(true);
	assert_num(turns, 1000);
	assert_num(ends, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVE(violation_is_logged_and_counted_and_ends_it),
		SERVE(injector_is_sent_to_the_other_socket),
		SERVE(same_bytes_later_are_a_message),
		SERVE(end_in_the_middle_of_a_message_is_told),
		SERVE(only_one_that_is_connected_is_dropped),
		SERVE(one_that_has_hung_up_is_found_out),
		SERVE(next_one_waits_and_that_is_logged_once),
		SERVE(requests_wait_while_replies_are_not_read),
		SERVE(flood_of_messages_is_taken_in_parts),
		SERVE(answer_on_the_channel_is_taken),
		SERVE(answer_that_nobody_has_asked_for_is_a_violation),
		SERVE(channel_may_be_closed),
		cmocka_unit_test(one_that_never_came_takes_no_fd_along),
		cmocka_unit_test(end_of_one_that_came_connected_ends_the_loop),
		cmocka_unit_test(
			end_of_one_that_came_connected_is_told_instead),
	};

	return cmocka_run_group_tests_name("frontend-link", tests, NULL, NULL);
}
