/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-inject ends with status 0 when the guest's driver has everything, and
 * otherwise names exactly what it has, however the guest stops in between.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/program.h"
#include "tests/guest/tests.h"

#define CHARS	 2000
#define PAUSE_US 400000 /* longer than a guest may take before it stalls */
#define QUIET_MS 1000

/* Their key codes follow each other. */
static const char row[] = "qwertyuiop";

static void make_text(char text[CHARS + 1])
{
	for (unsigned int i = 0; i < CHARS; i++)
		text[i] = row[i * 7 % 10];
	text[CHARS] = '\0';
}

/* Add what the guest reads to got, up to n characters in all or a silence. */
static void read_text(char got[CHARS + 1], size_t n)
{
	struct vi_event ev[64];
	size_t len = strlen(got), events = 1;

	while (len < n && events) {
		events = vm_take_frame(&vm, keyboard()->node, ev, ARRAY_LEN(ev),
				       QUIET_MS);
		for (size_t i = 0; i < events; i++)
			if (vi_type(&ev[i]) == EV_KEY && vi_value(&ev[i]) == 1)
				got[len++] = row[vi_code(&ev[i]) - KEY_Q];
		got[len] = '\0';
	}
}

static void pause_process(struct vm *of)
{
	kill(of->pid, SIGSTOP);
}

static void resume_process(struct vm *of)
{
	kill(of->pid, SIGCONT);
}

/* As its VMM does it, and as a machine that is too busy. */
static const struct {
	void (*pause)(struct vm *vm), (*resume)(struct vm *vm);
} stops[] = {
	{ vm_pause, vm_resume },
	{ pause_process, resume_process },
};

/* Start vinput-inject on the keyboard. Return: its output. */
static FILE *start_typing(const char *options, const char *text)
{
	char *path = program_path("vinput-inject"), *command;
	FILE *out;

	assert_true(asprintf(&command, "%s --to=%s %s type --layout=us %s 2>&1",
			     path, keyboard()->srv.inject, options, text) > 0);
	out = popen(command, "re");
	assert_non_null(out);
	free(command);
	free(path);
	return out;
}

/* Return: its exit status; said: what it printed. */
static int end_typing(FILE *out, char said[1024])
{
	const size_t n = fread(said, 1, 1023, out);
	const int status = pclose(out);

	said[n] = '\0';
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void text_arrives_whole_over_a_guest_that_stops(void **state)
{
	char text[CHARS + 1], said[1024];

	make_text(text);
	for (size_t i = 0; i < ARRAY_LEN(stops); i++) {
		char got[CHARS + 1] = "";
		FILE *out;

		begin();
		out = start_typing("", text);
		for (size_t part = 1; part <= 3; part++) {
			read_text(got, part * CHARS / 4);
			stops[i].pause(&vm);
			usleep(PAUSE_US);
			stops[i].resume(&vm);
		}
		read_text(got, CHARS);
		if (end_typing(out, said))
			fail_msg("vinput-inject failed: %s", said);
		assert_string_equal(got, text);
		assert_reads_frame(keyboard(), "KEY_R 0");
		assert_reads_nothing_more();
		done();
	}
}

void the_last_character_named_is_the_last_that_the_guest_has(void **state)
{
	char text[CHARS + 1], said[1024];

	make_text(text);
	for (size_t i = 0; i < ARRAY_LEN(stops); i++) {
		char got[CHARS + 1] = "", want[64];
		FILE *out;

		begin();
		out = start_typing("--timeout=300ms", text);
		read_text(got, CHARS / 4);
		stops[i].pause(&vm);
		assert_int_equal(end_typing(out, said), 1);
		stops[i].resume(&vm);
		read_text(got, CHARS);
		print_message("%s", said);
		assert_in_range(strlen(got), CHARS / 4, CHARS - 1);
		assert_memory_equal(got, text, strlen(got));
		snprintf(want, sizeof(want),
			 "took %zu of %d characters, the last '%c'",
			 strlen(got), CHARS, got[strlen(got) - 1]);
		if (!strstr(said, want))
			fail_msg("not \"%s\" but: %s", want, said);
		done();
	}
}

void an_injector_waits_for_a_guest_that_boots(void **state)
{
	char said[1024];
	FILE *out;

	begin_without_guest();
	out = start_typing("--wait-guest", "q");
	boot();
	if (end_typing(out, said))
		fail_msg("vinput-inject failed: %s", said);
	assert_int_equal(times_told(keyboard(), "KEY_Q 1"), 1);
	assert_int_equal(times_told(keyboard(), "KEY_Q 0"), 1);
	done();
}

void the_way_into_the_guest_is_measured(void **state)
{
	char said[1024];

	begin();
	assert_int_equal(end_typing(start_typing("--measure", row), said), 0);
	print_message("%s", said);
	assert_non_null(strstr(said, "p50"));
	forget_events();
	done();
}
