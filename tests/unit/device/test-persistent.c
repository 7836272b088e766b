/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process is killed anywhere, and another resumes from the memory file: what
 * was sent is delivered whole and once, what was held is still held, and a file
 * with random content does no harm.
 */
#include "tests/lib/check.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "input/device/device.h"
#include "tests/lib/event-text.h"
#include "tests/lib/guest-sink.h"
#include "tests/lib/random.h"

#define PLACES 2
#define AT     9 /* the position of an eventq */

struct world {
	struct spec spec;
	struct persistent_head *file;
	struct persistent *persistent;
	struct device *dev;
	struct device_source src[PLACES];
	struct guest_sink sink;
	struct vi_event answer[8]; /* to any injector */
	size_t answers;
};

static struct world w;

static bool take_answer(void *arg, struct device_source *src,
			const struct vi_event *ev, size_t n)
{
	assert_true(w.answers + n <= sizeof(w.answer) / sizeof(*w.answer));
	memcpy(&w.answer[w.answers], ev, n * sizeof(*ev));
	w.answers += n;
	return true;
}

static void forget(void)
{
	w.sink.n = 0;
	w.sink.buffers = GUEST_SINK_EVENTS;
}

/* As persistent-file.c does it. */
static void open_file(void)
{
	if (persistent_refuse(w.file, persistent_len(PLACES))) {
		memset(w.file, 0, persistent_len(PLACES));
		persistent_begin(w.file, PLACES, &w.spec);
	}
	w.persistent = persistent_new(w.file, PLACES);
	assert_non_null(w.persistent);
}

/* A process begins, with whatever is in the file. */
static void begin(void)
{
	struct device_sink sink = guest_sink(&w.sink);

	sink.answer = take_answer;
	w.answers = 0;
	open_file();
	w.dev = device_new(&w.spec, &sink);
	assert_non_null(w.dev);
	device_set_persistent(w.dev, w.persistent);
	for (unsigned int i = 0; i < PLACES; i++)
		device_attach_persistent(w.dev, &w.src[i], false, i);
	forget();
}

static void die(void)
{
	for (unsigned int i = 0; i < PLACES; i++)
		device_abandon(w.dev, &w.src[i]);
	device_free(w.dev);
	persistent_free(w.persistent);
	w.persistent = NULL;
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	event_text_device("KEY_A, KEY_B, REL_X, SW_LID, ABS_X 0..9, "
			  "ABS_Z 0..9 rest 0, ABS_MT_SLOT 0..3, "
			  "ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_Y 0..9",
			  &w.spec);
	w.file = calloc(1, persistent_len(PLACES));
	assert_non_null(w.file);
	begin();
	return 0;
}

static int teardown(void **state)
{
	die();
	free(w.file);
	return 0;
}

/* Bytes come in as injectors.c reads them: the kernel writes, then we count. */
static void kernel_writes(unsigned int i, const void *bytes, size_t n)
{
	size_t len;
	void *to = source_space(&w.src[i].src, &len);
	struct mmsghdr *mm =
		persistent_source_reading(w.src[i].persistent, to, len);

	assert_true(n <= len);
	memcpy(mm->msg_hdr.msg_iov->iov_base, bytes, n);
	mm->msg_len = (unsigned int)n;
}

static void send_bytes(unsigned int i, const void *bytes, size_t n)
{
	kernel_writes(i, bytes, n);
	assert_ok(device_received(w.dev, &w.src[i], n));
}

static size_t frame(const char *text, struct vi_event *ev)
{
	return event_text_frame(text, ev, 64) * sizeof(*ev);
}

static void send_frame(unsigned int i, const char *text)
{
	struct vi_event ev[64];

	send_bytes(i, ev, frame(text, ev));
}

/* The guest has taken all; it is a new one. */
static void expect(const char *text)
{
	device_driver_started(w.dev);
	device_pump(w.dev);
	device_commit(w.dev);
	assert_events(w.sink.got, w.sink.n, text);
	forget();
}

static void expect_more(const char *text)
{
	device_pump(w.dev);
	device_commit(w.dev);
	assert_events(w.sink.got, w.sink.n, text);
	forget();
}

