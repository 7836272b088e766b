/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many injectors of all kinds at once: each with its own byte stream, keys and
 * contacts, all of them one device.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/frontend/frontend-config.h"
#include "tests/lib/linux-guest.h"
#include "tests/lib/random.h"
#include "tests/lib/stats.h"

#define MT(code, v) ABS(ABS_MT_##code, v)

#define INHERITED 15
#define CONNECTED 40
#define ALL	  (INHERITED + CONNECTED)

struct crowd {
	struct rig *rig;
	int fd[ALL]; /* -1: gone */
	size_t n;
};

static void give_pipe(struct crowd *c)
{
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	process_arg(&c->rig->srv, "--inject-fd=%d", fd[0]);
	process_keep_fd(&c->rig->srv, fd[0]);
	c->fd[c->n++] = fd[1];
}

static void give_socket(struct crowd *c, int type)
{
	rig_injector(c->rig, type);
	c->fd[c->n++] = c->rig->inject[--c->rig->n_inject];
}

/* Inherited streams, packets and pipes; connections. */
static void gather(struct crowd *c, struct rig *rig, const char *spec)
{
	*c = (struct crowd){ .rig = rig };
	for (size_t i = 0; i < INHERITED; i++)
		if (i % 3 == 2)
			give_pipe(c);
		else
			give_socket(c, i % 3 ? SOCK_SEQPACKET : SOCK_STREAM);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	stats_serve(rig);
	rig_run(rig, spec, 64);
	for (size_t i = 0; i < CONNECTED; i++)
		c->fd[c->n++] = rig_unix_connect(rig->inject_path, SOCK_STREAM);
	stats_wait(rig, "sources", ALL + 1);
}

static void say(struct crowd *c, size_t i, const struct vi_event *ev, size_t n)
{
	assert_num(write(c->fd[i], ev, n * sizeof(*ev)), n * sizeof(*ev));
}

static void leave(struct crowd *c, size_t i)
{
	close(c->fd[i]);
	c->fd[i] = -1;
}

/* All of them press a key; it goes up when the last one has left. */
static void a_key_is_down_while_one_of_55_holds_it(void **state)
{
	struct rig *rig = *state;
	struct rnd rnd = { 1 };
	struct crowd c;

	gather(&c, rig, "keyboard");
	for (size_t i = 0; i < ALL; i++)
		say(&c, i, RIG_EVENTS(KEY(KEY_A, 1), SYN));
	expect(rig, KEY(KEY_A, 1), SYN);
	stats_wait(rig, "frames_in", ALL);
	/* In any order, some by disconnecting, some by releasing it. */
	for (size_t left = ALL; left > 1; left--) {
		size_t i = rnd_below(&rnd, ALL);

		while (c.fd[i] < 0)
			i = (i + 1) % ALL;
		if (rnd_one_in(&rnd, 2))
			say(&c, i, RIG_EVENTS(KEY(KEY_A, 0), SYN));
		leave(&c, i);
	}
	stats_wait(rig, "sources", 2);
	rig_expect_nothing(rig);
	for (size_t i = 0; i < ALL; i++)
		if (c.fd[i] >= 0)
			leave(&c, i);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

/* Each of them has a value of its own. */
static void frames_of_55_sources_never_mix(void **state)
{
	struct rig *rig = *state;
	struct vi_event x, y, end;
	int got[ALL + 1] = { 0 };
	struct crowd c;

	gather(&c, rig, "mouse");
	for (int round = 0; round < 20; round++)
		for (size_t i = 0; i < ALL; i++)
			say(&c, i,
			    RIG_EVENTS(REL(REL_X, (int)i + 1),
				       REL(REL_Y, (int)i + 1), SYN));
	for (int frame = 0; frame < 20 * ALL; frame++) {
		assert_ok(fe_next_event(&rig->fe, &x, DEADLINE_MS));
		assert_ok(fe_next_event(&rig->fe, &y, DEADLINE_MS));
		assert_ok(fe_next_event(&rig->fe, &end, DEADLINE_MS));
		assert_num(vi_value(&x), vi_value(&y));
		assert_true(vi_is_syn_report(&end));
		got[vi_value(&x)]++;
	}
	for (int i = 1; i <= ALL; i++)
		assert_num(got[i], 20);
	rig_expect_nothing(rig);
	for (size_t i = 0; i < ALL; i++)
		leave(&c, i);
}

/* 8 streams, cut anywhere, their pieces mixed in any order. */
static void streams_are_put_together_each_for_itself(void **state)
{
	struct rig *rig = *state;
	struct rnd rnd = { 7 };
	struct vi_event stream[8][300], ev;
	size_t sent[8] = { 0 }, left = 8 * sizeof(stream[0]);
	int due[8] = { 0 };

	for (int i = 0; i < 7; i++)
		rig_injector(rig, SOCK_STREAM);
	rig_run(rig, "mouse", 64);
	for (int i = 0; i < 8; i++)
		for (int k = 0; k < 300; k += 2) {
			stream[i][k] = REL(REL_X, 1000 * (i + 1) + k / 2);
			stream[i][k + 1] = SYN;
		}
	while (left) {
		const size_t i = rnd_below(&rnd, 8);
		size_t len = 1 + rnd_below(&rnd, 30);

		len = len < sizeof(stream[i]) - sent[i]
			      ? len
			      : sizeof(stream[i]) - sent[i];
		if (!len)
			continue;
		assert_num(send(rig->inject[i], (uint8_t *)stream[i] + sent[i],
				len, MSG_NOSIGNAL),
			   len);
		sent[i] += len;
		left -= len;
	}
	for (int n = 0; n < 8 * 150; n++) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		const int i = vi_value(&ev) / 1000 - 1;
		assert_num(vi_value(&ev) % 1000, due[i]++);
		expect(rig, SYN);
	}
	rig_expect_nothing(rig);
}

