/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher's fleet without processes: what it would run is written down,
 * and the test does what these would do, with the fds that they would have
 * inherited. Time passes when the test says so. It takes the place of
 * launch-process.c and of functions of libc, so it is not in the library: one
 * file of a test includes it.
 */
#ifndef VINPUT_TESTS_FLEET_WORLD_H
#define VINPUT_TESTS_FLEET_WORLD_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "injector/fleet/launch-fleet.h"
#include "input/base/fd.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/temp-dir.h"

#define STAMP	       "2001-09-09T01:46:40.000Z "
#define FAKES_MAX      64
#define FAKE_FDS_MAX   12
#define EXITED(status) ((status) << 8)

/* A process that would run, or has. Its pid is its index and 100. */
struct fake {
	struct launch_process *p; /* NULL: it has ended */
	char words[2048];	  /* of its command line */
	char env[512];
	bool outlives;
	int out; /* owned, as all fds here; -1: the launcher's own */
	/* Of each: the launcher's, its number in the process, a copy. */
	int ours[FAKE_FDS_MAX], number[FAKE_FDS_MAX], fd[FAKE_FDS_MAX];
	size_t n_fds;
	int signals[8];
	size_t n_signals;
};

static char dir[TEMP_DIR_LEN];
static struct launch_fleet fleet;
static struct launch_argv server_args;
static struct fake fakes[FAKES_MAX];
static size_t n_fakes;
static struct launch_children *children; /* whose these are */
static bool orphans_left;
static int orphan_signals[16];
static size_t n_orphan_signals;
static int start_error, inherit_error, pidfd_error; /* of the next one, or 0 */
static int64_t now_ns;
static int log_fd;
static void (*on_settle)(void);

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *t)
{
	*t = (struct timespec){ now_ns / 1000000000, now_ns % 1000000000 };
	if (id == CLOCK_REALTIME)
		*t = (struct timespec){ 1000000000, 0 };
	return 0;
}

/* --- in place of launch-process.c --- */

void launch_children_init(struct launch_children *c, struct ev_loop *loop,
			  void (*orphan_ended)(void *arg), void *arg)
{
	*c = (struct launch_children){ .loop = loop,
				       .orphan_ended = orphan_ended,
				       .arg = arg };
	launch_places_open(&c->places);
	children = c;
}

void launch_children_fini(struct launch_children *c)
{
	launch_places_close(&c->places);
}

bool launch_children_left(const struct launch_children *c)
{
	return orphans_left;
}

void launch_children_signal_orphans(const struct launch_children *c, int sig)
{
	if (orphans_left)
		orphan_signals[n_orphan_signals++] = sig;
}

static inline void fake_join(char *to, size_t size, char *const *words)
{
	*to = '\0';
	for (size_t i = 0; words && words[i]; i++) {
		strncat(to, i ? " " : "", size - strlen(to) - 1);
		strncat(to, words[i], size - strlen(to) - 1);
	}
}

int launch_process_start(struct launch_children *c, struct launch_process *p,
			 const struct launch_exec *exec)
{
	struct fake *f = &fakes[n_fakes];
	const int r = start_error;

	start_error = 0;
	if (r)
		return r;
	assert_true(n_fakes < FAKES_MAX && exec->n_keep <= FAKE_FDS_MAX);
	*f = (struct fake){ .p = p,
			    .outlives = exec->outlives,
			    .out = exec->out < 0 ? -1 : dup(exec->out),
			    .n_fds = exec->n_keep };
	fake_join(f->words, sizeof(f->words), exec->argv);
	fake_join(f->env, sizeof(f->env), exec->env);
	for (size_t i = 0; i < f->n_fds; i++) {
		f->ours[i] = exec->keep[i];
		f->number[i] = exec->places
				       ? exec->places->fd[LAUNCH_PLACE_KEEP + i]
				       : exec->keep[i];
		f->fd[i] = fcntl(exec->keep[i], F_DUPFD_CLOEXEC, 0);
		assert_sys(f->fd[i]);
	}
	p->pid = (pid_t)(100 + n_fakes++);
	if (exec->forked)
		exec->forked(exec->arg);
	return 0;
}

static inline struct fake *fake_of(const struct launch_process *p)
{
	assert_true(p->pid >= 100 && p->pid < (pid_t)(100 + n_fakes));
	return &fakes[p->pid - 100];
}

void launch_process_move(struct launch_children *c, struct launch_process *from,
			 struct launch_process *to)
{
	if (!from->pid)
		return;
	to->pid = from->pid;
	from->pid = 0;
	fake_of(to)->p = to;
}

int launch_process_inherit(struct launch_children *c, struct launch_process *p,
			   int pidfd)
{
	const int r = inherit_error;

	inherit_error = 0;
	if (r) {
		close_fd(pidfd);
		return r;
	}
	fakes[n_fakes] = (struct fake){ .p = p, .out = -1 };
	p->pid = (pid_t)(100 + n_fakes++);
	p->inherited = true;
	p->pidfd = pidfd;
	return 0;
}

