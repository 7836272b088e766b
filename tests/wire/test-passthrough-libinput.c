/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough --via=libinput: the real libinput, with a node that the
 * test plays and a udev that knows it (udev-stand-in.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/spec/spec.h"
#include "tests/lib/array.h"
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"
#include "tests/lib/pass-rig.h"
#include "tests/lib/usage.h"

#define BURST 20000

static void make_node(struct pass *p, const char *properties)
{
	pass_rig_need_libinput();
	pass_rig_node(p);
	memset(p->node->bits, 0, sizeof(p->node->bits));
	free(p->program.env);
	assert_sys(asprintf(&p->program.env,
			    "LD_PRELOAD=%s/tests/wire/node-stand-in.so:"
			    "%s/tests/wire/udev-stand-in.so",
			    test_bin_dir(), test_bin_dir()));
	assert_sys(setenv("VINPUT_UDEV", properties, 1));
	process_arg(&p->program, "--via=libinput");
}

static void make_mouse(struct pass *p)
{
	static const uint16_t keys[] = { BTN_LEFT, BTN_RIGHT, BTN_MIDDLE,
					 BTN_SIDE, BTN_EXTRA };
	static const uint16_t axes[] = { REL_X, REL_Y, REL_WHEEL,
					 REL_WHEEL_HI_RES };

	make_node(p, "ID_INPUT,ID_INPUT_MOUSE");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		fake_node_add(p->node, EV_KEY, keys[i]);
	for (size_t i = 0; i < ARRAY_LEN(axes); i++)
		fake_node_add(p->node, EV_REL, axes[i]);
}

static void make_contacts(struct pass *p, const char *properties)
{
	static const uint16_t codes[] = { ABS_X, ABS_Y, ABS_MT_POSITION_X,
					  ABS_MT_POSITION_Y };

	make_node(p, properties);
	fake_node_add(p->node, EV_KEY, BTN_TOUCH);
	fake_node_axis(p->node, ABS_MT_SLOT, 0, 4);
	fake_node_axis(p->node, ABS_MT_TRACKING_ID, 0, 65535);
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		fake_node_axis(p->node, codes[i], 0, 3999);
		p->node->abs[codes[i]].resolution = 40;
	}
}

static void make_touchpad(struct pass *p)
{
	make_contacts(p, "ID_INPUT,ID_INPUT_TOUCHPAD");
	fake_node_add(p->node, EV_KEY, BTN_LEFT);
	fake_node_add(p->node, EV_KEY, BTN_TOOL_FINGER);
	fake_node_add(p->node, EV_KEY, BTN_TOOL_DOUBLETAP);
	bit_set(p->node->prop, INPUT_PROP_POINTER);
	bit_set(p->node->prop, INPUT_PROP_BUTTONPAD);
}

static void run(struct pass *p, const char *settings)
{
	process_arg(&p->program, "--libinput=%s", settings);
	process_arg(&p->program, "--socket-path=%s", p->rig->socket);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	rig_prepare(p->rig, RIG_BUFFERS);
	assert_ok(fe_start(&p->rig->fe));
}

/* A frame, with the time: libinput reckons with it. */
static void sends(struct pass *p, const char *text)
{
	struct vi_event ev[64];
	struct input_event in[64] = { 0 };
	const size_t n = event_text_frame(text, ev, 64);
	const double now = clock_ms();

	for (size_t i = 0; i < n; i++) {
		in[i].input_event_sec = (long)(now / 1000);
		in[i].input_event_usec =
			(long)(1000 * (now - 1000.0 * (long)(now / 1000)));
		in[i].type = vi_type(&ev[i]);
		in[i].code = vi_code(&ev[i]);
		in[i].value = vi_value(&ev[i]);
	}
	assert_num(send(p->fd, in, n * sizeof(*in), 0), n * sizeof(*in));
}

/* --- a mouse --- */

