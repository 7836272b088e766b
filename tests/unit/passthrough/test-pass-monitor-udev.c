/* SPDX-License-Identifier: Apache-2.0 */
/* pass-monitor.h on a host with udev, which this test plays. */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "injector/passthrough/pass-monitor.h"
#include "injector/passthrough/pass-udev-calls.h"
#include "tests/lib/check.h"

/* What a call is to fail with; 0: it succeeds. */
static struct {
	int no_udev, no_library, no_monitor, filter, receiving, inotify;
} fails;

static struct {
	struct pass_monitor monitor;
	int fds[2]; /* of udev's monitor */
	unsigned int n_changed;
	int udevs, monitors, devices; /* that are there */
	const char *seat;
	bool is_set_up;
} w;

/* --- udev --- */

/* libc has other names for the arguments. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

#define HANDLE(type, n) ((n)++, (struct type *)(void *)&(n))

int access(const char *path, int mode)
{
	if (strcmp(path, "/run/udev/control"))
		return (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
	errno = ENOENT;
	return fails.no_udev ? -1 : 0;
}

int inotify_init1(int flags)
{
	if (!fails.inotify)
		return dup(STDIN_FILENO);
	errno = fails.inotify;
	return -1;
}

int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	return 1;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static struct udev *fake_new(void)
{
	return HANDLE(udev, w.udevs);
}

static struct udev *fake_unref(struct udev *udev)
{
	w.udevs -= udev != NULL;
	return NULL;
}

static struct udev_monitor *fake_monitor_new_from_netlink(struct udev *udev,
							  const char *name)
{
	assert_string_equal(name, "udev");
	return fails.no_monitor ? NULL : HANDLE(udev_monitor, w.monitors);
}

static struct udev_monitor *fake_monitor_unref(struct udev_monitor *monitor)
{
	w.monitors -= monitor != NULL;
	return NULL;
}

static int fake_monitor_filter_add_match_subsystem_devtype(
	struct udev_monitor *monitor, const char *subsystem, const char *type)
{
	assert_string_equal(subsystem, "input");
	return fails.filter;
}

static int fake_monitor_enable_receiving(struct udev_monitor *monitor)
{
	return fails.receiving;
}

static int fake_monitor_get_fd(struct udev_monitor *monitor)
{
	return w.fds[0];
}

static struct udev_device *fake_monitor_receive_device(
	struct udev_monitor *monitor)
{
	char byte;

	if (recv(w.fds[0], &byte, 1, MSG_DONTWAIT) < 0)
		return NULL;
	return HANDLE(udev_device, w.devices);
}

static struct udev_device *fake_device_new_from_subsystem_sysname(
	struct udev *udev, const char *subsystem, const char *name)
{
	assert_string_equal(subsystem, "input");
	return strcmp(name, "event5") ? NULL : HANDLE(udev_device, w.devices);
}

static struct udev_device *fake_device_unref(struct udev_device *device)
{
	w.devices -= device != NULL;
	return NULL;
}

static int fake_device_get_is_initialized(struct udev_device *device)
{
	return w.is_set_up;
}

static const char *fake_device_get_property_value(struct udev_device *device,
						  const char *key)
{
	assert_string_equal(key, "ID_SEAT");
	return w.seat;
}

const struct pass_udev_calls *pass_udev_calls(struct fault *why)
{
	static const struct pass_udev_calls calls = {
#define FAKE(call) .call = fake_##call,
		PASS_UDEV_CALLS(FAKE)
#undef FAKE
	};

	if (fails.no_library)
		fault_set(why, "no library");
	return fails.no_library ? NULL : &calls;
}

/* --- the tests --- */

static void note_changed(void *arg)
{
	w.n_changed++;
}

static int setup(void **state)
{
	static const struct pass_host host = { .sys = "/sys", .dev = "/dev" };

	memset(&fails, 0, sizeof(fails));
	memset(&w, 0, sizeof(w));
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, w.fds));
	w.monitor = (struct pass_monitor){ .loop = ev_loop_new(EVFLAG_NOENV),
					   .host = &host,
					   .changed = note_changed };
	return 0;
}

