/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer at the wrong socket, a second front-end, a VMM that does not share the
 * guest's memory: each is named in one line, at once, with what to do.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input/device/control.h"
#include "tests/lib/cases.h"
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"

static void expect_eof(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	/* Or a reset, where it left something unread. */
	assert_true(recv(fd, &byte, 1, 0) <= 0);
}

/* --- a VMM at the injection socket --- */

static int connect_injector(struct rig *rig, const char *spec)
{
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, spec, 64);
	return rig_unix_connect(rig->inject_path, SOCK_STREAM);
}

static void send_header(int fd, uint32_t request)
{
	const struct fe_msg msg = fe_msg(request);

	assert_num(send(fd, &msg.hdr, sizeof(msg.hdr), MSG_NOSIGNAL),
		   sizeof(msg.hdr));
}

static void a_vmm_at_the_injection_socket_is_shown_its_own(void **state)
{
	static const uint32_t first[] = { VU_SET_OWNER, VU_GET_FEATURES };
	struct rig *rig = *state;
	int fd = connect_injector(rig, "touch");

	for (size_t i = 0; i < ARRAY_LEN(first); i++) {
		send_header(fd, first[i]);
		/* SET_OWNER alone may be half a frame. */
		if (first[i] == VU_SET_OWNER)
			rig_wait_read(fd);
	}
	expect_eof(fd);
	process_expect_log(
		&rig->srv,
		"injector: vhost-user messages: a VMM belongs at the "
		"socket of --socket-path; disconnecting");
	rig->lines.injector++;
	close(fd);
	rig_expect_nothing(rig);
}

/* The first event has the bytes of SET_OWNER, and arrives in pieces. */
static void an_injector_with_the_bytes_of_a_vmm_is_not_one(void **state)
{
	const struct vi_event ev[] = { ABS(ABS_X, 1), SYN, ABS(ABS_Y, 2), SYN };
	struct rig *rig = *state;
	int fd = connect_injector(rig, "touch");

	for (size_t i = 0; i < sizeof(ev); i += 4) {
		assert_num(send(fd, (const char *)ev + i, 4, MSG_NOSIGNAL), 4);
		rig_wait_read(fd);
	}
	expect(rig, ABS(ABS_X, 1), SYN, ABS(ABS_Y, 2), SYN);
	close(fd);
}

/* --- an injector at the VMM's socket --- */

struct row {
	const char *name;
	struct vi_event ev;
};

static void row_is_shown_the_injectors_socket(void **state)
{
	struct rig *rig = *state;
	const struct row *row = rig->row;
	const struct vi_event frame[] = { row->ev, SYN };

	rig_serve(rig, "keyboard");
	int fd = rig_unix_connect(rig->socket, SOCK_STREAM);
	assert_num(send(fd, frame, sizeof(frame), MSG_NOSIGNAL), sizeof(frame));
	expect_eof(fd);
	process_expect_log(&rig->srv,
			   "frontend: input events: an injector belongs at the "
			   "socket of --inject-path; closing");
	rig->lines.frontend++;
	close(fd);
	rig_expect_serves(rig);
}

/* --- a second front-end --- */

static void a_front_end_that_waits_is_logged_at_once(void **state)
{
	struct rig *rig = *state;
	char text[128];

	rig_run(rig, "keyboard", 64);
	int fd = rig_unix_connect(rig->socket, SOCK_STREAM);
	process_expect_log(&rig->srv,
			   "frontend: another front-end is waiting: ");
	rig->lines.frontend++;
	snprintf(text, sizeof(text), "and one (process %d) is connected",
		 (int)getpid());
	assert_num(process_log_count(&rig->srv, text), 1);
	/* It costs nothing, and the first one does not notice. */
	usage_wait_rest(rig->srv.pid);
	const long before = usage_sleeps(rig->srv.pid);
	poll(NULL, 0, RIG_QUIET_MS);
	assert_num(usage_sleeps(rig->srv.pid) - before, 0);
	rig_expect_works(rig);
	rig_expect_nothing(rig);
	/* It is the next. */
	rig_disconnect(rig);
	fe_attach(&rig->fe, fd);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, 16));
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
	assert_ok(fe_start(&rig->fe));
	rig_expect_works(rig);
	rig_expect_nothing(rig);
}

