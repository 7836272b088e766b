/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libvinject when the socket has no room: what is folded, kept, sent later and
 * in which order. The device is the other end of a socketpair, which reads when
 * the test says so.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/libvinject/vinject-state.h"
#include "injector/libvinject/vinject.h"
#include "input/device/event.h"
#include "tests/lib/check.h"
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"
#include "tests/lib/random.h"

struct fixture {
	int type; /* of the socket */
	struct vinject *v;
	int device;
	/* What the device made of what it read. */
	uint8_t half[8];
	size_t n_half;
	struct vinject_state seen, frame;
	int64_t rel[REL_CNT], frame_rel[REL_CNT];
	size_t frames;
	size_t ids_over_ids;
};

static int setup_type(void **state, int type)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const int small = 1; /* the kernel makes it its smallest */
	int fd[2];

	*state = f;
	f->type = type;
	assert_sys(socketpair(AF_UNIX, type, 0, fd));
	assert_sys(setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &small,
			      sizeof(small)));
	f->v = vinject_new();
	assert_non_null(f->v);
	assert_ok(vinject_open_fd(f->v, fd[0]));
	f->device = fd[1];
	vinject_state_init(&f->seen);
	vinject_state_init(&f->frame);
	return 0;
}

static int setup(void **state)
{
	return setup_type(state, SOCK_STREAM);
}

static int setup_packets(void **state)
{
	return setup_type(state, SOCK_SEQPACKET);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vinject_free(f->v);
	if (f->device >= 0)
		close(f->device);
	free(f);
	return 0;
}

static void see(struct fixture *f, const struct vi_event *ev)
{
	if (vi_is_syn_report(ev)) {
		f->seen = f->frame;
		memcpy(f->rel, f->frame_rel, sizeof(f->rel));
		f->frames++;
		return;
	}
	if (vi_type(ev) == EV_ABS && vi_code(ev) == ABS_MT_TRACKING_ID &&
	    vi_value(ev) >= 0)
		f->ids_over_ids += f->seen.slots[f->frame.slot].id >= 0;
	if (vi_type(ev) == EV_REL)
		f->frame_rel[vi_code(ev)] += vi_value(ev);
	vinject_state_apply(&f->frame, ev);
}

/* Read at most max bytes. Return: how many there were. */
static size_t device_reads(struct fixture *f, size_t max)
{
	uint8_t bytes[65536];
	ssize_t n =
		recv(f->device, bytes,
		     max < sizeof(bytes) ? max : sizeof(bytes), MSG_DONTWAIT);

	if (n < 0)
		return 0;
	if (f->type == SOCK_SEQPACKET)
		assert_num(n % 8, 0);
	for (ssize_t i = 0; i < n; i++) {
		struct vi_event ev;

		f->half[f->n_half++] = bytes[i];
		if (f->n_half < 8)
			continue;
		memcpy(&ev, f->half, sizeof(ev));
		f->n_half = 0;
		see(f, &ev);
	}
	return (size_t)n;
}

static void device_reads_all(struct fixture *f)
{
	while (device_reads(f, SIZE_MAX))
		;
}

