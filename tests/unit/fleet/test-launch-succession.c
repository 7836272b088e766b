/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch-succession.h and launch-inherit.h: what a launcher takes over from one
 * that has ended. The test is that one's holder.
 */
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "injector/fleet/launch-device-inherit.h"
#include "injector/fleet/launch-succession.h"
#include "injector/hold/hold-packet.h"
#include "tests/lib/fleet-world.h"
#include "tests/lib/same-file.h"

static struct launch_inheritance in;
static char why[LAUNCH_WHY_MAX];
static int listen_fd, holder_fd;   /* the holder's */
static struct hold_packet said[4]; /* what it answers; fds are owned */
static size_t n_said;
static int ended[8]; /* pidfds that SIGTERM was sent to */
static size_t n_ended;
static bool hangs_up;

/* It answers at once, before it is asked. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	if (syscall(SYS_connect, fd, addr, len) < 0)
		return -1;
	holder_fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(holder_fd);
	for (size_t i = 0; i < n_said; i++)
		assert_ok(hold_packet_send(holder_fd, &said[i], 0));
	if (hangs_up)
		shutdown(holder_fd, SHUT_WR);
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int pidfd_send_signal(int fd, int sig, siginfo_t *info, unsigned int flags)
{
	assert_num(sig, SIGTERM);
	assert_true(n_ended < ARRAY_LEN(ended));
	ended[n_ended++] = fd;
	return 0;
}

static struct sockaddr_un address_of(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", dir, name);
	return addr;
}

static int listen_at(const char *name, int type)
{
	const struct sockaddr_un addr = address_of(name);
	const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	assert_sys(bind(fd, (const struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(fd, 8));
	return fd;
}

static bool exists(const char *name)
{
	return access(address_of(name).sun_path, F_OK) == 0;
}

static int setup(void **state)
{
	const int r = fleet_setup(state);

	n_said = n_ended = 0;
	hangs_up = false;
	holder_fd = -1;
	listen_fd = listen_at("holder", SOCK_SEQPACKET);
	fill_with_garbage(&in);
	launch_inheritance_init(&in);
	fleet.setup.holder = &fleet.holder;
	fleet.setup.outlives = true;
	return r;
}

static int teardown(void **state)
{
	launch_inheritance_fini(&in);
	launch_inheritance_fini(&in);
	for (size_t i = 0; i < n_said; i++)
		hold_packet_close(&said[i]);
	close_fd(holder_fd);
	close_fd(listen_fd);
	unlink(address_of("holder").sun_path);
	return fleet_teardown(state);
}

/* --- what the holder has --- */

/* Of a file of its own. */
static int file_fd(void)
{
	const int fd = memfd_create("file", MFD_CLOEXEC);

	assert_sys(fd);
	return fd;
}

/* A device of another launcher, in this order: hold-order.h. */
static void has_device(const char *label, const char *item, bool connected)
{
	struct hold_packet *p = &said[n_said++];
	char name[60];
	int life[2];

	*p = (struct hold_packet){ .order = { .verb = HOLD_TAKE,
					      .connected = connected } };
	strcpy(p->order.label, label);
	snprintf(name, sizeof(name), "%s.sock", label);
	p->fd[p->n_fds++] = listen_at(name, SOCK_STREAM);
	for (size_t i = 1; i < HOLD_ADD_FDS + HOLD_KEPT_NEEDED; i++)
		p->fd[p->n_fds++] = file_fd();
	close(p->fd[HOLD_ADD_FDS + HOLD_KEPT_ITEM]);
	p->fd[HOLD_ADD_FDS + HOLD_KEPT_ITEM] =
		memfd_create("item", MFD_CLOEXEC);
	assert_num(
		write(p->fd[HOLD_ADD_FDS + HOLD_KEPT_ITEM], item, strlen(item)),
		strlen(item));
	assert_sys(pipe2(life, O_CLOEXEC));
	close(p->fd[HOLD_ADD_FDS + HOLD_KEPT_LIFE]);
	close(life[0]);
	p->fd[HOLD_ADD_FDS + HOLD_KEPT_LIFE] = life[1];
}

/* After the last device. */
static void has_no_more(void)
{
	struct hold_packet *p = &said[n_said++];

	*p = (struct hold_packet){ .order.verb = HOLD_TAKE, .n_fds = 1 };
	p->fd[0] = file_fd();
}

static bool begins(void)
{
	return launch_succession_begin(&fleet, &in, dir);
}

/* The next order that the holder gets after the questions. */
static void ordered(int verb, const char *label)
{
	struct hold_packet p;

	do {
		assert_num(hold_packet_receive(holder_fd, &p, MSG_DONTWAIT), 1);
		hold_packet_close(&p);
	} while (p.order.verb == HOLD_TAKE);
	assert_num(p.order.verb, verb);
	assert_string_equal(p.order.label, label);
}

