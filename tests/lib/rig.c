/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/rig.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un unix_addr(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	assert_true(strlen(path) < sizeof(addr.sun_path));
	strcpy(addr.sun_path, path);
	return addr;
}

int rig_unix_listen(const char *path, int type)
{
	struct sockaddr_un addr = unix_addr(path);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	assert_sys(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(fd, 16));
	return fd;
}

int rig_unix_connect(const char *path, int type)
{
	struct sockaddr_un addr = unix_addr(path);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	assert_sys(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	return fd;
}

bool rig_is_packed(void)
{
	const char *ring = getenv("VINPUT_RING");

	return ring && !strcmp(ring, "packed");
}

int rig_setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig->row = *state;
	*state = rig;
	temp_dir_make(rig->dir);
	snprintf(rig->socket, sizeof(rig->socket), "%s/vhost", rig->dir);
	snprintf(rig->inject_path, sizeof(rig->inject_path), "%s/inject",
		 rig->dir);
	rig->listen_fd = -1;
	fe_init(&rig->fe);
	rig->fe.timeout_ms = DEADLINE_MS;
	if (rig_is_packed())
		rig->fe.want_features |= FE_PACKED_RINGS;
	process_init(&rig->srv, "vhost-user-input");
	process_init(&rig->hold, "vinput-hold");
	return 0;
}

static bool line_count_is(struct rig *rig, const char *who, int expected)
{
	char needle[64];

	if (expected < 0)
		return true;
	snprintf(needle, sizeof(needle), "vhost-user-input: %s: ", who);
	int n = process_log_count(&rig->srv, needle);
	if (n != expected)
		print_error("%d lines of %s:, not %d\n", n, who, expected);
	return n == expected;
}

/*
 * Return: whether the server exited with 0 and logged only what was expected.
 */
static bool ended_well(struct rig *rig)
{
	bool ok = true;

	if (rig->unclean || rig->srv.err.fd < 0)
		return true;
	int status = process_terminate(&rig->srv);
	if (status) {
		print_error("the server's exit status is %d, not 0\n", status);
		ok = false;
	}
	ok &= line_count_is(rig, "frontend", rig->lines.frontend);
	ok &= line_count_is(rig, "guest", rig->lines.guest);
	ok &= line_count_is(rig, "injector", rig->lines.injector);
	ok &= line_count_is(rig, "host", rig->lines.host);
	ok &= line_count_is(rig, "bug", 0);
	if (!ok)
		print_error("its log:\n%s", rig->srv.err.text);
	return ok;
}

static bool hold_ended_well(struct rig *rig)
{
	if (rig->unclean || !rig->hold.pid)
		return true;
	int status = process_terminate(&rig->hold);
	if (!status)
		return true;
	print_error("vinput-hold's exit status is %d, not 0; its log:\n%s",
		    status, rig->hold.err.text);
	return false;
}

int rig_teardown(void **state)
{
	struct rig *rig = *state;

	fe_fini(&rig->fe);
	bool ok = ended_well(rig);
	ok &= hold_ended_well(rig);
	process_fini(&rig->srv);
	process_fini(&rig->hold);
	for (size_t i = 0; i < rig->n_inject; i++) {
		if (rig->inject[i] >= 0)
			close(rig->inject[i]);
	}
	if (rig->listen_fd >= 0)
		close(rig->listen_fd);
	temp_dir_remove(rig->dir);
	free(rig);
	return ok ? 0 : -1;
}

int rig_setup_running(void **state)
{
	rig_setup(state);
	rig_run(*state, "keyboard", RIG_BUFFERS);
	return 0;
}

void rig_spec(struct rig *rig, const char *name)
{
	process_arg(&rig->srv, "--spec=%s/tests/wire/specs/%s.json",
		    test_root(), name);
}

void rig_injector(struct rig *rig, int type)
{
	int fd[2];

	assert_true(rig->n_inject < RIG_INJECTORS_MAX);
	assert_sys(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fd));
	process_arg(&rig->srv, "--inject-fd=%d", fd[1]);
	process_keep_fd(&rig->srv, fd[1]);
	rig->inject[rig->n_inject++] = fd[0];
}

