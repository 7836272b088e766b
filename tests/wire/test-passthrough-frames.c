/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of the host is the same in the guest, and whatever it sends arrives
 * as it was: with --socket-path, and with --to in a server that has the spec of
 * --print-spec.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/spec/spec.h"
#include "tests/lib/array.h"
#include "tests/lib/event-text.h"
#include "tests/lib/pass-rig.h"

/*
 * A device, and frames as text; NULL ends them. A new contact has all of its
 * axes here: those that it has from the one before in its slot are sent once
 * more.
 */
struct device_case {
	void (*make)(struct fake_node *n);
	const char *const *frames;
};

static void add_keys(struct fake_node *n, const uint16_t *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fake_node_add(n, EV_KEY, keys[i]);
}

static void make_contacts(struct fake_node *n, int slots)
{
	fake_node_axis(n, ABS_MT_SLOT, 0, slots - 1);
	fake_node_axis(n, ABS_MT_TRACKING_ID, 0, 65535);
	fake_node_axis(n, ABS_MT_POSITION_X, 0, 1000);
	fake_node_axis(n, ABS_MT_POSITION_Y, 0, 1000);
	fake_node_axis(n, ABS_X, 0, 1000);
	fake_node_axis(n, ABS_Y, 0, 1000);
}

static void make_touchpad(struct fake_node *n)
{
	const uint16_t keys[] = { BTN_LEFT, BTN_TOUCH, BTN_TOOL_FINGER,
				  BTN_TOOL_DOUBLETAP, BTN_TOOL_TRIPLETAP };

	add_keys(n, keys, ARRAY_LEN(keys));
	make_contacts(n, 5);
	fake_node_add(n, EV_MSC, MSC_TIMESTAMP);
}

static const char *const touchpad_frames[] = {
	"ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 6001, ABS_MT_POSITION_X 500, "
	"ABS_MT_POSITION_Y 300, BTN_TOUCH 1, BTN_TOOL_FINGER 1, ABS_X 500, "
	"ABS_Y 300, MSC_TIMESTAMP 0",
	"ABS_MT_POSITION_X 510, ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 6002, "
	"ABS_MT_POSITION_X 90, ABS_MT_POSITION_Y 300, BTN_TOOL_FINGER 0, "
	"BTN_TOOL_DOUBLETAP 1, ABS_X 510, MSC_TIMESTAMP 7200",
	"BTN_LEFT 1, MSC_TIMESTAMP 14400",
	"BTN_LEFT 0, MSC_TIMESTAMP 21600",
	"ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, BTN_TOOL_FINGER 1, "
	"BTN_TOOL_DOUBLETAP 0, ABS_X 90, MSC_TIMESTAMP 28800",
	"ABS_MT_SLOT 2, ABS_MT_TRACKING_ID -1, BTN_TOUCH 0, "
	"BTN_TOOL_FINGER 0, MSC_TIMESTAMP 36000",
	/* The ID of another, and a third finger without a slot of its own. */
	"ABS_MT_TRACKING_ID 6002, ABS_MT_POSITION_X 1, ABS_MT_POSITION_Y 2, "
	"BTN_TOUCH 1, "
	"BTN_TOOL_TRIPLETAP 1",
	"ABS_MT_TRACKING_ID -1, BTN_TOUCH 0, BTN_TOOL_TRIPLETAP 0",
	NULL,
};

static void make_semi_mt(struct fake_node *n)
{
	make_touchpad(n);
	make_contacts(n, 2);
	fake_node_axis(n, ABS_PRESSURE, 0, 255);
	bit_set(n->prop, INPUT_PROP_SEMI_MT);
	bit_set(n->prop, INPUT_PROP_POINTER);
}

static const char *const semi_mt_frames[] = {
	"ABS_X 700, ABS_Y 700, ABS_PRESSURE 20, BTN_TOOL_FINGER 1",
	"ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 100, "
	"ABS_MT_POSITION_Y 700, "
	"ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 2, ABS_MT_POSITION_X 700, "
	"ABS_MT_POSITION_Y 100, BTN_TOUCH 1, ABS_X 100, ABS_PRESSURE 60, "
	"BTN_TOOL_FINGER 0, BTN_TOOL_TRIPLETAP 1",
	"BTN_TOOL_DOUBLETAP 1, BTN_TOOL_TRIPLETAP 0",
	"ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
	"ABS_MT_TRACKING_ID -1, ABS_PRESSURE 10, BTN_TOUCH 0, "
	"BTN_TOOL_DOUBLETAP 0, BTN_TOOL_FINGER 1",
	"ABS_PRESSURE 0, BTN_TOOL_FINGER 0",
	NULL,
};

