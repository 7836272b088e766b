/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream-message.h. Actions are written as text, as in "touch touch_0 7 down
 * 0.5 0.25", one after the other with commas between.
 */
#include <errno.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>

#include "injector/stream/stream-message.h"
#include "injector/stream/stream-parse.h"
#include "input/spec/spec-names.h"
#include "tests/lib/cases.h"

static struct stream_message message;

static void write_details(FILE *out, const struct stream_action *a)
{
	if (a->cuttlefish)
		fprintf(out, " cuttlefish");
	if (a->given & STREAM_HAS_PRESSURE)
		fprintf(out, " pressure %g", a->pressure);
	if (a->given & STREAM_HAS_SIZE)
		fprintf(out, " size %g %g", a->major, a->minor);
	if (a->given & STREAM_HAS_TILT)
		fprintf(out, " tilt %g %g", a->tilt_x, a->tilt_y);
	if (a->buttons)
		fprintf(out, " buttons %u", a->buttons);
	if (a->eraser)
		fprintf(out, " eraser");
}

static void write_contact(FILE *out, const struct stream_action *a)
{
	fprintf(out, " %d %s", (int)a->id, a->down ? "down" : "up");
	if (a->given & STREAM_HAS_POSITION)
		fprintf(out, " %g %g", a->x, a->y);
	write_details(out, a);
}

static void write_rest(FILE *out, const struct stream_action *a)
{
	const char *way = a->down ? "down" : "up";

	switch (a->kind) {
	case STREAM_HELLO:
	case STREAM_ROTATE:
		fprintf(out, " %u", a->code);
		return;
	case STREAM_KEY:
		fprintf(out, " %s %s%s", names_code(EV_KEY, a->code), way,
			a->repeat ? " repeat" : "");
		return;
	case STREAM_BUTTON:
		fprintf(out, " %u %s", a->code, way);
		return;
	case STREAM_MOTION:
	case STREAM_WHEEL:
	case STREAM_TURN:
	case STREAM_POSITION:
		fprintf(out, " %g %g", a->x, a->y);
		return;
	case STREAM_TOUCH:
		write_contact(out, a);
		return;
	case STREAM_PEN:
		fprintf(out, " %s", a->down ? "near" : "away");
		if (a->down)
			fprintf(out, " %g %g", a->x, a->y);
		write_details(out, a);
		return;
	case STREAM_PAD_BUTTON:
	case STREAM_PAD_AXIS:
		fprintf(out, " %d %u %g", (int)a->id, a->code, a->x);
		return;
	case STREAM_PAD_EVENT:
		fprintf(out, " %s %g", names_code(EV_ABS, a->code), a->x);
		return;
	case STREAM_PAD_GONE:
	case STREAM_PING:
		fprintf(out, " %d", (int)a->id);
		return;
	case STREAM_SWITCH:
		fprintf(out, " %s %s", names_code(EV_SW, a->code),
			a->down ? "on" : "off");
		return;
	case STREAM_TEXT:
		fprintf(out, " %s%s%s%s", message.text,
			message.layout[0] ? " in " : "", message.layout,
			a->down ? "" : " check");
		return;
	case STREAM_OFFER:
		fprintf(out, " %s", message.text);
		return;
	case STREAM_LAYOUTS:
		return;
	}
}

static void write_action(FILE *out, const struct stream_action *a)
{
	static const char *const names[] = {
		[STREAM_HELLO] = "hello",
		[STREAM_KEY] = "key",
		[STREAM_BUTTON] = "button",
		[STREAM_MOTION] = "motion",
		[STREAM_WHEEL] = "wheel",
		[STREAM_TURN] = "turn",
		[STREAM_POSITION] = "position",
		[STREAM_TOUCH] = "touch",
		[STREAM_PEN] = "pen",
		[STREAM_PAD_BUTTON] = "pad button",
		[STREAM_PAD_AXIS] = "pad axis",
		[STREAM_PAD_EVENT] = "pad event",
		[STREAM_PAD_GONE] = "pad gone",
		[STREAM_SWITCH] = "switch",
		[STREAM_TEXT] = "text",
		[STREAM_LAYOUTS] = "layouts",
		[STREAM_OFFER] = "offer",
		[STREAM_ROTATE] = "rotate",
		[STREAM_PING] = "ping",
	};

	fputs(names[a->kind], out);
	if (a->label[0])
		fprintf(out, " %s", a->label);
	if (a->number >= 0)
		fprintf(out, " #%d", a->number);
	write_rest(out, a);
}

