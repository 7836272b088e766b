/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.h. What a few frames make of each other stands in text files, of which
 * each is a test:
 *
 *   # why
 *   has KEY_A, ABS_X 0..255 rest 128        the device, one line or more
 *   exact                                   spec->exact
 *   A: KEY_A 1, ABS_X 3                     a frame of source A; SYN_REPORT is
 *   B gone                                  understood; source B has left
 *                                           a blank line
 *   KEY_A 1, ABS_X 3                        what comes of the first line
 *   -                                       ... and the second: nothing
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "input/device/merge.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"
#include "tests/lib/random.h"

#define SCENARIOS "tests/data/merge"
#define LINES_MAX 64
#define N_SOURCES 26

struct fixture {
	struct spec spec;
	struct merge merge;
	struct merge_source src[N_SOURCES]; /* 'A' is the first */
	struct state seen;		    /* by the guest */
	struct frame out, part;
	struct vi_event ev[FRAME_EVENTS_MAX + 1];
	struct vi_event control[FRAME_EVENTS_MAX];
};

static struct fixture *new_fixture(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	fill_with_garbage(&f->src);
	for (int i = 0; i < N_SOURCES; i++)
		merge_source_init(&f->src[i]);
	return f;
}

static void start(struct fixture *f)
{
	fill_with_garbage(&f->merge);
	f->merge.control = f->control;
	merge_init(&f->merge, &f->spec);
	fill_with_garbage(&f->seen);
	state_init(&f->seen, &f->spec);
}

/* What the guest makes of the frames is what merge takes for the truth. */
static void see(struct fixture *f)
{
	for (size_t i = 0; i < f->out.n; i++)
		state_apply(&f->seen, &f->out.ev[i]);
	assert_memory_equal(&f->seen, &f->merge.now, sizeof(f->seen));
}

/* A frame of n events of f->ev; what comes of it may be several. */
static void merge_all(struct fixture *f, int src, size_t n)
{
	size_t done = 0;

	f->out.n = 0;
	f->ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	while (done < n) {
		done += merge_frame(&f->merge, &f->src[src], f->ev + done,
				    n - done, &f->part);
		memcpy(f->out.ev + f->out.n, f->part.ev,
		       f->part.n * sizeof(f->part.ev[0]));
		f->out.n += f->part.n;
	}
	see(f);
}

static void frame_of(struct fixture *f, int src, const char *text)
{
	merge_all(f, src, event_text_read(text, f->ev, FRAME_EVENTS_MAX));
}

static void gone(struct fixture *f, int src)
{
	merge_release(&f->merge, &f->src[src], &f->out);
	see(f);
}

static void run_line(struct fixture *f, const char *line)
{
	const int src = line[0] - 'A';

	assert_in_range(src, 0, N_SOURCES - 1);
	if (line[1] == ':')
		frame_of(f, src, line + 2);
	else if (!strcmp(line + 1, " gone"))
		gone(f, src);
	else
		fail_msg("\"A: ...\" or \"A gone\" expected: %s", line);
}

struct scenario {
	char line[LINES_MAX][512];
	size_t n, blank; /* index of the blank line */
};

static void read_scenario(struct fixture *f, const char *name,
			  struct scenario *sc)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), SCENARIOS "/%s", name);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(sc->line[sc->n], sizeof(sc->line[0]), file)) {
		char *line = sc->line[sc->n];

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		if (!strcmp(line, "exact")) {
			f->spec.exact = true;
			continue;
		}
		if (!strncmp(line, "has ", 4)) {
			event_text_device(line + 4, &f->spec);
			continue;
		}
		if (!line[0])
			sc->blank = sc->n;
		assert_true(++sc->n < LINES_MAX);
	}
	fclose(file);
	/* As many lines before the blank one as after it. */
	assert_int_equal(sc->n, 2 * sc->blank + 1);
}

