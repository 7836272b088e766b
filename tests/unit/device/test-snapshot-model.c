/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices in random states: each reads as it was written, and a guest that
 * migrates to another device at any time comes to believe what is true there.
 */
#include "tests/lib/check.h"

#include <string.h>

#include "tests/lib/snapshot-world.h"

#define ROUNDS 400

static void random_frame(struct side *s)
{
	static const uint16_t codes[][3] = {
		{ EV_KEY, KEY_A, 1 },
		{ EV_KEY, KEY_B, 1 },
		{ EV_KEY, KEY_C, 1 },
		{ EV_REL, REL_X, 9 },
		{ EV_REL, REL_Y, 9 },
		{ EV_SW, SW_LID, 1 },
		{ EV_ABS, ABS_Z, 100 },
		{ EV_ABS, ABS_RX, 9 },
		{ EV_ABS, ABS_MT_SLOT, 2 },
		{ EV_ABS, ABS_MT_POSITION_X, 100 },
		{ EV_ABS, ABS_MT_POSITION_Y, 100 },
	};
	struct vi_event ev[12];
	size_t n = 0, due = rnd_below(&w.rnd, 10);

	while (n < due) {
		const uint16_t *c = codes[rnd_below(&w.rnd, 11)];

		if (rnd_one_in(&w.rnd, 5))
			ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID,
					   rnd_between(&w.rnd, -1, 3));
		else
			ev[n++] = vi_event(c[0], c[1],
					   rnd_between(&w.rnd, 0, c[2]));
	}
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	send_events(s, ev, n);
}

static void live(struct side *s, unsigned int frames)
{
	while (frames--) {
		random_frame(s);
		pump(s, rnd_below(&w.rnd, 9));
		if (rnd_one_in(&w.rnd, 9))
			device_stalled(s->dev);
	}
}

/* The same bytes again from what was read of them. */
static void assert_reads_the_same(void)
{
	struct device *dev = w.b.dev;

	assert_null(snapshot_read(&w.st, &w.spec, w.buf, w.len));
	dev->had_driver = w.st.had_driver;
	dev->view = w.st.view;
	memcpy(dev->merge.now.sw, w.st.sw, sizeof(w.st.sw));
	dev->merge.next_id = w.st.next_id;
	memcpy(dev->merge.now.abs, w.st.abs, sizeof(w.st.abs));
	dev->merge.now.abs_known = w.st.abs_known;
	dev->merge.mt_axes = w.st.mt_axes;
	assert_num(snapshot_write(dev, 0x11, EV_KEY, w.again), w.len);
	assert_memory_equal(w.buf, w.again, w.len);
}

static void random_states_read_as_they_were_written(void **state)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		snapshot_teardown(NULL);
		snapshot_setup(NULL);
		w.rnd.state = i;
		if (i % 7 == 0)
			device_suspect_all(w.a.dev);
		if (i % 5)
			device_driver_started(w.a.dev);
		live(&w.a, rnd_below(&w.rnd, 40));
		device_driver_stopped(w.a.dev);
		pump(&w.a, 0);
		save(&w.a);
		assert_reads_the_same();
	}
}

static void assert_guest_believes(const struct state *now, unsigned int seed)
{
	bool same = true;

	for (uint16_t code = 0; code < KEY_CNT; code++)
		same &= w.guest.key[code] == bit_test(now->key, code);
	same &= w.guest.sw[SW_LID] == bit_test(now->sw, SW_LID);
	for (uint16_t code = 0; code < ABS_MT_SLOT; code++)
		same &= w.guest.abs[code] == now->abs[code];
	for (int i = 0; i < w.guest.n_slots; i++) {
		const struct state_contact *c = &now->contact[i];

		same &= w.guest.slots[i].id == c->id;
		for (uint16_t axis = 0; axis < STATE_MT_AXES; axis++)
			same &= !(c->known >> axis & 1) ||
				w.guest.slots[i].axis[STATE_MT_FIRST + axis] ==
					c->axis[axis];
	}
	same &= !memcmp(w.guest.rel, w.sent, sizeof(w.sent));
	same &= !w.guest.id_over_id && !w.guest.undeclared && !w.guest.empty &&
		!w.guest.in_frame;
	if (!same)
		print_error("seed %u\n", seed);
	assert_true(same);
}

static void a_moved_guest_believes_what_is_true_in_the_end(void **state)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		snapshot_teardown(NULL);
		snapshot_setup(NULL);
		w.rnd.state = i;
		/* What moved here before the guest came is not the guest's. */
		live(&w.b, rnd_below(&w.rnd, 9));
		memset(w.sent, 0, sizeof(w.sent));
		w.sink.buffers = 0;
		device_driver_started(w.a.dev);
		live(&w.a, rnd_below(&w.rnd, 40));
		device_driver_stopped(w.a.dev);
		pump(&w.a, 0);
		save(&w.a);

		load(&w.b);
		if (rnd_one_in(&w.rnd, 2)) {
			random_frame(&w.b);
			device_pump(w.b.dev);
		}
		device_driver_resumed(w.b.dev);
		live(&w.b, rnd_below(&w.rnd, 20));
		pump(&w.b, 99999);
		assert_guest_believes(&w.b.dev->merge.now, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		snapshot_test(random_states_read_as_they_were_written),
		snapshot_test(a_moved_guest_believes_what_is_true_in_the_end),
	};

	return cmocka_run_group_tests_name("snapshot-model", tests, NULL, NULL);
}