static int teardown(void **state)
{
	pass_monitor_fini(&w.monitor);
	assert_num(w.udevs + w.monitors + w.devices, 0);
	ev_loop_destroy(w.monitor.loop);
	close(w.fds[0]);
	close(w.fds[1]);
	return 0;
}

static void what_udev_reports_is_a_change(void **state)
{
	fails.inotify = EMFILE;
	assert_ok(pass_monitor_start(&w.monitor));
	ev_run(w.monitor.loop, EVRUN_NOWAIT);
	assert_num(w.n_changed, 0);
	assert_num(write(w.fds[1], "abc", 3), 3);
	ev_run(w.monitor.loop, EVRUN_NOWAIT);
	assert_num(w.n_changed, 1);
	assert_num(w.devices, 0);
	ev_run(w.monitor.loop, EVRUN_NOWAIT);
	assert_num(w.n_changed, 1);
	pass_monitor_fini(&w.monitor);
	assert_num(write(w.fds[1], "d", 1), 1);
	ev_run(w.monitor.loop, EVRUN_NOWAIT);
	assert_num(w.n_changed, 1);
}

static void one_of_both_ways_is_enough(void **state)
{
	static const struct {
		int no_udev, no_library, no_monitor, filter, receiving, inotify;
		int rc;
	} rows[] = {
		{ .rc = 0 },
		{ .inotify = EMFILE, .rc = 0 },
		/* as libudev's may succeed */
		{ .filter = 1, .receiving = 1, .inotify = EMFILE, .rc = 0 },
		{ .no_udev = 1, .rc = 0 },
		{ .no_library = 1, .rc = 0 },
		{ .no_monitor = 1, .rc = 0 },
		{ .no_udev = 1, .inotify = EMFILE, .rc = -EMFILE },
		{ .no_library = 1, .inotify = EMFILE, .rc = -EMFILE },
		{ .no_monitor = 1, .inotify = EMFILE, .rc = -EMFILE },
		{ .filter = -ENOMEM, .inotify = EMFILE, .rc = -EMFILE },
		{ .receiving = -EPERM, .inotify = EMFILE, .rc = -EMFILE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fails.no_udev = rows[i].no_udev;
		fails.no_library = rows[i].no_library;
		fails.no_monitor = rows[i].no_monitor;
		fails.filter = rows[i].filter;
		fails.receiving = rows[i].receiving;
		fails.inotify = rows[i].inotify;
		assert_rc(pass_monitor_start(&w.monitor), rows[i].rc);
		pass_monitor_fini(&w.monitor);
	}
}

static void the_seat_is_udevs(void **state)
{
	char seat[64];

	assert_ok(pass_monitor_start(&w.monitor));
	assert_rc(pass_monitor_seat(&w.monitor, "event5", seat), -EAGAIN);
	w.is_set_up = true;
	assert_ok(pass_monitor_seat(&w.monitor, "event5", seat));
	assert_string_equal(seat, "seat0");
	w.seat = "seat-two";
	assert_ok(pass_monitor_seat(&w.monitor, "event5", seat));
	assert_string_equal(seat, "seat-two");
	assert_ok(pass_monitor_seat(&w.monitor, "event6", seat));
	assert_string_equal(seat, "seat0");
	assert_num(w.devices, 0);
}

static void without_libudev_the_seat_is_not_known(void **state)
{
	char seat[64];

	fails.no_library = 1;
	assert_ok(pass_monitor_start(&w.monitor));
	assert_ok(pass_monitor_seat(&w.monitor, "event5", seat));
	assert_string_equal(seat, "seat0");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_udev_reports_is_a_change),
		T(one_of_both_ways_is_enough),
		T(the_seat_is_udevs),
		T(without_libudev_the_seat_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
