/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "injector/inject/inject-options.h"
#include "injector/inject/inject-commands.h"
#include "injector/inject/inject-value.h"
#include "input/base/cmdline.h"

enum option_value {
	OPT_DIR = 1,
	OPT_DRY_RUN,
	OPT_HELP,
	OPT_SET,
	OPT_SIZE,
	OPT_SPEC,
	OPT_TIMEOUT,
	OPT_TO,
	OPT_VERSION,
	OPT_WAIT,
};

static const struct option options[] = {
	{ "dir", required_argument, NULL, OPT_DIR },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "set", required_argument, NULL, OPT_SET },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "spec", required_argument, NULL, OPT_SPEC },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "to", required_argument, NULL, OPT_TO },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "wait", required_argument, NULL, OPT_WAIT },
	{ 0 },
};

static const char help[] =
	"Usage: vinput-inject [OPTIONS] [@ADDRESS] COMMAND [then COMMAND]...\n"
	"       vinput-inject [OPTIONS] -\n"
	"Type, click, touch and play recordings on vhost-user-input devices.\n"
	"With - the commands come from the standard input, a line each.\n"
	"\n"
	"  --to=ADDRESS     the device: a label, a path with a /, fd:N,\n"
	"                   vsock:CID:PORT or hybrid:PATH:PORT\n"
	"  --dir=DIR        the folder of a vinput-launch, for labels\n"
	"  --wait=TIME      wait so long for devices that are not there yet\n"
	"  --timeout=TIME   how long a device may take nothing; 2s\n"
	"  --size=WxH       the touchscreen's, for per cents and limits\n"
	"  --spec=SPEC      check all against this device's specification\n"
	"  --set=NAME=VALUE  fill in a placeholder of the specification\n"
	"  --dry-run        print a recording of it instead\n"
	"  --help, --version  print this, or the version, and exit\n"
	"\n"
	"TIME is 250ms or 1.5s. Commands:\n";

/* Words of a line, folded before the 80th column. */
static void print_folded(const char *name, const char *usage)
{
	int column = printf("  %s", name);

	while (*usage) {
		int len = (int)strcspn(usage, " ");

		if (column + 1 + len >= 80)
			column = printf("\n     ") - 1;
		column += printf(" %.*s", len, usage);
		usage += len + (usage[len] == ' ');
	}
	putchar('\n');
}

void inject_options_help(void)
{
	fputs(help, stdout);
	for (size_t i = 0; inject_verbs[i]; i++)
		print_folded(inject_verbs[i]->name, inject_verbs[i]->usage);
}

static int parse_size(struct inject_options *opt, const char *text,
		      struct fault *f)
{
	unsigned int w, h;
	int end = 0;

	if (strspn(text, "0123456789x") != strlen(text) ||
	    sscanf(text, "%9ux%9u%n", &w, &h, &end) != 2 || text[end] || !w ||
	    !h)
		return fault_set(f,
				 "--size=%.40s: must be WxH, such as "
				 "1080x2400",
				 text);
	opt->screen.known = true;
	opt->screen.axis[0] = (struct inject_value){ "x", 0, w - 1 };
	opt->screen.axis[1] = (struct inject_value){ "y", 0, h - 1 };
	return 0;
}

static int parse_ms(int *ms, const char *what, const char *text,
		    struct fault *f)
{
	int64_t ns;
	int r;

	*ms = -1;
	if (strcmp(text, "forever") == 0)
		return 0;
	r = inject_value_time(&ns, what, text, f);
	ns = (ns + INJECT_MS - 1) / INJECT_MS;
	*ms = ns < INT_MAX ? (int)ns : INT_MAX;
	return r;
}

/* text is ours to write into. */
static int parse_set(struct inject_options *opt, char *text, struct fault *f)
{
	char *eq = strchr(text, '=');

	if (!eq || eq == text)
		return fault_set(f, "--set=%.60s: must be NAME=VALUE", text);
	if (opt->n_sets == INJECT_SETS_MAX)
		return fault_set(f, "more than %d --set", INJECT_SETS_MAX);
	*eq = '\0';
	opt->set[opt->n_sets++] = (struct spec_set){ text, eq + 1 };
	return 0;
}

static int take_option(struct inject_options *opt, int value, struct fault *f)
{
	switch ((enum option_value)value) {
	case OPT_DIR:
		opt->dir = optarg;
		return 0;
	case OPT_DRY_RUN:
		opt->dry_run = true;
		return 0;
	case OPT_HELP:
		opt->action = INJECT_HELP;
		return 0;
	case OPT_SET:
		return parse_set(opt, optarg, f);
	case OPT_SIZE:
		return parse_size(opt, optarg, f);
	case OPT_SPEC:
		opt->spec_name = optarg;
		return 0;
	case OPT_TIMEOUT:
		return parse_ms(&opt->timeout_ms, "--timeout", optarg, f);
	case OPT_TO:
		opt->to = optarg;
		return 0;
	case OPT_VERSION:
		opt->action = INJECT_VERSION;
		return 0;
	case OPT_WAIT:
		return parse_ms(&opt->wait_ms, "--wait", optarg, f);
	}
	return -EINVAL;
}

static int unknown(const char *word, struct fault *f)
{
	const char *near = cmdline_near(options, word + strspn(word, "-"));
	char hint[48] = "";

	if (near)
		snprintf(hint, sizeof(hint), "--%s", near);
	return fault_set(f, "bad option '%.60s'%s", word,
			 near ? fault_hint(hint) : "; --help lists them");
}

static int check(const struct inject_options *opt, struct fault *f)
{
	if (!opt->n_words)
		return fault_set(f, "which command? See --help");
	if (opt->n_sets && !opt->spec_name)
		return fault_set(f, "--set goes with --spec");
	if (opt->screen.known && opt->spec_name)
		return fault_set(f, "--size and --spec exclude each other");
	return 0;
}

int inject_options_parse(struct inject_options *opt, int argc, char **argv,
			 struct fault *f)
{
	int c;

	*opt = (struct inject_options){ .timeout_ms = 2000 };
	opterr = 0;
	/* '+': options of commands are theirs. */
	while ((c = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
		const char *culprit = argv[optind - 1];

		if (c == ':')
			return fault_set(f, "%.60s needs a value", culprit);
		if (c == '?')
			return unknown(culprit, f);
		if (take_option(opt, c, f))
			return -EINVAL;
		if (opt->action != INJECT_RUN)
			return 0;
	}
	opt->word = &argv[optind];
	opt->n_words = (size_t)(argc - optind);
	return check(opt, f);
}
