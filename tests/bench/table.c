/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: table BENCH.json README.md >NEW-README.md
 *
 * Copies a text, and replaces what is between its lines BEGIN and END by a
 * table of the most important figures of one run: a column for each subject,
 * with the ratio to the floor in brackets. The first in each row is bold. Below
 * it stands which other projects' servers were there.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/bench/results.h"

#define BEGIN "<!-- figures: made by 'make bench-readme' -->"
#define END   "<!-- end of figures -->"

static const struct row {
	const char *figure, *what;
} rows[] = {
	{ "latency.p50", "Latency of a frame, median" },
	{ "latency.p99", "Latency, 99th percentile" },
	{ "latency.p99.9", "Latency, 99.9th percentile" },
	{ "apart.p50", "Latency, guest on another CPU" },
	{ "apart.busy.p50", "Latency, `--busy-poll=200`" },
	{ "receipt.notified.p50",
	  "`vinput-inject --measure`: driver notified, median" },
	{ "receipt.taken.p50", "the same: known to be taken" },
	{ "to.p50", "`vinput-passthrough --to`: latency" },
	{ "to.cpu", "the same: CPU time per frame" },
	{ "cpu.frame", "CPU time per frame" },
	{ "shared.2.p50", "Latency through shared memory" },
	{ "shared.2.cpu", "the same: CPU time per frame" },
	{ "shared.64.cpu", "the same, of 64 events" },
	{ "shared.1024.cpu", "the same, of 1024 events" },
	{ "burst.split.64.8.cpu", "CPU time per event, 8 frames at once" },
	{ "burst.split.64.64.cpu", "CPU time per event, 64 at once" },
	{ "burst.split.64.64.rate", "Events per second, 64 at once" },
	{ "burst.split.256.64.cpu",
	  "CPU time per event, 64 at once, ring of 256" },
	{ "burst.split.256.64.rate",
	  "Events per second, 64 at once, ring of 256" },
	{ "burst.split.64.64.lost", "Lost, of 64 frames at once" },
	{ "burst.split.64.512.lost", "Lost, of 512 frames at once" },
	{ "burst.split.4.8.lost", "Lost, of 8 frames at once, ring of 4" },
	{ "kicks", "Kicks requested, 1000 frames" },
	{ "notifications", "Notifications sent, 1000 frames" },
	{ "start.answer", "Start to first answer" },
	{ "start.cpu", "CPU time until then" },
	{ "memory.private", "Private memory" },
	{ "memory.proportional", "Proportional memory" },
	{ "fds", "Open files" },
	{ "idle.wakeups", "Wake-ups while idle, in 3 s" },
	{ "sources.64.p50", "64 injectors: latency" },
	{ "sources.64.cpu", "64 injectors: CPU time per frame" },
	{ "devices.256.launch", "256 devices: time until all run" },
	{ "devices.256.p50", "256 devices: latency" },
	{ "devices.256.cpu", "256 devices: CPU time per frame" },
	{ "devices.256.private", "256 devices: private memory" },
	{ "launch.usual.answer",
	  "256 devices by `vinput-launch`: time until all answer" },
	{ "launch.usual.cpu", "the same: CPU time until then" },
	{ "launch.usual.private", "the same: private memory" },
	{ "launch.template.answer",
	  "by `vinput-launch --template`: time until all answer" },
	{ "launch.template.cpu", "the same: CPU time until then" },
	{ "launch.template.private", "the same: private memory" },
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))

/* Units as in a figure, and as people write them. */
static const struct unit {
	const char *name, *written;
	double divisor;
} units[] = {
	{ "us", "µs", 1 },   { "ms", "ms", 1 }, { "ns", "ns", 1 },
	{ "KiB", "KiB", 1 }, { "%", "%", 1 },	{ "events/s", "million", 1e6 },
};

#define N_UNITS (sizeof(units) / sizeof(*units))

static void print_number(double v, const char *unit)
{
	const char *written = NULL;

	for (size_t i = 0; i < N_UNITS; i++)
		if (!strcmp(unit, units[i].name)) {
			written = units[i].written;
			v /= units[i].divisor;
		}
	if (written && !strcmp(written, "KiB") && v >= 10000) {
		written = "MiB";
		v /= 1024;
	}
	bool whole = v >= 100 || v == floor(v);
	printf("%.*f%s%s",
	       whole	 ? 0
	       : v >= 10 ? 1
			 : 2,
	       v, written ? " " : "", written ? written : "");
}

/* Return: whether a figure is a time or a size, so that a ratio says more. */
static bool has_ratio(const char *unit)
{
	for (size_t i = 0; i < N_UNITS; i++)
		if (!strcmp(unit, units[i].name))
			return true;
	return false;
}

/* Return: whether frames were lost in the burst of this figure. */
static bool has_lost(const json_t *all, const char *name, const char *subject)
{
	char lost[64];
	const char *last = strrchr(name, '.');

	if (!last)
		return false;
	snprintf(lost, sizeof(lost), "%.*s.lost", (int)(last - name), name);
	return results_value(results_figure(all, lost), subject, "median") > 0;
}

