/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "injector/inject/inject-commands.h"
#include "injector/inject/inject-options.h"
#include "injector/inject/inject-value.h"
#include "input/base/cmdline.h"

#define HELP_COLUMN 23
#define HELP_WIDTH  79
/* A server that lives reads at once; a guest can stall. */
#define DEFAULT_TIMEOUT_MS	 2000
#define DEFAULT_GUEST_TIMEOUT_MS 10000

static struct inject_options *inject_options_of(struct cmdline *c)
{
	return c->options;
}

/* *ms: -1 for "forever" */
static int inject_take_ms(struct cmdline *c, const char *value, int *ms)
{
	struct fault fault;
	int64_t ns;

	*ms = -1;
	if (strcmp(value, "forever") == 0)
		return 0;
	if (inject_value_time(&ns, c->taken->name, value, &fault))
		return cmdline_refuse_value(c, value,
					    "must be a time such as 250ms or "
					    "1.5s, or forever");
	ns = (ns + INJECT_MS - 1) / INJECT_MS;
	*ms = ns < INT_MAX ? (int)ns : INT_MAX;
	return 0;
}

static int inject_take_wait(struct cmdline *c, char *value)
{
	return inject_take_ms(c, value, &inject_options_of(c)->wait_ms);
}

static int inject_take_timeout(struct cmdline *c, char *value)
{
	struct inject_options *opt = inject_options_of(c);
	const int r = inject_take_ms(c, value, &opt->timeout_ms);

	opt->guest_timeout_ms = opt->timeout_ms;
	return r;
}

static int inject_take_wait_guest(struct cmdline *c, char *value)
{
	int *ms = &inject_options_of(c)->wait_guest_ms;

	*ms = -1;
	return *value ? inject_take_ms(c, value, ms) : 0;
}

static int inject_take_measure(struct cmdline *c, char *value)
{
	inject_options_of(c)->measure = true;
	inject_options_of(c)->times = *value ? value : NULL;
	return 0;
}

static int inject_take_size(struct cmdline *c, char *value)
{
	struct inject_size size;

	if (inject_value_size(&size, value))
		return cmdline_refuse_value(c, value,
					    "must be WxH, such as 1080x2400");
	inject_options_of(c)->screen = (struct inject_screen){
		.known = true,
		.axis = { { "x", 0, (double)size.width - 1 },
			  { "y", 0, (double)size.height - 1 } },
	};
	return 0;
}

static int inject_take_set(struct cmdline *c, char *value)
{
	return spec_sets_take(&inject_options_of(c)->sets, c, value);
}

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "to", "ADDRESS",
	  "the device: a label, a path with a /, fd:N, vsock:CID:PORT or "
	  "hybrid:PATH:PORT",
	  CMDLINE_TEXT(struct inject_options, to) },
	{ "dir", "DIR", "find labels in this directory of a vinput-launch",
	  CMDLINE_TEXT(struct inject_options, dir) },
	{ "wait", "TIME", "wait this long, or forever, until the devices exist",
	  inject_take_wait },
	{ "wait-guest", "[TIME]",
	  "wait this long, or forever, until guests' drivers use the devices",
	  inject_take_wait_guest },
	{ "timeout", "TIME",
	  "how long a guest may take nothing (10s if not given) and a server "
	  "read nothing (2s), or forever",
	  inject_take_timeout },
	{ "lenient", NULL,
	  "accept that a device lacks events, clamps values, or keeps switches "
	  "for a guest to come",
	  CMDLINE_FLAG(struct inject_options, lenient) },
	{ "no-receipt", NULL, "do not ask whether the guest takes the events",
	  CMDLINE_FLAG(struct inject_options, no_receipt) },
	{ "measure", "[FILE]",
	  "print how long events take from here to the guest's driver, and "
	  "write each frame's times to FILE",
	  inject_take_measure },
	{ "size", "WxH",
	  "size of the screen, for per cents and to check points",
	  inject_take_size },
	{ "spec", "FILE|NAME",
	  "check everything against the spec of the device first",
	  CMDLINE_TEXT(struct inject_options, spec_name) },
	{ "set", "NAME=VALUE",
	  "replace the spec's placeholder %NAME%; may be given more than once",
	  inject_take_set },
	{ "dry-run", NULL, "print a recording instead of sending anything",
	  CMDLINE_FLAG(struct inject_options, dry_run) },
	{ "help", NULL, "print this and exit",
	  CMDLINE_LAST(struct inject_options, action, INJECT_ACTION_HELP) },
	{ "version", NULL, "print the version and exit",
	  CMDLINE_LAST(struct inject_options, action, INJECT_ACTION_VERSION) },
};

#define N_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

/* Between words, with the following lines indented. */
static void print_folded(const char *name, const char *usage)
{
	int column = printf("  %s", name);

	while (*usage) {
		int len = (int)strcspn(usage, " ");

		if (column + 1 + len > HELP_WIDTH) {
			putchar('\n');
			column = printf("     ");
		}
		column += printf(" %.*s", len, usage);
		usage += len + (usage[len] == ' ');
	}
	putchar('\n');
}

bool inject_options_has(const char *word)
{
	const size_t len = strcspn(word, "=");

	for (size_t i = 1; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(word, "--", 2) == 0 &&
		    strlen(rows[i].name) == len - 2 &&
		    strncmp(rows[i].name, word + 2, len - 2) == 0)
			return true;
	return false;
}

void inject_options_help(void)
{
	puts("Usage: vinput-inject [OPTION]... [@ADDRESS] COMMAND "
	     "[then COMMAND]...\n"
	     "       vinput-inject [OPTION]... -\n"
	     "Type, click, touch and play recordings on vhost-user-input "
	     "devices.\n"
	     "With -, read commands from standard input, one line at a "
	     "time.\n");
	cmdline_help(rows, N_ROWS, HELP_COLUMN);
	puts("\nTIME is 250ms or 1.5s. Commands:");
	for (size_t i = 0; inject_verbs[i]; i++)
		print_folded(inject_verbs[i]->name, inject_verbs[i]->usage);
	puts("\nSee vinput-inject(1).");
}

static int inject_check_whole(const struct inject_options *opt, struct fault *f)
{
	if (!opt->n_words)
		return fault_set(f, "COMMAND is required; see --help");
	if (opt->sets.n && !opt->spec_name)
		return fault_set(f, "--set requires --spec");
	if (opt->no_receipt && opt->measure)
		return fault_set(f, "--no-receipt and --measure exclude each "
				    "other");
	if (opt->no_receipt && opt->wait_guest_ms)
		return fault_set(f, "--no-receipt and --wait-guest exclude "
				    "each other");
	if (opt->dry_run && opt->measure)
		return fault_set(f, "--dry-run and --measure exclude each "
				    "other");
	return 0;
}

int inject_options_parse(struct inject_options *opt, int argc, char **argv,
			 struct fault *f)
{
	struct cmdline line = {
		.rows = rows,
		.n_ids = N_ROWS,
		.argc = argc,
		.argv = argv,
		/* What follows a command is its own. */
		.stop_at_word = true,
		.why = f->text,
		.options = opt,
	};
	int r;

	*opt = (struct inject_options){
		.timeout_ms = DEFAULT_TIMEOUT_MS,
		.guest_timeout_ms = DEFAULT_GUEST_TIMEOUT_MS,
	};
	cmdline_start(&line);
	r = cmdline_take(&line);
	if (r)
		return r < 0 ? r : 0;
	opt->word = &argv[optind];
	opt->n_words = (size_t)(argc - optind);
	return inject_check_whole(opt, f);
}
