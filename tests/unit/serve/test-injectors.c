/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors in a loop and a device without a server: what an fd has to be, who
 * is sent what, when one is read and when it rests, and how each ends. The
 * guest is a sink of events; turn() is a turn of the loop, with all that the
 * server does before it sleeps.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input/device/control.h"
#include "input/serve/injector-ring.h"
#include "input/serve/injectors.h"
#include "input/vhost-user/vhost-user-wire.h"
#include "tests/lib/array.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"
#include "tests/lib/guest-sink.h"
#include "tests/lib/raw-ring.h"

#define A(v)	 KEY(KEY_A, v)
#define CAPSL(v) LED(LED_CAPSL, v)

static struct ev_loop *loop;
static struct spec spec;
static struct device *dev;
static struct guest_sink sink;
static struct injectors inj;
static unsigned int changes, releases;

static void changed(void *arg)
{
	assert_ptr_equal(arg, &sink);
	changes++;
}

static void released(void *arg, struct device_source *src)
{
	releases++;
	injectors_released(src);
}

static bool answer(void *arg, struct device_source *src,
		   const struct vi_event *ev, size_t n)
{
	return injectors_answer(src, ev, n);
}

static void ask_ring(void *arg, struct device_source *src)
{
	injectors_asked_for_ring(src);
}

static int setup(void **state)
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

static int teardown(void **state)
{
	injectors_fini(&inj);
	assert_num(inj.n, 0);
	device_free(dev);
	/* No watcher is left. */
	assert_num(ev_run(loop, EVRUN_NOWAIT), 0);
	ev_loop_destroy(loop);
	return 0;
}

static void turn(void)
{
	for (int i = 0; i < 8; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		device_pump(dev);
		injectors_resume(&inj);
	}
}

/* Add one end of a pair. Return: the other end. */
static int add_pair(int type)
{
	int fd[2];

	assert_sys(socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			      fd));
	assert_ok(injectors_add(&inj, fd[0], -1));
	return fd[1];
}

static struct injector *first(void)
{
	return TAILQ_FIRST(&inj.list);
}

static void send_events(int fd, const struct vi_event *ev, size_t n)
{
	assert_num(write(fd, ev, n * sizeof(*ev)), n * sizeof(*ev));
}

#define SEND(fd, ...)                                                  \
	send_events(fd, (const struct vi_event[]){ __VA_ARGS__ },      \
		    sizeof((const struct vi_event[]){ __VA_ARGS__ }) / \
			    sizeof(struct vi_event))

static void expect_guest(const char *text)
{
	turn();
	assert_events(sink.got, sink.n, text);
	sink.n = 0;
}

/* The next event for the injector at the other end. */
static void expect_told(int fd, struct vi_event want)
{
	struct vi_event got;

	assert_num(recv(fd, &got, sizeof(got), MSG_DONTWAIT), sizeof(got));
	assert_memory_equal(&got, &want, sizeof(got));
}

