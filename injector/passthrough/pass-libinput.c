/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libinput is given one path, and opens it by open_restricted(), which hands it
 * a copy of our fd. A context lives as long as the guest has the node: what
 * libinput knows of contacts and buttons would be wrong after the host had it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "injector/passthrough/pass-cooked.h"
#include "injector/passthrough/pass-libinput.h"
#include "input/base/log.h"

/* Pens, and the buttons of their tablets, stay as they are. */
static bool is_of_pen(const struct spec *node)
{
	return spec_has(node, EV_KEY, BTN_TOOL_PEN) ||
	       spec_has(node, EV_KEY, BTN_STYLUS);
}

const char *pass_libinput_kind(const struct spec *node)
{
	const bool touch = spec_has(node, EV_KEY, BTN_TOUCH);
	const bool button = spec_has(node, EV_KEY, BTN_LEFT);

	if (is_of_pen(node))
		return NULL;
	if (touch && bit_test(node->props, INPUT_PROP_DIRECT))
		return "multi-touchscreen";
	if (touch && spec_has(node, EV_KEY, BTN_TOOL_FINGER))
		return "mouse";
	if (button && spec_has(node, EV_REL, REL_X))
		return "mouse";
	return button && spec_has(node, EV_ABS, ABS_X) ? "tablet" : NULL;
}

#ifdef HAVE_LIBINPUT

#include "injector/passthrough/pass-libinput-calls.h"

struct pass_libinput {
	struct pass_libinput_node node;
	struct libinput *li;
	struct libinput_device *device;
	struct pass_cooked cooked;
	bool gone;
	char said[200]; /* by libinput, last */
};

static const struct pass_libinput_calls *lib;

int pass_libinput_load(struct fault *why)
{
	lib = pass_libinput_calls(why);
	return lib ? 0 : -ENOENT;
}

/* --- the context --- */

static int open_copy(const char *path, int flags, void *arg)
{
	const struct pass_libinput *pl = arg;
	const int fd = fcntl(pl->node.fd, F_DUPFD_CLOEXEC, 3);

	return fd < 0 ? -errno : fd;
}

static void close_copy(int fd, void *arg)
{
	close(fd);
}

static const struct libinput_interface interface = {
	.open_restricted = open_copy,
	.close_restricted = close_copy,
};

__attribute__((format(printf, 3, 0))) static void note_said(
	struct libinput *li, enum libinput_log_priority priority,
	const char *format, va_list args)
{
	struct pass_libinput *pl = lib->get_user_data(li);

	vsnprintf(pl->said, sizeof(pl->said), format, args);
	pl->said[strcspn(pl->said, "\n")] = '\0';
	log_line(LOG_DEBUG, CULPRIT_HOST, "libinput: %s", pl->said);
}

/* --- settings --- */

/* Return: as libinput's functions; it is UNSUPPORTED if there is no such. */
static enum libinput_config_status tune(struct libinput_device *d,
					enum pass_tune what, int to)
{
	static const enum libinput_config_accel_profile accel[] = {
		[PASS_ACCEL_FLAT] = LIBINPUT_CONFIG_ACCEL_PROFILE_FLAT,
		[PASS_ACCEL_ADAPTIVE] = LIBINPUT_CONFIG_ACCEL_PROFILE_ADAPTIVE,
	};
	static const enum libinput_config_scroll_method scroll[] = {
		[PASS_SCROLL_NONE] = LIBINPUT_CONFIG_SCROLL_NO_SCROLL,
		[PASS_SCROLL_TWO_FINGER] = LIBINPUT_CONFIG_SCROLL_2FG,
		[PASS_SCROLL_EDGE] = LIBINPUT_CONFIG_SCROLL_EDGE,
		[PASS_SCROLL_BUTTON] = LIBINPUT_CONFIG_SCROLL_ON_BUTTON_DOWN,
	};
	static const enum libinput_config_click_method click[] = {
		[PASS_CLICK_NONE] = LIBINPUT_CONFIG_CLICK_METHOD_NONE,
		[PASS_CLICK_AREAS] = LIBINPUT_CONFIG_CLICK_METHOD_BUTTON_AREAS,
		[PASS_CLICK_FINGER] = LIBINPUT_CONFIG_CLICK_METHOD_CLICKFINGER,
	};