/* Floors are no servers. */
static bool is_floor(const json_t *all, size_t i)
{
	return !strncmp(results_subject(all, i), "floor", 5);
}

/*
 * What is compared: times by their ratio to the floor, which may be another
 * one; lower is better. Return: NaN if it is not in the race.
 */
static double rank(const json_t *all, const struct row *row, size_t i)
{
	const json_t *figure = results_figure(all, row->figure);
	const char *subject = results_subject(all, i);
	const char *unit = json_string_value(json_object_get(figure, "unit"));
	const double median = results_value(figure, subject, "median");

	if (is_floor(all, i))
		return NAN;
	if (!has_ratio(unit) || !strcmp(unit, "KiB") || !strcmp(unit, "%"))
		return median;
	const double ratio = results_value(figure, subject, "ratio");
	return strcmp(unit, "events/s") ? ratio : -ratio;
}

/* Return: whether none is better, and some other is worse. */
static bool is_first(const json_t *all, const struct row *row, size_t i)
{
	const double own = rank(all, row, i);
	bool beats = false;

	for (size_t k = 0; k < results_subjects(all); k++) {
		const double other = rank(all, row, k);

		if (other < own)
			return false;
		beats |= other > own;
	}
	return beats;
}

static void print_cell(const json_t *all, const struct row *row, size_t i)
{
	const json_t *figure = results_figure(all, row->figure);
	const char *subject = results_subject(all, i);
	const char *unit = json_string_value(json_object_get(figure, "unit"));
	double median = results_value(figure, subject, "median");
	double ratio = results_value(figure, subject, "ratio");

	fputs(" | ", stdout);
	if (isnan(median)) {
		fputs(has_lost(all, row->figure, subject) ? "loses" : "–",
		      stdout);
		return;
	}
	const char *bold = is_first(all, row, i) ? "**" : "";
	fputs(bold, stdout);
	print_number(median, unit);
	if (!is_floor(all, i) && !isnan(ratio) && has_ratio(unit))
		printf(" (%.2f×)", ratio);
	fputs(bold, stdout);
}

static const struct peer {
	const char *name, *what;
} peers[] = {
	{ "rust-vmm", "`vhost-device-input` 0.1.0, which reads an evdev node" },
	{ "QEMU", "`contrib/vhost-user-input` of 7.2, which reads an evdev "
		  "node, with substitutes for the headers of QEMU's utility "
		  "code" },
	{ "Cuttlefish", "`vhost_user_input` of 2025, with versions of its "
			"libraries that `cargo` chose" },
};

#define N_PEERS	    (sizeof(peers) / sizeof(*peers))
#define PEERS_INTRO "\nThe other servers, each built from its own sources:\n\n"

static bool has_subject(const json_t *all, const char *name)
{
	for (size_t i = 0; i < results_subjects(all); i++)
		if (!strcmp(results_subject(all, i), name))
			return true;
	return false;
}

static void print_peers(const json_t *all)
{
	size_t measured = 0, missing = 0;

	for (size_t i = 0; i < N_PEERS; i++)
		if (has_subject(all, peers[i].name))
			printf("%s- %s's %s.\n", measured++ ? "" : PEERS_INTRO,
			       peers[i].name, peers[i].what);
	for (size_t i = 0; i < N_PEERS; i++)
		if (!has_subject(all, peers[i].name))
			printf("%s%s", missing++ ? ", " : "\nNot measured: ",
			       peers[i].name);
	if (missing)
		puts(".");
}

static void print_table(const json_t *all)
{
	size_t n = results_subjects(all);
	char words[256];

	fputs("| ", stdout);
	for (size_t i = 0; i < n; i++)
		printf(" | %s", results_subject(all, i));
	fputs(" |\n|---", stdout);
	for (size_t i = 0; i < n; i++)
		fputs("|--:", stdout);
	puts("|");
	for (size_t r = 0; r < N_ROWS; r++) {
		if (!results_figure(all, rows[r].figure))
			continue;
		printf("| %s", rows[r].what);
		for (size_t i = 0; i < n; i++)
			print_cell(all, &rows[r], i);
		puts(" |");
	}
	results_describe(all, words);
	printf("\n%s.\n", words);
	print_peers(all);
}

/* Return: whether both lines were found. */
static bool copy(FILE *in, const json_t *all)
{
	bool inside = false, found = false;
	char line[4096];

	while (fgets(line, sizeof(line), in)) {
		if (!strncmp(line, END, strlen(END)))
			inside = false;
		if (!inside)
			fputs(line, stdout);
		if (strncmp(line, BEGIN, strlen(BEGIN)) != 0)
			continue;
		print_table(all);
		inside = found = true;
	}
	return found && !inside;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: table BENCH.json README.md >NEW-README.md\n",
		      stderr);
		return 2;
	}
	json_t *all = results_load(argv[1]);
	FILE *in = all ? fopen(argv[2], "re") : NULL;
	if (!in) {
		perror(argv[2]);
		return EXIT_FAILURE;
	}
	bool good = copy(in, all);
	if (!good)
		fprintf(stderr, "table: %s has no lines for the table\n",
			argv[2]);
	json_decref(all);
	fclose(in);
	return good && !fflush(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
