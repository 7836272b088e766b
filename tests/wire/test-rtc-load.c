/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-stream with many data channels. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "input/base/loop.h"
#include "input/device/event.h"
#include "tests/lib/rtc-web.h"
#include "tests/lib/stream-test.h"
#include "tests/lib/usage.h"
#include "tests/lib/walls.h"

#define PEERS 50
#ifdef HAVE_VIDEO
#define THREADS "3\n" /* the loop's, usrsctp's, and that which encodes */
#else
#define THREADS "2\n"
#endif
#define PEER_KB	   1000 /* at most, also with sanitizers */
#define AT_REST_MS 1500

struct browser {
	struct web_client web;
	struct rtc_client rtc;
	uint16_t channel;
};

static struct world {
	struct stream_test *t;
	struct ev_loop *loop;
	struct browser *browsers;
} w;

static int setup(void **state)
{
	const char *why;

	w.loop = loop_new(&why);
	assert_non_null(w.loop);
	w.browsers = calloc(PEERS, sizeof(*w.browsers));
	assert_non_null(w.browsers);
	for (int i = 0; i < PEERS; i++)
		w.browsers[i].web.fd = w.browsers[i].rtc.fd = -1;
	stream_setup(state);
	w.t = *state;
	stream_device(w.t, "-mouse_fd=");
	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	usage_allow(&w.t->p);
	return 0;
}

static void close_all(void)
{
	for (int i = 0; i < PEERS; i++) {
		if (w.browsers[i].rtc.loop)
			rtc_client_fini(&w.browsers[i].rtc);
		web_client_close(&w.browsers[i].web);
	}
}

static int teardown(void **state)
{
	int r;

	close_all();
	r = stream_teardown(state);
	ev_loop_destroy(w.loop);
	free(w.browsers);
	return r;
}

static void start_browser(struct browser *b)
{
	web_client_start(&b->web, w.t->url[0]);
	rtc_web_connect(&b->web, &b->rtc, w.loop);
}

static void open_channel(struct browser *b)
{
	const int channel = rtc_client_open(&b->rtc, "vinput.1");

	assert_true(channel >= 0);
	b->channel = (uint16_t)channel;
}

static void send_motion(struct browser *b)
{
	static const uint8_t motion[] = { 1, 255, 1, 0, 0, 0 };
	const struct rtc_message m = { .channel = b->channel,
				       .binary = true,
				       .data = motion,
				       .len = sizeof(motion) };

	assert_ok(rtc_client_send(&b->rtc, &m));
}

/* The loop runs meanwhile, or nothing would be sent again. */
static void expect_motion(int sum)
{
	struct vi_event ev;

	while (sum > 0) {
		ssize_t n = recv(w.t->end[0], &ev, sizeof(ev), MSG_DONTWAIT);

		if (n < 0)
			rtc_client_run(w.loop, 1);
		else if (vi_type(&ev) == EV_REL)
			sum -= vi_value(&ev);
	}
	assert_num(sum, 0);
}

static void start_all(void)
{
	for (int i = 0; i < PEERS; i++)
		start_browser(&w.browsers[i]);
	for (int i = 0; i < PEERS; i++)
		assert_soon(w.loop, w.browsers[i].rtc.up);
	for (int i = 0; i < PEERS; i++)
		open_channel(&w.browsers[i]);
	for (int i = 0; i < PEERS; i++)
		send_motion(&w.browsers[i]);
	expect_motion(PEERS);
}

/* Return: whether it slept without waking up. */
static bool sleeps_on(void)
{
	const long sleeps = usage_sleeps(w.t->p.pid);

	usleep(AT_REST_MS * 1000);
	return usage_sleeps(w.t->p.pid) == sleeps;
}

static void many_peers_cost_no_threads_and_give_memory_back(void **state)
{
	struct usage before;
	long with;

	stream_start(w.t);
	/* The first one's costs are not the others'. */
	start_browser(&w.browsers[0]);
	assert_soon(w.loop, w.browsers[0].rtc.up);
	close_all();
	stream_wait_counter(w.t, "clients", 0);
	assert_soon(w.loop, sleeps_on());
	before = usage_at_rest(w.t->p.pid);
	start_all();
	walls_expect(w.t->p.pid, "status", "Threads:", THREADS);
	stream_wait_counter(w.t, "clients", PEERS);
	with = usage_private_kb(w.t->p.pid);
	close_all();
	stream_wait_counter(w.t, "clients", 0);
	/* No timer runs any more, either. */
	assert_soon(w.loop, sleeps_on());
	print_message("%ld kB, with %d peers %ld kB\n", before.private_kb,
		      PEERS, with);
	assert_true(with - before.private_kb < PEERS * PEER_KB);
	assert_usage_as(w.t->p.pid, &before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			many_peers_cost_no_threads_and_give_memory_back, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