static void take_quiet(struct rig *rig, struct linux_guest *g)
{
	struct vi_event ev;

	while (!fe_next_event(&rig->fe, &ev, RIG_QUIET_MS))
		linux_guest_take(g, &ev, 1);
	assert_num(g->in_frame, 0);
	assert_num(g->id_over_id, 0);
}

/* Return: the slot of the contact at this position, -1: there is none. */
static int slot_at(const struct linux_guest *g, int x)
{
	for (int i = 0; i < g->n_slots; i++)
		if (g->slots[i].id >= 0 &&
		    g->slots[i].axis[ABS_MT_POSITION_X] == x)
			return i;
	return -1;
}

static int contacts(const struct linux_guest *g)
{
	int n = 0;

	for (int i = 0; i < g->n_slots; i++)
		n += g->slots[i].id >= 0;
	return n;
}

/* Three sources, each with slots 0 to 2 and IDs 0 to 2: nine fingers. */
static void contacts_of_several_sources_have_their_own_slots(void **state)
{
	static struct spec spec;
	struct rig *rig = *state;
	struct linux_guest g;

	rig_injector(rig, SOCK_STREAM);
	rig_injector(rig, SOCK_SEQPACKET);
	rig_run(rig, "touch", 64);
	assert_ok(fe_read_spec(&rig->fe, &spec));
	linux_guest_boot(&g, &spec);
	for (int slot = 0; slot < 3; slot++)
		for (int i = 0; i < 3; i++)
			inject_on(rig, (size_t)i, MT(SLOT, slot),
				  MT(TRACKING_ID, slot),
				  MT(POSITION_X, 100 * i + slot), SYN);
	take_quiet(rig, &g);
	assert_num(contacts(&g), 9);
	for (int i = 0; i < 3; i++)
		for (int slot = 0; slot < 3; slot++)
			assert_true(slot_at(&g, 100 * i + slot) >= 0);

	/* Each moves its own. */
	const int before = slot_at(&g, 102);
	inject_on(rig, 1, MT(POSITION_X, 555), SYN);
	take_quiet(rig, &g);
	assert_num(slot_at(&g, 555), before);
	assert_num(contacts(&g), 9);

	/* One is lifted, one source leaves; the third one's contacts stay. */
	inject_on(rig, 1, MT(SLOT, 1), MT(TRACKING_ID, -1), SYN);
	close(rig->inject[2]);
	rig->inject[2] = -1;
	take_quiet(rig, &g);
	assert_num(contacts(&g), 5);
	assert_true(g.key[BTN_TOUCH]);
	for (int slot = 0; slot < 3; slot++)
		assert_true(slot_at(&g, slot) >= 0);
	inject_on(rig, 0, MT(SLOT, 0), MT(TRACKING_ID, -1), MT(SLOT, 1),
		  MT(TRACKING_ID, -1), MT(SLOT, 2), MT(TRACKING_ID, -1), SYN);
	inject_on(rig, 1, MT(SLOT, 0), MT(TRACKING_ID, -1), MT(SLOT, 2),
		  MT(TRACKING_ID, -1), SYN);
	take_quiet(rig, &g);
	assert_num(contacts(&g), 0);
	assert_false(g.key[BTN_TOUCH]);
}

/* BTN_TOUCH 1 before each new slot, 0 after each lifted one, IDs that grow. */
static void cuttlefishs_touches_are_put_right(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "touch", 64);
	inject(rig, KEY(BTN_TOUCH, 1), MT(SLOT, 0), MT(TRACKING_ID, 1000),
	       MT(POSITION_X, 10), MT(POSITION_Y, 11), SYN);
	expect(rig, KEY(BTN_TOUCH, 1), MT(SLOT, 0), MT(TRACKING_ID, 0),
	       MT(POSITION_X, 10), MT(POSITION_Y, 11), ABS(ABS_X, 10),
	       ABS(ABS_Y, 11), SYN);
	inject(rig, KEY(BTN_TOUCH, 1), MT(SLOT, 1), MT(TRACKING_ID, 1001),
	       MT(POSITION_X, 20), MT(POSITION_Y, 21), SYN);
	expect(rig, MT(SLOT, 1), MT(TRACKING_ID, 1), MT(POSITION_X, 20),
	       MT(POSITION_Y, 21), SYN);
	inject(rig, MT(SLOT, 0), MT(TRACKING_ID, -1), KEY(BTN_TOUCH, 0), SYN);
	/* One finger is still down: BTN_TOUCH stays, ABS_X is its position. */
	expect(rig, MT(SLOT, 0), MT(TRACKING_ID, -1), ABS(ABS_X, 20),
	       ABS(ABS_Y, 21), SYN);
	inject(rig, MT(SLOT, 1), MT(TRACKING_ID, -1), KEY(BTN_TOUCH, 0), SYN);
	expect(rig, MT(SLOT, 1), MT(TRACKING_ID, -1), KEY(BTN_TOUCH, 0), SYN);
	rig_expect_nothing(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_key_is_down_while_one_of_55_holds_it),
		T(frames_of_55_sources_never_mix),
		T(streams_are_put_together_each_for_itself),
		T(contacts_of_several_sources_have_their_own_slots),
		T(cuttlefishs_touches_are_put_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
