/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real guest, a real VMM, every shipped device:
 *
 *	test-guest PROGRAM GUEST_DIR SOCKET_DIR
 *
 * from the top of the source tree; tests/guest/run calls it so.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/scenario.h"

#define TIME_LIMIT_S  400
#define QUIET_MS      200
#define GUEST_DOWN_MS 700
#define ASLEEP_MS     500

static char **arguments;

static int set_up(void **state)
{
	fixture_init(arguments[1], arguments[2], arguments[3]);
	return 0;
}

static int tear_down(void **state)
{
	fixture_fini();
	return 0;
}

/* --- The devices are what was specified --- */

static bool starts_with(const char *line, const char *start)
{
	return !strncmp(line, start, strlen(start));
}

/*
 * A listing as it can be compared: the guest's kernel sets the range of
 * tracking IDs itself, and the times of key repeat where the spec has none.
 */
static char *comparable(const char *listing, bool repeat_times)
{
	char *copy = strdup(listing), *rest = copy, *line, *text = NULL;
	bool skipping = false;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	while ((line = strsep(&rest, "\n"))) {
		bool value = starts_with(line, "      ");

		if (value && skipping)
			continue;
		if (value && !repeat_times && starts_with(line, "      Value"))
			continue;
		skipping = strstr(line, "(ABS_MT_TRACKING_ID)") != NULL;
		if (line[0])
			fprintf(out, "%s\n", line);
	}
	fclose(out);
	free(copy);
	return text;
}

/* Return: whether the guest's listing is, or soon becomes, that of the spec. */
static bool is_as_specified(const struct device *dev)
{
	bool repeat_times = strstr(dev->spec, "      Value") != NULL;
	char *want = comparable(dev->spec, repeat_times), *got = NULL;
	bool same = false;

	for (long end = now_ms() + EVENT_MS; !same && now_ms() < end;) {
		char *listing = vm_ask(&vm, "print %d", dev->node);

		free(got);
		got = comparable(listing, repeat_times);
		free(listing);
		same = !strcmp(got, want);
	}
	if (!same)
		print_error("%s\n--- expected:\n%s--- the guest sees:\n%s",
			    dev->srv.spec, want, got);
	free(want);
	free(got);
	return same;
}

static void assert_all_as_specified(void)
{
	bool all = true;

	for (size_t i = 0; i < n_devices; i++)
		all &= is_as_specified(&devices[i]);
	assert_true(all);
}

static void guest_sees_each_device_as_its_spec_says(void **state)
{
	begin();
	assert_all_as_specified();
	done();
}

/* --- Events --- */

static void guest_reads_what_is_injected_into_each_device(void **state)
{
	static struct scenario sc;
	char path[512];

	begin();
	for (size_t i = 0; i < n_devices; i++) {
		snprintf(path, sizeof(path), "tests/guest/scenarios/%.200s.txt",
			 devices[i].srv.spec);
		scenario_read(&sc, path);
		server_inject(&devices[i].srv, sc.in, sc.n_in);
		assert_reads(&devices[i], sc.want, sc.n_want);
	}
	assert_reads_nothing_more();
	done();
}

/* Press and release, as frames of their own. */
static void assert_reads_both(const struct device *dev, uint16_t type,
			      uint16_t code)
{
	const struct vi_event ev[] = { vi_event(type, code, 1),
				       vi_event(EV_SYN, SYN_REPORT, 0),
				       vi_event(type, code, 0),
				       vi_event(EV_SYN, SYN_REPORT, 0) };

	server_inject(&dev->srv, ev, 4);
	assert_reads(dev, ev, 4);
}

/* With contacts, BTN_TOUCH and its like are not the injector's to say. */
static void guest_reads_every_key_and_switch_of_each_device(void **state)
{
	begin();
	for (size_t i = 0; i < n_devices; i++) {
		char *copy = strdup(devices[i].spec), *rest = copy, *line;
		unsigned int type = 0, code;

		while ((line = strsep(&rest, "\n"))) {
			sscanf(line, "  Event type %u", &type);
			if (sscanf(line, "    Event code %u", &code) != 1 ||
			    (type != EV_KEY && type != EV_SW))
				continue;
			if (code >= BTN_DIGI && code < BTN_GEAR_DOWN &&
			    strstr(devices[i].spec, "(ABS_MT_SLOT)"))
				continue;
			assert_reads_both(&devices[i], (uint16_t)type,
					  (uint16_t)code);
		}
		free(copy);
	}
	assert_reads_nothing_more();
	done();
}

