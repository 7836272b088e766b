/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libvinject: inject events into a device that vhost-user-input serves. One
 * handle is one connection to one device, and one source of events there.
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
 * Frames. Calls such as vinject_key() add events to a frame; vinject_frame()
 * sends it, and the guest sees all of it at once or none of it. Codes (KEY_A)
 * are those of linux/input-event-codes.h. The library does not know the
 * device's spec: the device drops events that it does not declare and clamps
 * values to an axis' range.
 *
 * Waiting. Only vinject_open*(), vinject_drain(), functions with a timeout_ms
 * and, if a timeout is set, vinject_frame() and vinject_flush() wait. A frame
 * that does not fit into the socket is not queued but folded into one state:
 * keys, switches, axes, contacts, and the sum of relative motion. When there is
 * space again, one frame carries the difference, releases first. The device can
 * miss a tap or the path of a motion, but no release, and its last state is
 * always right.
 *
 * Releasing. When a handle is freed or its process ends, the device releases
 * what only this handle held.
 *
 * Ownership. A handle belongs to the caller, who MUST free it. Strings that are
 * passed in are used during the call only. The caller MUST NOT read, write or
 * close an fd of a handle.
 *
 * Threads. A handle MUST NOT be used by two threads at the same time. Handles
 * are independent of each other. No signal is raised (SIGPIPE) or handled.
 *
 * Errors. Functions that can fail return a negative errno on failure, and 0 or
 * what is documented otherwise:
 *
 *	-EPIPE		the handle has no device: it was never opened, or the
 *			device disconnected and is not reconnected to, see
 *			vinject_set_reconnect()
 *	-EMSGSIZE	the frame has VINJECT_FRAME_MAX events already; the
 *			call added none
 *	-EINVAL		invalid code or value; the call added no event
 *
 * Every call that adds events can return these three. A caller that passes
 * valid codes and short frames MAY ignore them: vinject_frame() returns -EPIPE
 * too. v MUST NOT be NULL, except for vinject_free().
 */
#ifndef VINJECT_H
#define VINJECT_H

#include <linux/input-event-codes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vinject;

/* Events in a frame. */
#define VINJECT_FRAME_MAX 4096
/* Simultaneous contacts. */
#define VINJECT_SLOTS_MAX 64
/* A notch (detent) of a wheel, in the units of vinject_wheel(). */
#define VINJECT_NOTCH 120

/* --- the handle --- */

/* Return: the library's version, "0.1.0"; static. */
const char *vinject_version(void);

/*
 * Return: a handle without a device; NULL with errno: no memory or no fd is
 * left.
 */
struct vinject *vinject_new(void);
/* Close the connection; an unfinished frame is not sent. v MAY be NULL. */
void vinject_free(struct vinject *v);

/*
 * Connect to the device at an address:
 *
 *	/PATH ./PATH	an injection socket; any address with a '/' that has
 *			none of the prefixes below
 *	fd:N		an inherited, connected socket
 *	LABEL		a device of a launcher, see vinject_open_label()
 *	vsock:CID:PORT	AF_VSOCK, for example from inside a VM; the host's CID
 *			is 2
 *	hybrid:PATH:PORT  the Unix socket of a VMM (Firecracker) or of
 *			vhost-device-vsock, which connects to PORT in its guest
 *			after the request "CONNECT PORT"
 *
 * Waits until the connection is established, for at most 5 s; only vsock and
 * hybrid take time. An fd of an address belongs to the handle after success
 * and stays open after a failure.
 *
 * A handle MAY be opened again after a failure or after -EPIPE; then nothing
 * is held and the frame is empty.
 *
 * Return: 0; -EINVAL: invalid address; -ENAMETOOLONG; -EISCONN: the handle
 * has a device; -ENOENT, -ECONNREFUSED, -ENODEV, ...: no device is there;
 * -ETIMEDOUT; another negative errno. vinject_error() describes it.
 */
int vinject_open(struct vinject *v, const char *address);

/*
 * Connect to the device with this label ("keyboard", "touch_0"): through the
 * socket that a launcher passed down (VINPUT_FDS="keyboard=5,mouse=6" in the
 * environment), otherwise through dir/LABEL.inject. dir: the launcher's
 * directory; NULL: the one in VINPUT_DIR in the environment. If dir is not
 * NULL, VINPUT_FDS is ignored. A socket that was passed down belongs to the
 * handle after success, so it can be opened once.
 * Return: as vinject_open().
 */
int vinject_open_label(struct vinject *v, const char *label, const char *dir);

