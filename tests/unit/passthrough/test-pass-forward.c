/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pass-forward.h. Each scenario is a text file:
 *
 *   # why
 *   has KEY_A, ABS_X 0..255 rest 128        the device
 *   keep KEY_MUTE                           keys that the host gets
 *   type A                                  its contacts have no slots
 *   start, stop, resync                     what is called
 *   start late                              keys of the state were down before
 *   node KEY_A 1, ABS_X 3                   a frame of the node
 *   part KEY_A 1                            events without SYN_REPORT
 *   state KEY_A 1                           the node's state from now on
 *   full, space                             of the guest, for frames
 *                                           a blank line
 *   KEY_A 1, ABS_X 3                        what comes of the first line; "-":
 *                                           nothing; " | " is between frames;
 *                                           "host KEY_MUTE 1": what that gets
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-forward.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"

#define SCENARIOS "tests/data/passthrough"
#define LINES_MAX 64

struct scenario {
	char name[128];
	char line[LINES_MAX][512];
	size_t n, blank;
};

struct world {
	struct spec spec;
	struct pass_forward forward;
	struct state state; /* of the node */
	char got[4096];	    /* what was sent, as text */
	uint8_t kept[KEY_CNT / 8], kept_down[KEY_CNT / 8];
	bool full;  /* there is no space */
	bool plain; /* events that are plain take the shorter way */
};

static bool note_frame(void *arg, const struct vi_event *ev, size_t n)
{
	struct world *w = arg;
	char *text;

	if (w->full)
		return false;
	text = event_text_write(ev, n - 1);

	assert_true(n > 1 && vi_is_syn_report(&ev[n - 1]));
	if (w->got[0])
		strcat(w->got, " | ");
	strncat(w->got, text, sizeof(w->got) - strlen(w->got) - 8);
	free(text);
	return true;
}

/* Only what changes, as pass-keep does. */
static void note_kept(void *arg, uint16_t key, bool down)
{
	const struct vi_event ev = vi_event(EV_KEY, key, down);
	struct world *w = arg;
	char *text = event_text_write(&ev, 1);

	if (bit_test(w->kept_down, key) != down) {
		if (w->got[0])
			strcat(w->got, " | ");
		strcat(w->got, "host ");
		strcat(w->got, text);
	}
	bit_assign(w->kept_down, key, down);
	free(text);
}

static void make_space(void *arg)
{
	struct world *w = arg;

	w->full = false;
}

static void note_frames(struct world *w, const struct vi_event *ev, size_t n)
{
	for (size_t i = 0, first = 0; i < n; i++)
		if (vi_is_syn_report(&ev[i])) {
			note_frame(w, &ev[first], i + 1 - first);
			first = i + 1;
		}
}

/* Return: whether they took the shorter way. */
static bool feed_plain(struct world *w, const struct input_event *in, size_t n)
{
	struct vi_event out[64];

	if (!w->plain || w->full ||
	    !pass_forward_plain(&w->forward, in, n, out))
		return false;
	note_frames(w, out, n);
	pass_forward_sent(&w->forward, out, n);
	return true;
}

static void feed(struct world *w, const char *text, bool whole)
{
	struct vi_event ev[64];
	struct input_event in[64] = { 0 };
	size_t n = event_text_read(text, ev, 63);

	if (whole)
		ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	for (size_t i = 0; i < n; i++) {
		in[i].type = vi_type(&ev[i]);
		in[i].code = vi_code(&ev[i]);
		in[i].value = vi_value(&ev[i]);
	}
	if (!feed_plain(w, in, n))
		pass_forward_events(&w->forward, in, n);
}

static void set_state(struct world *w, const char *text)
{
	struct vi_event ev[64];
	size_t n = event_text_read(text, ev, 64);

	for (size_t i = 0; i < n; i++)
		state_apply(&w->state, &ev[i]);
}

static void set_kept(struct world *w, const char *text)
{
	char pressed[80];
	struct vi_event ev;

	snprintf(pressed, sizeof(pressed), "%s 1", text);
	assert_num(event_text_read(pressed, &ev, 1), 1);
	bit_set(w->kept, vi_code(&ev));
	w->forward.kept = w->kept;
	w->forward.keep = note_kept;
	w->forward.keep_arg = w;
}

static const uint8_t none[KEY_CNT / 8];

static void run_line(struct world *w, const char *line)
{
	if (!strncmp(line, "node ", 5))
		feed(w, line + 5, true);
	else if (!strncmp(line, "part ", 5))
		feed(w, line + 5, false);
	else if (!strncmp(line, "state ", 6))
		set_state(w, line + 6);
	else if (!strcmp(line, "start"))
		pass_forward_start(&w->forward, &w->state, none);
	else if (!strcmp(line, "start late"))
		pass_forward_start(&w->forward, &w->state, w->state.key);
	else if (!strcmp(line, "full"))
		w->full = true;
	else if (!strcmp(line, "space"))
		w->full = false;
	else if (!strcmp(line, "stop"))
		pass_forward_stop(&w->forward);
	else if (!strcmp(line, "resync"))
		pass_forward_resync(&w->forward, &w->state);
	else
		fail_msg("what is \"%s\"?", line);
}

