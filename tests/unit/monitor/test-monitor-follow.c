/* SPDX-License-Identifier: Apache-2.0 */
/*
 * monitor-follow.h, monitor-device.h: devices that are followed, and what
 * becomes of their events. Devices are rings to which the test writes, and
 * /dev/uinput is a socket. Few machines let a test use that.
 */
#include "tests/lib/check.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libevdev/libevdev-uinput.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "injector/frontend/frontend-driver.h"
#include "injector/frontend/frontend-error.h"
#include "injector/monitor/monitor-follow.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

#define DEVICES	 3
#define RING	 4
#define UINPUT	 ((struct libevdev_uinput *)&uinput)
#define THE_SPEC "KEY_A, KEY_CAPSLOCK, KEY_SCROLLLOCK, LED_CAPSL, LED_NUML"

static struct monitor m;
static struct monitor_device devices[DEVICES];
static int peer[DEVICES];
static char *text[DEVICES];
static size_t text_len[DEVICES];
static int uinput[2]; /* the monitor's end, the kernel's */
static struct vi_event written[8], status[8];
static size_t n_written, n_status;
static int write_error;
/* How often is waited before SIGINT arrives. */
static int polls_left;
static int polled_ms;

/* --- the device's side of its rings --- */

static struct fe_ring *eventq(int i)
{
	return &devices[i].fe.ring[FE_EVENTQ];
}

static void use_buffer(struct fe_ring *r, uint32_t len)
{
	const uint16_t at = le16toh(r->used->idx);

	r->used->ring[at % r->num].id = r->avail->ring[at % r->num];
	r->used->ring[at % r->num].len = htole32(len);
	r->used->idx = htole16((uint16_t)(at + 1));
	assert_num(eventfd_write(r->call, 1), 0);
}

static void device_sends(int i, const char *events)
{
	struct fe_ring *r = eventq(i);
	struct vi_event ev[RING];
	const size_t n = event_text_frame(events, ev, RING);

	for (size_t j = 0; j < n; j++) {
		const uint16_t at = le16toh(r->used->idx);

		r->buf[le16toh(r->avail->ring[at % r->num])] = ev[j];
		use_buffer(r, sizeof(*ev));
	}
}

static void device_takes_status(struct fe_ring *r)
{
	assert_true(n_status < ARRAY_LEN(status));
	status[n_status++] = r->buf[0];
	use_buffer(r, 0);
}

/* --- what the monitor calls --- */

#pragma GCC diagnostic push
/* It is declared to read nothing. */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,
 *	       bugprone-reserved-identifier) */
int poll(struct pollfd *p, nfds_t n, int ms)
{
	for (int i = 0; n == 2 && i < DEVICES; i++)
		if (p->fd == devices[i].fe.ring[FE_STATUSQ].call)
			device_takes_status(&devices[i].fe.ring[FE_STATUSQ]);
	if (n > 2) {
		/* Of a device that has ended nothing is polled. */
		for (nfds_t i = 0; i + 1 < n; i++)
			if (!devices[i / 3].running)
				assert_num(p[i].fd, -1);
		polled_ms = ms;
		if (!polls_left--) {
			p[n - 1].revents = POLLIN;
			return 1;
		}
	}
	return (int)syscall(SYS_poll, p, n, 0);
}

/* What it is where the compiler knows the size of the array. */
int __poll_chk(struct pollfd *p, nfds_t n, int ms, size_t size);

int __poll_chk(struct pollfd *p, nfds_t n, int ms, size_t size)
{
	return poll(p, n, ms);
}
#pragma GCC diagnostic pop

int libevdev_uinput_get_fd(const struct libevdev_uinput *dev)
{
	assert_non_null(dev);
	return uinput[0];
}

void libevdev_uinput_destroy(struct libevdev_uinput *dev)
{
}

int libevdev_uinput_write_event(const struct libevdev_uinput *dev,
				unsigned int type, unsigned int code, int value)
{
	written[n_written++] = vi_event((uint16_t)type, (uint16_t)code, value);
	return write_error;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name,
 *	     bugprone-reserved-identifier) */

/* --- fixtures --- */

static void start(int i, const char *socket)
{
	struct monitor_device *d = &devices[i];
	int fd[2];

	monitor_device_init(d, &m.opt, socket);
	d->print.out = open_memstream(&text[i], &text_len[i]);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	fe_attach(&d->fe, fd[0]);
	peer[i] = fd[1];
	event_text_device(THE_SPEC, &d->spec);
	assert_ok(fe_make_rings(&d->fe, RING));
	fe_post_buffers(&d->fe, RING);
	d->running = true;
}

static void start_all(void)
{
	static char *const sockets[] = { (char *)"/run/vm/kbd.sock",
					 (char *)"mouse", (char *)".pad" };

	for (size_t i = 0; i < m.opt.n_sockets; i++)
		start((int)i, sockets[i]);
}