static void what_sources_set_outlives_what_the_spec_starts_with(void **state)
{
	bit_set(w.spec.initial_sw, SW_LID);
	w.spec.abs[ABS_X].has_initial = true;
	w.spec.abs[ABS_X].initial = 5;
	die();
	memset(w.file, 0, persistent_len(PLACES));
	begin();
	expect("SW_LID 1, ABS_X 5, SYN_REPORT 0");
	die();
	begin();
	expect("SW_LID 1, ABS_X 5, SYN_REPORT 0");
	send_frame(0, "SW_LID 0, ABS_X 8");
	device_pump(w.dev);
	device_commit(w.dev);
	die();
	begin();
	expect("SW_LID 0, ABS_X 8, SYN_REPORT 0");
}

static void a_file_that_cannot_be_resumed_is_refused(void **state)
{
	struct persistent_head *head = w.file;
	const size_t len = persistent_len(PLACES);
	const size_t wrong[] = { len - 1,
				 len + 1,
				 persistent_len(PLACES - 1),
				 persistent_len(0),
				 persistent_len(0) - 1,
				 0 };

	assert_null(persistent_refuse(head, len));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_string_equal(persistent_refuse(head, wrong[i]),
				    "has the wrong size");
	head->places_le = 0xffffffff;
	assert_string_equal(persistent_refuse(head, len), "has the wrong size");
	head->place_len_le = htole32(sizeof(struct persistent_place) + 8);
	assert_string_equal(persistent_refuse(head, len), "has another layout");
	head->version_le = htole32(PERSISTENT_VERSION + 1);
	assert_string_equal(persistent_refuse(head, len),
			    "is of another version");
	head->magic_le++;
	assert_string_equal(persistent_refuse(head, len),
			    "is not a state file");
}

/* What another build of this version would write. */
static void the_bytes_are_those_of_the_format(void **state)
{
	const uint8_t *file = (const uint8_t *)w.file;
	const uint8_t *ledger = file + 32 + 103216; /* the second one */
	const uint8_t *place = file + 206464 + 108360;
	static const uint8_t head[] = { 'v', 's', 't', 'a', 't', 'e', 0,
					0,   3,	  0,   0,   0,	 72,  167,
					1,   0,	  2,   0,   0,	 0 };
	static const uint8_t pos[] = { 88, 0, 0, 88, 0, 0, 2, 1 };
	static const uint8_t len[] = { 88, 0, 0, 2 };
	static const uint8_t y[] = { 4, 0, 0, 0 };

	send_frame(1, "KEY_A 1, ABS_X 7, SW_LID 1, ABS_MT_SLOT 1, "
		      "ABS_MT_TRACKING_ID 258, ABS_MT_POSITION_Y 4");
	send_frame(1, "REL_X 1, REL_X 1, REL_X 1");
	device_pump(w.dev);
	device_commit(w.dev);
	assert_memory_equal(file, head, sizeof(head));
	assert_num(file[24], 1);   /* the active ledger */
	assert_num(ledger[0], 0);  /* no driver yet */
	assert_num(ledger[10], 1); /* the next tracking ID */
	assert_num(ledger[16], 1 << ABS_X | 1 << ABS_Z); /* known */
	assert_num(ledger[24], 1);			 /* SW_LID */
	assert_num(ledger[32], 1 << ABS_X);
	assert_num(ledger[40], 1);
	assert_num(ledger[48], 1); /* REL_X */
	assert_num(ledger[56], 3);
	assert_num(ledger[184], 7);
	assert_num(place[0], 1);
	assert_memory_equal(place + 8, pos, sizeof(pos));
	assert_memory_equal(place + 88 + 4, len, sizeof(len));
	const uint8_t *held = place + 96 + 4976;
	assert_num(held[0], 1);
	assert_num(held[8], 4); /* slots */
	assert_num(held[16 + KEY_A / 8], 1 << KEY_A % 8);
	assert_num(held[112], 7);
	const uint8_t *contact = held + 368 + 72;
	assert_num(contact[0], 2);
	assert_num(contact[1], 1);
	assert_num(contact[6], 1); /* the device's slot, plus one */
	assert_memory_equal(
		contact + 16 + 4 * (ABS_MT_POSITION_Y - ABS_MT_TOUCH_MAJOR), y,
		sizeof(y));
	assert_num(place[10048], EV_KEY);
	assert_num(place[10048 + 2], KEY_A);
}