void rig_listen(struct rig *rig)
{
	rig->listen_fd = rig_unix_listen(rig->socket, SOCK_STREAM);
	process_arg(&rig->srv, "--fd=%d", rig->listen_fd);
	process_keep_fd(&rig->srv, rig->listen_fd);
}

void rig_start_process(struct rig *rig)
{
	process_start(&rig->srv);
	for (size_t i = 0; i < rig->srv.n_keep; i++)
		close(rig->srv.keep[i]);
	rig->srv.n_keep = 0;
	rig->listen_fd = -1;
	if (getenv("VINPUT_HOLD") && !rig->hold.pid)
		rig_hold(rig, NULL);
}

void rig_hold(struct rig *rig, const char *option)
{
	strcpy(rig->behind, rig->socket);
	snprintf(rig->socket, sizeof(rig->socket), "%s/held", rig->dir);
	process_arg(&rig->hold, "--socket-path=%s", rig->socket);
	process_arg(&rig->hold, "--to=%s", rig->behind);
	if (option)
		process_arg(&rig->hold, "%s", option);
	process_start_ready(&rig->hold);
}

void rig_start(struct rig *rig)
{
	rig_listen(rig);
	rig_injector(rig, SOCK_STREAM);
	rig_start_process(rig);
}

void rig_serve(struct rig *rig, const char *spec)
{
	rig_spec(rig, spec);
	rig_start(rig);
}

void rig_disconnect(struct rig *rig)
{
	uint64_t features = rig->fe.want_features;
	uint64_t protocol = rig->fe.want_protocol;
	bool mem_table = rig->fe.mem_table;

	fe_fini(&rig->fe);
	fe_init(&rig->fe);
	rig->fe.timeout_ms = DEADLINE_MS;
	rig->fe.want_features = features;
	rig->fe.want_protocol = protocol;
	rig->fe.mem_table = mem_table;
}

void rig_connect(struct rig *rig)
{
	rig_disconnect(rig);
	assert_ok(fe_connect(&rig->fe, rig->socket));
}

void rig_prepare(struct rig *rig, uint16_t num)
{
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, num));
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
}

void rig_run(struct rig *rig, const char *spec, uint16_t num)
{
	if (!rig->srv.pid)
		rig_serve(rig, spec);
	rig_prepare(rig, num);
	assert_ok(fe_start(&rig->fe));
}

void rig_reconnect(struct rig *rig)
{
	struct frontend *fe = &rig->fe;
	const uint64_t features = fe->features;

	assert_ok(fe_connect(fe, rig->socket));
	assert_ok(fe_negotiate(fe));
	fe->features = features;
	assert_ok(fe_set_features(fe));
	assert_ok(fe_share_memory(fe));
}

void rig_reattach(struct rig *rig)
{
	struct frontend *fe = &rig->fe;

	rig_reconnect(rig);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_start_queue(fe, i, fe_ring_base(&fe->ring[i])));
}

static void expect_eof(struct rig *rig)
{
	struct fe_msg msg;
	int rc = fe_recv(&rig->fe, &msg);

	if (rc == 0 && msg.hdr.size == 8 && msg.u64)
		rc = fe_recv(&rig->fe, &msg); /* after a last ack */
	assert_rc(rc, FE_E_CLOSED);
}

void rig_expect_violation(struct rig *rig, const char *text)
{
	char needle[128];

	expect_eof(rig);
	snprintf(needle, sizeof(needle), "frontend: %s", text);
	process_expect_log(&rig->srv, needle);
	rig->lines.frontend++;
}

void rig_expect_broken(struct rig *rig, unsigned int queue)
{
	struct pollfd err = { .fd = rig->fe.ring[queue].err, .events = POLLIN };

	assert_num(poll(&err, 1, DEADLINE_MS), 1);
	process_expect_log(&rig->srv, "guest: ");
	rig->lines.guest++;
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	assert_ok(fe_query(&rig->fe, &msg, 8));
}

void rig_expect_serves(struct rig *rig)
{
	rig_prepare(rig, 16);
	assert_ok(fe_start(&rig->fe));
	rig_expect_works(rig);
	rig_expect_nothing(rig);
}

