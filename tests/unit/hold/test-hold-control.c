/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold-control.h: the devices that launchers come to have held, keep, take and
 * leave behind. The test is each launcher; nothing is signalled.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include "injector/hold/hold-control.h"
#include "injector/hold/hold-packet.h"
#include "input/base/fd.h"
#include "input/vhost-user/vu-socket.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/temp-dir.h"

static char dir[TEMP_DIR_LEN];
static struct hold_control c;
static struct hold_packet packet;
static int launcher = -1;	      /* our end */
static int next_fd = -1;	      /* where the next launcher connects */
static int front_fd = -1, to_fd = -1; /* of the last device that was made */
static struct sockaddr_un front;
static int64_t now_ns;
static int signalled[8], n_signalled; /* pidfds */
static int ended;
static uid_t peer_uid;
static int recv_error; /* of the next recvmsg(); 0: none */
static int log_fd, stderr_fd;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *t)
{
	if (id == CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, id, t);
	*t = (struct timespec){ now_ns / 1000000000, now_ns % 1000000000 };
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int pidfd_send_signal(int fd, int sig, siginfo_t *info, unsigned int flags)
{
	assert_num(sig, SIGTERM);
	signalled[n_signalled++] = fd;
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	const int r = (int)syscall(SYS_getsockopt, fd, level, name, value, len);

	if (name == SO_PEERCRED && peer_uid)
		((struct ucred *)value)->uid = peer_uid;
	return r;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t recvmsg(int fd, struct msghdr *mh, int flags)
{
	if (!recv_error)
		return syscall(SYS_recvmsg, fd, mh, flags);
	errno = recv_error;
	recv_error = 0;
	return -1;
}

static void on_ended(void *arg)
{
	assert_ptr_equal(arg, &ended);
	ended++;
}

static void settle(void)
{
	for (int i = 0; i < 20; i++)
		ev_run(c.loop, EVRUN_NOWAIT);
}

static void pass_s(double seconds)
{
	now_ns += (int64_t)(seconds * 1e9);
	settle();
}

/* --- sockets --- */

static struct sockaddr_un address_of(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", dir, name);
	return addr;
}

static int listen_at(const struct sockaddr_un *addr, int type)
{
	const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_sys(fd);
	assert_sys(bind(fd, (const struct sockaddr *)addr, sizeof(*addr)));
	assert_sys(listen(fd, 8));
	return fd;
}

/* Return: a connection there, or -1. */
static int connect_to(const struct sockaddr_un *addr, int type)
{
	const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0)
		return close_fd(fd);
	settle();
	return fd;
}

/* --- orders --- */

static void orders(enum hold_verb verb, const char *label, const int *fds,
		   size_t n)
{
	struct hold_packet p = { .order.verb = verb, .n_fds = n };

	strcpy(p.order.label, label);
	for (size_t i = 0; i < n; i++)
		p.fd[i] = fds[i];
	assert_ok(hold_packet_send(launcher, &p, 0));
	settle();
}

/* A device: its front-end's socket is front, its back-ends listen nowhere. */
static void adds(const char *label)
{
	char name[40];

	close_fd(front_fd);
	close_fd(to_fd);
	snprintf(name, sizeof(name), "%s.sock", label);
	front = address_of(name);
	unlink(front.sun_path);
	front_fd = listen_at(&front, SOCK_STREAM);
	to_fd = open(dir, O_PATH | O_CLOEXEC);
	orders(HOLD_ADD, label, (int[]){ front_fd, to_fd }, 2);
}

static void keeps(const char *label, size_t n)
{
	int fds[HOLD_KEPT_FDS];

	for (size_t i = 0; i < HOLD_KEPT_FDS; i++)
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	orders(HOLD_KEEP, label, fds, n);
	for (size_t i = 0; i < HOLD_KEPT_FDS; i++)
		close(fds[i]);
}

/* Return: the next packet that the launcher gets; -errno or 0: none. */
static int hears(void)
{
	settle();
	hold_packet_close(&packet);
	return hold_packet_receive(launcher, &packet, MSG_DONTWAIT);
}

static void hears_report(const char *label)
{
	struct hold_report report;

	settle();
	assert_num(recv(launcher, &report, sizeof(report), MSG_DONTWAIT),
		   sizeof(report));
	assert_string_equal(report.label, label);
}

static void hears_nothing(void)
{
	char byte;

	settle();
	assert_num(recv(launcher, &byte, 1, MSG_DONTWAIT), -1);
	assert_num(errno, EAGAIN);
}

static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void takes(const char *label, size_t n_fds, bool connected)
{
	int before;

	hold_packet_close(&packet);
	before = count_fds();
	/* What is sent along is neither kept nor sent back. */
	orders(HOLD_TAKE, "label", &log_fd, 1);
	assert_num(hears(), 1);
	assert_num(count_fds(), before + (int)packet.n_fds);
	assert_num(packet.order.verb, HOLD_TAKE);
	assert_string_equal(packet.order.label, label);
	assert_num(packet.n_fds, n_fds);
	assert_num(packet.order.connected, connected);
}

/* --- fixtures --- */

static void start(bool has_next)
{
	const struct sockaddr_un addr = address_of("holder");
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd));
	launcher = fd[0];
	if (has_next)
		next_fd = listen_at(&addr, SOCK_SEQPACKET);
	assert_ok(hold_control_start(&c, fd[1], next_fd));
	assert_num(fcntl(fd[1], F_GETFD), FD_CLOEXEC);
}

