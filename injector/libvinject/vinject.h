/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libvinject: be the injector of a vhost-user-input device. One handle is one
 * connection to one device: what is said through it appears in the guest.
 *
 *	struct vinject *v = vinject_new();
 *
 *	if (vinject_open(v, "keyboard") < 0)
 *		errx(1, "%s", vinject_error(v));
 *	vinject_key(v, KEY_A, true);
 *	vinject_frame(v);
 *	vinject_key(v, KEY_A, false);
 *	vinject_frame(v);
 *	vinject_free(v);
 *
 * Calls such as vinject_key() add events to a frame; vinject_frame() sends it,
 * and the guest sees all of it at once or nothing. Codes (KEY_A) are those of
 * linux/input-event-codes.h. What the device does not declare it drops, and
 * values out of an axis' range are brought into it: the library does not know
 * what the device is.
 *
 * Nothing blocks that was not asked to (vinject_set_timeout(), and connecting,
 * see vinject_open()). When a frame finds no room in the socket it is not
 * queued but folded into one state: keys, switches, axes, contacts, and the sum
 * of relative motion. As soon as there is room one frame tells the difference,
 * releases first. So the device may miss a tap or the way of a motion, but no
 * release, and in the end it knows what is held and where.
 *
 * When the handle is freed, or the program dies, the device releases what only
 * this handle held down.
 *
 * Functions that can fail return 0, or what is documented, and a negative errno
 * on failure. -EPIPE from any of them says that the device is gone, and then it
 * is gone for good (but see vinject_set_reconnect()). All calls that add events
 * return 0, -EPIPE, -EMSGSIZE (the frame has VINJECT_FRAME_MAX events; the
 * event was left out) or -EINVAL (no such code). Who makes neither mistake may
 * leave them unchecked: vinject_frame() tells of a gone device as well.
 *
 * One handle, one thread at a time; different handles are independent. No
 * signal is raised (SIGPIPE) and none is handled.
 */
#ifndef VINJECT_H
#define VINJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/input-event-codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vinject;

/* Events in a frame. */
#define VINJECT_FRAME_MAX 4096
/* Contacts at a time. */
#define VINJECT_SLOTS_MAX 64
/* A wheel's notch (detent) in units of vinject_wheel(). */
#define VINJECT_NOTCH 120

/* --- the handle --- */

/* The library's version, "0.1.0". */
const char *vinject_version(void);

/* Return: a handle without a device, or NULL: no memory, no fd left. */
struct vinject *vinject_new(void);
/* Closes the connection; an unfinished frame is not sent. NULL is fine. */
void vinject_free(struct vinject *v);

/*
 * Connect to the device at an address, which is one of
 *
 *	/PATH ./PATH	any with a '/': the path of an injection socket
 *	fd:N		an inherited, connected socket
 *	LABEL		a device of a launcher, see vinject_open_label()
 *	vsock:CID:PORT	AF_VSOCK, from inside of a VM, say; the host's CID is 2
 *	hybrid:PATH:PORT  the Unix socket of a VMM (Firecracker) or of
 *			vhost-device-vsock, which connects to its guest's PORT
 *			when it is told "CONNECT PORT"
 *
 * Waits until the connection stands, at most 5 s: only vsock and hybrid take
 * time.
 * Return: 0; -EINVAL: no address; -EISCONN: the handle has a device; -ENOENT,
 * -ECONNREFUSED, -ENODEV, ...: it is not there; -ETIMEDOUT; another -errno.
 * vinject_error() says it in words. After an error the handle can be opened
 * again.
 */
int vinject_open(struct vinject *v, const char *address);

/*
 * The device with that label, "keyboard", "touch_0": the socket that a launcher
 * handed down (VINPUT_FDS="keyboard=5,mouse=6" in the environment), else the
 * one at dir/LABEL.inject. dir: the launcher's folder, NULL: that in VINPUT_DIR
 * in the environment. With dir not NULL, VINPUT_FDS does not count.
 * A socket that was handed down is taken, so it can be opened once.
 * Return: as vinject_open().
 */
int vinject_open_label(struct vinject *v, const char *label, const char *dir);

/*
 * A connected socket, SOCK_STREAM or SOCK_SEQPACKET. Taken, also on failure;
 * it need not be non-blocking.
 * Return: 0, -EBADF, -ENOTSOCK, -ENOTCONN, -EPROTOTYPE, -EISCONN.
 */
int vinject_open_fd(struct vinject *v, int fd);

/*
 * What the last vinject_open*() or a lost connection had to say: one line
 * without an end, valid until the next call with this handle. "" if nothing.
 */