static const char *written(void)
{
	static char text[4096];
	FILE *out = fmemopen(text, sizeof(text), "w");

	memset(text, 0, sizeof(text));
	if (message.is_held)
		fputs("held: ", out);
	for (size_t i = 0; i < message.n; i++) {
		fputs(i ? ", " : "", out);
		write_action(out, &message.action[i]);
	}
	fclose(out);
	return text;
}

struct message {
	const char *name;
	enum stream_dialect dialect;
	const char *text, *wanted;
};

static const struct message messages[] = {
	{ "hello", STREAM_OURS, "{'type':'hello','version':1}", "hello 1" },
	{ "key", STREAM_OURS, "{'type':'key','code':'KeyA','down':true}",
	  "key KEY_A down" },
	{ "repeated key", STREAM_OURS,
	  "{'type':'key','code':'IntlBackslash','down':1,'repeat':true}",
	  "key KEY_102ND down repeat" },
	{ "key of a device", STREAM_OURS,
	  "{'type':'key','code':'Power','down':0,'device':'media_remote'}",
	  "key media_remote KEY_POWER up" },
	{ "button", STREAM_OURS, "{'type':'button','button':4,'down':true}",
	  "button 4 down" },
	{ "motion", STREAM_OURS, "{'type':'motion','x':-3,'y':2.5}",
	  "motion -3 2.5" },
	{ "wheel up is positive in the kernel", STREAM_OURS,
	  "{'type':'wheel','x':30,'y':-120}", "wheel 30 120" },
	{ "rotary", STREAM_OURS, "{'type':'turn','y':120}", "turn 0 -120" },
	{ "position", STREAM_OURS,
	  "{'type':'position','x':0.5,'y':1,'device':'tablet'}",
	  "position tablet 0.5 1" },
	{ "two contacts", STREAM_OURS,
	  "{'type':'touch','device':'touch_0','contacts':["
	  "{'id':7,'down':true,'x':0.5,'y':0.25,'pressure':0.5,"
	  "'major':0.1,'minor':0.05},{'id':-1,'down':false}]}",
	  "touch touch_0 7 down 0.5 0.25 pressure 0.5 size 0.1 0.05, "
	  "touch touch_0 -1 up" },
	{ "pen", STREAM_OURS,
	  "{'type':'pen','near':true,'x':0,'y':1,'pressure':0.5,'tiltX':-30,"
	  "'tiltY':60,'buttons':5,'eraser':true}",
	  "pen near 0 1 pressure 0.5 tilt -30 60 buttons 5 eraser" },
	{ "pen away", STREAM_OURS, "{'type':'pen','near':false}", "pen away" },
	{ "pad", STREAM_OURS,
	  "{'type':'pad','pad':1,'buttons':[0,1],'axes':[-1,0.5]}",
	  "pad button 1 0 0, pad button 1 1 1, pad axis 1 0 -1, "
	  "pad axis 1 1 0.5" },
	{ "pad gone", STREAM_OURS, "{'type':'pad','pad':2,'gone':true}",
	  "pad gone 2" },
	{ "switch", STREAM_OURS,
	  "{'type':'switch','name':'tablet_mode','on':true}",
	  "switch SW_TABLET_MODE on" },
	{ "text", STREAM_OURS, "{'type':'text','text':'h\\u00e9'}",
	  "text h\xc3\xa9" },
	{ "text in a layout", STREAM_OURS,
	  "{'type':'text','text':'y','layout':'de(neo)'}",
	  "text y in de(neo)" },
	{ "text that is checked", STREAM_OURS,
	  "{'type':'text','text':'y','check':true}", "text y check" },
	{ "layouts", STREAM_OURS, "{'type':'layouts'}", "layouts" },
	{ "offer", STREAM_OURS, "{'type':'offer','sdp':'v=0'}", "offer v=0" },
	{ "rotate", STREAM_OURS, "{'type':'rotate','degrees':270}",
	  "rotate 270" },
	{ "ping", STREAM_OURS, "{'type':'ping','id':7}", "ping 7" },
	{ "heartbeat", STREAM_OURS,
	  "{'type':'held','keys':['KeyA'],'buttons':{'mouse':[0],'':[1]},"
	  "'contacts':{'touch_0':[7]},'pen':true,'pads':[1]}",
	  "held: key KEY_A up, button mouse 0 up, button 1 up, "
	  "touch touch_0 7 up, pen away, pad gone 1" },
	{ "heartbeat of nothing", STREAM_OURS, "{'type':'held'}", "held: " },
	{ "heartbeat of a key that the kernel lacks", STREAM_OURS,
	  "{'type':'held','keys':['FnLock','KeyB']}",
	  "held: key KEY_RESERVED up, key KEY_B up" },

	{ "mouseMove", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'mouseMove','x':5,'y':-2}", "motion 5 -2" },
	{ "mouseButton", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'mouseButton','button':3,'down':1}", "button 3 down" },
	{ "mouseWheel", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'mouseWheel','pixels':120}", "wheel 0 -120" },
	{ "wheel of the rotary", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'wheel','pixels':-53}", "turn 0 53" },
	{ "keyboard", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'keyboard','keycode':'Enter','event_type':'keydown'}",
	  "key KEY_ENTER down" },
	{ "control of the keyboard dialog", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'keyboard','keycode':'CtrlLeft','event_type':'keydown'}",
	  "key KEY_LEFTCTRL down" },
	{ "keyup", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'keyboard','keycode':'Enter','event_type':'keyup'}",
	  "key KEY_ENTER up" },
	{ "multi-touch", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'multi-touch','id':[0,1],'x':[10,20],'y':[30,40.5],"
	  "'down':1,'device_label':'display_0'}",
	  "touch display_0 0 down 10 30 cuttlefish, "
	  "touch display_0 1 down 20 40.5 cuttlefish" },
	{ "multi-touch of a touchpad", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'multi-touch','id':[3],'x':[1],'y':[-2],'down':0,"
	  "'device_label':'touch_1'}",
	  "touch touch_1 3 up 1 -2 cuttlefish" },
	{ "gamepadKey", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'gamepadKey','id':'a pad','button':16,'down':1}",
	  "pad button 0 16 1" },
	{ "gamepadMotion", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'gamepadMotion','button':2,'value':255}",
	  "pad event ABS_Z 255" },
	{ "unknown member of Cuttlefish's", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'mouseMove','x':5,'y':-2,'new':[]}", "motion 5 -2" },

	{ "power", STREAM_CUTTLEFISH_CONTROL,
	  "{'command':'power','button_state':'down'}", "key KEY_POWER down" },
	{ "home", STREAM_CUTTLEFISH_CONTROL,
	  "{'command':'home','button_state':'up'}", "key KEY_HOMEPAGE up" },
	{ "lid closed", STREAM_CUTTLEFISH_CONTROL,
	  "{'command':'device_state','lid_switch_open':false}",
	  "switch SW_LID on" },
	{ "hinge", STREAM_CUTTLEFISH_CONTROL,
	  "{'command':'device_state','hinge_angle_value':90}", "" },
	{ "camera", STREAM_CUTTLEFISH_CONTROL,
	  "{'command':'camera_settings','width':640}", "" },
};

