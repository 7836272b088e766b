/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inject-run.h and inject-device.h: several devices, waiting, and what is said
 * when something fails. Servers are the test's, and so is time.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "injector/inject/inject-run.h"
#include "injector/libvinject/vinject-handle.h"
#include "input/device/control.h"
#include "input/spec/spec.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/fake-server.h"

#define MS INT64_C(1000000)

static struct inject_run run;
static struct fake_server *server[2];
static size_t n_servers;

/* --- time, which passes while somebody waits --- */

static int64_t now_ns;
static int64_t waited_ns; /* for what was waited last */
static int waits;
static void (*while_waiting)(void); /* in each wait */
static int pair_error;

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,
 *	       bugprone-reserved-identifier) */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	if (clock != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, clock, now);
	*now = (struct timespec){ now_ns / (1000 * MS), now_ns % (1000 * MS) };
	return 0;
}

int poll(struct pollfd *p, nfds_t n, int ms)
{
	const int r = (int)syscall(SYS_poll, p, n, 0);

	if (!r)
		now_ns += ms * MS;
	return r;
}

int ppoll(struct pollfd *p, nfds_t n, const struct timespec *most,
	  const sigset_t *mask)
{
	waited_ns = most->tv_sec * 1000 * MS + most->tv_nsec;
	waits++;
	if (while_waiting)
		while_waiting();
	else
		now_ns += waited_ns;
	return 0;
}

/* What it is where the compiler knows the size of the array. */
int __ppoll_chk(struct pollfd *p, nfds_t n, const struct timespec *most,
		const sigset_t *mask, size_t size);

int __ppoll_chk(struct pollfd *p, nfds_t n, const struct timespec *most,
		const sigset_t *mask, size_t size)
{
	return ppoll(p, n, most, mask);
}

int socketpair(int domain, int type, int protocol, int fd[2])
{
	errno = pair_error;
	return pair_error ? -1
			  : (int)syscall(SYS_socketpair, domain, type, protocol,
					 fd);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name,
 *	     bugprone-reserved-identifier) */

static int setup(void **state)
{
	now_ns = 5000 * MS;
	waits = 0;
	n_servers = 0;
	while_waiting = NULL;
	pair_error = 0;
	inject_run_init(&run, INJECT_MODE_REAL, NULL);
	run.rules = (struct inject_rules){ .guest_ms = 10000, .read_ms = 7 };
	return 0;
}

static int teardown(void **state)
{
	inject_run_fini(&run);
	for (size_t i = 0; i < n_servers; i++) {
		server[i]->v = NULL; /* the run's */
		fake_server_free(server[i]);
	}
	return 0;
}

/* One more device of the run, "a" or "b". */
static struct fake_server *add_device(void)
{
	static const char *const names[] = { "a", "b" };
	struct fake_server *s = fake_server_new(SOCK_STREAM);
	struct inject_device *d = &run.device[run.n_devices];

	if (!run.rules.off)
		fake_server_greet(s);
	*d = (struct inject_device){ .name = strdup(names[run.n_devices]),
				     .v = s->v,
				     .other_end = -1 };
	assert_ok(inject_receipt_begin(&d->receipt, s->v, &run.rules));
	inject_receipt_command(&d->receipt);
	vinject_set_timeout(s->v, run.rules.read_ms);
	run.n_devices++;
	run.to = d;
	server[n_servers++] = s;
	return s;
}

static void press(uint16_t key)
{
	if (inject_run_key(&run, key, true))
		fail_msg("%s", run.fault.text);
}

/* The servers answer the last receipt that they have read. */
static void servers_answer(void)
{
	now_ns += 3 * MS;
	for (size_t i = 0; i < n_servers; i++) {
		const unsigned int owed = vinject_owed(server[i]->v);

		if (!owed)
			continue;
		fake_server_reads(server[i], NULL);
		fake_server_answers(server[i],
				    server[i]->v->control.owed.next - 1);
	}
}