const char *vinject_error(const struct vinject *v);

/*
 * Let vinject_open() wait for a device that is not there yet. ms: for so long,
 * -1: for ever, 0, as it is at first: not at all.
 */
void vinject_set_wait(struct vinject *v, int ms);

/*
 * Let vinject_frame() and vinject_flush() wait for room in the socket. ms: each
 * time for so long, -1: for ever, 0, as it is at first: not at all.
 */
void vinject_set_timeout(struct vinject *v, int ms);

/*
 * Connect again by oneself when the device goes away, as often as it takes
 * (tried by vinject_dispatch(), _frame() and _flush(), twenty times a second at
 * first). Meanwhile frames are folded. The device that comes back is told what
 * is held. Takes effect where there is an address to connect to: not for a
 * socket that was handed down, unless a folder for its label is known too.
 */
void vinject_set_reconnect(struct vinject *v, bool on);

/* Return: whether there is a connection at the moment. */
bool vinject_connected(const struct vinject *v);

/* --- frames --- */

/*
 * Send the events since the last frame, in one write, with a SYN_REPORT behind.
 * A frame without events is not sent.
 * Return: 0: it is sent, and all before it; > 0: vinject_pending(), it was
 * folded and will be told when there is room; -EPIPE: the device is gone.
 */
int vinject_frame(struct vinject *v);

/*
 * Send what waits, if there is room. Not needed by who calls vinject_dispatch()
 * or sends frames often enough. Return: as vinject_frame().
 */
int vinject_flush(struct vinject *v);

/*
 * Return: how many frames the device does not know yet: folded ones, or 1 when
 * it has only a piece of the last one or must be told anew what is held.
 */
unsigned int vinject_pending(const struct vinject *v);

/* Return: how many frames were ever folded instead of sent as they were. */
uint64_t vinject_folded(const struct vinject *v);

/*
 * Wait until all that was sent has been read by the device (for a connection
 * over vsock: handed over to the kernel). ms as in vinject_set_timeout().
 * Return: 0, -ETIMEDOUT, -EPIPE.
 */
int vinject_drain(struct vinject *v, int ms);

/*
 * Add what releases all that is held: keys and buttons up, contacts lifted,
 * the pen away, sticks and triggers to rest. Switches stay.
 */
int vinject_release_all(struct vinject *v);

/* --- status: LEDs and sounds that the guest sets --- */

/*
 * type: EV_LED (code: LED_CAPSL, ...), EV_SND or what else the guest sends; a
 * SYN_REPORT ends what belongs together and is told, too. May call all but
 * vinject_dispatch() and vinject_free() of this handle.
 */
typedef void (*vinject_status_fn)(void *arg, uint16_t type, uint16_t code,
				  int32_t value);
void vinject_set_status(struct vinject *v, vinject_status_fn status, void *arg);

/*
 * The fd to poll for reading, the same for the life of the handle: readable
 * when vinject_dispatch() has something to do. Borrowed: do not read or close.
 */
int vinject_fd(const struct vinject *v);

/*
 * Do what is due without waiting: tell of status events, send what waits,
 * notice that the device is gone, connect again.
 * Return: as vinject_frame().
 */
int vinject_dispatch(struct vinject *v);

/* Return: whether the guest last said that this LED is lit. */
bool vinject_led(const struct vinject *v, uint16_t led);

/* --- any device --- */

/*
 * Any event. SYN_REPORT is vinject_frame(), with its return value; another
 * EV_SYN is -EINVAL. Contacts: either by ABS_MT_ events or by
 * vinject_touch_*().
 */
int vinject_event(struct vinject *v, uint16_t type, uint16_t code,
		  int32_t value);

/* A key or a button, KEY_* or BTN_*. The guest repeats held keys itself. */
int vinject_key(struct vinject *v, uint16_t code, bool down);
/* SW_* */
int vinject_switch(struct vinject *v, uint16_t code, bool on);

/* --- mouse, tablet, rotary --- */

/* Relative: to the right and down. */
int vinject_motion(struct vinject *v, int32_t dx, int32_t dy);

/*
 * Buttons as a browser numbers them: 0 left, 1 middle, 2 right, 3 back (SIDE),
 * 4 forward (EXTRA). By code it is vinject_key().
 */
int vinject_button(struct vinject *v, unsigned int button, bool down);

/* The position of an absolute pointer or of a single-touch screen. */
int vinject_position(struct vinject *v, int32_t x, int32_t y);

