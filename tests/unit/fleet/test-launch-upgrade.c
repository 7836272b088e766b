/* SPDX-License-Identifier: Apache-2.0 */
/* launch-upgrade.h: another process takes the place of a device's, or not. */
#include "tests/lib/cases.h"
#include "tests/lib/fleet-world.h"

#define REFUSED(why)                                                          \
	STAMP "launcher: keyboard is not upgraded: " why "; the old process " \
	      "serves on\n"

static struct launch_device *kbd;
static struct launch_upgrade *u;

/* A keyboard that is ready: fakes[0]. Its next one starts: fakes[1]. */
static void begin(void)
{
	char why[LAUNCH_WHY_MAX];

	assert_ok(fleet_adds("[{\"type\": \"keyboard\"}]", why));
	kbd = device("keyboard");
	u = &kbd->upgrade;
	launch_device_start(kbd);
	fake_is_ready(&fakes[0]);
	launch_device_upgrade(kbd);
	settle();
}

static void offers(struct fake *f, const char *text)
{
	assert_num(write(fake_fd(f, "--standby-fd="), text, strlen(text)),
		   strlen(text));
	settle();
}

/* The old process has been ended for it. */
static void prepare(void)
{
	begin();
	offers(&fakes[1], "3 1\n");
	assert_num(u->state, LAUNCH_UPGRADE_PREPARED);
	expect_signal(&fakes[0], SIGTERM, 0);
	/* It has nothing else to say. */
	assert_false(ev_is_active(&u->io));
}

static void expect_failed(const char *log, const char *why)
{
	assert_num(u->state, LAUNCH_UPGRADE_FAILED);
	assert_string_equal(u->why, why);
	expect_log(log);
	assert_num(kbd->child.state, LAUNCH_READY);
	assert_num(fakes[0].n_signals, 0);
	assert_num(u->standby_fd, -1);
	assert_num(u->ready_fd, -1);
	assert_num(u->lines.fd, -1);
	assert_false(launch_upgrade_runs(u));
}

static void it_waits_beside_the_old_process(void **state)
{
	begin();
	assert_num(n_fakes, 2);
	assert_num(u->state, LAUNCH_UPGRADE_STARTING);
	assert_true(launch_upgrade_runs(u));
	assert_true(fake_fd(&fakes[1], "--standby-fd=") >= 0);
	assert_true(fake_fd(&fakes[1], "--ready-fd=") >= 0);
	assert_num(fakes[1].n_fds, 5);
	assert_true(fcntl(u->ready_fd, F_GETFL) & O_NONBLOCK);
	/* One is enough. */
	launch_device_upgrade(kbd);
	assert_num(n_fakes, 2);
	assert_num(fakes[0].n_signals, 0);
	assert_true(launch_device_runs(kbd));
}

static void it_takes_the_place_of_the_old_one(void **state)
{
	char byte = 0;

	begin();
	fake_says(&fakes[1], "vhost-user-input: waiting\n");
	offers(&fakes[1], "ffffffffffffffff ff\n");
	assert_num(u->state, LAUNCH_UPGRADE_PREPARED);
	expect_log(STAMP "launcher: keyboard: the new process is ready; ending "
			 "the old one\n");
	expect_signal(&fakes[0], SIGTERM, 0);
	assert_num(kbd->child.state, LAUNCH_WAITING);
	/* It may wait for long. */
	pass_s(4);
	assert_num(recv(fake_fd(&fakes[1], "--standby-fd="), &byte, 1,
			MSG_DONTWAIT),
		   -1);
	fake_ends(&fakes[0], EXITED(0));
	assert_num(recv(fake_fd(&fakes[1], "--standby-fd="), &byte, 1,
			MSG_DONTWAIT),
		   1);
	assert_num(byte, '\n');
	assert_num(u->state, LAUNCH_UPGRADE_HANDED);
	assert_num(kbd->child.state, LAUNCH_STARTING);
	assert_num(kbd->child.process.pid, 101);
	assert_num(u->process.pid, 0);
	fake_says(&fakes[1], "vhost-user-input: serving\n");
	fake_is_ready(&fakes[1]);
	assert_num(u->state, LAUNCH_UPGRADE_DONE);
	assert_num(kbd->child.state, LAUNCH_READY);
	assert_num(kbd->child.history.total, 1);
	expect_log(STAMP "keyboard: serving\n" STAMP
			 "launcher: keyboard is upgraded\n");
	assert_num(n_fakes, 2);
	assert_false(launch_upgrade_runs(u));
	/* Once only: a restart is none. */
	launch_child_restart(&kbd->child);
	fake_ends(&fakes[1], EXITED(0));
	fake_is_ready(&fakes[2]);
	expect_log("");
}