	switch (what) {
	case PASS_TUNE_TAP:
		return lib->device_config_tap_set_enabled(d, to);
	case PASS_TUNE_DRAG:
		return lib->device_config_tap_set_drag_enabled(d, to);
	case PASS_TUNE_DRAG_LOCK:
		return lib->device_config_tap_set_drag_lock_enabled(d, to);
	case PASS_TUNE_NATURAL:
		return lib->device_config_scroll_set_natural_scroll_enabled(d,
									    to);
	case PASS_TUNE_LEFT:
		return lib->device_config_left_handed_set(d, to);
	case PASS_TUNE_MIDDLE:
		return lib->device_config_middle_emulation_set_enabled(d, to);
	case PASS_TUNE_TYPING:
		return lib->device_config_dwt_set_enabled(d, to);
	case PASS_TUNE_PINCH:
		return lib->device_has_capability(d,
						  LIBINPUT_DEVICE_CAP_GESTURE)
			       ? LIBINPUT_CONFIG_STATUS_SUCCESS
			       : LIBINPUT_CONFIG_STATUS_UNSUPPORTED;
	case PASS_TUNE_ACCEL:
		return lib->device_config_accel_set_profile(d, accel[to]);
	case PASS_TUNE_SCROLL:
		return lib->device_config_scroll_set_method(d, scroll[to]);
	case PASS_TUNE_CLICK:
		return lib->device_config_click_set_method(d, click[to]);
	}
	return LIBINPUT_CONFIG_STATUS_UNSUPPORTED;
}

static void tell_status(const struct pass_libinput *pl, const char *name,
			enum libinput_config_status status)
{
	if (status != LIBINPUT_CONFIG_STATUS_SUCCESS)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "%s: the device has no such setting: %s",
			 pl->node.path, name);
}

static void tune_all(struct pass_libinput *pl)
{
	const struct pass_tuning *t = pl->node.tuning;

	for (int i = 0; i < PASS_TUNES; i++)
		if (t->choice[i] >= 0)
			tell_status(pl, pass_tuning_name((enum pass_tune)i),
				    tune(pl->device, (enum pass_tune)i,
					 t->choice[i]));
	if (t->has_speed)
		tell_status(pl, "speed",
			    lib->device_config_accel_set_speed(pl->device,
							       t->speed));
}

/* --- events --- */

static void take_motion(struct pass_cooked *c, struct libinput_event_pointer *e)
{
	pass_cooked_motion(c, lib->event_pointer_get_dx(e),
			   lib->event_pointer_get_dy(e));
}

static void take_position(struct pass_cooked *c,
			  struct libinput_event_pointer *e)
{
	pass_cooked_position(
		c, lib->event_pointer_get_absolute_x_transformed(e, 1),
		lib->event_pointer_get_absolute_y_transformed(e, 1));
}

static void take_scrolling(struct pass_cooked *c,
			   struct libinput_event_pointer *e, bool wheel)
{
	static const enum libinput_pointer_axis axis[] = {
		[PASS_X] = LIBINPUT_POINTER_AXIS_SCROLL_HORIZONTAL,
		[PASS_Y] = LIBINPUT_POINTER_AXIS_SCROLL_VERTICAL,
	};

	for (int i = PASS_X; i <= PASS_Y; i++) {
		const enum pass_axis to = (enum pass_axis)i;

		if (!lib->event_pointer_has_axis(e, axis[i]))
			continue;
		if (wheel)
			pass_cooked_wheel(
				c, to,
				lib->event_pointer_get_scroll_value_v120(
					e, axis[i]));
		else
			pass_cooked_finger(c, to,
					   lib->event_pointer_get_scroll_value(
						   e, axis[i]));
	}
}

static void take_pointer(struct pass_cooked *c, enum libinput_event_type type,
			 struct libinput_event_pointer *e)
{
	c->time_us = (int64_t)lib->event_pointer_get_time_usec(e);
	if (type == LIBINPUT_EVENT_POINTER_MOTION)
		take_motion(c, e);
	else if (type == LIBINPUT_EVENT_POINTER_MOTION_ABSOLUTE)
		take_position(c, e);
	else if (type == LIBINPUT_EVENT_POINTER_BUTTON)
		pass_cooked_button(c, lib->event_pointer_get_button(e),
				   lib->event_pointer_get_button_state(e) ==
					   LIBINPUT_BUTTON_STATE_PRESSED);
	else
		take_scrolling(c, e,
			       type == LIBINPUT_EVENT_POINTER_SCROLL_WHEEL);
}

static void take_touch(struct pass_cooked *c, enum libinput_event_type type,
		       struct libinput_event_touch *e)
{
	int slot = lib->event_touch_get_slot(e);

	/* A device without slots has one contact. */
	if (slot < 0)
		slot = 0;
	c->time_us = (int64_t)lib->event_touch_get_time_usec(e);
	if (type == LIBINPUT_EVENT_TOUCH_UP ||
	    type == LIBINPUT_EVENT_TOUCH_CANCEL) {
		pass_cooked_up(c, slot);
		return;
	}
	if (type == LIBINPUT_EVENT_TOUCH_DOWN)
		pass_cooked_down(c, slot);
	pass_cooked_move(c, slot, lib->event_touch_get_x_transformed(e, 1),
			 lib->event_touch_get_y_transformed(e, 1));
}

static void take_pinch(struct pass_cooked *c, enum libinput_event_type type,
		       struct libinput_event_gesture *e)
{
	c->time_us = (int64_t)lib->event_gesture_get_time_usec(e);
	if (type == LIBINPUT_EVENT_GESTURE_PINCH_END)
		pass_cooked_pinch_end(c);
	else
		pass_cooked_pinch(c, lib->event_gesture_get_scale(e));
}