static void guest_has_the_shipped_mouse(void **state)
{
	struct pass *p = *state;
	static struct spec spec;

	make_mouse(p);
	run(p, "accel=flat");
	assert_ok(fe_read_spec(&p->rig->fe, &spec));
	assert_string_equal(spec.name, "vinput Mouse 0");
	assert_num(process_log_count(&p->program, "has no such setting"), 0);
	assert_true(p->node->grabbed);
	sends(p, "REL_X 10, REL_Y -4");
	expect(p->rig, REL(REL_X, 10), REL(REL_Y, -4), SYN);
	sends(p, "BTN_LEFT 1");
	expect(p->rig, KEY(BTN_LEFT, 1), SYN);
	usleep(50000); /* libinput debounces */
	sends(p, "BTN_LEFT 0");
	expect(p->rig, KEY(BTN_LEFT, 0), SYN);
	sends(p, "REL_WHEEL 1, REL_WHEEL_HI_RES 120");
	expect(p->rig, REL(REL_WHEEL_HI_RES, 120), REL(REL_WHEEL, 1), SYN);
}

static void fractions_of_motion_are_kept(void **state)
{
	struct pass *p = *state;

	make_mouse(p);
	run(p, "accel=flat,speed=-0.5");
	sends(p, "REL_X 1");
	sends(p, "REL_X 1");
	expect(p->rig, REL(REL_X, 1), SYN);
	sends(p, "REL_X 1");
	sends(p, "REL_X 1");
	expect(p->rig, REL(REL_X, 1), SYN);
	rig_expect_nothing(p->rig);
}

static void settings_change_what_arrives(void **state)
{
	struct pass *p = *state;

	make_mouse(p);
	run(p, "natural-scroll,left-handed");
	sends(p, "REL_WHEEL 1, REL_WHEEL_HI_RES 120");
	expect(p->rig, REL(REL_WHEEL_HI_RES, -120), REL(REL_WHEEL, -1), SYN);
	sends(p, "BTN_LEFT 1");
	expect(p->rig, KEY(BTN_RIGHT, 1), SYN);
}

static void setting_that_the_device_lacks_is_said(void **state)
{
	struct pass *p = *state;

	make_mouse(p);
	run(p, "tap");
	process_expect_log(&p->program, "the device has no such setting: tap");
}

static void button_is_released_when_it_is_unplugged(void **state)
{
	struct pass *p = *state;

	make_mouse(p);
	process_arg(&p->program, "--on-unplug=remove");
	run(p, "accel=flat");
	sends(p, "BTN_LEFT 1");
	expect(p->rig, KEY(BTN_LEFT, 1), SYN);
	pass_rig_unplug(p);
	expect(p->rig, KEY(BTN_LEFT, 0), SYN);
}

static void toggle_gives_it_to_the_host_and_back(void **state)
{
	struct pass *p = *state;

	make_mouse(p);
	process_arg(&p->program, "--toggle=btn_side+btn_extra");
	run(p, "accel=flat");
	for (int i = 0; i < 2; i++) {
		sends(p, "BTN_SIDE 1");
		sends(p, "BTN_EXTRA 1");
		usleep(150000); /* buttons alone are held for a while */
		sends(p, "BTN_SIDE 0");
		sends(p, "BTN_EXTRA 0");
		if (i)
			break;
		expect(p->rig, KEY(BTN_SIDE, 1), SYN, KEY(BTN_EXTRA, 1), SYN,
		       KEY(BTN_SIDE, 0), SYN, KEY(BTN_EXTRA, 0), SYN);
		process_expect_log(&p->program, "goes to the host");
		assert_false(p->node->grabbed);
	}
	for (int i = 0; i < DEADLINE_MS && p->node->grabs < 2; i++)
		usleep(1000);
	assert_num(p->node->grabs, 2);
	rig_expect_nothing(p->rig);
	sends(p, "REL_X 3");
	expect(p->rig, REL(REL_X, 3), SYN);
}

static void device_that_runs_gets_it(void **state)
{
	struct pass *p = *state;
	struct rig *rig = p->rig;

	make_mouse(p);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	process_arg(&rig->srv, "--spec=mouse");
	rig_start(rig);
	rig_prepare(rig, RIG_BUFFERS);
	assert_ok(fe_start(&rig->fe));
	process_arg(&p->program, "--libinput=accel=flat");
	process_arg(&p->program, "--to=%s", rig->inject_path);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	sends(p, "REL_X 10, REL_Y -4");
	expect(rig, REL(REL_X, 10), REL(REL_Y, -4), SYN);
	sends(p, "BTN_LEFT 1");
	expect(rig, KEY(BTN_LEFT, 1), SYN);
	assert_num(process_terminate(&p->program), 0);
	expect(rig, KEY(BTN_LEFT, 0), SYN);
}