/* epoll_wait(2) may say so. */
static void readiness_with_nothing_to_read_is_ignored(void **state)
{
	begin();
	ev_feed_event(fleet.loop, &u->io, EV_READ);
	settle();
	assert_num(u->state, LAUNCH_UPGRADE_STARTING);
	offers(&fakes[1], "3 1\n");
	assert_num(u->state, LAUNCH_UPGRADE_PREPARED);
}

static void it_can_take_another_ones_place_in_its_turn(void **state)
{
	prepare();
	fake_ends(&fakes[0], EXITED(0));
	fake_is_ready(&fakes[1]);
	launch_device_upgrade(kbd);
	offers(&fakes[2], "3 1\n");
	fake_ends(&fakes[1], EXITED(0));
	fake_is_ready(&fakes[2]);
	assert_num(u->state, LAUNCH_UPGRADE_DONE);
	assert_num(kbd->child.process.pid, 102);
}

/* The old one dies by itself meanwhile. */
static void one_that_is_prepared_takes_the_place_of_a_dead_one(void **state)
{
	begin();
	fake_ends(&fakes[0], EXITED(1));
	/* It was not prepared: another one has started. */
	assert_num(n_fakes, 3);
	fake_is_ready(&fakes[2]);
	offers(&fakes[1], "0 0\n");
	expect_signal(&fakes[2], SIGTERM, 0);
	fake_ends(&fakes[2], SIGKILL);
	assert_num(kbd->child.process.pid, 101);
}

static void one_that_dies_when_it_was_handed_over_is_restarted(void **state)
{
	prepare();
	fake_ends(&fakes[0], EXITED(0));
	fake_ends(&fakes[1], EXITED(1));
	assert_num(kbd->child.state, LAUNCH_WAITING);
	pass_s(0.2);
	assert_num(n_fakes, 3);
	fake_is_ready(&fakes[2]);
	assert_num(u->state, LAUNCH_UPGRADE_DONE);
}

static const struct offer {
	const char *name;
	uint64_t features, protocol;
	const char *text;
	const char *why; /* NULL: it suffices */
	const char *log;
} offers_made[] = {
	{ "offer_of_the_same_suffices", 0x180000000, 0x21, "180000000 21\n",
	  NULL, NULL },
	{ "offer_of_less_is_refused", 0x180000000, 0x21, "100000000 21\n",
	  "lacks feature bits 0x80000000, which the VMM uses",
	  REFUSED("lacks feature bits 0x80000000, which the VMM uses") },
	{ "offer_of_less_protocol_is_refused", 0x180000000, 0x21,
	  "180000000 1\n",
	  "lacks protocol feature bits 0x20, which the VMM uses",
	  REFUSED("lacks protocol feature bits 0x20, which the VMM uses") },
	{ "offer_of_less_of_both_is_refused", 3, 3, "1 1\n",
	  "lacks feature bits 0x2, which the VMM uses",
	  REFUSED("lacks feature bits 0x2, which the VMM uses") },
	{ "half_an_offer_is_refused", 0, 0, "1\n",
	  "does not say what it offers",
	  REFUSED("does not say what it offers") },
	{ "no_offer_is_refused", 0, 0, "ready\n", "does not say what it offers",
	  REFUSED("does not say what it offers") },
};

static void offer_is_judged(void **state)
{
	const struct offer *o = *state;

	begin();
	u->features = o->features;
	u->protocol = o->protocol;
	offers(&fakes[1], o->text);
	if (!o->why) {
		assert_num(u->state, LAUNCH_UPGRADE_PREPARED);
		return;
	}
	assert_num(u->state, LAUNCH_UPGRADE_FAILING);
	assert_true(launch_upgrade_runs(u));
	expect_signal(&fakes[1], SIGKILL, 0);
	fake_ends(&fakes[1], SIGKILL);
	expect_failed(o->log, o->why);
}

static int setup_offer(void **state)
{
	void *row = *state;
	const int r = fleet_setup(state);

	*state = row;
	return r;
}

static void one_that_is_late_is_given_up(void **state)
{
	begin();
	pass_s(29.9);
	assert_num(u->state, LAUNCH_UPGRADE_STARTING);
	pass_s(0.2);
	expect_signal(&fakes[1], SIGKILL, 0);
	fake_ends(&fakes[1], SIGKILL);
	expect_failed(REFUSED("was not ready within 30 s"),
		      "was not ready within 30 s");
}

static void one_that_is_prepared_is_not_late(void **state)
{
	prepare();
	pass_s(100);
	assert_num(u->state, LAUNCH_UPGRADE_PREPARED);
}