static void read_scenario(struct scenario *sc, struct world *w)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), SCENARIOS "/%s", sc->name);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(sc->line[sc->n], sizeof(sc->line[0]), file)) {
		char *line = sc->line[sc->n];

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		if (!strcmp(line, "type A")) {
			w->forward.type_a = true;
			continue;
		}
		if (!strncmp(line, "keep ", 5)) {
			set_kept(w, line + 5);
			continue;
		}
		if (!strncmp(line, "has ", 4)) {
			event_text_device(line + 4, &w->spec);
			continue;
		}
		if (!line[0])
			sc->blank = sc->n;
		assert_true(++sc->n < LINES_MAX);
	}
	fclose(file);
}

static void run_scenario(const char *name, bool plain)
{
	struct scenario sc = { 0 };
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	strcpy(sc.name, name);
	w->plain = plain;
	read_scenario(&sc, w);
	w->forward.spec = &w->spec;
	w->forward.sink = (struct pass_sink){ .send = note_frame,
					      .make_space = make_space,
					      .arg = w };
	pass_forward_init(&w->forward);
	state_init(&w->state, &w->spec);
	w->state.slot = w->forward.type_a ? -1 : 0;
	assert_num(sc.n, 2 * sc.blank + 1);
	for (size_t i = 0; i < sc.blank; i++) {
		w->got[0] = '\0';
		run_line(w, sc.line[i]);
		const char *due = sc.line[sc.blank + 1 + i];
		if (strcmp(w->got[0] ? w->got : "-", due))
			fail_msg("%s\nsends  %s\nnot    %s", sc.line[i], w->got,
				 due);
	}
	free(w);
}

static void scenario_holds(void **state)
{
	run_scenario(*state, false);
	run_scenario(*state, true);
}

/* Of these, nothing may depend on what comes next. */
static void only_whole_frames_are_plain(void **state)
{
	static const struct input_event down = { .type = EV_KEY,
						 .code = KEY_A,
						 .value = 1 };
	static const struct input_event again = { .type = EV_KEY,
						  .code = KEY_A,
						  .value = 2 };
	static const struct input_event led = { .type = EV_LED };
	static const struct input_event drop = { .type = EV_SYN,
						 .code = SYN_DROPPED };
	static const struct input_event end = { .type = EV_SYN };
	static const struct input_event motion = { .type = EV_REL };
	static const struct input_event touch = { .type = EV_SYN,
						  .code = SYN_MT_REPORT };
	static const struct input_event beyond = { .type = EV_KEY,
						   .code = KEY_CNT };
	const struct {
		struct input_event ev[4];
		size_t n;
		bool plain;
	} cases[] = {
		{ { down, end }, 2, true },
		{ { down, end, down, end }, 4, true },
		{ { down }, 1, false },
		{ { down, end, down }, 3, false },
		{ { end }, 1, false },
		{ { down, end, end }, 3, false },
		{ { again, end }, 2, false },
		{ { led, end }, 2, false },
		{ { down, drop, end }, 3, false },
		{ { down }, 0, false },
		{ { motion, end }, 2, true },
		{ { touch, end }, 2, false },
		{ { beyond, end }, 2, false },
	};
	struct world *w = calloc(1, sizeof(*w));
	struct vi_event out[4];

	assert_non_null(w);
	event_text_device("KEY_A", &w->spec);
	w->forward.spec = &w->spec;
	w->forward.sink = (struct pass_sink){ .send = note_frame, .arg = w };
	state_init(&w->state, &w->spec);
	pass_forward_init(&w->forward);
	assert_false(pass_forward_plain(&w->forward, cases[0].ev, 2, out));
	pass_forward_start(&w->forward, &w->state, none);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pass_forward_plain(&w->forward, cases[i].ev, cases[i].n,
				       out) != cases[i].plain)
			fail_msg("case %zu", i);
	pass_forward_events(&w->forward, &down, 1);
	assert_false(pass_forward_plain(&w->forward, cases[0].ev, 2, out));
	free(w);
}

static struct world *make_world(const char *device)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	event_text_device(device, &w->spec);
	w->forward.spec = &w->spec;
	w->forward.sink = (struct pass_sink){ .send = note_frame,
					      .make_space = make_space,
					      .arg = w };
	state_init(&w->state, &w->spec);
	return w;
}

/* Nothing is left of another time. */
static void start_begins_anew(void **state)
{
	struct world *w = make_world("KEY_A, REL_X");

	w->forward.dropped = w->forward.repeated = w->forward.on = true;
	w->forward.frame.n = w->forward.out.n = 3;
	pass_forward_init(&w->forward);
	assert_false(w->forward.on || w->forward.dropped ||
		     w->forward.repeated);
	w->forward.rel[REL_X] = 5;
	bit_set(w->forward.others, KEY_A);
	pass_forward_start(&w->forward, &w->state, none);
	feed(w, "KEY_A 1", true);
	assert_string_equal(w->got, "KEY_A 1");
	free(w);
}

