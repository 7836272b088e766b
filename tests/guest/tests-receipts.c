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
#include "tests/lib/inject-times.h"

#define CHARS	 2000
#define PAUSE_US 400000 /* longer than a guest may take before it stalls */
#define QUIET_MS 1000
#define PRESSES	 200
#define PACE	 "10ms" /* longer than a frame takes */

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
static FILE *start_inject(const char *options, const char *words)
{
	char *path = program_path("vinput-inject"), *command;
	FILE *out;

	assert_true(asprintf(&command, "%s --to=%s %s %s 2>&1", path,
			     keyboard()->srv.inject, options, words) > 0);
	out = popen(command, "re");
	assert_non_null(out);
	free(command);
	free(path);
	return out;
}

static FILE *start_typing(const char *options, const char *text)
{
	char words[CHARS + 32];

	snprintf(words, sizeof(words), "type --layout=us %s", text);
	return start_inject(options, words);
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

static int compare_us(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* us: sorted. Return: the lowest that so many per cent do not exceed. */
static double percentile_ms(const double *us, size_t n, size_t percent)
{
	return us[(n * percent + 99) / 100 - 1] / 1e3;
}

/* us gets sorted. Return: the median. */
static double print_percentiles(const char *what, double *us, size_t n)
{
	qsort(us, n, sizeof(*us), compare_us);
	print_message("%-25s %zu frames: p50 %.3f ms, p90 %.3f ms, p99 "
		      "%.3f ms\n",
		      what, n, percentile_ms(us, n, 50),
		      percentile_ms(us, n, 90), percentile_ms(us, n, 99));
	return percentile_ms(us, n, 50);
}

/* The times of frames, each of which was sent when the one before was taken. */
void the_way_into_the_guest_is_measured_beside_the_notification(void **state)
{
	static struct reattach_style style;
	static struct inject_time time[PRESSES * 2];
	static double notified[PRESSES * 2], taken[PRESSES * 2];
	char path[128], options[160], words[96], said[1024];
	FILE *in;
	size_t n;

	style = reattach_styles[REATTACH_CROSVM];
	style.stamps = true;
	begin_through_relays(&style);
	keyboard()->relay.stamps->n = 0;
	snprintf(path, sizeof(path), "%s.times", keyboard()->srv.inject);
	snprintf(options, sizeof(options), "--measure=%s", path);
	snprintf(words, sizeof(words), "key a --count=%d --hold=%s --delay=%s",
		 PRESSES, PACE, PACE);
	assert_int_equal(end_typing(start_inject(options, words), said), 0);
	print_message("%s", said);
	in = fopen(path, "re");
	assert_non_null(in);
	n = inject_times_read(in, keyboard()->relay.stamps, time,
			      ARRAY_LEN(time));
	fclose(in);
	unlink(path);
	assert_in_range(n, PRESSES, PRESSES * 2);
	for (size_t i = 0; i < n; i++) {
		notified[i] = time[i].notified;
		taken[i] = time[i].taken;
	}
	assert_true(
		print_percentiles("injection to notification", notified, n) <
		print_percentiles("injection to driver", taken, n));
	forget_events();
	done();
}
