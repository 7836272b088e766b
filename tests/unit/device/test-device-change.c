/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that becomes another one between two drivers, while its sources
 * hold keys, axes and contacts.
 */
#include "tests/lib/check.h"

#include <string.h>

#include "input/device/device.h"
#include "tests/lib/event-text.h"
#include "tests/lib/guest-sink.h"
#include "tests/lib/random.h"

#define SOURCES 2
#define SPECS	3
#define ROUNDS	400

struct world {
	struct spec spec[SPECS];
	struct device *dev;
	struct device_source src[SOURCES];
	struct linux_guest guest;
	struct guest_sink sink;
	struct rnd rnd;
};

static struct world w;

static int setup(void **state)
{
	const struct device_sink sink = guest_sink(&w.sink);

	memset(&w, 0, sizeof(w));
	w.sink.guest = &w.guest;
	event_text_device("KEY_A, KEY_B, BTN_TOUCH, REL_X, SW_LID, "
			  "ABS_Z 0..100, ABS_X 0..100, "
			  "ABS_MT_SLOT 0..3, ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..100, "
			  "ABS_MT_POSITION_Y 0..100",
			  &w.spec[0]);
	event_text_device("KEY_B, KEY_C, BTN_TOUCH, SW_LID, ABS_Z 0..10, "
			  "ABS_RX -9..9 rest 0, ABS_MT_SLOT 0..1, "
			  "ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..50",
			  &w.spec[1]);
	/* Without slots: its ABS_MT_POSITION_X is an axis of the device. */
	event_text_device("KEY_A, BTN_TOUCH, SW_LID, ABS_Z 0..100, "
			  "ABS_RX -9..9 rest 0, ABS_MT_POSITION_X 0..50, "
			  "ABS_MAX 0..50",
			  &w.spec[2]);
	w.dev = device_new(&w.spec[0], &sink);
	assert_non_null(w.dev);
	for (int i = 0; i < SOURCES; i++)
		assert_ok(device_attach(w.dev, &w.src[i], false));
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < SOURCES; i++)
		source_fini(&w.src[i].src);
	device_free(w.dev);
	return 0;
}

static void inject(int who, const char *text)
{
	device_inject_text(w.dev, &w.src[who], text);
}

static void pump(size_t buffers)
{
	w.sink.buffers += buffers;
	device_pump(w.dev);
}

/* The guest's driver goes, and one of another device comes. */
static void change(int to)
{
	device_driver_stopped(w.dev);
	device_pump(w.dev);
	device_change_spec(w.dev, &w.spec[to]);
	linux_guest_boot(&w.guest, &w.spec[to]);
	w.sink.buffers = 0;
	device_driver_started(w.dev);
}

static void boot(void)
{
	linux_guest_boot(&w.guest, &w.spec[0]);
	device_driver_started(w.dev);
}

static void what_the_new_device_has_stays_held(void **state)
{
	boot();
	inject(0, "KEY_A 1, KEY_B 1, ABS_Z 70, SW_LID 1");
	inject(1, "KEY_B 1");
	pump(99);
	change(1);
	pump(99);
	assert_true(w.guest.key[KEY_B]);
	assert_false(w.guest.key[KEY_A]);
	assert_num(w.guest.abs[ABS_Z], 10);
	assert_num(w.guest.undeclared, 0);
	inject(0, "KEY_B 0");
	pump(0);
	assert_true(w.guest.key[KEY_B]);
	inject(1, "KEY_B 0");
	pump(0);
	assert_false(w.guest.key[KEY_B]);
}

static void a_switch_stays_as_it_was_set(void **state)
{
	boot();
	inject(0, "SW_LID 1");
	pump(99);
	change(1);
	pump(99);
	assert_true(w.guest.sw[SW_LID]);
	/* Whatever the new device starts with. */
	bit_set(w.spec[0].initial_sw, SW_LID);
	inject(0, "SW_LID 0");
	pump(99);
	change(0);
	pump(99);
	assert_false(w.guest.sw[SW_LID]);
}

/* A snapshot sets switches that no source has. */
static void a_switch_that_is_not_as_at_the_start_stays(void **state)
{
	boot();
	bit_set(w.dev->merge.now.sw, SW_LID);
	change(1);
	pump(99);
	assert_true(w.guest.sw[SW_LID]);
}

static void a_switch_that_nobody_set_is_as_the_new_device_starts(void **state)
{
	bit_set(w.spec[1].initial_sw, SW_LID);
	boot();
	change(1);
	pump(99);
	assert_true(w.guest.sw[SW_LID]);
	change(0);
	pump(99);
	assert_false(w.guest.sw[SW_LID]);
}