static int setup(void **state)
{
	now_ns = 1000000000;
	n_signalled = ended = 0;
	peer_uid = 0;
	recv_error = 0;
	launcher = next_fd = front_fd = to_fd = -1;
	packet.n_fds = 0;
	temp_dir_make(dir);
	stderr_fd = dup(STDERR_FILENO);
	log_fd = memfd_create("log", MFD_CLOEXEC);
	assert_sys(dup2(log_fd, STDERR_FILENO));
	fill_with_garbage(&c);
	c = HOLD_CONTROL_NULL;
	c.loop = ev_loop_new(EVFLAG_NOENV);
	c.self_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	c.uid = geteuid();
	c.give_up_s = 60;
	c.ended = on_ended;
	c.arg = &ended;
	return 0;
}

static int teardown(void **state)
{
	struct ev_loop *loop = c.loop;

	hold_control_fini(&c);
	hold_control_fini(&c);
	const bool left = ev_run(loop, EVRUN_NOWAIT);

	ev_loop_destroy(loop);
	hold_packet_close(&packet);
	close_fd(launcher);
	close_fd(next_fd);
	close_fd(front_fd);
	close_fd(to_fd);
	dup2(stderr_fd, STDERR_FILENO);
	close(stderr_fd);
	close(log_fd);
	return temp_dir_remove(dir) || left ? -1 : 0;
}

/* Without our program's name before each line. */
static void expect_log(const char *text)
{
	const size_t skip = strlen(program_invocation_short_name) + 2;
	char is[1000] = "", lines[1000] = "", *line = is, *end;

	assert_sys(pread(log_fd, is, sizeof(is) - 1, 0));
	for (; (end = strchr(line, '\n')); line = end + 1)
		strncat(lines, line + skip, (size_t)(end + 1 - line) - skip);
	assert_string_equal(lines, text);
}

/* --- devices --- */

static void a_device_that_is_added_has_its_front_end(void **state)
{
	int vmm;

	start(false);
	adds("kbd");
	vmm = connect_to(&front, SOCK_STREAM);
	/* The second one waits, so the first was accepted. */
	assert_true(vmm >= 0);
	orders(HOLD_REMOVE, "kbd", NULL, 0);
	assert_num(recv(vmm, &(char){ 0 }, 1, MSG_DONTWAIT), 0);
	close(vmm);
}