static void only_events_of_input_are_taken(void **state)
{
	static const struct input_event ev[] = {
		{ .type = EV_SYN, .code = SYN_CONFIG },
		{ .type = EV_REP, .code = REP_DELAY, .value = 1 },
		{ .type = EV_PWR, .code = SYN_MT_REPORT },
		{ .type = EV_SYN, .code = SYN_MT_REPORT },
	};

	for (int type_a = 0; type_a <= 1; type_a++) {
		struct world *w = make_world("ABS_MT_POSITION_X 0..9");

		w->forward.type_a = type_a;
		pass_forward_start(&w->forward, &w->state, none);
		pass_forward_events(&w->forward, ev, ARRAY_LEN(ev));
		assert_num(w->forward.frame.n, type_a);
		free(w);
	}
}

static void what_is_beside_a_repeat_is_sent(void **state)
{
	struct world *w = make_world("KEY_A, REL_X, MSC_SCAN");

	pass_forward_start(&w->forward, &w->state, none);
	feed(w, "MSC_SCAN 4, KEY_A 2, REL_X 1", true);
	assert_string_equal(w->got, "MSC_SCAN 4, REL_X 1");
	free(w);
}

/* Beside the sums are keys, which stay as they are. */
static void only_axes_that_exist_are_added_up(void **state)
{
	struct world *w = make_world("KEY_A, REL_MAX");
	const struct input_event ev[] = {
		{ .type = EV_SYN, .code = SYN_DROPPED },
		{ .type = EV_REL, .code = REL_CNT, .value = -1 },
		{ .type = EV_REL, .code = REL_MAX, .value = 3 },
		{ .type = EV_SYN },
	};
	struct pass_forward before;

	pass_forward_start(&w->forward, &w->state, none);
	before = w->forward;
	pass_forward_events(&w->forward, ev, ARRAY_LEN(ev));
	before.dropped = true;
	before.rel[REL_MAX] = 3;
	assert_memory_equal(&w->forward, &before, sizeof(before));
	free(w);
}

static void endless_frame_of_type_a_is_a_drop(void **state)
{
	struct world *w = make_world("ABS_MT_POSITION_X 0..9");
	const struct input_event x = { .type = EV_ABS,
				       .code = ABS_MT_POSITION_X };

	w->forward.type_a = true;
	pass_forward_start(&w->forward, &w->state, none);
	for (int i = 0; i < 2 * FRAME_EVENTS_MAX; i++) {
		pass_forward_events(&w->forward, &x, 1);
		assert_true(w->forward.frame.n <
			    FRAME_EVENTS_MAX - TYPE_A_EXTRA);
	}
	assert_true(w->forward.dropped);
	free(w);
}

/* A device that never ends its frame is resynced. */
static void endless_frame_is_a_drop(void **state)
{
	struct world *w = make_world("REL_X");
	const struct input_event motion = { .type = EV_REL, .value = 1 };

	pass_forward_start(&w->forward, &w->state, none);
	for (int i = 0; i < 2 * FRAME_EVENTS_MAX; i++)
		pass_forward_events(&w->forward, &motion, 1);
	assert_true(w->forward.dropped);
	pass_forward_resync(&w->forward, &w->state);
	assert_false(w->forward.dropped);
	assert_string_equal(w->got, "REL_X 8192");
	free(w);
}

static int is_scenario(const struct dirent *entry)
{
	return strstr(entry->d_name, ".txt") != NULL;
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(only_whole_frames_are_plain),
		cmocka_unit_test(start_begins_anew),
		cmocka_unit_test(only_events_of_input_are_taken),
		cmocka_unit_test(what_is_beside_a_repeat_is_sent),
		cmocka_unit_test(only_axes_that_exist_are_added_up),
		cmocka_unit_test(endless_frame_of_type_a_is_a_drop),
		cmocka_unit_test(endless_frame_is_a_drop),
	};
	struct dirent **entries;
	int n = scandir(SCENARIOS, &entries, is_scenario, alphasort);
	struct CMUnitTest *tests;
	int failed;

	if (n <= 0)
		return 1;
	tests = calloc((size_t)n + ARRAY_LEN(plain), sizeof(*tests));
	for (int i = 0; i < n; i++)
		tests[i] =
			(struct CMUnitTest){ entries[i]->d_name, scenario_holds,
					     NULL, NULL, entries[i]->d_name };
	memcpy(&tests[n], plain, sizeof(plain));
	failed = _cmocka_run_group_tests("pass-forward", tests,
					 (size_t)n + ARRAY_LEN(plain), NULL,
					 NULL);
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	free(tests);
	return failed;
}