/* Frames of motion until one of them finds no room. Return: their sum. */
static int fill(struct fixture *f)
{
	int sum = 0, r;

	do {
		vinject_motion(f->v, 1, 0);
		sum++;
		r = vinject_frame(f->v);
		assert_true(r >= 0);
	} while (!r);
	assert_num(r, 1);
	return sum;
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static bool holds(const struct fixture *f, uint16_t key)
{
	return vinject_state_key(&f->seen, key);
}

/* What the next packet or read gives, as text with SYN_REPORT. */
static void device_reads_text(struct fixture *f, const char *text)
{
	struct vi_event ev[VINJECT_FRAME_MAX + 1];
	ssize_t n = recv(f->device, ev, sizeof(ev), MSG_DONTWAIT);

	assert_sys(n);
	assert_events(ev, (size_t)n / 8, text);
}

static void a_release_without_room_is_sent_later(void **state)
{
	struct fixture *f = *state;

	vinject_key(f->v, KEY_A, true);
	assert_num(vinject_frame(f->v), 0);
	const int sum = fill(f);
	vinject_key(f->v, KEY_A, false);
	assert_num(vinject_frame(f->v), 2);
	assert_num(vinject_flush(f->v), 2);
	assert_num(vinject_dispatch(f->v), 2);
	assert_num(vinject_folded(f->v), 2);
	assert_false(readable(vinject_fd(f->v)));

	device_reads_all(f);
	assert_true(holds(f, KEY_A));
	assert_true(readable(vinject_fd(f->v)));
	assert_num(vinject_dispatch(f->v), 0);
	assert_num(vinject_pending(f->v), 0);
	assert_false(readable(vinject_fd(f->v)));
	device_reads_all(f);
	assert_false(holds(f, KEY_A));
	assert_num(f->rel[REL_X], sum);
	assert_num(f->n_half, 0);
}

static void motion_too_long_for_an_event_is_several(void **state)
{
	struct fixture *f = *state;
	const int64_t sum = fill(f);

	for (int i = 0; i < 3; i++) {
		vinject_event(f->v, EV_REL, REL_Y, INT32_MAX);
		assert_true(vinject_frame(f->v) > 0);
	}
	while (vinject_pending(f->v)) {
		device_reads_all(f);
		assert_true(vinject_dispatch(f->v) >= 0);
	}
	device_reads_all(f);
	assert_num(f->rel[REL_X], sum);
	assert_true(f->rel[REL_Y] == 3 * (int64_t)INT32_MAX);
}

/* Of a device with dozens of axes, which is sent by one of them or the caller.
 */
static void axes_with_codes_of_contacts_are_told_later(void **state)
{
	struct fixture *f = *state;

	assert_rc(vinject_event(f->v, EV_ABS, ABS_MT_SLOT, -5), -EINVAL);
	if (f->type == SOCK_STREAM)
		assert_ok(vinject_touch_slots(f->v, 0));
	else
		assert_ok(vinject_event(f->v, EV_ABS, ABS_MT_SLOT - 1, 3));
	vinject_state_set_plain(&f->seen, true);
	vinject_state_set_plain(&f->frame, true);
	assert_ok(vinject_event(f->v, EV_ABS, ABS_MT_SLOT, -5));
	assert_num(vinject_frame(f->v), 0);
	fill(f);
	assert_ok(vinject_event(f->v, EV_ABS, ABS_MT_SLOT, -7));
	assert_ok(vinject_event(f->v, EV_ABS, ABS_MT_TRACKING_ID, 99));
	assert_num(vinject_frame(f->v), 2);
	device_reads_all(f);
	assert_num(f->seen.abs[ABS_MT_SLOT], -5);
	assert_num(vinject_dispatch(f->v), 0);
	device_reads_all(f);
	assert_num(f->seen.abs[ABS_MT_SLOT], -7);
	assert_num(f->seen.abs[ABS_MT_TRACKING_ID], 99);
}

static void the_last_code_of_contacts_may_be_an_axis(void **state)
{
	struct fixture *f = *state;

	assert_ok(vinject_touch_slots(f->v, 0));
	fill(f);
	assert_ok(vinject_event(f->v, EV_ABS, ABS_MT_TOOL_Y, 5));
	assert_num(vinject_frame(f->v), 2);
	device_reads_all(f);
	assert_num(vinject_flush(f->v), 0);
	device_reads_text(f, "ABS_MT_TOOL_Y 5, REL_X 1, SYN_REPORT 0");
}

/* Whatever was held, begun or folded. */
static void a_handle_that_is_opened_again_is_new(void **state)
{
	struct fixture *f = *state;
	const struct vi_event lit = vi_event(EV_LED, LED_CAPSL, 1);
	int fd[2];

	vinject_pen_in(f->v, VINJECT_PEN);
	vinject_pad_button(f->v, 14, true);
	vinject_wheel(f->v, 119, 0);
	assert_num(send(f->device, &lit, sizeof(lit), 0), sizeof(lit));
	assert_num(vinject_dispatch(f->v), 0);
	assert_true(vinject_led(f->v, LED_CAPSL));
	fill(f);
	vinject_motion(f->v, 0, 7);
	assert_num(vinject_frame(f->v), 2);
	vinject_key(f->v, KEY_A, true); /* unfinished */
	f->device = close(f->device) - 1;
	assert_rc(vinject_dispatch(f->v), -EPIPE);

	assert_sys(socketpair(AF_UNIX, f->type, 0, fd));
	assert_sys(setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &(int){ 1 },
			      sizeof(int)));
	assert_ok(vinject_open_fd(f->v, fd[0]));
	f->device = fd[1];
	assert_num(vinject_pending(f->v), 0);
	assert_false(vinject_led(f->v, LED_CAPSL));
	assert_ok(vinject_pen_in(f->v, VINJECT_PEN));
	assert_ok(vinject_pad_button(f->v, 15, true));
	assert_ok(vinject_wheel(f->v, 1, 0));
	assert_num(vinject_frame(f->v), 0);
	device_reads_text(f, "BTN_TOOL_PEN 1, ABS_HAT0X 1, "
			     "REL_WHEEL_HI_RES 1, SYN_REPORT 0");
	fill(f);
	device_reads_all(f);
	assert_num(vinject_flush(f->v), 0);
	device_reads_text(f, "REL_X 1, SYN_REPORT 0");
}

