/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/pass-world.h"

struct pass_world world;

/* --- the guests --- */

static bool guest_send(void *arg, const struct vi_event *ev, size_t n)
{
	struct guest *g = arg;

	if (g->full)
		return false;
	for (size_t i = 0, first = 0; i < n; i++) {
		char *text;

		if (!vi_is_syn_report(&ev[i]))
			continue;
		text = event_text_write(&ev[first], i - first);
		if (g->got[0])
			strcat(g->got, " | ");
		strncat(g->got, text, sizeof(g->got) - strlen(g->got) - 8);
		free(text);
		first = i + 1;
	}
	return true;
}

static bool guest_pass(void *arg, const struct vi_event *ev, size_t n,
		       bool *quiet)
{
	struct guest *g = arg;

	*quiet = !g->waits;
	g->passed++;
	return guest_send(g, ev, n);
}

static void guest_make_space(void *arg)
{
	((struct guest *)arg)->full = false;
}

void guest_expect(struct guest *g, const char *frames)
{
	assert_string_equal(g->got, frames);
	g->got[0] = '\0';
}

/* --- the device's owner --- */

static void note_played(struct pass_device *d, enum pass_command command)
{
	world.played |= 1u << command;
	world.n_played++;
}

static void note_ended(struct pass_device *d, int error)
{
	assert_num(world.ended, 0);
	world.ended = error;
}

static const struct pass_owner owner = { note_played, note_ended };

/* --- the node --- */

void node_open(void)
{
	struct fault why;
	int fds[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds));
	world.node_end = fds[1];
	assert_ok(pass_node_use(&world.device.node, fds[0], &why));
	world.device.spec = &world.device.node.spec;
}

void world_serve(void)
{
	ev_run(world.device.loop, EVRUN_NOWAIT);
}

void node_sends(const char *frame)
{
	fake_node_sends(world.node_end, frame);
	world_serve();
}

bool node_sends_shortly(const char *frame)
{
	fake_node_sends(world.node_end, frame);
	return world.device.shortcut.serve(&world.device.shortcut);
}

void node_sends_key(int64_t us, uint16_t key, int value)
{
	const struct input_event ev[2] = {
		{ .input_event_sec = us / 1000000,
		  .input_event_usec = us % 1000000,
		  .type = EV_KEY,
		  .code = key,
		  .value = value },
		{ .type = EV_SYN },
	};

	assert_num(send(world.node_end, ev, sizeof(ev), 0), sizeof(ev));
}

void node_expect_leds(const char *text)
{
	char *got = fake_node_written(world.node_end);

	assert_string_equal(got, text);
	free(got);
}

void world_expire(ev_timer *timer)
{
	assert_true(ev_is_active(timer));
	ev_feed_event(world.device.loop, timer, EV_TIMER);
	world_serve();
}

/* --- the guard of LEDs --- */

void guard_expect(uint32_t has, uint32_t on)
{
	uint32_t message[3];

	assert_num(
		recv(world.guard_end, message, sizeof(message), MSG_DONTWAIT),
		sizeof(message));
	assert_num(message[0], 7);
	assert_num(message[1], has);
	assert_num(message[2], on);
}

void guard_expect_nothing(void)
{
	assert_num(recv(world.guard_end, &(char){ 0 }, 1, MSG_DONTWAIT), -1);
}

/* --- fixtures --- */

static void init_guest(struct guest *g)
{
	g->outlet.sink = (struct pass_sink){ .send = guest_send,
					     .pass = guest_pass,
					     .make_space = guest_make_space,
					     .arg = g };
	g->outlet.guest = "the guest";
	g->outlet.device = &world.device;
}

int pass_world_setup(void **state)
{
	struct pass_device *d = &world.device;
	const char *why;
	int fds[2];

	memset(&world, 0, sizeof(world));
	fill_with_garbage(d);
	memset(d, 0, offsetof(struct pass_device, to_guest));
	fake_node_keyboard(&world.fake);
	fake_node_axis(&world.fake, ABS_PRESSURE, 0, 100);
	fake_node_add(&world.fake, EV_REL, REL_X);
	assert_sys(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
	world.guard = (struct pass_guard){ .fd = fds[0] };
	world.guard_end = fds[1];
	world.node_end = -1;
	init_guest(&world.guest[0]);
	init_guest(&world.guest[1]);
	d->loop = loop_new(&why);
	d->path = WORLD_PATH;
	d->guard = &world.guard;
	d->number = 7;
	d->owner = &owner;
	d->outlet = &world.guest[0].outlet;
	pass_device_init(d);
	log_lines_take();
	return 0;
}

int pass_world_teardown(void **state)
{
	pass_device_close(&world.device);
	ev_loop_destroy(world.device.loop);
	close(world.guard.fd);
	close(world.guard_end);
	if (world.node_end >= 0)
		close(world.node_end);
	log_lines_release();
	return 0;
}

void world_start(void)
{
	node_open();
	pass_device_start(&world.device, true);
	assert_logged(WORLD_TAKEN);
}

void world_start_with_chord(enum pass_command command, const char *keys)
{
	struct fault why;

	assert_ok(pass_chord_read(&world.device.chord[command], keys, &why));
	world_start();
}

void guest_sets(struct guest *g, uint16_t led, int on)
{
	const struct vi_event ev = vi_event(EV_LED, led, on);

	pass_outlet_status(&g->outlet, &ev, 1);
}
