/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/guest/inside-pair.h"
#include "tests/lib/clock.h"

#define SOCKET INSIDE_DIR "/pair"

void pair_start(struct pair *p)
{
	p->passthrough = inside_start("vinput-passthrough",
				      "--socket-path=" SOCKET " --no-grab %s",
				      p->host.path);
	p->monitor = inside_monitor("--uinput", SOCKET);
	node_await(&p->guest, NULL);
}

void pair_stop(struct pair *p)
{
	inside_end(p->monitor);
	assert_num(inside_end(p->passthrough), 0);
	node_remove(&p->guest);
}

/* The line of the serial is left out: uinput makes devices without. */
static char *print_spec(const struct node *n)
{
	char *text =
		inside_run("vinput-passthrough", "--print-spec %s", n->path);
	char *serial = strstr(text, "  \"serial_name\"");

	if (serial) {
		const char *next = strchr(serial, '\n') + 1;

		memmove(serial, next, strlen(next) + 1);
	}
	return text;
}

/* A whole spec would hide the line that differs. */
static void assert_same_lines(const char *got, const char *want)
{
	size_t line = 0, i = 0;

	for (; got[i] && got[i] == want[i]; i++)
		if (got[i] == '\n')
			line = i + 1;
	if (got[i] != want[i])
		fail_msg("got %.*s, not %.*s", (int)strcspn(got + line, "\n"),
			 got + line, (int)strcspn(want + line, "\n"),
			 want + line);
}

void assert_pair_is_equal(const struct pair *p)
{
	char *want = print_spec(&p->host), *got = print_spec(&p->guest);

	assert_same_lines(got, want);
	free(want);
	free(got);
}

void pair_hear(struct pair *p, struct heard *host, struct heard *guest)
{
	node_hear(&p->host, host);
	INSIDE_WAIT(
		(node_hear(&p->guest, guest), guest->frames >= host->frames));
}