/* And of what the guest has been sent. */
static void the_bytes_of_the_guests_view_are_those_of_the_format(void **state)
{
	const struct persistent_ledger *ledger;
	const uint8_t *bytes;

	expect("-");
	w.sink.buffers = 5;
	send_frame(0, "KEY_A 1, ABS_X 7, ABS_MT_SLOT 1, "
		      "ABS_MT_TRACKING_ID 258, ABS_MT_POSITION_Y 4");
	device_pump(w.dev);
	device_commit(w.dev);
	ledger = &w.file->ledger[w.file->ledger_at_le];
	bytes = (const uint8_t *)ledger;
	assert_num(bytes[0], PERSISTENT_RUNS | PERSISTENT_CERTAIN);
	assert_num(bytes[12], 1); /* events left */
	assert_num(bytes[440], 1 << ABS_X | 1 << ABS_Z);
	assert_num(bytes[456 + KEY_A / 8], 1 << KEY_A % 8);
	assert_num(bytes[552], 7);
	assert_num(bytes[808], 0);
	assert_num(bytes[812], 4);
	assert_num(bytes[816], 0);
	assert_num(
		bytes[816 + 8 + 4 * (ABS_MT_POSITION_Y - ABS_MT_TOUCH_MAJOR)],
		4);
	assert_num(bytes[816 + 64], 0xff);
	assert_num(bytes[4912], EV_SYN);
}

static void what_nobody_has_taken_is_still_there(void **state)
{
	struct vi_event ev[64];
	size_t n = frame("KEY_B 1", ev);

	w.dev->overflow = DEVICE_BLOCK;
	send_frame(0, "KEY_A 1");
	send_frame(1, "REL_X 3");
	send_bytes(0, ev, 13); /* cut in the middle of an event */
	die();
	begin();
	w.dev->overflow = DEVICE_BLOCK;
	send_bytes(0, (uint8_t *)ev + 13, n - 13);
	expect("KEY_A 1, SYN_REPORT 0, REL_X 3, SYN_REPORT 0, "
	       "KEY_B 1, SYN_REPORT 0");
}

static void bytes_that_were_read_but_not_counted_are_there(void **state)
{
	struct vi_event ev[64];
	size_t n = frame("KEY_A 1", ev);

	kernel_writes(0, ev, 11);
	die();
	begin();
	send_bytes(0, (uint8_t *)ev + 11, n - 11);
	expect("KEY_A 1, SYN_REPORT 0");
}

/* Killed after they were counted, before that was noted. */
static void bytes_that_were_counted_are_not_counted_twice(void **state)
{
	struct vi_event ev[64];
	size_t n = frame("REL_X 1", ev);

	w.dev->overflow = DEVICE_BLOCK;
	send_bytes(0, ev, n);
	w.file->place[0].read_len = (uint32_t)n;
	die();
	begin();
	w.dev->overflow = DEVICE_BLOCK;
	expect("REL_X 1, SYN_REPORT 0");
}

static void nothing_read_is_nothing_there(void **state)
{
	size_t len;
	void *to = source_space(&w.src[0].src, &len);

	persistent_source_reading(w.src[0].persistent, to, len);
	die();
	begin();
	send_frame(0, "KEY_A 1");
	expect("KEY_A 1, SYN_REPORT 0");
}

