/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream-client.h: clients and devices that come and go, rights, limits, and
 * what a device's spec says: stream-world.h.
 */
#include <errno.h>

#include "tests/lib/stream-world.h"

static void device_that_is_not_there_is_a_fault(void **state)
{
	play("a {'type':'motion','x':1,'y':1,'device':'mouse_1'}");
	assert_num(w.rejected, 1);
	assert_string_equal(w.why.text, "no device mouse_1");
	play("a {'type':'pad','pad':2,'buttons':[1],'axes':[]}");
	assert_num(w.rejected, 2);
	assert_string_equal(w.why.text, "no device for this");
	assert_string_equal(w.seen, "");
}

static void forget_seen(void)
{
	w.n_seen = 0;
	w.seen[0] = '\0';
}

static void contacts_beyond_the_slots_are_a_fault(void **state)
{
	char line[128];

	for (int i = 0; i < 10; i++) {
		snprintf(line, sizeof(line),
			 "a {'type':'touch','contacts':[{'id':%d,'down':true,"
			 "'x':0,'y':0}]}",
			 i);
		play(line);
	}
	assert_num(w.rejected, 0);
	play("a " TOUCH(DOWN(10, 0, 0)));
	assert_num(w.rejected, 1);
	assert_string_equal(w.why.text, "touch_0: no slot for another contact");
	assert_num(stream_device_by_label(&w.devices, "touch_0")->dropped, 1);
	/* It was not down, so there is nothing to lift. */
	forget_seen();
	play("a " TOUCH(UP(10)));
	assert_string_equal(w.seen, "");
}

static void client_without_rights_sends_nothing(void **state)
{
	w.rights.read_only = true;
	play("a " KEY("KeyA", 1) "\na {'type':'held'}");
	assert_num(w.rejected, 1);
	assert_string_equal(w.why.text, "this client may only look");
	assert_string_equal(w.seen, "");
}

static void client_reaches_only_its_devices(void **state)
{
	w.rights.devices = "touch_0,gamepad_1";
	play("a " KEY(
		"KeyA",
		1) "\n"
		   "a {'type':'motion','x':1,'y':1,'device':'mouse'}\n"
		   "a {'type':'key','code':'KeyA','down':1,'device':'touch'}");
	assert_num(w.rejected, 3);
	play("a {'type':'pad','pad':0,'buttons':[1],'axes':[]}");
	assert_num(w.rejected, 3);
	assert_string_equal(w.seen, "gamepad_1: BTN_SOUTH 1");
}

/* A device goes, and a new one of its kind comes in its place. */
static void replace_device(const struct kind *kind)
{
	struct stream_device *d =
		stream_device_by_label(&w.devices, kind->label);

	stream_client_forget(&w.client[0], d);
	close(w.end[d->number]);
	stream_device_free(&w.devices, d);
	add_device(kind);
	forget_seen();
}

static void device_that_goes_is_forgotten(void **state)
{
	play("a " KEY("KeyA", 1) "\na " BUTTON(0, 1) "\na " BUTTON(
		2, 1) "\na " KEY("KeyB", 1));
	replace_device(&kinds[1]);
	play("a bye");
	assert_string_equal(w.seen, "keyboard: KEY_A 0, KEY_B 0");
}

static void contacts_of_a_device_that_goes_are_forgotten(void **state)
{
	static const struct kind other = { "touch_1", "multi-touchscreen" };

	add_device(&other);
	play("a {'type':'touch','device':'touch_1','contacts':[" DOWN(
		1, 0, 0) "," DOWN(2, 0, 0) "]}\n"
					   "a " TOUCH(DOWN(1, 0, 0) "," DOWN(
						   2, 0, 0)));
	replace_device(&kinds[2]);
	assert_num(w.client[0].hold.n_contacts, 2);
	play("a bye");
	assert_string_equal(w.seen,
			    "touch_1: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, "
			    "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1");
}

