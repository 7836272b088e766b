/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-inject without a device: the frames of its commands, by dry runs, and
 * what it rejects, with which error and exit status.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input/device/event.h"
#include "tests/lib/check.h"
#include "tests/lib/inject-rig.h"
#include "tests/lib/pass-rig.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"

#define HEAD "# vinput recording 1\n"

/* Run it with words split as in a shell. Return: its exit status. */
static int run(struct process *p, const char *line)
{
	process_init(p, "vinput-inject");
	process_capture(p);
	inject_add_words(p, line);
	process_start(p);
	return process_wait(p);
}

/* The same with a standard output that takes nothing. */
static int run_to_full(struct process *p, const char *line)
{
	const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_sys(full);
	process_init(p, "vinput-inject");
	inject_add_words(p, line);
	p->out = full;
	process_start(p);
	close(full);
	return process_wait(p);
}

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

/* --- recordings --- */

static void a_dry_run_of_a_recording_is_the_recording(void **state)
{
	static const char *const forms[] = { "txt", "evemu", "evtest" };

	for (size_t i = 0; i < 3; i++) {
		struct process p;
		char line[512];

		snprintf(line, sizeof(line),
			 "--dry-run play %s/tests/data/inject/two-keys.%s",
			 test_root(), forms[i]);
		assert_num(run(&p, line), 0);
		assert_string_equal(process_stdout(&p),
				    HEAD "0.000000 MSC_SCAN=458756 KEY_A=1\n"
					 "0.080000 MSC_SCAN=458756 KEY_A=0\n"
					 "0.120500 KEY_LEFTSHIFT=1\n"
					 "1.500000 KEY_LEFTSHIFT=0\n");
		process_fini(&p);
	}
}

static void a_recording_is_played_faster_and_again(void **state)
{
	struct process p;
	char line[512];

	snprintf(line, sizeof(line),
		 "--dry-run play %s/tests/data/inject/two-keys.yml --device=2 "
		 "--loop=2 then play %s/tests/data/inject/two-keys.txt "
		 "--speed=2",
		 test_root(), test_root());
	assert_num(run(&p, line), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 REL_X=-3\n0.000000 REL_X=-3\n"
				 "0.000000 MSC_SCAN=458756 KEY_A=1\n"
				 "0.040000 MSC_SCAN=458756 KEY_A=0\n"
				 "0.060250 KEY_LEFTSHIFT=1\n"
				 "0.750000 KEY_LEFTSHIFT=0\n");
	process_fini(&p);
}

/* Run it with this on its standard input. */
static int run_with_stdin(struct process *p, const char *line, const void *in,
			  size_t len)
{
	int fd[2];

	assert_sys(pipe(fd));
	assert_num(write(fd[1], in, len), (long long)len);
	close(fd[1]);
	process_init(p, "vinput-inject");
	process_capture(p);
	p->in = fd[0];
	inject_add_words(p, line);
	process_start(p);
	close(fd[0]);
	return process_wait(p);
}

#define run_with_text(p, line, text) run_with_stdin(p, line, text, strlen(text))

static void standard_input_has_a_name_in_errors(void **state)
{
	static const struct {
		const char *line;
		int status;
	} rows[] = { { "--dry-run play -", 2 },
		     { "--dry-run -", 2 },
		     { "record -", 1 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const int folder = open("/", O_RDONLY | O_CLOEXEC);
		struct process p;

		assert_sys(folder);
		process_init(&p, "vinput-inject");
		process_capture(&p);
		p.in = folder;
		inject_add_words(&p, rows[i].line);
		process_start(&p);
		close(folder);
		assert_num(process_wait(&p), rows[i].status);
		assert_string_equal(p.err.text,
				    "vinput-inject: standard input: Is a "
				    "directory\n");
		process_fini(&p);
	}
}

static void held_keys_are_released_before_a_loop(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--dry-run play - --loop=2",
				 "0 KEY_A=1 ABS_MT_SLOT=3 "
				 "ABS_MT_TRACKING_ID=7\n"),
		   0);
	const char one[] = "0.000000 KEY_A=1 ABS_MT_SLOT=3 "
			   "ABS_MT_TRACKING_ID=7\n"
			   "0.000000 ABS_MT_SLOT=3 ABS_MT_TRACKING_ID=-1 "
			   "KEY_A=0\n";
	char due[512];
	snprintf(due, sizeof(due), HEAD "%s%s", one, one);
	assert_string_equal(process_stdout(&p), due);
	process_fini(&p);
}