/* The guest has not been shown it yet. */
static void what_was_not_committed_is_delivered_by_the_next(void **state)
{
	device_driver_started(w.dev);
	device_pump(w.dev);
	device_commit(w.dev);
	send_frame(0, "KEY_A 1, REL_X 5");
	send_frame(0, "KEY_A 0");
	device_pump(w.dev);
	assert_num(w.sink.n, 5);
	die();
	begin();
	w.dev->overflow = DEVICE_BLOCK;
	expect("KEY_A 1, REL_X 5, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
}

static void what_was_committed_is_not_delivered_again(void **state)
{
	expect("-");
	send_frame(0, "KEY_A 1, REL_X 5");
	expect_more("KEY_A 1, REL_X 5, SYN_REPORT 0");
	die();
	begin();
	w.dev->overflow = DEVICE_BLOCK;
	expect("KEY_A 1, SYN_REPORT 0");
}

/* With a rest it is the source's, without it is the device's. */
static void the_last_axis_is_kept(void **state)
{
	event_text_device("ABS_MAX 0..9", &w.spec);
	for (int rest = 0; rest < 2; rest++) {
		w.spec.abs[ABS_MAX].has_rest = rest;
		teardown(state);
		w.file = calloc(1, persistent_len(PLACES));
		assert_non_null(w.file);
		begin();
		send_frame(0, "ABS_MAX 7");
		device_pump(w.dev);
		device_commit(w.dev);
		die();
		begin();
		expect("ABS_MAX 7, SYN_REPORT 0");
		w.file->place[0].use_le = htole32(PERSISTENT_FREE);
		die();
		begin();
		expect(rest ? "-" : "ABS_MAX 7, SYN_REPORT 0");
	}
}

static void what_was_held_is_sent_again(void **state)
{
	send_frame(0, "KEY_A 1, ABS_X 7, ABS_Z 3, SW_LID 1, ABS_MT_SLOT 1, "
		      "ABS_MT_TRACKING_ID 9, ABS_MT_POSITION_Y 4");
	send_frame(1, "KEY_A 1, KEY_B 1");
	device_pump(w.dev);
	device_commit(w.dev);
	die();
	begin();
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 4, "
	       "KEY_A 1, KEY_B 1, SW_LID 1, ABS_X 7, ABS_Z 3, SYN_REPORT 0");
	/* And is still held by the same sources. */
	send_frame(0, "KEY_A 0, ABS_MT_TRACKING_ID -1");
	expect_more("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
	send_frame(1, "KEY_A 0");
	expect_more("KEY_A 0, SYN_REPORT 0");
}

/* A frame cut off in the merging is merged again with the slot it began in. */
static void the_slot_is_the_one_at_the_next_frame(void **state)
{
	send_frame(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_SLOT 1, "
		      "ABS_MT_TRACKING_ID 2, ABS_MT_SLOT 0");
	device_pump(w.dev);
	device_commit(w.dev);
	send_frame(0, "ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		      "ABS_MT_POSITION_Y 3");
	device_pump(w.dev);
	die();
	begin();
	expect("ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 3, "
	       "SYN_REPORT 0, ABS_MT_SLOT 1, ABS_MT_POSITION_Y 3, "
	       "SYN_REPORT 0");
}

/* The first of its frames was sent in part; BTN_TOUCH is for the second. */
static void a_contact_may_follow_another_over_a_death(void **state)
{
	event_text_device("BTN_TOUCH", &w.spec);
	send_frame(0, "ABS_MT_TRACKING_ID 5, BTN_TOUCH 1");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, BTN_TOUCH 1, "
	       "SYN_REPORT 0");
	send_frame(0, "ABS_MT_TRACKING_ID 6");
	w.sink.buffers = 2;
	expect_more("ABS_MT_TRACKING_ID -1, BTN_TOUCH 0");
	die();
	begin();
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, BTN_TOUCH 1, "
	       "SYN_REPORT 0");
}

/* As drivers without slots send them: the next process knows which they are. */
static void contacts_without_slots_survive_a_death(void **state)
{
	send_frame(0, "ABS_MT_POSITION_Y 1, SYN_MT_REPORT 0, "
		      "ABS_MT_POSITION_Y 9, SYN_MT_REPORT 0");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 1, "
	       "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 9, "
	       "SYN_REPORT 0");
	die();
	begin();
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 1, "
	       "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 9, "
	       "SYN_REPORT 0");
	send_frame(0, "ABS_MT_POSITION_Y 8, SYN_MT_REPORT 0");
	expect_more("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		    "ABS_MT_POSITION_Y 8, SYN_REPORT 0");
	die();
	begin();
	expect("ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 8, "
	       "SYN_REPORT 0");
	send_frame(0, "SYN_MT_REPORT 0");
	expect_more("ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
}

/* Of the two frames to the guest the first was sent in part. */
static void a_contact_without_slot_may_follow_another_over_a_death(void **state)
{
	w.spec.abs[ABS_MT_SLOT].max = 0;
	send_frame(0, "ABS_MT_TRACKING_ID 5, ABS_MT_POSITION_Y 1, "
		      "SYN_MT_REPORT 0");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 1, "
	       "SYN_REPORT 0");
	send_frame(0, "ABS_MT_TRACKING_ID 6, ABS_MT_POSITION_Y 2, "
		      "SYN_MT_REPORT 0, KEY_A 1");
	w.sink.buffers = 1;
	expect_more("ABS_MT_TRACKING_ID -1");
	die();
	begin();
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 2, "
	       "KEY_A 1, SYN_REPORT 0");
}