/* The server sees both at once, in either order. */
static void one_that_connects_again_is_not_a_second_one(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 64);
	for (int i = 0; i < 20; i++) {
		int fd = -1;

		assert_sys(kill(rig->srv.pid, SIGSTOP));
		if (i % 2)
			fd = rig_unix_connect(rig->socket, SOCK_STREAM);
		rig_disconnect(rig);
		if (fd < 0)
			fd = rig_unix_connect(rig->socket, SOCK_STREAM);
		assert_sys(kill(rig->srv.pid, SIGCONT));
		fe_attach(&rig->fe, fd);
		assert_ok(fe_negotiate(&rig->fe));
	}
	rig_expect_serves(rig);
}

/* --- memory that is not shared --- */

#define SHARE "the VMM must share the guest's memory (QEMU: share=on)"

static void a_region_without_a_file_is_not_shared(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_SET_MEM_TABLE);
	const struct vu_mem_table table = {
		.n_regions = 1,
		.regions = { { 0, 0x1000, 0x1000, 0 } },
	};

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	msg.hdr.size = 8 + sizeof(table.regions[0]);
	memcpy(msg.bytes, &table, msg.hdr.size);
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "SET_MEM_TABLE: 1 regions, 0 fds: " SHARE);
	rig_expect_serves(rig);
}

/* As QEMU does it without a memory backend. */
static void rings_without_any_memory_are_not_shared(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	assert_ok(fe_set_features(&rig->fe));
	assert_true(fe_start_queue(&rig->fe, FE_EVENTQ, 0) != 0);
	rig_expect_violation(rig, "");
	assert_num(process_log_count(&rig->srv,
				     "is outside the shared memory, of which "
				     "there is none: " SHARE),
		   1);
	rig_expect_serves(rig);
}

/* The file is shared, but what the guest writes is not in it: share=off. */
static void what_the_guest_writes_is_not_shared(void **state)
{
	struct rig *rig = *state;
	struct fe_memory *mem;
	void *own;

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, 16));
	mem = &rig->fe.mem;
	own = mmap(mem->base, mem->size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_FIXED, mem->fd, 0);
	assert_true(own == mem->base);
	assert_ok(fe_start(&rig->fe));
	/* As QEMU does it whether the ring has something or not. */
	fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
	fe_ring_kick(&rig->fe.ring[FE_STATUSQ]);
	rig_expect_nothing(rig);
	assert_num(process_log_count(&rig->srv, SHARE), 0);
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
	fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
	process_expect_log(&rig->srv,
			   "frontend: the guest kicks its eventq, in which "
			   "there is nothing: " SHARE);
	rig->lines.frontend++;
	fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
	rig_expect_nothing(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest plain[] = {
		T(a_vmm_at_the_injection_socket_is_shown_its_own),
		T(an_injector_with_the_bytes_of_a_vmm_is_not_one),
		cmocka_unit_test_setup_teardown(
			a_front_end_that_waits_is_logged_at_once,
			usage_rig_setup, rig_teardown),
		T(one_that_connects_again_is_not_a_second_one),
		T(a_region_without_a_file_is_not_shared),
		T(rings_without_any_memory_are_not_shared),
		T(what_the_guest_writes_is_not_shared),
	};
	const struct row rows[] = {
		{ "a_keyboard_at_the_vmms_socket", KEY(KEY_A, 1) },
		{ "a_mouse_at_the_vmms_socket", REL(REL_X, 1) },
		{ "a_switch_at_the_vmms_socket", vi_event(EV_SW, SW_LID, 1) },
		{ "a_pointer_at_the_vmms_socket", ABS(ABS_X, 1) },
		{ "a_hello_at_the_vmms_socket",
		  vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC) },
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(rows)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), rows,
	      T(row_is_shown_the_injectors_socket));
	return cmocka_run_group_tests_name("wrong-door", tests, NULL, NULL);
}
