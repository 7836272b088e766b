/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream-client.h with stream-message.h before it and libvinject behind it: two
 * clients, a and b, and the devices of a launcher, whose ends are sockets of
 * the test. A script is lines of a client's letter and its message in ours;
 * capital letters: in the JSON of Cuttlefish's input-channel; "a bye": the
 * client is gone. What arrives is "LABEL: events" for each frame.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/stream/stream-client.h"
#include "injector/stream/stream-message.h"
#include "input/spec/spec-file.h"
#include "tests/lib/cases.h"
#include "tests/lib/event-text.h"

#define CLIENTS 2

static const struct kind {
	const char *label, *spec;
} kinds[] = {
	{ "keyboard", "keyboard" },
	{ "mouse", "mouse" },
	{ "touch_0", "multi-touchscreen" },
	{ "tablet", "tablet" },
	{ "pen", "pen" },
	{ "gamepad", "gamepad" },
	{ "rotary", "rotary" },
	{ "switches", "switches" },
	{ "gamepad_1", "gamepad" },
	{ "media_remote", "media-remote" },
};

static struct world {
	struct stream_devices devices;
	struct stream_rights rights;
	struct stream_client client[CLIENTS];
	int end[STREAM_DEVICES_MAX]; /* the devices' */
	char seen[8192];
	size_t n_seen;
	struct fault why; /* of the last message that was rejected */
	int rejected;
} w;

static void add_device(const struct kind *kind)
{
	static const struct spec_set sets[] = { { "WIDTH", "1081" },
						{ "HEIGHT", "2401" } };
	char path[64];
	struct spec spec;
	struct stream_device *d;
	int pair[2];

	snprintf(path, sizeof(path), "specs/%s.json", kind->spec);
	assert_ok(spec_file_load(&spec, path, sets,
				 strstr(path, "touch") || strstr(path, "pen")
					 ? ARRAY_LEN(sets)
					 : 0));
	d = stream_device_new(&w.devices, kind->label, &spec);
	assert_non_null(d);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	assert_ok(vinject_open_fd(d->v, pair[0]));
	assert_sys(fcntl(pair[1], F_SETFL, O_NONBLOCK));
	w.end[d->number] = pair[1];
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		add_device(&kinds[i]);
	for (uint32_t i = 0; i < CLIENTS; i++)
		stream_client_init(&w.client[i], &w.devices, &w.rights, i + 1);
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (w.devices.at[i]) {
			stream_device_free(&w.devices, w.devices.at[i]);
			close(w.end[i]);
		}
	return 0;
}

/* Note the frames of a device. */
static void look_at(const struct stream_device *d)
{
	struct vi_event ev[512];
	const ssize_t len = read(w.end[d->number], ev, sizeof(ev));
	const size_t n = len > 0 ? (size_t)len / sizeof(*ev) : 0;
	size_t start = 0;

	for (size_t i = 0; i < n; i++) {
		char *text;

		if (!vi_is_syn_report(&ev[i]))
			continue;
		text = event_text_write(ev + start, i - start);
		w.n_seen += (size_t)snprintf(
			w.seen + w.n_seen, sizeof(w.seen) - w.n_seen,
			"%s%s: %s", w.n_seen ? "\n" : "", d->label, text);
		free(text);
		start = i + 1;
	}
	assert_num(start, n); /* no frame was left open */
}

static void look(void)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (w.devices.at[i])
			look_at(w.devices.at[i]);
}

static void play_line(const char *line, size_t len)
{
	static struct stream_message m;
	const bool cuttlefish = *line < 'a';
	struct stream_client *c = &w.client[(*line | 32) - 'a'];
	char text[1024];

	assert_true(len > 2 && len < sizeof(text));
	for (size_t i = 2; i < len; i++)
		text[i - 2] = line[i] == '\'' ? '"' : line[i];
	if (len == 5 && !strncmp(line + 2, "bye", 3)) {
		stream_client_release(c);
		look();
		return;
	}
	if (stream_message_read(
		    &m, cuttlefish ? STREAM_CUTTLEFISH_INPUT : STREAM_OURS,
		    text, len - 2, &w.why))
		fail_msg("%.*s: %s", (int)len, line, w.why.text);
	if (stream_client_take(c, &m, &w.why))
		w.rejected++;
	look();
}

static void play(const char *script)
{
	while (*script) {
		const size_t len = strcspn(script, "\n");

		play_line(script, len);
		script += len + (script[len] == '\n');
	}
}

struct script {
	const char *name, *script, *wanted;
};

#define TOUCH(rest)    "{'type':'touch','contacts':[" rest "]}"
#define DOWN(id, x, y) "{'id':" #id ",'down':true,'x':" #x ",'y':" #y "}"
#define UP(id)	       "{'id':" #id ",'down':false}"
#define KEY(code, is)  "{'type':'key','code':'" code "','down':" #is "}"
#define BUTTON(n, is)  "{'type':'button','button':" #n ",'down':" #is "}"

#define PEN(rest)    "{'type':'pen','near':1,'x':0,'y':0,'pressure':0," rest "}"
#define PAD(buttons) "{'type':'pad','pad':0,'buttons':[" buttons "],'axes':[]}"

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
	static const struct CMUnitTest plain[] = {
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
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(scripts)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), scripts,
	      { .test_func = script_becomes_frames,
		.teardown_func = teardown });
	return cmocka_run_group_tests(tests, NULL, NULL);
}
