/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-stream with the devices of a launcher: what they are is known, they
 * come and go, and a guest receives what a browser sends.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/clock.h"
#include "tests/lib/deny.h"
#include "tests/lib/launch.h"
#include "tests/lib/stream-test.h"
#include "tests/lib/usage.h"

#define SLOW_GUEST_MS 50
#define STALL_MS      200 /* without patience, what is sent then is folded */
#define PING_MS	      10  /* a client that asks all the time is cut off */

static struct both {
	struct launch_test *launch;
	struct stream_test *stream;
} b;

static int setup(void **state)
{
	void *launch = *state, *stream;

	launch_setup(&launch);
	stream_setup(&stream);
	b = (struct both){ launch, stream };
	return 0;
}

static int teardown(void **state)
{
	void *launch = b.launch, *stream = b.stream;
	int r = stream_teardown(&stream);

	return launch_teardown(&launch) | r;
}

static void start(void)
{
	launch_start(b.launch);
	process_arg(&b.stream->p, "--dir=%s", b.launch->place);
	stream_start(b.stream);
}

/* The list of devices that the client gets has these words. */
static struct web_client *start_client(const char *words)
{
	struct web_client *c = &b.stream->client[0];

	stream_wait_counter(b.stream, "devices", 1);
	web_client_start(c, b.stream->url[0]);
	if (!strstr(c->message, words))
		web_client_expect(c, words);
	return c;
}

static void contacts_and_their_size_are_scaled(void **state)
{
	struct web_client *c;

	launch_arg(b.launch, "--display=1081x2401");
	start();
	launch_guest(b.launch, "touch_0");
	c = start_client("\"roles\":[\"touch\"]");
	web_client_send(c, "{'type':'touch','contacts':[{'id':5,'down':true,"
			   "'x':0.5,'y':1,'pressure':1}]}");
	expect(b.launch->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 0),
	       ABS(ABS_MT_POSITION_X, 540), ABS(ABS_MT_POSITION_Y, 2400),
	       KEY(BTN_TOUCH, 1), ABS(ABS_X, 540), ABS(ABS_Y, 2400), SYN);
	web_client_close(c);
	expect(b.launch->rig, ABS(ABS_MT_TRACKING_ID, -1), KEY(BTN_TOUCH, 0),
	       SYN);
}

static void devices_are_described_to_clients(void **state)
{
	launch_arg(b.launch, "--display=1081x2401");
	start();
	start_client("\"width\":1081,\"height\":2401,\"slots\":10");
	launch_guest(b.launch, "touch_0");
	web_client_expect(&b.stream->client[0], "\"driver\":true");
}

static void devices_come_and_go(void **state)
{
	struct web_client *c;

	launch_arg(b.launch, "--keyboard");
	start();
	c = start_client("\"label\":\"keyboard\"");
	launch_expect_ok(launch_order(b.launch,
				      "{\"command\": \"add\", \"devices\":"
				      "[{\"type\": \"mouse\"}]}"));
	web_client_expect(c, "\"label\":\"mouse\"");
	web_client_send(c, "{'type':'button','button':0,'down':true}");
	launch_expect_ok(launch_order(b.launch, "{\"command\": \"remove\","
						" \"label\": \"mouse\"}"));
	stream_wait_counter(b.stream, "devices", 1);
	web_client_send(c, "{'type':'motion','x':1,'y':1}");
	web_client_expect(c, "no device for this");
}

/* As this program's own child: "no-inotify PROGRAM ARGUMENT...". */
static void no_inotify_main(int argc, char **argv)
{
	if (argc < 3 || strcmp(argv[1], "no-inotify"))
		return;
	if (!deny_call("inotify_init1", EMFILE))
		execv(argv[2], argv + 2);
	_exit(127);
}

static void devices_come_and_go_without_inotify(void **state)
{
	struct process *p = &b.stream->p;
	char *args[32];
	const size_t n = p->argc;

	assert_true(n <= ARRAY_LEN(args));
	memcpy(args, p->argv, n * sizeof(*args));
	p->argc = 0;
	process_arg(p, "/proc/self/exe");
	process_arg(p, "no-inotify");
	for (size_t i = 0; i < n; i++) {
		process_arg(p, "%s", args[i]);
		free(args[i]);
	}
	devices_come_and_go(state);
	process_expect_log(p, "the launcher is asked every 2 s");
}

