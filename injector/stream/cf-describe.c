/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/stream/cf-describe.h"
#include "injector/stream/cf-route.h"
#include "injector/stream/stream-display.h"

#define USUAL_DPI 160 /* Android's, where a display does not tell */

/* Its devices, with their sizes and rights. */
struct describer {
	const struct stream_devices *devices;
	const struct stream_rights *rights;
};

/* Return: the device with this number, if the client may know of it. */
static const struct stream_device *describe_nth(const struct describer *d,
						int number)
{
	const struct stream_device *at = d->devices->at[number];

	return at && stream_rights_include(d->rights, at->label) ? at : NULL;
}

/* --- displays and touchpads --- */

/* The axis' resolution is in units per millimetre; a pixel may be several. */
static int describe_dpi(const struct stream_device *d,
			const struct stream_display *display)
{
	const uint16_t axis = stream_device_scales(d, ABS_MT_POSITION_X)
				      ? ABS_MT_POSITION_X
				      : ABS_X;
	const int32_t res = d->spec.abs[axis].res;
	struct stream_size size;

	if (res <= 0 || res >= 1000 || !stream_device_size(d, &size))
		return USUAL_DPI;
	return (int)(res * 25.4 * display->width / size.width + 0.5);
}

/* As large as their video. */
static json_t *describe_displays(const struct describer *d)
{
	json_t *displays = json_array();

	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		const struct stream_device *at = describe_nth(d, i);
		struct stream_display display;

		if (at && stream_display_of(at, &display))
			json_array_append_new(
				displays,
				json_pack("{s:s, s:i, s:i, s:i, s:b}",
					  "stream_id", display.id, "x_res",
					  (int)display.width, "y_res",
					  (int)display.height, "dpi",
					  describe_dpi(at, &display),
					  "is_touch", 1));
	}
	return displays;
}

static json_t *describe_touchpads(const struct describer *d)
{
	json_t *touchpads = json_array();

	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		const struct stream_device *at = describe_nth(d, i);
		struct stream_size size;

		if (at && at->roles & STREAM_SURFACE && at->display < 0 &&
		    stream_device_size(at, &size))
			json_array_append_new(
				touchpads, json_pack("{s:i, s:i, s:s}", "x_res",
						     (int)size.width, "y_res",
						     (int)size.height, "label",
						     at->label));
	}
	return touchpads;
}

/* --- buttons --- */

/* Whether a device of this role has it, or may have, if it is unknown. */
static bool describe_has(const struct describer *d, enum stream_role role,
			 uint16_t type, uint16_t code)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		const struct stream_device *at = describe_nth(d, i);

		if (at && at->roles & role &&
		    (!at->has_spec || spec_has(&at->spec, type, code)))
			return true;
	}
	return false;
}

static bool describe_any(const struct describer *d, enum stream_role role)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		const struct stream_device *at = describe_nth(d, i);

		if (at && at->roles & role)
			return true;
	}
	return false;
}

/*
 * The client hides its own volume buttons where there is no sound, of which
 * this program knows nothing. A button of device_states sends the next of them
 * each time.
 */
static json_t *describe_buttons(const struct describer *d)
{
	static const struct {
		const char *command, *title, *icon;
		uint16_t key;
	} rows[] = {
		{ "volumeup", "Volume up", "volume_up", KEY_VOLUMEUP },
		{ "volumedown", "Volume down", "volume_down", KEY_VOLUMEDOWN },
	};
	json_t *buttons = json_array();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (describe_has(d, STREAM_KEYBOARD, EV_KEY, rows[i].key))
			json_array_append_new(
				buttons, json_pack("{s:s, s:s, s:s}", "command",
						   rows[i].command, "title",
						   rows[i].title, "icon_name",
						   rows[i].icon));
	if (describe_has(d, STREAM_SWITCHES, EV_SW, SW_LID))
		json_array_append_new(
			buttons,
			json_pack("{s:s, s:s, s:s, s:[{s:b}, {s:b}]}",
				  "command", "lid", "title", "Lid", "icon_name",
				  "laptop", "device_states", "lid_switch_open",
				  0, "lid_switch_open", 1));
	return buttons;
}

/* The client shows it as "LABEL - NAME" below "Hardware Configuration". */
static json_t *describe_hardware(const struct describer *d)
{
	json_t *hardware = json_object();

	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		const struct stream_device *at = describe_nth(d, i);

		if (at)
			json_object_set_new(
				hardware, at->label,
				json_string(at->has_spec ? at->spec.name : ""));
	}
	return hardware;
}

/* An array that is missing would be an error in the client. */
json_t *cf_describe_info(const struct stream_devices *devices,
			 const struct stream_rights *rights)
{
	const struct describer d = { devices, rights };

	return json_pack("{s:o, s:o, s:[], s:o, s:o, s:b, s:b}", "displays",
			 describe_displays(&d), "touchpads",
			 describe_touchpads(&d), "audio_streams", "hardware",
			 describe_hardware(&d), "custom_control_panel_buttons",
			 describe_buttons(&d), "mouse_enabled",
			 describe_any(&d, STREAM_MOUSE), "gamepad_enabled",
			 describe_any(&d, STREAM_GAMEPAD));
}

json_t *cf_describe_device(void)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i}", "device_id", CF_DEVICE,
			 "group_name", "", "owner", "", "name", CF_DEVICE,
			 "adb_port", 0);
}

json_t *cf_describe_config(void)
{
	return json_pack("{s:s, s:[]}", "message_type", "config",
			 "ice_servers");
}
