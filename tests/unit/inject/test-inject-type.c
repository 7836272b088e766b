/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type: what it does with the keyboard as it finds it. The device is the
 * test's, which has LEDs and on which earlier commands hold keys.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "injector/inject/inject-commands.h"
#include "injector/inject/inject-words.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-server.h"

static struct inject_run run;
static struct fake_server *server;

static int setup(void **state)
{
	inject_run_init(&run, INJECT_MODE_REAL, NULL);
	run.rules.off = true;
	server = fake_server_new(SOCK_STREAM);
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
};

/* Return: as the command does. */
static int type(const char *line)
{
	struct inject_context ctx = { .line = 0 };
	struct inject_commands list;
	struct inject_words words;
	struct fault fault = { "" };
	int r;

	assert_ok(inject_words_split(&words, line, &fault));
	if (inject_commands_read(&list, words.word, &ctx, &fault))
		fail_msg("%s: %s", line, fault.text);
	r = list.command->verb->run(list.command, &run);
	inject_commands_fini(&list);
	inject_words_fini(&words);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_in_the_way_of_the_text_is_named, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
