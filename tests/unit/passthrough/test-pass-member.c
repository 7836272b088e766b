/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pass-member.h: a device that comes, goes and comes back. What finds, opens
 * and passes it on is the test's.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "injector/passthrough/pass-member.h"
#include "input/base/clock.h"
#include "tests/lib/bit.h"
#include "tests/lib/check.h"
#include "tests/lib/log-lines.h"

#define PATH "/dev/input/event3"

static struct world {
	struct pass_options o;
	struct pass_member m;
	struct spec device; /* what the node is */
	struct pass_outlet outlet[2];
	int find, confirm, open; /* what these return */
	const char *why;	 /* that nothing is found */
	bool read_only, tells;
	unsigned int inits, opens, closes, starts, gives, stops;
	unsigned int came, left, changed, ended;
	int error; /* with which it ended */
} w;

/* --- in place of pass-plug --- */

void pass_plug_init(struct pass_plug *p)
{
	strcpy(p->path, PATH);
	w.inits++;
}

int pass_plug_find(struct pass_plug *p, const struct pass_seen *seen,
		   struct fault *why)
{
	snprintf(why->text, sizeof(why->text), "%s", w.find ? w.why : "");
	return w.find;
}

int pass_plug_confirm(const struct pass_plug *p)
{
	return w.confirm;
}

void pass_plug_look(struct pass_plug *p, const struct pass_seen *seen)
{
	p->id.by_place = true;
}

/* --- in place of pass-device --- */

void pass_device_init(struct pass_device *d)
{
	d->node.fd = -1;
}

int pass_device_open(struct pass_device *d, struct fault *why)
{
	w.opens++;
	if (w.open)
		return fault_errno(why, w.open, PATH ": cannot be opened");
	d->node.fd = 1000;
	d->node.spec = w.device;
	d->node.writable = !w.read_only;
	return 0;
}

void pass_device_start(struct pass_device *d, bool to_guest)
{
	assert_num(to_guest, w.m.to_guest);
	w.starts++;
}

void pass_device_give(struct pass_device *d, bool to_guest)
{
	assert_num(to_guest, w.m.to_guest);
	w.gives++;
}

void pass_device_stop(struct pass_device *d)
{
	w.stops++;
}

void pass_device_close(struct pass_device *d)
{
	d->node.fd = -1;
	w.closes++;
}

/* --- its owner --- */

static void note_came(struct pass_member *m)
{
	assert_false(m->present);
	w.came++;
}

static void note_left(struct pass_member *m)
{
	assert_false(m->present);
	w.left++;
}

static bool note_changed(struct pass_member *m)
{
	w.changed++;
	return w.tells;
}

static void note_ended(struct pass_member *m, int error)
{
	w.ended++;
	w.error = error;
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	w.why = "";
	strcpy(w.device.name, "Pad");
	bit_set(w.device.bits[EV_ABS], ABS_X);
	bit_set(w.device.bits[EV_ABS], ABS_Y);
	w.o.action = PASS_TO;
	w.m = (struct pass_member){ .o = &w.o,
				    .number = 7,
				    .came = note_came,
				    .left = note_left,
				    .changed = note_changed,
				    .ended = note_ended };
	log_lines_take();
	pass_member_init(&w.m, ev_loop_new(EVFLAG_AUTO), PATH);
	w.m.spec = w.device;
	w.m.plug.id.entry.kinds = PASS_MOUSE;
	assert_num(w.inits, 1);
	assert_num(w.m.device.number, 7);
	return 0;
}

static int teardown(void **state)
{
	w.closes = 0;
	pass_member_fini(&w.m);
	assert_num(w.closes, 1);
	assert_false(w.m.running || w.m.present || ev_is_active(&w.m.again));
	ev_loop_destroy(w.m.device.loop);
	log_lines_release();
	return 0;
}

#define WAITING "waiting for " PATH "\n"