/*
 * The successor finds nothing left to lift: what the source has selected must
 * not depend on that.
 */
static void a_frame_without_slots_selects_none_over_a_death(void **state)
{
	send_frame(0, "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 5, ABS_MT_SLOT 3, "
		      "ABS_MT_TRACKING_ID 6, ABS_MT_SLOT 1");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_SLOT 1, "
	       "ABS_MT_TRACKING_ID 1, SYN_REPORT 0");
	send_frame(0, "SYN_MT_REPORT 0, REL_X 1");
	device_pump(w.dev);
	die();
	begin();
	expect("REL_X 1, SYN_REPORT 0");
	send_frame(0, "ABS_MT_TRACKING_ID 7, ABS_MT_POSITION_Y 7, "
		      "ABS_MT_SLOT 1, ABS_MT_POSITION_Y 8");
	expect_more("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 2, "
		    "ABS_MT_POSITION_Y 7, ABS_MT_POSITION_Y 8, SYN_REPORT 0");
}

/* The next process counts its IDs from the beginning. */
static void an_id_that_we_gave_is_not_one_of_the_source(void **state)
{
	send_frame(0, "ABS_MT_POSITION_Y 1, SYN_MT_REPORT 0");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 1, "
	       "SYN_REPORT 0");
	send_frame(0, "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 1, "
		      "SYN_MT_REPORT 0");
	expect_more("ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		    "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 1, SYN_REPORT 0");
}

static void a_process_that_dies_while_it_starts_loses_nothing(void **state)
{
	static struct vi_event ev[FRAME_EVENTS_MAX + 1];
	static struct source src;
	size_t n;

	send_frame(0, "KEY_A 1");
	device_pump(w.dev);
	device_commit(w.dev);
	die();
	for (int i = 0; i < 3; i++) {
		open_file();
		n = persistent_source_start(w.persistent,
					    &w.persistent->source[0], &src,
					    false, ev);
		assert_events(ev, n, "KEY_A 1, SYN_REPORT 0");
		persistent_free(w.persistent);
	}
	begin();
	expect("KEY_A 1, SYN_REPORT 0");
}

static void a_source_that_was_released_does_not_come_back(void **state)
{
	send_frame(0, "KEY_A 1");
	device_detach(w.dev, &w.src[0]);
	device_pump(w.dev);
	device_commit(w.dev);
	die();
	begin();
	expect("-");
	send_frame(0, "KEY_B 1");
	expect_more("KEY_B 1, SYN_REPORT 0");
}

/* Both accounts of what is held are the earlier source's. */
static void a_source_in_the_place_of_another_holds_nothing(void **state)
{
	static const char *const frames[] = { "KEY_A 1", "KEY_B 1", "REL_X 1" };

	for (size_t i = 0; i < 3; i++) {
		send_frame(0, frames[i]);
		device_pump(w.dev);
		device_commit(w.dev);
	}
	device_detach(w.dev, &w.src[0]);
	device_pump(w.dev);
	device_commit(w.dev);
	device_attach_persistent(w.dev, &w.src[0], false, 0);
	persistent_source_commit(w.src[0].persistent);
	die();
	begin();
	expect("-");
}

/*
 * Two of the longest frames, of which the guest takes the first and half of the
 * second: the rest needs no space in the source's buffer.
 */
static void an_injector_does_not_wait_for_a_stalled_guest_to_end_a_frame(
	void **state)
{
	const size_t first = FRAME_EVENTS_MAX, both = 2 * first + 1;
	struct vi_event *ev = calloc(both, sizeof(*ev));
	size_t len;

	assert_non_null(ev);
	for (size_t i = 0; i < both; i++)
		ev[i] = vi_event(EV_REL, REL_X, 1);
	ev[first - 1] = ev[both - 1] = vi_event(EV_SYN, SYN_REPORT, 0);
	expect("-");
	w.sink.buffers = first + first / 2;
	send_bytes(0, ev, both * sizeof(*ev));
	device_pump(w.dev);
	device_commit(w.dev);
	assert_num(w.sink.n, first + first / 2);
	source_space(&w.src[0].src, &len);
	assert_num(len, SOURCE_BUF_LEN);
	free(ev);
}

/* A launcher that gives another kind of socket: its packets are its own. */
static void a_source_of_another_kind_does_not_continue(void **state)
{
	static struct source src;
	struct vi_event ev[64];

	send_frame(0, "KEY_A 1");
	device_pump(w.dev);
	device_commit(w.dev);
	assert_num(persistent_source_start(w.persistent,
					   &w.persistent->source[0], &src, true,
					   ev),
		   0);
}