static void pen_and_pads_of_a_device_that_goes_are_forgotten(void **state)
{
	play("a " PEN("'buttons':1") "\na " PAD("1"));
	replace_device(&kinds[4]);
	replace_device(&kinds[5]);
	assert_false(stream_hold_any(&w.client[0].hold));
	play("a " PEN("'buttons':1") "\na " PAD("1"));
	assert_string_equal(w.seen,
			    "pen: BTN_TOOL_PEN 1, BTN_STYLUS 1, ABS_X 0, "
			    "ABS_Y 0, ABS_PRESSURE 0\n"
			    "gamepad: BTN_SOUTH 1");
}

static void pen_and_pad_are_near_one_device_at_a_time(void **state)
{
	static const struct kind other = { "pen_1", "pen" };

	add_device(&other);
	play("a " PEN("'buttons':1") "\na " PEN("'device':'pen_1'"));
	play("a " PAD("1") "\n"
			   "a {'type':'pad','pad':0,'buttons':[0,1],'axes':[],"
			   "'device':'gamepad_1'}");
	assert_string_equal(
		w.seen,
		"pen: BTN_TOOL_PEN 1, BTN_STYLUS 1, ABS_X 0, ABS_Y 0, "
		"ABS_PRESSURE 0\n"
		"pen: BTN_STYLUS 0, BTN_TOOL_PEN 0\n"
		"pen_1: BTN_TOOL_PEN 1, ABS_X 0, ABS_Y 0, ABS_PRESSURE 0\n"
		"gamepad: BTN_SOUTH 1\n"
		"gamepad: BTN_SOUTH 0\ngamepad_1: BTN_EAST 1");
}

/* Ranges and rests are the axes' own. */
static void pad_has_the_axes_of_its_spec(void **state)
{
	struct stream_device *d = stream_device_by_label(&w.devices, "gamepad");

	d->spec.abs[ABS_RZ].max = 1023;
	d->spec.abs[ABS_RY].rest = 7;
	d->spec.abs[ABS_Y].rest = 5;
	play("a {'type':'pad','pad':0,'buttons':[0,0,0,0,0,0,0,1],"
	     "'axes':[0,0,0,0]}\n"
	     "a {'type':'pad','pad':0,'buttons':[],'axes':[0,0,0,1]}\na bye");
	assert_string_equal(w.seen, "gamepad: ABS_RZ 1023\n"
				    "gamepad: ABS_RY 32767\n"
				    "gamepad: ABS_RZ 0, ABS_RY 7");
}

/* As Cuttlefish's own: directions are keys. */
static void cuttlefish_pad_without_a_hat_has_keys(void **state)
{
	struct stream_device *d = stream_device_by_label(&w.devices, "gamepad");

	bit_clear(d->spec.bits[EV_ABS], ABS_HAT0X);
	play("A {'type':'gamepadKey','id':'x','button':12,'down':1}\n"
	     "A {'type':'gamepadMotion','button':2,'value':255}\n"
	     "A {'type':'gamepadKey','id':'x','button':12,'down':0}\n"
	     "A {'type':'gamepadKey','id':'x','button':16,'down':1}\nA bye");
	assert_string_equal(w.seen, "gamepad: KEY_UP 1\ngamepad: ABS_Z 255\n"
				    "gamepad: KEY_UP 0\n"
				    "gamepad: BTN_MODE 1\n"
				    "gamepad: BTN_MODE 0, ABS_Z 0");
}

static void contacts_have_the_axes_of_the_spec(void **state)
{
	struct stream_device *d = stream_device_by_label(&w.devices, "touch_0");

	play("a " TOUCH("{'id':1,'down':1,'x':0,'y':0,'pressure':0.5,"
			"'major':0.5,'minor':0.25}"));
	play("a bye");
	assert_string_equal(w.seen,
			    "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
			    "ABS_MT_POSITION_X 0, ABS_MT_POSITION_Y 0\n"
			    "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1");
	forget_seen();
	d->spec.abs[ABS_MT_POSITION_X].min = 80;
	d->spec.abs[ABS_MT_PRESSURE].max = 100;
	bit_set(d->spec.bits[EV_ABS], ABS_MT_PRESSURE);
	bit_set(d->spec.bits[EV_ABS], ABS_MT_TOUCH_MAJOR);
	bit_set(d->spec.bits[EV_ABS], ABS_MT_TOUCH_MINOR);
	play("a " TOUCH("{'id':1,'down':1,'x':0,'y':0,'pressure':0.5,"
			"'major':0.5,'minor':0.25}"));
	play("a " TOUCH(DOWN(1, 1, 0)));
	assert_string_equal(w.seen,
			    "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, "
			    "ABS_MT_POSITION_X 80, ABS_MT_POSITION_Y 0, "
			    "ABS_MT_PRESSURE 50, ABS_MT_TOUCH_MAJOR 500, "
			    "ABS_MT_TOUCH_MINOR 250\n"
			    "touch_0: ABS_MT_SLOT 0, "
			    "ABS_MT_POSITION_X 1080, ABS_MT_POSITION_Y 0");
}