static void scenario(void **state)
{
	struct fixture *f = new_fixture();
	struct scenario *sc = calloc(1, sizeof(*sc));

	read_scenario(f, *state, sc);
	start(f);
	for (size_t i = 0; i < sc->blank; i++) {
		run_line(f, sc->line[i]);
		assert_frame(&f->out, sc->line[sc->blank + 1 + i]);
	}
	free(sc);
	free(f);
}

static int touchpad(void **state)
{
	struct fixture *f = new_fixture();

	event_text_device("BTN_TOUCH, BTN_TOOL_FINGER, BTN_TOOL_DOUBLETAP, "
			  "BTN_TOOL_TRIPLETAP, BTN_TOOL_QUADTAP, "
			  "BTN_TOOL_QUINTTAP, ABS_X 0..999, ABS_Y 0..999, "
			  "ABS_PRESSURE 0..99, ABS_MT_SLOT 0..63, "
			  "ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..999, ABS_MT_POSITION_Y 0..999, "
			  "ABS_MT_PRESSURE 0..99, ABS_MT_TOUCH_MAJOR 0..99, "
			  "KEY_A, ABS_Z -9..9 rest 0",
			  &f->spec);
	start(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void counters_say_what_was_dropped(void **state)
{
	struct fixture *f = *state;
	struct merge_counters *count = &f->merge.count;

	f->spec.abs[ABS_MT_SLOT].max = 0;
	frame_of(f, 0, "KEY_B 1, REL_X 1, KEY_A 1");
	assert_int_equal(count->undeclared, 2);
	frame_of(f, 0, "ABS_X 1000");
	assert_int_equal(count->clamped, 1);
	frame_of(f, 0, "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1");
	assert_int_equal(count->bad_slot, 2);
	frame_of(f, 0, "ABS_MT_SLOT 0, ABS_MT_POSITION_X 1");
	assert_int_equal(count->no_contact, 1);
	assert_int_equal(count->empty, 2);
	frame_of(f, 0, "ABS_MT_TRACKING_ID 1");
	frame_of(f, 1, "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 1");
	frame_of(f, 1, "ABS_MT_POSITION_X 2");
	assert_int_equal(count->no_slot, 1);
	assert_int_equal(count->no_contact, 1);
	assert_int_equal(count->empty, 4);
	/* Also of a contact that has moved. */
	frame_of(f, 0, "ABS_MT_POSITION_X 1");
	frame_of(f, 0,
		 "ABS_MT_POSITION_X 1000, ABS_MT_SLOT -1, "
		 "ABS_MT_POSITION_X 3");
	assert_int_equal(count->clamped, 2);
	assert_int_equal(count->bad_slot, 4);
}

/* Whatever it was in the middle of. */
static void a_released_source_leaves_no_trace(void **state)
{
	struct fixture *f = *state;
	struct merge_source fresh;

	frame_of(f, 0,
		 "KEY_A 1, ABS_Z 3, ABS_X 4, BTN_TOUCH 1, ABS_MT_SLOT 3, "
		 "ABS_MT_TRACKING_ID 5, ABS_MT_PRESSURE 2, ABS_MT_SLOT 9, "
		 "ABS_MT_TRACKING_ID 5, ABS_MT_SLOT 64");
	gone(f, 0);
	for (unsigned int code = 0; code < KEY_CNT; code++)
		assert_int_equal(f->merge.holders[code], 0);
	for (unsigned int code = 0; code < ABS_CNT; code++)
		assert_null(f->merge.axis_owner[code]);
	for (unsigned int slot = 0; slot < SPEC_SLOTS_MAX; slot++)
		assert_null(f->merge.slot_owner[slot]);
	assert_true(LIST_EMPTY(&f->merge.sources));
	merge_source_init(&fresh);
	assert_memory_equal(&f->src[0], &fresh, sizeof(fresh));
	gone(f, 0);
	assert_frame(&f->out, "-");
}

static void a_source_that_sent_nothing_releases_nothing(void **state)
{
	struct fixture *f = *state;

	gone(f, 0);
	assert_frame(&f->out, "-");
	assert_int_equal(f->merge.count.empty, 0);
}

static void new_contacts_avoid_slots_while_others_are_free(void **state)
{
	struct fixture *f = *state;

	f->spec.abs[ABS_MT_SLOT].max = 2;
	f->merge.avoid_slots = 1;
	frame_of(f, 0, "ABS_MT_TRACKING_ID 1");
	assert_int_equal(f->merge.live, 1 << 1);
	frame_of(f, 0, "ABS_MT_TRACKING_ID 2");
	assert_int_equal(f->merge.live, 1 << 1);
	frame_of(f, 0, "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 3");
	assert_int_equal(f->merge.live, 1 << 1 | 1 << 2);
	frame_of(f, 0, "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 4");
	assert_int_equal(f->merge.live, 1 << 0 | 1 << 1 | 1 << 2);
	assert_int_equal(f->merge.count.no_slot, 0);
}

static void expect_keys_between(struct fixture *f, bool touch, bool finger,
				bool doubletap)
{
	struct state between;

	assert_true(merge_lifts_first(&f->merge, &f->seen, &between));
	assert_int_equal(between.slot, -1);
	assert_int_equal(bit_test(between.key, BTN_TOUCH), touch);
	assert_int_equal(bit_test(between.key, BTN_TOOL_FINGER), finger);
	assert_int_equal(bit_test(between.key, BTN_TOOL_DOUBLETAP), doubletap);
	/* The device lacks it. */
	assert_false(bit_test(between.key, BTN_TOOL_TRIPLETAP));
}

/* A guest has seen other contacts in these slots: they are lifted first. */
static void start_touch(struct fixture *f)
{
	memset(&f->spec, 0, sizeof(f->spec));
	event_text_device("BTN_TOUCH, BTN_TOOL_FINGER, BTN_TOOL_DOUBLETAP, "
			  "ABS_MT_SLOT 0..3, ABS_MT_TRACKING_ID 0..65535",
			  &f->spec);
	start(f);
}

static void keys_follow_the_contacts_that_are_not_lifted_first(void **state)
{
	struct fixture *f = *state;

	start_touch(f);
	for (int src = 0; src < 2; src++)
		frame_of(f, src,
			 "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, "
			 "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 2");
	f->seen.contact[0].id = 999;
	expect_keys_between(f, true, false, false);
	f->seen.contact[3].id = 999;
	expect_keys_between(f, true, false, true);
	f->seen.contact[1].id = 999;
	expect_keys_between(f, true, true, false);
	f->seen.contact[2].id = 999;
	expect_keys_between(f, false, false, false);
	/* What has no contacts says what it does itself. */
	f->seen = f->merge.now;
	frame_of(f, 2, "BTN_TOUCH 1");
	for (int slot = 0; slot < 4; slot++)
		f->seen.contact[slot].id = 999;
	expect_keys_between(f, true, false, false);
}

static void keys_of_the_only_source_are_its_own_while_it_touches(void **state)
{
	struct fixture *f = *state;

	start_touch(f);
	frame_of(f, 0,
		 "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_SLOT 1, "
		 "ABS_MT_TRACKING_ID 2, BTN_TOUCH 1, BTN_TOOL_FINGER 1");
	f->seen.contact[0].id = 999;
	expect_keys_between(f, true, true, false);
	f->seen.contact[1].id = 999;
	expect_keys_between(f, false, false, false);
}

/* Of any number up to the largest: no contact is in a slot past the last. */
static void as_many_contacts_as_slots_are_merged(void **state)
{
	static const int numbers[] = { 1, 2, 31, 32, 33, 62, 63, 64 };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		const int n = numbers[i];
		struct fixture *f = new_fixture();

		f->spec = ((struct fixture *)*state)->spec;
		f->spec.abs[ABS_MT_SLOT].max = n - 1;
		start(f);
		for (int slot = 0; slot < n; slot++) {
			char text[64];

			snprintf(text, sizeof(text),
				 "ABS_MT_SLOT %d, ABS_MT_TRACKING_ID 5", slot);
			frame_of(f, slot % 2, text);
		}
		assert_int_equal(f->merge.count.no_slot, 0);
		frame_of(f, 2, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 5");
		assert_int_equal(f->merge.count.no_slot, 1);
		assert_int_equal(__builtin_popcountll(f->merge.live), n);
		assert_int_equal(64 - __builtin_clzll(f->merge.live), n);
		gone(f, 0);
		gone(f, 1);
		assert_int_equal(f->merge.live, 0);
		free(f);
	}
}

static void a_replaced_contact_leaves_a_slot_to_be_avoided(void **state)
{
	struct fixture *f = *state;

	frame_of(f, 0, "ABS_MT_TRACKING_ID 1");
	f->merge.avoid_slots = 1;
	frame_of(f, 0, "ABS_MT_TRACKING_ID 2");
	assert_int_equal(f->merge.live, 1 << 1);
	assert_int_equal(f->merge.now.contact[0].id, -1);
}

static void tracking_ids_wrap_and_pass_over_live_ones(void **state)
{
	struct fixture *f = *state;
	int last = 0;

	frame_of(f, 0, "ABS_MT_TRACKING_ID 5");
	assert_int_equal(f->merge.now.contact[0].id, 0);
	for (int i = 0; i < 0x10000; i++) {
		char text[64];

		snprintf(text, sizeof(text), "ABS_MT_TRACKING_ID %d", i);
		frame_of(f, 1, text);
		last = f->merge.now.contact[1].id;
		assert_in_range(last, 1, 0xffff);
	}
	assert_int_equal(last, 1);
}

/* Return: the length of the longest frame that comes of it. */
static size_t merge_events(struct fixture *f, size_t n)
{
	size_t done = 0, longest = 0;

	f->ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	while (done < n) {
		done += merge_frame(&f->merge, &f->src[0], f->ev + done,
				    n - done, &f->out);
		see(f);
		if (longest < f->out.n)
			longest = f->out.n;
	}
	return longest;
}

/* Contacts of another source in all slots, and what they said left over. */
static void fill_slots(struct fixture *f)
{
	for (int slot = 0; slot < SPEC_SLOTS_MAX; slot++) {
		char text[128];

		snprintf(text, sizeof(text),
			 "ABS_MT_SLOT %d, ABS_MT_TRACKING_ID 1, "
			 "ABS_MT_PRESSURE 7, ABS_MT_TOUCH_MAJOR 7",
			 slot);
		frame_of(f, 1, text);
	}
	gone(f, 1);
}

static void the_frame_that_grows_most_fits(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;

	fill_slots(f);
	f->merge.avoid_slots = 0xffffffff;
	for (int slot = 0; slot < SPEC_SLOTS_MAX; slot++) {
		f->ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, slot);
		f->ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, 9);
	}
	for (int slot = 0; n < FRAME_EVENTS_MAX; slot++) {
		f->ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, slot % 64);
		f->ev[n++] = vi_event(EV_ABS, ABS_MT_PRESSURE, slot % 8);
	}
	assert_in_range(merge_events(f, n), FRAME_EVENTS_MAX + 64,
			FRAME_OUT_MAX);
}