/* The buffer is moved to its front again and again while it waits. */
static void a_long_stream_survives_a_death_at_every_frame(void **state)
{
	struct vi_event ev[64];
	const size_t n =
		frame("REL_X 1, REL_X 1, REL_X 1, REL_X 1, REL_X 1", ev);
	long sum = 0;

	for (int i = 0; i < 5000; i++) {
		w.dev->overflow = DEVICE_BLOCK;
		send_bytes(0, (uint8_t *)ev + 3 * (i > 0), n - 3 * (i > 0));
		if (i < 4999)
			send_bytes(0, ev, 3);
		if (i % 100 == 0) {
			die();
			begin();
			w.dev->overflow = DEVICE_BLOCK;
			device_driver_started(w.dev);
		}
		device_pump(w.dev);
		device_commit(w.dev);
		for (size_t e = 0; e < w.sink.n; e++)
			sum += vi_type(&w.sink.got[e]) == EV_REL
				       ? vi_value(&w.sink.got[e])
				       : 0;
		forget();
	}
	assert_num(sum, 25000);
}

static void spoil_ledger(struct rnd *rnd, struct persistent_ledger *ledger)
{
	uint8_t *bytes = (uint8_t *)ledger;

	if (rnd_one_in(rnd, 4))
		ledger->abs_le[ABS_X] = (uint32_t)rnd_next(rnd);
	ledger->abs_known_le = rnd_next(rnd);
	for (unsigned int n = rnd_below(rnd, 200); n; n--)
		bytes[rnd_below(rnd, sizeof(*ledger))] = (uint8_t)rnd_next(rnd);
	for (unsigned int n = rnd_below(rnd, 20); n; n--)
		bytes[rnd_below(rnd,
				offsetof(struct persistent_ledger, rest[4]))] =
			(uint8_t)rnd_next(rnd);
	if (rnd_one_in(rnd, 2))
		ledger->flags_le = htole32((uint32_t)rnd_next(rnd));
	if (rnd_one_in(rnd, 2))
		ledger->rest_le = htole32(rnd_below(rnd, 6));
	if (rnd_one_in(rnd, 2))
		ledger->at_le = htole32(AT);
}

/* Whatever is in the file, the source starts and the device works. */
static void nonsense_in_the_file_does_no_harm(void **state)
{
	struct rnd rnd = { 1 };

	for (int i = 0; i < 20000; i++) {
		uint8_t *bytes = (uint8_t *)&w.file->place[0];
		size_t len = rnd_one_in(&rnd, 2)
				     ? offsetof(struct persistent_place, buf)
				     : sizeof(struct persistent_place);

		for (unsigned int n = rnd_below(&rnd, 200); n; n--)
			bytes[rnd_below(&rnd, (unsigned int)len)] =
				(uint8_t)rnd_next(&rnd);
		if (rnd_one_in(&rnd, 2))
			w.file->place[0].pos_le =
				rnd_next(&rnd) >> rnd_below(&rnd, 60);
		if (rnd_one_in(&rnd, 2))
			w.file->place[0].use_le = htole32(rnd_below(&rnd, 4));
		spoil_ledger(&rnd, &w.file->ledger[rnd_below(&rnd, 2)]);
		die();
		begin();
		if (!device_driver_returned(w.dev, AT, true))
			device_driver_started(w.dev);
		device_pump(w.dev);
		device_commit(w.dev);
		for (size_t e = 0; e < w.sink.n; e++)
			if (vi_type(&w.sink.got[e]) == EV_ABS &&
			    vi_code(&w.sink.got[e]) == ABS_X)
				assert_in_range(vi_value(&w.sink.got[e]), 0, 9);
	}
}

static void spoil_field(struct persistent_place *place, int field)
{
	switch (field) {
	case 0:
		place->use_le = htole32(PERSISTENT_USED + 1);
		return;
	case 1:
		place->form_le ^= htole32(PERSISTENT_PACKETS);
		return;
	case 2:
		place->pos_le |= htole64(UINT64_C(65) << 48);
		return;
	case 3:
		place->pos_le |= htole64(UINT64_C(0xffffff) << 24);
		return;
	case 4:
		place->pos_le |= htole64(3);
		return;
	}
}

