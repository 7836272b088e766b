/* SPDX-License-Identifier: Apache-2.0 */
/* hold-control.h: the devices that launchers come to have held, keep and take.
 */
#include "tests/lib/control-launcher.h"

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

static void a_device_may_be_added_as_it_is_kept(void **state)
{
	const size_t all = HOLD_ADD_FDS + HOLD_KEPT_NEEDED;
	int before, vmm;

	start(false);
	adds("other");
	before = count_fds();
	adds_kept("kbd", all);
	takes("kbd", all, false);
	orders(HOLD_REMOVE, "kbd", NULL, 0);
	hold_packet_close(&packet);
	assert_num(count_fds(), before);
	/* One that is held has its VMM. */
	adds_kept("kbd", all);
	vmm = connect_to(&front, SOCK_STREAM);
	before = count_fds();
	adds_kept("kbd", HOLD_ADD_FDS + HOLD_KEPT_FDS);
	assert_num(count_fds(), before + 1);
	assert_num(recv(vmm, &(char){ 0 }, 1, MSG_DONTWAIT), -1);
	/* Whose server is not to be continued any more. */
	adds_kept("kbd", HOLD_ADD_FDS);
	assert_num(recv(vmm, &(char){ 0 }, 1, MSG_DONTWAIT), -1);
	assert_num(count_fds(), before - HOLD_KEPT_NEEDED);
	close(vmm);
	settle();
	before = count_fds();
	adds_kept("no", 1);
	assert_num(count_fds(), before);
}

static void what_is_no_order_is_ignored(void **state)
{
	start(false);
	assert_num(send(launcher, "x", 1, 0), 1);
	adds("kbd");
	assert_false(LIST_EMPTY(&c.devices));
}

/* What is said may come later, even after its death is told. */
static void a_launcher_that_is_late_has_not_ended(void **state)
{
	static const int errors[] = { EAGAIN, EINTR, EMFILE, ECONNRESET };

	start(false);
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		recv_error = errors[i];
		adds("kbd");
		assert_false(LIST_EMPTY(&c.devices));
		assert_num(ended, 0);
	}
	recv_error = EIO;
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

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_device_that_is_added_has_its_front_end),
		T(a_device_that_is_removed_leaves_nothing),
		T(a_device_that_is_added_again_is_another_one),
		T(orders_with_other_fds_change_nothing),
		T(a_device_may_be_added_as_it_is_kept),
		T(what_is_no_order_is_ignored),
		T(a_launcher_that_is_late_has_not_ended),
		T(what_is_kept_is_taken_one_by_one),
		T(the_next_launcher_takes_all_again),
		T(one_launcher_at_a_time_is_served),
		T(another_users_launcher_is_refused),
	};

	return cmocka_run_group_tests_name("hold-control", tests, NULL, NULL);
}
