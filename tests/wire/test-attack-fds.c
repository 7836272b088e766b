/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile fds: too few and too many, attached to any byte, where none is
 * expected, the other end of the connection, and fds whose closing or use
 * blocks. Whatever happens to the sender, the server keeps none of them, and
 * serves the next front-end.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"
#include "tests/lib/usual-msg.h"

#define PAGE	4096
#define MAX_FDS 253 /* the kernel's limit for one message */

/* The server may close the connection. */
static struct usage serve(struct rig *rig)
{
	rig->fe.want_protocol = usual_msg_protocol;
	rig->lines.frontend = rig->lines.guest = -1;
	return usage_serve(rig);
}

/* --- how many, and with which bytes --- */

static void send_counted(struct rig *rig, uint32_t request, size_t n)
{
	struct fe_msg msg = usual_msg(&rig->fe, request);
	int fds[MAX_FDS];
	uint8_t wire[sizeof(msg.hdr) + sizeof(msg.bytes)];

	for (size_t i = 0; i < n; i++)
		fds[i] = msg.n_fds ? msg.fd[0] : rig->fe.mem.fd;
	memcpy(wire, &msg.hdr, sizeof(msg.hdr));
	memcpy(wire + sizeof(msg.hdr), msg.bytes, sizeof(msg.bytes));
	assert_num(send_with_fds(rig->fe.fd, wire, usual_msg_len(&msg), fds, n),
		   (long long)usual_msg_len(&msg));
}

static void every_message_may_come_with_any_number_of_fds(void **state)
{
	static const size_t counts[] = { 0, 1, 2, 7, 8, 9, MAX_FDS };
	struct rig *rig = *state;
	struct usage before = serve(rig);

	for (uint32_t request = 0; request <= USUAL_MSG_MAX; request++)
		for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
			rig_run(rig, NULL, 16);
			send_counted(rig, request, counts[i]);
		}
	usage_expect_unharmed(rig, &before);
}

/* Legal, if odd: fds belong to the message with whose bytes they arrive. */
static void a_message_s_fd_may_come_with_any_of_its_bytes(void **state)
{
	struct rig *rig = *state;
	struct usage before = serve(rig);
	int fd = memfd_create("region", MFD_CLOEXEC);
	struct fe_msg add, rem, ack;

	assert_sys(fd);
	assert_sys(ftruncate(fd, PAGE));
	rig_run(rig, NULL, 16);
	add = usual_msg(&rig->fe, VU_ADD_MEM_REG);
	rem = usual_msg(&rig->fe, VU_REM_MEM_REG);
	add.hdr.flags |= VU_FLAG_NEED_REPLY;
	add.n_fds = 0;
	usual_msg_move(&add);
	add.region.region.size = PAGE;
	rem.region = add.region;
	for (size_t at = 0; at < usual_msg_len(&add); at++) {
		const uint8_t *byte = (const uint8_t *)&add.hdr + at;

		if (at >= sizeof(add.hdr))
			byte = add.bytes + (at - sizeof(add.hdr));
		assert_ok(fe_send_part(&rig->fe, &add, 0, at));
		assert_num(send_with_fds(rig->fe.fd, byte, 1, &fd, 1), 1);
		assert_ok(fe_send_part(&rig->fe, &add, at + 1,
				       usual_msg_len(&add)));
		assert_ok(fe_recv(&rig->fe, &ack));
		assert_num(ack.u64, 0);
		assert_ok(fe_request(&rig->fe, &rem));
	}
	close(fd);
	rig_expect_works(rig);
	usage_expect_unharmed(rig, &before);
}

static void every_byte_may_bring_all_fds_that_there_can_be(void **state)
{
	struct rig *rig = *state;
	struct usage before = serve(rig);
	uint8_t message[sizeof(struct vu_header) + 40] = { VU_ADD_MEM_REG };
	int fds[MAX_FDS];

	message[4] = VU_FLAG_VERSION_1;
	message[8] = 40;
	rig_run(rig, NULL, 16);
	for (size_t i = 0; i < MAX_FDS; i++)
		fds[i] = rig->fe.mem.fd;
	for (size_t i = 0; i < sizeof(message) - 1; i++) {
		assert_num(
			send_with_fds(rig->fe.fd, &message[i], 1, fds, MAX_FDS),
			1);
		rig_wait_read(rig->fe.fd);
	}
	assert_true(usage_at_rest(rig->srv.pid).fds <= before.fds + 8);
	usage_expect_unharmed(rig, &before);
}

/* --- the other end of the connection --- */

/*
 * The server holds the only copy after the front-end has left. It is sent
 * itself, or in flight in a socket that is sent.
 */