/* The longest of what was found out since, of devices that it may see. */
static void latency_is_the_longest_since(void **state)
{
	static const struct {
		const char *label;
		uint64_t ns;
		double at;
	} rows[] = { { "keyboard", 9000, 5 },
		     { "mouse", 300, 7 },
		     { "pen", 500, 6 },
		     { "tablet", 100, 8 } };
	struct stream_client *c = &w.client[0];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stream_device *d =
			stream_device_by_label(&w.devices, rows[i].label);

		d->latency_ns = rows[i].ns;
		d->latency_at = rows[i].at;
	}
	assert_num(stream_client_latency(c, 4), 9000);
	assert_num(stream_client_latency(c, 5), 500);
	assert_num(stream_client_latency(c, 8), 0);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		assert_true(w.devices.at[i]->wants_receipt);
		w.devices.at[i]->wants_receipt = false;
	}
	w.rights.devices = "mouse";
	assert_num(stream_client_latency(c, 4), 300);
	assert_true(w.devices.at[1]->wants_receipt);
	assert_false(w.devices.at[0]->wants_receipt);
	w.rights.read_only = true;
	assert_num(stream_client_latency(c, 4), 0);
}

static void what_is_held_is_known(void **state)
{
	static const char *const held[] = {
		"a " KEY("KeyA", 1),
		"a " TOUCH(DOWN(1, 0, 0)),
		"a " PEN("'buttons':0"),
		"a " PAD("1"),
		"a {'type':'pad','pad':1,'buttons':[1],'axes':[]}",
	};
	const struct stream_hold *h = &w.client[0].hold;

	assert_false(stream_hold_any(h));
	for (size_t i = 0; i < ARRAY_LEN(held); i++) {
		play(held[i]);
		assert_true(stream_hold_any(h));
		play("a {'type':'held'}");
		assert_false(stream_hold_any(h));
	}
	play("a {'type':'switch','name':'lid','on':true}");
	assert_false(stream_hold_any(h));
}

/* Its number, which binary messages use, is found like its label. */
static void device_is_found_by_its_number(void **state)
{
	static const uint8_t bytes[] = { 1, 1, 7, 0, 0, 0 };
	static struct stream_message m;

	assert_ok(stream_message_read_binary(&m, bytes, sizeof(bytes), &w.why));
	assert_ok(stream_client_take(&w.client[0], &m, &w.why));
	m.action[0].number = STREAM_DEVICES_MAX;
	assert_rc(stream_client_take(&w.client[0], &m, &w.why), -EINVAL);
	look();
	assert_string_equal(w.seen, "mouse: REL_X 7");
}

/* As with Cuttlefish's options: only labels are known. */
static void device_without_a_spec_takes_its_own_units_only(void **state)
{
	struct stream_device *d = stream_device_by_label(&w.devices, "touch_0");

	d->has_spec = false;
	play("a " TOUCH(DOWN(7, 0.5, 0.5)));
	assert_num(w.rejected, 1);
	assert_string_equal(w.why.text,
			    "touch_0: its range of positions is not known");
	play("A {'type':'multi-touch','id':[0],'x':[10],'y':[20],'down':1,"
	     "'device_label':'display_0'}\n"
	     "B {'type':'multi-touch','id':[0],'x':[30],'y':[20],'down':1,"
	     "'device_label':'display_0'}\n"
	     "A bye\nB bye");
	/* Its server may be one that does not derive BTN_TOUCH. */
	assert_string_equal(w.seen,
			    "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
			    "ABS_MT_POSITION_X 10, ABS_MT_POSITION_Y 20, "
			    "BTN_TOUCH 1\n"
			    "touch_0: ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, "
			    "ABS_MT_POSITION_X 30, ABS_MT_POSITION_Y 20\n"
			    "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1\n"
			    "touch_0: ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
			    "BTN_TOUCH 0");
}