static void status_events_and_repeats_are_not_played(void **state)
{
	static const char text[] = "0 LED_CAPSL=1\n1 KEY_A=1\n"
				   "1.3 KEY_A=2\n1.4 KEY_A=2\n2 KEY_A=0\n";
	struct process p;

	assert_num(run_with_text(&p, "--dry-run play -", text), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "1.000000 KEY_A=1\n2.000000 KEY_A=0\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run play - --keep-repeats", text),
		   0);
	assert_string_equal(process_stdout(&p),
			    HEAD "1.000000 KEY_A=1\n1.300000 KEY_A=2\n"
				 "1.400000 KEY_A=2\n2.000000 KEY_A=0\n");
	process_fini(&p);
}

static void a_malformed_recording_is_reported_with_file_and_line(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--dry-run play -",
				 "0 KEY_A=1\n1 KEY_AA=1\n"),
		   2);
	assert_string_equal(p.err.text,
			    "vinput-inject: -:2: unknown event KEY_AA; did you "
			    "mean KEY_A?\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run play -", "hello\n"), 2);
	assert_non_null(strstr(p.err.text, ": -: not a recording of evemu"));
	process_fini(&p);
}

static void devices_of_a_recording_are_played_side_by_side(void **state)
{
	struct process p;
	char line[512];

	snprintf(line, sizeof(line),
		 "--dry-run --to=x play "
		 "%s/tests/data/inject/two-devices.getevent "
		 "--map=2:keys,1:@touch --speed=0.5 then @y raw KEY_A=1",
		 test_root());
	assert_num(run(&p, line), 0);
	assert_string_equal(
		process_stdout(&p),
		HEAD "# touch\n0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=1 "
		     "ABS_MT_POSITION_X=100 ABS_MT_POSITION_Y=200\n"
		     "# keys\n0.060000 KEY_VOLUMEUP=1\n"
		     "# touch\n0.070000 ABS_MT_POSITION_X=101\n"
		     "0.100000 ABS_MT_TRACKING_ID=-1\n"
		     "# keys\n0.100000 KEY_VOLUMEUP=0\n"
		     "# y\n0.100000 KEY_A=1\n");
	process_fini(&p);
}

/* By a spec, slots are what they are, or axes like others. */
static void a_recording_is_for_the_device_of_the_spec(void **state)
{
	struct process p;
	char line[512];

	snprintf(line, sizeof(line),
		 "--dry-run --spec=%s/tests/wire/specs/touch.json play -",
		 test_root());
	assert_num(run_with_text(&p, line, "0 ABS_MT_SLOT=64\n"), 2);
	assert_string_equal(p.err.text,
			    "vinput-inject: -:1: invalid ABS_MT_SLOT 64: must "
			    "be from 0 to 63\n");
	process_fini(&p);
	snprintf(line, sizeof(line),
		 "--dry-run --spec=%s/tests/data/spec/good/"
		 "axes-numbered-through.json play -",
		 test_root());
	assert_num(run_with_text(&p, line, "0 ABS_MT_SLOT=-5\n"), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 ABS_MT_SLOT=-5\n");
	process_fini(&p);
}

static void some_of_many_misfits_are_named(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--spec=keyboard --to=./x play -",
				 "0 ABS_X=1 ABS_Y=1 ABS_Z=1 ABS_RX=1 ABS_RY=1 "
				 "ABS_RZ=1 ABS_GAS=1 SW_LID=1\n"),
		   2);
	assert_string_equal(p.err.text,
			    "vinput-inject: -:1: the device has no ABS_X, "
			    "ABS_Y, ABS_Z, ABS_RX, ABS_RY, ABS_RZ and 2 more "
			    "(8 events): use --lenient to play the rest\n");
	process_fini(&p);
}