/*
 * Turn the wheels, in 1/120 of a notch: up (away from the user) and to the
 * right are positive. The guest gets REL_WHEEL_HI_RES at once and REL_WHEEL
 * when notches have come together; changing the direction starts a new one.
 */
int vinject_wheel(struct vinject *v, int32_t vertical, int32_t horizontal);

/* A rotary's wheel: as vinject_wheel(), clockwise is positive. */
int vinject_turn(struct vinject *v, int32_t amount);
/* A dial's steps: REL_DIAL. */
int vinject_dial(struct vinject *v, int32_t steps);

/* --- contacts on a touchscreen or touchpad --- */

/*
 * Contacts have any id that the caller likes, unique among those that are down.
 * Slots and tracking IDs are found for them, and the device makes BTN_TOUCH and
 * the like of them.
 */

/*
 * How many contacts the device has slots for, at most VINJECT_SLOTS_MAX, which
 * is what is assumed at first; contacts beyond those of the device it ignores.
 * 0: a single-touch device, which knows ABS_X, ABS_Y and BTN_TOUCH only.
 * Return: 0, -EINVAL, -EBUSY: there are contacts.
 */
int vinject_touch_slots(struct vinject *v, unsigned int slots);

/* Also -ENOSPC: no slot is left. A contact that is down is moved. */
int vinject_touch_down(struct vinject *v, int64_t id, int32_t x, int32_t y);
/* These return also -ENOENT: there is no such contact. */
int vinject_touch_move(struct vinject *v, int64_t id, int32_t x, int32_t y);
int vinject_touch_up(struct vinject *v, int64_t id);
int vinject_touch_pressure(struct vinject *v, int64_t id, int32_t pressure);
/* The axes of the ellipse that is touched: ABS_MT_TOUCH_MAJOR, _MINOR. */
int vinject_touch_size(struct vinject *v, int64_t id, int32_t major,
		       int32_t minor);
/* Another: ABS_MT_ORIENTATION, ABS_MT_TOOL_TYPE, ... */
int vinject_touch_axis(struct vinject *v, int64_t id, uint16_t code,
		       int32_t value);
/* Lift all. */
int vinject_touch_cancel(struct vinject *v);
/* Return: how many are down. */
unsigned int vinject_touch_count(const struct vinject *v);

/* --- pen --- */

enum vinject_pen {
	VINJECT_PEN = BTN_TOOL_PEN,
	VINJECT_ERASER = BTN_TOOL_RUBBER,
};

/* The tool comes near. Another one goes away first, in a frame of its own. */
int vinject_pen_in(struct vinject *v, enum vinject_pen tool);
int vinject_pen_move(struct vinject *v, int32_t x, int32_t y);
/* It touches (BTN_TOUCH) while the pressure is more than 0. */
int vinject_pen_pressure(struct vinject *v, int32_t pressure);
/* In degrees: to the right and towards the user. */
int vinject_pen_tilt(struct vinject *v, int32_t x, int32_t y);
/* 0: BTN_STYLUS, the lower one, 1: BTN_STYLUS2, 2: BTN_STYLUS3. */
int vinject_pen_button(struct vinject *v, unsigned int button, bool down);
/* It is lifted, its buttons released, and away. */
int vinject_pen_out(struct vinject *v);

/* --- gamepad --- */

/*
 * Buttons as in the W3C's standard gamepad: 0..3 the lower, right, left and
 * upper one of the right cluster (A, B, X, Y); 4, 5 shoulders; 6, 7 triggers,
 * all the way; 8 back, 9 start; 10, 11 sticks pressed; 12..15 pad up, down,
 * left, right; 16 the logo. What an Xbox 360 pad sends is sent: so X, Y are
 * BTN_X, BTN_Y (BTN_NORTH, BTN_WEST in name only), triggers ABS_Z, ABS_RZ
 * (0..255), and the pad is a hat.
 */
#define VINJECT_PAD_BUTTONS 17
int vinject_pad_button(struct vinject *v, unsigned int button, bool down);

enum vinject_side {
	VINJECT_LEFT,
	VINJECT_RIGHT,
};

/* x, y: -32768..32767, to the right and down. */
int vinject_pad_stick(struct vinject *v, enum vinject_side side, int32_t x,
		      int32_t y);
/* value: 0..255 */
int vinject_pad_trigger(struct vinject *v, enum vinject_side side,
			int32_t value);
/* -1, 0, 1: left or up, none, right or down. */
int vinject_pad_hat(struct vinject *v, int32_t x, int32_t y);

#ifdef __cplusplus
}
#endif

#endif
