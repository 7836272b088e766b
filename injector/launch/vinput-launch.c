/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-launch(1): combines the devices of the file and of the options, labels
 * them, and then launches them, prints a VMM's arguments for them, or sends
 * them to a running launcher. Exit status: 0; 2 for a wrong command line or
 * launch file; 1 for another failure.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "injector/launch/launch-client.h"
#include "injector/launch/launch-run.h"
#include "injector/plan/launch-cmdline.h"
#include "injector/plan/launch-file.h"
#include "injector/plan/launch-fill.h"
#include "injector/plan/launch-vmm.h"
#include "injector/process/launch-program.h"
#include "input/base/fd.h"

#define EXIT_USAGE 2

/* What to do: options and file combined. */
struct task {
	struct launch_options opt;
	struct launch_file file;
	json_t *devices; /* owned: the file's, then the options' */
	struct launch_plan plan;
	struct launch_argv streamer; /* of the file */
	char *const *streamer_argv;  /* NULL: there is none */
	struct launch_restart restart;
};

static int usage_error(const char *what)
{
	fprintf(stderr, "vinput-launch: %s\n", what);
	return EXIT_USAGE;
}

static const char *place_strerror(int r)
{
	return r == -EILSEQ ? "the absolute path of a spec or device must be "
			      "UTF-8"
			    : strerror(-r);
}

static int task_report(const struct task *t, const struct launch_fault *f)
{
	if (f->line)
		fprintf(stderr, "vinput-launch: %s:%zu:%zu: %s\n", t->opt.file,
			f->line, f->column, f->text);
	else
		usage_error(f->text);
	return EXIT_USAGE;
}

/* Return: 0 or an exit status. */
static int task_read_file(struct task *t, struct launch_fault *fault)
{
	int r;

	if (!t->opt.file)
		return 0;
	r = launch_file_read(&t->file, t->opt.file, fault);
	if (!r)
		return 0;
	if (r == -EINVAL && fault->line)
		return task_report(t, fault);
	if (r == -EFBIG)
		fprintf(stderr, "vinput-launch: %s: longer than %d KiB\n",
			t->opt.file, LAUNCH_FILE_MAX / 1024);
	else
		fprintf(stderr, "vinput-launch: %s: %s\n", t->opt.file,
			place_strerror(r));
	return EXIT_FAILURE;
}

static int task_join_devices(struct task *t, struct launch_fault *fault)
{
	const json_t *from_file = t->file.devices;

	t->devices = json_array();
	fault->n_in_file = json_array_size(from_file);
	if (!t->devices ||
	    (from_file && json_array_extend(t->devices, t->file.devices)) ||
	    json_array_extend(t->devices, t->opt.devices))
		return usage_error(strerror(ENOMEM));
	return 0;
}

/* Relative paths in options are relative to the current directory. */
static int task_place_specs(struct task *t)
{
	char cwd[PATH_MAX];
	int r;

	if (!getcwd(cwd, sizeof(cwd)))
		return 0;
	r = launch_file_place_specs(t->devices, cwd);
	return r ? usage_error(place_strerror(r)) : 0;
}

static int task_make_plan(struct task *t, struct launch_fault *fault)
{
	struct json_path at = *JSON_MEMBER(NULL, "devices");

	t->plan.defaults = t->opt.tunables;
	if (launch_plan_read(&t->plan, t->devices, &at, fault) ||
	    launch_plan_label(&t->plan, &at, NULL, NULL, fault))
		return task_report(t, fault);
	return 0;
}

/* It finds the devices by VINPUT_FDS and VINPUT_DIR. */
static void task_add_page(struct task *t)
{
	char path[PATH_MAX];

	launch_program_find(path, "vinput-stream");
	launch_argv_add(&t->streamer, "%s", path);
	if (*t->opt.page)
		launch_argv_add(&t->streamer, "--listen=%s", t->opt.page);
	for (size_t i = 0; i < t->opt.screens.n; i++)
		launch_argv_add(&t->streamer, "--display=%s",
				t->opt.screens.v[i]);
	if (t->opt.password)
		launch_argv_add(&t->streamer, "--display-password=%s",
				t->opt.password);
}

static void task_add_streamer(struct task *t)
{
	size_t i;
	json_t *word;

	json_array_foreach(t->file.streamer, i, word)
	{
		launch_argv_add(&t->streamer, "%s", json_string_value(word));
	}
}