/* Of a screen with 32768 units in each direction. */
static const char tap_elsewhere[] =
	"E: 0.0 0003 002f 0\nE: 0.0 0003 0039 7\nE: 0.0 0003 0035 8192\n"
	"E: 0.0 0003 0036 16384\nE: 0.0 0003 003a 9\nE: 0.0 0 0 0\n"
	"E: 0.1 0003 0035 700\nE: 0.1 0 0 0\n"
	"E: 0.2 0003 0039 -1\nE: 0.2 0 0 0\n";

/* A screen of 0..1080, 0..1920. */
static const char *screen_spec(void)
{
	static char option[400];

	snprintf(option, sizeof(option),
		 "--spec=%s/tests/wire/specs/touch.json", test_root());
	return option;
}

static const struct {
	const char *option; /* NULL: screen_spec() */
	const char *play, *err;
} misfits[] = {
	{ NULL, "",
	  "-:5: the device has no ABS_MT_PRESSURE (1 event): use --lenient to "
	  "play the rest\n" },
	{ "--size=1080x1920", "",
	  "-:3: ABS_MT_POSITION_X 8192 is outside the device's range 0..1079 "
	  "(2 such events): use --scale to fit positions, or --lenient to "
	  "clamp\n" },
	{ "--size=1080x1920", "--scale --from=800x100000",
	  "-:3: ABS_MT_POSITION_X 11063 is outside the device's range 0..1079 "
	  "(1 such event): use --lenient to clamp\n" },
	{ "--size=1080x1920", "--scale",
	  "--scale: - describes no axis of the device; use --from=WxH\n" },
	{ "--size=1080x1920", "--from=100x100", "--from requires --scale\n" },
	{ "--spec=keyboard", "--scale --from=9x9",
	  "--scale: the device has no positions\n" },
	{ "", "--scale --from=100x100",
	  "--scale requires --spec=SPEC or --size=WxH\n" },
	{ "", "--scale --map=1:a", "--map and --scale exclude each other\n" },
	{ NULL, "--scale --from=10",
	  "--from must be WxH, such as 1080x2400, not 10\n" },
};

static void what_does_not_fit_the_device_is_not_played(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(misfits); i++) {
		struct process p;
		char line[512], err[512];

		snprintf(line, sizeof(line), "--to=./x %s play - %s",
			 misfits[i].option ? misfits[i].option : screen_spec(),
			 misfits[i].play);
		snprintf(err, sizeof(err), "vinput-inject: %s", misfits[i].err);
		assert_num(run_with_text(&p, line, tap_elsewhere), 2);
		assert_string_equal(p.err.text, err);
		process_fini(&p);
	}
}

static void positions_are_scaled_to_the_device(void **state)
{
	struct process p;

	assert_num(run_with_text(&p,
				 "--dry-run --size=1080x1920 play - --scale "
				 "--from=32769x32769",
				 tap_elsewhere),
		   0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 ABS_MT_SLOT=0 "
				 "ABS_MT_TRACKING_ID=7 ABS_MT_POSITION_X=270 "
				 "ABS_MT_POSITION_Y=960 ABS_MT_PRESSURE=9\n"
				 "0.100000 ABS_MT_POSITION_X=23\n"
				 "0.200000 ABS_MT_TRACKING_ID=-1\n");
	assert_string_equal(p.err.text, "");
	process_fini(&p);
}

static void a_recording_says_which_ranges_it_is_scaled_from(void **state)
{
	static const char text[] = "# EVEMU 1.3\nA: 35 0 32768 0 0 0\n"
				   "E: 0.0 0003 002f 0\nE: 0.0 0003 0035 "
				   "8192\nE: 0.0 0003 0039 -1\n";
	struct process p;

	assert_num(run_with_text(&p, "--dry-run --size=1081x9 play - --scale",
				 text),
		   0);
	assert_string_equal(process_stdout(&p), HEAD "0.000000 ABS_MT_SLOT=0 "
						     "ABS_MT_POSITION_X=270 "
						     "ABS_MT_TRACKING_ID=-1\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--size=9x9 play - --scale",
				 "A: 35 0\nE: 0.0 0003 0035 8\n"),
		   2);
	assert_non_null(strstr(p.err.text, "-:1: expected an axis"));
	process_fini(&p);
}