/*
 * Use a connected socket, SOCK_STREAM or SOCK_SEQPACKET. fd: taken, also on
 * failure; it MAY be blocking.
 * Return: 0, -EBADF, -ENOTSOCK, -ENOTCONN, -EPROTOTYPE, -EISCONN.
 */
int vinject_open_fd(struct vinject *v, int fd);

/*
 * Return: why the last vinject_open*() failed or the connection was lost: one
 * line without a newline, "" if neither happened. Valid until the next call
 * with this handle.
 */
const char *vinject_error(const struct vinject *v);

/*
 * Let vinject_open*() wait for a device that does not exist yet. ms: for at
 * most so long; -1: without limit; 0, the default: not at all.
 */
void vinject_set_wait(struct vinject *v, int ms);

/*
 * Let vinject_frame() and vinject_flush() wait for space in the socket. ms: for
 * at most so long in each call; -1: without limit; 0, the default: not at all.
 */
void vinject_set_timeout(struct vinject *v, int ms);

/*
 * Reconnect when the device disconnects: vinject_dispatch(), vinject_frame()
 * and vinject_flush() try it without end, first after 50 ms, later every 500
 * ms. Meanwhile frames are folded; once reconnected, one frame carries all that
 * is held. Off by default, and without effect where there is no address: for
 * fd:N, for vinject_open_fd(), and for a socket that was passed down unless
 * VINPUT_DIR is set too.
 */
void vinject_set_reconnect(struct vinject *v, bool on);

/*
 * Whether the handle may send through memory that it shares with the server. On
 * by default: a handle that sends 64 frames within a second asks the server for
 * it, and uses it once the server has agreed; until then, and with a server
 * that has none, which older ones and those behind inherited sockets have not,
 * it sends through the socket. Frames take the same way otherwise. off: at once
 * for handles that have not asked, and for all that connect later.
 */
void vinject_set_shared_memory(struct vinject *v, bool on);

/*
 * Ask for it now, whether it is on or off, and wait for the answer; with a
 * negative timeout for 2 s at most, since an older server gives none. The
 * handle asks again when it has reconnected, until shared memory is set off.
 * Return: 0: the handle uses it; -EOPNOTSUPP: the server does not agree, or has
 * not answered in time; -EBUSY: in a callback; -EPIPE.
 */
int vinject_share_memory(struct vinject *v, int timeout_ms);

/* Return: whether the handle sends through shared memory now. */
bool vinject_shares_memory(const struct vinject *v);

/* Return: whether the handle is connected now. */
bool vinject_connected(const struct vinject *v);

/* --- frames --- */

/*
 * Send the events added since the last frame, and a SYN_REPORT, in one write.
 * An empty frame is not sent.
 * Return: 0: this and all frames before it are sent; > 0: it was folded, see
 * vinject_pending(); -EPIPE.
 */
int vinject_frame(struct vinject *v);

/*
 * Send what is pending, if there is space. Callers of vinject_dispatch(), and
 * those that send frames often, do not need this.
 * Return: as vinject_frame().
 */
int vinject_flush(struct vinject *v);

/*
 * Return: the number of frames that the device does not know yet: the folded
 * ones, or 1 if it has only a part of the last one, or if a new connection has
 * not been sent what is held.
 */
unsigned int vinject_pending(const struct vinject *v);

/* Return: how many frames have been folded since the handle was created. */
uint64_t vinject_folded(const struct vinject *v);

/*
 * Wait until the device has read everything that was sent (over vsock: until
 * the kernel has it). ms: as in vinject_set_timeout().
 * Return: 0, -ETIMEDOUT, -EPIPE.
 */
int vinject_drain(struct vinject *v, int ms);

/*
 * Add the events that release everything that is held: keys and buttons up,
 * contacts lifted, the pen away, sticks and triggers to rest. Switches stay.
 */
int vinject_release_all(struct vinject *v);

/* --- status: LEDs and sounds that the guest sets --- */

/*
 * Called by vinject_dispatch() for each status event. type: EV_LED (code:
 * LED_CAPSL, ...), EV_SND or another that the guest sends; a SYN_REPORT that
 * ends a group is passed too. The callback MAY call any function with this
 * handle but vinject_dispatch(), vinject_free() and those with a timeout_ms.
 */
typedef void (*vinject_status_fn)(void *arg, uint16_t type, uint16_t code,
				  int32_t value);
/* status: NULL for none. arg: borrowed until it is replaced. */
void vinject_set_status(struct vinject *v, vinject_status_fn status, void *arg);

/*
 * Return: an fd to poll for reading, the same for the life of the handle;
 * borrowed. It is readable when vinject_dispatch() has work to do.
 */
int vinject_fd(const struct vinject *v);