void rig_type(struct rig *rig)
{
	inject(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
}

void rig_expect_typed(struct rig *rig)
{
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
}

void rig_expect_works(struct rig *rig)
{
	rig_type(rig);
	rig_expect_typed(rig);
}

void rig_inject(struct rig *rig, size_t injector, const struct vi_event *ev,
		size_t n)
{
	const uint8_t *bytes = (const uint8_t *)ev;
	size_t len = n * sizeof(*ev);

	while (len) {
		struct pollfd p = { .fd = rig->inject[injector],
				    .events = POLLOUT };

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		ssize_t sent =
			send(p.fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		assert_sys(sent);
		bytes += sent;
		len -= (size_t)sent;
	}
}

static void print_event(const char *what, const struct vi_event *ev)
{
	print_error("%s type %u code %u value %d\n", what, vi_type(ev),
		    vi_code(ev), vi_value(ev));
}

static void check_event(const struct vi_event *actual,
			const struct vi_event *expected, size_t i,
			const char *file, int line)
{
	if (memcmp(actual, expected, sizeof(*actual)) == 0)
		return;
	print_error("event %zu differs\n", i);
	print_event("  is       ", actual);
	print_event("  should be", expected);
	_fail(file, line);
}

void rig_expect(struct rig *rig, const struct vi_event *ev, size_t n,
		const char *file, int line)
{
	for (size_t i = 0; i < n; i++) {
		struct vi_event got;
		int rc = fe_next_event(&rig->fe, &got, DEADLINE_MS);

		if (rc) {
			print_error("event %zu of %zu: %s\n", i, n,
				    check_rc_name(rc));
			print_event("  should be", &ev[i]);
			_fail(file, line);
		}
		check_event(&got, &ev[i], i, file, line);
	}
}

static void expect_no_event(struct rig *rig)
{
	struct vi_event ev;
	int rc;

	/* There may be a call for events that were taken before. */
	do {
		rc = fe_recycle_event(&rig->fe, &ev);
		if (rc == 0)
			print_event("unexpected", &ev);
		assert_rc(rc, FE_E_EMPTY);
		rc = fe_wait_call(&rig->fe, FE_EVENTQ, RIG_QUIET_MS);
	} while (rc == 0);
	assert_rc(rc, -ETIMEDOUT);
}

void rig_expect_nothing(struct rig *rig)
{
	struct fe_msg msg;

	if (rig->fe.ring[FE_EVENTQ].num)
		expect_no_event(rig);
	rig->fe.timeout_ms = RIG_QUIET_MS;
	int rc = fe_recv(&rig->fe, &msg);
	rig->fe.timeout_ms = DEADLINE_MS;
	assert_rc(rc, -ETIMEDOUT);
}

void rig_expect_status(struct rig *rig, size_t injector,
		       const struct vi_event *ev, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct pollfd p = { .fd = rig->inject[injector],
				    .events = POLLIN };
		struct vi_event got;

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		assert_num(recv(p.fd, &got, sizeof(got), 0), sizeof(got));
		check_event(&got, &ev[i], i, __FILE__, __LINE__);
	}
}

void rig_expect_no_status(struct rig *rig, size_t injector)
{
	struct pollfd p = { .fd = rig->inject[injector], .events = POLLIN };

	assert_num(poll(&p, 1, RIG_QUIET_MS), 0);
}

/* For what no fd signals: check each millisecond, up to the deadline. */
static void pause_1ms(void)
{
	poll(NULL, 0, 1);
}

void rig_wait_read(int fd)
{
	int unread = 1;

	for (int ms = 0; unread; ms++) {
		assert_sys(ioctl(fd, SIOCOUTQ, &unread));
		assert_true(ms < DEADLINE_MS);
		if (unread)
			pause_1ms();
	}
}

void rig_wait_used(struct rig *rig, unsigned int queue, uint16_t n)
{
	for (int ms = 0; fe_ring_n_used(&rig->fe.ring[queue]) < n; ms++) {
		assert_true(ms < DEADLINE_MS);
		pause_1ms();
	}
}
