/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counters show what was injected and what became of it: as a line of the
 * log on SIGUSR1, and as JSON for each connection to --stats-path.
 */
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/stats.h"

#define MT(code, v) ABS(ABS_MT_##code, v)

struct due {
	const char *name;
	long long value;
};

static json_t *stats_json(struct rig *rig)
{
	char text[STATS_TEXT_MAX];
	json_error_t error;

	stats_read(rig, text);
	json_t *all = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!all)
		fail_msg("%s in %s", error.text, text);
	assert_true(json_is_object(all));
	/* One line, so that a shell can read it. */
	assert_num(text[strlen(text) - 1], '\n');
	assert_ptr_equal(strchr(text, '\n'), &text[strlen(text) - 1]);
	return all;
}

static void expect_counters(struct rig *rig, const struct due *due, size_t n)
{
	json_t *all = stats_json(rig);

	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_object_get(all, due[i].name);

		if (!json_is_integer(value) ||
		    json_integer_value(value) != due[i].value)
			fail_msg("%s is %lld, not %lld", due[i].name,
				 (long long)json_integer_value(value),
				 due[i].value);
	}
	json_decref(all);
}

#define expect_counters(rig, ...)                                     \
	expect_counters(rig, (const struct due[]){ __VA_ARGS__ },     \
			sizeof((const struct due[]){ __VA_ARGS__ }) / \
				sizeof(struct due))

static void serve(struct rig *rig, const char *spec)
{
	stats_serve(rig);
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_injector(rig, SOCK_STREAM);
	rig_serve(rig, spec);
	/* When it answers, its sockets exist. */
	stats_now(rig, "sources");
}

static void all_are_0_at_first_but_the_sources(void **state)
{
	struct rig *rig = *state;
	const char *name;
	json_t *value;

	serve(rig, "keyboard");
	json_t *all = stats_json(rig);
	json_object_foreach(all, name, value)
	{
		const bool source = !strcmp(name, "sources") ||
				    !strcmp(name, "sources_total");

		assert_true(json_is_integer(value));
		if (json_integer_value(value) != (source ? 2 : 0))
			fail_msg("%s is %lld", name,
				 (long long)json_integer_value(value));
	}
	assert_true(json_object_size(all) >= 24);
	json_decref(all);
}

static void vmm_and_driver_show_whom_the_device_serves(void **state)
{
	struct rig *rig = *state;

	serve(rig, "keyboard");
	expect_counters(rig, { "vmm", 0 }, { "driver", 0 });
	rig_prepare(rig, 64);
	expect_counters(rig, { "vmm", 1 }, { "driver", 0 });
	assert_ok(fe_start(&rig->fe));
	stats_wait(rig, "driver", 1);
	expect_counters(rig, { "vmm", 1 }, { "frontends", 1 });
	assert_sys(kill(rig->srv.pid, SIGUSR1));
	process_expect_log(&rig->srv, "counters: vmm=1 driver=1 sources=2");
	assert_ok(fe_stop(&rig->fe));
	expect_counters(rig, { "vmm", 1 }, { "driver", 0 });
	rig_run(rig, NULL, 64);
	stats_wait(rig, "driver", 1);
	rig_disconnect(rig);
	stats_wait(rig, "vmm", 0);
	expect_counters(rig, { "driver", 0 });
}

static void frames_and_events_are_counted_in_and_out(void **state)
{
	struct rig *rig = *state;

	serve(rig, "keyboard");
	rig_run(rig, NULL, 64);
	inject(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), KEY(KEY_B, 1), SYN);
	inject_on(rig, 1, KEY(KEY_B, 1), SYN, SYN);
	stats_wait(rig, "frames_in", 4);
	expect_counters(rig, { "events_in", 5 + 3 }, { "frames_out", 2 },
			{ "events_out", 5 }, { "frames_empty", 2 },
			{ "frames_folded", 0 }, { "resyncs", 0 },
			{ "stalls", 0 }, { "frontends", 1 });
	expect_counters(rig, { "queue_longest", 5 * 8 });
}

