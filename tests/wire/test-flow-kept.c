/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --state-fd: the server is killed at any moment and another is started with
 * the same memory file, the same injection sockets and the same listening
 * socket, as a launcher does it. Nothing that was written is lost, nothing is
 * stuck, and the byte stream goes on where it was.
 *
 * VINPUT_KILLS is how often it is killed in the random tests, VINPUT_SEED their
 * seed; a failure prints it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/event-text.h"
#include "tests/lib/input-model.h"
#include "tests/lib/rig.h"

/* What stays when a server dies. */
struct launcher {
	struct rig *rig;
	int state_fd, listen_fd;
	int inject_fd[2]; /* the server's ends */
	size_t n_inject;
	char spec[80];
	const char *option; /* NULL: none */
};

static struct launcher l;

static void start_server(void)
{
	struct process *srv = &l.rig->srv;

	process_arg(srv, "--spec=%s", l.spec);
	process_arg(srv, "--fd=%d", l.listen_fd);
	process_keep_fd(srv, l.listen_fd);
	process_arg(srv, "--state-fd=%d", l.state_fd);
	process_keep_fd(srv, l.state_fd);
	for (size_t i = 0; i < l.n_inject; i++) {
		process_arg(srv, "--inject-fd=%d", l.inject_fd[i]);
		process_keep_fd(srv, l.inject_fd[i]);
	}
	process_arg(srv, "--inject-path=%s", l.rig->inject_path);
	if (l.option)
		process_arg(srv, "%s", l.option);
	process_start(srv);
}

static void kill_server(void)
{
	assert_sys(kill(l.rig->srv.pid, SIGKILL));
	assert_num(process_wait(&l.rig->srv), 128 + SIGKILL);
	process_fini(&l.rig->srv);
	process_init(&l.rig->srv, "vhost-user-input");
}

static void launch(void **state, const char *spec, size_t n_inject, int type)
{
	int fd[2];

	l.rig = *state;
	l.n_inject = n_inject;
	if (spec)
		snprintf(l.spec, sizeof(l.spec), "%s/tests/wire/specs/%s.json",
			 test_root(), spec);
	l.listen_fd = rig_unix_listen(l.rig->socket, SOCK_STREAM);
	for (size_t i = 0; i < n_inject; i++) {
		assert_sys(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fd));
		l.rig->inject[l.rig->n_inject++] = fd[0];
		l.inject_fd[i] = fd[1];
	}
	start_server();
}

static int setup(void **state)
{
	rig_setup(state);
	memset(&l, 0, sizeof(l));
	l.listen_fd = -1;
	l.state_fd = memfd_create("state", MFD_CLOEXEC);
	return l.state_fd < 0;
}

static int teardown(void **state)
{
	int r = rig_teardown(state);

	close(l.state_fd);
	if (l.listen_fd >= 0)
		close(l.listen_fd);
	for (size_t i = 0; i < l.n_inject; i++)
		close(l.inject_fd[i]);
	return r;
}

/* The front-end goes on with the guest's memory and rings. */
static void reattach(void)
{
	struct frontend *fe = &l.rig->fe;
	const uint64_t features = fe->features;

	assert_ok(fe_connect(fe, l.rig->socket));
	assert_ok(fe_negotiate(fe));
	fe->features = features;
	assert_ok(fe_set_features(fe));
	assert_ok(fe_share_memory(fe));
	fe_ring_publish(&fe->ring[FE_EVENTQ]);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_start_queue(fe, i, fe_ring_base(&fe->ring[i])));
}

/* The first server of a guest, then a dead one, then another. */
static void another_server(void)
{
	kill_server();
	start_server();
	reattach();
}

