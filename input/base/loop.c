/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libev never waits for ever: if no timer is due earlier it wakes up after
 * 59.743 s to see whether the clock has been set, which matters to periodic
 * watchers only, and there are none here. This cannot be turned off. A wait
 * with a timeout also costs more than one without, since the kernel starts and
 * stops a timer for it: a tenth of all the CPU time of a frame. And libev has
 * no hook in which to wait that would not add a system call to each frame.
 *
 * So libev's call of epoll_wait() is bound to the function below. A libev.so
 * finds it because the dynamic linker looks in the program before libc; a
 * libev.a because the linker does. Both ways can be undone, by linking that
 * hides the symbol or by a libev that waits otherwise, and then everything
 * would still seem to work. So the backend is fixed, and it is made sure that
 * libev gets here.
 *
 * When only one shortcut was served for a while, it waits in the call that
 * reads, without epoll_pwait(), and a sentry watches all else. As it costs some
 * calls to begin and to end that, it begins the later, the sooner it ended.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input/base/clock.h"
#include "input/base/hot.h"
#include "input/base/loop-signal.h"
#include "input/base/loop.h"
#include "input/base/sentry.h"

#define SHORTCUTS_MAX		128 /* fds below */
#define LOOP_FLAGS		(EVFLAG_NOENV | EVBACKEND_EPOLL)
#define LIBEV_LOOKS_AT_CLOCK_MS 59743
#define AT_EDGE			(EPOLLIN | EPOLLRDHUP | EPOLLET)
/* To wait in a shortcut, and back, costs as much as it saves so often. */
#define WORTH_WAITING 32
#define PATIENCE_MIN  8
#define PATIENCE_MAX  4096

_Static_assert(LOOP_TIMER_MAX_MS < LIBEV_LOOKS_AT_CLOCK_MS,
	       "a longer wait is not for one of our timers");

static int64_t busy_ns;		      /* what pays at present */
static HOT_DATA int64_t busy_most_ns; /* the setting */
static HOT_DATA int last_epfd = -1; /* epoll_wait()'s; libinput calls it, too */
static HOT_DATA int loop_epfd = -1; /* libev's epoll instance */
static HOT_DATA bool waits;	    /* in a shortcut */
/* How often one is served, and nothing else, before it waits. */
static HOT_DATA unsigned int patience = PATIENCE_MIN;
static HOT_DATA struct loop_shortcut *shortcut[SHORTCUTS_MAX]; /* by fd */

/* Return: whether the loop has something to do. */
static bool look_around(bool *served)
{
	bool due = false;

	for (unsigned int fd = 0; fd < SHORTCUTS_MAX; fd++)
		if (shortcut[fd] && shortcut[fd]->look)
			due |= shortcut[fd]->look(shortcut[fd], served);
	return due;
}

static bool look_before_sleep(void)
{
	bool due = false;

	for (unsigned int fd = 0; fd < SHORTCUTS_MAX; fd++)
		if (shortcut[fd] && shortcut[fd]->rest)
			due |= shortcut[fd]->rest(shortcut[fd]);
	return due;
}

/*
 * A wait that outlasts its spin halves the next spin, so that an idle device is
 * soon asleep; an event within the time of a full spin makes the next one full.
 */
static __attribute__((noinline)) int spin_then_sleep(int fd,
						     struct epoll_event *events,
						     int max, int timeout_ms)
{
	int64_t start = clock_ns();
	int n;

	/* As in epoll_wait(): not while a timer runs. */
	if (timeout_ms >= 0 && look_before_sleep())
		return 0;
	do {
		bool served = false;

		if (loop_signals || (timeout_ms < 0 && look_around(&served)))
			return 0;
		if (served)
			start = clock_ns();
		n = epoll_pwait(fd, events, max, 0, NULL);
	} while (!n && clock_ns() - start < busy_ns);
	if (!n && look_before_sleep())
		return 0;
	if (!n)
		n = epoll_pwait(fd, events, max, timeout_ms, NULL);
	busy_ns =
		clock_ns() - start <= busy_most_ns ? busy_most_ns : busy_ns / 2;
	return n;
}

/* Return: where the fd's shortcut is, NULL: it can have none. */
static inline struct loop_shortcut **place_of(uint32_t fd)
{
	return fd < SHORTCUTS_MAX ? &shortcut[fd] : NULL;
}

void loop_shortcut_start(struct loop_shortcut *s)
{
	struct loop_shortcut **place = place_of((uint32_t)s->fd);

	if (!place || *place)
		return;
	*place = s;
	s->armed = s->level;
}

void loop_shortcut_stop(struct loop_shortcut *s)
{
	struct loop_shortcut **place = place_of((uint32_t)s->fd);

	if (place && *place == s)
		*place = NULL;
}

/* Return: NULL if libev must look at the event. */
static struct loop_shortcut *shortcut_of(const struct epoll_event *event)
{
	/* libev has the fd in the lower half. */
	struct loop_shortcut **place = place_of((uint32_t)event->data.u64);

	return place && event->events == EPOLLIN ? *place : NULL;
}

/*
 * The fd's registration stays as it is until libev closes it or changes it,
 * which it may do while the watcher is stopped.
 */