static void start(void)
{
	pass_member_start(&w.m);
	assert_logged(WAITING);
	assert_true(w.m.present);
}

static void expect_try_in_ms(unsigned int ms)
{
	assert_true(ev_is_active(&w.m.again));
	assert_num(lround(w.m.again.repeat * 1000), ms);
}

static void expire(void)
{
	ev_invoke(w.m.device.loop, &w.m.again, EV_TIMER);
}

/* --- coming --- */

static void what_comes_is_passed_on(void **state)
{
	w.m.outlet[1] = &w.outlet[1];
	pass_member_give(&w.m, true, 1);
	assert_num(w.gives, 0);
	w.m.device.outlet = NULL;
	start();
	assert_num(w.came, 1);
	assert_num(w.starts, 1);
	assert_ptr_equal(w.m.device.outlet, &w.outlet[1]);
	assert_num(w.m.device.grab, PASS_GRAB_WAIT);
	assert_false(ev_is_active(&w.m.again));
	/* It is there already. */
	pass_member_look(&w.m, NULL);
	assert_num(w.starts, 1);

	pass_member_give(&w.m, false, 0);
	assert_num(w.gives, 1);
	assert_null(w.m.device.outlet);
	pass_member_set_outlet(&w.m, 1, NULL);
	assert_num(w.gives, 1);
	pass_member_set_outlet(&w.m, 0, &w.outlet[0]);
	assert_num(w.gives, 2);
	assert_ptr_equal(w.m.device.outlet, &w.outlet[0]);
	pass_member_stop(&w.m);
	assert_num(w.stops, 1);
	pass_member_look(&w.m, NULL);
	assert_num(w.starts, 1);
}

static void switches_stay_the_hosts_unless_they_are_grabbed(void **state)
{
	static const struct {
		unsigned int kinds;
		bool known, has_grab;
		enum pass_grab grab;
	} rows[] = {
		{ PASS_SWITCH, true, false, PASS_GRAB_NONE },
		{ PASS_SWITCH, true, true, PASS_GRAB_NOW },
		{ PASS_SWITCH, false, false, PASS_GRAB_NOW },
		{ PASS_SWITCH | PASS_KEYS, true, false, PASS_GRAB_NOW },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		w.m.grab = PASS_GRAB_NOW;
		w.m.has_grab = rows[i].has_grab;
		w.m.plug.known = rows[i].known;
		w.m.plug.id.entry.kinds = rows[i].kinds;
		pass_member_start(&w.m);
		assert_num(w.m.device.grab, rows[i].grab);
		assert_logged(rows[i].grab == PASS_GRAB_NONE ? WAITING PATH
				      ": the host keeps \"Pad\" as well\n"
							     : WAITING);
		pass_member_stop(&w.m);
		pass_device_close(&w.m.device);
	}
}

static void it_has_chords_that_it_has_the_keys_of(void **state)
{
	struct fault why;

	bit_set(w.m.spec.bits[EV_KEY], KEY_A);
	w.device = w.m.spec;
	assert_ok(pass_chord_read(&w.o.chord[PASS_TOGGLE], "a", &why));
	assert_ok(pass_chord_read(&w.o.chord[PASS_EXIT], "a+b", &why));
	assert_num(pass_member_lacks(&w.m, &w.o.chord[PASS_TOGGLE]), -1);
	assert_num(pass_member_lacks(&w.m, &w.o.chord[PASS_EXIT]), KEY_B);
	start();
	assert_num(w.m.device.chord[PASS_TOGGLE].n, 1);
	assert_num(w.m.device.chord[PASS_EXIT].n, 0);
}

/* --- what it is --- */

#define OTHER "host: " PATH ": \"Pad\" has other "
#define TOLD  " than the guest was told"