static void what_is_held_stays_down(void **state)
{
	launch(state, "keyboard", 2, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	inject(l.rig, KEY(KEY_A, 1), SYN);
	expect(l.rig, KEY(KEY_A, 1), SYN);
	inject_on(l.rig, 1, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN);
	expect(l.rig, KEY(KEY_B, 1), SYN);
	another_server();
	/* Every other key is let go: who knows what was told. */
	expect(l.rig, KEY(KEY_ESC, 0), KEY(KEY_S, 0), KEY(KEY_LEFTSHIFT, 0),
	       KEY(KEY_CAPSLOCK, 0), KEY(KEY_MICMUTE, 0), KEY(BTN_LEFT, 0),
	       KEY(KEY_A, 1), KEY(KEY_B, 1), SYN);
	rig_expect_nothing(l.rig);
	/* And is still held by both. */
	inject(l.rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(l.rig);
	inject_on(l.rig, 1, KEY(KEY_A, 0), SYN);
	expect(l.rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(l.rig);
}

static void expect_all_up_but(struct rig *rig, uint16_t down)
{
	struct vi_event ev;

	for (;;) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_is_syn_report(&ev))
			return;
		assert_num(vi_value(&ev), vi_code(&ev) == down);
	}
}

/* Its connection died with the server. */
static void what_a_connection_held_is_let_go(void **state)
{
	const struct vi_event ev[] = { KEY(KEY_B, 1), SYN };

	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	inject(l.rig, KEY(KEY_A, 1), SYN);
	expect(l.rig, KEY(KEY_A, 1), SYN);
	int fd = rig_unix_connect(l.rig->inject_path, SOCK_STREAM);
	assert_num(send(fd, ev, sizeof(ev), 0), sizeof(ev));
	expect(l.rig, KEY(KEY_B, 1), SYN);
	another_server();
	close(fd);
	expect_all_up_but(l.rig, KEY_A);
	rig_expect_nothing(l.rig);
}

static void what_was_let_go_while_no_server_was_there_is_up(void **state)
{
	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	inject(l.rig, KEY(KEY_A, 1), SYN, KEY(KEY_S, 1), SYN);
	expect(l.rig, KEY(KEY_A, 1), SYN, KEY(KEY_S, 1), SYN);
	kill_server();
	inject(l.rig, KEY(KEY_A, 0), SYN);
	start_server();
	rig_wait_read(l.rig->inject[0]);
	reattach();
	expect_all_up_but(l.rig, KEY_S);
	rig_expect_nothing(l.rig);
}

static void half_an_event_is_completed_in_the_next_life(void **state)
{
	const struct vi_event ev[] = { KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN };
	const uint8_t *bytes = (const uint8_t *)ev;
	struct rig *rig = *state;

	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(rig, NULL, 64);
	inject(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	for (size_t cut = 1; cut < 16; cut++) {
		assert_num(send(rig->inject[0], bytes, cut, 0), cut);
		rig_wait_read(rig->inject[0]);
		another_server();
		expect_all_up_but(rig, 0);
		assert_num(send(rig->inject[0], bytes + cut, 32 - cut, 0),
			   32 - cut);
		rig_expect(rig, ev, 4, __FILE__, __LINE__);
	}
	rig_expect_nothing(rig);
}

static void switches_and_axes_are_as_they_were(void **state)
{
	struct linux_guest g;
	struct spec spec = { 0 };
	struct vi_event ev;

	event_text_device("SW_LID, SW_TABLET_MODE", &spec);
	linux_guest_boot(&g, &spec);
	launch(state, "switches", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 16);
	inject(l.rig, vi_event(EV_SW, SW_LID, 1), SYN);
	expect(l.rig, vi_event(EV_SW, SW_LID, 1), SYN);
	kill_server();
	start_server();
	/* A guest that has just booted. */
	rig_run(l.rig, NULL, 16);
	do {
		assert_ok(fe_next_event(&l.rig->fe, &ev, DEADLINE_MS));
		linux_guest_take(&g, &ev, 1);
	} while (!vi_is_syn_report(&ev));
	assert_true(g.sw[SW_LID]);
	assert_false(g.sw[SW_TABLET_MODE]);
	rig_expect_nothing(l.rig);
}

static void packets_are_kept_too(void **state)
{
	launch(state, "keyboard", 1, SOCK_SEQPACKET);
	rig_run(l.rig, NULL, 64);
	inject(l.rig, KEY(KEY_A, 1), SYN, KEY(KEY_B, 1));
	expect(l.rig, KEY(KEY_A, 1), SYN);
	another_server();
	expect_all_up_but(l.rig, KEY_A);
	inject(l.rig, SYN);
	expect(l.rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(l.rig);
}

/* What is left of a server that was told to end is what it held, too. */
static void an_end_by_sigterm_is_as_good(void **state)
{
	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	inject(l.rig, KEY(KEY_A, 1), SYN);
	expect(l.rig, KEY(KEY_A, 1), SYN);
	assert_num(process_terminate(&l.rig->srv), 0);
	process_fini(&l.rig->srv);
	process_init(&l.rig->srv, "vhost-user-input");
	start_server();
	reattach();
	expect_all_up_but(l.rig, KEY_A);
	rig_expect_nothing(l.rig);
}

static uint64_t seed(void)
{
	const char *text = getenv("VINPUT_SEED");

	return text ? strtoull(text, NULL, 0) : 1;
}

static int kills(int otherwise)
{
	const char *text = getenv("VINPUT_KILLS");

	return text ? atoi(text) : otherwise;
}

/* Noise over all of the file, over all but its first word, another size. */
static void spoil_state(struct rnd *rnd, int how)
{
	const off_t len = lseek(l.state_fd, 0, SEEK_END);
	uint64_t word;

	if (how == 2) {
		assert_sys(ftruncate(l.state_fd,
				     rnd_below(rnd, (unsigned int)len)));
		return;
	}
	for (off_t at = how * 8; at < len; at += 8) {
		word = rnd_next(rnd);
		assert_num(pwrite(l.state_fd, &word, 8, at), 8);
	}
}

static void nonsense_in_the_file_is_thrown_away(void **state)
{
	struct rnd rnd = { seed() };
	const struct vi_event typed = KEY(KEY_A, 1);
	struct vi_event ev;

	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	for (int i = 0; i < 12; i++) {
		kill_server();
		spoil_state(&rnd, i % 3);
		start_server();
		reattach();
		inject(l.rig, typed, SYN, KEY(KEY_A, 0), SYN);
		do {
			assert_ok(fe_next_event(&l.rig->fe, &ev, DEADLINE_MS));
		} while (memcmp(&ev, &typed, sizeof(ev)) != 0);
		expect(l.rig, SYN, KEY(KEY_A, 0), SYN);
	}
	rig_expect_nothing(l.rig);
}

static void a_file_that_cannot_be_mapped_is_an_error(void **state)
{
	struct rig *rig = *state;
	const char *const path[] = { "/dev/null", rig->dir };

	l.rig = rig;
	rig->unclean = true;
	for (size_t i = 0; i < 2; i++) {
		close(l.state_fd);
		l.state_fd = open(path[i], O_RDONLY | O_CLOEXEC);
		assert_sys(l.state_fd);
		launch(state, "keyboard", 1, SOCK_STREAM);
		assert_num(process_wait(&rig->srv), 1);
		process_expect_log(&rig->srv, "--state-fd");
		process_fini(&rig->srv);
		process_init(&rig->srv, "vhost-user-input");
		close(l.listen_fd);
		close(l.inject_fd[0]);
		unlink(rig->socket);
	}
	l.n_inject = 0;
	l.listen_fd = -1;
}

/* --- killed at random ----------------------------------------------------- */

struct writer {
	struct rnd rnd;
	struct spec spec;
	struct model model;
	struct linux_guest guest;
	uint8_t bytes[65536]; /* not written yet */
	size_t n;
};

static struct writer w;

__attribute__((format(printf, 1, 2))) static void failed(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "VINPUT_SEED=%llu: ", (unsigned long long)seed());
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	fail();
}

/*
 * Contacts, but no ABS_X that follows the oldest of them: which one that was is
 * forgotten.
 */
static void make_device(void)
{
	FILE *f;

	memset(&w, 0, sizeof(w));
	w.rnd.state = seed();
	event_text_device("KEY_A, KEY_B, BTN_TOUCH, BTN_TOOL_FINGER, "
			  "BTN_TOOL_DOUBLETAP, REL_X, REL_MISC, SW_LID, "
			  "ABS_Z 0..5 rest 0, ABS_VOLUME 0..9, "
			  "ABS_MT_SLOT 0..3, ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..9, ABS_MT_POSITION_Y 0..9",
			  &w.spec);
	snprintf(l.spec, sizeof(l.spec), "%s/spec.json", l.rig->dir);
	f = fopen(l.spec, "w");
	assert_non_null(f);
	model_write_spec(&w.spec, f);
	fclose(f);
	model_init(&w.model, &w.spec);
	linux_guest_boot(&w.guest, &w.spec);
}

static void append(const struct vi_event *ev, size_t n)
{
	const struct vi_event syn = SYN;

	model_frame(&w.model, 0, ev, n);
	memcpy(w.bytes + w.n, ev, n * sizeof(*ev));
	w.n += n * sizeof(*ev);
	memcpy(w.bytes + w.n, &syn, sizeof(syn));
	w.n += sizeof(syn);
}

static void append_frames(void)
{
	struct vi_event ev[40];

	while (w.n < sizeof(w.bytes) / 2) {
		size_t n = rnd_below(&w.rnd, rnd_one_in(&w.rnd, 9) ? 40 : 6);

		for (size_t i = 0; i < n; i++) {
			ev[i] = model_random_event(&w.rnd, &w.spec, 0);
			if (vi_code(&ev[i]) == REL_MISC)
				ev[i] = REL(REL_X, 1);
		}
		append(ev, n);
	}
}

/* Write at most max bytes. Return: whether the socket took any. */
static bool write_bytes(size_t max)
{
	const size_t len = max < w.n ? max : w.n;
	const ssize_t n = send(l.rig->inject[0], w.bytes, len,
			       MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n <= 0)
		return false;
	w.n -= (size_t)n;
	memmove(w.bytes, w.bytes + n, w.n);
	return true;
}

/* Return: whether there was anything. */
static bool take_all(void)
{
	struct vi_event ev;
	bool any = false;

	while (!fe_recycle_event(&l.rig->fe, &ev)) {
		linux_guest_take(&w.guest, &ev, 1);
		any = true;
	}
	if (any)
		fe_ring_publish_and_kick(&l.rig->fe.ring[FE_EVENTQ]);
	return any;
}

/* Write and take, for a random number of times, without waiting. */
static void some_life(void)
{
	unsigned int turns = rnd_below(&w.rnd, 60);

	for (; turns; turns--) {
		append_frames();
		write_bytes(1 + rnd_below(&w.rnd, 3000));
		if (rnd_one_in(&w.rnd, 2))
			take_all();
	}
}

/* After all frames there comes one with REL_MISC, which no other has. */
static void settle(void)
{
	const struct vi_event mark = REL(REL_MISC, 1);
	char why[128];

	while (w.n)
		if (!write_bytes(SIZE_MAX) && !take_all())
			fe_wait_call(&l.rig->fe, FE_EVENTQ, 1);
	append(&mark, 1);
	w.guest.rel[REL_MISC] = 0;
	while (!w.guest.rel[REL_MISC] || w.guest.in_frame) {
		write_bytes(SIZE_MAX);
		if (!take_all() &&
		    fe_wait_call(&l.rig->fe, FE_EVENTQ, DEADLINE_MS))
			failed("the stream does not go on");
	}
	/* Motion that was folded before the driver started is not told. */
	memcpy(w.model.rel, w.guest.rel, sizeof(w.model.rel));
	if (!model_matches(&w.model, &w.guest, why) ||
	    !model_guest_is_sane(&w.guest, why))
		failed("%s", why);
}

static void run_writer(void **state)
{
	launch(state, NULL, 1, SOCK_STREAM);
	rig_prepare(l.rig, 64);
	assert_ok(fe_start(&l.rig->fe));
}

static void a_guest_is_right_after_each_death(void **state)
{
	const int n = kills(100);

	l.rig = *state;
	make_device();
	run_writer(state);
	for (int i = 0; i < n; i++) {
		some_life();
		kill_server();
		take_all();
		start_server();
		write_bytes(1 + rnd_below(&w.rnd, 999));
		reattach();
		settle();
	}
}

/* Not even its start is a bad moment. */
static void a_server_that_is_killed_while_it_starts_loses_nothing(void **state)
{
	const int n = kills(100);

	l.rig = *state;
	make_device();
	run_writer(state);
	some_life();
	for (int i = 0; i < n; i++) {
		kill_server();
		take_all();
		start_server();
		write_bytes(1 + rnd_below(&w.rnd, 300));
		usleep(rnd_below(&w.rnd, 4000));
		append_frames();
		if (i % 10 == 9) {
			reattach();
			settle();
		}
	}
	reattach();
	settle();
}

/*
 * With --overflow=block each frame is delivered one by one, also what the next
 * server finds in the file; what was delivered just before a death may come
 * once more.
 */
static void each_frame_is_delivered_if_injectors_wait(void **state)
{
	const int n = kills(100);
	struct linux_guest *g = &w.guest;
	long written = 0;

	l.rig = *state;
	l.option = "--overflow=block";
	make_device();
	run_writer(state);
	for (int i = 0; i < n; i++) {
		unsigned int turns = rnd_below(&w.rnd, 60);

		for (; turns; turns--) {
			const struct vi_event move = REL(REL_X, 1);

			while (w.n < 4000) {
				append(&move, 1);
				written++;
			}
			write_bytes(1 + rnd_below(&w.rnd, 3000));
			if (rnd_one_in(&w.rnd, 2))
				take_all();
		}
		kill_server();
		take_all();
		start_server();
		reattach();
	}
	while (w.n || g->rel[REL_X] < written) {
		write_bytes(SIZE_MAX);
		if (!take_all() &&
		    fe_wait_call(&l.rig->fe, FE_EVENTQ, DEADLINE_MS))
			failed("%ld frames are missing",
			       written - g->rel[REL_X]);
	}
	rig_expect_nothing(l.rig);
	print_message("%ld frames, %ld came twice in %d deaths\n", written,
		      g->rel[REL_X] - written, n);
	assert_true(g->rel[REL_X] - written <= 64 * n);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_held_stays_down),
		T(what_a_connection_held_is_let_go),
		T(what_was_let_go_while_no_server_was_there_is_up),
		T(half_an_event_is_completed_in_the_next_life),
		T(switches_and_axes_are_as_they_were),
		T(packets_are_kept_too),
		T(an_end_by_sigterm_is_as_good),
		T(nonsense_in_the_file_is_thrown_away),
		T(a_file_that_cannot_be_mapped_is_an_error),
		T(a_guest_is_right_after_each_death),
		T(a_server_that_is_killed_while_it_starts_loses_nothing),
		T(each_frame_is_delivered_if_injectors_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
