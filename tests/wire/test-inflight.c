/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET_INFLIGHT_FD and SET_INFLIGHT_FD (vhost-user: "Inflight I/O tracking"):
 * nothing is ever in flight here, and the region shows that.
 */
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/lib/held.h"
#include "tests/lib/rig.h"

#define SIZE   64
#define NOBODY 65534
/* More than a server may open, and as many as one message takes. */
#define FDS_AT_ONCE 253

/*
 * The specification's split region: a header, then 16 bytes per descriptor. The
 * packed one has 32 bytes each; version 0 is "uninitialized" there.
 */
struct header {
	uint64_t features;
	uint16_t version, desc_num, last_batch_head, used_idx;
};

static size_t region_len(void)
{
	return rig_is_packed() ? 32 + SIZE * 32 + 32 : 16 + SIZE * 16 + 48;
}

static int setup(void **state)
{
	int rc = rig_setup(state);
	struct rig *rig = *state;

	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_INFLIGHT_SHMFD);
	return rc;
}

static struct fe_msg inflight(uint32_t request, uint16_t queues, uint16_t size)
{
	struct fe_msg msg = fe_msg(request);
	struct vu_inflight in = { .n_queues = queues, .queue_size = size };

	msg.hdr.size = VU_INFLIGHT_LEN;
	memcpy(msg.bytes, &in, VU_INFLIGHT_LEN);
	return msg;
}

static void the_region_has_a_header_a_queue_and_nothing_in_flight(void **state)
{
	struct rig *rig = *state;
	struct vu_inflight in;
	struct fe_msg msg = inflight(VU_GET_INFLIGHT_FD, 2, SIZE);

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_set_features(&rig->fe));
	assert_ok(fe_query(&rig->fe, &msg, VU_INFLIGHT_LEN));
	assert_num(msg.n_fds, 1);
	memcpy(&in, msg.bytes, VU_INFLIGHT_LEN);
	assert_num(in.size, 2 * region_len());
	uint8_t *base = mmap(NULL, in.size, PROT_READ | PROT_WRITE, MAP_SHARED,
			     msg.fd[0], (off_t)in.offset);
	assert_true(base != MAP_FAILED);
	for (int q = 0; q < 2; q++) {
		struct header h;

		memcpy(&h, base + q * in.size / 2, sizeof(h));
		assert_num(h.version, rig_is_packed() ? 0 : 1);
		assert_num(h.desc_num, rig_is_packed() ? 0 : SIZE);
		for (size_t i = sizeof(h); i < in.size / 2; i++)
			assert_num(base[q * in.size / 2 + i], 0);
	}
	munmap(base, in.size);

	/* The front-end passes it again after a reconnect. */
	struct fe_msg set = inflight(VU_SET_INFLIGHT_FD, 2, SIZE);
	memcpy(set.bytes, &in, VU_INFLIGHT_LEN);
	set.fd[0] = msg.fd[0];
	set.n_fds = 1;
	assert_ok(fe_request(&rig->fe, &set));
	close(msg.fd[0]);
	rig_expect_nothing(rig);
}

/* --- many fds in flight --- */

/* Send some to ourselves. Return: 0, or what to exit with. */
static int send_fds(int socket)
{
	char control[CMSG_SPACE(sizeof(int) * FDS_AT_ONCE)] = { 0 };
	struct iovec iov = { control, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * FDS_AT_ONCE);
	memset(CMSG_DATA(c), 0, sizeof(int) * FDS_AT_ONCE);
	return sendmsg(socket, &msg, 0) == 1 ? 0 : 1;
}

/*
 * The kernel counts fds in flight by user; a process may not send another one
 * while there are more than it may open. Return: an fd to close to end this.
 */
static int occupy_flight(pid_t *pid)
{
	int end[2], fd[2];
	char c;

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end));
	*pid = fork();
	assert_sys(*pid);
	if (!*pid) {
		close(end[0]);
		if ((!geteuid() && setuid(NOBODY)) ||
		    socketpair(AF_UNIX, SOCK_STREAM, 0, fd) ||
		    send_fds(fd[0]) || write(end[1], "x", 1) != 1)
			_exit(1);
		_exit(read(end[1], &c, 1) != 0);
	}
	close(end[1]);
	assert_num(read(end[0], &c, 1), 1);
	return end[0];
}

static void the_region_is_sent_later_if_too_many_fds_are_in_flight(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = inflight(VU_GET_INFLIGHT_FD, 2, SIZE), reply;
	struct pollfd p = { .events = POLLIN };
	int end, status;
	pid_t pid;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip_because("the sandbox, which limits fds, is off");
#endif
	if (!geteuid())
		process_arg(&rig->srv, "--user=%d", NOBODY);
	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_set_features(&rig->fe));
	end = occupy_flight(&pid);
	assert_ok(fe_send(&rig->fe, &msg));
	p.fd = rig->fe.fd;
	assert_num(poll(&p, 1, RIG_QUIET_MS), 0);
	close(end);
	assert_num(waitpid(pid, &status, 0), pid);
	assert_num(status, 0);
	assert_ok(fe_recv(&rig->fe, &reply));
	assert_num(reply.n_fds, 1);
	close(reply.fd[0]);
}

static void a_region_past_its_file_is_a_violation(void **state)
{
	struct rig *rig = *state;
	struct vu_inflight in = { .size = 1 << 20, .n_queues = 2 };
	struct fe_msg msg = inflight(VU_SET_INFLIGHT_FD, 2, SIZE);

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	memcpy(msg.bytes, &in, VU_INFLIGHT_LEN);
	msg.fd[0] = memfd_create("short", MFD_CLOEXEC);
	assert_sys(msg.fd[0]);
	msg.n_fds = 1;
	assert_ok(fe_send(&rig->fe, &msg));
	close(msg.fd[0]);
	rig_expect_violation(rig, "SET_INFLIGHT_FD");
}

static void a_region_for_three_queues_is_a_violation(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = inflight(VU_GET_INFLIGHT_FD, 3, 64);

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "GET_INFLIGHT_FD");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_region_has_a_header_a_queue_and_nothing_in_flight),
		T(the_region_is_sent_later_if_too_many_fds_are_in_flight),
		T(a_region_past_its_file_is_a_violation),
		T(a_region_for_three_queues_is_a_violation),
	};

	return HELD_RUN("inflight", tests);
}