static void a_device_that_is_removed_leaves_nothing(void **state)
{
	int before;

	start(false);
	adds("other");
	before = count_fds();
	for (int i = 0; i < 3; i++) {
		adds("kbd");
		keeps("kbd", HOLD_KEPT_NEEDED);
		/* Again: what was kept before is closed. */
		keeps("kbd", HOLD_KEPT_FDS);
		orders(HOLD_REMOVE, "kbd", NULL, 0);
		assert_num(count_fds(), before);
	}
	orders(HOLD_REMOVE, "no", NULL, 0);
	orders(99, "kbd", NULL, 0);
	assert_num(count_fds(), before);
	hears_nothing();
}

static void a_device_that_is_added_again_is_another_one(void **state)
{
	int before, vmm;

	start(false);
	adds("kbd");
	before = count_fds();
	vmm = connect_to(&front, SOCK_STREAM);
	adds("kbd");
	assert_num(recv(vmm, &(char){ 0 }, 1, MSG_DONTWAIT), 0);
	close(vmm);
	assert_num(count_fds(), before);
	vmm = connect_to(&front, SOCK_STREAM);
	assert_num(recv(vmm, &(char){ 0 }, 1, MSG_DONTWAIT), -1);
	close(vmm);
}

static void orders_with_other_fds_change_nothing(void **state)
{
	int before, fds[3];

	start(false);
	for (int i = 0; i < 3; i++)
		fds[i] = log_fd;
	before = count_fds();
	orders(HOLD_ADD, "kbd", fds, 1);
	orders(HOLD_ADD, "kbd", fds, 3);
	assert_true(LIST_EMPTY(&c.devices));
	/* One at which nobody can listen. */
	fds[0] = open(dir, O_PATH | O_CLOEXEC);
	orders(HOLD_ADD, "kbd", fds, 2);
	close(fds[0]);
	assert_true(LIST_EMPTY(&c.devices));
	assert_num(count_fds(), before);
	adds("kbd");
	before = count_fds();
	keeps("kbd", HOLD_KEPT_NEEDED - 1);
	keeps("no", HOLD_KEPT_NEEDED);
	assert_num(count_fds(), before);
	takes("", 1, false);
}

static void what_is_no_order_is_ignored(void **state)
{
	start(false);
	assert_num(send(launcher, "x", 1, 0), 1);
	adds("kbd");
	assert_false(LIST_EMPTY(&c.devices));
}

/* What is said may come later. */
static void a_launcher_that_is_late_has_not_ended(void **state)
{
	static const int errors[] = { EAGAIN, EINTR, EMFILE };

	start(false);
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		recv_error = errors[i];
		adds("kbd");
		assert_false(LIST_EMPTY(&c.devices));
		assert_num(ended, 0);
	}
	recv_error = ECONNRESET;
	adds("kbd");
	assert_num(ended, 1);
}

/* --- what the next launcher takes --- */

static void what_is_kept_is_taken_one_by_one(void **state)
{
	int vmm;

	start(true);
	adds("a");
	keeps("a", HOLD_KEPT_NEEDED);
	adds("b");
	adds("c");
	keeps("c", HOLD_KEPT_FDS);
	vmm = connect_to(&front, SOCK_STREAM);
	hears_nothing();
	takes("c", HOLD_ADD_FDS + HOLD_KEPT_FDS, true);
	takes("a", HOLD_ADD_FDS + HOLD_KEPT_NEEDED, false);
	/* No more: the holder itself, and what was acked so far. */
	takes("", 1, false);
	hears_report("c");
	hears_report("b");
	hears_report("a");
	hears_nothing();
	close(vmm);
}

