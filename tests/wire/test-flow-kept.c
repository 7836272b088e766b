/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --state-fd: the server is killed and another is started with
 * the same memory file, the same injection sockets and the same listening
 * socket, as a launcher does it. Nothing that was written is lost, nothing is
 * stuck, and the byte stream continues where it was.
 *
 * VINPUT_SEED is the seed of what is random. test-restart.c kills at random.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input/device/persistent-format.h"
#include "tests/lib/event-text.h"
#include "tests/lib/input-model.h"
#include "tests/lib/respawn.h"
#include "tests/lib/stats.h"

static struct respawn l;

static void launch(void **state, const char *spec, size_t n_inject, int type)
{
	respawn_init(&l, *state);
	respawn_spec(&l, spec);
	for (size_t i = 0; i < n_inject; i++)
		respawn_injector(&l, type);
	respawn_start(&l);
}

static int teardown(void **state)
{
	int r = rig_teardown(state);

	respawn_fini(&l);
	return r;
}

/* The front-end reconnects, with the guest's memory and rings. */
static void reattach(void)
{
	fe_ring_publish(&l.rig->fe.ring[FE_EVENTQ]);
	rig_reattach(l.rig);
}

/* The first server of a guest dies, and another one starts. */
static void another_server(void)
{
	respawn_kill(&l);
	respawn_start(&l);
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
	rig_expect_nothing(l.rig);
	/* And it is still held by both. */
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

/* Somebody has the old one, so the server has not seen its end. */
static void what_another_socket_held_is_let_go(void **state)
{
	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	inject(l.rig, KEY(KEY_A, 1), SYN, KEY(KEY_B, 1));
	expect(l.rig, KEY(KEY_A, 1), SYN);
	respawn_kill(&l);
	const int old = l.inject_fd[--l.n_inject];
	respawn_injector(&l, SOCK_STREAM);
	respawn_start(&l);
	reattach();
	expect(l.rig, KEY(KEY_A, 0), SYN);
	inject_on(l.rig, 1, KEY(KEY_A, 1), SYN);
	expect(l.rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(l.rig);
	close(old);
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
	expect(l.rig, KEY(KEY_B, 0), SYN);
	rig_expect_nothing(l.rig);
}

static void keys_pressed_while_no_server_was_there_arrive(void **state)
{
	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	inject(l.rig, KEY(KEY_S, 1), SYN);
	expect(l.rig, KEY(KEY_S, 1), SYN);
	respawn_kill(&l);
	inject(l.rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	respawn_start(&l);
	rig_wait_read(l.rig->inject[0]);
	reattach();
	expect(l.rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(l.rig);
}

/* For longer than it waits for a guest that takes nothing. */
static void what_was_let_go_while_no_server_was_there_is_up(void **state)
{
	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	inject(l.rig, KEY(KEY_A, 1), SYN, KEY(KEY_S, 1), SYN);
	expect(l.rig, KEY(KEY_A, 1), SYN, KEY(KEY_S, 1), SYN);
	respawn_kill(&l);
	inject(l.rig, KEY(KEY_A, 0), SYN, KEY(KEY_S, 0), SYN);
	inject(l.rig, KEY(KEY_S, 1), SYN);
	stats_serve(l.rig);
	respawn_start(&l);
	stats_wait(l.rig, "frames_folded", 3);
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
	respawn_kill(&l);
	respawn_start(&l);
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
	inject(l.rig, SYN);
	expect(l.rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(l.rig);
}

/* A server that was terminated leaves what it held, too. */
static void an_end_by_sigterm_is_as_good(void **state)
{
	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	inject(l.rig, KEY(KEY_A, 1), SYN);
	expect(l.rig, KEY(KEY_A, 1), SYN);
	assert_num(process_terminate(&l.rig->srv), 0);
	respawn_forget(&l);
	respawn_start(&l);
	reattach();
	rig_expect_nothing(l.rig);
	inject(l.rig, KEY(KEY_A, 0), SYN);
	expect(l.rig, KEY(KEY_A, 0), SYN);
}

/* Magic, version, layout: persistent-format.h. */
#define KIND_LEN 24

static uint64_t seed(void)
{
	const char *text = getenv("VINPUT_SEED");

	return text ? strtoull(text, NULL, 0) : 1;
}

/* Noise over all of the file, over all but what says what it is, or cut off. */
static void spoil_state(struct rnd *rnd, int how)
{
	const off_t len = lseek(l.state_fd, 0, SEEK_END);
	uint64_t word;

	if (how == 2) {
		assert_sys(ftruncate(l.state_fd,
				     rnd_below(rnd, (unsigned int)len)));
		return;
	}
	for (off_t at = how * KIND_LEN; at < len; at += 8) {
		word = rnd_next(rnd);
		assert_num(pwrite(l.state_fd, &word, 8, at), 8);
	}
}

static void nonsense_in_the_file_is_thrown_away(void **state)
{
	static const char *const why[] = { "is not a state file", NULL,
					   "has the wrong size" };
	struct rnd rnd = { seed() };
	const struct vi_event typed = KEY(KEY_A, 1);
	struct vi_event ev;

	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	for (int i = 0; i < 12; i++) {
		respawn_kill(&l);
		spoil_state(&rnd, i % 3);
		respawn_start(&l);
		reattach();
		l.rig->lines.host = why[i % 3] != NULL;
		if (why[i % 3])
			process_expect_log(&l.rig->srv, why[i % 3]);
		inject(l.rig, typed, SYN, KEY(KEY_A, 0), SYN);
		do {
			assert_ok(fe_next_event(&l.rig->fe, &ev, DEADLINE_MS));
		} while (memcmp(&ev, &typed, sizeof(ev)) != 0);
		expect(l.rig, SYN, KEY(KEY_A, 0), SYN);
	}
	rig_expect_nothing(l.rig);
}

static void a_file_of_another_version_is_discarded(void **state)
{
	const uint32_t version = htole32(PERSISTENT_VERSION + 1);

	launch(state, "keyboard", 1, SOCK_STREAM);
	rig_run(l.rig, NULL, 64);
	inject(l.rig, KEY(KEY_A, 1), SYN);
	expect(l.rig, KEY(KEY_A, 1), SYN);
	respawn_kill(&l);
	assert_num(pwrite(l.state_fd, &version, sizeof(version), 8),
		   sizeof(version));
	respawn_start(&l);
	reattach();
	process_expect_log(&l.rig->srv, "is of another version: what it holds "
					"is discarded");
	l.rig->lines.host = 1;
	expect_all_up_but(l.rig, KEY_RESERVED);
	rig_expect_nothing(l.rig);
	/* It has become one of this version. */
	inject(l.rig, KEY(KEY_B, 1), SYN);
	expect(l.rig, KEY(KEY_B, 1), SYN);
	another_server();
	l.rig->lines.host = 0;
	rig_expect_nothing(l.rig);
}

static void a_file_that_cannot_be_mapped_is_an_error(void **state)
{
	struct rig *rig = *state;
	const char *const path[] = { "/dev/null", rig->dir };

	rig->unclean = true;
	respawn_init(&l, rig);
	respawn_spec(&l, "keyboard");
	respawn_injector(&l, SOCK_STREAM);
	for (size_t i = 0; i < 2; i++) {
		close(l.state_fd);
		l.state_fd = open(path[i], O_RDONLY | O_CLOEXEC);
		assert_sys(l.state_fd);
		respawn_start(&l);
		assert_num(process_wait(&rig->srv), 1);
		process_expect_log(&rig->srv, "--state-fd");
		respawn_forget(&l);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_held_stays_down),
		T(what_another_socket_held_is_let_go),
		T(what_a_connection_held_is_let_go),
		T(keys_pressed_while_no_server_was_there_arrive),
		T(what_was_let_go_while_no_server_was_there_is_up),
		T(half_an_event_is_completed_in_the_next_life),
		T(switches_and_axes_are_as_they_were),
		T(packets_are_kept_too),
		T(an_end_by_sigterm_is_as_good),
		T(nonsense_in_the_file_is_thrown_away),
		T(a_file_of_another_version_is_discarded),
		T(a_file_that_cannot_be_mapped_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
