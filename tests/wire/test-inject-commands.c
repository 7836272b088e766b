/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-inject without a device: the frames of its commands, by dry runs, and
 * what it rejects, with which error and exit status.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/lib/check.h"
#include "tests/lib/inject-once.h"

static const struct {
	const char *line, *out;
} dry[] = {
	{ "key ctrl+c", HEAD "0.000000 KEY_LEFTCTRL=1\n"
			     "0.000000 KEY_C=1\n"
			     "0.020000 KEY_C=0\n"
			     "0.020000 KEY_LEFTCTRL=0\n" },
	{ "key a b --hold=1s --delay=0.5s", HEAD "0.000000 KEY_A=1\n"
						 "1.000000 KEY_A=0\n"
						 "1.500000 KEY_B=1\n"
						 "2.500000 KEY_B=0\n" },
	{ "key --down shift then key a --count 2 then key --up shift",
	  HEAD "0.000000 KEY_LEFTSHIFT=1\n"
	       "0.000000 KEY_A=1\n0.020000 KEY_A=0\n"
	       "0.070000 KEY_A=1\n0.090000 KEY_A=0\n"
	       "0.090000 KEY_LEFTSHIFT=0\n" },
	{ "key --down a then release", HEAD "0.000000 KEY_A=1\n"
					    "0.000000 KEY_A=0\n" },
	/* Shift is pressed once for neighbours that need it. */
	{ "type ABc --delay=10", HEAD "0.000000 KEY_LEFTSHIFT=1\n"
				      "0.000000 KEY_A=1\n0.005000 KEY_A=0\n"
				      "0.010000 KEY_B=1\n0.015000 KEY_B=0\n"
				      "0.020000 KEY_LEFTSHIFT=0\n"
				      "0.020000 KEY_C=1\n0.025000 KEY_C=0\n" },
	{ "type '@' --layout=de --delay=0", HEAD "0.000000 KEY_RIGHTALT=1\n"
						 "0.000000 KEY_Q=1\n"
						 "0.000000 KEY_Q=0\n"
						 "0.000000 KEY_RIGHTALT=0\n" },
	{ "type a b --delay=0",
	  HEAD "0.000000 KEY_A=1\n0.000000 KEY_A=0\n"
	       "0.000000 KEY_SPACE=1\n0.000000 KEY_SPACE=0\n"
	       "0.000000 KEY_B=1\n0.000000 KEY_B=0\n" },
	{ "type --delay=0 -- --", HEAD "0.000000 KEY_MINUS=1\n"
				       "0.000000 KEY_MINUS=0\n"
				       "0.000000 KEY_MINUS=1\n"
				       "0.000000 KEY_MINUS=0\n" },
	{ "type --delay=0 -- '' then",
	  HEAD "0.000000 KEY_SPACE=1\n0.000000 KEY_SPACE=0\n"
	       "0.000000 KEY_T=1\n0.000000 KEY_T=0\n"
	       "0.000000 KEY_H=1\n0.000000 KEY_H=0\n"
	       "0.000000 KEY_E=1\n0.000000 KEY_E=0\n"
	       "0.000000 KEY_N=1\n0.000000 KEY_N=0\n" },
	/* What an earlier command holds is released for the text. */
	{ "key --down shift then type a1 --delay=0 --clear-modifiers then "
	  "key f1 --hold=0",
	  HEAD "0.000000 KEY_LEFTSHIFT=1\n0.000000 KEY_LEFTSHIFT=0\n"
	       "0.000000 KEY_A=1\n0.000000 KEY_A=0\n"
	       "0.000000 KEY_1=1\n0.000000 KEY_1=0\n"
	       "0.000000 KEY_LEFTSHIFT=1\n"
	       "0.000000 KEY_F1=1\n0.000000 KEY_F1=0\n" },
	{ "key --down f1+shift then type a --delay=0 --clear-modifiers",
	  HEAD "0.000000 KEY_F1=1\n0.000000 KEY_LEFTSHIFT=1\n"
	       "0.000000 KEY_LEFTSHIFT=0\n"
	       "0.000000 KEY_A=1\n0.000000 KEY_A=0\n"
	       "0.000000 KEY_LEFTSHIFT=1\n" },
	{ "key --down f1 then type a --delay=0",
	  HEAD "0.000000 KEY_F1=1\n0.000000 KEY_A=1\n0.000000 KEY_A=0\n" },
	{ "click then click right --count=2 --delay=80",
	  HEAD "0.000000 BTN_LEFT=1\n0.020000 BTN_LEFT=0\n"
	       "0.020000 BTN_RIGHT=1\n0.040000 BTN_RIGHT=0\n"
	       "0.120000 BTN_RIGHT=1\n0.140000 BTN_RIGHT=0\n" },
	{ "click left right --hold=0 --delay=0",
	  HEAD "0.000000 BTN_LEFT=1\n0.000000 BTN_LEFT=0\n"
	       "0.000000 BTN_RIGHT=1\n0.000000 BTN_RIGHT=0\n" },
	{ "move -5 7", HEAD "0.000000 REL_X=-5 REL_Y=7\n" },
	/* No fraction of a step is lost. */
	{ "move 10 -1 --duration=30 --rate=100 --easing=linear",
	  HEAD "0.010000 REL_X=3\n0.020000 REL_X=4 REL_Y=-1\n"
	       "0.030000 REL_X=3\n" },
	{ "moveto 0 0 100 50 --duration=20 --rate=100 --easing=linear",
	  HEAD "0.000000 ABS_X=0 ABS_Y=0\n0.010000 ABS_X=50 ABS_Y=25\n"
	       "0.020000 ABS_X=100 ABS_Y=50\n" },
	/* The axes of a tablet are 0..32767, whatever the screen's size. */
	{ "moveto 50% 100%", HEAD "0.000000 ABS_X=16384 ABS_Y=32767\n" },
	{ "--size=101x201 moveto 50% 100% 25 0 --duration=10 --rate=100",
	  HEAD "0.000000 ABS_X=16384 ABS_Y=32767\n"
	       "0.010000 ABS_X=8192 ABS_Y=0\n" },
	{ "--spec=pen --set WIDTH=100 --set HEIGHT=400 --size=11x11 "
	  "pen 5 50% --hover",
	  HEAD "0.000000 BTN_TOOL_PEN=1 ABS_X=50 ABS_Y=200\n"
	       "0.300000 BTN_TOOL_PEN=0\n" },
	{ "scroll down 2", HEAD "0.000000 REL_WHEEL_HI_RES=-240 "
				"REL_WHEEL=-2\n" },
	{ "scroll left", HEAD "0.000000 REL_HWHEEL_HI_RES=-120 "
			      "REL_HWHEEL=-1\n" },
	{ "scroll up then scroll right",
	  HEAD "0.000000 REL_WHEEL_HI_RES=120 REL_WHEEL=1\n"
	       "0.000000 REL_HWHEEL_HI_RES=120 REL_HWHEEL=1\n" },
	{ "scroll 0.5 -1 then scroll .5",
	  HEAD "0.000000 REL_WHEEL_HI_RES=60 REL_HWHEEL_HI_RES=-120 "
	       "REL_HWHEEL=-1\n"
	       "0.000000 REL_WHEEL_HI_RES=60 REL_WHEEL=1\n" },
	{ "turn -1 then turn 3 --dial",
	  HEAD "0.000000 REL_WHEEL_HI_RES=-120 REL_WHEEL=-1\n"
	       "0.000000 REL_DIAL=3\n" },
	{ "tap 10 20 --hold=1s", HEAD
	  "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=0 ABS_MT_POSITION_X=10 "
	  "ABS_MT_POSITION_Y=20 ABS_MT_PRESSURE=64\n"
	  "1.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=-1\n" },
	{ "tap 10 20 --single --count=2",
	  HEAD "0.000000 ABS_X=10 ABS_Y=20 BTN_TOUCH=1 ABS_PRESSURE=64\n"
	       "0.050000 ABS_PRESSURE=0 BTN_TOUCH=0\n"
	       "0.150000 ABS_X=10 ABS_Y=20 BTN_TOUCH=1 ABS_PRESSURE=64\n"
	       "0.200000 ABS_PRESSURE=0 BTN_TOUCH=0\n" },
	{ "swipe 300 100 300 0 --fingers=3 --spacing=50 --duration=10 "
	  "--rate=100 --pressure=0",
	  HEAD "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=0 "
	       "ABS_MT_POSITION_X=250 ABS_MT_POSITION_Y=100 "
	       "ABS_MT_SLOT=1 ABS_MT_TRACKING_ID=1 "
	       "ABS_MT_POSITION_X=300 ABS_MT_POSITION_Y=100 "
	       "ABS_MT_SLOT=2 ABS_MT_TRACKING_ID=2 "
	       "ABS_MT_POSITION_X=350 ABS_MT_POSITION_Y=100\n"
	       "0.010000 ABS_MT_SLOT=0 ABS_MT_POSITION_X=250 "
	       "ABS_MT_POSITION_Y=0 "
	       "ABS_MT_SLOT=1 ABS_MT_POSITION_X=300 ABS_MT_POSITION_Y=0 "
	       "ABS_MT_SLOT=2 ABS_MT_POSITION_X=350 ABS_MT_POSITION_Y=0\n"
	       "0.010000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=-1 "
	       "ABS_MT_SLOT=1 ABS_MT_TRACKING_ID=-1 "
	       "ABS_MT_SLOT=2 ABS_MT_TRACKING_ID=-1\n" },
	{ "pinch 500 500 100 200 --angle=90 --duration=0 --pressure=0",
	  HEAD "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=0 "
	       "ABS_MT_POSITION_X=500 ABS_MT_POSITION_Y=550 "
	       "ABS_MT_SLOT=1 ABS_MT_TRACKING_ID=1 "
	       "ABS_MT_POSITION_X=500 ABS_MT_POSITION_Y=450\n"
	       "0.000000 ABS_MT_SLOT=0 ABS_MT_POSITION_X=500 "
	       "ABS_MT_POSITION_Y=600 "
	       "ABS_MT_SLOT=1 ABS_MT_POSITION_X=500 ABS_MT_POSITION_Y=400\n"
	       "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=-1 "
	       "ABS_MT_SLOT=1 ABS_MT_TRACKING_ID=-1\n" },
	{ "rotate 0 0 90 --radius=10 --fingers=1 --duration=0 --hold=1s "
	  "--pressure=0",
	  HEAD "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=0 "
	       "ABS_MT_POSITION_X=10 ABS_MT_POSITION_Y=0\n"
	       "1.000000 ABS_MT_SLOT=0 ABS_MT_POSITION_X=0 "
	       "ABS_MT_POSITION_Y=10\n"
	       "1.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=-1\n" },
	{ "pen 1 2 11 2 --duration=20 --rate=100 --easing=linear "
	  "--pressure=9",
	  HEAD "0.000000 BTN_TOOL_PEN=1 ABS_X=1 ABS_Y=2\n"
	       "0.000000 ABS_PRESSURE=9 BTN_TOUCH=1\n"
	       "0.010000 ABS_X=6 ABS_Y=2\n0.020000 ABS_X=11 ABS_Y=2\n"
	       "0.020000 ABS_PRESSURE=0 BTN_TOUCH=0\n"
	       "0.020000 BTN_TOOL_PEN=0\n" },
	{ "pen 1 2 3 4 --duration=0 --pressure=9 --tilt=-5,5 --eraser "
	  "--button=2",
	  HEAD "0.000000 BTN_TOOL_RUBBER=1 ABS_TILT_X=-5 ABS_TILT_Y=5 "
	       "ABS_X=1 ABS_Y=2\n"
	       "0.000000 BTN_STYLUS2=1 ABS_PRESSURE=9 BTN_TOUCH=1\n"
	       "0.000000 ABS_X=3 ABS_Y=4\n"
	       "0.000000 ABS_PRESSURE=0 BTN_TOUCH=0\n"
	       "0.000000 BTN_STYLUS2=0 BTN_TOOL_RUBBER=0\n" },
	{ "pen 1 2 --hover", HEAD "0.000000 BTN_TOOL_PEN=1 ABS_X=1 ABS_Y=2\n"
				  "0.300000 BTN_TOOL_PEN=0\n" },
	{ "pen 1 2 --duration=0 --distance=30 --button=3",
	  HEAD "0.000000 BTN_TOOL_PEN=1 ABS_DISTANCE=30 ABS_X=1 ABS_Y=2\n"
	       "0.000000 BTN_STYLUS3=1 ABS_PRESSURE=2048 BTN_TOUCH=1 "
	       "ABS_DISTANCE=0\n"
	       "0.000000 ABS_PRESSURE=0 BTN_TOUCH=0 ABS_DISTANCE=30\n"
	       "0.000000 BTN_STYLUS3=0 BTN_TOOL_PEN=0\n" },
	{ "pen 1 2 --hover --duration=0 --distance=30",
	  HEAD "0.000000 BTN_TOOL_PEN=1 ABS_DISTANCE=30 ABS_X=1 ABS_Y=2\n"
	       "0.000000 BTN_TOOL_PEN=0\n" },
	{ "play tests/data/inject/two-keys.txt --speed=max",
	  HEAD "0.000000 MSC_SCAN=458756 KEY_A=1\n"
	       "0.000000 MSC_SCAN=458756 KEY_A=0\n"
	       "0.000000 KEY_LEFTSHIFT=1\n0.000000 KEY_LEFTSHIFT=0\n" },
	{ "pad a+lt=0.5 up rstick=-1,1 hat=1,0 --hold=100 --delay=0", HEAD
	  "0.000000 BTN_SOUTH=1 ABS_Z=128\n0.100000 BTN_SOUTH=0 ABS_Z=0\n"
	  "0.100000 ABS_HAT0Y=-1\n0.200000 ABS_HAT0Y=0\n"
	  "0.200000 ABS_RX=-32768 ABS_RY=32767\n0.300000 ABS_RX=0 ABS_RY=0\n"
	  "0.300000 ABS_HAT0X=1 ABS_HAT0Y=0\n"
	  "0.400000 ABS_HAT0X=0 ABS_HAT0Y=0\n" },
	{ "pad x --down then sleep 1s then pad x --up",
	  HEAD "0.000000 BTN_NORTH=1\n1.000000 BTN_NORTH=0\n" },
	{ "switch lid on SW_TABLET_MODE off",
	  HEAD "0.000000 SW_LID=1 SW_TABLET_MODE=0\n" },
	{ "raw KEY_A=1 key_b=1 syn 4:4=5", HEAD "0.000000 KEY_A=1 KEY_B=1\n"
						"0.000000 MSC_SCAN=5\n" },
	/* A device that numbers dozens of axes through has one there. */
	{ "raw ABS_MT_SLOT=-5 3:46=7 ABS_MT_TRACKING_ID=99",
	  HEAD "0.000000 ABS_MT_SLOT=-5 ABS_RESERVED=7 "
	       "ABS_MT_TRACKING_ID=99\n" },
	{ "--spec=tests/data/spec/good/axes-numbered-through.json raw "
	  "ABS_MT_SLOT=-5",
	  HEAD "0.000000 ABS_MT_SLOT=-5\n" },
	/* Each command goes to its label, or to an address. */
	{ "key a --hold=0 then click --hold=0",
	  HEAD "# keyboard\n0.000000 KEY_A=1\n0.000000 KEY_A=0\n"
	       "# mouse\n0.000000 BTN_LEFT=1\n0.000000 BTN_LEFT=0\n" },
	{ "@x key a --hold=0 then click --hold=0 then @fd:9 raw KEY_B=1",
	  HEAD "# x\n0.000000 KEY_A=1\n0.000000 KEY_A=0\n"
	       "0.000000 BTN_LEFT=1\n0.000000 BTN_LEFT=0\n"
	       "# fd:9\n0.000000 KEY_B=1\n" },
	{ "--to=x key a --hold=0 then click --hold=0",
	  HEAD "0.000000 KEY_A=1\n0.000000 KEY_A=0\n"
	       "0.000000 BTN_LEFT=1\n0.000000 BTN_LEFT=0\n" },
	/* Fingers have weight, which is the spec's if there is one. */
	{ "tap 1 2 --hold=0 --pressure=0",
	  HEAD "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=0 "
	       "ABS_MT_POSITION_X=1 ABS_MT_POSITION_Y=2\n"
	       "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=-1\n" },
	{ "--spec=multi-touchpad --set WIDTH=9 --set HEIGHT=9 tap 1 2 --hold=0",
	  HEAD "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=0 "
	       "ABS_MT_POSITION_X=1 ABS_MT_POSITION_Y=2 ABS_MT_PRESSURE=63\n"
	       "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=-1\n" },
	{ "tap 1 2 --single --pressure=9 --hold=0",
	  HEAD "0.000000 ABS_X=1 ABS_Y=2 BTN_TOUCH=1 ABS_PRESSURE=9\n"
	       "0.000000 ABS_PRESSURE=0 BTN_TOUCH=0\n" },
	/* A spec says what the device is. */
	{ "--spec=single-touchscreen --set WIDTH=100 --set HEIGHT=200 "
	  "tap 50% 50% --hold=0",
	  HEAD "0.000000 ABS_X=50 ABS_Y=100 BTN_TOUCH=1\n"
	       "0.000000 BTN_TOUCH=0\n" },
};

