/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-inject(1): operate input devices from a shell.
 *
 *	commands are read and prepared		an error here: exit status 2
 *	rehearsed, if there is a spec		an error here: exit status 2
 *	devices opened, commands run, drained	an error here: exit status 1
 *
 * Commands from standard input are read and run line by line, so that a program
 * can drive this one through a pipe. At the end the devices release what is
 * still held, as they do whenever an injector disconnects. inject-run.h tells
 * how the parts work together.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-commands.h"
#include "injector/inject/inject-options.h"
#include "injector/inject/inject-report.h"
#include "injector/inject/inject-words.h"
#include "input/base/bom.h"
#include "input/base/fd.h"
#include "input/spec/spec-file.h"

/* A guest did not take everything as it was sent. */
#define EXIT_NOT_TAKEN 1
/* The command line, or a line of commands, is invalid. Nothing was sent. */
#define EXIT_USAGE 2

struct task {
	struct inject_options opt;
	struct spec spec;
	struct inject_context ctx;
	struct inject_run run;
	const char *to; /* see inject_commands_run() */
	bool changed;	/* something has arrived otherwise */
	FILE *times;	/* of --measure; NULL: not wanted */
};

static void print_fault(const struct task *t, const struct fault *f)
{
	inject_command_note(&t->ctx, f->text);
}

static struct inject_value axis(const char *name, const struct spec_abs *abs)
{
	return (struct inject_value){ name, abs->min, abs->max };
}

/* A quarter of the range is a touch for libinput, and no palm. */
static long believable_pressure(const struct spec *spec)
{
	const uint16_t code = spec_slots(spec) ? ABS_MT_PRESSURE : ABS_PRESSURE;
	const struct spec_abs *abs = &spec->abs[code];

	if (!spec_has(spec, EV_ABS, code))
		return 0;
	return (long)abs->min + ((long)abs->max - abs->min) / 4;
}

/* The user's coordinates are those of --size, else the device's. */
static void learn_screen(struct inject_screen *screen, const struct spec *spec)
{
	const uint16_t x = spec_slots(spec) ? ABS_MT_POSITION_X : ABS_X;
	struct inject_value *to = screen->known ? screen->range : screen->axis;

	if (!spec_has(spec, EV_ABS, x) || !spec_has(spec, EV_ABS, x + 1))
		return;
	to[0] = axis("x", &spec->abs[x]);
	to[1] = axis("y", &spec->abs[x + 1]);
	screen->mapped = screen->known;
	screen->known = true;
}

/* What the spec says about the device limits what commands can do. */
static int read_spec(struct task *t)
{
	const struct spec *spec = &t->spec;

	if (!t->opt.spec_name)
		return 0;
	if (spec_file_load(&t->spec, t->opt.spec_name, t->opt.sets.set,
			   t->opt.sets.n))
		return EXIT_USAGE;
	t->ctx.spec = spec;
	t->ctx.single = !spec_slots(spec);
	t->ctx.pressure = believable_pressure(spec);
	learn_screen(&t->ctx.screen, spec);
	return 0;
}

/* Return: whether word is an option of ours, and what the fault is about. */
static bool is_misplaced(const char *word, const struct fault *f)
{
	char name[43];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	return inject_options_has(word) && strstr(f->text, name);
}

/* An option of ours among the commands is no unknown one. */
static void explain_misplaced(char **word, struct fault *f)
{
	while (*word && !is_misplaced(*word, f))
		word++;
	if (*word)
		fault_set(f,
			  "%.40s: this option must be before @ADDRESS and the "
			  "command",
			  *word);
}

/* Run the commands without devices, and check each event. */
static int rehearse(struct task *t, const struct inject_commands *list)
{
	struct inject_run run;
	const char *to = t->to;
	int r;

	if (!t->opt.spec_name)
		return 0;
	inject_run_init(&run, INJECT_MODE_REHEARSE, NULL);
	run.spec = &t->spec;
	r = inject_commands_run(list, &run, &to);
	inject_run_fini(&run);
	if (r)
		print_fault(t, &run.fault);
	return r ? EXIT_USAGE : 0;
}

/* Print what has arrived otherwise. Return: an exit status. */
static int print_notes(struct task *t)
{
	int status = EXIT_SUCCESS;
	struct fault line;

	for (size_t i = 0; i < t->run.n_devices; i++) {
		struct inject_device *d = &t->run.device[i];
		enum inject_note note;

		while ((note = inject_report_note(&d->receipt, d->name,
						  &line))) {
			print_fault(t, &line);
			if (note == INJECT_NOTE_FAILURE)
				status = EXIT_NOT_TAKEN;
		}
	}
	return status;
}

/* Return: an exit status. */
static int complain_about_times(const struct task *t, int error)
{
	struct fault f;

	fault_set(&f, "--measure=%s: %s", t->opt.times, strerror(error));
	print_fault(t, &f);
	return EXIT_USAGE;
}

