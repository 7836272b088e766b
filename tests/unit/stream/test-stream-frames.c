/* SPDX-License-Identifier: Apache-2.0 */
/* What each message of a browser becomes: stream-world.h. */
#include "tests/lib/cases.h"
#include "tests/lib/stream-world.h"

struct script {
	const char *name, *script, *wanted;
};

static const struct script scripts[] = {
	{ "key", "a " KEY("KeyA", 1) "\na " KEY("KeyA", 0),
	  "keyboard: KEY_A 1\nkeyboard: KEY_A 0" },
	{ "auto-repeat is not forwarded",
	  "a " KEY("KeyA", 1) "\na " KEY(
		  "KeyA",
		  1) "\n"
		     "a {'type':'key','code':'KeyB','down':true,'repeat':true}",
	  "keyboard: KEY_A 1" },
	{ "a release without a press is none", "a " KEY("KeyA", 0), "" },
	{ "two clients hold a key",
	  "a " KEY("KeyA", 1) "\nb " KEY("KeyA", 1) "\na " KEY(
		  "KeyA", 0) "\n"
			     "b " KEY("KeyA", 0),
	  "keyboard: KEY_A 1\nkeyboard: KEY_A 0" },
	{ "a client that goes lets go",
	  "a " KEY("ShiftLeft", 1) "\na " KEY("KeyA", 1) "\na bye",
	  "keyboard: KEY_LEFTSHIFT 1\nkeyboard: KEY_A 1\n"
	  "keyboard: KEY_LEFTSHIFT 0, KEY_A 0" },
	{ "not of what another holds",
	  "a " KEY("KeyA", 1) "\nb " KEY("KeyA", 1) "\na bye\nb bye",
	  "keyboard: KEY_A 1\nkeyboard: KEY_A 0" },
	{ "a key of another device",
	  "a {'type':'key','code':'Power','down':1,'device':'media_remote'}",
	  "media_remote: KEY_POWER 1" },
	{ "buttons", "a " BUTTON(0, 1) "\na " BUTTON(3, 1) "\na " BUTTON(0, 0),
	  "mouse: BTN_LEFT 1\nmouse: BTN_SIDE 1\nmouse: BTN_LEFT 0" },
	{ "motion is a whole frame", "a {'type':'motion','x':3,'y':-4}",
	  "mouse: REL_X 3, REL_Y -4" },
	{ "parts of a count add up",
	  "a {'type':'motion','x':0.5,'y':-0.25}\n"
	  "a {'type':'motion','x':0.5,'y':-0.25}\n"
	  "a {'type':'motion','x':0.25,'y':-0.5}",
	  "mouse: REL_X 1\nmouse: REL_Y -1" },
	{ "wheel", "a {'type':'wheel','x':0,'y':-120}",
	  "mouse: REL_WHEEL_HI_RES 120, REL_WHEEL 1" },
	{ "parts of a notch, both ways",
	  "a {'type':'wheel','x':60,'y':60}\n"
	  "a {'type':'wheel','x':60,'y':60}",
	  "mouse: REL_WHEEL_HI_RES -60, REL_HWHEEL_HI_RES 60\n"
	  "mouse: REL_WHEEL_HI_RES -60, REL_WHEEL -1, REL_HWHEEL_HI_RES 60, "
	  "REL_HWHEEL 1" },
	{ "rotary", "a {'type':'turn','y':-120}",
	  "rotary: REL_WHEEL_HI_RES 120, REL_WHEEL 1" },
	{ "absolute mouse", "a {'type':'position','x':1,'y':0.5}",
	  "tablet: ABS_X 32767, ABS_Y 16384" },
	{ "its buttons",
	  "a {'type':'button','button':0,'down':1,'device':'tablet'}\na bye",
	  "tablet: BTN_LEFT 1\ntablet: BTN_LEFT 0" },
	{ "tap", "a " TOUCH(DOWN(7, 0.5, 1)) "\na " TOUCH(UP(7)),
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 540, ABS_MT_POSITION_Y 2400\n"
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1" },
	{ "two fingers of two clients with one ID",
	  "a " TOUCH(DOWN(0, 0, 0)) "\nb " TOUCH(DOWN(0, 1, 1)) "\na bye",
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 0, ABS_MT_POSITION_Y 0\n"
	  "touch_0: ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, "
	  "ABS_MT_POSITION_X 1080, ABS_MT_POSITION_Y 2400\n"
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1" },
	{ "two fingers in one frame",
	  "a " TOUCH(DOWN(0, 0, 0) "," DOWN(1, 1, 1)),
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 0, ABS_MT_POSITION_Y 0, "
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, "
	  "ABS_MT_POSITION_X 1080, ABS_MT_POSITION_Y 2400" },
	{ "a picture that is turned",
	  "a {'type':'rotate','degrees':90}\na " TOUCH(DOWN(
		  0, 1, 0)) "\n"
			    "a {'type':'rotate','degrees':270}\na " TOUCH(DOWN(
				    0, 1, 0)) "\n"
					      "a {'type':'motion','x':2,'y':0}",
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 0, ABS_MT_POSITION_Y 0\n"
	  "touch_0: ABS_MT_SLOT 0, "
	  "ABS_MT_POSITION_X 1080, ABS_MT_POSITION_Y 2400\n"
	  "mouse: REL_Y 2" },
	{ "a picture upside down",
	  "a {'type':'rotate','degrees':180}\n"
	  "a " TOUCH(DOWN(0, 1, 0)) "\na {'type':'motion','x':2,'y':-3}",
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 0, ABS_MT_POSITION_Y 2400\n"
	  "mouse: REL_X -2, REL_Y 3" },
	{ "a second hello is ignored", "a {'type':'hello','version':1}", "" },
	{ "pen",
	  "a {'type':'pen','near':1,'x':0,'y':1,'pressure':0,'tiltX':-30,"
	  "'tiltY':60}\n"
	  "a {'type':'pen','near':1,'x':0,'y':1,'pressure':1,'buttons':1}\n"
	  "a {'type':'pen','near':0}",
	  "pen: BTN_TOOL_PEN 1, ABS_X 0, ABS_Y 2400, ABS_PRESSURE 0, "
	  "ABS_TILT_X -30, ABS_TILT_Y 60\n"
	  "pen: BTN_STYLUS 1, ABS_X 0, ABS_Y 2400, ABS_PRESSURE 4095, "
	  "BTN_TOUCH 1\n"
	  "pen: ABS_PRESSURE 0, BTN_TOUCH 0, BTN_STYLUS 0, BTN_TOOL_PEN 0" },
	{ "a pen whose client goes",
	  "a {'type':'pen','near':1,'x':0,'y':0,'pressure':0,'eraser':1}\n"
	  "a bye",
	  "pen: BTN_TOOL_RUBBER 1, ABS_X 0, ABS_Y 0, ABS_PRESSURE 0\n"
	  "pen: BTN_TOOL_RUBBER 0" },
	{ "a pen that returns has its button again",
	  "a " PEN("'buttons':1") "\na {'type':'pen','near':0}\n"
				  "a " PEN("'buttons':1") "\na " PEN(
					  "'buttons':1") "\na bye",
	  "pen: BTN_TOOL_PEN 1, BTN_STYLUS 1, ABS_X 0, ABS_Y 0, "
	  "ABS_PRESSURE 0\n"
	  "pen: BTN_STYLUS 0, BTN_TOOL_PEN 0\n"
	  "pen: BTN_TOOL_PEN 1, BTN_STYLUS 1, ABS_X 0, ABS_Y 0, "
	  "ABS_PRESSURE 0\n"
	  "pen: ABS_X 0, ABS_Y 0, ABS_PRESSURE 0\n"
	  "pen: BTN_STYLUS 0, BTN_TOOL_PEN 0" },
	{ "pad: triggers alone",
	  "a " PAD("0,0,0,0,0,0,0.5") "\na " PAD("0,0,0,0,0,0,0.5,1") "\na bye",
	  "gamepad: ABS_Z 128\ngamepad: ABS_RZ 255\n"
	  "gamepad: ABS_Z 0, ABS_RZ 0" },
	{ "pad: only what changed",
	  "a {'type':'pad','pad':0,'buttons':[1,0,0,0,0,0,0.5],"
	  "'axes':[0,-1]}\n"
	  "a {'type':'pad','pad':0,'buttons':[1,0,0,0,0,0,0.5],"
	  "'axes':[0,-0.5]}\n"
	  "a {'type':'pad','pad':0,'gone':true}",
	  "gamepad: BTN_SOUTH 1, ABS_Z 128, ABS_Y -32768\n"
	  "gamepad: ABS_Y -16384\n"
	  "gamepad: BTN_SOUTH 0, ABS_Z 0, ABS_Y 0" },
	{ "the second pad is the second device",
	  "a {'type':'pad','pad':1,'buttons':[0,1],'axes':[]}\na bye",
	  "gamepad_1: BTN_EAST 1\ngamepad_1: BTN_EAST 0" },
	{ "hat",
	  "a {'type':'pad','pad':0,'buttons':"
	  "[0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,1],'axes':[]}\na bye",
	  "gamepad: ABS_HAT0Y -1, ABS_HAT0X 1\n"
	  "gamepad: ABS_HAT0Y 0, ABS_HAT0X 0" },
	{ "a switch stays", "a {'type':'switch','name':'lid','on':true}\na bye",
	  "switches: SW_LID 1" },

	{ "heartbeat releases what it lacks",
	  "a " KEY("KeyA", 1) "\na " KEY("KeyB", 1) "\na " BUTTON(
		  0, 1) "\n"
			"a {'type':'held','keys':['KeyB']}\n"
			"a {'type':'held'}",
	  "keyboard: KEY_A 1\nkeyboard: KEY_B 1\nmouse: BTN_LEFT 1\n"
	  "keyboard: KEY_A 0\nmouse: BTN_LEFT 0\nkeyboard: KEY_B 0" },
	{ "heartbeat keeps what it has",
	  "a " KEY("KeyA", 1) "\na " BUTTON(
		  0,
		  1) "\n"
		     "a " TOUCH(DOWN(
			     7, 0,
			     0)) "\n"
				 "a "
				 "{'type':'pen','near':1,'x':0,'y':0,'pressure'"
				 ":0}\n"
				 "a "
				 "{'type':'pad','pad':0,'buttons':[1],'axes':[]"
				 "}\n"
				 "a "
				 "{'type':'held','keys':['KeyA'],'buttons':{'"
				 "mouse':[0]},"
				 "'contacts':{'touch_0':[7]},'pen':true,'pads':"
				 "[0]}\n"
				 "a "
				 "{'type':'held','keys':['KeyA'],'buttons':{'':"
				 "[0]},"
				 "'contacts':{'':[7]},'pen':true,'pads':[0]}",
	  "keyboard: KEY_A 1\nmouse: BTN_LEFT 1\n"
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 0, ABS_MT_POSITION_Y 0\n"
	  "pen: BTN_TOOL_PEN 1, ABS_X 0, ABS_Y 0, ABS_PRESSURE 0\n"
	  "gamepad: BTN_SOUTH 1" },
	{ "heartbeat lifts, takes the pen away and lets go of pads",
	  "a " TOUCH(DOWN(7, 0, 0) "," DOWN(
		  8, 0,
		  0)) "\n"
		      "a {'type':'pen','near':1,'x':0,'y':0,'pressure':0}\n"
		      "a {'type':'pad','pad':0,'buttons':[1],'axes':[]}\n"
		      "a {'type':'held','contacts':{'touch_0':[8]}}",
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 0, ABS_MT_POSITION_Y 0, "
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, "
	  "ABS_MT_POSITION_X 0, ABS_MT_POSITION_Y 0\n"
	  "pen: BTN_TOOL_PEN 1, ABS_X 0, ABS_Y 0, ABS_PRESSURE 0\n"
	  "gamepad: BTN_SOUTH 1\n"
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1\n"
	  "pen: BTN_TOOL_PEN 0\n"
	  "gamepad: BTN_SOUTH 0" },
	{ "heartbeat with keys only has neither pen nor pad",
	  "a " KEY("KeyA", 1) "\na " PEN("'buttons':0") "\na " PAD(
		  "1") "\n"
		       "a {'type':'held','keys':['KeyA']}",
	  "keyboard: KEY_A 1\n"
	  "pen: BTN_TOOL_PEN 1, ABS_X 0, ABS_Y 0, ABS_PRESSURE 0\n"
	  "gamepad: BTN_SOUTH 1\n"
	  "pen: BTN_TOOL_PEN 0\ngamepad: BTN_SOUTH 0" },
	{ "heartbeat of other pads, contacts and buttons",
	  "a " PAD("1") "\na " TOUCH(DOWN(7, 0, 0)) "\na " BUTTON(
		  0,
		  1) "\n"
		     "a {'type':'held','pads':[1],'contacts':{'touch_0':[8]},"
		     "'buttons':{'mouse':[1,5,65535]}}",
	  "gamepad: BTN_SOUTH 1\n"
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 0, ABS_MT_POSITION_Y 0\n"
	  "mouse: BTN_LEFT 1\n"
	  "mouse: BTN_LEFT 0\n"
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1\n"
	  "gamepad: BTN_SOUTH 0" },
	{ "heartbeat presses nothing",
	  "a {'type':'held','keys':['KeyA'],'buttons':{'mouse':[0]},"
	  "'contacts':{'touch_0':[7]},'pen':true,'pads':[0]}",
	  "" },
	{ "heartbeat is about its own client",
	  "a " KEY("KeyA", 1) "\nb {'type':'held'}", "keyboard: KEY_A 1" },

	{ "Cuttlefish: a mouse move is a whole frame",
	  "A {'type':'mouseMove','x':5,'y':-2}", "mouse: REL_X 5, REL_Y -2" },
	{ "Cuttlefish: the wheel has its sign and parts",
	  "A {'type':'mouseWheel','pixels':53}\n"
	  "A {'type':'mouseWheel','pixels':67}",
	  "mouse: REL_WHEEL_HI_RES -53\n"
	  "mouse: REL_WHEEL_HI_RES -67, REL_WHEEL -1" },
	{ "Cuttlefish: a right drag presses nothing else",
	  "A {'type':'mouseButton','button':2,'down':1}\n"
	  "A {'type':'mouseMove','x':5,'y':0}\n"
	  "A {'type':'mouseButton','button':0,'down':1}\n"
	  "A {'type':'mouseButton','button':2,'down':0}",
	  "mouse: BTN_RIGHT 1\nmouse: REL_X 5\nmouse: BTN_RIGHT 0" },
	{ "Cuttlefish: a left drag",
	  "A {'type':'mouseButton','button':0,'down':1}\n"
	  "A {'type':'mouseMove','x':5,'y':0}\n"
	  "A {'type':'mouseButton','button':0,'down':1}\n"
	  "A {'type':'mouseButton','button':0,'down':0}",
	  "mouse: BTN_LEFT 1\nmouse: REL_X 5\nmouse: BTN_LEFT 0" },
	{ "Cuttlefish: a left button after a move",
	  "A {'type':'mouseMove','x':5,'y':0}\n"
	  "A {'type':'mouseButton','button':0,'down':1}",
	  "mouse: REL_X 5\nmouse: BTN_LEFT 1" },
	{ "Cuttlefish: both buttons",
	  "A {'type':'mouseButton','button':2,'down':1}\n"
	  "A {'type':'mouseButton','button':0,'down':1}",
	  "mouse: BTN_RIGHT 1\nmouse: BTN_LEFT 1" },
	{ "Cuttlefish: fingers of a browser that goes are lifted",
	  "A {'type':'multi-touch','id':[0],'x':[10],'y':[20],'down':1,"
	  "'device_label':'display_0'}\nA bye",
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 10, ABS_MT_POSITION_Y 20\n"
	  "touch_0: ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1" },
	{ "Cuttlefish: gamepad",
	  "A {'type':'gamepadKey','id':'x','button':12,'down':1}\n"
	  "A {'type':'gamepadMotion','button':2,'value':255}\nA bye",
	  "gamepad: ABS_HAT0Y -1\ngamepad: ABS_Z 255\n"
	  "gamepad: ABS_HAT0Y 0, ABS_Z 0" },
};

static void script_becomes_frames(void **state)
{
	const struct script *row = *state;

	setup(NULL);
	play(row->script);
	if (w.rejected)
		fail_msg("%s", w.why.text);
	assert_string_equal(w.seen, row->wanted);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(scripts)];

	CASES(tests, scripts,
	      { .test_func = script_becomes_frames,
		.teardown_func = teardown });
	return cmocka_run_group_tests(tests, NULL, NULL);
}