static void expect_told_nothing(int fd)
{
	char byte;

	assert_num(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_num(errno, EAGAIN);
}

static struct counters counts(void)
{
	struct counters c;

	memset(&c, 0, sizeof(c));
	injectors_count(&inj, &c);
	return c;
}

/* --- what can be one --- */

static void what_cannot_be_read_is_refused(void **state)
{
	int pipe_fd[2], pair[2], listening;
	int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_sys(pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK));
	assert_sys(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
	listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_sys(bind(listening, &(struct sockaddr){ .sa_family = AF_UNIX },
			sizeof(sa_family_t)));
	assert_sys(listen(listening, 1));
	assert_rc(injectors_add(&inj, -1, -1), -EBADF);
	assert_rc(injectors_add(&inj, dir, -1), -EISDIR);
	assert_rc(injectors_add(&inj, pipe_fd[1], -1), -EBADF);
	assert_rc(injectors_add(&inj, pair[0], -1), -ESOCKTNOSUPPORT);
	assert_rc(injectors_add(&inj, listening, -1), -EINVAL);
	assert_num(inj.n, 0);
	assert_ok(injectors_add(&inj, pipe_fd[0], -1));
	assert_num(inj.n, 1);
	/* What was refused is the caller's still. */
	assert_sys(close(dir));
	assert_sys(close(listening));
	close(pipe_fd[1]);
	close(pair[0]);
	close(pair[1]);
}

static void each_is_counted(void **state)
{
	int a = add_pair(SOCK_STREAM), b = add_pair(SOCK_SEQPACKET);

	assert_num(counts().sources, 2);
	assert_num(counts().sources_total, 2);
	close(a);
	turn();
	assert_num(counts().sources, 1);
	assert_num(counts().sources_total, 2);
	assert_num(counts().sources_dropped, 0);
	assert_num(counts().unfinished, 0);
	assert_num(releases, 1);
	close(b);
}

/* --- status events --- */

static void status_goes_to_all_sockets_and_where_it_is_wanted(void **state)
{
	int a = add_pair(SOCK_STREAM), b = add_pair(SOCK_SEQPACKET);
	int in[2], out[2], both[2];
	const struct vi_event ev[] = { CAPSL(1), SYN };
	struct vi_event got[2];

	assert_sys(pipe2(in, O_CLOEXEC | O_NONBLOCK));
	assert_sys(pipe2(out, O_CLOEXEC | O_NONBLOCK));
	assert_sys(pipe2(both, O_CLOEXEC | O_NONBLOCK));
	assert_ok(injectors_add(&inj, in[0], -1));
	assert_ok(injectors_add(&inj, both[0], out[1]));
	injectors_status(&inj, ev, 2);
	for (int i = 0; i < 2; i++)
		expect_told(a, ev[i]);
	assert_num(recv(b, got, sizeof(got), 0), sizeof(got));
	assert_num(read(out[0], got, sizeof(got)), sizeof(got));
	assert_memory_equal(got, ev, sizeof(ev));
	assert_num(counts().status_events, 2);
	injectors_status(&inj, ev, 1);
	assert_num(counts().status_events, 3);
	close(a);
	close(b);
	close(in[1]);
	close(both[1]);
	turn();
	/* It was borrowed. */
	assert_sys(close(out[1]));
	close(out[0]);
}

static void one_that_comes_later_is_sent_the_leds(void **state)
{
	const struct vi_event ev[] = { CAPSL(1), SYN };
	int before = add_pair(SOCK_STREAM), after;

	expect_told_nothing(before);
	injectors_status(&inj, ev, 2);
	after = add_pair(SOCK_STREAM);
	expect_told(after, CAPSL(1));
	expect_told_nothing(after);
	close(after);
	injectors_forget_leds(&inj);
	after = add_pair(SOCK_STREAM);
	expect_told_nothing(after);
	close(before);
	close(after);
}

static void status_that_finds_no_room_is_lost(void **state)
{
	const struct vi_event ev[] = { CAPSL(1), SYN };
	int in[2], out[2];
	char junk[4096] = "";

	assert_sys(pipe2(in, O_CLOEXEC | O_NONBLOCK));
	assert_sys(pipe2(out, O_CLOEXEC | O_NONBLOCK));
	assert_ok(injectors_add(&inj, in[0], out[1]));
	while (write(out[1], junk, sizeof(junk)) > 0)
		;
	injectors_status(&inj, ev, 2);
	while (read(out[0], junk, sizeof(junk)) > 0)
		;
	injectors_status(&inj, ev, 2);
	assert_num(read(out[0], junk, sizeof(junk)), sizeof(ev));
	assert_memory_equal(junk, ev, sizeof(ev));
	close(in[1]);
	turn();
	close(out[0]);
	close(out[1]);
}

/* --- reading --- */

static void frames_reach_the_guest_in_any_pieces(void **state)
{
	const struct vi_event ev[] = { A(1), SYN };
	int fd = add_pair(SOCK_STREAM);

	for (size_t i = 0; i < sizeof(ev); i++) {
		assert_num(sink.n, 0);
		assert_num(write(fd, (const char *)ev + i, 1), 1);
		turn();
	}
	assert_true(changes > 0);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	close(fd);
	/* What it held is released. */
	expect_guest("KEY_A 0, SYN_REPORT 0");
}

static void a_pipe_ends_as_a_socket_does(void **state)
{
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC | O_NONBLOCK));
	assert_ok(injectors_add(&inj, fd[0], -1));
	SEND(fd[1], A(1), SYN);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	close(fd[1]);
	expect_guest("KEY_A 0, SYN_REPORT 0");
	assert_num(inj.n, 0);
}