static void send_cooked(struct pass_libinput *pl)
{
	const size_t n = pass_cooked_end(&pl->cooked);

	if (n)
		pl->node.send(pl->node.arg, pl->cooked.ev, n);
}

static void take_event(struct pass_libinput *pl, struct libinput_event *e)
{
	const enum libinput_event_type type = lib->event_get_type(e);

	switch ((int)type) {
	case LIBINPUT_EVENT_DEVICE_REMOVED:
		pl->gone = true;
		return;
	case LIBINPUT_EVENT_POINTER_MOTION:
	case LIBINPUT_EVENT_POINTER_MOTION_ABSOLUTE:
	case LIBINPUT_EVENT_POINTER_BUTTON:
	/* POINTER_AXIS says the same once more. */
	case LIBINPUT_EVENT_POINTER_SCROLL_WHEEL:
	case LIBINPUT_EVENT_POINTER_SCROLL_FINGER:
	case LIBINPUT_EVENT_POINTER_SCROLL_CONTINUOUS:
		take_pointer(&pl->cooked, type,
			     lib->event_get_pointer_event(e));
		send_cooked(pl);
		return;
	case LIBINPUT_EVENT_GESTURE_PINCH_UPDATE:
	case LIBINPUT_EVENT_GESTURE_PINCH_END:
		if (!pass_tuning_pinches(pl->node.tuning))
			return;
		take_pinch(&pl->cooked, type, lib->event_get_gesture_event(e));
		send_cooked(pl);
		return;
	case LIBINPUT_EVENT_TOUCH_DOWN:
	case LIBINPUT_EVENT_TOUCH_MOTION:
	case LIBINPUT_EVENT_TOUCH_UP:
	case LIBINPUT_EVENT_TOUCH_CANCEL:
		take_touch(&pl->cooked, type, lib->event_get_touch_event(e));
		return;
	case LIBINPUT_EVENT_TOUCH_FRAME:
		send_cooked(pl);
		return;
	}
}

int pass_libinput_dispatch(struct pass_libinput *pl)
{
	struct libinput_event *e;
	const int r = lib->dispatch(pl->li);

	while ((e = lib->get_event(pl->li))) {
		take_event(pl, e);
		lib->event_destroy(e);
	}
	return r ? r : pl->gone ? -ENODEV : 0;
}

const struct state *pass_libinput_state(const struct pass_libinput *pl)
{
	return &pl->cooked.now;
}

int pass_libinput_fd(const struct pass_libinput *pl)
{
	return lib->get_fd(pl->li);
}

/* --- life --- */

static bool is_gone(const struct pass_libinput *pl)
{
	int version;

	return ioctl(pl->node.fd, EVIOCGVERSION, &version) < 0 &&
	       errno == ENODEV;
}

static int libinput_add(struct pass_libinput *pl, struct fault *why)
{
	pl->li = lib->path_create_context(&interface, pl);
	if (!pl->li)
		return fault_no_memory(why);
	lib->log_set_handler(pl->li, note_said);
	lib->log_set_priority(pl->li, LIBINPUT_LOG_PRIORITY_INFO);
	pl->device = lib->path_add_device(pl->li, pl->node.path);
	if (!pl->device && is_gone(pl))
		return fault_errno(why, -ENODEV, "%s: unplugged",
				   pl->node.path);
	if (!pl->device)
		return fault_set(
			why,
			"%s: libinput does not take it, as where udevd "
			"does not run%s%s",
			pl->node.path, pl->said[0] ? ": " : "", pl->said);
	lib->device_ref(pl->device);
	tune_all(pl);
	return 0;
}

int pass_libinput_new(struct pass_libinput **out,
		      const struct pass_libinput_node *node, struct fault *why)
{
	struct pass_libinput *pl = calloc(1, sizeof(*pl));
	int r;

	if (!pl)
		return fault_no_memory(why);
	pl->node = *node;
	pass_cooked_init(&pl->cooked, node->spec);
	r = libinput_add(pl, why);
	if (r) {
		pass_libinput_free(pl);
		return r;
	}
	*out = pl;
	return 0;
}

void pass_libinput_free(struct pass_libinput *pl)
{
	if (!pl)
		return;
	if (pl->device)
		lib->device_unref(pl->device);
	if (pl->li)
		lib->unref(pl->li);
	free(pl);
}

#else

int pass_libinput_load(struct fault *why)
{
	return fault_errno(why, -EOPNOTSUPP,
			   "this program was built without libinput");
}

int pass_libinput_new(struct pass_libinput **out,
		      const struct pass_libinput_node *node, struct fault *why)
{
	return fault_errno(why, -EOPNOTSUPP, "built without libinput");
}

void pass_libinput_free(struct pass_libinput *pl)
{
}

int pass_libinput_dispatch(struct pass_libinput *pl)
{
	return -EOPNOTSUPP;
}

const struct state *pass_libinput_state(const struct pass_libinput *pl)
{
	return NULL;
}

int pass_libinput_fd(const struct pass_libinput *pl)
{
	return -1;
}

#endif