/* --- without devices --- */

static const struct {
	const char *event, *fault;
} rehearsed[] = {
	{ "KEY_A 1", NULL },
	{ "KEY_B 0", "the device has no KEY_B" },
	{ "MSC_SCAN 1", NULL },
	{ "REL_WHEEL_HI_RES 1", NULL },
	{ "REL_WHEEL 1", "the device has no REL_WHEEL" },
	{ "LED_CAPSL 1", NULL },
	{ "SW_LID 77", NULL }, /* no axis */
	{ "ABS_X -3", NULL },
	{ "ABS_X 7", NULL },
	{ "ABS_X -4", "ABS_X -4 is outside the device's range -3..7" },
	{ "ABS_X 8", "ABS_X 8 is outside the device's range -3..7" },
	{ "ABS_Y 8", NULL }, /* without a range */
	{ "ABS_Z 8", NULL }, /* whatever it is */
	{ "ABS_MT_SLOT 2", "ABS_MT_SLOT 2 is outside the device's range 0..1" },
	{ "ABS_MT_TRACKING_ID 99", NULL },
};

static void rehearse_event(struct spec *spec, struct vi_event ev,
			   const char *fault)
{
	inject_run_init(&run, INJECT_MODE_REHEARSE, NULL);
	run.spec = spec;
	assert_ok(inject_run_to(&run, ""));
	assert_ok(inject_run_event(&run, &ev));
	assert_rc(inject_run_frame(&run), fault ? -EINVAL : 0);
	assert_string_equal(run.fault.text, fault ? fault : "");
	inject_run_fini(&run);
}

static void rehearse(struct spec *spec, const char *event, const char *fault)
{
	struct vi_event ev[2];

	event_text_read(event, ev, 2);
	rehearse_event(spec, ev[0], fault);
}

static void what_the_spec_does_not_have_is_a_fault(void **state)
{
	struct spec spec = { .name = "x" };

	event_text_device("KEY_A, SW_LID, ABS_X -3..7, ABS_Y 0..0, ABS_Z 0..1, "
			  "ABS_MT_SLOT 0..1, ABS_MT_TRACKING_ID 0..9",
			  &spec);
	spec.abs[ABS_Z].unclamped = true;
	for (size_t i = 0; i < ARRAY_LEN(rehearsed); i++)
		rehearse(&spec, rehearsed[i].event, rehearsed[i].fault);
	rehearse_event(&spec, vi_event(EV_KEY, 766, 1),
		       "the device has no such event");
	/* Without slots their codes are axes like others. */
	bit_set(spec.bits[EV_ABS], ABS_MT_SLOT - 1);
	spec.abs[ABS_MT_SLOT - 1].max = 1;
	rehearse(&spec, "ABS_MT_TRACKING_ID 10",
		 "ABS_MT_TRACKING_ID 10 is outside the device's range 0..9");
}

static void a_dry_run_names_its_devices_if_there_are_several(void **state)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	inject_run_init(&run, INJECT_MODE_DRY, out);
	assert_num(run.due_ns, 0);
	assert_ok(inject_run_to(&run, "a"));
	press(KEY_A);
	run.due_ns += 1500 * MS;
	press(KEY_B);
	assert_ok(inject_run_to(&run, "b"));
	press(KEY_C);
	press(KEY_D);
	assert_ok(inject_run_to(&run, "a"));
	press(KEY_E);
	assert_num(run.n_devices, 2);
	fclose(out);
	assert_string_equal(text, "# vinput recording 1\n"
				  "0.000000 KEY_A=1\n1.500000 KEY_B=1\n"
				  "# b\n1.500000 KEY_C=1\n1.500000 KEY_D=1\n"
				  "# a\n1.500000 KEY_E=1\n");
	free(text);
	assert_num(waits, 0);
}

