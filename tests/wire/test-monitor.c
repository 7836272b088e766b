/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-monitor against the real server: what it prints, when it exits and
 * with which status.
 */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/event-text.h"
#include "tests/lib/rig.h"

#define ARGS_MAX 6

/* The rig has the server and the injector; the monitor is its front-end. */
struct watch {
	struct rig *rig;
	struct process monitor, other;
};

static int setup(void **state)
{
	struct watch *w = calloc(1, sizeof(*w));
	void *rig = *state;

	assert_non_null(w);
	rig_setup(&rig);
	w->rig = rig;
	process_init(&w->monitor, "vinput-monitor");
	process_init(&w->other, "vhost-user-input");
	process_capture(&w->monitor);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct watch *w = *state;
	void *rig = w->rig;

	process_fini(&w->monitor);
	process_fini(&w->other);
	free(w);
	return rig_teardown(&rig);
}

static void start_monitor(struct watch *w, const char *const *args)
{
	for (size_t i = 0; i < ARGS_MAX && args[i]; i++)
		process_arg(&w->monitor, "%s", args[i]);
	process_arg(&w->monitor, "%s", w->rig->socket);
	process_start(&w->monitor);
}

#define ARGS(...) ((const char *const[ARGS_MAX]){ __VA_ARGS__ })

static int count(const char *text, const char *needle)
{
	int n = 0;

	for (; (text = strstr(text, needle)); text += strlen(needle))
		n++;
	return n;
}

static void device_is_printed_as_check_spec_prints_it(void **state)
{
	struct watch *w = *state;
	struct process check;

	process_init(&check, "vhost-user-input");
	process_capture(&check);
	process_arg(&check, "--check-spec");
	process_arg(&check, "--spec=%s/tests/wire/specs/axes.json",
		    test_root());
	process_start(&check);
	assert_num(process_wait(&check), 0);

	rig_serve(w->rig, "axes");
	start_monitor(w, ARGS("--timeout=0"));
	assert_num(process_wait(&w->monitor), 0);
	const char *text = process_stdout(&w->monitor);
	const char *due = process_stdout(&check);
	const char *rules = strstr(due, "Axes return to:\n");
	assert_non_null(rules);
	const size_t len = (size_t)(rules - due);
	assert_true(len > 100);
	if (strncmp(text, due, len))
		fail_msg("not\n%s\nbut\n%s", due, text);
	assert_string_equal(text + len, "Testing ... (interrupt to exit)\n");
	process_fini(&check);
}