static void a_difference_is_told_to_the_guests(void **state)
{
	struct spec_abs *const y = &w.device.abs[ABS_Y];
	int32_t *const members[] = { &y->min, &y->max, &y->fuzz, &y->flat,
				     &y->res };

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		*members[i] += 1;
		pass_member_start(&w.m);
		assert_logged(WAITING OTHER "ranges of axes" TOLD "\n");
		assert_num(w.changed, i + 1);
		assert_false(w.m.spec.abs[ABS_Y].min == y->min &&
			     w.m.spec.abs[ABS_Y].max == y->max &&
			     w.m.spec.abs[ABS_Y].res == y->res &&
			     w.m.spec.abs[ABS_Y].fuzz == y->fuzz &&
			     w.m.spec.abs[ABS_Y].flat == y->flat);
		*members[i] -= 1;
		pass_member_stop(&w.m);
		pass_device_close(&w.m.device);
	}
	/* Of an axis that it lacks, nothing matters. */
	w.device.abs[ABS_Z].max = 5;
	start();
	pass_member_stop(&w.m);
	pass_device_close(&w.m.device);

	w.tells = true;
	bit_set(w.device.bits[EV_KEY], KEY_A);
	pass_member_start(&w.m);
	assert_logged(WAITING OTHER "events" TOLD
				    "; its next driver finds them\n");
	assert_true(bit_test(w.m.spec.bits[EV_KEY], KEY_A));
	pass_member_stop(&w.m);
	pass_device_close(&w.m.device);

	/* What a file says stays. */
	w.changed = 0;
	w.m.from_file = true;
	bit_set(w.device.props, INPUT_PROP_DIRECT);
	pass_member_start(&w.m);
	assert_logged(WAITING OTHER "events" TOLD "\n");
	assert_num(w.changed, 0);
}

static void what_nobody_was_told_is_learned(void **state)
{
	w.m.untold = true;
	bit_set(w.device.bits[EV_KEY], KEY_A);
	start();
	assert_true(bit_test(w.m.spec.bits[EV_KEY], KEY_A));
	assert_false(w.m.untold);
}

static void it_is_learned_from_the_device_or_a_file(void **state)
{
	w.m.spec = (struct spec){ .name = "" };
	assert_ok(pass_member_open(&w.m, NULL));
	assert_string_equal(w.m.spec.name, "Pad");
	assert_false(w.m.from_file);
	assert_logged("");
	w.read_only = true;
	assert_ok(pass_member_open(&w.m, NULL));
	assert_logged("host: " PATH ": no permission to write: its LEDs stay "
		      "as they are\n");
	pass_member_start(&w.m);
	assert_logged("");
	assert_true(w.m.present);
	w.open = -EIO;
	assert_rc(pass_member_open(&w.m, NULL), -EIO);
	assert_logged(PATH ": cannot be opened\n");
}

/* --- waiting --- */

static void one_that_never_came_is_awaited(void **state)
{
	static const struct {
		int find, open;
	} rows[] = { { -ENODEV, 0 }, { 0, -ENODEV }, { 0, -ENOENT } };

	w.why = "no such device";
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		w.find = rows[i].find;
		w.open = rows[i].open;
		pass_member_start(&w.m);
		assert_logged(WAITING);
		assert_false(w.m.present || ev_is_active(&w.m.again));
	}
}

static void why_it_is_not_found_is_said_once(void **state)
{
	w.m.plug.known = true;
	w.find = -ENODEV;
	w.why = "a stranger";
	pass_member_start(&w.m);
	assert_logged(WAITING "host: a stranger\n");
	pass_member_look(&w.m, NULL);
	assert_logged("");
	w.why = "another stranger";
	pass_member_look(&w.m, NULL);
	assert_logged("host: another stranger\n");
	w.why = "";
	pass_member_look(&w.m, NULL);
	assert_logged("");
}