static void a_run_has_so_many_devices(void **state)
{
	char name[8];

	run.mode = INJECT_MODE_DRY;
	for (int i = 0; i < INJECT_DEVICES_MAX; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_ok(inject_run_to(&run, name));
		assert_ptr_equal(run.to, &run.device[i]);
	}
	assert_ok(inject_run_to(&run, "7"));
	assert_ptr_equal(run.to, &run.device[7]);
	assert_rc(inject_run_to(&run, "x"), -EMFILE);
	assert_string_equal(run.fault.text, "more than 64 devices");
	assert_ptr_equal(run.to, &run.device[7]);
}

static void without_a_socketpair_nothing_is_opened(void **state)
{
	run.mode = INJECT_MODE_DRY;
	pair_error = ENFILE;
	assert_rc(inject_run_to(&run, "x"), -ENFILE);
	assert_string_equal(run.fault.text, strerror(ENFILE));
	assert_num(run.n_devices, 0);
	assert_null(run.to);
}

/* --- receipts of several devices --- */

static void a_command_ends_when_all_devices_have_answered(void **state)
{
	add_device();
	press(KEY_A);
	add_device();
	press(KEY_B);
	while_waiting = servers_answer;
	run.to = &run.device[0];
	assert_ok(inject_run_settle(&run));
	assert_ptr_equal(run.to, &run.device[0]);
	for (size_t i = 0; i < 2; i++) {
		assert_false(inject_receipt_owed(&run.device[i].receipt));
		assert_num(run.device[i].receipt.taken.frames, 1);
	}
	inject_run_begin(&run);
	for (size_t i = 0; i < 2; i++)
		assert_num(run.device[i].receipt.taken.frames, 0);
	/* Nothing is owed. */
	waits = 0;
	assert_ok(inject_run_settle(&run));
	assert_num(waits, 0);
}

static void a_server_that_ends_ends_the_command(void **state)
{
	add_device();
	press(KEY_A);
	add_device();
	press(KEY_B);
	fake_server_reads(server[0], NULL);
	fake_server_answers(server[0], 1);
	fake_server_ends(server[1]);
	assert_rc(inject_run_settle(&run), -EPIPE);
	assert_string_equal(run.fault.text,
			    "b: the device closed the connection; the guest's "
			    "driver took none of 1 frames, and whether it has "
			    "more is not known");
}

/* A guest may take nothing for so long; the earliest limit counts. */
static void a_guest_that_takes_nothing_ends_the_command(void **state)
{
	add_device();
	press(KEY_A);
	now_ns += 4000 * MS;
	add_device();
	press(KEY_B);
	run.to = &run.device[1];
	assert_rc(inject_run_settle(&run), -ETIMEDOUT);
	assert_num(waits, 1);
	assert_num(waited_ns, 6000 * MS);
	/* Nor is the withdrawal answered. */
	assert_num(now_ns, 16000 * MS);
	assert_string_equal(run.fault.text,
			    "a: the guest's driver took none of 1 frames; it "
			    "took nothing for 10000 ms, and whether it has "
			    "more is not known");
}

static void a_full_frame_is_asked_for_by_another_one(void **state)
{
	struct fake_server *s = add_device();
	const struct vi_event ev = vi_event(EV_MSC, MSC_RAW, 1);

	add_device();
	run.to = &run.device[0];
	while_waiting = servers_answer;
	for (int i = 0; i < VINJECT_FRAME_MAX; i++)
		assert_ok(inject_run_event(&run, &ev));
	assert_rc(inject_run_event(&run, &ev), -EMSGSIZE);
	assert_string_equal(run.fault.text,
			    "a: more than 4096 events in a frame");
	/* As much of it at a time as there is space for. */
	vinject_set_timeout(s->v, 0);
	assert_true(vinject_frame(s->v) >= 0);
	while (vinject_flush(s->v))
		fake_server_drains(s);
	fake_server_drains(s);
	run.device[0].receipt.unasked = true;
	run.to = &run.device[1];
	assert_ok(inject_run_settle(&run));
	assert_num(s->n_wire, 1);
	assert_num(waits, 1);
	assert_ptr_equal(run.to, &run.device[1]);
}