/* Set as that switch, by a snapshot. */
static void an_axis_that_is_not_as_at_the_start_stays(void **state)
{
	struct merge *m = &w.dev->merge;

	w.spec[0].abs[ABS_Z].has_initial = true;
	w.spec[0].abs[ABS_Z].initial = 2;
	boot();
	m->now.abs[ABS_Z] = 7;
	m->now.abs_known |= 1u << ABS_Z;
	change(1);
	assert_num(m->now.abs[ABS_Z], 7);
	/* Both are known to have a value, and no others that have no rest. */
	assert_true(m->now.abs_known == (1u << ABS_Z | 1u << ABS_RX));
	w.spec[1].abs[ABS_Z].has_initial = true;
	w.spec[1].abs[ABS_Z].initial = 7;
	change(2);
	assert_num(m->now.abs[ABS_Z], 0);
	assert_false(m->now.abs_known >> ABS_MAX & 1);
}

/* What it has counted, and what its sources have set while it was another. */
static void it_remembers_what_it_was(void **state)
{
	struct merge *m = &w.dev->merge;
	struct merge_counters count;

	boot();
	inject(0, "SW_LID 1, ABS_Z 1, KEY_A 1");
	inject(0, "-");
	inject(0, "KEY_C 1");
	pump(99);
	device_detach(w.dev, &w.src[0]);
	pump(99);
	count = m->count;
	assert_true(count.empty > 0);
	change(1);
	assert_memory_equal(&count, &m->count, sizeof(count));
	assert_true(bit_test(m->sw_said, SW_LID));
	assert_true(m->abs_said >> ABS_Z & 1);
}