/* A touchscreen's place among Cuttlefish's displays. */
static void displays_are_numbered_by_label_or_by_what_is_free(void **state)
{
	static const struct kind more[] = {
		{ "touch_3", "multi-touchscreen" },
		{ "screen", "multi-touchscreen" },
		{ "touch_1", "multi-touchscreen" },
		{ "touch_5", "multi-touchpad" },
		{ "touch_99", "single-touchscreen" },
	};
	static const int displays[] = { 3, 1, 2, -1, 4 };

	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		const struct stream_device *d;

		add_device(&more[i]);
		d = stream_device_by_label(&w.devices, more[i].label);
		assert_num(d->display, displays[i]);
		if (displays[i] >= 0)
			assert_ptr_equal(stream_device_by_display(&w.devices,
								  displays[i]),
					 d);
	}
	assert_null(stream_device_by_display(&w.devices, -1));
	assert_null(stream_device_by_display(&w.devices, 5));
	play("A {'type':'multi-touch','id':[0],'x':[10],'y':[20],'down':1,"
	     "'device_label':'display_1'}\n"
	     "A {'type':'multi-touch','id':[0],'x':[10],'y':[20],'down':1,"
	     "'device_label':'display_7'}");
	assert_num(w.rejected, 1);
	assert_string_equal(w.seen,
			    "screen: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
			    "ABS_MT_POSITION_X 10, ABS_MT_POSITION_Y 20");
}

static void number_of_held_keys_is_limited(void **state)
{
	struct stream_device *d = stream_device_by_label(&w.devices, "mouse");

	for (uint16_t i = 0; i < STREAM_KEYS_MAX; i++)
		assert_ok(stream_hold_key(&w.client[0].hold, d, i + 1, true));
	play("a " KEY("KeyA", 1));
	assert_num(w.rejected, 1);
	assert_string_equal(w.why.text, "more than 64 keys held");
}

static void roles_are_those_of_the_specs(void **state)
{
	static const unsigned int roles[] = {
		STREAM_KEYBOARD, STREAM_MOUSE,
		STREAM_SURFACE,	 STREAM_MOUSE | STREAM_TABLET,
		STREAM_STYLUS,	 STREAM_GAMEPAD,
		STREAM_ROTARY,	 STREAM_SWITCHES,
		STREAM_GAMEPAD,	 STREAM_KEYBOARD,
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		assert_num(w.devices.at[i]->roles, roles[i]);
	assert_num(stream_roles_of_label("touch_3"), STREAM_SURFACE);
	assert_num(stream_roles_of_label("rotary"), STREAM_ROTARY);
	assert_num(stream_roles_of_label("other"), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(device_that_is_not_there_is_a_fault),
		T(contacts_beyond_the_slots_are_a_fault),
		T(client_without_rights_sends_nothing),
		T(client_reaches_only_its_devices),
		T(device_that_goes_is_forgotten),
		T(contacts_of_a_device_that_goes_are_forgotten),
		T(pen_and_pads_of_a_device_that_goes_are_forgotten),
		T(pen_and_pad_are_near_one_device_at_a_time),
		T(pad_has_the_axes_of_its_spec),
		T(cuttlefish_pad_without_a_hat_has_keys),
		T(contacts_have_the_axes_of_the_spec),
		T(latency_is_the_longest_since),
		T(what_is_held_is_known),
		T(device_is_found_by_its_number),
		T(device_without_a_spec_takes_its_own_units_only),
		T(displays_are_numbered_by_label_or_by_what_is_free),
		T(number_of_held_keys_is_limited),
		T(roles_are_those_of_the_specs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