/* The streamer of the command line, else the file's. */
static int task_choose_streamer(struct task *t)
{
	struct launch_argv filled = LAUNCH_ARGV_NULL;
	static struct launch_fds fds;
	char why[256];
	int r;

	if (t->opt.page)
		task_add_page(t);
	else
		task_add_streamer(t);
	if (launch_argv_check(&t->streamer))
		return usage_error(strerror(ENOMEM));
	t->streamer_argv = t->opt.streamer ? t->opt.streamer : t->streamer.v;
	if (!t->streamer_argv)
		return 0;
	/* Each of its placeholders must have a device. */
	for (fds.n = 0; fds.n < t->plan.n; fds.n++)
		fds.label[fds.n] = t->plan.item[fds.n].label;
	snprintf(why, sizeof(why), "%s", strerror(ENOMEM));
	r = launch_fill_args(&filled, t->streamer_argv, &fds, ".", why);
	launch_argv_fini(&filled);
	return r ? usage_error(why) : 0;
}

/* Return: 0 or an exit status. */
static int task_plan(struct task *t)
{
	struct launch_fault fault = { .json = NULL };
	int r = task_read_file(t, &fault);

	t->restart = t->file.has_restart && !t->opt.has_restart
			     ? t->file.restart
			     : t->opt.restart;
	if (!r)
		r = task_join_devices(t, &fault);
	if (!r)
		r = task_place_specs(t);
	if (!r)
		r = task_make_plan(t, &fault);
	return r;
}

static int task_launch(struct task *t)
{
	int r = task_plan(t);

	if (!r)
		r = task_choose_streamer(t);
	return r ? r
		 : launch_run(&t->opt, &t->plan, &t->restart, t->streamer_argv);
}

static int task_control(struct task *t)
{
	const struct launch_command_row *row = launch_client_command(&t->opt);
	int r = 0;

	if (!row)
		return EXIT_USAGE;
	if (row->args == LAUNCH_TAKES_DEVICES)
		r = task_plan(t);
	return r ? r : launch_client_control(&t->opt, row, t->devices);
}

/* dir as an absolute path; it need not exist yet. */
static void make_absolute(const char *dir, char out[2 * PATH_MAX])
{
	char cwd[PATH_MAX];

	if (realpath(dir, out))
		return;
	if (*dir == '/' || !getcwd(cwd, sizeof(cwd)))
		snprintf(out, 2 * PATH_MAX, "%s", dir);
	else
		snprintf(out, 2 * PATH_MAX, "%s/%s", cwd, dir);
}

static int task_print_args(struct task *t)
{
	const char *hint = launch_vmm_memory_hint(t->opt.vmm, t->opt.memory);
	struct launch_argv args = LAUNCH_ARGV_NULL;
	char dir[2 * PATH_MAX], why[256];
	int r = task_plan(t);

	if (r)
		return r;
	make_absolute(t->opt.dir, dir);
	if (launch_vmm_args(t->opt.vmm, &t->plan, dir, t->opt.memory, &args,
			    why) ||
	    launch_vmm_add_screens(t->opt.vmm, &t->opt.screens, t->opt.password,
				   &args, why)) {
		launch_argv_fini(&args);
		usage_error(why);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < args.n; i++)
		puts(args.v[i]);
	launch_argv_fini(&args);
	if (hint)
		fprintf(stderr, "vinput-launch: note: %s\n", hint);
	return fflush(stdout) || ferror(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int task_act(struct task *t)
{
	switch (t->opt.action) {
	case LAUNCH_RUN:
		return task_launch(t);
	case LAUNCH_WAIT:
		return launch_client_wait(&t->opt);
	case LAUNCH_CONTROL:
		return task_control(t);
	case LAUNCH_PRINT_ARGS:
		return task_print_args(t);
	case LAUNCH_HELP:
		launch_cmdline_help();
		putchar('\n');
		launch_command_help();
		return EXIT_SUCCESS;
	case LAUNCH_VERSION:
		puts("vinput-launch " VERSION);
		return EXIT_SUCCESS;
	}
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static struct task t;
	char why[256];
	int status;

	fd_fill_standard();
	signal(SIGPIPE, SIG_IGN);
	if (launch_cmdline_parse(&t.opt, argc, argv, why))
		status = usage_error(why);
	else
		status = task_act(&t);
	launch_plan_fini(&t.plan);
	launch_argv_fini(&t.streamer);
	json_decref(t.devices);
	launch_file_fini(&t.file);
	launch_cmdline_fini(&t.opt);
	return status;
}