/* What a burst leaves in the way is added up. */
static void stopped_guest_loses_no_motion(void **state)
{
	struct pass *p = *state;
	struct vi_event ev;
	int sum = 0;

	make_mouse(p);
	run(p, "accel=flat,speed=-0.5");
	for (int i = 0; i < BURST; i++)
		sends(p, "REL_X 1");
	while (sum < BURST / 2 && !fe_next_event(&p->rig->fe, &ev, DEADLINE_MS))
		sum += vi_type(&ev) == EV_REL ? vi_value(&ev) : 0;
	assert_num(sum, BURST / 2);
	expect(p->rig, SYN);
	rig_expect_nothing(p->rig);
}

/* --- touches --- */

static void touch_is_scaled_to_the_screen(void **state)
{
	struct pass *p = *state;
	static struct spec spec;

	make_contacts(p, "ID_INPUT,ID_INPUT_TOUCHSCREEN");
	bit_set(p->node->prop, INPUT_PROP_DIRECT);
	run(p, "size=800x600");
	assert_ok(fe_read_spec(&p->rig->fe, &spec));
	assert_num(spec.abs[ABS_MT_POSITION_X].max, 799);
	sends(p, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 7, ABS_MT_POSITION_X 2000, "
		 "ABS_MT_POSITION_Y 1000, BTN_TOUCH 1, ABS_X 2000, ABS_Y 1000");
	expect(p->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 0),
	       ABS(ABS_MT_POSITION_X, 400), ABS(ABS_MT_POSITION_Y, 150),
	       KEY(BTN_TOUCH, 1), ABS(ABS_X, 400), ABS(ABS_Y, 150), SYN);
	sends(p, "ABS_MT_TRACKING_ID -1, BTN_TOUCH 0");
	expect(p->rig, ABS(ABS_MT_TRACKING_ID, -1), KEY(BTN_TOUCH, 0), SYN);
}

static void tap_is_a_click(void **state)
{
	struct pass *p = *state;

	make_touchpad(p);
	run(p, "tap,drag=off");
	sends(p, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 7, ABS_MT_POSITION_X 2000, "
		 "ABS_MT_POSITION_Y 1500, BTN_TOUCH 1, BTN_TOOL_FINGER 1, "
		 "ABS_X 2000, ABS_Y 1500");
	usleep(20000);
	sends(p, "ABS_MT_TRACKING_ID -1, BTN_TOUCH 0, BTN_TOOL_FINGER 0");
	expect(p->rig, KEY(BTN_LEFT, 1), SYN, KEY(BTN_LEFT, 0), SYN);
}

/* Two fingers down the pad. */
static void fingers_scroll(void **state)
{
	struct pass *p = *state;
	int hi_res = 0, notches = 0;
	struct vi_event ev;
	char text[256];

	make_touchpad(p);
	run(p, "scroll=two-finger");
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text),
			 "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 7, "
			 "ABS_MT_POSITION_X 1500, ABS_MT_POSITION_Y %d, "
			 "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 8, "
			 "ABS_MT_POSITION_X 2300, ABS_MT_POSITION_Y %d, "
			 "BTN_TOUCH 1, BTN_TOOL_DOUBLETAP 1, ABS_X 1500, "
			 "ABS_Y %d",
			 1000 + 40 * i, 1000 + 40 * i, 1000 + 40 * i);
		sends(p, text);
		usleep(10000);
	}
	while (!fe_next_event(&p->rig->fe, &ev, RIG_QUIET_MS)) {
		hi_res += vi_type(&ev) == EV_REL &&
					  vi_code(&ev) == REL_WHEEL_HI_RES
				  ? vi_value(&ev)
				  : 0;
		notches += vi_type(&ev) == EV_REL && vi_code(&ev) == REL_WHEEL
				   ? vi_value(&ev)
				   : 0;
		assert_true(vi_type(&ev) != EV_REL || vi_code(&ev) != REL_Y);
	}
	assert_in_range(-hi_res, 120, 100 * 120);
	assert_num(notches, hi_res / 120);
}

