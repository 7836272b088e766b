/* SPDX-License-Identifier: Apache-2.0 */
/* launch-holder.h: what the holder is ordered, and what becomes of it. */
#include "injector/hold/hold-packet.h"
#include "tests/lib/fleet-world.h"
#include "tests/lib/same-file.h"

static int send_error; /* of the next sendmsg() */
static struct hold_packet packet;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t sendmsg(int fd, const struct msghdr *mh, int flags)
{
	if (!send_error)
		return syscall(SYS_sendmsg, fd, mh, flags);
	errno = send_error;
	send_error = 0;
	return -1;
}

static int setup(void **state)
{
	const int r = fleet_setup(state);

	send_error = 0;
	packet.n_fds = 0;
	fleet.setup.holder = &fleet.holder;
	fleet.holder.give_up_s = 60;
	return r;
}

static int teardown(void **state)
{
	hold_packet_close(&packet);
	return fleet_teardown(state);
}

/* The holder is fakes[0], the keyboard's server fakes[1]. */
static void start(const char *devices)
{
	char why[LAUNCH_WHY_MAX];

	assert_ok(fleet_adds(devices, why));
	if (!n_fakes)
		launch_fleet_start(&fleet);
	else
		launch_device_start(
			TAILQ_LAST(&fleet.devices, launch_device_list));
	settle();
}

#define KBD   "[{\"type\": \"keyboard\"}]"
#define MOUSE "[{\"type\": \"mouse\"}]"

/* The next order that it gets, with this many fds. */
static void ordered(const struct fake *f, int verb, const char *label,
		    size_t n_fds)
{
	const int fd = fake_fd(f, "--control-fd=");

	hold_packet_close(&packet);
	assert_num(hold_packet_receive(fd, &packet, MSG_DONTWAIT), 1);
	assert_num(packet.order.verb, verb);
	assert_string_equal(packet.order.label, label);
	assert_num(packet.n_fds, n_fds);
}

/* The device with its server. */
static void ordered_kept(const struct fake *f, const char *label)
{
	ordered(f, HOLD_ADD_KEPT, label, HOLD_ADD_FDS + HOLD_KEPT_NEEDED);
}

static int kept_fd(enum hold_kept which)
{
	return packet.fd[HOLD_ADD_FDS + which];
}

/* What was kept is the device's item, except for its label. */
static void kept_item(void)
{
	json_t *rest = json_copy(device(packet.order.label)->item.json), *item;

	assert_sys(lseek(kept_fd(HOLD_KEPT_ITEM), 0, SEEK_SET));
	item = json_loadfd(kept_fd(HOLD_KEPT_ITEM), 0, NULL);
	json_object_del(rest, "label");
	assert_true(json_equal(item, rest));
	json_decref(item);
	json_decref(rest);
}

static void ordered_nothing_else(const struct fake *f)
{
	const int fd = fake_fd(f, "--control-fd=");

	hold_packet_close(&packet);
	assert_rc(hold_packet_receive(fd, &packet, MSG_DONTWAIT), -EAGAIN);
}

static void it_has_a_command_line(void **state)
{
	char expected[200];

	launch_argv_add(&server_args, "--overflow=block");
	launch_argv_add(&server_args, "--sandbox=log");
	launch_argv_add(&server_args, "--sandboxes");
	start(KBD);
	snprintf(expected, sizeof(expected),
		 "vinput-hold --control-fd=%d --give-up=60 --log-level=info "
		 "--sandbox=log",
		 fakes[0].number[0]);
	assert_string_equal(fakes[0].words, expected);
	assert_num(fakes[0].n_fds, 1);
	assert_false(fakes[0].outlives);
	assert_false(fakes[1].outlives);
	assert_num(fleet.holder.child.state, LAUNCH_READY);
	/* The server listens for it. */
	assert_num(fakes[1].ours[0], device("keyboard")->endpoints.server_fd);
}

