/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many instructions vhost-user-input executes for a frame, in user space,
 * counted by callgrind in the real program: a figure that does not depend on
 * the machine's load. Each case is run twice, without frames and with many in
 * lock step, so that start and end cancel out.
 *
 * usage: instructions BUILD_DIR BASELINE [--write]
 *
 * Fails if a count is more than 5 % above that of the file BASELINE, or 20 % if
 * it is without frames; --write writes that file. Each run's profile stays in
 * BUILD_DIR/tests/bench.
 *
 * The count depends on the compiler and libc, too, so the file names them, and
 * nothing is compared if they differ. libc's functions for newer CPUs are
 * switched off.
 */
#include <glob.h>
#include <gnu/libc-version.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "tests/bench/load.h"
#include "tests/bench/peers.h"

#define TOLERANCE 1.05
/* Without frames: how many messages a round of the loop finds, varies. */
#define LIFE_TOLERANCE 1.2
#define FRAMES	       16384

#define PATIENCE_MS 60000 /* valgrind is slow, and the machine may be busy */

/* Status for tests/run: not possible here. */
#define SKIP 77

#define MADE_WITH "# made with: "
#define ANY_CPU                                                               \
	"GLIBC_TUNABLES="                                                     \
	"glibc.cpu.hwcaps=-AVX,-AVX2,-BMI2,-ERMS,-FSRM,-SSSE3,-SSE4_1,-SSE4_" \
	"2 "

static const struct row {
	const char *name;
	enum load_kind load;
	unsigned int sources;
	unsigned int at_once; /* frames; 0: the cost without any */
	uint16_t ring;
	bool is_node; /* of vinput-passthrough */
} rows[] = {
	{ "life", LOAD_KEYS, 1, 0, 64, false },
	{ "key", LOAD_KEYS, 1, 1, 64, false },
	{ "key-burst-64", LOAD_KEYS, 1, 64, 256, false },
	{ "key-8-sources", LOAD_KEYS, 8, 1, 64, false },
	{ "touch", LOAD_TOUCH, 1, 1, 64, false },
	{ "touch-burst-8", LOAD_TOUCH, 1, 8, 256, false },
	{ "rel", LOAD_REL, 1, 1, 64, false },
	{ "rel-burst-64", LOAD_REL, 1, 64, 256, false },
	{ "node-key", LOAD_KEYS, 1, 1, 64, true },
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))

static int load(struct backend *be, const struct row *row, unsigned int frames)
{
	int64_t ns;
	int rc = 0;

	for (unsigned int i = 0; i < frames && !rc; i += row->at_once)
		rc = row->at_once > 1 ? load_burst(be, row->at_once)
				      : load_frame(be, i % row->sources, &ns);
	return rc;
}

/* Return: the count in the profile, -1 if there is none. */
static double read_total(const char *path)
{
	FILE *in = fopen(path, "re");
	char line[256];
	double total = -1;

	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, "totals:", 7))
			total = atof(line + 7);
	if (in)
		fclose(in);
	return total;
}

/* vinput-passthrough has a child, whose profile does not count. */
static void keep_profile(const char *path, pid_t pid)
{
	char pattern[1100], own[1100];
	glob_t all;

	snprintf(own, sizeof(own), "%s.%d", path, (int)pid);
	snprintf(pattern, sizeof(pattern), "%s.[0-9]*", path);
	rename(own, path);
	if (!glob(pattern, 0, NULL, &all))
		for (size_t i = 0; i < all.gl_pathc; i++)
			unlink(all.gl_pathv[i]);
	globfree(&all);
}

/* Without the sandbox: valgrind needs more system calls. */
static void write_command(char command[2048], const struct row *row,
			  const char *build, const char *profile)
{
	static const char valgrind[] =
		"valgrind -q --tool=callgrind --callgrind-out-file=";
	static const char *const specs[] = {
		[LOAD_KEYS] = "keyboard.json",
		[LOAD_TOUCH] = "multi-touchscreen.json "
			       "--set=WIDTH=1080 --set=HEIGHT=1920",
		[LOAD_REL] = "mouse.json",
	};

	if (row->is_node)
		snprintf(command, 2048,
			 ANY_CPU PEERS_STAND_IN
			 "%s%s.%%p %s/vinput-passthrough --sandbox=off "
			 "--socket-path={socket} " PEERS_NODE,
			 build, valgrind, profile, build);
	else
		snprintf(command, 2048,
			 ANY_CPU "%s%s %s/vhost-user-input --sandbox=off "
				 "--spec=specs/%s --socket-path={socket} "
				 "--inject-path={inject}",
			 valgrind, profile, build, specs[row->load]);
}

