/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Cuttlefish's web client asks, sends and learns: cf-route.h, cf-signal.h,
 * cf-describe.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/cf-describe.h"
#include "injector/stream/cf-route.h"
#include "injector/stream/cf-signal.h"
#include "input/spec/spec-file.h"
#include "tests/lib/cases.h"

/* --- paths --- */

struct path {
	const char *name, *path;
	enum cf_route_kind kind;
	const char *found; /* its path or ID */
};

#define LONGEST "123456789012345678901234567890123456789"

static const struct path paths[] = {
	{ "config", "/infra_config", CF_CONFIG, "" },
	{ "devices", "/devices", CF_DEVICES, "" },
	{ "device", "/devices/guest", CF_INFO, "" },
	{ "file", "/devices/guest/files/client.html", CF_FILE, "client.html" },
	{ "file below", "/devices/guest/files/js/app.js", CF_FILE,
	  "js/app.js" },
	{ "upwards", "/devices/guest/files/../../etc/passwd", CF_FILE,
	  "../../etc/passwd" },
	{ "no file", "/devices/guest/files/", CF_NOTHING, "" },
	{ "no slash", "/devices/guest/files", CF_NOTHING, "" },
	{ "WebSocket", "/devices/guest/connect", CF_CONNECT, "" },
	{ "below it", "/devices/guest/connect/x", CF_NOTHING, "" },
	{ "adb", "/devices/guest/adb", CF_NOTHING, "" },
	{ "another device", "/devices/cvd-1", CF_NOTHING, "" },
	{ "longer name", "/devices/guest2/connect", CF_NOTHING, "" },
	{ "shorter name", "/devices/gues/connect", CF_NOTHING, "" },
	{ "empty name", "/devices/", CF_NOTHING, "" },
	{ "polled", "/polled_connections", CF_POLL_NEW, "" },
	{ "messages", "/polled_connections/1a/messages", CF_MESSAGES, "1a" },
	{ "forward", "/polled_connections/1a/:forward", CF_FORWARD, "1a" },
	{ "longest ID", "/polled_connections/" LONGEST "/messages", CF_MESSAGES,
	  LONGEST },
	{ "too long ID", "/polled_connections/" LONGEST "0/messages",
	  CF_NOTHING, "" },
	{ "only an ID", "/polled_connections/1a", CF_NOTHING, "" },
	{ "no ID", "/polled_connections//messages", CF_MESSAGES, "" },
	{ "root", "/", CF_NOTHING, "" },
	{ "empty", "", CF_NOTHING, "" },
};

static void path_is_read(void **state)
{
	const struct path *row = *state;
	struct cf_route r;

	cf_route_read(&r, row->path);
	assert_num(r.kind, row->kind);
	if (row->kind != CF_NOTHING)
		assert_string_equal(r.path ? r.path : r.id, row->found);
	assert_num(cf_route_posts(&r),
		   row->kind == CF_POLL_NEW || row->kind == CF_FORWARD);
}

/* --- signalling --- */

struct signal_case {
	const char *name, *text;
	enum cf_signal_kind kind;
	const char *sdp, *why; /* why: NULL: it is right */
};

static const struct signal_case signals[] = {
	{ "request", "{'type':'request-offer','ice_servers':[]}",
	  CF_REQUEST_OFFER, "", NULL },
	{ "answer", "{'type':'answer','sdp':'v=0'}", CF_ANSWER, "v=0", NULL },
	{ "offer", "{'type':'offer','sdp':'v=1'}", CF_OFFER, "v=1", NULL },
	{ "error", "{'type':'error','error':'x'}", CF_ERROR, "", NULL },
	{ "candidate",
	  "{'type':'ice-candidate','candidate':{'candidate':'candidate:1 1 udp "
	  "1 10.0.0.1 9 typ host','sdpMid':'0','sdpMLineIndex':0}}",
	  CF_CANDIDATE, "", NULL },
	{ "no type", "{'sdp':'v=0'}", 0, "", "type is required" },
	{ "unknown type", "{'type':'hello'}", 0, "", "unknown type hello" },
	{ "type is a number", "{'type':1}", 0, "", "type: must be a string" },
	{ "answer without sdp", "{'type':'answer'}", 0, "", "sdp is required" },
	{ "sdp is an object", "{'type':'answer','sdp':{}}", 0, "",
	  "sdp: must be a string" },
	{ "candidate is a string", "{'type':'ice-candidate','candidate':'x'}",
	  0, "", "candidate: must be an object" },
	{ "candidate without one", "{'type':'ice-candidate','candidate':{}}", 0,
	  "", "candidate is required" },
	{ "array", "[]", 0, "", "must be an object" },
};