/* --- time --- */

static void frames_wait_until_others_are_taken(void **state)
{
	add_device();
	now_ns += 20 * MS;
	while_waiting = servers_answer;
	for (unsigned int i = 0; i < INJECT_WINDOW; i++) {
		assert_ok(inject_run_key(&run, KEY_A, !(i & 1)));
		fake_server_reads(server[0], NULL);
	}
	assert_num(waits, 0);
	assert_num(run.late_ns, 0);
	press(KEY_A);
	assert_num(waits, 1);
	/* It was late by then, and what follows keeps its distance. */
	assert_num(run.late_ns, 23 * MS);
	while_waiting = NULL;
	fake_server_reads(server[0], NULL);
	fake_server_answers(server[0], INJECT_WINDOW + 1);
	assert_ok(inject_run_sleep(&run, 2 * MS));
	assert_num(waited_ns, 2 * MS);
	assert_num(run.due_ns, 5002 * MS);
	assert_num(now_ns, 5025 * MS);
	/* The user's next command does not make up for that. */
	inject_run_catch_up(&run);
	assert_num(run.due_ns, 5025 * MS);
	assert_num(run.late_ns, 0);
	now_ns += 9 * MS;
	inject_run_catch_up(&run);
	assert_num(run.due_ns, now_ns);
	run.due_ns += 5 * MS;
	inject_run_catch_up(&run);
	assert_num(run.due_ns, now_ns + 5 * MS);
}

static void a_time_that_has_passed_is_not_waited_for(void **state)
{
	add_device();
	assert_num(run.due_ns, now_ns);
	assert_ok(inject_run_until(&run, now_ns));
	assert_num(waits, 0);
	assert_ok(inject_run_until(&run, now_ns + 1));
	assert_num(waits, 1);
	assert_num(waited_ns, 1);
	assert_ok(inject_run_sleep(&run, 1500 * MS));
	assert_num(waited_ns, 1500 * MS);
	fake_server_ends(server[0]);
	assert_rc(inject_run_sleep(&run, MS), -EPIPE);
	run.mode = INJECT_MODE_DRY;
	waits = 0;
	assert_ok(inject_run_sleep(&run, MS));
	assert_num(waits, 0);
	inject_run_catch_up(&run);
	assert_num(run.due_ns, now_ns + MS);
}

/* --- devices that do not read --- */

static void a_device_that_reads_nothing_is_reported(void **state)
{
	int r;

	run.rules.off = true;
	add_device();
	do
		r = inject_run_key(&run, KEY_A, true);
	while (!r);
	assert_rc(r, -ETIMEDOUT);
	assert_string_equal(run.fault.text,
			    "a: the device read nothing for 7 ms");
	assert_rc(inject_run_drain(&run), -ETIMEDOUT);
	assert_string_equal(run.fault.text, "a: the device did not read "
					    "everything within 7 ms");
	fake_server_drains(server[0]);
	while (vinject_flush(server[0]->v))
		fake_server_drains(server[0]);
	fake_server_drains(server[0]);
	assert_ok(inject_run_drain(&run));
	press(KEY_A);
	run.mode = INJECT_MODE_DRY;
	assert_ok(inject_run_drain(&run));
	run.mode = INJECT_MODE_REAL;
	fake_server_ends(server[0]);
	assert_rc(inject_run_drain(&run), -EPIPE);
}

static void receipts_say_what_was_read(void **state)
{
	add_device();
	press(KEY_A);
	assert_ok(inject_run_drain(&run));
}

/* --- the device as it is found --- */