static void it_holds_devices_that_come_and_go(void **state)
{
	const struct launch_endpoints *ep;

	start(KBD);
	ep = &device("keyboard")->endpoints;
	ordered(&fakes[0], HOLD_ADD, "keyboard", HOLD_ADD_FDS);
	assert_same_file(packet.fd[0], ep->frontend.fd);
	assert_same_file(packet.fd[1], ep->server_path_fd);
	ordered_nothing_else(&fakes[0]);
	start(MOUSE);
	ordered(&fakes[0], HOLD_ADD, "mouse", HOLD_ADD_FDS);
	launch_device_end(device("keyboard"));
	ordered_nothing_else(&fakes[0]);
	fake_ends(&fakes[1], EXITED(0));
	ordered(&fakes[0], HOLD_REMOVE, "keyboard", 0);
	ordered_nothing_else(&fakes[0]);
}

static void it_can_keep_them_for_the_next_launcher(void **state)
{
	char expected[200], path[TEMP_DIR_LEN + 20];
	const struct launch_endpoints *ep;

	fleet.setup.outlives = true;
	start(KBD);
	snprintf(expected, sizeof(expected),
		 "vinput-hold --control-fd=%d --next-fd=%d --give-up=60 "
		 "--log-level=info",
		 fakes[0].number[0], fakes[0].number[1]);
	assert_string_equal(fakes[0].words, expected);
	assert_num(fakes[0].ours[1], fleet.holder.next.fd);
	assert_true(fakes[0].outlives);
	assert_true(fakes[1].outlives);
	ep = &device("keyboard")->endpoints;
	ordered_kept(&fakes[0], "keyboard");
	assert_same_file(packet.fd[0], ep->frontend.fd);
	assert_same_file(packet.fd[1], ep->server_path_fd);
	assert_same_file(kept_fd(HOLD_KEPT_LISTEN), ep->server_fd);
	assert_same_file(kept_fd(HOLD_KEPT_STATE), ep->state_fd);
	assert_same_file(kept_fd(HOLD_KEPT_LIFE), ep->life.held_fd);
	kept_item();
	ordered_nothing_else(&fakes[0]);
	snprintf(path, sizeof(path), "%s/holder", dir);
	assert_sys(access(path, F_OK));
	/* The next process is kept, too. */
	fake_is_ready(&fakes[1]);
	fake_ends(&fakes[1], EXITED(1));
	ordered_kept(&fakes[0], "keyboard");
	ordered_nothing_else(&fakes[0]);
}

static void devices_that_are_alike_share_a_file(void **state)
{
	static const char *const labels[] = { "a", "b", "c" };
	struct stat b, c;
	int file[3];

	fleet.setup.outlives = true;
	start("[{\"label\": \"a\", \"type\": \"keyboard\"},"
	      " {\"label\": \"b\", \"type\": \"keyboard\"},"
	      " {\"label\": \"c\", \"type\": \"mouse\"}]");
	for (size_t i = 0; i < ARRAY_LEN(file); i++) {
		ordered_kept(&fakes[0], labels[i]);
		kept_item();
		file[i] = dup(kept_fd(HOLD_KEPT_ITEM));
	}
	assert_same_file(file[0], file[1]);
	assert_sys(fstat(file[1], &b));
	assert_sys(fstat(file[2], &c));
	assert_true(b.st_ino != c.st_ino);
	for (size_t i = 0; i < ARRAY_LEN(file); i++)
		close(file[i]);
}

static void without_a_pidfd_it_is_held_and_not_kept(void **state)
{
	fleet.setup.outlives = true;
	pidfd_error = -EMFILE;
	start(KBD);
	ordered(&fakes[0], HOLD_ADD_KEPT, "keyboard", HOLD_ADD_FDS);
	expect_log(STAMP "launcher: keyboard will not outlive this launcher: "
			 "Too many open files\n");
}