/* Before anything is sent. Return: an exit status. */
static int open_times(struct task *t)
{
	if (t->opt.times)
		t->times = fopen(t->opt.times, "we");
	return t->opt.times && !t->times ? complain_about_times(t, errno) : 0;
}

/* Return: an exit status. */
static int write_times(struct task *t)
{
	int r = 0;

	if (!t->times)
		return 0;
	for (size_t i = 0; i < t->run.n_devices && !r; i++) {
		const struct inject_device *d = &t->run.device[i];

		r = inject_report_times(&d->receipt, d->name, t->times);
	}
	if (fclose(t->times) && !r)
		r = -errno;
	return r ? complain_about_times(t, -r) : 0;
}

static void print_latencies(struct task *t)
{
	struct fault line;

	for (size_t i = 0; i < t->run.n_devices; i++) {
		struct inject_device *d = &t->run.device[i];

		if (inject_report_latency(&d->receipt, d->name, &line))
			puts(line.text);
	}
}

/* Return: an exit status. */
static int perform(struct task *t, char **word)
{
	struct inject_commands list;
	struct fault fault;
	int status = EXIT_SUCCESS, r;

	if (inject_commands_read(&list, word, &t->ctx, &fault)) {
		explain_misplaced(word, &fault);
		print_fault(t, &fault);
		status = EXIT_USAGE;
	}
	if (!status)
		status = rehearse(t, &list);
	if (!status) {
		inject_run_catch_up(&t->run);
		r = inject_commands_run(&list, &t->run, &t->to);
		if (r) {
			print_fault(t, &t->run.fault);
			status = r == -EINVAL ? EXIT_USAGE : EXIT_NOT_TAKEN;
		}
		if (print_notes(t))
			t->changed = true;
	}
	inject_commands_fini(&list);
	return status;
}

static int perform_line(struct task *t, const char *line)
{
	struct inject_words words;
	struct fault fault;
	int status = EXIT_SUCCESS;

	if (inject_words_split(&words, line, &fault)) {
		print_fault(t, &fault);
		status = EXIT_USAGE;
	}
	if (!status && words.n)
		status = perform(t, words.word);
	inject_words_fini(&words);
	return status;
}

static int perform_stdin(struct task *t)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int status = EXIT_SUCCESS;

	t->ctx.stdin_used = true;
	while (!status && (len = getline(&line, &size, stdin)) >= 0) {
		const size_t bom =
			t->ctx.line ? 0 : bom_length(line, (size_t)len);

		t->ctx.line++;
		status = perform_line(t, line + bom);
		fflush(stdout);
	}
	t->ctx.line = 0;
	if (ferror(stdin)) {
		perror("vinput-inject: standard input");
		status = EXIT_USAGE;
	}
	free(line);
	return status;
}

static struct inject_rules rules_of(const struct inject_options *opt)
{
	return (struct inject_rules){
		.off = opt->no_receipt,
		.measure = opt->measure,
		.lenient = opt->lenient,
		.wait_guest_ms = opt->wait_guest_ms,
		.guest_ms = opt->guest_timeout_ms,
		.read_ms = opt->timeout_ms,
	};
}

static int perform_all(struct task *t)
{
	const struct inject_options *opt = &t->opt;
	int status = open_times(t), written;

	if (status)
		return status;
	inject_run_init(&t->run,
			opt->dry_run ? INJECT_MODE_DRY : INJECT_MODE_REAL,
			stdout);
	t->run.place = (struct inject_place){ opt->dir, opt->wait_ms };
	t->run.rules = rules_of(opt);
	t->to = opt->to;
	t->run.spec = t->ctx.spec;
	if (opt->n_words == 1 && strcmp(opt->word[0], "-") == 0)
		status = perform_stdin(t);
	else
		status = perform(t, opt->word);
	if (!status && inject_run_drain(&t->run)) {
		print_fault(t, &t->run.fault);
		status = EXIT_NOT_TAKEN;
	}
	written = write_times(t);
	print_latencies(t);
	inject_run_fini(&t->run);
	if (!status && t->changed)
		status = EXIT_NOT_TAKEN;
	return status ? status : written;
}

static int inject(struct task *t)
{
	int status;

	switch (t->opt.action) {
	case INJECT_ACTION_HELP:
		inject_options_help();
		return EXIT_SUCCESS;
	case INJECT_ACTION_VERSION:
		puts("vinput-inject " VERSION);
		return EXIT_SUCCESS;
	case INJECT_ACTION_RUN:
		break;
	}
	t->ctx.screen = t->opt.screen;
	status = read_spec(t);
	return status ? status : perform_all(t);
}

int main(int argc, char **argv)
{
	static struct task t;
	struct fault fault = { "" };
	int status;

	fd_fill_standard();
	signal(SIGPIPE, SIG_IGN);
	if (inject_options_parse(&t.opt, argc, argv, &fault)) {
		print_fault(&t, &fault);
		return EXIT_USAGE;
	}
	status = inject(&t);
	if (!status && (fflush(stdout) || ferror(stdout))) {
		perror("vinput-inject: standard output");
		status = EXIT_NOT_TAKEN;
	}
	return status;
}