static int setup(void **state)
{
	memset(&m, 0, sizeof(m));
	fill_with_garbage(&devices);
	m.device = devices;
	m.opt.n_sockets = 1;
	m.signal_fd = eventfd(0, EFD_NONBLOCK);
	monitor_set_timeout(&m, -1);
	memset(peer, -1, sizeof(peer));
	polls_left = 1;
	n_written = n_status = 0;
	write_error = 0;
	assert_sys(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, uinput));
	return 0;
}

static int teardown(void **state)
{
	close(m.signal_fd);
	close(uinput[0]);
	close(uinput[1]);
	for (size_t i = 0; i < m.opt.n_sockets; i++) {
		fclose(devices[i].print.out);
		free(text[i]);
		devices[i].uinput = NULL;
		monitor_device_fini(&devices[i]);
		if (peer[i] >= 0)
			close(peer[i]);
	}
	return 0;
}

static int count(const char *in, const char *what)
{
	int n = 0;

	for (; (in = strstr(in, what)); in += strlen(what))
		n++;
	return n;
}

/* --- events --- */

static void a_device_is_named_by_its_socket(void **state)
{
	m.opt.n_sockets = 3;
	start_all();
	assert_string_equal(devices[0].label, "kbd");
	assert_string_equal(devices[1].label, "mouse");
	assert_string_equal(devices[2].label, ".pad");
	assert_num(devices[0].leds, 0);
	assert_null(devices[0].uinput);
	assert_null(devices[0].record.out);
}

static void events_of_all_devices_are_printed(void **state)
{
	m.opt.n_sockets = 3;
	start_all();
	device_sends(0, "KEY_A 1"); /* before the first wait */
	polls_left = 2;
	device_sends(2, "KEY_A 0");
	assert_num(monitor_follow(&m), MONITOR_END_SIGNAL);
	assert_num(count(text[0], "kbd: Event: time "), 2);
	assert_num(count(text[0], "(KEY_A), value 1\n"), 1);
	assert_num(text_len[1], 0);
	assert_num(count(text[2], "(KEY_A), value 0\n"), 1);
	assert_num(polled_ms, -1);
	/* All buffers are with the device again, and nothing is due. */
	assert_num(le16toh(eventq(0)->avail->idx), RING + 2);
	assert_num(eventfd_read(eventq(0)->call, &(eventfd_t){ 0 }), -1);
}

static void only_so_many_frames_are_printed(void **state)
{
	m.opt.frames = m.frames_left = 2;
	start_all();
	device_sends(0, "KEY_A 1");
	device_sends(0, "KEY_A 0");
	assert_num(monitor_follow(&m), MONITOR_END_DONE);
	assert_num(count(text[0], "SYN_REPORT"), 2);
	assert_num(m.frames_left, 0);
}

static void one_more_frame_is_printed_only_without_a_limit(void **state)
{
	m.opt.frames = m.frames_left = 1;
	start_all();
	device_sends(0, "KEY_A 1");
	device_sends(0, "KEY_A 0");
	assert_num(monitor_follow(&m), MONITOR_END_DONE);
	assert_num(count(text[0], "SYN_REPORT"), 1);
	m.opt.frames = 0;
	assert_num(monitor_follow(&m), MONITOR_END_SIGNAL);
	assert_num(count(text[0], "SYN_REPORT"), 2);
}

static void time_may_be_limited(void **state)
{
	start_all();
	monitor_set_timeout(&m, 0);
	assert_num(monitor_follow(&m), MONITOR_END_TIMEOUT);
	assert_num(polled_ms, 0);
	monitor_set_timeout(&m, 3600000);
	polls_left = 0;
	assert_num(monitor_follow(&m), MONITOR_END_SIGNAL);
	assert_true(polled_ms > 0 && polled_ms <= 3600000);
	assert_num(monitor_ms_left(&m, 5), 5);
	assert_num(monitor_ms_left(&m, 0), 0);
	assert_false(monitor_is_overdue(&m));
	m.deadline_ms = INT64_MAX;
	assert_num(monitor_ms_left(&m, -1), INT32_MAX);
	m.deadline_ms = 0;
	assert_num(monitor_ms_left(&m, 5), 0);
	assert_num(monitor_ms_left(&m, -1), 0);
	assert_true(monitor_is_overdue(&m));
	m.deadline_ms = -1;
	assert_num(monitor_ms_left(&m, 5), 5);
	assert_false(monitor_is_overdue(&m));
}

static void contacts_are_printed_once_a_frame(void **state)
{
	m.opt.touch = true;
	start_all();
	device_sends(0, "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 5");
	assert_num(monitor_follow(&m), MONITOR_END_SIGNAL);
	assert_string_equal(text[0], "1 contact  0: 5,0\n");
}

/* --- the end of a device --- */

static void the_last_device_that_ends_ends_it(void **state)
{
	m.opt.n_sockets = 2;
	start_all();
	device_sends(0, "KEY_A 1"); /* it is printed before */
	shutdown(peer[0], SHUT_WR);
	polls_left = 3;
	assert_num(monitor_follow(&m), MONITOR_END_SIGNAL);
	assert_num(count(text[0], "(KEY_A), value 1\n"), 1);
	assert_false(devices[0].running);
	assert_num(devices[0].fe.fd, -1);
	assert_true(devices[1].running);
	shutdown(peer[1], SHUT_WR);
	polls_left = 3;
	assert_num(monitor_follow(&m), MONITOR_END_REPORTED);
	assert_false(devices[1].running);
}