static void what_does_not_fit_is_played_leniently(void **state)
{
	struct process p;
	char line[512];

	snprintf(line, sizeof(line), "--dry-run %s play - --lenient",
		 screen_spec());
	assert_num(run_with_text(&p, line, tap_elsewhere), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 ABS_MT_SLOT=0 "
				 "ABS_MT_TRACKING_ID=7 ABS_MT_POSITION_X=1080 "
				 "ABS_MT_POSITION_Y=1920\n"
				 "0.100000 ABS_MT_POSITION_X=700\n"
				 "0.200000 ABS_MT_TRACKING_ID=-1\n");
	assert_string_equal(
		p.err.text,
		"vinput-inject: -:5: the device has no ABS_MT_PRESSURE (1 "
		"event): left out\n"
		"vinput-inject: -:3: ABS_MT_POSITION_X 8192 is outside the "
		"device's range 0..1080 (2 such events): clamped\n");
	process_fini(&p);
}

static void what_is_odd_in_a_recording_is_printed(void **state)
{
	struct process p;

	assert_num(run_with_text(&p,
				 "--to=x --dry-run play - then key a --hold=0",
				 "E: 2.0 0001 001e 1\nE: 2.0 0 0 0\n"
				 "E: 1.0 0 3 0\nE: 1.0 0001 001e 0\n"
				 "E: 1.5 0 0 0\n"),
		   0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 KEY_A=1\n0.500000 KEY_A=0\n"
				 "0.500000 KEY_A=1\n0.500000 KEY_A=0\n");
	assert_string_equal(
		p.err.text,
		"vinput-inject: -:3: SYN_DROPPED: the kernel lost events "
		"here; 1 more up to the next SYN_REPORT are left out\n"
		"vinput-inject: -:3: the clock was set back here; no time "
		"passes there\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run -", "\nplay -\n"), 2);
	assert_non_null(strstr(p.err.text, "line 2: play: standard input"));
	process_fini(&p);
}

static void bytes_of_events_are_recorded(void **state)
{
	const struct vi_event ev[] = {
		vi_event(EV_KEY, KEY_A, 1),
		vi_event(EV_SYN, SYN_REPORT, 0),
		vi_event(EV_KEY, KEY_A, 0),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};
	struct process p;
	unsigned int us;

	assert_num(run_with_stdin(&p, "record", ev, sizeof(ev)), 0);
	assert_num(sscanf(process_stdout(&p),
			  HEAD "0.000000 KEY_A=1\n0.%6u KEY_A=0\n", &us),
		   1);
	process_fini(&p);
	assert_num(run_with_stdin(&p, "record - --count=1", ev, sizeof(ev)), 0);
	assert_string_equal(process_stdout(&p), HEAD "0.000000 KEY_A=1\n");
	process_fini(&p);
	assert_num(run_with_stdin(&p, "record", ev, sizeof(ev) - 3), 1);
	assert_string_equal(p.err.text,
			    "vinput-inject: standard input ends in the middle "
			    "of an event\n");
	process_fini(&p);
}

static void an_unfinished_frame_is_a_line(void **state)
{
	const struct vi_event ev = vi_event(EV_KEY, KEY_A, 1);
	struct process p;

	assert_num(run_with_stdin(&p, "record", &ev, sizeof(ev)), 0);
	assert_string_equal(process_stdout(&p), HEAD "0.000000 KEY_A=1\n");
	process_fini(&p);
}

static void a_recording_ends_at_its_time(void **state)
{
	static const char *const lines[] = { "record --duration=20",
					     "record --duration=0" };
	int fd[2];

	assert_sys(pipe(fd));
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct process p;

		process_init(&p, "vinput-inject");
		process_capture(&p);
		p.in = fd[0];
		inject_add_words(&p, lines[i]);
		process_start(&p);
		assert_num(process_wait(&p), 0);
		assert_string_equal(process_stdout(&p), HEAD);
		process_fini(&p);
	}
	close(fd[0]);
	close(fd[1]);
}