/* Whatever was held then. */
static void the_next_holder_gets_all_orders(void **state)
{
	start("[{\"type\": \"keyboard\"}, {\"type\": \"mouse\"}]");
	fake_ends(&fakes[0], EXITED(1));
	expect_log(STAMP "launcher: the holder ended with status 1; restarting "
			 "it\n");
	assert_num(n_fakes, 4);
	ordered(&fakes[3], HOLD_ADD, "keyboard", HOLD_ADD_FDS);
	ordered(&fakes[3], HOLD_ADD, "mouse", HOLD_ADD_FDS);
	ordered_nothing_else(&fakes[3]);
}

static void it_gets_what_is_kept_and_not_what_is_down(void **state)
{
	fleet.setup.outlives = true;
	start("[{\"type\": \"keyboard\"}, {\"type\": \"mouse\"}]");
	launch_device_end(device("keyboard"));
	fake_ends(&fakes[1], EXITED(0));
	fake_ends(&fakes[0], EXITED(1));
	ordered_kept(&fakes[3], "mouse");
	ordered_nothing_else(&fakes[3]);
}

static bool went, went_unknown;

/* Of a device that is upgraded: it has been told to serve. */
static void on_changed(void *arg)
{
	const struct launch_upgrade *u = &device("keyboard")->upgrade;
	char byte;

	if (u->state == LAUNCH_UPGRADE_HANDED && !went) {
		went = true;
		went_unknown = recv(fake_fd(&fakes[0], "--control-fd="), &byte,
				    1, MSG_PEEK | MSG_DONTWAIT) < 0;
	}
	fleet.changed = true;
}

/* If the launcher dies then, the next one finds it. */
static void it_keeps_the_process_that_replaces_another(void **state)
{
	struct launch_device *kbd;

	fleet.setup.outlives = true;
	start(KBD);
	kbd = device("keyboard");
	fake_is_ready(&fakes[1]);
	launch_device_upgrade(kbd);
	ordered_kept(&fakes[0], "keyboard");
	assert_num(write(fake_fd(&fakes[2], "--standby-fd="), "0 0\n", 4), 4);
	settle();
	ordered_nothing_else(&fakes[0]);
	fleet.setup.changed = on_changed;
	fake_ends(&fakes[1], EXITED(0));
	assert_true(went);
	assert_false(went_unknown);
	ordered_kept(&fakes[0], "keyboard");
	ordered_nothing_else(&fakes[0]);
}

static void one_past_its_limit_is_not_restarted(void **state)
{
	fleet.setup.restart.limit = 0;
	start(KBD);
	fake_ends(&fakes[0], EXITED(2));
	assert_num(n_fakes, 2);
	assert_num(fleet.holder.child.state, LAUNCH_FAILED);
	assert_string_equal(fleet.holder.child.why,
			    "the holder ended with status 2");
	expect_log(STAMP "launcher: the holder ended with status 2; not "
			 "restarted, no VMM can use the devices\n");
	/* What it would be ordered is not sent to anybody. */
	assert_num(fleet.holder.fd, -1);
	launch_holder_remove(&fleet.holder, "keyboard");
	launch_holder_end_with_us(&fleet.holder);
	start(MOUSE);
	expect_log("");
}

static void one_that_cannot_be_started_has_failed(void **state)
{
	start_error = -ENOENT;
	start(KBD);
	assert_num(fleet.holder.child.state, LAUNCH_FAILED);
	assert_string_equal(fleet.holder.child.why,
			    "cannot start vinput-hold: No such file or "
			    "directory");
	assert_num(n_fakes, 0);
	assert_num(fleet.holder.fd, -1);
	assert_num(fleet.holder.lines.fd, -1);
}

static void one_that_cannot_be_started_again_is_logged(void **state)
{
	start(KBD);
	start_error = -ENOMEM;
	fake_ends(&fakes[0], EXITED(1));
	expect_log(STAMP "launcher: the holder ended with status 1; restarting "
			 "it\n" STAMP "launcher: cannot start vinput-hold: "
			 "Cannot allocate memory\n");
}

static void its_lines_are_the_launchers(void **state)
{
	start(KBD);
	fake_says(&fakes[0], "vinput-hold: kbd: continued\nother: line\n");
	expect_log(STAMP "launcher: kbd: continued\n" STAMP
			 "launcher: other: line\n");
}