static void what_is_sent_later_begins_with_releases(void **state)
{
	struct fixture *f = *state;

	vinject_key(f->v, KEY_Z, true);
	vinject_touch_down(f->v, 1, 1, 2);
	assert_num(vinject_frame(f->v), 0);
	fill(f);
	vinject_touch_down(f->v, 2, 3, 4);
	vinject_key(f->v, KEY_A, true);
	vinject_switch(f->v, SW_LID, true);
	vinject_position(f->v, 5, 6);
	vinject_frame(f->v);
	vinject_key(f->v, KEY_Z, false);
	vinject_touch_up(f->v, 1);
	vinject_frame(f->v);
	vinject_motion(f->v, 0, -7);
	vinject_frame(f->v);
	device_reads_all(f);
	assert_num(vinject_flush(f->v), 0);
	device_reads_text(
		f, "ABS_MT_TRACKING_ID -1, KEY_Z 0, ABS_MT_SLOT 1, "
		   "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 3, "
		   "ABS_MT_POSITION_Y 4, ABS_MT_SLOT 0, KEY_A 1, SW_LID 1, "
		   "ABS_X 5, ABS_Y 6, REL_X 1, REL_Y -7, SYN_REPORT 0");
}

static void a_tap_without_room_is_not_sent(void **state)
{
	struct fixture *f = *state;

	fill(f);
	for (int down = 1; down >= 0; down--) {
		vinject_key(f->v, KEY_A, down);
		vinject_frame(f->v);
	}
	device_reads_all(f);
	assert_num(vinject_flush(f->v), 0);
	device_reads_text(f, "REL_X 1, SYN_REPORT 0");
	/* And it is not in the way of the next. */
	vinject_key(f->v, KEY_A, true);
	assert_num(vinject_frame(f->v), 0);
	device_reads_text(f, "KEY_A 1, SYN_REPORT 0");
}

static void another_contact_in_the_slot_takes_two_frames(void **state)
{
	struct fixture *f = *state;

	vinject_touch_down(f->v, 1, 1, 2);
	assert_num(vinject_frame(f->v), 0);
	fill(f);
	vinject_touch_up(f->v, 1);
	vinject_frame(f->v);
	vinject_touch_down(f->v, 2, 3, 4);
	vinject_frame(f->v);
	device_reads_all(f);
	assert_num(vinject_flush(f->v), 0);
	device_reads_text(f, "ABS_MT_TRACKING_ID -1, SYN_REPORT 0, "
			     "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 3, "
			     "ABS_MT_POSITION_Y 4, REL_X 1, SYN_REPORT 0");
}