static __attribute__((noinline)) void trigger_at_edge(
	struct loop_shortcut *s, int epfd, const struct epoll_event *event)
{
	struct epoll_event at_edge = { AT_EDGE, event->data };

	epoll_ctl(epfd, EPOLL_CTL_MOD, s->fd, &at_edge);
	s->edge = s->armed = true;
}

/*
 * Until there is something else to do. s may be gone when it is not quiet.
 * Return: whether it is, as serve(). *n: how often it was served.
 */
static HOT bool serve_waiting(struct loop_shortcut *s, unsigned int *n)
{
	bool quiet = true;

	waits = true;
	while (quiet && s->can_wait && !sentry_calls()) {
		quiet = s->serve(s);
		++*n;
	}
	waits = false;
	return quiet;
}

/*
 * Serve it in its own call, without epoll_pwait(). event: its last one. Return:
 * as serve().
 */
static __attribute__((noinline)) bool wait_in_shortcut(
	struct loop_shortcut *s, int epfd, const struct epoll_event *event)
{
	struct epoll_event again = { s->edge ? AT_EDGE : EPOLLIN, event->data };
	const int fd = s->fd;
	unsigned int n = 0;
	bool quiet = true;

	/* The sentry would be woken for each frame. */
	epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL);
	if (sentry_watch(epfd)) {
		/* One that comes from now on interrupts it. */
		if (!loop_signals)
			quiet = serve_waiting(s, &n);
		sentry_dismiss();
	} else {
		s->can_wait = false;
	}
	/* Fails if it has been closed. Tells of what has come since. */
	epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &again);
	if (n >= WORTH_WAITING)
		patience = PATIENCE_MIN;
	else if (patience < PATIENCE_MAX)
		patience *= 2;
	return quiet;
}

static int wait_for_events(int epfd, struct epoll_event *events, int max,
			   int timeout_ms)
{
	if (busy_most_ns && timeout_ms)
		return spin_then_sleep(epfd, events, max, timeout_ms);
	return epoll_pwait(epfd, events, max, timeout_ms, NULL);
}

/* Default visibility: with -fvisibility=hidden libev would not find it. */
HOT
	__attribute__((visibility("default")))
	/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
	 */
	int
	epoll_wait(int epfd, struct epoll_event *events, int maxevents,
		   int timeout)
{
	const struct loop_shortcut *last = NULL;
	unsigned int row = 0; /* how often only that was served */

	last_epfd = epfd;
	if (timeout >= LIBEV_LOOKS_AT_CLOCK_MS)
		timeout = -1;
	for (;;) {
		struct loop_shortcut *s = NULL;
		int n;

		if (loop_signals && epfd == loop_epfd) {
			loop_signal_feed();
			return 0;
		}
		n = wait_for_events(epfd, events, maxevents, timeout);
		if (n == 1 && timeout < 0)
			s = shortcut_of(events);
		if (!s)
			return n;
		if (!s->armed)
			trigger_at_edge(s, epfd, events);
		/* Also an event of a closed fd's file, which libev detects. */
		if (!s->serve(s))
			return n;
		row = s == last ? row + 1 : 1;
		last = s;
		if (row < patience || !s->can_wait || busy_most_ns)
			continue;
		if (!wait_in_shortcut(s, epfd, events))
			return n;
		row = 0;
	}
}

/*
 * By libev, also for one in place of loop_epfd: when it got an event of a file
 * that it has closed and others have not.
 */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
__attribute__((visibility("default"))) int epoll_create1(int flags)
{
	const bool anew = loop_epfd >= 0 && fcntl(loop_epfd, F_GETFL) < 0;
	const int fd = (int)syscall(SYS_epoll_create1, flags);

	if (anew)
		loop_epfd = fd;
	sentry_lose(fd);
	return fd;
}

void loop_forget(int fd)
{
	if (fd >= 0)
		epoll_ctl(loop_epfd, EPOLL_CTL_DEL, fd, NULL);
}

void loop_set_busy_poll(unsigned int usec)
{
	busy_most_ns = busy_ns = usec * INT64_C(1000);
}

bool loop_polls(void)
{
	return busy_most_ns;
}

HOT bool loop_waits(void)
{
	return waits;
}

void loop_start_sentry(void)
{
	if (!busy_most_ns)
		sentry_start(loop_epfd);
}

/* loop: taken. Return: it; NULL with *why. */
static struct ev_loop *loop_check(struct ev_loop *loop, const char **why)
{
	*why = "libev has no epoll backend here";
	if (!loop)
		return NULL;
	last_epfd = -1;
	ev_run(loop, EVRUN_NOWAIT);
	loop_epfd = last_epfd;
	if (last_epfd >= 0)
		return loop;
	*why = "libev does not call this program's epoll_wait(): "
	       "link the program so that it exports the symbol";
	ev_loop_destroy(loop);
	return NULL;
}

struct ev_loop *loop_of_process(const char **why)
{
	return loop_check(ev_default_loop(LOOP_FLAGS), why);
}

struct ev_loop *loop_new(const char **why)
{
	return loop_check(ev_loop_new(LOOP_FLAGS), why);
}