static void commands_become_frames(void **state)
{
	for (size_t i = 0; i < sizeof(dry) / sizeof(dry[0]); i++) {
		struct process p;
		char line[512];
		int due, status;

		snprintf(line, sizeof(line), "--dry-run %s", dry[i].line);
		status = run(&p, line);
		due = strcmp(process_stdout(&p), dry[i].out);
		if (status || due)
			fail_msg("%s: %d\n%s%snot\n%s", dry[i].line, status,
				 p.err.text, process_stdout(&p), dry[i].out);
		process_fini(&p);
	}
}

/* All exit with 2, print one line, and send nothing. */
static const struct {
	const char *line, *why;
} bad[] = {
	{ "", "COMMAND is required; see --help" },
	{ "--tu=x key a", "unknown option --tu; did you mean --to?" },
	{ "--quux key a", "unknown option --quux; see --help" },
	{ "--wait-guest=soon key a",
	  "--wait-guest=soon: must be a time such as 250ms or 1.5s, or "
	  "forever" },
	{ "--no-receipt --measure key a",
	  "--no-receipt and --measure exclude each other" },
	{ "--no-receipt --wait-guest key a",
	  "--no-receipt and --wait-guest exclude each other" },
	{ "--dry-run --measure key a",
	  "--dry-run and --measure exclude each other" },
	{ "--measure=/nonexistent/file key a",
	  "--measure=/nonexistent/file: No such file or directory\n" },
	{ "key a --timeout=5s", "--timeout=5s: this option must be before "
				"@ADDRESS and the command\n" },
	{ "key a --tiemout=5s", "unknown option --tiemout for this command\n" },
	{ "-x key a", "unknown option -x" },
	{ "--to", "--to needs a value" },
	{ "--size=10 key a", "--size=10: must be WxH, such as 1080x2400" },
	{ "--size=10x-1 key a", "--size=10x-1: must be WxH" },
	{ "--size=0x10 key a", "--size=0x10: must be WxH" },
	{ "--wait=soon key a", "--wait=soon: must be a time such as 250ms" },
	{ "--set A=B key a", "--set requires --spec" },
	{ "--spec=keybord key a", "--spec=keybord: no such spec" },
	{ "kye a", "unknown command kye; did you mean key?" },
	{ "swip 1 2 3 4", "unknown command swip; did you mean swipe?" },
	{ "key", "key: too few operands; usage: key KEY[+KEY]..." },
	{ "tap 1 2 3", "tap: too many operands; usage: tap X Y" },
	{ "tap 1 2 --fingres=2", "unknown option --fingres for this command; "
				 "did you mean --fingers?" },
	/* Nor is it the nearest of those that are. */
	{ "tap 1 2 --duratoin=2",
	  "unknown option --duratoin for this command\n" },
	{ "tap 1 2 --duration=2",
	  "unknown option --duration for this command" },
	{ "tap 1 2 --fingers", "--fingers needs a value" },
	{ "tap 1 2 --single=1", "--single takes no value" },
	{ "tap 1 2 --fingers=0", "--fingers must be an integer from 1 to 64" },
	{ "tap 1 2 --hold=-1", "--hold must be a time such as 250ms or 1.5s" },
	{ "tap 1 2 --hold=1m", "--hold must be a time" },
	{ "tap 1 x", "y must be a number, not x" },
	{ "tap 1 nan", "y must be a number, not nan" },
	{ "tap 1 3000000000",
	  "y must be from -2147483648 to 2147483647, not 3000000000" },
	{ "tap 50% 1", "x 50% requires --size=WxH or --spec=SPEC" },
	/* It has ABS_X, but no ABS_Y. */
	{ "--spec=tests/wire/specs/axes.json tap 50% 1",
	  "x 50% requires --size=WxH or --spec=SPEC" },
	{ "--size=100x100 tap 101% 1", "x must be from 0 to 100, not 101" },
	{ "--size=100x100 tap 100 99",
	  "x 100 is outside the device's range 0..99" },
	{ "--size=100x100 tap -1 99",
	  "x -1 is outside the device's range 0..99" },
	{ "--size=100x100 tap 1 2 --fingers=2",
	  "tap: finger 1: x -49 is outside the device's range 0..99" },
	{ "--size=100x100 tap 98 2 --fingers=2",
	  "tap: finger 2: x 148 is outside the device's range 0..99" },
	{ "--size=100x100 pinch 50 50 10 200",
	  "pinch: finger 1: x 103 is outside the device's range 0..99" },
	{ "swipe 1 2 3 4 5", "swipe: missing y after x 5" },
	{ "moveto 1 2 3", "moveto: missing y after x 3" },
	{ "swipe 1 2 3 4 --easing=bouncy", "must be linear, in, out or" },
	{ "tap 1 2 --single --fingers=2",
	  "tap: the device supports only one finger" },
	{ "move 1 40000", "dy must be from -32768 to 32767, not 40000" },
	{ "scroll dwon", "unknown direction dwon; did you mean down?" },
	{ "scroll down fast", "notches must be a number, not fast" },
	{ "pen 1 2 --tilt=100,0", "--tilt must be X,Y in degrees" },
	{ "pad lstick=1", "must be X,Y, each from -1 to 1" },
	{ "pad lstick=1,2", "y must be from -1 to 1, not 2" },
	{ "pad lstck=1,1",
	  "unknown stick or trigger lstck; did you mean lstick?" },
	{ "pad a+b+x+y+lb+rb+up+down+left+right+start+select+a+b+x+y+lb+rb",
	  "items at the same time" },
	{ "pad lt=2", "lt must be from 0 to 1, not 2" },
	{ "pad hat=0.5,0", "hat values must be -1, 0 or 1" },
	{ "switch lid", "switch: too few operands" },
	{ "switch ldi on", "unknown switch ldi; did you mean SW_LID?" },
	{ "pen 1 2 --tilt=5,6,7", "--tilt must be X,Y in degrees" },
	{ "pen 1 2 --tilt=5,-91", "--tilt must be X,Y in degrees" },
	{ "pen 1 2 --tilt=left", "--tilt must be X,Y in degrees" },
	{ "switch lid on tablet_mode",
	  "tablet_mode must be followed by on or off" },
	{ "raw KEY_A", "invalid event KEY_A: must be NAME=VALUE" },
	{ "raw SYN_DROPPED=0", "is reserved to the kernel" },
	{ "raw ABS_X=1 ABS_MT_SLOT=-5",
	  "invalid ABS_MT_SLOT -5: must be from 0 to 63" },
	{ "--spec=multi-touchpad --set WIDTH=9 --set HEIGHT=9 --to=./x raw "
	  "ABS_MT_SLOT=64",
	  "invalid ABS_MT_SLOT 64: must be from 0 to 63" },
	{ "raw KEY_A=1",
	  "raw requires a device: use --to=ADDRESS or @ADDRESS" },
	{ "key --down --up a", "--down and --up exclude each other" },
	{ "key a then", "missing command" },
	{ "then key a", "missing command before then" },
	{ "key a then then key b", "missing command before then" },
	{ "@ key a", "missing address after @" },
	{ "@x", "missing command" },
	{ "sleep", "sleep: too few operands" },
	{ "describe", "describe: too few operands" },
	{ "play /nonexistent", "/nonexistent: No such file or directory" },
	{ "play /", "/: Is a directory" },
	{ "--to=./x play /dev/null --map=1", "--map must be N:ADDRESS" },
	{ "--to=./x play /dev/null --map=1:a --device=1",
	  "--map and --device exclude each other" },
	{ "@a play /dev/null --map=1:a", "--map and @a exclude each other" },
	{ "--spec=keyboard play /dev/null --map=1:a",
	  "--map and --spec exclude each other" },
	{ "paste then paste", "paste: standard input is already in use" },
	{ "type '\xc3\xbc'", "the layout lacks \xc3\xbc (U+00FC)" },
	/* Its dead keys are for --compose. */
	{ "type '\xc3\xa9' --layout=de", "the layout lacks \xc3\xa9" },
	{ "type '\xff'", "byte 1 of the text is not UTF-8" },
	{ "type a --layout=xyzzy", "unknown keyboard layout xyzzy" },
	{ "type a --unicode=ctrl-shift-x",
	  "--unicode=ctrl-shift-x: must be ctrl-shift-u, alt-x or alt-plus; "
	  "did you mean ctrl-shift-u?" },
	{ "type a --compose --locale=xyzzy",
	  "no compose table for the locale xyzzy" },
	/* An error in the last command keeps the first one from running. */
	{ "--to=./x key a then kye b", "unknown command kye" },
	{ "--spec=keyboard --to=./x key a btn_left",
	  "the device has no BTN_LEFT" },
	{ "--spec=keyboard --to=./x raw KEY_ESC=1 KEY_LEFTSHIFT=1 then type a",
	  "type: a (U+0061) would arrive as another character: KEY_LEFTSHIFT "
	  "is held by an earlier command; use --clear-modifiers" },
	{ "--spec=pen --set WIDTH=9 --set HEIGHT=9 --to=./x pen 1 1 "
	  "--pressure=5000",
	  "ABS_PRESSURE 5000 is outside the device's range 0..4095" },
	{ "--spec=multi-touchpad --set WIDTH=999 --set HEIGHT=9 --to=./x "
	  "swipe 500 1 500 8 --fingers=6",
	  "ABS_MT_SLOT 5 is outside the device's range 0..4" },
	{ "--spec=single-touchpad --set WIDTH=999 --set HEIGHT=9 --to=./x "
	  "tap 500 1 --fingers=2",
	  "the device supports only one finger" },
	{ "--to=vsock:x:5 key a", "vsock:x:5" },
};

