/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "tests/bench/lanes.h"
#include "tests/bench/peers.h"
#include "tests/bench/report.h"
#include "tests/bench/suites.h"

/* clang-format off */
static const char help[] =
	"usage: bench [OPTION]... BUILD_DIR\n"
	"\n"
	"Measures vhost-user-input beside the floor, which reads the injection\n"
	"socket, writes the ring, notifies, and does nothing else.\n"
	"\n"
	"  --backend=[NAME=]CMD  measure this back-end, too. CMD is split at\n"
	"                        spaces; leading words VAR=VALUE go to its\n"
	"                        environment. {socket} or {fd} is the front-end's\n"
	"                        socket, {inject} or {inject-fd} the injection\n"
	"                        socket, without which that is stdin\n"
	"  --peers=DIR           measure other projects' back-ends found in DIR\n"
	"  --only=SUITE[,...]    of: ";

static const char help_end[] =
	"\n"
	"  --rounds=N            how often to measure each (7)\n"
	"  --idle=SECONDS        how long to count wake-ups (3)\n"
	"  --gap=USEC            between frames whose latency is measured (100)\n"
	"  --ring=split|packed   the guest's rings (split), but not the floor's,\n"
	"                        and not in bursts, which are measured with both\n"
	"  --json=FILE           write the figures there\n"
	"  --unpinned            on all CPUs, as the scheduler likes\n"
	"  --verbose             show the output of the back-ends\n";
/* clang-format on */

struct options {
	const char *only, *json, *peers;
	unsigned int rounds;
	bool verbose, unpinned;
};

