/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An injector sends random frames, and the process is killed at random: also
 * after it has saved what the injector holds and before the guest sees the
 * frames, or before it has noted which frames the guest got. In the end the
 * guest must be as the model (input-model.h) says, and must have moved as far.
 * There is no motion in contacts without slots, for which persistent.h makes an
 * exception.
 *
 * VINPUT_SCENARIOS is the number of scenarios, VINPUT_SEED the first one's
 * seed; a failure prints its seed.
 */
#include "tests/lib/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/device/device.h"
#include "tests/lib/event-text.h"
#include "tests/lib/input-model.h"
#include "tests/lib/kept-device.h"
#include "tests/lib/model-random.h"

#define N_STEPS	    12
#define FRAMES	    6 /* less than these are sent in a step */
#define ALL_BUFFERS 1000000

struct world {
	struct rnd rnd;
	bool slots; /* the injector numbers its contacts */
	struct kept_device k;
	struct linux_guest guest;
	struct model model;
	struct vi_event stream[N_STEPS * FRAMES * (MODEL_FRAME_MAX + 1)];
	size_t n;    /* events in it */
	size_t sent; /* bytes of it */
};

static struct world w;

static void publish(void)
{
	linux_guest_take(&w.guest, w.k.sink.got, w.k.sink.n);
	kept_device_publish(&w.k);
}

static void start_driver(void)
{
	if (device_driver_returned(w.k.dev, w.k.eventq, true))
		return;
	device_suspect_all(w.k.dev);
	device_driver_started(w.k.dev);
}

static void write_frame(void)
{
	struct vi_event *ev = &w.stream[w.n];
	const size_t n = model_random_frame(&w.rnd, &w.k.spec, w.slots, ev);

	model_frame(&w.model, 0, ev, n);
	ev[n] = vi_event(EV_SYN, SYN_REPORT, 0);
	w.n += n + 1;
}

/*
 * The kernel counts what was read; the process may not live to do so. Return:
 * whether it does not.
 */
static bool send_bytes(size_t max)
{
	size_t left = w.n * sizeof(w.stream[0]) - w.sent, len;
	void *to = source_space(&w.k.src.src, &len);
	struct mmsghdr *mm;

	left = left < max ? left : max;
	left = left < len ? left : len;
	if (!left)
		return false;
	mm = persistent_source_reading(w.k.src.persistent, to, len);
	memcpy(to, (uint8_t *)w.stream + w.sent, left);
	mm->msg_len = (unsigned int)left;
	w.sent += left;
	if (rnd_one_in(&w.rnd, 40))
		return true;
	assert_ok(device_received(w.k.dev, &w.k.src, left));
	return false;
}

static void next_process(void)
{
	kept_device_end(&w.k);
	kept_device_begin(&w.k);
}

/*
 * The front-end may be late, or the next process die before it connects.
 * Return: whether the file now assumes of the dead process' last batch that it
 * was published (device-ledger.c), and it was not.
 */
static bool be_without_driver(void)
{
	bool assumes = false;

	while (!assumes && rnd_one_in(&w.rnd, 2)) {
		if (send_bytes(1 + rnd_below(&w.rnd, 100))) {
			next_process();
			continue;
		}
		device_pump(w.k.dev);
		device_commit(w.k.dev);
		if (rnd_one_in(&w.rnd, 3)) {
			device_stalled(w.k.dev);
			assumes = w.k.dev->ledger.last.at != w.k.eventq;
		} else if (rnd_one_in(&w.rnd, 3)) {
			next_process();
		}
	}
	return assumes;
}

static void pump_and_publish(void)
{
	device_pump(w.k.dev);
	publish();
	device_commit(w.k.dev);
}

static void die(void)
{
	bool assumes;

	w.k.sink.buffers += w.k.sink.n;
	w.k.sink.n = 0;
	next_process();
	assumes = be_without_driver();
	start_driver();
	if (assumes)
		pump_and_publish();
}

static void step(void)
{
	for (unsigned int n = rnd_below(&w.rnd, FRAMES); n; n--)
		write_frame();
	if (send_bytes(1 + rnd_below(&w.rnd, 300)))
		die();
	if (rnd_one_in(&w.rnd, 3))
		w.k.sink.buffers = 0;
	else
		w.k.sink.buffers += rnd_below(&w.rnd, 20);
	device_pump(w.k.dev);
	if (rnd_one_in(&w.rnd, 20))
		die();
	publish();
	if (rnd_one_in(&w.rnd, 20))
		die();
	device_commit(w.k.dev);
	if (rnd_one_in(&w.rnd, 8))
		device_stalled(w.k.dev);
	if (rnd_one_in(&w.rnd, 8))
		die();
}

static void settle(void)
{
	w.k.sink.buffers = ALL_BUFFERS;
	do {
		if (send_bytes(SIZE_MAX))
			die();
		pump_and_publish();
	} while (w.sent < w.n * sizeof(w.stream[0]));
	/* Frames were cut. */
	w.guest.empty = 0;
}

static void begin(uint64_t seed)
{
	w.rnd.state = seed;
	w.slots = rnd_one_in(&w.rnd, 2);
	w.n = w.sent = 0;
	memset(w.k.file, 0, persistent_len(1));
	persistent_begin(w.k.file, 1, &w.k.spec);
	w.k.sink.n = w.k.sink.buffers = 0;
	w.k.eventq = 0;
	linux_guest_boot(&w.guest, &w.k.spec);
	model_init(&w.model, &w.k.spec);
	kept_device_begin(&w.k);
	start_driver();
	/* Motion from before the first driver would not be delivered. */
	pump_and_publish();
}

static void run_seed(uint64_t seed)
{
	char why[128];

	begin(seed);
	for (int i = 0; i < N_STEPS; i++)
		step();
	settle();
	if (!model_matches(&w.model, &w.guest, why) ||
	    !model_guest_is_sane(&w.guest, why))
		fail_msg("VINPUT_SEED=%llu: %s", (unsigned long long)seed, why);
	kept_device_end(&w.k);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void a_death_changes_nothing_that_was_sent(void **state)
{
	const uint64_t first = number_from("VINPUT_SEED", 1);
	const uint64_t n = number_from("VINPUT_SCENARIOS", 5000);

	for (uint64_t i = 0; i < n; i++)
		run_seed(first + i);
}

static int setup(void **state)
{
	event_text_device("KEY_A, KEY_B, BTN_TOUCH, BTN_TOOL_FINGER, "
			  "BTN_TOOL_DOUBLETAP, REL_X, SW_LID, "
			  "ABS_Z 0..5 rest 0, ABS_VOLUME 0..9, "
			  "ABS_MT_SLOT 0..3, ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..9, ABS_MT_POSITION_Y 0..9",
			  &w.k.spec);
	w.k.file = calloc(1, persistent_len(1));
	assert_non_null(w.k.file);
	return 0;
}

static int teardown(void **state)
{
	free(w.k.file);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_death_changes_nothing_that_was_sent),
	};

	return cmocka_run_group_tests_name("persistent-model", tests, setup,
					   teardown);
}