static void a_frame_of_contacts_that_replace_each_other_is_many(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < FRAME_EVENTS_MAX; i++)
		f->ev[i] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, i);
	assert_in_range(merge_events(f, FRAME_EVENTS_MAX), 2, 100);
	assert_int_equal(f->src[0].contact[0].id, FRAME_EVENTS_MAX - 1);
}

static void slots_that_come_and_go_at_most_double_a_frame(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;

	/* Each time the one slot is lifted the other goes where it was. */
	for (int i = 0; n + 4 <= FRAME_EVENTS_MAX; i++) {
		f->ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, i % 2);
		f->ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, -1);
		f->ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, !(i % 2));
		f->ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, i);
	}
	assert_in_range(merge_events(f, n), 1, 2 * FRAME_EVENTS_MAX + 1000);
}

static void a_release_of_everything_fits(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;

	memset(f->spec.bits[EV_KEY], 0xff, KEY_CNT / 8);
	for (uint16_t code = 0; code < KEY_CNT; code++)
		f->ev[n++] = vi_event(EV_KEY, code, 1);
	for (int slot = 0; slot < SPEC_SLOTS_MAX; slot++) {
		f->ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, slot);
		f->ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, slot);
	}
	merge_events(f, n);
	gone(f, 0);
	assert_int_equal(f->out.n, KEY_CNT + 2 * SPEC_SLOTS_MAX + 1);
	for (size_t i = 0; i < sizeof(f->merge.now.key); i++)
		assert_int_equal(f->merge.now.key[i], 0);
}

