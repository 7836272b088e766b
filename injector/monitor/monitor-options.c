/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/frontend/frontend-ring.h"
#include "injector/monitor/monitor-options.h"
#include "injector/recording/event-word.h"
#include "input/base/cmdline-value.h"
#include "input/base/number.h"

#define HELP_COLUMN	 21
#define TIMEOUT_MAX_S	 1e9
#define DEFAULT_RING_NUM 64

struct parser {
	struct monitor_options *opt;
	struct cmdline line;
};

#define fail(p, ...) cmdline_refuse((p)->line.why, __VA_ARGS__)

static struct monitor_options *monitor_options_of(struct cmdline *c)
{
	return c->options;
}

static int monitor_take_count(struct cmdline *c, char *value)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(value, &end, 10);
	if (*value < '0' || *value > '9' || errno || *end || !n)
		return cmdline_refuse_value(c, value,
					    "must be a number from 1");
	monitor_options_of(c)->frames = n;
	return 0;
}

static int monitor_take_timeout(struct cmdline *c, char *value)
{
	double seconds;

	if (cmdline_value_seconds(c, value, TIMEOUT_MAX_S, &seconds))
		return -EINVAL;
	monitor_options_of(c)->timeout_ms = (int64_t)(seconds * 1000 + 0.5);
	return 0;
}

static int monitor_take_led(struct cmdline *c, char *value)
{
	struct monitor_options *opt = monitor_options_of(c);
	char name[16];
	const char *state = strchr(value, '=');
	size_t len = state ? (size_t)(state - value) : 0;
	int code = -1;

	if (!state || (strcmp(state, "=on") && strcmp(state, "=off")))
		return cmdline_refuse_value(c, value,
					    "must be NAME=on or NAME=off");
	if (len < sizeof(name)) {
		memcpy(name, value, len);
		name[len] = '\0';
		code = event_word_code(EV_LED, "LED_", name);
	}
	if (code < 0)
		return cmdline_refuse_value(c, value,
					    "no such LED; CAPSL is one");
	if (opt->n_leds == LED_CNT)
		return cmdline_refuse_value(c, value, "more than %d LEDs",
					    LED_CNT);
	opt->led[opt->n_leds].code = (uint16_t)code;
	opt->led[opt->n_leds].on = !strcmp(state, "=on");
	opt->n_leds++;
	return 0;
}

static int monitor_take_ring_size(struct cmdline *c, char *value)
{
	int n = number_read(value, FE_RING_MAX);

	if (n < 1)
		return cmdline_refuse_value(c, value, "must be from 1 to %d",
					    FE_RING_MAX);
	monitor_options_of(c)->ring_size = (uint16_t)n;
	return 0;
}

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "count", "N", "end after N frames (SYN_REPORTs)",
	  monitor_take_count },
	{ "timeout", "SECONDS", "end after this time", monitor_take_timeout },
	{ "wait", NULL,
	  "wait for devices that do not exist yet or serve another front-end",
	  CMDLINE_FLAG(struct monitor_options, wait) },
	{ "json", NULL, "print one JSON object per line, the devices first",
	  CMDLINE_FLAG(struct monitor_options, json) },
	{ "touch", NULL, "show contacts by slot instead of events",
	  CMDLINE_FLAG(struct monitor_options, touch) },
	{ "uinput", NULL, "create the devices on this machine's kernel",
	  CMDLINE_FLAG(struct monitor_options, uinput) },
	{ "record", "FILE", "record the events for vinput-inject play",
	  CMDLINE_TEXT(struct monitor_options, record) },
	{ "led", "NAME=on|off",
	  "set an LED at the start; may be given more than once",
	  monitor_take_led },
	{ "locks", NULL, "let Caps, Num and Scroll Lock switch their LEDs",
	  CMDLINE_FLAG(struct monitor_options, locks) },
	{ "ring-size", "N", "descriptors in each queue; 64 if not given",
	  monitor_take_ring_size },
	{ "packed", NULL, "use packed rings instead of split ones",
	  CMDLINE_FLAG(struct monitor_options, packed) },
	{ "help", NULL, "print this and exit",
	  CMDLINE_LAST(struct monitor_options, action, MONITOR_HELP) },
	{ "version", NULL, "print the version and exit",
	  CMDLINE_LAST(struct monitor_options, action, MONITOR_VERSION) },
};

#define N_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

void monitor_options_help(void)
{
	puts("Usage: vinput-monitor [OPTION]... SOCKET...\n"
	     "Show vhost-user input devices and the events they send.\n");
	cmdline_help(rows, N_ROWS, HELP_COLUMN);
	puts("\nSee vinput-monitor(1).");
}

static int monitor_check_whole(struct parser *p)
{
	const struct monitor_options *opt = p->opt;

	if (!opt->n_sockets)
		return fail(p, "SOCKET is required; see --help");
	if (opt->n_sockets > MONITOR_DEVICES_MAX)
		return fail(p, "%zu SOCKETs: at most %d can be monitored",
			    opt->n_sockets, MONITOR_DEVICES_MAX);
	if (opt->record && opt->n_sockets > 1)
		return fail(p, "--record requires a single SOCKET");
	if (!opt->packed && opt->ring_size & (opt->ring_size - 1))
		return fail(p,
			    "--ring-size=%u: must be a power of two, unless "
			    "--packed is given",
			    opt->ring_size);
	if (opt->touch && opt->json)
		return fail(p, "--touch and --json exclude each other");
	return 0;
}

int monitor_options_parse(struct monitor_options *opt, int argc, char **argv,
			  char why[256])
{
	struct parser p = {
		.opt = opt,
		.line = { .rows = rows,
			  .n_ids = N_ROWS,
			  .argc = argc,
			  .argv = argv,
			  .why = why,
			  .options = opt },
	};
	int r;

	*opt = (struct monitor_options){
		.timeout_ms = -1,
		.ring_size = DEFAULT_RING_NUM,
	};
	cmdline_start(&p.line);
	r = cmdline_take(&p.line);
	if (r)
		return r < 0 ? r : 0;
	opt->sockets = &argv[optind];
	opt->n_sockets = (size_t)(argc - optind);
	return monitor_check_whole(&p);
}
