/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest plays the host: each test is one of the program that runs there
 * (inside.h). What it prints is shown if it fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/tests.h"

#define INSIDE_MS 330000

/* A line that it printed: to be obeyed, or to be shown. */
static void take_line(FILE *said, const char *line)
{
	if (line[0] == '@')
		vm_qmp(&vm, line + 1);
	else
		fprintf(said, "%s\n", line);
}

static void run_inside(const char *claim)
{
	const long end = now_ms() + INSIDE_MS;
	char line[8192], *text = NULL;
	size_t len;
	FILE *said = open_memstream(&text, &len);

	vm_send(&vm, "run /bin/inside %s", claim);
	do {
		if (!vm_next_line(&vm, line, sizeof(line), end))
			fail_msg("the guest does not answer: %s", text);
		if (!strncmp(line, "d ", 2))
			take_line(said, line + 2);
	} while (!strncmp(line, "d ", 2));
	fclose(said);
	if (strcmp(line, "ok") != 0)
		fail_msg("%s:\n%s", line, text);
	free(text);
}

#define INSIDE(claim)               \
	void claim(void **state)    \
	{                           \
		begin();            \
		run_inside(#claim); \
		forget_events();    \
		done();             \
	}

INSIDE_CLAIMS(INSIDE)

#define INSIDE_BARE(claim)          \
	void claim(void **state)    \
	{                           \
		boot_with(NULL, 0); \
		run_inside(#claim); \
		vm_kill(&vm);       \
	}

INSIDE_BARE_CLAIMS(INSIDE_BARE)

/* One guest for all of them. */
#define INSIDE_SYSTEMD(claim)         \
	void claim(void **state)      \
	{                             \
		begin_with_systemd(); \
		run_inside(#claim);   \
		done();               \
	}

INSIDE_SYSTEMD_CLAIMS(INSIDE_SYSTEMD)
