/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors in a loop and a device without a server. The guest is a sink of
 * events; turn() is a turn of the loop, with all that the server does before it
 * sleeps.
 */
#ifndef VINPUT_TESTS_INJECTORS_WORLD_H
#define VINPUT_TESTS_INJECTORS_WORLD_H

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input/serve/injector-ring.h"
#include "input/serve/injectors.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"
#include "tests/lib/guest-sink.h"

#define A(v)	 KEY(KEY_A, v)
#define CAPSL(v) LED(LED_CAPSL, v)

static struct ev_loop *loop;
static struct spec spec;
static struct device *dev;
static struct guest_sink sink;
static struct injectors inj;
static unsigned int changes, releases;

static inline void changed(void *arg)
{
	assert_ptr_equal(arg, &sink);
	changes++;
}

static inline void released(void *arg, struct device_source *src)
{
	releases++;
	injectors_released(src);
}

static inline bool answer(void *arg, struct device_source *src,
			  const struct vi_event *ev, size_t n)
{
	return injectors_answer(src, ev, n);
}

static inline void ask_ring(void *arg, struct device_source *src)
{
	injectors_asked_for_ring(src);
}

static inline int setup(void **state)
{
	struct device_sink s;

	memset(&sink, 0, sizeof(sink));
	memset(&spec, 0, sizeof(spec));
	event_text_device("KEY_A, KEY_B, REL_X, LED_CAPSL", &spec);
	s = guest_sink(&sink);
	s.released = released;
	s.answer = answer;
	s.ask_ring = ask_ring;
	loop = ev_loop_new(EVFLAG_AUTO);
	dev = device_new(&spec, &s);
	assert_non_null(dev);
	sink.buffers = GUEST_SINK_EVENTS;
	device_driver_started(dev);
	device_pump(dev); /* it takes events from now on */
	changes = releases = 0;
	fill_with_garbage(&inj);
	injectors_init(&inj, loop, dev, changed, &sink);
	return 0;
}

static inline int teardown(void **state)
{
	injectors_fini(&inj);
	assert_num(inj.n, 0);
	device_free(dev);
	/* No watcher is left. */
	assert_num(ev_run(loop, EVRUN_NOWAIT), 0);
	ev_loop_destroy(loop);
	return 0;
}

static inline void turn(void)
{
	for (int i = 0; i < 8; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		device_pump(dev);
		injectors_resume(&inj);
	}
}

/* Add one end of a pair. Return: the other end. */
static inline int add_pair(int type)
{
	int fd[2];

	assert_sys(socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			      fd));
	assert_ok(injectors_add(&inj, fd[0], -1));
	return fd[1];
}

static inline struct injector *first(void)
{
	return TAILQ_FIRST(&inj.list);
}

static inline void send_events(int fd, const struct vi_event *ev, size_t n)
{
	assert_num(write(fd, ev, n * sizeof(*ev)), n * sizeof(*ev));
}

#define SEND(fd, ...)                                                  \
	send_events(fd, (const struct vi_event[]){ __VA_ARGS__ },      \
		    sizeof((const struct vi_event[]){ __VA_ARGS__ }) / \
			    sizeof(struct vi_event))

static inline void expect_guest(const char *text)
{
	turn();
	assert_events(sink.got, sink.n, text);
	sink.n = 0;
}

/* The next event for the injector at the other end. */
static inline void expect_told(int fd, struct vi_event want)
{
	struct vi_event got;

	assert_num(recv(fd, &got, sizeof(got), MSG_DONTWAIT), sizeof(got));
	assert_memory_equal(&got, &want, sizeof(got));
}

static inline void expect_told_nothing(int fd)
{
	char byte;

	assert_num(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_num(errno, EAGAIN);
}

static inline struct counters counts(void)
{
	struct counters c;

	memset(&c, 0, sizeof(c));
	injectors_count(&inj, &c);
	return c;
}

#endif
