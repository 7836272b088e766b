/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type: what it does with the keyboard as it finds it. The device is the
 * test's, which has LEDs and on which earlier commands hold keys.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "injector/inject/inject-commands.h"
#include "injector/inject/inject-words.h"
#include "injector/libvinject/vinject-handle.h"
#include "input/device/control.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-server.h"

static struct inject_run run;
static struct fake_server *server;

static int setup(void **state)
{
	inject_run_init(&run, INJECT_MODE_REAL, NULL);
	run.rules = (struct inject_rules){ .off = true,
					   .guest_ms = 10000,
					   .read_ms = 10000 };
	server = fake_server_new(SOCK_STREAM);
	/* All that a command sends has room. */
	assert_ok(setsockopt(server->v->link.fd, SOL_SOCKET, SO_SNDBUF,
			     &(int){ 1 << 16 }, sizeof(int)));
	run.device[0] = (struct inject_device){ .name = strdup("keyboard"),
						.v = server->v,
						.other_end = -1,
						.leds_known = true };
	run.n_devices = 1;
	run.to = &run.device[0];
	return 0;
}

static int teardown(void **state)
{
	inject_run_fini(&run);
	server->v = NULL; /* the run's */
	fake_server_free(server);
	return 0;
}

#define CAPS 1
#define NUM  2

static const struct found {
	unsigned int locks;
	uint16_t held[2];
	const char *command, *fault;
} founds[] = {
	{ 0, { 0 }, "type a", NULL },
	/* It changes no text. */
	{ NUM, { KEY_F1 }, "type a", NULL },
	{ CAPS, { 0 }, "type 1", NULL },
	{ CAPS,
	  { 0 },
	  "type a",
	  "type: a (U+0061) would arrive as another character: Caps Lock is on "
	  "in the guest; use --clear-modifiers to undo that for the text" },
	{ CAPS,
	  { KEY_LEFTCTRL },
	  "type a",
	  "type: a (U+0061) would arrive as another character: Caps Lock is on "
	  "in the guest; use --clear-modifiers to undo that for the text" },
	/* Of what is held, what is in the way is named. */
	{ NUM,
	  { KEY_F1, KEY_RIGHTCTRL },
	  "type a",
	  "type: a (U+0061) would arrive as another character: KEY_RIGHTCTRL "
	  "is held by an earlier command; use --clear-modifiers to undo that "
	  "for the text" },
	{ NUM,
	  { 0 },
	  "type \u2194 --layout=de --variant=neo",
	  "type: \u2194 (U+2194) would arrive as another character: Num Lock "
	  "is on in the guest; use --clear-modifiers to undo that for the "
	  "text" },
	{ NUM,
	  { KEY_F1 },
	  "type \u2194 --layout=de --variant=neo",
	  "type: \u2194 (U+2194) would arrive as another character: Num Lock "
	  "is on in the guest; use --clear-modifiers to undo that for the "
	  "text" },
};

/* Return: as reading the command does. */
static int read_command(const char *line, struct fault *fault)
{
	struct inject_context ctx = { .line = 0 };
	struct inject_commands list;
	struct inject_words words;
	int r;

	assert_ok(inject_words_split(&words, line, fault));
	r = inject_commands_read(&list, words.word, &ctx, fault);
	if (!r)
		r = list.command->verb->run(list.command, &run);
	inject_commands_fini(&list);
	inject_words_fini(&words);
	return r;
}

/* Return: as the command does. */
static int type(const char *line)
{
	struct fault fault = { "" };
	const int r = read_command(line, &fault);

	if (*fault.text)
		fail_msg("%s: %s", line, fault.text);
	return r;
}

static void what_is_in_the_way_of_the_text_is_named(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(founds); i++) {
		const struct found *row = &founds[i];

		fake_server_says(server, EV_LED, LED_CAPSL,
				 row->locks & CAPS ? 1 : 0);
		fake_server_says(server, EV_LED, LED_NUML,
				 row->locks & NUM ? 1 : 0);
		fake_server_says(server, EV_SYN, SYN_REPORT, 0);
		for (size_t k = 0; k < ARRAY_LEN(row->held); k++)
			if (row->held[k])
				assert_ok(inject_run_key(&run, row->held[k],
							 true));
		if (type(row->command) != (row->fault ? -EBUSY : 0))
			fail_msg("row %zu: %s", i, run.fault.text);
		assert_string_equal(run.fault.text,
				    row->fault ? row->fault : "");
		teardown(NULL);
		setup(NULL);
	}
}

static void have_receipts(void)
{
	run.rules.off = false;
	fake_server_greet(server);
	assert_ok(
		inject_receipt_begin(&run.to->receipt, server->v, &run.rules));
}

/* The server says so before it is asked. */
static void others_hold(int32_t modifiers)
{
	server->v->control.held_asked = VINJECT_ASKED;
	fake_server_says(server, CONTROL_HELD, 0, modifiers);
}