static json_t *parse(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json = json_loads(copy, JSON_DECODE_ANY, NULL);
	assert_non_null(json);
	free(copy);
	return json;
}

static void signal_is_read(void **state)
{
	const struct signal_case *row = *state;
	json_t *message = parse(row->text);
	struct cf_signal s;
	struct fault why = { "" };

	assert_rc(cf_signal_read(&s, message, &why), row->why ? -EINVAL : 0);
	if (row->why) {
		if (!strstr(why.text, row->why))
			fail_msg("%s", why.text);
	} else {
		assert_num(s.kind, row->kind);
		assert_string_equal(s.sdp, row->sdp);
	}
	json_decref(message);
}

static void long_candidate_is_rejected(void **state)
{
	json_t *message =
		json_pack("{s:s, s:{s:o}}", "type", "ice-candidate",
			  "candidate", "candidate", json_sprintf("%02000d", 0));
	struct cf_signal s;
	struct fault why;

	assert_rc(cf_signal_read(&s, message, &why), -EINVAL);
	assert_non_null(strstr(why.text, "too long"));
	json_decref(message);
}

static void messages_are_wrapped_as_the_operators(void **state)
{
	char *text = cf_signal_write("{\"a\":1}");

	assert_string_equal(text, "{\"message_type\":\"device_msg\","
				  "\"payload\":{\"a\":1}}");
	free(text);
	text = cf_signal_write_description("offer", "v=0\r\n\"");
	assert_string_equal(text, "{\"message_type\":\"device_msg\",\"payload\""
				  ":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n"
				  "\\\"\"}}");
	free(text);
}

/* --- descriptions --- */

struct kind {
	const char *label, *spec, *width, *height;
};

static struct described {
	struct stream_devices devices;
	struct stream_rights rights;
} d;

static int setup(void **state)
{
	memset(&d, 0, sizeof(d));
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (d.devices.at[i])
			stream_device_free(&d.devices, d.devices.at[i]);
	return 0;
}

static void add(const struct kind *kind)
{
	const struct spec_set sets[] = { { "WIDTH", kind->width },
					 { "HEIGHT", kind->height } };
	char path[64];
	struct spec spec;

	snprintf(path, sizeof(path), "specs/%s.json", kind->spec);
	assert_ok(spec_file_load(&spec, path, sets, kind->width ? 2 : 0));
	assert_non_null(stream_device_new(&d.devices, kind->label, &spec));
}

/* What the description has under a name is this. */
static void expect_member(const char *name, const char *text)
{
	json_t *info = cf_describe_info(&d.devices, &d.rights);
	json_t *expected = parse(text);
	char *found = json_dumps(json_object_get(info, name), JSON_ENCODE_ANY);

	assert_non_null(info);
	if (!json_equal(json_object_get(info, name), expected))
		fail_msg("%s: %s", name, found);
	free(found);
	json_decref(expected);
	json_decref(info);
}

static void guest_without_devices_has_all_members(void **state)
{
	expect_member("displays", "[]");
	expect_member("touchpads", "[]");
	expect_member("audio_streams", "[]");
	expect_member("hardware", "{}");
	expect_member("custom_control_panel_buttons", "[]");
}

