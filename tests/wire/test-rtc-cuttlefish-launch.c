/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuttlefish's client with the devices of a launcher: it learns what they are,
 * and a guest receives what it sends.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "input/base/loop.h"
#include "tests/lib/launch.h"
#include "tests/lib/rtc-cuttlefish.h"

static struct world {
	struct launch_test *launch;
	struct stream_test *stream;
	struct ev_loop *loop;
	struct rtc_cuttlefish client;
} w;

static int setup(void **state)
{
	void *launch = *state, *stream;
	const char *why;

	memset(&w, 0, sizeof(w));
	w.client.web.fd = -1;
	w.loop = loop_new(&why);
	assert_non_null(w.loop);
	launch_setup(&launch);
	stream_setup(&stream);
	w.launch = launch;
	w.stream = stream;
	return 0;
}

static int teardown(void **state)
{
	void *launch = w.launch, *stream = w.stream;
	int r;

	web_client_close(&w.client.web);
	r = stream_teardown(&stream);
	rtc_cuttlefish_fini(&w.client);
	ev_loop_destroy(w.loop);
	return launch_teardown(&launch) | r;
}

static void start(unsigned long long devices)
{
	char root[TEMP_DIR_LEN + 8], page[TEMP_DIR_LEN + 32];

	snprintf(root, sizeof(root), "%s/root", w.stream->dir);
	assert_sys(mkdir(root, 0700));
	snprintf(page, sizeof(page), "%s/client.html", root);
	file_write(page, "%s", "page");
	launch_start(w.launch);
	process_arg(&w.stream->p, "--dir=%s", w.launch->place);
	process_arg(&w.stream->p, "--rtc-address=127.0.0.1");
	process_arg(&w.stream->p, "--client=%s", root);
	stream_start(w.stream);
	stream_wait_counter(w.stream, "devices", devices);
	rtc_cuttlefish_init(&w.client, w.loop, w.stream->url[0]);
}

/* The description of the guest has this text. */
static void expect_described(const char *text)
{
	assert_num(rtc_cuttlefish_get(&w.client, "/devices/guest"), 200);
	if (!strstr(web_client_body(&w.client.web), text))
		fail_msg("%s", w.client.web.message);
}

static void devices_are_described(void **state)
{
	launch_arg(w.launch, "--display=720x1280");
	launch_arg(w.launch, "--touchpad=1000x500");
	launch_arg(w.launch, "--mouse");
	start(3);
	expect_described("\"stream_id\":\"display_0\",\"x_res\":720,"
			 "\"y_res\":1280,");
	expect_described("\"touchpads\":[{\"x_res\":1000,\"y_res\":500,"
			 "\"label\":\"touch_1\"}]");
	expect_described("\"mouse_enabled\":true,\"gamepad_enabled\":false");
	expect_described("\"touch_0\":\"vinput Multi-touch Touchscreen 0\"");
	launch_expect_ok(launch_order(w.launch, "{\"command\": \"remove\","
						" \"label\": \"mouse\"}"));
	stream_wait_counter(w.stream, "devices", 2);
	expect_described("\"mouse_enabled\":false");
}

static void touch_on_a_display_reaches_its_guest(void **state)
{
	launch_arg(w.launch, "--display=720x1280");
	start(1);
	launch_guest(w.launch, "touch_0");
	rtc_cuttlefish_by_websocket(&w.client);
	rtc_cuttlefish_connect(&w.client);
	rtc_cuttlefish_input(&w.client,
			     "{'type':'multi-touch','id':[7],'x':[360],"
			     "'y':[640],'down':1,'device_label':'display_0'}");
	expect(w.launch->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 0),
	       ABS(ABS_MT_POSITION_X, 360), ABS(ABS_MT_POSITION_Y, 640),
	       KEY(BTN_TOUCH, 1), ABS(ABS_X, 360), ABS(ABS_Y, 640), SYN);
	rtc_cuttlefish_input(&w.client,
			     "{'type':'multi-touch','id':[1],'x':[1],'y':[1],"
			     "'down':1,'device_label':'display_1'}");
	rtc_cuttlefish_expect_error(&w.client, "no device display_1");
	web_client_close(&w.client.web);
	expect(w.launch->rig, ABS(ABS_MT_TRACKING_ID, -1), KEY(BTN_TOUCH, 0),
	       SYN);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(devices_are_described),
		test(touch_on_a_display_reaches_its_guest),
	};

	launch_relay_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