static void a_wrong_buffer_ends_a_device(void **state)
{
	start_all();
	for (int i = 0; i < RING + 1; i++)
		use_buffer(eventq(0), 8);
	assert_num(monitor_follow(&m), MONITOR_END_REPORTED);
}

/* --- LEDs --- */

/* What the device has taken since the last time. */
static void expect_status(const char *leds)
{
	assert_events(status, n_status, leds);
	n_status = 0;
}

static void leds_are_set_at_the_start(void **state)
{
	m.opt.led[0].code = LED_CAPSL;
	m.opt.led[0].on = true;
	m.opt.led[1].code = LED_NUML;
	m.opt.led[2].code = LED_MISC;
	m.opt.n_leds = 2;
	start_all();
	assert_ok(monitor_device_set_leds(&devices[0]));
	expect_status("LED_CAPSL 1, LED_NUML 0");
	assert_num(devices[0].leds, 1u << LED_CAPSL);
	m.opt.n_leds = 3;
	assert_rc(monitor_device_set_leds(&devices[0]), FE_E_REFUSED);
	expect_status("LED_CAPSL 1, LED_NUML 0");
}

static void locks_switch_leds_that_the_device_has(void **state)
{
	m.opt.locks = true;
	start_all();
	device_sends(0, "KEY_CAPSLOCK 1");
	device_sends(0, "KEY_CAPSLOCK 0");
	assert_num(monitor_follow(&m), MONITOR_END_SIGNAL);
	expect_status("LED_CAPSL 1");
	polls_left = 1;
	device_sends(0, "KEY_CAPSLOCK 2, KEY_SCROLLLOCK 1");
	assert_num(monitor_follow(&m), MONITOR_END_SIGNAL);
	assert_num(n_status, 0);
	polls_left = 1;
	device_sends(0, "KEY_CAPSLOCK 1");
	assert_num(monitor_follow(&m), MONITOR_END_SIGNAL);
	expect_status("LED_CAPSL 0");
}

/* --- uinput --- */

static void kernel_sets(uint16_t type, uint16_t code)
{
	const struct input_event in = { .type = type,
					.code = code,
					.value = 1 };

	assert_num(write(uinput[1], &in, sizeof(in)), sizeof(in));
}

static void what_the_kernel_sets_goes_to_the_device(void **state)
{
	m.opt.n_sockets = 2;
	start_all();
	devices[0].uinput = UINPUT;
	kernel_sets(EV_LED, LED_CAPSL);
	kernel_sets(EV_SYN, SYN_REPORT);
	kernel_sets(EV_LED, LED_NUML);
	assert_num(monitor_follow(&m), MONITOR_END_SIGNAL);
	expect_status("LED_CAPSL 1, LED_NUML 1");
}

static void events_go_to_the_kernel(void **state)
{
	m.opt.locks = true; /* which is the kernel's then */
	start_all();
	devices[0].uinput = UINPUT;
	device_sends(0, "KEY_CAPSLOCK 1");
	assert_num(monitor_follow(&m), MONITOR_END_SIGNAL);
	assert_events(written, n_written, "KEY_CAPSLOCK 1, SYN_REPORT 0");
	assert_num(n_status, 0);
	write_error = -ENODEV;
	polls_left = 1;
	device_sends(0, "KEY_A 1");
	assert_num(monitor_follow(&m), MONITOR_END_REPORTED);
	assert_num(n_written, 3);
}

/* A device that does not take it has ended. */
static void a_device_that_takes_no_status_has_ended(void **state)
{
	start_all();
	devices[0].uinput = UINPUT;
	devices[0].fe.ring[FE_STATUSQ].used->idx = htole16(9);
	kernel_sets(EV_LED, LED_CAPSL);
	kernel_sets(EV_LED, LED_NUML);
	assert_rc(monitor_device_status(&devices[0]), FE_E_RING);
	/* The second one is not tried. */
	assert_num(recv(uinput[0], &(struct input_event){ 0 },
			sizeof(struct input_event), MSG_DONTWAIT),
		   sizeof(struct input_event));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_device_is_named_by_its_socket),
		T(events_of_all_devices_are_printed),
		T(only_so_many_frames_are_printed),
		T(one_more_frame_is_printed_only_without_a_limit),
		T(time_may_be_limited),
		T(contacts_are_printed_once_a_frame),
		T(the_last_device_that_ends_ends_it),
		T(a_wrong_buffer_ends_a_device),
		T(leds_are_set_at_the_start),
		T(locks_switch_leds_that_the_device_has),
		T(what_the_kernel_sets_goes_to_the_device),
		T(events_go_to_the_kernel),
		T(a_device_that_takes_no_status_has_ended),
	};

	return cmocka_run_group_tests_name("monitor-follow", tests, NULL, NULL);
}
