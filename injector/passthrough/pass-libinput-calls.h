/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of libinput that are called. It is loaded only where it is
 * wanted: with what it depends on it takes more memory than all the rest of
 * the program, and more time to start.
 */
#ifndef VINPUT_PASS_LIBINPUT_CALLS_H
#define VINPUT_PASS_LIBINPUT_CALLS_H

#include <libinput.h>
#include "input/base/fault.h"

#define PASS_LIBINPUT_CALLS(X)                             \
	X(device_config_accel_set_profile)                 \
	X(device_config_accel_set_speed)                   \
	X(device_config_click_set_method)                  \
	X(device_config_dwt_set_enabled)                   \
	X(device_config_left_handed_set)                   \
	X(device_config_middle_emulation_set_enabled)      \
	X(device_config_scroll_set_method)                 \
	X(device_config_scroll_set_natural_scroll_enabled) \
	X(device_config_tap_set_drag_enabled)              \
	X(device_config_tap_set_drag_lock_enabled)         \
	X(device_config_tap_set_enabled)                   \
	X(device_has_capability)                           \
	X(device_ref)                                      \
	X(device_unref)                                    \
	X(dispatch)                                        \
	X(event_destroy)                                   \
	X(event_gesture_get_scale)                         \
	X(event_gesture_get_time_usec)                     \
	X(event_get_gesture_event)                         \
	X(event_get_pointer_event)                         \
	X(event_get_touch_event)                           \
	X(event_get_type)                                  \
	X(event_pointer_get_absolute_x_transformed)        \
	X(event_pointer_get_absolute_y_transformed)        \
	X(event_pointer_get_button)                        \
	X(event_pointer_get_button_state)                  \
	X(event_pointer_get_dx)                            \
	X(event_pointer_get_dy)                            \
	X(event_pointer_get_scroll_value)                  \
	X(event_pointer_get_scroll_value_v120)             \
	X(event_pointer_get_time_usec)                     \
	X(event_pointer_has_axis)                          \
	X(event_touch_get_slot)                            \
	X(event_touch_get_time_usec)                       \
	X(event_touch_get_x_transformed)                   \
	X(event_touch_get_y_transformed)                   \
	X(get_event)                                       \
	X(get_fd)                                          \
	X(get_user_data)                                   \
	X(log_set_handler)                                 \
	X(log_set_priority)                                \
	X(path_add_device)                                 \
	X(path_create_context)                             \
	X(unref)

struct pass_libinput_calls {
#define PASS_LIBINPUT_MEMBER(name) __typeof__(libinput_##name) *(name);
	PASS_LIBINPUT_CALLS(PASS_LIBINPUT_MEMBER)
#undef PASS_LIBINPUT_MEMBER
};

/* The library is loaded once. Return: its functions, or NULL. */
const struct pass_libinput_calls *pass_libinput_calls(struct fault *why);

#endif