static void packets_are_whole_events(void **state)
{
	int fd = add_pair(SOCK_SEQPACKET);

	SEND(fd, A(1), SYN);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	assert_num(write(fd, "12345678abcd", 12), 12);
	expect_guest("KEY_A 0, SYN_REPORT 0");
	assert_num(counts().sources_dropped, 1);
	close(fd);
}

static void an_empty_packet_is_no_end(void **state)
{
	int fd = add_pair(SOCK_SEQPACKET);

	assert_num(send(fd, "", 0, 0), 0);
	turn();
	assert_num(inj.n, 1);
	SEND(fd, A(1), SYN);
	assert_num(send(fd, "", 0, 0), 0);
	close(fd);
	expect_guest("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	assert_num(inj.n, 0);
}

static void a_packet_that_is_too_long_ends_it(void **state)
{
	static struct vi_event ev[SOURCE_BUF_LEN / sizeof(struct vi_event) + 1];
	int fd = add_pair(SOCK_SEQPACKET);

	for (size_t i = 0; i < ARRAY_LEN(ev); i++)
		ev[i] = SYN;
	send_events(fd, ev, FRAME_EVENTS_MAX);
	turn();
	assert_num(inj.n, 1);
	send_events(fd, ev, ARRAY_LEN(ev));
	turn();
	assert_num(inj.n, 0);
	assert_num(counts().sources_dropped, 1);
	close(fd);
}

static void what_is_unfinished_at_the_end_is_counted(void **state)
{
	int fd = add_pair(SOCK_STREAM);

	SEND(fd, A(1), SYN, A(0), A(1));
	assert_num(write(fd, "123", 3), 3);
	close(fd);
	expect_guest("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	assert_num(counts().unfinished, 2);
	assert_num(counts().sources_dropped, 0);
}

/* Its status events are unread: the kernel tells of that before its frame. */
static void one_that_resets_the_connection_is_read_to_its_end(void **state)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		int fd = add_pair(types[i]);

		injectors_status(&inj, (struct vi_event[]){ CAPSL(1) }, 1);
		SEND(fd, A(1), SYN);
		close(fd);
		expect_guest("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
		assert_num(inj.n, 0);
		assert_num(counts().sources_dropped, 0);
	}
}

static void a_vmm_is_disconnected(void **state)
{
	static const struct vu_header hdr = { VU_GET_FEATURES,
					      VU_FLAG_VERSION_1, 0 };
	int fd = add_pair(SOCK_STREAM);

	assert_num(write(fd, &hdr, sizeof(hdr)), sizeof(hdr));
	turn();
	assert_num(inj.n, 0);
	assert_num(counts().sources_dropped, 1);
	close(fd);
	/* In pieces it is one, too. */
	fd = add_pair(SOCK_STREAM);
	for (size_t i = 0; i < sizeof(hdr); i++) {
		assert_num(inj.n, 1);
		assert_num(write(fd, (const char *)&hdr + i, 1), 1);
		turn();
	}
	assert_num(inj.n, 0);
	assert_num(counts().sources_dropped, 2);
	close(fd);
	/* What has sent a frame is none. */
	fd = add_pair(SOCK_STREAM);
	assert_true(first()->may_be_vmm);
	SEND(fd, A(1), SYN);
	turn();
	assert_false(first()->may_be_vmm);
	assert_num(write(fd, &hdr, sizeof(hdr)), sizeof(hdr));
	turn();
	assert_num(inj.n, 1);
	close(fd);
}

/* --- space --- */

/* Send frames until the socket is full. Return: how many were sent. */
static int fill(int fd)
{
	const struct vi_event ev[] = { REL(REL_X, 1), SYN };
	int n = 0;

	for (int idle = 0; idle < 3;) {
		const bool sent = write(fd, ev, sizeof(ev)) == sizeof(ev);

		n += sent;
		idle = sent ? 0 : idle + 1;
		if (!sent)
			turn();
	}
	return n;
}

/* Three of them, of which the guest takes little by little. */
static void sources_pause_when_they_are_full_and_nothing_is_lost(void **state)
{
	int fd[3], sent = 0, got = 0;

	sink.buffers = 0;
	for (int i = 0; i < 3; i++) {
		fd[i] = add_pair(SOCK_STREAM);
		sent += fill(fd[i]);
		assert_true(TAILQ_LAST(&inj.list, injector_list)->paused);
	}
	assert_true(inj.any_paused);
	/* One leaves while it is paused: what it sent is taken all the same. */
	close(fd[1]);
	for (int i = 0; i < 1000000 && got < sent; i++) {
		sink.buffers = 1000;
		sink.n = 0;
		turn();
		for (size_t e = 0; e < sink.n; e++)
			if (vi_type(&sink.got[e]) == EV_REL)
				got += vi_value(&sink.got[e]);
	}
	assert_num(got, sent);
	turn();
	assert_false(inj.any_paused);
	assert_true(TAILQ_EMPTY(&inj.paused));
	assert_num(inj.n, 2);
	sink.n = 0;
	SEND(fd[0], A(1), SYN);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	SEND(fd[2], KEY(KEY_B, 1), SYN);
	expect_guest("KEY_B 1, SYN_REPORT 0");
	close(fd[0]);
	close(fd[2]);
}

/* --- rings --- */

#define RING_ANSWER(code, value) vi_event(CONTROL_RING, code, value)

static void an_inherited_socket_may_have_no_ring(void **state)
{
	int fd = add_pair(SOCK_STREAM);

	SEND(fd, RING_ASK, SYN);
	turn();
	expect_told(fd, RING_ANSWER(CONTROL_RING_ASK, 0));
	assert_num(counts().shared_rings_refused, 1);
	/* It is asked once. */
	SEND(fd, RING_ASK, SYN);
	turn();
	expect_told_nothing(fd);
	assert_num(counts().shared_rings_refused, 1);
	close(fd);
}

/* A connection that asked; as injectors_accepted() adds it. */
static struct raw_ring ask_for_ring(void)
{
	struct raw_ring r = raw_ring_new(add_pair(SOCK_STREAM), 64);
	struct injector *in;

	TAILQ_FOREACH (in, &inj.list, link)
		in->accepted = true;
	SEND(r.socket.fd, RING_ASK, SYN);
	turn();
	expect_told(r.socket.fd, RING_ANSWER(CONTROL_RING_ASK, RING_SIZE_MAX));
	return r;
}

static void offer(struct raw_ring *r, int memory, int event_fd)
{
	const int fd[] = { memory, event_fd };

	if (!raw_ring_try_offer(r, fd, event_fd < 0 ? 1 : 2))
		skip_because("the kernel passes no fds");
	turn();
}

static struct raw_ring open_ring(void)
{
	struct raw_ring r = ask_for_ring();

	offer(&r, r.memory, r.event_fd);
	expect_told(r.socket.fd, RING_ANSWER(CONTROL_RING_OFFER, 1));
	return r;
}

static void a_ring_carries_what_the_socket_did(void **state)
{
	struct raw_ring r = open_ring();

	assert_num(counts().shared_rings, 1);
	assert_num(counts().shared_rings_total, 1);
	assert_num(counts().shared_rings_refused, 0);
	raw_ring_put(&r, (struct vi_event[]){ A(1), SYN }, 2);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	/* More than it has place for, in rounds. */
	for (int i = 0; i < 100; i++) {
		raw_ring_put(&r, (struct vi_event[]){ A(i % 2), SYN }, 2);
		turn();
	}
	sink.n = 0;
	/* What the socket says ends it. */
	SEND(r.socket.fd, KEY(KEY_B, 1), SYN);
	expect_guest("KEY_B 1, SYN_REPORT 0");
	assert_num(counts().shared_rings, 0);
	assert_num(inj.n, 1);
	raw_ring_free(&r);
	turn();
	assert_num(inj.n, 0);
}

static void one_that_waits_for_space_is_told_at_its_socket(void **state)
{
	struct raw_ring r = open_ring();

	r.ours->space_at = 1; /* when two are taken */
	r.ours->tell = RING_TELL_SOCKET;
	raw_ring_put(&r, (struct vi_event[]){ A(1) }, 1);
	turn();
	expect_told_nothing(r.socket.fd);
	raw_ring_put(&r, (struct vi_event[]){ SYN }, 1);
	turn();
	expect_told(r.socket.fd, RING_SPACE);
	raw_ring_put(&r, (struct vi_event[]){ A(0), SYN }, 2);
	turn();
	expect_told_nothing(r.socket.fd);
	raw_ring_free(&r);
}

static void a_ring_pauses_with_its_source_and_nothing_is_lost(void **state)
{
	const struct vi_event ev[] = { REL(REL_X, 1), SYN };
	struct raw_ring r = open_ring();
	int sent = 0, got = 0;

	sink.buffers = 0;
	for (int idle = 0; idle < 3; idle++) {
		for (; r.put - r.theirs->taken <= r.size - 2; idle = 0, sent++)
			raw_ring_put_some(&r, ev, 2);
		turn();
	}
	assert_true(first()->paused);
	for (int i = 0; i < 1000000 && got < sent; i++) {
		sink.buffers = 1000;
		sink.n = 0;
		turn();
		for (size_t e = 0; e < sink.n; e++)
			if (vi_type(&sink.got[e]) == EV_REL)
				got += vi_value(&sink.got[e]);
	}
	assert_num(got, sent);
	assert_false(first()->paused);
	sink.buffers = GUEST_SINK_EVENTS;
	sink.n = 0;
	raw_ring_put(&r, (struct vi_event[]){ A(1), SYN }, 2);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	raw_ring_free(&r);
}

static void a_ring_ends_with_its_injector(void **state)
{
	struct raw_ring r = open_ring();

	raw_ring_put(&r, (struct vi_event[]){ A(1), SYN }, 2);
	raw_ring_free(&r);
	expect_guest("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	assert_num(counts().shared_rings, 0);
	assert_num(counts().shared_rings_total, 1);
	assert_num(counts().sources_dropped, 0);
	assert_num(inj.n, 0);
}

static void an_offer_that_is_no_ring_is_rejected(void **state)
{
	static const int all = RAW_RING_SEALS;
	const struct {
		int memory, event_fd;
	} rows[] = {
		{ raw_ring_memory(RING_FILE_LEN(64), 0, 0), 0 },
		{ raw_ring_memory(RING_FILE_LEN(64), F_SEAL_SHRINK, 0), 0 },
		{ raw_ring_memory(RING_FILE_LEN(64), all | F_SEAL_WRITE, 0),
		  0 },
		{ raw_ring_memory(RING_FILE_LEN(64), all | F_SEAL_FUTURE_WRITE,
				  0),
		  0 },
		{ raw_ring_memory(RING_FILE_LEN(64) + 8, all, 0), 0 },
		{ raw_ring_memory(RING_FILE_LEN(32), all, 0), 0 },
		{ raw_ring_memory(RING_FILE_LEN(2 * RING_SIZE_MAX), all, 0),
		  0 },
		{ eventfd(0, EFD_CLOEXEC), 0 },
		{ raw_ring_memory(RING_FILE_LEN(64), all, 0),
		  open("/dev/null", O_RDWR | O_CLOEXEC) },
		{ raw_ring_memory(RING_FILE_LEN(64), all, 0), -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct raw_ring r = ask_for_ring();

		offer(&r, rows[i].memory,
		      rows[i].event_fd ? rows[i].event_fd : r.event_fd);
		expect_told(r.socket.fd, RING_ANSWER(CONTROL_RING_OFFER, 0));
		assert_num(counts().shared_rings_refused, i + 1);
		assert_num(counts().shared_rings, 0);
		/* It is served by its socket. */
		SEND(r.socket.fd, A(1), SYN);
		expect_guest("KEY_A 1, SYN_REPORT 0");
		raw_ring_free(&r);
		expect_guest("KEY_A 0, SYN_REPORT 0");
		close(rows[i].memory);
		if (rows[i].event_fd > 0)
			close(rows[i].event_fd);
	}
}

static void as_many_rings_as_there_may_be_are_in_use(void **state)
{
	struct raw_ring r[INJECTOR_RINGS_MAX], late = ask_for_ring(), more;

	for (unsigned int i = 0; i < INJECTOR_RINGS_MAX; i++)
		r[i] = open_ring();
	assert_num(counts().shared_rings, INJECTOR_RINGS_MAX);
	/* One asked before they were, one asks now. */
	offer(&late, late.memory, late.event_fd);
	expect_told(late.socket.fd, RING_ANSWER(CONTROL_RING_OFFER, 0));
	more = raw_ring_new(add_pair(SOCK_STREAM), 64);
	SEND(more.socket.fd, RING_ASK, SYN);
	turn();
	expect_told(more.socket.fd, RING_ANSWER(CONTROL_RING_ASK, 0));
	assert_num(counts().shared_rings_refused, 2);
	raw_ring_free(&late);
	raw_ring_free(&more);
	for (unsigned int i = 0; i < INJECTOR_RINGS_MAX; i++)
		raw_ring_free(&r[i]);
}

static void without_rings_there_are_none(void **state)
{
	int fd = add_pair(SOCK_STREAM);

	first()->accepted = true;
	inj.no_rings = true;
	SEND(fd, RING_ASK, SYN);
	turn();
	expect_told(fd, RING_ANSWER(CONTROL_RING_ASK, 0));
	close(fd);
}

static void kicks_without_events_are_too_many(void **state)
{
	struct raw_ring r = open_ring();

	raw_ring_put(&r, (struct vi_event[]){ A(1), SYN }, 2);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	for (int i = 0; i < 64; i++) {
		raw_ring_kick(&r);
		eventfd_write(r.event_fd, 1);
		turn();
	}
	assert_num(inj.n, 1);
	/* Events are an excuse. */
	raw_ring_put(&r, (struct vi_event[]){ A(0), SYN }, 2);
	expect_guest("KEY_A 0, SYN_REPORT 0");
	for (int i = 0; i < 65 && inj.n; i++) {
		assert_num(counts().sources_dropped, 0);
		eventfd_write(r.event_fd, 1);
		turn();
	}
	assert_num(inj.n, 0);
	assert_num(counts().sources_dropped, 1);
	raw_ring_free(&r);
}

static void an_index_that_cannot_be_ends_it(void **state)
{
	struct raw_ring r = open_ring();

	raw_ring_publish(&r, 65);
	turn();
	assert_num(inj.n, 0);
	assert_num(counts().sources_dropped, 1);
	raw_ring_free(&r);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_cannot_be_read_is_refused),
		test(each_is_counted),
		test(status_goes_to_all_sockets_and_where_it_is_wanted),
		test(one_that_comes_later_is_sent_the_leds),
		test(status_that_finds_no_room_is_lost),
		test(frames_reach_the_guest_in_any_pieces),
		test(a_pipe_ends_as_a_socket_does),
		test(packets_are_whole_events),
		test(an_empty_packet_is_no_end),
		test(a_packet_that_is_too_long_ends_it),
		test(what_is_unfinished_at_the_end_is_counted),
		test(one_that_resets_the_connection_is_read_to_its_end),
		test(a_vmm_is_disconnected),
		test(sources_pause_when_they_are_full_and_nothing_is_lost),
		test(an_inherited_socket_may_have_no_ring),
		test(a_ring_carries_what_the_socket_did),
		test(one_that_waits_for_space_is_told_at_its_socket),
		test(a_ring_pauses_with_its_source_and_nothing_is_lost),
		test(a_ring_ends_with_its_injector),
		test(an_offer_that_is_no_ring_is_rejected),
		test(as_many_rings_as_there_may_be_are_in_use),
		test(without_rings_there_are_none),
		test(kicks_without_events_are_too_many),
		test(an_index_that_cannot_be_ends_it),
	};

	return cmocka_run_group_tests_name("injectors", tests, NULL, NULL);
}