static void pass_and_leave(struct rig *rig, uint32_t request, bool in_socket)
{
	int pair[2];

	rig_run(rig, NULL, 16);
	struct fe_msg msg = usual_msg(&rig->fe, request);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	assert_num(send_with_fds(pair[1], "", 1, &rig->fe.fd, 1), 1);
	msg.fd[0] = in_socket ? pair[0] : rig->fe.fd;
	assert_ok(fe_send(&rig->fe, &msg));
	close(pair[0]);
	close(pair[1]);
}

static void its_own_end_does_not_keep_a_front_end_connected(void **state)
{
	struct rig *rig = *state;
	struct usage before = serve(rig);

	for (uint32_t request = 1; request <= USUAL_MSG_MAX; request++) {
		if (!usual_msg(&rig->fe, request).n_fds)
			continue;
		pass_and_leave(rig, request, false);
		pass_and_leave(rig, request, true);
	}
	usage_expect_unharmed(rig, &before);
}

/* Nor does it keep a server alive whose front-end was inherited. */
static void its_own_end_does_not_keep_a_server_alive(void **state)
{
	struct rig *rig = *state;
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	process_arg(&rig->srv, "--fd=%d", fd[1]);
	process_keep_fd(&rig->srv, fd[1]);
	rig_spec(rig, "keyboard");
	rig_injector(rig, SOCK_STREAM);
	process_start(&rig->srv);
	close(fd[1]);
	rig->fe.want_protocol = usual_msg_protocol;
	fe_attach(&rig->fe, fd[0]);
	assert_ok(fe_negotiate(&rig->fe));
	struct fe_msg msg = usual_msg(&rig->fe, VU_SET_BACKEND_REQ_FD);
	assert_ok(fe_send(&rig->fe, &msg));
	rig->lines.frontend = -1;
	rig_disconnect(rig);
	assert_num(process_wait(&rig->srv), 0);
}

/* --- fds that injectors pass --- */

/* Newer kernels can refuse them: EPERM. On older ones, they are dropped. */
static void send_event_with_fds(int socket, const struct vi_event *ev,
				const int *fds, size_t n)
{
	ssize_t sent = send_with_fds(socket, ev, sizeof(*ev), fds, n);

	if (sent < 0 && errno == EPERM)
		sent = send_with_fds(socket, ev, sizeof(*ev), NULL, 0);
	assert_num(sent, sizeof(*ev));
}

static void injectors_pass_fds(void **state, int type)
{
	struct rig *rig = *state;
	const struct vi_event down[] = { KEY(KEY_B, 1), SYN };
	const struct vi_event up[] = { KEY(KEY_B, 0), SYN };
	int fds[MAX_FDS];

	rig_spec(rig, "keyboard");
	rig_listen(rig);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	process_arg(&rig->srv, "--inject-type=%s",
		    type == SOCK_STREAM ? "stream" : "seqpacket");
	rig_injector(rig, type);
	process_start(&rig->srv);
	for (size_t i = 0; i < rig->srv.n_keep; i++)
		close(rig->srv.keep[i]);
	rig->listen_fd = -1;
	rig_expect_serves(rig);
	struct usage before = usage_at_rest(rig->srv.pid);
	rig_run(rig, NULL, 64);
	for (int i = 0; i < MAX_FDS; i++)
		fds[i] = rig->fe.mem.fd;
	for (int i = 0; i < 50; i++) {
		int socket = i % 2 ? rig->inject[0]
				   : rig_unix_connect(rig->inject_path, type);

		send_event_with_fds(socket, &down[0], fds, MAX_FDS);
		send_event_with_fds(socket, &down[1], fds, 1);
		expect(rig, KEY(KEY_B, 1), SYN);
		send_event_with_fds(socket, &up[0], fds, 8);
		send_event_with_fds(socket, &up[1], fds, MAX_FDS);
		expect(rig, KEY(KEY_B, 0), SYN);
		if (i % 2 == 0)
			close(socket);
	}
	usage_expect_unharmed(rig, &before);
}

static void fds_that_a_stream_injector_passes_are_dropped(void **state)
{
	injectors_pass_fds(state, SOCK_STREAM);
}

static void fds_that_a_packet_injector_passes_are_dropped(void **state)
{
	injectors_pass_fds(state, SOCK_SEQPACKET);
}

/* --- fds that block --- */

/*
 * A socket whose last close waits an hour for the peer to read, which it never
 * does. *reader: the peer.
 */
static int open_lingering(int *reader)
{
	const struct linger hour = { .l_onoff = 1, .l_linger = 3600 };
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(addr);
	static const uint8_t bytes[65536];
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(bind(listening, (struct sockaddr *)&addr, len));
	assert_sys(getsockname(listening, (struct sockaddr *)&addr, &len));
	assert_sys(listen(listening, 1));
	assert_sys(connect(fd, (struct sockaddr *)&addr, len));
	*reader = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(*reader);
	close(listening);
	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		continue;
	assert_sys(setsockopt(fd, SOL_SOCKET, SO_LINGER, &hour, sizeof(hour)));
	return fd;
}