static void leds_are_asked_for_once(void **state)
{
	const struct vi_event led = vi_event(EV_LED, LED_CAPSL, 1);

	run.rules.off = true;
	add_device();
	assert_num(send(server[0]->fd, &led, sizeof(led), 0), sizeof(led));
	run.mode = INJECT_MODE_DRY;
	assert_ok(inject_run_learn_leds(&run));
	fake_server_reads(server[0], "");
	run.mode = INJECT_MODE_REAL;
	/* One that does not read is left alone. */
	assert_ok(inject_run_learn_leds(&run));
	assert_num(now_ns, 5007 * MS);
	fake_server_reads(server[0], "SYN, SYN");
	assert_true(vinject_led(run.to->v, LED_CAPSL));
	assert_ok(inject_run_learn_leds(&run));
	fake_server_reads(server[0], "");
	fake_server_ends(server[0]);
	assert_rc(inject_run_learn_leds(&run), -EPIPE);
	run.device[0].leds_known = false;
	assert_rc(inject_run_learn_leds(&run), -EPIPE);
}

static void keys_of_other_programs_are_asked_for(void **state)
{
	unsigned int held = 7;

	add_device();
	fake_server_reads(server[0], "");
	assert_ok(inject_run_held_by_others(&run, &held));
	assert_num(held, 0);
	assert_num(now_ns, 5500 * MS); /* an answer would have come */
	fake_server_reads(server[0], "HELD, SYN");
	fake_server_says(server[0], CONTROL_HELD, 0, VINJECT_LEFT_ALT);
	assert_ok(inject_run_held_by_others(&run, &held));
	assert_num(held, VINJECT_LEFT_ALT);
	run.mode = INJECT_MODE_DRY;
	assert_ok(inject_run_held_by_others(&run, &held));
	assert_num(held, 0);
	run.mode = INJECT_MODE_REAL;
	run.device[0].receipt.on = false;
	assert_ok(inject_run_held_by_others(&run, &held));
	fake_server_reads(server[0], "");
	run.device[0].receipt.on = true;
	fake_server_ends(server[0]);
	assert_rc(inject_run_held_by_others(&run, &held), -EPIPE);
	assert_false(inject_run_holds(&run, KEY_A));
}

static void what_is_held_is_known(void **state)
{
	add_device();
	press(KEY_A);
	assert_true(inject_run_holds(&run, KEY_A));
	assert_false(inject_run_holds(&run, KEY_B));
	fake_server_reads(server[0], NULL);
	assert_ok(inject_run_release(&run));
	fake_server_reads(server[0], "KEY 30 0, RECEIPT 2, SYN");
	assert_false(inject_run_holds(&run, KEY_A));
}

/* --- errors --- */

static void an_error_is_the_devices(void **state)
{
	struct fault f = { "" };

	add_device();
	assert_num(inject_device_check(run.to, 3, &f), 3);
	assert_string_equal(f.text, "");
	assert_rc(inject_device_check(run.to, -ENOSPC, &f), -ENOSPC);
	assert_string_equal(f.text,
			    "a: more contacts than the device has slots");
	assert_rc(inject_device_check(run.to, -EIO, &f), -EIO);
	assert_string_equal(f.text, "a: Input/output error");
	assert_num(inject_run_check(&run, 3), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_the_spec_does_not_have_is_a_fault),
		T(a_dry_run_names_its_devices_if_there_are_several),
		T(a_run_has_so_many_devices),
		T(without_a_socketpair_nothing_is_opened),
		T(a_command_ends_when_all_devices_have_answered),
		T(a_server_that_ends_ends_the_command),
		T(a_guest_that_takes_nothing_ends_the_command),
		T(a_full_frame_is_asked_for_by_another_one),
		T(frames_wait_until_others_are_taken),
		T(a_time_that_has_passed_is_not_waited_for),
		T(a_device_that_reads_nothing_is_reported),
		T(receipts_say_what_was_read),
		T(leds_are_asked_for_once),
		T(keys_of_other_programs_are_asked_for),
		T(what_is_held_is_known),
		T(an_error_is_the_devices),
	};

	return cmocka_run_group_tests_name("inject-run", tests, NULL, NULL);
}