/* The touch device has 10 slots. */
static void what_is_dropped_is_counted_by_reason(void **state)
{
	struct rig *rig = *state;

	serve(rig, "touch");
	rig_run(rig, NULL, 64);
	inject(rig, KEY(KEY_Q, 1), REL(REL_X, 1), vi_event(31, 5, 1), SYN);
	stats_wait(rig, "frames_in", 1);
	expect_counters(rig, { "undeclared", 3 }, { "frames_empty", 1 });

	inject(rig, ABS(ABS_X, 5000), ABS(ABS_Y, -1), SYN);
	stats_wait(rig, "frames_in", 2);
	expect_counters(rig, { "clamped", 2 }, { "undeclared", 3 });

	/* The slot itself, and the events for it. */
	inject(rig, MT(SLOT, 10), MT(TRACKING_ID, 5), MT(POSITION_X, 1),
	       MT(SLOT, -1), MT(SLOT, 0), SYN);
	stats_wait(rig, "frames_in", 3);
	expect_counters(rig, { "bad_slot", 4 });

	inject(rig, MT(POSITION_X, 7), SYN);
	stats_wait(rig, "frames_in", 4);
	expect_counters(rig, { "no_contact", 1 });

	for (int slot = 0; slot < 10; slot++)
		inject(rig, MT(SLOT, slot), MT(TRACKING_ID, slot), SYN);
	stats_wait(rig, "frames_in", 14);
	inject_on(rig, 1, MT(TRACKING_ID, 1), SYN, MT(TRACKING_ID, 2), SYN);
	stats_wait(rig, "frames_in", 16);
	expect_counters(rig, { "no_slot", 2 }, { "undeclared", 3 },
			{ "clamped", 2 }, { "bad_slot", 4 },
			{ "no_contact", 1 });
}

static void stalls_and_resyncs_are_counted(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--stall-ms=5");
	serve(rig, "mouse");
	rig_run(rig, NULL, 2);
	for (int i = 0; i < 10; i++)
		inject(rig, REL(REL_X, 1), SYN);
	stats_wait(rig, "stalls", 1);
	/* One is in the ring; one was about to be sent. */
	expect_counters(rig, { "frames_in", 10 }, { "frames_out", 1 },
			{ "frames_folded", 8 }, { "resyncs", 0 });
	expect(rig, REL(REL_X, 1), SYN, REL(REL_X, 9), SYN);
	expect_counters(rig, { "frames_out", 2 }, { "resyncs", 1 },
			{ "stalls", 1 });
}

static void sources_are_counted_as_they_come_and_go(void **state)
{
	struct rig *rig = *state;
	const struct vi_event ev[] = { KEY(KEY_A, 1), SYN, KEY(KEY_B, 1),
				       KEY(KEY_S, 1) };

	serve(rig, "keyboard");
	rig_run(rig, NULL, 64);
	int fd = rig_unix_connect(rig->inject_path, SOCK_STREAM);
	stats_wait(rig, "sources", 3);
	assert_num(send(fd, ev, sizeof(ev), 0), sizeof(ev));
	close(fd);
	stats_wait(rig, "sources", 2);
	rig_expect_typed(rig);
	expect_counters(rig, { "sources_total", 3 }, { "unfinished", 2 },
			{ "releases", 1 }, { "sources_dropped", 0 });

	/* One that held nothing has nothing to release. */
	close(rig_unix_connect(rig->inject_path, SOCK_STREAM));
	stats_wait(rig, "sources_total", 4);
	stats_wait(rig, "sources", 2);
	expect_counters(rig, { "releases", 1 }, { "unfinished", 2 });
}

static void dropped_and_refused_sources_are_counted(void **state)
{
	static struct vi_event endless[4100];
	struct rig *rig = *state;
	int fds[70];

	rig->lines.injector = -1;
	serve(rig, "keyboard");
	for (size_t i = 0; i < 4100; i++)
		endless[i] = KEY(KEY_A, 1);
	rig_inject(rig, 0, endless, 4100);
	stats_wait(rig, "sources_dropped", 1);
	stats_wait(rig, "sources", 1);
	for (int i = 0; i < 70; i++)
		fds[i] = rig_unix_connect(rig->inject_path, SOCK_STREAM);
	stats_wait(rig, "sources_refused", 7);
	expect_counters(rig, { "sources", 64 }, { "sources_total", 65 },
			{ "sources_dropped", 1 });
	for (int i = 0; i < 70; i++)
		close(fds[i]);
	stats_wait(rig, "sources", 1);
}