/* The rows are easier to read with ' than with \". */
static size_t unquoted(char *to, const char *from)
{
	size_t n = 0;

	for (; from[n]; n++)
		to[n] = from[n] == '\'' ? '"' : from[n];
	to[n] = '\0';
	return n;
}

static int read_row(const struct message *row, struct fault *why)
{
	char text[1024];
	const size_t len = unquoted(text, row->text);

	return stream_message_read(&message, row->dialect, text, len, why);
}

static void message_becomes_actions(void **state)
{
	const struct message *row = *state;
	struct fault why = { "" };

	if (read_row(row, &why))
		fail_msg("%s", why.text);
	assert_string_equal(written(), row->wanted);
}

/* Of these, wanted is part of the fault: the words are jansson's. */
static const struct message malformed[] = {
	{ "empty", STREAM_OURS, "", "line 1, column 0" },
	{ "not JSON", STREAM_OURS, "{'type':", "line 1, column" },
	{ "more than JSON", STREAM_OURS, "{'type':'held'} x", "line 1" },
	{ "NUL", STREAM_OURS, "{'type':'text','text':'\\u0000'}",
	  "\\u0000 is not allowed" },
	{ "twice", STREAM_OURS, "{'type':'held','type':'held'}",
	  "duplicate object key" },
	{ "bad UTF-8", STREAM_OURS, "{'type':'text','text':'\xff'}",
	  "unable to decode byte 0xff" },
	{ "NaN", STREAM_OURS, "{'type':'motion','x':NaN,'y':0}",
	  "invalid token" },
	{ "infinite", STREAM_OURS, "{'type':'motion','x':1e999,'y':0}",
	  "real number overflow" },
};