/* Return: how often a text is in the mappings of the streamer. */
static int count_mappings(const char *text)
{
	char path[64], line[512];
	FILE *maps;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)b.stream->p.pid);
	maps = fopen(path, "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		n += strstr(line, text) != NULL;
	fclose(maps);
	return n;
}

/* In its sandbox. */
static void much_input_goes_through_shared_memory(void **state)
{
	struct web_client *c;

	launch_arg(b.launch, "--mouse");
	usage_allow(&b.stream->p);
	start();
	launch_guest(b.launch, "mouse");
	c = start_client("\"label\":\"mouse\"");
	for (int i = 1; i <= 150; i++) {
		web_client_send(c, "{'type':'motion','x':1,'y':0}");
		expect(b.launch->rig, REL(REL_X, 1), SYN);
	}
	assert_num(count_mappings("memfd:vinject"), 1);
}

static void leds_are_shown(void **state)
{
	const struct vi_event led = LED(LED_CAPSL, 1);
	struct web_client *c;

	launch_arg(b.launch, "--keyboard");
	start();
	launch_guest(b.launch, "keyboard");
	c = start_client("\"leds\":[]");
	assert_ok(fe_send_status(&b.launch->rig->fe, &led));
	web_client_expect(c, "\"leds\":[\"LED_CAPSL\"]");
}

/* Return: guest_us of the answer to a ping; 0: there is none. */
static long ping(struct web_client *c, int id)
{
	const char *member;
	char pong[64];

	snprintf(pong, sizeof(pong), "\"type\":\"pong\",\"id\":%d", id);
	web_client_send(c, "{'type':'ping','id':%d}", id);
	web_client_expect(c, pong);
	member = strstr(c->message, "\"guest_us\":");
	return member ? strtol(member + strlen("\"guest_us\":"), NULL, 10) : 0;
}

/* From the event until the guest, which takes its time, has taken it. */
static void pong_tells_the_latency_of_the_guest(void **state)
{
	const double deadline = clock_ms() + DEADLINE_MS;
	struct web_client *c;
	long us = 0;

	launch_arg(b.launch, "--keyboard");
	start();
	launch_guest(b.launch, "keyboard");
	c = start_client("\"driver\":true");
	assert_num(ping(c, 1), 0);
	web_client_send(c, "{'type':'key','code':'KeyA','down':true}");
	poll(NULL, 0, SLOW_GUEST_MS);
	expect(b.launch->rig, KEY(KEY_A, 1), SYN);
	for (int id = 2; !us && clock_ms() < deadline; id++) {
		us = ping(c, id);
		poll(NULL, 0, PING_MS);
	}
	assert_true(us >= SLOW_GUEST_MS * 1000L);
	assert_num(ping(c, 0), 0); /* once */
}

/* It takes nothing until all is typed, for which its queue has no room. */
static void text_is_whole_in_a_guest_that_stalls(void **state)
{
	char text[41];
	struct web_client *c;

	launch_arg(b.launch, "--keyboard");
	start();
	launch_guest(b.launch, "keyboard");
	c = start_client("\"driver\":true");
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	web_client_send(c, "{'type':'text','text':'%s'}", text);
	web_client_expect(c, "\"typed\"");
	poll(NULL, 0, STALL_MS);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		expect(b.launch->rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
}

static void clicks_are_whole_in_a_guest_that_stalls(void **state)
{
	const int clicks = 40;
	struct web_client *c;

	launch_arg(b.launch, "--mouse");
	start();
	launch_guest(b.launch, "mouse");
	c = start_client("\"driver\":true");
	for (int i = 0; i < 2 * clicks; i++)
		web_client_send(c, "{'type':'button','button':0,'down':%s}",
				i % 2 ? "false" : "true");
	poll(NULL, 0, STALL_MS);
	for (int i = 0; i < clicks; i++)
		expect(b.launch->rig, KEY(BTN_LEFT, 1), SYN, KEY(BTN_LEFT, 0),
		       SYN);
}

static void launcher_may_start_later(void **state)
{
	process_arg(&b.stream->p, "--dir=%s", b.launch->place);
	stream_start(b.stream);
	process_expect_log(&b.stream->p, "the launcher cannot be asked");
	launch_arg(b.launch, "--keyboard");
	launch_start(b.launch);
	start_client("\"label\":\"keyboard\"");
}

/* A launcher that describes a device whose socket does not exist yet. */
static int listen_as_launcher(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/control", b.stream->dir);
	assert_sys(bind(fd, (struct sockaddr *)&at, sizeof(at)));
	assert_sys(listen(fd, 1));
	return fd;
}

static void answer_in_parts(int listener)
{
	static const char *const parts[] = {
		"{\"devices\":[{\"label\":\"keyboard\",\"spec\":",
		"{\"name\":\"k\",\"events\":{\"EV_KEY\":[30]}}}]}\n",
	};
	char request[64];
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int fd;

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	fd = accept(listener, NULL, NULL);
	assert_sys(fd);
	assert_true(recv(fd, request, sizeof(request), 0) > 0);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		assert_sys(send(fd, parts[i], strlen(parts[i]), MSG_NOSIGNAL));
		poll(NULL, 0, 50);
	}
	/* It has read the end, too. */
	assert_num(recv(fd, request, sizeof(request), 0), 0);
	close(fd);
}