/* Return: the instructions of a whole run, or -1. */
static double count(const struct row *row, const char *build,
		    unsigned int frames)
{
	char command[2048], profile[1024], dir[] = "/tmp/vinput-bench-XXXXXX";
	struct subject s = { .name = row->name,
			     .command = command,
			     .load = row->load };
	struct backend be = { 0 };

	snprintf(profile, sizeof(profile), "%s/tests/bench/callgrind.%s%s",
		 build, row->name, frames ? "" : ".idle");
	write_command(command, row, build, profile);
	if (!mkdtemp(dir))
		return -1;
	int rc = backend_spawn(&be, &s, row->sources, dir, 0);
	be.fe.timeout_ms = PATIENCE_MS;
	if (!rc)
		rc = backend_greet(&be);
	if (!rc)
		rc = backend_run(&be, row->ring);
	if (!rc) {
		load_drain(&be);
		rc = load(&be, row, frames);
	}
	const pid_t pid = be.pid;
	backend_stop(&be);
	remove(dir);
	if (row->is_node)
		keep_profile(profile, pid);
	if (rc)
		printf("not ok  %s: %s\n", row->name,
		       rc == LOAD_E_LOST ? "events were lost"
					 : fe_strerror(rc));
	return rc ? -1 : read_total(profile);
}

/* Return: instructions per frame, or -1. */
static double count_per_frame(const struct row *row, const char *build)
{
	double idle = count(row, build, 0);

	if (!row->at_once || idle < 0)
		return idle;
	double busy = count(row, build, FRAMES);
	return busy < 0 ? -1 : (busy - idle) / FRAMES;
}

/* Return: the count of that name in the file, 0 if there is none. */
static double baseline_of(const char *path, const char *name)
{
	FILE *in = fopen(path, "re");
	char line[256], word[64];
	double value, found = 0;

	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, "%63s %lf", word, &value) == 2 &&
		    !strcmp(word, name))
			found = value;
	if (in)
		fclose(in);
	return found;
}

/* What the counts depend on besides the program. */
static void describe_tools(char text[256])
{
	struct utsname u;

	uname(&u);
	snprintf(text, 256, "compiler %s, libc %s, %s", __VERSION__,
		 gnu_get_libc_version(), u.machine);
}

/* Return: whether the file was made with the same; if not, it is logged. */
static bool is_comparable(const char *path)
{
	char now[256], line[256] = "";
	bool found = false;
	FILE *in = fopen(path, "re");

	describe_tools(now);
	while (in && !found && fgets(line, sizeof(line), in))
		found = !strncmp(line, MADE_WITH, strlen(MADE_WITH));
	if (in)
		fclose(in);
	line[strcspn(line, "\n")] = '\0';
	if (found && !strcmp(line + strlen(MADE_WITH), now))
		return true;
	printf("not compared: %s was made with %s, not %s\n", path,
	       found ? line + strlen(MADE_WITH) : "something else", now);
	return false;
}

static bool print_row(const struct row *row, double now, double before)
{
	const double most = row->at_once ? TOLERANCE : LIFE_TOLERANCE;
	bool good = before > 0 && now <= before * most;

	printf("%-7s %-16s %10.0f", good ? "ok" : "not ok", row->name, now);
	if (before > 0)
		printf("  baseline %10.0f  %+6.1f %%\n", before,
		       100 * (now / before - 1));
	else
		printf("  has no baseline\n");
	return good;
}

static int check(const char *build, const char *baseline)
{
	bool good = true;

	for (size_t i = 0; i < N_ROWS; i++) {
		double now = count_per_frame(&rows[i], build);

		if (now < 0)
			return EXIT_FAILURE;
		good &= print_row(&rows[i], now,
				  baseline_of(baseline, rows[i].name));
	}
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int write_baseline(const char *build, const char *path)
{
	FILE *out = fopen(path, "we");
	char tools[256];

	if (!out)
		return EXIT_FAILURE;
	describe_tools(tools);
	fprintf(out,
		"# Instructions per frame, life: without a frame; see "
		"instructions.c.\n" MADE_WITH "%s\n",
		tools);
	for (size_t i = 0; i < N_ROWS; i++) {
		double now = count_per_frame(&rows[i], build);

		if (now < 0)
			break;
		fprintf(out, "%-16s %10.0f\n", rows[i].name, now);
	}
	return fclose(out) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/*
 * libc looks at each variable when it starts, which counts, too; and tests/run
 * has memory filled by one.
 */
static void leave_environment(void)
{
	const char *path = getenv("PATH");
	char *kept = path ? strdup(path) : NULL;

	clearenv();
	if (kept)
		setenv("PATH", kept, 1);
	free(kept);
}

int main(int argc, char **argv)
{
	leave_environment();
	signal(SIGPIPE, SIG_IGN);
	load_patience_ms = PATIENCE_MS;
	if (argc == 4 && !strcmp(argv[3], "--write"))
		return write_baseline(argv[1], argv[2]);
	if (argc != 3) {
		fputs("usage: instructions BUILD_DIR BASELINE [--write]\n",
		      stderr);
		return 2;
	}
	if (system("command -v valgrind >/dev/null")) {
		puts("valgrind is not installed");
		return SKIP;
	}
	return is_comparable(argv[2]) ? check(argv[1], argv[2]) : SKIP;
}