static void a_recording_is_written_to_a_file(void **state)
{
	const struct vi_event ev[] = {
		vi_event(EV_KEY, KEY_A, 1),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};
	char dir[TEMP_DIR_LEN], path[TEMP_DIR_LEN + 8], line[128];
	char text[128] = "";
	struct process p;
	FILE *file;

	temp_dir_make(dir);
	snprintf(path, sizeof(path), "%s/out", dir);
	snprintf(line, sizeof(line), "record --output=%s", path);
	assert_num(run_with_stdin(&p, line, ev, sizeof(ev)), 0);
	assert_string_equal(process_stdout(&p), "");
	process_fini(&p);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, HEAD "0.000000 KEY_A=1\n");
	temp_dir_remove(dir);
	assert_num(run_with_stdin(&p, line, ev, sizeof(ev)), 1);
	snprintf(text, sizeof(text),
		 "vinput-inject: %s: No such file or directory\n", path);
	assert_string_equal(p.err.text, text);
	process_fini(&p);
	assert_num(
		run_with_stdin(&p, "record --output=/dev/full", ev, sizeof(ev)),
		1);
	assert_string_equal(p.err.text, "vinput-inject: the recording: "
					"Input/output error\n");
	process_fini(&p);
}

static void contacts_without_slots_are_recorded_and_get_slots(void **state)
{
	const struct vi_event ev[] = {
		vi_event(EV_ABS, ABS_MT_POSITION_X, 5),
		vi_event(EV_SYN, SYN_MT_REPORT, 0),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};
	static const char recorded[] =
		HEAD "0.000000 ABS_MT_POSITION_X=5 SYN_MT_REPORT=0\n";
	struct process p;

	assert_num(run_with_stdin(&p, "record", ev, sizeof(ev)), 0);
	assert_string_equal(process_stdout(&p), recorded);
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run play -", recorded), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=1 "
				 "ABS_MT_POSITION_X=5\n"
				 "0.000000 ABS_MT_SLOT=0 "
				 "ABS_MT_TRACKING_ID=-1\n");
	process_fini(&p);
}

static void only_evdev_devices_are_recorded(void **state)
{
	struct process p;

	assert_num(run(&p, "record /dev/null"), 1);
	assert_string_equal(
		p.err.text,
		"vinput-inject: /dev/null is not an evdev device\n");
	process_fini(&p);
	assert_num(run(&p, "record /nonexistent"), 1);
	assert_non_null(strstr(p.err.text, "/nonexistent: No such file"));
	process_fini(&p);
}

/* Also when nothing is left to read: a signal ends it. */
static void a_node_is_recorded_until_a_signal(void **state)
{
	struct pass *p = *state;

	process_init(&p->program, "vinput-inject");
	process_capture(&p->program);
	process_arg(&p->program, "record");
	pass_rig_node(p);
	pass_rig_start(p);
	fake_node_sends(p->fd, "KEY_A 1");
	process_expect_stdout(&p->program, "0.000000 KEY_A=1\n");
	assert_true(process_runs(&p->program));
	assert_sys(kill(p->program.pid, SIGWINCH));
	assert_sys(kill(p->program.pid, SIGCONT));
	fake_node_sends(p->fd, "KEY_A 0");
	process_expect_stdout(&p->program, " KEY_A=0\n");
	assert_sys(kill(p->program.pid, SIGTERM));
	assert_num(process_wait(&p->program), 128 + SIGTERM);
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

/* --- the standard input --- */

static void commands_are_read_from_stdin_line_by_line(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--dry-run -",
				 "# first\n"
				 "key a --hold=10\n"
				 "\n"
				 "type 'b c' --delay=0 then sleep 1s\n"
				 "@mouse move 1 2\n"
				 "move 3 4"),
		   0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 KEY_A=1\n0.010000 KEY_A=0\n"
				 "0.010000 KEY_B=1\n0.010000 KEY_B=0\n"
				 "0.010000 KEY_SPACE=1\n0.010000 KEY_SPACE=0\n"
				 "0.010000 KEY_C=1\n0.010000 KEY_C=0\n"
				 "# mouse\n"
				 "1.010000 REL_X=1 REL_Y=2\n"
				 "1.010000 REL_X=3 REL_Y=4\n");
	process_fini(&p);
}