#define LINGERING 12

/* The server must hold the last reference, so ours are closed before. */
static void hold(struct rig *rig)
{
	assert_sys(kill(rig->srv.pid, SIGSTOP));
}

static void let_go(struct rig *rig)
{
	assert_sys(kill(rig->srv.pid, SIGCONT));
}

static void open_all_lingering(int fds[LINGERING], int readers[LINGERING])
{
	for (int i = 0; i < LINGERING; i++)
		fds[i] = open_lingering(&readers[i]);
}

static void close_all(int fds[LINGERING])
{
	for (int i = 0; i < LINGERING; i++)
		close(fds[i]);
}

/* More than a message has room for; the connection is closed. */
static void sockets_that_linger_hold_nobody_up(void **state)
{
	struct rig *rig = *state;
	struct usage before = serve(rig);
	struct fe_msg msg = fe_msg_u64(VU_SET_VRING_KICK, FE_EVENTQ);
	uint8_t wire[sizeof(msg.hdr) + sizeof(msg.u64)];
	int fds[LINGERING], readers[LINGERING];

	memcpy(wire, &msg.hdr, sizeof(msg.hdr));
	memcpy(wire + sizeof(msg.hdr), &msg.u64, sizeof(msg.u64));
	rig_run(rig, NULL, 16);
	open_all_lingering(fds, readers);
	hold(rig);
	assert_num(
		send_with_fds(rig->fe.fd, wire, sizeof(wire), fds, LINGERING),
		sizeof(wire));
	close_all(fds);
	let_go(rig);
	usage_expect_unharmed(rig, &before);
	close_all(readers);
}

static void an_injector_s_sockets_that_linger_hold_nobody_up(void **state)
{
	struct rig *rig = *state;
	const struct vi_event ev = KEY(KEY_B, 1);
	struct usage before = serve(rig);
	int fds[LINGERING], readers[LINGERING];

	open_all_lingering(fds, readers);
	hold(rig);
	/* when it is rejected, only we hold it: close it at once then */
	const bool taken = send_with_fds(rig->inject[0], &ev, sizeof(ev), fds,
					 LINGERING) > 0;
	if (!taken)
		close_all(readers);
	close_all(fds);
	let_go(rig);
	inject(rig, SYN);
	rig_wait_read(rig->inject[0]);
	inject(rig, KEY(KEY_B, 0), SYN);
	rig_wait_read(rig->inject[0]);
	usage_expect_unharmed(rig, &before);
	if (taken)
		close_all(readers);
}

/* It clears O_NONBLOCK, and nothing ever arrives. */
static void a_state_to_load_that_blocks_is_not_waited_for(void **state)
{
	struct rig *rig = *state;
	const struct vu_device_state what = { VU_STATE_LOAD, VU_PHASE_STOPPED };
	struct usage before = serve(rig);
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	rig_run(rig, NULL, 16);
	assert_ok(fe_stop(&rig->fe));
	struct fe_msg msg = fe_msg(VU_SET_DEVICE_STATE_FD);
	msg.hdr.size = sizeof(what);
	memcpy(msg.bytes, &what, sizeof(what));
	msg.fd[msg.n_fds++] = fd[0];
	assert_ok(fe_query(&rig->fe, &msg, 8));
	assert_sys(fcntl(fd[0], F_SETFL, fcntl(fd[0], F_GETFL) & ~O_NONBLOCK));
	msg = fe_msg(VU_CHECK_DEVICE_STATE);
	assert_ok(fe_query(&rig->fe, &msg, 8));
	assert_num(msg.u64, 1);
	close(fd[0]);
	close(fd[1]);
	usage_expect_unharmed(rig, &before);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(name, usage_rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_message_may_come_with_any_number_of_fds),
		T(a_message_s_fd_may_come_with_any_of_its_bytes),
		T(every_byte_may_bring_all_fds_that_there_can_be),
		T(its_own_end_does_not_keep_a_front_end_connected),
		T(its_own_end_does_not_keep_a_server_alive),
		T(fds_that_a_stream_injector_passes_are_dropped),
		T(fds_that_a_packet_injector_passes_are_dropped),
		T(sockets_that_linger_hold_nobody_up),
		T(an_injector_s_sockets_that_linger_hold_nobody_up),
		T(a_state_to_load_that_blocks_is_not_waited_for),
	};

	return cmocka_run_group_tests_name("attack-fds", tests, NULL, NULL);
}
