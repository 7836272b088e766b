/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server is killed inside a session that has all messages: where it enters
 * or leaves a system call, and some instructions behind that. The front-end
 * behind vinput-hold gets the answers of a session that was not disturbed, and
 * its guest the same events.
 *
 *	test            the front-end, the injector
 *	tracer thread   stops the server at each system call, kills it at one of
 *	                them, and starts the next server
 *
 * VINPUT_POINTS is at how many points it is killed, 0: at each stop; and
 * VINPUT_SEED where the first one is, and how many instructions it is behind
 * its stop.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "tests/lib/cases.h"
#include "tests/lib/random.h"
#include "tests/lib/respawn.h"
#include "tests/lib/whole-session.h"

#define POINTS	   24
#define BEHIND_MAX 3000 /* instructions: a message takes about as many */
#define NEVER	   ULONG_MAX

static struct respawn r;
static struct whole_session session;
static atomic_size_t step;

/* What the tracer is to do next, and what it has done. */
static struct tracer {
	pthread_t thread;
	sem_t go, ready, done;
	atomic_bool over;     /* the session has ended, or the test */
	unsigned long at;     /* the stop at which it kills */
	unsigned long behind; /* ... after so many instructions */
	unsigned long stops;
	int error; /* errno of the first request */
	bool ends;
} tracer;

static unsigned long number_from(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

/* --- the tracer --- */

/* Let it run until the next stop. Return: whether it has stopped. */
static bool run_on(pid_t pid, long request, int *signal)
{
	int status;

	if (ptrace((enum __ptrace_request)request, pid, NULL,
		   (void *)(intptr_t)*signal) < 0 ||
	    waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return false;
	*signal = WSTOPSIG(status);
	return true;
}

#define AT_CALL (SIGTRAP | 0x80)

static void kill_and_replace(pid_t pid)
{
	int signal = 0;

	for (unsigned long i = 0; i < tracer.behind; i++) {
		if (!run_on(pid, PTRACE_SINGLESTEP, &signal))
			break;
		if (signal == SIGTRAP)
			signal = 0;
	}
	/* The test may go on to the next step until it is dead. */
	session.died_to = SIZE_MAX - 1;
	session.died_from = step;
	respawn_kill(&r);
	session.died_to = step;
	respawn_start(&r);
}

/* Return: whether it was killed. */
static bool follow(pid_t pid)
{
	int signal = 0;

	while (run_on(pid, PTRACE_SYSCALL, &signal)) {
		if (tracer.over)
			break;
		if (signal == AT_CALL && ++tracer.stops == tracer.at) {
			kill_and_replace(pid);
			return true;
		}
		if (signal == AT_CALL || signal == SIGTRAP)
			signal = 0;
	}
	return false;
}

static void trace(pid_t pid)
{
	int status;

	tracer.stops = 0;
	tracer.error = 0;
	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACESYSGOOD) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		tracer.error = errno;
	sem_post(&tracer.ready);
	if (tracer.error || waitpid(pid, &status, __WALL) != pid)
		return;
	if (!follow(pid))
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

/* It lives until the end: the servers that it starts die with it. */
static void *run_tracer(void *arg)
{
	for (;;) {
		sem_wait(&tracer.go);
		if (tracer.ends)
			return NULL;
		trace(r.rig->srv.pid);
		sem_post(&tracer.done);
	}
}

/* --- the test --- */

static void note_step(void *arg, size_t i)
{
	step = i;
}

static int setup(void **state)
{
	struct rig *rig;

	rig_setup(state);
	rig = *state;
	respawn_init(&r, rig);
	respawn_spec(&r, "keyboard");
	respawn_injector(&r, SOCK_STREAM);
	/* Or only root could trace it. */
	r.option[0] = "--sandbox=off";
	r.option[1] = whole_session_option;
	respawn_start(&r);
	rig_hold(rig, NULL);
	whole_session_open(&session, rig);
	session.before = note_step;
	memset(&tracer, 0, sizeof(tracer));
	sem_init(&tracer.go, 0, 0);
	sem_init(&tracer.ready, 0, 0);
	sem_init(&tracer.done, 0, 0);
	return pthread_create(&tracer.thread, NULL, run_tracer, NULL);
}

static int teardown(void **state)
{
	int rc;

	whole_session_close(&session);
	rc = rig_teardown(state);
	tracer.ends = true;
	sem_post(&tracer.go);
	pthread_join(tracer.thread, NULL);
	respawn_fini(&r);
	return rc;
}

/* Return: at how many stops it was. */
static unsigned long run_killed_at(unsigned long at, unsigned long behind)
{
	tracer.at = at;
	tracer.behind = behind;
	tracer.over = false;
	snprintf(session.what, sizeof(session.what),
		 "killed at stop %lu and %lu instructions", at, behind);
	sem_post(&tracer.go);
	sem_wait(&tracer.ready);
	if (tracer.error)
		skip_because("ptrace is not permitted here");
	whole_session_run(&session);
	tracer.over = true;
	/* For which it makes a system call: the tracer notices. */
	rig_disconnect(r.rig);
	sem_wait(&tracer.done);
	return tracer.stops;
}

/* behind: at most so many instructions after each stop, and one more. */
static void run_points(unsigned int behind)
{
	const unsigned long points = number_from("VINPUT_POINTS", POINTS);
	struct rnd rnd = { number_from("VINPUT_SEED", 1) };
	unsigned long n, stride, at;

	whole_session_run(&session);
	rig_disconnect(r.rig);
	n = run_killed_at(NEVER, 0);
	stride = points && points < n ? n / points : 1;
	at = 1 + rnd_below(&rnd, (unsigned int)stride);
	for (; at <= n; at += stride) {
		run_killed_at(at, rnd_below(&rnd, behind + 1));
	}
}

static void server_is_killed_at_system_calls(void **state)
{
	run_points(0);
}

static void server_is_killed_between_system_calls(void **state)
{
	run_points(BEHIND_MAX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(server_is_killed_at_system_calls),
		T(server_is_killed_between_system_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