static void displays_and_touchpads_have_their_sizes(void **state)
{
	static const struct kind kinds[] = {
		{ "touch_1", "multi-touchscreen", "720", "1280" },
		{ "screen", "single-touchscreen", "1024", "600" },
		{ "touch_2", "multi-touchpad", "1000", "500" },
		{ "tablet", "tablet", NULL, NULL },
		{ "pen", "pen", "100", "100" },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		add(&kinds[i]);
	expect_member("displays",
		      "[{'stream_id':'display_1','x_res':720,'y_res':1280,"
		      "'dpi':254,'is_touch':true},"
		      "{'stream_id':'display_0','x_res':1024,'y_res':600,"
		      "'dpi':254,'is_touch':true}]");
	expect_member("touchpads",
		      "[{'x_res':1000,'y_res':500,'label':'touch_2'}]");
}

static void display_is_as_large_as_its_video(void **state)
{
	static const struct kind large = { "touch_0", "multi-touchscreen",
					   "32768", "16384" };

	add(&large);
	expect_member("displays",
		      "[{'stream_id':'display_0','x_res':3036,'y_res':1518,"
		      "'dpi':24,'is_touch':true}]");
}

static void buttons_are_those_that_a_device_has(void **state)
{
	static const struct kind kinds[] = {
		{ "keyboard", "keyboard", NULL, NULL },
		{ "switches", "switches", NULL, NULL },
	};

	add(&kinds[0]);
	expect_member("custom_control_panel_buttons",
		      "[{'command':'volumeup','title':'Volume up',"
		      "'icon_name':'volume_up'},"
		      "{'command':'volumedown','title':'Volume down',"
		      "'icon_name':'volume_down'}]");
	add(&kinds[1]);
	d.rights.devices = "switches";
	expect_member("custom_control_panel_buttons",
		      "[{'command':'lid','title':'Lid','icon_name':'laptop',"
		      "'device_states':[{'lid_switch_open':false},"
		      "{'lid_switch_open':true}]}]");
	expect_member("hardware", "{'switches':'vinput Switches 0'}");
}

static void mouse_and_gamepad_are_shown_if_there_are_some(void **state)
{
	static const struct kind mouse = { "mouse", "mouse", NULL, NULL };
	static const struct kind pad = { "pad", "gamepad", NULL, NULL };

	add(&mouse);
	expect_member("mouse_enabled", "true");
	expect_member("gamepad_enabled", "false");
	add(&pad);
	expect_member("gamepad_enabled", "true");
	d.rights.devices = "pad";
	expect_member("mouse_enabled", "false");
}

/* As of Cuttlefish's launcher: only their labels are known. */
static void devices_without_specs_are_described(void **state)
{
	stream_device_new(&d.devices, "touch_0", NULL);
	stream_device_new(&d.devices, "keyboard", NULL);
	stream_device_new(&d.devices, "switches", NULL);
	expect_member("displays", "[]");
	expect_member("hardware", "{'touch_0':'','keyboard':'','switches':''}");
	expect_member("mouse_enabled", "false");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest plain[] = {
		T(long_candidate_is_rejected),
		T(messages_are_wrapped_as_the_operators),
		T(guest_without_devices_has_all_members),
		T(displays_and_touchpads_have_their_sizes),
		T(display_is_as_large_as_its_video),
		T(buttons_are_those_that_a_device_has),
		T(mouse_and_gamepad_are_shown_if_there_are_some),
		T(devices_without_specs_are_described),
	};
	struct CMUnitTest
		tests[ARRAY_LEN(plain) + ARRAY_LEN(paths) + ARRAY_LEN(signals)];
	struct CMUnitTest *at = tests + ARRAY_LEN(plain);

	memcpy(tests, plain, sizeof(plain));
	CASES(at, paths, { .test_func = path_is_read });
	at += ARRAY_LEN(paths);
	CASES(at, signals, { .test_func = signal_is_read });
	return cmocka_run_group_tests(tests, NULL, NULL);
}