/* --- what it reports --- */

static void reports(struct hold_report report, size_t len)
{
	assert_num(send(fake_fd(&fakes[0], "--control-fd="), &report, len,
			MSG_NOSIGNAL),
		   len);
	settle();
}

static void what_a_vmm_has_acked_is_known(void **state)
{
	struct hold_report report = { .features = 7,
				      .protocol = 9,
				      .label = "nobody" };
	struct launch_upgrade *u;

	start(KBD);
	u = &device("keyboard")->upgrade;
	reports(report, sizeof(report));
	assert_num(u->features, 0);
	strcpy(report.label, "keyboard");
	reports(report, sizeof(report));
	assert_num(u->features, 7);
	assert_num(u->protocol, 9);
	/* One that does not end is cut. */
	memset(report.label, 'x', sizeof(report.label));
	reports(report, sizeof(report));
	/* And from one that sends rubbish nothing is read any more. */
	strcpy(report.label, "keyboard");
	report.features = 8;
	reports(report, sizeof(report) - 1);
	reports(report, sizeof(report));
	assert_num(u->features, 7);
	assert_false(ev_is_active(&fleet.holder.io));
}

/* --- errors --- */

static void one_that_takes_no_order_is_killed(void **state)
{
	start(KBD);
	send_error = EAGAIN;
	start(MOUSE);
	expect_signal(&fakes[0], SIGKILL, 0);
	fake_ends(&fakes[0], SIGKILL);
	expect_log(STAMP "launcher: the holder took no order for 2 s; "
			 "restarting it\n");
}

static void an_order_that_cannot_be_sent_is_logged(void **state)
{
	start(KBD);
	send_error = EPIPE;
	launch_holder_remove(&fleet.holder, "keyboard");
	send_error = ECONNRESET;
	launch_holder_remove(&fleet.holder, "keyboard");
	expect_log("");
	send_error = ETOOMANYREFS;
	launch_holder_remove(&fleet.holder, "keyboard");
	expect_log(STAMP "launcher: the holder cannot hold keyboard: Too many "
			 "references: cannot splice\n");
	assert_num(fakes[0].n_signals, 0);
}

static void it_can_be_told_to_end_with_us(void **state)
{
	start("[]");
	launch_holder_end_with_us(&fleet.holder);
	ordered(&fakes[0], HOLD_END_WITH_US, "", 0);
}

static void it_is_ended_with_the_devices(void **state)
{
	start(KBD);
	launch_fleet_end_devices(&fleet);
	expect_signal(&fakes[0], SIGTERM, 0);
	expect_signal(&fakes[1], SIGTERM, 0);
	fake_ends(&fakes[1], EXITED(0));
	assert_true(launch_fleet_runs(&fleet));
	fake_ends(&fakes[0], EXITED(0));
	assert_false(launch_fleet_runs(&fleet));
	assert_num(fleet.holder.child.state, LAUNCH_STOPPED);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(it_has_a_command_line),
		T(it_holds_devices_that_come_and_go),
		T(it_can_keep_them_for_the_next_launcher),
		T(devices_that_are_alike_share_a_file),
		T(without_a_pidfd_it_is_held_and_not_kept),
		T(the_next_holder_gets_all_orders),
		T(it_gets_what_is_kept_and_not_what_is_down),
		T(it_keeps_the_process_that_replaces_another),
		T(one_past_its_limit_is_not_restarted),
		T(one_that_cannot_be_started_has_failed),
		T(one_that_cannot_be_started_again_is_logged),
		T(its_lines_are_the_launchers),
		T(what_a_vmm_has_acked_is_known),
		T(one_that_takes_no_order_is_killed),
		T(an_order_that_cannot_be_sent_is_logged),
		T(it_can_be_told_to_end_with_us),
		T(it_is_ended_with_the_devices),
	};

	return cmocka_run_group_tests_name("launch-holder", tests, NULL, NULL);
}