/*
 * Do what is due without waiting: deliver status events, send what is pending,
 * notice a disconnect, reconnect.
 * Return: as vinject_frame().
 */
int vinject_dispatch(struct vinject *v);

/* Return: whether the guest has this LED on, as far as dispatched. */
bool vinject_led(const struct vinject *v, uint16_t led);

/* --- receipts: whether the guest took it --- */

/*
 * All of this takes a server that knows it; ask with vinject_hello(). A handle
 * that does not ask sends and gets none of it.
 *
 *	vinject_hello(v, 500);
 *	vinject_lossless(v, -1);
 *	vinject_key(v, KEY_A, true);
 *	vinject_ask_receipt(v, &number);
 *	vinject_frame(v);
 *	vinject_wait_receipt(v, number, 1000, &sum);
 *
 * Functions with a timeout_ms wait for at most so long; -1: without limit; 0:
 * they only send the request, and a program with a loop of its own calls them
 * again after vinject_dispatch(). While they wait they do what
 * vinject_dispatch() does, callbacks included; called from a callback they
 * return -EBUSY.
 *
 * Those that send a request can also return -EPIPE, and -EOPNOTSUPP if the
 * server has not answered a vinject_hello().
 */

/*
 * Ask whether the server gives receipts. The first call sends the question,
 * further ones only wait for its answer. What is set here is set again on each
 * new connection, and for each new server behind an inherited socket;
 * vinject_open*() unsets it.
 * Return: 0: it does; -EOPNOTSUPP: no answer, as from an older server.
 */
int vinject_hello(struct vinject *v, int timeout_ms);

/*
 * Let the server keep the frames of this handle for a guest that takes none,
 * instead of folding them. ms: for at most so long; -1: without limit; 0, the
 * default: not at all. When the socket has filled up meanwhile, frames of
 * VINJECT_FRAME_MAX events together wait in the handle; then the library folds
 * unless vinject_set_timeout() lets it wait.
 * Return: 0, -EINVAL.
 */
int vinject_lossless(struct vinject *v, int ms);

/* What a receipt says, as bits; 0: the guest took everything as it was. */
enum vinject_result {
	VINJECT_NO_DRIVER = 1 << 0,  /* no driver of a guest took it */
	VINJECT_FOLDED = 1 << 1,     /* frames: only the state they led to */
	VINJECT_UNDECLARED = 1 << 2, /* events that the device does not have */
	VINJECT_CLAMPED = 1 << 3,    /* values out of an axis' range */
	VINJECT_DROPPED = 1 << 4,    /* events of contacts without a slot */
	VINJECT_LOST = 1 << 5,	     /* receipts that were not answered */
	VINJECT_CANCELLED = 1 << 6,  /* frames that were withdrawn */
	/* The server disconnected, or was replaced, before it answered. */
	VINJECT_UNKNOWN = 1 << 30,
};

struct vinject_receipt {
	uint32_t number;
	unsigned int result; /* VINJECT_NO_DRIVER and so on, of */
	/* ... what was sent since the receipt before it; how many there are: */
	unsigned int folded, undeclared, clamped, dropped, lost, cancelled;
	/* One of the undeclared events, if there are any. */
	uint16_t unknown_type, unknown_code;
	/* From vinject_frame() to the answer's arrival here; 0: no answer. */
	uint64_t latency_ns;
	uint64_t reserved[4];
};

/*
 * Add a request for a receipt to the frame. The server answers when a guest's
 * driver has taken that frame and all before it: the buffers that carried them
 * were returned to the driver, which made them available again. Numbers count
 * up from 1, and so are they answered. *number: what it is called; number MAY
 * be NULL. A program that asks has to call vinject_dispatch() meanwhile:
 * answers for which the socket has no space, after some hundreds, are lost.
 * Return: 0; -EAGAIN: VINJECT_OWED_MAX are owed: call vinject_dispatch();
 * -EMSGSIZE.
 */
#define VINJECT_OWED_MAX 1024
int vinject_ask_receipt(struct vinject *v, uint32_t *number);

/* Return: how many receipts have been asked for and are not yet reported. */
unsigned int vinject_owed(const struct vinject *v);

/*
 * Called once for each receipt, in their order, by vinject_dispatch() and the
 * functions that wait; with VINJECT_LOST for one that was skipped, with
 * VINJECT_UNKNOWN for those that the server owed when the connection ended. It
 * MAY do what a vinject_status_fn may. r is valid during the call.
 */
typedef void (*vinject_receipt_fn)(void *arg, const struct vinject_receipt *r);
/* receipt: NULL for none. arg: borrowed until it is replaced. */
void vinject_set_receipt(struct vinject *v, vinject_receipt_fn receipt,
			 void *arg);