static void contacts_continue_in_the_slots_that_exist(void **state)
{
	boot();
	inject(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 90, "
		  "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 2, ABS_MT_POSITION_X 20");
	inject(1, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 5");
	pump(99);
	change(1);
	pump(99);
	assert_true(w.guest.slots[0].id >= 0 && w.guest.slots[1].id >= 0);
	inject(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, "
		  "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID -1");
	inject(1, "ABS_MT_TRACKING_ID -1");
	pump(99);
	assert_num(w.guest.slots[0].id, -1);
	assert_num(w.guest.slots[1].id, -1);
	assert_false(w.guest.key[BTN_TOUCH]);
}

/* What is a contact's in the one is an axis in the other. */
static void slots_that_were_lost_come_back_empty(void **state)
{
	boot();
	inject(0, "BTN_TOUCH 1, ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 1, "
		  "ABS_MT_POSITION_X 20");
	pump(99);
	change(2);
	pump(99);
	assert_num(w.guest.abs[ABS_MT_POSITION_X], 0);
	assert_true(w.guest.key[BTN_TOUCH]);
	inject(0, "ABS_MT_POSITION_X 30");
	pump(99);
	assert_num(w.guest.abs[ABS_MT_POSITION_X], 30);
	change(0);
	pump(99);
	for (int i = 0; i < w.guest.n_slots; i++)
		assert_num(w.guest.slots[i].id, -1);
	/* An axis is not the position of a contact. */
	inject(0, "ABS_MT_TRACKING_ID 1");
	pump(99);
	assert_num(w.guest.slots[0].axis[ABS_MT_POSITION_X], 0);
	assert_true(w.guest.slots[0].id >= 0);
	inject(0, "ABS_MT_TRACKING_ID -1, BTN_TOUCH 0");
	pump(99);
	assert_false(w.guest.key[BTN_TOUCH]);
	assert_num(w.guest.undeclared, 0);
}

/* Each axis of a contact, up to the last one. */
static void no_axis_of_a_contact_becomes_one_of_the_device(void **state)
{
	for (int i = 0; i < SPECS; i++)
		event_text_device(
			"ABS_MT_TOUCH_MAJOR 0..50, ABS_MT_TOOL_Y 0..50",
			&w.spec[i]);
	boot();
	inject(0,
	       "ABS_MT_TRACKING_ID 1, ABS_MT_TOUCH_MAJOR 4, ABS_MT_TOOL_Y 5");
	pump(99);
	change(2);
	pump(99);
	assert_num(w.guest.abs[ABS_MT_TOUCH_MAJOR], 0);
	assert_num(w.guest.abs[ABS_MT_TOOL_Y], 0);
	inject(0, "ABS_MT_TOUCH_MAJOR 6, ABS_MT_TOOL_Y 7");
	pump(99);
	assert_num(w.guest.abs[ABS_MT_TOOL_Y], 7);
	change(0);
	inject(0, "ABS_MT_TRACKING_ID 1");
	pump(99);
	assert_num(w.guest.slots[0].axis[ABS_MT_TOUCH_MAJOR], 0);
	assert_num(w.guest.slots[0].axis[ABS_MT_TOOL_Y], 0);
	/* Nor when it is one again. */
	change(2);
	pump(99);
	assert_num(w.guest.abs[ABS_MT_TOOL_Y], 0);
}

/* Also what a stall leaves out is known by what the device is now. */
static void an_axis_of_contacts_is_seen_as_one(void **state)
{
	boot();
	for (int round = 0; round < 2; round++) {
		change(2);
		inject(0, "ABS_MT_POSITION_X 30");
		pump(99);
		w.sink.buffers = 0;
		device_stalled(w.dev);
		inject(0, "ABS_MT_POSITION_X 0");
		pump(0);
		pump(99);
		assert_num(w.guest.abs[ABS_MT_POSITION_X], 0);
		change(0);
		inject(0, "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 30");
		pump(99);
		w.sink.buffers = 0;
		device_stalled(w.dev);
		inject(0, "ABS_MT_POSITION_X 0");
		pump(0);
		pump(99);
		assert_num(w.guest.slots[0].axis[ABS_MT_POSITION_X], 0);
		inject(0, "ABS_MT_TRACKING_ID -1");
		pump(99);
	}
}

/* In a device that began without slots. */
static void a_contact_where_axes_were_is_lifted(void **state)
{
	const struct device_sink sink = guest_sink(&w.sink);

	teardown(NULL);
	w.dev = device_new(&w.spec[2], &sink);
	assert_non_null(w.dev);
	for (int i = 0; i < SOURCES; i++)
		assert_ok(device_attach(w.dev, &w.src[i], false));
	linux_guest_boot(&w.guest, &w.spec[2]);
	device_driver_started(w.dev);
	change(0);
	inject(0, "ABS_MT_TRACKING_ID 1");
	pump(99);
	assert_true(w.guest.slots[0].id >= 0);
	w.sink.buffers = 0;
	device_stalled(w.dev);
	inject(0, "ABS_MT_TRACKING_ID -1");
	pump(0);
	pump(99);
	assert_num(w.guest.slots[0].id, -1);
}

/* A guest that was not new would take it for the same contact. */
static void no_tracking_id_comes_again(void **state)
{
	boot();
	inject(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1");
	pump(99);
	const int id = w.guest.slots[0].id;
	inject(0, "ABS_MT_TRACKING_ID -1");
	pump(99);
	change(1);
	pump(99);
	inject(0, "ABS_MT_TRACKING_ID 1");
	pump(99);
	assert_true(w.guest.slots[0].id > id);
}

/* Also when its source has left. */
static void the_last_axis_is_carried_over(void **state)
{
	event_text_device("ABS_MAX 0..100", &w.spec[0]);
	boot();
	inject(0, "ABS_MAX 70");
	pump(99);
	device_detach(w.dev, &w.src[0]);
	pump(99);
	change(2);
	pump(99);
	assert_num(w.guest.abs[ABS_MAX], 50);
}

/*
 * The rest of its frame is about a slot that the new device lacks. That it
 * holds BTN_TOUCH counts again nevertheless.
 */
static void a_frame_may_be_in_the_middle(void **state)
{
	w.dev->overflow = DEVICE_BLOCK;
	boot();
	inject(0, "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 1, BTN_TOUCH 1");
	pump(99);
	inject(0, "ABS_MT_TRACKING_ID -1, ABS_MT_TRACKING_ID 2, "
		  "ABS_MT_TRACKING_ID 3");
	w.sink.buffers = 0;
	pump(1);
	change(1);
	pump(99);
	assert_true(w.guest.key[BTN_TOUCH]);
	assert_num(w.guest.slots[0].id, -1);
	inject(0, "BTN_TOUCH 0");
	pump(0);
	assert_false(w.guest.key[BTN_TOUCH]);
}

static void a_source_can_leave_after_the_change(void **state)
{
	boot();
	inject(0, "KEY_A 1, KEY_B 1, ABS_MT_TRACKING_ID 1");
	pump(99);
	device_detach(w.dev, &w.src[0]);
	change(1);
	pump(99);
	assert_false(w.guest.key[KEY_B]);
	assert_num(w.guest.slots[0].id, -1);
}

/* --- random --- */

static void random_frame(int who)
{
	static const uint16_t codes[][2] = {
		{ EV_KEY, KEY_A },
		{ EV_KEY, KEY_B },
		{ EV_KEY, KEY_C },
		{ EV_REL, REL_X },
		{ EV_SW, SW_LID },
		{ EV_ABS, ABS_X },
		{ EV_ABS, ABS_Z },
		{ EV_ABS, ABS_RX },
		{ EV_ABS, ABS_MAX },
		{ EV_ABS, ABS_MT_SLOT },
		{ EV_ABS, ABS_MT_TRACKING_ID },
		{ EV_ABS, ABS_MT_POSITION_X },
		{ EV_ABS, ABS_MT_POSITION_Y },
	};
	struct vi_event ev[12];
	size_t n = 0, due = rnd_below(&w.rnd, 10);

	while (n < due) {
		const uint16_t *c = codes[rnd_below(&w.rnd, 13)];
		const int max = c[0] != EV_ABS		     ? 1
				: c[1] == ABS_MT_SLOT	     ? 4
				: c[1] == ABS_MT_TRACKING_ID ? 3
							     : 100;

		ev[n++] = vi_event(c[0], c[1],
				   rnd_between(&w.rnd, -(c[0] == EV_ABS), max));
	}
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	device_inject(w.dev, &w.src[who], ev, n);
}

static void live(void)
{
	for (unsigned int i = rnd_below(&w.rnd, 30); i; i--) {
		random_frame((int)rnd_below(&w.rnd, SOURCES));
		pump(rnd_below(&w.rnd, 9));
		if (rnd_one_in(&w.rnd, 9))
			device_stalled(w.dev);
	}
}

static void assert_guest_believes(const struct state *now, unsigned int seed)
{
	bool same =
		!w.guest.undeclared && !w.guest.id_over_id && !w.guest.in_frame;

	for (uint16_t code = 0; code < KEY_CNT; code++)
		same &= w.guest.key[code] == bit_test(now->key, code);
	same &= w.guest.sw[SW_LID] == bit_test(now->sw, SW_LID);
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (code < ABS_MT_SLOT || !w.guest.n_slots)
			same &= w.guest.abs[code] == now->abs[code];
	for (int i = 0; i < w.guest.n_slots; i++)
		same &= w.guest.slots[i].id == now->contact[i].id;
	if (!same)
		print_error("seed %u\n", seed);
	assert_true(same);
}

/* No key is held by nobody, no contact is where there is no slot. */
static void assert_all_let_go(unsigned int seed)
{
	for (int i = 0; i < SOURCES; i++)
		device_detach(w.dev, &w.src[i]);
	pump(9999);
	for (uint16_t code = 0; code < KEY_CNT; code++)
		assert_false(w.guest.key[code]);
	for (int i = 0; i < w.guest.n_slots; i++)
		assert_num(w.guest.slots[i].id, -1);
	assert_guest_believes(&w.dev->merge.now, seed);
}

static void any_change_leaves_a_guest_that_believes_what_is_true(void **state)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		teardown(NULL);
		setup(NULL);
		w.rnd.state = i;
		boot();
		for (int to = 1; to <= 3; to++) {
			live();
			change((int)rnd_below(&w.rnd, SPECS));
		}
		live();
		pump(9999);
		assert_guest_believes(&w.dev->merge.now, i);
		assert_all_let_go(i);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_the_new_device_has_stays_held),
		T(a_switch_stays_as_it_was_set),
		T(a_switch_that_is_not_as_at_the_start_stays),
		T(a_switch_that_nobody_set_is_as_the_new_device_starts),
		T(an_axis_that_is_not_as_at_the_start_stays),
		T(it_remembers_what_it_was),
		T(contacts_continue_in_the_slots_that_exist),
		T(slots_that_were_lost_come_back_empty),
		T(no_axis_of_a_contact_becomes_one_of_the_device),
		T(an_axis_of_contacts_is_seen_as_one),
		T(a_contact_where_axes_were_is_lifted),
		T(no_tracking_id_comes_again),
		T(the_last_axis_is_carried_over),
		T(a_frame_may_be_in_the_middle),
		T(a_source_can_leave_after_the_change),
		T(any_change_leaves_a_guest_that_believes_what_is_true),
	};

	return cmocka_run_group_tests_name("device-change", tests, NULL, NULL);
}