static void invalid_commands_are_rejected_in_one_line(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct process p;
		int status = run(&p, bad[i].line);
		const char *nl = strchr(p.err.text, '\n');

		if (status != 2 || !strstr(p.err.text, bad[i].why) || !nl ||
		    nl[1] || strncmp(p.err.text, "vinput-inject: ", 15) != 0)
			fail_msg("%s: %d: %snot: %s", bad[i].line, status,
				 p.err.text, bad[i].why);
		assert_string_equal(process_stdout(&p), "");
		process_fini(&p);
	}
}

static const struct {
	const char *line, *why;
} absent[] = {
	{ "--to=./no-such-socket key a", "./no-such-socket: No such file" },
	{ "--dir=/nonexistent key a", "keyboard" },
	{ "key a", "no device 'keyboard'" },
	{ "--to=hybrid:/nonexistent:5 key a", "/nonexistent" },
	{ "--to=fd:40 key a", "fd 40" },
	{ "--to=./no-such-socket --wait=50ms key a", "No such file" },
};

static void a_missing_device_is_reported(void **state)
{
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		struct process p;
		int status = run(&p, absent[i].line);

		if (status != 1 || !strstr(p.err.text, absent[i].why))
			fail_msg("%s: %d: %s", absent[i].line, status,
				 p.err.text);
		process_fini(&p);
	}
}
/* A layout counts only if an option names it. */
static void keys_do_not_depend_on_the_environment(void **state)
{
	struct process p;

	setenv("XKB_DEFAULT_LAYOUT", "de", 1);
	assert_num(run(&p, "--dry-run key z --down"), 0);
	assert_string_equal(process_stdout(&p), HEAD "0.000000 KEY_Z=1\n");
	process_fini(&p);
	assert_num(run(&p, "--dry-run key z --down --layout=de"), 0);
	assert_string_equal(process_stdout(&p), HEAD "0.000000 KEY_Y=1\n");
	process_fini(&p);
	unsetenv("XKB_DEFAULT_LAYOUT");
}