#define KBD   "{\"type\":\"keyboard\"}"
#define MOUSE "{\"type\":\"mouse\"}"
#define TAKEN(label)                                                        \
	STAMP "launcher: " label " is taken over from a launcher that has " \
	      "ended\n"

/* --- taking over --- */

static void without_a_holder_nothing_is_taken_over(void **state)
{
	close(listen_fd);
	listen_fd = -1;
	assert_false(begins());
	unlink(address_of("holder").sun_path);
	assert_false(begins());
	expect_log("");
	assert_null(fleet.setup.inherited);
}

static void a_path_too_long_has_no_holder(void **state)
{
	char longer[120];

	memset(longer, '/', sizeof(longer));
	memcpy(longer, dir, strlen(dir));
	/* With "/holder" and the end as long as there is room for. */
	longer[108 - 8] = '\0';
	has_no_more();
	assert_num(launch_inheritance_take(&in, longer), 0);
	launch_inheritance_fini(&in);
	close_fd(holder_fd);
	longer[108 - 8] = '/';
	longer[108 - 7] = '\0';
	assert_num(launch_inheritance_take(&in, longer), 1);
	holder_fd = -1;
}

static void a_device_is_taken_over_with_all_it_has(void **state)
{
	const struct launch_endpoints *ep;

	has_device("keyboard", KBD, true);
	has_no_more();
	assert_true(begins());
	assert_num(fleet.holder.child.state, LAUNCH_READY);
	assert_same_file(fleet.holder.child.process.pidfd, said[1].fd[0]);
	assert_ok(fleet_adds("[" KBD "]", why));
	expect_log(TAKEN("keyboard"));
	ep = &device("keyboard")->endpoints;
	assert_same_file(ep->frontend.fd, said[0].fd[0]);
	assert_same_file(ep->server_path_fd, said[0].fd[1]);
	assert_same_file(ep->server_fd, said[0].fd[2 + HOLD_KEPT_LISTEN]);
	assert_same_file(ep->state_fd, said[0].fd[2 + HOLD_KEPT_STATE]);
	assert_same_file(ep->life.held_fd, said[0].fd[2 + HOLD_KEPT_LIFE]);
	assert_same_file(device("keyboard")->child.process.pidfd,
			 said[0].fd[2 + HOLD_KEPT_PROCESS]);
	assert_num(device("keyboard")->child.state, LAUNCH_READY);
	assert_true(device("keyboard")->taken_over);
	assert_true(TAILQ_EMPTY(&in.devices));
	assert_ok(launch_succession_settle(&fleet, &in, why));
	assert_null(fleet.setup.inherited);
	assert_num(launch_fleet_count(&fleet), 1);
	assert_num(n_ended, 0);
}

static void its_server_is_replaced_when_all_come_up(void **state)
{
	struct launch_device *kbd;

	has_device("keyboard", KBD, true);
	has_no_more();
	assert_true(begins());
	assert_ok(fleet_adds("[" KBD "]", why));
	kbd = device("keyboard");
	launch_device_start(kbd);
	/* Holder, its server, and ours beside that. */
	assert_num(n_fakes, 3);
	assert_num(kbd->upgrade.state, LAUNCH_UPGRADE_STARTING);
	assert_num(write(fake_fd(&fakes[2], "--standby-fd="), "0 0\n", 4), 4);
	settle();
	assert_num(kbd->upgrade.state, LAUNCH_UPGRADE_PREPARED);
	assert_num(fakes[1].n_signals, 0);
	launch_device_replace(kbd);
	expect_signal(&fakes[1], SIGTERM, 0);
	launch_device_replace(kbd);
	assert_num(fakes[1].n_signals, 1);
	fake_ends(&fakes[1], LAUNCH_STATUS_UNKNOWN);
	fake_is_ready(&fakes[2]);
	assert_num(kbd->child.state, LAUNCH_READY);
	assert_false(kbd->child.process.inherited);
}

static void it_may_be_prepared_after_the_others(void **state)
{
	has_device("keyboard", KBD, true);
	has_no_more();
	assert_true(begins());
	assert_ok(fleet_adds("[" KBD "]", why));
	launch_device_start(device("keyboard"));
	launch_device_replace(device("keyboard"));
	assert_num(fakes[1].n_signals, 0);
	assert_num(write(fake_fd(&fakes[2], "--standby-fd="), "0 0\n", 4), 4);
	settle();
	expect_signal(&fakes[1], SIGTERM, 0);
}