static void make_pen(struct fake_node *n)
{
	const uint16_t keys[] = { BTN_TOUCH, BTN_STYLUS, BTN_TOOL_PEN,
				  BTN_TOOL_RUBBER };

	add_keys(n, keys, ARRAY_LEN(keys));
	fake_node_axis(n, ABS_X, 0, 44704);
	fake_node_axis(n, ABS_PRESSURE, 0, 8191);
	fake_node_axis(n, ABS_TILT_X, -64, 63);
	fake_node_axis(n, ABS_MISC, 0, 0);
	fake_node_add(n, EV_MSC, MSC_SERIAL);
	fake_node_add(n, EV_MSC, MSC_SCAN);
}

static const char *const pen_frames[] = {
	"ABS_X 50000, ABS_TILT_X -70, ABS_MISC 2083, BTN_TOOL_PEN 1",
	"BTN_TOUCH 1, ABS_PRESSURE 9000, ABS_X -5, MSC_SERIAL 297797542",
	"MSC_SCAN 852034, BTN_STYLUS 1",
	"BTN_TOUCH 0, ABS_PRESSURE 0, BTN_STYLUS 0",
	"ABS_TILT_X 0, ABS_MISC 0, MSC_SERIAL 0, BTN_TOOL_PEN 0",
	"ABS_MISC 2090, BTN_TOOL_RUBBER 1",
	NULL,
};

/* A joystick whose axes are numbered through up to the last one. */
static void make_all_axes(struct fake_node *n)
{
	for (unsigned int code = 0; code < ABS_CNT; code++)
		fake_node_axis(n, code, 0, 255);
	for (unsigned int code = BTN_TRIGGER; code < BTN_TRIGGER + 8; code++)
		fake_node_add(n, EV_KEY, code);
}

static const char *const all_axes_frames[] = {
	"ABS_X 9, ABS_MT_SLOT 7, ABS_MT_POSITION_X 300",
	"BTN_TRIGGER 1, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 900",
	"ABS_HAT0X 1, ABS_MISC 12, ABS_MT_TOOL_Y 3",
	NULL,
};

static void make_keyboard(struct fake_node *n)
{
	fake_node_add(n, EV_SW, SW_LID);
	fake_node_add(n, EV_REL, REL_WHEEL_HI_RES);
	fake_node_add(n, EV_KEY, KEY_MAX);
}

static const char *const keyboard_frames[] = {
	"MSC_SCAN 458756, KEY_A 1",
	"MSC_SCAN 458756, KEY_A 0, MSC_SCAN 458757, KEY_B 1, KEY_B 0",
	"REL_X 3, REL_WHEEL_HI_RES -15, REL_X -2147483648",
	"SW_LID 1, KEY_MAX 1",
	NULL,
};

/* The guest may be sent the state of axes first. */
static void pass_over_state(struct pass *p)
{
	struct vi_event ev;

	while (!fe_next_event(&p->rig->fe, &ev, RIG_QUIET_MS))
		;
}

static void expect_frames(struct pass *p, const char *const *frames)
{
	struct vi_event ev[64];

	pass_over_state(p);
	for (; *frames; frames++) {
		const size_t n = event_text_frame(*frames, ev, 64);

		fake_node_sends(p->fd, *frames);
		rig_expect(p->rig, ev, n, *frames, 0);
	}
	rig_expect_nothing(p->rig);
}

static void start_guest(struct pass *p)
{
	rig_prepare(p->rig, RIG_BUFFERS);
	assert_ok(fe_start(&p->rig->fe));
}

static void frames_arrive_of(struct pass *p, const struct device_case *c)
{
	pass_rig_node(p);
	c->make(p->node);
	process_arg(&p->program, "--socket-path=%s", p->rig->socket);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	start_guest(p);
	expect_frames(p, c->frames);
}

static void print_spec(struct pass *p, const char *path)
{
	const int *keep = p->program.keep;
	struct process printer;

	process_init(&printer, "vinput-passthrough");
	process_capture(&printer);
	printer.env = strdup(p->program.env);
	process_keep_fd(&printer, keep[0]);
	process_keep_fd(&printer, keep[1]);
	process_arg(&printer, "--print-spec");
	process_arg(&printer, "/dev/input/stand-in-%d-%d", keep[0], keep[1]);
	process_start(&printer);
	assert_num(process_wait(&printer), 0);
	file_write(path, "%s", process_stdout(&printer));
	process_fini(&printer);
}

static void frames_arrive_through_a_server_of(struct pass *p,
					      const struct device_case *c)
{
	struct rig *rig = p->rig;
	char path[64];

	pass_rig_node(p);
	c->make(p->node);
	snprintf(path, sizeof(path), "%s/spec.json", rig->dir);
	print_spec(p, path);
	process_arg(&rig->srv, "--spec=%s", path);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_start(rig);
	start_guest(p);
	process_arg(&p->program, "--to=%s", rig->inject_path);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	expect_frames(p, c->frames);
}

