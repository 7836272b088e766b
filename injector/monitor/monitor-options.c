/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/monitor/monitor-options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <libevdev/libevdev.h>
#include "injector/frontend/frontend-ring.h"
#include "input/base/cmdline.h"
#include "input/base/number.h"

enum option_value {
	OPT_COUNT = 1,
	OPT_HELP,
	OPT_JSON,
	OPT_LED,
	OPT_PACKED,
	OPT_RECORD,
	OPT_RING_SIZE,
	OPT_TIMEOUT,
	OPT_TOUCH,
	OPT_UINPUT,
	OPT_VERSION,
	OPT_WAIT,
};

static const struct option options[] = {
	{ "count", required_argument, NULL, OPT_COUNT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "led", required_argument, NULL, OPT_LED },
	{ "packed", no_argument, NULL, OPT_PACKED },
	{ "record", required_argument, NULL, OPT_RECORD },
	{ "ring-size", required_argument, NULL, OPT_RING_SIZE },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "touch", no_argument, NULL, OPT_TOUCH },
	{ "uinput", no_argument, NULL, OPT_UINPUT },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "wait", no_argument, NULL, OPT_WAIT },
	{ 0 },
};

/* Return: 0, or -EINVAL if text is no number from min to max. */
static int parse_number(const char *text, uint64_t min, uint64_t max,
			uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || *value < min ||
	    *value > max)
		return -EINVAL;
	return 0;
}

static int parse_ring_size(struct monitor_options *opt, const char *text,
			   char why[256])
{
	uint64_t n;

	if (parse_number(text, 1, FE_RING_MAX, &n))
		return cmdline_refuse(why,
				      "--ring-size=%s: must be from 1 to %d",
				      text, FE_RING_MAX);
	opt->ring_size = (uint16_t)n;
	return 0;
}

static int parse_count(struct monitor_options *opt, const char *text,
		       char why[256])
{
	if (parse_number(text, 1, UINT64_MAX, &opt->frames))
		return cmdline_refuse(
			why, "--count=%s: must be a number from 1", text);
	return 0;
}

static int parse_timeout(struct monitor_options *opt, const char *text,
			 char why[256])
{
	double seconds;

	if (number_read_seconds(text, 1e9, &seconds))
		return cmdline_refuse(
			why, "--timeout=%s: must be seconds, such as 2.5",
			text);
	opt->timeout_ms = (int64_t)(seconds * 1000 + 0.5);
	return 0;
}

/* name: "CAPSL" or "LED_CAPSL" in any case. Return: its code or -1. */
static int led_code(const char *name, size_t len)
{
	char full[32] = "LED_";

	if (len > 4 && strncasecmp(name, "LED_", 4) == 0) {
		name += 4;
		len -= 4;
	}
	if (len == 0 || len > sizeof(full) - 5)
		return -1;
	for (size_t i = 0; i < len; i++)
		full[4 + i] = name[i] >= 'a' && name[i] <= 'z'
				      ? (char)(name[i] - 'a' + 'A')
				      : name[i];
	int code = libevdev_event_code_from_name(EV_LED, full);
	return code < LED_MAX ? code : -1;
}

static int parse_led(struct monitor_options *opt, const char *text,
		     char why[256])
{
	const char *eq = strchr(text, '=');

	if (!eq || (strcmp(eq, "=on") && strcmp(eq, "=off")))
		return cmdline_refuse(
			why, "--led=%s: must be NAME=on or NAME=off", text);
	int code = led_code(text, (size_t)(eq - text));
	if (code < 0)
		return cmdline_refuse(
			why, "--led=%s: no such LED; CAPSL is one", text);
	if (opt->n_leds == LED_CNT)
		return cmdline_refuse(why, "--led=%s: more than %d of them",
				      text, LED_CNT);
	opt->led[opt->n_leds].code = (uint16_t)code;
	opt->led[opt->n_leds].on = strcmp(eq, "=on") == 0;
	opt->n_leds++;
	return 0;
}

static int take_option(struct monitor_options *opt, int value, char why[256])
{
	switch ((enum option_value)value) {
	case OPT_COUNT:
		return parse_count(opt, optarg, why);
	case OPT_HELP:
		opt->action = MONITOR_HELP;
		return 0;
	case OPT_JSON:
		opt->json = true;
		return 0;
	case OPT_LED:
		return parse_led(opt, optarg, why);
	case OPT_PACKED:
		opt->packed = true;
		return 0;
	case OPT_RECORD:
		opt->record = optarg;
		return 0;
	case OPT_RING_SIZE:
		return parse_ring_size(opt, optarg, why);
	case OPT_TIMEOUT:
		return parse_timeout(opt, optarg, why);
	case OPT_TOUCH:
		opt->touch = true;
		return 0;
	case OPT_UINPUT:
		opt->uinput = true;
		return 0;
	case OPT_VERSION:
		opt->action = MONITOR_VERSION;
		return 0;
	case OPT_WAIT:
		opt->wait = true;
		return 0;
	}
	return -EINVAL;
}

static int take_sockets(struct monitor_options *opt, int argc, char **argv,
			char why[256])
{
	if (optind == argc)
		return cmdline_refuse(why, "which SOCKET? See --help");
	opt->sockets = &argv[optind];
	opt->n_sockets = (size_t)(argc - optind);
	if (opt->n_sockets > MONITOR_DEVICES_MAX)
		return cmdline_refuse(why,
				      "%zu SOCKETs, at most %d can be watched",
				      opt->n_sockets, MONITOR_DEVICES_MAX);
	if (opt->record && opt->n_sockets > 1)
		return cmdline_refuse(why, "--record goes with one SOCKET");
	if (!opt->packed && opt->ring_size & (opt->ring_size - 1))
		return cmdline_refuse(
			why,
			"--ring-size=%u: must be a power of two, or go "
			"with --packed",
			opt->ring_size);
	if (opt->touch && opt->json)
		return cmdline_refuse(why,
				      "--touch and --json exclude each other");
	return 0;
}

int monitor_options_parse(struct monitor_options *opt, int argc, char **argv,
			  char why[256])
{
	int c;

	*opt = (struct monitor_options){ .timeout_ms = -1, .ring_size = 64 };
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		const char *culprit = argv[optind - 1];

		if (c == ':')
			return cmdline_refuse(why, "%s needs a value", culprit);
		if (c == '?')
			return cmdline_refuse(
				why, "bad option '%s'; --help lists them",
				culprit);
		int rc = take_option(opt, c, why);
		if (rc)
			return rc;
		if (opt->action != MONITOR_RUN)
			return 0;
	}
	return take_sockets(opt, argc, argv, why);
}