static const struct option long_options[] = {
	{ "backend", required_argument, NULL, 'b' },
	{ "peers", required_argument, NULL, 'p' },
	{ "only", required_argument, NULL, 'o' },
	{ "ring", required_argument, NULL, 'k' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "idle", required_argument, NULL, 'i' },
	{ "gap", required_argument, NULL, 'g' },
	{ "json", required_argument, NULL, 'j' },
	{ "unpinned", no_argument, NULL, 'u' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static void print_help(void)
{
	fputs(help, stdout);
	for (unsigned int i = 0; i < n_suites; i++)
		printf("%s%s", i ? ", " : "", suites[i].name);
	fputs(help_end, stdout);
}

/* Return: whether the list begins with this name. */
static bool begins_with(const char *list, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(list, name, len) && (!list[len] || list[len] == ',');
}

/*
 * A word without '/' before the first '=' is the name. Return: false if there
 * are too many.
 */
static bool add_backend(struct bench *b, char *arg)
{
	char *eq = strchr(arg, '=');
	struct subject *s = &b->subject[b->n_subjects];

	if (b->n_subjects == SUBJECTS_MAX)
		return false;
	b->n_subjects++;
	s->command = arg;
	s->name = arg;
	if (eq && strcspn(arg, "/ ") > (size_t)(eq - arg)) {
		*eq = '\0';
		s->command = eq + 1;
	}
	return true;
}

/* Return: whether the names are those of suites. */
static bool are_suites(const char *names)
{
	for (const char *at = names; at; at = strchr(at, ',')) {
		unsigned int i = 0;

		at += *at == ',';
		while (i < n_suites && !begins_with(at, suites[i].name))
			i++;
		if (i == n_suites)
			return false;
	}
	return true;
}

/* Return: 0, or the exit status plus 1. */
static int parse(struct bench *b, struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		switch (c) {
		case 'b':
			if (!add_backend(b, optarg))
				return 3;
			break;
		case 'p':
			o->peers = optarg;
			break;
		case 'o':
			o->only = optarg;
			break;
		case 'k':
			usual_shape.packed = !strcmp(optarg, "packed");
			if (!usual_shape.packed && strcmp(optarg, "split"))
				return 3;
			break;
		case 'r':
			o->rounds = (unsigned int)atoi(optarg);
			break;
		case 'i':
			b->idle_s = (unsigned int)atoi(optarg);
			break;
		case 'g':
			b->gap_us = (unsigned int)atoi(optarg);
			break;
		case 'j':
			o->json = optarg;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'u':
			o->unpinned = true;
			break;
		case 'h':
			print_help();
			return 1;
		default:
			return 3;
		}
	}
	if (optind + 1 != argc || !o->rounds || o->rounds > ROUNDS_MAX ||
	    !are_suites(o->only))
		return 3;
	return 0;
}

static bool is_wanted(const struct options *o, const char *name)
{
	for (const char *at = o->only; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (begins_with(at, name))
			return true;
	}
	return !o->only;
}

/* On one line of a terminal, overwritten by the next one. */
static void say_progress(const char *fmt, ...)
{
	va_list ap;

	if (!isatty(STDERR_FILENO))
		return;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
}

static void run(struct bench *b, const struct options *o)
{
	for (unsigned int r = 0; r < o->rounds; r++) {
		for (unsigned int i = 0; i < n_suites; i++) {
			/* One that was asked for is run in each round. */
			if (!is_wanted(o, suites[i].name) ||
			    (!o->only && r % suites[i].every))
				continue;
			say_progress("\rround %u of %u: %-30s", r + 1,
				     o->rounds, suites[i].what);
			suites[i].run(b);
		}
		b->figures.round++;
	}
	say_progress("\r%-50s\r", "");
}

/* Fail now rather than after minutes. Return: whether everything can be run. */
static bool can_run(struct bench *b, const char *json)
{
	FILE *out = json ? fopen(json, "ae") : NULL;
	struct shape split = usual_shape;
	struct backend be;
	bool good = true;

	split.packed = false;
	if (json && !out) {
		perror(json);
		return false;
	}
	if (out)
		fclose(out);
	for (unsigned int i = 0; i < b->n_subjects; i++) {
		good &= lanes_start_one(b, &be, i, &split);
		backend_stop(&be);
	}
	return good;
}

/* As many fds as allowed, and precise timers. */
static void prepare_process(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	prctl(PR_SET_TIMERSLACK, 1000);
	signal(SIGPIPE, SIG_IGN);
}

/* Those that read a node. */
static void set_node_subjects(struct bench *b, const char *build)
{
	static char floor[4096], ours[4096];

	snprintf(floor, sizeof(floor),
		 PEERS_STAND_IN "%s/tests/bench/floor {fd} " PEERS_NODE, build,
		 build);
	snprintf(ours, sizeof(ours),
		 PEERS_STAND_IN
		 "%s/vinput-passthrough --socket-path={socket} " PEERS_NODE,
		 build, build);
	b->subject[NODE_FLOOR] = (struct subject){ .name = "floor, node",
						   .command = floor,
						   .is_floor = true,
						   .floor = NODE_FLOOR };
	b->subject[PASSTHROUGH] =
		(struct subject){ .name = "vinput-passthrough",
				  .command = ours,
				  .floor = NODE_FLOOR };
}

static void set_subjects(struct bench *b, const char *build,
			 const struct options *o)
{
	static char floor[4096], many[4096], server[4096];
	static char ours[4096 + 32], heir[4096 + 32], busy[4096 + 64];

	snprintf(floor, sizeof(floor), "%s/tests/bench/floor {fd} {inject-fd}",
		 build);
	snprintf(many, sizeof(many), "%s/tests/bench/floor {fd} {inject} many",
		 build);
	snprintf(server, sizeof(server),
		 "%s/vhost-user-input --spec=specs/keyboard.json "
		 "--socket-path={socket}",
		 build);
	snprintf(ours, sizeof(ours), "%s --inject-path={inject}", server);
	snprintf(heir, sizeof(heir), "%s --inject-fd={inject-fd}", server);
	snprintf(busy, sizeof(busy), "%s --busy-poll=200", ours);
	b->subject[FLOOR] = (struct subject){ .name = "floor",
					      .command = floor,
					      .busy_command = floor,
					      .many_command = many,
					      .is_floor = true };
	b->subject[OURS] = (struct subject){ .name = "vhost-user-input",
					     .command = ours,
					     .busy_command = busy,
					     .heir_command = heir };
	set_node_subjects(b, build);
	if (o->peers)
		b->n_subjects += peers_add(b->subject + b->n_subjects,
					   SUBJECTS_MAX - b->n_subjects,
					   o->peers, build);
	for (unsigned int i = 0; i < b->n_subjects; i++)
		b->subject[i].verbose = o->verbose;
}

int main(int argc, char **argv)
{
	static struct bench b = { .n_subjects = SUBJECTS_OWN,
				  .idle_s = 3,
				  .gap_us = 100 };
	struct options o = { .rounds = 7 };
	char dir[] = "/tmp/vinput-bench-XXXXXX";
	int status = parse(&b, &o, argc, argv);

	if (status == 3)
		fputs("bench: wrong command line; see bench --help\n", stderr);
	if (status)
		return status - 1;
	if (!mkdtemp(dir)) {
		perror("bench");
		return EXIT_FAILURE;
	}
	b.dir = dir;
	b.build = argv[optind];
	getloadavg(&b.load, 1);
	prepare_process();
	lanes_pin(!o.unpinned);
	set_subjects(&b, argv[optind], &o);
	bool good = can_run(&b, o.json);
	if (good)
		run(&b, &o);
	rmdir(dir);
	if (!good)
		return EXIT_FAILURE;
	report_table(&b, stdout);
	if (o.json && report_json(&b, o.json)) {
		perror(o.json);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
