/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of the kernel's, described by a spec. Few machines let a test use
 * /dev/uinput: here it is a pipe or a socket, and libevdev's functions that
 * would talk to it are the test's.
 */
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <libevdev/libevdev-uinput.h>
#include <libevdev/libevdev.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "injector/monitor/monitor-uinput.h"
#include "tests/lib/event-text.h"

#define UINPUT ((struct libevdev_uinput *)&made)

static struct {
	struct libevdev *as; /* what is described */
	int fd;
} made;
static int error;	 /* of the creation */
static int ends[2];	 /* [0] is /dev/uinput's */
static int opened_flags; /* of /dev/uinput; 0: it was not opened */
static struct vi_event written;
static struct spec spec;

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int open(const char *path, int flags, ...)
{
	if (strcmp(path, "/dev/uinput") != 0)
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);
	opened_flags = flags;
	return fcntl(ends[0], F_DUPFD_CLOEXEC, 0);
}

static void check_described(const struct libevdev *dev)
{
	assert_string_equal(libevdev_get_name(dev), "pad");
	assert_string_equal(libevdev_get_uniq(dev), "12");
	assert_num(libevdev_get_id_bustype(dev), 1);
	assert_num(libevdev_get_id_vendor(dev), 2);
	assert_num(libevdev_get_id_product(dev), 3);
	assert_num(libevdev_get_id_version(dev), 4);
	assert_true(libevdev_has_property(dev, INPUT_PROP_POINTER));
	assert_true(libevdev_has_property(dev, INPUT_PROP_MAX));
	assert_false(libevdev_has_property(dev, INPUT_PROP_DIRECT));
	assert_true(libevdev_has_event_code(dev, EV_KEY, KEY_A));
	assert_false(libevdev_has_event_code(dev, EV_KEY, KEY_B));
	assert_true(libevdev_has_event_code(dev, EV_LED, LED_CAPSL));
	assert_true(libevdev_has_event_code(dev, EV_SW, SW_LID));
	assert_false(libevdev_has_event_type(dev, EV_REL));
	const struct input_absinfo *x = libevdev_get_abs_info(dev, ABS_X);

	assert_non_null(x);
	assert_num(x->minimum, -3);
	assert_num(x->maximum, 7);
	assert_num(x->fuzz, 8);
	assert_num(x->flat, 9);
	assert_num(x->resolution, 10);
	assert_num(libevdev_get_event_value(dev, EV_REP, REP_DELAY), 250);
	assert_num(libevdev_get_event_value(dev, EV_REP, REP_PERIOD), 33);
}

int libevdev_uinput_create_from_device(const struct libevdev *dev, int fd,
				       struct libevdev_uinput **out)
{
	check_described(dev);
	if (error)
		return error;
	made.fd = fd;
	*out = UINPUT;
	return 0;
}

static bool destroyed;

void libevdev_uinput_destroy(struct libevdev_uinput *dev)
{
	destroyed = true;
}

int libevdev_uinput_get_fd(const struct libevdev_uinput *dev)
{
	return made.fd;
}

int libevdev_uinput_write_event(const struct libevdev_uinput *dev,
				unsigned int type, unsigned int code, int value)
{
	written = vi_event((uint16_t)type, (uint16_t)code, value);
	return error;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static int setup(void **state)
{
	error = opened_flags = 0;
	destroyed = false;
	assert_sys(socketpair(AF_UNIX,
			      SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			      ends));
	memset(&spec, 0, sizeof(spec));
	strcpy(spec.name, "pad");
	strcpy(spec.serial, "12");
	spec.ids.bustype = 1;
	spec.ids.vendor = 2;
	spec.ids.product = 3;
	spec.ids.version = 4;
	event_text_device("KEY_A, LED_CAPSL, SW_LID, ABS_X -3..7", &spec);
	bit_assign(spec.bits[EV_REP], REP_DELAY, true);
	bit_assign(spec.bits[EV_REP], REP_PERIOD, true);
	spec.has_repeat = true;
	bit_assign(spec.props, INPUT_PROP_POINTER, true);
	bit_assign(spec.props, INPUT_PROP_MAX, true);
	spec.abs[ABS_X].fuzz = 8;
	spec.abs[ABS_X].flat = 9;
	spec.abs[ABS_X].res = 10;
	spec.repeat_delay_ms = 250;
	spec.repeat_period_ms = 33;
	return 0;
}

static int teardown(void **state)
{
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void the_device_is_what_the_spec_says(void **state)
{
	struct libevdev_uinput *dev = NULL;

	assert_ok(monitor_uinput_new(&dev, &spec, NULL));
	assert_ptr_equal(dev, UINPUT);
	assert_num(opened_flags, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	monitor_uinput_free(dev);
	assert_true(destroyed);
	assert_num(fcntl(made.fd, F_GETFD), -1);
}

static void a_kernel_that_refuses_leaves_nothing_open(void **state)
{
	struct libevdev_uinput *dev = NULL;

	error = -EINVAL;
	assert_rc(monitor_uinput_new(&dev, &spec, NULL), -EINVAL);
	assert_null(dev);
	/* It is no uinput: it cannot be given a phys. */
	error = 0;
	opened_flags = 0;
	assert_rc(monitor_uinput_new(&dev, &spec, "here"), -ENOTTY);
	assert_num(opened_flags, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static void events_go_both_ways(void **state)
{
	static const struct input_event in[] = {
		{ .type = EV_MSC, .code = MSC_SCAN, .value = 9 },
		{ .type = EV_LED, .code = LED_CAPSL, .value = 1 },
		{ .type = EV_SYN },
		{ .type = EV_SND, .code = SND_BELL, .value = 2 },
	};
	struct libevdev_uinput *dev = NULL;
	struct vi_event ev;

	assert_ok(monitor_uinput_new(&dev, &spec, NULL));
	ev = vi_event(EV_ABS, ABS_X, -2);
	assert_ok(monitor_uinput_write(dev, &ev));
	assert_memory_equal(&written, &ev, sizeof(ev));
	assert_false(monitor_uinput_read(dev, &ev));
	for (size_t i = 0; i < ARRAY_LEN(in); i++)
		assert_num(write(ends[1], &in[i], sizeof(in[i])),
			   sizeof(in[i]));
	assert_true(monitor_uinput_read(dev, &ev));
	assert_events(&ev, 1, "LED_CAPSL 1");
	assert_true(monitor_uinput_read(dev, &ev));
	assert_events(&ev, 1, "SND_BELL 2");
	assert_false(monitor_uinput_read(dev, &ev));
	monitor_uinput_free(dev);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_device_is_what_the_spec_says),
		T(a_kernel_that_refuses_leaves_nothing_open),
		T(events_go_both_ways),
	};

	return cmocka_run_group_tests_name("monitor-uinput", tests, NULL, NULL);
}