/* ... and no other source is disturbed. */
static void one_bad_field_is_enough_to_begin_a_place_anew(void **state)
{
	for (int field = 0; field <= 4; field++) {
		teardown(state);
		setup(state);
		/* Bytes that are no record of what is held. */
		for (int i = 0; i < 20; i++)
			send_frame(0, "KEY_A 1, REL_X -1");
		send_frame(1, "KEY_B 1");
		device_pump(w.dev);
		device_commit(w.dev);
		spoil_field(&w.file->place[0], field);
		die();
		begin();
		expect("KEY_B 1, SYN_REPORT 0");
	}
}

static void no_read_is_longer_than_the_space_for_it(void **state)
{
	struct vi_event ev[64];
	const size_t n = frame("KEY_A 1", ev);
	size_t len;

	send_frame(0, "KEY_B 1");
	device_pump(w.dev);
	device_commit(w.dev);
	source_space(&w.src[0].src, &len);
	kernel_writes(0, ev, n);
	w.file->place[0].read_len = (uint32_t)len + 1;
	die();
	begin();
	expect("KEY_B 1, SYN_REPORT 0");
}

static void axes_that_the_device_lacks_are_not_sent(void **state)
{
	send_frame(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 7");
	w.file->ledger[w.file->ledger_at_le].mt_axes_le = UINT16_MAX;
	die();
	begin();
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 0, "
	       "SYN_REPORT 0");
}

/* Only to the injector that has asked for something before. */
static void an_injector_that_asks_learns_that_the_process_is_new(void **state)
{
	const struct vi_event ev[] = {
		vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};

	send_bytes(1, ev, sizeof(ev));
	assert_num(w.answers, 1);
	assert_memory_equal(w.answer, ev, sizeof(ev[0]));
	for (int lives = 0; lives < 2; lives++) {
		die();
		begin();
		assert_num(w.answers, 1);
		assert_memory_equal(w.answer, ev, sizeof(ev[0]));
		assert_null(w.src[0].receipts);
		assert_non_null(w.src[1].receipts);
	}
	device_detach(w.dev, &w.src[1]);
	device_pump(w.dev);
	die();
	begin();
	assert_num(w.answers, 0);
}

static void a_file_full_of_noise_is_begun_anew(void **state)
{
	struct rnd rnd = { 7 };
	uint64_t *words = (uint64_t *)w.file;

	for (size_t i = 0; i < sizeof(*w.file) / 8; i++)
		words[i] = rnd_next(&rnd);
	die();
	begin();
	expect("-");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_sources_set_outlives_what_the_spec_starts_with),
		T(a_file_that_cannot_be_resumed_is_refused),
		T(the_bytes_are_those_of_the_format),
		T(the_bytes_of_the_guests_view_are_those_of_the_format),
		T(what_nobody_has_taken_is_still_there),
		T(bytes_that_were_read_but_not_counted_are_there),
		T(bytes_that_were_counted_are_not_counted_twice),
		T(nothing_read_is_nothing_there),
		T(what_was_not_committed_is_delivered_by_the_next),
		T(what_was_committed_is_not_delivered_again),
		T(the_last_axis_is_kept),
		T(what_was_held_is_sent_again),
		T(the_slot_is_the_one_at_the_next_frame),
		T(a_contact_may_follow_another_over_a_death),
		T(contacts_without_slots_survive_a_death),
		T(a_contact_without_slot_may_follow_another_over_a_death),
		T(a_frame_without_slots_selects_none_over_a_death),
		T(an_id_that_we_gave_is_not_one_of_the_source),
		T(a_process_that_dies_while_it_starts_loses_nothing),
		T(a_source_in_the_place_of_another_holds_nothing),
		T(a_source_that_was_released_does_not_come_back),
		T(an_injector_does_not_wait_for_a_stalled_guest_to_end_a_frame),
		T(a_source_of_another_kind_does_not_continue),
		T(a_long_stream_survives_a_death_at_every_frame),
		T(nonsense_in_the_file_does_no_harm),
		T(one_bad_field_is_enough_to_begin_a_place_anew),
		T(no_read_is_longer_than_the_space_for_it),
		T(axes_that_the_device_lacks_are_not_sent),
		T(an_injector_that_asks_learns_that_the_process_is_new),
		T(a_file_full_of_noise_is_begun_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