static void the_next_launcher_takes_all_again(void **state)
{
	const struct sockaddr_un addr = address_of("holder");
	int vmm;

	start(true);
	adds("a");
	keeps("a", HOLD_KEPT_NEEDED);
	vmm = connect_to(&front, SOCK_STREAM);
	for (int i = 0; i < 3; i++) {
		takes("a", HOLD_ADD_FDS + HOLD_KEPT_NEEDED, true);
		close(launcher);
		settle();
		launcher = connect_to(&addr, SOCK_SEQPACKET);
		assert_true(launcher >= 0);
		/* Its answers come before what is acked. */
		assert_false(c.reports);
	}
	assert_num(ended, 0);
	assert_num(n_signalled, 0);
	/* It orders as the first one. */
	orders(HOLD_REMOVE, "a", NULL, 0);
	takes("", 1, false);
	/* From now on it is told what is acked. */
	assert_true(c.reports);
	close(vmm);
}

static void one_launcher_at_a_time_is_served(void **state)
{
	const struct sockaddr_un addr = address_of("holder");
	int second, third;

	start(true);
	second = connect_to(&addr, SOCK_SEQPACKET);
	adds("a");
	assert_false(LIST_EMPTY(&c.devices));
	keeps("a", HOLD_KEPT_NEEDED);
	assert_true(second >= 0);
	close(launcher);
	settle();
	launcher = second;
	/* Nor does one that comes then take its place. */
	third = connect_to(&addr, SOCK_SEQPACKET);
	takes("a", HOLD_ADD_FDS + HOLD_KEPT_NEEDED, false);
	assert_false(ev_is_active(&c.orphaned));
	close(third);
}

static void another_users_launcher_is_refused(void **state)
{
	const struct sockaddr_un addr = address_of("holder");

	start(true);
	adds("a");
	keeps("a", HOLD_KEPT_NEEDED);
	close(launcher);
	settle();
	peer_uid = c.uid + 1;
	launcher = connect_to(&addr, SOCK_SEQPACKET);
	assert_num(recv(launcher, &(char){ 0 }, 1, MSG_DONTWAIT), 0);
	close(launcher);
	/* Its own user's, and root's, are not. */
	peer_uid = 0;
	c.uid = 12345;
	launcher = connect_to(&addr, SOCK_SEQPACKET);
	if (geteuid() == 0)
		takes("a", HOLD_ADD_FDS + HOLD_KEPT_NEEDED, false);
	close(launcher);
	settle();
	peer_uid = 12345;
	launcher = connect_to(&addr, SOCK_SEQPACKET);
	takes("a", HOLD_ADD_FDS + HOLD_KEPT_NEEDED, false);
}

/* --- a launcher ends --- */

static void without_a_next_one_all_ends_with_the_launcher(void **state)
{
	start(false);
	adds("a");
	adds("b");
	keeps("b", HOLD_KEPT_FDS);
	close(launcher);
	launcher = -1;
	settle();
	assert_num(ended, 1);
	/* Its server, and what is before the front-end. */
	assert_num(n_signalled, 2);
	expect_log("");
}

static void devices_with_a_front_end_wait_for_the_next_one(void **state)
{
	int vmm;

	start(true);
	adds("unkept");
	adds("a");
	keeps("a", HOLD_KEPT_NEEDED);
	vmm = connect_to(&front, SOCK_STREAM);
	close(launcher);
	launcher = -1;
	settle();
	assert_num(c.fd, -1);
	pass_s(10);
	assert_num(ended, 0);
	assert_num(n_signalled, 0);
	close(vmm);
	settle();
	assert_num(ended, 0);
	pass_s(1.1);
	assert_num(ended, 1);
	assert_num(n_signalled, 1);
	expect_log("host: the launcher has ended; holding for the next "
		   "one\n"
		   "the launcher has ended, and no front-end "
		   "is left\n");
}

static void what_no_launcher_could_take_is_let_go(void **state)
{
	int first, vmm;

	start(true);
	adds("unkept");
	first = connect_to(&front, SOCK_STREAM);
	adds("a");
	keeps("a", HOLD_KEPT_NEEDED);
	vmm = connect_to(&front, SOCK_STREAM);
	close(launcher);
	launcher = -1;
	settle();
	assert_num(recv(first, &(char){ 0 }, 1, MSG_DONTWAIT), 0);
	assert_num(recv(vmm, &(char){ 0 }, 1, MSG_DONTWAIT), -1);
	close(first);
	close(vmm);
}