static void a_bad_line_ends_it_after_the_lines_before(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--dry-run -",
				 "key a --hold=0\nkye b\nkey c\n"),
		   2);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 KEY_A=1\n0.000000 KEY_A=0\n");
	assert_string_equal(p.err.text,
			    "vinput-inject: line 2: unknown command "
			    "kye; did you mean key?\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run -", "type 'a\n"), 2);
	assert_string_equal(p.err.text,
			    "vinput-inject: line 1: unterminated '\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run -", "paste\n"), 2);
	assert_string_equal(p.err.text,
			    "vinput-inject: line 1: paste: standard "
			    "input is already in use\n");
	process_fini(&p);
}

#define BOM "\xef\xbb\xbf"

static void a_byte_order_mark_on_stdin_is_skipped(void **state)
{
	static const char due[] = HEAD "0.000000 KEY_A=1\n0.000000 KEY_A=0\n";
	struct process p;

	assert_num(run_with_text(&p, "--dry-run -", BOM "key a --hold=0\n"), 0);
	assert_string_equal(process_stdout(&p), due);
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run paste --delay=0", BOM "a"), 0);
	assert_string_equal(process_stdout(&p), due);
	process_fini(&p);
	/* Elsewhere it is a character like any other. */
	assert_num(run_with_text(&p, "--dry-run -", "\n" BOM "key a\n"), 2);
	process_fini(&p);
}

static void stdin_is_pasted(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--dry-run paste --delay=0", "a\r\nb"), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 KEY_A=1\n0.000000 KEY_A=0\n"
				 "0.000000 KEY_ENTER=1\n0.000000 KEY_ENTER=0\n"
				 "0.000000 KEY_B=1\n0.000000 KEY_B=0\n");
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
		cmocka_unit_test(a_dry_run_of_a_recording_is_the_recording),
		cmocka_unit_test(a_recording_is_played_faster_and_again),
		cmocka_unit_test(standard_input_has_a_name_in_errors),
		cmocka_unit_test(held_keys_are_released_before_a_loop),
		cmocka_unit_test(status_events_and_repeats_are_not_played),
		cmocka_unit_test(
			a_malformed_recording_is_reported_with_file_and_line),
		cmocka_unit_test(
			devices_of_a_recording_are_played_side_by_side),
		cmocka_unit_test(what_does_not_fit_the_device_is_not_played),
		cmocka_unit_test(a_recording_is_for_the_device_of_the_spec),
		cmocka_unit_test(some_of_many_misfits_are_named),
		cmocka_unit_test(positions_are_scaled_to_the_device),
		cmocka_unit_test(
			a_recording_says_which_ranges_it_is_scaled_from),
		cmocka_unit_test(what_does_not_fit_is_played_leniently),
		cmocka_unit_test(what_is_odd_in_a_recording_is_printed),
		cmocka_unit_test(bytes_of_events_are_recorded),
		cmocka_unit_test(an_unfinished_frame_is_a_line),
		cmocka_unit_test(a_recording_ends_at_its_time),
		cmocka_unit_test(a_recording_is_written_to_a_file),
		cmocka_unit_test(
			contacts_without_slots_are_recorded_and_get_slots),
		cmocka_unit_test(only_evdev_devices_are_recorded),
		cmocka_unit_test_setup_teardown(
			a_node_is_recorded_until_a_signal, pass_rig_setup,
			pass_rig_teardown),
		cmocka_unit_test(keys_do_not_depend_on_the_environment),
		cmocka_unit_test(a_device_is_described_as_a_spec),
		cmocka_unit_test(commands_are_read_from_stdin_line_by_line),
		cmocka_unit_test(a_bad_line_ends_it_after_the_lines_before),
		cmocka_unit_test(a_byte_order_mark_on_stdin_is_skipped),
		cmocka_unit_test(stdin_is_pasted),
		cmocka_unit_test(help_and_version_are_printed),
		cmocka_unit_test(a_full_output_is_reported),
	};

	test_clear_environment();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