#define CASE(name)                                                            \
	static void name##_arrives(void **state)                              \
	{                                                                     \
		frames_arrive_of(                                             \
			*state,                                               \
			&(struct device_case){ make_##name, name##_frames }); \
	}                                                                     \
	static void name##_arrives_through_a_server(void **state)             \
	{                                                                     \
		frames_arrive_through_a_server_of(                            \
			*state,                                               \
			&(struct device_case){ make_##name, name##_frames }); \
	}

CASE(touchpad)
CASE(semi_mt)
CASE(pen)
CASE(all_axes)
CASE(keyboard)

static void contacts_without_slots_get_some(void **state)
{
	struct pass *p = *state;

	pass_rig_node(p);
	fake_node_add(p->node, EV_KEY, BTN_TOUCH);
	fake_node_axis(p->node, ABS_MT_POSITION_X, 0, 1000);
	process_arg(&p->program, "--socket-path=%s", p->rig->socket);
	pass_rig_start(p);
	process_expect_log(&p->program, "the guest gets them with 16");
	pass_rig_expect_taken(p);
	start_guest(p);
	pass_over_state(p);
	fake_node_sends(p->fd, "ABS_MT_POSITION_X 5, SYN_MT_REPORT 0, "
			       "ABS_MT_POSITION_X 9, SYN_MT_REPORT 0");
	expect(p->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 1),
	       ABS(ABS_MT_POSITION_X, 5), ABS(ABS_MT_SLOT, 1),
	       ABS(ABS_MT_TRACKING_ID, 2), ABS(ABS_MT_POSITION_X, 9), SYN);
	fake_node_sends(p->fd, "ABS_MT_POSITION_X 10, SYN_MT_REPORT 0");
	expect(p->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, -1),
	       ABS(ABS_MT_SLOT, 1), ABS(ABS_MT_POSITION_X, 10), SYN);
	assert_num(process_terminate(&p->program), 0);
	expect(p->rig, ABS(ABS_MT_TRACKING_ID, -1), SYN);
}

static void expect_serial(struct pass *p, const char *serial)
{
	static struct spec spec;

	pass_rig_start(p);
	pass_rig_expect_taken(p);
	start_guest(p);
	assert_ok(fe_read_spec(&p->rig->fe, &spec));
	assert_string_equal(spec.serial, serial);
}

static void start_with_uniq(struct pass *p)
{
	pass_rig_node(p);
	strcpy(p->node->uniq, "00:11:22:33:44:55");
	process_arg(&p->program, "--socket-path=%s", p->rig->socket);
}

static void serial_is_the_devices(void **state)
{
	start_with_uniq(*state);
	expect_serial(*state, "00:11:22:33:44:55");
}

static void serial_can_be_left_out(void **state)
{
	struct pass *p = *state;

	start_with_uniq(p);
	process_arg(&p->program, "--serial=none");
	expect_serial(p, "");
}

static void serial_can_be_another(void **state)
{
	struct pass *p = *state;

	start_with_uniq(p);
	process_arg(&p->program, "--serial=kbd 1");
	expect_serial(p, "kbd 1");
}

static void serial_that_is_too_long_is_refused(void **state)
{
	struct pass *p = *state;

	process_arg(&p->program, "--serial=%064d", 1);
	process_arg(&p->program, "--print-spec");
	process_arg(&p->program, "/dev/null");
	process_start(&p->program);
	assert_num(process_wait(&p->program), 2);
	process_expect_log(&p->program, "is longer than 63 bytes");
}

/* The guest's own input, shown on this machine. */
static void monitored_device_is_refused(void **state)
{
	struct pass *p = *state;

	pass_rig_node(p);
	strcpy(p->node->phys, "vinput/monitor");
	process_arg(&p->program, "--socket-path=%s", p->rig->socket);
	pass_rig_start(p);
	assert_num(process_wait(&p->program), 1);
	process_expect_log(&p->program, "would make a loop");
	assert_num(p->node->grabs, 0);
}

#define T(f) \
	cmocka_unit_test_setup_teardown(f, pass_rig_setup, pass_rig_teardown)
#define BOTH(name) T(name##_arrives), T(name##_arrives_through_a_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(touchpad),
		BOTH(semi_mt),
		BOTH(pen),
		BOTH(all_axes),
		BOTH(keyboard),
		T(contacts_without_slots_get_some),
		T(serial_is_the_devices),
		T(serial_can_be_left_out),
		T(serial_can_be_another),
		T(serial_that_is_too_long_is_refused),
		T(monitored_device_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