int launch_process_pidfd(const struct launch_process *p)
{
	const int r = pidfd_error;
	int fd;

	pidfd_error = 0;
	if (r)
		return r;
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void launch_process_signal(const struct launch_process *p, int sig)
{
	if (p->pid)
		fake_of(p)->signals[fake_of(p)->n_signals++] = sig;
}

void launch_process_strend(int status, char text[64])
{
	snprintf(text, 64, "ended with status %d", status >> 8);
}

/* --- what processes do --- */

/* All that can be done now: what is due at once is so a little later. */
static inline void settle(void)
{
	for (int i = 0; i < 10; i++) {
		now_ns += 1000;
		ev_run(fleet.loop, EVRUN_NOWAIT);
	}
}

static inline void pass_s(double seconds)
{
	now_ns += (int64_t)(seconds * 1e9);
	settle();
}

static inline void fake_close(struct fake *f)
{
	for (size_t i = 0; i < f->n_fds; i++)
		f->fd[i] = close_fd(f->fd[i]);
	f->out = close_fd(f->out);
}

/* It is there no more. */
static inline void fake_forget(struct fake *f)
{
	struct launch_process *p = f->p;

	f->p = NULL;
	fake_close(f);
	if (!p)
		return;
	if (p->inherited)
		p->pidfd = close_fd(p->pidfd);
	p->inherited = false;
	p->pid = 0;
}

/* status: waitpid(2)'s. */
static inline void fake_ends(struct fake *f, int status)
{
	struct launch_process *p = f->p;

	assert_non_null(p);
	fake_forget(f);
	p->ended(p->arg, status);
	settle();
}

/* A process that was left behind, and the last one. */
static inline void orphan_ended(void)
{
	orphans_left = false;
	children->orphan_ended(children->arg);
	settle();
}

/* Return: its fd that --NAME=N names, or -1. */
static inline int fake_fd(const struct fake *f, const char *name)
{
	const char *at = strstr(f->words, name);

	for (size_t i = 0; at && i < f->n_fds; i++)
		if (f->number[i] == atoi(at + strlen(name)))
			return f->fd[i];
	return -1;
}

static inline void fake_says(struct fake *f, const char *text)
{
	assert_num(write(f->out, text, strlen(text)), strlen(text));
	settle();
}

static inline void fake_is_ready(struct fake *f)
{
	assert_num(write(fake_fd(f, "--ready-fd="), "\n", 1), 1);
	settle();
}

/* It was sent this signal last, and had been sent n before. */
static inline void expect_signal(const struct fake *f, int sig, size_t n)
{
	assert_num(f->n_signals, n + 1);
	assert_num(f->signals[n], sig);
}

/* --- the fleet --- */

/* What was logged since, with STAMP before each line. */
static inline void expect_log(const char *text)
{
	static char is[8192];
	const ssize_t n = pread(log_fd, is, sizeof(is) - 1, 0);

	assert_sys(n);
	is[n] = '\0';
	assert_sys(ftruncate(log_fd, 0));
	assert_sys(lseek(log_fd, 0, SEEK_SET));
	assert_string_equal(is, text);
}

static inline void fleet_settles(void *arg)
{
	assert_ptr_equal(arg, &fleet);
	if (on_settle)
		on_settle();
}

/* Devices from a text of JSON, stopped. Return: as launch_fleet_add(). */
static inline int fleet_adds(const char *text, char *why)
{
	static struct launch_plan plan;
	struct launch_fault fault = { .text = "" };
	json_t *devices = json_loads(text, 0, NULL);
	int r;

	assert_non_null(devices);
	assert_ok(launch_plan_read(&plan, devices, NULL, &fault));
	assert_ok(launch_plan_label(&plan, NULL, NULL, NULL, &fault));
	r = launch_fleet_add(&fleet, &plan, false, why);
	launch_plan_fini(&plan);
	json_decref(devices);
	return r;
}

static inline struct launch_device *device(const char *label)
{
	struct launch_device *dev = launch_fleet_find(&fleet, label);

	assert_non_null(dev);
	return dev;
}

static inline int fleet_setup(void **state)
{
	struct launch_setup *setup = &fleet.setup;

	temp_dir_make(dir);
	n_fakes = 0;
	start_error = inherit_error = pidfd_error = 0;
	on_settle = NULL;
	now_ns = 1000000000;
	log_fd = memfd_create("log", MFD_CLOEXEC);
	fill_with_garbage(&fleet);
	launch_fleet_init(&fleet, ev_loop_new(EVFLAG_NOENV), fleet_settles,
			  &fleet);
	fleet.log.err = log_fd;
	fleet.log.level = LOG_INFO;
	fleet.log.own.label = "launcher";
	setup->dir = setup->streamer_dir = dir;
	setup->server = "SERVER";
	setup->passthrough = "PASSTHROUGH";
	setup->log_level = "info";
	setup->access = (struct socket_access){ 0600, (gid_t)-1 };
	server_args = LAUNCH_ARGV_NULL;
	setup->server_args = &server_args;
	setup->restart = LAUNCH_RESTART_DEFAULT;
	setup->start_s = 30;
	setup->stop_s = 5;
	launch_streamer_init(&fleet.streamer, setup, &fleet.devices, NULL);
	return 0;
}

static inline int fleet_teardown(void **state)
{
	struct ev_loop *loop = fleet.loop;

	on_settle = NULL;
	for (size_t i = 0; i < n_fakes; i++)
		fake_forget(&fakes[i]);
	launch_fleet_fini(&fleet);
	/* Nothing is left in the loop, nor in the directory. */
	const bool left = ev_run(loop, EVRUN_NOWAIT);

	ev_loop_destroy(loop);
	launch_argv_fini(&server_args);
	close(log_fd);
	if (left || rmdir(dir)) {
		temp_dir_remove(dir);
		return -1;
	}
	return 0;
}

#endif