static void events_are_printed_as_evtest_does(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--count=1", "--timeout=10"));
	process_expect_stdout(&w->monitor, "Testing");
	inject(w->rig, vi_event(EV_MSC, MSC_SCAN, 458756), KEY(KEY_A, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	const char *text = process_stdout(&w->monitor);
	assert_num(count(text, "Event: time "), 3);
	assert_num(count(text, ", type 4 (EV_MSC), code 4 (MSC_SCAN), "
			       "value 458756\n"),
		   1);
	assert_num(count(text, ", type 1 (EV_KEY), code 30 (KEY_A), value 1\n"),
		   1);
	assert_num(count(text, ", -------------- SYN_REPORT ------------\n"),
		   1);
	assert_string_equal(w->monitor.err.text, "");
}

static void several_devices_are_watched_at_once(void **state)
{
	struct watch *w = *state;
	void *other = NULL;

	rig_setup(&other);
	struct rig *mouse = other;
	rig_serve(w->rig, "keyboard");
	rig_serve(mouse, "mouse");
	process_arg(&w->monitor, "%s", mouse->socket);
	start_monitor(w, ARGS("--count=2", "--timeout=10"));
	process_expect_stdout(&w->monitor, "Testing");
	inject(mouse, REL(REL_X, 7), SYN);
	process_expect_stdout(&w->monitor, "(REL_X), value 7");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	assert_num(count(process_stdout(&w->monitor), "Input device name:"), 2);
	assert_num(count(process_stdout(&w->monitor), ": Event: time "), 4);
	rig_teardown(&other);
}

static void a_device_that_leaves_does_not_end_the_others(void **state)
{
	struct watch *w = *state;
	void *other = NULL;

	rig_setup(&other);
	struct rig *mouse = other;
	rig_serve(w->rig, "keyboard");
	rig_serve(mouse, "mouse");
	process_arg(&w->monitor, "%s", mouse->socket);
	start_monitor(w, ARGS("--count=1", "--timeout=10"));
	process_expect_stdout(&w->monitor, "Testing");
	rig_teardown(&other);
	process_expect_log(&w->monitor, "closed the connection");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
}

static void record_writes_what_came_as_a_recording(void **state)
{
	struct watch *w = *state;
	char path[80], option[96], text[256] = "";

	rig_serve(w->rig, "keyboard");
	snprintf(path, sizeof(path), "%s/rec", w->rig->dir);
	snprintf(option, sizeof(option), "--record=%s", path);
	start_monitor(w, ARGS(option, "--count=2", "--timeout=10"));
	process_expect_stdout(&w->monitor, "Testing");
	inject(w->rig, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN, KEY(KEY_A, 0), SYN);
	assert_num(process_wait(&w->monitor), 0);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	unlink(path);
	/* The second frame may come a little later. */
	char *second = strstr(text, "\n0.") + 1;
	second = strstr(second, "\n0.");
	assert_non_null(second);
	memcpy(second + 3, "000000", 6);
	assert_string_equal(text, "# vinput recording 1\n# wire keyboard\n"
				  "0.000000 KEY_A=1 KEY_B=1\n"
				  "0.000000 KEY_A=0\n");
}

/* Its output, or standard output, is on a full disk. */
static void what_cannot_be_written_is_status_1(void **state)
{
	static const struct {
		const char *option, *says;
	} rows[] = {
		{ "--record=/nonexistent/file",
		  "vinput-monitor: cannot write /nonexistent/file: No such "
		  "file or directory\n" },
		{ "--record=/dev/full",
		  "vinput-monitor: cannot write all of /dev/full\n" },
		{ NULL, "cannot write the output\n" },
	};
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct process p;
		const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

		assert_sys(full);
		process_init(&p, "vinput-monitor");
		if (rows[i].option)
			process_arg(&p, "%s", rows[i].option);
		else
			p.out = full;
		process_arg(&p, "--timeout=0");
		process_arg(&p, "%s", w->rig->socket);
		process_start(&p);
		close(full);
		assert_num(process_wait(&p), 1);
		assert_num(count(p.err.text, rows[i].says), 1);
		assert_num(count(p.err.text, "\n"), 1);
		process_fini(&p);
	}
}

static void touch_shows_the_contacts_after_each_frame(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "touch");
	start_monitor(w, ARGS("--touch", "--count=3", "--timeout=10"));
	process_expect_stdout(&w->monitor, "Testing");
	inject(w->rig, ABS(ABS_MT_SLOT, 1), ABS(ABS_MT_TRACKING_ID, 5),
	       ABS(ABS_MT_POSITION_X, 10), ABS(ABS_MT_POSITION_Y, 20), SYN);
	inject(w->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 6),
	       ABS(ABS_MT_POSITION_X, 3), ABS(ABS_MT_POSITION_Y, 4), SYN);
	inject(w->rig, ABS(ABS_MT_TRACKING_ID, -1), ABS(ABS_MT_SLOT, 1),
	       ABS(ABS_MT_TRACKING_ID, -1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	const char *text = process_stdout(&w->monitor);
	assert_num(count(text, "\n1 contact  0: 10,20\n"), 1);
	assert_num(count(text, "\n2 contacts  0: 10,20  1: 3,4\n"), 1);
	assert_num(count(text, "\nno contact\n"), 1);
}

static void count_ends_it_after_so_many_frames(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--count", "3", "--ring-size", "4"));
	process_expect_stdout(&w->monitor, "Testing");
	for (int i = 0; i < 5; i++)
		inject(w->rig, KEY(KEY_A, (i + 1) % 2), SYN);
	assert_num(process_wait(&w->monitor), 0);
	assert_num(count(process_stdout(&w->monitor), "SYN_REPORT"), 3);
}

/* packed: one more argument, or NULL. */
static void every_size_shows_all_events(struct watch *w, const char *packed,
					const char *const sizes[4])
{
	rig_serve(w->rig, "mouse");
	for (size_t i = 0; i < 4; i++) {
		start_monitor(w, ARGS("--count=200", "--ring-size", sizes[i],
				      packed));
		process_expect_stdout(&w->monitor, "Testing");
		for (int j = 1; j <= 200; j++)
			inject(w->rig, REL(REL_X, j), SYN);
		assert_num(process_wait(&w->monitor), 0);
		const char *text = process_stdout(&w->monitor);
		assert_num(count(text, "(REL_X), value "), 200);
		assert_num(count(text, "(REL_X), value 200\n"), 1);
		process_fini(&w->monitor);
		process_init(&w->monitor, "vinput-monitor");
		process_capture(&w->monitor);
	}
}

static void every_ring_size_shows_all_events(void **state)
{
	static const char *const sizes[] = { "1", "2", "64", "32768" };

	every_size_shows_all_events(*state, NULL, sizes);
}

static void every_packed_ring_size_shows_all_events(void **state)
{
	static const char *const sizes[] = { "1", "7", "100", "32768" };

	every_size_shows_all_events(*state, "--packed", sizes);
}

static const char *next_line(char **text)
{
	char *line = strsep(text, "\n");

	assert_non_null(line);
	return line;
}

static json_t *get(json_t *json, const char *key)
{
	json_t *value = json_object_get(json, key);

	if (!value)
		fail_msg("no \"%s\"", key);
	return value;
}

static void check_device_json(const char *line)
{
	json_t *json = json_loads(line, 0, NULL);

	assert_non_null(json);
	json_t *dev = get(json, "device");
	assert_string_equal(json_string_value(get(dev, "name")), "wire axes");
	assert_string_equal(json_string_value(get(dev, "serial")), "axes-1");
	json_t *abs = get(get(dev, "events"), "EV_ABS");
	assert_num((long long)json_array_size(abs), 2);
	assert_string_equal(json_string_value(json_array_get(abs, 0)), "ABS_X");
	json_t *x = get(get(dev, "axes"), "ABS_X");
	assert_num(json_integer_value(get(x, "min")), -100);
	assert_num(json_integer_value(get(x, "max")), 100);
	assert_num(json_integer_value(get(x, "fuzz")), 3);
	assert_num(json_integer_value(get(x, "flat")), 5);
	assert_num(json_integer_value(get(x, "res")), 7);
	get(get(dev, "ids"), "bustype");
	get(dev, "properties");
	json_decref(json);
}

static void check_event_json(const char *line, int type, int code, int value)
{
	json_t *json = json_loads(line, 0, NULL);

	assert_non_null(json);
	assert_true(json_real_value(get(json, "time")) > 1e9);
	assert_num(json_integer_value(get(json, "type")), type);
	assert_num(json_integer_value(get(json, "code")), code);
	assert_num(json_integer_value(get(json, "value")), value);
	get(json, "type_name");
	get(json, "code_name");
	json_decref(json);
}

static void json_is_one_object_a_line_the_device_first(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "axes");
	start_monitor(w, ARGS("--json", "--count=1"));
	process_expect_stdout(&w->monitor, "}\n");
	inject(w->rig, ABS(ABS_X, -50), KEY(BTN_TRIGGER, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	char *text = strdup(process_stdout(&w->monitor)), *rest = text;
	assert_non_null(text);
	check_device_json(next_line(&rest));
	check_event_json(next_line(&rest), EV_ABS, ABS_X, -50);
	check_event_json(next_line(&rest), EV_KEY, BTN_TRIGGER, 1);
	check_event_json(next_line(&rest), EV_SYN, SYN_REPORT, 0);
	assert_string_equal(rest, "");
	free(text);
}

/* --- several devices --- */

/* Watch a touchscreen, and a mouse whose events nobody waits for. */
static void watch_two(struct watch *w, const char *format)
{
	struct process *other = &w->other;
	struct vi_event ev[16];
	size_t n = event_text_frame("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 5, "
				    "ABS_MT_POSITION_X 10, "
				    "ABS_MT_POSITION_Y 20",
				    ev, 16);

	process_arg(other, "--spec=%s/tests/wire/specs/mouse.json",
		    test_root());
	process_arg(other, "--socket-path=%s/two", w->rig->dir);
	process_start(other);
	process_expect_log(other, "serving");
	process_arg(&w->monitor, "%s/two", w->rig->dir);
	rig_serve(w->rig, "touch");
	start_monitor(w, ARGS(format, "--count=1", "--timeout=10"));
	process_expect_stdout(&w->monitor, "wire touchscreen");
	process_expect_stdout(&w->monitor, "wire mouse");
	rig_inject(w->rig, 0, ev, n);
	assert_num(process_wait(&w->monitor), 0);
	assert_num(process_terminate(other), 0);
}

static void each_event_has_its_devices_label(void **state)
{
	struct watch *w = *state;

	watch_two(w, "--json");
	const char *text = process_stdout(&w->monitor);
	assert_num(count(text, ",\"label\":\"two\"}\n"), 1);
	assert_num(count(text, "\n{\"label\":\""), count(text, "\n") - 2);
	assert_num(count(text, "\"code_name\":\"ABS_MT_POSITION_Y\","
			       "\"value\":20}\n"),
		   1);
}

static void contacts_of_each_device_have_a_line(void **state)
{
	struct watch *w = *state;

	watch_two(w, "--touch");
	assert_num(
		count(process_stdout(&w->monitor), ": 1 contact  0: 10,20\n"),
		1);
}

static void timeout_without_count_is_success(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--timeout", "0.1"));
	assert_num(process_wait(&w->monitor), 0);
	assert_string_equal(w->monitor.err.text, "");
}

static void timeout_before_count_is_status_3(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--timeout=0.1", "--count=1"));
	assert_num(process_wait(&w->monitor), 3);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

static void what_is_held_is_the_first_frame(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	rig_wait_read(w->rig->inject[0]);
	start_monitor(w, ARGS("--count=1"));
	assert_num(process_wait(&w->monitor), 0);
	assert_num(count(process_stdout(&w->monitor), "(KEY_A), value 1"), 1);
}

/* A socket that got the number of stdout would receive what is printed. */
static void closed_standard_streams_do_no_harm(void **state)
{
	struct watch *w = *state;
	char *program = w->monitor.argv[0];

	rig_serve(w->rig, "keyboard");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	rig_wait_read(w->rig->inject[0]);
	w->monitor.argc = 0;
	process_arg(&w->monitor, "/bin/sh");
	process_arg(&w->monitor, "-c");
	process_arg(&w->monitor, "exec \"$0\" \"$@\" <&- >&- 2>&-");
	process_arg(&w->monitor, "%s", program);
	free(program);
	start_monitor(w, ARGS("--count=1", "--timeout=10"));
	assert_num(process_wait(&w->monitor), 0);
}

static void led_is_sent_to_the_injectors(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--led=CAPSL=on", "--led", "led_numl=off",
			      "--timeout=0"));
	assert_num(process_wait(&w->monitor), 0);
	expect_status(w->rig, LED(LED_CAPSL, 1), LED(LED_NUML, 0));
	rig_expect_no_status(w->rig, 0);
}

static void locks_switch_their_leds(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--locks", "--led=NUML=on"));
	expect_status(w->rig, LED(LED_NUML, 1));
	inject(w->rig, KEY(KEY_CAPSLOCK, 1), SYN, KEY(KEY_CAPSLOCK, 0), SYN,
	       KEY(KEY_A, 1), SYN);
	expect_status(w->rig, LED(LED_CAPSL, 1));
	inject(w->rig, KEY(KEY_CAPSLOCK, 1), SYN);
	expect_status(w->rig, LED(LED_CAPSL, 0));
	rig_expect_no_status(w->rig, 0);
}

static void led_that_the_device_lacks_is_status_1(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "mouse");
	start_monitor(w, ARGS("--led=CAPSL=on"));
	assert_num(process_wait(&w->monitor), 1);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

static void wait_waits_for_the_socket(void **state)
{
	struct watch *w = *state;

	start_monitor(w, ARGS("--wait", "--count=1"));
	usleep(20000); /* one or two attempts before it exists */
	assert_true(process_runs(&w->monitor));
	rig_serve(w->rig, "keyboard");
	process_expect_stdout(&w->monitor, "Testing");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	assert_string_equal(w->monitor.err.text, "");
}

static void wait_ends_at_the_timeout_with_status_3(void **state)
{
	struct watch *w = *state;

	w->rig->unclean = true;
	start_monitor(w, ARGS("--wait", "--timeout=0.1"));
	assert_num(process_wait(&w->monitor), 3);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

static void waiting_for_a_socket_is_reported(void **state)
{
	struct watch *w = *state;

	w->rig->unclean = true;
	start_monitor(w, ARGS("--wait", "--count=1"));
	process_expect_log(&w->monitor, "waiting for a device to listen here");
	assert_num(process_terminate(&w->monitor), 0);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

/* Its connection is kept: it comes next when the VMM leaves. */
static void waiting_for_another_front_end_is_reported(void **state)
{
	struct watch *w = *state;

	rig_run(w->rig, "keyboard", RIG_BUFFERS);
	start_monitor(w, ARGS("--wait", "--count=1"));
	process_expect_log(&w->monitor, "connected, but not answered");
	process_expect_log(&w->rig->srv,
			   "frontend: another front-end is waiting");
	w->rig->lines.frontend++;
	rig_disconnect(w->rig);
	process_expect_stdout(&w->monitor, "Testing");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	assert_num(count(w->monitor.err.text, "\n"), 1);
	/* Not once for each attempt. */
	assert_num(process_log_count(&w->rig->srv, "front-end connected"), 2);
}

static void ends_cleanly_on(struct watch *w, int signal_number)
{
	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS(NULL));
	process_expect_stdout(&w->monitor, "Testing");
	assert_sys(kill(w->monitor.pid, signal_number));
	assert_num(process_wait(&w->monitor), 0);
	assert_string_equal(w->monitor.err.text, "");
	rig_expect_serves(w->rig);
}

static void sigint_ends_it_cleanly(void **state)
{
	ends_cleanly_on(*state, SIGINT);
}

static void sigterm_ends_it_cleanly(void **state)
{
	ends_cleanly_on(*state, SIGTERM);
}

static void a_device_that_ends_is_status_1(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS(NULL));
	process_expect_stdout(&w->monitor, "Testing");
	assert_num(process_terminate(&w->rig->srv), 0);
	assert_num(process_wait(&w->monitor), 1);
	assert_num(count(w->monitor.err.text, "closed the connection"), 1);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

/* One line each, status 1; there is no device. */
static void fails_without_device(struct watch *w, const char *says)
{
	w->rig->unclean = true;
	start_monitor(w, ARGS(NULL));
	assert_num(process_wait(&w->monitor), 1);
	assert_num(count(w->monitor.err.text, "vinput-monitor: "), 1);
	assert_num(count(w->monitor.err.text, says), 1);
	assert_num(count(w->monitor.err.text, "\n"), 1);
	assert_string_equal(process_stdout(&w->monitor), "");
}

static void a_missing_socket_is_reported(void **state)
{
	fails_without_device(*state, "No such file");
}

static void a_file_that_is_no_socket_is_reported(void **state)
{
	struct watch *w = *state;

	strcpy(w->rig->socket, "/proc/self/exe");
	fails_without_device(w, "not a socket");
}

static void a_socket_without_listener_is_reported(void **state)
{
	struct watch *w = *state;

	close(rig_unix_listen(w->rig->socket, SOCK_STREAM));
	fails_without_device(w, "refused");
}

/* Accepts, and never sends anything. */
static void a_silent_peer_is_reported(void **state)
{
	struct watch *w = *state;
	int fd = rig_unix_listen(w->rig->socket, SOCK_STREAM);

	fails_without_device(w, "no reply");
	close(fd);
}

static void peer_that_says(struct watch *w, const void *bytes, size_t len,
			   const char *says)
{
	int fd = rig_unix_listen(w->rig->socket, SOCK_STREAM);

	w->rig->unclean = true;
	start_monitor(w, ARGS("--packed"));
	int peer = accept(fd, NULL, NULL);
	assert_sys(peer);
	assert_sys(send(peer, bytes, len, MSG_NOSIGNAL));
	assert_sys(shutdown(peer, SHUT_WR));
	assert_num(process_wait(&w->monitor), 1);
	assert_num(count(w->monitor.err.text, says), 1);
	assert_num(count(w->monitor.err.text, "\n"), 1);
	close(peer);
	close(fd);
}

static void a_peer_that_hangs_up_is_reported(void **state)
{
	peer_that_says(*state, "", 0, "closed the connection");
}

static void a_peer_that_speaks_otherwise_is_reported(void **state)
{
	static const char http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";

	peer_that_says(*state, http, strlen(http),
		       "invalid reply: not a vhost-user device");
}

#define ANSWER(what)                                       \
	{                                                  \
		what, VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8 \
	}

static void a_device_without_packed_rings_is_reported(void **state)
{
	static const struct {
		struct vu_header hdr;
		uint64_t value;
	} __attribute__((packed)) answers[] = {
		{ ANSWER(VU_GET_FEATURES),
		  BIT(VIRTIO_F_VERSION_1) | BIT(VU_F_PROTOCOL_FEATURES) },
		{ ANSWER(VU_GET_PROTOCOL_FEATURES), BIT(VU_PROTOCOL_F_CONFIG) },
	};

	peer_that_says(*state, answers, sizeof(answers),
		       "the device does not offer packed rings");
}

struct usage {
	const char *name;
	const char *args[ARGS_MAX];
};

static const struct usage usage[] = {
	{ "unknown_option_is_refused", { "--frobnicate" } },
	{ "short_option_is_refused", { "-x" } },
	{ "touch_and_json_exclude_each_other", { "--touch", "--json" } },
	{ "count_0_is_refused", { "--count=0" } },
	{ "negative_count_is_refused", { "--count=-1" } },
	{ "count_that_is_no_number_is_refused", { "--count", "many" } },
	{ "negative_timeout_is_refused", { "--timeout=-1" } },
	{ "endless_timeout_is_refused", { "--timeout=inf" } },
	{ "ring_size_0_is_refused", { "--ring-size=0" } },
	{ "ring_size_3_is_refused", { "--ring-size=3" } },
	{ "ring_size_65536_is_refused", { "--ring-size=65536" } },
	{ "packed_ring_size_32769_is_refused",
	  { "--ring-size=32769", "--packed" } },
	{ "unknown_led_is_refused", { "--led=DISCO=on" } },
	{ "led_without_state_is_refused", { "--led=CAPSL" } },
	{ "led_that_is_maybe_on_is_refused", { "--led=CAPSL=maybe" } },
	{ "json_with_a_value_is_refused", { "--json=yes" } },
};

static void is_refused(void **state)
{
	struct watch *w = *state;
	const struct usage *row = w->rig->row;

	w->rig->unclean = true;
	start_monitor(w, row->args);
	assert_num(process_wait(&w->monitor), 2);
	assert_num(count(w->monitor.err.text, "\n"), 1);
	assert_string_equal(process_stdout(&w->monitor), "");
}

static void no_socket_is_refused(void **state)
{
	struct watch *w = *state;

	w->rig->unclean = true;
	process_start(&w->monitor);
	assert_num(process_wait(&w->monitor), 2);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

static void help_names_every_option(void **state)
{
	static const char *const names[] = {
		"--count", "--timeout",	  "--wait", "--json",	"--led",
		"--locks", "--ring-size", "--help", "--version"
	};
	struct watch *w = *state;

	w->rig->unclean = true;
	start_monitor(w, ARGS("--help"));
	assert_num(process_wait(&w->monitor), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_true(count(process_stdout(&w->monitor), names[i]) > 0);
}

/* Reads "\\-\\-ring\\-size=" as "--ring-size". */
static void unescape_option(const char *text, char name[32])
{
	size_t n = 0;

	for (; n < 31; text++) {
		if (*text == '\\')
			continue;
		if (*text != '-' && (*text < 'a' || *text > 'z'))
			break;
		name[n++] = *text;
	}
	name[n] = '\0';
}

static void help_and_man_page_name_the_same_options(void **state)
{
	struct watch *w = *state;
	char path[512], name[32], *line = NULL;
	bool in_options = false;
	size_t len = 0;
	int options = 0;

	w->rig->unclean = true;
	start_monitor(w, ARGS("--help"));
	assert_num(process_wait(&w->monitor), 0);
	const char *help = process_stdout(&w->monitor);
	snprintf(path, sizeof(path), "%s/injector/monitor/vinput-monitor.1",
		 test_root());
	FILE *man = fopen(path, "r");
	assert_non_null(man);
	while (getline(&line, &len, man) > 0) {
		if (strncmp(line, ".SH", 3) == 0)
			in_options = strcmp(line, ".SH OPTIONS\n") == 0;
		const char *at = strstr(line, "\\-\\-");
		if (!in_options || !at || line[0] != '.')
			continue;
		unescape_option(at, name);
		if (!count(help, name))
			fail_msg("--help lacks %s", name);
		options++;
	}
	free(line);
	fclose(man);
	assert_num(options, count(help, "\n  --"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static const struct CMUnitTest plain[] = {
	T(device_is_printed_as_check_spec_prints_it),
	T(events_are_printed_as_evtest_does),
	T(several_devices_are_watched_at_once),
	T(a_device_that_leaves_does_not_end_the_others),
	T(record_writes_what_came_as_a_recording),
	T(what_cannot_be_written_is_status_1),
	T(touch_shows_the_contacts_after_each_frame),
	T(count_ends_it_after_so_many_frames),
	T(every_ring_size_shows_all_events),
	T(every_packed_ring_size_shows_all_events),
	T(json_is_one_object_a_line_the_device_first),
	T(each_event_has_its_devices_label),
	T(contacts_of_each_device_have_a_line),
	T(timeout_without_count_is_success),
	T(timeout_before_count_is_status_3),
	T(what_is_held_is_the_first_frame),
	T(closed_standard_streams_do_no_harm),
	T(led_is_sent_to_the_injectors),
	T(locks_switch_their_leds),
	T(led_that_the_device_lacks_is_status_1),
	T(wait_waits_for_the_socket),
	T(wait_ends_at_the_timeout_with_status_3),
	T(waiting_for_a_socket_is_reported),
	T(waiting_for_another_front_end_is_reported),
	T(sigint_ends_it_cleanly),
	T(sigterm_ends_it_cleanly),
	T(a_device_that_ends_is_status_1),
	T(a_missing_socket_is_reported),
	T(a_file_that_is_no_socket_is_reported),
	T(a_socket_without_listener_is_reported),
	T(a_silent_peer_is_reported),
	T(a_peer_that_hangs_up_is_reported),
	T(a_peer_that_speaks_otherwise_is_reported),
	T(a_device_without_packed_rings_is_reported),
	T(no_socket_is_refused),
	T(help_names_every_option),
	T(help_and_man_page_name_the_same_options),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(usage)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), usage, T(is_refused));
	return cmocka_run_group_tests_name("monitor", tests, NULL, NULL);
}