static void text_is_rejected(void **state)
{
	const struct message *row = *state;
	struct fault why = { "" };

	assert_rc(read_row(row, &why), -EINVAL);
	if (!strstr(why.text, row->wanted))
		fail_msg("%s", why.text);
}

/* wanted: the fault. */
static const struct message wrong[] = {
	{ "array", STREAM_OURS, "[1]", "a message must be an object" },
	{ "long name of a layout", STREAM_OURS,
	  "{'type':'text','text':'a','layout':'"
	  "0123456789012345678901234567890123456789012345678901234567890123'}",
	  "text: layout: longer than 63 bytes" },
	{ "no type", STREAM_OURS, "{}", "message: type is required" },
	{ "number as type", STREAM_OURS, "{'type':1}",
	  "message: type: must be a string" },
	{ "mistyped type", STREAM_OURS, "{'type':'tuch'}",
	  "message: unknown type tuch; did you mean touch?" },
	{ "version 0", STREAM_OURS, "{'type':'hello','version':0}",
	  "hello: version: must be an integer from 1 to 65535" },
	{ "unknown code", STREAM_OURS,
	  "{'type':'key','code':'KeyÄ','down':true}",
	  "key: no KeyboardEvent has the code KeyÄ" },
	{ "code that Linux lacks", STREAM_OURS,
	  "{'type':'key','code':'FnLock','down':true}",
	  "key: Linux has no such key" },
	{ "down missing", STREAM_OURS, "{'type':'key','code':'KeyA'}",
	  "key: down is required" },
	{ "down 2", STREAM_OURS, "{'type':'key','code':'KeyA','down':2}",
	  "key: down: must be true or false" },
	{ "another member", STREAM_OURS,
	  "{'type':'key','code':'KeyA','down':1,'up':0}",
	  "key: 1 unknown member" },
	{ "long label", STREAM_OURS,
	  "{'type':'motion','x':1,'y':1,"
	  "'device':'123456789012345678901234567890123'}",
	  "motion: device: longer than 32 bytes" },
	{ "button 5", STREAM_OURS, "{'type':'button','button':5,'down':true}",
	  "button: button: must be an integer from 0 to 4" },
	{ "button 1.5", STREAM_OURS,
	  "{'type':'button','button':1.5,'down':true}",
	  "button: button: must be an integer from 0 to 4" },
	{ "far", STREAM_OURS, "{'type':'motion','x':32768,'y':0}",
	  "motion: x: must be a number from -32767 to 32767" },
	{ "many notches", STREAM_OURS, "{'type':'wheel','x':0,'y':12001}",
	  "wheel: y: must be an integer from -12000 to 12000" },
	{ "outside", STREAM_OURS, "{'type':'position','x':1.01,'y':0}",
	  "position: x: must be a number from 0 to 1" },
	{ "contact outside", STREAM_OURS,
	  "{'type':'touch','contacts':[{'id':1,'down':true,'x':0,'y':-0.1}]}",
	  "touch: contacts[0]: y: must be a number from 0 to 1" },
	{ "contact without position", STREAM_OURS,
	  "{'type':'touch','contacts':[{'id':1,'down':true}]}",
	  "touch: contacts[0]: x is required" },
	{ "contact that is a number", STREAM_OURS,
	  "{'type':'touch','contacts':[1]}",
	  "touch: contacts[0]: must be an object" },
	{ "contact with another member", STREAM_OURS,
	  "{'type':'touch','contacts':[{'id':1,'down':false,'z':1}]}",
	  "touch: contacts[0]: 1 unknown member" },
	{ "tilt", STREAM_OURS,
	  "{'type':'pen','near':true,'x':0,'y':0,'pressure':0,'tiltX':91,"
	  "'tiltY':0}",
	  "pen: tiltX: must be a number from -90 to 90" },
	{ "ninth pad", STREAM_OURS, "{'type':'pad','pad':8,'gone':true}",
	  "pad: pad: must be an integer from 0 to 7" },
	{ "trigger beyond its end", STREAM_OURS,
	  "{'type':'pad','pad':0,'buttons':[1.5],'axes':[]}",
	  "pad: buttons: must be a number from 0 to 1" },
	{ "five axes", STREAM_OURS,
	  "{'type':'pad','pad':0,'buttons':[],'axes':[0,0,0,0,0]}",
	  "pad: axes: must be an array of at most 4" },
	{ "unknown switch", STREAM_OURS,
	  "{'type':'switch','name':'max','on':true}",
	  "switch: no such switch; lid is one" },
	{ "degrees", STREAM_OURS, "{'type':'rotate','degrees':45}",
	  "rotate: degrees: must be 0, 90, 180 or 270" },
	{ "ping without a number", STREAM_OURS, "{'type':'ping'}",
	  "ping: id is required" },
	{ "held keys that are numbers", STREAM_OURS,
	  "{'type':'held','keys':[1]}", "held: keys: must be strings" },
	{ "held button without a device", STREAM_OURS,
	  "{'type':'held','buttons':[0]}", "held: buttons: must be an object" },
	{ "held button that is no array", STREAM_OURS,
	  "{'type':'held','buttons':{'mouse':0}}",
	  "held: devices must have arrays" },
	{ "held button of a long label", STREAM_OURS,
	  "{'type':'held','buttons':{'123456789012345678901234567890123':[0]}}",
	  "held: buttons: no such device" },
	{ "contact that lifts, with half a position", STREAM_OURS,
	  "{'type':'touch','contacts':[{'id':1,'down':false,'x':0}]}",
	  "touch: contacts[0]: y is required" },
	{ "two contacts, the first is named", STREAM_OURS,
	  "{'type':'touch','contacts':[{'id':1,'down':true},{'id':'2'}]}",
	  "touch: contacts[0]: x is required" },
	{ "two unknown members", STREAM_OURS,
	  "{'type':'key','code':'KeyA','down':1,'up':0,'left':0}",
	  "key: 2 unknown members" },
	{ "held contact that is a string", STREAM_OURS,
	  "{'type':'held','contacts':{'touch_0':['1']}}",
	  "held: held: must be a number from -2.14748e+09 to 2.14748e+09" },

	{ "Cuttlefish: unknown type", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'hello','version':1}", "input-channel: unknown type hello" },
	{ "Cuttlefish: event_type", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'keyboard','keycode':'KeyA','event_type':'keypress'}",
	  "keyboard: event_type: must be keydown or keyup" },
	{ "Cuttlefish: arrays", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'multi-touch','id':[0,1],'x':[10],'y':[30,40],"
	  "'down':1,'device_label':'display_0'}",
	  "multi-touch: id, x and y: must have one length" },
	{ "Cuttlefish: label", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'multi-touch','id':[0],'x':[10],'y':[30],'down':1,"
	  "'device_label':'display_45678901234567890123456789012345'}",
	  "multi-touch: device_label: no such device" },
	{ "Cuttlefish: axis", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'gamepadMotion','button':47,'value':0}",
	  "gamepadMotion: button: must be an integer from 0 to 23" },
	{ "Cuttlefish: button_state", STREAM_CUTTLEFISH_CONTROL,
	  "{'command':'power','button_state':'half'}",
	  "device-control: button_state: must be down or up" },
	{ "Cuttlefish: no command", STREAM_CUTTLEFISH_CONTROL, "{}",
	  "device-control: command is required" },
	{ "Cuttlefish: array", STREAM_CUTTLEFISH_CONTROL, "[]",
	  "a message must be an object" },
	{ "Cuttlefish: key that Linux lacks", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'keyboard','keycode':'FnLock','event_type':'keyup'}",
	  "keyboard: Linux has no such key" },
	{ "Cuttlefish: eighteenth button", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'gamepadKey','id':'x','button':17,'down':1}",
	  "gamepadKey: button: must be an integer from 0 to 16" },
	{ "Cuttlefish: label that just does not fit", STREAM_CUTTLEFISH_INPUT,
	  "{'type':'multi-touch','id':[0],'x':[10],'y':[30],'down':1,"
	  "'device_label':'display_4567890123456789012345678'}",
	  "multi-touch: device_label: no such device" },
};