/* Anything at all, also with another source; see() compares. */
static void exact_frames_keep_the_guest_right(void **state)
{
	struct fixture *f = *state;
	struct rnd rnd = { 1 };

	f->spec.exact = true;
	f->spec.abs[ABS_MT_SLOT].max = 3;
	for (int i = 0; i < 20000; i++) {
		static const uint16_t codes[] = {
			ABS_X,
			ABS_PRESSURE,
			ABS_MT_SLOT,
			ABS_MT_TRACKING_ID,
			ABS_MT_POSITION_X,
			ABS_MT_PRESSURE,
		};
		const int src = rnd_one_in(&rnd, 20);
		size_t n = rnd_below(&rnd, 12);

		for (size_t e = 0; e < n; e++)
			f->ev[e] = rnd_one_in(&rnd, 4)
					   ? vi_event(EV_KEY,
						      rnd_one_in(&rnd, 2)
							      ? BTN_TOUCH
							      : BTN_TOOL_FINGER,
						      rnd_one_in(&rnd, 2))
					   : vi_event(EV_ABS,
						      codes[rnd_below(&rnd, 6)],
						      rnd_between(&rnd, -1, 3));
		if (rnd_one_in(&rnd, 50))
			f->merge.avoid_slots = rnd_below(&rnd, 16);
		merge_all(f, src, n);
		if (rnd_one_in(&rnd, 30))
			gone(f, src);
	}
	gone(f, 0);
	gone(f, 1);
	assert_int_equal(f->merge.live, 0);
	assert_false(bit_test(f->seen.key, BTN_TOUCH));
}

