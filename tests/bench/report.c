/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In both, a figure is the median of all rounds with its quartiles; a ratio is
 * that to the subject's floor.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include "tests/bench/report.h"

/* Three significant digits, without an exponent. */
static const char *number(double v, char text[32])
{
	int digits = fabs(v) >= 100 ? 0 : fabs(v) >= 10 ? 1 : 2;

	if (isnan(v))
		snprintf(text, 32, "-");
	else if (fabs(v) >= 1e6)
		snprintf(text, 32, "%.2fM", v / 1e6);
	else
		snprintf(text, 32, "%.*f", digits, v);
	return text;
}

/*
 * How much of the proportional memory is shared depends on what else runs on
 * this machine, for all of them alike.
 */
enum goal_kind {
	GOAL_VALUE,
	GOAL_RATIO, /* of the figure to its floor's */
	GOAL_PEERS, /* at most the least of other projects' in the same run */
};

static const struct goal {
	unsigned int subject;
	const char *name;
	enum goal_kind kind;
	double at_most; /* not of GOAL_PEERS */
} goals[] = {
	{ OURS, "latency.p50", GOAL_RATIO, 1.09 },
	{ OURS, "cpu.frame", GOAL_RATIO, 1.09 },
	{ OURS, "kicks", GOAL_VALUE, 0 },
	{ OURS, "burst.split.64.64.cpu", GOAL_RATIO, 1.5 },
	{ OURS, "burst.split.256.64.cpu", GOAL_RATIO, 1.05 },
	{ OURS, "start.answer", GOAL_PEERS, NAN },
	{ OURS, "start.cpu", GOAL_PEERS, NAN },
	{ OURS, "memory.private", GOAL_VALUE, 168 },
	{ OURS, "sources.64.p50", GOAL_RATIO, 1.15 },
	{ OURS, "sources.64.cpu", GOAL_RATIO, 1.15 },
	{ OURS, "shared.2.p50", GOAL_RATIO, 0.9 },
	{ OURS, "shared.8.p50", GOAL_RATIO, 0.9 },
	{ OURS, "shared.64.p50", GOAL_RATIO, 0.9 },
	{ OURS, "shared.256.p50", GOAL_RATIO, 0.9 },
	{ OURS, "shared.1024.p50", GOAL_RATIO, 0.9 },
	{ OURS, "stream.client", GOAL_VALUE, 16 },
	{ OURS, "idle.wakeups", GOAL_VALUE, 0 },
	{ OURS, "devices.256.launch", GOAL_VALUE, 2000 },
	{ OURS, "launch.template.answer", GOAL_PEERS, NAN },
	{ OURS, "launch.template.cpu", GOAL_PEERS, NAN },
	{ OURS, "launch.template.private", GOAL_PEERS, NAN },
	{ PASSTHROUGH, "latency.p50", GOAL_RATIO, 1.09 },
	{ PASSTHROUGH, "cpu.frame", GOAL_RATIO, 1.15 },
	{ PASSTHROUGH, "to.p50", GOAL_RATIO, 1.15 },
	{ PASSTHROUGH, "to.cpu", GOAL_RATIO, 1.3 },
	{ PASSTHROUGH, "memory.private", GOAL_VALUE, 208 },
	{ PASSTHROUGH, "memory.proportional", GOAL_PEERS, NAN },
	{ PASSTHROUGH, "kicks", GOAL_VALUE, 0 },
	{ PASSTHROUGH, "idle.wakeups", GOAL_VALUE, 0 },
};

/* Return: NULL if there is no goal. */
static const struct goal *goal_of(unsigned int subject, const struct figure *f)
{
	for (size_t i = 0; i < sizeof(goals) / sizeof(*goals); i++)
		if (goals[i].subject == subject &&
		    !strcmp(goals[i].name, f->name))
			return &goals[i];
	return NULL;
}

static double ratio_of(const struct bench *b, const struct figure *f,
		       unsigned int subject)
{
	return figure_ratio(f, subject, b->subject[subject].floor);
}

static void print_cell(const struct bench *b, const struct figure *f,
		       unsigned int subject, FILE *out)
{
	char median[32], low[32], high[32], ratio[32], cell[128];

	number(figure_quantile(f, subject, 0.5), median);
	number(figure_quantile(f, subject, 0.25), low);
	number(figure_quantile(f, subject, 0.75), high);
	number(ratio_of(b, f, subject), ratio);
	snprintf(cell, sizeof(cell), "%s (%s..%s)", median, low, high);
	fprintf(out, "  %-22s", cell);
	if (!b->subject[subject].is_floor)
		fprintf(out, " %6s", ratio);
}

/* Return: NAN if no peer has it. */
static double least_of_peers(const struct bench *b, const struct figure *f)
{
	double least = NAN;

	for (unsigned int i = SUBJECTS_OWN; i < b->n_subjects; i++)
		least = fmin(least, figure_quantile(f, i, 0.5));
	return least;
}

/* Return: NAN if there is nothing to compare with. */
static double limit_of(const struct bench *b, const struct figure *f,
		       const struct goal *goal)
{
	return goal->kind == GOAL_PEERS ? least_of_peers(b, f) : goal->at_most;
}