/*
 * Wait until the receipt with this number is reported, and so are all before
 * it. *sum, unless it is NULL: all that were reported since the last call,
 * added up, also on failure; its number and latency are those of the last one.
 * Return: 0: all were answered, see sum->result; -ECONNRESET: the result of
 * some of them has VINJECT_UNKNOWN; -ETIMEDOUT; -EINVAL: the number was not
 * asked for, or its frame not sent.
 */
int vinject_wait_receipt(struct vinject *v, uint32_t number, int timeout_ms,
			 struct vinject_receipt *sum);

/*
 * Withdraw those frames of this handle of which the guest has been sent
 * nothing, and let the device release what it holds of the others; then the
 * handle holds nothing, and its frame is empty. Switches stay. *last: the last
 * receipt, answered or not, for what the guest has been sent; last MAY be NULL.
 * Those after it are reported with VINJECT_CANCELLED. A call after -ETIMEDOUT
 * waits for the same answer.
 * Return: 0; -ENODATA: the guest has been sent nothing with a receipt;
 * -ETIMEDOUT; -ECONNRESET: the server disconnected or was replaced, and what
 * was withdrawn is not known.
 */
int vinject_cancel(struct vinject *v, uint32_t *last, int timeout_ms);

/* --- the guest's driver, and the device's name --- */

enum vinject_driver {
	VINJECT_DRIVER_UNKNOWN, /* not watched, or not reported yet */
	VINJECT_DRIVER_NO_VMM,	/* the device has no VMM */
	VINJECT_DRIVER_NONE,	/* a VMM, but no driver has the device */
	VINJECT_DRIVER_RUNNING, /* takes events */
};

/*
 * Watch the guest's driver: called by vinject_dispatch() and the functions that
 * wait with its present state, and when that changes. It MAY do what a
 * vinject_status_fn may.
 */
typedef void (*vinject_driver_fn)(void *arg, enum vinject_driver state);
/* driver: NULL ends it. arg: borrowed until then. Return: 0. */
int vinject_watch_driver(struct vinject *v, vinject_driver_fn driver,
			 void *arg);

/* Return: the state that was reported last, if it is watched. */
enum vinject_driver vinject_driver(const struct vinject *v);

/*
 * Watch the driver, with the callback that is set or none, and wait until it
 * runs. Return: 0, -ETIMEDOUT.
 */
int vinject_wait_driver(struct vinject *v, int timeout_ms);

/*
 * Ask for the device's name, as the guest has it. len: the size of name.
 * Return: 0, -ETIMEDOUT, -ERANGE: len is too small, and name is cut.
 */
int vinject_name(struct vinject *v, char *name, size_t len, int timeout_ms);

enum vinject_modifier {
	VINJECT_LEFT_CTRL = 1 << 0,
	VINJECT_LEFT_SHIFT = 1 << 1,
	VINJECT_LEFT_ALT = 1 << 2,
	VINJECT_LEFT_META = 1 << 3,
	VINJECT_RIGHT_CTRL = 1 << 4,
	VINJECT_RIGHT_SHIFT = 1 << 5,
	VINJECT_RIGHT_ALT = 1 << 6,
	VINJECT_RIGHT_META = 1 << 7,
};

/*
 * Ask which modifier keys other injectors hold: what is typed now would be
 * changed by them. Return: 0 and *held, VINJECT_LEFT_CTRL and so on;
 * -ETIMEDOUT.
 */
int vinject_held_by_others(struct vinject *v, unsigned int *held,
			   int timeout_ms);

/* --- any device --- */

/*
 * Add any event. SYN_REPORT is vinject_frame(), with its return value; any
 * other EV_SYN is -EINVAL. A program uses either ABS_MT_* events or
 * vinject_touch_*() for contacts, not both.
 */
int vinject_event(struct vinject *v, uint16_t type, uint16_t code,
		  int32_t value);

/* KEY_* or BTN_*. The guest repeats a key that is held by itself. */
int vinject_key(struct vinject *v, uint16_t code, bool down);
/* SW_* */
int vinject_switch(struct vinject *v, uint16_t code, bool on);

/* --- mouse, tablet, rotary --- */

/* Relative motion, positive to the right and down. */
int vinject_motion(struct vinject *v, int32_t dx, int32_t dy);

/*
 * Buttons as browsers number them: 0 left, 1 middle, 2 right, 3 back (SIDE),
 * 4 forward (EXTRA). For others use vinject_key().
 */
int vinject_button(struct vinject *v, unsigned int button, bool down);

