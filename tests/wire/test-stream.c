/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-stream with browsers of the test's own, and devices that are sockets
 * of the test, as Cuttlefish's launcher gives them: what they send, and what
 * becomes of it.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/device/event.h"
#include "tests/lib/clock.h"
#include "tests/lib/stream-test.h"
#include "tests/lib/usage.h"
#include "tests/lib/walls.h"

#define PRESS(code)   "{'type':'key','code':'" code "','down':true}"
#define RELEASE(code) "{'type':'key','code':'" code "','down':false}"
#define HELD(...)     "{'type':'held'" __VA_ARGS__ "}"

/* What is promised when heartbeats are missing; and for a busy machine. */
#define SILENCE_MS 2500
#define SLACK_MS   1500

/* --- input --- */

static void messages_reach_their_devices(void **state)
{
	static const uint8_t motion[] = { 1, 255, 5, 0, 0xfb, 0xff };
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	stream_device(t, "-keyboard_fd=");
	stream_device(t, "-mouse_fd=");
	stream_device(t, "--rotary-fd=");
	stream_device(t, "-touch_fds=");
	stream_start(t);
	web_client_start(c, t->url[0]);
	web_client_send(c, PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
	web_client_send(c, PRESS("KeyA"));
	web_client_send(c, RELEASE("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 0");
	web_client_send(c, "{'type':'motion','x':3,'y':4}");
	stream_expect_frame(t, 1, "REL_X 3, REL_Y 4");
	web_client_send_binary(c, motion, sizeof(motion));
	stream_expect_frame(t, 1, "REL_X 5, REL_Y -5");
	web_client_send(c, "{'type':'wheel','x':0,'y':120}");
	stream_expect_frame(t, 1, "REL_WHEEL_HI_RES -120, REL_WHEEL -1");
	web_client_send(c, "{'type':'turn','y':60}");
	stream_expect_frame(t, 2, "REL_WHEEL_HI_RES -60");
	/* Its size is not known here. */
	web_client_send(c, "{'type':'touch','contacts':"
			   "[{'id':1,'down':true,'x':0,'y':0}]}");
	web_client_expect(c, "touch_0: its range of positions is not known");
	for (size_t i = 0; i < t->n_ends; i++)
		stream_expect_no_frame(t, i);
}

static void message_may_come_in_fragments(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	stream_start_with_keyboard(t);
	web_client_send_frame(c, 1, false, "{\"type\":\"key\",", 14);
	web_client_send_frame(c, 0, false, "\"code\":\"KeyA\",", 14);
	web_client_send_frame(c, 0, true, "\"down\":true}", 12);
	stream_expect_frame(t, 0, "KEY_A 1");
}

static void text_is_typed_in_the_layout(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	process_arg(&t->p, "--layout=de");
	stream_start_with_keyboard(t);
	web_client_send(c, "{'type':'text','text':'zÄ'}");
	stream_expect_frame(t, 0, "KEY_Y 1");
	stream_expect_frame(t, 0, "KEY_Y 0");
	stream_expect_frame(t, 0, "KEY_LEFTSHIFT 1");
	stream_expect_frame(t, 0, "KEY_APOSTROPHE 1");
	stream_expect_frame(t, 0, "KEY_APOSTROPHE 0");
	stream_expect_frame(t, 0, "KEY_LEFTSHIFT 0");
	web_client_expect(c, "{\"type\":\"typed\"}");
	web_client_send(c, "{'type':'text','text':'ж'}");
	web_client_expect(c, "\"for\":\"text\"}");
	web_client_send(c, "{'type':'text','text':1}");
	web_client_expect(c, "\"for\":\"text\"}");
	web_client_send(c, "{'type':'motion','x':1,'y':1}");
	web_client_expect(c, "no device for this\"}");
	web_client_send(c, PRESS("ShiftLeft"));
	stream_expect_frame(t, 0, "KEY_LEFTSHIFT 1");
	web_client_send(c, "{'type':'text','text':'ab'}");
	web_client_expect(c, "a key is held");
	stream_expect_no_frame(t, 0);
}

static void modifier_makes_a_character_its_key(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	process_arg(&t->p, "--layout=de");
	stream_start_with_keyboard(t);
	web_client_send(c, PRESS("ControlLeft"));
	stream_expect_frame(t, 0, "KEY_LEFTCTRL 1");
	for (int i = 0; i < 2; i++) {
		web_client_send(c, "{'type':'text','text':'%c'}", "zZ"[i]);
		stream_expect_frame(t, 0, "KEY_Y 1");
		stream_expect_frame(t, 0, "KEY_Y 0");
		web_client_expect(c, "{\"type\":\"typed\"}");
	}
	web_client_send(c, "{'type':'text','text':'ä'}");
	stream_expect_frame(t, 0, "KEY_APOSTROPHE 1");
	stream_expect_frame(t, 0, "KEY_APOSTROPHE 0");
	web_client_expect(c, "{\"type\":\"typed\"}");
	web_client_send(c, "{'type':'text','text':'zz'}");
	web_client_expect(c, "a key is held");
	web_client_send(c, "{'type':'text','text':'@'}");
	web_client_expect(c, "a key is held");
	/* It is no shortcut of another client. */
	web_client_start(&t->client[1], t->url[0]);
	web_client_send(&t->client[1], "{'type':'text','text':'z'}");
	web_client_expect(&t->client[1], "a key is held");
	stream_expect_no_frame(t, 0);
}

/* Their files are read only now, in the sandbox. */
static void clients_choose_their_layouts(void **state)
{
	static const struct {
		const char *layout, *frame[4];
	} row[] = {
		{ "de", { "KEY_Y 1", "KEY_Y 0", "KEY_Z 1", "KEY_Z 0" } },
		{ "fr", { "KEY_W 1", "KEY_W 0", "KEY_Y 1", "KEY_Y 0" } },
		{ "us(dvorak)",
		  { "KEY_SLASH 1", "KEY_SLASH 0", "KEY_T 1", "KEY_T 0" } },
		{ "hu", { "KEY_Y 1", "KEY_Y 0", "KEY_Z 1", "KEY_Z 0" } },
		{ "cz", { "KEY_Y 1", "KEY_Y 0", "KEY_Z 1", "KEY_Z 0" } },
		{ "ch(fr)", { "KEY_Y 1", "KEY_Y 0", "KEY_Z 1", "KEY_Z 0" } },
		{ "de", { "KEY_Y 1", "KEY_Y 0", "KEY_Z 1", "KEY_Z 0" } },
		{ "", { "KEY_Z 1", "KEY_Z 0", "KEY_Y 1", "KEY_Y 0" } },
	};
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	process_arg(&t->p, "--layout=us");
	stream_start_with_keyboard(t);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		web_client_send(c, "{'type':'text','text':'zy','layout':'%s'}",
				row[i].layout);
		for (int j = 0; j < 4; j++)
			stream_expect_frame(t, 0, row[i].frame[j]);
		web_client_expect(c, "{\"type\":\"typed\"}");
	}
	web_client_send(c, "{'type':'text','text':'a','layout':'../us'}");
	web_client_expect(c, "unknown keyboard layout ../us");
	web_client_send(c, "{'type':'layouts'}");
	web_client_expect(c, "[\"de(nodeadkeys)\",\"German (no dead keys)\"]");
	stream_expect_no_frame(t, 0);
}

static void text_may_be_checked_only(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	process_arg(&t->p, "--layout=us");
	stream_start_with_keyboard(t);
	web_client_send(c, "{'type':'text','text':'z','check':true}");
	web_client_expect(c, "{\"type\":\"typed\"}");
	web_client_send(c, "{'type':'text','text':'zß','check':true}");
	web_client_expect(c, "the layout lacks");
	stream_expect_no_frame(t, 0);
}

static void text_ends_with_its_client(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	stream_start_with_keyboard(t);
	web_client_send(c, "{'type':'text','text':'%0*d'}", 4000, 0);
	stream_expect_frame(t, 0, "KEY_0 1");
	web_client_start(&t->client[1], t->url[0]);
	web_client_send(&t->client[1], "{'type':'text','text':'a'}");
	web_client_expect(&t->client[1], "another text is being typed");
	web_client_close(c);
	stream_wait_counter(t, "clients", 1);
	web_client_send(&t->client[1], "{'type':'text','text':'a'}");
	web_client_expect(&t->client[1], "{\"type\":\"typed\"}");
}

static void text_ends_with_its_keyboard(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	stream_start_with_keyboard(t);
	web_client_send(c, "{'type':'text','text':'%0*d'}", 4000, 0);
	stream_expect_frame(t, 0, "KEY_0 1");
	assert_sys(shutdown(t->end[0], SHUT_RDWR));
	web_client_expect(c, "the keyboard is gone\",\"for\":\"text\"}");
}

/* Its socket is full; nobody else waits, and no motion is lost. */
static void device_that_reads_nothing_delays_nobody(void **state)
{
	static const uint8_t motion[] = { 1, 255, 1, 0, 0, 0 };
	struct stream_test *t = *state;
	struct vi_event ev;
	int sum = 0;

	stream_device(t, "-keyboard_fd=");
	stream_device(t, "-mouse_fd=");
	stream_start(t);
	web_client_start(&t->client[0], t->url[0]);
	web_client_start(&t->client[1], t->url[0]);
	for (int i = 0; i < 2000; i++)
		web_client_send_binary(&t->client[0], motion, sizeof(motion));
	web_client_send(&t->client[0], PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
	web_client_send(&t->client[1], PRESS("KeyB"));
	stream_expect_frame(t, 0, "KEY_B 1");
	while (sum < 2000) {
		assert_num(recv(t->end[1], &ev, sizeof(ev), MSG_WAITALL),
			   sizeof(ev));
		if (vi_type(&ev) == EV_REL)
			sum += vi_value(&ev);
	}
	assert_num(sum, 2000);
}

/* --- nothing stays pressed --- */

static void client_that_disconnects_lets_go(void **state)
{
	struct stream_test *t = *state;

	stream_start_with_keyboard(t);
	web_client_start(&t->client[1], t->url[0]);
	web_client_send(&t->client[0], PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
	web_client_send(&t->client[1], PRESS("KeyA"));
	web_client_send(&t->client[1], PRESS("KeyB"));
	stream_expect_frame(t, 0, "KEY_B 1");
	web_client_close(&t->client[0]);
	stream_wait_counter(t, "clients", 1);
	stream_expect_no_frame(t, 0); /* the other one holds KEY_A, too */
	web_client_close(&t->client[1]);
	stream_expect_frame(t, 0, "KEY_A 0, KEY_B 0");
}

static void heartbeat_that_is_missing_releases(void **state)
{
	struct stream_test *t = *state;
	double start;

	stream_start_with_keyboard(t);
	web_client_send(&t->client[0], PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
	start = clock_ms();
	stream_expect_frame(t, 0, "KEY_A 0");
	assert_true(clock_ms() - start < SILENCE_MS + SLACK_MS);
	assert_true(clock_ms() - start > 1000);
	stream_wait_counter(t, "silent", 1);
	/* One that is late presses nothing. */
	web_client_send(&t->client[0], HELD(",'keys':['KeyA']"));
	stream_wait_counter(t, "heartbeats", 1);
	stream_expect_no_frame(t, 0);
	web_client_send(&t->client[0], PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
}

/* For longer than a heartbeat may be missing. */
static void key_stays_down_while_heartbeats_come(void **state)
{
	struct stream_test *t = *state;

	stream_start_with_keyboard(t);
	web_client_send(&t->client[0], PRESS("KeyA"));
	web_client_send(&t->client[0], PRESS("KeyB"));
	stream_expect_frame(t, 0, "KEY_A 1");
	stream_expect_frame(t, 0, "KEY_B 1");
	for (int ms = 0; ms < SILENCE_MS + 1000; ms += 500) {
		web_client_send(&t->client[0], HELD(",'keys':['KeyA','KeyB']"));
		usleep(500 * 1000);
	}
	stream_expect_no_frame(t, 0);
	web_client_send(&t->client[0], HELD(",'keys':['KeyB']"));
	stream_expect_frame(t, 0, "KEY_A 0");
}

static void all_is_released_at_the_end(void **state)
{
	struct stream_test *t = *state;

	stream_start_with_keyboard(t);
	web_client_send(&t->client[0], PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
	assert_num(process_terminate(&t->p), 0);
	stream_expect_frame(t, 0, "KEY_A 0");
}

/* --- bad input --- */

static void bad_message_is_answered(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"{'type':'kex'}",
		"{'type':'motion','x':1e999,'y':0}",
		"{'type':'motion','x':NaN,'y':0}",
		"{'type':'position','x':2,'y':0}",
		"{'type':'key','code':'KeyA','down':true,'device':'mouse'}",
		"[[[[[[[[[[[[[[[[[[[[",
	};
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	stream_start_with_keyboard(t);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		web_client_send(c, "%s", bad[i]);
		web_client_expect(c, "{\"type\":\"error\",\"error\":");
	}
	web_client_send_binary(c, "\x09\xff", 2);
	web_client_expect(c, "byte 0: not a whole record");
	stream_wait_counter(t, "errors", ARRAY_LEN(bad) + 1);
	/* ... and the hello. */
	stream_wait_counter(t, "messages", ARRAY_LEN(bad) + 2);
	web_client_send(c, PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
}

static void first_message_must_be_a_hello(void **state)
{
	const struct web_handshake right = { 0 };
	struct stream_test *t = *state;
	struct web_client *c = &t->client[1];

	stream_start_with_keyboard(t);
	web_client_init(c, t->url[0]);
	web_client_trade(c);
	assert_num(web_client_upgrade(c, &right), 101);
	web_client_send(c, PRESS("KeyA"));
	web_client_expect(c, "the first message must be a hello");
	web_client_send_binary(c, "\x01\xff\0\0\0\0", 6);
	web_client_expect(c, "the first message must be a hello");
	stream_expect_no_frame(t, 0);
}

/* Others go on. */
static void huge_message_ends_its_client(void **state)
{
	struct stream_test *t = *state;
	static char text[20000];

	stream_start_with_keyboard(t);
	web_client_start(&t->client[1], t->url[0]);
	memset(text, ' ', sizeof(text));
	web_client_send_frame(&t->client[1], 1, true, text, sizeof(text));
	web_client_expect_end(&t->client[1]);
	web_client_start(&t->client[1], t->url[0]);
	for (int i = 0; i < 8; i++)
		web_client_send_frame(&t->client[1], i ? 0 : 1, false, text,
				      4000);
	web_client_expect_end(&t->client[1]);
	web_client_send(&t->client[0], PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
	stream_wait_counter(t, "clients_ever", 3);
	stream_wait_counter(t, "clients", 1);
}

/* It does not take part in the closing, and yet lets go at once. */
static void client_of_many_errors_is_disconnected(void **state)
{
	struct stream_test *t = *state;
	double start;

	stream_start_with_keyboard(t);
	web_client_start(&t->client[1], t->url[0]);
	web_client_send(&t->client[1], PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
	start = clock_ms();
	for (int i = 0; i < 150; i++)
		web_client_send(&t->client[1], "x");
	stream_expect_frame(t, 0, "KEY_A 0");
	assert_true(clock_ms() - start < SLACK_MS);
	web_client_expect_end(&t->client[1]);
	stream_wait_counter(t, "clients", 1);
}

/* As a page does where the mouse moves. */
static void client_may_ask_for_what_is_not_possible(void **state)
{
	static const uint8_t motion[] = { 1, 255, 1, 0, 0, 0 };
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	stream_start_with_keyboard(t);
	for (int i = 0; i < 150; i++) {
		web_client_send_binary(c, motion, sizeof(motion));
		web_client_expect(c, "no device for this");
	}
	stream_wait_counter(t, "errors", 150);
	web_client_send(c, PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
}

/* --- cost --- */

/* Its stdout is /dev/null: stdio would ask whether that is a terminal. */
static void streamer_may_print_to_a_device(void **state)
{
	struct process p;
	int device[2], ready[2];
	struct pollfd reads;
	char byte;

	process_init(&p, "vinput-stream");
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, device));
	assert_sys(pipe2(ready, O_CLOEXEC));
	process_arg(&p, "--keyboard-fd=%d", device[1]);
	process_keep_fd(&p, device[1]);
	process_arg(&p, "--ready-fd=%d", ready[1]);
	process_keep_fd(&p, ready[1]);
	process_start(&p);
	close(device[1]);
	close(ready[1]);
	reads = (struct pollfd){ .fd = ready[0], .events = POLLIN };
	assert_num(poll(&reads, 1, DEADLINE_MS), 1);
	assert_num(read(ready[0], &byte, 1), 1);
	assert_num(process_terminate(&p), 0);
	process_fini(&p);
	close(device[0]);
	close(ready[0]);
}

static void idle_streamer_sleeps(void **state)
{
	const double deadline = clock_ms() + DEADLINE_MS;
	struct stream_test *t = *state;
	long sleeps;

	stream_start_with_keyboard(t);
	web_client_send(&t->client[0], PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
	web_client_close(&t->client[0]);
	stream_expect_frame(t, 0, "KEY_A 0");
	usage_wait_rest(t->p.pid);
	/* Timers of the client that has gone may be due once more. */
	do {
		sleeps = usage_sleeps(t->p.pid);
		usleep(1500 * 1000);
	} while (usage_sleeps(t->p.pid) != sleeps && clock_ms() < deadline);
	assert_num(usage_sleeps(t->p.pid), sleeps);
}

#define T(f) cmocka_unit_test_setup_teardown(f, stream_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(messages_reach_their_devices),
		T(message_may_come_in_fragments),
		T(text_is_typed_in_the_layout),
		T(modifier_makes_a_character_its_key),
		T(text_may_be_checked_only),
		T(clients_choose_their_layouts),
		T(text_ends_with_its_client),
		T(text_ends_with_its_keyboard),
		T(device_that_reads_nothing_delays_nobody),
		T(client_that_disconnects_lets_go),
		T(heartbeat_that_is_missing_releases),
		T(key_stays_down_while_heartbeats_come),
		T(all_is_released_at_the_end),
		T(bad_message_is_answered),
		T(first_message_must_be_a_hello),
		T(huge_message_ends_its_client),
		T(client_of_many_errors_is_disconnected),
		T(client_may_ask_for_what_is_not_possible),
		cmocka_unit_test(streamer_may_print_to_a_device),
		T(idle_streamer_sleeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