static void devices_that_are_not_ready_are_no_fault(void **state)
{
	const int listener = listen_as_launcher();

	process_arg(&b.stream->p, "--dir=%s", b.stream->dir);
	stream_start(b.stream);
	for (int i = 0; i < 3; i++)
		answer_in_parts(listener);
	process_read_log(&b.stream->p);
	assert_num(process_lines(b.stream->p.err.text), 0);
	close(listener);
}

/* With the server ends what is held: the key is down in the next one, too. */
static void device_that_restarts_is_told_what_is_held(void **state)
{
	struct web_client *c;

	launch_arg(b.launch, "--keyboard");
	launch_arg(b.launch, "--hold=off");
	start();
	launch_guest(b.launch, "keyboard");
	c = start_client("\"label\":\"keyboard\"");
	web_client_send(c, "{'type':'key','code':'KeyA','down':true}");
	expect(b.launch->rig, KEY(KEY_A, 1), SYN);
	launch_expect_ok(launch_order(b.launch, "{\"command\": \"restart\","
						" \"label\": \"keyboard\"}"));
	launch_guest(b.launch, "keyboard");
	/* Perhaps the driver that has seen it go down. */
	expect(b.launch->rig, KEY(KEY_A, 0), SYN);
	web_client_send(c, "{'type':'held','keys':['KeyA']}");
	expect(b.launch->rig, KEY(KEY_A, 1), SYN);
}

static void launcher_starts_the_page(void **state)
{
	struct web_client *c = &b.stream->client[0];
	char url[256];

	launch_arg(b.launch, "--keyboard");
	launch_arg(b.launch, "--page");
	launch_arg(b.launch, "--hold=off");
	process_capture(&b.launch->launcher);
	launch_start(b.launch);
	process_expect_stdout(&b.launch->launcher, "\n");
	assert_num(sscanf(process_stdout(&b.launch->launcher), "%255s", url),
		   1);
	launch_guest(b.launch, "keyboard");
	web_client_start(c, url);
	if (!strstr(c->message, "\"label\":\"keyboard\""))
		web_client_expect(c, "\"label\":\"keyboard\"");
	web_client_send(c, "{'type':'key','code':'KeyA','down':true}");
	expect(b.launch->rig, KEY(KEY_A, 1), SYN);
	/* Its socket outlives the server, and so does what is held. */
	launch_expect_ok(launch_order(b.launch, "{\"command\": \"restart\","
						" \"label\": \"keyboard\"}"));
	launch_guest(b.launch, "keyboard");
	expect(b.launch->rig, KEY(KEY_A, 1), SYN);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(contacts_and_their_size_are_scaled),
		test(devices_are_described_to_clients),
		test(devices_come_and_go),
		test(devices_come_and_go_without_inotify),
		test(much_input_goes_through_shared_memory),
		test(leds_are_shown),
		test(pong_tells_the_latency_of_the_guest),
		test(text_is_whole_in_a_guest_that_stalls),
		test(clicks_are_whole_in_a_guest_that_stalls),
		test(launcher_may_start_later),
		test(devices_that_are_not_ready_are_no_fault),
		test(device_that_restarts_is_told_what_is_held),
		test(launcher_starts_the_page),
	};

	launch_relay_main(argc, argv);
	no_inotify_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