static void one_that_ends_says_why(void **state)
{
	begin();
	assert_num(write(fakes[1].out, "vhost-user-input: a\nno ring\n", 28),
		   28);
	shutdown(fake_fd(&fakes[1], "--standby-fd="), SHUT_RDWR);
	settle();
	assert_num(u->state, LAUNCH_UPGRADE_STARTING);
	fake_ends(&fakes[1], EXITED(3));
	expect_failed(REFUSED("no ring"), "no ring");
}

static void one_that_ends_at_once_says_why(void **state)
{
	begin();
	assert_num(write(fakes[1].out, "vhost-user-input: bad\n", 22), 22);
	fake_ends(&fakes[1], EXITED(3));
	expect_failed(REFUSED("bad"), "bad");
	/* The next attempt is another one. */
	launch_device_upgrade(kbd);
	assert_num(u->state, LAUNCH_UPGRADE_STARTING);
	assert_string_equal(u->why, "");
	fake_ends(&fakes[2], EXITED(3));
	expect_failed(REFUSED("ended with status 3"), "ended with status 3");
}

static void one_that_cannot_be_started_is_none(void **state)
{
	begin();
	fake_ends(&fakes[1], EXITED(1));
	expect_log(REFUSED("ended with status 1"));
	start_error = -EAGAIN;
	launch_device_upgrade(kbd);
	expect_failed(REFUSED("cannot start it: Resource temporarily "
			      "unavailable"),
		      "cannot start it: Resource temporarily unavailable");
	assert_num(n_fakes, 2);
}

static void a_device_that_is_ended_is_not_upgraded(void **state)
{
	begin();
	launch_device_end(kbd);
	expect_signal(&fakes[1], SIGKILL, 0);
	expect_signal(&fakes[0], SIGTERM, 0);
	expect_log(REFUSED("the device is being ended"));
	fake_ends(&fakes[0], EXITED(0));
	assert_true(launch_device_runs(kbd));
	fake_ends(&fakes[1], SIGKILL);
	assert_false(launch_device_runs(kbd));
	/* What has failed does not fail again. */
	expect_log("");
	launch_upgrade_fail(u, "no");
	assert_string_equal(u->why, "the device is being ended");
}

static void one_that_is_prepared_while_the_device_ends_changes_nothing(
	void **state)
{
	begin();
	launch_child_end(&kbd->child);
	offers(&fakes[1], "0 0\n");
	expect_signal(&fakes[0], SIGTERM, 0);
	assert_false(kbd->child.again);
	expect_log("");
}

static void the_fleet_replaces_what_is_ready_and_ours(void **state)
{
	char why[LAUNCH_WHY_MAX];

	assert_ok(fleet_adds("[{\"type\": \"keyboard\"}, {\"type\": \"mouse\"},"
			     "{\"label\": \"h\", \"passthrough\": \"type=a\"}]",
			     why));
	launch_fleet_start(&fleet);
	assert_num(n_fakes, 3);
	fake_is_ready(&fakes[0]);
	fake_is_ready(&fakes[2]);
	launch_fleet_upgrade(&fleet);
	assert_num(n_fakes, 4);
	assert_num(device("keyboard")->upgrade.state, LAUNCH_UPGRADE_STARTING);
	assert_num(device("mouse")->upgrade.state, LAUNCH_UPGRADE_NONE);
	assert_num(device("h")->upgrade.state, LAUNCH_UPGRADE_NONE);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fleet_setup, fleet_teardown)

static const struct CMUnitTest plain[] = {
	T(it_waits_beside_the_old_process),
	T(it_takes_the_place_of_the_old_one),
	T(readiness_with_nothing_to_read_is_ignored),
	T(it_can_take_another_ones_place_in_its_turn),
	T(one_that_is_prepared_takes_the_place_of_a_dead_one),
	T(one_that_dies_when_it_was_handed_over_is_restarted),
	T(one_that_is_late_is_given_up),
	T(one_that_is_prepared_is_not_late),
	T(one_that_ends_says_why),
	T(one_that_ends_at_once_says_why),
	T(one_that_cannot_be_started_is_none),
	T(a_device_that_is_ended_is_not_upgraded),
	T(one_that_is_prepared_while_the_device_ends_changes_nothing),
	T(the_fleet_replaces_what_is_ready_and_ours),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(offers_made)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), offers_made,
	      cmocka_unit_test_setup_teardown(offer_is_judged, setup_offer,
					      fleet_teardown));
	return cmocka_run_group_tests_name("launch-upgrade", tests, NULL, NULL);
}