/* Two fingers leave each other. */
static void a_pinch_is_the_wheel_with_ctrl(void **state)
{
	struct pass *p = *state;
	int notches = 0;
	bool ctrl = false;
	struct vi_event ev;
	char text[256];

	make_touchpad(p);
	run(p, "pinch");
	for (int i = 0; i < 60; i++) {
		const int left = 1950 - 30 * i, right = 2050 + 30 * i;

		snprintf(text, sizeof(text),
			 "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 7, "
			 "ABS_MT_POSITION_X %d, ABS_MT_POSITION_Y 1500, "
			 "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 8, "
			 "ABS_MT_POSITION_X %d, ABS_MT_POSITION_Y 1500, "
			 "BTN_TOUCH 1, BTN_TOOL_DOUBLETAP 1, ABS_X %d, "
			 "ABS_Y 1500",
			 left, right, left);
		sends(p, text);
		usleep(10000);
	}
	while (!fe_next_event(&p->rig->fe, &ev, RIG_QUIET_MS)) {
		if (vi_type(&ev) == EV_KEY && vi_code(&ev) == KEY_LEFTCTRL)
			ctrl = vi_value(&ev);
		if (vi_type(&ev) == EV_REL && vi_code(&ev) == REL_WHEEL) {
			assert_true(ctrl);
			notches += vi_value(&ev);
		}
	}
	assert_true(notches > 0);
}

/* --- options --- */

/* Return: whether the program has mapped the library. */
static bool has_libinput(const struct pass *p)
{
	char path[64], line[512];
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)p->program.pid);
	FILE *maps = fopen(path, "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		found |= strstr(line, "/libinput.so") != NULL;
	fclose(maps);
	return found;
}

static void libinput_is_loaded_where_it_is_used(void **state)
{
	struct pass *p = *state;

	make_mouse(p);
	usage_allow(&p->program);
	run(p, "tap");
	assert_true(has_libinput(p));
}

/* It takes more memory than all else. */
static void libinput_is_not_loaded_in_vain(void **state)
{
	struct pass *p = *state;

	pass_rig_node(p);
	usage_allow(&p->program);
	process_arg(&p->program, "--socket-path=%s/own", p->rig->dir);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	assert_false(has_libinput(p));
}

static void settings_without_libinput_are_refused(void **state)
{
	struct pass *p = *state;

	process_arg(&p->program, "--libinput=tap");
	process_arg(&p->program, "--to=./x");
	process_arg(&p->program, "/dev/null");
	process_start(&p->program);
	assert_num(process_wait(&p->program), 2);
	process_expect_log(&p->program, "--libinput requires --via=libinput");
}

static void wrong_setting_is_refused(void **state)
{
	struct pass *p = *state;

	process_arg(&p->program, "--libinput=tap,natural-scrol");
	process_arg(&p->program, "/dev/null");
	process_start(&p->program);
	assert_num(process_wait(&p->program), 2);
	process_expect_log(&p->program,
			   "--libinput: no setting \"natural-scrol\"; did you "
			   "mean natural-scroll?");
}

#define T(f) \
	cmocka_unit_test_setup_teardown(f, pass_rig_setup, pass_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(guest_has_the_shipped_mouse),
		T(fractions_of_motion_are_kept),
		T(settings_change_what_arrives),
		T(setting_that_the_device_lacks_is_said),
		T(button_is_released_when_it_is_unplugged),
		T(toggle_gives_it_to_the_host_and_back),
		T(device_that_runs_gets_it),
		T(stopped_guest_loses_no_motion),
		T(touch_is_scaled_to_the_screen),
		T(tap_is_a_click),
		T(a_pinch_is_the_wheel_with_ctrl),
		T(fingers_scroll),
		T(libinput_is_loaded_where_it_is_used),
		T(libinput_is_not_loaded_in_vain),
		T(settings_without_libinput_are_refused),
		T(wrong_setting_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