/* One process at a time can have it. */
static void a_device_of_the_host_is_ended_first(void **state)
{
	const char item[] = "{\"label\":\"h\",\"passthrough\":\"type=a\"}";

	has_device("h", item, true);
	has_no_more();
	assert_true(begins());
	assert_ok(fleet_adds("[{\"label\":\"h\",\"passthrough\":\"type=a\"}]",
			     why));
	launch_device_start(device("h"));
	assert_num(n_fakes, 2);
	expect_signal(&fakes[1], SIGTERM, 0);
	fake_ends(&fakes[1], LAUNCH_STATUS_UNKNOWN);
	assert_num(n_fakes, 3);
	assert_true(strstr(fakes[2].words, "PASSTHROUGH") != NULL);
}

/* The next order that the holder gets keeps so many fds. */
static void kept(unsigned int n_fds)
{
	struct hold_packet p;

	do {
		assert_num(hold_packet_receive(holder_fd, &p, MSG_DONTWAIT), 1);
		assert_true(p.order.verb != HOLD_KEEP || p.n_fds == n_fds);
		hold_packet_close(&p);
	} while (p.order.verb != HOLD_KEEP);
}

/* A pidfd of a process that has ended would be readable. */
static void has_bridge(void)
{
	const int fd = eventfd(0, EFD_CLOEXEC);

	assert_sys(fd);
	said[0].fd[said[0].n_fds++] = fd;
}

static void a_bridge_that_is_not_to_stay_does_so_until_all_are_up(void **state)
{
	struct launch_device *kbd;
	int fd;

	has_device("keyboard", KBD, false);
	has_bridge();
	has_no_more();
	assert_true(begins());
	assert_ok(fleet_adds("[" KBD "]", why));
	kbd = device("keyboard");
	assert_null(kbd->bridge);
	launch_device_start(kbd);
	launch_device_replace(kbd);
	assert_num(write(fake_fd(&fakes[2], "--standby-fd="), "0 0\n", 4), 4);
	settle();
	fake_ends(&fakes[1], LAUNCH_STATUS_UNKNOWN);
	fake_is_ready(&fakes[2]);
	assert_num(n_ended, 0);
	/* If this launcher fails, the next one finds it. */
	kept(HOLD_KEPT_FDS);
	fd = kbd->old_bridge;
	assert_same_file(fd, said[0].fd[said[0].n_fds - 1]);
	launch_device_end_old_bridge(kbd);
	assert_num(n_ended, 1);
	assert_num(ended[0], fd);
	kept(HOLD_KEPT_NEEDED);
	launch_device_end_old_bridge(kbd);
	assert_num(n_ended, 1);
}

static void a_bridge_that_is_not_to_stay_ends_with_its_device(void **state)
{
	has_device("keyboard", KBD, false);
	has_bridge();
	has_no_more();
	assert_true(begins());
	assert_ok(fleet_adds("[" KBD "]", why));
	launch_device_end(device("keyboard"));
	assert_num(n_ended, 1);
}

static void one_that_has_ended_since_is_started(void **state)
{
	has_device("keyboard", KBD, true);
	has_no_more();
	assert_true(begins());
	inherit_error = -ESRCH;
	assert_ok(fleet_adds("[" KBD "]", why));
	assert_num(device("keyboard")->child.state, LAUNCH_STOPPED);
	launch_device_start(device("keyboard"));
	assert_num(n_fakes, 2);
	assert_num(device("keyboard")->child.state, LAUNCH_STARTING);
}

/* --- another type --- */

static void what_a_vmm_uses_becomes_nothing_else(void **state)
{
	has_device("k", MOUSE, true);
	has_no_more();
	assert_true(begins());
	assert_num(fleet_adds("[{\"type\":\"keyboard\",\"label\":\"k\"}]", why),
		   -1);
	assert_string_equal(why, "k: is a mouse, which its VMM uses; it cannot "
				 "become a keyboard");
	assert_true(exists("k.sock"));
	unlink(address_of("k.sock").sun_path);
}

static void what_no_vmm_uses_may(void **state)
{
	has_device("k", MOUSE, false);
	has_no_more();
	assert_true(begins());
	assert_ok(fleet_adds("[{\"type\":\"keyboard\",\"label\":\"k\"}]", why));
	expect_log(TAKEN("k"));
}

/* --- what is left --- */

static void what_nobody_uses_or_has_is_ended_when_all_are_up(void **state)
{
	has_device("a", MOUSE, false);
	has_device("b", "{\"type\":\"rotary\"}", true);
	has_device("c", MOUSE, false);
	has_no_more();
	assert_true(begins());
	assert_ok(launch_succession_settle(&fleet, &in, why));
	/* That with a VMM is one of ours now, by its own description. */
	assert_num(launch_fleet_count(&fleet), 1);
	assert_string_equal(device("b")->item.kind->name, "rotary");
	assert_true(device("b")->taken_over);
	/* If this launcher fails, the next one finds the others. */
	assert_num(n_ended, 0);
	assert_true(exists("a.sock") && exists("c.sock"));
	launch_succession_end_rest(&fleet, &in, dir);
	assert_num(n_ended, 2);
	assert_false(exists("a.sock"));
	assert_false(exists("c.sock"));
	ordered(HOLD_REMOVE, "a");
	ordered(HOLD_REMOVE, "c");
	launch_succession_end_rest(&fleet, &in, dir);
	assert_num(n_ended, 2);
}