static int is_scenario(const struct dirent *entry)
{
	return strstr(entry->d_name, ".txt") != NULL;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, touchpad, tear_down)
	const struct CMUnitTest coded[] = {
		TEST(counters_say_what_was_dropped),
		TEST(a_released_source_leaves_no_trace),
		TEST(a_source_that_sent_nothing_releases_nothing),
		TEST(keys_follow_the_contacts_that_are_not_lifted_first),
		TEST(keys_of_the_only_source_are_its_own_while_it_touches),
		TEST(new_contacts_avoid_slots_while_others_are_free),
		TEST(as_many_contacts_as_slots_are_merged),
		TEST(a_replaced_contact_leaves_a_slot_to_be_avoided),
		TEST(tracking_ids_wrap_and_pass_over_live_ones),
		TEST(the_frame_that_grows_most_fits),
		TEST(a_frame_of_contacts_that_replace_each_other_is_many),
		TEST(slots_that_come_and_go_at_most_double_a_frame),
		TEST(a_release_of_everything_fits),
		TEST(exact_frames_keep_the_guest_right),
	};
	struct CMUnitTest texts[128] = { 0 };
	struct dirent **names;
	const int n = scandir(SCENARIOS, &names, is_scenario, alphasort);
	int failed;

	if (n <= 0 || n > 128) {
		fprintf(stderr, "no scenarios in %s\n", SCENARIOS);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		texts[i].name = names[i]->d_name;
		texts[i].test_func = scenario;
		texts[i].initial_state = names[i]->d_name;
	}
	failed = _cmocka_run_group_tests(SCENARIOS, texts, (size_t)n, NULL,
					 NULL);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return failed + cmocka_run_group_tests(coded, NULL, NULL);
}