static void status_events_and_front_ends_are_counted(void **state)
{
	const struct vi_event led = LED(LED_CAPSL, 1);
	struct rig *rig = *state;

	serve(rig, "keyboard");
	rig_run(rig, NULL, 16);
	assert_ok(fe_send_status(&rig->fe, &led));
	assert_ok(fe_send_status(&rig->fe, &led));
	expect_counters(rig, { "status_events", 2 }, { "frontends", 1 });
	rig_run(rig, NULL, 16);
	expect_counters(rig, { "frontends", 2 }, { "frontend_violations", 0 });

	struct fe_msg bad = fe_msg_state(VU_SET_VRING_NUM, 7, 4);
	assert_ok(fe_send(&rig->fe, &bad));
	rig_expect_violation(rig, "SET_VRING_NUM");
	expect_counters(rig, { "frontend_violations", 1 },
			{ "ring_violations", 0 });

	rig_run(rig, NULL, 16);
	/* An address that was never shared. */
	memset(rig->fe.ring[FE_EVENTQ].desc_area, 0xff, 8);
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_expect_broken(rig, FE_EVENTQ);
	expect_counters(rig, { "ring_violations", 1 }, { "frontends", 3 });
}

/* The same names and values as the JSON has. */
static void sigusr1_writes_one_line_of_all_counters(void **state)
{
	struct rig *rig = *state;
	const char *name;
	json_t *value;
	char needle[64];

	serve(rig, "keyboard");
	rig_run(rig, NULL, 16);
	inject(rig, KEY(KEY_A, 1), KEY(KEY_Q, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	assert_sys(kill(rig->srv.pid, SIGUSR1));
	process_expect_log(&rig->srv, "ring_violations=");
	assert_num(process_log_count(&rig->srv, "counters: "), 1);
	json_t *all = stats_json(rig);
	json_object_foreach(all, name, value)
	{
		snprintf(needle, sizeof(needle), " %s=%lld", name,
			 (long long)json_integer_value(value));
		if (process_log_count(&rig->srv, needle) != 1)
			fail_msg("no%s in %s", needle, rig->srv.err.text);
	}
	json_decref(all);
	assert_sys(kill(rig->srv.pid, SIGUSR1));
	while (process_log_count(&rig->srv, "counters: ") < 2)
		usleep(1000);
	inject(rig, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
}

static void sigusr1_at_level(struct rig *rig, const char *level, int lines)
{
	process_arg(&rig->srv, "--log-level=%s", level);
	rig_run(rig, "keyboard", 16);
	assert_sys(kill(rig->srv.pid, SIGUSR1));
	/* The signal is handled before this frame is delivered. */
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	assert_num(process_terminate(&rig->srv), 0);
	assert_num(process_log_count(&rig->srv, "counters: "), lines);
}

static void counters_are_logged_at_the_lowest_level(void **state)
{
	sigusr1_at_level(*state, "error", 1);
}

static void counters_are_not_logged_at_level_off(void **state)
{
	sigusr1_at_level(*state, "off", 0);
}

/*
 * A client that connects and does not read, or writes, or leaves, does not
 * disturb anybody.
 */
static void clients_of_the_counters_disturb_nobody(void **state)
{
	struct rig *rig = *state;
	char path[64];
	int fds[100];

	serve(rig, "keyboard");
	rig_run(rig, NULL, 16);
	snprintf(path, sizeof(path), "%s/stats", rig->dir);
	for (int i = 0; i < 100; i++) {
		fds[i] = rig_unix_connect(path, SOCK_STREAM);
		if (i % 3 == 0)
			send(fds[i], "GET / HTTP/1.0\r\n\r\n", 18,
			     MSG_NOSIGNAL);
		if (i % 3 == 1)
			close(fds[i]);
	}
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_counters(rig, { "frames_in", 1 }, { "sources", 2 });
	for (int i = 0; i < 100; i++)
		if (i % 3 != 1)
			close(fds[i]);
	expect_counters(rig, { "frames_in", 1 });
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_are_0_at_first_but_the_sources),
		T(vmm_and_driver_show_whom_the_device_serves),
		T(frames_and_events_are_counted_in_and_out),
		T(what_is_dropped_is_counted_by_reason),
		T(stalls_and_resyncs_are_counted),
		T(sources_are_counted_as_they_come_and_go),
		T(dropped_and_refused_sources_are_counted),
		T(status_events_and_front_ends_are_counted),
		T(sigusr1_writes_one_line_of_all_counters),
		T(counters_are_logged_at_the_lowest_level),
		T(counters_are_not_logged_at_level_off),
		T(clients_of_the_counters_disturb_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