static void a_key_that_another_program_holds_is_named(void **state)
{
	static const struct {
		enum vinject_modifier modifier;
		const char *key;
	} rows[] = { { VINJECT_LEFT_CTRL, "KEY_LEFTCTRL" },
		     { VINJECT_LEFT_SHIFT, "KEY_LEFTSHIFT" },
		     { VINJECT_LEFT_ALT, "KEY_LEFTALT" },
		     { VINJECT_LEFT_META, "KEY_LEFTMETA" },
		     { VINJECT_RIGHT_CTRL, "KEY_RIGHTCTRL" },
		     { VINJECT_RIGHT_SHIFT, "KEY_RIGHTSHIFT" },
		     { VINJECT_RIGHT_ALT, "KEY_RIGHTALT" },
		     { VINJECT_RIGHT_META, "KEY_RIGHTMETA" } };
	char due[128];

	have_receipts();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(due, sizeof(due),
			 "type: a (U+0061) would arrive as another character: "
			 "another program holds %s",
			 rows[i].key);
		others_hold(rows[i].modifier);
		assert_rc(type("type a --clear-modifiers"), -EBUSY);
		assert_string_equal(run.fault.text, due);
	}
}

/* Ours comes first, and only what changes the text is in the way. */
static void keys_of_ours_and_of_others_are_told_apart(void **state)
{
	have_receipts();
	assert_ok(inject_run_key(&run, KEY_LEFTCTRL, true));
	others_hold(VINJECT_RIGHT_CTRL);
	assert_rc(type("type a"), -EBUSY);
	assert_string_equal(run.fault.text,
			    "type: a (U+0061) would arrive as another "
			    "character: another program holds KEY_RIGHTCTRL");
	others_hold(VINJECT_LEFT_SHIFT);
	assert_rc(type("type \" \""), -EBUSY);
	assert_string_equal(
		run.fault.text,
		"type: U+0020 would arrive as another character: KEY_LEFTCTRL "
		"is held by an earlier command; use --clear-modifiers to undo "
		"that for the text");
}

static void the_way_is_cleared_and_restored(void **state)
{
	fake_server_says(server, EV_LED, LED_CAPSL, 1);
	fake_server_says(server, EV_SYN, SYN_REPORT, 0);
	assert_ok(inject_run_key(&run, KEY_LEFTCTRL, true));
	assert_ok(inject_run_key(&run, KEY_RIGHTMETA, true));
	fake_server_reads(server, NULL);
	assert_ok(type("type a --clear-modifiers --delay=0"));
	fake_server_reads(server, "KEY 29 0, SYN, KEY 126 0, SYN, "
				  "KEY 58 1, SYN, KEY 58 0, SYN, "
				  "KEY 30 1, SYN, KEY 30 0, SYN, "
				  "KEY 58 1, SYN, KEY 58 0, SYN, "
				  "KEY 29 1, SYN, KEY 126 1, SYN");
}

/* What switches it in that layout: the third and the fifth level's keys. */
#define NUM_LOCK_LAST \
	"KEY 86 1, SYN, KEY 100 1, SYN, KEY 100 0, SYN, KEY 86 0, SYN"
#define NUM_LOCK NUM_LOCK_LAST ", "

static void num_lock_is_off_for_the_text(void **state)
{
	fake_server_says(server, EV_LED, LED_NUML, 1);
	fake_server_says(server, EV_SYN, SYN_REPORT, 0);
	assert_ok(type("type \u2194 --layout=de --variant=neo --delay=0 "
		       "--clear-modifiers"));
	fake_server_reads(server, NUM_LOCK
			  "KEY 43 1, SYN, KEY 79 1, SYN, "
			  "KEY 79 0, SYN, KEY 43 0, SYN, " NUM_LOCK_LAST);
}

static void words_are_typed_with_a_space_between_two(void **state)
{
	assert_ok(type("type a b c --delay=0"));
	fake_server_reads(server, "KEY 30 1, SYN, KEY 30 0, SYN, "
				  "KEY 57 1, SYN, KEY 57 0, SYN, "
				  "KEY 48 1, SYN, KEY 48 0, SYN, "
				  "KEY 57 1, SYN, KEY 57 0, SYN, "
				  "KEY 46 1, SYN, KEY 46 0, SYN");
}

static void what_cannot_be_typed_is_known_before_it_begins(void **state)
{
	struct fault fault;

	/* Without --compose, no sequence. */
	assert_rc(read_command("type \u00e9 --layout=de", &fault), -EINVAL);
	assert_non_null(strstr(fault.text, "try --compose"));
	assert_rc(read_command("type a --layout=none --compose", &fault),
		  -EINVAL);
	assert_non_null(strstr(fault.text, "none"));
	fake_server_reads(server, "");
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_in_the_way_of_the_text_is_named),
		T(a_key_that_another_program_holds_is_named),
		T(keys_of_ours_and_of_others_are_told_apart),
		T(the_way_is_cleared_and_restored),
		T(num_lock_is_off_for_the_text),
		T(words_are_typed_with_a_space_between_two),
		T(what_cannot_be_typed_is_known_before_it_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