static void another_tool_takes_two_frames(void **state)
{
	struct fixture *f = *state;

	vinject_pen_in(f->v, VINJECT_PEN);
	assert_num(vinject_frame(f->v), 0);
	fill(f);
	vinject_pen_in(f->v, VINJECT_ERASER);
	vinject_frame(f->v);
	device_reads_all(f);
	assert_num(vinject_flush(f->v), 0);
	device_reads_text(f, "BTN_TOOL_PEN 0, SYN_REPORT 0, BTN_TOOL_RUBBER 1, "
			     "REL_X 1, SYN_REPORT 0");
}

static void an_unfinished_frame_waits_for_its_end(void **state)
{
	struct fixture *f = *state;

	fill(f);
	vinject_key(f->v, KEY_A, true);
	device_reads_all(f);
	assert_num(vinject_flush(f->v), 0);
	device_reads_text(f, "REL_X 1, SYN_REPORT 0");
	assert_num(vinject_frame(f->v), 0);
	device_reads_text(f, "KEY_A 1, SYN_REPORT 0");
}

static void a_half_written_frame_is_completed_first(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < VINJECT_FRAME_MAX; i++)
		vinject_motion(f->v, 0, 1);
	assert_num(vinject_frame(f->v), 1);
	assert_num(vinject_folded(f->v), 0);
	assert_false(readable(vinject_fd(f->v)));
	device_reads_all(f);
	assert_true(readable(vinject_fd(f->v)));
	vinject_key(f->v, KEY_A, true);
	assert_num(vinject_frame(f->v), 1);
	assert_num(vinject_folded(f->v), 1);
	for (int i = 0; i < 1000 && vinject_pending(f->v); i++) {
		device_reads(f, 12);
		assert_true(vinject_flush(f->v) >= 0);
	}
	/* Nobody waited for as much room as the whole rest needs. */
	while (vinject_pending(f->v)) {
		device_reads(f, 1001);
		assert_true(vinject_flush(f->v) >= 0);
	}
	device_reads_all(f);
	assert_num(f->rel[REL_Y], VINJECT_FRAME_MAX);
	assert_true(holds(f, KEY_A));
	assert_num(f->frames, 2);
}

/* Hundreds of keys, and motion for several events: each is a frame. */
static void a_difference_is_completed_before_the_next(void **state)
{
	struct fixture *f = *state;
	const int64_t sum = fill(f);

	for (uint16_t key = KEY_ESC; key < BTN_MISC; key++)
		vinject_event(f->v, EV_KEY, key, 1);
	for (uint16_t key = KEY_OK; key < KEY_MAX; key++)
		vinject_event(f->v, EV_KEY, key, 1);
	assert_true(vinject_frame(f->v) > 0);
	for (int i = 0; i < 3; i++) {
		vinject_event(f->v, EV_REL, REL_Y, INT32_MAX);
		assert_true(vinject_frame(f->v) > 0);
	}
	while (vinject_pending(f->v)) {
		device_reads(f, 1000);
		assert_true(vinject_flush(f->v) >= 0);
	}
	device_reads_all(f);
	assert_num(f->n_half, 0);
	assert_num(f->rel[REL_X], sum);
	assert_true(f->rel[REL_Y] == 3 * (int64_t)INT32_MAX);
	for (uint16_t key = KEY_ESC; key < BTN_MISC; key++)
		assert_true(holds(f, key));
	for (uint16_t key = KEY_OK; key < KEY_MAX; key++)
		assert_true(holds(f, key));
}

#define IDS 6

struct truth {
	struct vinject_state keys;
	int64_t rel[REL_CNT];
	int touch[IDS]; /* where it is, -1: nowhere */
};