static void print_goal(const struct bench *b, const struct figure *f,
		       unsigned int subject, FILE *out)
{
	static const char *const of[] = {
		[GOAL_VALUE] = "",
		[GOAL_RATIO] = " x floor",
		[GOAL_PEERS] = ", the least of the peers",
	};
	const struct goal *goal = goal_of(subject, f);
	double v, limit;

	if (!goal)
		return;
	v = goal->kind == GOAL_RATIO ? ratio_of(b, f, subject)
				     : figure_quantile(f, subject, 0.5);
	limit = limit_of(b, f, goal);
	if (isnan(v) || isnan(limit))
		return;
	fprintf(out, "  %s: %s, at most %g%s", b->subject[subject].name,
		v <= limit ? "good" : "TOO MUCH", limit, of[goal->kind]);
}

static void print_figure(const struct bench *b, const struct figure *f,
			 FILE *out)
{
	fprintf(out, "%-22s %-11s", f->name, f->unit);
	for (unsigned int i = 0; i < b->n_subjects; i++)
		print_cell(b, f, i, out);
	for (unsigned int i = 0; i < b->n_subjects; i++)
		print_goal(b, f, i, out);
	fputc('\n', out);
}

void report_table(const struct bench *b, FILE *out)
{
	fprintf(out, "%-34s", "median (quartiles), x floor");
	for (unsigned int i = 0; i < b->n_subjects; i++)
		fprintf(out, "  %-*s", b->subject[i].is_floor ? 22 : 29,
			b->subject[i].name);
	fputc('\n', out);
	for (size_t i = 0; i < b->figures.n; i++)
		print_figure(b, &b->figures.figure[i], out);
}

static json_t *real(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *subject_json(const struct bench *b, const struct figure *f,
			    unsigned int subject)
{
	const struct goal *goal = goal_of(subject, f);
	json_t *values = json_array();
	json_t *ratio = b->subject[subject].is_floor
				? json_null()
				: real(ratio_of(b, f, subject));

	for (unsigned int r = 0; r < b->figures.round; r++)
		json_array_append_new(values, real(f->value[subject][r]));
	json_t *of =
		json_pack("{s:o, s:o, s:o, s:o, s:o}", "median",
			  real(figure_quantile(f, subject, 0.5)), "quartile1",
			  real(figure_quantile(f, subject, 0.25)), "quartile3",
			  real(figure_quantile(f, subject, 0.75)), "ratio",
			  ratio, "rounds", values);
	if (goal)
		json_object_set_new(of, "goal",
				    json_pack("{s:b, s:o}", "is_ratio",
					      goal->kind == GOAL_RATIO,
					      "at_most",
					      real(limit_of(b, f, goal))));
	return of;
}

static json_t *figure_json(const struct bench *b, const struct figure *f)
{
	json_t *of = json_object();

	for (unsigned int i = 0; i < b->n_subjects; i++)
		json_object_set_new(of, b->subject[i].name,
				    subject_json(b, f, i));
	return json_pack("{s:s, s:s, s:o}", "name", f->name, "unit", f->unit,
			 "of", of);
}

/* Return: the value of the first line "key : value" of /proc/cpuinfo. */
static json_t *cpu_model(void)
{
	char line[256], *value = NULL;
	FILE *in = fopen("/proc/cpuinfo", "re");

	while (in && !value && fgets(line, sizeof(line), in))
		if (!strncmp(line, "model name", 10))
			value = strchr(line, ':');
	if (in)
		fclose(in);
	if (!value)
		return json_null();
	line[strcspn(line, "\n")] = '\0';
	return json_string(value + 2);
}

static json_t *machine_json(const struct bench *b)
{
	struct utsname u;
	unsigned int major = 0, minor = 0;

	uname(&u);
	sscanf(u.release, "%u.%u", &major, &minor);
	return json_pack("{s:o, s:i, s:s, s:o, s:o}", "cpu", cpu_model(),
			 "cpus", get_nprocs(), "arch", u.machine, "linux",
			 json_sprintf("%u.%u", major, minor), "load",
			 real(b->load));
}

/* One of the object's first members. */
static void print_member(const char *key, json_t *value, FILE *out)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
					       JSON_REAL_PRECISION(4));

	fprintf(out, " \"%s\": %s,\n", key, text ? text : "null");
	free(text);
	json_decref(value);
}

/* One line per figure, so that two such files can be compared. */
static void print_figures(const struct bench *b, FILE *out)
{
	fputs(" \"figures\": [\n", out);
	for (size_t i = 0; i < b->figures.n; i++) {
		json_t *figure = figure_json(b, &b->figures.figure[i]);
		char *text = json_dumps(figure,
					JSON_COMPACT | JSON_REAL_PRECISION(4));

		fprintf(out, "  %s%s\n", text ? text : "null",
			i + 1 < b->figures.n ? "," : "");
		free(text);
		json_decref(figure);
	}
	fputs(" ]\n", out);
}

int report_json(const struct bench *b, const char *path)
{
	json_t *subjects = json_array();
	FILE *out = fopen(path, "we");

	if (!out) {
		json_decref(subjects);
		return -1;
	}
	for (unsigned int i = 0; i < b->n_subjects; i++)
		json_array_append_new(subjects,
				      json_pack("{s:s, s:s}", "name",
						b->subject[i].name, "command",
						b->subject[i].command));
	fputs("{\n", out);
	print_member("machine", machine_json(b), out);
	print_member("rounds", json_integer(b->figures.round), out);
	print_member("subjects", subjects, out);
	print_figures(b, out);
	fputs("}\n", out);
	return fclose(out) ? -1 : 0;
}