static size_t add_contact_events(struct vi_event *ev, int slot, int id,
				 int move)
{
	size_t n = 0;

	ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, slot);
	if (id >= 0)
		ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, id);
	ev[n++] = vi_event(EV_ABS, ABS_MT_POSITION_X, 100 + 50 * slot + move);
	ev[n++] = vi_event(EV_ABS, ABS_MT_POSITION_Y, 200 + 30 * slot + move);
	return n;
}

/* Ten fingers come down and move twice: 100 events with SYN_REPORT last. */
static size_t ten_fingers(struct vi_event *ev)
{
	size_t n = 0;

	for (int move = 0; move < 3; move++)
		for (int slot = 0; slot < 10; slot++)
			n += add_contact_events(ev + n, slot,
						move ? -1 : 900 + slot, move);
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	return n;
}

static size_t only_mt(struct vi_event *ev, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (vi_is_syn_report(&ev[i]) ||
		    (vi_type(&ev[i]) == EV_ABS &&
		     vi_code(&ev[i]) >= ABS_MT_SLOT))
			ev[kept++] = ev[i];
	return kept;
}

/* QEMU's ring has 4 entries. */
static void guest_reads_a_frame_of_100_events_as_one(void **state)
{
	const struct device *dev;
	struct vi_event want[128], got[256];
	char *want_text, *got_text;
	size_t n;

	begin();
	dev = touchscreen();
	/* A tap leaves slot 0 selected, so that slots are told as injected. */
	inject(dev, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, "
		    "ABS_MT_POSITION_X 1, ABS_MT_POSITION_Y 1");
	inject(dev, "ABS_MT_TRACKING_ID -1");
	for (int i = 0; i < 2; i++)
		assert_true(vm_take_frame(&vm, dev->node, got, 256, EVENT_MS));
	n = ten_fingers(want);
	assert_int_equal(n, 101);
	server_inject(&dev->srv, want, n);
	/* The guest knows that its slot is 0 and leaves that out. */
	want_text = scenario_text(want + 1, n - 1);
	n = vm_take_frame(&vm, dev->node, got, 256, EVENT_MS);
	got_text = scenario_text(got, only_mt(got, n));
	assert_string_equal(got_text, want_text);
	free(got_text);
	free(want_text);

	for (int slot = 0; slot < 10; slot++) {
		char frame[64];

		snprintf(frame, sizeof(frame),
			 "ABS_MT_SLOT %d, ABS_MT_TRACKING_ID -1", slot);
		inject(dev, frame);
		n = vm_take_frame(&vm, dev->node, got, 256, EVENT_MS);
		assert_true(n > 0);
	}
	assert_reads_nothing_more();
	done();
}

/* --- Status --- */

static bool next_status(int fd, struct vi_event *ev, int timeout_ms)
{
	struct pollfd pfd = { fd, POLLIN, 0 };

	return poll(&pfd, 1, timeout_ms) > 0 &&
	       recv(fd, ev, sizeof(*ev), MSG_DONTWAIT) == sizeof(*ev);
}

static void assert_status(int fd, uint16_t code, int32_t value)
{
	struct vi_event ev;

	assert_true(next_status(fd, &ev, EVENT_MS));
	assert_int_equal(vi_type(&ev), EV_LED);
	assert_int_equal(vi_code(&ev), code);
	assert_int_equal(vi_value(&ev), value);
}

static void each_injector_sees_the_led_that_the_guest_sets(void **state)
{
	const struct vi_event press[] = { vi_event(EV_KEY, KEY_A, 1),
					  vi_event(EV_SYN, SYN_REPORT, 0),
					  vi_event(EV_KEY, KEY_A, 0),
					  vi_event(EV_SYN, SYN_REPORT, 0) };
	const struct device *dev;
	struct vi_event ev;
	int other;

	begin();
	dev = keyboard();
	other = server_connect(&dev->srv);
	assert_int_equal(send(other, press, sizeof(press), MSG_NOSIGNAL),
			 sizeof(press));
	assert_reads(dev, press, 4);
	while (next_status(dev->srv.inject_fd, &ev, 0))
		assert_true(vi_type(&ev) == EV_LED || vi_type(&ev) == EV_SND);

	for (int on = 1; on >= 0; on--) {
		free(vm_ask(&vm, "write %d %d %d %d", dev->node, EV_LED,
			    LED_CAPSL, on));
		assert_status(dev->srv.inject_fd, LED_CAPSL, on);
		assert_status(other, LED_CAPSL, on);
	}
	assert_false(next_status(dev->srv.inject_fd, &ev, QUIET_MS));
	assert_false(next_status(other, &ev, 0));
	close(other);
	done();
}