/* The position of an absolute pointer or of a single-touch screen. */
int vinject_position(struct vinject *v, int32_t x, int32_t y);

/*
 * Turn the wheels, in 1/120 of a notch; positive is up (away from the user) and
 * to the right. Adds REL_WHEEL_HI_RES at once, and REL_WHEEL when whole notches
 * have accumulated; a change of direction starts a new notch.
 */
int vinject_wheel(struct vinject *v, int32_t vertical, int32_t horizontal);

/* Turn a rotary's wheel: as vinject_wheel(), clockwise is positive. */
int vinject_turn(struct vinject *v, int32_t amount);
/* Steps of a dial: REL_DIAL. */
int vinject_dial(struct vinject *v, int32_t steps);

/* --- contacts on a touchscreen or touchpad --- */

/*
 * A contact has an ID of the caller's choice, unique among those that are down.
 * The library assigns slots and tracking IDs; the device derives BTN_TOUCH and
 * the like.
 */

/*
 * Set the number of slots of the device, from 1 to VINJECT_SLOTS_MAX, which is
 * the default; a device ignores contacts beyond its slots. 0: a device without
 * slots. If it is a touch device, contacts are ABS_X, ABS_Y and BTN_TOUCH only.
 * The ABS_MT_ codes that vinject_event() sends are axes like others then, as
 * those of HID devices with dozens of axes; they are also after an event of the
 * axis before ABS_MT_SLOT, which no multi-touch device has.
 * Return: 0, -EINVAL, -EBUSY: a contact is down.
 */
int vinject_touch_slots(struct vinject *v, unsigned int slots);

/* A contact that is down already is moved. Return: also -ENOSPC: no slot. */
int vinject_touch_down(struct vinject *v, int64_t id, int32_t x, int32_t y);
/* Return, of these: also -ENOENT: no such contact. */
int vinject_touch_move(struct vinject *v, int64_t id, int32_t x, int32_t y);
int vinject_touch_up(struct vinject *v, int64_t id);
int vinject_touch_pressure(struct vinject *v, int64_t id, int32_t pressure);
/* The axes of the contact's ellipse: ABS_MT_TOUCH_MAJOR and _MINOR. */
int vinject_touch_size(struct vinject *v, int64_t id, int32_t major,
		       int32_t minor);
/* Any other: ABS_MT_ORIENTATION, ABS_MT_TOOL_TYPE, ... */
int vinject_touch_axis(struct vinject *v, int64_t id, uint16_t code,
		       int32_t value);
/* Lift all contacts. */
int vinject_touch_cancel(struct vinject *v);
/* Return: the number of contacts that are down. */
unsigned int vinject_touch_count(const struct vinject *v);

/* --- pen --- */

enum vinject_pen {
	VINJECT_PEN = BTN_TOOL_PEN,
	VINJECT_ERASER = BTN_TOOL_RUBBER,
};

/* Bring the tool near. Another tool leaves first, in a frame of its own. */
int vinject_pen_in(struct vinject *v, enum vinject_pen tool);
int vinject_pen_move(struct vinject *v, int32_t x, int32_t y);
/* The pen touches (BTN_TOUCH) while its pressure is greater than 0. */
int vinject_pen_pressure(struct vinject *v, int32_t pressure);
/* In degrees, positive to the right and towards the user. */
int vinject_pen_tilt(struct vinject *v, int32_t x, int32_t y);
/* 0: BTN_STYLUS, the lower one; 1: BTN_STYLUS2; 2: BTN_STYLUS3. */
int vinject_pen_button(struct vinject *v, unsigned int button, bool down);
/* Lift the pen, release its buttons, and take it away. */
int vinject_pen_out(struct vinject *v);

/* --- gamepad --- */

/*
 * Buttons of the W3C's standard gamepad: 0..3 the lower, right, left and upper
 * one of the right cluster (A, B, X, Y); 4, 5 shoulders; 6, 7 triggers, fully
 * pressed or released; 8 back; 9 start; 10, 11 sticks pressed; 12..15 pad up,
 * down, left, right; 16 the logo. The events are those of an Xbox 360 pad: X
 * and Y are BTN_X and BTN_Y (BTN_NORTH and BTN_WEST in name only), triggers
 * ABS_Z and ABS_RZ (0..255), and the pad is a hat.
 */
#define VINJECT_PAD_BUTTONS 17
int vinject_pad_button(struct vinject *v, unsigned int button, bool down);

enum vinject_side {
	VINJECT_LEFT,
	VINJECT_RIGHT,
};

/* x, y: -32768..32767, positive to the right and down. */
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