static void one_that_cannot_be_opened_is_tried_again(void **state)
{
	w.m.plug.known = true;
	w.open = -EACCES;
	pass_member_start(&w.m);
	assert_logged(WAITING);
	for (unsigned int ms = 20; ms <= 640; ms *= 2) {
		expect_try_in_ms(ms);
		assert_logged("");
		expire();
	}
	assert_logged("host: " PATH ": cannot be opened\n");
	assert_false(ev_is_active(&w.m.again));
	/* Something has changed on the host. */
	pass_member_look(&w.m, NULL);
	expect_try_in_ms(20);
	w.open = 0;
	expire();
	assert_true(w.m.present);
	assert_false(ev_is_active(&w.m.again));
}

static void one_that_went_while_it_was_opened_is_closed(void **state)
{
	w.m.plug.known = true;
	w.confirm = -ENODEV;
	pass_member_start(&w.m);
	assert_num(w.opens, 1);
	assert_num(w.closes, 1);
	assert_false(w.m.present);
	expect_try_in_ms(20);
	assert_logged(WAITING);
}

/* --- going --- */

static void end(int error)
{
	w.closes = 0;
	w.m.device.owner->ended(&w.m.device, error);
	assert_num(w.closes, 1);
	assert_false(w.m.present);
}

#define UNPLUGGED                                                        \
	"host: " PATH ": \"Pad\" was unplugged, or access was revoked; " \
	"waiting until it is back\n"

static void one_that_was_unplugged_is_waited_for(void **state)
{
	w.m.plug.known = true;
	start();
	w.m.tries = 3;
	end(-ENODEV);
	assert_logged(UNPLUGGED);
	assert_num(w.left, 1);
	/* It fluttered: the fourth try. */
	expect_try_in_ms(160);
	expire();
	assert_true(w.m.present);
	assert_true(clock_s() - w.m.present_at_s < 60);
	w.m.present_at_s -= 2;
	end(-ENODEV);
	expect_try_in_ms(20);
	assert_logged(UNPLUGGED);
	/* Of a launcher it waits as well. */
	w.m.on_unplug = PASS_REMOVE;
	w.o.action = PASS_DIR;
	end(-ENODEV);
	assert_logged(UNPLUGGED);
	assert_num(w.left, 3);
	assert_num(w.ended, 0);
}

static void one_that_cannot_return_ends(void **state)
{
	w.m.plug.known = true;
	start();
	end(-EIO);
	assert_logged("host: " PATH ": Input/output error\n");
	assert_num(w.error, -EIO);
	w.m.on_unplug = PASS_REMOVE;
	end(-ENODEV);
	assert_logged("host: " PATH ": unplugged, or access was revoked\n");
	assert_num(w.ended, 2);
	w.m.plug.known = false;
	w.m.on_unplug = PASS_STAY;
	end(-ENODEV);
	assert_logged("host: " PATH ": unplugged, or access was revoked\n");
	assert_num(w.ended, 3);
	assert_num(w.left, 0);
}

static void what_tells_it_from_another_is_said_once(void **state)
{
	strcpy(w.m.plug.id.entry.name, "Pad");
	strcpy(w.m.plug.id.entry.phys, "usb-1");
	pass_member_compare(&w.m, NULL);
	assert_logged("");
	w.m.plug.id.by_place = false;
	start();
	pass_member_compare(&w.m, NULL);
	assert_logged(PATH ": there is another \"Pad\": this one is the one "
			   "at usb-1\n");
	pass_member_compare(&w.m, NULL);
	assert_logged("");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_comes_is_passed_on),
		T(switches_stay_the_hosts_unless_they_are_grabbed),
		T(it_has_chords_that_it_has_the_keys_of),
		T(a_difference_is_told_to_the_guests),
		T(what_nobody_was_told_is_learned),
		T(it_is_learned_from_the_device_or_a_file),
		T(one_that_never_came_is_awaited),
		T(why_it_is_not_found_is_said_once),
		T(one_that_cannot_be_opened_is_tried_again),
		T(one_that_went_while_it_was_opened_is_closed),
		T(one_that_was_unplugged_is_waited_for),
		T(one_that_cannot_return_ends),
		T(what_tells_it_from_another_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