/* --- The guest's life --- */

static void guest_that_slept_is_told_what_happened_meanwhile(void **state)
{
	const struct device *dev;

	begin();
	dev = keyboard();
	inject(dev, "KEY_E 1");
	inject(dev, "KEY_F 1");
	assert_state(dev, "1 18 1\n1 33 1\n");
	vm_send(&vm, "suspend");
	usleep(ASLEEP_MS * 1000);
	inject(dev, "KEY_F 0");
	free(vm_answer(&vm));
	assert_state(dev, "1 18 1\n");
	inject(dev, "KEY_E 0");
	assert_state(dev, "");
	vm.n_events = 0;
	inject(dev, "KEY_G 1");
	assert_reads_frame(dev, "KEY_G 1");
	inject(dev, "KEY_G 0");
	assert_reads_frame(dev, "KEY_G 0");
	done();
}

/* Type a key into a guest that is not there. */
static void type_ten_times(const struct device *dev)
{
	for (int i = 0; i < 10; i++) {
		inject(dev, "KEY_B 1");
		inject(dev, "KEY_B 0");
	}
}

static void guest_that_reboots_is_told_what_is_and_not_what_was(void **state)
{
	begin();
	inject(keyboard(), "KEY_G 1");
	assert_state(keyboard(), "1 34 1\n");
	vm_send(&vm, "reboot");
	usleep(GUEST_DOWN_MS * 1000);
	type_ten_times(keyboard());
	inject(lid(), "SW_LID 1");
	vm_wait_ready(&vm, n_devices);
	find_nodes();
	assert_state(keyboard(), "1 34 1\n");
	assert_state(lid(), "5 0 1\n");
	assert_int_equal(times_told(keyboard(), "KEY_G 1"), 1);
	assert_int_equal(times_told(keyboard(), "KEY_B 1"), 0);
	vm.n_events = 0;
	inject(keyboard(), "KEY_G 0");
	assert_reads_frame(keyboard(), "KEY_G 0");
	inject(lid(), "SW_LID 0");
	assert_reads_frame(lid(), "SW_LID 0");
	assert_reads_nothing_more();
	done();
}

static void devices_serve_a_qemu_that_follows_a_killed_one(void **state)
{
	begin();
	inject(keyboard(), "KEY_H 1");
	assert_state(keyboard(), "1 35 1\n");
	vm_kill(&vm);
	type_ten_times(keyboard());
	inject(keyboard(), "KEY_H 0");
	inject(lid(), "SW_LID 1");
	boot();
	assert_all_as_specified();
	assert_state(lid(), "5 0 1\n");
	assert_state(keyboard(), "");
	assert_int_equal(times_told(keyboard(), "KEY_B 1"), 0);
	assert_int_equal(times_told(keyboard(), "KEY_H 1"), 0);
	vm.n_events = 0;
	inject(lid(), "SW_LID 0");
	assert_reads_frame(lid(), "SW_LID 0");
	inject(keyboard(), "KEY_J 1");
	assert_reads_frame(keyboard(), "KEY_J 1");
	inject(keyboard(), "KEY_J 0");
	assert_reads_frame(keyboard(), "KEY_J 0");
	assert_reads_nothing_more();
	done();
}

static void servers_end_well_on_sigterm_while_a_guest_runs(void **state)
{
	begin();
	for (size_t i = 0; i < n_devices; i++) {
		int status = server_stop(&devices[i].srv);

		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_int_not_equal(access(devices[i].srv.socket, F_OK), 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guest_sees_each_device_as_its_spec_says),
		cmocka_unit_test(guest_reads_what_is_injected_into_each_device),
		cmocka_unit_test(guest_reads_a_frame_of_100_events_as_one),
		cmocka_unit_test(
			each_injector_sees_the_led_that_the_guest_sets),
		cmocka_unit_test(
			guest_reads_every_key_and_switch_of_each_device),
		cmocka_unit_test(
			guest_that_slept_is_told_what_happened_meanwhile),
		cmocka_unit_test(
			guest_that_reboots_is_told_what_is_and_not_what_was),
		cmocka_unit_test(
			devices_serve_a_qemu_that_follows_a_killed_one),
		cmocka_unit_test(
			servers_end_well_on_sigterm_while_a_guest_runs),
	};

	if (argc != 4) {
		fprintf(stderr, "usage: test-guest PROGRAM GUEST_DIR "
				"SOCKET_DIR\n");
		return 2;
	}
	arguments = argv;
	/* What was started dies with this process: die_with_parent(). */
	alarm(TIME_LIMIT_S);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