static void what_cannot_be_described_is_an_error(void **state)
{
	has_device("b", "{\"tipe\":\"rotary\"}", true);
	has_no_more();
	assert_true(begins());
	assert_num(launch_succession_settle(&fleet, &in, why), -1);
	assert_string_equal(why, "unknown key tipe; did you mean type?");
	assert_num(launch_fleet_count(&fleet), 0);
	assert_null(fleet.setup.inherited);
	unlink(address_of("b.sock").sun_path);
}

/* Its VMMs' connections end with it. */
static void without_a_holder_of_ours_all_is_ended(void **state)
{
	fleet.setup.holder = NULL;
	has_device("a", MOUSE, true);
	has_no_more();
	assert_false(begins());
	assert_num(n_ended, 2);
	assert_false(exists("a.sock"));
	expect_log("");
}

/* --- a holder that is none --- */

#define NO_ANSWER(why)                                                      \
	STAMP "launcher: the holder of a launcher that has ended does not " \
	      "answer: " why "\n"

static void expect_no_answer(const char *log)
{
	assert_false(begins());
	expect_log(log);
	assert_true(TAILQ_EMPTY(&in.devices));
	assert_num(in.holder_fd, -1);
	assert_null(fleet.setup.inherited);
	assert_num(n_ended, 0);
}

static void one_that_hangs_up_is_none(void **state)
{
	hangs_up = true;
	expect_no_answer(NO_ANSWER("Connection reset by peer"));
}

static void one_that_has_no_process_is_none(void **state)
{
	said[n_said++] =
		(struct hold_packet){ .order.verb = HOLD_TAKE, .n_fds = 0 };
	expect_no_answer(NO_ANSWER("Bad message"));
}

static void a_device_without_its_fds_is_none(void **state)
{
	has_device("a", MOUSE, true);
	said[0].n_fds = HOLD_ADD_FDS + HOLD_KEPT_LIFE;
	close(said[0].fd[HOLD_ADD_FDS + HOLD_KEPT_LIFE]);
	expect_no_answer(NO_ANSWER("Bad message"));
	unlink(address_of("a.sock").sun_path);
}

static void a_device_without_a_description_is_none(void **state)
{
	has_device("a", "{", true);
	expect_no_answer(NO_ANSWER("Bad message"));
	unlink(address_of("a.sock").sun_path);
}

static void one_that_has_ended_since_is_none(void **state)
{
	has_no_more();
	inherit_error = -ESRCH;
	expect_no_answer(NO_ANSWER("No such process"));
}

/* --- this launcher fails --- */

static void what_was_taken_over_is_given_back(void **state)
{
	has_device("keyboard", KBD, true);
	has_no_more();
	assert_true(begins());
	assert_ok(fleet_adds("[" KBD "," MOUSE "]", why));
	launch_device_start(device("keyboard"));
	launch_device_start(device("mouse"));
	expect_log(TAKEN("keyboard"));
	launch_device_give_back(device("keyboard"));
	expect_signal(&fakes[2], SIGKILL, 0);
	assert_num(fakes[1].n_signals, 0);
	assert_true(exists("keyboard.sock"));
	/* The other one is ours alone. */
	launch_device_give_back(device("mouse"));
	expect_signal(&fakes[3], SIGTERM, 0);
	assert_false(exists("mouse.sock"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(without_a_holder_nothing_is_taken_over),
		T(a_path_too_long_has_no_holder),
		T(a_device_is_taken_over_with_all_it_has),
		T(its_server_is_replaced_when_all_come_up),
		T(it_may_be_prepared_after_the_others),
		T(a_device_of_the_host_is_ended_first),
		T(a_bridge_that_is_not_to_stay_does_so_until_all_are_up),
		T(a_bridge_that_is_not_to_stay_ends_with_its_device),
		T(one_that_has_ended_since_is_started),
		T(what_a_vmm_uses_becomes_nothing_else),
		T(what_no_vmm_uses_may),
		T(what_nobody_uses_or_has_is_ended_when_all_are_up),
		T(what_cannot_be_described_is_an_error),
		T(without_a_holder_of_ours_all_is_ended),
		T(one_that_hangs_up_is_none),
		T(one_that_has_no_process_is_none),
		T(a_device_without_its_fds_is_none),
		T(a_device_without_a_description_is_none),
		T(one_that_has_ended_since_is_none),
		T(what_was_taken_over_is_given_back),
	};

	return cmocka_run_group_tests_name("launch-succession", tests, NULL,
					   NULL);
}