static void message_is_rejected(void **state)
{
	const struct message *row = *state;
	struct fault why = { "" };

	assert_rc(read_row(row, &why), -EINVAL);
	assert_string_equal(why.text, row->wanted);
}

static void huge_message_is_rejected(void **state)
{
	static char text[STREAM_MESSAGE_MAX + 1];
	struct fault why;

	memset(text, ' ', sizeof(text));
	memcpy(text, "{\"type\":\"held\"}", 15);
	assert_ok(stream_message_read(&message, STREAM_OURS, text,
				      sizeof(text) - 1, &why));
	assert_rc(stream_message_read(&message, STREAM_OURS, text, sizeof(text),
				      &why),
		  -EINVAL);
	assert_string_equal(why.text, "16385 bytes: must be at most 16384");
}

static void deep_message_is_rejected(void **state)
{
	char text[1024];
	struct fault why;

	memset(text, '[', sizeof(text));
	assert_rc(stream_message_read(&message, STREAM_OURS, text, sizeof(text),
				      &why),
		  -EINVAL);
	assert_string_equal(why.text, "nested more than 8 deep");
}

/* What is quoted is not nested, and what is closed not any more. */
static void depth_is_that_of_the_text(void **state)
{
	static const struct {
		const char *text;
		bool deep;
	} rows[] = {
		{ "[[[[[[[[1]]]]]]]]", false },
		{ "[[[[[[[[[1]]]]]]]]]", true },
		{ "[{'a':[{'a':[{'a':[{'a':1}]}]}]}]", false },
		{ "[{'a':[{'a':[{'a':[{'a':[1]}]}]}]}]", true },
		{ "['[[[[[[[[[']", false },
		{ "['\\'[[[[[[[[[']", false },
		{ "['\\\\',[[[[[[[[[1]]]]]]]]]]", true },
		{ "['',[[[[[[[[[1]]]]]]]]]]", true },
		{ "[']',[[[[[[[[1]]]]]]]]]", true },
		{ "[[],[],[],[],[],[],[],[],[],[]]", false },
		{ "[{},{},{},{},{},{},{},{},{},{}]", false },
		{ "[1,2,'a','b',3,4,5,6,7,8,9,[[[[[[[[1]]]]]]]]]", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fault why = { "" };
		char text[64];
		const size_t len = unquoted(text, rows[i].text);
		json_t *json = stream_parse(text, len, len, &why);

		assert_string_equal(why.text,
				    rows[i].deep ? "nested more than 8 deep"
						 : "");
		json_decref(json);
	}
}

/* In a heartbeat, which has no smaller limit by itself. */
static void number_of_actions_is_limited(void **state)
{
	char text[1024];
	struct fault why;
	int n = sprintf(text, "{\"type\":\"held\",\"buttons\":{\"mouse\":[0");

	for (int i = 0; i < STREAM_ACTIONS_MAX; i++)
		n += sprintf(text + n, ",1");
	n += sprintf(text + n, "]}}");
	assert_rc(stream_message_read(&message, STREAM_OURS, text, (size_t)n,
				      &why),
		  -EINVAL);
	assert_string_equal(why.text, "held: more than 64 in a message");
}

/* --- binary --- */

struct record {
	const char *name;
	uint8_t bytes[32];
	size_t len;
	const char *wanted; /* the actions, or in the fault */
	int rc;
};

static const struct record records[] = {
	{ "nothing", { 0 }, 0, "", 0 },
	{ "motion", { 1, 255, 0xfb, 0xff, 2, 0 }, 6, "motion -5 2", 0 },
	{ "wheel of device 3",
	  { 2, 3, 120, 0, 0x88, 0xff },
	  6,
	  "wheel #3 120 120",
	  0 },
	{ "position", { 3, 0, 0xff, 0xff, 0, 0 }, 6, "position #0 1 0", 0 },
	{ "contact",
	  { 4, 1, 7, 0, 0, 0, 0, 0, 0xff, 0xff },
	  10,
	  "touch #1 7 down 0 1",
	  0 },
	{ "contact with its size",
	  { 5, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0xff,
	    0xff },
	  16,
	  "touch #1 -1 down 0 0 pressure 1 size 0 1",
	  0 },
	{ "lift", { 6, 1, 7, 0, 0, 0 }, 6, "touch #1 7 up", 0 },
	{ "pen",
	  { 7, 2, 0, 0, 0xff, 0xff, 0, 0, 0xe2, 60, 9 },
	  11,
	  "pen #2 near 0 1 pressure 0 tilt -30 60 buttons 1 eraser",
	  0 },
	{ "two",
	  { 1, 255, 1, 0, 0, 0, 6, 1, 7, 0, 0, 0 },
	  12,
	  "motion 1 0, touch #1 7 up",
	  0 },
	{ "opcode 0", { 0, 255 }, 2, "byte 0: not a whole record", -EINVAL },
	{ "opcode 8",
	  { 8, 255, 0, 0, 0, 0 },
	  6,
	  "byte 0: not a whole record",
	  -EINVAL },
	{ "one byte", { 1 }, 1, "byte 0: not a whole record", -EINVAL },
	{ "short",
	  { 1, 255, 1, 0, 0, 0, 1, 255, 1, 0, 0 },
	  11,
	  "byte 6: not a whole record",
	  -EINVAL },
	{ "contact with its sizes apart",
	  { 5, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0 },
	  16,
	  "touch #1 1 down 0 0 pressure 0 size 1 0",
	  0 },
	{ "pen that presses only",
	  { 7, 2, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0 },
	  11,
	  "pen #2 near 0 0 pressure 1 tilt 0 0",
	  0 },
	{ "pen to its limits",
	  { 7, 2, 0, 0, 0, 0, 0, 0, 90, 0xa6, 15 },
	  11,
	  "pen #2 near 0 0 pressure 0 tilt 90 -90 buttons 7 eraser",
	  0 },
	{ "pen to its other limits",
	  { 7, 2, 0, 0, 0, 0, 0, 0, 0xa6, 90, 0 },
	  11,
	  "pen #2 near 0 0 pressure 0 tilt -90 90",
	  0 },
	{ "negative tilt",
	  { 7, 2, 0, 0, 0, 0, 0, 0, 0xa5, 0, 0 },
	  11,
	  "byte 0: pen out of range",
	  -EINVAL },
	{ "tilt in y",
	  { 7, 2, 0, 0, 0, 0, 0, 0, 0, 91, 0 },
	  11,
	  "byte 0: pen out of range",
	  -EINVAL },
	{ "negative tilt in y",
	  { 7, 2, 0, 0, 0, 0, 0, 0, 0, 0xa5, 0 },
	  11,
	  "byte 0: pen out of range",
	  -EINVAL },
	{ "tilt",
	  { 7, 2, 0, 0, 0, 0, 0, 0, 91, 0, 0 },
	  11,
	  "byte 0: pen out of range",
	  -EINVAL },
	{ "pen's buttons",
	  { 7, 2, 0, 0, 0, 0, 0, 0, 0, 0, 16 },
	  11,
	  "byte 0: pen out of range",
	  -EINVAL },
};

static void records_become_actions(void **state)
{
	const struct record *row = *state;
	struct fault why = { "" };

	/* Of the message before. */
	message.is_held = true;
	assert_rc(stream_message_read_binary(&message, row->bytes, row->len,
					     &why),
		  row->rc);
	if (!row->rc)
		assert_string_equal(written(), row->wanted);
	else
		assert_string_equal(why.text, row->wanted);
}

static void number_of_records_is_limited(void **state)
{
	uint8_t bytes[6 * (STREAM_ACTIONS_MAX + 1)] = { 0 };
	struct fault why;

	for (size_t i = 0; i < sizeof(bytes); i += 6)
		bytes[i] = 1;
	assert_ok(stream_message_read_binary(&message, bytes, sizeof(bytes) - 6,
					     &why));
	assert_num(message.n, STREAM_ACTIONS_MAX);
	assert_rc(stream_message_read_binary(&message, bytes, sizeof(bytes),
					     &why),
		  -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(huge_message_is_rejected),
		cmocka_unit_test(deep_message_is_rejected),
		cmocka_unit_test(depth_is_that_of_the_text),
		cmocka_unit_test(number_of_actions_is_limited),
		cmocka_unit_test(number_of_records_is_limited),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(messages) +
				ARRAY_LEN(malformed) + ARRAY_LEN(wrong) +
				ARRAY_LEN(records)];
	struct CMUnitTest *at = tests + ARRAY_LEN(plain);

	memcpy(tests, plain, sizeof(plain));
	CASES(at, messages, { .test_func = message_becomes_actions });
	at += ARRAY_LEN(messages);
	CASES(at, malformed, { .test_func = text_is_rejected });
	at += ARRAY_LEN(malformed);
	CASES(at, wrong, { .test_func = message_is_rejected });
	at += ARRAY_LEN(wrong);
	CASES(at, records, { .test_func = records_become_actions });
	return cmocka_run_group_tests(tests, NULL, NULL);
}