static void say_something(struct vinject *v, struct rnd *r, struct truth *truth)
{
	const uint16_t key = (uint16_t)(KEY_A + rnd_below(r, 8));
	const int id = (int)rnd_below(r, IDS);
	const int x = rnd_between(r, 0, 99);

	switch (rnd_below(r, 7)) {
	case 0:
	case 1:
		vinject_event(v, EV_KEY, key, x & 1);
		vinject_state_apply(&truth->keys,
				    (const struct vi_event[]){
					    vi_event(EV_KEY, key, x & 1) });
		return;
	case 2:
		vinject_touch_down(v, id, x, x);
		truth->touch[id] = x;
		return;
	case 3:
		vinject_touch_up(v, id);
		truth->touch[id] = -1;
		return;
	case 4:
		vinject_touch_move(v, id, x, x);
		if (truth->touch[id] >= 0)
			truth->touch[id] = x;
		return;
	case 5:
		vinject_motion(v, x, -x);
		truth->rel[REL_X] += x;
		truth->rel[REL_Y] -= x;
		return;
	case 6:
		for (unsigned int n = rnd_below(r, 600); n; n--)
			vinject_event(v, EV_MSC, MSC_RAW, x);
		return;
	}
}

/* How many contacts there are at each place. */
static void count_contacts(const struct vinject_state *st, int at[100])
{
	for (int i = 0; i < VINJECT_SLOTS_MAX; i++) {
		const struct vinject_slot *s = &st->slots[i];
		const int32_t x = s->axis[ABS_MT_POSITION_X - VINJECT_MT_FIRST];

		if (s->id < 0)
			continue;
		assert_num(s->axis[ABS_MT_POSITION_Y - VINJECT_MT_FIRST], x);
		at[x]++;
	}
}

static void assert_seen(const struct fixture *f, const struct truth *truth)
{
	int seen[100] = { 0 }, true_at[100] = { 0 };

	assert_memory_equal(f->seen.key, truth->keys.key,
			    sizeof(truth->keys.key));
	assert_memory_equal(f->rel, truth->rel, sizeof(truth->rel));
	count_contacts(&f->seen, seen);
	for (int id = 0; id < IDS; id++)
		if (truth->touch[id] >= 0)
			true_at[truth->touch[id]]++;
	assert_memory_equal(seen, true_at, sizeof(seen));
}

/* Whatever is said and however little is read, in the end it is known. */
static void nothing_held_is_lost_with(struct fixture *f, uint64_t seed)
{
	struct rnd r = { seed };
	struct truth truth = { .touch = { -1, -1, -1, -1, -1, -1 } };

	vinject_state_init(&truth.keys);
	for (int i = 0; i < 3000; i++) {
		for (unsigned int n = rnd_below(&r, 4); n; n--)
			say_something(f->v, &r, &truth);
		assert_true(vinject_frame(f->v) >= 0);
		if (rnd_one_in(&r, 3))
			device_reads(f, f->type == SOCK_STREAM
						? rnd_below(&r, 3000)
						: SIZE_MAX);
	}
	assert_true(vinject_folded(f->v) > 0);
	do
		device_reads_all(f);
	while (vinject_flush(f->v));
	device_reads_all(f);
	assert_num(f->n_half, 0);
	assert_seen(f, &truth);
	assert_num(f->ids_over_ids, 0);
	vinject_release_all(f->v);
	assert_num(vinject_frame(f->v), 0);
	device_reads_all(f);
	for (int i = 0; i < VINJECT_SLOTS_MAX; i++)
		assert_true(f->seen.slots[i].id < 0);
	for (uint16_t key = 0; key < KEY_CNT; key++)
		assert_false(holds(f, key));
}

static void nothing_held_is_lost(void **state)
{
	nothing_held_is_lost_with(*state, 1);
}

static void nothing_held_is_lost_in_packets(void **state)
{
	nothing_held_is_lost_with(*state, 2);
}

static void a_frame_waits_as_long_as_it_may_and_is_folded(void **state)
{
	struct fixture *f = *state;

	fill(f);
	vinject_set_timeout(f->v, 40);
	const double start = clock_ms();
	vinject_key(f->v, KEY_A, true);
	assert_num(vinject_frame(f->v), 2);
	/* The library counts whole milliseconds. */
	assert_true(clock_ms() - start >= 39);
	assert_true(clock_ms() - start < 5000);
}

static void *read_slowly(void *arg)
{
	struct fixture *f = arg;

	while (f->rel[REL_X] < 3000) {
		if (!device_reads(f, 4096))
			poll(NULL, 0, 1);
	}
	return NULL;
}

