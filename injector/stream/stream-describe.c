/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/stream/stream-describe.h"
#include "input/spec/spec-names.h"

static const char *const role_names[] = {
	"keyboard", "mouse",   "tablet", "touch",
	"pen",	    "gamepad", "rotary", "switches",
};

static json_t *describe_roles(const struct stream_device *d)
{
	json_t *roles = json_array();

	for (size_t i = 0; i < sizeof(role_names) / sizeof(role_names[0]); i++)
		if (d->roles >> i & 1)
			json_array_append_new(roles,
					      json_string(role_names[i]));
	return roles;
}

/* The LEDs that the guest has on. */
static json_t *describe_leds(const struct stream_device *d)
{
	json_t *leds = json_array();

	for (uint16_t led = 0; led < LED_CNT; led++)
		if (vinject_led(d->v, led) && names_code(EV_LED, led))
			json_array_append_new(
				leds, json_string(names_code(EV_LED, led)));
	return leds;
}

static json_t *describe_driver(const struct stream_device *d)
{
	const enum vinject_driver driver = vinject_driver(d->v);

	return driver == VINJECT_DRIVER_UNKNOWN
		       ? json_null()
		       : json_boolean(driver == VINJECT_DRIVER_RUNNING);
}

static void describe_surface(json_t *object, const struct stream_device *d)
{
	struct stream_size size;

	if (!stream_device_size(d, &size))
		return;
	json_object_set_new(object, "width", json_integer(size.width));
	json_object_set_new(object, "height", json_integer(size.height));
	json_object_set_new(object, "slots",
			    json_integer(spec_slots(&d->spec)));
}

static json_t *describe_device(const struct stream_device *d)
{
	json_t *object = json_pack(
		"{s:s, s:i, s:o, s:o, s:o}", "label", d->label, "number",
		(int)d->number, "roles", describe_roles(d), "driver",
		describe_driver(d), "leds", describe_leds(d));

	if (object && d->has_spec) {
		json_object_set_new(object, "name", json_string(d->spec.name));
		describe_surface(object, d);
	}
	return object;
}

json_t *stream_describe(const struct stream_devices *devices,
			const struct stream_rights *rights)
{
	json_t *array = json_array();

	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		const struct stream_device *d = devices->at[i];

		if (d && stream_rights_include(rights, d->label))
			json_array_append_new(array, describe_device(d));
	}
	return array;
}

json_t *stream_describe_displays(const struct displays *displays,
				 const struct stream_rights *rights)
{
	json_t *array = json_array();

	for (size_t i = 0; i < displays->n; i++)
		if (stream_rights_show(rights, displays->at[i].name))
			json_array_append_new(
				array, json_pack("{s:i, s:s}", "number", (int)i,
						 "name", displays->at[i].name));
	return array;
}