static void a_launcher_can_want_not_to_be_outlived(void **state)
{
	int vmm;

	start(true);
	adds("a");
	keeps("a", HOLD_KEPT_NEEDED);
	vmm = connect_to(&front, SOCK_STREAM);
	orders(HOLD_END_WITH_US, "", NULL, 0);
	close(launcher);
	launcher = -1;
	settle();
	assert_num(ended, 1);
	assert_num(n_signalled, 1);
	close(vmm);
}

static void one_that_cannot_be_started_has_closed_its_fds(void **state)
{
	const int fd = dup(log_fd), before = count_fds();

	/* No socket to listen at. */
	assert_true(hold_control_start(&c, fd, 1000) < 0);
	assert_num(count_fds(), before - 1);
	assert_rc(hold_control_start(&c, 1000, -1), -EBADF);
}

/* --- reports --- */

/* Nor does one that has ended end us. */
static void a_launcher_that_does_not_read_blocks_nothing(void **state)
{
	start(false);
	adds("a");
	for (int i = 0; i < 2000; i++)
		orders(HOLD_TAKE, "", NULL, 0);
	shutdown(launcher, SHUT_RD);
	orders(HOLD_TAKE, "", NULL, 0);
	orders(HOLD_REMOVE, "a", NULL, 0);
	assert_true(LIST_EMPTY(&c.devices));
}

static void what_is_acked_is_reported(void **state)
{
	struct vu_message msg = {
		.hdr = { VU_SET_FEATURES, VU_FLAG_VERSION_1, 8 }, .reply_fd = -1
	};
	struct sockaddr_un back = address_of("back");
	struct hold_report report;
	struct vu_socket vmm;
	int back_fd;

	start(true);
	back_fd = listen_at(&back, SOCK_STREAM);
	front = address_of("f");
	front_fd = listen_at(&front, SOCK_STREAM);
	to_fd = open(back.sun_path, O_PATH | O_CLOEXEC);
	orders(HOLD_ADD, "kbd", (int[]){ front_fd, to_fd }, 2);
	vu_socket_init(&vmm, connect_to(&front, SOCK_STREAM));
	msg.p.u64 = 0x42;
	assert_ok(vu_socket_pass(&vmm, &msg));
	settle();
	assert_num(recv(launcher, &report, sizeof(report), MSG_DONTWAIT),
		   sizeof(report));
	assert_num(report.features, 0x42);
	assert_num(report.protocol, 0);
	assert_string_equal(report.label, "kbd");
	/* Not to one that takes devices, and awaits answers. */
	c.reports = false;
	msg.p.u64 = 0x43;
	assert_ok(vu_socket_pass(&vmm, &msg));
	hears_nothing();
	vu_socket_fini(&vmm);
	close(back_fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_device_that_is_added_has_its_front_end),
		T(a_device_that_is_removed_leaves_nothing),
		T(a_device_that_is_added_again_is_another_one),
		T(orders_with_other_fds_change_nothing),
		T(what_is_no_order_is_ignored),
		T(a_launcher_that_is_late_has_not_ended),
		T(what_is_kept_is_taken_one_by_one),
		T(the_next_launcher_takes_all_again),
		T(one_launcher_at_a_time_is_served),
		T(another_users_launcher_is_refused),
		T(without_a_next_one_all_ends_with_the_launcher),
		T(devices_with_a_front_end_wait_for_the_next_one),
		T(what_no_launcher_could_take_is_let_go),
		T(a_launcher_can_want_not_to_be_outlived),
		T(one_that_cannot_be_started_has_closed_its_fds),
		T(a_launcher_that_does_not_read_blocks_nothing),
		T(what_is_acked_is_reported),
	};

	return cmocka_run_group_tests_name("hold-control", tests, NULL, NULL);
}