static void with_time_every_frame_arrives_as_it_is(void **state)
{
	struct fixture *f = *state;
	pthread_t reader;

	vinject_set_timeout(f->v, -1);
	/* What a server is asked is a frame, too. */
	vinject_set_shared_memory(f->v, false);
	assert_num(pthread_create(&reader, NULL, read_slowly, f), 0);
	for (int i = 0; i < 3000; i++) {
		vinject_motion(f->v, 1, 0);
		assert_num(vinject_frame(f->v), 0);
	}
	assert_ok(vinject_drain(f->v, 10000));
	pthread_join(reader, NULL);
	assert_num(f->frames, 3000);
	assert_num(vinject_folded(f->v), 0);
}

static void drain_says_when_it_was_not_read(void **state)
{
	struct fixture *f = *state;

	assert_ok(vinject_drain(f->v, 0));
	vinject_key(f->v, KEY_A, true);
	assert_num(vinject_frame(f->v), 0);
	assert_rc(vinject_drain(f->v, 0), -ETIMEDOUT);
	assert_rc(vinject_drain(f->v, 20), -ETIMEDOUT);
	device_reads_all(f);
	assert_ok(vinject_drain(f->v, 0));
}

static void drain_says_when_the_device_went_without_reading(void **state)
{
	struct fixture *f = *state;

	vinject_key(f->v, KEY_A, true);
	assert_num(vinject_frame(f->v), 0);
	f->device = close(f->device) - 1;
	assert_rc(vinject_drain(f->v, 1000), -EPIPE);
	assert_false(vinject_connected(f->v));
}

/* The largest difference there can be fits a frame. */
static void the_largest_difference_fits(void **state)
{
	static struct vinject_state sent, now;
	static struct vi_event out[VINJECT_DIFF_MAX];

	vinject_state_init(&sent);
	vinject_state_init(&now);
	memset(now.key, 0xff, sizeof(now.key));
	memset(now.sw, 0xff, SW_CNT / 8);
	now.abs_known = UINT64_MAX;
	now.slot = 7;
	for (int i = 0; i < VINJECT_SLOTS_MAX; i++) {
		sent.slots[i].id = i;
		now.slots[i].id = 100 + i;
		now.slots[i].known = (1u << VINJECT_MT_AXES) - 1;
	}
	sent.key[BTN_TOOL_PEN / 8] = 0;
	const size_t n = vinject_state_diff(&sent, &now, out);
	assert_true(n <= VINJECT_DIFF_MAX);
	assert_true(n > KEY_CNT + VINJECT_SLOTS_MAX * VINJECT_MT_AXES);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define P(test) cmocka_unit_test_setup_teardown(test, setup_packets, teardown)
	const struct CMUnitTest tests[] = {
		T(a_release_without_room_is_sent_later),
		P(a_release_without_room_is_sent_later),
		T(axes_with_codes_of_contacts_are_told_later),
		P(axes_with_codes_of_contacts_are_told_later),
		T(the_last_code_of_contacts_may_be_an_axis),
		T(a_handle_that_is_opened_again_is_new),
		P(a_handle_that_is_opened_again_is_new),
		T(what_is_sent_later_begins_with_releases),
		T(a_tap_without_room_is_not_sent),
		T(another_contact_in_the_slot_takes_two_frames),
		T(another_tool_takes_two_frames),
		T(an_unfinished_frame_waits_for_its_end),
		T(a_half_written_frame_is_completed_first),
		T(a_difference_is_completed_before_the_next),
		T(nothing_held_is_lost),
		P(nothing_held_is_lost_in_packets),
		T(motion_too_long_for_an_event_is_several),
		T(a_frame_waits_as_long_as_it_may_and_is_folded),
		T(with_time_every_frame_arrives_as_it_is),
		P(with_time_every_frame_arrives_as_it_is),
		T(drain_says_when_it_was_not_read),
		T(drain_says_when_the_device_went_without_reading),
		cmocka_unit_test(the_largest_difference_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