static void a_device_is_described_as_a_spec(void **state)
{
	struct process p;

	assert_num(run(&p, "describe rotary"), 0);
	assert_non_null(strstr(process_stdout(&p), "\"REL_WHEEL\""));
	process_fini(&p);
	assert_num(run_to_full(&p, "describe rotary"), 1);
	assert_string_equal(
		p.err.text,
		"vinput-inject: describe: No space left on device\n");
	process_fini(&p);
	assert_num(run(&p, "describe /dev/null"), 2);
	assert_non_null(
		strstr(p.err.text, "describe: /dev/null does not describe"));
	process_fini(&p);
}

static void help_and_version_are_printed(void **state)
{
	struct process p;

	assert_num(run(&p, "--help"), 0);
	assert_non_null(strstr(process_stdout(&p), "\n  pinch X Y FROM TO "));
	for (const char *at = process_stdout(&p), *nl; (nl = strchr(at, '\n'));
	     at = nl + 1)
		assert_true(nl - at < 80);
	process_fini(&p);
	assert_num(run(&p, "--version"), 0);
	assert_non_null(strstr(process_stdout(&p), "vinput-inject "));
	process_fini(&p);
}

static void a_full_output_is_reported(void **state)
{
	struct process p;

	assert_num(run_to_full(&p, "--dry-run key a"), 1);
	assert_string_equal(p.err.text, "vinput-inject: standard output: "
					"No space left on device\n");
	process_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_become_frames),
		cmocka_unit_test(invalid_commands_are_rejected_in_one_line),
		cmocka_unit_test(a_missing_device_is_reported),
		cmocka_unit_test(keys_do_not_depend_on_the_environment),
		cmocka_unit_test(a_device_is_described_as_a_spec),
		cmocka_unit_test(help_and_version_are_printed),
		cmocka_unit_test(a_full_output_is_reported),
	};

	test_clear_environment();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
