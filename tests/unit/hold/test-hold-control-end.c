/* SPDX-License-Identifier: Apache-2.0 */
/* hold-control.h: a launcher ends, or does not read what is reported. */
#include "tests/lib/control-launcher.h"

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
		T(without_a_next_one_all_ends_with_the_launcher),
		T(devices_with_a_front_end_wait_for_the_next_one),
		T(what_no_launcher_could_take_is_let_go),
		T(a_launcher_can_want_not_to_be_outlived),
		T(one_that_cannot_be_started_has_closed_its_fds),
		T(a_launcher_that_does_not_read_blocks_nothing),
		T(what_is_acked_is_reported),
	};

	return cmocka_run_group_tests_name("hold-control-end", tests, NULL,
					   NULL);
}
